"""Sage's business and its financial settings as the company. Source: providers §§5 no. 55, 6.5."""

from datetime import date, timedelta
from typing import Final

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts
from tallystick.connectors.sage import wire_lists
from tallystick.connectors.sage.words import day, id_of, instant
from tallystick.standard import (
    Address,
    CalendarDate,
    CompanyInfo,
    Phone,
    PhoneType,
    StandardRecord,
    WebLink,
    calendar_day,
)

#: Which of a business's numbers is of which kind, the main one first.
PHONES: Final[tuple[tuple[str, PhoneType], ...]] = (("telephone", "Primary"), ("mobile", "Mobile"))


def company(source: wire_lists.Company, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """The company: its name and address of the one answer, its currency and its year of the other."""
    doubts.data_type = "company"
    business = source.business or wire_lists.Business()
    settings = source.financial_settings or wire_lists.FinancialSettings()
    return [
        CompanyInfo(
            companyName=business.name or business.displayed_as or None,
            accountingPlatformRef=business.id or None,
            addresses=_addresses(business),
            phoneNumbers=tuple(
                Phone(number=number, type=kind)
                for name, kind in PHONES
                if (number := getattr(business, name))
            ),
            webLinks=(WebLink(type="Website", url=business.website),) if business.website else (),
            ledgerLockDate=day(settings.year_end_lockdown_date, "$.year_end_lockdown_date", doubts),
            taxNumber=settings.tax_number or None,
            financialYearStartDate=_year_start(settings.year_end_date, books.today, doubts),
            baseCurrency=id_of(settings.base_currency),
            createdDate=instant(business.created_at, "$.business.created_at", doubts),
        )
    ]


def _addresses(source: wire_lists.Business) -> tuple[Address, ...]:
    address = Address(
        type="Billing",
        line1=source.address_line_1 or None,
        line2=source.address_line_2 or None,
        city=source.city or None,
        region=source.region or None,
        country=(source.country.displayed_as or source.country.id) if source.country else None,
        postalCode=source.postal_code or None,
    )
    return () if address == Address(type="Billing") else (address,)


def _year_start(told: str | None, today: date | None, doubts: Doubts) -> CalendarDate | None:
    """The day after the last end of a financial year before today; Sage tells one end, of whichever year."""
    ends_on = day(told, "$.financial_settings.year_end_date", doubts)
    if ends_on is None or today is None:
        return None
    told_end = date.fromisoformat(ends_on[:10])
    ends = (_last_possible(year, told_end.month, told_end.day) for year in (today.year, today.year - 1))
    return calendar_day(next(end for end in ends if end < today) + timedelta(days=1))


def _last_possible(year: int, month: int, day_of_month: int) -> date:
    """That day, or the month's last where it has no such day: 29 February."""
    try:
        return date(year, month, day_of_month)
    except ValueError:
        return date(year, month, day_of_month - 1)
