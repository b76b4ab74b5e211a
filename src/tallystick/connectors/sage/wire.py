"""What Sage sends of documents and of what pays them, with its money as Decimals.

Everything but a record's own id may be absent or null. Numbers come as strings, though Sage's own
description calls them numbers: both are read (providers §3.6). Things that a record refers to come as an
id, a text and a path. Fields that no mapping reads are left out here and stay in the raw bytes.
Source: providers §§2.4, 3.5, 3.6; Sage's description of version 3.1.
"""

from decimal import Decimal
from typing import Any

from msgspec import Struct, field


class Sent(Struct, frozen=True, gc=False, kw_only=True):
    """Anything that Sage sends."""


class Ref(Sent, frozen=True):
    """Something that a record refers to."""

    id: str | None = None
    displayed_as: str | None = None  #: as a person reads it: `Sales - Products (4000)`
    path: str | None = field(name="$path", default=None)  #: `/ledger_accounts/c234…`


class Category(Sent, frozen=True):
    """A value of an analysis type, on a line."""

    id: str | None = None
    displayed_as: str | None = None


class Line(Sent, frozen=True):
    """One line of a document; its amounts are after discount."""

    description: str | None = None
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    unit_price_includes_tax: bool | None = None
    net_amount: Decimal | None = None
    tax_amount: Decimal | None = None
    total_amount: Decimal | None = None
    discount_amount: Decimal | None = None
    discount_percentage: Decimal | None = None
    ledger_account: Ref | None = None
    tax_rate: Ref | None = None
    product: Ref | None = None
    service: Ref | None = None
    stock_item: Ref | None = None
    analysis_type_categories: list[Category] | None = None


class Applied(Sent, frozen=True):
    """A payment, or an allocation of a credit, that a document names; `discount` comes on top."""

    date: str | None = None
    reference: str | None = None
    amount: Decimal | None = None
    discount: Decimal | None = None
    artefact: Ref | None = None  #: the other document, of an allocation
    contact_payment: Ref | None = None
    contact_allocation: Ref | None = None
    displayed_as: str | None = None


class Document(Sent, frozen=True):
    """What invoices, bills, credit notes and quick entries have in common."""

    id: str
    displayed_as: str | None = None
    path: str | None = field(name="$path", default=None)
    updated_at: str | None = None
    created_at: str | None = None
    deleted_at: str | None = None
    contact: Ref | None = None
    contact_name: str | None = None
    date: str | None = None
    due_date: str | None = None
    reference: str | None = None
    net_amount: Decimal | None = None
    tax_amount: Decimal | None = None
    total_amount: Decimal | None = None
    total_paid: Decimal | None = None
    outstanding_amount: Decimal | None = None
    currency: Ref | None = None
    exchange_rate: Decimal | None = None
    inverse_exchange_rate: Decimal | None = None
    base_currency_total_amount: Decimal | None = None
    status: Ref | None = None
    payments_allocations: list[Applied] | None = None


class Artefact(Document, frozen=True):
    """An invoice or a credit note of either side; what only one of them has is absent in the others."""

    invoice_number_prefix: str | None = None
    invoice_number: str | None = None
    credit_note_number_prefix: str | None = None
    credit_note_number: str | None = None
    vendor_reference: str | None = None
    notes: str | None = None
    total_discount_amount: Decimal | None = None
    shipping_net_amount: Decimal | None = None
    shipping_tax_amount: Decimal | None = None
    shipping_total_amount: Decimal | None = None
    shipping_tax_rate: Ref | None = None
    is_cis: bool | None = None
    total_after_cis_deduction: Decimal | None = None
    withholding_tax_amount: Decimal | None = None
    last_paid: str | None = None
    invoice_lines: list[Line] | None = None
    credit_note_lines: list[Line] | None = None


class QuickEntry(Document, frozen=True):
    """An invoice or a credit note without lines: summed up, or brought from another system."""

    quick_entry_type: Ref | None = None
    ledger_account: Ref | None = None
    details: str | None = None
    tax_rate: Ref | None = None
    analysis_type_categories: list[Category] | None = None


class AllocatedArtefact(Sent, frozen=True):
    """The part of a payment or an allocation that is set against one document."""

    artefact: Ref | None = None
    amount: Decimal | None = None
    discount: Decimal | None = None


class PaymentOnAccount(Sent, frozen=True):
    """What of a payment was set against nothing when it was entered."""

    id: str | None = None
    total_amount: Decimal | None = None


class ContactPayment(Sent, frozen=True):
    """Money from or to a contact."""

    id: str
    path: str | None = field(name="$path", default=None)
    updated_at: str | None = None
    created_at: str | None = None
    deleted_at: str | None = None
    transaction_type: Ref | None = None
    payment_method: Ref | None = None
    contact: Ref | None = None
    bank_account: Ref | None = None
    date: str | None = None
    total_amount: Decimal | None = None
    currency: Ref | None = None
    exchange_rate: Decimal | None = None
    base_currency_total_amount: Decimal | None = None
    reference: str | None = None
    allocated_artefacts: list[AllocatedArtefact] | None = None
    payment_on_account: PaymentOnAccount | None = None


class ContactAllocation(Sent, frozen=True):
    """Credits that were set against documents, without any money."""

    id: str
    path: str | None = field(name="$path", default=None)
    updated_at: str | None = None
    created_at: str | None = None
    deleted_at: str | None = None
    transaction_type: Ref | None = None
    contact: Ref | None = None
    date: str | None = None
    allocated_artefacts: list[AllocatedArtefact] | None = None


class Glimpse(Sent, frozen=True):
    """What can be said of a row that cannot be read as what it should be."""

    id: Any = None
    path: Any = field(name="$path", default=None)
    transaction_type: Any = None
    quick_entry_type: Any = None
