"""Sage's words, ids, numbers and moments, for neutral books. Source: providers.md §§3.5, 3.6, 6."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from attrs import frozen

from tallystick.connectors.sandbox.books import (
    Account,
    BankKind,
    Books,
    Document,
    DocumentKind,
    DocumentStatus,
    ItemKind,
    MethodKind,
    Payment,
    Side,
)

#: A ledger account's type and the classification that goes with it.
ACCOUNT_TYPES: Final = {
    "bank": ("BANK", "Bank"),
    "current_asset": ("CURRENT_ASSETS", "Current Assets"),
    "fixed_asset": ("FIXED_ASSETS", "Fixed Assets"),
    "current_liability": ("CURRENT_LIABILITY", "Current Liabilities"),
    "long_term_liability": ("FUTURE_LIABILITY", "Long Term Liabilities"),
    "equity": ("EQUITY", "Equity"),
    "income": ("SALES", "Sales"),
    "other_income": ("OTHER_INCOME", "Other Income"),
    "cost_of_sales": ("DIRECT_EXPENSES", "Direct Expenses"),
    "expense": ("OVERHEADS", "Overheads"),
    "depreciation": ("DEPRECIATION", "Depreciation"),
}
#: Sage has one rate for both sides; here each side keeps its own, so that no record is lost.
TAX_IDS: Final = {
    "S20": "GB_STANDARD",
    "P20": "GB_STANDARD_PURCHASES",
    "S5": "GB_LOWER",
    "P5": "GB_LOWER_PURCHASES",
    "S0": "GB_ZERO",
    "P0": "GB_ZERO_PURCHASES",
    "SE": "GB_EXEMPT",
    "PE": "GB_EXEMPT_PURCHASES",
    "NONE": "GB_NO_TAX",
    "RC20": "GB_REVERSE_CHARGE",
}
BANK_TYPES: Final[dict[BankKind, tuple[str, str]]] = {
    "current": ("CHECKING", "Current"),
    "savings": ("SAVINGS", "Savings"),
    "credit_card": ("CREDIT_CARD", "Credit Card"),
}
#: The list that an item is in.
ITEM_LISTS: Final[dict[ItemKind, str]] = {
    "product": "products",
    "service": "services",
    "stock": "stock_items",
}
#: The list that a document is in, and its sort's transaction type.
LISTS: Final[dict[DocumentKind, str]] = {
    "invoice": "sales_invoices",
    "bill": "purchase_invoices",
    "credit_note": "sales_credit_notes",
    "bill_credit_note": "purchase_credit_notes",
}
QUICK_LISTS: Final[dict[DocumentKind, str]] = {
    "invoice": "sales_quick_entries",
    "bill": "purchase_quick_entries",
    "credit_note": "sales_quick_entries",
    "bill_credit_note": "purchase_quick_entries",
}
DOCUMENT_TYPES: Final[dict[DocumentKind, str]] = {
    "invoice": "SALES_INVOICE",
    "bill": "PURCHASE_INVOICE",
    "credit_note": "SALES_CREDIT_NOTE",
    "bill_credit_note": "PURCHASE_CREDIT_NOTE",
}
PAYMENT_TYPES: Final[dict[DocumentKind, str]] = {
    "invoice": "CUSTOMER_RECEIPT",
    "bill": "VENDOR_PAYMENT",
    "credit_note": "CUSTOMER_REFUND",
    "bill_credit_note": "VENDOR_REFUND",
}
ON_ACCOUNT_TYPES: Final[dict[Side, str]] = {"sales": "CUSTOMER_RECEIPT", "purchases": "VENDOR_PAYMENT"}
ALLOCATION_TYPES: Final[dict[Side, str]] = {
    "sales": "CUSTOMER_ALLOCATION",
    "purchases": "VENDOR_ALLOCATION",
}
PAYMENT_METHODS: Final = {
    "CASH": "Cash",
    "CHEQUE": "Cheque",
    "CREDIT_DEBIT": "Credit/Debit Card",
    "ELECTRONIC": "Electronic",
}
#: The list is Sage's own: a business adds nothing to it.
_METHODS: Final[dict[MethodKind, str]] = {
    "cash": "CASH",
    "cheque": "CHEQUE",
    "card": "CREDIT_DEBIT",
    "electronic": "ELECTRONIC",
}
#: Of so many documents with a single line one is a quick entry, as if another system had left it behind.
_QUICK_OF: Final = 8


@frozen
class View:
    """How rows are asked for."""

    whole: bool = False  #: `attributes=all`
    names: frozenset[str] = frozenset()  #: or these of them
    nested: bool = False  #: `nested_attributes=all`
    allocations: bool = False  #: `show_payments_allocations=true`
    #: `show_balance_details=true`, which takes `from_date` and `to_date`, both days included
    balances: tuple[date, date] | None = None


def sage_id(id_: str) -> str:
    """A record's id: 32 digits, no dashes."""
    return id_.replace("-", "").lower()


def bank_id(account_id: str) -> str:
    """The id of the bank account that belongs to a ledger account: a record of its own."""
    return hashlib.blake2b(account_id.encode(), digest_size=16, person=b"sage bank").hexdigest()


def tax_id(code: str) -> str:
    """A rate's id is a word."""
    return TAX_IDS.get(code, code)


def money(amount: Decimal) -> str:
    """A number, as a text: Sage's description says number and the wire says otherwise (providers §3.6)."""
    return format(amount, "f")


def moment(at: datetime) -> str:
    """An instant to the second, UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def ref(path: str, id_: str, displayed_as: str) -> dict[str, Any]:
    """What a record refers to."""
    return {"id": id_, "displayed_as": displayed_as, "$path": f"/{path}/{id_}"}


def account_text(account: Account) -> str:
    """As people read it, the code at its end."""
    return f"{account.name} ({account.code})"


def is_quick(document: Document) -> bool:
    """Whether a document is a quick entry. It stays what it is, whatever is changed in it."""
    return len(document.lines) == 1 and int(sage_id(document.id)[:4], 16) % _QUICK_OF == 0


def list_name(document: Document) -> str:
    """The list that a document is in."""
    return (QUICK_LISTS if is_quick(document) else LISTS)[document.kind]


def status(document: Document) -> dict[str, Any]:
    """How far a document is. What is submitted but not posted is a draft at Sage."""
    words: dict[DocumentStatus, tuple[str, str]] = {
        "draft": ("DRAFT", "Draft"),
        "submitted": ("DRAFT", "Draft"),
        "voided": ("VOID", "Void"),
        "paid": ("PAID", "Paid"),
    }
    moved = document.paid or document.credited
    id_, text = words.get(document.status, ("PART_PAID", "Part Paid") if moved else ("UNPAID", "Unpaid"))
    return ref("artefact_statuses", id_, text)


def document_ref(document: Document) -> dict[str, Any]:
    """A document, as others name it."""
    return ref(list_name(document), sage_id(document.id), document.number or "Purchase")


def contact_ref(contact_id: str, books: Books) -> dict[str, Any]:
    """A contact, as documents name it."""
    return ref("contacts", sage_id(contact_id), books.contacts[contact_id].name)


def batch_id(payment: Payment) -> str:
    """The payment that a payment is a part of: what pays for several documents is one record at Sage."""
    return sage_id(payment.batch_id or payment.id)


def bank_ref(account: Account) -> dict[str, Any]:
    """A bank account, as payments name it."""
    return ref("bank_accounts", bank_id(account.id), account_text(account))


def method_ref(method_id: str | None, books: Books) -> dict[str, Any]:
    """A way to pay; where nobody has said, it was by wire."""
    id_ = _METHODS[books.payment_methods[method_id].kind] if method_id else "ELECTRONIC"
    return ref("payment_methods", id_, PAYMENT_METHODS[id_])


def on_account_ref(id_: str, reference: str) -> dict[str, Any]:
    """A payment on account: a record within a payment, with an id of its own."""
    return ref("payments_on_account", on_account_id(id_), reference or "Payment on Account")


def on_account_id(id_: str) -> str:
    """The id of the payment on account within a payment."""
    return hashlib.blake2b(id_.encode(), digest_size=16, person=b"sage on account").hexdigest()


def category_refs(options: Iterable[str], books: Books) -> list[dict[str, Any]]:
    """The categories of analysis types that a line is counted by."""
    found = []
    for id_ in options:
        option = books.tracking_options[id_]
        kind = books.tracking_categories[option.category_id]
        told = ref("analysis_type_categories", sage_id(option.id), option.name)
        found.append({**told, "analysis_type": ref("analysis_types", sage_id(kind.id), kind.name)})
    return found


def currency_ref(code: str) -> dict[str, Any]:
    """A currency."""
    return ref("currencies", code, code)
