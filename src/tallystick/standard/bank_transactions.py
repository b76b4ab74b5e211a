"""What the statements of the accounts at the bank say. Source: api-contract §3.1; providers §6.5."""

from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Literal

from attrs import frozen

from tallystick.standard.data_types import DataType
from tallystick.standard.dates import CalendarDate
from tallystick.standard.record import Metadata

BankTransactionType = Literal[
    "Unknown",
    "Credit",
    "Debit",
    "Int",
    "Div",
    "Fee",
    "SerChg",
    "Dep",
    "Atm",
    "Pos",
    "Xfer",
    "Check",
    "Payment",
    "Cash",
    "DirectDep",
    "DirectDebit",
    "RepeatPmt",
    "Other",
]


@frozen(kw_only=True)
class BankTransaction:
    """One line of a bank statement, in its account's currency: money in is positive, money out negative.

    The SDKs' models have no `metadata`, and pass over it; without it nobody could tell a deleted one.
    """

    DATA_TYPE: ClassVar[DataType] = "bankTransactions"

    id: str
    accountId: str | None = None  #: the `id` of the record in `bankAccounts`
    clearedOnDate: CalendarDate | None = None
    description: str | None = None
    reconciled: bool = False  #: matched with a document or a posting at the provider
    amount: Decimal | None = None  #: in the account's currency; positive into the account
    balance: Decimal | None = None  #: of the account after this line, where the provider tells it
    transactionType: BankTransactionType
    sourceModifiedDate: datetime | None = None
    metadata: Metadata
