"""Xero's contacts as customers and suppliers. Source: providers §6.2."""

from typing import Final

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts, word
from tallystick.connectors.xero import wire
from tallystick.connectors.xero.words import PRESENT, instant
from tallystick.standard import (
    Address,
    AddressType,
    Contact,
    Customer,
    CustomerStatus,
    Phone,
    PhoneType,
    StandardRecord,
    Supplier,
    written,
)

STATUS: Final[dict[str, CustomerStatus]] = {
    "ACTIVE": "Active",
    "ARCHIVED": "Archived",
    "GDPRREQUEST": "Archived",
}
ADDRESS: Final[dict[str, AddressType]] = {
    "POBOX": "Billing",
    "STREET": "Delivery",
    "DELIVERY": "Delivery",
}
PHONE: Final[dict[str, PhoneType]] = {
    "DEFAULT": "Primary",
    "DDI": "Landline",
    "OFFICE": "Landline",
    "MOBILE": "Mobile",
    "FAX": "Fax",
}


def contact(source: wire.Contact, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """What a contact is: a customer, a supplier, or both with one id.

    One that is neither yet has no document; it counts as a customer (providers §5 no. 18). Xero tells the
    currency of those alone that are not billed in the company's own.
    """
    found: list[StandardRecord] = []
    if source.IsCustomer or not source.IsSupplier:
        found.append(_customer(source, books, doubts))
    if source.IsSupplier:
        found.append(_supplier(source, books, doubts if not found else Doubts([])))
    return found


def _customer(source: wire.Contact, books: Books, doubts: Doubts) -> Customer:
    doubts.data_type = "customers"
    status = word(STATUS, source.ContactStatus, "$.ContactStatus", doubts)
    numbers = phones(source.Phones, doubts)
    return written.Customer(
        id=source.ContactID,
        customerName=source.Name or None,
        contactName=_full_name(source),
        emailAddress=source.EmailAddress or None,
        defaultCurrency=source.DefaultCurrency or books.base_currency,
        phone=_main_number(numbers),
        addresses=addresses(source.Addresses, doubts),
        contacts=_contacts(source, numbers, status),
        registrationNumber=source.CompanyNumber or None,
        taxNumber=source.TaxNumber or None,
        status=status,
        sourceModifiedDate=instant(source.UpdatedDateUTC, None, "$.UpdatedDateUTC", doubts),
        metadata=PRESENT,
    )


def _supplier(source: wire.Contact, books: Books, doubts: Doubts) -> Supplier:
    doubts.data_type = "suppliers"
    return written.Supplier(
        id=source.ContactID,
        supplierName=source.Name or None,
        contactName=_full_name(source),
        emailAddress=source.EmailAddress or None,
        defaultCurrency=source.DefaultCurrency or books.base_currency,
        phone=_main_number(phones(source.Phones, doubts)),
        addresses=addresses(source.Addresses, doubts),
        registrationNumber=source.CompanyNumber or None,
        taxNumber=source.TaxNumber or None,
        status=word(STATUS, source.ContactStatus, "$.ContactStatus", doubts),
        sourceModifiedDate=instant(source.UpdatedDateUTC, None, "$.UpdatedDateUTC", doubts),
        metadata=PRESENT,
    )


def _contacts(
    source: wire.Contact, numbers: tuple[Phone, ...], status: CustomerStatus
) -> tuple[Contact, ...]:
    """The main person with all numbers, then the others that Xero lists."""
    name = _full_name(source)
    main = [written.Contact(name=name, email=source.EmailAddress or None, phone=numbers, status=status)]
    others = [
        written.Contact(name=_full_name(person), email=person.EmailAddress or None, status=status)
        for person in source.ContactPersons or ()
    ]
    return tuple((main if name or numbers else []) + others)


def _full_name(source: wire.Contact | wire.ContactPerson) -> str | None:
    return " ".join(part for part in (source.FirstName, source.LastName) if part) or None


def phones(source: list[wire.Phone] | None, doubts: Doubts) -> tuple[Phone, ...]:
    """The numbers that are filled in; Xero sends an empty one of each kind."""
    found = []
    for place, phone in enumerate(source or ()):
        if _line(phone.PhoneNumber):
            parts = (phone.PhoneCountryCode, phone.PhoneAreaCode, phone.PhoneNumber)
            number = " ".join(part for part in map(_line, parts) if part)
            kind = word(PHONE, phone.PhoneType, f"$.Phones[{place}].PhoneType", doubts)
            found.append(written.Phone(number=number, type=kind))
    return tuple(found)


def _main_number(numbers: tuple[Phone, ...]) -> str | None:
    for kind in ("Primary", "Landline", "Mobile", "Unknown"):
        for phone in numbers:
            if phone.type == kind:
                return phone.number
    return None


def addresses(source: list[wire.Address] | None, doubts: Doubts) -> tuple[Address, ...]:
    """The addresses that are filled in; Xero sends an empty one of each kind."""
    found = []
    for place, address in enumerate(source or ()):
        line1, *more = (
            _line(address.AddressLine1),
            _line(address.AddressLine2),
            _line(address.AddressLine3),
            _line(address.AddressLine4),
        )
        line2 = ", ".join(text for text in more if text) or None
        city, region = _line(address.City), _line(address.Region)
        code, country = _line(address.PostalCode), _line(address.Country)
        if line1 or line2 or city or region or code or country:
            found.append(
                written.Address(
                    type=word(ADDRESS, address.AddressType, f"$.Addresses[{place}].AddressType", doubts),
                    line1=line1,
                    line2=line2,
                    city=city,
                    region=region,
                    country=country,
                    postalCode=code,
                )
            )
    return tuple(found)


def _line(text: str | None) -> str | None:
    return text.strip() or None if text else None
