"""Where a page lies, as a text that outlives the process."""

import pytest

from tallystick.connectors.sage.place import Place, read

PLACES = [
    Place(list="sales_invoices", size=200),
    Place(list="sales_credit_notes", deleted=True, offset=600, size=200, before=1311),
    Place(list="sales_quick_entries", offset=7, size=1, before=3),
]


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_a_place_is_read_from_its_own_text(place: Place) -> None:
    assert read(str(place), "sales") == place


def test_the_entries_of_accounts_keep_those_that_are_still_to_come() -> None:
    place = Place(list="ledger_entries", offset=200, size=200, before=9, accounts=("a1", "b2"))
    assert str(place) == "ledger_entries:200:200:9:a1+b2"
    assert read(str(place), "ledger_entries") == place
    assert read("ledger_entries:0:200:0", "ledger_entries") is None


@pytest.mark.parametrize("size", [200, 100, 50, 30, 7, 2])
def test_a_smaller_page_begins_with_the_same_row(size: int) -> None:
    place = Place(list="contacts", offset=size * 6, size=size)
    while place.size > 1:
        smaller = place.smaller()
        assert smaller.size < place.size
        assert (smaller.page - 1) * smaller.size == place.offset
        place = smaller
