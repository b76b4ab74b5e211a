"""Xero's invoices and credit notes as ours, each on the side it belongs to.

Amounts keep their digits. Source: providers §§5 nos. 18-23, 6.3, 6.5.
"""

from datetime import datetime
from decimal import Decimal
from typing import Final

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts, word
from tallystick.connectors.xero import wire
from tallystick.connectors.xero.allocations import of_credit_note, of_invoice, remaining_credit, withheld
from tallystick.connectors.xero.lines import lines
from tallystick.connectors.xero.words import GONE, PRESENT, day, instant, rate
from tallystick.errors import RecordRejected
from tallystick.standard import (
    ZERO,
    Bill,
    BillCreditNote,
    BillStatus,
    CalendarDate,
    CreditNote,
    CreditNoteStatus,
    CustomerRef,
    Invoice,
    InvoiceStatus,
    StandardRecord,
    SupplierRef,
    calendar_day,
    minus,
    plus,
    written,
)

#: What awaits approval is in no ledger yet. `AUTHORISED` says nothing of payment: see `_stage`. A deleted
#: document is void, and gone as well.
STATUS: Final[dict[str, InvoiceStatus]] = {
    "DRAFT": "Draft",
    "SUBMITTED": "Draft",
    "AUTHORISED": "Submitted",
    "PAID": "Paid",
    "VOIDED": "Void",
    "DELETED": "Void",
}
BILL_STATUS: Final[dict[InvoiceStatus, BillStatus]] = {
    "Unknown": "Unknown",
    "Draft": "Draft",
    "Submitted": "Open",
    "PartiallyPaid": "PartiallyPaid",
    "Paid": "Paid",
    "Void": "Void",
}


def invoice(source: wire.Invoice, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """An invoice or a bill. Raises: `RecordRejected`."""
    if source.Type == "ACCREC":
        return [_invoice(source, books, doubts)]
    if source.Type == "ACCPAY":
        return [_bill(source, books, doubts)]
    if source.Type is None and source.Status is None and source.Total is None:
        doubts.warn("$", "names an invoice without telling anything of it: nothing to map")
        return []
    raise RecordRejected(path="$.Type", reason="neither ACCREC nor ACCPAY")


def _invoice(source: wire.Invoice, books: Books, doubts: Doubts) -> Invoice:
    doubts.data_type = "invoices"
    net, tax, total = _totals(source)
    currency = source.CurrencyCode or books.base_currency
    own_rate = rate(source.CurrencyRate, "$.CurrencyRate", doubts)
    due = _amount_due(source, total)
    return written.Invoice(
        id=source.InvoiceID,
        invoiceNumber=source.InvoiceNumber or None,
        customerRef=_customer_ref(source.Contact),
        issueDate=_issue_date(source, doubts),
        dueDate=day(source.DueDateString, source.DueDate, "$.DueDate", doubts),
        paidOnDate=day(None, source.FullyPaidOnDate, "$.FullyPaidOnDate", doubts),
        currency=currency,
        currencyRate=own_rate,
        lineItems=lines(written.InvoiceLineItem, written.ReceivableTracking, source, books, doubts),
        paymentAllocations=of_invoice(source, currency, own_rate, doubts),
        withholdingTax=withheld(source),
        totalDiscount=_discount(source),
        subTotal=net,
        totalTaxAmount=tax,
        totalAmount=total,
        amountDue=due,
        status=_stage(source, total, due, doubts),
        note=source.Reference or None,
        sourceModifiedDate=_changed(source, doubts),
        metadata=GONE if source.Status == "DELETED" else PRESENT,
    )


def _bill(source: wire.Invoice, books: Books, doubts: Doubts) -> Bill:
    doubts.data_type = "bills"
    net, tax, total = _totals(source)
    currency = source.CurrencyCode or books.base_currency
    own_rate = rate(source.CurrencyRate, "$.CurrencyRate", doubts)
    due = _amount_due(source, total)
    # A bill's number is the supplier's own; what is noted beside it is not lost.
    names = [text for text in (source.InvoiceNumber, source.Reference) if text]
    return written.Bill(
        id=source.InvoiceID,
        reference=names[0] if names else None,
        supplierRef=_supplier_ref(source.Contact),
        issueDate=_issue_date(source, doubts),
        dueDate=day(source.DueDateString, source.DueDate, "$.DueDate", doubts),
        currency=currency,
        currencyRate=own_rate,
        lineItems=lines(written.BillLineItem, written.PayableTracking, source, books, doubts),
        withholdingTax=withheld(source),
        status=BILL_STATUS[_stage(source, total, due, doubts)],
        subTotal=net,
        taxAmount=tax,
        totalAmount=total,
        amountDue=due,
        note=names[1] if len(names) > 1 else None,
        paymentAllocations=of_invoice(source, currency, own_rate, doubts),
        sourceModifiedDate=_changed(source, doubts),
        metadata=GONE if source.Status == "DELETED" else PRESENT,
    )


def credit_note(source: wire.CreditNote, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """A credit note to a customer or from a supplier. Raises: `RecordRejected`."""
    if source.Type == "ACCRECCREDIT":
        return [_credit_note(source, books, doubts)]
    if source.Type == "ACCPAYCREDIT":
        return [_bill_credit_note(source, books, doubts)]
    if source.Type is None and source.Status is None and source.Total is None:
        doubts.warn("$", "names a credit note without telling anything of it: nothing to map")
        return []
    raise RecordRejected(path="$.Type", reason="neither ACCRECCREDIT nor ACCPAYCREDIT")


def _credit_note(source: wire.CreditNote, books: Books, doubts: Doubts) -> CreditNote:
    doubts.data_type = "creditNotes"
    net, tax, total = _totals(source)
    currency = source.CurrencyCode or books.base_currency
    own_rate = rate(source.CurrencyRate, "$.CurrencyRate", doubts)
    allocations = of_credit_note(source, currency, own_rate, doubts)
    left = remaining_credit(source, total, allocations)
    return written.CreditNote(
        id=source.CreditNoteID,
        creditNoteNumber=source.CreditNoteNumber or None,
        customerRef=_customer_ref(source.Contact),
        withholdingTax=withheld(source),
        totalAmount=total,
        totalDiscount=source.TotalDiscount or ZERO,
        subTotal=net,
        totalTaxAmount=tax,
        discountPercentage=ZERO,
        remainingCredit=left,
        status=_credit_stage(source, total, left, doubts),
        issueDate=day(source.DateString, source.Date, "$.Date", doubts),
        allocatedOnDate=day(None, source.FullyPaidOnDate, "$.FullyPaidOnDate", doubts),
        currency=currency,
        currencyRate=own_rate,
        lineItems=lines(written.CreditNoteLineItem, written.ReceivableTracking, source, books, doubts),
        paymentAllocations=allocations,
        note=source.Reference or None,
        sourceModifiedDate=_changed(source, doubts),
        metadata=GONE if source.Status == "DELETED" else PRESENT,
    )


def _bill_credit_note(source: wire.CreditNote, books: Books, doubts: Doubts) -> BillCreditNote:
    doubts.data_type = "billCreditNotes"
    net, tax, total = _totals(source)
    currency = source.CurrencyCode or books.base_currency
    own_rate = rate(source.CurrencyRate, "$.CurrencyRate", doubts)
    allocations = of_credit_note(source, currency, own_rate, doubts)
    left = remaining_credit(source, total, allocations)
    return written.BillCreditNote(
        id=source.CreditNoteID,
        billCreditNoteNumber=source.CreditNoteNumber or None,
        supplierRef=_supplier_ref(source.Contact),
        withholdingTax=withheld(source),
        totalAmount=total,
        totalDiscount=source.TotalDiscount or ZERO,
        subTotal=net,
        totalTaxAmount=tax,
        discountPercentage=ZERO,
        remainingCredit=left,
        status=_credit_stage(source, total, left, doubts),
        issueDate=day(source.DateString, source.Date, "$.Date", doubts),
        allocatedOnDate=day(None, source.FullyPaidOnDate, "$.FullyPaidOnDate", doubts),
        currency=currency,
        currencyRate=own_rate,
        lineItems=lines(written.BillCreditNoteLineItem, written.PayableTracking, source, books, doubts),
        paymentAllocations=allocations,
        note=source.Reference or None,
        sourceModifiedDate=_changed(source, doubts),
        metadata=GONE if source.Status == "DELETED" else PRESENT,
    )


def _totals(source: wire.Invoice | wire.CreditNote) -> tuple[Decimal, Decimal, Decimal]:
    """Net, tax and total; the one that Xero left out follows from the others."""
    net, tax, total = source.SubTotal, source.TotalTax, source.Total
    if total is None:
        if net is None:
            raise RecordRejected(path="$.Total", reason="the document has no total")
        total = plus(net, tax or ZERO)
    if net is None:
        net = minus(total, tax or ZERO)
    return net, minus(total, net) if tax is None else tax, total


def _amount_due(source: wire.Invoice, total: Decimal) -> Decimal:
    if source.AmountDue is not None:
        return source.AmountDue
    return minus(minus(total, source.AmountPaid or ZERO), source.AmountCredited or ZERO)


def _discount(source: wire.Invoice) -> Decimal | None:
    if source.TotalDiscount is not None:
        return source.TotalDiscount
    return None if source.IsDiscounted else ZERO


def _stage(source: wire.Invoice, total: Decimal, due: Decimal, doubts: Doubts) -> InvoiceStatus:
    """How far a document is: Xero has no word for *partly paid*.

    What was paid decides, not what is due: a deduction at source lowers that without any payment.
    """
    status = word(STATUS, source.Status, "$.Status", doubts)
    if source.Status != "AUTHORISED" or not total:
        return status
    if source.AmountPaid is None and source.AmountCredited is None:
        moved = due < total
    else:
        moved = bool(source.AmountPaid) or bool(source.AmountCredited)
    if not moved:
        return status
    return "PartiallyPaid" if due else "Paid"


def _credit_stage(source: wire.CreditNote, total: Decimal, left: Decimal, doubts: Doubts) -> CreditNoteStatus:
    status = word(STATUS, source.Status, "$.Status", doubts)
    if source.Status != "AUTHORISED" or left == total:
        return status
    return "PartiallyPaid" if left else "Paid"


def _issue_date(source: wire.Invoice, doubts: Doubts) -> CalendarDate:
    """The day of issue. Old drafts bear none: then it is due, else last changed, on that day.

    Raises: `RecordRejected`.
    """
    found = day(source.DateString, source.Date, "$.Date", doubts)
    if found is not None:
        return found
    unheard = Doubts([])
    stand_in = day(source.DueDateString, source.DueDate, "$.DueDate", unheard)
    changed = _changed(source, unheard)
    if stand_in is None and changed is not None:
        stand_in = calendar_day(changed.date())
    if stand_in is None:
        raise RecordRejected(path="$.Date", reason="the document bears no date")
    doubts.warn("$.Date", "the document bears no date: that of its due day or last change stands in")
    return stand_in


def _changed(source: wire.Invoice | wire.CreditNote, doubts: Doubts) -> datetime | None:
    return instant(source.UpdatedDateUTC, source.UpdatedDateUTCString, "$.UpdatedDateUTC", doubts)


def _customer_ref(party: wire.Party | None) -> CustomerRef | None:
    if party is None or not party.ContactID:
        return None
    return written.CustomerRef(id=party.ContactID, companyName=party.Name or None)


def _supplier_ref(party: wire.Party | None) -> SupplierRef | None:
    if party is None or not party.ContactID:
        return None
    return written.SupplierRef(id=party.ContactID, supplierName=party.Name or None)
