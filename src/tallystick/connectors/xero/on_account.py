"""Xero's overpayments and prepayments: money that came before, or beyond, what it is for.

Each is a payment: a part for every document that it has been set against since, and a part on account for
the rest. Its refunds are payments of their own (`payments.RECEIVED`), which lower that last part. Invoices
name it among their allocations by the same id. Source: providers §§2.1, 5 no. 27, 6.3, 6.4.
"""

from decimal import Decimal
from typing import Any, Final

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts
from tallystick.connectors.xero import wire, wire_bank
from tallystick.connectors.xero.words import GONE, PRESENT, day, instant, rate
from tallystick.errors import RecordRejected
from tallystick.standard import (
    BillPaymentLine,
    CalendarDate,
    PaymentLine,
    StandardRecord,
    minus,
    negated,
    written,
)

RECEIVED: Final = ("RECEIVE-OVERPAYMENT", "RECEIVE-PREPAYMENT")
SPENT: Final = ("SPEND-OVERPAYMENT", "SPEND-PREPAYMENT")


def payment(source: wire_bank.OnAccount, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """A payment or a bill payment. Raises: `RecordRejected`."""
    told = (source.Type or "").upper()
    if told not in RECEIVED and told not in SPENT:
        raise RecordRejected(path="$.Type", reason="neither an overpayment nor a prepayment")
    own_id = source.OverpaymentID or source.PrepaymentID
    if not own_id:
        raise RecordRejected(path="$.ID", reason="neither an overpayment's id nor a prepayment's")
    if source.Total is None:
        raise RecordRejected(path="$.Total", reason="the payment has no amount")
    paid = day(source.DateString, source.Date, "$.Date", doubts)
    if paid is None:
        raise RecordRejected(path="$.Date", reason="the payment bears no date")
    parts = _parts(source, source.Total, paid, doubts)
    party = source.Contact or wire.Party()
    shared: dict[str, Any] = {
        "id": own_id,
        "totalAmount": source.Total,
        "currency": source.CurrencyCode or books.base_currency,
        "currencyRate": rate(source.CurrencyRate, "$.CurrencyRate", doubts),
        "date": paid,
        "reference": source.Reference or None,
        "sourceModifiedDate": instant(
            source.UpdatedDateUTC, source.UpdatedDateUTCString, "$.UpdatedDateUTC", doubts
        ),
        # A payment has no word for *void*: what counts no more is gone.
        "metadata": GONE if source.Status in ("VOIDED", "DELETED") else PRESENT,
    }
    if told in RECEIVED:
        doubts.data_type = "payments"
        customer = None
        if party.ContactID:
            customer = written.CustomerRef(id=party.ContactID, companyName=party.Name or None)
        lines = tuple(_line(*part) for part in parts)
        return [written.Payment(customerRef=customer, lines=lines, **shared)]
    doubts.data_type = "billPayments"
    supplier = None
    if party.ContactID:
        supplier = written.SupplierRef(id=party.ContactID, supplierName=party.Name or None)
    bill_lines = tuple(_bill_line(*part) for part in parts)
    return [written.BillPayment(supplierRef=supplier, lines=bill_lines, **shared)]


#: An amount, the document that it is set against (none: on account), and since when.
_Part = tuple[Decimal, str | None, CalendarDate]


def _parts(source: wire_bank.OnAccount, total: Decimal, paid: CalendarDate, doubts: Doubts) -> list[_Part]:
    left, found = total, list[_Part]()
    for place, told in enumerate(source.Allocations or ()):
        amount = told.AppliedAmount if told.Amount is None else told.Amount
        if told.IsDeleted:
            continue
        if amount is None:
            doubts.warn(f"$.Allocations[{place}].Amount", "an allocation without an amount: left out")
            continue
        since = day(told.DateString, told.Date, f"$.Allocations[{place}].Date", doubts)
        document = told.Invoice.InvoiceID if told.Invoice is not None else None
        found.append((amount, document, since or paid))
        left = minus(left, amount)
    return [*found, (left, None, paid)] if left else found


def _line(amount: Decimal, document: str | None, since: CalendarDate) -> PaymentLine:
    link = written.PaymentLineLink(
        type="Invoice" if document else "PaymentOnAccount", id=document, amount=negated(amount)
    )
    return written.PaymentLine(amount=amount, allocatedOnDate=since, links=(link,))


def _bill_line(amount: Decimal, document: str | None, since: CalendarDate) -> BillPaymentLine:
    link = written.BillPaymentLineLink(
        type="Bill" if document else "PaymentOnAccount", id=document, amount=negated(amount)
    )
    return written.BillPaymentLine(amount=amount, allocatedOnDate=since, links=(link,))
