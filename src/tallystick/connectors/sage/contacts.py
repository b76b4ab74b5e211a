"""Sage's contacts as customers and suppliers. Source: providers §6.2."""

from typing import Final, Literal

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts, word
from tallystick.connectors.sage import wire_lists
from tallystick.connectors.sage.words import id_of, instant, metadata
from tallystick.standard import (
    Address,
    AddressType,
    Contact,
    Customer,
    Phone,
    PhoneType,
    StandardRecord,
    Supplier,
    written,
)

Side = Literal["customers", "suppliers"]

SIDE: Final[dict[str, Side]] = {"CUSTOMER": "customers", "VENDOR": "suppliers"}
#: Which of a person's numbers is of which kind, the main one first.
PHONES: Final[tuple[tuple[str, PhoneType], ...]] = (
    ("telephone", "Primary"),
    ("mobile", "Mobile"),
    ("fax", "Fax"),
)


def contact(source: wire_lists.Contact, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """What a contact is: a customer, a supplier, or both with one id.

    One that is neither, which Sage's own description rules out, counts as a customer (providers §6.2).
    """
    doubts.data_type = "customers"
    sides = {
        word(SIDE, id_of(told), f"$.contact_types[{place}].id", doubts)
        for place, told in enumerate(source.contact_types or ())
    }
    found: list[StandardRecord] = []
    if "customers" in sides or "suppliers" not in sides:
        found.append(_customer(source, books, doubts))
    if "suppliers" in sides:
        found.append(_supplier(source, books, doubts if not found else Doubts([])))
    return found


def _customer(source: wire_lists.Contact, books: Books, doubts: Doubts) -> Customer:
    status = _status(source)
    person = source.main_contact_person or wire_lists.ContactPerson()
    numbers = _phones(person)
    people = (
        (written.Contact(name=person.name or None, email=person.email or None, phone=numbers, status=status),)
        if person != wire_lists.ContactPerson()
        else ()
    )
    contacts: tuple[Contact, ...] = people
    return written.Customer(
        id=source.id,
        customerName=source.name or source.displayed_as or None,
        contactName=person.name or None,
        emailAddress=source.email or person.email or None,
        defaultCurrency=id_of(source.currency) or books.base_currency,
        phone=numbers[0].number if numbers else None,
        addresses=_addresses(source),
        contacts=contacts,
        registrationNumber=source.registered_number or None,
        taxNumber=source.tax_number or None,
        status=status,
        sourceModifiedDate=instant(source.updated_at, "$.updated_at", doubts),
        metadata=metadata(source.deleted_at),
    )


def _supplier(source: wire_lists.Contact, books: Books, doubts: Doubts) -> Supplier:
    doubts.data_type = "suppliers"
    person = source.main_contact_person or wire_lists.ContactPerson()
    numbers = _phones(person)
    return written.Supplier(
        id=source.id,
        supplierName=source.name or source.displayed_as or None,
        contactName=person.name or None,
        emailAddress=source.email or person.email or None,
        defaultCurrency=id_of(source.currency) or books.base_currency,
        phone=numbers[0].number if numbers else None,
        addresses=_addresses(source),
        registrationNumber=source.registered_number or None,
        taxNumber=source.tax_number or None,
        status=_status(source),
        sourceModifiedDate=instant(source.updated_at, "$.updated_at", doubts),
        metadata=metadata(source.deleted_at),
    )


def _status(source: wire_lists.Contact) -> Literal["Unknown", "Active", "Archived"]:
    if source.deleted_at:
        return "Archived"
    return "Unknown" if source.is_active is None else "Active" if source.is_active else "Archived"


def _phones(person: wire_lists.ContactPerson) -> tuple[Phone, ...]:
    found = ((getattr(person, name), kind) for name, kind in PHONES)
    return tuple(written.Phone(number=number, type=kind) for number, kind in found if number)


def _addresses(source: wire_lists.Contact) -> tuple[Address, ...]:
    told: tuple[tuple[wire_lists.Address | None, AddressType], ...] = (
        (source.main_address, "Billing"),
        (source.delivery_address, "Delivery"),
    )
    return tuple(made for address, kind in told if address and (made := _address(address, kind)))


def _address(source: wire_lists.Address, kind: AddressType) -> Address | None:
    country = (source.country.displayed_as or source.country.id) if source.country else None
    parts = (source.address_line_1, source.address_line_2, source.city, source.region, source.postal_code)
    if not any(parts) and not country:
        return None
    line1, line2, city, region, code = (part.strip() or None if part else None for part in parts)
    return written.Address(
        type=kind, line1=line1, line2=line2, city=city, region=region, country=country, postalCode=code
    )
