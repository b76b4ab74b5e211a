"""Accounts, items, ways to pay, classes, tax codes, the company."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from tests.connectors.quickbooks.conftest import Mapped

from tallystick.connectors import Books

Map = Callable[..., Mapped]


def account(**changes: Any) -> dict[str, Any]:
    return {
        "Id": "33",
        "Name": "Checking",
        "FullyQualifiedName": "Cash:Checking",
        "Classification": "Asset",
        "AccountType": "Bank",
        "AccountSubType": "Checking",
        "AcctNum": "100",
        "CurrentBalance": Decimal("1201.00"),
        "CurrencyRef": {"value": "USD"},
        "Active": True,
        **changes,
    }


def test_a_bank_account_is_one_of_the_ledger_as_well(mapped: Map) -> None:
    ledger, bank = mapped("Account", account()).all
    assert ledger == {
        "id": "33",
        "nominalCode": "100",
        "name": "Checking",
        "fullyQualifiedCategory": "Asset.Bank.Checking",
        "fullyQualifiedName": "Asset.Bank.Checking.Cash.Checking",
        "currency": "USD",
        "currentBalance": Decimal("1201.00"),
        "type": "Asset",
        "status": "Active",
        "isBankAccount": True,
        "metadata": {"isDeleted": False},
    }
    assert (bank["accountName"], bank["accountType"], bank["balance"]) == (
        "Checking",
        "Debit",
        Decimal("1201.00"),
    )


@pytest.mark.parametrize(
    ("classification", "kind", "ours"),
    [
        ("Revenue", "Income", "Income"),
        ("Expense", "Cost of Goods Sold", "Expense"),
        ("Liability", "Long Term Liability", "Liability"),
        ("Equity", "Equity", "Equity"),
        (None, "Accounts Receivable", "Asset"),
        (None, "Other Income", "Income"),
        (None, "Non-Posting", "Unknown"),
    ],
)
def test_an_account_is_what_its_classification_says_else_its_type(
    mapped: Map, classification: str | None, kind: str, ours: str
) -> None:
    found = mapped("Account", account(Classification=classification, AccountType=kind))
    assert (found.json["type"], found.issues) == (ours, [])


def test_a_type_that_nobody_knows_is_told(mapped: Map) -> None:
    found = mapped("Account", account(AccountType="Crypto", Classification="Dreams"))
    assert found.json["type"] == "Unknown"
    assert found.told() == [("warning", "$.Classification"), ("warning", "$.AccountType")]


def test_a_credit_card_is_a_bank_account_that_owes(mapped: Map) -> None:
    _, card = mapped("Account", account(AccountType="Credit Card", Classification="Liability")).all
    assert card["accountType"] == "Credit"


def test_an_item_is_sold_and_bought_where_it_has_accounts_for_it(mapped: Map) -> None:
    source = {
        "Id": "2",
        "Name": "Bookcase",
        "Sku": "BK",
        "Type": "Inventory",
        "Active": True,
        "UnitPrice": Decimal("9.50"),
        "PurchaseCost": Decimal(4),
        "PurchaseDesc": "in",
        "Description": "out",
        "IncomeAccountRef": {"value": "79", "name": "Sales"},
        "ExpenseAccountRef": {"value": "80"},
        "SalesTaxCodeRef": {"value": "3"},
    }
    told = mapped("Item", source).json
    assert told["invoiceItem"] == {
        "description": "out",
        "unitPrice": Decimal("9.50"),
        "accountRef": {"id": "79", "name": "Sales"},
        "taxRateRef": {"id": "3"},
    }
    assert told["billItem"] == {"description": "in", "unitPrice": 4, "accountRef": {"id": "80"}}
    assert (told["type"], told["code"], told["itemStatus"]) == ("Inventory", "BK", "Active")
    service = mapped("Item", {"Id": "3", "Type": "Service", "Active": False}).json
    assert (service["isInvoiceItem"], service["isBillItem"], service["itemStatus"]) == (
        False,
        False,
        "Archived",
    )


def test_a_heading_among_the_items_is_none(mapped: Map) -> None:
    assert mapped("Item", {"Id": "3", "Type": "Category", "Name": "Furniture"}).records == []
    found = mapped("Item", {"Id": "3", "Type": "Gadget"})
    assert found.json["type"] == "Unknown"
    assert found.told() == [("warning", "$.Type")]


@pytest.mark.parametrize(
    ("name", "told", "ours"),
    [
        ("Visa", "CREDIT_CARD", "CreditCard"),
        ("Cash", "NON_CREDIT_CARD", "Cash"),
        ("Cheque", "NON_CREDIT_CARD", "Check"),
        ("Barter", "NON_CREDIT_CARD", "Other"),
        ("Barter", None, "Unknown"),
    ],
)
def test_a_way_to_pay_is_a_card_or_what_its_name_says(
    mapped: Map, name: str, told: str | None, ours: str
) -> None:
    assert mapped("PaymentMethod", {"Id": "1", "Name": name, "Type": told}).json["type"] == ours


def test_a_class_is_a_category_below_its_parent(mapped: Map) -> None:
    source = {"Id": "9", "Name": "North", "ParentRef": {"value": "4"}, "Active": False}
    told = mapped("TrackingCategory", source, entity="Class", beside={"hasChildren": True}).json
    assert told == {
        "id": "Class-9",
        "name": "North",
        "parentId": "Class-4",
        "hasChildren": True,
        "status": "Archived",
        "metadata": {"isDeleted": False},
    }
    place = mapped("TrackingCategory", {"Id": "9"}, entity="Department", beside={"hasChildren": False}).json
    assert (place["id"], place["hasChildren"]) == ("Department-9", False)


def detail(rate: str, kind: str = "TaxOnAmount", order: int = 0) -> dict[str, Any]:
    return {"TaxRateRef": {"value": rate}, "TaxTypeApplicable": kind, "TaxOrder": order}


RATES = [
    {"Id": "1", "Name": "GST", "RateValue": Decimal(5)},
    {"Id": "2", "Name": "QST", "RateValue": Decimal("7.5")},
    {
        "Id": "3",
        "EffectiveTaxRate": [
            {"RateValue": Decimal(15), "EffectiveDate": "2008-12-01", "EndDate": "2011-01-04"},
            {"RateValue": Decimal(20), "EffectiveDate": "2011-01-04"},
        ],
    },
]


@pytest.mark.parametrize(
    ("details", "effective", "total"),
    [
        ([detail("1")], "5", "5"),
        ([detail("1"), detail("2", order=1)], "12.5", "12.5"),
        ([detail("2", "TaxOnAmountPlusTax", 1), detail("1")], "12.875", "12.5"),
        ([detail("1"), detail("2", "TaxOnTax", 1)], "5.375", "12.5"),
        ([detail("3")], "20", "20"),
        ([], "0", "0"),
    ],
)
def test_a_tax_code_comes_to_what_its_rates_do(
    mapped: Map, details: list[Any], effective: str, total: str
) -> None:
    source = {"Id": "4", "Name": "Code", "SalesTaxRateList": {"TaxRateDetail": details}}
    told = mapped("TaxCode", source, beside={"TaxRate": RATES}).json
    assert (told["effectiveTaxRate"], told["totalTaxRate"]) == (Decimal(effective), Decimal(total))
    assert len(told["components"]) == len(details)


def test_a_code_of_purchases_alone_has_their_rates_and_a_missing_rate_is_told(mapped: Map) -> None:
    purchases = {"Id": "4", "PurchaseTaxRateList": {"TaxRateDetail": [detail("1")]}}
    assert mapped("TaxCode", purchases, beside={"TaxRate": RATES}).json["totalTaxRate"] == 5
    found = mapped("TaxCode", purchases)
    assert "totalTaxRate" not in found.json
    assert found.told() == [("warning", "$.TaxRateDetail[0].TaxRateRef")]


def test_the_company_is_told_with_its_preferences(mapped: Map) -> None:
    source = {
        "Id": "1",
        "CompanyName": "Amber",
        "LegalName": "Amber Ltd",
        "CompanyAddr": {"Line1": "1 Mill Lane", "Line3": "2nd floor"},
        "LegalAddr": {},
        "PrimaryPhone": {"FreeFormNumber": "0113"},
        "WebAddr": {"URI": "https://amber.example"},
        "MetaData": {"CreateTime": "2020-07-01T00:00:00-07:00"},
    }
    prefs = {
        "Id": "1",
        "CurrencyPrefs": {"HomeCurrency": {"value": "GBP"}},
        "AccountingInfoPrefs": {"FirstMonthOfFiscalYear": "April", "BookCloseDate": "2025-12-31"},
    }
    told = mapped(
        "CompanyInfo", source, beside={"Preferences": prefs}, books=Books(today=date(2026, 3, 31))
    ).json
    assert told == {
        "companyName": "Amber",
        "companyLegalName": "Amber Ltd",
        "addresses": [{"type": "Billing", "line1": "1 Mill Lane", "line2": "2nd floor"}],
        "phoneNumbers": [{"number": "0113", "type": "Primary"}],
        "webLinks": [{"type": "Website", "url": "https://amber.example"}],
        "ledgerLockDate": "2025-12-31T00:00:00",
        "financialYearStartDate": "2025-04-01T00:00:00",
        "baseCurrency": "GBP",
        "createdDate": "2020-07-01T07:00:00Z",
    }


def test_a_company_without_preferences_has_no_currency_and_says_so(mapped: Map) -> None:
    found = mapped(
        "CompanyInfo", {"Id": "1", "FiscalYearStartMonth": "Brumaire"}, books=Books(today=date(2026, 3, 31))
    )
    assert "baseCurrency" not in found.json
    assert [path for _, path in found.told()] == [
        "$.Preferences.CurrencyPrefs.HomeCurrency",
        "$.FiscalYearStartMonth",
    ]
