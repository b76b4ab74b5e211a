"""What is deleted at the provider stays alive here for ever.

Here a whole reading marks within one cycle what it does not meet. (What providers tell of deletions
themselves is each connector's matter.)
"""

from datetime import timedelta

from tests.engine.conftest import House
from tests.pains.conftest import invoices, records, sync


async def test_a_hundred_deleted_invoices_are_marked_within_one_cycle(house: House) -> None:
    client = house.provider.client
    client.pages_of["Invoices"] = [invoices(*range(start, start + 500)) for start in range(0, 2000, 500)]
    row = await house.linked()
    await sync(house, row)
    house.clock.now += timedelta(days=8)
    client.provider_time = house.clock.now
    client.pages_of["Invoices"] = [invoices(*range(start, start + 475)) for start in range(0, 2000, 500)]
    await sync(house, row)
    gone = {i for i, body in (await records(house)).items() if body["metadata"]["isDeleted"]}
    assert gone == {f"i{n}" for start in range(0, 2000, 500) for n in range(start + 475, start + 500)}
