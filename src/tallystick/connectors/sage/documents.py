"""Sage's invoices, credit notes and quick entries as ours, each on the side it belongs to.

Amounts keep their digits. Source: providers §§2.4, 6.3, 6.5.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, Literal, TypeVar

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts, word
from tallystick.connectors.sage import wire
from tallystick.connectors.sage.allocations import allocations, withheld
from tallystick.connectors.sage.lines import entry_line, lines
from tallystick.connectors.sage.words import (
    customer_ref,
    day,
    day_or_entered,
    id_of,
    instant,
    metadata,
    rate,
    supplier_ref,
)
from tallystick.errors import RecordRejected
from tallystick.standard import (
    ZERO,
    Bill,
    BillCreditNote,
    BillCreditNoteLineItem,
    BillLineItem,
    BillStatus,
    CreditNote,
    CreditNoteLineItem,
    CreditNoteStatus,
    DataType,
    Invoice,
    InvoiceLineItem,
    InvoiceStatus,
    StandardRecord,
    minus,
    plus,
    written,
)

W = TypeVar("W", bound=str)

STATUS: Final[dict[str, InvoiceStatus]] = {
    "DRAFT": "Draft",
    "PRO_FORMA": "Draft",
    "UNPAID": "Submitted",
    "PART_PAID": "PartiallyPaid",
    "PAID": "Paid",
    "VOID": "Void",
}
CREDIT_STATUS: Final[dict[str, CreditNoteStatus]] = {
    "DRAFT": "Draft",
    "PRO_FORMA": "Draft",
    "UNPAID": "Submitted",
    "PART_PAID": "PartiallyPaid",
    "PAID": "Paid",
    "VOID": "Void",
}
BILL_STATUS: Final[dict[str, BillStatus]] = {
    "DRAFT": "Draft",
    "PRO_FORMA": "Draft",
    "UNPAID": "Open",
    "PART_PAID": "PartiallyPaid",
    "PAID": "Paid",
    "VOID": "Void",
}
#: What a quick entry is, by its own word.
ENTRY: Final[dict[str, str]] = {"INVOICE": "invoice", "CREDIT_NOTE": "credit note"}


def sales_invoice(source: wire.Artefact, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """A sales invoice. Raises: `RecordRejected`."""
    if _bare(source, "invoices", doubts):
        return []
    figures = _figures(source)
    made = lines(written.InvoiceLineItem, written.ReceivableTracking, source, doubts)
    return [_invoice(source, made, figures, books, doubts)]


def purchase_invoice(source: wire.Artefact, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """A purchase invoice, which is a bill. Raises: `RecordRejected`."""
    if _bare(source, "bills", doubts):
        return []
    figures = _figures(source)
    made = lines(written.BillLineItem, written.PayableTracking, source, doubts)
    return [_bill(source, made, figures, books, doubts)]


def sales_credit_note(source: wire.Artefact, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """A credit note to a customer. Raises: `RecordRejected`."""
    if _bare(source, "creditNotes", doubts):
        return []
    figures = _figures(source)
    made = lines(written.CreditNoteLineItem, written.ReceivableTracking, source, doubts)
    return [_credit_note(source, made, figures, books, doubts)]


def purchase_credit_note(source: wire.Artefact, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """A credit note from a supplier. Raises: `RecordRejected`."""
    if _bare(source, "billCreditNotes", doubts):
        return []
    figures = _figures(source)
    made = lines(written.BillCreditNoteLineItem, written.PayableTracking, source, doubts)
    return [_bill_credit_note(source, made, figures, books, doubts)]


def sales_quick_entry(source: wire.QuickEntry, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """A quick entry of the sales side: without it the debtors do not add up. Raises: `RecordRejected`."""
    doubts.data_type = "invoices"
    figures = _figures(source)
    if _is_credit(source):
        doubts.data_type = "creditNotes"
        credited = entry_line(written.CreditNoteLineItem, written.ReceivableTracking, source, figures, doubts)
        return [_credit_note(source, (credited,), figures, books, doubts)]
    charged = entry_line(written.InvoiceLineItem, written.ReceivableTracking, source, figures, doubts)
    return [_invoice(source, (charged,), figures, books, doubts)]


def purchase_quick_entry(source: wire.QuickEntry, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """A quick entry of the purchases side. Raises: `RecordRejected`."""
    doubts.data_type = "bills"
    figures = _figures(source)
    if _is_credit(source):
        doubts.data_type = "billCreditNotes"
        credited = entry_line(
            written.BillCreditNoteLineItem, written.PayableTracking, source, figures, doubts
        )
        return [_bill_credit_note(source, (credited,), figures, books, doubts)]
    charged = entry_line(written.BillLineItem, written.PayableTracking, source, figures, doubts)
    return [_bill(source, (charged,), figures, books, doubts)]


def _bare(source: wire.Artefact, data_type: DataType, doubts: Doubts) -> bool:
    """Whether a row names a document without telling anything of it: a list without `attributes=all`."""
    doubts.data_type = data_type
    told = (source.contact, source.status, source.total_amount, source.net_amount, source.deleted_at)
    if any(each is not None for each in told):
        return False
    doubts.warn("$", "names a document without telling anything of it: nothing to map")
    return True


def _is_credit(source: wire.QuickEntry) -> bool:
    """Raises: `RecordRejected` where nobody can tell what it is."""
    kind = ENTRY.get((id_of(source.quick_entry_type) or "").upper())
    if kind is None:
        raise RecordRejected(path="$.quick_entry_type", reason="neither an invoice nor a credit note")
    return kind == "credit note"


_Figures = tuple[Decimal, Decimal, Decimal]


def _figures(source: wire.Document) -> _Figures:
    """Net, tax and total; the one that is not told follows from the others. Raises: `RecordRejected`."""
    net, tax, total = source.net_amount, source.tax_amount, source.total_amount
    if total is None:
        if net is None:
            raise RecordRejected(path="$.total_amount", reason="the document has no total")
        total = plus(net, tax or ZERO)
    if net is None:
        net = minus(total, tax or ZERO)
    return net, minus(total, net) if tax is None else tax, total


def _invoice(
    source: wire.Artefact | wire.QuickEntry,
    made: tuple[InvoiceLineItem, ...],
    figures: _Figures,
    books: Books,
    doubts: Doubts,
) -> Invoice:
    net, tax, total = figures
    own, currency = source if isinstance(source, wire.Artefact) else None, _currency(source, books)
    own_rate, due = _rate(source, total, doubts), _outstanding(source, total)
    return written.Invoice(
        id=source.id,
        invoiceNumber=_invoice_number(source),
        customerRef=customer_ref(source.contact),
        issueDate=day_or_entered(source.date, source.created_at, "document", doubts),
        dueDate=day(source.due_date, "$.due_date", doubts),
        paidOnDate=day(own.last_paid, "$.last_paid", doubts) if own and due == ZERO else None,
        currency=currency,
        currencyRate=own_rate,
        lineItems=made,
        paymentAllocations=allocations(
            source.payments_allocations, currency, own_rate, doubts, of_credit=False
        ),
        withholdingTax=withheld(own, total) if own else (),
        totalDiscount=own.total_discount_amount if own else None,
        subTotal=net,
        totalTaxAmount=tax,
        totalAmount=total,
        amountDue=due,
        status=_stage(STATUS, source, doubts),
        note=(own.notes if own else None) or source.reference or None,
        sourceModifiedDate=instant(source.updated_at, "$.updated_at", doubts),
        metadata=metadata(source.deleted_at),
    )


def _bill(
    source: wire.Artefact | wire.QuickEntry,
    made: tuple[BillLineItem, ...],
    figures: _Figures,
    books: Books,
    doubts: Doubts,
) -> Bill:
    net, tax, total = figures
    own, currency = source if isinstance(source, wire.Artefact) else None, _currency(source, books)
    own_rate = _rate(source, total, doubts)
    # A bill's number is the supplier's own; what is noted beside it is not lost.
    names = [text for text in (own.vendor_reference if own else None, source.reference) if text]
    note = (own.notes if own else None) or (names[1] if len(names) > 1 else None)
    return written.Bill(
        id=source.id,
        reference=names[0] if names else None,
        supplierRef=supplier_ref(source.contact),
        issueDate=day_or_entered(source.date, source.created_at, "document", doubts),
        dueDate=day(source.due_date, "$.due_date", doubts),
        currency=currency,
        currencyRate=own_rate,
        lineItems=made,
        withholdingTax=withheld(own, total) if own else (),
        status=_stage(BILL_STATUS, source, doubts),
        subTotal=net,
        taxAmount=tax,
        totalAmount=total,
        amountDue=_outstanding(source, total),
        note=note or None,
        paymentAllocations=allocations(
            source.payments_allocations, currency, own_rate, doubts, of_credit=False
        ),
        sourceModifiedDate=instant(source.updated_at, "$.updated_at", doubts),
        metadata=metadata(source.deleted_at),
    )


def _credit_note(
    source: wire.Artefact | wire.QuickEntry,
    made: tuple[CreditNoteLineItem, ...],
    figures: _Figures,
    books: Books,
    doubts: Doubts,
) -> CreditNote:
    net, tax, total = figures
    own, currency = source if isinstance(source, wire.Artefact) else None, _currency(source, books)
    own_rate, left = _rate(source, total, doubts), _outstanding(source, total)
    return written.CreditNote(
        id=source.id,
        creditNoteNumber=_credit_note_number(source),
        customerRef=customer_ref(source.contact),
        withholdingTax=withheld(own, total) if own else (),
        totalAmount=total,
        totalDiscount=(own.total_discount_amount if own else None) or ZERO,
        subTotal=net,
        totalTaxAmount=tax,
        discountPercentage=ZERO,
        remainingCredit=left,
        status=_stage(CREDIT_STATUS, source, doubts),
        issueDate=day_or_entered(source.date, source.created_at, "document", doubts),
        allocatedOnDate=day(own.last_paid, "$.last_paid", doubts) if own and left == ZERO else None,
        currency=currency,
        currencyRate=own_rate,
        lineItems=made,
        paymentAllocations=allocations(
            source.payments_allocations, currency, own_rate, doubts, of_credit=True
        ),
        note=(own.notes if own else None) or source.reference or None,
        sourceModifiedDate=instant(source.updated_at, "$.updated_at", doubts),
        metadata=metadata(source.deleted_at),
    )


def _bill_credit_note(
    source: wire.Artefact | wire.QuickEntry,
    made: tuple[BillCreditNoteLineItem, ...],
    figures: _Figures,
    books: Books,
    doubts: Doubts,
) -> BillCreditNote:
    net, tax, total = figures
    own, currency = source if isinstance(source, wire.Artefact) else None, _currency(source, books)
    own_rate, left = _rate(source, total, doubts), _outstanding(source, total)
    names = [text for text in (own.vendor_reference if own else None, source.reference) if text]
    note = (own.notes if own else None) or (names[1] if len(names) > 1 else None)
    return written.BillCreditNote(
        id=source.id,
        billCreditNoteNumber=names[0] if names else None,
        supplierRef=supplier_ref(source.contact),
        withholdingTax=withheld(own, total) if own else (),
        totalAmount=total,
        totalDiscount=(own.total_discount_amount if own else None) or ZERO,
        subTotal=net,
        totalTaxAmount=tax,
        discountPercentage=ZERO,
        remainingCredit=left,
        status=_stage(CREDIT_STATUS, source, doubts),
        issueDate=day_or_entered(source.date, source.created_at, "document", doubts),
        allocatedOnDate=day(own.last_paid, "$.last_paid", doubts) if own and left == ZERO else None,
        currency=currency,
        currencyRate=own_rate,
        lineItems=made,
        paymentAllocations=allocations(
            source.payments_allocations, currency, own_rate, doubts, of_credit=True
        ),
        note=note or None,
        sourceModifiedDate=instant(source.updated_at, "$.updated_at", doubts),
        metadata=metadata(source.deleted_at),
    )


def _invoice_number(source: wire.Artefact | wire.QuickEntry) -> str | None:
    if isinstance(source, wire.QuickEntry):
        return source.reference or None  # it has no number of its own
    return _number(source.displayed_as, source.invoice_number_prefix, source.invoice_number)


def _credit_note_number(source: wire.Artefact | wire.QuickEntry) -> str | None:
    if isinstance(source, wire.QuickEntry):
        return source.reference or None
    return _number(source.displayed_as, source.credit_note_number_prefix, source.credit_note_number)


def _number(displayed_as: str | None, prefix: str | None, number: str | None) -> str | None:
    """As people write it: Sage keeps the prefix apart."""
    if not number:
        return displayed_as or None
    return number if displayed_as == number else f"{prefix or ''}{number}"


def _currency(source: wire.Document, books: Books) -> str | None:
    return id_of(source.currency) or books.base_currency


def _rate(source: wire.Document, total: Decimal, doubts: Doubts) -> Decimal | None:
    return rate(
        total, source.base_currency_total_amount, source.exchange_rate, source.inverse_exchange_rate, doubts
    )


def _outstanding(source: wire.Document, total: Decimal) -> Decimal:
    """What is still to be paid, or is left of a credit note."""
    if source.outstanding_amount is not None:
        return source.outstanding_amount
    return minus(total, source.total_paid or ZERO)


def _stage(table: Mapping[str, W], source: wire.Document, doubts: Doubts) -> W | Literal["Unknown", "Void"]:
    """How far a document is. A deleted one keeps its last state at Sage, and is void all the same."""
    if source.deleted_at:
        return "Void"
    return word(table, id_of(source.status), "$.status.id", doubts)
