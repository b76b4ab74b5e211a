"""The paths of the operators' door, and who may pass."""

import math
from collections.abc import Awaitable, Callable
from typing import Final, get_args

import msgspec
import trio
from attrs import define, frozen
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from tallystick.access import OperatorToken
from tallystick.actors import Stage
from tallystick.engine.remap_request import NothingThere, RemapRequest
from tallystick.errors import ActorUnavailable, TallystickError
from tallystick.http.exchange import Exchange
from tallystick.http.ops.explanation_shapes import Explained
from tallystick.http.ops.operations import Operations, some
from tallystick.http.ops.remap_shapes import Remap, RemapBody
from tallystick.http.ops.shapes import Actor, Actors, Decided, Decision, Held, HeldDeletions, Letter, Letters
from tallystick.http.problem import Problem, invalid, problem_of, problem_response
from tallystick.monitoring import RequestRejected
from tallystick.standard import DATA_TYPES
from tallystick.telemetry import Telemetry

_CHALLENGE: Final = {"www-authenticate": 'Bearer realm="Tallystick operators"'}
_WRONG_A_MINUTE: Final = 30  #: requests without the right token that are told 401; further ones 429

Handler = Callable[[Operations, Request], Awaitable[object]]


@define(eq=False)
class _Strangers:
    """Requests without the right token, in the minute that runs."""

    count: int = 0
    until: float = -math.inf  #: trio's clock

    def refusal(self) -> Problem:
        """What the next one is told. Whoever has the token is never refused for them."""
        now = trio.current_time()
        if now >= self.until:
            self.count, self.until = 0, now + 60.0
        self.count += 1
        if self.count > _WRONG_A_MINUTE:
            wait = str(int(self.until - now) + 1)
            return Problem(429, "Too many requests without the token.", headers={"retry-after": wait})
        return Problem(401, "Unauthorized", headers=_CHALLENGE)


@frozen(kw_only=True)
class _Door:
    """One path. An ASGI application below the guard."""

    path: str
    method: str
    handler: Handler
    operations: Operations
    token: OperatorToken
    strangers: _Strangers
    telemetry: Telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange.of(scope)
        exchange.route = self.path
        request = Request(scope, receive)
        try:
            self._admit(request)
            body = msgspec.json.encode(await self.handler(self.operations, request))
            response = Response(body, media_type="application/json")
        except Problem as problem:
            response = problem_response(problem, exchange.correlation_id)
        except ActorUnavailable as error:
            response = problem_response(Problem(409, f"{error}. {error.fix}"), exchange.correlation_id)
        except TallystickError as error:
            response = problem_response(problem_of(error), exchange.correlation_id)
        await response(scope, receive, send)

    def _admit(self, request: Request) -> None:
        """Raises: `Problem`, about the token before anything else is said of the path."""
        if not self.token.admits(request.headers.get("authorization", "")):
            problem = self.strangers.refusal()
            self.telemetry.emit(RequestRejected(reason="quota" if problem.status == 429 else "unauthorized"))
            raise problem
        allowed = {"GET": ("GET", "HEAD")}.get(self.method, (self.method,))
        if request.method not in allowed:
            text = f"The method {request.method} is not allowed."
            raise Problem(405, text, headers={"allow": ", ".join(allowed)})


async def _actors(operations: Operations, request: Request) -> Actors:
    asked = request.query_params
    state = asked.get("state")
    if state is not None and state not in get_args(Stage):
        raise invalid("state", f"must be one of {', '.join(get_args(Stage))}")
    found = await some(operations, kind=asked.get("kind"), state=state, actor_id=asked.get("id"))
    return Actors(results=[Actor.of(one) for one in found])


async def _resume(operations: Operations, request: Request) -> Actor:
    actor_id: str = request.path_params["actorId"]
    try:
        return Actor.of(await operations.resume(actor_id, Exchange.of(request.scope).correlation_id))
    except KeyError as error:
        raise Problem(404, f"No actor was found with ID {actor_id[:100]}") from error


async def _letters(operations: Operations, _: Request) -> Letters:
    now = trio.current_time()
    return Letters(results=[Letter.of(letter, now) for letter in operations.dead_letters()])


async def _resend(operations: Operations, request: Request) -> Letter:
    letter_id: str = request.path_params["letterId"]
    try:
        letter = await operations.resend(letter_id, Exchange.of(request.scope).correlation_id)
    except KeyError as error:
        raise Problem(404, f"No dead letter was found with ID {letter_id[:100]}") from error
    return Letter.of(letter, trio.current_time())


async def _held(operations: Operations, _: Request) -> HeldDeletions:
    return HeldDeletions(results=[Held.of(one) for one in await operations.held_deletions()])


async def _decide(operations: Operations, request: Request) -> Decided:
    connection_id, resource = request.path_params["connectionId"], request.path_params["resource"]
    try:
        asked = msgspec.json.decode(await request.body(), type=Decision)
    except msgspec.DecodeError as error:
        raise invalid("decision", "must be apply or dismiss") from error
    try:
        deleted = await operations.decide(connection_id, resource, apply=asked.decision == "apply")
    except KeyError as error:
        raise Problem(404, f"No deletions are held for {resource[:100]} there") from error
    return Decided(deleted=deleted)


async def _ask_remap(operations: Operations, request: Request) -> Remap:
    try:
        asked = msgspec.json.decode(await request.body() or b"{}", type=RemapBody)
    except msgspec.DecodeError as error:
        raise Problem(400, f"This is no remap: {error}") from error
    try:
        put = await operations.remap(
            asked.scope,
            dry_run=asked.dry_run,
            samples=asked.samples,
            correlation_id=Exchange.of(request.scope).correlation_id,
        )
        return Remap.of(put)
    except NothingThere as error:
        raise Problem(404, f"Nothing can be mapped anew: {error}") from error


async def _remap(operations: Operations, request: Request) -> Remap:
    return _found_remap(operations.find_remap, request)


async def _cancel_remap(operations: Operations, request: Request) -> Remap:
    return _found_remap(operations.cancel_remap, request)


def _found_remap(find: Callable[[str], RemapRequest], request: Request) -> Remap:
    remap_id: str = request.path_params["remapId"]
    try:
        return Remap.of(find(remap_id))
    except KeyError as error:
        raise Problem(404, f"No remap was found with ID {remap_id[:100]}") from error


async def _explain(operations: Operations, request: Request) -> Explained:
    asked = request.path_params
    if asked["dataType"] not in DATA_TYPES:
        raise invalid("dataType", "must be a data type, such as invoices")
    try:
        found = await operations.explain(
            asked["where"],
            asked["dataType"],
            asked["recordId"],
            Exchange.of(request.scope).correlation_id,
        )
        return Explained.of(found)
    except NothingThere as error:
        raise Problem(404, f"Nothing can be explained: {error}") from error


_PATHS: Final[tuple[tuple[str, str, Handler], ...]] = (
    ("GET", "/ops/api/actors", _actors),
    ("POST", "/ops/api/actors/{actorId:path}/resume", _resume),
    ("GET", "/ops/api/dead-letters", _letters),
    ("POST", "/ops/api/dead-letters/{letterId}/resend", _resend),
    ("GET", "/ops/api/held-deletions", _held),
    ("POST", "/ops/api/held-deletions/{connectionId}/{resource}", _decide),
    ("POST", "/ops/api/remaps", _ask_remap),
    ("GET", "/ops/api/remaps/{remapId}", _remap),
    ("POST", "/ops/api/remaps/{remapId}/cancel", _cancel_remap),
    ("GET", "/ops/api/explanations/{where}/{dataType}/{recordId:path}", _explain),
)


def ops_routes(operations: Operations, token: OperatorToken, telemetry: Telemetry) -> list[Route]:
    """The operators' paths."""
    strangers = _Strangers()
    return [
        Route(
            path,
            _Door(
                path=path,
                method=method,
                handler=handler,
                operations=operations,
                token=token,
                strangers=strangers,
                telemetry=telemetry,
            ),
        )
        for method, path, handler in _PATHS
    ]
