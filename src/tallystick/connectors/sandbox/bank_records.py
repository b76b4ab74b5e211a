"""What goes past documents: money spent and received, transfers, manual journals. In nobody's dialect."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from attrs import frozen

from tallystick.connectors.sandbox.amounts import TaxBasis
from tallystick.connectors.sandbox.document_records import Line

BankTransactionKind = Literal["spend", "receive"]
#: `cash_sale` is received and `refund` spent, both with a customer; an `expense` is spent by an employee.
Purpose = Literal["plain", "cash_sale", "refund", "expense"]
BankStatus = Literal["authorised", "deleted"]
JournalStatus = Literal["draft", "posted", "voided", "deleted"]


@frozen(kw_only=True)
class BankTransaction:
    """Money spent or received at once, without an invoice or a bill. In its bank account's currency."""

    id: str
    kind: BankTransactionKind
    purpose: Purpose
    number: str
    reference: str
    contact_id: str | None  #: a customer or a supplier; none for bank charges, interest and employees
    employee_id: str | None
    account_id: str  #: the bank account, or a credit card
    made_on: date
    currency: str
    rate: Decimal  #: units of `currency` for one of the base currency, six places
    basis: TaxBasis
    lines: tuple[Line, ...]
    sub_total: Decimal
    tax: Decimal
    total: Decimal  #: positive whichever way the money goes
    discount: Decimal
    method_id: str | None
    reconciled: bool
    status: BankStatus
    created_at: datetime
    updated_at: datetime


@frozen(kw_only=True)
class Transfer:
    """Money moved from one bank account to another, also into another currency."""

    id: str
    from_account_id: str
    to_account_id: str
    made_on: date
    from_amount: Decimal  #: in the one account's currency
    to_amount: Decimal  #: in the other's
    base_amount: Decimal  #: what both are worth in the base currency
    reference: str
    reconciled: bool
    status: BankStatus
    created_at: datetime
    updated_at: datetime


@frozen(kw_only=True)
class JournalLine:
    """One side of a manual journal."""

    id: str
    account_id: str
    account_code: str
    amount: Decimal  #: base currency; a debit is positive
    description: str
    tracking: tuple[str, ...] = ()  #: ids of tracking options


@frozen(kw_only=True)
class ManualJournal:
    """What the accountant posts by hand: two lines or more that come to nothing. Without tax."""

    id: str
    number: str
    narration: str
    posted_on: date
    lines: tuple[JournalLine, ...]
    status: JournalStatus
    opening: bool  #: the opening balances; it alone touches bank accounts
    created_at: datetime
    updated_at: datetime
