"""QuickBooks' words, days, instants and references, and the doubts that reading them leaves.

Source: providers §§2.3, 3.5, 5 nos. 49-51.
"""

import re
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Final, TypeVar

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts
from tallystick.connectors.quickbooks import wire
from tallystick.standard import (
    AccountRef,
    CalendarDate,
    CustomerRef,
    ItemRef,
    SupplierRef,
    TaxRateRef,
    TrackingCategoryRef,
    calendar_date,
    written,
)

W = TypeVar("W", bound=str)

PRESENT: Final = written.Metadata()
#: Where a currency has to be told and nobody tells it (ISO 4217).
NO_CURRENCY: Final = "XXX"
#: What tells a tombstone of CDC's from a record.
DELETED: Final = "Deleted"

_OUT_OF_USE: Final = re.compile(r" \([Dd]eleted(?: ?-? ?\d+)?\)$")
_VOIDED: Final = re.compile(r"Voided\b")


def instant(told: str | None, path: str, doubts: Doubts) -> datetime | None:
    """The moment that a text tells; aware UTC.

    Their offset is the Pacific coast's and moves with its summer time, so it is never left out of account.
    """
    if not told:
        return None
    try:
        read = datetime.fromisoformat(told)
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        doubts.warn(path, "not a date")
        return None


def changed(source: wire.Entity, doubts: Doubts) -> datetime | None:
    """When QuickBooks last changed an entity."""
    if source.MetaData is None:
        return None
    return instant(source.MetaData.LastUpdatedTime, "$.MetaData.LastUpdatedTime", doubts)


def created(source: wire.Entity, doubts: Doubts) -> datetime | None:
    """When an entity was made."""
    if source.MetaData is None:
        return None
    return instant(source.MetaData.CreateTime, "$.MetaData.CreateTime", doubts)


def day(text: str | None, path: str, doubts: Doubts) -> CalendarDate | None:
    """The day that a transaction bears, by the company's own calendar."""
    if not text:
        return None
    found = calendar_date(text)
    if found is None:
        doubts.warn(path, "not a date")
    return found


def rate(source: wire.Transaction, doubts: Doubts) -> Decimal | None:
    """Base currency for one of the document's, just as QuickBooks tells it (providers §5 no. 51).

    Absent where the company keeps its books in one currency only.
    """
    if source.ExchangeRate is not None and not source.ExchangeRate > 0:
        doubts.warn("$.ExchangeRate", "an exchange rate is above zero")
        return None
    return source.ExchangeRate


def currency(source: wire.Transaction, books: Books) -> str | None:
    """The currency of a transaction: QuickBooks leaves it out where there is but one."""
    return id_of(source.CurrencyRef) or books.base_currency


def is_void(source: wire.Transaction) -> bool:
    """Whether a transaction was voided: only the note says so, its amounts may still be there."""
    return bool(source.PrivateNote) and _VOIDED.match(source.PrivateNote or "") is not None


def id_of(ref: wire.Ref | None) -> str | None:
    """What a reference names; None for none, and for an empty one."""
    return ref.value or None if ref is not None else None


def name_of(told: str | None) -> str | None:
    """A name without what QuickBooks writes behind it when it puts something out of use."""
    if told and told.endswith(")"):
        told = _OUT_OF_USE.sub("", told)
    return told or None


def account_ref(ref: wire.Ref | None) -> AccountRef | None:
    """An account; made once, since the lines of a company name few of them."""
    return None if ref is None or not ref.value else _account(ref.value, ref.name)


def tax_rate_ref(ref: wire.Ref | None) -> TaxRateRef | None:
    """A tax code, which is what our tax rates are here; made once, likewise."""
    return None if ref is None or not ref.value else _tax_rate(ref.value, ref.name)


def item_ref(ref: wire.Ref | None) -> ItemRef | None:
    """An item. `SHIPPING_ITEM_ID` and its like stand for what is in no list, and are kept as they come."""
    return None if ref is None or not ref.value else written.ItemRef(id=ref.value, name=name_of(ref.name))


def customer_ref(ref: wire.Ref | None) -> CustomerRef | None:
    """A customer."""
    if ref is None or not ref.value:
        return None
    return written.CustomerRef(id=ref.value, companyName=name_of(ref.name))


def supplier_ref(ref: wire.Ref | None) -> SupplierRef | None:
    """A vendor."""
    if ref is None or not ref.value:
        return None
    return written.SupplierRef(id=ref.value, supplierName=name_of(ref.name))


def class_refs(*refs: tuple[str, wire.Ref | None]) -> tuple[TrackingCategoryRef, ...]:
    """Classes and departments, each told with its entity; once each."""
    found = {entity_id(entity, ref.value): ref.name for entity, ref in refs if ref is not None and ref.value}
    return tuple(_category(category, name) for category, name in found.items())


def entity_id(entity: str, id_: str) -> str:
    """An id for records whose type is of several entities: theirs count each from 1 (providers §5 no. 50)."""
    return f"{entity}-{id_}"


@lru_cache(maxsize=4096)
def _account(id_: str, name: str | None) -> AccountRef:
    return written.AccountRef(id=id_, name=name_of(name))


@lru_cache(maxsize=1024)
def _tax_rate(id_: str, name: str | None) -> TaxRateRef:
    return written.TaxRateRef(id=id_, name=name_of(name))


@lru_cache(maxsize=4096)
def _category(id_: str, name: str | None) -> TrackingCategoryRef:
    return written.TrackingCategoryRef(id=id_, name=name_of(name))
