"""The books' ledger: what stands and what moved on every account, in the base currency, debits positive.

Reports of the providers are made of this, and what the lists say can be held against it.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from attrs import frozen

from tallystick.connectors.sandbox.amounts import ZERO
from tallystick.connectors.sandbox.books import Account, AccountKind, Books
from tallystick.connectors.sandbox.fresh_books import write_books
from tallystick.connectors.sandbox.postings import Entry, Posting, entries
from tallystick.connectors.sandbox.reliefs import base_due, base_left

__all__ = [
    "Entry",
    "Ledger",
    "Posting",
    "balance_of",
    "bank_balance",
    "base_due",
    "base_left",
    "entries",
    "trial_balance",
    "write_books",
]


@frozen(kw_only=True)
class Ledger:
    """Debits and credits, both positive, by account and day. Good while the books' revision is the same."""

    accounts: tuple[Account, ...]  #: by their code
    days: Mapping[str, Mapping[date, tuple[Decimal, Decimal]]]  #: by account id

    @classmethod
    def of(cls, books: Books) -> "Ledger":
        """Of books as they are now. Reads every record: about 10 µs each."""
        days: dict[str, dict[date, tuple[Decimal, Decimal]]] = {}
        for entry in entries(books):
            for posting in entry.postings:
                each = days.setdefault(posting.account_id, {})
                debit, credit = each.get(entry.posted_on, (ZERO, ZERO))
                if posting.amount > 0:
                    each[entry.posted_on] = (debit + posting.amount, credit)
                else:
                    each[entry.posted_on] = (debit, credit - posting.amount)
        accounts = sorted(books.accounts.values(), key=lambda account: account.code)
        return cls(accounts=tuple(accounts), days=days)

    def debits_and_credits(self, account_id: str, first: date, last: date) -> tuple[Decimal, Decimal]:
        """Between two days, both included."""
        debits = credits_ = ZERO
        for day, (debit, credit) in self.days.get(account_id, {}).items():
            if first <= day <= last:
                debits += debit
                credits_ += credit
        return debits, credits_

    def moved(self, account_id: str, first: date, last: date) -> Decimal:
        """Debits less credits between two days, both included."""
        debits, credits_ = self.debits_and_credits(account_id, first, last)
        return debits - credits_

    def balance(self, account_id: str, on: date) -> Decimal:
        """What stands on an account at the end of a day."""
        return self.moved(account_id, date.min, on)

    def of_kinds(self, *kinds: AccountKind) -> list[Account]:
        """The accounts of some kinds."""
        return [account for account in self.accounts if account.kind in kinds]


def trial_balance(books: Books, on: date) -> dict[str, Decimal]:
    """What stands on every account at the end of a day, by account id; it comes to nothing."""
    ledger = Ledger.of(books)
    return {account.id: ledger.balance(account.id, on) for account in ledger.accounts}


def balance_of(books: Books, account: Account, on: date) -> Decimal:
    """What stands on one account at the end of a day. To ask for several, keep a `Ledger`."""
    return Ledger.of(books).balance(account.id, on)


def bank_balance(books: Books, account_id: str, on: date) -> Decimal:
    """What is in a bank account at the end of a day, in its own currency; what a card owes is negative."""
    found = ZERO
    for payment in books.payments.values():
        if payment.account_id == account_id and payment.status == "authorised" and payment.paid_on <= on:
            found += payment.bank_amount * (1 if payment.kind in {"invoice", "bill_credit_note"} else -1)
    for source in books.on_account.values():
        if source.account_id == account_id and source.status != "voided" and source.paid_on <= on:
            found += source.bank_amount * (1 if source.side == "sales" else -1)
    for each in books.bank_transactions.values():
        if each.account_id == account_id and each.status == "authorised" and each.made_on <= on:
            found += each.total * (1 if each.kind == "receive" else -1)
    for transfer in books.transfers.values():
        if transfer.status == "authorised" and transfer.made_on <= on:
            found -= transfer.from_amount if transfer.from_account_id == account_id else ZERO
            found += transfer.to_amount if transfer.to_account_id == account_id else ZERO
    for journal in books.manual_journals.values():
        if journal.status == "posted" and journal.posted_on <= on:
            found += sum((line.amount for line in journal.lines if line.account_id == account_id), ZERO)
    return found
