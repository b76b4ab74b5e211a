"""What FreeAgent sends of documents, with its money as Decimals.

Everything but a record's own address may be absent or null. Numbers come as strings, and in reports as
numbers: both are read. What a record refers to comes as its address. Fields that no mapping reads are left
out here and stay in the raw bytes. Source: providers §2.5; FreeAgent's description of version 2.
"""

from decimal import Decimal
from typing import Any

from msgspec import Struct


class Sent(Struct, frozen=True, gc=False, kw_only=True):
    """Anything that FreeAgent sends."""


class SalesLine(Sent, frozen=True):
    """A line of an invoice or a credit note. What it comes to is not told."""

    item_type: str | None = None
    quantity: Decimal | None = None
    price: Decimal | None = None
    description: str | None = None
    sales_tax_rate: Decimal | None = None
    second_sales_tax_rate: Decimal | None = None
    sales_tax_status: str | None = None
    stock_item: str | None = None
    category: str | None = None
    project: str | None = None


class Document(Sent, frozen=True):
    """What invoices, credit notes and bills have in common."""

    url: str
    created_at: str | None = None
    updated_at: str | None = None
    contact: str | None = None
    contact_name: str | None = None
    project: str | None = None
    reference: str | None = None
    dated_on: str | None = None
    due_on: str | None = None
    paid_on: str | None = None
    currency: str | None = None
    exchange_rate: Decimal | None = None
    net_value: Decimal | None = None
    sales_tax_value: Decimal | None = None
    second_sales_tax_value: Decimal | None = None
    total_value: Decimal | None = None
    due_value: Decimal | None = None
    status: str | None = None
    comments: str | None = None
    cis_deduction: Decimal | None = None


class SalesDocument(Document, frozen=True):
    """An invoice or a credit note; what only one of them has is absent in the other."""

    discount_percent: Decimal | None = None
    paid_value: Decimal | None = None
    refunded_value: Decimal | None = None
    written_off_date: str | None = None
    refunded_on: str | None = None
    invoice_items: list[SalesLine] | None = None
    credit_note_items: list[SalesLine] | None = None


class BillLine(Sent, frozen=True):
    """A line of a bill; its tax has the other sign than its total."""

    description: str | None = None
    category: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    total_value: Decimal | None = None
    total_value_ex_tax: Decimal | None = None
    sales_tax_rate: Decimal | None = None
    sales_tax_value: Decimal | None = None
    second_sales_tax_value: Decimal | None = None
    sales_tax_status: str | None = None
    stock_item: str | None = None
    stock_item_description: str | None = None
    project: str | None = None


class Bill(Document, frozen=True):
    """A bill, or with a negative total what FreeAgent calls a bill refund."""

    paid_value: Decimal | None = None
    bill_items: list[BillLine] | None = None


class Glimpse(Sent, frozen=True):
    """What can be said of a row that cannot be read as what it should be."""

    url: Any = None
