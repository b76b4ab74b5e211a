"""Reports as statements: what they come to, and what is doubted in them."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tallystick.connectors import Books

D = Decimal
TODAY = Books(base_currency="GBP", today=date(2025, 11, 18))


def edited(source: dict[str, Any], change: Callable[[list[Any]], None]) -> dict[str, Any]:
    change(source["Rows"])
    return source


def test_a_profit_and_loss_is_told_by_months_oldest_first_and_adds_up(mapped: Any, row: Any) -> None:
    found = mapped("ProfitAndLoss", row("ProfitAndLoss"), TODAY)
    report = found.only

    assert found.issues == []
    assert (report.currency, report.reportBasis, report.id) == ("GBP", "Accrual", None)
    days = [(period.fromDate[:10], period.toDate[:10]) for period in report.reports]
    assert days == [("2025-10-01", "2025-10-31"), ("2025-11-01", "2025-11-30")], "December has not begun"
    assert (report.earliestAvailableMonth[:10], report.mostRecentAvailableMonth[:10]) == (
        "2025-10-01",
        "2025-11-01",
    )
    for period in report.reports:
        assert period.grossProfit == period.income.value - period.costOfSales.value
        assert period.netOperatingProfit == period.grossProfit - period.expenses.value
        assert period.netOtherIncome == period.otherIncome.value - period.otherExpenses.value
        assert period.netProfit == period.netOperatingProfit + period.netOtherIncome
    assert [str(period.netProfit) for period in report.reports] == ["503.25", "-51.25"]
    names = [(line.name, line.accountId is None) for line in report.reports[0].otherIncome.items]
    assert names == [("Interest income", False), ("Foreign Currency Gains and Losses", True)]


def test_a_balance_sheet_nests_by_order_and_balances(mapped: Any, row: Any) -> None:
    found = mapped("BalanceSheet", row("BalanceSheet"), TODAY)
    report = found.only

    assert found.issues == []
    assert [period.date[:10] for period in report.reports] == ["2025-10-31", "2025-11-30"]
    for period in report.reports:
        assert period.assets.value - period.liabilities.value == period.netAssets == period.equity.value
    now = report.reports[1]
    assert [group.name for group in now.assets.items] == ["Bank", "Current assets"]
    assert [group.name for group in now.liabilities.items] == [
        "Current liabilities",
        "Non-current liabilities",
    ]
    earnings, retained = now.equity.items
    assert (earnings.accountId, earnings.value) == (None, D("370.00")), "a year's result is of no account"
    assert retained.accountId == "acc00000-0000-4000-8000-000000000960"


def test_a_bank_summary_is_cash_in_and_out_by_account(mapped: Any, row: Any) -> None:
    found = mapped("BankSummary", row("BankSummary"), TODAY)
    report = found.only

    assert found.issues == []
    assert (report.reportBasis, report.reportInput) == ("Cash", "Direct")
    (period,) = report.reports
    assert (period.fromDate[:10], period.toDate[:10]) == ("2024-12-01", "2025-11-30")
    assert [str(line.value) for line in period.cashReceipts.items] == ["2400.00", "500.00"]
    assert (period.cashReceipts.value, period.cashPayments.value) == (D("2900.00"), D("1000.00"))


def _title(title: str) -> Callable[[list[Any]], None]:
    def change(rows: list[Any]) -> None:
        rows[5]["Title"] = title

    return change


@pytest.mark.parametrize(
    ("title", "part"), [("Less Wages of Sin", "expenses"), ("Grants Received", "otherIncome")]
)
def test_a_section_that_is_new_counts_by_its_first_word_and_is_doubted(
    mapped: Any, row: Any, title: str, part: str
) -> None:
    source = edited(row("ProfitAndLoss"), _title(title))
    found = mapped("ProfitAndLoss", source, TODAY)
    assert ("warning", "$.Rows[5].Title") in found.told()
    assert getattr(found.only.reports[0], part).value == D("200.00") + (
        D("3.25") if part == "otherIncome" else 0
    )


def _wrong_total(rows: list[Any]) -> None:
    rows[1]["Rows"][-1]["Cells"][2]["Value"] = "1.00"


def _wrong_profit(rows: list[Any]) -> None:
    rows[-1]["Rows"][0]["Cells"][2]["Value"] = "1.00"


@pytest.mark.parametrize(("change", "path"), [(_wrong_total, "$.Rows[1]"), (_wrong_profit, "$.Rows[6]")])
def test_a_total_that_we_do_not_come_to_is_doubted(mapped: Any, row: Any, change: Any, path: str) -> None:
    found = mapped("ProfitAndLoss", edited(row("ProfitAndLoss"), change), TODAY)
    assert found.told() == [("warning", path)]
    assert found.only.reports[1].netProfit == D("-51.25"), "of what stands in the rows"


def test_a_sheet_that_does_not_balance_is_doubted(mapped: Any, row: Any) -> None:
    def change(rows: list[Any]) -> None:
        rows[-1]["Rows"][0]["Cells"][1]["Value"] = "371.00"

    told = mapped("BalanceSheet", edited(row("BalanceSheet"), change), TODAY).issues
    assert {issue.message for issue in told} == {
        "its rows do not come to its total",
        "equity is not what assets and liabilities leave",
    }


@pytest.mark.parametrize("text", ["1,000.00", "(3.00)", "n/a", "1e5", "NaN"])
def test_a_cell_that_is_no_amount_rejects_the_whole_report(mapped: Any, row: Any, text: str) -> None:
    """A statement with a hole in it would be a wrong one."""

    def change(rows: list[Any]) -> None:
        rows[1]["Rows"][0]["Cells"][2]["Value"] = text

    found = mapped("ProfitAndLoss", edited(row("ProfitAndLoss"), change), TODAY)
    assert (found.records, found.told()) == ([], [("rejected", "$.Rows[1].Rows[0].Cells[2].Value")])
    assert found.issues[0].data_type == "profitAndLoss"
    assert found.issues[0].record_id == "profitAndLoss", (
        "by which the one that is stored is not taken for gone"
    )


def test_a_column_that_is_of_no_day_is_left_out_with_a_doubt(mapped: Any, row: Any) -> None:
    def change(rows: list[Any]) -> None:
        rows[0]["Cells"][2]["Value"] = "YTD"

    found = mapped("BalanceSheet", edited(row("BalanceSheet"), change), TODAY)
    assert found.told() == [("warning", "$.Rows[0].Cells[2].Value")]
    assert [period.date[:10] for period in found.only.reports] == ["2025-11-30"]


def test_a_section_within_a_section_is_a_row_with_rows(mapped: Any, row: Any) -> None:
    def change(rows: list[Any]) -> None:
        inner = {"RowType": "Section", "Title": "Offices", "Rows": rows[5]["Rows"][:1]}
        rows[5]["Rows"][0] = inner

    found = mapped("ProfitAndLoss", edited(row("ProfitAndLoss"), change), TODAY)
    assert found.issues == []
    (offices,) = found.only.reports[0].expenses.items
    assert (offices.name, offices.value, offices.items[0].name) == ("Offices", D("200.00"), "Rent")


def test_a_summary_without_its_columns_is_rejected_and_one_without_days_doubted(
    mapped: Any, row: Any
) -> None:
    def change(rows: list[Any]) -> None:
        rows[0]["Cells"][3]["Value"] = "Spent"

    assert mapped("BankSummary", edited(row("BankSummary"), change), TODAY).told() == [
        ("rejected", "$.Rows[0].Cells")
    ]
    found = mapped("BankSummary", row("BankSummary", ReportTitles=["Bank Summary"]), TODAY)
    assert found.told() == [("warning", "$.ReportTitles")]
    assert found.only.reports[0].fromDate is None


def test_a_report_of_nothing_is_a_statement_of_nothing(mapped: Any) -> None:
    """A company that has not begun yet."""
    heads = '{"RowType":"Header","Cells":[{"Value":""},{"Value":"30 Nov 2025"}]}'
    for name in ("ProfitAndLoss", "BalanceSheet"):
        found = mapped(name, f'{{"ReportID":"{name}","Rows":[{heads}]}}', TODAY)
        (period,) = found.only.reports
        assert found.issues == []
        assert (period.netProfit if name == "ProfitAndLoss" else period.netAssets) == 0
