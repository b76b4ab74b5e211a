"""Documents and what settles them: invoices, bills, credit notes, orders, payments. In nobody's dialect."""

from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal

from attrs import frozen

from tallystick.connectors.sandbox.amounts import TaxBasis

DocumentKind = Literal["invoice", "bill", "credit_note", "bill_credit_note"]
DocumentStatus = Literal["draft", "submitted", "authorised", "paid", "voided", "deleted"]
OrderKind = Literal["purchase_order", "sales_order"]
#: `billed`: the order's goods are on a bill or an invoice. An order is never posted.
OrderStatus = Literal["draft", "submitted", "authorised", "billed", "deleted"]
#: Which way a payment goes, and for which document; refunds are of credit notes.
PaymentKind = Literal["invoice", "bill", "credit_note", "bill_credit_note"]
PaymentStatus = Literal["authorised", "deleted"]
Side = Literal["sales", "purchases"]
#: Too much for what was owed, or money before there was anything to pay.
OnAccountKind = Literal["overpayment", "prepayment"]
#: `paid`: all of it was applied to documents.
OnAccountStatus = Literal["authorised", "paid", "voided"]

SALES: Final[frozenset[DocumentKind]] = frozenset({"invoice", "credit_note"})
CREDITS: Final[frozenset[DocumentKind]] = frozenset({"credit_note", "bill_credit_note"})
#: A document in one of these counts in the ledger and can be paid, allocated or voided.
POSTED: Final[frozenset[DocumentStatus]] = frozenset({"authorised", "paid"})


@frozen(kw_only=True)
class Line:
    """A line of a document, an order or a bank transaction."""

    id: str
    description: str
    quantity: Decimal  #: up to four places; may be negative
    unit_price: Decimal  #: two or four places; may be negative
    account_id: str
    account_code: str
    tax_code: str
    amount: Decimal  #: after the discount; holds the tax where the basis is inclusive
    tax: Decimal
    discount: Decimal
    discount_rate: Decimal | None = None
    discount_amount: Decimal | None = None
    item_id: str | None = None
    tracking: tuple[str, ...] = ()  #: ids of tracking options, at most one of each category


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
    credited: Decimal  #: of an invoice: by credit notes and payments on account; of a credit note: given away
    settled_on: date | None
    sent: bool
    created_at: datetime
    updated_at: datetime

    @property
    def due(self) -> Decimal:
        """What is still to be paid, or is left of a credit note."""
        return self.total - self.paid - self.credited


@frozen(kw_only=True)
class Order:
    """A purchase order, or a customer's order."""

    id: str
    kind: OrderKind
    number: str
    reference: str
    contact_id: str
    issued_on: date
    expected_on: date | None  #: the day of delivery
    currency: str
    rate: Decimal  #: units of `currency` for one of the base currency, six places
    basis: TaxBasis
    status: OrderStatus
    lines: tuple[Line, ...]
    sub_total: Decimal
    tax: Decimal
    total: Decimal
    discount: Decimal
    document_id: str | None  #: the bill or the invoice that came of it
    created_at: datetime
    updated_at: datetime


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
    batch_id: str | None = None  #: the sum of money that it was a part of
    method_id: str | None = None


@frozen(kw_only=True)
class PaymentBatch:
    """One sum of money for several documents of a contact: a payment for each of them names it.

    Those payments share its account, day and rate, and are deleted together. What it comes to is their sum.
    """

    id: str
    side: Side
    contact_id: str
    account_id: str
    paid_on: date
    currency: str  #: of the documents
    rate: Decimal
    reference: str
    payment_ids: tuple[str, ...]
    updated_at: datetime


@frozen(kw_only=True)
class Allocation:
    """A part of a credit note that was given to an invoice or a bill."""

    id: str
    credit_id: str
    document_id: str
    amount: Decimal
    made_on: date


@frozen(kw_only=True)
class OnAccount:
    """Money that came or went without a document: an overpayment or a prepayment of a contact."""

    id: str
    kind: OnAccountKind
    side: Side
    contact_id: str
    account_id: str  #: the bank account
    reference: str
    paid_on: date
    currency: str
    rate: Decimal  #: units of `currency` for one of the base currency, six places
    amount: Decimal  #: in `currency`
    bank_amount: Decimal  #: in the bank account's
    applied: Decimal  #: what its applications come to
    status: OnAccountStatus
    reconciled: bool
    created_at: datetime
    updated_at: datetime
    method_id: str | None = None

    @property
    def left(self) -> Decimal:
        """What is still to be applied."""
        return self.amount - self.applied


@frozen(kw_only=True)
class Application:
    """A part of a payment on account that was applied to an invoice or a bill of the same currency."""

    id: str
    on_account_id: str
    document_id: str
    amount: Decimal
    made_on: date
