"""A sync stands still for ever and reports success each time.

Here it is stopped, its datasets say why, and its outcome is `stalled`.
"""

import trio
from attrs import evolve
from tests.engine.conftest import House
from tests.pains.conftest import invoices, sync

from tallystick.engine import SyncFinished, SyncStoodStill


async def test_a_sync_that_does_not_get_on_is_never_green(house: House) -> None:
    events = house.hear(SyncStoodStill, SyncFinished)
    house.engine.roster.settings = evolve(house.engine.settings, sync_deadline=0.2, call_deadline=0.1)
    house.provider.client.pages_of["Invoices"] = [invoices(1), invoices(2)]
    house.provider.client.hold_before["Invoices:2"] = trio.Event()
    row = await house.linked()
    for _ in range(2):
        await sync(house, row, "invoices")
        assert (await house.datasets(row))["invoices"].error_code == "sync.stalled"
    assert [e.outcome for e in events if isinstance(e, SyncFinished)] == ["stalled", "stalled"]
    assert sum(isinstance(e, SyncStoodStill) for e in events) == 2
    kept = await house.row(row)
    assert kept.state == "Stale"
