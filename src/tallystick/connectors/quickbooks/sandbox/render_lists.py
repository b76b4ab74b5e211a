"""Entities that transactions refer to: the company, accounts, tax codes, items, people, ways to pay, classes.

Written from the provider's own documents, apart from the connector's mapping.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Literal

from tallystick.connectors.quickbooks.sandbox.dialect import (
    METHOD_TYPES,
    TAXED,
    UNTAXED,
    account_type,
    moment,
    plain,
    ref,
)
from tallystick.connectors.quickbooks.sandbox.numbering import (
    Numbering,
    customer_key,
    parts_of,
    rate_key,
    vendor_key,
)
from tallystick.connectors.sandbox.amounts import ZERO
from tallystick.connectors.sandbox.books import (
    Account,
    Books,
    Contact,
    Employee,
    Item,
    PaymentMethod,
    TaxRate,
    TrackingOption,
)
from tallystick.connectors.sandbox.countries import country_of

_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
#: QuickBooks' two lists of what income and expenses are counted by.
Tracking = Literal["Class", "Department"]
ITEM_TYPES: Final = {"service": "Service", "product": "NonInventory", "stock": "Inventory"}
#: How telephone numbers begin.
_AREAS: Final = {"GB": "+44 20", "US": "+1 213"}
#: Where what was in store goes to when it is sold.
_STOCK_SOLD: Final = "310"


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
    address = {"Id": "1", "Line1": "1 High Street", "City": source.town, "Country": country_of(source).name}
    if source.region:
        address["CountrySubDivisionCode"] = source.region
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
    bought = source.purchase_price is not None
    row: dict[str, Any] = {
        **entity(numbers.of("Item", source.id), at),
        "Name": source.name if active else f"{source.name} (deleted)",
        "Sku": source.code,
        "Description": source.description,
        "Active": active,
        "FullyQualifiedName": source.name,
        "Taxable": True,
        "UnitPrice": source.sale_price,
        "Type": ITEM_TYPES[source.kind],
        "IncomeAccountRef": _account_ref(accounts[source.sale_account], numbers),
        "PurchaseCost": source.purchase_price if source.purchase_price is not None else ZERO,
        "TrackQtyOnHand": source.kind == "stock",
    }
    for field_, wanted in (("SalesTaxCodeRef", "S20"), ("PurchaseTaxCodeRef", "P20")):
        if ("TaxCode", wanted) in numbers.given and (bought or field_ == "SalesTaxCodeRef"):
            row[field_] = ref(numbers.of("TaxCode", wanted))
    if bought:
        row["PurchaseDesc"] = source.description
        row["ExpenseAccountRef"] = _account_ref(accounts[source.purchase_account], numbers)
    if source.kind == "stock":
        row["AssetAccountRef"] = _account_ref(accounts[source.purchase_account], numbers)
        row["ExpenseAccountRef"] = _account_ref(accounts[_STOCK_SOLD], numbers)
        row |= {"QtyOnHand": source.quantity_on_hand, "InvStartDate": at.date().isoformat()}
    return row


def _account_ref(source: Account, numbers: Numbering) -> dict[str, Any]:
    return ref(numbers.of("Account", source.id), source.name)


def tax_codes(books: Books, numbers: Numbering, at: datetime) -> list[dict[str, Any]]:
    """What lines name. In America they say whether they are taxed, and all that is not taxed is one code."""
    rates = books.tax_rates.values()
    if books.organisation.tax_regime != "sales_tax":
        return [_tax_code(rate, numbers, at) for rate in rates]
    told = [
        {
            **entity(name, at),
            "Name": name,
            "Description": name,
            "Active": True,
            "Taxable": name == TAXED,
            "TaxGroup": False,
        }
        for name in (TAXED, UNTAXED)
    ]
    return [*told, *(_tax_code(rate, numbers, at) for rate in rates if rate.percent)]


def _tax_code(source: TaxRate, numbers: Numbering, at: datetime) -> dict[str, Any]:
    details = [
        {
            "TaxRateRef": ref(numbers.of("TaxRate", rate_key(source, place)), part.name),
            "TaxTypeApplicable": "TaxOnAmount",
            "TaxOrder": 0,
        }
        for place, part in enumerate(parts_of(source))
    ]
    return {
        **entity(numbers.of("TaxCode", source.code), at),
        "Name": source.name,
        "Description": source.name,
        "Active": source.status == "active",
        "Taxable": source.percent != 0 or source.reverse_charge,
        "TaxGroup": True,
        "SalesTaxRateList": {"TaxRateDetail": details if source.on_sales else []},
        "PurchaseTaxRateList": {"TaxRateDetail": details if source.on_purchases else []},
    }


def tax_rates(source: TaxRate, numbers: Numbering, at: datetime) -> list[dict[str, Any]]:
    """The rates of a code, per cent."""
    return [
        {
            **entity(numbers.of("TaxRate", rate_key(source, place)), at),
            "Name": part.name,
            "Description": part.name,
            "Active": source.status == "active",
            "RateValue": plain(part.percent),
            "AgencyRef": ref(numbers.of("Agency", part.agency)),
            "SpecialTaxType": "NONE",
            "DisplayType": "ReadOnly",
        }
        for place, part in enumerate(parts_of(source))
    ]


def payment_method(source: PaymentMethod, numbers: Numbering) -> dict[str, Any]:
    """One way to pay: QuickBooks tells cards from everything else."""
    return {
        **entity(numbers.of("Method", source.id), source.updated_at),
        "Name": source.name,
        "Active": source.status == "active",
        "Type": METHOD_TYPES[source.kind],
    }


def option(source: TrackingOption, number: str) -> dict[str, Any]:
    """A class or a department: what they are values of is told by the list that they are in."""
    active = source.status == "active"
    name = source.name if active else f"{source.name} (deleted)"
    return {
        **entity(number, source.updated_at),
        "Name": name,
        "FullyQualifiedName": name,
        "SubClass": False,
        "Active": active,
    }


def employee(source: Employee, number: str) -> dict[str, Any]:
    """Somebody who works for the company."""
    return {
        **entity(number, source.updated_at),
        "GivenName": source.first_name,
        "FamilyName": source.last_name,
        "DisplayName": f"{source.first_name} {source.last_name}",
        "PrimaryEmailAddr": {"Address": source.email},
        "Active": True,
    }


def customer(source: Contact, books: Books, numbers: Numbering) -> dict[str, Any]:
    """A contact as a customer."""
    row = _party(source, numbers.of("Name", customer_key(source.id)), books)
    row |= {"Taxable": True, "Job": False, "BillWithParent": False, "PreferredDeliveryMethod": "Email"}
    row["ShipAddr"] = row["BillAddr"]
    if source.tax_number:
        row["PrimaryTaxIdentifier"] = source.tax_number
    return row


def vendor(source: Contact, books: Books, numbers: Numbering) -> dict[str, Any]:
    """A contact as a vendor."""
    row = _party(source, numbers.of("Name", vendor_key(source.id)), books)
    row["Vendor1099"] = False
    if source.tax_number:
        row["TaxIdentifier"] = source.tax_number
    return row


def _party(source: Contact, number: str, books: Books) -> dict[str, Any]:
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
            **({"CountrySubDivisionCode": source.region} if source.region else {}),
        },
        "CurrencyRef": ref(source.currency),
    }
    if source.email:
        row["PrimaryEmailAddr"] = {"Address": source.email}
    if source.phone:
        row["PrimaryPhone"] = {"FreeFormNumber": f"{_AREAS[books.organisation.country]} {source.phone}"}
    return row
