"""What the books' ledger is at Sage: entries, each a debit or a credit of one account by one transaction.

Money that pays for several documents is one transaction, and one entry at the bank. What was deleted keeps
its entries, which say so of themselves; drafts have never had any.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from attrs import evolve, frozen

from tallystick.connectors.sage.sandbox.dialect import (
    ALLOCATION_TYPES,
    DOCUMENT_TYPES,
    ON_ACCOUNT_TYPES,
    PAYMENT_TYPES,
    document_ref,
    ref,
    sage_id,
)
from tallystick.connectors.sandbox.books import SALES, Books, Side
from tallystick.connectors.sandbox.ledger import entries
from tallystick.connectors.sandbox.postings import DIRECTION, Entry, EntryKind, Posting
from tallystick.connectors.sandbox.reliefs import base

_Sides = Sequence[tuple[str, Decimal]]
_AT_PAR: Final = Decimal("1.000000")


@frozen(kw_only=True)
class Posted:
    """One debit or credit of one account."""

    id: str
    account_id: str
    amount: Decimal  #: base currency; a debit is positive
    description: str
    posted_on: date
    updated_at: datetime
    transaction_id: str
    reference: str
    kind: str  #: Sage's type of transaction
    origin: dict[str, Any]  #: the record behind it
    contact_id: str | None
    deleted: bool = False


def postings(books: Books) -> list[Posted]:
    """All of the ledger. Reads every record."""
    found: dict[str, Posted] = {}
    told = [(entry, False) for entry in entries(books)]
    for entry, deleted in [*told, *((entry, True) for entry in _gone(books))]:
        transaction, kind, origin = _cause(entry, books)
        of_account: dict[str, int] = {}
        for posting in entry.postings:
            place = of_account[posting.account_id] = of_account.get(posting.account_id, 0) + 1
            source = entry.source_id
            if entry.kind == "payment" and books.accounts[posting.account_id].kind == "bank":
                source = transaction
            id_ = _id(source, posting.account_id, place)
            if id_ in found:
                found[id_] = evolve(found[id_], amount=found[id_].amount + posting.amount)
                continue
            found[id_] = Posted(
                id=id_,
                account_id=posting.account_id,
                amount=posting.amount,
                description=posting.description or entry.reference,
                posted_on=entry.posted_on,
                updated_at=entry.entered_at,
                transaction_id=sage_id(transaction),
                reference=entry.reference,
                kind=kind,
                origin=origin,
                contact_id=entry.contact_id,
                deleted=deleted,
            )
    return list(found.values())


def _id(source: str, account_id: str, place: int) -> str:
    return hashlib.blake2b(f"{source}:{account_id}:{place}".encode(), digest_size=16).hexdigest()


def _cause(entry: Entry, books: Books) -> tuple[str, str, dict[str, Any]]:
    """The id of the transaction, its type, and the record behind it."""
    id_ = entry.source_id
    match entry.kind:
        case "payment":
            payment = books.payments[id_]
            of = payment.batch_id or id_
            return of, PAYMENT_TYPES[payment.kind], ref("contact_payments", sage_id(of), entry.reference)
        case "on_account":
            kind = ON_ACCOUNT_TYPES[books.on_account[id_].side]
            return id_, kind, ref("contact_payments", sage_id(id_), entry.reference)
        case "settlement":
            account = next(iter(entry.postings)).account_id
            side: Side = "sales" if books.accounts[account].system == "DEBTORS" else "purchases"
            return id_, ALLOCATION_TYPES[side], ref("contact_allocations", sage_id(id_), "Allocation")
        case "bank_transaction":
            kind = "OTHER_PAYMENT" if books.bank_transactions[id_].kind == "spend" else "OTHER_RECEIPT"
            return id_, kind, ref("other_payments", sage_id(id_), entry.reference)
        case "transfer":
            return id_, "BANK_TRANSFER", ref("bank_transfers", sage_id(id_), entry.reference)
        case "journal":
            if books.manual_journals[id_].opening:
                path, kind = "opening_balance_journals", "OPENING_BALANCE_JOURNAL"
            else:
                path, kind = "journals", "JOURNAL"
            return id_, kind, ref(path, sage_id(id_), entry.reference)
        case _:
            return id_, DOCUMENT_TYPES[entry.kind], document_ref(books.documents[id_])


def _gone(books: Books) -> Iterator[Entry]:
    """What deleted records had posted, against one account each: whose it was no longer matters."""
    control = {name: books.system_account(name).id for name in ("DEBTORS", "CREDITORS")}

    def entry(kind: EntryKind, id_: str, on: date, at: datetime, reference: str, sides: _Sides) -> Entry:
        return Entry(
            kind=kind,
            source_id=id_,
            posted_on=on,
            entered_at=at,
            reference=reference,
            contact_id=None,
            currency=books.organisation.base_currency,
            rate=_AT_PAR,
            postings=tuple(Posting(account, amount) for account, amount in sides if amount),
        )

    for each in books.payments.values():
        if each.status == "deleted":
            banked = DIRECTION[each.kind] * base(each.amount, each.rate)
            party = control["DEBTORS" if each.kind in SALES else "CREDITORS"]
            sides = ((each.account_id, banked), (party, -banked))
            yield entry("payment", each.id, each.paid_on, each.updated_at, each.reference, sides)
    for on in books.on_account.values():
        if on.status == "voided":
            banked = base(on.amount, on.rate) * (1 if on.side == "sales" else -1)
            party = control["DEBTORS" if on.side == "sales" else "CREDITORS"]
            sides = ((on.account_id, banked), (party, -banked))
            yield entry("on_account", on.id, on.paid_on, on.updated_at, on.reference, sides)
    for spent in books.bank_transactions.values():
        if spent.status == "deleted":
            out = base(spent.total, spent.rate) * (1 if spent.kind == "spend" else -1)
            sides = ((spent.account_id, -out), (spent.lines[0].account_id, out))
            reference = spent.reference or spent.number
            yield entry("bank_transaction", spent.id, spent.made_on, spent.updated_at, reference, sides)
    for moved in books.transfers.values():
        if moved.status == "deleted":
            amount = moved.base_amount
            sides = ((moved.from_account_id, -amount), (moved.to_account_id, amount))
            yield entry("transfer", moved.id, moved.made_on, moved.updated_at, moved.reference, sides)
    for journal in books.manual_journals.values():
        if journal.status in {"deleted", "voided"}:
            lines = [(line.account_id, line.amount) for line in journal.lines]
            yield entry("journal", journal.id, journal.posted_on, journal.updated_at, journal.number, lines)
