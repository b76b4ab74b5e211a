"""Xero's words, days and instants, and the doubts that reading them leaves. Source: providers §3.5."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Final, TypeVar

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts
from tallystick.standard import (
    AccountRef,
    CalendarDate,
    TaxRateRef,
    calendar_date,
    calendar_day,
    inverse,
    written,
)

W = TypeVar("W", bound=str)

PRESENT: Final = written.Metadata()
GONE: Final = written.Metadata(isDeleted=True)

_NET_DATE: Final = re.compile(r"/Date\((-?\d{1,17})([+-]\d{4})?\)/", re.ASCII)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_DAY_MS: Final = 86_400_000
#: .NET's own "no date", beside the `/Date(0+0000)/` that Xero sends.
_NEVER: Final = "0001-01-01"


def instant(net: str | None, iso: str | None, path: str, doubts: Doubts) -> datetime | None:
    """The moment that a .NET date tells, else an ISO text; aware UTC, None where there is none.

    The offset in `/Date(…+1300)/` is for show: the milliseconds count from 1970 in UTC. A text without
    a zone is UTC as well.
    """
    told = net or iso
    if not told:
        return None
    try:
        found = _NET_DATE.fullmatch(told)
        if found is not None:
            milliseconds = int(found[1])
            return _EPOCH + milliseconds * _MILLISECOND if _real(milliseconds) else None
        if told.startswith(_NEVER):
            return None
        read = datetime.fromisoformat(told)
    except (ValueError, OverflowError):
        doubts.warn(path, "not a date")
        return None
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def day(text: str | None, net: str | None, path: str, doubts: Doubts) -> CalendarDate | None:
    """The day that a document bears: of its text form first, since that cannot be shifted by a zone."""
    if text:
        if text.startswith(_NEVER):
            return None
        found = calendar_date(text)
        if found is not None:
            return found
    if net:
        told, found = _net_day(net)
        if found is not None or (told and not text):
            return found
    if text or net:
        doubts.warn(path, "not a date")
    return None


@lru_cache(maxsize=16_384)
def _net_day(text: str) -> tuple[bool, CalendarDate | None]:
    """Whether this tells a day or that there is none, and the day.

    Xero writes a day as its midnight in UTC. What is no midnight in UTC is one in the zone it names.
    """
    found = _NET_DATE.fullmatch(text)
    if found is None:
        known = calendar_date(text)
        return known is not None, known
    milliseconds = int(found[1])
    if not _real(milliseconds):
        return True, None
    if milliseconds % _DAY_MS and found[2]:
        hours, minutes = int(found[2][1:3]), int(found[2][3:])
        sign = -1 if found[2].startswith("-") else 1
        milliseconds += sign * (hours * 60 + minutes) * 60_000
    try:
        return True, calendar_day(date.fromordinal(_EPOCH.toordinal() + milliseconds // _DAY_MS))
    except (ValueError, OverflowError):
        return False, None


def _real(milliseconds: int) -> bool:
    return milliseconds not in (0, -62_135_596_800_000)


def rate(told: Decimal | None, path: str, doubts: Doubts) -> Decimal | None:
    """Base currency for one of the document's. Xero tells it the other way round (providers §5 no. 23)."""
    if told is None:
        return None
    found = inverse(told)
    if found is None:
        doubts.warn(path, "an exchange rate is above zero")
    return found


@lru_cache(maxsize=4096)
def account_of(account_id: str) -> AccountRef:
    """A reference to an account: made once, since the lines of a company name few of them."""
    return written.AccountRef(id=account_id)


@lru_cache(maxsize=1024)
def tax_rate_of(code: str) -> TaxRateRef:
    """A reference to a tax rate: made once, likewise."""
    return written.TaxRateRef(id=code)


def account_ref(
    account_id: str | None, code: str | None, books: Books, path: str, doubts: Doubts
) -> AccountRef | None:
    """The account by its id, else by its code: the code is free text that may name another one later.

    Where the chart of accounts is not at hand the code stands in the id's place.
    """
    if account_id:
        return account_of(account_id)
    if not code:
        return None
    found = books.account_ids.get(code)
    if found is None and books.account_ids:
        doubts.warn(path, "no account has this code")
    return account_of(found or code)
