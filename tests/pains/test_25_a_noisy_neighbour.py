"""One tenant floods the queue and fails slowly, and every other tenant waits for hours.

Here a client holds half of the slots at most, and clients share them in turns: another one's sync begins
at once. (How little its latency moves: tests/engine/test_fairness.py; floods of webhooks come with those.)
"""

import uuid

import trio
from tests.engine.conftest import House
from tests.pains.conftest import invoices, sync
from trio.testing import wait_all_tasks_blocked

from tallystick.access import Access
from tallystick.engine import SyncStarted


async def test_a_client_that_floods_with_syncs_that_hang_does_not_keep_another_one_waiting(
    house: House,
) -> None:
    client = house.provider.client
    client.pages_of["Invoices"] = [invoices(1)]
    hold = client.hold_before["Items:1"] = trio.Event()
    flood = [await house.linked(f"Flood {n}") for n in range(2 * house.engine.settings.syncs_at_once)]
    events = house.hear(SyncStarted)
    for row in flood:
        await house.engine.sync(house.client_id, row.id, ["items"], "flood")
    await wait_all_tasks_blocked(0.05)
    assert len(events) == house.engine.settings.syncs_at_once // 2

    noisy, house.client_id = house.client_id, (await Access(house.stores).create_client(str(uuid.uuid4()))).id
    calm = await house.linked("Calm")
    with trio.fail_after(5):
        await sync(house, calm, "invoices")
    started = [event for event in events if event.connection_id == calm.id]
    assert started[0].waited_s < 0.5
    house.client_id = noisy
    hold.set()
