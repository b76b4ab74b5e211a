"""Pages cut into rows: for most resources an entity each, for some an entity and what explains it."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import msgspec
from msgspec import Raw, Struct

from tallystick.connectors.quickbooks.envelope import Envelope, open_envelope, wrapped
from tallystick.connectors.quickbooks.journal_rows import journal_rows
from tallystick.connectors.quickbooks.queries import entities_of
from tallystick.connectors.unreadable import UNREADABLE


class _Named(Struct):
    Id: str | None = None


class _RateRef(Struct):
    value: str | None = None


class _RateDetail(Struct):
    TaxRateRef: _RateRef | None = None


class _Rates(Struct):
    TaxRateDetail: list[_RateDetail] | None = None


class _Code(Struct):
    SalesTaxRateList: _Rates | None = None
    PurchaseTaxRateList: _Rates | None = None


class _Child(Struct):
    ParentRef: _RateRef | None = None


_ID: Final = msgspec.json.Decoder(_Named)
_CODE: Final = msgspec.json.Decoder(_Code)
_CHILD: Final = msgspec.json.Decoder(_Child)


def split(resource: str, raw: bytes) -> list[Raw]:
    """The rows of a page, always the same ones for the same bytes. Raises: `PageUnreadable`."""
    return rows_of(resource, open_envelope(resource, raw))


def rows_of(resource: str, envelope: Envelope) -> list[Raw]:
    """The rows of a page that is open already."""
    return _JOINS.get(resource, _each)(resource, envelope)


def _each(resource: str, envelope: Envelope) -> list[Raw]:
    return [wrapped({entity: row}) for entity in entities_of(resource) for row in envelope.rows(entity)]


def _company(_resource: str, envelope: Envelope) -> list[Raw]:
    """The company with its preferences: its currency is told there."""
    preferences = envelope.rows("Preferences")[:1]
    return [
        wrapped({"CompanyInfo": row, **({"Preferences": preferences[0]} if preferences else {})})
        for row in envelope.rows("CompanyInfo")
    ]


def _tax_codes(_resource: str, envelope: Envelope) -> list[Raw]:
    """A code with the rates that it names."""
    rates = {_id(row): row for row in envelope.rows("TaxRate")}
    found = []
    for row in envelope.rows("TaxCode"):
        named = [rates[id_] for id_ in _rates_of(row) if id_ in rates]
        found.append(wrapped({"TaxCode": row, "TaxRate": b"[%b]" % b",".join(named)}))
    return found


def _categories(_resource: str, envelope: Envelope) -> list[Raw]:
    """A class or department, and whether others are below it."""
    found = []
    for entity in ("Class", "Department"):
        rows = envelope.rows(entity)
        parents = {_parent(row) for row in rows}
        for row in rows:
            has_children = (_id(row) or "") in parents
            found.append(wrapped({entity: row, "hasChildren": b"true" if has_children else b"false"}))
    return found


_JOINS: Final[Mapping[str, Callable[[str, Envelope], list[Raw]]]] = MappingProxyType(
    {
        "CompanyInfo": _company,
        "TaxCode": _tax_codes,
        "TrackingCategory": _categories,
        "JournalEntry": journal_rows,
    }
)


def _id(row: Raw) -> str | None:
    try:
        return _ID.decode(row).Id
    except UNREADABLE:
        return None  # whoever maps the row says what is wrong with it


def _parent(row: Raw) -> str | None:
    try:
        parent = _CHILD.decode(row).ParentRef
    except UNREADABLE:
        return None
    return parent.value if parent is not None else None


def _rates_of(row: Raw) -> dict[str, None]:
    try:
        code = _CODE.decode(row)
    except UNREADABLE:
        return {}
    lists = (code.SalesTaxRateList, code.PurchaseTaxRateList)
    details = [each for one in lists if one is not None for each in one.TaxRateDetail or ()]
    return dict.fromkeys(
        each.TaxRateRef.value for each in details if each.TaxRateRef and each.TaxRateRef.value
    )
