"""Sage's contacts, items and analysis types in our model."""

from typing import Any

import pytest
from tests.connectors.sage.conftest import map_row, ref


def a_contact(*sides: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": "c1",
        "displayed_as": "Harbour & Vale",
        "updated_at": "2026-02-03T04:05:06Z",
        "contact_types": [ref("contact_types", side) for side in sides],
        "name": "Harbour & Vale",
        "email": None,
        "tax_number": "GB123",
        "registered_number": "0456",
        "currency": ref("currencies", "EUR"),
        "is_active": True,
        "main_address": {"address_line_1": " 1 High Street ", "address_line_2": "", "city": "Leeds", "country": ref("countries", "GB", "United Kingdom")},
        "delivery_address": {"id": "x", "displayed_as": "not told"},
        "main_contact_person": {"name": "Ada Okafor", "telephone": "0113 1", "mobile": "07700 2", "fax": "", "email": "ada@example.com"},
        **changes,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("sides", "kinds"),
    [(["CUSTOMER"], ["customers"]), (["VENDOR"], ["suppliers"]),
     (["CUSTOMER", "VENDOR"], ["customers", "suppliers"]), ([], ["customers"])],
)  # fmt: skip
def test_a_contact_is_what_its_types_say(sides: list[str], kinds: list[str]) -> None:
    mapped = map_row("contacts", a_contact(*sides))
    assert (mapped.kinds, mapped.issues) == (kinds, [])
    assert {told["id"] for told in mapped.all} == {"c1"}
    for told in mapped.all:
        assert told.get("customerName", told.get("supplierName")) == "Harbour & Vale"
        assert (told["contactName"], told["emailAddress"], told["phone"]) == (
            "Ada Okafor",
            "ada@example.com",
            "0113 1",
        )
        assert (told["defaultCurrency"], told["taxNumber"], told["registrationNumber"]) == (
            "EUR",
            "GB123",
            "0456",
        )
        assert told["addresses"] == [
            {"type": "Billing", "line1": "1 High Street", "city": "Leeds", "country": "United Kingdom"}
        ]


def test_a_type_that_is_new_is_doubted_and_the_contact_kept() -> None:
    mapped = map_row("contacts", a_contact("PARTNER"))
    assert (mapped.kinds, mapped.told()) == (["customers"], [("warning", "$.contact_types[0].id")])


@pytest.mark.parametrize(
    ("changes", "status", "gone"),
    [({}, "Active", False), ({"is_active": False}, "Archived", False), ({"is_active": None}, "Unknown", False),
     ({"deleted_at": "2026-01-01T00:00:00Z"}, "Archived", True)],
)  # fmt: skip
def test_a_contacts_state(changes: dict[str, Any], status: str, gone: bool) -> None:
    told = map_row("contacts", a_contact("VENDOR", **changes)).json
    assert (told["status"], told["metadata"]["isDeleted"]) == (status, gone)


def test_a_contact_whose_nested_records_were_not_told_has_none_of_them() -> None:
    row = a_contact(
        "CUSTOMER", main_address=ref("addresses", "a1"), main_contact_person=ref("contact_persons", "p1")
    )
    told = map_row("contacts", row).json
    assert (told["addresses"], told["contacts"]) == ([], [])


def an_item(path: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": "i1",
        "displayed_as": "Oak frame",
        "$path": f"/{path}/i1",
        "item_code": "OWF",
        "description": "Oak frame",
        "purchase_description": "Frame, oak",
        "sales_ledger_account": ref("ledger_accounts", "la4000"),
        "sales_tax_rate": ref("tax_rates", "GB_STANDARD"),
        "purchase_ledger_account": ref("ledger_accounts", "la5000"),
        "purchase_tax_rate": ref("tax_rates", "GB_LOWER"),
        "cost_price": "10.50",
        "active": True,
        **changes,
    }


@pytest.mark.parametrize(
    ("path", "prices", "kind"),
    [
        ("products", {"sales_prices": [{"price": "30.10"}, {"price": "0.0"}]}, "NonInventory"),
        ("services", {"sales_rates": [{"rate": "30.10"}]}, "Service"),
        ("stock_items", {"sales_prices": [{"price": "30.10"}]}, "Inventory"),
    ],
)
def test_an_item_is_what_its_list_says(path: str, prices: dict[str, Any], kind: str) -> None:
    mapped = map_row("items", an_item(path, **prices))
    told = mapped.json
    assert (told["type"], told["code"], told["name"], mapped.issues) == (kind, "OWF", "Oak frame", [])
    assert str(told["invoiceItem"]["unitPrice"]) == "30.10"
    assert (str(told["billItem"]["unitPrice"]), told["billItem"]["description"]) == ("10.50", "Frame, oak")
    assert told["billItem"]["taxRateRef"] == {"id": "GB_LOWER"}
    assert told["invoiceItem"]["accountRef"] == {"id": "la4000"}


def test_what_is_posted_to_no_account_is_not_bought() -> None:
    told = map_row("items", an_item("services", purchase_ledger_account=None)).json
    assert (told["isInvoiceItem"], told["isBillItem"], "billItem" in told) == (True, False, False)


@pytest.mark.parametrize(("active", "status"), [(True, "Active"), (False, "Archived"), (None, "Unknown")])
def test_an_items_state(active: bool | None, status: str) -> None:
    assert map_row("items", an_item("products", active=active)).json["itemStatus"] == status


def test_an_item_without_a_price_is_kept() -> None:
    told = map_row("items", an_item("products", sales_prices=None, cost_price=None)).json
    assert "unitPrice" not in told["invoiceItem"]


def test_analysis_types_and_their_categories_are_a_tree() -> None:
    kind = {
        "id": "at1",
        "$path": "/analysis_types/at1",
        "name": "Region",
        "analysis_type_categories": [{"id": "ac1"}],
    }
    value = {"id": "ac1", "$path": "/analysis_type_categories/ac1", "name": "North", "analysis_type": ref("analysis_types", "at1")}  # fmt: skip
    top, below = map_row("analysis", kind).json, map_row("analysis", value).json
    assert (top["name"], top["hasChildren"], "parentId" in top) == ("Region", True, False)
    assert (below["name"], below["hasChildren"], below["parentId"]) == ("North", False, "at1")


def test_a_price_that_is_none_is_found_in_its_list() -> None:
    mapped = map_row("items", an_item("products", sales_prices=[{"price": "1.0"}, {"price": "-Infinity"}]))
    assert mapped.told() == [("rejected", "$.sales_prices[1].price")]
