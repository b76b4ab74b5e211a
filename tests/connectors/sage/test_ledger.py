"""Sage's business, accounts, bank accounts, tax rates and ways to pay in our model."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve
from tests.connectors.sage.conftest import BOOKS, map_row, ref


def an_account(kind: str = "CURRENT_ASSETS", **changes: Any) -> dict[str, Any]:
    return {
        "id": "la1",
        "displayed_as": "Trade debtors (1100)",
        "updated_at": "2026-02-03T04:05:06Z",
        "name": "Trade debtors",
        "included_in_chart": True,
        "nominal_code": 1100,
        "ledger_account_type": ref("ledger_account_types", kind),
        **changes,
    }


@pytest.mark.parametrize(
    ("theirs", "ours", "category"),
    [
        ("SALES", "Income", "Income.Sales"),
        ("OTHER_INCOME", "Income", "Income.Other"),
        ("DIRECT_EXPENSES", "Expense", "Expense.DirectExpenses"),
        ("OVERHEADS", "Expense", "Expense.Overheads"),
        ("DEPRECIATION", "Expense", "Expense.Depreciation"),
        ("CURRENT_ASSETS", "Asset", "Asset.Current"),
        ("FIXED_ASSETS", "Asset", "Asset.Fixed"),
        ("FUTURE_ASSETS", "Asset", "Asset.Future"),
        ("BANK", "Asset", "Asset.Bank"),
        ("CURRENT_LIABILITY", "Liability", "Liability.Current"),
        ("FUTURE_LIABILITY", "Liability", "Liability.Future"),
        ("LINE_OF_CREDIT", "Liability", "Liability.LineOfCredit"),
        ("TAXES", "Liability", "Liability.Taxes"),
        ("EQUITY", "Equity", "Equity.Equity"),
        ("SPECIAL", "Unknown", "Unknown.Special"),
    ],
)
def test_every_type_of_account_has_a_class(theirs: str, ours: str, category: str) -> None:
    mapped = map_row("ledger_accounts", an_account(theirs))
    told = mapped.json
    assert (told["type"], told["fullyQualifiedCategory"], mapped.issues) == (ours, category, [])
    assert told["isBankAccount"] is (theirs == "BANK")
    assert told["fullyQualifiedName"] == f"{category}.Trade debtors"


def test_a_type_that_is_new_is_unknown_and_doubted() -> None:
    mapped = map_row("ledger_accounts", an_account("CRYPTO"))
    assert mapped.json["type"] == "Unknown"
    assert mapped.told() == [("warning", "$.ledger_account_type.id")]


@pytest.mark.parametrize(
    ("told", "text", "ours"),
    [(1100, "Trade debtors (1100)", "1100"), (90, "Bank (090)", "090"), ("604", "Cash (0604)", "0604"),
     (1100, "Trade debtors", "1100"), (7, "Old (9)", "7"), (None, "Trade debtors (1100)", None)],
)  # fmt: skip
def test_the_code_keeps_the_zeros_that_a_number_loses(told: Any, text: str, ours: str | None) -> None:
    mapped = map_row("ledger_accounts", an_account(nominal_code=told, displayed_as=text))
    assert mapped.json.get("nominalCode") == ours


@pytest.mark.parametrize(
    ("kind", "side", "ours"),
    [
        ("CURRENT_ASSETS", "debit", "12.5"),
        ("CURRENT_ASSETS", "credit", "-12.5"),
        ("CURRENT_LIABILITY", "credit", "12.5"),
        ("CURRENT_LIABILITY", "debit", "-12.5"),
        ("EQUITY", "credit", "12.5"),
        ("SALES", "credit", None),
        ("OVERHEADS", "debit", None),
    ],
)
def test_a_balance_is_positive_on_its_natural_side_and_told_of_what_is_carried_forward(
    kind: str, side: str, ours: str | None
) -> None:
    """Of income and expense it would be that of all years since the books began."""
    row = an_account(kind, balance_details={"balance": "12.5", "credit_or_debit": side})
    told = map_row("ledger_accounts", row).json
    assert told.get("currentBalance") == (None if ours is None else Decimal(ours))


def test_a_balance_on_no_side_is_left_out() -> None:
    mapped = map_row("ledger_accounts", an_account(balance_details={"balance": "12.5"}))
    assert "currentBalance" not in mapped.json
    assert mapped.told() == [("warning", "$.balance_details.credit_or_debit")]


@pytest.mark.parametrize(("told", "ours"), [(True, "Active"), (False, "Archived"), (None, "Unknown")])
def test_what_is_out_of_the_chart_is_archived(told: bool | None, ours: str) -> None:
    assert map_row("ledger_accounts", an_account(included_in_chart=told)).json["status"] == ours


def a_bank_account(**changes: Any) -> dict[str, Any]:
    return {
        "id": "ba1",
        "displayed_as": "Current account (1200)",
        "updated_at": "2026-02-03T04:05:06Z",
        "bank_account_details": {"account_name": "HV", "account_number": "12345678", "sort_code": "202020", "iban": "GB00"},
        "ledger_account": ref("ledger_accounts", "la-bank", "Current account (1200)"),
        "bank_account_type": ref("bank_account_types", "CHECKING"),
        "balance": "-430035.84",
        "nominal_code": None,
        "is_active": True,
        **changes,
    }  # fmt: skip


def test_a_bank_account_keeps_its_own_id_and_the_code_of_its_ledger_account() -> None:
    mapped = map_row("bank_accounts", a_bank_account())
    told = mapped.json
    assert (told["id"], told["nominalCode"], str(told["balance"])) == ("ba1", "1200", "-430035.84")
    assert (told["sortCode"], told["accountNumber"], told["iBan"]) == ("202020", "12345678", "GB00")
    assert (told["accountType"], told["status"], told["currency"]) == ("Debit", "Active", "GBP")
    assert mapped.issues == []


@pytest.mark.parametrize(("theirs", "ours"), [("CREDIT_CARD", "Credit"), ("CASH_IN_HAND", "Debit"), ("SAVINGS", "Debit"), ("OTHER", "Unknown")])  # fmt: skip
def test_every_type_of_bank_account_has_a_word(theirs: str, ours: str) -> None:
    mapped = map_row("bank_accounts", a_bank_account(bank_account_type=ref("bank_account_types", theirs)))
    assert (mapped.json["accountType"], mapped.issues) == (ours, [])


def test_a_deleted_bank_account_is_archived_and_gone() -> None:
    told = map_row("bank_accounts", a_bank_account(deleted_at="2026-01-01T00:00:00Z")).json
    assert (told["status"], told["metadata"]) == ("Archived", {"isDeleted": True})


def test_a_tax_rate_is_known_by_its_word() -> None:
    row = {
        "id": "CA_HST",
        "name": "HST 13%",
        "percentage": "13.0",
        "is_visible": True,
        "component_tax_rates": [{"name": "GST", "percentage": "5.0"}, {"displayed_as": "PST", "percentage": "8.0"}],
    }  # fmt: skip
    told = map_row("tax_rates", row).json
    assert (told["id"], told["code"], told["name"], told["status"]) == (
        "CA_HST",
        "CA_HST",
        "HST 13%",
        "Active",
    )
    assert told["effectiveTaxRate"] == told["totalTaxRate"] == Decimal("13.0")
    assert [(part["name"], part["rate"]) for part in told["components"]] == [("GST", 5), ("PST", 8)]


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("CASH", "Cash"), ("CHEQUE", "Check"), ("CHECK", "Check"), ("CREDIT_DEBIT", "CreditCard"), ("ELECTRONIC", "BankTransfer"), ("OTHER", "Other")],
)  # fmt: skip
def test_a_way_to_pay(theirs: str, ours: str) -> None:
    mapped = map_row("payment_methods", {"id": theirs, "displayed_as": "As Sage shows it"})
    assert (mapped.json["type"], mapped.json["name"], mapped.issues) == (ours, "As Sage shows it", [])


SETTINGS = {
    "$path": "/financial_settings",
    "year_end_date": "2021-03-31",
    "year_end_lockdown_date": "2025-03-31",
    "base_currency": ref("currencies", "GBP"),
    "tax_number": "GB123",
}
BUSINESS = {
    "id": "b1",
    "name": "Harbour & Vale Ltd",
    "address_line_1": "1 High Street",
    "city": "Leeds",
    "country": ref("countries", "GB", "United Kingdom (GB)"),
    "telephone": "0113 496 0000",
    "mobile": "",
    "website": "https://harbour.example",
    "created_at": "2020-01-02T03:04:05Z",
}


def test_the_company_is_its_business_and_its_settings() -> None:
    mapped = map_row("business", {"business": BUSINESS, "financial_settings": SETTINGS})
    told = mapped.json
    assert mapped.issues == []
    assert (told["companyName"], told["accountingPlatformRef"], told["baseCurrency"]) == (
        "Harbour & Vale Ltd",
        "b1",
        "GBP",
    )
    assert told["addresses"][0]["country"] == "United Kingdom (GB)"
    assert told["phoneNumbers"] == [{"number": "0113 496 0000", "type": "Primary"}]
    assert told["webLinks"] == [{"type": "Website", "url": "https://harbour.example"}]
    assert told["ledgerLockDate"] == "2025-03-31T00:00:00"


@pytest.mark.parametrize(
    ("today", "began"),
    [
        (date(2026, 3, 31), "2025-04-01"),
        (date(2026, 4, 1), "2026-04-01"),
        (date(2026, 12, 31), "2026-04-01"),
    ],
)
def test_the_year_began_after_its_last_end_whichever_year_sage_tells(today: date, began: str) -> None:
    told = map_row("business", {"financial_settings": SETTINGS}, evolve(BOOKS, today=today)).json
    assert told["financialYearStartDate"] == f"{began}T00:00:00"


def test_a_year_that_ends_on_29_february_ends_on_the_28th_in_others() -> None:
    settings = {**SETTINGS, "year_end_date": "2024-02-29"}
    told = map_row("business", settings, evolve(BOOKS, today=date(2026, 6, 1))).json
    assert told["financialYearStartDate"] == "2026-03-01T00:00:00"


def test_either_answer_alone_is_a_company_too() -> None:
    assert map_row("business", SETTINGS).json["baseCurrency"] == "GBP"
    assert map_row("business", {"id": "b1", "displayed_as": "Harbour"}).json["companyName"] == "Harbour"
