"""Bank transactions: movements, direct costs and direct incomes."""

from decimal import Decimal
from typing import Any

import pytest

from tallystick.connectors import Books

D = Decimal


def by_type(found: Any) -> dict[str, Any]:
    return {record.DATA_TYPE: record for record in found.records}


@pytest.mark.parametrize(
    ("place", "types", "amount", "word"),
    [
        (0, {"accountTransactions", "bankTransactions", "directCosts"}, "-120.00", "Debit"),
        (1, {"accountTransactions", "bankTransactions", "directIncomes"}, "24.00", "Credit"),
        (2, {"accountTransactions", "bankTransactions"}, "50.00", "Payment"),
        (3, {"accountTransactions", "bankTransactions"}, "-60.00", "Payment"),
        (4, {"accountTransactions", "bankTransactions"}, "-500.00", "Xfer"),
        (5, {"accountTransactions", "bankTransactions"}, "500.00", "Xfer"),
    ],
    ids=["spent", "received", "overpayment", "prepayment", "transfer out", "transfer in"],
)
def test_each_type_goes_its_way_at_the_bank_and_only_trade_is_cost_or_income(
    mapped: Any, row: Any, place: int, types: set[str], amount: str, word: str
) -> None:
    found = mapped("BankTransactions", row("BankTransactions", place))
    records = by_type(found)

    assert found.issues == []
    assert set(records) == types
    assert str(records["bankTransactions"].amount) == amount
    assert records["bankTransactions"].transactionType == word
    assert str(records["accountTransactions"].totalAmount) == amount


def test_a_direct_cost_adds_up_and_was_paid_at_once(mapped: Any, row: Any) -> None:
    cost = by_type(mapped("BankTransactions", row("BankTransactions")))["directCosts"]

    assert cost.subTotal + cost.taxAmount == cost.totalAmount == D("120.00")
    assert sum(line.subTotal for line in cost.lineItems) == cost.subTotal
    assert sum(line.totalAmount for line in cost.lineItems) == cost.totalAmount
    assert cost.lineItems[0].trackingCategoryRefs[0].name == "North"
    (paid,) = cost.paymentAllocations
    assert (paid.payment.totalAmount, paid.allocation.totalAmount) == (D("120.00"), D("-120.00"))
    assert paid.payment.accountRef.id == "acc00000-0000-4000-8000-000000000090"
    assert cost.contactRef.id == "c0000000-0000-4000-8000-000000000002"


def test_a_line_that_holds_its_tax_is_net_of_it(mapped: Any, row: Any) -> None:
    income = by_type(mapped("BankTransactions", row("BankTransactions", 1)))["directIncomes"]
    (line,) = income.lineItems
    assert (line.subTotal, line.taxAmount, line.totalAmount) == (D("20.00"), D("4.00"), D("24.00"))
    assert (income.subTotal, income.totalAmount) == (D("20.00"), D("24.00"))


@pytest.mark.parametrize("status", ["DELETED", "VOIDED"])
def test_what_counts_no_more_is_gone_where_there_is_no_word_for_it(
    mapped: Any, row: Any, status: str
) -> None:
    records = by_type(mapped("BankTransactions", row("BankTransactions", Status=status)))
    assert records["directCosts"].metadata.isDeleted
    assert records["bankTransactions"].metadata.isDeleted
    assert records["accountTransactions"].status == "Void"
    assert records["accountTransactions"].metadata.isDeleted == (status == "DELETED")


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"Type": "BARTER"}, "$.Type"),
        ({"Type": None}, "$.Type"),
        ({"Total": ..., "SubTotal": ...}, "$.Total"),
        ({"Date": ..., "DateString": ...}, "$.Date"),
    ],
)
def test_a_movement_that_says_too_little_is_rejected(
    mapped: Any, row: Any, changes: dict[str, Any], path: str
) -> None:
    found = mapped("BankTransactions", row("BankTransactions", **changes))
    assert (found.records, found.told()) == ([], [("rejected", path)])
    assert found.issues[0].record_id == "b7000000-0000-4000-8000-000000000001"


def test_an_amount_that_is_left_out_follows_and_a_currency_is_the_books(mapped: Any, row: Any) -> None:
    source = row("BankTransactions", SubTotal=..., TotalTax=..., CurrencyCode=...)
    cost = by_type(mapped("BankTransactions", source, Books(base_currency="EUR")))["directCosts"]
    assert (cost.subTotal, cost.taxAmount, cost.totalAmount) == (D("120.00"), D(0), D("120.00"))
    assert cost.currency == "EUR"
    cost = by_type(mapped("BankTransactions", source))["directCosts"]
    assert cost.currency == "XXX"


def test_a_line_that_cannot_be_read_rejects_its_movement_where_it_stands(mapped: Any, row: Any) -> None:
    lines = [{"Quantity": "NaN"}]
    found = mapped("BankTransactions", row("BankTransactions", LineItems=lines))
    assert found.told() == [("rejected", "$.LineItems[0].Quantity")]
