"""What Xero sends of money that moves at the bank: bank transactions, transfers, payments on account.

As in `wire.py`, all but a record's own id may be absent or null. Source: Xero's OpenAPI 16.1.
"""

from decimal import Decimal

from tallystick.connectors.xero.wire import (
    AppliedPayment,
    CreditAllocation,
    LineItem,
    LineItemTracking,
    Party,
    PaymentAccount,
    Sent,
)


class BankTransaction(Sent, frozen=True):
    """Money spent or received at an account; what a bank statement says of it is not among this."""

    BankTransactionID: str
    Type: str | None = None
    BankAccount: PaymentAccount | None = None
    Contact: Party | None = None
    Reference: str | None = None
    DateString: str | None = None
    Date: str | None = None
    Status: str | None = None
    IsReconciled: bool | None = None
    LineAmountTypes: str | None = None
    LineItems: list[LineItem] | None = None
    CurrencyCode: str | None = None
    CurrencyRate: Decimal | None = None
    SubTotal: Decimal | None = None
    TotalTax: Decimal | None = None
    Total: Decimal | None = None
    OverpaymentID: str | None = None
    PrepaymentID: str | None = None
    UpdatedDateUTC: str | None = None
    UpdatedDateUTCString: str | None = None


class BankTransfer(Sent, frozen=True):
    """Money moved between two accounts of the company's."""

    BankTransferID: str
    FromBankAccount: PaymentAccount | None = None
    ToBankAccount: PaymentAccount | None = None
    Amount: Decimal | None = None
    CurrencyRate: Decimal | None = None
    DateString: str | None = None
    Date: str | None = None
    Status: str | None = None
    FromIsReconciled: bool | None = None
    ToIsReconciled: bool | None = None
    Reference: str | None = None
    FromTracking: list[LineItemTracking] | None = None
    ToTracking: list[LineItemTracking] | None = None
    CreatedDateUTC: str | None = None
    CreatedDateUTCString: str | None = None


class OnAccount(Sent, frozen=True):
    """An overpayment or a prepayment: money that is paid before, or beyond, what it is for."""

    OverpaymentID: str | None = None
    PrepaymentID: str | None = None
    Type: str | None = None
    Reference: str | None = None
    Contact: Party | None = None
    DateString: str | None = None
    Date: str | None = None
    Status: str | None = None
    CurrencyCode: str | None = None
    CurrencyRate: Decimal | None = None
    Total: Decimal | None = None
    Allocations: list[CreditAllocation] | None = None
    Payments: list[AppliedPayment] | None = None
    UpdatedDateUTC: str | None = None
    UpdatedDateUTCString: str | None = None
