"""What the company has bought and paid for at once, without a bill. Source: api-contract §3.1."""

from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from attrs import frozen

from tallystick.standard.allocations import PaymentAllocation
from tallystick.standard.data_types import DataType
from tallystick.standard.dates import CalendarDate
from tallystick.standard.record import Metadata
from tallystick.standard.references import AccountRef, ContactRef, ItemRef, TaxRateRef, TrackingCategoryRef
from tallystick.standard.supplemental import SupplementalData
from tallystick.standard.tracking import DirectCostTracking


@frozen(kw_only=True)
class DirectCostLineItem:
    """One line; `subTotal` is after discount and before tax. What is spent is positive."""

    description: str | None = None
    unitAmount: Decimal
    quantity: Decimal
    discountAmount: Decimal | None = None
    discountPercentage: Decimal | None = None
    subTotal: Decimal | None = None
    taxAmount: Decimal | None = None
    totalAmount: Decimal | None = None
    accountRef: AccountRef | None = None
    taxRateRef: TaxRateRef | None = None
    itemRef: ItemRef | None = None
    trackingCategoryRefs: tuple[TrackingCategoryRef, ...] = ()
    tracking: DirectCostTracking | None = None


@frozen(kw_only=True)
class DirectCost:
    """Money spent at once, amounts in its own `currency`: subTotal + taxAmount = totalAmount.

    Positive for what is spent; negative where a supplier gives it back.
    """

    DATA_TYPE: ClassVar[DataType] = "directCosts"

    id: str
    reference: str | None = None
    note: str | None = None
    contactRef: ContactRef | None = None
    issueDate: CalendarDate
    currency: str  #: ISO 4217; `XXX` where the provider does not tell
    currencyRate: Decimal | None = None  #: base currency for one of `currency`
    lineItems: tuple[DirectCostLineItem, ...] = ()
    paymentAllocations: tuple[PaymentAllocation, ...] = ()
    subTotal: Decimal
    taxAmount: Decimal
    totalAmount: Decimal
    supplementalData: SupplementalData | None = None
    sourceModifiedDate: datetime | None = None
    metadata: Metadata
