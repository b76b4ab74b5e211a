"""Rows of what documents refer to, and the business itself."""

from datetime import date
from decimal import Decimal
from typing import Any, Final

from tallystick.connectors.sage.sandbox.dialect import (
    ACCOUNT_TYPES,
    BANK_TYPES,
    ITEM_LISTS,
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
from tallystick.connectors.sandbox.books import (
    Account,
    Books,
    Contact,
    Item,
    Organisation,
    TaxComponent,
    TaxRate,
    TrackingCategory,
    TrackingOption,
)
from tallystick.connectors.sandbox.ledger import Ledger

_COUNTRIES: Final = {"GB": "United Kingdom", "US": "United States"}
_OLD: Final = "2000-01-01T00:00:00Z"


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
        "region": source.region,
        "country": ref("countries", source.country, f"{_COUNTRIES[source.country]} ({source.country})"),
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


def ledger_account(source: Account, books: Books, view: View, ledger: Ledger) -> dict[str, Any]:
    """A row of `ledger_accounts`. The nominal code is a number, so that it loses the zeros at its head."""
    kind, group = ACCOUNT_TYPES[source.kind]
    id_, country = sage_id(source.id), books.organisation.country
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
        "ledger_account_classification": ref("ledger_account_classifications", f"{country}_{kind}", group),
        "tax_rate": ref("tax_rates", tax_id(source.tax_code), source.tax_code),
        "is_control_account": bool(source.system),
        "control_name": source.system or None,
    }
    if view.balances is not None:
        row["balance_details"] = _balance(source, ledger, *view.balances)
    return row


def _balance(source: Account, ledger: Ledger, first: date, last: date) -> dict[str, Any]:
    """What was posted between two days, both included."""
    debits, credits_ = ledger.debits_and_credits(source.id, first, last)
    return {
        "balance": money(abs(debits - credits_)),
        "credit_or_debit": "credit" if credits_ > debits else "debit",
        "credits": money(credits_),
        "debits": money(debits),
        "from_date": first.isoformat(),
        "to_date": last.isoformat(),
    }


def bank_account(source: Account, balance: Decimal) -> dict[str, Any]:
    """A row of `bank_accounts`; its balance is in its own currency."""
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
        "bank_account_type": ref("bank_account_types", *BANK_TYPES[source.bank_kind]),
        "balance": money(balance),
        "nominal_code": None,
        "editable": True,
        "default_payment_method": ref("payment_methods", "ELECTRONIC", PAYMENT_METHODS["ELECTRONIC"]),
        "is_active": source.status == "active",
        "currency": currency_ref(source.currency),
    }


def tax_rate(source: TaxRate, of: Organisation) -> dict[str, Any]:
    """A row of `tax_rates`."""
    id_, american = tax_id(source.code), of.country == "US"
    return {
        "id": id_,
        "displayed_as": source.name,
        "$path": f"/tax_rates/{id_}",
        "created_at": _OLD,
        "updated_at": _OLD,
        "name": source.name,
        "agency": source.components[0].agency if american and source.components else None,
        "percentage": money(source.percent),
        "percentages": [{"percentage": money(source.percent), "from_date": "2011-01-04", "to_date": None}],
        "is_visible": source.status == "active",
        "is_combined_rate": bool(source.components),
        "component_tax_rates": [
            _component(id_, place, part, american=american) for place, part in enumerate(source.components)
        ],
    }


def _component(of: str, place: int, part: TaxComponent, *, american: bool) -> dict[str, Any]:
    return {
        **ref("tax_rates", f"{of}_{place + 1}", part.name),
        "name": part.name,
        "agency": part.agency if american else None,
        "percentage": money(part.percent),
        "is_visible": False,
        "is_combined_rate": False,
    }


def item(source: Item, books: Books, deleted_at: str | None) -> dict[str, Any]:
    """A row of `products`, `services` or `stock_items`."""
    accounts = {account.code: account for account in books.accounts.values()}
    sale, bought = accounts[source.sale_account], accounts[source.purchase_account]
    service, name, id_ = source.kind == "service", ITEM_LISTS[source.kind], sage_id(source.id)
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
        "sales_tax_rate": _usual_rate(sale, books),
        "purchase_description": "" if service else source.description,
        "active": True,
    }
    if service:
        told: dict[str, Any] = {
            **price,
            "rate_name": "Rate",
            "rate": money(source.sale_price),
            "rate_includes_tax": False,
        }
        return row | {"sales_rates": [told], "purchase_ledger_account": None, "purchase_tax_rate": None}
    told = {
        **price,
        "price_name": "Sales Price",
        "price": money(source.sale_price),
        "price_includes_tax": False,
    }
    row |= {
        "sales_prices": [told, {**price, "price_name": "Trade", "price": money(ZERO)}],
        "purchase_ledger_account": ref("ledger_accounts", sage_id(bought.id), account_text(bought)),
        "purchase_tax_rate": _usual_rate(bought, books),
        "cost_price": money(source.purchase_price or ZERO),
    }
    if source.kind == "stock":
        return row | {"quantity_in_stock": money(source.quantity_on_hand or ZERO), "reorder_level": "0.0"}
    return row | {"catalog_item_type": ref("catalog_item_types", "PRODUCT", "Non-stock")}


def _usual_rate(account: Account, books: Books) -> dict[str, Any]:
    rate = books.tax_rates[account.tax_code]
    return ref("tax_rates", tax_id(rate.code), rate.name)


def analysis_type(source: TrackingCategory, books: Books) -> dict[str, Any]:
    """A row of `analysis_types`."""
    options = [each for each in books.tracking_options.values() if each.category_id == source.id]
    return {
        **ref("analysis_types", sage_id(source.id), source.name),
        "created_at": moment(source.updated_at),
        "updated_at": moment(source.updated_at),
        "active_areas": [],
        "analysis_type_level": [],
        "analysis_type_categories": [
            ref("analysis_type_categories", sage_id(each.id), each.name) for each in options
        ],
        "name": source.name,
    }


def analysis_type_category(source: TrackingOption, books: Books) -> dict[str, Any]:
    """A row of `analysis_type_categories`."""
    of = books.tracking_categories[source.category_id]
    return {
        **ref("analysis_type_categories", sage_id(source.id), source.name),
        "created_at": moment(source.updated_at),
        "updated_at": moment(source.updated_at),
        "code": "",
        "name": source.name,
        "combined_id": f"{sage_id(of.id)}{sage_id(source.id)}",
        "analysis_type": ref("analysis_types", sage_id(of.id), of.name),
    }


def contact(source: Contact, books: Books, view: View) -> dict[str, Any]:
    """A row of `contacts`. Address and person are references, unless what is nested is asked for."""
    id_, area = sage_id(source.id), "213" if books.organisation.country == "US" else "020"
    person: dict[str, Any] = ref(
        "contact_persons", f"{id_[:30]}0e", f"{source.first_name} {source.last_name}"
    )
    address: dict[str, Any] = ref("addresses", f"{id_[:30]}0f", f"{source.street}, {source.town}")
    if view.nested:
        person |= {
            "name": f"{source.first_name} {source.last_name}",
            "telephone": f"{area} {source.phone}" if source.phone else "",
            "mobile": "",
            "email": source.email,
            "fax": "",
            "is_main_contact": True,
        }
        address |= {
            "address_line_1": source.street,
            "address_line_2": "",
            "city": source.town,
            "region": source.region,
            "postal_code": source.postcode,
            "country": ref("countries", books.organisation.country, source.country),
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
    return ref("payment_methods", id_, PAYMENT_METHODS[id_])
