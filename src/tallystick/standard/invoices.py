"""What the company has charged its customers. Source: api-contract §3.1."""

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
    CustomerRef,
    ItemRef,
    SalesOrderRef,
    TaxRateRef,
    TrackingCategoryRef,
)
from tallystick.standard.supplemental import SupplementalData
from tallystick.standard.tracking import ReceivableTracking

InvoiceStatus = Literal["Unknown", "Draft", "Submitted", "PartiallyPaid", "Paid", "Void"]


@frozen(kw_only=True)
class InvoiceLineItem:
    """One line; `subTotal` is after discount and before tax."""

    description: str | None = None
    unitAmount: Decimal
    quantity: Decimal
    discountAmount: Decimal | None = None
    subTotal: Decimal | None = None
    taxAmount: Decimal | None = None
    totalAmount: Decimal | None = None
    accountRef: AccountRef | None = None
    discountPercentage: Decimal | None = None
    taxRateRef: TaxRateRef | None = None
    itemRef: ItemRef | None = None
    trackingCategoryRefs: tuple[TrackingCategoryRef, ...] = ()
    tracking: ReceivableTracking | None = None
    isDirectIncome: bool = False


@frozen(kw_only=True)
class Invoice:
    """One invoice, amounts in its own `currency`: subTotal + totalTaxAmount = totalAmount."""

    DATA_TYPE: ClassVar[DataType] = "invoices"

    id: str
    invoiceNumber: str | None = None
    customerRef: CustomerRef | None = None
    salesOrderRefs: tuple[SalesOrderRef, ...] | None = None
    issueDate: CalendarDate
    dueDate: CalendarDate | None = None
    paidOnDate: CalendarDate | None = None
    currency: str | None = None
    currencyRate: Decimal | None = None  #: base currency for one of `currency`
    lineItems: tuple[InvoiceLineItem, ...] = ()
    paymentAllocations: tuple[PaymentAllocation, ...] = ()
    withholdingTax: tuple[WithholdingTax, ...] = ()
    totalDiscount: Decimal | None = None
    subTotal: Decimal | None = None
    additionalTaxAmount: Decimal | None = None
    additionalTaxPercentage: Decimal | None = None
    totalTaxAmount: Decimal
    totalAmount: Decimal
    amountDue: Decimal
    discountPercentage: Decimal | None = None
    status: InvoiceStatus
    note: str | None = None
    supplementalData: SupplementalData | None = None
    sourceModifiedDate: datetime | None = None
    metadata: Metadata
