"""The company, its rates, categories, accounts at banks, contacts, items, projects, journals."""

from decimal import Decimal
from typing import Any

import pytest
from tests.connectors.freeagent.conftest import BOOKS, at, map_row

from tallystick.connectors import Books

COMPANY = {
    "url": "https://api.freeagent.com/v2/company",
    "id": "12345",
    "name": "Harbour & Vale",
    "subdomain": "harbour",
    "currency": "GBP",
    "annual_accounting_periods": [
        {"starts_on": "2024-05-01", "ends_on": "2025-04-30"},
        {"starts_on": "2025-05-01", "ends_on": "2026-04-30"},
        {"starts_on": "2026-05-01", "ends_on": "2027-04-30"},
    ],
    "address1": "1 High Street",
    "town": "Leeds",
    "company_registration_number": "123456",
    "sales_tax_name": "VAT",
    "sales_tax_registration_number": "GB1",
    "sales_tax_rates": ["20.0", "5.0", "0.0"],
}


def a_company(**changes: Any) -> Any:
    return map_row("company", {"company": {**COMPANY, **changes}})


def test_the_company_and_its_rates_come_in_one_answer() -> None:
    mapped = a_company()
    assert mapped.issues == []
    info, *rates = mapped.all
    assert (info["companyName"], info["accountingPlatformRef"], info["baseCurrency"]) == (
        "Harbour & Vale",
        "12345",
        "GBP",
    )
    assert info["financialYearStartDate"] == "2025-05-01T00:00:00", "of the year that has begun"
    assert [(rate["id"], rate["name"], rate["effectiveTaxRate"]) for rate in rates] == [
        ("EXEMPT", "Exempt", 0),
        ("OUT_OF_SCOPE", "Out of scope", 0),
        ("20", "VAT 20%", 20),
        ("5", "VAT 5%", 5),
        ("0", "VAT 0%", 0),
    ]


@pytest.mark.parametrize(
    ("told", "ids"),
    [
        ([20.0, 17.5], ["20", "17.5"]),
        ([{"percentage": "20.0", "band": "Standard"}], ["20"]),
        (None, []),
        ([], []),
    ],
    ids=["numbers", "objects", "null", "none"],
)
def test_rates_are_read_in_whatever_form_they_come(told: Any, ids: list[str]) -> None:
    mapped = a_company(sales_tax_rates=told)
    assert mapped.issues == []
    assert [record["id"] for record in mapped.all[3:]] == ids


@pytest.mark.parametrize("told", ["20%", [["20"]], ["NaN"], {"a": 1}])
def test_rates_that_are_none_cost_the_company_nothing(told: Any) -> None:
    mapped = a_company(sales_tax_rates=told)
    assert mapped.all[0]["baseCurrency"] == "GBP"
    assert mapped.told() == [("warning", "$.company.sales_tax_rates")]


def test_a_company_is_read_without_its_name_round_it() -> None:
    assert map_row("company", COMPANY).all == a_company().all


@pytest.mark.parametrize(
    ("set_", "code", "kind", "category"),
    [
        ("income_categories", "001", "Income", "Income.Sales"),
        ("cost_of_sales_categories", "101", "Expense", "Expense.CostOfSales"),
        ("admin_expenses_categories", "285", "Expense", "Expense.AdminExpenses"),
        ("general_categories", "051", "Income", "Income.Other"),
        ("general_categories", "602-4", "Asset", "Asset.CapitalAssets"),
        ("general_categories", "681", "Asset", "Asset.Current"),
        ("general_categories", "750-1", "Asset", "Asset.Bank"),
        ("general_categories", "732", "Liability", "Liability.Current"),
        ("general_categories", "796", "Liability", "Liability.Current"),
        ("general_categories", "817", "Liability", "Liability.Taxes"),
        ("general_categories", "907-1", "Liability", "Liability.Users"),
        ("general_categories", "923", "Equity", "Equity.Equity"),
        ("general_categories", "999", "Liability", "Liability.Suspense"),
    ],
)
def test_what_kind_of_account_a_category_is(set_: str, code: str, kind: str, category: str) -> None:
    row = {"url": at("categories", code), "nominal_code": code, "description": "Any"}
    mapped = map_row("categories", {set_: row})
    assert mapped.issues == []
    told = mapped.json
    assert (told["id"], told["nominalCode"]) == (code, code)
    assert (told["type"], told["fullyQualifiedCategory"]) == (kind, category)


@pytest.mark.parametrize("code", ["725", "000", "1000", "x", "", None])
def test_a_number_that_tells_nothing_is_doubted(code: str | None) -> None:
    mapped = map_row(
        "categories", {"general_categories": {"url": at("categories", "x"), "nominal_code": code}}
    )
    assert mapped.json["type"] == "Unknown"
    assert mapped.told() == [("warning", "$.general_categories.nominal_code")]


def test_an_account_of_a_bank_account_says_so() -> None:
    row = {"url": at("categories", "750-1"), "nominal_code": "750-1", "bank_account": at("bank_accounts", 1)}
    assert map_row("categories", {"general_categories": row}).json["isBankAccount"] is True


def test_a_bank_account() -> None:
    row = {
        "url": at("bank_accounts", 1), "type": "CreditCardAccount", "name": "Card", "status": "hidden",
        "currency": "USD", "current_balance": "-12.5", "sort_code": "202020", "account_number": "12345678",
    }  # fmt: skip
    told = map_row("bank_accounts", row).json
    assert (told["id"], told["accountType"], told["status"]) == ("1", "Credit", "Archived")
    assert (told["currency"], told["balance"], told["sortCode"]) == ("USD", Decimal("-12.5"), "202020")


CONTACT = {
    "url": at("contacts", 2),
    "first_name": "Devon",
    "last_name": "Barlow",
    "organisation_name": "Acme Ltd",
    "email": "test@example.com",
    "billing_email": "billing@example.com",
    "phone_number": "1",
    "mobile": "2",
    "address1": "11 George Street",
    "address2": "South Court",
    "address3": "Flat 6",
    "town": "London",
    "status": "Active",
    "updated_at": "2026-01-01T00:00:00Z",
}


@pytest.mark.parametrize(
    ("views", "status", "kinds"),
    [
        (["clients"], "Active", ["customers"]),
        (["suppliers"], "Active", ["suppliers"]),
        (["clients", "suppliers"], "Active", ["customers", "suppliers"]),
        ([], "Active", ["customers"]),
        (["clients"], "Hidden", ["customers", "suppliers"]),
        ([], "Hidden", ["customers", "suppliers"]),
        (None, "Active", ["customers", "suppliers"]),
    ],
    ids=["sells", "buys", "both", "neither", "hidden with sales", "hidden", "not looked up"],
)
def test_a_contact_is_what_it_is_used_as(views: Any, status: str, kinds: list[str]) -> None:
    mapped = map_row("contacts", {"contact": {**CONTACT, "status": status}, "views": views})
    assert (mapped.kinds, mapped.issues) == (kinds, [])


def test_a_contact_of_either_side_keeps_its_particulars() -> None:
    customer, supplier = map_row("contacts", CONTACT).all
    assert (customer["id"], customer["customerName"], customer["contactName"]) == (
        "2",
        "Acme Ltd",
        "Devon Barlow",
    )
    assert (customer["emailAddress"], supplier["emailAddress"]) == ("billing@example.com", "test@example.com")
    assert customer["addresses"] == [
        {"type": "Billing", "line1": "11 George Street", "line2": "South Court, Flat 6", "city": "London"}
    ]
    assert [phone["number"] for phone in customer["contacts"][0]["phone"]] == ["1", "2"]
    assert supplier["supplierName"] == "Acme Ltd"


def test_a_contact_without_an_organisation_goes_by_its_own_name() -> None:
    customer, _ = map_row("contacts", {**CONTACT, "organisation_name": ""}).all
    assert customer["customerName"] == "Devon Barlow"


@pytest.mark.parametrize(
    ("vat", "rate", "ours"),
    [
        ("standard", "0.0", None), ("zero", "0.0", {"id": "0"}), ("out_of_scope", "0.0", {"id": "OUT_OF_SCOPE"}),
        (None, "9.5", {"id": "9.5"}),
    ],
)  # fmt: skip
def test_the_rate_of_the_price_list_is_a_word_in_the_united_kingdom(vat: Any, rate: str, ours: Any) -> None:
    row = {
        "url": at("price_list_items", 1), "code": "A001", "item_type": "Products", "price": "10.99",
        "description": "Apple", "sales_tax_rate": rate, "vat_status": vat, "category": at("categories", "001"),
    }  # fmt: skip
    told = map_row("items", row).json
    assert (told["id"], told["code"], told["type"], told["isBillItem"]) == (
        "1",
        "A001",
        "NonInventory",
        False,
    )
    assert told["invoiceItem"]["unitPrice"] == Decimal("10.99")
    assert told["invoiceItem"].get("taxRateRef") == ours


def test_stock_has_an_id_that_the_price_list_cannot_have() -> None:
    told = map_row("items", {"url": at("stock_items", 1), "description": "Apple"}).json
    assert (told["id"], told["type"]) == ("stock-1", "Inventory")


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("Active", "Active"), ("Completed", "Archived"), ("Cancelled", "Archived"), ("Hidden", "Archived")],
)
def test_a_project_is_a_tracking_category(theirs: str, ours: str) -> None:
    told = map_row("projects", {"url": at("projects", 3), "name": "Depot", "status": theirs}).json
    assert (told["id"], told["name"], told["status"], told["hasChildren"]) == ("3", "Depot", ours, False)


def test_a_journal_set_is_an_entry_whose_credits_are_negative() -> None:
    row = {
        "url": at("journal_sets", 1), "dated_on": "2026-01-31", "description": "Wages",
        "journal_entries": [
            {"category": at("categories", "401"), "description": "Gross", "debit_value": "123.45"},
            {"category": at("categories", "902"), "debit_value": "-123.45"},
        ],
    }  # fmt: skip
    mapped = map_row("journal_sets", row, BOOKS)
    assert mapped.issues == []
    told = mapped.json
    assert (told["postedOn"], told["description"]) == ("2026-01-31T00:00:00", "Wages")
    assert [(line["accountRef"]["id"], line["netAmount"]) for line in told["journalLines"]] == [
        ("401", Decimal("123.45")),
        ("902", Decimal("-123.45")),
    ]
    row["journal_entries"][0]["debit_value"] = None  # type: ignore[index]
    assert map_row("journal_sets", row).told() == [
        ("warning", "$.journal_entries[0].debit_value"),
        ("warning", "$.journal_entries"),
    ]


def test_without_a_day_the_last_year_that_is_told_is_the_present_one() -> None:
    info = map_row("company", COMPANY, Books()).all[0]
    assert info["financialYearStartDate"] == "2026-05-01T00:00:00"
