"""What suppliers have charged the company. Source: api-contract §3.1."""

from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Literal

from attrs import frozen

from tallystick.standard.allocations import PaymentAllocation, WithholdingTax
from tallystick.standard.data_types import DataType
from tallystick.standard.dates import CalendarDate
from tallystick.standard.record import Metadata
from tallystick.standard.references import (
    AccountRef,
    ItemRef,
    PurchaseOrderRef,
    RecordLineRef,
    SupplierRef,
    TaxRateRef,
    TrackingCategoryRef,
)
from tallystick.standard.supplemental import SupplementalData
from tallystick.standard.tracking import PayableTracking

BillStatus = Literal["Unknown", "Open", "PartiallyPaid", "Paid", "Void", "Draft"]


@frozen(kw_only=True)
class BillLineItem:
    """One line; `subTotal` is after discount and before tax."""

    lineNumber: str | None = None
    description: str | None = None
    unitAmount: Decimal
    quantity: Decimal
    unitOfMeasurement: str | None = None
    discountAmount: Decimal | None = None
    subTotal: Decimal | None = None
    taxAmount: Decimal | None = None
    totalAmount: Decimal | None = None
    discountPercentage: Decimal | None = None
    accountRef: AccountRef | None = None
    taxRateRef: TaxRateRef | None = None
    itemRef: ItemRef | None = None
    purchaseOrderLineRef: RecordLineRef | None = None
    trackingCategoryRefs: tuple[TrackingCategoryRef, ...] = ()
    tracking: PayableTracking | None = None
    isDirectCost: bool = False


@frozen(kw_only=True)
class Bill:
    """One bill, amounts in its own `currency`: subTotal + taxAmount = totalAmount."""

    DATA_TYPE: ClassVar[DataType] = "bills"

    id: str
    reference: str | None = None
    supplierRef: SupplierRef | None = None
    purchaseOrderRefs: tuple[PurchaseOrderRef, ...] | None = None
    issueDate: CalendarDate
    dueDate: CalendarDate | None = None
    currency: str | None = None
    currencyRate: Decimal | None = None  #: base currency for one of `currency`
    lineItems: tuple[BillLineItem, ...] = ()
    withholdingTax: tuple[WithholdingTax, ...] = ()
    status: BillStatus
    subTotal: Decimal
    taxAmount: Decimal
    totalAmount: Decimal
    amountDue: Decimal | None = None
    note: str | None = None
    paymentAllocations: tuple[PaymentAllocation, ...] = ()
    supplementalData: SupplementalData | None = None
    sourceModifiedDate: datetime | None = None
    metadata: Metadata
