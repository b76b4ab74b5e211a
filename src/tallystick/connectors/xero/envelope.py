"""The envelope round Xero's lists: opened without reading the records in it. Source: providers §2.2."""

from collections.abc import Mapping
from typing import Final

import msgspec
from attrs import field, frozen
from msgspec import Raw, Struct

from tallystick.connectors.unreadable import UNREADABLE, why
from tallystick.errors import PageUnreadable

#: The lists that a resource reads one after the other, where it is not the one of its name. Money that is
#: paid on account has lists of its own, and what has moved at the bank has two (providers §5 no. 27).
LISTS: Final[Mapping[str, tuple[str, ...]]] = {
    "Payments": ("Overpayments", "Prepayments", "Payments"),
    "BankTransactions": ("BankTransactions", "Payments"),
    "ProfitAndLoss": ("Reports",),
    "BalanceSheet": ("Reports",),
    "BankSummary": ("Reports",),
}
#: The field that identifies a record of each list.
IDS: Final[Mapping[str, str]] = {
    "Organisations": "OrganisationID",
    "Accounts": "AccountID",
    "TaxRates": "TaxType",
    "Items": "ItemID",
    "Contacts": "ContactID",
    "Invoices": "InvoiceID",
    "CreditNotes": "CreditNoteID",
    "Payments": "PaymentID",
    "Overpayments": "OverpaymentID",
    "Prepayments": "PrepaymentID",
    "BankTransactions": "BankTransactionID",
    "BankTransfers": "BankTransferID",
    "PurchaseOrders": "PurchaseOrderID",
    "TrackingCategories": "TrackingCategoryID",
    "Journals": "JournalID",
    "ManualJournals": "ManualJournalID",
    "Reports": "ReportID",
}


class Pagination(Struct, frozen=True, gc=False, rename="camel"):
    """Where a page lies in its list."""

    page: int | None = None
    page_size: int | None = None
    page_count: int | None = None
    item_count: int | None = None


@frozen(kw_only=True)
class Envelope:
    """One answer, opened but not read."""

    resource: str
    raw: bytes = field(repr=False)
    array: memoryview = field(repr=False)  #: the JSON array of its records, exactly as it came; no copy of it
    pagination: Pagination | None
    answered_at: str | None  #: a .NET date

    def rows(self) -> list[Raw]:
        """The records, each as its exact bytes. Raises: `PageUnreadable`."""
        if len(self.raw) > _COUNTED_ABOVE and self.raw.count(b"{") > _MOST_OBJECTS:
            raise _unreadable(self.resource, f"it has more than {_MOST_OBJECTS} objects", self.raw)
        try:
            return _ROWS.decode(self.array)
        except UNREADABLE as error:
            raise _unreadable(self.resource, why(error), self.raw) from error


#: Millions of tiny rows would take many times their bytes; the largest real page has some 20,000 objects.
_MOST_OBJECTS: Final = 1_000_000
_COUNTED_ABOVE: Final = 4 * 1024 * 1024  #: bytes
_TOP: Final = msgspec.json.Decoder(dict[str, Raw])
_ROWS: Final = msgspec.json.Decoder(list[Raw])
_PAGINATION: Final = msgspec.json.Decoder(Pagination | None, strict=False)
_TEXT: Final = msgspec.json.Decoder(str | None)
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


def open_envelope(resource: str, raw: bytes) -> Envelope:
    """The list of an answer and what is said about it.

    Also takes a bare record, and an envelope that names its record or list in the singular. Of a resource
    that reads several lists it is whichever has come.
    Raises: `PageUnreadable` for what is not JSON, is cut short, or has no such list.
    """
    body = raw.removeprefix(_BYTE_ORDER_MARK)
    try:
        top = _TOP.decode(body)
        array = _array_of(resource, top, body)
        pagination = _PAGINATION.decode(top.get("pagination", b"null"))
        answered_at = _TEXT.decode(top.get("DateTimeUTC", b"null"))
    except UNREADABLE as error:
        html = body.lstrip()[:1] == b"<"
        raise _unreadable(resource, "it is an HTML page, not JSON" if html else why(error), raw) from error
    if array is None:
        raise _unreadable(resource, f"it has no list {resource}", raw)
    return Envelope(resource=resource, raw=raw, array=array, pagination=pagination, answered_at=answered_at)


def _array_of(resource: str, top: dict[str, Raw], body: bytes) -> memoryview | None:
    lists = lists_of(resource)
    if any(IDS[name] in top for name in lists):  # a bare record, which may hold lists of its own
        return memoryview(b"[" + body + b"]")
    for name in (*lists, *(name.removesuffix("s") for name in lists)):
        found = memoryview(top.get(name, b""))
        match found[:1].tobytes():
            case b"[":
                return found
            case b"{":
                return memoryview(b"[" + found + b"]")
    return None


def lists_of(resource: str) -> tuple[str, ...]:
    """The lists that a resource reads, in that order."""
    return LISTS.get(resource, (resource,))


def _unreadable(resource: str, reason: str, raw: bytes) -> PageUnreadable:
    return PageUnreadable(platform="xero", resource=resource, reason=reason, raw=raw)
