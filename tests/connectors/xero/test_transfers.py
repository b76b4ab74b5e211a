"""Transfers between the company's own accounts."""

from decimal import Decimal
from typing import Any

import pytest


def test_the_same_amount_leaves_one_account_and_comes_to_the_other(mapped: Any, row: Any) -> None:
    found = mapped("BankTransfers", row("BankTransfers"))
    told = found.json

    assert found.issues == []
    assert told["from"]["amount"] == told["to"]["amount"] == Decimal("500.00")
    assert [told[end]["accountRef"]["name"] for end in ("from", "to")] == ["Current Account", "Savings"]
    assert [ref["name"] for ref in told["trackingCategoryRefs"]] == ["North"], "once, though at both ends"
    assert told["description"] == "Reserve"


def test_a_time_of_day_does_not_move_the_day(mapped: Any, row: Any) -> None:
    """`2025-11-18T23:10:00` is that day wherever it is read, whatever its milliseconds say."""
    source = row("BankTransfers", Date="/Date(1763551800000+1300)/")
    assert mapped("BankTransfers", source).only.date == "2025-11-18T00:00:00"


def test_between_currencies_only_what_left_is_known(mapped: Any, row: Any) -> None:
    transfer = mapped("BankTransfers", row("BankTransfers", 1)).only
    assert (transfer.from_.amount, transfer.to.amount) == (Decimal("10.00"), None)


@pytest.mark.parametrize(
    ("changes", "status", "gone"),
    [
        ({"ToIsReconciled": True}, "Reconciled", False),
        ({}, "Unreconciled", False),
        ({"FromIsReconciled": ...}, "Unknown", False),
        ({"Status": "DELETED"}, "Void", True),
    ],
)
def test_a_transfer_is_reconciled_at_both_ends_or_not(
    mapped: Any, row: Any, changes: dict[str, Any], status: str, gone: bool
) -> None:
    transfer = mapped("BankTransfers", row("BankTransfers", **changes)).only
    assert (transfer.status, transfer.metadata.isDeleted) == (status, gone)
