"""A provider answers 200 with an empty list once, and everything is marked deleted.

Here nothing is: such deletions wait for a person, and an event says so. (The incident comes with the
operations work.)
"""

from datetime import timedelta

from tests.engine.conftest import House
from tests.pains.conftest import invoices, records, sync

from tallystick.engine import DeletionsHeld


async def test_one_empty_answer_deletes_nothing_and_is_told(house: House) -> None:
    events = house.hear(DeletionsHeld)
    client = house.provider.client
    client.pages_of["Invoices"] = [invoices(*range(200))]
    row = await house.linked()
    await sync(house, row)
    house.clock.now += timedelta(days=8)
    client.provider_time = house.clock.now
    client.pages_of["Invoices"] = [[]]
    await sync(house, row)
    assert not any(body["metadata"]["isDeleted"] for body in (await records(house)).values())
    (held,) = [event for event in events if isinstance(event, DeletionsHeld)]
    assert (held.missing, held.live) == (200, 200)
