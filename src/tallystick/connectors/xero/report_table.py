"""Xero's reports as tables: heads that tell days, cells that tell money, and the accounts that rows are of.

Every cell is a text, and the sections' nesting is by their order more than by their structure.
Source: providers §§3.6, 5 no. 30, 6.6.
"""

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from attrs import frozen

from tallystick.connectors.doubts import Doubts
from tallystick.connectors.xero.wire_ledger import Report, ReportCell, ReportRow
from tallystick.errors import RecordRejected
from tallystick.standard import ZERO, ReportLine, plus

_DAY: Final = re.compile(r"(?:(\d{1,2})\s+)?([A-Za-z]{3,9})[\s-]+(\d{4}|\d{2})", re.ASCII)
_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december",
)  # fmt: skip
_NUMBER: Final = re.compile(r"-?\d{1,40}(?:\.\d{1,40})?", re.ASCII)
#: What stands where an account's id does and is none: gains in foreign currencies are of no one account,
#: nor is the result of a year that is not over.
_NO_ACCOUNTS: Final = ("FXGROUPID", "abababab-abab-abab-abab-abababababab")


@frozen(kw_only=True)
class Section:
    """A part of a report under one title, as it stands in it: totals are left out, and told apart."""

    path: str  #: where it stands in the report
    title: str  #: lower case, without blanks round it; empty for what stands by itself
    lines: tuple[tuple[ReportLine, ...], ...]  #: of each column
    sums: tuple[Decimal | None, ...]  #: what its last total says for each column, where it has one


def days_in(text: str) -> list[date]:
    """The days that a text tells, in English, as Xero writes them; of a month alone its last day."""
    found = []
    for day, month, year in _DAY.findall(text):
        number = next((n for n, name in enumerate(_MONTHS, 1) if name.startswith(month.lower())), 0)
        if not number:
            continue
        whole = int(year) + (2000 if len(year) == 2 else 0)
        last = monthrange(whole, number)[1]
        if not day or 1 <= int(day) <= last:
            found.append(date(whole, number, int(day) if day else last))
    return found


def columns(report: Report, doubts: Doubts) -> list[tuple[int, date]]:
    """The columns that are of a day, oldest first: each one's place and its last day."""
    found = []
    for number, row in enumerate(report.Rows or ()):
        if row.RowType != "Header":
            continue
        for place, cell in enumerate(row.Cells or ()):
            days = days_in(cell.Value or "")
            if days:
                found.append((place, days[0]))
            elif place > 0:
                doubts.warn(f"$.Rows[{number}].Cells[{place}].Value", "a column of no day: left out")
        break
    return sorted(found, key=lambda told: told[1])


def sections(report: Report, places: Sequence[int]) -> list[Section]:
    """The report's sections in their order, for the columns at these places. Raises: `RecordRejected`."""
    return [
        _section(row, f"$.Rows[{number}]", places)
        for number, row in enumerate(report.Rows or ())
        if row.RowType == "Section"
    ]


def _section(section: ReportRow, path: str, places: Sequence[int]) -> Section:
    lines: list[list[ReportLine]] = [[] for _ in places]
    sums: tuple[Decimal | None, ...] = (None,) * len(places)
    for number, row in enumerate(section.Rows or ()):
        where = f"{path}.Rows[{number}]"
        match row.RowType:
            case "Row":
                for column, place in zip(lines, places, strict=True):
                    column.append(_line(row, where, place))
            case "SummaryRow":
                sums = tuple(money(row.Cells, place, where) for place in places)
            case "Section":
                inner = _section(row, where, places)
                for column, found in zip(lines, inner.lines, strict=True):
                    column.append(group(row.Title or None, found))
            case _:
                pass  # a head within a section tells no money
    title = " ".join((section.Title or "").lower().split())
    return Section(path=path, title=title, lines=tuple(map(tuple, lines)), sums=sums)


def group(name: str | None, lines: Sequence[ReportLine]) -> ReportLine:
    """Rows under a name, and what they come to."""
    total = ZERO
    for line in lines:
        total = plus(total, line.value)
    return ReportLine(name=(name or "").strip() or None, value=total, items=tuple(lines))


def _line(row: ReportRow, path: str, place: int) -> ReportLine:
    head = row.Cells[0] if row.Cells else ReportCell()
    accounts = [
        told.Value
        for told in head.Attributes or ()
        if told.Id in ("account", "accountID") and told.Value not in _NO_ACCOUNTS
    ]
    return ReportLine(
        accountId=accounts[0] if accounts else None,
        name=(head.Value or "").strip() or None,
        value=money(row.Cells, place, path),
    )


def money(cells: Sequence[ReportCell] | None, place: int, path: str) -> Decimal:
    """A cell's amount; a cell that is not there, or is empty, is nothing. Raises: `RecordRejected`."""
    told = ""
    if cells is not None and place < len(cells):
        told = (cells[place].Value or "").strip()
    if not told:
        return ZERO
    if not _NUMBER.fullmatch(told):
        raise RecordRejected(path=f"{path}.Cells[{place}].Value", reason="no amount of money")
    return Decimal(told)
