"""Sage's words, days, instants, rates and references, and the doubts that reading them leaves.

Source: providers §§3.5, 3.6, 6.3.
"""

import re
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Final, TypeVar

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts
from tallystick.connectors.sage import wire
from tallystick.errors import RecordRejected
from tallystick.standard import (
    ONE,
    AccountRef,
    CalendarDate,
    CustomerRef,
    Metadata,
    SupplierRef,
    TaxRateRef,
    TrackingCategoryRef,
    calendar_date,
    calendar_day,
    inverse,
    written,
)

W = TypeVar("W", bound=str)

PRESENT: Final = written.Metadata()
GONE: Final = written.Metadata(isDeleted=True)
#: Where a currency has to be told and nobody tells it (ISO 4217).
NO_CURRENCY: Final = "XXX"

#: The nominal code at the end of an account's text: `Current account (1200)`.
_CODE: Final = re.compile(r"\(([^()]{1,20})\)\s*$")
#: A rate is believed where it gives the amount in base currency to a hundredth, or to some cents of a small
#: one: each of its lines is rounded.
_CLOSE: Final = Decimal("0.01")
_CENTS: Final = Decimal("0.05")


def id_of(told: wire.Ref | None) -> str | None:
    """The id of what a record refers to, if it refers to anything."""
    return (told.id or None) if told is not None else None


def list_of(path: str | None) -> str:
    """Which list a path is of: `sales_invoices` of `/sales_invoices/7225…`; nothing where there is none."""
    return (path or "").strip("/").partition("/")[0]


def instant(told: str | None, path: str, doubts: Doubts) -> datetime | None:
    """The moment that a text tells; aware UTC. A text without a zone is UTC as well."""
    if not told:
        return None
    try:
        read = datetime.fromisoformat(told)
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        doubts.warn(path, "not a date")
        return None


def day(told: str | None, path: str, doubts: Doubts) -> CalendarDate | None:
    """The day that a document bears."""
    if not told:
        return None
    found = calendar_date(told)
    if found is None:
        doubts.warn(path, "not a date")
    return found


def day_or_entered(told: str | None, entered: str | None, what: str, doubts: Doubts) -> CalendarDate:
    """The day of a record that has to bear one; where it does not, that on which it was entered.

    Raises: `RecordRejected`.
    """
    found = day(told, "$.date", doubts)
    if found is not None:
        return found
    moment = instant(entered, "$.created_at", Doubts([]))
    if moment is None:
        raise RecordRejected(path="$.date", reason=f"the {what} bears no date")
    doubts.warn("$.date", f"the {what} bears no date: the day of its entry stands in")
    return calendar_day(moment.date())


def metadata(deleted_at: str | None) -> Metadata:
    """Sage tells of a deletion by its moment."""
    return GONE if deleted_at else PRESENT


def rate(
    total: Decimal | None,
    base_total: Decimal | None,
    told: Decimal | None,
    told_inverse: Decimal | None,
    doubts: Doubts,
) -> Decimal | None:
    """Base currency for one of the document's.

    Sage sends a rate and mostly its inverse, and nowhere says which is which. The amount in base currency
    decides; without one, Sage's own way of quoting: so many of the document's currency for one of the base
    (providers §6.3).
    """
    if told == ONE:
        return ONE
    turned = None if told is None else inverse(told)
    # Ours first: the inverse is told with fewer digits.
    found = [each for each in (turned, told_inverse, told) if each is not None and each > 0]
    if not found:
        if told is not None or told_inverse is not None:
            doubts.warn("$.exchange_rate", "an exchange rate is above zero")
        return None
    if not total or not base_total:
        return found[0]
    best = min(found, key=lambda each: round(abs(total * each - base_total), 2))
    if abs(total * best - base_total) > max(_CENTS, abs(base_total) * _CLOSE):
        doubts.warn("$.exchange_rate", "it does not give the amount in base currency: left out")
        return None
    return best


@lru_cache(maxsize=4096)
def account_of(account_id: str) -> AccountRef:
    """A reference to an account: made once, since the lines of a company name few of them."""
    return written.AccountRef(id=account_id)


@lru_cache(maxsize=1024)
def tax_rate_of(rate_id: str) -> TaxRateRef:
    """A reference to a tax rate: made once, likewise."""
    return written.TaxRateRef(id=rate_id)


def account_ref(told: wire.Ref | None) -> AccountRef | None:
    """The account of the ledger that a record names."""
    found = id_of(told)
    return account_of(found) if found else None


def tax_rate_ref(told: wire.Ref | None) -> TaxRateRef | None:
    """The tax rate that a record names."""
    found = id_of(told)
    return tax_rate_of(found) if found else None


def customer_ref(told: wire.Ref | None) -> CustomerRef | None:
    """The contact that a record names, as a customer."""
    found = id_of(told)
    return written.CustomerRef(id=found, companyName=told.displayed_as or None) if told and found else None


def supplier_ref(told: wire.Ref | None) -> SupplierRef | None:
    """The contact that a record names, as a supplier."""
    found = id_of(told)
    return written.SupplierRef(id=found, supplierName=told.displayed_as or None) if told and found else None


def categories(
    told: list[wire.Category] | None, path: str, doubts: Doubts
) -> tuple[TrackingCategoryRef, ...]:
    """The values of analysis types that a line is counted by."""
    found = []
    for place, each in enumerate(told or ()):
        if each.id:
            found.append(written.TrackingCategoryRef(id=each.id, name=each.displayed_as or None))
        else:
            doubts.warn(f"{path}[{place}].id", "the category has no id: left out")
    return tuple(found)


def nominal_code(told: str | int | None, displayed_as: str | None) -> str | None:
    """An account's code. Sage sends it as a number; the text keeps the zeros at its head."""
    shown = _CODE.search(displayed_as or "")
    if told is None or told == "":
        return None
    code = str(told)
    if shown is not None and shown[1].lstrip("0") == code.lstrip("0"):
        return shown[1]
    return code


def name_of(displayed_as: str | None) -> str | None:
    """An account's name without the code at the end of its text."""
    return _CODE.sub("", displayed_as or "").strip() or displayed_as or None


def bank_ledger_ref(told: wire.Ref | None, books: Books, path: str, doubts: Doubts) -> AccountRef | None:
    """The ledger's account of a bank account.

    A payment names the bank account, whose id is another; its text ends with the nominal code that both
    share. Where the chart of accounts is not at hand, or has no such code, the bank account itself is named.
    """
    bank = id_of(told)
    if told is None or bank is None:
        return None
    shown = _CODE.search(told.displayed_as or "")
    ledger = books.account_ids.get(shown[1]) if shown is not None else None
    if ledger is None and books.account_ids:
        doubts.warn(path, "no account has this bank account's code: the bank account is named")
    return written.AccountRef(id=ledger or bank, name=name_of(told.displayed_as))
