"""What is bought and sold without a bill or an invoice."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from tests.connectors.quickbooks.conftest import Mapped

from tallystick.connectors import Books

Map = Callable[..., Mapped]


def purchase(**changes: Any) -> dict[str, Any]:
    kind = "AccountBasedExpenseLineDetail"
    return {
        "Id": "9",
        "TxnDate": "2026-01-20",
        "PaymentType": "Check",
        "AccountRef": {"value": "35", "name": "Checking"},
        "EntityRef": {"value": "56", "type": "Vendor"},
        "TotalAmt": Decimal("12.00"),
        "TxnTaxDetail": {"TotalTax": Decimal("2.00")},
        "Line": [
            {
                "Amount": Decimal("10.00"),
                "DetailType": kind,
                kind: {"AccountRef": {"value": "7"}, "CustomerRef": {"value": "3"}},
            }
        ],
        **changes,
    }


def test_a_purchase_is_a_direct_cost_paid_from_its_account(mapped: Map) -> None:
    told = mapped("Purchase", purchase(), books=Books(base_currency="USD")).json
    assert (told["subTotal"], told["taxAmount"], told["totalAmount"]) == (10, 2, 12)
    assert (told["currency"], told["contactRef"]) == ("USD", {"id": "56", "dataType": "suppliers"})
    (line,) = told["lineItems"]
    assert (line["accountRef"], line["taxAmount"]) == ({"id": "7"}, 2)
    assert line["tracking"]["invoiceTo"] == {"id": "3", "dataType": "customers"}
    (paid,) = told["paymentAllocations"]
    assert paid["payment"]["accountRef"] == {"id": "35", "name": "Checking"}
    assert (paid["payment"]["totalAmount"], paid["allocation"]["totalAmount"]) == (12, -12)


@pytest.mark.parametrize(
    ("kind", "data_type"), [("Customer", "customers"), ("Vendor", "suppliers"), ("Employee", None)]
)
def test_money_is_spent_on_somebody_of_any_list(mapped: Map, kind: str, data_type: str | None) -> None:
    told = mapped("Purchase", purchase(EntityRef={"value": "5", "type": kind})).json
    assert told["contactRef"] == {"id": "5", **({"dataType": data_type} if data_type else {})}
    assert told["currency"] == "XXX", "nobody says which"


def sale(entity: str) -> dict[str, Any]:
    return {
        "Id": "9",
        "DocNumber": "S9",
        "TxnDate": "2026-01-20",
        "CustomerRef": {"value": "3"},
        "CurrencyRef": {"value": "EUR"},
        "ExchangeRate": Decimal("0.85"),
        "DepositToAccountRef": {"value": "4"},
        "TotalAmt": Decimal("20.00"),
        "Line": [
            {
                "Amount": Decimal("20.00"),
                "DetailType": "SalesItemLineDetail",
                "SalesItemLineDetail": {"Qty": 2, "UnitPrice": Decimal("10.00"), "ItemRef": {"value": "1"}},
            }
        ],
    }


def test_a_sales_receipt_is_earned_and_a_refund_receipt_given_back(mapped: Map) -> None:
    earned = mapped("DirectIncome", sale("SalesReceipt"), entity="SalesReceipt").json
    assert (earned["id"], earned["reference"], earned["totalAmount"]) == ("SalesReceipt-9", "S9", 20)
    assert (earned["currency"], earned["currencyRate"]) == ("EUR", Decimal("0.85"))
    assert earned["lineItems"][0]["itemRef"] == {"id": "1"}
    back = mapped("DirectIncome", sale("RefundReceipt"), entity="RefundReceipt").json
    assert (back["id"], back["totalAmount"], back["subTotal"]) == ("RefundReceipt-9", -20, -20)
    (line,) = back["lineItems"]
    assert (line["quantity"], line["unitAmount"], line["subTotal"]) == (2, -10, -20)


def deposit(*lines: dict[str, Any]) -> dict[str, Any]:
    return {
        "Id": "62",
        "TxnDate": "2026-01-20",
        "DepositToAccountRef": {"value": "35"},
        "Line": list(lines),
    }


def linked(amount: str) -> dict[str, Any]:
    return {"Amount": Decimal(amount), "LinkedTxn": [{"TxnId": "31", "TxnType": "Payment"}]}


def own(amount: str, **entity: str) -> dict[str, Any]:
    detail = {"AccountRef": {"value": "90"}, "CheckNum": "77", **({"Entity": entity} if entity else {})}
    return {"Amount": Decimal(amount), "DetailType": "DepositLineDetail", "DepositLineDetail": detail}


def test_of_a_deposit_only_what_is_no_payment_is_earned(mapped: Map) -> None:
    source = deposit(
        linked("100.00"), own("8.50", value="5", type="VENDOR"), own("-0.50", value="5", type="VENDOR")
    )
    told = mapped("DirectIncome", source, entity="Deposit").json
    assert (told["id"], told["totalAmount"], told["reference"]) == ("Deposit-62", Decimal("8.00"), "77")
    assert told["contactRef"] == {"id": "5", "dataType": "suppliers"}
    assert [line["totalAmount"] for line in told["lineItems"]] == [Decimal("8.50"), Decimal("-0.50")]
    assert mapped("DirectIncome", deposit(linked("100.00")), entity="Deposit").records == []


def test_a_deposit_from_several_people_names_none(mapped: Map) -> None:
    source = deposit(own("8.50", value="5", type="VENDOR"), own("1.00", value="6", type="CUSTOMER"))
    assert "contactRef" not in mapped("DirectIncome", source, entity="Deposit").json


def test_a_deposit_may_bear_tax(mapped: Map) -> None:
    lines = [{"Amount": Decimal("100.00"), "DepositLineDetail": {"TaxCodeRef": {"value": "2"}}}]
    source = {
        "Id": "62",
        "TxnDate": "2026-01-15",
        "TotalAmt": Decimal("120.00"),
        "TxnTaxDetail": {"TotalTax": Decimal("20.00")},
        "Line": lines,
    }
    told = mapped("DirectIncome", source, entity="Deposit").json
    assert (told["subTotal"], told["taxAmount"], told["totalAmount"]) == (100, 20, 120)
    assert (told["lineItems"][0]["taxAmount"], told["lineItems"][0]["taxRateRef"]["id"]) == (20, "2")


def test_a_deposit_that_tells_nothing_of_its_money_is_kept_with_a_warning(mapped: Map) -> None:
    bare = {"Id": "62", "TxnDate": "2026-01-15", "TotalAmt": Decimal("5.00")}
    found = mapped("DirectIncome", bare, entity="Deposit")
    assert (found.json["totalAmount"], found.told()) == (5, [("warning", "$.Line")])
    nothing = mapped(
        "DirectIncome", {**bare, "Line": [{"DetailType": "DepositLineDetail"}]}, entity="Deposit"
    )
    assert (nothing.json["totalAmount"], nothing.told()) == (0, [("warning", "$.Line[0].Amount")])


def test_what_is_taken_off_a_receipt_is_a_line_of_its_own(mapped: Map) -> None:
    off = {"Amount": Decimal("10.00"), "DetailType": "DiscountLineDetail", "DiscountLineDetail": {}}
    source = {
        "Id": "5",
        "TxnDate": "2026-01-15",
        "TotalAmt": Decimal("90.00"),
        "Line": [{"Amount": Decimal("100.00"), "DetailType": "SalesItemLineDetail"}, off],
    }
    for entity, sign in (("SalesReceipt", 1), ("RefundReceipt", -1)):
        told = mapped("DirectIncome", source, entity=entity).json
        assert [line["subTotal"] for line in told["lineItems"]] == [100 * sign, -10 * sign]
        assert told["subTotal"] == 90 * sign
