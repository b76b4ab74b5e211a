"""Where a page of a resource is, in Xero's terms, as `Page.next` tells it and a cursor keeps it."""

import re
from typing import Final

from attrs import frozen

_TOLD: Final = re.compile(r"(?:([A-Za-z]+)/)?(\d+)(?::(\d+))?(?:\+(\d+))?", re.ASCII)


@frozen(kw_only=True)
class Place:
    """Where one page is.

    `7`: the seventh page. `7:1000`: the page before had so many rows, which decides where nothing else
    tells the end. `Payments/7+37`: it is of this list, and the lists before it gave so many rows.
    Of a list that goes by offsets the number is the offset.
    """

    list: str
    number: int
    rows_before: int | None = None  #: of the page before, where they decide
    base: int = 0  #: rows that were read before: of the last list in the lists before it, else in all

    def told(self, lists: tuple[str, ...]) -> str:
        """As it is written of a resource that reads these lists."""
        told = str(self.number) if self.rows_before is None else f"{self.number}:{self.rows_before}"
        told = f"{told}+{self.base}" if self.base else told
        return told if len(lists) == 1 else f"{self.list}/{told}"


def place_of(at: str | None, lists: tuple[str, ...], *, first: int) -> Place:
    """The place that is told; the first one of the first list for None. Raises: `ValueError`."""
    if at is None:
        return Place(list=lists[0], number=first)
    found = _TOLD.fullmatch(at)
    if found is None or (found[1] or lists[-1]) not in lists:
        raise ValueError(f"{at} is no place in {' and '.join(lists)}")
    name, number, rows, base = found.groups()
    # Written without a list's name before there were others: it was the last.
    return Place(
        list=name or lists[-1],
        number=int(number),
        rows_before=None if rows is None else int(rows),
        base=int(base or 0),
    )
