"""Customers and suppliers."""

from typing import Any

import pytest


def test_who_buys_and_sells_is_both_under_one_id(mapped: Any, row: Any) -> None:
    customer, supplier = mapped("Contacts", row("Contacts")).records

    assert (customer.DATA_TYPE, supplier.DATA_TYPE) == ("customers", "suppliers")
    assert customer.id == supplier.id
    assert customer.customerName == supplier.supplierName == "Zoë's Garden Café"
    assert customer.contactName == "Zoë Price"
    assert (customer.registrationNumber, customer.taxNumber) == ("07654321", "GB987654321")
    assert customer.defaultCurrency == supplier.defaultCurrency == "EUR"


@pytest.mark.parametrize(
    ("place", "types"),
    [(0, ["customers", "suppliers"]), (1, ["suppliers"]), (2, ["customers"])],
    ids=["both", "supplier by a word", "neither yet"],
)
def test_each_side_that_a_contact_is_on_gives_a_record(
    mapped: Any, row: Any, place: int, types: list[str]
) -> None:
    assert [r.DATA_TYPE for r in mapped("Contacts", row("Contacts", place)).records] == types


def test_empty_addresses_and_numbers_are_left_out(mapped: Any, row: Any) -> None:
    customer, _ = mapped("Contacts", row("Contacts")).records

    (address,) = customer.addresses
    assert (address.type, address.line1, address.line2) == ("Billing", "2 Mill Lane", "Rear")
    assert (address.city, address.postalCode, address.country) == ("York", "YO1 7HH", "UK")
    assert customer.phone == "44 01904 555 0100", "the main one, though another comes first"
    main, other = customer.contacts
    assert [(p.type, p.number) for p in main.phone] == [
        ("Fax", "01904 555 0109"),
        ("Primary", "44 01904 555 0100"),
    ]
    assert (other.name, other.email) == ("Eoin Ó Briain", "eoin@cafe.example")


@pytest.mark.parametrize(
    ("told", "status"), [("ACTIVE", "Active"), ("ARCHIVED", "Archived"), ("GDPRREQUEST", "Archived")]
)
def test_archived_contacts_are_kept_and_not_deleted(mapped: Any, row: Any, told: str, status: str) -> None:
    found = mapped("Contacts", row("Contacts", 1, ContactStatus=told)).only
    assert (found.status, found.metadata.isDeleted) == (status, False)


def test_a_doubt_about_a_contact_on_both_sides_is_told_once(mapped: Any, row: Any) -> None:
    found = mapped("Contacts", row("Contacts", ContactStatus="ASLEEP"))
    assert [r.status for r in found.records] == ["Unknown", "Unknown"]
    assert found.told() == [("warning", "$.ContactStatus")]
