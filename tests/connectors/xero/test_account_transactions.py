"""Postings to accounts at a bank: of payments as of bank transactions."""

from decimal import Decimal
from typing import Any

import pytest

from tallystick.connectors import Books


@pytest.mark.parametrize(
    ("place", "amount", "behind"),
    [
        (0, "35.94", "payments"),
        (1, "-2.00", "payments"),
        (2, "-100.00", "billPayments"),
        (3, "55.00", "billPayments"),
        (4, "-7.25", "payments"),
    ],
    ids=["received", "refund to a customer", "spent", "refund by a supplier", "refund of an overpayment"],
)
def test_a_payment_moves_the_account_the_way_its_money_goes(
    mapped: Any, row: Any, place: int, amount: str, behind: str
) -> None:
    account = {"AccountID": "acc00000-0000-4000-8000-000000000090", "Name": "Current Account"}
    source = row("Payments", place, Account=account)
    moved = mapped("BankTransactions", source).only
    payment = mapped("Payments", source).only

    assert moved.DATA_TYPE == "accountTransactions"
    assert str(moved.totalAmount) == amount
    (line,) = moved.lines
    assert (line.recordRef.dataType, line.recordRef.id) == (behind, payment.id)
    assert behind == payment.DATA_TYPE
    assert (line.amount, moved.bankAccountRef.id) == (moved.totalAmount, account["AccountID"])


def test_foreign_money_moves_an_account_in_the_currency_that_it_came_in(mapped: Any, row: Any) -> None:
    """Two amounts that differ are in two currencies, and an account that is not in the first is in the base one."""
    banked = mapped("BankTransactions", row("Payments", 0), Books(base_currency="GBP")).only
    assert (str(banked.totalAmount), banked.currency, banked.currencyRate) == ("35.94", "GBP", 1)
    same = mapped("BankTransactions", row("Payments", 0, BankAmount=46), Books(base_currency="GBP")).only
    assert (str(same.totalAmount), same.currency, same.currencyRate) == ("46.00", "EUR", Decimal("0.78125"))


def test_a_payment_without_an_account_moves_nothing(mapped: Any, row: Any) -> None:
    """It sets a credit against a document."""
    found = mapped("BankTransactions", row("Payments", Account=...))
    assert (found.records, found.issues) == ([], [])


@pytest.mark.parametrize(
    ("told", "status"),
    [(True, "Reconciled"), ("true", "Reconciled"), (False, "Unreconciled"), (None, "Unknown")],
)
def test_what_was_matched_with_the_bank_is_reconciled(mapped: Any, row: Any, told: Any, status: str) -> None:
    assert mapped("BankTransactions", row("Payments", IsReconciled=told)).only.status == status


def test_money_on_account_names_its_payment_and_a_transfer_none_of_its_ends(mapped: Any, row: Any) -> None:
    posting = mapped("BankTransactions", row("BankTransactions", 2)).records[0]
    assert posting.transactionId == posting.lines[0].recordRef.id == "bf000000-0000-4000-8000-000000000001"
    assert posting.lines[0].recordRef.dataType == "payments"
    posting = mapped("BankTransactions", row("BankTransactions", 4)).records[0]
    assert (posting.lines[0].recordRef.dataType, posting.lines[0].recordRef.id) == ("transfers", None)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"PaymentType": "GIFT"}, "$.PaymentType"),
        ({"Amount": ...}, "$.Amount"),
        ({"Amount": "x"}, "$.Amount"),
    ],
)
def test_a_payment_that_cannot_be_used_is_rejected_here_too(
    mapped: Any, row: Any, changes: dict[str, Any], path: str
) -> None:
    found = mapped("BankTransactions", row("Payments", **changes))
    assert (found.records, found.told()) == ([], [("rejected", path)])
    assert found.issues[0].record_id == "ba000000-0000-4000-8000-000000000001"
