"""What a call to a provider promises, against a real server that misbehaves."""

import json
from collections.abc import AsyncGenerator, Callable
from typing import Any

import httpx
import pytest
import trio
from attrs import define, field
from tests.engine.conftest import ScriptedConnector

from tallystick.connectors import Limits, TokenExpired
from tallystick.connectors.budget import Budget
from tallystick.connectors.transport import CallRetried, ProviderCalled, TenantCalls
from tallystick.errors import PageUnreadable, ProviderUnavailable, RateLimited, RequestRefused
from tallystick.telemetry import Telemetry

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"


@define(eq=False)
class Provider:
    """Answers each request with the next of its answers; the last one again and again."""

    answers: list[bytes | Callable[[trio.SocketStream], Any]] = field(factory=lambda: [OK])
    heard: list[bytes] = field(factory=list)

    async def converse(self, stream: trio.SocketStream) -> None:
        async with stream:
            while (head := await self._head(stream)) is not None:
                self.heard.append(head)
                answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                if callable(answer):
                    await answer(stream)
                    return
                await stream.send_all(answer)
                if b"close" in answer:
                    return

    async def _head(self, stream: trio.SocketStream) -> bytes | None:
        received = b""
        while b"\r\n\r\n" not in received:
            chunk = await stream.receive_some()
            if not chunk:
                return None
            received += chunk
        return received


class FaultyConnector(ScriptedConnector):
    def fault(self, response: httpx.Response, resource: str) -> Exception:
        match response.status_code:
            case 401:
                return TokenExpired()
            case 429:
                return RateLimited(
                    platform="xero", scope="minute", retry_after=float(response.headers["retry-after"])
                )
            case _:
                return ProviderUnavailable(platform="xero", reason=f"HTTP {response.status_code}")


@define(eq=False)
class World:
    provider: Provider
    calls: TenantCalls
    events: list[Any]
    tokens: list[str | None] = field(factory=list)


@pytest.fixture
async def world(nursery: trio.Nursery) -> AsyncGenerator[World, None]:
    provider, telemetry, events = Provider(), Telemetry(), []
    listeners = await nursery.start(trio.serve_tcp, provider.converse, 0)
    port = listeners[0].socket.getsockname()[1]
    for kind in (ProviderCalled, CallRetried):
        telemetry.listen(kind, events.append)
    asked: list[str | None] = []

    async def token(refused: str | None) -> str:
        asked.append(refused)
        return f"token-{len(asked)}"

    async with httpx.AsyncClient(trust_env=False) as http:
        limits = Limits(calls_a_minute=None, calls_a_day=None, calls_in_flight=5)
        calls = TenantCalls(
            connector=FaultyConnector(api_url=f"http://127.0.0.1:{port}"),
            tenant_id="amber",
            http=http,
            budget=Budget("xero", limits, telemetry),
            token=token,
            telemetry=telemetry,
            deadline_s=1.0,
            limit_bytes=100_000,
        )
        yield World(provider, calls, events, asked)
    nursery.cancel_scope.cancel()


def status(code: int, *headers: str, body: str = "{}") -> bytes:
    lines = [f"HTTP/1.1 {code} X", f"content-length: {len(body)}", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


async def test_an_answer_comes_with_its_body_and_the_call_carried_token_and_tenant(world: World) -> None:
    world.provider.answers = [status(200, body=json.dumps({"a": 1}))]
    response = await world.calls.get("/Invoices", params={"page": "1"})
    assert response.json() == {"a": 1}
    (head,) = world.provider.heard
    assert head.startswith(b"GET /Invoices?page=1 ")
    assert b"authorization: Bearer token-1" in head
    assert b"tenant: amber" in head
    assert [event.outcome for event in world.events] == ["ok"]


async def test_a_passing_fault_is_tried_again_four_times_in_all(world: World, autojump_clock: object) -> None:
    world.provider.answers = [status(503)]
    with pytest.raises(ProviderUnavailable, match="HTTP 503"):
        await world.calls.get("/Invoices")
    assert len(world.provider.heard) == 4


async def test_a_fault_that_passes_is_not_even_noticed(world: World, autojump_clock: object) -> None:
    world.provider.answers = [status(500), status(502), OK]
    assert (await world.calls.get("/Invoices")).status_code == 200


async def test_an_expired_token_is_exchanged_once(world: World) -> None:
    world.provider.answers = [status(401), OK]
    assert (await world.calls.get("/Invoices")).status_code == 200
    assert world.tokens == [None, "token-1"]


async def test_a_fresh_token_that_is_refused_too_never_loops(world: World) -> None:
    world.provider.answers = [status(401)]
    with pytest.raises(RequestRefused):
        await world.calls.get("/Invoices")
    assert len(world.provider.heard) == 2


async def test_a_short_limit_is_waited_for_and_a_long_one_is_told(
    world: World, autojump_clock: object
) -> None:
    world.provider.answers = [status(429, "retry-after: 7"), OK]
    before = trio.current_time()
    assert (await world.calls.get("/Invoices")).status_code == 200
    assert trio.current_time() - before >= 7
    world.provider.answers = [status(429, "retry-after: 60000")]
    with pytest.raises(RateLimited) as refused:
        await world.calls.get("/Invoices")
    assert refused.value.retry_after == 60000
    assert len(world.provider.heard) == 3, "no further call is made"


async def test_an_answer_that_is_cut_short_is_told_with_what_came_of_it(world: World) -> None:
    world.provider.answers = [
        b'HTTP/1.1 200 OK\r\ncontent-length: 1000\r\nconnection: close\r\n\r\n{"Invoices":[{"Inv'
    ]
    with pytest.raises(PageUnreadable, match="cut short") as cut:
        await world.calls.get("/Invoices")
    assert cut.value.raw == b'{"Invoices":[{"Inv'


async def test_an_answer_that_never_ends_is_given_up_at_its_size(world: World) -> None:
    async def pour(stream: trio.SocketStream) -> None:
        await stream.send_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        try:
            while True:
                await stream.send_all(b"1000\r\n" + b"a" * 0x1000 + b"\r\n")
        except trio.BrokenResourceError:
            pass

    world.provider.answers = [pour]
    with pytest.raises(PageUnreadable, match="larger than 100000 bytes"):
        await world.calls.get("/Invoices")


async def test_a_provider_that_takes_the_call_and_never_answers_is_given_up_at_the_deadline(
    world: World,
) -> None:
    async def hold(stream: trio.SocketStream) -> None:
        await trio.sleep_forever()

    world.calls.deadline_s = 0.05
    world.provider.answers = [hold]
    with pytest.raises(ProviderUnavailable, match="no whole answer within"):
        await world.calls.get("/Invoices")
    outcomes = [event.outcome for event in world.events if isinstance(event, ProviderCalled)]
    assert outcomes == ["timeout"] * 4


async def test_a_network_that_fails_is_told_without_an_address(world: World, autojump_clock: object) -> None:
    world.calls.connector = FaultyConnector(api_url="http://127.0.0.1:9")
    with pytest.raises(ProviderUnavailable) as failed:
        await world.calls.get("/Invoices")
    assert "127.0.0.1" not in str(failed.value)


async def test_a_budget_is_given_back_whatever_happens(world: World) -> None:
    world.provider.answers = [status(401)]
    for _ in range(10):
        with pytest.raises(RequestRefused):
            await world.calls.get("/Invoices")
    assert world.calls.budget.in_flight == 0
