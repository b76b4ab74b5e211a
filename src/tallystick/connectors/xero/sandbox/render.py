"""Rows of invoices, credit notes, orders and payments: one function a record, one dict a row.

Written from the provider's own documents, apart from the connector's mapping. Amounts stay `Decimal`;
the encoder writes them digit for digit. Source: providers.md §§2.2, 6.
"""

from typing import Any

from tallystick.connectors.sandbox.amounts import ZERO
from tallystick.connectors.sandbox.books import (
    SALES,
    Allocation,
    Application,
    Books,
    Document,
    OnAccountKind,
    Order,
    Payment,
    PaymentBatch,
)
from tallystick.connectors.xero.sandbox.dialect import (
    BASES,
    DOCUMENT_TYPES,
    NO_DATE,
    PAYMENT_TYPES,
    View,
    dated,
    net_day,
    updated,
)
from tallystick.connectors.xero.sandbox.render_parts import account_brief, contact_brief, lines


def _payments(document: Document, books: Books) -> list[dict[str, Any]]:
    return [
        {
            "PaymentID": payment.id,
            "Date": net_day(payment.paid_on),
            "Amount": payment.amount,
            "Reference": payment.reference,
            "CurrencyRate": payment.rate,
            "HasAccount": False,
            "HasValidationErrors": False,
        }
        for payment in books.live_payments(document.id)
    ]


def _document(source: Document, books: Books, view: View) -> dict[str, Any]:
    """What invoices, bills and credit notes have in common."""
    return {
        "Type": DOCUMENT_TYPES[source.kind],
        "Reference": source.reference,
        **({} if view.summary else {"Payments": _payments(source, books)}),
        "CurrencyRate": source.rate,
        "HasErrors": False,
        "IsDiscounted": source.discount != 0,
        "HasAttachments": False,
        "Contact": contact_brief(books.contacts[source.contact_id]),
        **dated(source.issued_on),
        "Status": source.status.upper(),
        "LineAmountTypes": BASES[source.basis],
        **({} if view.summary else {"LineItems": lines(source.lines, books, view)}),
        "SubTotal": source.sub_total,
        "TotalTax": source.tax,
        "Total": source.total,
        **({"TotalDiscount": source.discount} if source.discount else {}),
        **updated(source.updated_at, view),
        "CurrencyCode": source.currency,
        **_settled_on(source, view),
    }


def _settled_on(source: Document, view: View) -> dict[str, str]:
    if source.settled_on is not None:
        return {"FullyPaidOnDate": net_day(source.settled_on)}
    return {"FullyPaidOnDate": NO_DATE} if view.zero_dates else {}


def invoice(source: Document, books: Books, view: View) -> dict[str, Any]:
    """A row of `Invoices`: ours to a customer, or a supplier's to us."""
    row = {
        "InvoiceID": source.id,
        "InvoiceNumber": source.number,
        **_document(source, books, view),
        "AmountDue": ZERO if source.status in {"voided", "deleted"} else source.due,
        "AmountPaid": source.paid,
        "AmountCredited": source.credited,
        "DueDateString": f"{source.due_on.isoformat()}T00:00:00",
        "DueDate": net_day(source.due_on),
    }
    if source.kind in SALES:
        row["SentToContact"] = source.sent
    if not view.summary:
        row |= {
            "CreditNotes": _credit_notes(source, books),
            "Prepayments": _on_account("prepayment", source, books),
            "Overpayments": _on_account("overpayment", source, books),
        }
    if view.zero_dates and source.status == "draft":
        row["DueDate"] = NO_DATE
        del row["DueDateString"]
    return row


def _credit_notes(source: Document, books: Books) -> list[dict[str, Any]]:
    found = ((each, books.documents[each.credit_id]) for each in books.allocations_of.get(source.id, ()))
    return [
        {
            "CreditNoteID": credit.id,
            "CreditNoteNumber": credit.number,
            "ID": credit.id,
            "HasErrors": False,
            "AppliedAmount": allocation.amount,
            **dated(allocation.made_on),
            "LineItems": [],
            "Total": credit.total,
        }
        for allocation, credit in found
    ]


def _on_account(kind: OnAccountKind, source: Document, books: Books) -> list[dict[str, Any]]:
    """What of a customer's or a supplier's money on account was set against a document."""
    found = (
        (each, books.on_account[each.on_account_id]) for each in books.applications_of.get(source.id, ())
    )
    return [
        {
            f"{kind.capitalize()}ID": paid.id,
            "ID": paid.id,
            "HasErrors": False,
            "AppliedAmount": application.amount,
            **dated(application.made_on),
            "CurrencyRate": paid.rate,
            "LineItems": [],
            "Total": paid.amount,
        }
        for application, paid in found
        if paid.kind == kind
    ]


def credit_note(source: Document, books: Books, view: View) -> dict[str, Any]:
    """A row of `CreditNotes`."""
    row = {
        "CreditNoteID": source.id,
        "CreditNoteNumber": source.number,
        "ID": source.id,
        **_document(source, books, view),
        "RemainingCredit": ZERO if source.status in {"voided", "deleted"} else source.due,
    }
    if not view.summary:
        row["Allocations"] = [allocation(each, books) for each in books.allocations_of.get(source.id, ())]
    return row


def allocation(source: Allocation | Application, books: Books) -> dict[str, Any]:
    """What of a credit note, or of money on account, was set against a document."""
    return {
        "AllocationID": source.id,
        "Amount": source.amount,
        "Date": net_day(source.made_on),
        "Invoice": {
            "InvoiceID": source.document_id,
            "InvoiceNumber": books.documents[source.document_id].number,
            "LineItems": [],
        },
        "IsDeleted": False,
    }


def payment(source: Payment, books: Books, view: View) -> dict[str, Any]:
    """A row of `Payments`; a credit note's refund names the credit note as its invoice."""
    document = books.documents[source.document_id]
    paid_from = books.accounts[source.account_id]

    def truth(value: bool) -> bool | str:
        return str(value).lower() if view.text_booleans else value

    return {
        "PaymentID": source.id,
        "Date": net_day(source.paid_on),
        "BankAmount": source.bank_amount,
        "Amount": source.amount,
        "Reference": source.reference,
        "CurrencyRate": source.rate,
        "PaymentType": PAYMENT_TYPES[source.kind],
        "Status": source.status.upper(),
        **updated(source.updated_at, view),
        "HasAccount": truth(True),
        "IsReconciled": truth(source.reconciled),
        "Account": account_brief(paid_from),
        **({} if source.batch_id is None else _batch(books.batches[source.batch_id], books, view)),
        "Invoice": {
            "Type": DOCUMENT_TYPES[document.kind],
            "InvoiceID": document.id,
            "InvoiceNumber": document.number,
            "Payments": [],
            "CreditNotes": [],
            "Prepayments": [],
            "Overpayments": [],
            "HasErrors": False,
            "IsDiscounted": document.discount != 0,
            "Contact": contact_brief(books.contacts[document.contact_id]),
            "LineItems": [],
            "CurrencyCode": document.currency,
        },
        "HasValidationErrors": False,
    }


def _batch(source: PaymentBatch, books: Books, view: View) -> dict[str, Any]:
    """The sum of money that a payment is a part of (quirk 28)."""
    parts = [books.payments[id_] for id_ in source.payment_ids]
    return {
        "BatchPaymentID": source.id,
        "BatchPayment": {
            "Account": {"AccountID": source.account_id},
            "BatchPaymentID": source.id,
            "Date": net_day(source.paid_on),
            "Type": "RECBATCH" if source.side == "sales" else "PAYBATCH",
            "Status": parts[0].status.upper(),
            "TotalAmount": format(sum((part.amount for part in parts), ZERO), "f"),
            "UpdatedDateUTC": updated(source.updated_at, view)["UpdatedDateUTC"],
            "IsReconciled": parts[0].reconciled,
        },
    }


def purchase_order(source: Order, books: Books, view: View) -> dict[str, Any]:
    """A row of `PurchaseOrders`."""
    expected: dict[str, str] = {}
    if source.expected_on is not None:
        text, net = f"{source.expected_on.isoformat()}T00:00:00", net_day(source.expected_on)
        for name in ("DeliveryDate", "ExpectedArrivalDate"):
            expected |= {f"{name}String": text, name: net}
    return {
        "PurchaseOrderID": source.id,
        "PurchaseOrderNumber": source.number,
        **dated(source.issued_on),
        **expected,
        "AttentionTo": "",
        "Telephone": "",
        "DeliveryInstructions": "",
        "HasErrors": False,
        "IsDiscounted": source.discount != 0,
        "Reference": source.reference,
        "SentToContact": source.status in {"authorised", "billed"},
        "CurrencyRate": source.rate,
        "CurrencyCode": source.currency,
        "Contact": contact_brief(books.contacts[source.contact_id]),
        "Status": source.status.upper(),
        "LineAmountTypes": BASES[source.basis],
        "LineItems": lines(source.lines, books, view),
        "SubTotal": source.sub_total,
        "TotalTax": source.tax,
        "Total": source.total,
        **({"TotalDiscount": source.discount} if source.discount else {}),
        **updated(source.updated_at, view),
        "HasAttachments": False,
    }
