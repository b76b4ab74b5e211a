"""Rows of what documents refer to, and the business itself."""

from decimal import Decimal
from typing import Any

from tallystick.connectors.sage.sandbox.dialect import (
    ACCOUNT_TYPES,
    PAYMENT_METHODS,
    View,
    account_text,
    bank_id,
    currency_ref,
    moment,
    money,
    ref,
    sage_id,
    tax_id,
)
from tallystick.connectors.sandbox.amounts import ZERO
from tallystick.connectors.sandbox.books import Account, Books, Contact, Item, TaxRate


def business(books: Books) -> dict[str, Any]:
    """The answer of `/business`."""
    source = books.organisation
    return {
        "id": sage_id(source.id),
        "displayed_as": source.name,
        "$path": f"/businesses/{sage_id(source.id)}",
        "created_at": moment(source.created_at),
        "updated_at": moment(source.created_at),
        "name": source.legal_name,  # what an update of the company changes
        "address_line_1": "1 High Street",
        "address_line_2": "",
        "city": source.town,
        "postal_code": "",
        "region": "",
        "country": ref("countries", source.country, "United Kingdom (GB)"),
        "telephone": "",
        "mobile": "",
        "website": "",
        "is_demo": False,
        "subscriptions": [{"id": "accounting", "displayed_as": "Accounting", "active": True}],
    }


def financial_settings(books: Books, year: int) -> dict[str, Any]:
    """The answer of `/financial_settings`, which has no id."""
    day, month = books.organisation.year_end
    return {
        "$path": "/financial_settings",
        "year_end_date": f"{year:04d}-{month:02d}-{day:02d}",
        "year_end_lockdown_date": None,
        "accounting_type": "accrual",
        "accounts_start_date": None,
        "base_currency": currency_ref(books.organisation.base_currency),
        "multi_currency_enabled": True,
        "use_live_exchange_rates": True,
        "mtd_authenticated_date": "",
        "tax_number": books.organisation.tax_number,
        "general_tax_number": "",
        "updated_at": moment(books.organisation.created_at),
    }


def ledger_account(source: Account, view: View, balance: Decimal) -> dict[str, Any]:
    """A row of `ledger_accounts`. The nominal code is a number, so that it loses the zeros at its head."""
    kind, group = ACCOUNT_TYPES[source.kind]
    id_ = sage_id(source.id)
    row: dict[str, Any] = {
        "id": id_,
        "displayed_as": account_text(source),
        "$path": f"/ledger_accounts/{id_}",
        "created_at": moment(source.updated_at),
        "updated_at": moment(source.updated_at),
        "ledger_account_group": {"id": kind, "displayed_as": group},
        "name": source.name,
        "display_name": source.name,
        "included_in_chart": source.status == "active",
        "nominal_code": int(source.code) if source.code.isdecimal() else source.code,
        "ledger_account_type": ref("ledger_account_types", kind, group),
        "ledger_account_classification": ref("ledger_account_classifications", f"GB_{kind}", group),
        "tax_rate": ref("tax_rates", tax_id(source.tax_code), source.tax_code),
        "is_control_account": bool(source.system),
        "control_name": source.system or None,
    }
    if view.balances:
        row["balance_details"] = {
            "balance": money(abs(balance)),
            "credit_or_debit": "credit" if balance < 0 else "debit",
            "credits": money(max(ZERO, -balance)),
            "debits": money(max(ZERO, balance)),
        }
    return row


def bank_account(source: Account, balance: Decimal) -> dict[str, Any]:
    """A row of `bank_accounts`."""
    id_ = bank_id(source.id)
    sort_code, number = source.bank_number[:6], source.bank_number[6:]
    return {
        "id": id_,
        "displayed_as": account_text(source),
        "$path": f"/bank_accounts/{id_}",
        "created_at": moment(source.updated_at),
        "updated_at": moment(source.updated_at),
        "deleted_at": moment(source.updated_at) if source.status == "deleted" else None,
        "bank_account_details": {
            "account_name": source.name,
            "account_number": number,
            "sort_code": sort_code,
            "bic": None,
            "iban": None,
        },
        "ledger_account": ref("ledger_accounts", sage_id(source.id), account_text(source)),
        "bank_account_type": ref("bank_account_types", "CHECKING", "Current"),
        "balance": money(balance),
        "nominal_code": None,
        "editable": True,
        "default_payment_method": ref("payment_methods", "ELECTRONIC", PAYMENT_METHODS["ELECTRONIC"]),
        "is_active": source.status == "active",
        "currency": currency_ref(source.currency),
    }


def tax_rate(source: TaxRate) -> dict[str, Any]:
    """A row of `tax_rates`."""
    id_ = tax_id(source.code)
    return {
        "id": id_,
        "displayed_as": source.name,
        "$path": f"/tax_rates/{id_}",
        "created_at": "2000-01-01T00:00:00Z",
        "updated_at": "2000-01-01T00:00:00Z",
        "name": source.name,
        "agency": None,
        "percentage": money(source.percent),
        "percentages": [{"percentage": money(source.percent), "from_date": "2011-01-04", "to_date": None}],
        "is_visible": source.status == "active",
        "is_combined_rate": False,
        "component_tax_rates": [],
    }


def item(source: Item, books: Books, deleted_at: str | None) -> dict[str, Any]:
    """A row of `products`, or of `services` for what is never bought."""
    accounts = {account.code: account for account in books.accounts.values()}
    sale, bought = accounts[source.sale_account], accounts[source.purchase_account]
    service = source.purchase_price is None
    name, id_ = "services" if service else "products", sage_id(source.id)
    price = {"id": f"{id_[:30]}0d", "displayed_as": "Sales Price"}
    row: dict[str, Any] = {
        "id": id_,
        "displayed_as": source.name,
        "$path": f"/{name}/{id_}",
        "created_at": moment(source.updated_at),
        "updated_at": moment(source.updated_at),
        "deleted_at": deleted_at,
        "item_code": source.code,
        "description": source.name,
        "notes": source.description,
        "sales_ledger_account": ref("ledger_accounts", sage_id(sale.id), account_text(sale)),
        "sales_tax_rate": ref("tax_rates", tax_id("S20"), "Standard"),
        "purchase_description": "" if service else source.description,
        "active": True,
    }
    if service:
        rate = {**price, "rate_name": "Rate", "rate": money(source.sale_price), "rate_includes_tax": False}
        return row | {"sales_rates": [rate], "purchase_ledger_account": None, "purchase_tax_rate": None}
    told = {
        **price,
        "price_name": "Sales Price",
        "price": money(source.sale_price),
        "price_includes_tax": False,
    }
    return row | {
        "sales_prices": [told, {**price, "price_name": "Trade", "price": money(ZERO)}],
        "purchase_ledger_account": ref("ledger_accounts", sage_id(bought.id), account_text(bought)),
        "purchase_tax_rate": ref("tax_rates", tax_id("P20"), "Standard"),
        "cost_price": money(source.purchase_price or ZERO),
        "catalog_item_type": ref("catalog_item_types", "PRODUCT", "Non-stock"),
    }


def contact(source: Contact, books: Books, view: View) -> dict[str, Any]:
    """A row of `contacts`. Address and person are references, unless what is nested is asked for."""
    id_ = sage_id(source.id)
    person: dict[str, Any] = ref(
        "contact_persons", f"{id_[:30]}0e", f"{source.first_name} {source.last_name}"
    )
    address: dict[str, Any] = ref("addresses", f"{id_[:30]}0f", f"{source.street}, {source.town}")
    if view.nested:
        person |= {
            "name": f"{source.first_name} {source.last_name}",
            "telephone": f"020 {source.phone}" if source.phone else "",
            "mobile": "",
            "email": source.email,
            "fax": "",
            "is_main_contact": True,
        }
        address |= {
            "address_line_1": source.street,
            "address_line_2": "",
            "city": source.town,
            "region": "",
            "postal_code": source.postcode,
            "country": ref("countries", "GB", source.country),
            "is_main_address": True,
        }
    sides = [("CUSTOMER", "Customer")] if source.is_customer or not source.is_supplier else []
    sides += [("VENDOR", "Vendor")] if source.is_supplier else []
    return {
        "id": id_,
        "displayed_as": source.name,
        "$path": f"/contacts/{id_}",
        "created_at": moment(source.updated_at),
        "updated_at": moment(source.updated_at),
        "deleted_at": None,
        "contact_types": [ref("contact_types", each, text) for each, text in sides],
        "name": source.name,
        "reference": source.company_number,
        "tax_number": source.tax_number or None,
        "registered_number": source.company_number or None,
        "notes": "",
        "main_address": address,
        "delivery_address": None,
        "main_contact_person": person,
        "currency": currency_ref(source.currency or books.organisation.base_currency),
        "email": source.email or None,
        "system": False,
        "is_active": source.status == "active",
    }


def payment_method(id_: str) -> dict[str, Any]:
    """A row of `payment_methods`."""
    return {**ref("payment_methods", id_, PAYMENT_METHODS[id_]), "name": PAYMENT_METHODS[id_]}
