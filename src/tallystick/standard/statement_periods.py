"""Statements over other periods than those they were read for: quarters and years made of months.

Amounts of a period's parts are added line by line: a line is known by its account where it has one, by its
name where it has none, and by the lines above it. A sheet shows a moment, so the last of its parts counts.

What is missing is never made up. A period is the unbroken run of parts that ends latest in it, and its dates
say which days that is: shorter than asked for where a month is missing, longer where the provider tells of
a longer time in one. Where nothing is stored, no period is given.
Source: api-contract §§3, 3.1 (`periodLength`, `periodsToCompare`, `startMonth`).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final, TypeVar, assert_never

from attrs import evolve, frozen

from tallystick.standard.dates import CalendarDate
from tallystick.standard.money import ZERO, plus
from tallystick.standard.statements import (
    BalanceSheet,
    BalanceSheetPeriod,
    CashFlowPeriod,
    CashFlowStatement,
    ProfitAndLoss,
    ProfitAndLossPeriod,
    ReportLine,
)

AnyStatement = BalanceSheet | CashFlowStatement | ProfitAndLoss
P = TypeVar("P")

_YEAR: Final = 12  #: months


@frozen(kw_only=True)
class Periods:
    """Which periods are asked for: as many, one after the other, the latest of them ending in a month."""

    months: int  #: how long each is
    count: int  #: how many there are
    last: date | None = None  #: a day in the month that the latest ends in; None: the newest stored one


def over_periods(statement: AnyStatement, asked: Periods) -> AnyStatement:
    """A statement over the periods asked for, oldest first; those of which nothing is stored are left out.

    Raises: `ArithmeticError` for sums of over 100 digits.
    """
    match statement:
        case BalanceSheet():
            sheets = _grouped(statement.reports, _sheet_days, statement, asked)
            return evolve(statement, reports=tuple(parts[-1] for parts in sheets))
        case ProfitAndLoss():
            results = _grouped(statement.reports, _result_days, statement, asked)
            return evolve(statement, reports=tuple(_results(parts) for parts in results))
        case CashFlowStatement():
            flows = _grouped(statement.reports, _flow_days, statement, asked)
            return evolve(statement, reports=tuple(_flows(parts) for parts in flows))
        case _:
            assert_never(statement)


#: A part's first and last day; None where the provider does not tell.
_Days = tuple[date, date] | None


def _sheet_days(told: BalanceSheetPeriod) -> _Days:
    return None if told.date is None else (_day(told.date), _day(told.date))


def _result_days(told: ProfitAndLossPeriod) -> _Days:
    return _both(told.fromDate, told.toDate)


def _flow_days(told: CashFlowPeriod) -> _Days:
    return _both(told.fromDate, told.toDate)


def _both(first: CalendarDate | None, last: CalendarDate | None) -> _Days:
    return None if first is None or last is None else (_day(first), _day(last))


def _day(told: CalendarDate) -> date:
    return date.fromisoformat(told[:10])


def _month(day: date) -> int:
    return day.year * _YEAR + day.month - 1


def _grouped(
    stored: Sequence[P], days_of: Callable[[P], _Days], statement: AnyStatement, asked: Periods
) -> list[list[P]]:
    """The parts of each period that has any, both oldest first: a part is the period's that it ends in."""
    told = sorted(
        ((days, part) for part in stored if (days := days_of(part)) is not None),
        key=lambda each: (each[0][1], each[0][0]),
    )
    if not told:
        return []
    newest = statement.mostRecentAvailableMonth
    last = asked.last or (told[-1][0][1] if newest is None else _day(newest))
    groups: dict[int, list[tuple[tuple[date, date], P]]] = {}
    for days, part in told:
        ago = (_month(last) - _month(days[1])) // asked.months
        if 0 <= ago < asked.count:
            groups.setdefault(ago, []).append((days, part))
    return [_unbroken(groups[ago]) for ago in sorted(groups, reverse=True)]


def _unbroken(parts: Sequence[tuple[tuple[date, date], P]]) -> list[P]:
    """The run of parts that follow on each other up to the latest of them."""
    (first, _), latest = parts[-1]
    run = [latest]
    for (begin, end), part in reversed(parts[:-1]):
        if end.toordinal() + 1 == first.toordinal():
            run.append(part)
            first = begin
    return run[::-1]


def _results(parts: Sequence[ProfitAndLossPeriod]) -> ProfitAndLossPeriod:
    if len(parts) == 1:
        return parts[0]
    return ProfitAndLossPeriod(
        fromDate=parts[0].fromDate,
        toDate=parts[-1].toDate,
        income=_section(part.income for part in parts),
        costOfSales=_section(part.costOfSales for part in parts),
        grossProfit=_sum(part.grossProfit for part in parts),
        expenses=_section(part.expenses for part in parts),
        netOperatingProfit=_sum(part.netOperatingProfit for part in parts),
        otherExpenses=_section(part.otherExpenses for part in parts),
        otherIncome=_section(part.otherIncome for part in parts),
        netOtherIncome=_sum(part.netOtherIncome for part in parts),
        netProfit=_sum(part.netProfit for part in parts),
    )


def _flows(parts: Sequence[CashFlowPeriod]) -> CashFlowPeriod:
    if len(parts) == 1:
        return parts[0]
    return CashFlowPeriod(
        fromDate=parts[0].fromDate,
        toDate=parts[-1].toDate,
        cashReceipts=_section(part.cashReceipts for part in parts),
        cashPayments=_section(part.cashPayments for part in parts),
    )


def _section(told: Iterable[ReportLine | None]) -> ReportLine | None:
    lines = [line for line in told if line is not None]
    return _added(lines) if lines else None


def _added(lines: Sequence[ReportLine]) -> ReportLine:
    """One line over several periods, oldest first: named and laid out as in the newest of them."""
    newest = lines[-1]
    found: dict[tuple[str | None, str | None, int], list[ReportLine]] = {}
    for line in reversed(lines):
        for key, item in _keyed(line.items).items():
            found.setdefault(key, []).insert(0, item)
    return ReportLine(
        accountId=newest.accountId,
        name=newest.name,
        value=_sum(line.value for line in lines),
        items=tuple(_added(each) for each in found.values()),
    )


def _keyed(items: Sequence[ReportLine]) -> Mapping[tuple[str | None, str | None, int], ReportLine]:
    """Lines by what they are known by; the number tells lines apart that are alike."""
    found: dict[tuple[str | None, str | None, int], ReportLine] = {}
    alike: Counter[tuple[str | None, str | None]] = Counter()
    for item in items:
        identity = (item.accountId, None) if item.accountId else (None, item.name)
        found[(*identity, alike[identity])] = item
        alike[identity] += 1
    return found


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    total = ZERO
    for amount in amounts:
        total = plus(total, amount)
    return total
