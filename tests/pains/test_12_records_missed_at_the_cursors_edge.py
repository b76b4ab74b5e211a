"""Records whose time is very close to a run's start, or equal to another's, are never read.

Here a reading begins where the one before it *began*, less an overlap, by the provider's clock.
"""

from datetime import timedelta

from tests.engine.conftest import House
from tests.pains.conftest import invoices, records, sync


async def test_what_changes_while_a_list_is_read_is_there_after_the_next_reading(house: House) -> None:
    client = house.provider.client
    client.pages_of["Invoices"] = [invoices(*range(10)), invoices(*range(10, 20))]
    row = await house.linked()
    await sync(house, row)
    began = house.clock.now
    house.clock.now += timedelta(minutes=1)
    client.provider_time = house.clock.now
    client.pages_of["Invoices"] = [invoices(3, 15, total="99.00")]  # changed in the second in which it began
    await sync(house, row)
    _, since, _ = client.asked[-1]
    assert since is not None
    assert since <= began - timedelta(seconds=120), "the overlap"
    found = await records(house)
    assert len(found) == 20
    assert {i for i, body in found.items() if body["totalAmount"] == 99} == {"i3", "i15"}
