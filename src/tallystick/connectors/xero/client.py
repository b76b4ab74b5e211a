"""Reads Xero's lists, page by page. Source: providers §§2.1, 2.2, 5 nos. 1-4, 17, 22."""

from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime
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
    """`contract.Client` for Xero."""

    page_size: int = PAGE_SIZE

    async def pages(
        self, calls: Calls, resource: Resource, *, since: datetime | None, start: str | None
    ) -> AsyncGenerator[Page, None]:
        """The pages of a list; `Page.next` is the next page's number.

        Ends after the last page by the answer's `pagination`. Where there is none, after a page that is
        empty or shorter than the one before; a short first page proves nothing, since the size that was
        asked for may be capped. HTTP 304 is one page without rows.
        Raises: `PageUnreadable`, also for a page that repeats the one before; what `calls.get` raises.
        """
        listing = LISTINGS[resource.name]
        headers = _since(since) if listing.since and since is not None else {}
        number = int(start or 1)
        before: Envelope | None = None
        while True:
            response = await calls.get(listing.path, params=self._params(listing, number), headers=headers)
            if response.status_code == 304:
                yield Page(raw=b'{"%b":[]}' % resource.name.encode(), next=None)
                return
            envelope = open_envelope(resource.name, response.content)
            if before is not None and before.array == envelope.array and envelope.rows():
                raise PageUnreadable(
                    platform="xero",
                    resource=resource.name,
                    reason=f"page {number} repeats the page before it",
                    raw=response.content,
                )
            last = listing.order is None or _is_last(envelope, number, before)
            number += 1
            yield Page(
                raw=response.content,
                next=None if last else str(number),
                provider_time=instant(envelope.answered_at, None, "$.DateTimeUTC", Doubts([])),
            )
            if last:
                return
            before = envelope

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


def _is_last(envelope: Envelope, number: int, before: Envelope | None) -> bool:
    if envelope.pagination is not None and envelope.pagination.page_count is not None:
        return number >= envelope.pagination.page_count
    rows = len(envelope.rows())
    return rows == 0 or (before is not None and rows < len(before.rows()))
