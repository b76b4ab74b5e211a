"""QuickBooks' invoices and credit memos, bills, vendor credits and purchase orders as ours.

Amounts keep their digits. Source: providers §§2.3, 5 nos. 43-46, 6.3, 6.5.
"""

from decimal import Decimal
from typing import Final

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts, exact_word
from tallystick.connectors.quickbooks import wire
from tallystick.connectors.quickbooks.contacts import delivery_address
from tallystick.connectors.quickbooks.lines import discount_of, line_items, totals
from tallystick.connectors.quickbooks.words import (
    PRESENT,
    changed,
    created,
    currency,
    customer_ref,
    day,
    is_void,
    rate,
    supplier_ref,
)
from tallystick.errors import RecordRejected
from tallystick.standard import (
    ZERO,
    BillStatus,
    CalendarDate,
    InvoiceStatus,
    PaymentAllocation,
    PurchaseOrder,
    PurchaseOrderLineItem,
    PurchaseOrderRef,
    PurchaseOrderStatus,
    ShipTo,
    StandardRecord,
    calendar_day,
    written,
)

BILL_STATUS: Final[dict[InvoiceStatus, BillStatus]] = {
    "Unknown": "Unknown",
    "Submitted": "Open",
    "PartiallyPaid": "PartiallyPaid",
    "Paid": "Paid",
    "Void": "Void",
}
ORDER_STATUS: Final[dict[str, PurchaseOrderStatus]] = {"Open": "Open", "Closed": "Closed"}
#: Which of the transactions that a document is linked with settle it. What they gave it, they tell alone.
SETTLES: Final = frozenset(
    {"Payment", "CreditMemo", "BillPayment", "BillPaymentCheck", "BillPaymentCreditCard", "VendorCredit"}
)


_ORDER_REF: Final = written.struct_of(PurchaseOrderRef)


def invoice(source: wire.Sale, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """An invoice. Raises: `RecordRejected`."""
    net, tax, total = totals(source)
    lines = line_items(source, doubts)
    if source.Balance is None:
        doubts.warn("$.Balance", "QuickBooks does not say what is due: the whole of it stands in")
    return [
        written.Invoice(
            id=source.Id,
            invoiceNumber=source.DocNumber or None,
            customerRef=customer_ref(source.CustomerRef),
            issueDate=issue_date(source, doubts),
            dueDate=day(source.DueDate, "$.DueDate", doubts),
            currency=currency(source, books),
            currencyRate=rate(source, doubts),
            lineItems=tuple(
                written.InvoiceLineItem(**line.told(), tracking=line.receivable) for line in lines
            ),
            paymentAllocations=_settled_by(source),
            totalDiscount=discount_of(source).amount,
            subTotal=net,
            totalTaxAmount=tax,
            totalAmount=total,
            amountDue=total if source.Balance is None else source.Balance,
            status=_stage(source, total, source.Balance),
            note=customer_note(source),
            sourceModifiedDate=changed(source, doubts),
            metadata=PRESENT,
        )
    ]


def credit_memo(source: wire.Sale, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """A credit note to a customer."""
    net, tax, total = totals(source)
    lines = line_items(source, doubts)
    left = source.Balance if source.RemainingCredit is None else source.RemainingCredit
    if left is None:
        doubts.warn("$.RemainingCredit", "QuickBooks does not say what is left: the whole of it stands in")
    discount = discount_of(source)
    return [
        written.CreditNote(
            id=source.Id,
            creditNoteNumber=source.DocNumber or None,
            customerRef=customer_ref(source.CustomerRef),
            totalAmount=total,
            totalDiscount=discount.amount,
            subTotal=net,
            totalTaxAmount=tax,
            discountPercentage=discount.percentage or ZERO,
            remainingCredit=total if left is None else left,
            status=_stage(source, total, left),
            issueDate=day(source.TxnDate, "$.TxnDate", doubts),
            currency=currency(source, books),
            currencyRate=rate(source, doubts),
            lineItems=tuple(
                written.CreditNoteLineItem(**line.told(), tracking=line.receivable) for line in lines
            ),
            note=customer_note(source),
            sourceModifiedDate=changed(source, doubts),
            metadata=PRESENT,
        )
    ]


def bill(source: wire.Purchasing, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """A bill. Raises: `RecordRejected`."""
    net, tax, total = totals(source)
    lines = line_items(source, doubts)
    orders = [link.TxnId for link in source.LinkedTxn or () if link.TxnType == "PurchaseOrder" and link.TxnId]
    return [
        written.Bill(
            id=source.Id,
            reference=source.DocNumber or None,
            supplierRef=supplier_ref(source.VendorRef),
            purchaseOrderRefs=tuple(_ORDER_REF(id=id_) for id_ in orders) or None,
            issueDate=issue_date(source, doubts),
            dueDate=day(source.DueDate, "$.DueDate", doubts),
            currency=currency(source, books),
            currencyRate=rate(source, doubts),
            lineItems=tuple(written.BillLineItem(**line.told(), tracking=line.payable) for line in lines),
            status=BILL_STATUS[_stage(source, total, source.Balance)],
            subTotal=net,
            taxAmount=tax,
            totalAmount=total,
            amountDue=source.Balance,
            note=source.PrivateNote or None,
            paymentAllocations=_settled_by(source),
            sourceModifiedDate=changed(source, doubts),
            metadata=PRESENT,
        )
    ]


def vendor_credit(source: wire.Purchasing, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """A credit note from a supplier. Older answers do not tell what is left of it."""
    net, tax, total = totals(source)
    lines = line_items(source, doubts)
    discount = discount_of(source)
    return [
        written.BillCreditNote(
            id=source.Id,
            billCreditNoteNumber=source.DocNumber or None,
            supplierRef=supplier_ref(source.VendorRef),
            totalAmount=total,
            totalDiscount=discount.amount,
            subTotal=net,
            totalTaxAmount=tax,
            discountPercentage=discount.percentage or ZERO,
            remainingCredit=source.Balance,
            status=_stage(source, total, source.Balance),
            issueDate=day(source.TxnDate, "$.TxnDate", doubts),
            currency=currency(source, books),
            currencyRate=rate(source, doubts),
            lineItems=tuple(
                written.BillCreditNoteLineItem(**line.told(), tracking=line.payable) for line in lines
            ),
            note=source.PrivateNote or None,
            sourceModifiedDate=changed(source, doubts),
            metadata=PRESENT,
        )
    ]


def purchase_order(source: wire.Purchasing, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """An order to a supplier."""
    net, tax, total = totals(source)
    lines = line_items(source, doubts)
    address = delivery_address(source.ShipAddr)
    return [
        PurchaseOrder(
            id=source.Id,
            purchaseOrderNumber=source.DocNumber or None,
            supplierRef=supplier_ref(source.VendorRef),
            issueDate=day(source.TxnDate, "$.TxnDate", doubts),
            paymentDueDate=day(source.DueDate, "$.DueDate", doubts),
            currency=currency(source, books),
            currencyRate=rate(source, doubts),
            lineItems=tuple(PurchaseOrderLineItem(**line.told()) for line in lines),
            shipTo=ShipTo(address=address) if address is not None else None,
            status="Void"
            if is_void(source)
            else exact_word(ORDER_STATUS, source.POStatus, "$.POStatus", doubts),
            subTotal=net,
            totalDiscount=discount_of(source).amount,
            totalTaxAmount=tax,
            totalAmount=total,
            note=source.PrivateNote or source.Memo or None,
            sourceModifiedDate=changed(source, doubts),
            metadata=PRESENT,
        )
    ]


def customer_note(source: wire.Sale) -> str | None:
    """What the customer reads on the document, else what only the company does."""
    return (source.CustomerMemo.value if source.CustomerMemo is not None else None) or (
        source.PrivateNote or None
    )


def issue_date(source: wire.Transaction, doubts: Doubts) -> CalendarDate:
    """The day that a document bears, else that of its making. Raises: `RecordRejected`."""
    found = day(source.TxnDate, "$.TxnDate", doubts)
    if found is not None:
        return found
    made = created(source, Doubts([]))
    if made is None:
        raise RecordRejected(path="$.TxnDate", reason="the document bears no date")
    doubts.warn("$.TxnDate", "the document bears no date: that of its making stands in")
    return calendar_day(made.date())


def _stage(source: wire.Transaction, total: Decimal, due: Decimal | None) -> InvoiceStatus:
    """How far a document is. There are no drafts; a voided one may still show its amounts."""
    if is_void(source):
        return "Void"
    if due is None:
        return "Unknown"
    if not due:
        return "Paid"
    if due == total:
        return "Submitted"
    return "PartiallyPaid" if 0 < due < total else "Unknown"


def _settled_by(source: wire.Transaction) -> tuple[PaymentAllocation, ...]:
    """Who settled a document. How much each gave stands in the payment's own lines only."""
    return tuple(
        written.PaymentAllocation(
            payment=written.AllocatedPayment(id=link.TxnId), allocation=written.Allocation()
        )
        for link in source.LinkedTxn or ()
        if link.TxnType in SETTLES and link.TxnId
    )
