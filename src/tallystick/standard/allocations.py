"""How payments and credits are set against a document, and what tax is held back from it."""

from decimal import Decimal

from attrs import frozen

from tallystick.standard.dates import CalendarDate
from tallystick.standard.references import AccountRef


@frozen(kw_only=True)
class Allocation:
    """The part of a payment or credit that touches one document.

    Against an invoice or a bill it is negative, since it lowers what is due; of a credit note it is
    positive, since it is what has been used of it. Source: api-contract §3.
    """

    allocatedOnDate: CalendarDate | None = None
    currency: str | None = None
    currencyRate: Decimal | None = None  #: base currency for one of `currency`
    totalAmount: Decimal | None = None


@frozen(kw_only=True)
class AllocatedPayment:
    """The payment or credit that is allocated, as a whole."""

    id: str | None = None
    accountRef: AccountRef | None = None
    currency: str | None = None
    currencyRate: Decimal | None = None  #: base currency for one of `currency`
    note: str | None = None
    paidOnDate: CalendarDate | None = None
    reference: str | None = None
    totalAmount: Decimal | None = None


@frozen(kw_only=True)
class PaymentAllocation:
    """One payment or credit, and its part in this document."""

    allocation: Allocation
    payment: AllocatedPayment


@frozen(kw_only=True)
class WithholdingTax:
    """Tax that whoever pays keeps back for the tax office."""

    name: str
    amount: Decimal
