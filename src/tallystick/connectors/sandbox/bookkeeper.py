"""Writes documents, payments and credit notes into books so that they agree with each other."""

import random
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final, Literal

from attrs import define, evolve, field

from tallystick.connectors.sandbox import words
from tallystick.connectors.sandbox.amounts import ZERO, LineAmounts, TaxBasis, Totals, cents, totals
from tallystick.connectors.sandbox.books import (
    POSTED,
    SALES,
    Account,
    Allocation,
    Books,
    Contact,
    Document,
    DocumentKind,
    DocumentStatus,
    Line,
    OrderKind,
    Payment,
)
from tallystick.connectors.sandbox.chart import CARD, CURRENT, PER_POUND, SAVINGS
from tallystick.connectors.sandbox.countries import country_of
from tallystick.connectors.sandbox.line_writer import LineWriter, random_id

__all__ = ["Bookkeeper", "figured", "random_id", "settled"]

_SIX: Final = Decimal("0.000001")
Numbered = DocumentKind | OrderKind | Literal["bank_transaction", "journal"]
_NUMBERS: Final[dict[Numbered, str]] = {
    "invoice": "INV",
    "bill": "BILL",
    "credit_note": "CN",
    "bill_credit_note": "SCN",
    "purchase_order": "PO",
    "sales_order": "SO",
    "bank_transaction": "BT",
    "journal": "MJ",
}


@define(eq=False)
class Bookkeeper:
    """One company's books and the means to write in them. All that is random comes from `rng`."""

    books: Books
    rng: random.Random
    now: datetime
    writer: LineWriter = field(init=False)
    _foreign_banks: dict[str, Account] = field(init=False)  #: by currency
    _numbers: dict[Numbered, int] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        books = self.books
        self.writer = LineWriter(books, self.rng, country_of(books.organisation))
        banks = [account for account in books.accounts.values() if account.kind == "bank"]
        self._foreign_banks = {
            account.currency: account
            for account in banks
            if account.currency != self.base_currency and account.status == "active"
        }
        kinds: list[Numbered] = [document.kind for document in books.documents.values()]
        kinds += [order.kind for order in books.orders.values()]
        for kind in kinds:
            self._numbers[kind] = self._numbers.get(kind, 0) + 1
        self._numbers["bank_transaction"] = len(books.bank_transactions)
        self._numbers["journal"] = len(books.manual_journals)

    @property
    def base_currency(self) -> str:
        """That of the ledger."""
        return self.books.organisation.base_currency

    def moment(self, day: date) -> datetime:
        """Some moment of a day, never after the present."""
        start = datetime.combine(day, time(), UTC)
        seconds = min((self.now - start).total_seconds(), 86400)
        return start + timedelta(milliseconds=int(seconds * self.rng.random() * 1000))

    def number(self, kind: Numbered) -> str:
        """The next number of a sort of records; bills bear their suppliers' numbers, or none."""
        self._numbers[kind] = number = self._numbers.get(kind, 0) + 1
        if kind == "bill":
            return "" if self.rng.random() < 0.05 else f"{self.rng.randrange(10_000, 999_999)}"
        return f"{_NUMBERS[kind]}-{number:04d}"

    def basis(self) -> TaxBasis:
        """One of the country's, as often as it is met there."""
        bases = self.writer.country.bases
        return bases[int(self.rng.random() * len(bases))]

    def rate(self, currency: str) -> Decimal:
        """Units of a currency for one of the base currency, on some day."""
        if currency == self.base_currency:
            return Decimal("1.000000")
        drift = Decimal(self.rng.randrange(970_000, 1_030_000)) / 1_000_000
        return (PER_POUND[currency] / PER_POUND[self.base_currency] * drift).quantize(_SIX)

    def bank(self, currency: str, *, spent: bool) -> Account:
        """Where money of a currency is kept, or is turned into the base currency; small sums by card."""
        luck = self.rng.random()
        if currency in self._foreign_banks:
            return self._foreign_banks[currency]
        code = SAVINGS if luck < 0.05 else CARD if spent and luck < 0.15 else CURRENT
        return self.writer.accounts[code]

    def method(self) -> str | None:
        """How it is paid."""
        ids = list(self.books.payment_methods)
        return ids[int(self.rng.random() * len(ids))] if ids else None

    def document(
        self,
        kind: DocumentKind,
        contact: Contact,
        *,
        issued_on: date,
        status: DocumentStatus,
        large: bool = False,
        free: bool = False,
        at: datetime | None = None,
    ) -> Document:
        """Write a document with one to six lines, nothing paid yet.

        `large`: a total of 15 digits; `free`: a total of nothing, which a posted document has settled.
        `at` is when it was entered, some moment of `issued_on` if not given.
        """
        rng = self.rng
        basis = self.basis()
        sale = kind in SALES
        lines = self.writer.lines(sale=sale, basis=basis, contact=contact, large=large, free=free)
        written = at or self.moment(issued_on)
        found = sums(lines, basis)
        document = Document(
            id=random_id(rng),
            kind=kind,
            number=self.number(kind),
            reference=f"PO {rng.randrange(1000, 99999)}" if rng.random() < 0.4 else "",
            contact_id=contact.id,
            issued_on=issued_on,
            due_on=issued_on + timedelta(days=(0, 7, 14, 30, 30, 30, 60)[int(rng.random() * 7)]),
            currency=contact.currency,
            rate=self.rate(contact.currency),
            basis=basis,
            status=status,
            lines=lines,
            sub_total=found.sub_total,
            tax=found.tax,
            total=found.total,
            discount=found.discount,
            paid=ZERO,
            credited=ZERO,
            settled_on=None,
            sent=status not in {"draft", "submitted"} and kind in SALES and rng.random() < 0.8,
            created_at=written,
            updated_at=written,
        )
        if status in POSTED and not document.total:
            document = settled(document, written, issued_on)
        self.books.put_document(document)
        return document

    def pay(
        self,
        document: Document,
        amount: Decimal,
        *,
        paid_on: date,
        at: datetime | None = None,
        within: Payment | None = None,
    ) -> Payment:
        """Pay a posted document, or refund a credit note; its figures and status follow.

        `at` is when it was entered, some moment of `paid_on` if not given. `within`: money of the same sum
        as this payment, whose account, rate and batch it shares.
        """
        rng = self.rng
        entered = at or self.moment(paid_on)
        spent = document.kind in {"bill", "credit_note"}
        bank = self.bank(document.currency, spent=spent)
        rate = document.rate if document.currency == self.base_currency else self.rate(document.currency)
        if within is not None:
            bank, rate = self.books.accounts[within.account_id], within.rate
        payment = Payment(
            id=random_id(rng),
            kind=document.kind,
            document_id=document.id,
            account_id=bank.id,
            paid_on=paid_on,
            amount=amount,
            bank_amount=amount if bank.currency == document.currency else cents(amount / rate),
            rate=rate,
            reference=f"{document.number} {words.NOTES[int(rng.random() * len(words.NOTES))]}".strip(),
            reconciled=rng.random() < 0.7,
            updated_at=entered,
            batch_id=None if within is None else within.batch_id,
            method_id=self.method() if within is None else within.method_id,
        )
        self.books.put_payment(payment)
        self.books.put_document(settled(document, entered, paid_on, paid=document.paid + amount))
        return payment

    def unpay(self, payment: Payment, at: datetime) -> None:
        """Delete a payment: it stays readable, and its document is open again."""
        self.books.put_payment(evolve(payment, status="deleted", updated_at=at))
        document = self.books.documents[payment.document_id]
        reopened = settled(document, at, document.settled_on, paid=document.paid - payment.amount)
        self.books.put_document(reopened)

    def allocate(self, credit: Document, document: Document, amount: Decimal, *, made_on: date) -> None:
        """Give a part of a credit note to a document of the same contact and currency."""
        at = self.moment(made_on)
        self.books.put_allocation(
            Allocation(
                id=random_id(self.rng),
                credit_id=credit.id,
                document_id=document.id,
                amount=amount,
                made_on=made_on,
            )
        )
        for each in (credit, document):
            self.books.put_document(settled(each, at, made_on, credited=each.credited + amount))


def sums(lines: tuple[Line, ...], basis: TaxBasis) -> Totals:
    """What the lines of a record come to."""
    return totals((LineAmounts(line.amount, line.tax, line.discount) for line in lines), basis)


def figured(document: Document) -> Document:
    """The document with the totals that its lines come to."""
    found = sums(document.lines, document.basis)
    return evolve(
        document, sub_total=found.sub_total, tax=found.tax, total=found.total, discount=found.discount
    )


def settled(
    document: Document,
    at: datetime,
    day: date | None,
    *,
    paid: Decimal | None = None,
    credited: Decimal | None = None,
) -> Document:
    """A posted document after money or credit moved: its status says whether anything is left."""
    changed = evolve(
        document,
        paid=document.paid if paid is None else paid,
        credited=document.credited if credited is None else credited,
        updated_at=max(document.updated_at, at),
    )
    over = changed.due == 0
    return evolve(changed, status="paid" if over else "authorised", settled_on=day if over else None)
