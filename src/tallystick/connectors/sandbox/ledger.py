"""Made-up books: the same seed and sizes give the same books, whatever the day.

Only dates move with the day on which they are written (`now`). Source: design.md §6.
"""

import random
from datetime import date, datetime, timedelta
from decimal import Decimal

from attrs import evolve

from tallystick.connectors.sandbox import words
from tallystick.connectors.sandbox.amounts import cents
from tallystick.connectors.sandbox.bookkeeper import Bookkeeper, random_id
from tallystick.connectors.sandbox.books import (
    Account,
    Books,
    Contact,
    Document,
    DocumentKind,
    DocumentStatus,
    Item,
    Organisation,
)
from tallystick.connectors.sandbox.chart import CHART, FOREIGN, TAX_RATES

#: How far back the books go.
HISTORY_DAYS = 540
#: Of a hundred documents, how many are in each state. `part` is part paid, `authorised` wholly unpaid.
STATES = (
    ("draft",) * 5
    + ("submitted",) * 3
    + ("voided",) * 4
    + ("authorised",) * 23
    + ("part",) * 12
    + ("paid",) * 53
)
#: One document in so many has a total of 15 digits.
LARGE_EVERY = 150


def write_books(*, seed: int, number: int, records: int, now: datetime) -> Books:
    """The books of company `number` with `records` invoices; about 0.2 ms a record.

    `now` is the last moment that anything in them can bear.
    """
    rng = random.Random(f"tallystick:{seed}:{number}:{records}")  # noqa: S311 - made-up books, no secret
    today = now.date()
    books = Books(organisation=_organisation(rng, number, now))
    _lists(books, rng, now)
    keeper = Bookkeeper(books, rng, now)
    people = _contacts(books, rng, now, count=max(12, -(-records // 4)))
    books.contacts.update((contact.id, contact) for contact in people)
    customers, suppliers = _pools(people)
    for kind, contacts, count in (("invoice", customers, records), ("bill", suppliers, -(-records * 3 // 5))):
        _documents(keeper, kind, contacts, count, today)  # type: ignore[arg-type]
        _credits(keeper, kind, contacts, -(-count // 20), today)  # type: ignore[arg-type]
    _archive(books, rng, now)
    books.revision = 0
    return books


def _organisation(rng: random.Random, number: int, now: datetime) -> Organisation:
    name = words.COMPANY_NAMES[number % len(words.COMPANY_NAMES)]
    if number >= len(words.COMPANY_NAMES):
        name = f"{name} {number // len(words.COMPANY_NAMES) + 1}"
    return Organisation(
        id=random_id(rng),
        name=name,
        legal_name=name,
        # One in six keeps its books in euros, so that nobody takes pounds for granted.
        base_currency="EUR" if number % 6 == 4 else "GBP",
        country="GB",
        registration_number=f"{rng.randrange(10**7, 10**8)}",
        tax_number=f"GB{rng.randrange(10**8, 10**9)}",
        year_end=((31, 3), (31, 12), (5, 4))[number % 3],
        town=words.TOWNS[number % len(words.TOWNS)][0],
        created_at=now - timedelta(days=HISTORY_DAYS + 200),
    )


def _lists(books: Books, rng: random.Random, now: datetime) -> None:
    base = books.organisation.base_currency
    for row in CHART:
        account = Account(
            id=random_id(rng),
            code=row.code,
            name=row.name,
            kind=row.kind,
            tax_code=row.tax_code,
            system=row.system,
            description="" if row.kind == "bank" else f"{row.name}, as the standard chart has it",
            bank_number=f"20{rng.randrange(10**11, 10**12)}" if row.kind == "bank" else "",
            currency=(row.currency or base) if row.kind == "bank" else "",
            updated_at=_before(rng, now, HISTORY_DAYS),
        )
        books.accounts[account.id] = account
    books.tax_rates.update((rate.code, rate) for rate in TAX_RATES)
    for code, name, sale, purchase in words.WARES:
        item = Item(
            id=random_id(rng),
            code=code,
            name=name,
            description=f"{name} ({code})",
            sale_price=Decimal(sale),
            purchase_price=Decimal(purchase) if purchase else None,
            sale_account="210" if not purchase else "200",
            purchase_account="310",
            updated_at=_before(rng, now, HISTORY_DAYS),
        )
        books.items[item.id] = item


def _before(rng: random.Random, now: datetime, days: int) -> datetime:
    return now - timedelta(milliseconds=rng.randrange(1_000, days * 86_400_000))


def _contacts(books: Books, rng: random.Random, now: datetime, *, count: int) -> list[Contact]:
    base = books.organisation.base_currency
    names = _names(rng, count)
    contacts: list[Contact] = []
    for place, name in enumerate(names):
        foreign = FOREIGN[rng.randrange(len(FOREIGN))] if rng.random() < 0.12 else base
        # The first customer trades in rupiah: that is where totals of 15 digits are no surprise.
        currency = "IDR" if place == 0 else foreign
        contacts.append(contact(rng, name, currency, _before(rng, now, HISTORY_DAYS)))
    return contacts


def contact(rng: random.Random, name: str, currency: str, at: datetime) -> Contact:
    """A contact that is neither customer nor supplier yet."""
    first, last = words.PEOPLE[rng.randrange(len(words.PEOPLE))]
    town, postcode = words.TOWNS[rng.randrange(len(words.TOWNS))]
    return Contact(
        id=random_id(rng),
        name=name,
        first_name=first,
        last_name=last,
        email=f"accounts.{rng.getrandbits(32):08x}@example.com" if rng.random() < 0.85 else "",
        phone=f"{rng.randrange(10**6, 10**7)}" if rng.random() < 0.7 else "",
        town=town,
        street=f"{rng.randrange(1, 200)} {words.STREETS[rng.randrange(len(words.STREETS))]}",
        postcode=postcode,
        country="United Kingdom",
        tax_number=f"GB{rng.randrange(10**8, 10**9)}" if rng.random() < 0.5 else "",
        company_number=f"{rng.randrange(10**7, 10**8)}" if rng.random() < 0.4 else "",
        currency=currency,
        is_customer=False,
        is_supplier=False,
        updated_at=at,
    )


def _names(rng: random.Random, count: int) -> list[str]:
    """Distinct names, a quarter of them in other scripts as long as there are some."""
    far = list(words.FAR_NAMES)
    rng.shuffle(far)
    near = [f"{adjective} {trade}" for adjective in words.ADJECTIVES for trade in words.TRADES]
    rng.shuffle(near)
    mixed = [far.pop() if far and place % 4 == 3 else near[place % len(near)] for place in range(count)]
    seen: dict[str, int] = {}
    for place, name in enumerate(mixed):
        seen[name] = times = seen.get(name, 0) + 1
        if times > 1:
            mixed[place] = f"{name} {times}"
    return mixed


def _pools(people: list[Contact]) -> tuple[list[Contact], list[Contact]]:
    """Customers and suppliers: a tenth are both, the last few neither."""
    used = people[: len(people) - max(1, len(people) // 25)]
    border = len(used) * 3 // 5
    both = max(1, len(used) // 10)
    return used[:border], used[border - both :]


def _documents(
    keeper: Bookkeeper, kind: DocumentKind, contacts: list[Contact], count: int, today: date
) -> None:
    rng = keeper.rng
    for place in range(count):
        issued_on = today - timedelta(
            days=max(0, HISTORY_DAYS * (count - place - 1) // count - rng.randrange(4))
        )
        state = STATES[int(rng.random() * len(STATES))]
        large = kind == "invoice" and place % LARGE_EVERY == LARGE_EVERY // 2
        status: DocumentStatus = "authorised" if state in {"part", "paid"} else state  # type: ignore[assignment]
        who = contacts[0] if large else contacts[int(rng.random() * len(contacts))]
        document = keeper.document(kind, who, issued_on=issued_on, status=status, large=large)
        if state in {"part", "paid"}:
            _settle(keeper, document, today, whole=state == "paid")


def _settle(keeper: Bookkeeper, document: Document, today: date, *, whole: bool) -> None:
    rng = keeper.rng
    part = cents(document.total * rng.randrange(20, 80) / 100)
    amounts = [document.total]
    if part and (not whole or rng.random() < 0.2):
        amounts = [part, document.total - part] if whole else [part]
    day = document.issued_on
    for amount in amounts:
        day = min(today, day + timedelta(days=rng.randrange(1, 40)))
        keeper.pay(document, amount, paid_on=day)
        document = keeper.books.documents[document.id]


def _credits(
    keeper: Bookkeeper, kind: DocumentKind, contacts: list[Contact], count: int, today: date
) -> None:
    """Credit notes: half given to open documents, some refunded, some drafts, some voided."""
    rng, books = keeper.rng, keeper.books
    credit_kind: DocumentKind = "credit_note" if kind == "invoice" else "bill_credit_note"
    unpaid = books.documents_where(lambda found: found.kind == kind and found.status == "authorised")
    for place in range(count):
        fate = rng.random()
        target = unpaid[rng.randrange(len(unpaid))] if unpaid and fate < 0.5 else None
        if target is not None:
            target = books.documents[target.id]
        who = books.contacts[target.contact_id] if target else contacts[rng.randrange(len(contacts))]
        issued_on = today - timedelta(days=rng.randrange(HISTORY_DAYS // 2))
        if target is not None:
            issued_on = min(today, target.issued_on + timedelta(days=rng.randrange(30)))
        status: DocumentStatus = "authorised" if fate < 0.8 else "draft" if fate < 0.9 else "voided"
        note = keeper.document(credit_kind, who, issued_on=issued_on, status=status)
        if target is not None and target.due > 0:
            most = min(note.total, target.due)
            amount = most if place % 2 else cents(most * 3 / 5)
            if amount:
                keeper.allocate(note, target, amount, made_on=issued_on)
        elif status == "authorised" and fate < 0.65:
            keeper.pay(note, note.total, paid_on=min(today, issued_on + timedelta(days=rng.randrange(20))))


def _archive(books: Books, rng: random.Random, now: datetime) -> None:
    """A few contacts with old documents are hidden from the lists."""
    ids = list(books.contacts)
    for id_ in rng.sample(ids[1:], max(1, len(ids) // 25)):
        found = books.contacts[id_]
        at = max(found.updated_at, _before(rng, now, 60))
        books.contacts[id_] = evolve(found, status="archived", updated_at=at)
