"""Only the first page is stored, and the sync is green.

Here a list that gives fewer rows than its provider says it has is not complete, and an event tells the
figures. (The incident that it opens comes with the operations work.)
"""

from tests.engine.conftest import House
from tests.pains.conftest import invoices, sync

from tallystick.engine import CountsDiffer


async def test_a_list_that_comes_short_of_its_count_is_not_complete(house: House) -> None:
    events = house.hear(CountsDiffer)
    house.provider.client.tells_total, house.provider.client.total_off = True, 100
    house.provider.client.pages_of["Invoices"] = [invoices(*range(10))]
    row = await house.linked()
    await sync(house, row, "invoices")
    assert (await house.datasets(row))["invoices"].status == "FetchError"
    (told,) = [event for event in events if isinstance(event, CountsDiffer)]
    assert (told.resource, told.read, told.told) == ("Invoices", 10, 110)
