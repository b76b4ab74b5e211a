"""Rows of invoices, credit notes and quick entries: a dict a row.

Written from the provider's own documents, apart from the connector's mapping.
Source: providers.md §§2.4, 6; Sage's description of version 3.1.
"""

from decimal import Decimal
from typing import Any, Final

from tallystick.connectors.sage.sandbox.dialect import (
    DOCUMENT_TYPES,
    ITEM_LISTS,
    PAYMENT_TYPES,
    View,
    account_text,
    batch_id,
    category_refs,
    contact_ref,
    currency_ref,
    document_ref,
    list_name,
    moment,
    money,
    on_account_ref,
    ref,
    sage_id,
    status,
    tax_id,
)
from tallystick.connectors.sandbox.amounts import ZERO, cents
from tallystick.connectors.sandbox.books import (
    CREDITS,
    SALES,
    Books,
    Document,
    ItemKind,
    Line,
)
from tallystick.connectors.sandbox.reliefs import base_total

_TEN_DIGITS: Final = 10
#: Stock has no field of its own on a line: its path tells it from other products.
_ITEM_FIELDS: Final[dict[ItemKind, str]] = {"product": "product", "service": "service", "stock": "product"}


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
        **dict.fromkeys(_ITEM_FIELDS.values()),
        "ledger_account": ref("ledger_accounts", sage_id(account.id), account_text(account)),
        "quantity": money(source.quantity),
        "unit_price": money(source.unit_price),
        "unit_price_includes_tax": inclusive,
        "net_amount": money(net),
        "tax_rate": ref("tax_rates", tax_id(rate.code), rate.name),
        "tax_amount": money(source.tax),
        "total_amount": money(net + source.tax),
        "analysis_type_categories": category_refs(source.tracking, books),
    }
    if item is not None:
        row[_ITEM_FIELDS[item.kind]] = ref(ITEM_LISTS[item.kind], sage_id(item.id), item.name)
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
            "contact_payment": ref("contact_payments", batch_id(payment), payment.reference),
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
    for application in books.applications_of.get(source.id, ()):
        paid = books.on_account[application.on_account_id]
        found.append(
            {
                "date": application.made_on.isoformat(),
                "type": "ALLOCATION",
                "reference": paid.reference,
                "amount": money(application.amount),
                "discount": money(ZERO),
                "contact_allocation": ref("contact_allocations", sage_id(application.id), "Allocation"),
                "artefact": on_account_ref(paid.id, paid.reference),
                "contact_payment": None,
                "displayed_as": paid.reference,
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
        "base_currency_total_amount": money(base_total(source)),
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
        "analysis_type_categories": category_refs(line.tracking, books),
        "migrated": True,
    }
    if view.allocations:
        row["payments_allocations"] = _allocations(source, books)
    return row
