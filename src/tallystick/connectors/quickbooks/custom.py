"""QuickBooks' entities by its own names: each is a list that can be queried. Source: providers §2.3."""

import re
from collections.abc import Sequence
from typing import Final

import msgspec
from attrs import frozen

from tallystick.connectors.contract import Calls, Page, Resource, SourceUnknown
from tallystick.connectors.fingerprints import fingerprint_of_rows
from tallystick.connectors.list_names import spoken
from tallystick.connectors.quickbooks import queries
from tallystick.connectors.quickbooks.faults import fault, holds_a_fault
from tallystick.connectors.quickbooks.queries import PAGE_SIZE, entities_of
from tallystick.connectors.unreadable import UNREADABLE
from tallystick.errors import ListMoved, PageUnreadable

#: Rows that a page has again of the page before, by which it is seen whether rows between have moved.
_OVERLAP: Final = 10
_ENTITY: Final = re.compile(r"/?[A-Z][A-Za-z]{1,39}", re.ASCII)
_PLACE: Final = re.compile(r"(\d{1,9})(?::(.{1,50}))?", re.ASCII)


class _Answer(msgspec.Struct):
    QueryResponse: dict[str, msgspec.Raw]


class _Named(msgspec.Struct):
    Id: str | None = None


_ANSWER: Final = msgspec.json.Decoder(_Answer)
_ROWS: Final = msgspec.json.Decoder(list[msgspec.Raw])
_PARTS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ID: Final = msgspec.json.Decoder(_Named)


@frozen(kw_only=True)
class QuickBooksLists:
    """`contract.Lists` for QuickBooks. A place is the number of a page's first row and a row met before."""

    page_size: int = PAGE_SIZE

    def check(self, source: str) -> None:
        """See `contract.Lists.check`."""
        if _ENTITY.fullmatch(source) is None:
            raise SourceUnknown(
                "is no name of an entity: letters only, the first a capital, such as /Invoice"
            )

    def of(self, resource: Resource) -> Sequence[str]:
        """See `contract.Lists.of`."""
        return ["/" + entity for entity in entities_of(resource.name)]

    def part(self, resource: Resource, row: msgspec.Raw, source: str) -> msgspec.Raw | None:
        """See `contract.Lists.part`. What explains a row, such as a code's rates, is a part of it too."""
        del resource  # a row says itself which entity it is
        wanted = spoken(source)
        try:
            parts = _PARTS.decode(row)
        except UNREADABLE:
            return None
        return next((part for name, part in parts.items() if name.lower() == wanted), None)

    async def page(self, calls: Calls, source: str, at: str | None) -> Page:
        """See `contract.Lists.page`.

        There are no totals, so each page begins a few rows before the end of the one before. Raises also:
        `ListMoved` where the last of those is not among them.
        """
        self.check(source)
        entity = source.strip("/")
        start, met = _place(at)
        asked = queries.query(entity, since=None, start=start, size=self.page_size)
        response = await calls.get("query", params=asked)
        raw = response.content
        if holds_a_fault(raw):
            raise fault(response, source)
        try:
            rows = _ROWS.decode(_ANSWER.decode(raw).QueryResponse.get(entity, b"[]"))
        except UNREADABLE as error:
            reason = "it is no answer to a query"
            raise PageUnreadable(platform="quickbooks", resource=source, reason=reason, raw=raw) from error
        if met is not None and met not in map(_id, rows):
            raise ListMoved(platform="quickbooks", resource=source)
        return Page(
            raw=raw,
            records=rows,
            next=self._next(start, rows),
            fingerprint=fingerprint_of_rows(rows) if rows else None,
        )

    def _next(self, start: int, rows: Sequence[msgspec.Raw]) -> str | None:
        if len(rows) < self.page_size:
            return None
        back = min(_OVERLAP, len(rows) // 4)
        met = _id(rows[-1]) if back else None
        return f"{start + len(rows) - back}" + (f":{met}" if met else "")


def _place(at: str | None) -> tuple[int, str | None]:
    if at is None:
        return 1, None
    found = _PLACE.fullmatch(at)
    if found is None:
        raise ValueError(f"{at} is no place in a list of QuickBooks'")
    return int(found[1]), found[2]


def _id(row: msgspec.Raw) -> str | None:
    try:
        return _ID.decode(row).Id
    except UNREADABLE:
        return None
