"""Xero's accounts, tax rates, items and organisation. Source: providers §§6.1, 6.5."""

from datetime import date, timedelta
from typing import Final

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts, word
from tallystick.connectors.xero import wire
from tallystick.connectors.xero.contacts import addresses, phones
from tallystick.connectors.xero.words import GONE, PRESENT, account_ref, day, instant, tax_rate_of
from tallystick.standard import (
    Account,
    AccountStatus,
    AccountType,
    BankAccount,
    BankAccountType,
    BillItem,
    CalendarDate,
    CompanyInfo,
    InvoiceItem,
    Item,
    StandardRecord,
    TaxRate,
    TaxRateComponent,
    TaxRateStatus,
    WebLink,
    WebLinkType,
    calendar_day,
)

#: A deleted account is archived in its own place and gone by its metadata.
ACCOUNT_STATUS: Final[dict[str, AccountStatus]] = {
    "ACTIVE": "Active",
    "ARCHIVED": "Archived",
    "DELETED": "Archived",
    "PENDING": "Pending",
}
CLASS: Final[dict[str, AccountType]] = {
    "ASSET": "Asset",
    "LIABILITY": "Liability",
    "EQUITY": "Equity",
    "REVENUE": "Income",
    "EXPENSE": "Expense",
}
#: What an account of each type is where its class is not told, and the category within.
TYPE: Final[dict[str, tuple[AccountType, str]]] = {
    "BANK": ("Asset", "Bank"),
    "CURRENT": ("Asset", "Current"),
    "FIXED": ("Asset", "Fixed"),
    "INVENTORY": ("Asset", "Inventory"),
    "NONCURRENT": ("Asset", "NonCurrent"),
    "PREPAYMENT": ("Asset", "Prepayment"),
    "CURRLIAB": ("Liability", "Current"),
    "LIABILITY": ("Liability", "Liability"),
    "TERMLIAB": ("Liability", "NonCurrent"),
    "PAYG": ("Liability", "Payg"),
    "PAYGLIABILITY": ("Liability", "Payg"),
    "SUPERANNUATIONLIABILITY": ("Liability", "Superannuation"),
    "WAGESPAYABLELIABILITY": ("Liability", "WagesPayable"),
    "EQUITY": ("Equity", "Equity"),
    "REVENUE": ("Income", "Revenue"),
    "SALES": ("Income", "Sales"),
    "OTHERINCOME": ("Income", "Other"),
    "DEPRECIATN": ("Expense", "Depreciation"),
    "DIRECTCOSTS": ("Expense", "DirectCosts"),
    "EXPENSE": ("Expense", "Expense"),
    "OVERHEADS": ("Expense", "Overhead"),
    "SUPERANNUATIONEXPENSE": ("Expense", "Superannuation"),
    "WAGESEXPENSE": ("Expense", "Wages"),
}
BANK_ACCOUNT_TYPE: Final[dict[str, BankAccountType]] = {
    "BANK": "Debit",
    "PAYPAL": "Debit",
    "CREDITCARD": "Credit",
    "NONE": "Unknown",
}
TAX_RATE_STATUS: Final[dict[str, TaxRateStatus]] = {
    "ACTIVE": "Active",
    "ARCHIVED": "Archived",
    "DELETED": "Archived",
    "PENDING": "Unknown",
}
WEB_LINK: Final[dict[str, WebLinkType]] = {
    "WEBSITE": "Website",
    "FACEBOOK": "Social",
    "TWITTER": "Social",
    "GOOGLEPLUS": "Social",
    "LINKEDIN": "Social",
}


def account(source: wire.Account, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """An account of the ledger, and the bank account that it may be as well."""
    doubts.data_type = "chartOfAccounts"
    kind, category = _category(source, doubts)
    status = word(ACCOUNT_STATUS, source.Status, "$.Status", doubts)
    changed = instant(source.UpdatedDateUTC, None, "$.UpdatedDateUTC", doubts)
    gone = GONE if source.Status == "DELETED" else PRESENT
    found: list[StandardRecord] = [
        Account(
            id=source.AccountID,
            nominalCode=source.Code or None,
            name=source.Name or None,
            description=source.Description or None,
            fullyQualifiedCategory=category,
            fullyQualifiedName=f"{category}.{source.Name}" if category and source.Name else None,
            currency=source.CurrencyCode or books.base_currency,
            type=kind,
            status=status,
            isBankAccount=source.Type == "BANK",
            sourceModifiedDate=changed,
            metadata=gone,
        )
    ]
    if source.Type == "BANK":
        doubts.data_type = "bankAccounts"
        found.append(
            BankAccount(
                id=source.AccountID,
                accountName=source.Name or None,
                accountType=word(BANK_ACCOUNT_TYPE, source.BankAccountType, "$.BankAccountType", doubts),
                nominalCode=source.Code or None,
                accountNumber=source.BankAccountNumber or None,
                currency=source.CurrencyCode or books.base_currency,
                status=status,
                sourceModifiedDate=changed,
                metadata=gone,
            )
        )
    return found


def _category(source: wire.Account, doubts: Doubts) -> tuple[AccountType, str | None]:
    """The class decides: a credit card is of the type BANK and a liability."""
    told = TYPE.get(source.Type or "")
    if told is None and source.Type:
        doubts.warn("$.Type", "no type of account that this mapping knows")
    by_class = word(CLASS, source.Class, "$.Class", doubts)
    if told is None or by_class == "Unknown":
        return told[0] if told else by_class, f"{told[0]}.{told[1]}" if told else None
    return by_class, f"{by_class}.{told[1]}"


def tax_rate(source: wire.TaxRate, _books: Books, doubts: Doubts) -> list[StandardRecord]:
    """A tax rate; lines refer to it by its code, which is its id here too."""
    doubts.data_type = "taxRates"
    return [
        TaxRate(
            id=source.TaxType,
            code=source.TaxType,
            name=source.Name or None,
            effectiveTaxRate=source.EffectiveRate,
            totalTaxRate=source.DisplayTaxRate,
            components=tuple(
                TaxRateComponent(name=part.Name or None, rate=part.Rate, isCompound=bool(part.IsCompound))
                for part in source.TaxComponents or ()
            ),
            status=word(TAX_RATE_STATUS, source.Status, "$.Status", doubts),
            metadata=GONE if source.Status == "DELETED" else PRESENT,
        )
    ]


def item(source: wire.Item, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """An item. Xero has no state for one: what is bought or sold is in use."""
    doubts.data_type = "items"
    sales, purchase = source.SalesDetails, source.PurchaseDetails
    sold = _given(sales) if source.IsSold is None else source.IsSold
    bought = _given(purchase) if source.IsPurchased is None else source.IsPurchased
    return [
        Item(
            id=source.ItemID,
            name=source.Name or source.Code or None,
            code=source.Code or None,
            type="Inventory" if source.IsTrackedAsInventory else "Unknown",
            itemStatus="Active" if sold or bought else "Unknown",
            isInvoiceItem=sold,
            isBillItem=bought,
            invoiceItem=_sold(source, sales or wire.ItemDetails(), books, doubts) if sold else None,
            billItem=_bought(source, purchase or wire.ItemDetails(), books, doubts) if bought else None,
            sourceModifiedDate=instant(source.UpdatedDateUTC, None, "$.UpdatedDateUTC", doubts),
            metadata=PRESENT,
        )
    ]


def _given(details: wire.ItemDetails | None) -> bool:
    return details is not None and details != wire.ItemDetails()


def _sold(source: wire.Item, details: wire.ItemDetails, books: Books, doubts: Doubts) -> InvoiceItem:
    path = "$.SalesDetails.AccountCode"
    return InvoiceItem(
        description=source.Description or None,
        unitPrice=details.UnitPrice,
        accountRef=account_ref(None, details.AccountCode, books, path, doubts),
        taxRateRef=tax_rate_of(details.TaxType) if details.TaxType else None,
    )


def _bought(source: wire.Item, details: wire.ItemDetails, books: Books, doubts: Doubts) -> BillItem:
    """An inventory item is bought into the account of its cost of goods sold."""
    path = "$.PurchaseDetails.AccountCode"
    code = details.AccountCode or details.COGSAccountCode
    return BillItem(
        description=source.PurchaseDescription or None,
        unitPrice=details.UnitPrice,
        accountRef=account_ref(None, code, books, path, doubts),
        taxRateRef=tax_rate_of(details.TaxType) if details.TaxType else None,
    )


def organisation(source: wire.Organisation, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """The company. When its year began can only be told where `books.today` is known."""
    doubts.data_type = "company"
    locks = (
        day(None, source.PeriodLockDate, "$.PeriodLockDate", doubts),
        day(None, source.EndOfYearLockDate, "$.EndOfYearLockDate", doubts),
    )
    return [
        CompanyInfo(
            companyName=source.Name or None,
            accountingPlatformRef=source.OrganisationID or None,
            companyLegalName=source.LegalName or None,
            addresses=addresses(source.Addresses, doubts),
            phoneNumbers=phones(source.Phones, doubts),
            webLinks=tuple(
                WebLink(
                    type=word(
                        WEB_LINK,
                        (link.LinkType or "").upper(),
                        f"$.ExternalLinks[{place}].LinkType",
                        doubts,
                    ),
                    url=link.Url,
                )
                for place, link in enumerate(source.ExternalLinks or ())
                if link.Url
            ),
            ledgerLockDate=max((lock for lock in locks if lock), default=None),
            registrationNumber=source.RegistrationNumber or None,
            taxNumber=source.TaxNumber or None,
            financialYearStartDate=_year_start(source, books.today, doubts),
            baseCurrency=source.BaseCurrency or None,
            createdDate=instant(source.CreatedDateUTC, None, "$.CreatedDateUTC", doubts),
        )
    ]


def _year_start(source: wire.Organisation, today: date | None, doubts: Doubts) -> CalendarDate | None:
    """The day after the last end of a financial year before today."""
    if today is None or not source.FinancialYearEndDay or not source.FinancialYearEndMonth:
        return None
    if not (1 <= source.FinancialYearEndMonth <= 12 and 1 <= source.FinancialYearEndDay <= 31):
        doubts.warn("$.FinancialYearEndDay", "no day of a year")
        return None
    ends = (
        _last_possible(year, source.FinancialYearEndMonth, source.FinancialYearEndDay)
        for year in (today.year, today.year - 1)
    )
    return calendar_day(next(end for end in ends if end < today) + timedelta(days=1))


def _last_possible(year: int, month: int, day_of_month: int) -> date:
    """That day, or the month's last where it has no such day: 31 June, 29 February."""
    for less in range(4):
        try:
            return date(year, month, day_of_month - less)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")
