"""Which contacts have sales, and which have purchases: FreeAgent has one list, and tells it by views of it.

All three lists come in the order in which contacts were made, so that they are read side by side: with each
page of all contacts as much of the two views as belongs to it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Final, Literal

import msgspec
from attrs import define, field

from tallystick.connectors.contract import Calls
from tallystick.connectors.freeagent.envelope import rows_of
from tallystick.connectors.freeagent.listings import BY_AGE, CONTACTS
from tallystick.connectors.freeagent.paging import goes_on
from tallystick.connectors.unreadable import UNREADABLE

View = Literal["clients", "suppliers"]
VIEWS: Final[tuple[View, ...]] = ("clients", "suppliers")


class _Made(msgspec.Struct):
    url: str
    created_at: datetime


_MADE: Final = msgspec.json.Decoder(_Made)


@define
class Seen:
    """What a page of contacts is in the two views."""

    views: dict[str, list[View]] = field(factory=dict)  #: by the contact's address
    pages: dict[View, int] = field(factory=dict)  #: where in each view the next page of contacts begins


def address_of(row: msgspec.Raw) -> str | None:
    """Which contact a row is; None for one that cannot be read."""
    made = _made(row)
    return made.url if made is not None else None


async def views_of(calls: Calls, rows: Sequence[msgspec.Raw], begin: Mapping[View, int], size: int) -> Seen:
    """The views that the contacts of a page are in; `begin`: the page of each view to begin with.

    Where contacts do not come in the order of making, each view is read whole.
    Cost: about two calls a view.
    """
    until = _last(rows)
    seen = Seen()
    for view in VIEWS:
        known, seen.pages[view] = await _read(calls, view, begin[view] if until else 1, until, size)
        for url in known:
            seen.views.setdefault(url, []).append(view)
    return seen


async def _read(
    calls: Calls, view: View, page: int, until: datetime | None, size: int
) -> tuple[set[str], int]:
    """The contacts of a view from a page on, up to those made after `until`; and the page to go on with.

    That is the first that reaches `until`: of contacts made at the same moment others may be still to come.
    """
    known: set[str] = set()
    resume: int | None = None
    while True:
        params = {"view": view, **BY_AGE, "page": str(page), "per_page": str(size)}
        response = await calls.get(CONTACTS, params=params)
        found = rows_of(CONTACTS, response.content)
        fresh = {made.url for made in map(_made, found) if made is not None} - known
        known |= fresh
        reached = _last(found)
        if found and reached is None:
            resume, until = 1, None
        if resume is None and until and reached and reached >= until:
            resume = page
        past = until is not None and reached is not None and reached > until
        more = goes_on(response, offset=(page - 1) * size, rows=len(found), size=size)
        if past or not more or not fresh:
            return known, 1 if until is None else resume or page
        page += 1


async def views_of_one(calls: Calls, url: str) -> list[View]:
    """The views that one contact is in, by the documents that it has. Cost: two calls."""
    found: list[View] = []
    for view, name in zip(VIEWS, ("invoices", "bills"), strict=True):
        response = await calls.get(name, params={"contact": url, "page": "1", "per_page": "1"})
        if rows_of(name, response.content):
            found.append(view)
    return found


def _last(rows: Sequence[msgspec.Raw]) -> datetime | None:
    """When the last contact was made; None where they do not come in that order."""
    made = [each.created_at for each in map(_made, rows) if each is not None and each.created_at.tzinfo]
    in_order = len(made) == len(rows) and all(a <= b for a, b in pairwise(made))
    return made[-1] if made and in_order else None


def _made(row: msgspec.Raw) -> _Made | None:
    try:
        return _MADE.decode(row)
    except UNREADABLE:
        return None
