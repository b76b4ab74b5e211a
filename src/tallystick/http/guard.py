"""Stands before everything: framing, sizes, deadlines, and the headers of every answer.

Pure ASGI. A request's body is read whole, within its limit and its deadline, before any of our code works;
so an endpoint never waits for a slow client and never leaves half a body behind. What hypercorn lets
through and this refuses: operations-and-security §0.2.
"""

import math
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final

import trio
from attrs import define, field, frozen
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tallystick.config import ServerSettings
from tallystick.http.crash import crash_told
from tallystick.http.exchange import Exchange, correlation_of
from tallystick.http.framing import METHODS, Refusal, refusal_of
from tallystick.http.problem import Problem, crashed, problem_response
from tallystick.http.shedding import Shedding, never, overload_of
from tallystick.monitoring import RejectReason, RequestRejected, RequestServed
from tallystick.telemetry import Telemetry

#: After a refusal what the client still sends is read and dropped for this long: a socket that is closed
#: on unread bytes is reset, and the client may lose the very answer that explains it.
_LINGER_S: Final = 1.0
#: Before a refusal, for the end of a request that is there already: see `_settled`.
_SETTLE_S: Final = 0.05
_CLIENT_LEFT: Final = 499
_HEADERS: Final[tuple[tuple[bytes, bytes], ...]] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
)
_DEFAULTS: Final[tuple[tuple[bytes, bytes], ...]] = (
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
)
_HSTS: Final = (b"strict-transport-security", b"max-age=31536000")


class _ClientLeft(Exception):
    """The client is gone before its request was there whole."""


class _Refused(Exception):
    """The body is not taken."""

    def __init__(self, refusal: Refusal, linger_s: float) -> None:
        self.refusal = refusal
        self.linger_s = linger_s


@define(eq=False)
class _Answering:
    """Sends the answer with our headers, and knows how far it is."""

    send: Send
    exchange: Exchange
    secure: bool
    deadline: trio.CancelScope | None = None
    status: int = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            # Hypercorn says "disconnect" in the middle of the last send as well: that send must not be cut.
            self.exchange.can_be_dropped = False
            message = {**message, "headers": self._headers(message.get("headers", ()))}
            if self.deadline is not None:
                self.deadline.deadline = math.inf  # from here the deadline of each send holds (server.py)
        await self.send(message)

    def _headers(self, given: Any) -> list[tuple[bytes, bytes]]:
        headers = [*given, *_HEADERS, (b"x-correlation-id", self.exchange.correlation_id.encode())]
        names = {name.lower() for name, _ in given}
        headers += [header for header in _DEFAULTS if header[0] not in names]
        if self.secure:
            headers.append(_HSTS)
        return headers


@frozen(kw_only=True)
class Guard:
    """The outermost layer of a listener."""

    app: ASGIApp
    settings: ServerSettings
    telemetry: Telemetry
    secure: bool = False  #: browsers reach us through https
    linger_s: float = field(default=_LINGER_S)
    shedding: Shedding = never
    request: Callable[[], AbstractContextManager[None]] = nullcontext  #: entered while one is in hand

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; anything but HTTP is turned away."""
        if scope["type"] != "http":
            await _turn_away(scope, receive, send)
            return
        began = time.perf_counter()
        exchange = Exchange(correlation_of(scope["headers"]))
        exchange.put_into(scope)
        answering = _Answering(send, exchange, self.secure)
        try:
            self._judge(scope)
            with self.request():
                await self._serve(scope, receive, answering)
        except _Refused as refused:
            await self._refuse(refused, scope, receive, answering)
        except _ClientLeft:
            pass
        except Exception as crash:  # noqa: BLE001 - the room's outermost handler: a crash is told, not hidden
            await self._tell(crash, scope, receive, answering)
        finally:
            method = scope["method"]
            self.telemetry.emit(
                RequestServed(
                    route=exchange.route,
                    method=method if method in METHODS else "other",
                    status=answering.status or _CLIENT_LEFT,
                    seconds=time.perf_counter() - began,
                    correlation_id=exchange.correlation_id,
                    client_id=exchange.client_id,
                )
            )

    def _judge(self, scope: Scope) -> None:
        refusal = refusal_of(scope, self.settings) or overload_of(scope, self.shedding)
        if refusal is not None:
            raise _Refused(refusal, self.linger_s)

    async def _serve(self, scope: Scope, receive: Receive, answering: _Answering) -> None:
        body = await self._body(receive)
        left = trio.Event()

        async def give() -> Message:
            nonlocal body
            if body is None:
                await left.wait()
                return {"type": "http.disconnect"}
            whole, body = body, None
            return {"type": "http.request", "body": whole, "more_body": False}

        async def watch(work: trio.CancelScope) -> None:
            while (await receive())["type"] != "http.disconnect":
                pass
            left.set()
            if answering.exchange.can_be_dropped:
                work.cancel()

        with trio.move_on_after(self.settings.answer_deadline) as answering.deadline:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(watch, nursery.cancel_scope)
                await self.app(scope, give, answering)
                nursery.cancel_scope.cancel()
        if answering.deadline.cancelled_caught and not answering.status:
            self.telemetry.emit(RequestRejected(reason="answer_slow"))
            problem = Problem(503, "The answer took too long. Try again.")
            await self._problem(problem, scope, receive, answering)

    async def _body(self, receive: Receive) -> bytes | None:
        """All of the body. Raises: `_Refused` past its limit or deadline, `_ClientLeft`."""
        limit, whole = self.settings.body_limit, bytearray()
        with trio.move_on_after(self.settings.body_deadline):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise _ClientLeft
                whole += message.get("body", b"")
                if len(whole) > limit:
                    raise _Refused(Refusal.too_large(limit), self.linger_s)
                if not message.get("more_body", False):
                    return bytes(whole)
        seconds = self.settings.body_deadline
        text = f"The request's body was not there within {seconds:g} s."
        raise _Refused(Refusal(408, "body_slow", text), linger_s=0.0)

    async def _refuse(self, refused: _Refused, scope: Scope, receive: Receive, answering: _Answering) -> None:
        answering.exchange.route = "(refused)"
        reason: RejectReason = refused.refusal.reason
        self.telemetry.emit(RequestRejected(reason=reason))
        headers = {"connection": "close", **refused.refusal.headers}
        problem = Problem(refused.refusal.status, refused.refusal.text, headers=headers)

        async def last_byte_late(message: Message) -> None:
            """Keep the connection until the client has stopped sending, or for the time to linger."""
            await answering({**message, "more_body": True} if "body" in message else message)

        with trio.move_on_after(self.settings.answer_deadline):
            async with trio.open_nursery() as nursery:
                drained = trio.Event()
                nursery.start_soon(_drain, receive, drained)
                await _settled(drained)
                await self._problem(problem, scope, receive, last_byte_late)
                with trio.move_on_after(refused.linger_s):
                    await drained.wait()
                await answering({"type": "http.response.body", "body": b"", "more_body": False})
                nursery.cancel_scope.cancel()

    async def _tell(self, crash: Exception, scope: Scope, receive: Receive, answering: _Answering) -> None:
        exchange = answering.exchange
        self.telemetry.emit(crash_told(crash, exchange.route, exchange.correlation_id))
        if not answering.status:
            await crashed(exchange.correlation_id)(scope, receive, answering)

    async def _problem(self, problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
        await problem_response(problem, Exchange.of(scope).correlation_id)(scope, receive, send)


async def _drain(receive: Receive, drained: trio.Event) -> None:
    """Read on, so that hypercorn's reader never waits for room that nobody makes."""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            drained.set()


async def _settled(drained: trio.Event) -> None:
    """Let hypercorn's reader come to rest behind a request that is complete.

    `connection: close` makes h11 call every byte behind the request an error. A reader that finds such bytes
    after our first header and before it has come to rest closes the connection, and the answer is lost.
    """
    with trio.move_on_after(_SETTLE_S):
        await drained.wait()
    for _ in range(2):  # in one pass of the scheduler the reader wakes, in the next it is at rest
        await trio.lowlevel.checkpoint()


async def _turn_away(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1000})
