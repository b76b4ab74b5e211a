"""The profit and loss, and the balance sheet."""

from decimal import Decimal
from typing import Any

from tests.connectors.freeagent.conftest import map_row

SUMMARY = {
    "from": "2026-02-01", "to": "2026-02-28", "income": "1000", "expenses": "600", "operating_profit": "400",
    "less": [{"title": "Corp. Tax", "total": "76"}, {"title": "Dividends", "total": "50"}],
}  # fmt: skip
ROWS = [
    {"nominal_code": "001", "display_nominal_code": "001", "name": "Sales", "total": "-980.4"},
    {"nominal_code": "051", "display_nominal_code": "051", "name": "Interest", "total": "-20.0"},
    {"nominal_code": "101", "display_nominal_code": "101", "name": "Timber", "total": "350.1"},
    {"nominal_code": "285", "display_nominal_code": "285", "name": "Meals", "total": "250.1"},
    {"nominal_code": "750-65345", "display_nominal_code": "750-1", "name": "Bank", "total": "400.2"},
]


def month(summary: Any = SUMMARY, rows: Any = ROWS) -> dict[str, Any]:
    return {"summary": {"profit_and_loss_summary": summary}, "by_category": {"trial_balance_summary": rows}}


def test_the_profit_and_loss_is_exact_by_its_categories() -> None:
    mapped = map_row("profit_and_loss", {"periods": [month()]})
    assert mapped.issues == []
    told = mapped.json
    assert (told["currency"], told["reportBasis"]) == ("GBP", "Accrual")
    (period,) = told["reports"]
    assert (period["fromDate"], period["toDate"]) == ("2026-02-01T00:00:00", "2026-02-28T00:00:00")
    assert period["income"]["value"] == Decimal("980.4")
    assert period["income"]["items"] == [
        {"accountId": "001", "name": "Sales", "value": Decimal("980.4"), "items": []}
    ]
    assert (period["grossProfit"], period["netOperatingProfit"]) == (Decimal("630.3"), Decimal("380.2"))
    assert period["otherIncome"]["value"] == 20
    assert period["otherExpenses"]["value"] == 76, "the tax, and not what the owners take out"
    assert period["netProfit"] == Decimal("380.2") + 20 - 76


def test_sums_that_categories_do_not_come_to_are_doubted() -> None:
    mapped = map_row("profit_and_loss", {"periods": [month({**SUMMARY, "operating_profit": "405"})]})
    assert mapped.told() == [("warning", "$.periods[0].summary.profit_and_loss_summary.operating_profit")]


def test_an_answer_alone_is_a_statement_of_its_sums() -> None:
    mapped = map_row("profit_and_loss", {"profit_and_loss_summary": SUMMARY})
    (period,) = mapped.json["reports"]
    assert (period["income"]["value"], period["netOperatingProfit"]) == (1000, 400)
    assert mapped.issues == []


def test_the_months_of_a_statement_are_told() -> None:
    january = month({**SUMMARY, "from": "2026-01-01", "to": "2026-01-31"})
    told = map_row("profit_and_loss", {"periods": [january, month()]}).json
    assert told["earliestAvailableMonth"] == "2026-01-01T00:00:00"
    assert told["mostRecentAvailableMonth"] == "2026-02-01T00:00:00"


def sheet(**changes: Any) -> dict[str, Any]:
    row = {
        "as_at_date": "2026-02-28", "currency": "GBP",
        "capital_assets": {"accounts": [{"name": "Vans", "nominal_code": "602", "total_debit_value": 800}], "net_book_value": 800},
        "current_assets": {"accounts": [{"name": "Trade Debtors", "nominal_code": "681", "total_debit_value": 2040}]},
        "current_liabilities": {"accounts": [{"name": "Trade Creditors", "nominal_code": "796", "total_debit_value": -865}]},
        "net_current_assets": 1175, "total_assets": 1975,
        "owners_equity": {"accounts": [{"name": "Shares", "nominal_code": "670", "total_debit_value": -30}], "retained_profit": -1945},
        "total_owners_equity": -1975,
        **changes,
    }  # fmt: skip
    return {"balance_sheet": row}


def test_every_part_of_a_balance_sheet_is_positive_as_it_stands() -> None:
    mapped = map_row("balance_sheet", {"periods": [sheet()]})
    assert mapped.issues == []
    (period,) = mapped.json["reports"]
    assert [period[side]["value"] for side in ("assets", "liabilities", "equity")] == [2840, 865, 1975]
    assert period["netAssets"] == 1975
    assert period["equity"]["items"][-1]["name"] == "Retained profit"
    assert map_row("balance_sheet", sheet()).json["reports"] == [period], "an answer alone"


def test_pounds_that_rounding_leaves_are_a_line_of_their_own_and_more_are_a_doubt() -> None:
    off = {"retained_profit": -1947, "accounts": sheet()["balance_sheet"]["owners_equity"]["accounts"]}
    mapped = map_row("balance_sheet", {"periods": [sheet(owners_equity=off)]})
    assert mapped.issues == []
    (period,) = mapped.json["reports"]
    assert period["equity"]["value"] == period["netAssets"] == 1975
    assert period["equity"]["items"][-1] == {"name": "Rounding", "value": -2, "items": []}
    far = {**off, "retained_profit": -2000}
    mapped = map_row("balance_sheet", {"periods": [sheet(owners_equity=far, total_assets=2100)]})
    assert mapped.told() == [
        ("warning", "$.periods[0].balance_sheet"),
        ("warning", "$.periods[0].balance_sheet.total_assets"),
    ]


def test_opening_balances_without_accounts_are_a_sheet_too() -> None:
    bare = {
        "balance_sheet": {
            "currency": "GBP",
            "capital_assets": {"net_book_value": 0},
            "owners_equity": {"retained_profit": 0},
        }
    }
    mapped = map_row("balance_sheet", bare)
    assert mapped.issues == []
    assert mapped.json["reports"][0]["netAssets"] == 0
