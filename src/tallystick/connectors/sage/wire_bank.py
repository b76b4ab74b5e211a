"""What Sage sends of money outside invoices, and of the ledger."""

from decimal import Decimal

from msgspec import field

from tallystick.connectors.sage.wire import Category, Ref, Sent


class OtherPaymentLine(Sent, frozen=True):
    """One line of an other payment or receipt."""

    details: str | None = None
    ledger_account: Ref | None = None
    tax_rate: Ref | None = None
    net_amount: Decimal | None = None
    tax_amount: Decimal | None = None
    total_amount: Decimal | None = None
    analysis_type_categories: list[Category] | None = None


class OtherPayment(Sent, frozen=True):
    """Money spent or received without a document."""

    id: str
    updated_at: str | None = None
    created_at: str | None = None
    deleted_at: str | None = None
    transaction_type: Ref | None = None
    contact: Ref | None = None
    bank_account: Ref | None = None
    date: str | None = None
    net_amount: Decimal | None = None
    tax_amount: Decimal | None = None
    total_amount: Decimal | None = None
    reference: str | None = None
    #: Of the bank account by its id, as the client adds it.
    currencies: dict[str, str | None] | None = field(name="$banks", default=None)
    payment_lines: list[OtherPaymentLine] | None = None


class BankTransfer(Sent, frozen=True):
    """Money moved between two accounts at a bank, or banked from the till (a deposit)."""

    id: str
    path: str | None = field(name="$path", default=None)
    updated_at: str | None = None
    created_at: str | None = None
    deleted_at: str | None = None
    from_bank_account: Ref | None = None
    to_bank_account: Ref | None = None
    date: str | None = None
    reference: str | None = None
    amount: Decimal | None = None  #: of a transfer
    total_amount: Decimal | None = None  #: of a deposit
    description: str | None = None
    #: Of both bank accounts by their ids, as the client adds them.
    currencies: dict[str, str | None] | None = field(name="$banks", default=None)


class JournalLine(Sent, frozen=True):
    """One side of a journal."""

    ledger_account: Ref | None = None
    details: str | None = None
    debit: Decimal | None = None
    credit: Decimal | None = None
    analysis_type_categories: list[Category] | None = None


class JournalCode(Sent, frozen=True):
    """The book that a journal stands in (France)."""

    id: str | None = None
    displayed_as: str | None = None
    code: str | None = None
    name: str | None = None


class Journal(Sent, frozen=True):
    """A journal that somebody has entered by hand."""

    id: str
    created_at: str | None = None
    updated_at: str | None = None
    deleted_at: str | None = None
    date: str | None = None
    reference: str | None = None
    description: str | None = None
    journal_code: JournalCode | None = None
    journal_lines: list[JournalLine] | None = None


class Transaction(Sent, frozen=True):
    """What has caused an entry of the ledger, in Sage's audit trail."""

    id: str | None = None
    reference: str | None = None
    transaction_type: Ref | None = None
    origin: Ref | None = None


class LedgerEntry(Sent, frozen=True):
    """One debit or credit of one account."""

    id: str
    displayed_as: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    date: str | None = None
    credit: Decimal | None = None
    debit: Decimal | None = None
    ledger_account: Ref | None = None
    transaction: Transaction | None = None
    deleted: bool | None = None
    description: str | None = None
    #: The bank account whose ledger account it is, as the client adds it; the currency does not matter here.
    banks: dict[str, str | None] | None = field(name="$banks", default=None)
