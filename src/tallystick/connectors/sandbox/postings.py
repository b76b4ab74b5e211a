"""What the books come to in the ledger: every record as debits and credits that add up to nothing.

All amounts are in the base currency, debits positive. A document stands on its control account (debtors or
creditors) with what its lines and tax come to at its own rate. What settles it takes off a part as large
as the part of its total that is settled, so that nothing is left when nothing is due; what the money was
worth beside that is a gain or a loss of exchange.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal, NamedTuple

from attrs import frozen

from tallystick.connectors.sandbox.amounts import ZERO, TaxBasis, cents
from tallystick.connectors.sandbox.books import (
    CREDITS,
    POSTED,
    SALES,
    Allocation,
    Application,
    BankTransaction,
    Books,
    Document,
    DocumentKind,
    Line,
    ManualJournal,
    OnAccount,
    Payment,
    Transfer,
)
from tallystick.connectors.sandbox.reliefs import LIVE, applied_reliefs, base, given, net, reliefs

#: A `settlement` is of a credit note or a payment on account whose rate is not its document's.
EntryKind = (
    DocumentKind | Literal["payment", "on_account", "settlement", "bank_transaction", "transfer", "journal"]
)
#: Which way a document's total goes on its control account.
DIRECTION: Final[dict[DocumentKind, Literal[1, -1]]] = {
    "invoice": 1,
    "credit_note": -1,
    "bill": -1,
    "bill_credit_note": 1,
}


class Posting(NamedTuple):
    """A debit (positive) or a credit of one account."""

    account_id: str
    amount: Decimal  #: base currency, never nothing
    description: str = ""
    tracking: tuple[str, ...] = ()


@frozen(kw_only=True)
class Entry:
    """What one record posted: its amounts add up to nothing."""

    kind: EntryKind
    source_id: str  #: the record's; of a settlement that of the allocation or the application
    posted_on: date
    entered_at: datetime
    reference: str
    contact_id: str | None
    currency: str  #: of the record
    rate: Decimal  #: units of `currency` for one of the base currency
    postings: tuple[Posting, ...]


def entries(books: Books) -> Iterator[Entry]:
    """Of all that stands in the books now, in no order of days. Reads every record."""
    return _Poster.of(books).entries()


@frozen
class _Poster:
    """Entries of books as they are now, and the accounts that everything goes to."""

    _books: Books
    _debtors: str
    _creditors: str
    _tax: str
    _exchange: str

    @classmethod
    def of(cls, books: Books) -> "_Poster":
        system = {account.system: account.id for account in books.accounts.values() if account.system}
        names = ("DEBTORS", "CREDITORS", "GST", "REALISEDCURRENCYGAIN")
        return cls(books, *(system[name] for name in names))

    def entries(self) -> Iterator[Entry]:
        books = self._books
        for document in books.documents.values():
            if document.status in POSTED:
                yield self._document(document)
                yield from self._settled(document)
        for source in books.on_account.values():
            if source.status in LIVE:
                yield self._on_account(source)
        for transaction in books.bank_transactions.values():
            if transaction.status == "authorised":
                yield self._bank_transaction(transaction)
        for transfer in books.transfers.values():
            if transfer.status == "authorised":
                yield self._transfer(transfer)
        for journal in books.manual_journals.values():
            if journal.status == "posted":
                yield self._journal(journal)

    def _control(self, kind: DocumentKind) -> str:
        return self._debtors if kind in SALES else self._creditors

    def _document(self, source: Document) -> Entry:
        side = DIRECTION[source.kind]
        found = self._lines(source.lines, source.basis, source.tax, source.rate, -side)
        whole = -sum((posting.amount for posting in found), ZERO)
        return Entry(
            kind=source.kind,
            source_id=source.id,
            posted_on=source.issued_on,
            entered_at=source.updated_at,
            reference=source.number or source.reference,
            contact_id=source.contact_id,
            currency=source.currency,
            rate=source.rate,
            postings=_standing(Posting(self._control(source.kind), whole), *found),
        )

    def _lines(
        self, lines: Sequence[Line], basis: TaxBasis, tax: Decimal, rate: Decimal, side: int
    ) -> list[Posting]:
        """Lines net, the tax in one, and what is accounted for and reclaimed under a reverse charge."""
        found = [
            Posting(line.account_id, side * base(net(line, basis), rate), line.description, line.tracking)
            for line in lines
        ]
        found.append(Posting(self._tax, side * base(tax, rate)))
        for line in lines:
            charged = self._books.tax_rates[line.tax_code]
            if charged.reverse_charge:
                ours = base(cents(net(line, basis) * charged.components[0].percent / 100), rate)
                found += [
                    Posting(self._tax, -side * ours, "Reverse charge"),
                    Posting(self._tax, side * ours, "Reverse charge"),
                ]
        return found

    def _settled(self, document: Document) -> Iterator[Entry]:
        """A document's payments, and what its credit notes or payments on account were worth beside it."""
        books = self._books
        paid = books.live_payments(document.id)
        ends = given(books, document.id)
        if not paid and not ends:
            return
        shares = reliefs(books, document)
        for payment in paid:
            yield self._payment(payment, document, shares[payment.id])
        if document.kind in CREDITS:
            return  # the other document's turn
        for each in ends:
            if isinstance(each, Allocation):
                credit = books.documents[each.credit_id]
                worth, at = reliefs(books, credit)[each.id], credit.updated_at
            else:
                source = books.on_account[each.on_account_id]
                worth, at = applied_reliefs(books, source)[each.id], source.updated_at
            difference = DIRECTION[document.kind] * (worth - shares[each.id])
            if difference:
                yield self._settlement(each, document, difference, at)

    def _settlement(
        self, source: Allocation | Application, document: Document, difference: Decimal, at: datetime
    ) -> Entry:
        return Entry(
            kind="settlement",
            source_id=source.id,
            posted_on=source.made_on,
            entered_at=max(document.updated_at, at),
            reference=document.number,
            contact_id=document.contact_id,
            currency=document.currency,
            rate=document.rate,
            postings=_standing(
                Posting(self._control(document.kind), difference), Posting(self._exchange, -difference)
            ),
        )

    def _payment(self, source: Payment, document: Document, share: Decimal) -> Entry:
        side = DIRECTION[document.kind]
        banked, taken = side * base(source.amount, source.rate), side * share
        return Entry(
            kind="payment",
            source_id=source.id,
            posted_on=source.paid_on,
            entered_at=source.updated_at,
            reference=source.reference,
            contact_id=document.contact_id,
            currency=document.currency,
            rate=source.rate,
            postings=_standing(
                Posting(source.account_id, banked),
                Posting(self._control(document.kind), -taken),
                Posting(self._exchange, taken - banked),
            ),
        )

    def _on_account(self, source: OnAccount) -> Entry:
        sales = source.side == "sales"
        banked = base(source.amount, source.rate) * (1 if sales else -1)
        return Entry(
            kind="on_account",
            source_id=source.id,
            posted_on=source.paid_on,
            entered_at=source.updated_at,
            reference=source.reference,
            contact_id=source.contact_id,
            currency=source.currency,
            rate=source.rate,
            postings=_standing(
                Posting(source.account_id, banked),
                Posting(self._debtors if sales else self._creditors, -banked),
            ),
        )

    def _bank_transaction(self, source: BankTransaction) -> Entry:
        side = 1 if source.kind == "spend" else -1
        found = self._lines(source.lines, source.basis, source.tax, source.rate, side)
        whole = -sum((posting.amount for posting in found), ZERO)
        return Entry(
            kind="bank_transaction",
            source_id=source.id,
            posted_on=source.made_on,
            entered_at=source.updated_at,
            reference=source.reference or source.number,
            contact_id=source.contact_id,
            currency=source.currency,
            rate=source.rate,
            postings=_standing(Posting(source.account_id, whole), *found),
        )

    def _transfer(self, source: Transfer) -> Entry:
        return Entry(
            kind="transfer",
            source_id=source.id,
            posted_on=source.made_on,
            entered_at=source.updated_at,
            reference=source.reference,
            contact_id=None,
            currency=self._books.organisation.base_currency,
            rate=Decimal("1.000000"),
            postings=_standing(
                Posting(source.from_account_id, -source.base_amount),
                Posting(source.to_account_id, source.base_amount),
            ),
        )

    def _journal(self, source: ManualJournal) -> Entry:
        return Entry(
            kind="journal",
            source_id=source.id,
            posted_on=source.posted_on,
            entered_at=source.updated_at,
            reference=source.number,
            contact_id=None,
            currency=self._books.organisation.base_currency,
            rate=Decimal("1.000000"),
            postings=_standing(
                *(
                    Posting(line.account_id, line.amount, line.description, line.tracking)
                    for line in source.lines
                )
            ),
        )


def _standing(*postings: Posting) -> tuple[Posting, ...]:
    return tuple(posting for posting in postings if posting.amount)
