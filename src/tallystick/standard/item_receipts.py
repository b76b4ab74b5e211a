"""What has arrived of what was ordered, billed or not. Source: api-contract §3.1."""

from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Literal

from attrs import frozen

from tallystick.standard.data_types import DataType
from tallystick.standard.dates import CalendarDate
from tallystick.standard.record import Metadata
from tallystick.standard.references import (
    AccountRef,
    ItemRef,
    PurchaseOrderRef,
    RecordLineRef,
    SupplierRef,
)
from tallystick.standard.supplemental import SupplementalData
from tallystick.standard.tracking import RecordTracking

ItemReceiptStatus = Literal["Unknown", "Draft", "Received", "Rejected", "Void"]


@frozen(kw_only=True)
class ItemReceiptLineItem:
    """One ware that has arrived; amounts are without tax, which a receipt does not know."""

    lineNumber: str | None = None
    description: str | None = None
    unitAmount: Decimal | None = None
    quantity: Decimal | None = None  #: of `unitOfMeasurement`, as received
    unitOfMeasurement: str | None = None
    subTotal: Decimal | None = None
    totalAmount: Decimal | None = None
    accountRef: AccountRef | None = None
    itemRef: ItemRef | None = None
    purchaseOrderLineRef: RecordLineRef | None = None
    tracking: RecordTracking | None = None


@frozen(kw_only=True)
class ItemReceipt:
    """One delivery from a supplier, amounts in its own `currency`, positive."""

    DATA_TYPE: ClassVar[DataType] = "itemReceipts"

    id: str
    reference: str | None = None
    supplierRef: SupplierRef | None = None
    purchaseOrderRefs: tuple[PurchaseOrderRef, ...] = ()
    receivedDate: CalendarDate | None = None
    currency: str | None = None
    currencyRate: Decimal | None = None  #: base currency for one of `currency`
    lineItems: tuple[ItemReceiptLineItem, ...] = ()
    status: ItemReceiptStatus
    subTotal: Decimal | None = None
    totalAmount: Decimal | None = None
    note: str | None = None
    supplementalData: SupplementalData | None = None
    sourceModifiedDate: datetime | None = None
    metadata: Metadata
