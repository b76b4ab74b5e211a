"""Who owes how much since when: customers to the company, and the company to its suppliers.

Made when they are asked for, at their own addresses: no data type, never stored, and without an id. A row
is told by its customer or supplier, an amount within it by its currency and its days.
Source: api-contract §§3, 3.1.
"""

from datetime import datetime
from decimal import Decimal

from attrs import frozen

from tallystick.standard.dates import CalendarDate


@frozen(kw_only=True)
class AgedOutstandingAmountDetail:
    """The part of an amount that one kind of document has."""

    name: str | None = None  #: `Invoices`, `CreditNotes` or `Payments` (on account) of customers;
    #: `Bills`, `BillCreditNotes` or `BillPayments` of suppliers
    amount: Decimal | None = None  #: what is open of them; credits and money on account are negative


@frozen(kw_only=True)
class AgedOutstandingAmount:
    """What was issued within a period and is still open; the latest period comes first.

    By the day that a document bears, not the day that it is due, as the contract's own reports are.
    """

    fromDate: CalendarDate | None = None  #: the first day; none for the oldest period
    toDate: CalendarDate | None = None  #: the day after the last
    amount: Decimal | None = None
    details: tuple[AgedOutstandingAmountDetail, ...] = ()


@frozen(kw_only=True)
class AgedCurrencyOutstanding:
    """What is open in one currency, by age."""

    currency: str | None = None
    agedOutstandingAmounts: tuple[AgedOutstandingAmount, ...] = ()


@frozen(kw_only=True)
class AgedDebtor:
    """A customer, and what it owes."""

    customerId: str | None = None
    customerName: str | None = None
    agedCurrencyOutstanding: tuple[AgedCurrencyOutstanding, ...] = ()


@frozen(kw_only=True)
class AgedDebtorReport:
    """What customers owe the company on a day, by age: positive where they owe it."""

    generated: datetime | None = None  #: when it was made up; aware UTC
    reportDate: CalendarDate | None = None  #: the day that it tells of
    data: tuple[AgedDebtor, ...] = ()


@frozen(kw_only=True)
class AgedCreditor:
    """A supplier, and what it is owed."""

    supplierId: str | None = None
    supplierName: str | None = None
    agedCurrencyOutstanding: tuple[AgedCurrencyOutstanding, ...] = ()


@frozen(kw_only=True)
class AgedCreditorReport:
    """What the company owes its suppliers on a day, by age: positive where it owes it."""

    generated: datetime | None = None  #: when it was made up; aware UTC
    reportDate: CalendarDate | None = None  #: the day that it tells of
    data: tuple[AgedCreditor, ...] = ()
