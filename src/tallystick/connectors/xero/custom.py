"""Xero's lists by its own names: what is below `/api.xro/2.0`. Source: providers §2.2."""

import re
from collections.abc import Sequence
from typing import Final

import httpx
import msgspec
from attrs import frozen

from tallystick.connectors.contract import Calls, Page, Resource
from tallystick.connectors.fingerprints import fingerprint
from tallystick.connectors.list_names import check_plain, spoken
from tallystick.connectors.unreadable import UNREADABLE
from tallystick.connectors.xero.client import PAGE_SIZE
from tallystick.connectors.xero.envelope import Envelope, Pagination, lists_of
from tallystick.connectors.xero.listings import LISTINGS, Listing
from tallystick.errors import PageUnreadable

#: Fewer rows than the least that a page of any list has: it is the last one.
_SHORT: Final = 100
_TOP: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_PAGINATION: Final = msgspec.json.Decoder(Pagination | None, strict=False)
_BY_PATH: Final = {listing.path.lower(): listing for listing in LISTINGS.values()}
_PLACE: Final = re.compile(r"(\d{1,9})(?::(\d{1,20}))?", re.ASCII)
#: Lists that stand in an answer beside the one that was asked for.
_BESIDE: Final = frozenset({"Warnings", "ValidationErrors"})


class _Numbered(msgspec.Struct):
    JournalNumber: int


_NUMBER: Final = msgspec.json.Decoder(_Numbered, strict=False)


@frozen(kw_only=True)
class XeroLists:
    """`contract.Lists` for Xero. A place is a page's number, or an offset, and what the page before was."""

    page_size: int = PAGE_SIZE

    def check(self, source: str) -> None:
        """See `contract.Lists.check`."""
        check_plain(source, "/Contacts")

    def of(self, resource: Resource) -> Sequence[str]:
        """See `contract.Lists.of`."""
        return [
            "/" + LISTINGS[resource.name if name == "Reports" else name].path
            for name in lists_of(resource.name)
        ]

    def part(self, resource: Resource, row: msgspec.Raw, source: str) -> msgspec.Raw | None:
        """See `contract.Lists.part`. Where a resource reads several lists, its rows do not say which."""
        return row if spoken(source) in map(spoken, self.of(resource)) else None

    async def page(self, calls: Calls, source: str, at: str | None) -> Page:
        """See `contract.Lists.page`.

        Where an answer does not say how many pages there are, a list ends with a page that is empty or short,
        or that is the one before once more: not every list heeds the page that is asked for.
        """
        self.check(source)
        listing = _BY_PATH.get(spoken(source))
        number, before = _place(at, first=0 if listing is not None and listing.paging == "offset" else 1)
        path = source.strip("/") if listing is None else listing.path
        response = await calls.get(path, params=self._params(listing, number))
        envelope = _opened(source, response)
        rows = envelope.rows()
        digest = fingerprint(envelope.array)
        if rows and digest == before:
            rows = []
        return Page(
            raw=response.content,
            records=rows,
            next=_next(envelope, listing, number, rows, digest),
            total=envelope.pagination.item_count if envelope.pagination is not None else None,
            fingerprint=digest if rows else None,
        )

    def _params(self, listing: Listing | None, number: int) -> dict[str, str]:
        asked = {} if listing is None else dict(listing.params)
        if listing is not None and listing.paging == "offset":
            return {**asked, "offset": str(number)}
        if listing is not None and listing.paging == "none":
            return asked
        asked |= {"page": str(number), "pageSize": str(self.page_size)}
        return asked | {"order": f"{listing.order} ASC"} if listing is not None and listing.order else asked


def _next(
    envelope: Envelope, listing: Listing | None, number: int, rows: Sequence[msgspec.Raw], digest: int
) -> str | None:
    """The place after this one, as far as it tells."""
    paging = None if listing is None else listing.paging
    if not rows or paging == "none":
        return None
    if paging == "offset":
        return str(max(_number(envelope, row) for row in rows))
    told = envelope.pagination
    if told is not None and told.page_count is not None:
        return str(number + 1) if number < told.page_count else None
    if listing is None and len(rows) < _SHORT:
        return None
    return f"{number + 1}:{digest}"


def _place(at: str | None, *, first: int) -> tuple[int, int | None]:
    """Number and digest of the page before. Raises: `ValueError`."""
    if at is None:
        return first, None
    found = _PLACE.fullmatch(at)
    if found is None:
        raise ValueError(f"{at} is no place in a list of Xero's")
    return int(found[1]), None if found[2] is None else int(found[2])


def _opened(source: str, response: httpx.Response) -> Envelope:
    """The one list of an answer. Raises: `PageUnreadable`."""
    raw, wanted = response.content, spoken(source).rpartition("/")[2].rstrip("s")
    try:
        top = _TOP.decode(raw)
        lists = {name: value for name, value in top.items() if memoryview(value)[:1].tobytes() == b"["}
        found = [v for name, v in lists.items() if name.lower().rstrip("s") == wanted]
        found = found or [value for name, value in lists.items() if name not in _BESIDE]
        pagination = _PAGINATION.decode(top.get("pagination", b"null"))
    except UNREADABLE as error:
        raise _unreadable(source, "it is not whole JSON", raw) from error
    if len(found) != 1:
        raise _unreadable(source, f"it holds {len(found)} lists, not one", raw)
    return Envelope(
        resource=source, raw=raw, array=memoryview(found[0]), pagination=pagination, answered_at=None
    )


def _number(envelope: Envelope, row: msgspec.Raw) -> int:
    try:
        return _NUMBER.decode(row).JournalNumber
    except UNREADABLE as error:
        raise _unreadable(envelope.resource, "a journal has no number", envelope.raw) from error


def _unreadable(source: str, reason: str, raw: bytes) -> PageUnreadable:
    return PageUnreadable(platform="xero", resource=source, reason=reason, raw=raw)
