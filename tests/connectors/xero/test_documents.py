"""Invoices, bills and credit notes."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tallystick.connectors import Books

D = Decimal


def test_an_invoice_keeps_every_digit_and_adds_up(mapped: Any, row: Any) -> None:
    found = mapped("Invoices", row("Invoices"))
    invoice = found.only

    assert found.issues == []
    assert invoice.DATA_TYPE == "invoices"
    assert (invoice.invoiceNumber, invoice.note) == ("INV-0001", "PO 77")
    assert (invoice.issueDate, invoice.dueDate) == ("2025-11-03T00:00:00", "2025-12-03T00:00:00")
    assert invoice.customerRef.companyName == "Zoë's Garden Café"
    assert invoice.subTotal + invoice.totalTaxAmount == invoice.totalAmount == D("108.00")
    assert invoice.totalDiscount == D("10.00")
    assert invoice.status == "PartiallyPaid"
    assert not invoice.metadata.isDeleted
    assert found.json["sourceModifiedDate"] == "2025-11-20T00:00:00.123000Z"


def test_what_is_set_against_an_invoice_is_negative_and_leaves_what_is_due(mapped: Any, row: Any) -> None:
    invoice = mapped("Invoices", row("Invoices")).only

    against = [a.allocation.totalAmount for a in invoice.paymentAllocations]
    assert against == [D("-46.00"), D("-9.00"), D("-3.00"), D("-2.00")]
    assert invoice.totalAmount + sum(against) == invoice.amountDue
    payment, credit, *_ = invoice.paymentAllocations
    assert (payment.payment.totalAmount, payment.payment.reference) == (D("46.00"), "part")
    assert payment.payment.currencyRate == D("0.78125"), "the payment's own rate"
    assert (credit.payment.totalAmount, credit.payment.reference) == (D("34.50"), "CN-0001")
    assert credit.allocation.allocatedOnDate == "2025-11-20T00:00:00"
    assert credit.allocation.currencyRate == D("0.8"), "the invoice's"


def test_a_line_of_an_exclusive_document_gains_its_tax(mapped: Any, row: Any) -> None:
    line, text = mapped("Invoices", row("Invoices")).only.lineItems

    assert (line.quantity, str(line.unitAmount)) == (D("3.0000"), "33.3333")
    assert (line.subTotal, line.taxAmount, line.totalAmount) == (D("90.00"), D("18.00"), D("108.00"))
    assert (line.discountPercentage, line.discountAmount) == (D("10.00"), None)
    assert line.accountRef.id == "acc00000-0000-4000-8000-000000000200", "the id, not the code"
    assert (line.itemRef.id[:4], line.itemRef.name) == ("17e0", "Oak bookcase")
    assert line.taxRateRef.id == "OUTPUT2"
    assert [(t.id[:2], t.name) for t in line.trackingCategoryRefs] == [("70", "North")]
    assert line.tracking.categoryRefs == line.trackingCategoryRefs
    assert (text.description, text.quantity, text.unitAmount) == ("with our thanks", 0, 0)
    assert text.accountRef is None


def test_a_line_of_an_inclusive_document_is_net_of_its_tax(mapped: Any, row: Any) -> None:
    bill = mapped("Invoices", row("Invoices", 1)).only

    (line,) = bill.lineItems
    assert (line.subTotal, line.taxAmount, line.totalAmount) == (D("100.00"), D("20.00"), D("120.00"))
    assert bill.subTotal == line.subTotal
    assert bill.DATA_TYPE == "bills"
    assert (bill.reference, bill.note) == ("RR-5512", "roof")
    assert bill.supplierRef.supplierName == "Redwood Roofing"
    assert [(t.name, t.amount) for t in bill.withholdingTax] == [("CIS deduction", D("20.00"))]


def test_a_bill_without_a_number_is_known_by_its_reference(mapped: Any, row: Any) -> None:
    bill = mapped("Invoices", row("Invoices", 1, InvoiceNumber="")).only
    assert (bill.reference, bill.note) == ("roof", None)


@pytest.mark.parametrize(
    ("changes", "invoice", "bill"),
    [
        ({"Status": "DRAFT"}, "Draft", "Draft"),
        ({"Status": "SUBMITTED"}, "Draft", "Draft"),
        ({"Status": "AUTHORISED", "AmountPaid": 0, "AmountCredited": 0}, "Submitted", "Open"),
        ({"Status": "AUTHORISED", "AmountPaid": 1}, "PartiallyPaid", "PartiallyPaid"),
        ({"Status": "AUTHORISED", "AmountPaid": 1, "AmountDue": 0}, "Paid", "Paid"),
        ({"Status": "PAID"}, "Paid", "Paid"),
        ({"Status": "VOIDED"}, "Void", "Void"),
        ({"Status": "DELETED"}, "Void", "Void"),
    ],
    ids=lambda value: "-".join(map(str, value.values())) if isinstance(value, dict) else value,
)
def test_states_are_told_in_our_words(
    mapped: Any, row: Any, changes: dict[str, Any], invoice: str, bill: str
) -> None:
    for kind, expected in (("ACCREC", invoice), ("ACCPAY", bill)):
        found = mapped("Invoices", row("Invoices", Type=kind, **changes))
        assert found.only.status == expected
        assert found.only.metadata.isDeleted == (changes["Status"] == "DELETED")
        assert found.issues == []


def test_a_deduction_at_source_is_no_part_payment(mapped: Any, row: Any) -> None:
    changes = {"Status": "AUTHORISED", "AmountPaid": D("0.00"), "AmountDue": D("100.00")}
    assert mapped("Invoices", row("Invoices", 1, **changes)).only.status == "Open"


def test_a_new_word_for_a_state_is_unknown_and_doubted(mapped: Any, row: Any) -> None:
    found = mapped("Invoices", row("Invoices", Status="CONTEMPLATED"))

    assert found.only.status == "Unknown"
    assert found.told() == [("warning", "$.Status")]
    assert found.issues[0].data_type == "invoices"
    assert found.issues[0].record_id == found.only.id


def test_a_rate_tells_the_base_currency_of_one_foreign(mapped: Any, row: Any) -> None:
    """Providers §5 no. 23: Xero's 1.25 is euros for a pound."""
    assert mapped("Invoices", row("Invoices")).only.currencyRate == D("0.8")
    assert mapped("Invoices", row("Invoices", CurrencyRate=...)).only.currencyRate is None
    none = mapped("Invoices", row("Invoices", CurrencyRate=0))
    assert none.only.currencyRate is None
    assert ("warning", "$.CurrencyRate") in none.told()


def test_the_base_currency_stands_in_for_one_that_is_not_told(mapped: Any, row: Any) -> None:
    source = row("Invoices", CurrencyCode=...)
    assert mapped("Invoices", source, Books(base_currency="GBP")).only.currency == "GBP"
    assert mapped("Invoices", source).only.currency is None


def test_a_credit_note_named_twice_for_one_credit_counts_once(mapped: Any, row: Any) -> None:
    credit = {"CreditNoteID": "cd", "CreditNoteNumber": "CR1014", "Total": D("385.00")}
    twice = row("Invoices", CreditNotes=[credit, credit], Prepayments=[], Overpayments=[])

    once = mapped("Invoices", {**twice, "AmountCredited": D("385.00")}).only
    both = mapped("Invoices", {**twice, "AmountCredited": D("770.00")}).only

    assert [a.allocation.totalAmount for a in once.paymentAllocations] == [D("-46.00"), D("-385.00")]
    assert len(both.paymentAllocations) == 3


@pytest.mark.parametrize(
    ("missing", "expected"),
    [
        (("SubTotal",), ("90.00", "18.00", "108.00")),
        (("TotalTax",), ("90.00", "18.00", "108.00")),
        (("Total",), ("90.00", "18.00", "108.00")),
        (("SubTotal", "TotalTax"), ("108.00", "0.00", "108.00")),
    ],
)
def test_a_total_that_is_left_out_follows_from_the_others(
    mapped: Any, row: Any, missing: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    invoice = mapped("Invoices", row("Invoices", **dict.fromkeys(missing, ...))).only
    told = (invoice.subTotal, invoice.totalTaxAmount, invoice.totalAmount)
    assert told == tuple(map(D, expected))


def test_a_document_without_any_total_is_rejected(mapped: Any, row: Any) -> None:
    found = mapped("Invoices", row("Invoices", 1, Total=..., SubTotal=...))

    assert found.records == []
    assert found.told() == [("rejected", "$.Total")]
    assert found.issues[0].data_type == "bills"


def test_a_document_without_a_date_takes_that_of_its_due_day_or_last_change(mapped: Any, row: Any) -> None:
    undated = row("Invoices", Date=..., DateString=...)
    due = mapped("Invoices", undated)
    changed = mapped("Invoices", {**undated, "DueDate": None, "DueDateString": None})
    never = mapped("Invoices", {"Type": "ACCREC", "InvoiceID": "1", "Status": "DRAFT", "Total": D("1")})

    assert (due.only.issueDate, due.told()) == ("2025-12-03T00:00:00", [("warning", "$.Date")])
    assert changed.only.issueDate == "2025-11-20T00:00:00"
    assert never.told() == [("rejected", "$.Date")]


def test_a_mere_reference_to_an_invoice_is_no_record(mapped: Any) -> None:
    found = mapped("Invoices", {"InvoiceID": "d0000000-0000-4000-8000-000000000001"})
    assert found.records == []
    assert found.told() == [("warning", "$")]


@pytest.mark.parametrize("resource", ["Invoices", "CreditNotes"])
def test_a_document_of_no_known_side_is_rejected(mapped: Any, row: Any, resource: str) -> None:
    found = mapped(resource, row(resource, Type="SIDEWAYS"))
    assert (found.records, found.told()) == ([], [("rejected", "$.Type")])


def test_a_credit_note_is_what_is_left_after_its_uses(mapped: Any, row: Any) -> None:
    found = mapped("CreditNotes", row("CreditNotes"))
    note = found.only

    assert found.issues == []
    used = [a.allocation.totalAmount for a in note.paymentAllocations]
    assert used == [D("9.00"), D("2.00")], "positive, and without the allocation that was deleted"
    assert note.totalAmount - sum(used) == note.remainingCredit == D("23.50")
    assert note.status == "PartiallyPaid"
    assert note.paymentAllocations[0].payment.reference == "INV-0001"
    assert (note.discountPercentage, note.totalDiscount) == (0, 0)


def test_old_books_leave_out_what_is_left_of_a_credit_note(mapped: Any, row: Any) -> None:
    worked_out = mapped("CreditNotes", row("CreditNotes", RemainingCredit=...)).only
    paid = mapped("CreditNotes", row("CreditNotes", 1)).only

    assert worked_out.remainingCredit == D("23.50")
    assert paid.DATA_TYPE == "billCreditNotes"
    assert (paid.remainingCredit, paid.status) == (0, "Paid")
    assert paid.allocatedOnDate == "2025-11-21T00:00:00"


@pytest.mark.parametrize(
    ("books", "account", "issues"),
    [
        (Books(account_ids={"429": "acc-429"}), "acc-429", []),
        (Books(account_ids={"200": "acc-200"}), "429", [("warning", "$.LineItems[0].AccountCode")]),
        (Books(), "429", []),
    ],
    ids=["known", "dangling", "no chart at hand"],
)
def test_an_account_without_an_id_is_found_by_its_code(
    mapped: Any, row: Any, books: Books, account: str, issues: list[tuple[str, str]]
) -> None:
    found = mapped("Invoices", row("Invoices", 1), books)
    assert found.only.lineItems[0].accountRef.id == account
    assert found.told() == issues


def test_a_tracking_option_without_an_id_leaves_its_category(
    mapped: Any, row: Callable[..., dict[str, Any]]
) -> None:
    source = row("Invoices")
    del source["LineItems"][0]["Tracking"][0]["TrackingOptionID"]
    found = mapped("Invoices", source)

    (ref,) = found.only.lineItems[0].trackingCategoryRefs
    assert (ref.id[:2], ref.name) == ("7c", "Region")
    assert found.told() == [("warning", "$.LineItems[0].Tracking[0].TrackingOptionID")]
