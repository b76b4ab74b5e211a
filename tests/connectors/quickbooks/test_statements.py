"""Balance sheet, profit and loss, cash flow: sections, months, signs."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from tests.connectors.quickbooks.conftest import Mapped

from tallystick.connectors import Books

Map = Callable[..., Mapped]


def cells(*values: str, id_: str | None = None) -> dict[str, Any]:
    first, *rest = values
    return {
        "ColData": [{"value": first, **({"id": id_} if id_ else {})}, *({"value": value} for value in rest)]
    }


def section(group: str, *rows: dict[str, Any], total: tuple[str, ...]) -> dict[str, Any]:
    return {
        "Header": cells(group, *("" for _ in total)),
        "Rows": {"Row": list(rows)},
        "Summary": cells(f"Total {group}", *total),
        "type": "Section",
        "group": group,
    }


def report(*rows: dict[str, Any], **header: Any) -> dict[str, Any]:
    def column(first: str, last: str) -> dict[str, Any]:
        told = [{"Name": "StartDate", "Value": first}, {"Name": "EndDate", "Value": last}]
        return {"ColTitle": "x", "ColType": "Money", "MetaData": told}

    total = {"ColTitle": "Total", "MetaData": [{"Name": "ColKey", "Value": "total"}]}
    return {
        "Header": {"ReportBasis": "Accrual", "Currency": "USD", **header},
        "Columns": {
            "Column": [
                {"ColTitle": "", "ColType": "Account"},
                column("2026-01-01", "2026-01-31"),
                column("2026-02-01", "2026-02-28"),
                total,
            ]
        },
        "Rows": {"Row": list(rows)},
    }


def test_a_profit_is_told_month_by_month(mapped: Map) -> None:
    inner = {
        "Header": {
            "ColData": [
                {"value": "Services", "id": "1"},
                {"value": "10.00"},
                {"value": ""},
                {"value": "10.00"},
            ]
        },
        "Rows": {"Row": [cells("Repairs", "5.00", "1.00", "6.00", id_="43")]},
        "Summary": cells("Total Services", "15.00", "1.00", "16.00", id_="1"),
        "type": "Section",
    }
    source = report(
        section(
            "Income",
            cells("Sales", "100.00", "50.00", "150.00", id_="4"),
            inner,
            total=("115.00", "51.00", "166.00"),
        ),
        section("COGS", total=("40.00", "", "40.00")),
        section("Expenses", total=("5.00", "60.00", "65.00")),
        {"Summary": cells("Net Income", "70.00", "-9.00", "61.00"), "group": "NetIncome", "type": "Section"},
    )
    told = mapped("ProfitAndLoss", source, entity="Report").json
    assert (told["currency"], told["reportBasis"]) == ("USD", "Accrual")
    assert (told["earliestAvailableMonth"], told["mostRecentAvailableMonth"]) == (
        "2026-01-01T00:00:00",
        "2026-02-01T00:00:00",
    )
    january, february = told["reports"]
    assert (january["fromDate"], january["toDate"]) == ("2026-01-01T00:00:00", "2026-01-31T00:00:00")
    assert january["income"]["value"] == Decimal("115.00")
    assert january["income"]["items"][0] == {
        "accountId": "4",
        "name": "Sales",
        "value": Decimal("100.00"),
        "items": [],
    }
    services = january["income"]["items"][1]
    assert "accountId" not in services, "its own postings are a row below it"
    assert [(row["accountId"], row["value"]) for row in services["items"]] == [("1", 10), ("43", 5)]
    assert february["income"]["items"][1]["accountId"] == "1", "without any it is the account itself"
    assert (january["grossProfit"], january["netOperatingProfit"], january["netProfit"]) == (75, 70, 70)
    assert (february["grossProfit"], february["netOperatingProfit"], february["netProfit"]) == (51, -9, -9)
    assert "otherIncome" not in january


def test_a_report_that_is_not_by_month_is_of_the_whole_time(mapped: Map) -> None:
    source = report(section("Income", total=("7.00",)), StartPeriod="2026-01-01", EndPeriod="2026-01-14")
    source["Columns"]["Column"] = [{"ColType": "Account"}, {"ColType": "Money"}]
    (period,) = mapped("ProfitAndLoss", source, entity="Report").json["reports"]
    assert (period["toDate"], period["netProfit"]) == ("2026-01-14T00:00:00", 7)


def test_a_balance_sheet_is_what_is_owned_less_what_is_owed(mapped: Map) -> None:
    liabilities = section("Liabilities", total=("30.00", "35.00", ""))
    equity = section("Equity", total=("70.00", "65.00", ""))
    both = section("TotalLiabilitiesAndEquity", liabilities, equity, total=("100.00", "100.00", ""))
    source = report(section("TotalAssets", total=("100.00", "100.00", "")), both, Currency=None)
    told = mapped("BalanceSheet", source, entity="Report", books=Books(base_currency="GBP")).json
    assert told["currency"] == "GBP"
    assert [period["netAssets"] for period in told["reports"]] == [70, 65]
    assert [period["equity"]["value"] for period in told["reports"]] == [70, 65]
    assert told["reports"][1]["date"] == "2026-02-28T00:00:00"


def test_cash_that_came_in_and_went_out_are_told_apart(mapped: Map) -> None:
    operating = section(
        "OperatingActivities",
        cells("Net Income", "50.00", "-5.00", "45.00"),
        cells("Accounts Receivable", "-20.00", "", "-20.00", id_="84"),
        total=("30.00", "-5.00", "25.00"),
    )
    change = {"Summary": cells("Net cash increase", "30.00", "-5.00", "25.00"), "group": "CashIncrease"}
    told = mapped("CashFlow", report(operating, change), entity="Report").json
    january, february = told["reports"]
    assert (january["cashReceipts"]["value"], january["cashPayments"]["value"]) == (50, 20)
    assert january["cashPayments"]["items"][0]["accountId"] == "84"
    assert (february["cashReceipts"]["value"], february["cashPayments"]["value"]) == (0, 5)
    assert told["reportInput"] == "Indirect"


@pytest.mark.parametrize("resource", ["BalanceSheet", "ProfitAndLoss", "CashFlow"])
def test_a_layout_that_nobody_knows_is_not_read_as_nothing(mapped: Map, resource: str) -> None:
    strange = mapped(resource, report(section("Vermögen", total=("1.00", "1.00", "2.00"))), entity="Report")
    assert strange.told() == [("rejected", "$.Rows")]
    nothing = report(Option=[{"Name": "NoReportData", "Value": "true"}])
    assert mapped(resource, nothing, entity="Report").records
    undated = {"Header": {}, "Columns": {"Column": []}, "Rows": {"Row": [section("Income", total=())]}}
    assert mapped(resource, undated, entity="Report").records == []


def test_a_cell_that_is_no_number_leaves_its_month_out(mapped: Map) -> None:
    found = mapped("ProfitAndLoss", report(section("Income", total=("1.00", "lots", ""))), entity="Report")
    assert [period["netProfit"] for period in found.json["reports"]] == [1]
    assert found.told() == [("warning", "$.Columns.Column[2]")]
    endless = mapped("ProfitAndLoss", report(section("Income", total=("NaN", "1.00", ""))), entity="Report")
    assert endless.told() == [("warning", "$.Columns.Column[1]")]
