"""Places in lists, as cursors keep them."""

import pytest

from tallystick.connectors.xero.place import Place, place_of

SEVERAL = ("Overpayments", "Payments")


@pytest.mark.parametrize("lists", [("Invoices",), SEVERAL])
@pytest.mark.parametrize(("rows_before", "base"), [(None, 0), (1000, 0), (None, 37), (1000, 37)])
def test_a_place_is_found_again_by_what_was_told_of_it(
    lists: tuple[str, ...], rows_before: int | None, base: int
) -> None:
    place = Place(list=lists[0], number=7, rows_before=rows_before, base=base)
    assert place_of(place.told(lists), lists, first=1) == place


def test_the_beginning_is_the_first_place_of_the_first_list() -> None:
    assert place_of(None, SEVERAL, first=1) == Place(list="Overpayments", number=1)


@pytest.mark.parametrize("at", ["", "Invoices/2", "Payments/", "x", "2:", "Payments/2+"])
def test_what_is_no_place_is_refused(at: str) -> None:
    with pytest.raises(ValueError, match="no place in Overpayments and Payments"):
        place_of(at, SEVERAL, first=1)
