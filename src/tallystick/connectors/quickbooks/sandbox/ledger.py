"""What QuickBooks' companies have in their ledgers: the books' documents and payments as postings.

In the books' own currency; debits are positive and credits negative, and each posting comes to nothing.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final

from attrs import frozen

from tallystick.connectors.quickbooks.sandbox.dialect import exchange_rate
from tallystick.connectors.sandbox.amounts import ZERO, cents
from tallystick.connectors.sandbox.books import SALES, Account, Books, Document

_NO_POSTING: Final = frozenset({"voided", "deleted"})


@frozen
class Posting:
    """One side of an entry."""

    day: date
    account: str  #: the books' id of it
    amount: Decimal  #: debit positive


def postings(books: Books) -> Iterator[Posting]:
    """Everything that was posted. Cost: reads all books."""
    control = {account.system: account for account in books.accounts.values() if account.system}
    for document in books.documents.values():
        if document.status not in _NO_POSTING:
            yield from _document(document, control)
    for payment in books.payments.values():
        if payment.status != "authorised":
            continue
        amount = cents(payment.amount * exchange_rate(payment.rate))
        inwards = payment.kind in {"invoice", "bill_credit_note"}
        party = control["DEBTORS" if payment.kind in SALES else "CREDITORS"]
        yield Posting(payment.paid_on, payment.account_id, amount if inwards else -amount)
        yield Posting(payment.paid_on, party.id, -amount if inwards else amount)


def _document(document: Document, control: dict[str, Account]) -> Iterator[Posting]:
    rate = exchange_rate(document.rate)
    # An invoice and a supplier's credit are debits of what is owed to the company; the others are credits.
    sign = 1 if document.kind in {"invoice", "bill_credit_note"} else -1
    party = control["DEBTORS" if document.kind in SALES else "CREDITORS"]
    tax = cents(document.tax * rate)
    whole = tax
    yield Posting(document.issued_on, control["GST"].id, -sign * tax)
    for line in document.lines:
        net = line.amount - line.tax if document.basis == "inclusive" else line.amount
        amount = cents(net * rate)
        whole += amount
        yield Posting(document.issued_on, line.account_id, -sign * amount)
    yield Posting(document.issued_on, party.id, sign * whole)


def balances(books: Books) -> dict[str, Decimal]:
    """What stands on each account, debit positive."""
    found = dict.fromkeys(books.accounts, ZERO)
    for posting in postings(books):
        found[posting.account] += posting.amount
    return found
