"""What has moved on the accounts at the bank, as the ledger posts it. Source: api-contract §3.1."""

from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Literal

from attrs import frozen

from tallystick.standard.data_types import DataType
from tallystick.standard.dates import CalendarDate
from tallystick.standard.record import Metadata
from tallystick.standard.references import BankAccountRef, PostedRecordRef

AccountTransactionStatus = Literal["Unknown", "Unreconciled", "Reconciled", "Void"]


@frozen(kw_only=True)
class AccountTransactionLine:
    """The part of a posting that one record has caused."""

    description: str | None = None
    recordRef: PostedRecordRef | None = None  #: the payment, transfer, direct cost … behind it
    amount: Decimal | None = None  #: in the transaction's currency; positive into the account


@frozen(kw_only=True)
class AccountTransaction:
    """One posting to an account at a bank: positive for money in, negative for money out.

    `totalAmount`, tax included, is the sum of its lines. Payments, bill payments, direct costs, direct
    incomes and transfers each have one, besides their own record.
    """

    DATA_TYPE: ClassVar[DataType] = "accountTransactions"

    id: str
    transactionId: str | None = None  #: the provider's id of what it belongs to, where that differs
    note: str | None = None
    bankAccountRef: BankAccountRef | None = None
    date: CalendarDate | None = None
    status: AccountTransactionStatus
    currency: str | None = None
    currencyRate: Decimal | None = None  #: base currency for one of `currency`
    lines: tuple[AccountTransactionLine, ...] = ()
    totalAmount: Decimal | None = None
    sourceModifiedDate: datetime | None = None
    metadata: Metadata
