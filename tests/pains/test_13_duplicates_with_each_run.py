"""Every run writes its overlap again: duplicates, change events, webhooks for nothing.

Here fifty runs without a change write no row and move no date.
"""

from datetime import timedelta

from tests.engine.conftest import House
from tests.pains.conftest import invoices, modified_dates, sync

from tallystick.engine import PageStored


async def test_fifty_runs_without_changes_change_nothing(house: House) -> None:
    house.provider.client.pages_of["Invoices"] = [invoices(*range(30))]
    row = await house.linked()
    await sync(house, row)
    before = await modified_dates(house)
    events = house.hear(PageStored)
    for _ in range(50):
        house.clock.now += timedelta(hours=1)
        house.provider.client.provider_time = house.clock.now
        await sync(house, row, "invoices")
    assert await modified_dates(house) == before
    stored = [event for event in events if isinstance(event, PageStored)]
    assert len(stored) == 50
    assert sum(event.created + event.updated for event in stored) == 0
