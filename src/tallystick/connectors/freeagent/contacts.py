"""FreeAgent's contacts as customers and suppliers, by their use. Source: providers §§2.5, 6.2."""

from typing import Final, Literal

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts, word
from tallystick.connectors.freeagent import wire_lists
from tallystick.connectors.freeagent.words import PRESENT, instant, own_id
from tallystick.standard import (
    Address,
    Contact,
    Customer,
    Phone,
    PhoneType,
    StandardRecord,
    Supplier,
    written,
)

Status = Literal["Unknown", "Active", "Archived"]
STATUS: Final[dict[str, Status]] = {"Active": "Active", "Hidden": "Archived"}
#: Which of a contact's numbers is of which kind, the main one first.
PHONES: Final[tuple[tuple[str, PhoneType], ...]] = (("phone_number", "Primary"), ("mobile", "Mobile"))


def contact(row: wire_lists.ContactRow, _books: Books, doubts: Doubts) -> list[StandardRecord]:
    """What a contact is: a customer, a supplier, or both with one id.

    One that has no documents yet counts as a customer (providers §6.2). The view of suppliers leaves hidden
    ones out, and one that nobody looked up is in none: both may be suppliers too, and documents may name them
    as such.
    """
    doubts.data_type = "customers"
    source, views = row.contact, row.views
    status = word(STATUS, source.status, "$.contact.status", doubts)
    supplier = views is None or "suppliers" in views or status == "Archived"
    found: list[StandardRecord] = []
    if views is None or "clients" in views or "suppliers" not in views:
        found.append(_customer(source, status, doubts))
    if supplier:
        found.append(_supplier(source, status, doubts if not found else Doubts([])))
    return found


def _customer(source: wire_lists.Contact, status: Status, doubts: Doubts) -> Customer:
    person, numbers = _person(source), _phones(source)
    people: tuple[Contact, ...] = (
        (written.Contact(name=person, email=source.email or None, phone=numbers, status=status),)
        if person
        else ()
    )
    return written.Customer(
        id=own_id(source.url, "$.contact.url"),
        customerName=source.organisation_name or person,
        contactName=person,
        emailAddress=source.billing_email or source.email or None,
        phone=numbers[0].number if numbers else None,
        addresses=addresses(source),
        contacts=people,
        taxNumber=source.sales_tax_registration_number or None,
        status=status,
        sourceModifiedDate=instant(source.updated_at, "$.contact.updated_at", doubts),
        metadata=PRESENT,
    )


def _supplier(source: wire_lists.Contact, status: Status, doubts: Doubts) -> Supplier:
    doubts.data_type = "suppliers"
    person, numbers = _person(source), _phones(source)
    return written.Supplier(
        id=own_id(source.url, "$.contact.url"),
        supplierName=source.organisation_name or person,
        contactName=person,
        emailAddress=source.email or source.billing_email or None,
        phone=numbers[0].number if numbers else None,
        addresses=addresses(source),
        taxNumber=source.sales_tax_registration_number or None,
        status=status,
        sourceModifiedDate=instant(source.updated_at, "$.contact.updated_at", doubts),
        metadata=PRESENT,
    )


def _person(source: wire_lists.Contact) -> str | None:
    return " ".join(filter(None, (source.first_name, source.last_name))) or None


def _phones(source: wire_lists.Contact) -> tuple[Phone, ...]:
    found = ((getattr(source, name), kind) for name, kind in PHONES)
    return tuple(written.Phone(number=number, type=kind) for number, kind in found if number)


def addresses(source: wire_lists.Contact | wire_lists.Company) -> tuple[Address, ...]:
    """The one address, of a contact or of the company itself."""
    second = ", ".join(filter(None, (source.address2, source.address3))) or None
    parts = (source.address1, second, source.town, source.region, source.country, source.postcode)
    if not any(parts):
        return ()
    line1, line2, city, region, country, code = (part or None for part in parts)
    return (
        written.Address(
            type="Billing",
            line1=line1,
            line2=line2,
            city=city,
            region=region,
            country=country,
            postalCode=code,
        ),
    )
