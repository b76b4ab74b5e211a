"""Transfers, and the postings of what moves money."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from tests.connectors.quickbooks.conftest import Mapped

Map = Callable[..., Mapped]
BASE = {"Id": "5", "TxnDate": "2026-01-20", "TotalAmt": Decimal("12.00"), "PrivateNote": "note"}


def test_a_transfer_leaves_one_account_and_arrives_at_another(mapped: Map) -> None:
    source = {
        **BASE,
        "Amount": Decimal("250.0"),
        "CurrencyRef": {"value": "USD"},
        "FromAccountRef": {"value": "36", "name": "Savings"},
        "ToAccountRef": {"value": "35"},
    }
    told = mapped("Transfer", source).json
    assert (told["id"], told["description"], told["status"]) == ("Transfer-5", "note", "Unknown")
    assert told["from"] == {
        "accountRef": {"id": "36", "name": "Savings", "dataType": "chartOfAccounts"},
        "currency": "USD",
        "amount": Decimal("250.0"),
    }
    out, _, into, _ = mapped("AccountTransaction", source, entity="Transfer").all
    assert (out["id"], out["transactionId"], out["totalAmount"]) == (
        "Transfer-5-from",
        "5",
        Decimal("-250.0"),
    )
    assert (into["id"], into["bankAccountRef"], into["totalAmount"]) == ("Transfer-5-to", {"id": "35"}, 250)
    assert out["lines"][0]["recordRef"] == {"id": "Transfer-5", "dataType": "transfers"}


def test_what_a_deposit_takes_to_the_bank_is_a_transfer_of_it(mapped: Map) -> None:
    lines = [
        {"Amount": Decimal(140), "LinkedTxn": [{"TxnId": "47", "TxnType": "SalesReceipt"}]},
        {"Amount": Decimal(78), "LinkedTxn": [{"TxnId": "38", "TxnType": "Payment"}]},
        {"Amount": Decimal(1), "DetailType": "DepositLineDetail", "DepositLineDetail": {}},
    ]
    source = {**BASE, "TotalAmt": Decimal("218.75"), "DepositToAccountRef": {"value": "35"}, "Line": lines}
    told = mapped("Transfer", source, entity="Deposit").json
    assert (told["id"], told["to"]["amount"]) == ("Deposit-5", 218)
    assert told["depositedRecordRefs"] == [
        {"id": "SalesReceipt-47", "dataType": "directIncomes"},
        {"id": "38", "dataType": "payments"},
    ]
    posted, _ = mapped("AccountTransaction", source, entity="Deposit").all
    assert posted["totalAmount"] == Decimal("218.75")
    assert [line["amount"] for line in posted["lines"]] == [140, 78, 1, Decimal("-0.25")]
    assert [line.get("recordRef", {}).get("id") for line in posted["lines"]] == [
        "SalesReceipt-47",
        "38",
        "Deposit-5",
        None,
    ]
    assert mapped("Transfer", {**source, "Line": lines[2:]}, entity="Deposit").records == []


@pytest.mark.parametrize(
    ("entity", "more", "amount", "kind", "record"),
    [
        ("Payment", {"DepositToAccountRef": {"value": "35"}}, "12", "Credit", ("5", "payments")),
        (
            "BillPayment",
            {"CheckPayment": {"BankAccountRef": {"value": "35"}}},
            "-12",
            "Payment",
            ("5", "billPayments"),
        ),
        (
            "Purchase",
            {"AccountRef": {"value": "35"}, "PaymentType": "Check"},
            "-12",
            "Check",
            ("5", "directCosts"),
        ),
        (
            "Purchase",
            {"AccountRef": {"value": "35"}, "PaymentType": "Cash"},
            "-12",
            "Cash",
            ("5", "directCosts"),
        ),
        ("Purchase", {"AccountRef": {"value": "35"}, "Credit": True}, "12", "Credit", ("5", "directCosts")),
        (
            "SalesReceipt",
            {"DepositToAccountRef": {"value": "35"}},
            "12",
            "Credit",
            ("SalesReceipt-5", "directIncomes"),
        ),
        (
            "RefundReceipt",
            {"DepositToAccountRef": {"value": "35"}},
            "-12",
            "Debit",
            ("RefundReceipt-5", "directIncomes"),
        ),
    ],
)
def test_money_in_is_positive_and_money_out_negative(
    mapped: Map, entity: str, more: dict[str, Any], amount: str, kind: str, record: tuple[str, str]
) -> None:
    posted, seen = mapped("AccountTransaction", {**BASE, **more}, entity=entity).all
    assert posted["id"] == seen["id"] == f"{entity}-5"
    assert posted["totalAmount"] == seen["amount"] == Decimal(amount)
    assert (posted["bankAccountRef"], seen["accountId"], seen["transactionType"]) == (
        {"id": "35"},
        "35",
        kind,
    )
    assert posted["lines"][0]["recordRef"] == {"id": record[0], "dataType": record[1]}
    assert seen["clearedOnDate"] == posted["date"] == "2026-01-20T00:00:00"


def test_what_moves_no_money_posts_nothing(mapped: Map) -> None:
    account = {"DepositToAccountRef": {"value": "35"}}
    assert mapped("AccountTransaction", {**BASE, **account, "TotalAmt": 0}, entity="Payment").records == []
    void = {**BASE, **account, "TotalAmt": 0, "PrivateNote": "Voided"}
    posted, _ = mapped("AccountTransaction", void, entity="Payment").all
    assert posted["status"] == "Void", "what was posted once is told to be void"


def test_money_that_names_no_account_is_kept_with_a_warning(mapped: Map) -> None:
    found = mapped("AccountTransaction", BASE, entity="Payment")
    assert found.json["totalAmount"] == Decimal("12.00")
    assert "bankAccountRef" not in found.json
    assert found.told() == [("warning", "$")]


def test_a_deposit_of_nothing_that_is_told_is_kept_with_a_warning(mapped: Map) -> None:
    kept = {**BASE, "DepositToAccountRef": {"value": "35"}, "Line": [{"LinkedTxn": [{"TxnType": "Payment"}]}]}
    found = mapped("Transfer", kept, entity="Deposit")
    assert found.json["to"]["amount"] == 0
    assert found.told() == [("warning", "$.Line[0].Amount"), ("warning", "$.Line[0].LinkedTxn")]
    posted = mapped("AccountTransaction", kept, entity="Deposit")
    assert posted.all[0]["totalAmount"] == Decimal("12.00")
    assert posted.told() == [("warning", "$.Line[0].Amount")]


@pytest.mark.parametrize(
    "entity", ["Payment", "BillPayment", "Purchase", "SalesReceipt", "RefundReceipt", "Deposit", "Transfer"]
)
def test_money_that_is_not_told_is_no_posting_and_is_said_to_be_none(mapped: Map, entity: str) -> None:
    found = mapped("AccountTransaction", {"Id": "5", "TxnDate": "2026-01-20"}, entity=entity)
    assert found.records == []
    assert [severity for severity, _ in found.told()] == ["rejected"]
