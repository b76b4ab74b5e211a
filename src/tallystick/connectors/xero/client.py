"""Reads Xero's lists, page by page. Source: providers §§2.1, 2.2, 5 nos. 1-4, 17, 22."""

import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import Final

from attrs import frozen

from tallystick.connectors.contract import Calls, Page, Resource
from tallystick.connectors.xero.envelope import Envelope, open_envelope
from tallystick.connectors.xero.words import Doubts, instant
from tallystick.errors import PageUnreadable

#: Rows in a page: the most that Xero gives. Asking for a page is also what makes it send the lines.
PAGE_SIZE: Final = 1000


@frozen(kw_only=True)
class Listing:
    """How one list is asked for."""

    path: str
    #: The list comes in pages, in the order of this field. An id never changes, so a row that is
    #: updated while we read stays where it is; in Xero's own order it would move, and push others
    #: over a page's edge, unseen. New rows only push others to a later page: they are seen twice.
    order: str | None = None
    params: Mapping[str, str] = MappingProxyType({})
    since: bool = True  #: it takes `If-Modified-Since`


#: How many pages an answer names of those that follow it: more than are ever asked for at once.
_PAGES_TOLD: Final = 16
_FOUR_DECIMALS: Final = {"unitdp": "4"}  # else unit prices are cut to two and no longer multiply up
_ARCHIVED_TOO: Final = {"includeArchived": "true"}  # old documents refer to archived contacts

LISTINGS: Final[Mapping[str, Listing]] = {
    "Organisations": Listing(path="Organisation", since=False),
    "Accounts": Listing(path="Accounts"),
    "TaxRates": Listing(path="TaxRates", since=False),
    "Items": Listing(path="Items", params=_FOUR_DECIMALS),
    "Contacts": Listing(path="Contacts", order="ContactID", params=_ARCHIVED_TOO),
    "Invoices": Listing(path="Invoices", order="InvoiceID", params={**_FOUR_DECIMALS, **_ARCHIVED_TOO}),
    "CreditNotes": Listing(path="CreditNotes", order="CreditNoteID", params=_FOUR_DECIMALS),
    "Payments": Listing(path="Payments", order="PaymentID"),
}


@frozen(kw_only=True)
class XeroClient:
    """`contract.Client` for Xero.

    A place in a list is a page's number. Where the answers do not say how many pages there are, it also
    tells how many rows the page before had (`7:1000`): the page that is shorter is the last one.
    """

    page_size: int = PAGE_SIZE

    async def page(self, calls: Calls, resource: Resource, *, since: datetime | None, at: str | None) -> Page:
        """See `contract.Client.page`.

        Ends after the last page by the answer's `pagination`. Where there is none, after a page that is
        empty or shorter than the one before; a short first page proves nothing, since the size that was
        asked for may be capped.
        Raises: `PageUnreadable`, also when another page comes than the one that was asked for.
        """
        listing = LISTINGS[resource.name]
        number, rows_before = _place(at)
        response = await calls.get(
            listing.path,
            params=self._params(listing, number),
            headers=_since(since) if listing.since and since is not None else {},
        )
        if response.status_code == 304:
            raw = b'{"%b":[]}' % resource.name.encode()
            return Page(raw=raw, records=(), next=None, provider_time=_date(response.headers))
        envelope = open_envelope(resource.name, response.content)
        records = envelope.rows()
        following = _following(envelope, number, len(records), rows_before) if listing.order else ()
        told = envelope.pagination
        if listing.order and told is not None and told.page not in {None, number}:
            raise PageUnreadable(
                platform="xero",
                resource=resource.name,
                reason=f"page {told.page} came for page {number}",
                raw=response.content,
            )
        return Page(
            raw=response.content,
            records=records,
            next=following[0] if following else None,
            ahead=following[1:],
            total=told.item_count if told is not None and listing.order else None,
            fingerprint=_fingerprint(envelope.array) if records else None,
            provider_time=instant(envelope.answered_at, None, "$.DateTimeUTC", Doubts([])),
        )

    def _params(self, listing: Listing, number: int) -> dict[str, str]:
        if listing.order is None:
            return dict(listing.params)
        return {
            **listing.params,
            "page": str(number),
            "pageSize": str(self.page_size),
            "order": f"{listing.order} ASC",
        }


def _since(moment: datetime) -> dict[str, str]:
    """UTC without saying so: the only form that Xero takes."""
    return {"If-Modified-Since": moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")}


def _date(headers: Mapping[str, str]) -> datetime | None:
    """When the server says that it answered: a 304 has no body that would."""
    try:
        told = parsedate_to_datetime(headers.get("date", ""))
    except ValueError:
        return None
    return told.astimezone(UTC) if told.tzinfo is not None else told.replace(tzinfo=UTC)


def _fingerprint(array: memoryview) -> int:
    """Length and checksum: by it two pages in a row are the same or not, at hardly any cost."""
    return len(array) << 32 | zlib.crc32(array)


def _place(at: str | None) -> tuple[int, int | None]:
    """Page number, and the rows of the page before where they decide."""
    number, _, rows_before = (at or "1").partition(":")
    return int(number), int(rows_before) if rows_before else None


def _following(envelope: Envelope, number: int, rows: int, rows_before: int | None) -> tuple[str, ...]:
    """The pages after this one, as far as it tells."""
    if envelope.pagination is not None and envelope.pagination.page_count is not None:
        last = min(envelope.pagination.page_count, number + _PAGES_TOLD)
        return tuple(map(str, range(number + 1, last + 1)))
    if rows == 0 or (rows_before is not None and rows < rows_before):
        return ()
    return (f"{number + 1}:{rows}",)
