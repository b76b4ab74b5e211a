"""From a route to a handler and back: who asks, may they, and how refusals are told."""

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from attrs import frozen
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from tallystick.access import Principal
from tallystick.errors import TallystickError
from tallystick.http.api.call import Call, Operation, Reach
from tallystick.http.api.routes import OPERATIONS
from tallystick.http.exchange import Exchange
from tallystick.http.problem import Problem, problem_of, problem_response
from tallystick.monitoring import RequestRejected
from tallystick.telemetry import Telemetry

_CHALLENGE: Final = {"www-authenticate": 'Basic realm="Tallystick", charset="UTF-8"'}


@frozen(kw_only=True)
class Endpoint:
    """All operations of one path. An ASGI application below the guard."""

    path: str
    operations: Mapping[str, Operation]  #: by method
    reach: Reach
    telemetry: Telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Authenticate, count, call the handler, answer."""
        exchange = Exchange.of(scope)
        exchange.route = self.path
        request = Request(scope, receive)
        counted: Mapping[str, str] = {}
        try:
            operation = self._operation(scope["method"])
            exchange.can_be_dropped = operation.method == "GET"
            principal = await self._principal(request)
            exchange.client_id = principal.client_id
            counted = await self.reach.quota.take(principal.client_id)
            call = Call(reach=self.reach, request=request, client_id=principal.client_id)
            response = await operation.handler(call)
        except Problem as problem:
            if problem.status == 429:
                self.telemetry.emit(RequestRejected(reason="quota"))
            response = problem_response(problem, exchange.correlation_id)
        except TallystickError as error:
            response = problem_response(problem_of(error), exchange.correlation_id)
        response.headers.update(counted)
        await response(scope, receive, send)

    async def _principal(self, request: Request) -> Principal:
        principal = await self.reach.access.authenticate(request.headers.get("authorization", ""))
        if principal is None:
            self.telemetry.emit(RequestRejected(reason="unauthorized"))
            raise Problem(401, "Unauthorized", headers=_CHALLENGE)
        return principal

    def _operation(self, method: str) -> Operation:
        operation = self.operations.get("GET" if method == "HEAD" else method)
        if operation is None:
            allowed = sorted({*self.operations, *(("HEAD",) if "GET" in self.operations else ())})
            raise Problem(405, f"The method {method} is not allowed.", headers={"allow": ", ".join(allowed)})
        return operation


def api_routes(reach: Reach, telemetry: Telemetry) -> list[Route]:
    """One route a path, in the order of the table."""
    paths: defaultdict[str, dict[str, Operation]] = defaultdict(dict)
    for operation in OPERATIONS:
        paths[operation.path][operation.method] = operation
    return [
        _route(Endpoint(path=path, operations=operations, reach=reach, telemetry=telemetry))
        for path, operations in paths.items()
    ]


def _route(endpoint: Endpoint) -> Route:
    route = Route(endpoint.path, endpoint)
    if any(operation.any_case for operation in endpoint.operations.values()):
        route.path_regex = re.compile(route.path_regex.pattern, re.IGNORECASE)
    return route


async def not_found(scope: Scope, receive: Receive, send: Send) -> None:
    """The answer where no route is."""
    response: Response = problem_response(
        Problem(404, "There is nothing at this path."), Exchange.of(scope).correlation_id
    )
    await response(scope, receive, send)
