"""A first sync of hours begins again from nothing whenever it is interrupted.

Here every stop costs the pages that were in flight. (Killed with -9, by the clock: tests/journeys/test_kill.py.)
"""

import trio
from tests.engine.conftest import House
from tests.pains.conftest import invoices, records

from tallystick.engine import PageStored, SyncFinished
from tallystick.engine.connection import Due

PAGES, STOPS = 400, 8


async def test_pages_read_in_all_are_those_needed_and_those_in_flight_at_each_stop(house: House) -> None:
    client = house.provider.client
    client.tells_total, client.latency_s = True, 0.002
    client.pages_of["Invoices"] = [invoices(*range(n * 10, n * 10 + 10)) for n in range(PAGES)]
    house.hear(PageStored, SyncFinished)
    row = await house.linked()
    await house.engine.sync(house.client_id, row.id, ["invoices"], "test")
    for _ in range(STOPS):
        await house.until(PageStored, 1 + sum(isinstance(event, PageStored) for event in house.events))
        await house.engine.connections.remove(row.id)
        await house.engine.start()
        address = house.engine.connections.find(row.id)
        assert address is not None
        await address.tell(Due())
    with trio.fail_after(20):
        while {d.status for d in (await house.datasets(row)).values()} != {"Complete"}:
            await trio.sleep(0.01)
    assert len(await records(house)) == PAGES * 10
    read = sum(name.startswith("Invoices") for name in client.served)
    assert read <= PAGES + STOPS * house.engine.settings.pages_in_flight
