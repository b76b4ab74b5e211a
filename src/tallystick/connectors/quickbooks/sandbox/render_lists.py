"""Entities that transactions refer to: the company, accounts, tax codes and rates, items, customers, vendors.

Written from the provider's own documents, apart from the connector's mapping.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from tallystick.connectors.quickbooks.sandbox.dialect import PAYMENT_METHODS, account_type, moment, plain, ref
from tallystick.connectors.quickbooks.sandbox.numbering import Numbering, customer_key, vendor_key
from tallystick.connectors.sandbox.amounts import ZERO
from tallystick.connectors.sandbox.books import Account, Books, Contact, Item, TaxRate

_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip


def entity(id_: str, at: datetime) -> dict[str, Any]:
    """What every entity has."""
    return {
        "domain": "QBO",
        "sparse": False,
        "Id": id_,
        "SyncToken": "0",
        "MetaData": {"CreateTime": moment(at), "LastUpdatedTime": moment(at)},
    }


def company_info(books: Books) -> dict[str, Any]:
    """The company itself. Its id is 1 in every company: the realm is told in the path only."""
    source = books.organisation
    address = {"Id": "1", "Line1": "1 High Street", "City": source.town, "Country": "United Kingdom"}
    return {
        **entity("1", source.created_at),
        "CompanyName": source.name,
        "LegalName": source.legal_name,
        "CompanyAddr": address,
        "LegalAddr": {**address, "Id": "2"},
        "PrimaryPhone": {},
        "CompanyStartDate": source.created_at.date().isoformat(),
        "FiscalYearStartMonth": _first_month(books),
        "Country": source.country,
        "Email": {"Address": "owner@example.com"},
        "WebAddr": {},
        "SupportedLanguages": "en",
        "NameValue": [{"Name": "OfferingSku", "Value": "QuickBooks Online Plus"}],
    }


def preferences(books: Books) -> dict[str, Any]:
    """What the company has chosen; its currency is told here and nowhere else."""
    source = books.organisation
    return {
        **entity("1", source.created_at),
        "AccountingInfoPrefs": {
            "UseAccountNumbers": True,
            "FirstMonthOfFiscalYear": _first_month(books),
            "TaxYearMonth": "January",
            "CustomerTerminology": "Customers",
        },
        "CurrencyPrefs": {
            "MultiCurrencyEnabled": True,
            "HomeCurrency": ref(source.base_currency),
        },
        "TaxPrefs": {"UsingSalesTax": True},
        "ReportPrefs": {"ReportBasis": "Accrual"},
    }


def _first_month(books: Books) -> str:
    day, month = books.organisation.year_end
    return _MONTHS[month % 12 if day > 15 else month - 1]


def account(source: Account, books: Books, numbers: Numbering, balance: Decimal) -> dict[str, Any]:
    """One account; what is out of use says so in its name."""
    kind, classification, sub_type = account_type(source)
    active = source.status == "active"
    name = source.name if active else f"{source.name} (deleted)"
    natural = balance if classification in {"Asset", "Expense"} else -balance
    row = {
        **entity(numbers.of("Account", source.id), source.updated_at),
        "Name": name,
        "SubAccount": False,
        "FullyQualifiedName": name,
        "Active": active,
        "Classification": classification,
        "AccountType": kind,
        "AccountSubType": sub_type,
        "AcctNum": source.code,
        "CurrentBalance": natural,
        "CurrentBalanceWithSubAccounts": natural,
        "CurrencyRef": ref(source.currency or books.organisation.base_currency),
    }
    if source.description:
        row["Description"] = source.description
    return row


def item(source: Item, books: Books, numbers: Numbering, *, active: bool, at: datetime) -> dict[str, Any]:
    """One item; what was taken out of the books stays here, out of use."""
    accounts = {each.code: each for each in books.accounts.values()}
    row: dict[str, Any] = {
        **entity(numbers.of("Item", source.id), at),
        "Name": source.name if active else f"{source.name} (deleted)",
        "Sku": source.code,
        "Description": source.description,
        "Active": active,
        "FullyQualifiedName": source.name,
        "Taxable": True,
        "UnitPrice": source.sale_price,
        "Type": "Service" if source.purchase_price is None else "NonInventory",
        "IncomeAccountRef": _account_ref(accounts[source.sale_account], numbers),
        "SalesTaxCodeRef": ref(numbers.of("TaxCode", "S20")),
        "PurchaseCost": source.purchase_price if source.purchase_price is not None else ZERO,
        "TrackQtyOnHand": False,
    }
    if source.purchase_price is not None:
        row["PurchaseDesc"] = source.description
        row["ExpenseAccountRef"] = _account_ref(accounts[source.purchase_account], numbers)
        row["PurchaseTaxCodeRef"] = ref(numbers.of("TaxCode", "P20"))
    return row


def _account_ref(source: Account, numbers: Numbering) -> dict[str, Any]:
    return ref(numbers.of("Account", source.id), source.name)


def tax_code(source: TaxRate, numbers: Numbering, at: datetime) -> dict[str, Any]:
    """What lines name; its one rate has the same number in a list of its own."""
    number = numbers.of("TaxCode", source.code)
    detail = {
        "TaxRateRef": ref(number, source.name),
        "TaxTypeApplicable": "TaxOnAmount",
        "TaxOrder": 0,
    }
    return {
        **entity(number, at),
        "Name": source.name,
        "Description": source.name,
        "Active": source.status == "active",
        "Taxable": source.percent != 0,
        "TaxGroup": True,
        "SalesTaxRateList": {"TaxRateDetail": [detail] if source.on_sales else []},
        "PurchaseTaxRateList": {"TaxRateDetail": [detail] if source.on_purchases else []},
    }


def tax_rate(source: TaxRate, numbers: Numbering, at: datetime) -> dict[str, Any]:
    """One rate, per cent."""
    return {
        **entity(numbers.of("TaxCode", source.code), at),
        "Name": source.name,
        "Description": source.name,
        "Active": source.status == "active",
        "RateValue": plain(source.percent),
        "AgencyRef": ref("1"),
        "SpecialTaxType": "NONE",
        "DisplayType": "ReadOnly",
    }


def payment_methods(at: datetime) -> list[dict[str, Any]]:
    """Those that every company has."""
    return [
        {**entity(number, at), "Name": name, "Active": True, "Type": kind}
        for number, name, kind in PAYMENT_METHODS
    ]


def customer(source: Contact, numbers: Numbering) -> dict[str, Any]:
    """A contact as a customer."""
    row = _party(source, numbers.of("Name", customer_key(source.id)))
    row |= {"Taxable": True, "Job": False, "BillWithParent": False, "PreferredDeliveryMethod": "Email"}
    row["ShipAddr"] = row["BillAddr"]
    if source.tax_number:
        row["PrimaryTaxIdentifier"] = source.tax_number
    return row


def vendor(source: Contact, numbers: Numbering) -> dict[str, Any]:
    """A contact as a vendor."""
    row = _party(source, numbers.of("Name", vendor_key(source.id)))
    row["Vendor1099"] = False
    if source.tax_number:
        row["TaxIdentifier"] = source.tax_number
    return row


def _party(source: Contact, number: str) -> dict[str, Any]:
    active = source.status == "active"
    name = source.name if active else f"{source.name} (deleted)"
    row: dict[str, Any] = {
        **entity(number, source.updated_at),
        "GivenName": source.first_name,
        "FamilyName": source.last_name,
        "FullyQualifiedName": name,
        "CompanyName": source.name,
        "DisplayName": name,
        "PrintOnCheckName": source.name,
        "Active": active,
        "BillAddr": {
            "Id": number,
            "Line1": source.street,
            "City": source.town,
            "Country": source.country,
            "PostalCode": source.postcode,
        },
        "CurrencyRef": ref(source.currency),
    }
    if source.email:
        row["PrimaryEmailAddr"] = {"Address": source.email}
    if source.phone:
        row["PrimaryPhone"] = {"FreeFormNumber": f"+44 20 {source.phone}"}
    return row
