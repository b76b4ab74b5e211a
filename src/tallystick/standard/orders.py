"""What has been ordered: from suppliers (purchase orders) and by customers (sales orders).

Amounts are positive, and in the order's own `currency`. Source: api-contract §3.1.
"""

from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Literal

from attrs import frozen

from tallystick.standard.contacts import Address
from tallystick.standard.data_types import DataType
from tallystick.standard.dates import CalendarDate
from tallystick.standard.record import Metadata
from tallystick.standard.references import (
    AccountRef,
    CustomerRef,
    ItemRef,
    SupplierRef,
    TaxRateRef,
    TrackingCategoryRef,
)
from tallystick.standard.tracking import RecordTracking

PurchaseOrderStatus = Literal["Unknown", "Draft", "Open", "Closed", "Void"]
SalesOrderStatus = Literal["Unknown", "Draft", "Open", "Closed", "Void"]
SalesOrderInvoiceStatus = Literal["Unknown", "PartiallyInvoiced", "Invoiced", "NotInvoiced"]


@frozen(kw_only=True)
class ShipToContact:
    """Whom to ask where the wares are delivered."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None


@frozen(kw_only=True)
class ShipTo:
    """Where the wares go."""

    address: Address | None = None
    contact: ShipToContact | None = None


@frozen(kw_only=True)
class OrderedBy:
    """Who of the company has placed an order."""

    email: str | None = None
    firstName: str | None = None
    lastName: str | None = None


@frozen(kw_only=True)
class PurchaseOrderLineItem:
    """One line; `subTotal` is after discount and before tax."""

    lineNumber: str | None = None
    description: str | None = None
    unitAmount: Decimal | None = None
    quantity: Decimal | None = None
    unitOfMeasurement: str | None = None
    discountAmount: Decimal | None = None
    discountPercentage: Decimal | None = None
    subTotal: Decimal | None = None
    taxAmount: Decimal | None = None
    totalAmount: Decimal | None = None
    accountRef: AccountRef | None = None
    taxRateRef: TaxRateRef | None = None
    itemRef: ItemRef | None = None
    trackingCategoryRefs: tuple[TrackingCategoryRef, ...] = ()


@frozen(kw_only=True)
class PurchaseOrder:
    """One order to a supplier: subTotal + totalTaxAmount = totalAmount. Nothing is owed for it yet."""

    DATA_TYPE: ClassVar[DataType] = "purchaseOrders"

    id: str
    purchaseOrderNumber: str | None = None
    supplierRef: SupplierRef | None = None
    issueDate: CalendarDate | None = None
    expectedDeliveryDate: CalendarDate | None = None
    deliveryDate: CalendarDate | None = None
    paymentDueDate: CalendarDate | None = None
    currency: str | None = None
    currencyRate: Decimal | None = None  #: base currency for one of `currency`
    lineItems: tuple[PurchaseOrderLineItem, ...] = ()
    shipTo: ShipTo | None = None
    createdBy: OrderedBy | None = None
    status: PurchaseOrderStatus
    subTotal: Decimal | None = None
    totalDiscount: Decimal | None = None
    totalTaxAmount: Decimal | None = None
    totalAmount: Decimal | None = None
    note: str | None = None
    sourceModifiedDate: datetime | None = None
    metadata: Metadata


@frozen(kw_only=True)
class SalesOrderLineItem:
    """One line; `subTotal` is after discount and before tax."""

    description: str | None = None
    unitAmount: Decimal | None = None
    quantity: Decimal | None = None
    discountAmount: Decimal | None = None
    discountPercentage: Decimal | None = None
    subTotal: Decimal | None = None
    taxAmount: Decimal | None = None
    totalAmount: Decimal | None = None
    accountRef: AccountRef | None = None
    taxRateRef: TaxRateRef | None = None
    itemRef: ItemRef | None = None
    tracking: RecordTracking | None = None


@frozen(kw_only=True)
class SalesOrder:
    """One order of a customer's: subTotal + totalTaxAmount = totalAmount. Nothing is due for it yet."""

    DATA_TYPE: ClassVar[DataType] = "salesOrders"

    id: str
    salesOrderNumber: str | None = None
    customerPurchaseOrderNumber: str | None = None  #: the number that the customer gave it
    customerRef: CustomerRef | None = None
    issueDate: CalendarDate | None = None
    expectedDeliveryDate: CalendarDate | None = None
    currency: str | None = None
    currencyRate: Decimal | None = None  #: base currency for one of `currency`
    lineItems: tuple[SalesOrderLineItem, ...] = ()
    shipTo: ShipTo | None = None
    status: SalesOrderStatus
    invoicingStatus: SalesOrderInvoiceStatus | None = None  #: how much of it has been invoiced
    subTotal: Decimal | None = None
    totalDiscount: Decimal | None = None
    totalTaxAmount: Decimal | None = None
    totalAmount: Decimal | None = None
    note: str | None = None
    sourceModifiedDate: datetime | None = None
    metadata: Metadata
