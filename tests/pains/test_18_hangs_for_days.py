"""A provider takes the connection and never answers; the sync runs for days and cannot be stopped.

Here its deadline ends it (17), and whoever wants it stopped before waits less than a second.
"""

import trio
from tests.engine.conftest import House
from trio.testing import wait_all_tasks_blocked


async def test_a_sync_that_hangs_is_cancelled_within_a_second(house: House) -> None:
    house.provider.client.hold_before["Invoices:1"] = trio.Event()
    row = await house.linked()
    await house.engine.sync(house.client_id, row.id, None, "test")
    await wait_all_tasks_blocked(0.05)
    with trio.fail_after(1):
        left = await house.engine.unlink(house.client_id, row.id)
    assert left.status == "Unlinked"
    assert {d.status for d in (await house.datasets(row)).values()} <= {"Cancelled", "Complete"}
