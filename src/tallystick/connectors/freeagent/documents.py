"""FreeAgent's invoices, credit notes and bills as ours; a bill with a negative total is a credit note.

Source: providers §§2.5, 6.3, 6.5.
"""

from decimal import Decimal
from typing import Final

from msgspec import structs

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts, word
from tallystick.connectors.freeagent import wire
from tallystick.connectors.freeagent.lines import bill_lines, sales_lines
from tallystick.connectors.freeagent.words import (
    PRESENT,
    check_net,
    customer_ref,
    day,
    day_or_entered,
    instant,
    own_id,
    rate,
    supplier_ref,
    tax_of,
    told_net,
)
from tallystick.errors import RecordRejected
from tallystick.standard import (
    ZERO,
    BillStatus,
    CreditNoteStatus,
    InvoiceStatus,
    StandardRecord,
    WithholdingTax,
    minus,
    negated,
    plus,
    written,
)

#: What is settled otherwise than with money: it was owed, and so is not void.
_WRITTEN_OFF: Final = "Written-off"
#: `Submitted` and `Open` are `PartiallyPaid` where something has been paid.
STATUS: Final[dict[str, InvoiceStatus]] = {
    "Draft": "Draft",
    "Scheduled To Email": "Draft",
    "Open": "Submitted",
    "Overdue": "Submitted",
    "Zero Value": "Paid",
    "Paid": "Paid",
    "Overpaid": "Paid",
    "Refunded": "Paid",
    "Part written-off": "Paid",
    "Written-off": "Paid",
}
CREDIT_STATUS: Final[dict[str, CreditNoteStatus]] = {
    "Draft": "Draft",
    "Open": "Submitted",
    "Overdue": "Submitted",
    "Zero Value": "Paid",
    "Refunded": "Paid",
    "Written-off": "Paid",
}
BILL_STATUS: Final[dict[str, BillStatus]] = {
    "Draft": "Draft",
    "Open": "Open",
    "Overdue": "Open",
    "Zero Value": "Paid",
    "Paid": "Paid",
    "Refunded": "Paid",
}
BILL_CREDIT_STATUS: Final[dict[str, CreditNoteStatus]] = {
    "Draft": "Draft",
    "Open": "Submitted",
    "Overdue": "Submitted",
    "Zero Value": "Paid",
    "Paid": "Paid",
    "Refunded": "Paid",
}


def invoice(source: wire.SalesDocument, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """A sales invoice. Raises: `RecordRejected`."""
    doubts.data_type = "invoices"
    net, tax, total = _figures(source, doubts)
    due = _due(source, total, source.paid_value)
    status = word(STATUS, source.status, "$.status", doubts)
    return [
        written.Invoice(
            id=own_id(source.url),
            invoiceNumber=source.reference or None,
            customerRef=customer_ref(source.contact, source.contact_name),
            issueDate=day_or_entered(source.dated_on, source.created_at, "$", "invoice", doubts),
            dueDate=day(source.due_on, "$.due_on", doubts),
            paidOnDate=day(source.paid_on, "$.paid_on", doubts),
            currency=source.currency or books.base_currency,
            currencyRate=rate(source.exchange_rate, "$.exchange_rate", doubts),
            lineItems=sales_lines(written.InvoiceLineItem, source, (net, tax), doubts),
            withholdingTax=_withheld(source),
            discountPercentage=source.discount_percent,
            subTotal=net,
            totalTaxAmount=tax,
            totalAmount=total,
            amountDue=ZERO if source.status == _WRITTEN_OFF else due,
            status="PartiallyPaid" if status == "Submitted" and due != total else status,
            note=source.comments or None,
            sourceModifiedDate=instant(source.updated_at, "$.updated_at", doubts),
            metadata=PRESENT,
        )
    ]


def credit_note(source: wire.SalesDocument, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """A credit note to a customer: negative at FreeAgent, positive here. Raises: `RecordRejected`."""
    doubts.data_type = "creditNotes"
    signed_net, signed_tax, signed_total = _figures(source, doubts)
    net, tax, total = signed_net, signed_tax, signed_total
    if not signed_total > ZERO:
        net, tax, total = negated(net), negated(tax), negated(total)
    left = _due(source, signed_total, source.refunded_value).copy_abs()
    status = word(CREDIT_STATUS, source.status, "$.status", doubts)
    return [
        written.CreditNote(
            id=own_id(source.url),
            creditNoteNumber=source.reference or None,
            customerRef=customer_ref(source.contact, source.contact_name),
            withholdingTax=_withheld(source),
            totalAmount=total,
            totalDiscount=ZERO,
            subTotal=net,
            totalTaxAmount=tax,
            discountPercentage=source.discount_percent or ZERO,
            remainingCredit=ZERO if source.status == _WRITTEN_OFF else left,
            status="PartiallyPaid" if status == "Submitted" and left != total else status,
            issueDate=day_or_entered(source.dated_on, source.created_at, "$", "credit note", doubts),
            allocatedOnDate=day(source.refunded_on, "$.refunded_on", doubts),
            currency=source.currency or books.base_currency,
            currencyRate=rate(source.exchange_rate, "$.exchange_rate", doubts),
            lineItems=sales_lines(written.CreditNoteLineItem, source, (net, tax), doubts),
            note=source.comments or None,
            sourceModifiedDate=instant(source.updated_at, "$.updated_at", doubts),
            metadata=PRESENT,
        )
    ]


def bill(source: wire.Bill, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """A bill, or a credit note from a supplier. Raises: `RecordRejected`."""
    doubts.data_type = "bills"
    if source.total_value is None and source.net_value is not None:
        # What is told before tax has the other sign than the total.
        tax = tax_of(source.sales_tax_value, source.second_sales_tax_value, source.net_value)
        source = structs.replace(source, total_value=negated(plus(source.net_value, tax)))
    if source.total_value is not None and source.total_value < ZERO:
        return [_bill_credit_note(source, books, doubts)]
    net, tax, total = _figures(source, doubts)
    due = _due(source, total, source.paid_value)
    status = word(BILL_STATUS, source.status, "$.status", doubts)
    return [
        written.Bill(
            id=own_id(source.url),
            reference=source.reference or None,
            supplierRef=supplier_ref(source.contact, source.contact_name),
            issueDate=day_or_entered(source.dated_on, source.created_at, "$", "bill", doubts),
            dueDate=day(source.due_on, "$.due_on", doubts),
            currency=source.currency or books.base_currency,
            currencyRate=rate(source.exchange_rate, "$.exchange_rate", doubts),
            lineItems=bill_lines(written.BillLineItem, source, turned=False),
            withholdingTax=_withheld(source),
            status="PartiallyPaid" if status == "Open" and due != total else status,
            subTotal=net,
            taxAmount=tax,
            totalAmount=total,
            amountDue=due,
            note=source.comments or None,
            sourceModifiedDate=instant(source.updated_at, "$.updated_at", doubts),
            metadata=PRESENT,
        )
    ]


def _bill_credit_note(source: wire.Bill, books: Books, doubts: Doubts) -> StandardRecord:
    doubts.data_type = "billCreditNotes"
    signed_net, signed_tax, signed_total = _figures(source, doubts)
    left = _due(source, signed_total, source.paid_value)
    status = word(BILL_CREDIT_STATUS, source.status, "$.status", doubts)
    return written.BillCreditNote(
        id=own_id(source.url),
        billCreditNoteNumber=source.reference or None,
        supplierRef=supplier_ref(source.contact, source.contact_name),
        withholdingTax=_withheld(source),
        totalAmount=negated(signed_total),
        totalDiscount=ZERO,
        subTotal=negated(signed_net),
        totalTaxAmount=negated(signed_tax),
        discountPercentage=ZERO,
        remainingCredit=negated(left),
        status="PartiallyPaid" if status == "Submitted" and left != signed_total else status,
        issueDate=day_or_entered(source.dated_on, source.created_at, "$", "bill refund", doubts),
        allocatedOnDate=day(source.paid_on, "$.paid_on", doubts),
        currency=source.currency or books.base_currency,
        currencyRate=rate(source.exchange_rate, "$.exchange_rate", doubts),
        lineItems=bill_lines(written.BillCreditNoteLineItem, source, turned=True),
        note=source.comments or None,
        sourceModifiedDate=instant(source.updated_at, "$.updated_at", doubts),
        metadata=PRESENT,
    )


def _figures(source: wire.Document, doubts: Doubts) -> tuple[Decimal, Decimal, Decimal]:
    """Net, tax and total, as FreeAgent signs the total. Raises: `RecordRejected`."""
    total = source.total_value
    if total is None:
        if source.net_value is None:
            raise RecordRejected(path="$.total_value", reason="the document has no total")
        net = source.net_value
        total = plus(net, tax_of(source.sales_tax_value, source.second_sales_tax_value, net))
    before_tax = source.net_value
    if before_tax is not None and isinstance(source, wire.Bill):
        before_tax = negated(before_tax)  # told with the other sign than the total
    kept = told_net(before_tax, source.sales_tax_value, source.second_sales_tax_value, total)
    if kept is not None:
        return kept, minus(total, kept), total
    tax = tax_of(source.sales_tax_value, source.second_sales_tax_value, total)
    check_net(source.net_value, total, tax, "$.net_value", doubts)
    return minus(total, tax), tax, total


def _due(source: wire.Document, total: Decimal, settled: Decimal | None) -> Decimal:
    """What is still to be paid, or is left of a credit note."""
    return minus(total, settled or ZERO) if source.due_value is None else source.due_value


def _withheld(source: wire.Document) -> tuple[WithholdingTax, ...]:
    """What is held back under the United Kingdom's Construction Industry Scheme."""
    if not source.cis_deduction:
        return ()
    return (written.WithholdingTax(name="CIS deduction", amount=source.cis_deduction.copy_abs()),)
