"""FreeAgent's words, days, instants, rates and references, and the doubts that reading them leaves.

Ids are addresses there: of `https://api.freeagent.com/v2/invoices/7` ours is `7`, whichever host it names.
Source: providers §2.5.
"""

from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Final

from tallystick.connectors.doubts import Doubts
from tallystick.errors import RecordRejected
from tallystick.standard import (
    ZERO,
    AccountRef,
    CalendarDate,
    CustomerRef,
    Metadata,
    SupplierRef,
    TaxRateRef,
    TrackingCategoryRef,
    calendar_date,
    calendar_day,
    minus,
    negated,
    plus,
    written,
)

PRESENT: Final[Metadata] = written.Metadata()
#: Where a currency has to be told and nobody tells it (ISO 4217).
NO_CURRENCY: Final = "XXX"
#: What FreeAgent says of a line in place of a rate, and how ours is called that stands for it.
WITHOUT_RATE: Final = {"EXEMPT": "Exempt", "OUT_OF_SCOPE": "Out of scope"}


@lru_cache(maxsize=8192)
def id_of(url: str | None) -> str | None:
    """The id at the end of an address; None where there is none."""
    return (url or "").rstrip("/").rpartition("/")[2] or None


def list_of(url: str | None) -> str:
    """Which list an address is of: `invoices` of `…/v2/invoices/7`; nothing where there is none."""
    return (url or "").rstrip("/").rpartition("/")[0].rpartition("/")[2]


def own_id(url: str, path: str = "$.url") -> str:
    """A record's own id. Raises: `RecordRejected` for an address that ends without one."""
    found = id_of(url)
    if found is None:
        raise RecordRejected(path=path, reason="an address without an id")
    return found


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


def day_or_entered(told: str | None, entered: str | None, at: str, what: str, doubts: Doubts) -> CalendarDate:
    """The day of a record that has to bear one; where it does not, that on which it was entered.

    `at`: the path of the record within the row. Raises: `RecordRejected`.
    """
    path = f"{at}.dated_on"
    found = day(told, path, doubts)
    if found is not None:
        return found
    moment = instant(entered, path, Doubts([]))
    if moment is None:
        raise RecordRejected(path=path, reason=f"the {what} bears no date")
    doubts.warn(path, f"the {what} bears no date: the day of its entry stands in")
    return calendar_day(moment.date())


def rate(told: Decimal | None, path: str, doubts: Doubts) -> Decimal | None:
    """Base currency for one of the document's, which is FreeAgent's own way."""
    if told is not None and told <= ZERO:
        doubts.warn(path, "an exchange rate is above zero")
        return None
    return told


def tax_of(tax: Decimal | None, second: Decimal | None, total: Decimal) -> Decimal:
    """All tax of a total, with the total's sign: of bills FreeAgent writes it the other way round."""
    size = plus((tax or ZERO).copy_abs(), (second or ZERO).copy_abs())
    return negated(size) if total < ZERO else size


def told_net(
    net: Decimal | None, tax: Decimal | None, second: Decimal | None, total: Decimal
) -> Decimal | None:
    """What is told before tax, with the total's sign, where it and the tax come to the total; else None.

    So tax keeps its own sign: 100 without tax less 75 at 20 % is 25 before tax of -15. Of a total of nothing
    the sign of `net` is its own.
    """
    if net is None:
        return None
    size = plus(tax or ZERO, second or ZERO).copy_abs()
    if minus(total.copy_abs(), net.copy_abs()).copy_abs() != size:
        return None
    if not total:
        return net
    return negated(net.copy_abs()) if total < ZERO else net.copy_abs()


def check_net(net: Decimal | None, total: Decimal, tax: Decimal, path: str, doubts: Doubts) -> None:
    """Whether what is told before tax is what is left of the total."""
    if net and net.copy_abs() != minus(total, tax).copy_abs():
        doubts.warn(path, "net and tax do not come to the total")


def tax_rate_id(percentage: Decimal) -> str:
    """A rate has no id at FreeAgent: lines name it by what it is, as `20.0` or `20`."""
    text = format(percentage, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


@lru_cache(maxsize=1024)
def _rate_ref(id_: str) -> TaxRateRef:
    return written.TaxRateRef(id=id_)


def tax_rate_ref(percentage: Decimal | None, status: str | None) -> TaxRateRef | None:
    """The rate of a line, or what stands in for one."""
    if status in WITHOUT_RATE:
        return _rate_ref(status)
    return _rate_ref(tax_rate_id(percentage)) if percentage is not None else None


@lru_cache(maxsize=4096)
def account_of(account_id: str) -> AccountRef:
    """A reference to an account: made once, since the lines of a company name few of them."""
    return written.AccountRef(id=account_id)


def category_ref(url: str | None) -> AccountRef | None:
    """The account of the ledger that a record names as its category."""
    found = id_of(url)
    return account_of(found) if found else None


def customer_ref(url: str | None, name: str | None) -> CustomerRef | None:
    """The contact that a record names, as a customer."""
    found = id_of(url)
    return written.CustomerRef(id=found, companyName=name or None) if found else None


def supplier_ref(url: str | None, name: str | None) -> SupplierRef | None:
    """The contact that a record names, as a supplier."""
    found = id_of(url)
    return written.SupplierRef(id=found, supplierName=name or None) if found else None


def project_refs(*urls: str | None) -> tuple[TrackingCategoryRef, ...]:
    """The project that a line is counted by: its own, else its document's."""
    found = next(filter(None, map(id_of, urls)), None)
    return (written.TrackingCategoryRef(id=found),) if found else ()
