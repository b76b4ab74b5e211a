"""Days by which QuickBooks' journal is read: a report is cut where it would be too large, and says so.

First all that is older, in one, then quarter by quarter. Where a report is cut, half of its days are asked
for instead, down to a single day. Source: Intuit's JournalReport; its limit is of cells (rows times columns).
"""

from datetime import UTC, date, datetime, timedelta
from typing import Final

import msgspec
from attrs import evolve, frozen
from msgspec import Raw

from tallystick.connectors.quickbooks.report_wire import Cell, Cells, ReportRow
from tallystick.connectors.unreadable import UNREADABLE

_BEGINNING: Final = date(1970, 1, 1)
_RECENT_QUARTERS: Final = 8
#: What is dated ahead is in the last report; nobody dates anything later.
_YEARS_AHEAD: Final = 5
#: A report near the limit that ends within a transaction is cut, whatever it says and in which language.
_NEAR_THE_LIMIT: Final = 300_000
_NOTICE: Final = "reduce the date range"
_ROW: Final = msgspec.json.Decoder(ReportRow)


@frozen(kw_only=True)
class Window:
    """Some days, both included: `Report:2026-01-01:2026-03-31` as the place of a page."""

    first: date
    last: date

    @classmethod
    def read(cls, at: str) -> "Window":
        """The days that a place names. Raises: `ValueError`."""
        _, first, last = at.split(":")
        return cls(first=date.fromisoformat(first), last=date.fromisoformat(last))

    @classmethod
    def oldest(cls, now: datetime) -> "Window":
        """All that is before the recent quarters."""
        return cls(first=_BEGINNING, last=_recent(now) - timedelta(days=1))

    @property
    def is_a_day(self) -> bool:
        """Whether no less could be asked for."""
        return self.first >= self.last

    def half(self) -> "Window":
        """The first half of the days."""
        return evolve(self, last=self.first + (self.last - self.first) // 2)

    def following(self, now: datetime) -> "Window | None":
        """The days after these: up to the recent quarters, else to the end of theirs. None after the last."""
        first, recent = self.last + timedelta(days=1), _recent(now)
        if first < recent:
            return Window(first=first, last=recent - timedelta(days=1))
        current, end = _quarter(now.astimezone(UTC).date()), date(now.year + _YEARS_AHEAD, 12, 31)
        if first > end:
            return None
        last = end if first >= current else _months_on(_quarter(first), 3) - timedelta(days=1)
        return Window(first=first, last=last)

    def __str__(self) -> str:
        return f"Report:{self.first.isoformat()}:{self.last.isoformat()}"


def is_cut(rows: list[Raw]) -> bool:
    """Whether a report's rows are not all that there are."""
    if not rows:
        return False
    try:
        last = _ROW.decode(rows[-1])
    except UNREADABLE:
        return False
    told = [*(last.ColData or ()), *_cells(last.Header), *_cells(last.Summary)]
    if any(_NOTICE in (cell.value or "").lower() for cell in told):
        return True
    return last.Summary is None and len(rows) * max(len(told), 1) >= _NEAR_THE_LIMIT


def _cells(cells: Cells | None) -> list[Cell]:
    return list(cells.ColData or ()) if cells is not None else []


def _recent(now: datetime) -> date:
    return _months_on(_quarter(now.astimezone(UTC).date()), -3 * _RECENT_QUARTERS)


def _quarter(day: date) -> date:
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def _months_on(day: date, months: int) -> date:
    place = day.year * 12 + day.month - 1 + months
    return date(place // 12, place % 12 + 1, 1)
