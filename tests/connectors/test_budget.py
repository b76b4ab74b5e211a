"""What a tenant's budget promises, in virtual time."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import trio
from attrs import define, field
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trio.testing import MockClock

from tallystick.connectors import Limits, Pace
from tallystick.connectors.budget import Budget, BudgetClosed, Budgets, BudgetWaited, Priority
from tallystick.errors import RateLimited
from tallystick.telemetry import Telemetry

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@define(eq=False)
class Wall:
    """A wall clock that goes with trio's, and can be set."""

    now: datetime = NOON
    _set_at: float = field(factory=trio.current_time)

    def __call__(self) -> datetime:
        return self.now + timedelta(seconds=trio.current_time() - self._set_at)

    def leap(self, **by: float) -> None:
        self.now += timedelta(**by)


def some_limits(
    minute: int | None = 60, day: int | None = 5000, in_flight: int = 5, app: int | None = None
) -> Limits:
    return Limits(calls_a_minute=minute, calls_a_day=day, calls_in_flight=in_flight, app_calls_a_minute=app)


def a_budget(minute: int | None = 60, day: int | None = 5000, in_flight: int = 5) -> Budget:
    return Budget("xero", some_limits(minute, day, in_flight), Telemetry())


async def spend(budget: Budget, calls: int, seconds: float = 0.0, priority: Priority = "sync") -> list[float]:
    """Make calls at once; when each began."""
    began: list[float] = []

    async def call() -> None:
        async with budget.call(priority):
            began.append(trio.current_time())
            await trio.sleep(seconds)

    async with trio.open_nursery() as nursery:
        for _ in range(calls):
            nursery.start_soon(call)
    return began


async def refusal(budget: Budget) -> RateLimited:
    with pytest.raises(RateLimited) as told:
        async with budget.call():
            pass
    return told.value


# --- our own count ---------------------------------------------------------------------------------


async def test_a_minute_never_holds_more_calls_than_the_limit(autojump_clock: MockClock) -> None:
    began = sorted(await spend(a_budget(minute=60), 150, seconds=0.2))
    for first, after in zip(began, began[60:], strict=False):
        assert after - first >= 60


async def test_without_any_word_of_the_providers_the_minute_still_slides(autojump_clock: MockClock) -> None:
    """Pain 7: the 501st call waits a minute at most, not until some window that was made up."""
    budget = a_budget(minute=500, day=None, in_flight=10)
    await spend(budget, 500, seconds=0.1)
    before = trio.current_time()
    await spend(budget, 1)
    assert 0 < trio.current_time() - before <= 60


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


async def test_a_slow_call_counts_until_a_minute_after_its_answer(autojump_clock: MockClock) -> None:
    """The provider may count it as late as that: else a fast call at the minute's end is one too many."""
    budget = a_budget(minute=1, in_flight=5)
    before = trio.current_time()
    await spend(budget, 2, seconds=7)
    assert trio.current_time() - before == pytest.approx(7 + 60 + 7)


async def test_an_answer_that_takes_long_to_read_counts_from_its_beginning(autojump_clock: MockClock) -> None:
    budget = a_budget(minute=1, in_flight=5)
    before = trio.current_time()
    async with budget.call() as spent:
        await trio.sleep(1)
        spent.answered()
        await trio.sleep(30)
    await spend(budget, 1)
    assert trio.current_time() - before == pytest.approx(61)


async def test_a_call_that_was_not_sent_costs_nothing(autojump_clock: MockClock) -> None:
    budget = a_budget(minute=1, day=1)
    for _ in range(3):
        async with budget.call() as spent:
            spent.withdraw()
    assert await spend(budget, 1) == [trio.current_time()]
    assert budget.in_flight == 0


async def test_a_day_that_is_spent_is_told_at_once_and_no_further_call_is_made(
    autojump_clock: MockClock,
) -> None:
    budget = a_budget(minute=None, day=10)
    await spend(budget, 10)
    refused = await refusal(budget)
    assert refused.scope == "day"
    assert 86_000 < refused.retry_after <= 86_400
    await trio.sleep(refused.retry_after)
    assert len(await spend(budget, 10)) == 10


async def test_a_day_of_calls_is_a_hundred_numbers(autojump_clock: MockClock) -> None:
    """A list of every call's time would be gigabytes for ten thousand tenants."""
    budgets = Budgets(Telemetry(), Wall())
    budget = budgets.tenant("xero", "amber", some_limits(minute=None, day=5000))
    for _ in range(2000):
        await spend(budget, 1)
        await trio.sleep(43.2)
    day = budgets.snapshot()[-1].kept.day
    assert len(day) <= 100
    assert 1950 <= sum(calls for _, calls in day) <= 2000


# --- whose turn it is ------------------------------------------------------------------------------


async def served(budget: Budget, asked: list[tuple[str, Priority]]) -> list[str]:
    """Ask in this order while one call is out; the order in which they are served, one at a time."""
    order: list[str] = []

    async def call(name: str, priority: Priority) -> None:
        async with budget.call(priority):
            order.append(name)
            await trio.sleep(1)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(call, "first", "sync")
        await trio.testing.wait_all_tasks_blocked()
        for name, priority in asked:
            nursery.start_soon(call, name, priority)
            await trio.testing.wait_all_tasks_blocked()
    return order[1:]


async def test_a_person_who_waits_goes_first_then_a_link_then_syncs_in_their_order(
    autojump_clock: MockClock,
) -> None:
    asked: list[tuple[str, Priority]] = [
        ("s1", "sync"),
        ("s2", "sync"),
        ("l1", "link"),
        ("p1", "interactive"),
    ]
    assert await served(a_budget(in_flight=1), asked) == ["p1", "l1", "s1", "s2"]


async def test_a_flood_of_interactive_calls_leaves_syncs_one_turn_in_four(autojump_clock: MockClock) -> None:
    asked: list[tuple[str, Priority]] = [(f"s{n}", "sync") for n in range(2)]
    asked += [(f"p{n}", "interactive") for n in range(9)]
    order = await served(a_budget(in_flight=1), asked)
    assert order[:8] == ["p0", "p1", "p2", "s0", "p3", "p4", "p5", "s1"]


async def test_who_gives_up_waiting_takes_no_turn_and_holds_nobody_up(autojump_clock: MockClock) -> None:
    budget = a_budget(minute=1, in_flight=1)
    await spend(budget, 1)

    async def impatient(priority: Priority) -> None:
        with trio.move_on_after(5):
            await spend(budget, 1, priority=priority)

    async with trio.open_nursery() as nursery:
        for priority in ("interactive", "sync", "link"):
            nursery.start_soon(impatient, priority)
        nursery.start_soon(spend, budget, 1)
    assert trio.current_time() == pytest.approx(60)
    assert budget.in_flight == budget.tenant.waiting == 0


# --- what the provider says ------------------------------------------------------------------------


async def test_what_the_provider_says_closes_the_budget_for_everybody(autojump_clock: MockClock) -> None:
    budget, closings = a_budget(), list[Any]()
    budget.telemetry.listen(BudgetClosed, closings.append)
    for _ in range(5):
        budget.hear(Pace(retry_after_s=30.0, scope="minute"))
    before = trio.current_time()
    assert min(await spend(budget, 3)) - before == pytest.approx(30)
    assert [(event.scope, event.seconds) for event in closings] == [("minute", 30.0)]


async def test_a_day_limit_of_the_providers_parks_with_its_time_and_no_call_goes_out(
    autojump_clock: MockClock,
) -> None:
    budget = a_budget()
    waiting: list[RateLimited] = []

    async def wait_for_a_call() -> None:
        waiting.append(await refusal(budget))

    async with trio.open_nursery() as nursery:
        await spend(budget, 60)
        nursery.start_soon(wait_for_a_call)
        await trio.sleep(1)
        budget.hear(Pace(retry_after_s=40_000.0, scope="day"))
    assert [(each.scope, each.retry_after) for each in waiting] == [("day", 40_000.0)]
    await trio.sleep(39_000)
    assert (await refusal(budget)).retry_after == pytest.approx(1000)
    await trio.sleep(1000)
    assert len(await spend(budget, 1)) == 1


async def test_too_many_at_once_lets_fewer_out_for_a_while_and_closes_nothing(
    autojump_clock: MockClock,
) -> None:
    budget = a_budget(minute=None, in_flight=5)
    most = Counter[str]()

    async def call(when: str) -> None:
        async with budget.call():
            most[when] = max(most[when], budget.in_flight)
            await trio.sleep(1)

    async with trio.open_nursery() as nursery:
        for _ in range(5):
            nursery.start_soon(call, "before")
        await trio.testing.wait_all_tasks_blocked()
        budget.hear(Pace(retry_after_s=1.0, scope="concurrent"))
    async with trio.open_nursery() as nursery:
        async with budget.call(), budget.call(), budget.call() as third:
            third.hear(Pace(retry_after_s=1.0, scope="concurrent"))
        before = trio.current_time()
        for _ in range(8):
            nursery.start_soon(call, "lowered")
    assert trio.current_time() - before == pytest.approx(4)
    await trio.sleep(60)
    async with trio.open_nursery() as nursery:
        for _ in range(8):
            nursery.start_soon(call, "after")
    assert most == {"before": 5, "lowered": 2, "after": 5}


async def test_calls_that_others_made_are_learnt_from_what_is_left(autojump_clock: MockClock) -> None:
    budget = a_budget(minute=60)
    async with budget.call() as spent:
        spent.hear(Pace(left_this_minute=9))
    before = trio.current_time()
    began = await spend(budget, 10)
    assert [at - before for at in sorted(began)][8:] == [0.0, pytest.approx(60)]


async def test_a_larger_number_than_our_own_count_is_not_believed(autojump_clock: MockClock) -> None:
    budget = a_budget(minute=10)
    for _ in range(10):
        async with budget.call() as spent:
            spent.hear(Pace(left_this_minute=1000, left_today=100_000))
    before = trio.current_time()
    await spend(budget, 1)
    assert trio.current_time() - before == pytest.approx(60)


async def test_calls_sent_meanwhile_explain_a_smaller_number(autojump_clock: MockClock) -> None:
    """Else every answer would lower the count by what is in flight, and most of the minute were lost."""
    budget = a_budget(minute=10, in_flight=5)
    async with budget.call() as first, budget.call(), budget.call():
        first.hear(Pace(left_this_minute=7))  # 10, less the three that are out
    before = trio.current_time()
    assert set(await spend(budget, 7)) == {before}


async def test_a_wrong_word_is_not_believed_for_ever(autojump_clock: MockClock) -> None:
    budget = a_budget()
    budget.hear(Pace(retry_after_s=1e9, scope="minute"))
    assert (await refusal(budget)).retry_after <= 3600
    budget = a_budget()
    budget.hear(Pace(retry_after_s=1e9, scope="day"))
    assert (await refusal(budget)).retry_after <= 86_400
    budget = a_budget()
    async with budget.call() as spent:
        spent.hear(Pace(left_today=0))
    assert (await refusal(budget)).retry_after <= 3600


async def test_waiting_is_told_with_its_length(autojump_clock: MockClock) -> None:
    budget, waits = a_budget(), list[Any]()
    budget.telemetry.listen(BudgetWaited, waits.append)
    budget.hear(Pace(retry_after_s=12.0, scope="minute"))
    await spend(budget, 1)
    assert [event.seconds for event in waits] == [pytest.approx(12)]


# --- the app over its tenants ----------------------------------------------------------------------


async def test_tenants_share_what_the_app_may_call(autojump_clock: MockClock) -> None:
    budgets = Budgets(Telemetry(), Wall())
    limits = some_limits(app=100)
    tenants = [budgets.tenant("xero", name, limits) for name in ("amber", "birch", "cedar")]
    other = budgets.tenant("sage", "amber", limits)
    began: list[float] = []

    async def keep_calling(budget: Budget) -> None:
        began.extend(await spend(budget, 60, seconds=0.1))

    async with trio.open_nursery() as nursery:
        for tenant in tenants:
            nursery.start_soon(keep_calling, tenant)
    began.sort()
    for first, after in zip(began, began[100:], strict=False):
        assert after - first >= 60
    before = trio.current_time()
    assert set(await spend(other, 5)) == {before}


async def test_an_app_that_is_limited_closes_every_tenant_and_a_tenant_only_itself(
    autojump_clock: MockClock,
) -> None:
    budgets = Budgets(Telemetry(), Wall())
    amber, birch = (budgets.tenant("xero", name, some_limits(app=100)) for name in ("amber", "birch"))
    amber.hear(Pace(retry_after_s=20.0, scope="minute"))
    before = trio.current_time()
    assert await spend(birch, 1) == [before]
    amber.hear(Pace(retry_after_s=50.0, scope="appminute"))
    assert await spend(birch, 1) == [pytest.approx(before + 50)]
    async with birch.call() as spent:
        spent.hear(Pace(app_left_this_minute=0))
    assert await spend(amber, 1) == [pytest.approx(before + 60)], "when our own first call is a minute old"


async def test_the_same_tenant_has_the_same_budget() -> None:
    budgets = Budgets(Telemetry(), Wall())
    assert budgets.tenant("xero", "amber", some_limits()) is budgets.tenant("xero", "amber", some_limits())


async def test_the_share_that_is_left_is_that_of_whoever_has_least(autojump_clock: MockClock) -> None:
    telemetry = Telemetry()
    budgets = Budgets(telemetry, Wall())
    assert telemetry.sample("provider.rate_limit_remaining") == {}
    budgets.tenant("xero", "amber", some_limits())
    await spend(budgets.tenant("xero", "birch", some_limits(minute=60)), 45)
    assert telemetry.sample("provider.rate_limit_remaining") == {("xero",): 0.25}
    budgets.tenant("xero", "amber", some_limits()).hear(Pace(retry_after_s=9.0, scope="minute"))
    assert telemetry.sample("provider.rate_limit_remaining") == {("xero",): 0.0}


# --- over a restart --------------------------------------------------------------------------------


def restarted(before: Budgets, clock: Wall, **down: float) -> Budgets:
    kept = before.snapshot()
    clock.leap(**down)
    after = Budgets(Telemetry(), clock)
    after.restore(kept)
    return after


async def test_a_restart_goes_on_with_the_minute_and_the_day_as_they_were(autojump_clock: MockClock) -> None:
    clock = Wall()
    budgets = Budgets(Telemetry(), clock)
    limits = some_limits(minute=10, day=15)
    await spend(budgets.tenant("xero", "amber", limits), 10)
    await trio.sleep(20)
    budget = restarted(budgets, clock, seconds=10).tenant("xero", "amber", limits)
    before = trio.current_time()
    began = await spend(budget, 5)
    assert began == [pytest.approx(before + 30, abs=0.5)] * 5
    assert (await refusal(budget)).scope == "day"


async def test_a_day_that_was_closed_stays_closed_over_a_restart(autojump_clock: MockClock) -> None:
    """Pain 6: a restart must not spend calls on finding out again."""
    clock = Wall()
    budgets = Budgets(Telemetry(), clock)
    budgets.tenant("xero", "amber", some_limits()).hear(Pace(retry_after_s=40_000.0, scope="day"))
    idle = restarted(budgets, clock, seconds=4000)
    again = restarted(idle, clock, seconds=6000)
    refused = await refusal(again.tenant("xero", "amber", some_limits()))
    assert (refused.scope, refused.retry_after) == ("day", pytest.approx(30_000))
    assert await spend(again.tenant("xero", "birch", some_limits()), 1) == [trio.current_time()]


@pytest.mark.parametrize("days", [-400, -1, 400], ids=["a year back", "a day back", "a year ahead"])
async def test_a_wall_clock_that_leaps_never_closes_for_longer(days: int, autojump_clock: MockClock) -> None:
    clock = Wall()
    budgets = Budgets(Telemetry(), clock)
    amber, birch = (budgets.tenant("xero", name, some_limits(minute=10)) for name in ("amber", "birch"))
    amber.hear(Pace(retry_after_s=3000.0, scope="day"))
    await spend(birch, 10)
    again = restarted(budgets, clock, days=days)
    waited = [0.0]
    if days < 0:
        waited = [(await refusal(again.tenant("xero", "amber", some_limits(minute=10)))).retry_after]
    assert max(waited) <= 3000
    before = trio.current_time()
    await spend(again.tenant("xero", "birch", some_limits(minute=10)), 10)
    assert trio.current_time() - before <= 60


async def test_only_what_changed_is_kept_again_and_a_long_closing_presses(autojump_clock: MockClock) -> None:
    budgets = Budgets(Telemetry(), Wall())
    amber, birch = (budgets.tenant("xero", name, some_limits()) for name in ("amber", "birch"))
    assert not budgets.dirty
    await spend(amber, 1)
    with trio.fail_after(1):
        await budgets.stirred()
    assert {state.tenant_id for state in budgets.take_changes()} == {"amber", None}
    assert not budgets.dirty
    birch.hear(Pace(retry_after_s=40_000.0, scope="day"))
    with trio.fail_after(1):
        await budgets.pressing()
    changes = budgets.take_changes()
    assert [state.tenant_id for state in changes] == ["birch"]
    budgets.give_back(changes)
    assert budgets.dirty


# --- whatever happens ------------------------------------------------------------------------------

ARRIVALS = st.lists(
    st.tuples(
        st.floats(0, 20),  # seconds after the call before
        st.floats(0, 30),  # until it is answered
        st.floats(0, 1),  # where in between the provider counts it
        st.sampled_from(["interactive", "link", "sync"]),
        st.one_of(
            st.none(),
            st.builds(Pace, left_this_minute=st.integers(0, 20), app_left_this_minute=st.integers(0, 40)),
            st.builds(
                Pace,
                retry_after_s=st.floats(0, 100),
                scope=st.sampled_from(["minute", "appminute", "concurrent", None]),
            ),
        ),
        st.booleans(),  # given up while it waits
    ),
    max_size=60,
)


@given(ARRIVALS, st.integers(1, 12), st.integers(1, 5))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_comes_no_minute_of_the_providers_holds_too_many_and_nobody_waits_for_ever(
    arrivals: list[tuple[float, float, float, Priority, Pace | None, bool]], limit: int, in_flight: int
) -> None:
    """Arrivals, answering times, the moment of counting and the words on the limits are as they like."""
    counted: list[float] = []
    ended: list[str] = []

    async def call(
        budget: Budget, lasts: float, at: float, priority: Priority, pace: Pace | None, impatient: bool
    ) -> None:
        try:
            with trio.move_on_after(3.0 if impatient else 1e9) as patience:
                async with budget.call(priority) as spent:
                    patience.deadline = float("inf")
                    await trio.sleep(lasts * at)
                    counted.append(trio.current_time())
                    assert budget.in_flight <= in_flight
                    await trio.sleep(lasts - lasts * at)
                    if pace is not None:
                        spent.hear(pace)
            ended.append("given up" if patience.cancelled_caught else "made")
        except RateLimited:
            ended.append("refused")

    async def main() -> None:
        budget = Budget("xero", some_limits(limit, 10_000, in_flight, app=limit + 3), Telemetry())
        async with trio.open_nursery() as nursery:
            for pause, *how in arrivals:
                await trio.sleep(pause)
                nursery.start_soon(call, budget, *how)
        assert budget.in_flight == budget.tenant.waiting == budget.app.waiting == 0
        assert trio.current_time() <= 20 * len(arrivals) + (len(arrivals) + 1) * 300
        before = trio.current_time()
        with trio.fail_after(400):
            await spend(budget, 1)
        assert trio.current_time() - before <= 120

    trio.run(main, clock=MockClock(autojump_threshold=0))
    assert len(ended) == len(arrivals)
    counted.sort()
    for first, after in zip(counted, counted[limit:], strict=False):
        assert after - first > 60 - 1e-6
