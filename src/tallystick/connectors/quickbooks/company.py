"""QuickBooks' company, with its preferences. Source: providers §6.5."""

from datetime import date
from typing import Final

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts
from tallystick.connectors.quickbooks import wire
from tallystick.connectors.quickbooks.contacts import address
from tallystick.connectors.quickbooks.words import created, day, id_of
from tallystick.standard import (
    CalendarDate,
    CompanyInfo,
    Phone,
    StandardRecord,
    WebLink,
    calendar_day,
    written,
)

_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip


def company(
    source: wire.Company, preferences: wire.Preferences | None, books: Books, doubts: Doubts
) -> list[StandardRecord]:
    """The company. When its year began can only be told where `books.today` is known."""
    prefs = preferences or wire.Preferences(Id="")
    keeping = prefs.AccountingInfoPrefs or wire.AccountingInfo()
    home = id_of(prefs.CurrencyPrefs.HomeCurrency) if prefs.CurrencyPrefs is not None else None
    if home is None:
        doubts.warn(
            "$.Preferences.CurrencyPrefs.HomeCurrency",
            "QuickBooks does not say in which currency the books are",
        )
    addresses = (address(source.CompanyAddr, "Billing"), address(source.LegalAddr, "Unknown"))
    number = source.PrimaryPhone.FreeFormNumber if source.PrimaryPhone is not None else None
    web = source.WebAddr.URI if source.WebAddr is not None else None
    return [
        CompanyInfo(
            companyName=source.CompanyName or None,
            companyLegalName=source.LegalName or None,
            addresses=tuple(each for each in addresses if each is not None),
            phoneNumbers=_phones(number),
            webLinks=(WebLink(type="Website", url=web),) if web else (),
            ledgerLockDate=day(
                keeping.BookCloseDate, "$.Preferences.AccountingInfoPrefs.BookCloseDate", doubts
            ),
            taxNumber=source.EmployerId or None,
            financialYearStartDate=_year_start(
                keeping.FirstMonthOfFiscalYear or source.FiscalYearStartMonth, books.today, doubts
            ),
            baseCurrency=home,
            createdDate=created(source, doubts),
        )
    ]


def _phones(number: str | None) -> tuple[Phone, ...]:
    return (written.Phone(number=number, type="Primary"),) if number else ()


def _year_start(month: str | None, today: date | None, doubts: Doubts) -> CalendarDate | None:
    """The first day of the financial year that today is in."""
    if not month or today is None:
        return None
    if month not in _MONTHS:
        doubts.warn("$.FiscalYearStartMonth", "no month")
        return None
    first = _MONTHS.index(month) + 1
    return calendar_day(date(today.year if first <= today.month else today.year - 1, first, 1))
