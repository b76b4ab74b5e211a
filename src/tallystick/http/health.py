"""What needs no key: is the process alive, may it be sent requests, and the API's description."""

from collections.abc import Callable
from functools import cache

from attrs import frozen
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from tallystick.http.exchange import Exchange
from tallystick.http.openapi import describe
from tallystick.http.problem import Problem, problem_response

Answer = Callable[[Request], Response]


@frozen(kw_only=True)
class _Open:
    """One path without a key. An ASGI application below the guard."""

    path: str
    answer: Answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange.of(scope)
        exchange.route = self.path
        if scope["method"] in ("GET", "HEAD"):
            response = self.answer(Request(scope, receive))
        else:
            problem = Problem(405, "The method is not allowed.", headers={"allow": "GET, HEAD"})
            response = problem_response(problem, exchange.correlation_id)
        await response(scope, receive, send)


def open_routes(ready: Callable[[], bool], public_url: str) -> list[Route]:
    """`/healthz`, `/readyz` and `/openapi.json`."""

    @cache
    def description() -> bytes:
        return describe(public_url)

    def alive(_: Request) -> Response:
        return Response(b'{"status":"ok"}', media_type="application/json")

    def may_serve(_: Request) -> Response:
        if ready():
            return Response(b'{"status":"ok"}', media_type="application/json")
        return Response(b'{"status":"starting"}', status_code=503, media_type="application/json")

    def openapi(_: Request) -> Response:
        return Response(description(), media_type="application/json")

    answers: dict[str, Answer] = {"/healthz": alive, "/readyz": may_serve, "/openapi.json": openapi}
    return [Route(path, _Open(path=path, answer=answer)) for path, answer in answers.items()]
