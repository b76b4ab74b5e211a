"""Writes documents, payments and credit notes into books so that they agree with each other."""

import random
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from attrs import define, evolve, field

from tallystick.connectors.sandbox import words
from tallystick.connectors.sandbox.amounts import ZERO, LineAmounts, TaxBasis, cents, line_amounts, totals
from tallystick.connectors.sandbox.books import (
    SALES,
    Account,
    Allocation,
    Books,
    Contact,
    Document,
    DocumentKind,
    DocumentStatus,
    Item,
    Line,
    Payment,
)
from tallystick.connectors.sandbox.chart import PER_POUND, PURCHASE_CODES, SALES_CODES

_SIX = Decimal("0.000001")
_BASES: tuple[TaxBasis, ...] = ("exclusive",) * 15 + ("inclusive",) * 4 + ("no_tax",)
_DISCOUNTS = tuple(Decimal(text) for text in ("5.00", "10.00", "12.50", "33.33"))
_NUMBERS = {"invoice": "INV", "bill": "BILL", "credit_note": "CN", "bill_credit_note": "SCN"}


def random_id(rng: random.Random) -> str:
    """A random UUID, version 4, that the same seed gives again."""
    text = f"{rng.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


@define(eq=False)
class Bookkeeper:
    """One company's books and the means to write in them. All that is random comes from `rng`."""

    books: Books
    rng: random.Random
    now: datetime
    _accounts: dict[str, Account] = field(init=False)
    _items: list[Item] = field(init=False)
    _numbers: dict[DocumentKind, int] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        self._accounts = {account.code: account for account in self.books.accounts.values()}
        self._items = list(self.books.items.values())
        for document in self.books.documents.values():
            self._numbers[document.kind] = self._numbers.get(document.kind, 0) + 1

    def moment(self, day: date) -> datetime:
        """Some moment of a day, never after the present."""
        start = datetime.combine(day, time(), UTC)
        seconds = min((self.now - start).total_seconds(), 86400)
        return start + timedelta(milliseconds=int(seconds * self.rng.random() * 1000))

    def document(
        self,
        kind: DocumentKind,
        contact: Contact,
        *,
        issued_on: date,
        status: DocumentStatus,
        large: bool = False,
        at: datetime | None = None,
    ) -> Document:
        """Write a document with one to five lines, nothing paid yet. `large`: a total of 15 digits.

        `at` is when it was entered, some moment of `issued_on` if not given.
        """
        rng = self.rng
        basis = _BASES[int(rng.random() * len(_BASES))]
        count = 1 if large else 1 + int(rng.random() * rng.random() * 5)
        lines = tuple(self._line(kind, basis, large=large) for _ in range(count))
        written = at or self.moment(issued_on)
        self._numbers[kind] = number = self._numbers.get(kind, 0) + 1
        document = figured(
            Document(
                id=random_id(rng),
                kind=kind,
                number=self._number(kind, number),
                reference=f"PO {rng.randrange(1000, 99999)}" if rng.random() < 0.4 else "",
                contact_id=contact.id,
                issued_on=issued_on,
                due_on=issued_on + timedelta(days=(0, 7, 14, 30, 30, 30, 60)[int(rng.random() * 7)]),
                currency=contact.currency,
                rate=self._rate(contact.currency),
                basis=basis,
                status=status,
                lines=lines,
                sub_total=ZERO,
                tax=ZERO,
                total=ZERO,
                discount=ZERO,
                paid=ZERO,
                credited=ZERO,
                settled_on=None,
                sent=status not in {"draft", "submitted"} and kind in SALES and rng.random() < 0.8,
                created_at=written,
                updated_at=written,
            )
        )
        self.books.put_document(document)
        return document

    def pay(
        self, document: Document, amount: Decimal, *, paid_on: date, at: datetime | None = None
    ) -> Payment:
        """Pay a posted document, or refund a credit note; its figures and status follow.

        `at` is when it was entered, some moment of `paid_on` if not given.
        """
        rng = self.rng
        entered = at or self.moment(paid_on)
        bank = self._accounts[
            "092" if document.currency == "USD" else "091" if rng.random() < 0.05 else "090"
        ]
        base = self.books.organisation.base_currency
        rate = document.rate if document.currency == base else self._rate(document.currency)
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
        )
        self.books.put_payment(payment)
        self.books.put_document(settled(document, entered, paid_on, paid=document.paid + amount))
        return payment

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

    def _number(self, kind: DocumentKind, number: int) -> str:
        if kind == "bill":
            return "" if self.rng.random() < 0.05 else f"{self.rng.randrange(10_000, 999_999)}"
        return f"{_NUMBERS[kind]}-{number:04d}"

    def _rate(self, currency: str) -> Decimal:
        base = self.books.organisation.base_currency
        if currency == base:
            return Decimal("1.000000")
        drift = Decimal(self.rng.randrange(970_000, 1_030_000)) / 1_000_000
        return (PER_POUND[currency] / PER_POUND[base] * drift).quantize(_SIX)

    def _line(self, kind: DocumentKind, basis: TaxBasis, *, large: bool) -> Line:
        rng = self.rng
        sale = kind in SALES
        item = (
            self._items[int(rng.random() * len(self._items))] if self._items and rng.random() < 0.6 else None
        )
        if large:
            item = None
        if item is not None and not sale and item.purchase_price is None:
            item = None
        if item is not None:
            code = item.sale_account if sale else item.purchase_account
            price = item.sale_price if sale or item.purchase_price is None else item.purchase_price
            description = item.name
        else:
            codes = SALES_CODES if sale else PURCHASE_CODES
            code = codes[int(rng.random() * len(codes))]
            price = self._price(large=large)
            wares = words.PURCHASES
            description = (
                words.WARES[int(rng.random() * len(words.WARES))][1]
                if sale
                else wares[int(rng.random() * len(wares))]
            )
        account = self._accounts[code]
        tax_code = "NONE" if basis == "no_tax" else account.tax_code
        if sale and tax_code == "S20" and rng.random() < 0.1:
            tax_code = ("S5", "S0", "SE")[int(rng.random() * 3)]
        quantity = Decimal("1.0000") if large else self._quantity()
        discount_rate, discount_amount = self._discount(sale=sale and not large, gross=quantity * price)
        amount, tax, discount = line_amounts(
            quantity,
            price,
            rate=self.books.tax_rates[tax_code].percent,
            basis=basis,
            discount_rate=discount_rate,
            discount_amount=discount_amount,
        )
        note = words.NOTES[int(rng.random() * len(words.NOTES))]
        return Line(
            id=random_id(rng),
            description=f"{description} {note}".strip(),
            quantity=quantity,
            unit_price=price,
            account_id=account.id,
            account_code=account.code,
            tax_code=tax_code,
            amount=amount,
            tax=tax,
            discount=discount,
            discount_rate=discount_rate,
            discount_amount=discount_amount,
            item_id=None if item is None else item.id,
        )

    def _price(self, *, large: bool) -> Decimal:
        rng = self.rng
        if large:
            return Decimal(rng.randrange(10**14, 8 * 10**14)).scaleb(-2)
        if rng.random() < 0.15:
            return Decimal(rng.randrange(500, 900_000)).scaleb(-4)
        return Decimal(rng.randrange(500, 90_000)).scaleb(-2)

    def _quantity(self) -> Decimal:
        rng = self.rng
        if rng.random() < 0.15:
            return Decimal(rng.randrange(2_500, 400_000)).scaleb(-4)
        return Decimal((1 + int(rng.random() * rng.random() * 40)) * 10_000).scaleb(-4)

    def _discount(self, *, sale: bool, gross: Decimal) -> tuple[Decimal | None, Decimal | None]:
        luck = self.rng.random()
        if not sale or luck > 0.12:
            return None, None
        if luck > 0.02:
            return _DISCOUNTS[int(self.rng.random() * len(_DISCOUNTS))], None
        return None, cents(gross / 8)


def figured(document: Document) -> Document:
    """The document with the totals that its lines come to."""
    sums = totals(
        (LineAmounts(line.amount, line.tax, line.discount) for line in document.lines), document.basis
    )
    return evolve(document, sub_total=sums.sub_total, tax=sums.tax, total=sums.total, discount=sums.discount)


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
