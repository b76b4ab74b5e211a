"""`POST /hooks/{provider}`: a provider's messages, taken in at a door without a key.

Who signs with the app's key is the provider. The answer says that the message has been heard and nothing of
what it leads to: that is the engine's, and the provider waits three seconds at most. Source: providers §4.
"""

import re
from collections.abc import Mapping
from typing import Final

from attrs import field, frozen
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from tallystick.connectors import Hooks, HookUnreadable
from tallystick.engine import Engine
from tallystick.errors import ConfigurationInvalid, StoreUnusable
from tallystick.http.arrivals import Arrivals
from tallystick.http.exchange import Exchange
from tallystick.http.problem import Problem, problem_of, problem_response
from tallystick.monitoring import HookRefusal, HookRefused
from tallystick.telemetry import Telemetry

_PATH: Final = "/hooks/{provider}"
_MOST_BYTES: Final = 1024 * 1024
_SLUG: Final = re.compile(r"[a-z0-9_-]{1,40}")
#: Of one address: providers send from few, and a proxy in front of us makes them one.
_A_SECOND: Final = 100.0
_AT_ONCE: Final = 500


@frozen(kw_only=True)
class _Registered:
    """A provider whose messages can be told from anybody's."""

    hooks: Hooks
    key: str = field(repr=False)


@frozen(kw_only=True)
class _Door:
    """One path for all providers. An ASGI application below the guard."""

    engine: Engine
    telemetry: Telemetry
    registered: Mapping[str, _Registered]
    arrivals: Arrivals

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange.of(scope)
        exchange.route = _PATH
        try:
            response = await self._answer(Request(scope, receive))
        except Problem as problem:
            response = problem_response(problem, exchange.correlation_id)
        except StoreUnusable as error:
            response = problem_response(problem_of(error), exchange.correlation_id)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if request.method != "POST":
            raise Problem(405, "The method is not allowed.", headers={"allow": "POST"})
        slug = request.path_params["provider"]
        found = self.registered.get(slug)
        if found is None:
            raise self._unknown(slug)
        client = request.client.host if request.client is not None else ""
        if not self.arrivals.take(client):
            self._refuse(slug, "too_many")
            raise Problem(429, "Too many messages. Send them again later.", headers={"retry-after": "5"})
        body = await request.body()
        if len(body) > _MOST_BYTES:
            self._refuse(slug, "too_large")
            raise Problem(413, f"The request's body is larger than {_MOST_BYTES} bytes.")
        if not found.hooks.verify(body, _joined(request), found.key):
            self._refuse(slug, "bad_signature")
            return Response(status_code=401)
        try:
            notices = found.hooks.notices(body)
        except HookUnreadable as error:
            self._refuse(slug, "unreadable", str(error))
            raise Problem(400, "The message is signed, but not of a form that is known here.") from None
        await self.engine.notify(slug, notices)
        return Response(status_code=200)

    def _unknown(self, slug: str) -> Problem:
        """Whether we know the provider and lack its key is for our operators' ears only."""
        known = _SLUG.fullmatch(slug) is not None and slug in self.engine.connectors
        if known:
            self._refuse(slug, "no_key" if self.engine.connectors[slug].hooks is not None else "no_hooks")
        return Problem(404, "There is no such provider.")

    def _refuse(self, platform: str, reason: HookRefusal, told: str | None = None) -> None:
        self.telemetry.emit(HookRefused(platform=platform, reason=reason, told=told))


def hook_routes(engine: Engine, telemetry: Telemetry) -> list[Route]:
    """The path for the providers of which the settings tell a key.

    Raises: `ConfigurationInvalid` for a key that is empty or cannot be read, or of a provider without hooks.
    """
    registered: dict[str, _Registered] = {}
    for slug, settings in engine.providers.items():
        if settings.webhook_key is None:
            continue
        hooks, key = engine.connectors[slug].hooks, settings.webhook_key.reveal()
        if hooks is None:
            raise ConfigurationInvalid(
                message=f"providers.{slug}.webhook_key: this provider sends no messages; leave it out"
            )
        if not key:
            raise ConfigurationInvalid(
                message=f"providers.{slug}.webhook_key is empty: everybody could sign with it"
            )
        registered[slug] = _Registered(hooks=hooks, key=key)
    arrivals = Arrivals(a_second=_A_SECOND, at_once=_AT_ONCE)
    door = _Door(engine=engine, telemetry=telemetry, registered=registered, arrivals=arrivals)
    return [Route(_PATH, door)]


def _joined(request: Request) -> dict[str, str]:
    """The headers, names in lower case. One that comes twice is joined, so that it is no signature."""
    found: dict[str, str] = {}
    for name, value in request.headers.items():
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found
