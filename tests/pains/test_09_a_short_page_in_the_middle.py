"""Paging stops at a page that is not full, and the rest is lost in silence.

Here the provider's own word decides where a list ends, and its count is compared with what came.
"""

from tests.engine.conftest import House
from tests.pains.conftest import invoices, records, sync


async def test_a_middle_page_with_a_row_too_few_loses_nothing(house: House) -> None:
    house.provider.client.tells_total = True
    house.provider.client.pages_of["Invoices"] = [invoices(*range(9)), invoices(*range(9, 20)), invoices(20)]
    row = await house.linked()
    await sync(house, row)
    assert set(await records(house)) == {f"i{n}" for n in range(21)}


async def test_an_empty_page_in_the_middle_loses_nothing(house: House) -> None:
    house.provider.client.pages_of["Invoices"] = [invoices(1), [], invoices(2)]
    row = await house.linked()
    await sync(house, row)
    assert set(await records(house)) == {"i1", "i2"}
