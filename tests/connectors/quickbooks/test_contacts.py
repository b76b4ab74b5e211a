"""Customers and vendors."""

from collections.abc import Callable
from typing import Any

from tests.connectors.quickbooks.conftest import Mapped

from tallystick.connectors import Books

Map = Callable[..., Mapped]


def party(**changes: Any) -> dict[str, Any]:
    return {
        "Id": "5",
        "DisplayName": "Zoë's Café",
        "GivenName": "Zoë",
        "FamilyName": "Ó Briain",
        "PrimaryEmailAddr": {"Address": "a@example.com, b@example.com"},
        "PrimaryPhone": {"FreeFormNumber": "1"},
        "Mobile": {"FreeFormNumber": "2"},
        "Fax": {"FreeFormNumber": "3"},
        "AlternatePhone": {},
        "BillAddr": {"Line1": "1 Mill Lane", "City": "Leeds", "CountrySubDivisionCode": "WY"},
        "ShipAddr": {"Id": "9"},
        "PrimaryTaxIdentifier": "XX1",
        "TaxIdentifier": "XX2",
        "Active": True,
        **changes,
    }


def test_a_customer_is_told_with_the_person_and_all_numbers(mapped: Map) -> None:
    told = mapped("Customer", party(), books=Books(base_currency="GBP")).json
    assert (told["customerName"], told["contactName"]) == ("Zoë's Café", "Zoë Ó Briain")
    assert (told["emailAddress"], told["phone"], told["taxNumber"]) == ("a@example.com", "1", "XX1")
    assert (told["status"], told["defaultCurrency"]) == ("Active", "GBP")
    assert told["addresses"] == [{"type": "Billing", "line1": "1 Mill Lane", "city": "Leeds", "region": "WY"}]
    (person,) = told["contacts"]
    assert [number["type"] for number in person["phone"]] == ["Primary", "Mobile", "Fax"]


def test_a_vendor_is_a_supplier(mapped: Map) -> None:
    told = mapped("Vendor", party(Active=False, CurrencyRef={"value": "EUR"})).json
    assert (told["supplierName"], told["taxNumber"], told["status"]) == ("Zoë's Café", "XX2", "Archived")
    assert told["defaultCurrency"] == "EUR"


def test_who_tells_nothing_of_himself_is_a_customer_all_the_same(mapped: Map) -> None:
    told = mapped("Customer", {"Id": "5"}).json
    assert told == {
        "id": "5",
        "addresses": [],
        "contacts": [],
        "status": "Active",
        "metadata": {"isDeleted": False},
    }
