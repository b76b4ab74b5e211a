"""A full sync under Xero's own limits: nearly all of the minute used, and hardly ever too much.

The whole way from `TenantCalls` to the answer's headers runs in virtual time, against a provider that
counts its limits on its own: over a span that slides, or from one full minute to the next.
Run with `-s` to see the figures.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Protocol

import httpx
import pytest
import trio
from attrs import define, field
from trio.testing import MockClock

from tallystick.config import ProviderSettings
from tallystick.connectors.budget import Budgets
from tallystick.connectors.circuit import Circuit
from tallystick.connectors.large_answers import LargeAnswers
from tallystick.connectors.sandbox.limits import Allowance, Meter
from tallystick.connectors.transport import CallRetried, TenantCalls
from tallystick.connectors.xero import xero
from tallystick.telemetry import Telemetry

MINUTE, DAY, IN_FLIGHT = 60, 5000, 5
DATA_TYPES = 20
PAGES = 24  #: of each data type: eight minutes' worth of calls


class Limiter(Protocol):
    """What a provider counts with."""

    def enter(self) -> str | None:
        """Let a call in, or name the limit that it breaks."""

    def leave(self) -> None:
        """A call that was let in is answered."""

    def left(self) -> int:
        """Calls left this minute."""


@define
class VirtualClock:
    """The sandbox's clock, by trio's."""

    def now(self) -> datetime:
        return datetime(2026, 3, 1, tzinfo=UTC) + timedelta(seconds=trio.current_time())


@define(eq=False)
class SlidingMinute:
    """The sandbox's own meter, with Xero's limits."""

    meter: Meter = field(
        factory=lambda: Meter(
            Allowance(minute=MINUTE, day=DAY, in_flight=IN_FLIGHT, app_minute=10_000),
            VirtualClock(),  # type: ignore[arg-type]
        )
    )

    def enter(self) -> str | None:
        refusal = self.meter.enter("amber")
        return None if refusal is None else refusal.scope

    def leave(self) -> None:
        self.meter.leave("amber")

    def left(self) -> int:
        return self.meter.left("amber")["minute"]


@define(eq=False)
class FixedMinute:
    """Counts from one full minute of its clock to the next, which is not ours."""

    offset_s: float = 41.3
    minute: int = -1
    calls: int = 0
    in_flight: int = 0

    def enter(self) -> str | None:
        self._turn()
        if self.in_flight >= IN_FLIGHT:
            return "concurrent"
        if self.calls >= MINUTE:
            return "minute"
        self.calls += 1
        self.in_flight += 1
        return None

    def leave(self) -> None:
        self.in_flight -= 1

    def left(self) -> int:
        self._turn()
        return MINUTE - self.calls

    def _turn(self) -> None:
        minute = int((trio.current_time() + self.offset_s) // 60)
        if minute != self.minute:
            self.minute, self.calls = minute, 0


@define(eq=False)
class Provider:
    """Xero as far as limits go, as an ASGI application. It does its work at some moment before it answers."""

    limiter: Limiter
    latency: Callable[[], float]
    random: Random = field(factory=lambda: Random(1))
    answered: list[float] = field(factory=list)
    refused: list[str] = field(factory=list)
    in_flight: int = 0
    most_in_flight: int = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        lasts, before = self.latency(), self.random.random()
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        await trio.sleep(lasts * before)
        refused = self.limiter.enter()
        headers = {"X-MinLimit-Remaining": str(self.limiter.left())}
        if refused is None:
            await trio.sleep(lasts * (1 - before))
            self.limiter.leave()
            self.answered.append(trio.current_time())
        else:
            self.refused.append(refused)
            headers |= {"X-Rate-Limit-Problem": refused.title(), "Retry-After": "1"}
        self.in_flight -= 1
        raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        await send(
            {"type": "http.response.start", "status": 429 if refused else 200, "headers": raw},
        )
        await send({"type": "http.response.body", "body": b"{}"})


async def full_sync(provider: Provider, telemetry: Telemetry) -> None:
    """Every data type side by side, each one's pages one after the other: no other wait than the budget's."""
    connector = xero(ProviderSettings(client_id="app", api_url="http://xero.example"))
    budgets = Budgets(telemetry, lambda: datetime(2026, 3, 1, tzinfo=UTC))

    async def token(_refused: str | None) -> str:
        return "token"

    async def read(data_type: int) -> None:
        for page in range(PAGES):
            answer = await calls.get(f"/Type{data_type}", params={"page": str(page)})
            assert answer.status_code == 200

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=provider)) as http:
        calls = TenantCalls(
            connector=connector,
            tenant_id="amber",
            http=http,
            budget=budgets.tenant("xero", "amber", connector.manifest.limits),
            circuit=Circuit("xero", telemetry),
            token=token,
            telemetry=telemetry,
            deadline_s=60,
            limit_bytes=1000,
            large=LargeAnswers(),
            owner=object(),
        )
        async with trio.open_nursery() as nursery:
            for data_type in range(DATA_TYPES):
                nursery.start_soon(read, data_type)


def share_of_the_minutes(answered: list[float]) -> float:
    """Calls in whole minutes from the first call on, of what the limit allows in them; the last is not whole."""
    minutes = int(answered[-1] // 60)
    return sum(at < minutes * 60 for at in answered) / (minutes * MINUTE)


@pytest.mark.parametrize("latency_s", [0.05, 0.8, 3.0], ids=["50 ms", "800 ms", "3 s"])
@pytest.mark.parametrize("limiter", [SlidingMinute, FixedMinute], ids=["sliding", "fixed"])
async def test_a_full_sync_uses_nine_tenths_of_the_minute_and_is_hardly_ever_refused(
    limiter: type[Any], latency_s: float, autojump_clock: MockClock
) -> None:
    random = Random(7)
    provider = Provider(limiter(), lambda: latency_s * random.uniform(0.5, 1.5))
    telemetry, retries = Telemetry(), list[Any]()
    telemetry.listen(CallRetried, retries.append)
    await full_sync(provider, telemetry)
    share = share_of_the_minutes(provider.answered)
    refused = len(provider.refused) / (DATA_TYPES * PAGES)
    print(  # noqa: T201 - a figure for who looks
        f"\n{limiter.__name__}, {latency_s:g} s: {share:.1%} of the minute budget, "
        f"{refused:.2%} answered 429, {provider.most_in_flight} in flight at most, "
        f"{len(provider.answered)} calls in {provider.answered[-1]:.0f} s"
    )
    assert len(provider.answered) == DATA_TYPES * PAGES
    assert share >= 0.9
    assert refused < 0.01
    assert provider.most_in_flight <= IN_FLIGHT


async def test_a_second_program_that_uses_the_same_minute_costs_few_refusals(
    autojump_clock: MockClock,
) -> None:
    """Half of the minute goes to somebody else: what the answers say is left is what we go by."""
    provider = Provider(SlidingMinute(), lambda: 0.3)

    async def somebody_else() -> None:
        while True:
            if provider.limiter.enter() is None:
                provider.limiter.leave()
            await trio.sleep(2)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(somebody_else)
        await full_sync(provider, Telemetry())
        nursery.cancel_scope.cancel()
    assert len(provider.answered) == DATA_TYPES * PAGES
    assert len(provider.refused) / len(provider.answered) < 0.1
    print(f"\n{len(provider.refused)} of {len(provider.answered)} answered 429")  # noqa: T201
