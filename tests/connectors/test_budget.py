"""What a tenant's budget promises, in virtual time."""

import pytest
import trio
from trio.testing import MockClock

from tallystick.connectors import Limits, Pace
from tallystick.connectors.budget import Budget, BudgetWaited
from tallystick.errors import RateLimited
from tallystick.telemetry import Telemetry


def a_budget(minute: int | None = 60, day: int | None = 5000, in_flight: int = 5) -> Budget:
    limits = Limits(calls_a_minute=minute, calls_a_day=day, calls_in_flight=in_flight)
    return Budget("xero", limits, Telemetry())


async def spend(budget: Budget, calls: int, seconds: float = 0.0) -> list[float]:
    """Make calls at once; when each began."""
    began: list[float] = []

    async def call() -> None:
        async with budget.call():
            began.append(trio.current_time())
            await trio.sleep(seconds)

    async with trio.open_nursery() as nursery:
        for _ in range(calls):
            nursery.start_soon(call)
    return began


async def test_a_minute_never_holds_more_calls_than_the_limit(autojump_clock: MockClock) -> None:
    began = sorted(await spend(a_budget(minute=60), 150, seconds=0.2))
    for first, after in zip(began, began[60:], strict=False):
        assert after - first >= 60


async def test_calls_in_flight_are_bounded(autojump_clock: MockClock) -> None:
    budget = a_budget(minute=None, in_flight=5)
    most = 0

    async def call() -> None:
        nonlocal most
        async with budget.call():
            most = max(most, budget.in_flight)
            await trio.sleep(1)

    async with trio.open_nursery() as nursery:
        for _ in range(50):
            nursery.start_soon(call)
    assert most == 5


async def test_without_limits_nothing_waits(autojump_clock: MockClock) -> None:
    assert set(await spend(a_budget(minute=None, day=None, in_flight=1000), 500)) == {trio.current_time()}


async def test_a_day_that_is_spent_is_told_at_once_and_no_further_call_is_made(
    autojump_clock: MockClock,
) -> None:
    budget = a_budget(minute=None, day=10)
    await spend(budget, 10)
    with pytest.RaisesGroup(RateLimited):
        await spend(budget, 1)
    await trio.sleep(86_400)
    assert len(await spend(budget, 10)) == 10


async def test_what_the_provider_says_closes_the_budget_for_everybody(autojump_clock: MockClock) -> None:
    budget = a_budget()
    budget.hear(Pace(retry_after_s=30.0, scope="minute"))
    before = trio.current_time()
    assert min(await spend(budget, 3)) - before == pytest.approx(30)


async def test_a_day_limit_of_the_providers_is_not_waited_for(autojump_clock: MockClock) -> None:
    budget = a_budget()
    budget.hear(Pace(retry_after_s=40_000.0, scope="day"))
    with pytest.RaisesGroup(pytest.RaisesExc(RateLimited, check=lambda e: e.scope == "day")):
        await spend(budget, 1)


async def test_waiting_is_told_with_its_length(autojump_clock: MockClock) -> None:
    budget, waits = a_budget(), []
    budget.telemetry.listen(BudgetWaited, waits.append)
    budget.hear(Pace(retry_after_s=12.0, scope="minute"))
    await spend(budget, 1)
    assert [event.seconds for event in waits] == [pytest.approx(12)]
