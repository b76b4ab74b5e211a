"""Xero's reports as statements: profit and loss, balance sheet, cash flow.

Sections are told by their titles, in the standard layout that we ask for; those without one hold the
report's own totals, by which what we make of it is checked. Source: providers §§2.1, 5 no. 30, 6.6.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final, Literal

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts
from tallystick.connectors.xero.report_table import Section, columns, days_in, group, sections
from tallystick.connectors.xero.wire_ledger import Report
from tallystick.errors import RecordRejected
from tallystick.standard import (
    BalanceSheet,
    BalanceSheetPeriod,
    CalendarDate,
    CashFlowPeriod,
    CashFlowStatement,
    ProfitAndLoss,
    ProfitAndLossPeriod,
    ReportLine,
    StandardRecord,
    calendar_day,
    minus,
    plus,
)

_Part = Literal["income", "costOfSales", "otherIncome", "expenses", "otherExpenses"]
#: What a section of the profit and loss is, by its title without *less* and *plus*.
PARTS: Final[dict[str, _Part]] = {
    "income": "income",
    "revenue": "income",
    "trading income": "income",
    "turnover": "income",
    "sales": "income",
    "cost of sales": "costOfSales",
    "cost of goods sold": "costOfSales",
    "other income": "otherIncome",
    "non-operating income": "otherIncome",
    "operating expenses": "expenses",
    "expenses": "expenses",
    "administrative costs": "expenses",
    "overheads": "expenses",
    "other expenses": "otherExpenses",
    "non-operating expenses": "otherExpenses",
}
_NAMES: Final[dict[_Part, str]] = {
    "income": "Income",
    "costOfSales": "Cost of sales",
    "otherIncome": "Other income",
    "expenses": "Operating expenses",
    "otherExpenses": "Other expenses",
}


def profit_and_loss(source: Report, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """The profit and loss, month by month, by what was invoiced. Raises: `RecordRejected`."""
    doubts.data_type = "profitAndLoss"
    told = [
        (place, last)
        for place, last in columns(source, doubts)
        if books.today is None or last.replace(day=1) <= books.today  # the next month may be among them
    ]
    found = sections(source, [place for place, _ in told])
    parts = [_part_of(section, doubts) for section in found]
    periods = tuple(
        _profit_period(column, last, found, parts, doubts) for column, (_, last) in enumerate(told)
    )
    return [
        ProfitAndLoss(
            currency=books.base_currency or "XXX",
            reportBasis="Accrual",
            reports=periods,
            **_months([last for _, last in told]),
        )
    ]


def _part_of(section: Section, doubts: Doubts) -> _Part | None:
    """None for what holds totals."""
    if not section.title:
        return None
    title = section.title.removeprefix("less ").removeprefix("plus ").removeprefix("add ")
    found = PARTS.get(title)
    if found is None:
        found = "expenses" if section.title.startswith("less ") else "otherIncome"
        doubts.warn(f"{section.path}.Title", f"no section that this mapping knows: counted as {found}")
    return found


def _profit_period(
    column: int, last: date, found: Sequence[Section], parts: Sequence[_Part | None], doubts: Doubts
) -> ProfitAndLossPeriod:
    lines: dict[_Part, list[ReportLine]] = {part: [] for part in _NAMES}
    for section, part in zip(found, parts, strict=True):
        if part is not None:
            lines[part] += section.lines[column]
            _agree(section, column, doubts)
    sums = {part: group(_NAMES[part], rows) for part, rows in lines.items()}
    gross = minus(sums["income"].value, sums["costOfSales"].value)
    operating = minus(gross, sums["expenses"].value)
    other = minus(sums["otherIncome"].value, sums["otherExpenses"].value)
    net = plus(operating, other)
    _compare(found, column, ("net profit", "net loss", "net profit/(loss)"), net, doubts)
    return ProfitAndLossPeriod(
        fromDate=calendar_day(last.replace(day=1)),
        toDate=calendar_day(last),
        grossProfit=gross,
        netOperatingProfit=operating,
        netOtherIncome=other,
        netProfit=net,
        **sums,
    )


_Side = Literal["assets", "liabilities", "equity"]


def balance_sheet(source: Report, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """The balance sheet at the ends of months. Raises: `RecordRejected`."""
    doubts.data_type = "balanceSheet"
    told = columns(source, doubts)
    found = sections(source, [place for place, _ in told])
    sides = _sides(found)
    periods = tuple(
        _balance_period(column, last, found, sides, doubts) for column, (_, last) in enumerate(told)
    )
    return [
        BalanceSheet(
            currency=books.base_currency or "XXX",
            reports=periods,
            **_months([last for _, last in told]),
        )
    ]


def _sides(found: Sequence[Section]) -> list[_Side]:
    """Which side each section is on: they follow markers without rows, and may name it themselves."""
    side: _Side = "assets"
    sides: list[_Side] = []
    for section in found:
        if "liabilit" in section.title:
            side = "liabilities"
        elif "equity" in section.title:
            side = "equity"
        elif section.title.endswith("assets"):
            side = "assets"
        sides.append(side)
    return sides


def _balance_period(
    column: int, last: date, found: Sequence[Section], sides: Sequence[_Side], doubts: Doubts
) -> BalanceSheetPeriod:
    lines: dict[_Side, list[ReportLine]] = {"assets": [], "liabilities": [], "equity": []}
    for section, side in zip(found, sides, strict=True):
        if not section.title or not section.lines[column]:
            continue  # totals, and markers
        _agree(section, column, doubts)
        if section.title == side:
            lines[side] += section.lines[column]
        else:
            lines[side].append(group(section.title.capitalize(), section.lines[column]))
    assets, liabilities = group("Assets", lines["assets"]), group("Liabilities", lines["liabilities"])
    equity = group("Equity", lines["equity"])
    net = minus(assets.value, liabilities.value)
    _compare(found, column, ("net assets",), net, doubts)
    if equity.value != net:
        doubts.warn("$.Rows", "equity is not what assets and liabilities leave")
    return BalanceSheetPeriod(
        date=calendar_day(last), assets=assets, liabilities=liabilities, netAssets=net, equity=equity
    )


def cash_flow(source: Report, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """What the bank summary tells of money in and out, by account. Raises: `RecordRejected`.

    Money that moves between two accounts is among both. The report has one period.
    """
    doubts.data_type = "cashFlowStatement"
    period = _cash_period(source, doubts)
    received, spent = _cash_columns(source)
    rows = [section for section in sections(source, (received, spent)) if section.lines[0]]
    for section in rows:
        for column in (0, 1):
            _agree(section, column, doubts)
    return [
        CashFlowStatement(
            currency=books.base_currency or "XXX",
            reportBasis="Cash",
            reportInput="Direct",
            reports=(
                CashFlowPeriod(
                    fromDate=calendar_day(period[0]) if period else None,
                    toDate=calendar_day(period[1]) if period else None,
                    cashReceipts=group("Cash received", [each for s in rows for each in s.lines[0]]),
                    cashPayments=group("Cash spent", [each for s in rows for each in s.lines[1]]),
                ),
            ),
            **_months(list(period or ())),
        )
    ]


def _cash_period(source: Report, doubts: Doubts) -> tuple[date, date] | None:
    found = [day for title in source.ReportTitles or () for day in days_in(title)]
    if len(found) < 2:
        doubts.warn("$.ReportTitles", "they do not tell from which day to which")
        return None
    return found[-2], found[-1]


def _cash_columns(source: Report) -> tuple[int, int]:
    heads = next((row.Cells for row in source.Rows or () if row.RowType == "Header"), None) or ()
    names = [(cell.Value or "").strip().lower() for cell in heads]
    if "cash received" not in names or "cash spent" not in names:
        raise RecordRejected(path="$.Rows[0].Cells", reason="no columns of cash received and spent")
    return names.index("cash received"), names.index("cash spent")


def _agree(section: Section, column: int, doubts: Doubts) -> None:
    """Whether a section's rows come to what it says itself."""
    told = section.sums[column]
    if told is not None and group(None, section.lines[column]).value != told:
        doubts.warn(section.path, "its rows do not come to its total")


def _compare(
    found: Sequence[Section], column: int, names: Sequence[str], ours: Decimal, doubts: Doubts
) -> None:
    """Whether the report's own total is the one that we come to."""
    for section in found:
        for line in section.lines[column]:
            if not section.title and (line.name or "").lower() in names and line.value != ours:
                doubts.warn(section.path, f"{names[0]} is not what its sections come to")


def _months(ends: list[date]) -> dict[str, CalendarDate | None]:
    if not ends:
        return {}
    return {
        "earliestAvailableMonth": calendar_day(min(ends).replace(day=1)),
        "mostRecentAvailableMonth": calendar_day(max(ends).replace(day=1)),
    }
