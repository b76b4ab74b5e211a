"""What settles documents, as QuickBooks writes it: payments, credits that were used up or given back.

Source: providers.md §§5 no. 43, 6.4.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Final

from tallystick.connectors.quickbooks.sandbox.dialect import ENTITIES
from tallystick.connectors.quickbooks.sandbox.numbering import link_key
from tallystick.connectors.quickbooks.sandbox.parts import Parts
from tallystick.connectors.quickbooks.sandbox.render import party
from tallystick.connectors.quickbooks.sandbox.render_lists import entity
from tallystick.connectors.sandbox.amounts import ZERO
from tallystick.connectors.sandbox.books import SALES, Allocation, Document, OnAccount, Payment

LINKS_CREDITS: Final = "Created by QB Online to link credits to charges."


def received(parts: Parts, source: Sequence[Payment]) -> dict[str, Any]:
    """Money from a customer, for one invoice or for several."""
    first = source[0]
    document = parts.books.documents[first.document_id]
    return {
        **_paid(parts, source),
        **parts.method(first.method_id),
        "CustomerRef": parts.customer(document.contact_id),
        "PaymentRefNum": _reference(parts, first),
        "DepositToAccountRef": parts.account(first.account_id),
        "UnappliedAmt": ZERO,
        "ProcessPayment": False,
    }


def spent(parts: Parts, source: Sequence[Payment]) -> dict[str, Any]:
    """Money to a vendor, for one bill or for several."""
    first = source[0]
    document = parts.books.documents[first.document_id]
    return {
        **_paid(parts, source),
        **party(parts, document),
        "DocNumber": _reference(parts, first),
        **_from(parts, first.account_id),
    }


def _reference(parts: Parts, source: Payment) -> str:
    return source.reference if source.batch_id is None else parts.books.batches[source.batch_id].reference


def _paid(parts: Parts, source: Sequence[Payment]) -> dict[str, Any]:
    first, books = source[0], parts.books
    at = max(payment.updated_at for payment in source)
    return {
        **entity(parts.number(first.batch_id or first.id), at),
        "TxnDate": first.paid_on.isoformat(),
        **parts.currency(books.documents[first.document_id].currency, first.rate),
        "TotalAmt": sum((payment.amount for payment in source), ZERO),
        "Line": [_settles(parts, books.documents[each.document_id], each.amount) for each in source],
    }


def _from(parts: Parts, account_id: str) -> dict[str, Any]:
    if parts.books.accounts[account_id].bank_kind == "credit_card":
        return {"PayType": "CreditCard", "CreditCardPayment": {"CCAccountRef": parts.account(account_id)}}
    told = {"BankAccountRef": parts.account(account_id), "PrintStatus": "NotSet"}
    return {"PayType": "Check", "CheckPayment": told}


def on_account(parts: Parts, source: OnAccount) -> dict[str, Any]:
    """Money that was for nothing in particular: what of it was used since stands in its lines.

    What is left of a customer's is told; of what a vendor has, it is what the lines do not come to.
    """
    void = source.status == "voided"
    applied = () if void else parts.books.applications_of.get(source.id, ())
    documents = parts.books.documents
    told = {
        **entity(parts.number(source.id), source.updated_at),
        "TxnDate": source.paid_on.isoformat(),
        **parts.currency(source.currency, source.rate),
        "TotalAmt": ZERO if void else source.amount,
        "Line": [_settles(parts, documents[each.document_id], each.amount) for each in applied],
        "PrivateNote": "Voided" if void else source.kind.title(),
    }
    if source.side == "purchases":
        vendor = {"VendorRef": parts.vendor(source.contact_id), "APAccountRef": parts.control("CREDITORS")}
        return {**told, **vendor, "DocNumber": source.reference, **_from(parts, source.account_id)}
    return {
        **told,
        **parts.method(source.method_id),
        "CustomerRef": parts.customer(source.contact_id),
        "PaymentRefNum": source.reference,
        "DepositToAccountRef": parts.account(source.account_id),
        "UnappliedAmt": ZERO if void else source.left,
        "ProcessPayment": False,
    }


def credit_applied(parts: Parts, source: Allocation) -> dict[str, Any]:
    """A credit that was set against a document: a payment of nothing (quirk 43)."""
    credit, document = (parts.books.documents[id_] for id_ in (source.credit_id, source.document_id))
    lines = [_settles(parts, each, source.amount) for each in (document, credit)]
    at = max(_noon(source.made_on), credit.created_at, document.created_at)
    return _linking(parts, source.id, credit, source.made_on, at, lines)


def credit_given_back(parts: Parts, source: Payment) -> dict[str, Any]:
    """Which credit money was given back for: a payment of nothing, beside the money itself."""
    credit = parts.books.documents[source.document_id]
    money = {"TxnId": parts.number(source.id), "TxnType": "Check" if credit.kind in SALES else "Deposit"}
    lines = [
        _settles(parts, credit, source.amount),
        {"Amount": source.amount, "LinkedTxn": [money]},
    ]
    return _linking(parts, link_key(source.id), credit, source.paid_on, source.updated_at, lines)


def _linking(
    parts: Parts, id_: str, credit: Document, day: date, at: datetime, lines: list[dict[str, Any]]
) -> dict[str, Any]:
    told = {
        **entity(parts.number(id_), at),
        **party(parts, credit),
        **parts.currency(credit.currency, credit.rate),
        "TxnDate": day.isoformat(),
        "PrivateNote": LINKS_CREDITS,
        "TotalAmt": ZERO,
        "Line": lines,
    }
    if credit.kind in SALES:
        return {**told, "UnappliedAmt": ZERO, "ProcessPayment": False}
    return {**told, "PayType": "Check"}


def _settles(parts: Parts, document: Document, amount: Decimal) -> dict[str, Any]:
    link = {"TxnId": parts.number(document.id), "TxnType": ENTITIES[document.kind]}
    return {"Amount": amount, "LinkedTxn": [link]}


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def refund(parts: Parts, source: Payment) -> dict[str, Any]:
    """Money back to a customer: a cheque to what customers owe."""
    document = parts.books.documents[source.document_id]
    line = {
        "Id": "1",
        "Amount": source.amount,
        "DetailType": "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail": {
            "AccountRef": parts.control("DEBTORS"),
            "BillableStatus": "NotBillable",
        },
    }
    return {
        **_given_back(parts, source, document, line),
        "AccountRef": parts.account(source.account_id),
        "PaymentType": "Check",
        "EntityRef": parts.customer(document.contact_id, type="Customer"),
        "Credit": False,
    }


def refund_banked(parts: Parts, source: Payment) -> dict[str, Any]:
    """Money back from a vendor: a deposit from what is owed to vendors."""
    document = parts.books.documents[source.document_id]
    line = {
        "Id": "1",
        "LineNum": 1,
        "Amount": source.amount,
        "DetailType": "DepositLineDetail",
        "DepositLineDetail": {
            "Entity": parts.vendor(document.contact_id, type="VENDOR"),
            "AccountRef": parts.control("CREDITORS"),
        },
    }
    return {
        **_given_back(parts, source, document, line),
        "DepositToAccountRef": parts.account(source.account_id),
    }


def _given_back(parts: Parts, source: Payment, document: Document, line: dict[str, Any]) -> dict[str, Any]:
    return {
        **entity(parts.number(source.id), source.updated_at),
        "TxnDate": source.paid_on.isoformat(),
        **parts.currency(document.currency, source.rate),
        "TotalAmt": source.amount,
        "PrivateNote": source.reference,
        "Line": [line],
    }
