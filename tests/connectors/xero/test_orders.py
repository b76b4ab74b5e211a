"""Purchase orders."""

from decimal import Decimal
from typing import Any

import pytest

D = Decimal


def test_an_order_keeps_every_digit_and_adds_up(mapped: Any, row: Any) -> None:
    found = mapped("PurchaseOrders", row("PurchaseOrders"))
    order = found.only

    assert found.issues == []
    assert order.subTotal + order.totalTaxAmount == order.totalAmount == D("597.00")
    (line,) = order.lineItems
    assert (str(line.quantity), str(line.unitAmount)) == ("250.0000", "1.9900")
    assert (line.subTotal, line.totalAmount) == (order.subTotal, order.totalAmount)
    assert order.currencyRate == D("0.8")
    assert order.supplierRef.supplierName == "Redwood Roofing"


def test_an_order_says_when_and_where_to(mapped: Any, row: Any) -> None:
    told = mapped("PurchaseOrders", row("PurchaseOrders")).json
    days = [told[name] for name in ("issueDate", "expectedDeliveryDate", "deliveryDate")]
    assert days == ["2025-11-03T00:00:00", "2025-11-21T00:00:00", "2025-11-24T00:00:00"]
    assert told["shipTo"] == {
        "address": {"type": "Delivery", "line1": "Unit 4", "line2": "Station Yard, Otley"},
        "contact": {"name": "Jo Marsh", "phone": "0113 496 0000"},
    }
    assert told["note"] == "Roof\nRing twice"


def test_an_order_without_a_place_says_none(mapped: Any, row: Any) -> None:
    assert mapped("PurchaseOrders", row("PurchaseOrders", 1)).only.shipTo is None


@pytest.mark.parametrize(
    ("told", "ours", "gone"),
    [
        ("DRAFT", "Draft", False),
        ("SUBMITTED", "Open", False),
        ("AUTHORISED", "Open", False),
        ("BILLED", "Closed", False),
        ("DELETED", "Void", True),
    ],
)
def test_states_are_told_in_our_words(mapped: Any, row: Any, told: str, ours: str, gone: bool) -> None:
    order = mapped("PurchaseOrders", row("PurchaseOrders", Status=told)).only
    assert (order.status, order.metadata.isDeleted) == (ours, gone)


def test_a_new_word_for_a_state_is_unknown_and_doubted(mapped: Any, row: Any) -> None:
    found = mapped("PurchaseOrders", row("PurchaseOrders", Status="LOST"))
    assert (found.only.status, found.told()) == ("Unknown", [("warning", "$.Status")])
