"""What the made-up books post to the ledger: the entries of documents and of payments, in base currency.

Every posting balances: the pennies that are left of turning a foreign document into base currency go to
the account of its party.
"""

import hashlib
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from attrs import frozen

from tallystick.connectors.sandbox.amounts import ZERO, cents
from tallystick.connectors.sandbox.books import CREDITS, POSTED, SALES, Account, Books, Document, Payment


@frozen(kw_only=True)
class Posting:
    """One debit or credit of one account."""

    id: str
    account_id: str
    amount: Decimal  #: base currency; a debit is positive
    posted_on: date
    updated_at: datetime
    cause: Document | Payment
    deleted: bool = False


def postings(books: Books) -> list[Posting]:
    """All of the ledger. Reads all documents and payments."""
    accounts = {account.code: account for account in books.accounts.values()}
    found = [
        posting
        for document in books.documents.values()
        if document.status in POSTED
        for posting in _of_document(document, accounts)
    ]
    found += [posting for payment in books.payments.values() for posting in _of_payment(payment, accounts)]
    return found


def balances(books: Books) -> dict[str, Decimal]:
    """What each account comes to by now; a debit is positive."""
    sums: dict[str, Decimal] = {}
    for posting in postings(books):
        if not posting.deleted:
            sums[posting.account_id] = sums.get(posting.account_id, ZERO) + posting.amount
    return sums


def _id(cause: Document | Payment, place: int) -> str:
    return hashlib.blake2b(f"{cause.id}:{place}".encode(), digest_size=16).hexdigest()


def _party(kind: str, accounts: dict[str, Account]) -> Account:
    return accounts["610" if kind in SALES else "800"]


def _of_document(document: Document, accounts: dict[str, Account]) -> Iterator[Posting]:
    """Net to the lines' accounts, tax to the VAT account, and all of it against the party's."""
    # A sale credits income, a bill debits expense, and a credit note turns either.
    sign = -1 if (document.kind in SALES) != (document.kind in CREDITS) else 1
    parts: list[tuple[str, Decimal]] = []
    for line in document.lines:
        net = line.amount - line.tax if document.basis == "inclusive" else line.amount
        parts.append((line.account_id, sign * cents(net / document.rate)))
    parts.append((accounts["820"].id, sign * cents(document.tax / document.rate)))
    rest = -sum((amount for _, amount in parts), ZERO)
    parts.append((_party(document.kind, accounts).id, rest))
    for place, (account_id, amount) in enumerate(parts):
        if amount:
            yield Posting(
                id=_id(document, place),
                account_id=account_id,
                amount=amount,
                posted_on=document.issued_on,
                updated_at=document.updated_at,
                cause=document,
            )


def _of_payment(payment: Payment, accounts: dict[str, Account]) -> Iterator[Posting]:
    """Money to or from the bank account, against the party's."""
    sign: Literal[1, -1] = 1 if (payment.kind in SALES) != (payment.kind in CREDITS) else -1
    amount = sign * cents(payment.amount / payment.rate)
    for place, (account_id, part) in enumerate(
        ((payment.account_id, amount), (_party(payment.kind, accounts).id, -amount))
    ):
        yield Posting(
            id=_id(payment, place),
            account_id=account_id,
            amount=part,
            posted_on=payment.paid_on,
            updated_at=payment.updated_at,
            cause=payment,
            deleted=payment.status == "deleted",
        )
