"""What a call to a provider promises, against a real server that misbehaves."""

import gzip
import json
import tracemalloc
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import contextmanager, suppress
from typing import Any

import httpx
import pytest
import trio
from attrs import define, field
from tests.engine.conftest import ScriptedConnector
from trio.testing import MockClock

from tallystick.config import EngineSettings
from tallystick.connectors import LargeAnswers, Limits, Pace, TokenExpired
from tallystick.connectors.budget import Budget
from tallystick.connectors.circuit import Circuit
from tallystick.connectors.transport import CallRetried, ProviderCalled, TenantCalls
from tallystick.engine.progress import Progress
from tallystick.errors import (
    LargeAnswerWaited,
    PageUnreadable,
    ProviderDown,
    ProviderUnavailable,
    RateLimited,
    RequestRefused,
    TallystickError,
)
from tallystick.telemetry import Telemetry


async def silence(stream: trio.SocketStream) -> None:
    """A provider that takes the call and never answers."""
    await trio.sleep_forever()


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
            try:
                chunk = await stream.receive_some()
            except trio.BrokenResourceError:
                return None
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
                    platform="xero",
                    scope=response.headers.get("problem", "minute"),
                    retry_after=float(response.headers["retry-after"]),
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

    async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
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
            circuit=Circuit("xero", telemetry),
            large=LargeAnswers(above_bytes=20_000),
            owner="amber",
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
    world: World, autojump_clock: object
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


# --- what makes memory grow ------------------------------------------------------------------------


def packed(body: bytes, *headers: str, encoding: str = "gzip") -> bytes:
    lines = ["HTTP/1.1 200 OK", f"content-length: {len(body)}", f"content-encoding: {encoding}", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


async def test_a_packed_answer_is_unpacked_and_only_one_way_of_packing_is_asked_for(world: World) -> None:
    body = json.dumps({"rows": ["x" * 100] * 100}).encode()
    world.provider.answers = [packed(gzip.compress(body)), packed(gzip.compress(b"{") + gzip.compress(b"}"))]
    response = await world.calls.get("/Invoices")
    assert response.content == body
    assert response.json()["rows"][0] == "x" * 100
    assert b"accept-encoding: gzip\r\n" in world.provider.heard[0].lower()
    assert (await world.calls.get("/Invoices")).content == b"{}"


async def test_a_gzip_bomb_never_unpacks_beyond_the_limit(world: World) -> None:
    """50 KB of it hold 50 MB; what is unpacked at any moment is a piece of a quarter of a megabyte."""
    bomb = gzip.compress(bytes(50_000_000), compresslevel=9)
    world.provider.answers = [packed(bomb)]
    tracemalloc.start()
    try:
        with pytest.raises(PageUnreadable, match="larger than 100000 bytes") as told:
            await world.calls.get("/Invoices")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 5_000_000
    assert len(told.value.raw) <= 65_536


@pytest.mark.parametrize("encoding", ["gzip, gzip", "br", "deflate"])
async def test_a_packing_that_was_not_asked_for_is_refused_unread(world: World, encoding: str) -> None:
    world.provider.answers = [packed(gzip.compress(gzip.compress(bytes(1_000_000))), encoding=encoding)]
    with pytest.raises(PageUnreadable, match="did not ask for"):
        await world.calls.get("/Invoices")


async def test_a_packed_answer_that_is_broken_or_ends_early_is_unreadable(world: World) -> None:
    whole = gzip.compress(b'{"a":1}' * 100)
    world.provider.answers = [packed(whole[:-12]), packed(b"\x1f\x8b" + b"nonsense" * 10)]
    with pytest.raises(PageUnreadable, match="cut short"):
        await world.calls.get("/Invoices")
    with pytest.raises(PageUnreadable, match="compression is broken"):
        await world.calls.get("/Invoices")


async def test_an_answer_that_drips_is_given_up_at_the_deadline(world: World, autojump_clock: object) -> None:
    async def drip(stream: trio.SocketStream) -> None:
        await stream.send_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
        with suppress(trio.BrokenResourceError):
            while True:
                await stream.send_all(b"a")
                await trio.sleep(1)

    world.calls.deadline_s = 60
    world.provider.answers = [drip]
    with pytest.raises(ProviderUnavailable, match="no whole answer within 60 s"):
        await world.calls.get("/Invoices")


async def test_headers_without_end_are_given_up(world: World, autojump_clock: object) -> None:
    async def boast(stream: trio.SocketStream) -> None:
        await stream.send_all(b"HTTP/1.1 200 OK\r\n")
        with suppress(trio.BrokenResourceError):
            while True:
                await stream.send_all(b"x-more: " + b"a" * 10_000 + b"\r\n")

    world.provider.answers = [boast]
    tracemalloc.start()
    try:
        with pytest.raises(ProviderUnavailable, match="headers are too large"):
            await world.calls.get("/Invoices")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 5_000_000


async def test_of_a_refusal_only_the_head_is_read(world: World, autojump_clock: object) -> None:
    world.provider.answers = [status(500, body="x" * 90_000)]
    with pytest.raises(ProviderUnavailable, match="HTTP 500"):
        await world.calls.get("/Invoices")


async def test_a_large_answer_waits_for_the_place_and_its_deadline_waits_with_it(world: World) -> None:
    large = world.calls.large
    world.calls.deadline_s = 0.3
    world.provider.answers = [status(200, body="x" * 50_000)]
    answers: list[int] = []

    async def ask() -> None:
        answers.append(len((await world.calls.get("/Invoices")).content))

    await large.take("birch")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(ask)
        while large.waiting == 0:
            await trio.sleep(0.01)
        await trio.sleep(0.4)
        assert answers == []
        large.release("birch")
    assert answers == [50_000]
    assert not await large.take("amber"), "it is kept until the page is stored"
    large.release("amber")
    large.release("amber")
    assert await large.take("birch")


async def test_an_answer_that_never_gets_the_place_is_given_up_and_the_provider_is_not_blamed(
    world: World, autojump_clock: object
) -> None:
    """It is not asked for again at once either: whoever holds the place up holds the next try up too."""
    world.provider.answers = [status(200, body="x" * 50_000)]
    world.calls.deadline_s = 60.0
    await world.calls.large.take("birch")
    began = trio.current_time()
    with pytest.raises(LargeAnswerWaited, match="300 s"):
        await world.calls.get("/Invoices")
    assert trio.current_time() - began == pytest.approx(300, abs=1)
    assert len(world.provider.heard) == 1
    assert world.calls.large.waiting == 0
    world.calls.large.release("birch")
    assert len((await world.calls.get("/Invoices")).content) == 50_000


async def test_a_small_answer_needs_no_place_and_a_useless_large_one_gives_it_back(world: World) -> None:
    await world.calls.large.take("birch")
    world.provider.answers = [OK, status(200, body="x" * 150_000)]
    assert (await world.calls.get("/Invoices")).content == b"{}"
    world.calls.large.release("birch")
    with pytest.raises(PageUnreadable, match="larger than"):
        await world.calls.get("/Invoices")
    assert await world.calls.large.take("birch")


# --- the circuit, the budget and the token ---------------------------------------------------------


async def test_a_provider_that_is_down_gets_no_call_and_none_is_counted(
    world: World, autojump_clock: object
) -> None:
    calls, circuit = world.calls, world.calls.circuit
    world.provider.answers = [status(503)]
    for calls.tenant_id in ("amber", "birch", "cedar"):
        with pytest.raises(TallystickError):
            await calls.get("/Invoices")
    assert circuit.state == "open"
    made = len(world.provider.heard)
    with pytest.raises(ProviderDown) as told:
        await calls.get("/Invoices")
    assert 0 < told.value.retry_after <= 15
    assert len(world.provider.heard) == made
    world.provider.answers = [OK]
    await trio.sleep(20)
    for calls.tenant_id in ("birch", "dogwood", "elder"):
        await calls.get("/Invoices")
    assert circuit.state == "closed"
    assert calls.budget.in_flight == 0


async def test_refusals_of_any_kind_leave_the_circuit_closed(world: World, autojump_clock: object) -> None:
    world.provider.answers = [status(429, "retry-after: 0"), status(404), status(408)]
    for number in range(40):
        world.calls.tenant_id = f"tenant {number % 4}"
        with pytest.raises(TallystickError):
            await world.calls.get("/Invoices")
    assert world.calls.circuit.state == "closed"


async def test_too_many_at_once_waits_and_tries_again_with_fewer(
    world: World, autojump_clock: object
) -> None:
    world.provider.answers = [status(429, "retry-after: 1", "problem: concurrent"), OK]
    before = trio.current_time()
    assert (await world.calls.get("/Invoices")).status_code == 200
    assert trio.current_time() - before == pytest.approx(1, abs=0.2)


async def test_a_token_that_cannot_be_had_spends_no_call(world: World) -> None:
    async def token(_refused: str | None) -> str:
        raise ProviderUnavailable(platform="xero", reason="no token")

    world.calls.token = token
    world.calls.budget = Budget(
        "xero", Limits(calls_a_minute=1, calls_a_day=1, calls_in_flight=1), Telemetry()
    )
    world.calls.deadline_s = 1
    with pytest.raises(ProviderUnavailable, match="no token"):
        await world.calls._with_token("/Invoices", {}, {})
    assert world.calls.budget.tenant.left_ratio == 1.0


async def test_waiting_for_the_budget_is_patience_and_calling_is_not(
    world: World, autojump_clock: object
) -> None:
    waits: list[float] = []

    @contextmanager
    def patience() -> Generator[None, None, None]:
        began = trio.current_time()
        yield
        waits.append(trio.current_time() - began)

    world.calls.patience = patience
    world.calls.budget.hear(Pace(retry_after_s=20.0, scope="minute"))
    await world.calls.get("/Invoices")
    assert waits == [pytest.approx(20), pytest.approx(0)], "the budget, and the token"


async def test_a_provider_that_hangs_in_every_try_is_told_as_such_and_never_as_a_sync_that_stands_still(
    world: World, autojump_clock: MockClock
) -> None:
    """The tries take longer than `engine.sync_deadline`, but between two ends of a try less."""
    settings = EngineSettings()
    progress = Progress(settings.sync_deadline)
    work = trio.CancelScope()
    world.calls.deadline_s = settings.call_deadline
    world.calls.patience = progress.patience
    world.provider.answers = [silence]
    async with trio.open_nursery() as nursery:
        nursery.start_soon(progress.watch, work)
        with work, pytest.raises(ProviderUnavailable, match="no whole answer"):
            await world.calls.get("/Invoices")
        nursery.cancel_scope.cancel()
    assert not progress.stalled
    assert trio.current_time() > 2 * settings.sync_deadline


async def test_an_answer_that_comes_slowly_at_the_last_try_is_still_taken(
    world: World, autojump_clock: MockClock
) -> None:
    settings = EngineSettings()
    progress = Progress(settings.sync_deadline)

    async def late(stream: trio.SocketStream) -> None:
        await trio.sleep(settings.call_deadline - 1)
        await stream.send_all(OK)

    world.calls.deadline_s = settings.call_deadline
    world.calls.patience = progress.patience
    world.provider.answers = [silence, silence, silence, late]
    async with trio.open_nursery() as nursery:
        work = trio.CancelScope()
        nursery.start_soon(progress.watch, work)
        with work:
            assert (await world.calls.get("/Invoices")).content == b"{}"
        nursery.cancel_scope.cancel()
    assert not progress.stalled
