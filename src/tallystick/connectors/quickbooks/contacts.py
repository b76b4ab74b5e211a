"""QuickBooks' customers and vendors. Source: providers §6.2."""

from typing import Final

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts
from tallystick.connectors.quickbooks import wire
from tallystick.connectors.quickbooks.words import PRESENT, changed, id_of, name_of
from tallystick.standard import (
    Address,
    AddressType,
    CustomerStatus,
    Phone,
    PhoneType,
    StandardRecord,
    written,
)

#: Which of ours each of their numbers is, in the order in which the main one is looked for.
PHONES: Final[dict[str, PhoneType]] = {
    "PrimaryPhone": "Primary",
    "AlternatePhone": "Landline",
    "Mobile": "Mobile",
    "Fax": "Fax",
}


def customer(source: wire.Party, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """A customer, a part of one, or a job done for one: QuickBooks keeps them in one list."""
    status = _status(source)
    numbers = phones(source)
    name, email = _full_name(source), _main_email(source)
    person = written.Contact(name=name, email=email, phone=numbers, status=status)
    return [
        written.Customer(
            id=source.Id,
            customerName=name_of(source.DisplayName or source.CompanyName),
            contactName=name,
            emailAddress=email,
            defaultCurrency=id_of(source.CurrencyRef) or books.base_currency,
            phone=_main_number(numbers),
            addresses=addresses(source),
            contacts=(person,) if name or numbers else (),
            taxNumber=source.PrimaryTaxIdentifier or source.BusinessNumber or None,
            status=status,
            sourceModifiedDate=changed(source, doubts),
            metadata=PRESENT,
        )
    ]


def supplier(source: wire.Party, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """A vendor."""
    return [
        written.Supplier(
            id=source.Id,
            supplierName=name_of(source.DisplayName or source.CompanyName),
            contactName=_full_name(source),
            emailAddress=_main_email(source),
            defaultCurrency=id_of(source.CurrencyRef) or books.base_currency,
            phone=_main_number(phones(source)),
            addresses=addresses(source),
            registrationNumber=source.BusinessNumber or None,
            taxNumber=source.TaxIdentifier or source.PrimaryTaxIdentifier or None,
            status=_status(source),
            sourceModifiedDate=changed(source, doubts),
            metadata=PRESENT,
        )
    ]


def _status(source: wire.Party) -> CustomerStatus:
    """None of them is ever deleted: what is not active is out of use."""
    return "Archived" if source.Active is False else "Active"


def _full_name(source: wire.Party) -> str | None:
    parts = (source.GivenName, source.MiddleName, source.FamilyName)
    return " ".join(part.strip() for part in parts if part and part.strip()) or None


def _main_email(source: wire.Party) -> str | None:
    """The first of the addresses: QuickBooks takes several, with commas between."""
    told = source.PrimaryEmailAddr.Address if source.PrimaryEmailAddr is not None else None
    return (told or "").partition(",")[0].strip() or None


def phones(source: wire.Party) -> tuple[Phone, ...]:
    """The numbers that are filled in."""
    found = []
    for name, kind in PHONES.items():
        phone = getattr(source, name)
        if phone is not None and phone.FreeFormNumber:
            found.append(written.Phone(number=phone.FreeFormNumber, type=kind))
    return tuple(found)


def _main_number(numbers: tuple[Phone, ...]) -> str | None:
    return next((phone.number for phone in numbers if phone.type != "Fax"), None)


def addresses(source: wire.Party) -> tuple[Address, ...]:
    """Where the bills go, and where the wares."""
    found = (address(source.BillAddr, "Billing"), delivery_address(source.ShipAddr))
    return tuple(each for each in found if each is not None)


def delivery_address(source: wire.Address | None) -> Address | None:
    """Where the wares go."""
    return address(source, "Delivery")


def address(source: wire.Address | None, kind: AddressType) -> Address | None:
    """A place; None where nothing is filled in."""
    if source is None:
        return None
    line1, *more = (
        _line(source.Line1),
        _line(source.Line2),
        _line(source.Line3),
        _line(source.Line4),
        _line(source.Line5),
    )
    line2 = ", ".join(text for text in more if text) or None
    city, region = _line(source.City), _line(source.CountrySubDivisionCode)
    code, country = _line(source.PostalCode), _line(source.Country)
    if not (line1 or line2 or city or region or code or country):
        return None
    return written.Address(
        type=kind, line1=line1, line2=line2, city=city, region=region, country=country, postalCode=code
    )


def _line(text: str | None) -> str | None:
    return text.strip() or None if text else None
