"""Money in from customers (payments) and out to suppliers (bill payments); refunds are negative.

A line's `amount` is the negative of the sum of its links: a payment of 46.00 has one line of 46.00 with
a link of -46.00 to the invoice that it lowers. Source: api-contract §§3, 3.1; providers §6.
"""

from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Literal

from attrs import frozen

from tallystick.standard.data_types import DataType
from tallystick.standard.dates import CalendarDate
from tallystick.standard.record import Metadata
from tallystick.standard.references import AccountRef, CustomerRef, PaymentMethodRef, SupplierRef
from tallystick.standard.supplemental import SupplementalData

PaymentLinkType = Literal[
    "Unknown",
    "Unlinked",
    "Invoice",
    "CreditNote",
    "Other",
    "Refund",
    "Payment",
    "PaymentOnAccount",
    "ManualJournal",
    "Discount",
]
BillPaymentLinkType = Literal[
    "Unknown",
    "Unlinked",
    "Bill",
    "Other",
    "CreditNote",
    "BillPayment",
    "PaymentOnAccount",
    "Refund",
    "ManualJournal",
    "Discount",
]


@frozen(kw_only=True)
class PaymentLineLink:
    """What a part of a payment is for."""

    type: PaymentLinkType
    id: str | None = None
    amount: Decimal | None = None
    currencyRate: Decimal | None = None  #: the linked document's currency for one of the payment's


@frozen(kw_only=True)
class PaymentLine:
    """A part of a payment."""

    amount: Decimal
    links: tuple[PaymentLineLink, ...] = ()
    allocatedOnDate: CalendarDate | None = None


@frozen(kw_only=True)
class Payment:
    """Money from a customer, or back to one (negative)."""

    DATA_TYPE: ClassVar[DataType] = "payments"

    id: str
    customerRef: CustomerRef | None = None
    accountRef: AccountRef | None = None
    paymentMethodRef: PaymentMethodRef | None = None
    totalAmount: Decimal
    currency: str | None = None
    currencyRate: Decimal | None = None  #: base currency for one of `currency`
    date: CalendarDate
    note: str | None = None
    lines: tuple[PaymentLine, ...] = ()
    reference: str | None = None
    supplementalData: SupplementalData | None = None
    sourceModifiedDate: datetime | None = None
    metadata: Metadata


@frozen(kw_only=True)
class BillPaymentLineLink:
    """What a part of a bill payment is for."""

    type: BillPaymentLinkType
    id: str | None = None
    amount: Decimal | None = None
    currencyRate: Decimal | None = None  #: the linked document's currency for one of the payment's


@frozen(kw_only=True)
class BillPaymentLine:
    """A part of a bill payment."""

    amount: Decimal
    links: tuple[BillPaymentLineLink, ...] = ()
    allocatedOnDate: CalendarDate | None = None


@frozen(kw_only=True)
class BillPayment:
    """Money to a supplier, or back from one (negative)."""

    DATA_TYPE: ClassVar[DataType] = "billPayments"

    id: str
    supplierRef: SupplierRef | None = None
    accountRef: AccountRef | None = None
    totalAmount: Decimal
    currency: str | None = None
    currencyRate: Decimal | None = None  #: base currency for one of `currency`
    date: CalendarDate
    note: str | None = None
    paymentMethodRef: PaymentMethodRef | None = None
    lines: tuple[BillPaymentLine, ...] = ()
    reference: str | None = None
    supplementalData: SupplementalData | None = None
    sourceModifiedDate: datetime | None = None
    metadata: Metadata
