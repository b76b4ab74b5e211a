"""Rows of invoices, credit notes and payments: one function a record, one dict a row.

Written from the provider's own documents, apart from the connector's mapping. Amounts stay `Decimal`;
the encoder writes them digit for digit. Source: providers.md §§2.2, 6.
"""

from typing import Any

from tallystick.connectors.sandbox.amounts import ZERO
from tallystick.connectors.sandbox.books import SALES, Allocation, Books, Contact, Document, Line, Payment
from tallystick.connectors.xero.sandbox.dialect import (
    BASES,
    DOCUMENT_TYPES,
    NO_DATE,
    PAYMENT_TYPES,
    TAX_TYPES,
    View,
    net_day,
    unit_amount,
    updated,
)


def _contact_brief(source: Contact) -> dict[str, Any]:
    return {
        "ContactID": source.id,
        "Name": source.name,
        "Addresses": [],
        "Phones": [],
        "ContactGroups": [],
        "ContactPersons": [],
        "HasValidationErrors": False,
    }


def _line(source: Line, books: Books, view: View) -> dict[str, Any]:
    row: dict[str, Any] = {
        "LineItemID": source.id,
        "Description": source.description,
        "UnitAmount": unit_amount(source.unit_price, view),
        "TaxType": TAX_TYPES.get(source.tax_code, source.tax_code),
        "TaxAmount": source.tax,
        "LineAmount": source.amount,
        "AccountCode": source.account_code,
        "AccountID": source.account_id,
        "Tracking": [],
        "Quantity": source.quantity,
        "ValidationErrors": [],
    }
    if source.discount_rate is not None:
        row["DiscountRate"] = source.discount_rate
    if source.discount_amount is not None:
        row["DiscountAmount"] = source.discount_amount
    found = books.items.get(source.item_id) if source.item_id else None
    if found is not None:
        row["ItemCode"] = found.code
        row["Item"] = {"ItemID": found.id, "Name": found.name, "Code": found.code}
    return row


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
        "Contact": _contact_brief(books.contacts[source.contact_id]),
        "DateString": f"{source.issued_on.isoformat()}T00:00:00",
        "Date": net_day(source.issued_on),
        "Status": source.status.upper(),
        "LineAmountTypes": BASES[source.basis],
        **({} if view.summary else {"LineItems": _lines(source, books, view)}),
        "SubTotal": source.sub_total,
        "TotalTax": source.tax,
        "Total": source.total,
        **({"TotalDiscount": source.discount} if source.discount else {}),
        **updated(source.updated_at, view),
        "CurrencyCode": source.currency,
        **_settled_on(source, view),
    }


def _lines(source: Document, books: Books, view: View) -> list[dict[str, Any]]:
    return [_line(line, books, view) for line in source.lines] if view.lines else []


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
        row |= {"CreditNotes": _credit_notes(source, books), "Prepayments": [], "Overpayments": []}
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
            "DateString": f"{allocation.made_on.isoformat()}T00:00:00",
            "Date": net_day(allocation.made_on),
            "LineItems": [],
            "Total": credit.total,
        }
        for allocation, credit in found
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
        row["Allocations"] = [_allocation(each, books) for each in books.allocations_of.get(source.id, ())]
    return row


def _allocation(source: Allocation, books: Books) -> dict[str, Any]:
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
        "Account": {"AccountID": paid_from.id, "Code": paid_from.code, "Name": paid_from.name},
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
            "Contact": _contact_brief(books.contacts[document.contact_id]),
            "LineItems": [],
            "CurrencyCode": document.currency,
        },
        "HasValidationErrors": False,
    }
