"""Rows of the lists that documents refer to: the organisation, accounts, rates, items, contacts, tracking."""

from typing import Any, Final

from tallystick.connectors.sandbox.amounts import ZERO, cents
from tallystick.connectors.sandbox.books import (
    Account,
    Books,
    Contact,
    Item,
    TaxRate,
    TrackingCategory,
    TrackingOption,
)
from tallystick.connectors.xero.sandbox.dialect import ACCOUNT_TYPES, View, net_date, tax_type, unit_amount

#: Version, time zone and the country's name of an organisation, and how its telephone numbers begin.
_COUNTRIES: Final = {
    "GB": ("UK", "GMTSTANDARDTIME", "United Kingdom", "44", "020"),
    "US": ("US", "PACIFICSTANDARDTIME", "United States", "1", "213"),
}
#: Where an item of stock goes when it is sold.
_COST_OF_GOODS: Final = "310"


def organisation(books: Books) -> dict[str, Any]:
    """The only row of `Organisations`."""
    source = books.organisation
    version, zone, country, _, _ = _COUNTRIES[source.country]
    return {
        "OrganisationID": source.id,
        "Name": source.name,
        "LegalName": source.legal_name,
        "PaysTax": True,
        "Version": version,
        "OrganisationType": "COMPANY",
        "BaseCurrency": source.base_currency,
        "CountryCode": source.country,
        "IsDemoCompany": False,
        "OrganisationStatus": "ACTIVE",
        "RegistrationNumber": source.registration_number,
        "TaxNumber": source.tax_number,
        "FinancialYearEndDay": source.year_end[0],
        "FinancialYearEndMonth": source.year_end[1],
        "SalesTaxBasis": "ACCRUALS",
        "SalesTaxPeriod": "QUARTERLY",
        "DefaultSalesTax": "Tax Exclusive",
        "DefaultPurchasesTax": "Tax Exclusive",
        "CreatedDateUTC": net_date(source.created_at),
        "OrganisationEntityType": "COMPANY",
        "Timezone": zone,
        "ShortCode": f"!{source.id[:5]}",
        "Edition": "BUSINESS",
        "Class": "PREMIUM",
        "Addresses": [
            {
                "AddressType": "POBOX",
                "AddressLine1": "1 High Street",
                "City": source.town,
                **({"Region": source.region} if source.region else {}),
                "Country": country,
            }
        ],
        "Phones": [],
        "ExternalLinks": [],
        "PaymentTerms": {},
    }


def account(source: Account, view: View) -> dict[str, Any]:
    """A row of `Accounts`."""
    kind, group, reporting = ACCOUNT_TYPES[source.kind]
    row: dict[str, Any] = {
        "AccountID": source.id,
        "Code": source.code,
        "Name": source.name,
        "Status": source.status.upper(),
        "Type": kind,
        "TaxType": tax_type(source.tax_code),
        "Class": group,
        "EnablePaymentsToAccount": False,
        "ShowInExpenseClaims": False,
        "ReportingCode": reporting,
        "HasAttachments": False,
        "UpdatedDateUTC": net_date(source.updated_at, view.ahead_ms),
        "AddToWatchlist": False,
    }
    if source.kind == "bank":
        row |= {
            "BankAccountNumber": source.bank_number,
            "BankAccountType": "CREDITCARD" if source.bank_kind == "credit_card" else "BANK",
            "CurrencyCode": source.currency,
        }
    else:
        row["Description"] = source.description
    if source.system:
        row["SystemAccount"] = source.system
    return row


def tax_rate(source: TaxRate) -> dict[str, Any]:
    """A row of `TaxRates`: no GUID and no date."""
    return {
        "Name": source.name,
        "TaxType": tax_type(source.code),
        "ReportTaxType": source.report_code,
        "CanApplyToAssets": True,
        "CanApplyToEquity": True,
        "CanApplyToExpenses": source.on_purchases,
        "CanApplyToLiabilities": True,
        "CanApplyToRevenue": source.on_sales,
        "DisplayTaxRate": source.percent,
        "EffectiveRate": source.percent,
        "Status": source.status.upper(),
        "TaxComponents": [
            {"Name": name, "Rate": percent, "IsCompound": False, "IsNonRecoverable": False}
            for name, percent in [(part.name, part.percent) for part in source.components]
            or [("VAT", source.percent)]
        ],
    }


def item(source: Item, books: Books, view: View) -> dict[str, Any]:
    """A row of `Items`. Of what is kept in store the account of its cost stands for that of the purchase."""
    stock = source.kind == "stock"
    codes = {account.code: tax_type(account.tax_code) for account in books.accounts.values()}
    row: dict[str, Any] = {
        "ItemID": source.id,
        "Code": source.code,
        "Name": source.name,
        "Description": source.description,
        "UpdatedDateUTC": net_date(source.updated_at, view.ahead_ms),
        "PurchaseDetails": {},
        "SalesDetails": {
            "UnitPrice": unit_amount(source.sale_price, view),
            "AccountCode": source.sale_account,
            "TaxType": codes[source.sale_account],
        },
        "IsTrackedAsInventory": stock,
        "IsSold": True,
        "IsPurchased": source.purchase_price is not None,
    }
    if source.purchase_price is not None:
        row["PurchaseDescription"] = source.description
        row["PurchaseDetails"] = {
            "UnitPrice": unit_amount(source.purchase_price, view),
            "COGSAccountCode" if stock else "AccountCode": _COST_OF_GOODS
            if stock
            else source.purchase_account,
            "TaxType": codes[source.purchase_account],
        }
    if stock:
        row["InventoryAssetAccountCode"] = source.purchase_account
        row["QuantityOnHand"] = source.quantity_on_hand
        row["TotalCostPool"] = cents((source.quantity_on_hand or ZERO) * (source.purchase_price or ZERO))
    return row


def contact(source: Contact, books: Books, view: View) -> dict[str, Any]:
    """A row of `Contacts`. The currency is told where it is not the organisation's own."""
    _, _, _, country, area = _COUNTRIES[books.organisation.country]
    row: dict[str, Any] = {
        "ContactID": source.id,
        "ContactStatus": source.status.upper(),
        "Name": source.name,
        "FirstName": source.first_name,
        "LastName": source.last_name,
        "EmailAddress": source.email,
        "BankAccountDetails": "",
        "Addresses": [
            {"AddressType": "STREET", "City": "", "Region": "", "PostalCode": "", "Country": ""},
            {
                "AddressType": "POBOX",
                "AddressLine1": source.street,
                "City": source.town,
                "Region": source.region,
                "PostalCode": source.postcode,
                "Country": source.country,
            },
        ],
        "Phones": [
            {
                "PhoneType": kind,
                "PhoneNumber": source.phone if kind == "DEFAULT" else "",
                "PhoneAreaCode": area if kind == "DEFAULT" and source.phone else "",
                "PhoneCountryCode": country if kind == "DEFAULT" and source.phone else "",
            }
            for kind in ("DDI", "DEFAULT", "FAX", "MOBILE")
        ],
        "UpdatedDateUTC": net_date(source.updated_at, view.ahead_ms),
        "ContactGroups": [],
        "IsSupplier": source.is_supplier,
        "IsCustomer": source.is_customer,
        "ContactPersons": [],
        "HasAttachments": False,
        "HasValidationErrors": False,
    }
    if source.tax_number:
        row["TaxNumber"] = source.tax_number
    if source.company_number:
        row["CompanyNumber"] = source.company_number
    if source.currency != books.organisation.base_currency:
        row["DefaultCurrency"] = source.currency
    return row


def options_of(source: TrackingCategory, books: Books) -> list[TrackingOption]:
    """A category's options, in the order in which they were made."""
    return [option for option in books.tracking_options.values() if option.category_id == source.id]


def tracking_category(source: TrackingCategory, books: Books) -> dict[str, Any]:
    """A row of `TrackingCategories`, with all its options."""
    return {
        "Name": source.name,
        "Status": source.status.upper(),
        "TrackingCategoryID": source.id,
        "Options": [
            {
                "TrackingOptionID": option.id,
                "Name": option.name,
                "Status": option.status.upper(),
                "HasValidationErrors": False,
                "IsDeleted": option.status == "deleted",
                "IsArchived": option.status == "archived",
                "IsActive": option.status == "active",
            }
            for option in options_of(source, books)
        ],
    }
