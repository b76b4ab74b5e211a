"""Accounts, tax rates, items and the organisation."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tallystick.connectors import Books

D = Decimal


def test_an_account_is_placed_by_class_and_type(mapped: Any, row: Any) -> None:
    account = mapped("Accounts", row("Accounts"), Books(base_currency="GBP")).only

    assert (account.DATA_TYPE, account.nominalCode) == ("chartOfAccounts", "200")
    assert account.type == "Income"
    assert account.fullyQualifiedCategory == "Income.Revenue"
    assert account.fullyQualifiedName == "Income.Revenue.Sales"
    assert (account.currency, account.status, account.isBankAccount) == ("GBP", "Active", False)


@pytest.mark.parametrize(("place", "kind", "side"), [(1, "Debit", "Asset"), (2, "Credit", "Liability")])
def test_an_account_at_a_bank_is_a_bank_account_as_well(
    mapped: Any, row: Any, place: int, kind: str, side: str
) -> None:
    account, bank = mapped("Accounts", row("Accounts", place)).records

    assert account.isBankAccount
    assert account.type == side
    assert bank.DATA_TYPE == "bankAccounts"
    assert (bank.id, bank.accountName, bank.accountType) == (account.id, account.name, kind)
    assert bank.currency == account.currency


def test_a_deleted_account_is_placed_by_its_type_alone(mapped: Any, row: Any) -> None:
    account = mapped("Accounts", row("Accounts", 3)).only
    assert (account.type, account.fullyQualifiedCategory) == ("Expense", "Expense.Overhead")
    assert (account.status, account.metadata.isDeleted) == ("Archived", True)


def test_a_new_type_of_account_is_doubted_and_its_class_still_counts(mapped: Any, row: Any) -> None:
    found = mapped("Accounts", row("Accounts", Type="CRYPTO"))
    assert (found.only.type, found.only.fullyQualifiedCategory) == ("Income", None)
    assert found.told() == [("warning", "$.Type")]


def test_a_state_that_is_not_told_is_unknown_without_a_doubt(mapped: Any, row: Any) -> None:
    found = mapped("Accounts", row("Accounts", Status=...))
    assert (found.only.status, found.issues) == ("Unknown", [])


def test_a_tax_rate_is_known_by_its_code(mapped: Any, row: Any) -> None:
    rate = mapped("TaxRates", row("TaxRates", 1)).only

    assert (rate.id, rate.code, rate.name) == ("TAX001", "TAX001", "Province and federal")
    assert (str(rate.effectiveTaxRate), str(rate.totalTaxRate)) == ("15.5025", "14.9750")
    assert [(c.name, str(c.rate), c.isCompound) for c in rate.components] == [
        ("GST", "5.0000", False),
        ("PST", "9.9750", True),
    ]
    assert (rate.status, rate.metadata.isDeleted) == ("Archived", True)


def test_an_item_is_sold_and_bought_on_its_own_terms(mapped: Any, row: Any) -> None:
    books = Books(account_ids={"200": "acc-200", "429": "acc-429"})
    item = mapped("Items", row("Items"), books).only

    assert (item.type, item.itemStatus, item.isInvoiceItem, item.isBillItem) == (
        "Inventory",
        "Active",
        True,
        True,
    )
    assert (item.invoiceItem.description, str(item.invoiceItem.unitPrice)) == (
        "Oak bookcase, waxed",
        "349.0000",
    )
    assert item.invoiceItem.accountRef.id == "acc-200"
    assert (item.billItem.description, str(item.billItem.unitPrice)) == ("Bookcase, raw", "182.5025")
    assert item.billItem.accountRef.id == "acc-429", "the account of its cost of goods sold"


def test_an_item_of_old_books_is_sold_where_its_sale_is_described(mapped: Any, row: Any) -> None:
    item = mapped("Items", row("Items", 1)).only
    assert (item.name, item.isInvoiceItem, item.isBillItem) == ("CNS-D", True, False)
    assert (item.billItem, item.sourceModifiedDate) == (None, None)


def test_the_organisation_is_the_company(mapped: Any, row: Any) -> None:
    found = mapped("Organisations", row("Organisations"), Books(today=date(2026, 2, 1)))
    company = found.only

    assert found.issues == []
    assert (company.id, company.DATA_TYPE) == (None, "company")
    assert (company.companyName, company.companyLegalName) == (
        "Harbour & Vale",
        "Harbour & Vale Trading Ltd",
    )
    assert company.baseCurrency == "GBP"
    assert company.ledgerLockDate == "2025-03-31T00:00:00", "the later of the two"
    assert company.financialYearStartDate == "2025-04-01T00:00:00"
    assert [(p.type, p.number) for p in company.phoneNumbers] == [("Landline", "44 0117 496 0000")]
    (address,) = company.addresses
    assert (address.line1, address.line2) == ("1 Wharf Street", "Old Dock, Unit 3")
    assert [link.type for link in company.webLinks] == ["Website", "Social"]


@pytest.mark.parametrize(
    ("day", "month", "today", "start"),
    [
        (31, 3, date(2026, 3, 31), "2025-04-01"),
        (31, 3, date(2026, 4, 1), "2026-04-01"),
        (31, 12, date(2026, 1, 1), "2026-01-01"),
        (31, 6, date(2026, 8, 1), "2026-07-01"),
        (29, 2, date(2026, 8, 1), "2026-03-01"),
    ],
)
def test_the_financial_year_begins_after_its_last_end(
    mapped: Any, row: Any, day: int, month: int, today: date, start: str
) -> None:
    source = row("Organisations", FinancialYearEndDay=day, FinancialYearEndMonth=month)
    company = mapped("Organisations", source, Books(today=today)).only
    assert company.financialYearStartDate == f"{start}T00:00:00"


def test_the_financial_year_is_not_guessed_without_a_today(mapped: Any, row: Any) -> None:
    assert mapped("Organisations", row("Organisations")).only.financialYearStartDate is None
