"""Reads what Sage's statements are made of, as it has no reports: what moved on every account by month.

A call tells what was posted to all accounts between two days. Between them the calls cover all days since
the beginning, so that what moved adds up to what stood. Financial years may begin within a month: then the
month is two spans. Source: providers §6.6.
"""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

import msgspec
from attrs import frozen

from tallystick.connectors.contract import Calls, Page
from tallystick.connectors.fingerprints import fingerprint
from tallystick.connectors.http_times import http_date
from tallystick.connectors.sage.asking import ask
from tallystick.connectors.sage.envelope import open_envelope, refuse_broken, unreadable
from tallystick.connectors.sage.listings import STATEMENTS
from tallystick.connectors.sage.place import Place
from tallystick.connectors.unreadable import UNREADABLE

#: Before any books began.
BEGINNING: Final = date(1970, 1, 1)
#: Whole months before this one.
MONTHS: Final = 24
#: Calls that a reading takes at most, whatever the chart of accounts is like: then there are fewer months.
MOST_CALLS: Final = 60
#: Spans beside whole months: this one, all before, and what financial years cut off.
_BESIDE: Final = 6
_ACCOUNTS: Final = "ledger_accounts"
#: Twenty-seven times a whole chart of accounts would be megabytes: only what the statements show.
_FIELDS: Final = "name,nominal_code,ledger_account_type,balance_details"


@frozen
class Span:
    """Days, both of them included."""

    first: date
    last: date


class _Settings(msgspec.Struct):
    year_end_date: str | None = None


_SETTINGS: Final = msgspec.json.Decoder(_Settings)


async def statements(calls: Calls, today: date, page_size: int) -> Page:
    """One row that has all answers as they came.

    Cost: a call for the settings, and one or two for each span, at most `MOST_CALLS` of them; of a chart of
    more than 200 accounts one more for each 200. Raises: `PageUnreadable`; what `calls.get` raises.
    """
    settings = await calls.get("financial_settings")
    refuse_broken(settings.content, STATEMENTS)
    year_end = _year_end(settings.content)
    newest = spans(today, year_end, MONTHS)[-1]
    told = [await _movements(calls, newest, page_size)]
    pages = len(told[0])
    asked = spans(today, year_end, max(1, min(MONTHS, (MOST_CALLS - 1) // pages - _BESIDE)))
    told += [await _movements(calls, span, page_size) for span in reversed(asked[:-1])]
    parts = [
        b'{"from_date":"%b","to_date":"%b","answers":[%b]}'
        % (span.first.isoformat().encode(), span.last.isoformat().encode(), b",".join(answers))
        for span, answers in zip(asked, reversed(told), strict=True)
    ]
    row = b'{"financial_settings":%b,"periods":[%b]}' % (settings.content, b",".join(parts))
    raw = b'{"$items":[%b]}' % row
    envelope = open_envelope(STATEMENTS, raw)
    return Page(
        raw=raw,
        records=envelope.rows(),
        next=None,
        fingerprint=fingerprint(envelope.array),
        provider_time=http_date(settings.headers.get("Date", "")),
    )


def spans(today: date, year_end: tuple[int, int] | None, months: int) -> list[Span]:
    """All days from the beginning to the end of this month, cut where a month or a financial year begins.

    So many whole months before this one are cut. `year_end`: month and day; none: a year is as the calendar
    has it.
    """
    this = today.replace(day=1)
    begins = [_months_before(this, count) for count in range(months + 1)]
    begins += [_year_begin(day, year_end) for day in begins]
    end = today.replace(day=monthrange(today.year, today.month)[1])
    begins += [begin for begin in [_year_begin(end, year_end)] if begin <= end]
    cuts = sorted({BEGINNING, *begins, end + timedelta(days=1)})
    return [Span(first, after - timedelta(days=1)) for first, after in pairwise(cuts)]


def _months_before(first: date, count: int) -> date:
    number = first.year * 12 + first.month - 1 - count
    return date(number // 12, number % 12 + 1, 1)


def _year_begin(day: date, year_end: tuple[int, int] | None) -> date:
    """The first day of the financial year that a day is in."""
    month, last = year_end or (12, 31)
    years = (day.year, day.year - 1, day.year - 2)
    ends = (date(year, month, min(last, monthrange(year, month)[1])) for year in years)
    return next(end for end in ends if end < day) + timedelta(days=1)


def _year_end(settings: bytes) -> tuple[int, int] | None:
    """Month and day; the year that Sage tells with them may be any."""
    try:
        told = _SETTINGS.decode(settings).year_end_date
        found = date.fromisoformat(told[:10]) if told else None
    except (*UNREADABLE, ValueError):
        return None  # the mapping tells of it
    return (found.month, found.day) if found is not None else None


async def _movements(calls: Calls, span: Span, page_size: int) -> list[bytes]:
    """What moved on all accounts: as many answers as it takes."""

    def params(at: Place) -> Mapping[str, str]:
        return {
            "attributes": _FIELDS,
            "show_balance_details": "true",
            "from_date": span.first.isoformat(),
            "to_date": span.last.isoformat(),
            "page": str(at.page),
            "items_per_page": str(at.size),
        }

    found: list[bytes] = []
    at, read = Place(list=_ACCOUNTS, size=page_size), 0
    while True:
        at, response = await ask(calls, _ACCOUNTS, params, at)
        envelope = open_envelope(STATEMENTS, response.content)
        rows = len(envelope.rows())
        if envelope.page not in (None, at.page):
            reason = f"page {envelope.page} came for page {at.page}"
            raise unreadable(STATEMENTS, reason, response.content)
        found.append(response.content)
        read += rows
        if not rows or (read >= envelope.total if envelope.total is not None else not envelope.goes_on):
            return found
        at = at.moved(at.offset + at.size, at.size)
