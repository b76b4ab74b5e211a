"""Overpayments and prepayments: payments with a part on account."""

from decimal import Decimal
from typing import Any

import pytest

D = Decimal


def parts(payment: Any) -> list[tuple[str, str | None, str]]:
    return [(link.type, link.id, str(link.amount)) for line in payment.lines for link in line.links]


@pytest.mark.parametrize(
    ("name", "place", "data_type", "told"),
    [
        (
            "Overpayments",
            0,
            "payments",
            [
                ("Invoice", "d0000000-0000-4000-8000-000000000001", "-30.00"),
                ("PaymentOnAccount", None, "-20.00"),
            ],
        ),
        ("Overpayments", 1, "billPayments", [("Bill", "d0000000-0000-4000-8000-000000000002", "-40.00")]),
        ("Prepayments", 0, "payments", [("PaymentOnAccount", None, "-400.00")]),
        ("Prepayments", 1, "billPayments", [("PaymentOnAccount", None, "-60.00")]),
    ],
)
def test_a_part_for_each_document_and_the_rest_on_account(
    mapped: Any, row: Any, name: str, place: int, data_type: str, told: list[Any]
) -> None:
    """An allocation that was taken back counts for nothing."""
    found = mapped("Payments", row(name, place))
    payment = found.only

    assert found.issues == []
    assert data_type == payment.DATA_TYPE
    assert parts(payment) == told
    assert sum(line.amount for line in payment.lines) == payment.totalAmount
    assert all(line.amount == -line.links[0].amount for line in payment.lines)


def test_an_invoice_names_it_among_its_allocations_by_the_same_id(mapped: Any, row: Any) -> None:
    overpayment = mapped("Payments", row("Overpayments")).only
    told = [{"OverpaymentID": overpayment.id, "AppliedAmount": D("30.00"), "Total": D("50.00")}]
    invoice = mapped("Invoices", row("Invoices", Overpayments=told)).only
    (allocation,) = [a for a in invoice.paymentAllocations if a.payment.id == overpayment.id]
    assert allocation.payment.totalAmount == overpayment.totalAmount
    assert allocation.allocation.totalAmount == overpayment.lines[0].links[0].amount


def test_a_refund_lowers_what_is_on_account(mapped: Any, row: Any) -> None:
    """Over the payment and its refund, what is on account adds up to what Xero says is left."""
    overpayment = mapped("Payments", row("Overpayments")).only
    refund = mapped("Payments", row("Payments", 4)).only
    on_account = [D(amount) for type_, _, amount in parts(overpayment) + parts(refund) if type_ != "Invoice"]
    assert -sum(on_account) == D("12.75") == row("Overpayments")["RemainingCredit"]


@pytest.mark.parametrize("status", ["VOIDED", "DELETED"])
def test_a_void_one_is_gone(mapped: Any, row: Any, status: str) -> None:
    assert mapped("Payments", row("Prepayments", 1, Status=status)).only.metadata.isDeleted


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"Type": "APPROXIMATE"}, "$.Type"),
        ({"Total": ...}, "$.Total"),
        ({"Date": ..., "DateString": ...}, "$.Date"),
        ({"Total": "NaN"}, "$.Total"),
    ],
)
def test_one_that_says_too_little_is_rejected_under_its_id(
    mapped: Any, row: Any, changes: dict[str, Any], path: str
) -> None:
    found = mapped("Payments", row("Overpayments", **changes))
    assert (found.records, found.told()) == ([], [("rejected", path)])
    assert found.issues[0].record_id == "bf000000-0000-4000-8000-000000000001"
    assert found.issues[0].data_type == (None if path == "$.Type" else "payments")


def test_an_allocation_without_an_amount_is_left_out_with_a_doubt(mapped: Any, row: Any) -> None:
    found = mapped("Payments", row("Overpayments", Allocations=[{"Invoice": {"InvoiceID": "d-1"}}]))
    assert found.told() == [("warning", "$.Allocations[0].Amount")]
    assert parts(found.only) == [("PaymentOnAccount", None, "-50.00")]
