"""Rows of the lists that documents refer to: the organisation, accounts, tax rates, items, contacts."""

from typing import Any

from tallystick.connectors.sandbox.books import Account, Books, Contact, Item, TaxRate
from tallystick.connectors.xero.sandbox.dialect import ACCOUNT_TYPES, TAX_TYPES, View, net_date, unit_amount


def organisation(books: Books) -> dict[str, Any]:
    """The only row of `Organisations`."""
    source = books.organisation
    return {
        "OrganisationID": source.id,
        "Name": source.name,
        "LegalName": source.legal_name,
        "PaysTax": True,
        "Version": "UK",
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
        "Timezone": "GMTSTANDARDTIME",
        "ShortCode": f"!{source.id[:5]}",
        "Edition": "BUSINESS",
        "Class": "PREMIUM",
        "Addresses": [
            {
                "AddressType": "POBOX",
                "AddressLine1": "1 High Street",
                "City": source.town,
                "Country": "United Kingdom",
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
        "TaxType": TAX_TYPES.get(source.tax_code, source.tax_code),
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
            "BankAccountType": "BANK",
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
        "TaxType": TAX_TYPES.get(source.code, source.code),
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
            {"Name": "VAT", "Rate": source.percent, "IsCompound": False, "IsNonRecoverable": False}
        ],
    }


def item(source: Item, view: View) -> dict[str, Any]:
    """A row of `Items`."""
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
            "TaxType": "OUTPUT2",
        },
        "IsTrackedAsInventory": False,
        "IsSold": True,
        "IsPurchased": source.purchase_price is not None,
    }
    if source.purchase_price is not None:
        row["PurchaseDescription"] = source.description
        row["PurchaseDetails"] = {
            "UnitPrice": unit_amount(source.purchase_price, view),
            "AccountCode": source.purchase_account,
            "TaxType": "INPUT2",
        }
    return row


def contact(source: Contact, books: Books, view: View) -> dict[str, Any]:
    """A row of `Contacts`."""
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
                "Region": "",
                "PostalCode": source.postcode,
                "Country": source.country,
            },
        ],
        "Phones": [
            {
                "PhoneType": kind,
                "PhoneNumber": source.phone if kind == "DEFAULT" else "",
                "PhoneAreaCode": "020" if kind == "DEFAULT" and source.phone else "",
                "PhoneCountryCode": "44" if kind == "DEFAULT" and source.phone else "",
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
