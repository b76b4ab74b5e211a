"""Xero's payments: money in from customers or out to suppliers, and the refunds of both.

One Xero payment pays one document, so it has one line with one link. A refund is negative and its link
positive. Source: providers §6.4; signs: the head of api-contract §3.
"""

from decimal import Decimal
from typing import Final

from attrs import frozen

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts
from tallystick.connectors.xero import wire
from tallystick.connectors.xero.words import GONE, PRESENT, account_ref, day, instant, rate
from tallystick.errors import RecordRejected
from tallystick.standard import (
    AccountRef,
    BillPayment,
    BillPaymentLinkType,
    CalendarDate,
    Payment,
    PaymentLinkType,
    StandardRecord,
    calendar_day,
    negated,
    written,
)


@frozen
class _Kind:
    """What one of Xero's payment types pays, and which way the money goes."""

    pays: PaymentLinkType
    refund: bool


@frozen
class _BillKind:
    """The same on the suppliers' side."""

    pays: BillPaymentLinkType
    refund: bool


RECEIVED: Final = {
    "ACCRECPAYMENT": _Kind("Invoice", False),
    "ARCREDITPAYMENT": _Kind("CreditNote", True),
    "AROVERPAYMENTPAYMENT": _Kind("PaymentOnAccount", True),
    "ARPREPAYMENTPAYMENT": _Kind("PaymentOnAccount", True),
}
SPENT: Final = {
    "ACCPAYPAYMENT": _BillKind("Bill", False),
    "APCREDITPAYMENT": _BillKind("CreditNote", True),
    "APOVERPAYMENTPAYMENT": _BillKind("PaymentOnAccount", True),
    "APPREPAYMENTPAYMENT": _BillKind("PaymentOnAccount", True),
}
#: The payment type that goes with a document's type, where Xero left the first out.
BY_DOCUMENT: Final = {
    "ACCREC": "ACCRECPAYMENT",
    "ACCRECCREDIT": "ARCREDITPAYMENT",
    "ACCPAY": "ACCPAYPAYMENT",
    "ACCPAYCREDIT": "APCREDITPAYMENT",
}


def payment(source: wire.Payment, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """A payment or a bill payment. Raises: `RecordRejected`."""
    document = document_of(source)
    told = kind_of(source, document)
    if source.Amount is None:
        raise RecordRejected(path="$.Amount", reason="the payment has no amount")
    if told in RECEIVED:
        return [_received(source, document, RECEIVED[told], source.Amount, books, doubts)]
    if told in SPENT:
        return [_spent(source, document, SPENT[told], source.Amount, books, doubts)]
    raise RecordRejected(path="$.PaymentType", reason="neither from a customer nor to a supplier")


def document_of(source: wire.Payment) -> wire.PaidDocument:
    """What a payment pays or refunds."""
    document = source.Invoice or source.CreditNote or source.Prepayment or source.Overpayment
    return document or wire.PaidDocument()


def kind_of(source: wire.Payment, document: wire.PaidDocument) -> str:
    """Its payment type: a key of `RECEIVED` or `SPENT`, unless Xero has a new one."""
    return source.PaymentType or BY_DOCUMENT.get(document.Type or "", "")


def _received(
    source: wire.Payment,
    document: wire.PaidDocument,
    kind: _Kind,
    told: Decimal,
    books: Books,
    doubts: Doubts,
) -> Payment:
    doubts.data_type = "payments"
    amount = negated(told) if kind.refund else told
    paid = date_of(source, doubts)
    party = document.Contact or wire.Party()
    document_id = _document_id(document)
    link = written.PaymentLineLink(
        type=kind.pays if document_id else "Unlinked", id=document_id, amount=negated(amount)
    )
    return written.Payment(
        id=source.PaymentID,
        customerRef=written.CustomerRef(id=party.ContactID, companyName=party.Name or None)
        if party.ContactID
        else None,
        accountRef=_account(source, books, doubts),
        totalAmount=amount,
        currency=document.CurrencyCode or books.base_currency,
        currencyRate=rate(source.CurrencyRate, "$.CurrencyRate", doubts),
        date=paid,
        lines=(written.PaymentLine(amount=amount, allocatedOnDate=paid, links=(link,)),),
        reference=source.Reference or None,
        sourceModifiedDate=instant(
            source.UpdatedDateUTC, source.UpdatedDateUTCString, "$.UpdatedDateUTC", doubts
        ),
        metadata=GONE if source.Status == "DELETED" else PRESENT,
    )


def _spent(
    source: wire.Payment,
    document: wire.PaidDocument,
    kind: _BillKind,
    told: Decimal,
    books: Books,
    doubts: Doubts,
) -> BillPayment:
    doubts.data_type = "billPayments"
    amount = negated(told) if kind.refund else told
    paid = date_of(source, doubts)
    party = document.Contact or wire.Party()
    document_id = _document_id(document)
    link = written.BillPaymentLineLink(
        type=kind.pays if document_id else "Unlinked", id=document_id, amount=negated(amount)
    )
    return written.BillPayment(
        id=source.PaymentID,
        supplierRef=written.SupplierRef(id=party.ContactID, supplierName=party.Name or None)
        if party.ContactID
        else None,
        accountRef=_account(source, books, doubts),
        totalAmount=amount,
        currency=document.CurrencyCode or books.base_currency,
        currencyRate=rate(source.CurrencyRate, "$.CurrencyRate", doubts),
        date=paid,
        lines=(written.BillPaymentLine(amount=amount, allocatedOnDate=paid, links=(link,)),),
        reference=source.Reference or None,
        sourceModifiedDate=instant(
            source.UpdatedDateUTC, source.UpdatedDateUTCString, "$.UpdatedDateUTC", doubts
        ),
        metadata=GONE if source.Status == "DELETED" else PRESENT,
    )


def _document_id(document: wire.PaidDocument) -> str | None:
    """A credit note may come as an `Invoice` whose id is the credit note's."""
    return (
        document.InvoiceID
        or document.CreditNoteID
        or document.PrepaymentID
        or document.OverpaymentID
        or document.ID
    )


def _account(source: wire.Payment, books: Books, doubts: Doubts) -> AccountRef | None:
    if source.Account is None:
        return None
    found = account_ref(source.Account.AccountID, source.Account.Code, books, "$.Account.Code", doubts)
    if found is None or not source.Account.Name:
        return found
    return written.AccountRef(id=found.id, name=source.Account.Name)


def date_of(source: wire.Payment, doubts: Doubts) -> CalendarDate:
    """The day of payment, else that of the last change. Raises: `RecordRejected`."""
    found = day(source.DateString, source.Date, "$.Date", doubts)
    if found is not None:
        return found
    changed = instant(source.UpdatedDateUTC, source.UpdatedDateUTCString, "$.UpdatedDateUTC", Doubts([]))
    if changed is None:
        raise RecordRejected(path="$.Date", reason="the payment bears no date")
    doubts.warn("$.Date", "the payment bears no date: that of its last change stands in")
    return calendar_day(changed.date())
