"""What the company buys and sells. Source: api-contract §3.1."""

from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Literal

from attrs import frozen

from tallystick.standard.data_types import DataType
from tallystick.standard.record import Metadata
from tallystick.standard.references import AccountRef, TaxRateRef
from tallystick.standard.supplemental import SupplementalData

ItemType = Literal["Unknown", "Inventory", "NonInventory", "Service"]
ItemStatus = Literal["Unknown", "Active", "Archived"]


@frozen(kw_only=True)
class BillItem:
    """How an item is bought."""

    description: str | None = None
    unitPrice: Decimal | None = None
    accountRef: AccountRef | None = None
    taxRateRef: TaxRateRef | None = None


@frozen(kw_only=True)
class InvoiceItem:
    """How an item is sold."""

    description: str | None = None
    unitPrice: Decimal | None = None
    accountRef: AccountRef | None = None
    taxRateRef: TaxRateRef | None = None


@frozen(kw_only=True)
class Item:
    """One ware or service."""

    DATA_TYPE: ClassVar[DataType] = "items"

    id: str
    name: str | None = None
    code: str | None = None
    type: ItemType
    itemStatus: ItemStatus
    isBillItem: bool
    isInvoiceItem: bool
    billItem: BillItem | None = None
    invoiceItem: InvoiceItem | None = None
    supplementalData: SupplementalData | None = None
    sourceModifiedDate: datetime | None = None
    metadata: Metadata
