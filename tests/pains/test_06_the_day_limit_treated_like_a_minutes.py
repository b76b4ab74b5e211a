"""A spent day is retried every minute, and each retry burns what the next day has.

Here a day's limit closes the tenant until the provider's own time of reset, without a call, over a restart
too; the connection says that it is throttled and when it goes on. (The incident comes with operations.)
"""

from datetime import UTC, datetime, timedelta

import pytest
import trio
from attrs import define
from tests.engine.conftest import House
from tests.pains.conftest import sync

from tallystick.connectors import Limits, Pace
from tallystick.connectors.budget import Budgets
from tallystick.errors import RateLimited
from tallystick.store import refreshes
from tallystick.telemetry import Telemetry

LIMITS = Limits(calls_a_minute=60, calls_a_day=5000, calls_in_flight=5)
RESET_S = 66_975.0  #: seen at Xero


@define
class Wall:
    """A wall clock that goes with trio's."""

    began: float

    def __call__(self) -> datetime:
        return datetime(2026, 3, 1, 12, tzinfo=UTC) + timedelta(seconds=trio.current_time() - self.began)


async def test_no_call_goes_out_before_the_day_is_over_nor_after_a_restart(
    autojump_clock: trio.testing.MockClock,
) -> None:
    wall = Wall(trio.current_time())
    before = Budgets(Telemetry(), wall)
    budget = before.tenant("xero", "amber", LIMITS)
    async with budget.call() as spent:
        spent.hear(Pace(retry_after_s=RESET_S, scope="day"))
    with pytest.raises(RateLimited) as refusal:
        async with budget.call():
            raise AssertionError("a call went out")
    assert refusal.value.scope == "day"
    assert refusal.value.retry_after == pytest.approx(RESET_S, abs=1)

    await trio.sleep(3600)
    after = Budgets(Telemetry(), wall)
    after.restore(before.snapshot())
    with pytest.raises(RateLimited):
        async with after.tenant("xero", "amber", LIMITS).call():
            raise AssertionError("a call went out")

    await trio.sleep(RESET_S - 3600 + 1)
    async with after.tenant("xero", "amber", LIMITS).call():
        pass


async def test_the_connection_is_throttled_and_goes_on_by_itself_after_the_reset(house: House) -> None:
    house.provider.client.pages_of["Invoices"] = [
        RateLimited(platform="xero", scope="day", retry_after=RESET_S)
    ]
    row = await house.linked()
    await sync(house, row, "invoices")
    with trio.fail_after(5):
        while (await house.row(row)).state != "Throttled":
            await trio.sleep(0.01)
    async with house.stores.client(house.client_id) as store:
        due = await store.read(refreshes.next_due, row.id, house.clock.now)
    assert due is not None
    assert RESET_S <= (due - house.clock.now).total_seconds() < RESET_S + 600
