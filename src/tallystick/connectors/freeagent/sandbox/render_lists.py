"""Rows of what documents refer to, the company itself, and journals."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from tallystick.connectors.freeagent.sandbox.answers import HOST
from tallystick.connectors.freeagent.sandbox.dialect import (
    BANKS,
    FROM_CUSTOMERS,
    SETS,
    TO_SUPPLIERS,
    address,
    moment,
    money,
    number_of,
    percentages,
)
from tallystick.connectors.freeagent.sandbox.render import Renderer
from tallystick.connectors.sandbox.books import (
    Account,
    Allocation,
    Books,
    Contact,
    Item,
    ManualJournal,
    TrackingOption,
)
from tallystick.connectors.sandbox.statements import year_begin

_PROJECT_STATUS: Final = {"active": "Active", "archived": "Completed", "deleted": "Hidden"}


def company(renderer: Renderer) -> dict[str, Any]:
    """The answer of `company`."""
    source = renderer.books.organisation
    begin = year_begin(renderer.today, source.year_end)
    before = year_begin(begin.replace(year=begin.year - 1), source.year_end)
    day, month = source.year_end
    ends = f"{begin.year + (begin.month > 1 or begin.day > 1)}-{month:02d}-{day:02d}"
    american = source.country == "US"
    return {
        "url": f"{HOST}/company",
        "id": str(number_of(source.id)),
        "name": source.name,
        "subdomain": f"books{number_of(source.id)}",
        "type": "UsCCorp" if american else "UkLimitedCompany",
        "currency": source.base_currency,
        "mileage_units": "miles",
        "company_start_date": source.created_at.date().isoformat(),
        "freeagent_start_date": (source.opened_on or source.created_at.date()).isoformat(),
        "annual_accounting_periods": [
            {"starts_on": before.isoformat(), "ends_on": begin.replace(day=1).isoformat()},
            {"starts_on": begin.isoformat(), "ends_on": ends},
        ],
        "address1": "1 High Street",
        "town": source.town,
        "region": source.region,
        "country": "United States" if american else "United Kingdom",
        "company_registration_number": source.registration_number,
        "sales_tax_name": "Sales tax" if american else "VAT",
        "sales_tax_registration_status": "Registered",
        "sales_tax_registration_number": source.tax_number,
        "sales_tax_is_value_added": not american,
        "sales_tax_rates": [money(each) for each in percentages(renderer.books)],
        "cis_enabled": False,
        "created_at": moment(source.created_at),
        "updated_at": moment(source.created_at),
    }


def categories(renderer: Renderer, *, sub_accounts: bool) -> dict[str, list[dict[str, Any]]]:
    """The answer of `categories`: four lists. Either the account of all banks, or each bank's own."""
    found: dict[str, list[dict[str, Any]]] = {
        "admin_expenses_categories": [],
        "cost_of_sales_categories": [],
        "income_categories": [],
        "general_categories": [],
    }
    general = found["general_categories"]
    for account in renderer.books.accounts.values():
        if account.status != "deleted" and (account.kind != "bank" or sub_accounts):
            found[SETS.get(account.kind, "general_categories")].append(_category(account, renderer))
    if not sub_accounts:
        general.append(_own_category(BANKS, "Bank Account"))
    general.append(_own_category(FROM_CUSTOMERS, "Received on account"))
    general.append(_own_category(TO_SUPPLIERS, "Paid on account"))
    return found


def _category(source: Account, renderer: Renderer) -> dict[str, Any]:
    row: dict[str, Any] = {
        **_own_category(renderer.codes[source.id], source.name),
        "auto_sales_tax_rate": "Standard rate" if source.tax_code.endswith("20") else "Zero rate",
    }
    if source.kind in {"expense", "cost_of_sales", "depreciation"}:
        row |= {"allowable_for_tax": True, "tax_reporting_name": source.name}
    if source.kind == "bank":
        row["bank_account"] = address("bank_accounts", number_of(source.id))
    return row


def _own_category(code: str, name: str) -> dict[str, Any]:
    return {"url": address("categories", code), "description": name, "nominal_code": code}


def bank_account(source: Account, opening: Decimal, balance: Decimal) -> dict[str, Any]:
    """A row of `bank_accounts`."""
    return {
        "url": address("bank_accounts", number_of(source.id)),
        "opening_balance": money(opening),
        "type": "CreditCardAccount" if source.bank_kind == "credit_card" else "StandardBankAccount",
        "name": source.name,
        "is_personal": False,
        "is_primary": source.code == "090",
        "status": "active" if source.status == "active" else "hidden",
        "currency": source.currency,
        "current_balance": money(balance),
        "sort_code": source.bank_number[:6],
        "account_number": source.bank_number[6:],
        "created_at": moment(source.updated_at),
        "updated_at": moment(source.updated_at),
    }


def project(source: TrackingOption, books: Books) -> dict[str, Any]:
    """A row of `projects`: what stands for a department. A project is of some contact."""
    contact = next(iter(books.contacts.values()))
    return {
        "url": address("projects", number_of(source.id)),
        "name": source.name,
        "contact": address("contacts", number_of(contact.id)),
        "contact_name": contact.name,
        "budget": 0,
        "is_ir35": False,
        "status": _PROJECT_STATUS[source.status],
        "budget_units": "Hours",
        "normal_billing_rate": "0.0",
        "currency": books.organisation.base_currency,
        "created_at": moment(books.organisation.created_at),
        "updated_at": moment(source.updated_at),
    }


def price_list_item(source: Item, renderer: Renderer, made_at: datetime) -> dict[str, Any]:
    """A row of `price_list_items`."""
    accounts = {account.code: account.id for account in renderer.books.accounts.values()}
    return {
        "url": address("price_list_items", number_of(source.id)),
        "code": source.code,
        "item_type": "Services" if source.kind == "service" else "Products",
        "quantity": "1.0",
        "price": money(source.sale_price),
        "description": source.name,
        "sales_tax_rate": "0.0",
        "second_sales_tax_rate": "0.0",
        "vat_status": "standard",
        "category": renderer.category(accounts[source.sale_account]),
        "created_at": moment(made_at),
        "updated_at": moment(source.updated_at),
    }


def stock_item(source: Item, renderer: Renderer, made_at: datetime) -> dict[str, Any]:
    """A row of `stock_items`."""
    sold = next(each for each in renderer.books.accounts.values() if each.kind == "cost_of_sales")
    return {
        "url": address("stock_items", number_of(source.id)),
        "description": source.name,
        "opening_quantity": "0.0",
        "opening_balance": "0.0",
        "cost_of_sale_category": renderer.category(sold.id),
        "stock_on_hand": money(source.quantity_on_hand or Decimal(0)),
        "created_at": moment(made_at),
        "updated_at": moment(source.updated_at),
    }


def contact(source: Contact, made_at: datetime) -> dict[str, Any]:
    """A row of `contacts`. Whether it sells or buys is nowhere in it."""
    return {
        "url": address("contacts", number_of(source.id)),
        "first_name": source.first_name,
        "last_name": source.last_name,
        "organisation_name": source.name,
        "email": source.email,
        "phone_number": source.phone,
        "address1": source.street,
        "town": source.town,
        "region": source.region,
        "postcode": source.postcode,
        "country": source.country,
        "contact_name_on_invoices": True,
        "locale": "en",
        "charge_sales_tax": "Auto",
        "sales_tax_registration_number": source.tax_number,
        "active_projects_count": 0,
        "status": "Active" if source.status == "active" else "Hidden",
        "created_at": moment(made_at),
        "updated_at": moment(source.updated_at),
    }


def reconciliation(source: Allocation, renderer: Renderer) -> dict[str, Any]:
    """A row of `credit_note_reconciliations`."""
    credit, settled = renderer.books.documents[source.credit_id], renderer.books.documents[source.document_id]
    return {
        "url": address("credit_note_reconciliations", number_of(source.id)),
        "gross_value": money(source.amount),
        "dated_on": source.made_on.isoformat(),
        "currency": credit.currency,
        "exchange_rate": renderer.rate(settled.rate),
        "invoice": address("invoices", number_of(settled.id)),
        "credit_note": address("credit_notes", number_of(credit.id)),
    }


def journal_set(source: ManualJournal, renderer: Renderer) -> dict[str, Any]:
    """A row of `journal_sets`."""
    return {
        "url": address("journal_sets", number_of(source.id)),
        "dated_on": source.posted_on.isoformat(),
        "description": source.narration,
        "updated_at": moment(source.updated_at),
        "tag": source.number,
        "journal_entries": [
            {
                "url": address("journal_entries", number_of(line.id)),
                "category": renderer.category(line.account_id),
                "description": line.description,
                "debit_value": money(line.amount),
            }
            for line in source.lines
        ],
    }
