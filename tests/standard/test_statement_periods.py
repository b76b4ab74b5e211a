"""Statements over quarters and years, made of the months that are stored."""

from datetime import date
from decimal import Decimal

import pytest

from tallystick.standard import (
    BalanceSheet,
    BalanceSheetPeriod,
    CashFlowPeriod,
    CashFlowStatement,
    ProfitAndLoss,
    ProfitAndLossPeriod,
    ReportLine,
    calendar_day,
    encode,
)
from tallystick.standard.statement_periods import Periods, over_periods


def line(value: str, name: str | None = None, *items: ReportLine, account: str | None = None) -> ReportLine:
    return ReportLine(accountId=account, name=name, value=Decimal(value), items=items)


def ends(year: int, month: int) -> tuple[date, date]:
    """The first and the last day of a month."""
    following = date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, 1), date.fromordinal(following.toordinal() - 1)


def earned(year: int, month: int, income: ReportLine, profit: str = "0") -> ProfitAndLossPeriod:
    first, last = ends(year, month)
    return ProfitAndLossPeriod(
        fromDate=calendar_day(first),
        toDate=calendar_day(last),
        income=income,
        grossProfit=income.value,
        netOperatingProfit=Decimal(profit),
        netOtherIncome=Decimal(0),
        netProfit=Decimal(profit),
    )


def a_year(*months: int, year: int = 2025) -> ProfitAndLoss:
    """Each month earned as many pounds as its number says."""
    return ProfitAndLoss(
        currency="GBP",
        reportBasis="Accrual",
        earliestAvailableMonth=calendar_day(date(year, months[0], 1)),
        mostRecentAvailableMonth=calendar_day(date(year, months[-1], 1)),
        reports=tuple(
            earned(year, month, line(f"{month}.10", "Income", line(f"{month}.10", "Sales", account="200")))
            for month in months
        ),
    )


def told(statement: ProfitAndLoss) -> list[tuple[str, str, Decimal]]:
    """First month, last month, income."""
    return [
        ((period.fromDate or "")[:7], (period.toDate or "")[:7], period.grossProfit)
        for period in statement.reports
    ]


def periods(
    statement: ProfitAndLoss, months: int, count: int, last: date | None = None
) -> list[tuple[str, str, Decimal]]:
    found = over_periods(statement, Periods(months=months, count=count, last=last))
    assert isinstance(found, ProfitAndLoss)
    return told(found)


def test_quarters_are_the_sums_of_their_months_counted_back_from_the_newest() -> None:
    year = a_year(*range(1, 12))
    assert periods(year, 3, 2) == [
        ("2025-06", "2025-08", Decimal("21.30")),
        ("2025-09", "2025-11", Decimal("30.30")),
    ]


def test_the_latest_period_ends_in_the_month_that_is_asked_for() -> None:
    year = a_year(*range(1, 13))
    assert periods(year, 2, 2, date(2025, 6, 23)) == [
        ("2025-03", "2025-04", Decimal("7.20")),
        ("2025-05", "2025-06", Decimal("11.20")),
    ]


def test_a_month_alone_is_told_as_it_was_read() -> None:
    year = a_year(1, 2, 3)
    found = over_periods(year, Periods(months=1, count=12))
    assert encode(found) == encode(year)


def test_a_period_of_which_nothing_is_stored_is_left_out() -> None:
    assert [first for first, *_ in periods(a_year(1, 2, 3), 1, 24)] == ["2025-01", "2025-02", "2025-03"]
    assert periods(a_year(1, 2, 3), 1, 2, date(2025, 12, 1)) == []
    assert periods(a_year(1, 2, 3), 12, 1, date(1900, 1, 1)) == []


def test_a_period_that_begins_before_the_first_month_says_which_days_it_has() -> None:
    assert periods(a_year(2, 3), 12, 1) == [("2025-02", "2025-03", Decimal("5.20"))]


def test_nothing_is_added_up_over_a_missing_month() -> None:
    """April is missing: of January to June only May and June are one run."""
    year = a_year(1, 2, 3, 5, 6)
    assert periods(year, 6, 1) == [("2025-05", "2025-06", Decimal("11.20"))]
    assert periods(year, 1, 3) == [
        ("2025-05", "2025-05", Decimal("5.10")),
        ("2025-06", "2025-06", Decimal("6.10")),
    ], "the dates show the gap"


def test_a_longer_time_that_the_provider_tells_in_one_is_never_split() -> None:
    year = CashFlowPeriod(
        fromDate=calendar_day(date(2025, 1, 1)),
        toDate=calendar_day(date(2025, 12, 31)),
        cashReceipts=line("120"),
        cashPayments=line("20"),
    )
    flow = CashFlowStatement(currency="GBP", reportBasis="Cash", reportInput="Direct", reports=(year,))
    assert over_periods(flow, Periods(months=1, count=12)) == flow
    assert over_periods(flow, Periods(months=12, count=1)) == flow
    earlier = over_periods(flow, Periods(months=1, count=1, last=date(2025, 11, 1)))
    assert earlier.reports == ()


def test_cash_flows_are_added_up() -> None:
    months = tuple(
        CashFlowPeriod(
            fromDate=calendar_day(first),
            toDate=calendar_day(last),
            cashReceipts=line("1.5", "Received", line("1.5", "Till", account="10")),
            cashPayments=None if first.month == 1 else line("0.25", "Paid"),
        )
        for first, last in (ends(2025, 1), ends(2025, 2))
    )
    flow = CashFlowStatement(currency="GBP", reportBasis="Cash", reportInput="Direct", reports=months)
    (both,) = over_periods(flow, Periods(months=2, count=1)).reports
    assert isinstance(both, CashFlowPeriod)
    assert both.cashReceipts == line("3.0", "Received", line("3.0", "Till", account="10"))
    assert both.cashPayments == line("0.25", "Paid")


def sheet(year: int, month: int, net: str) -> BalanceSheetPeriod:
    return BalanceSheetPeriod(date=calendar_day(ends(year, month)[1]), netAssets=Decimal(net))


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ((1, 2, 3, 4, 5, 6), ["2025-03-31", "2025-06-30"]),
        ((1, 2, 4, 5, 6), ["2025-02-28", "2025-06-30"]),
        ((6,), ["2025-06-30"]),
    ],
    ids=["all months", "a month missing at a quarter's end", "one month"],
)
def test_a_balance_sheet_of_a_quarter_is_the_last_one_in_it(
    stored: tuple[int, ...], shown: list[str]
) -> None:
    """Its date says at whose end it stands so."""
    sheets = BalanceSheet(currency="GBP", reports=tuple(sheet(2025, month, str(month)) for month in stored))
    found = over_periods(sheets, Periods(months=3, count=2))
    assert isinstance(found, BalanceSheet)
    assert [(each.date or "")[:10] for each in found.reports] == shown
    assert [each.netAssets for each in found.reports] == [Decimal(day[5:7]) for day in shown]


def test_lines_are_added_by_account_and_by_name_below_the_same_lines() -> None:
    january = line(
        "9",
        "Income",
        line("4", "Sales of tea", account="200"),
        line("3", "Services", line("3", "Advice")),
        line("2", "Advice"),
    )
    february = line(
        "15",
        "Revenue",
        line("1", "Services", line("1", "Advice")),
        line("6", "Sales", account="200"),
        line("8", "Grants", account="260"),
    )
    statement = ProfitAndLoss(
        currency="GBP",
        reportBasis="Accrual",
        reports=(earned(2025, 1, january, "9"), earned(2025, 2, february, "-1.5")),
    )
    (both,) = over_periods(statement, Periods(months=2, count=1)).reports
    assert isinstance(both, ProfitAndLossPeriod)
    assert both.income == line(
        "24",
        "Revenue",
        line("4", "Services", line("4", "Advice")),
        line("10", "Sales", account="200"),
        line("8", "Grants", account="260"),
        line("2", "Advice"),
    ), "named and laid out as in the newest month; what only older ones have comes last"
    assert both.netProfit == Decimal("7.5")


def test_lines_that_are_alike_stay_apart() -> None:
    twice = line("3", "Income", line("1", "Sundry"), line("2", "Sundry"))
    statement = ProfitAndLoss(
        currency="GBP", reportBasis="Accrual", reports=(earned(2025, 1, twice), earned(2025, 2, twice))
    )
    (both,) = over_periods(statement, Periods(months=2, count=1)).reports
    assert isinstance(both, ProfitAndLossPeriod)
    assert both.income == line("6", "Income", line("2", "Sundry"), line("4", "Sundry"))


def test_sums_are_exact_whatever_their_size() -> None:
    months = tuple(earned(2025, month, line(f"{10**30}.0{month}")) for month in (1, 2))
    statement = ProfitAndLoss(currency="GBP", reportBasis="Accrual", reports=months)
    (both,) = over_periods(statement, Periods(months=2, count=1)).reports
    assert isinstance(both, ProfitAndLossPeriod)
    assert both.grossProfit == Decimal(f"{2 * 10**30}.03")


def test_what_tells_no_days_belongs_to_no_period() -> None:
    nowhere = CashFlowPeriod(cashReceipts=line("1"))
    flow = CashFlowStatement(currency="GBP", reportBasis="Cash", reportInput="Direct", reports=(nowhere,))
    assert over_periods(flow, Periods(months=1, count=12)).reports == ()
