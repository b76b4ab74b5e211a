"""QuickBooks' balance sheet, profit and loss and cash flow. Source: providers §§3.6, 6.6.

A report is a table: sections within sections, a column a month. A section is known by its `group`; its title
is in the company's own language. An empty cell is nothing.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Final, TypeVar

from attrs import frozen

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts, exact_word
from tallystick.connectors.quickbooks.report_wire import Cell, Cells, Report, ReportColumn, ReportRow
from tallystick.connectors.quickbooks.words import NO_CURRENCY
from tallystick.errors import RecordRejected
from tallystick.standard import (
    ZERO,
    BalanceSheet,
    BalanceSheetPeriod,
    CalendarDate,
    CashFlowPeriod,
    CashFlowStatement,
    ProfitAndLoss,
    ProfitAndLossPeriod,
    ReportBasis,
    ReportLine,
    StandardRecord,
    calendar_date,
    minus,
    negated,
    plus,
)

BASIS: Final[dict[str, ReportBasis]] = {"Accrual": "Accrual", "Cash": "Cash"}
#: Where cash moves, by their groups; what else is there are sums.
CASH_GROUPS: Final = ("OperatingActivities", "InvestingActivities", "FinancingActivities")
P = TypeVar("P")


@frozen(kw_only=True)
class _Period:
    """One column, and the days that it is about."""

    place: int
    first: CalendarDate
    last: CalendarDate


def balance_sheet(source: Report, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """The sheet at the end of each month; of the month under way as it is to be at its end."""
    groups = _groups(source, "TotalAssets")

    def period(told: _Period) -> BalanceSheetPeriod:
        assets = _section(groups, "TotalAssets", told.place)
        liabilities = _section(groups, "Liabilities", told.place)
        return BalanceSheetPeriod(
            date=told.last,
            assets=assets,
            liabilities=liabilities,
            netAssets=minus(_value(assets), _value(liabilities)),
            equity=_section(groups, "Equity", told.place),
        )

    periods = _periods(source)
    return [
        BalanceSheet(
            currency=source.Header.Currency or books.base_currency or NO_CURRENCY,
            mostRecentAvailableMonth=_month(periods[-1].first),
            earliestAvailableMonth=_month(periods[0].first),
            reports=_each(periods, period, doubts),
        )
    ]


def profit_and_loss(source: Report, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """What each month earned and spent."""
    groups = _groups(source, "Income", "NetIncome")

    def period(told: _Period) -> ProfitAndLossPeriod:
        def of(group: str) -> ReportLine | None:
            return _section(groups, group, told.place)

        income, sales_cost, expenses = of("Income"), of("COGS"), of("Expenses")
        other_income, other_expenses = of("OtherIncome"), of("OtherExpenses")
        gross = minus(_value(income), _value(sales_cost))
        operating = minus(gross, _value(expenses))
        other = minus(_value(other_income), _value(other_expenses))
        return ProfitAndLossPeriod(
            fromDate=told.first,
            toDate=told.last,
            income=income,
            costOfSales=sales_cost,
            grossProfit=_told(groups, "GrossProfit", told.place, gross),
            expenses=expenses,
            netOperatingProfit=_told(groups, "NetOperatingIncome", told.place, operating),
            otherExpenses=other_expenses,
            otherIncome=other_income,
            netOtherIncome=_told(groups, "NetOtherIncome", told.place, other),
            netProfit=_told(groups, "NetIncome", told.place, plus(operating, other)),
        )

    periods = _periods(source)
    return [
        ProfitAndLoss(
            currency=source.Header.Currency or books.base_currency or NO_CURRENCY,
            mostRecentAvailableMonth=_month(periods[-1].first),
            earliestAvailableMonth=_month(periods[0].first),
            reportBasis=exact_word(BASIS, source.Header.ReportBasis, "$.Header.ReportBasis", doubts),
            reports=_each(periods, period, doubts),
        )
    ]


def cash_flow(source: Report, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """QuickBooks tells cash flow indirectly: what raised cash counts as received, what lowered it as paid."""
    groups = _groups(source, *CASH_GROUPS)

    def period(told: _Period) -> CashFlowPeriod:
        rows = [row for name in CASH_GROUPS if name in groups for row in _leaves(groups[name])]
        moved = [_line(row, told.place) for row in rows]
        received = tuple(line for line in moved if line.value > 0)
        paid = tuple(
            ReportLine(accountId=line.accountId, name=line.name, value=negated(line.value))
            for line in moved
            if line.value < 0
        )
        return CashFlowPeriod(
            fromDate=told.first,
            toDate=told.last,
            cashReceipts=ReportLine(name="Cash receipts", value=_sum(received), items=received),
            cashPayments=ReportLine(name="Cash payments", value=_sum(paid), items=paid),
        )

    periods = _periods(source)
    return [
        CashFlowStatement(
            currency=source.Header.Currency or books.base_currency or NO_CURRENCY,
            mostRecentAvailableMonth=_month(periods[-1].first),
            earliestAvailableMonth=_month(periods[0].first),
            reportBasis=exact_word(
                BASIS, source.Header.ReportBasis or "Accrual", "$.Header.ReportBasis", doubts
            ),
            reportInput="Indirect",
            reports=_each(periods, period, doubts),
        )
    ]


def _each(periods: list[_Period], made: Callable[[_Period], P], doubts: Doubts) -> tuple[P, ...]:
    found = []
    for period in periods:
        try:
            found.append(made(period))
        except _NoNumber as error:
            doubts.warn(f"$.Columns.Column[{period.place}]", f"{error}: the period is left out")
    return tuple(found)


def _periods(source: Report) -> list[_Period]:
    """The columns that are about a time of their own, oldest first; else the whole time of the report.

    Raises: `RecordRejected` where neither is told.
    """
    columns = (source.Columns.Column or []) if source.Columns is not None else []
    found = [period for place, column in enumerate(columns) if (period := _period(place, column)) is not None]
    if found:
        return sorted(found, key=lambda each: each.first)
    first, last = _day(source.Header.StartPeriod), _day(source.Header.EndPeriod)
    if first is None or last is None or len(columns) < 2:
        raise RecordRejected(path="$.Columns", reason="no column says which days it is about")
    return [_Period(place=len(columns) - 1, first=first, last=last)]


def _period(place: int, column: ReportColumn) -> _Period | None:
    told = {each.Name: each.Value for each in column.MetaData or ()}
    first, last = _day(told.get("StartDate")), _day(told.get("EndDate"))
    if first is None or last is None or told.get("ColKey") == "total":
        return None
    return _Period(place=place, first=first, last=last)


def _day(text: str | None) -> CalendarDate | None:
    return calendar_date(text) if text else None


def _month(day: CalendarDate) -> CalendarDate | None:
    return calendar_date(f"{day[:7]}-01")


def _groups(source: Report, *any_of: str) -> dict[str, ReportRow]:
    """Every section that has a group, wherever it stands.

    Raises: `RecordRejected` where none of those is there that the statement begins with, and something is: a
    layout that nobody knows is not to be read as nothing.
    """
    found: dict[str, ReportRow] = {}
    waiting = list((source.Rows.Row or []) if source.Rows is not None else [])
    while waiting:
        row = waiting.pop(0)
        if row.group:
            found.setdefault(row.group, row)
        waiting += (row.Rows.Row or []) if row.Rows is not None else []
    if _is_empty(source) or any(name in found for name in any_of):
        return found
    raise RecordRejected(path="$.Rows", reason=f"no section {' or '.join(any_of)}")


def _is_empty(source: Report) -> bool:
    """Whether the report says that there is nothing to tell."""
    told = {each.Name: each.Value for each in source.Header.Option or ()}
    return told.get("NoReportData") == "true"


class _NoNumber(Exception):
    """A cell that should be an amount and is none."""


def _section(groups: dict[str, ReportRow], name: str, place: int) -> ReportLine | None:
    row = groups.get(name)
    return None if row is None else _line(row, place)


def _line(row: ReportRow, place: int) -> ReportLine:
    """A row with those below it. A heading that has postings of its own has them as a row below it."""
    if row.ColData is not None:
        head = _cell(row.ColData, 0)
        return ReportLine(
            accountId=head.id or None, name=head.value or None, value=_number(row.ColData, place)
        )
    title = _cells(row.Header) or _cells(row.Summary)
    head = _cell(title, 0)
    own = _number(_cells(row.Header), place)
    below = tuple(_line(each, place) for each in ((row.Rows.Row or ()) if row.Rows is not None else ()))
    if own:
        below = (ReportLine(accountId=head.id or None, name=head.value or None, value=own), *below)
    total = _number(_cells(row.Summary), place) if row.Summary is not None else _sum(below)
    return ReportLine(
        accountId=None if own else head.id or None, name=head.value or None, value=total, items=below
    )


def _leaves(row: ReportRow) -> Iterator[ReportRow]:
    if row.ColData is not None:
        yield row
    for each in (row.Rows.Row or ()) if row.Rows is not None else ():
        yield from _leaves(each)


def _told(groups: dict[str, ReportRow], name: str, place: int, else_: Decimal) -> Decimal:
    """What the report says of a result; what its parts come to where it does not."""
    row = groups.get(name)
    cells = _cells(row.Summary) if row is not None else []
    return _number(cells, place) if place < len(cells) and cells[place].value else else_


def _value(line: ReportLine | None) -> Decimal:
    return ZERO if line is None else line.value


def _sum(lines: tuple[ReportLine, ...]) -> Decimal:
    total = ZERO
    for line in lines:
        total = plus(total, line.value)
    return total


def _cells(cells: Cells | None) -> list[Cell]:
    return (cells.ColData or []) if cells is not None else []


def _cell(cells: list[Cell], place: int) -> Cell:
    return cells[place] if place < len(cells) else Cell()


def _number(cells: list[Cell], place: int) -> Decimal:
    """Raises: `_NoNumber`."""
    told = _cell(cells, place).value
    if not told:
        return ZERO
    try:
        found = Decimal(told)
    except InvalidOperation:
        raise _NoNumber("a cell is no number") from None
    if not found.is_finite():
        raise _NoNumber("a cell is no finite number")
    return found
