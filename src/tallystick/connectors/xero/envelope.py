"""The envelope round Xero's lists: opened without reading the records in it. Source: providers §2.2."""

from typing import Final

import msgspec
from attrs import field, frozen
from msgspec import Raw, Struct

from tallystick.errors import PageUnreadable

#: The field that identifies a record of each list.
IDS: Final = {
    "Organisations": "OrganisationID",
    "Accounts": "AccountID",
    "TaxRates": "TaxType",
    "Items": "ItemID",
    "Contacts": "ContactID",
    "Invoices": "InvoiceID",
    "CreditNotes": "CreditNoteID",
    "Payments": "PaymentID",
}
#: What makes a value's bytes unreadable: not JSON, not UTF-8, or nested without end.
UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Pagination(Struct, frozen=True, gc=False, rename="camel"):
    """Where a page lies in its list."""

    page: int | None = None
    page_size: int | None = None
    page_count: int | None = None
    item_count: int | None = None


@frozen(kw_only=True)
class Envelope:
    """One answer, opened but not read."""

    array: bytes = field(repr=False)  #: the JSON array of its records, exactly as it came
    pagination: Pagination | None
    answered_at: str | None  #: a .NET date

    def rows(self) -> list[Raw]:
        """The records, each as its exact bytes. Raises: one of `UNREADABLE`."""
        return _ROWS.decode(self.array)


_TOP: Final = msgspec.json.Decoder(dict[str, Raw])
_ROWS: Final = msgspec.json.Decoder(list[Raw])
_PAGINATION: Final = msgspec.json.Decoder(Pagination | None, strict=False)
_TEXT: Final = msgspec.json.Decoder(str | None)


def open_envelope(resource: str, raw: bytes) -> Envelope:
    """The list of an answer and what is said about it.

    Also takes a bare record, and an envelope that names its record or list in the singular.
    Raises: `PageUnreadable` for what is not JSON, is cut short, or has no such list.
    """
    try:
        top = _TOP.decode(raw.removeprefix(b"\xef\xbb\xbf"))
        return Envelope(
            array=_list_of(resource, top, raw),
            pagination=_PAGINATION.decode(top.get("pagination", b"null")),
            answered_at=_TEXT.decode(top.get("DateTimeUTC", b"null")),
        )
    except UNREADABLE as error:
        raise PageUnreadable(platform="xero", resource=resource, reason=_why(error), raw=raw) from error


def _list_of(resource: str, top: dict[str, Raw], raw: bytes) -> bytes:
    single = resource.removesuffix("s")
    for name in (resource, single):
        found = bytes(top.get(name, b""))
        if found.startswith(b"["):
            return found
        if found.startswith(b"{"):
            return b"[" + found + b"]"
    if IDS[resource] in top:
        return b"[" + raw.removeprefix(b"\xef\xbb\xbf") + b"]"
    raise PageUnreadable(platform="xero", resource=resource, reason=f"it has no list {resource}", raw=raw)


def _why(error: BaseException) -> str:
    if isinstance(error, msgspec.ValidationError):
        return f"it is no envelope ({error})"
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8"
    return f"it is not whole JSON ({error})"
