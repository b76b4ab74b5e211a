"""Payments, bill payments and refunds."""

from decimal import Decimal
from typing import Any

import pytest

D = Decimal


@pytest.mark.parametrize(
    ("place", "data_type", "amount", "link", "linked"),
    [
        (0, "payments", "46.00", "Invoice", "d0000000-0000-4000-8000-000000000001"),
        (1, "payments", "-2.00", "CreditNote", "cd000000-0000-4000-8000-000000000001"),
        (2, "billPayments", "100.00", "Bill", "d0000000-0000-4000-8000-000000000002"),
        (3, "billPayments", "-55.00", "CreditNote", "cd000000-0000-4000-8000-000000000002"),
        (4, "payments", "-7.25", "PaymentOnAccount", "bf000000-0000-4000-8000-000000000001"),
    ],
    ids=["received", "refund of a credit note", "spent", "refund by a supplier", "refund of an overpayment"],
)
def test_money_goes_the_way_that_the_payment_type_says(
    mapped: Any, row: Any, place: int, data_type: str, amount: str, link: str, linked: str
) -> None:
    found = mapped("Payments", row("Payments", place))
    payment = found.only

    assert found.issues == []
    assert (payment.DATA_TYPE, str(payment.totalAmount)) == (data_type, amount)
    (line,) = payment.lines
    (target,) = line.links
    assert line.amount == payment.totalAmount == -target.amount
    assert (target.type, target.id) == (link, linked)
    assert line.allocatedOnDate == payment.date


def test_a_payment_names_its_party_account_and_day(mapped: Any, row: Any) -> None:
    payment = mapped("Payments", row("Payments")).only

    assert payment.customerRef.companyName == "Zoë's Garden Café"
    assert payment.accountRef.name == "Current Account"
    assert (payment.date, payment.reference) == ("2025-11-18T00:00:00", "part")
    assert (payment.currency, payment.currencyRate) == ("EUR", D("0.78125"))


def test_a_payment_that_was_taken_back_is_deleted(mapped: Any, row: Any) -> None:
    assert mapped("Payments", row("Payments", 2)).only.metadata.isDeleted
    assert not mapped("Payments", row("Payments")).only.metadata.isDeleted


def test_the_document_tells_the_side_where_the_payment_type_is_left_out(mapped: Any, row: Any) -> None:
    assert mapped("Payments", row("Payments", PaymentType=...)).only.DATA_TYPE == "payments"
    assert mapped("Payments", row("Payments", 2, PaymentType=...)).only.DATA_TYPE == "billPayments"


def test_a_payment_for_nothing_that_is_named_is_unlinked(mapped: Any, row: Any) -> None:
    (link,) = mapped("Payments", row("Payments", Invoice=...)).only.lines[0].links
    assert (link.type, link.id) == ("Unlinked", None)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"Amount": ...}, "$.Amount"),
        ({"PaymentType": "BARTER"}, "$.PaymentType"),
        ({"Date": ..., "UpdatedDateUTC": ...}, "$.Date"),
    ],
)
def test_a_payment_that_cannot_be_told_is_rejected(
    mapped: Any, row: Any, changes: dict[str, Any], path: str
) -> None:
    found = mapped("Payments", row("Payments", **changes))
    assert (found.records, found.told()) == ([], [("rejected", path)])
