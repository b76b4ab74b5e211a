"""What is given back: to customers (credit notes) and by suppliers (bill credit notes).

Totals are positive; `remainingCredit` is the total less what has been allocated or refunded.
Source: api-contract §3.1.
"""

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
    RecordLineRef,
    RecordRef,
    SupplierRef,
    TaxRateRef,
    TrackingCategoryRef,
)
from tallystick.standard.supplemental import SupplementalData
from tallystick.standard.tracking import PayableTracking, ReceivableTracking

CreditNoteStatus = Literal["Unknown", "Draft", "Submitted", "Paid", "Void", "PartiallyPaid"]
BillCreditNoteStatus = Literal["Unknown", "Draft", "Submitted", "Paid", "Void", "PartiallyPaid"]


@frozen(kw_only=True)
class CreditNoteLineItem:
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
class CreditNote:
    """One credit note to a customer, amounts in its own `currency`."""

    DATA_TYPE: ClassVar[DataType] = "creditNotes"

    id: str
    creditNoteNumber: str | None = None
    customerRef: CustomerRef | None = None
    withholdingTax: tuple[WithholdingTax, ...] = ()
    totalAmount: Decimal
    totalDiscount: Decimal
    subTotal: Decimal
    additionalTaxAmount: Decimal | None = None
    additionalTaxPercentage: Decimal | None = None
    totalTaxAmount: Decimal
    discountPercentage: Decimal
    remainingCredit: Decimal
    status: CreditNoteStatus
    issueDate: CalendarDate | None = None
    allocatedOnDate: CalendarDate | None = None
    currency: str | None = None
    currencyRate: Decimal | None = None  #: base currency for one of `currency`
    lineItems: tuple[CreditNoteLineItem, ...] = ()
    paymentAllocations: tuple[PaymentAllocation, ...] = ()
    note: str | None = None
    supplementalData: SupplementalData | None = None
    sourceModifiedDate: datetime | None = None
    metadata: Metadata


@frozen(kw_only=True)
class BillCreditNoteLineItem:
    """One line; `subTotal` is after discount and before tax."""

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
    createdFromLineRef: RecordLineRef | None = None
    trackingCategoryRefs: tuple[TrackingCategoryRef, ...] = ()
    tracking: PayableTracking | None = None


@frozen(kw_only=True)
class BillCreditNote:
    """One credit note from a supplier, amounts in its own `currency`."""

    DATA_TYPE: ClassVar[DataType] = "billCreditNotes"

    id: str
    billCreditNoteNumber: str | None = None
    supplierRef: SupplierRef | None = None
    withholdingTax: tuple[WithholdingTax, ...] = ()
    totalAmount: Decimal
    totalDiscount: Decimal
    subTotal: Decimal
    totalTaxAmount: Decimal
    discountPercentage: Decimal
    remainingCredit: Decimal | None = None
    status: BillCreditNoteStatus
    issueDate: CalendarDate | None = None
    allocatedOnDate: CalendarDate | None = None
    currency: str | None = None
    currencyRate: Decimal | None = None  #: base currency for one of `currency`
    lineItems: tuple[BillCreditNoteLineItem, ...] = ()
    paymentAllocations: tuple[PaymentAllocation, ...] = ()
    createdFromRefs: tuple[RecordRef, ...] | None = None
    note: str | None = None
    supplementalData: SupplementalData | None = None
    sourceModifiedDate: datetime | None = None
    metadata: Metadata
