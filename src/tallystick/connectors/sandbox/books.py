"""A company's books in nobody's dialect: what the sandboxes of all providers render.

Records are frozen; a change puts a new record in the old one's place, so that a rendered row is good
for as long as the record it was made from is still the one in the books.
"""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal

from attrs import define, evolve, field, frozen

from tallystick.connectors.sandbox.amounts import TaxBasis

AccountKind = Literal[
    "bank",
    "current_asset",
    "fixed_asset",
    "current_liability",
    "long_term_liability",
    "equity",
    "income",
    "other_income",
    "cost_of_sales",
    "expense",
    "depreciation",
]
ListStatus = Literal["active", "archived", "deleted"]
DocumentKind = Literal["invoice", "bill", "credit_note", "bill_credit_note"]
DocumentStatus = Literal["draft", "submitted", "authorised", "paid", "voided", "deleted"]
#: Which way a payment goes, and for which document; refunds are of credit notes.
PaymentKind = Literal["invoice", "bill", "credit_note", "bill_credit_note"]
PaymentStatus = Literal["authorised", "deleted"]

SALES: Final[frozenset[DocumentKind]] = frozenset({"invoice", "credit_note"})
CREDITS: Final[frozenset[DocumentKind]] = frozenset({"credit_note", "bill_credit_note"})
#: A document in one of these counts in the ledger and can be paid, allocated or voided.
POSTED: Final[frozenset[DocumentStatus]] = frozenset({"authorised", "paid"})


@frozen(kw_only=True)
class Organisation:
    """The company itself."""

    id: str
    name: str
    legal_name: str
    base_currency: str
    country: str  #: ISO 3166 alpha-2
    registration_number: str
    tax_number: str
    year_end: tuple[int, int]  #: day, month
    town: str
    created_at: datetime


@frozen(kw_only=True)
class Account:
    """A ledger account."""

    id: str
    code: str
    name: str
    kind: AccountKind
    tax_code: str
    updated_at: datetime
    system: str = ""  #: what the provider keeps it for: `DEBTORS`, `CREDITORS`, `VAT`, …
    description: str = ""
    bank_number: str = ""  #: sort code and account number, digits
    currency: str = ""  #: of a bank account
    status: ListStatus = "active"


@frozen(kw_only=True)
class TaxRate:
    """A rate that lines name by its code."""

    code: str
    name: str
    percent: Decimal
    report_code: str
    on_sales: bool
    on_purchases: bool
    status: ListStatus = "active"


@frozen(kw_only=True)
class Item:
    """Something that is sold or bought again and again."""

    id: str
    code: str
    name: str
    description: str
    sale_price: Decimal
    purchase_price: Decimal | None
    sale_account: str  #: account code
    purchase_account: str
    updated_at: datetime


@frozen(kw_only=True)
class Contact:
    """A customer, a supplier, both, or neither until it has a document."""

    id: str
    name: str
    first_name: str
    last_name: str
    email: str
    phone: str
    town: str
    street: str
    postcode: str
    country: str
    tax_number: str
    company_number: str
    currency: str
    is_customer: bool
    is_supplier: bool
    updated_at: datetime
    status: Literal["active", "archived"] = "active"


@frozen(kw_only=True)
class Line:
    """A line of a document."""

    id: str
    description: str
    quantity: Decimal  #: up to four places
    unit_price: Decimal  #: two or four places
    account_id: str
    account_code: str
    tax_code: str
    amount: Decimal  #: after the discount; holds the tax where the basis is inclusive
    tax: Decimal
    discount: Decimal
    discount_rate: Decimal | None = None
    discount_amount: Decimal | None = None
    item_id: str | None = None


@frozen(kw_only=True)
class Document:
    """An invoice, a bill or a credit note of either."""

    id: str
    kind: DocumentKind
    number: str
    reference: str
    contact_id: str
    issued_on: date
    due_on: date
    currency: str
    rate: Decimal  #: units of `currency` for one of the base currency, six places
    basis: TaxBasis
    status: DocumentStatus
    lines: tuple[Line, ...]
    sub_total: Decimal
    tax: Decimal
    total: Decimal
    discount: Decimal
    paid: Decimal
    credited: Decimal  #: of an invoice: by credit notes; of a credit note: given to invoices
    settled_on: date | None
    sent: bool
    created_at: datetime
    updated_at: datetime

    @property
    def due(self) -> Decimal:
        """What is still to be paid, or is left of a credit note."""
        return self.total - self.paid - self.credited


@frozen(kw_only=True)
class Payment:
    """Money for one document; a refund where the document is a credit note."""

    id: str
    kind: PaymentKind
    document_id: str
    account_id: str
    paid_on: date
    amount: Decimal  #: in the document's currency
    bank_amount: Decimal  #: in the bank account's
    rate: Decimal
    reference: str
    reconciled: bool
    updated_at: datetime
    status: PaymentStatus = "authorised"


@frozen(kw_only=True)
class Allocation:
    """A part of a credit note that was given to an invoice or a bill."""

    id: str
    credit_id: str
    document_id: str
    amount: Decimal
    made_on: date


@define(eq=False, kw_only=True)
class Books:
    """All records of a company by id, and what belongs to what. `revision` moves with every change."""

    organisation: Organisation
    accounts: dict[str, Account] = field(factory=dict)
    tax_rates: dict[str, TaxRate] = field(factory=dict)  #: by code
    items: dict[str, Item] = field(factory=dict)
    contacts: dict[str, Contact] = field(factory=dict)
    documents: dict[str, Document] = field(factory=dict)
    payments: dict[str, Payment] = field(factory=dict)
    payments_of: dict[str, list[str]] = field(factory=dict)  #: document id to payment ids
    allocations_of: dict[str, list[Allocation]] = field(factory=dict)  #: by both documents' ids
    removed: dict[str, int] = field(factory=dict)  #: records gone without a trace, by our data type
    revision: int = 0

    def put_payment(self, payment: Payment) -> None:
        """Add or replace a payment."""
        if payment.id not in self.payments:
            self.payments_of.setdefault(payment.document_id, []).append(payment.id)
        self.payments[payment.id] = payment
        self.revision += 1

    def put_document(self, document: Document) -> None:
        """Add or replace a document; its contact becomes a customer or a supplier by it."""
        self.documents[document.id] = document
        contact = self.contacts[document.contact_id]
        at = max(contact.updated_at, document.updated_at)
        if document.kind in SALES and not contact.is_customer:
            self.contacts[contact.id] = evolve(contact, is_customer=True, updated_at=at)
        elif document.kind not in SALES and not contact.is_supplier:
            self.contacts[contact.id] = evolve(contact, is_supplier=True, updated_at=at)
        self.revision += 1

    def put_allocation(self, allocation: Allocation) -> None:
        """Add an allocation; the two documents' figures are the caller's to change."""
        for document_id in (allocation.credit_id, allocation.document_id):
            self.allocations_of.setdefault(document_id, []).append(allocation)
        self.revision += 1

    def documents_where(self, keep: Callable[[Document], bool]) -> list[Document]:
        """Documents in the order in which they were written. Reads all of them."""
        return [document for document in self.documents.values() if keep(document)]

    def live_payments(self, document_id: str) -> list[Payment]:
        """A document's payments that still stand."""
        found = (self.payments[id_] for id_ in self.payments_of.get(document_id, ()))
        return [payment for payment in found if payment.status == "authorised"]
