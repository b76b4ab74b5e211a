"""FreeAgent's company, and with it the rates of its sales tax, which have no list of their own.

Source: providers §§2.5, 6.5.
"""

from datetime import date
from decimal import Decimal
from typing import Final

import msgspec

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts
from tallystick.connectors.freeagent import wire_lists
from tallystick.connectors.freeagent.contacts import addresses
from tallystick.connectors.freeagent.words import PRESENT, WITHOUT_RATE, day, instant, tax_rate_id
from tallystick.standard import (
    ZERO,
    CalendarDate,
    CompanyInfo,
    Phone,
    StandardRecord,
    TaxRate,
    TaxRateComponent,
    WebLink,
)


class _Rate(msgspec.Struct):
    percentage: Decimal


_PERCENTAGES: Final = msgspec.json.Decoder(list[Decimal], strict=False)
_RATES: Final = msgspec.json.Decoder(list[_Rate], strict=False)


def company(row: wire_lists.CompanyRow, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """The company, and its rates of tax."""
    doubts.data_type = "company"
    source = row.company
    found: list[StandardRecord] = [
        CompanyInfo(
            companyName=source.name or source.subdomain or None,
            accountingPlatformRef=str(source.id) if source.id else source.subdomain or None,
            addresses=addresses(source),
            phoneNumbers=(Phone(number=source.contact_phone, type="Primary"),)
            if source.contact_phone
            else (),
            webLinks=(WebLink(type="Website", url=source.website),) if source.website else (),
            registrationNumber=source.company_registration_number or None,
            taxNumber=source.sales_tax_registration_number or None,
            financialYearStartDate=_year_start(source.annual_accounting_periods, books.today, doubts),
            baseCurrency=source.currency or None,
            createdDate=instant(source.created_at, "$.company.created_at", doubts),
        )
    ]
    doubts.data_type = "taxRates"
    return found + _tax_rates(source, doubts)


def _year_start(
    told: list[wire_lists.Period] | None, today: date | None, doubts: Doubts
) -> CalendarDate | None:
    """The beginning of the last year that has begun."""
    begun = []
    for place, period in enumerate(told or ()):
        found = day(period.starts_on, f"$.company.annual_accounting_periods[{place}].starts_on", doubts)
        if found is not None and (today is None or found[:10] <= today.isoformat()):
            begun.append(found)
    return max(begun, default=None)


def _tax_rates(source: wire_lists.Company, doubts: Doubts) -> list[StandardRecord]:
    """The rates as they are today, and what lines say in place of one."""
    name = source.sales_tax_name or "Sales tax"
    found: dict[str, StandardRecord] = {
        word: _tax_rate(word, text, ZERO) for word, text in WITHOUT_RATE.items()
    }
    for told, title, path in (
        (source.sales_tax_rates, name, "$.company.sales_tax_rates"),
        (
            source.second_sales_tax_rates,
            source.second_sales_tax_name or "Second sales tax",
            "$.company.second_sales_tax_rates",
        ),
    ):
        for percentage in _percentages(told, path, doubts):
            id_ = tax_rate_id(percentage)
            found.setdefault(id_, _tax_rate(id_, f"{title} {id_}%", percentage))
    return list(found.values())


def _tax_rate(id_: str, name: str, percentage: Decimal) -> TaxRate:
    return TaxRate(
        id=id_,
        code=id_,
        name=name,
        effectiveTaxRate=percentage,
        totalTaxRate=percentage,
        components=(TaxRateComponent(name=name, rate=percentage, isCompound=False),),
        status="Active",
        metadata=PRESENT,
    )


def _percentages(told: msgspec.Raw, path: str, doubts: Doubts) -> list[Decimal]:
    """Each may be a number, a text, or an object that has one."""
    if bytes(told) in (b"", b"null"):
        return []
    found: list[Decimal] = []
    try:
        found = _PERCENTAGES.decode(told)
    except msgspec.ValidationError:
        try:
            found = [each.percentage for each in _RATES.decode(told)]
        except msgspec.ValidationError:
            doubts.warn(path, "no list of percentages: left out")
    if not all(map(Decimal.is_finite, found)):
        doubts.warn(path, "a percentage is no finite number: left out")
    return [each for each in found if each.is_finite()]
