"""A provider gives the same page again and again, and the sync runs for days.

Here it ends within two pages, with a named error; what was read before is kept.
"""

from tests.engine.conftest import House
from tests.pains.conftest import invoices, records, sync


async def test_the_same_page_twice_ends_the_reading_with_a_named_error(house: House) -> None:
    house.provider.client.pages_of["Invoices"] = [invoices(1, 2)] * 50
    row = await house.linked()
    await sync(house, row)
    found = (await house.datasets(row))["invoices"]
    assert found.status == "FetchError"
    assert "repeats the page before it" in (found.error_message or "")
    assert len([name for name in house.provider.client.served if name.startswith("Invoices")]) <= 2
    assert set(await records(house)) == {"i1", "i2"}
