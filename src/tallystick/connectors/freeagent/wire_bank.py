"""What FreeAgent sends of money outside documents, of journals and of reports.

What holds numbers may be absent everywhere: only so does the look for endless ones go into it.
"""

from decimal import Decimal

from msgspec import field

from tallystick.connectors.freeagent.wire import Sent


class Account(Sent, frozen=True):
    """An account at a bank, as the client puts it beside a movement: see `place.BankAccount`."""

    url: str
    currency: str | None = None
    code: str | None = None


class Accounts(Sent, frozen=True):
    """The accounts that a movement names."""

    own: Account | None = None
    other: Account | None = None


class Explanation(Sent, frozen=True):
    """What a movement at the bank, or a part of it, was for."""

    url: str
    created_at: str | None = None
    updated_at: str | None = None
    bank_transaction: str | None = None
    bank_account: str | None = None
    dated_on: str | None = None
    description: str | None = None
    receipt_reference: str | None = None
    cheque_number: str | None = None
    gross_value: Decimal | None = None  #: in the bank account's currency; negative out of it
    foreign_currency_value: Decimal | None = None  #: the same in the document's
    sales_tax_rate: Decimal | None = None
    sales_tax_value: Decimal | None = None
    second_sales_tax_value: Decimal | None = None
    sales_tax_status: str | None = None
    category: str | None = None
    project: str | None = None
    stock_item: str | None = None
    paid_invoice: str | None = None  #: an invoice, or a credit note
    paid_bill: str | None = None
    paid_user: str | None = None
    linked_transfer_explanation: str | None = None
    linked_transfer_account: str | None = None
    transfer_bank_account: str | None = None


class ExplanationRow(Sent, frozen=True):
    """An explanation, with its accounts."""

    bank_transaction_explanation: Explanation | None = None
    bank_accounts: Accounts | None = None


class Reconciliation(Sent, frozen=True):
    """A part of a credit note that was set against an invoice."""

    url: str
    created_at: str | None = None
    updated_at: str | None = None
    gross_value: Decimal | None = None
    dated_on: str | None = None
    currency: str | None = None
    exchange_rate: Decimal | None = None
    invoice: str | None = None
    credit_note: str | None = None


class BankTransaction(Sent, frozen=True):
    """One line of a bank statement, with what it was for."""

    url: str
    created_at: str | None = None
    updated_at: str | None = None
    amount: Decimal | None = None  #: negative out of the account
    bank_account: str | None = None
    dated_on: str | None = None
    description: str | None = None
    full_description: str | None = None
    unexplained_amount: Decimal | None = None
    bank_transaction_explanations: list[Explanation] | None = None


class BankTransactionRow(Sent, frozen=True):
    """A line of a statement, with its account."""

    bank_transaction: BankTransaction | None = None
    bank_accounts: Accounts | None = None


class JournalLine(Sent, frozen=True):
    """One side of a journal."""

    url: str | None = None
    category: str | None = None
    description: str | None = None
    debit_value: Decimal | None = None  #: a credit is negative


class JournalSet(Sent, frozen=True):
    """Entries of one day that balance."""

    url: str
    created_at: str | None = None
    updated_at: str | None = None
    dated_on: str | None = None
    description: str | None = None
    journal_entries: list[JournalLine] | None = None


class Subtraction(Sent, frozen=True):
    """What is taken off the operating profit."""

    title: str | None = None
    total: Decimal | None = None


class ProfitSummary(Sent, frozen=True):
    """The profit and loss, in whole pounds."""

    from_: str | None = field(name="from", default=None)
    to: str | None = None
    income: Decimal | None = None
    expenses: Decimal | None = None
    operating_profit: Decimal | None = None
    less: list[Subtraction] | None = None


class TrialBalanceRow(Sent, frozen=True):
    """What a category comes to; a credit is negative."""

    nominal_code: str | None = None
    display_nominal_code: str | None = None
    name: str | None = None
    total: Decimal | None = None


class ProfitAnswer(Sent, frozen=True):
    """An answer of the profit and loss."""

    profit_and_loss_summary: ProfitSummary | None = None


class TrialBalanceAnswer(Sent, frozen=True):
    """An answer of the trial balance."""

    trial_balance_summary: list[TrialBalanceRow] | None = None


class ProfitPeriod(Sent, frozen=True):
    """Both, of the same days."""

    summary: ProfitAnswer | None = None
    by_category: TrialBalanceAnswer | None = None


class ProfitReport(Sent, frozen=True):
    """The months that the client puts together."""

    periods: list[ProfitPeriod]


class SheetAccount(Sent, frozen=True):
    """One account of a balance sheet."""

    name: str | None = None
    nominal_code: str | None = None
    total_debit_value: Decimal | None = None


class SheetPart(Sent, frozen=True):
    """A part of a balance sheet; what only one of them has is absent in the others."""

    accounts: list[SheetAccount] | None = None
    net_book_value: Decimal | None = None
    retained_profit: Decimal | None = None


class Sheet(Sent, frozen=True):
    """A balance sheet, in whole pounds; debits are positive."""

    as_at_date: str | None = None
    currency: str | None = None
    capital_assets: SheetPart | None = None
    current_assets: SheetPart | None = None
    current_liabilities: SheetPart | None = None
    owners_equity: SheetPart | None = None
    total_assets: Decimal | None = None


class SheetAnswer(Sent, frozen=True):
    """An answer of the balance sheet."""

    balance_sheet: Sheet | None = None


class SheetReport(Sent, frozen=True):
    """The month ends that the client puts together."""

    periods: list[SheetAnswer]
