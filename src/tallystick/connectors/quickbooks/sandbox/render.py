"""Documents and orders as QuickBooks writes them: one dict a record. Source: providers.md §§2.3, 6.3, 6.5."""

from datetime import datetime
from typing import Any

from tallystick.connectors.quickbooks.sandbox.numbering import link_key
from tallystick.connectors.quickbooks.sandbox.parts import Parts
from tallystick.connectors.quickbooks.sandbox.render_lists import entity
from tallystick.connectors.sandbox.amounts import ZERO
from tallystick.connectors.sandbox.books import CREDITS, SALES, Document, Order


def document(parts: Parts, source: Document) -> dict[str, Any]:
    """An invoice, a credit memo, a bill or a vendor credit. Of a voided one nothing is left but its lines."""
    void = source.status == "voided"
    sale = source.kind in SALES
    due = ZERO if void else source.due
    row = {
        **entity(parts.number(source.id), source.updated_at),
        "DocNumber": source.number,
        "TxnDate": source.issued_on.isoformat(),
        **parts.currency(source.currency, source.rate),
        **party(parts, source),
        **parts.body(source, "sale" if sale else "purchase", void=void),
        "Balance": due,
        "LinkedTxn": _links(parts, source),
    }
    if source.kind not in CREDITS:
        row["DueDate"] = source.due_on.isoformat()
    if source.kind == "credit_note":
        row["RemainingCredit"] = due
    note = source.reference if not void else f"Voided {source.reference}".strip()
    if note:
        row["PrivateNote"] = note
    return row


def party(parts: Parts, source: Document | Order) -> dict[str, Any]:
    """Who it is with, as fields."""
    if source.kind in SALES:
        return {"CustomerRef": parts.customer(source.contact_id)}
    return {"VendorRef": parts.vendor(source.contact_id), "APAccountRef": parts.control("CREDITORS")}


def _links(parts: Parts, source: Document) -> list[dict[str, str]]:
    """What settled a document, and what it came of: ids, no amounts. How much it was, payments say."""
    books = parts.books
    found: dict[str, str] = {}
    if source.kind in CREDITS:
        ids = [link_key(payment.id) for payment in books.live_payments(source.id)]
    else:
        ids = [payment.batch_id or payment.id for payment in books.live_payments(source.id)]
        ids += [application.on_account_id for application in books.applications_of.get(source.id, ())]
    ids += [allocation.id for allocation in books.allocations_of.get(source.id, ())]
    for id_ in ids:
        found[parts.number(id_)] = "Payment" if source.kind in SALES else "BillPaymentCheck"
    for id_ in parts.orders_of.get(source.id, ()):
        found[parts.number(id_)] = "PurchaseOrder"
    return [{"TxnId": number, "TxnType": kind} for number, kind in found.items()]


def purchase_order(parts: Parts, source: Order) -> dict[str, Any]:
    """An order to a vendor. There are no drafts: it is open until all of it is on a bill."""
    row = {
        **entity(parts.number(source.id), source.updated_at),
        "DocNumber": source.number,
        "TxnDate": source.issued_on.isoformat(),
        **parts.currency(source.currency, source.rate),
        **party(parts, source),
        **parts.body(source, "purchase"),
        "POStatus": "Closed" if source.status == "billed" else "Open",
        "LinkedTxn": [],
    }
    if source.document_id is not None:
        row["LinkedTxn"] = [{"TxnId": parts.number(source.document_id), "TxnType": "Bill"}]
    if source.expected_on is not None:
        row["DueDate"] = source.expected_on.isoformat()
    if source.reference:
        row["PrivateNote"] = source.reference
    return row


def tombstone(number: str, at: datetime) -> dict[str, Any]:
    """All that is told of a transaction that was deleted, and to CDC only (quirk 37)."""
    told = entity(number, at)
    return {
        "domain": "QBO",
        "status": "Deleted",
        "Id": number,
        "MetaData": {"LastUpdatedTime": told["MetaData"]["LastUpdatedTime"]},
    }
