"""Rows of invoices, credit notes, quick entries, payments, allocations and ledger entries: a dict a row.

Written from the provider's own documents, apart from the connector's mapping.
Source: providers.md §§2.4, 6; Sage's description of version 3.1.
"""

from decimal import Decimal
from typing import Any, Final

from tallystick.connectors.sage.sandbox.dialect import (
    DOCUMENT_TYPES,
    PAYMENT_METHODS,
    PAYMENT_TYPES,
    View,
    account_text,
    bank_id,
    contact_ref,
    currency_ref,
    document_ref,
    list_name,
    moment,
    money,
    ref,
    sage_id,
    status,
    tax_id,
)
from tallystick.connectors.sage.sandbox.postings import Posting
from tallystick.connectors.sandbox.amounts import ZERO, cents
from tallystick.connectors.sandbox.books import (
    CREDITS,
    SALES,
    Allocation,
    Books,
    Document,
    Line,
    Payment,
)

_TEN_DIGITS: Final = 10


def _inverse(rate: Decimal) -> Decimal:
    found = Decimal(1) / rate
    return found.quantize(Decimal(1).scaleb(found.adjusted() + 1 - _TEN_DIGITS))


def _line(source: Line, document: Document, books: Books) -> dict[str, Any]:
    inclusive = document.basis == "inclusive"
    net = source.amount - source.tax if inclusive else source.amount
    account, rate = books.accounts[source.account_id], books.tax_rates[source.tax_code]
    item = books.items.get(source.item_id) if source.item_id else None
    row: dict[str, Any] = {
        "id": sage_id(source.id),
        "displayed_as": source.description,
        "description": source.description,
        "product": None,
        "service": None,
        "ledger_account": ref("ledger_accounts", sage_id(account.id), account_text(account)),
        "quantity": money(source.quantity),
        "unit_price": money(source.unit_price),
        "unit_price_includes_tax": inclusive,
        "net_amount": money(net),
        "tax_rate": ref("tax_rates", tax_id(rate.code), rate.name),
        "tax_amount": money(source.tax),
        "total_amount": money(net + source.tax),
        "analysis_type_categories": [],
    }
    if item is not None:
        kind = "product" if item.purchase_price is not None else "service"
        row[kind] = ref(f"{kind}s", sage_id(item.id), item.name)
    if document.kind in SALES:
        row["discount_amount"] = money(source.discount)
        row["discount_percentage"] = money(source.discount_rate or ZERO)
    return row


def _allocations(source: Document, books: Books) -> list[dict[str, Any]]:
    found = [
        {
            "date": payment.paid_on.isoformat(),
            "type": PAYMENT_TYPES[payment.kind],
            "reference": payment.reference,
            "amount": money(payment.amount),
            "discount": money(ZERO),
            "contact_allocation": None,
            "artefact": None,
            "contact_payment": ref("contact_payments", sage_id(payment.id), payment.reference),
            "displayed_as": payment.reference,
        }
        for payment in books.live_payments(source.id)
    ]
    for allocation in books.allocations_of.get(source.id, ()):
        other_id = allocation.document_id if source.kind in CREDITS else allocation.credit_id
        other = books.documents[other_id]
        found.append(
            {
                "date": allocation.made_on.isoformat(),
                "type": "ALLOCATION",
                "reference": other.reference,
                "amount": money(allocation.amount),
                "discount": money(ZERO),
                "contact_allocation": ref("contact_allocations", sage_id(allocation.id), "Allocation"),
                "artefact": document_ref(other),
                "contact_payment": None,
                "displayed_as": other.number,
            }
        )
    return found


def _head(source: Document, books: Books) -> dict[str, Any]:
    id_ = sage_id(source.id)
    row = {
        "id": id_,
        "displayed_as": source.number or "Purchase invoice",
        "$path": f"/{list_name(source)}/{id_}",
        "created_at": moment(source.created_at),
        "updated_at": moment(source.updated_at),
        "transaction": ref("transactions", id_, source.number),
        "transaction_type": ref("transaction_types", DOCUMENT_TYPES[source.kind], source.kind),
        "deleted_at": moment(source.updated_at) if source.status == "deleted" else None,
        "contact": contact_ref(source.contact_id, books),
        "contact_name": books.contacts[source.contact_id].name,
        "date": source.issued_on.isoformat(),
        "reference": source.reference,
        "net_amount": money(source.sub_total),
        "tax_amount": money(source.tax),
        "total_amount": money(source.total),
        "outstanding_amount": money(ZERO if source.status in {"voided", "deleted"} else source.due),
        "currency": currency_ref(source.currency),
        "exchange_rate": money(source.rate),
        "inverse_exchange_rate": money(_inverse(source.rate)),
        "base_currency_net_amount": money(cents(source.sub_total / source.rate)),
        "base_currency_total_amount": money(cents(source.total / source.rate)),
        "status": status(source),
        "migrated": False,
    }
    if source.kind not in CREDITS:
        row["due_date"] = source.due_on.isoformat()
    return row


def document(source: Document, books: Books, view: View) -> dict[str, Any]:
    """A row of one of the four lists of documents."""
    credit, sale = source.kind in CREDITS, source.kind in SALES
    row = {
        **_head(source, books),
        "total_paid": money(source.paid + source.credited),
        "last_paid": source.settled_on.isoformat() if source.settled_on else None,
        "void_reason": "Entered twice" if source.status == "voided" else None,
        "notes": "",
        "credit_note_lines" if credit else "invoice_lines": [
            _line(line, source, books) for line in source.lines
        ],
    }
    if sale:
        prefix, _, number = source.number.partition("-")
        name = "credit_note" if credit else "invoice"
        row |= {
            f"{name}_number_prefix": f"{prefix}-",
            f"{name}_number": number,
            "total_discount_amount": money(source.discount),
            "shipping_net_amount": money(ZERO),
            "shipping_tax_amount": money(ZERO),
            "shipping_total_amount": money(ZERO),
            "shipping_tax_rate": None,
            "sent": source.sent,
        }
    else:
        row["vendor_reference"] = source.number
    if view.allocations:
        row["payments_allocations"] = _allocations(source, books)
    return row


def quick_entry(source: Document, books: Books, view: View) -> dict[str, Any]:
    """A row of one of the two lists of quick entries: one line's worth, and no line."""
    (line,) = source.lines
    account, rate = books.accounts[line.account_id], books.tax_rates[line.tax_code]
    credit = source.kind in CREDITS
    row = {
        **_head(source, books),
        "quick_entry_type": ref(
            "quick_entry_types",
            "CREDIT_NOTE" if credit else "INVOICE",
            "Credit note" if credit else "Invoice",
        ),
        "reference": source.number or source.reference,
        "due_date": source.due_on.isoformat(),
        "ledger_account": ref("ledger_accounts", sage_id(account.id), account_text(account)),
        "details": line.description,
        "tax_rate": ref("tax_rates", tax_id(rate.code), rate.name),
        "analysis_type_categories": [],
        "migrated": True,
    }
    if view.allocations:
        row["payments_allocations"] = _allocations(source, books)
    return row


def payment(source: Payment, books: Books, _view: View) -> dict[str, Any]:
    """A row of `contact_payments`."""
    paid, bank = books.documents[source.document_id], books.accounts[source.account_id]
    id_ = sage_id(source.id)
    made = f"{source.paid_on.isoformat()}T00:00:00Z"  # never moves, whatever is changed
    return {
        "id": id_,
        "displayed_as": source.reference or "Payment",
        "$path": f"/contact_payments/{id_}",
        "created_at": made,
        "updated_at": moment(source.updated_at),
        "transaction": ref("transactions", id_, source.reference),
        "transaction_type": ref("transaction_types", PAYMENT_TYPES[source.kind], source.kind),
        "deleted_at": moment(source.updated_at) if source.status == "deleted" else None,
        "payment_method": ref("payment_methods", "ELECTRONIC", PAYMENT_METHODS["ELECTRONIC"]),
        "contact": contact_ref(paid.contact_id, books),
        "bank_account": ref("bank_accounts", bank_id(bank.id), account_text(bank)),
        "date": source.paid_on.isoformat(),
        "net_amount": money(source.amount),
        "tax_amount": money(ZERO),
        "total_amount": money(source.amount),
        "currency": currency_ref(paid.currency),
        "exchange_rate": money(source.rate),
        "base_currency_total_amount": money(cents(source.amount / source.rate)),
        "reference": source.reference,
        "allocated_artefacts": [
            {
                "id": f"{id_[:30]}0a",
                "artefact": document_ref(paid),
                "amount": money(source.amount),
                "discount": money(ZERO),
            }
        ],
        "tax_rate": None,
        "payment_on_account": None,
        "editable": True,
    }


def allocation(source: Allocation, books: Books, _view: View) -> dict[str, Any]:
    """A row of `contact_allocations`: what is settled has a plus, what is used up a minus."""
    credit, settled = books.documents[source.credit_id], books.documents[source.document_id]
    id_, side = sage_id(source.id), "CUSTOMER" if credit.kind in SALES else "VENDOR"
    made = f"{source.made_on.isoformat()}T00:00:00Z"
    return {
        "id": id_,
        "displayed_as": "Allocation",
        "$path": f"/contact_allocations/{id_}",
        "created_at": made,
        "updated_at": made,
        "transaction": ref("transactions", id_, "Allocation"),
        "transaction_type": ref("transaction_types", f"{side}_ALLOCATION", "Allocation"),
        "deleted_at": None,
        "date": source.made_on.isoformat(),
        "contact": contact_ref(credit.contact_id, books),
        "allocated_artefacts": [
            {"id": f"{id_[:30]}0b", "artefact": document_ref(settled), "amount": money(source.amount)},
            {"id": f"{id_[:30]}0c", "artefact": document_ref(credit), "amount": money(-source.amount)},
        ],
    }


def ledger_entry(source: Posting, books: Books, _view: View) -> dict[str, Any]:
    """A row of `ledger_entries`."""
    account, cause = books.accounts[source.account_id], source.cause
    if isinstance(cause, Payment):
        kind, origin = PAYMENT_TYPES[cause.kind], ref("contact_payments", sage_id(cause.id), cause.reference)
        reference = cause.reference
    else:
        kind, origin, reference = DOCUMENT_TYPES[cause.kind], document_ref(cause), cause.number
    transaction = ref("transactions", sage_id(cause.id), reference)
    return {
        "id": sage_id(source.id),
        "displayed_as": reference,
        "$path": f"/ledger_entries/{sage_id(source.id)}",
        "created_at": moment(source.updated_at),
        "updated_at": moment(source.updated_at),
        "date": source.posted_on.isoformat(),
        "credit": money(max(ZERO, -source.amount)),
        "debit": money(max(ZERO, source.amount)),
        "ledger_account": ref("ledger_accounts", sage_id(account.id), account_text(account)),
        "transaction": {
            **transaction,
            "reference": reference,
            "transaction_type": ref("transaction_types", kind, kind),
            "origin": origin,
        },
        "contact": None,
        "deleted": source.deleted,
        "description": reference,
        "journal_code": None,
    }
