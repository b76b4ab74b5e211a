"""What every request to a provider passes: the log, the limits, the latency and the faults."""

from collections.abc import Callable

import trio
from attrs import define
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tallystick.connectors.sandbox.faults import PROVIDERS_OWN, SAME_EVERYWHERE, Fault
from tallystick.connectors.sandbox.provider import ProviderSandbox
from tallystick.connectors.sandbox.request_log import Asked
from tallystick.connectors.sandbox.world import World

#: Where the routes find a fault that changes what they answer (`missing_field`, `empty_list`).
FAULT_KEY = "sandbox.fault"


@define(eq=False, kw_only=True)
class _Answer:
    """Sends on and adds headers. `ended` is called before the last bytes leave.

    Whoever has read an answer can so rely on its being in the log and no longer in flight.
    """

    send: Send
    headers: dict[str, str]
    cut: bool  #: stop in the middle of the body, without a length
    ended: Callable[[int], None]  #: with the status, 0 for an answer that does not come whole
    status: int = 0
    over: bool = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            extra = [(name.lower().encode(), value.encode()) for name, value in self.headers.items()]
            kept = [pair for pair in message["headers"] if not (self.cut and pair[0] == b"content-length")]
            self.status = message["status"]
            await self.send({**message, "headers": [*kept, *extra]})
        elif not self.cut:
            if not message.get("more_body", False):
                self.end()
            await self.send(message)
        elif not self.over:  # what the application sends after the cut goes nowhere
            self.end()
            body = message.get("body", b"")
            await self.send({**message, "body": body[: len(body) // 2], "more_body": True})

    async def break_off(self) -> None:
        """A status line and a length that never comes true: the connection closes on the reader."""
        self.cut = True
        self.end()
        await self.send(
            {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]}
        )

    def end(self) -> None:
        """Safe to repeat."""
        if not self.over:
            self.over = True
            self.ended(0 if self.cut else self.status)


@define(eq=False)
class Gate:
    """An ASGI application round one provider's routes."""

    world: World
    provider: ProviderSandbox
    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope, receive)
        path = scope["path"]
        tenant, reads = self.provider.tenant(request), self.provider.reads(path)
        metered = tenant if reads else None
        refusal = self.provider.meter.enter(metered) if metered else None
        fault = None
        if refusal is None:
            fault = self.world.faults.take(self.provider.slug, path, tenant, reads=reads)

        def ended(status: int) -> None:
            if metered and refusal is None:
                self.provider.meter.leave(metered)
            self._log(request, tenant, status, fault)

        answer = _Answer(
            send=send,
            headers=self.provider.limit_headers(self.provider.meter.left(metered)) if metered else {},
            cut=fault is not None and fault.kind == "truncated",
            ended=ended,
        )
        try:
            if refusal is not None:
                await self.provider.too_many(refusal)(scope, receive, answer)
            else:
                await self._serve(fault, request, answer)
        finally:
            answer.end()

    async def _serve(self, fault: Fault | None, request: Request, answer: _Answer) -> None:
        if self.world.settings.latency_s:
            await trio.sleep(self.world.settings.latency_s)
        if fault is not None and fault.kind in {"slow", "timeout"}:
            await trio.sleep(fault.lasts_s)
        if fault is not None and fault.kind == "timeout":
            await answer.break_off()
            return
        response: Response | None = None
        if fault is not None and fault.kind in SAME_EVERYWHERE:
            response = SAME_EVERYWHERE[fault.kind]()
        elif fault is not None and fault.kind in PROVIDERS_OWN:
            response = await self.provider.fault(fault, request)
        if response is not None:
            await response(request.scope, request.receive, answer)
            return
        await self.app({**request.scope, FAULT_KEY: fault}, request.receive, answer)

    def _log(self, request: Request, tenant: str | None, status: int, fault: Fault | None) -> None:
        path = request.scope["path"]
        self.world.log.add(
            Asked(
                time=self.world.clock.now(),
                provider=self.provider.slug,
                method=request.method,
                path=path,
                query=request.scope["query_string"].decode("latin-1"),
                tenant=tenant,
                status=status,
                fault=None if fault is None else fault.kind,
            ),
            self.provider.resource(path),
        )
