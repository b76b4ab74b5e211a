"""That budgets outlive the process, and what a kill costs."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trio
from attrs import define, field
from trio.testing import MockClock

from tallystick.connectors import Limits, Pace
from tallystick.connectors.budget import Budgets
from tallystick.engine.budget_keeping import BudgetKeeping
from tallystick.errors import RateLimited
from tallystick.store import DataFolder, GroupCommitted, Stores, budgets, new_key, open_stores
from tallystick.telemetry import Telemetry

LIMITS = Limits(calls_a_minute=10, calls_a_day=100, calls_in_flight=5, app_calls_a_minute=1000)
KEY = new_key()


@define(eq=False)
class Wall:
    """A wall clock that goes with trio's, and can be set."""

    now: datetime = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    _set_at: float = field(factory=trio.current_time)

    def __call__(self) -> datetime:
        return self.now + timedelta(seconds=trio.current_time() - self._set_at)


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncGenerator[Stores, None]:
    folder = DataFolder.open(tmp_path / "data", KEY, create=True)
    async with open_stores(folder, Telemetry(), Wall(), inline=True) as opened:
        yield opened


async def started(stores: Stores) -> tuple[Budgets, BudgetKeeping]:
    of = Budgets(Telemetry(), stores.clock)
    keeping = BudgetKeeping(stores, of)
    await keeping.restore()
    return of, keeping


async def spend(of: Budgets, calls: int) -> None:
    for _ in range(calls):
        async with of.tenant("xero", "amber", LIMITS).call():
            pass


async def test_what_was_called_and_what_is_closed_is_there_after_a_stop(
    stores: Stores, autojump_clock: MockClock
) -> None:
    of, keeping = await started(stores)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(keeping.run)
        await spend(of, 7)
        of.tenant("xero", "birch", LIMITS).hear(Pace(retry_after_s=50_000.0, scope="day"))
        await trio.sleep(0.1)
        await spend(of, 2)
        nursery.cancel_scope.cancel()
    again, _ = await started(stores)
    await spend(again, 1)
    before = trio.current_time()
    await spend(again, 1)
    assert trio.current_time() - before == pytest.approx(60, abs=0.3), "nine were made, one is new"
    with pytest.raises(RateLimited) as told:
        async with again.tenant("xero", "birch", LIMITS).call():
            pass
    assert told.value.retry_after == pytest.approx(50_000 - 60, abs=1)


async def test_a_kill_forgets_the_calls_of_one_second_at_most(
    stores: Stores, autojump_clock: MockClock
) -> None:
    of, keeping = await started(stores)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(keeping.run)
        for _ in range(9):
            await spend(of, 1)
            await trio.sleep(0.7)
        kept = await stores.control.read(budgets.every)  # what a kill at this moment leaves behind
        nursery.cancel_scope.cancel()
    (amber,) = [row for row in kept if row.tenant_id == "amber"]
    assert sum(calls for _, calls in amber.minute) >= 8
    assert sum(calls for _, calls in amber.day) >= 8


async def test_after_a_kill_the_first_answer_tells_what_the_lost_second_had(
    stores: Stores, autojump_clock: MockClock
) -> None:
    """Why losing it is safe: what is left, as the provider says, is less than our count, and is believed."""
    of, _ = await started(stores)
    budget = of.tenant("xero", "amber", LIMITS)
    async with budget.call() as spent:
        spent.hear(Pace(left_this_minute=2))
    before = trio.current_time()
    await spend(of, 2)
    assert trio.current_time() == before
    await spend(of, 1)
    assert trio.current_time() - before == pytest.approx(60)


async def test_a_day_that_closes_is_on_the_disk_at_once(stores: Stores, autojump_clock: MockClock) -> None:
    of, keeping = await started(stores)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(keeping.run)
        await spend(of, 1)
        await trio.sleep(0.1)
        of.tenant("xero", "amber", LIMITS).hear(Pace(retry_after_s=50_000.0, scope="day"))
        await trio.sleep(0.01)
        kept = await stores.control.read(budgets.every)
        nursery.cancel_scope.cancel()
    (amber,) = [row for row in kept if row.tenant_id == "amber"]
    assert (amber.closed_by, round(amber.closed_for_s)) == ("day", 50_000)


async def test_nothing_is_written_while_nothing_is_called_and_once_a_second_else(
    stores: Stores, autojump_clock: MockClock
) -> None:
    of, keeping = await started(stores)
    commits: list[GroupCommitted] = []
    stores.telemetry.listen(GroupCommitted, commits.append)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(keeping.run)
        await trio.sleep(3600)
        assert commits == []
        for _ in range(50):
            async with of.tenant("xero", "amber", LIMITS).call() as spent:
                await trio.sleep(0.1)
                spent.withdraw()
        assert 4 <= len(commits) <= 6
        nursery.cancel_scope.cancel()


async def test_rows_that_tell_nothing_any_more_go_at_the_next_start(
    stores: Stores, autojump_clock: MockClock
) -> None:
    of, keeping = await started(stores)
    await spend(of, 1)
    await keeping.write()
    assert len(await stores.control.read(budgets.every)) == 2
    await trio.sleep(26 * 3600)
    await started(stores)
    assert await stores.control.read(budgets.every) == []
