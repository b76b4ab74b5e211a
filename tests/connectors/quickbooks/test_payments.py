"""Payments of customers and to vendors: signs, links and what is for nothing yet."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from tests.connectors.quickbooks.conftest import Mapped

from tallystick.connectors import Books

Map = Callable[..., Mapped]


def part(amount: str, *links: tuple[str, str]) -> dict[str, Any]:
    return {"Amount": Decimal(amount), "LinkedTxn": [{"TxnId": i, "TxnType": t} for t, i in links]}


def payment(total: str, *parts: dict[str, Any], **changes: Any) -> dict[str, Any]:
    told = {
        "Id": "8",
        "TxnDate": "2026-01-20",
        "CustomerRef": {"value": "3"},
        "VendorRef": {"value": "3"},
        "TotalAmt": Decimal(total),
        "Line": list(parts),
        **changes,
    }
    return {name: value for name, value in told.items() if value is not ...}


def lines(told: dict[str, Any]) -> list[tuple[Any, list[tuple[Any, ...]]]]:
    return [
        (line["amount"], [(link["type"], link.get("id"), link.get("amount")) for link in line["links"]])
        for line in told["lines"]
    ]


def test_a_payment_lowers_its_invoices(mapped: Map) -> None:
    source = payment(
        "46.00",
        part("40.00", ("Invoice", "1")),
        part("6.00", ("Invoice", "2")),
        UnappliedAmt=Decimal(0),
        PaymentRefNum="cheque 7",
        PrivateNote="late",
        DepositToAccountRef={"value": "4", "name": "Undeposited Funds"},
        PaymentMethodRef={"value": "2"},
    )
    told = mapped("Payment", source, books=Books(base_currency="GBP")).json
    assert lines(told) == [
        (Decimal("40.00"), [("Invoice", "1", Decimal("-40.00"))]),
        (Decimal("6.00"), [("Invoice", "2", Decimal("-6.00"))]),
    ]
    assert (told["totalAmount"], told["currency"], told["reference"]) == (Decimal("46.00"), "GBP", "cheque 7")
    assert told["accountRef"] == {"id": "4", "name": "Undeposited Funds"}
    assert told["paymentMethodRef"] == {"id": "2"}
    assert told["customerRef"] == {"id": "3"}


def test_what_is_for_nothing_yet_is_on_account(mapped: Map) -> None:
    told = mapped(
        "Payment", payment("50.00", part("40.00", ("Invoice", "1")), UnappliedAmt=Decimal("10.00"))
    ).json
    assert lines(told)[1] == (Decimal("10.00"), [("PaymentOnAccount", None, Decimal("-10.00"))])
    whole = mapped("Payment", payment("50.00")).json
    assert lines(whole) == [(Decimal("50.00"), [("PaymentOnAccount", None, Decimal("-50.00"))])]
    out = mapped("BillPayment", payment("50.00")).json
    assert lines(out) == [(Decimal("50.00"), [("PaymentOnAccount", None, Decimal("-50.00"))])]


@pytest.mark.parametrize(
    ("resource", "debt", "credit", "links"),
    [
        ("Payment", "Invoice", "CreditMemo", ("Invoice", "CreditNote")),
        ("BillPayment", "Bill", "VendorCredit", ("Bill", "CreditNote")),
    ],
)
def test_a_credit_counts_against_the_payment(
    mapped: Map, resource: str, debt: str, credit: str, links: tuple[str, str]
) -> None:
    told = mapped(resource, payment("70.00", part("100.00", (debt, "1")), part("30.00", (credit, "2")))).json
    assert lines(told) == [
        (Decimal("100.00"), [(links[0], "1", Decimal("-100.00"))]),
        (Decimal("-30.00"), [(links[1], "2", Decimal("30.00"))]),
    ]
    assert sum(line["amount"] for line in told["lines"]) == told["totalAmount"]


@pytest.mark.parametrize(("total", "amount"), [("120.00", "20.00"), ("80.00", "-20.00")])
def test_a_journal_counts_as_the_total_says(mapped: Map, total: str, amount: str) -> None:
    source = payment(total, part("100.00", ("Invoice", "1")), part("20.00", ("JournalEntry", "2")))
    told = mapped("Payment", source).json
    assert told["lines"][1]["amount"] == Decimal(amount)
    assert told["lines"][1]["links"][0]["type"] == "ManualJournal"


def test_one_amount_for_several_documents_is_not_divided_by_guess(mapped: Map) -> None:
    found = mapped("Payment", payment("46.00", part("46.00", ("Invoice", "1"), ("Invoice", "2"))))
    assert lines(found.json) == [(Decimal("46.00"), [("Invoice", "1", None), ("Invoice", "2", None)])]
    assert found.told() == [("warning", "$.Line[0].LinkedTxn")]


def test_what_nobody_knows_is_unknown(mapped: Map) -> None:
    found = mapped("BillPayment", payment("5.00", part("5.00", ("Rocket", "1"))))
    assert found.json["lines"][0]["links"][0]["type"] == "Unknown"
    assert found.told() == [("warning", "$.Line[0].LinkedTxn[0].TxnType")]


def test_a_bill_is_paid_from_a_bank_account_or_by_card(mapped: Map) -> None:
    cheque = payment("5.00", PayType="Check", CheckPayment={"BankAccountRef": {"value": "35"}})
    card = payment("5.00", PayType="CreditCard", CreditCardPayment={"CCAccountRef": {"value": "41"}})
    assert mapped("BillPayment", cheque).json["accountRef"] == {"id": "35"}
    assert mapped("BillPayment", card).json["accountRef"] == {"id": "41"}
    assert "accountRef" not in mapped("BillPayment", payment("5.00")).json


def test_a_payment_without_an_amount_or_a_day_is_none(mapped: Map) -> None:
    assert mapped("Payment", payment("5.00", TotalAmt=...)).told() == [("rejected", "$.TotalAmt")]
    assert mapped("BillPayment", payment("5.00", TxnDate=...)).told() == [("rejected", "$.TxnDate")]
    line = {"LinkedTxn": [{"TxnId": "1", "TxnType": "Invoice"}]}
    assert mapped("Payment", payment("5.00", line)).told() == [("warning", "$.Line[0].Amount")]


def test_what_the_lines_of_a_bill_payment_do_not_come_to_is_on_account(mapped: Map) -> None:
    source = {
        "Id": "9",
        "TxnDate": "2026-01-15",
        "TotalAmt": Decimal("100.00"),
        "Line": [{"Amount": Decimal("60.00"), "LinkedTxn": [{"TxnId": "1", "TxnType": "Bill"}]}],
    }
    bill, rest = mapped("BillPayment", source).json["lines"]
    assert (bill["amount"], bill["links"][0]["type"]) == (Decimal("60.00"), "Bill")
    assert rest["links"] == [{"type": "PaymentOnAccount", "amount": Decimal("-40.00")}]
    too_much = mapped("BillPayment", {**source, "TotalAmt": Decimal("50.00")})
    assert too_much.told() == [("warning", "$.TotalAmt")]


def test_money_that_is_given_back_uses_up_its_credit(mapped: Map) -> None:
    """A payment of nothing names the credit and the money."""
    parts = [("CreditMemo", "3"), ("Check", "8")]
    source = {
        "Id": "9",
        "TxnDate": "2026-01-15",
        "TotalAmt": 0,
        "UnappliedAmt": 0,
        "Line": [{"Amount": 40, "LinkedTxn": [{"TxnId": id_, "TxnType": kind}]} for kind, id_ in parts],
    }
    links = [line["links"][0] for line in mapped("Payment", source).json["lines"]]
    assert [(link["type"], link["id"], link["amount"]) for link in links] == [
        ("CreditNote", "3", 40),
        ("Refund", "8", -40),
    ]
