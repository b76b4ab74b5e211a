"""The ledger's accounts, and those of them that are accounts at a bank. Source: api-contract §3.1."""

from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Literal

from attrs import frozen

from tallystick.standard.data_types import DataType
from tallystick.standard.record import Metadata
from tallystick.standard.supplemental import SupplementalData

AccountType = Literal["Unknown", "Asset", "Expense", "Income", "Liability", "Equity"]
AccountStatus = Literal["Unknown", "Active", "Archived", "Pending"]
BankAccountType = Literal["Unknown", "Credit", "Debit"]
BankAccountStatus = Literal["Unknown", "Active", "Archived", "Pending"]


@frozen(kw_only=True)
class ValidDatatypeLinks:
    """Where a record may be used when data is written: a property, and the properties that take it."""

    property: str | None = None
    links: tuple[str, ...] = ()


@frozen(kw_only=True)
class Account:
    """One account of the nominal ledger."""

    DATA_TYPE: ClassVar[DataType] = "chartOfAccounts"

    id: str
    nominalCode: str | None = None
    name: str | None = None
    description: str | None = None
    fullyQualifiedCategory: str | None = None  #: such as `Asset.Current`
    fullyQualifiedName: str | None = None  #: such as `Asset.Current.Accounts Receivable`
    currency: str | None = None
    currentBalance: Decimal | None = None  #: in `currency`, signed as the provider signs it
    type: AccountType
    status: AccountStatus
    isBankAccount: bool = False
    validDatatypeLinks: tuple[ValidDatatypeLinks, ...] | None = None
    supplementalData: SupplementalData | None = None
    sourceModifiedDate: datetime | None = None
    metadata: Metadata


@frozen(kw_only=True)
class BankAccount:
    """One account that the company has at a bank or card issuer."""

    DATA_TYPE: ClassVar[DataType] = "bankAccounts"

    id: str
    accountName: str | None = None
    accountType: BankAccountType
    nominalCode: str | None = None
    sortCode: str | None = None
    accountNumber: str | None = None
    iBan: str | None = None
    currency: str | None = None
    balance: Decimal | None = None
    institution: str | None = None
    availableBalance: Decimal | None = None
    overdraftLimit: Decimal | None = None
    status: BankAccountStatus
    supplementalData: SupplementalData | None = None
    sourceModifiedDate: datetime | None = None
    metadata: Metadata
