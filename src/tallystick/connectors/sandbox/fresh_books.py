"""Made-up books: the same seed and sizes give the same books, whatever the day.

Only dates move with the day on which they are written (`now`). Source: design.md §6.
"""

import random
from datetime import date, datetime, timedelta
from typing import Final

from attrs import evolve

from tallystick.connectors.sandbox.amounts import cents
from tallystick.connectors.sandbox.bookkeeper import Bookkeeper
from tallystick.connectors.sandbox.books import (
    Books,
    Contact,
    Document,
    DocumentKind,
    DocumentStatus,
)
from tallystick.connectors.sandbox.fresh_lists import (
    HISTORY_DAYS,
    before,
    leap_day,
    organisation,
    write_contacts,
    write_lists,
)
from tallystick.connectors.sandbox.fresh_money import write_money
from tallystick.connectors.sandbox.fresh_removals import write_removals

#: Of a hundred documents, how many are in each state. `part` is part paid, `authorised` wholly unpaid.
STATES: Final = (
    ("draft",) * 5
    + ("submitted",) * 3
    + ("voided",) * 4
    + ("authorised",) * 23
    + ("part",) * 12
    + ("paid",) * 53
)
#: One document in so many has a total of 15 digits; one a total of nothing; one is of a month's last day.
LARGE_EVERY: Final = 150
FREE_EVERY: Final = 60
MONTH_END_EVERY: Final = 12
#: From so many documents on the first is of a 29 February.
_LEAP_FROM: Final = 10
#: Companies before this one have deleted nothing while they are new: what they serve is what is counted.
REMOVALS_FROM: Final = 6


def write_books(*, seed: int, number: int, records: int, now: datetime) -> Books:
    """The books of company `number` with `records` invoices; about 0.3 ms a record.

    Even numbers are British, odd ones American. `now` is the last moment that anything in them can bear.
    """
    rng = random.Random(f"tallystick:{seed}:{number}:{records}")  # noqa: S311 - made-up books, no secret
    today = now.date()
    books = Books(organisation=organisation(rng, number, now))
    write_lists(books, rng, now)
    people = write_contacts(books, rng, now, count=max(12, -(-records // 4)))
    keeper = Bookkeeper(books, rng, now)
    customers, suppliers = _pools(people)
    for kind, contacts, count in (("invoice", customers, records), ("bill", suppliers, -(-records * 3 // 5))):
        _documents(keeper, kind, contacts, count, today)  # type: ignore[arg-type]
        _credits(keeper, kind, contacts, -(-count // 20), today)  # type: ignore[arg-type]
    write_money(keeper, customers, suppliers, records)
    if number >= REMOVALS_FROM:
        write_removals(keeper, customers, suppliers, records)
    _archive(books, rng, now)
    books.revision = 0
    return books


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
        if place == 0 and count >= _LEAP_FROM:
            issued_on = leap_day(today)
        elif place % MONTH_END_EVERY == MONTH_END_EVERY // 2:
            issued_on = issued_on.replace(day=1) - timedelta(days=1)
        state = STATES[int(rng.random() * len(STATES))]
        large = kind == "invoice" and place % LARGE_EVERY == LARGE_EVERY // 2
        free = place % FREE_EVERY == FREE_EVERY // 3
        status: DocumentStatus = "authorised" if state in {"part", "paid"} else state  # type: ignore[assignment]
        if free:
            status = "authorised"
        elif place == LARGE_EVERY // 2 and large:
            state = status = "draft"  # posted, it would dwarf all else in books of a usual size
        who = contacts[0] if large else contacts[int(rng.random() * len(contacts))]
        document = keeper.document(kind, who, issued_on=issued_on, status=status, large=large, free=free)
        if state in {"part", "paid"} and document.due:
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
        fate = rng.random() * (0.8 if place < 2 else 1)  # small books have some that stand
        target = unpaid[rng.randrange(len(unpaid))] if unpaid and fate < 0.5 else None
        if target is not None:
            target = books.documents[target.id]
        who = books.contacts[target.contact_id] if target else contacts[rng.randrange(len(contacts))]
        issued_on = today - timedelta(days=rng.randrange(HISTORY_DAYS // 2))
        if target is not None:
            issued_on = min(today, target.issued_on + timedelta(days=rng.randrange(30)))
        status: DocumentStatus = "authorised" if fate < 0.8 else "draft" if fate < 0.9 else "voided"
        note = keeper.document(credit_kind, who, issued_on=issued_on, status=status)
        refunded_on = min(today, issued_on + timedelta(days=rng.randrange(20)))
        if target is not None and target.due > 0:
            most = min(note.total, target.due)
            amount = most if place % 2 else cents(most * 3 / 5)
            if amount:
                keeper.allocate(note, target, amount, made_on=issued_on)
            note = books.documents[note.id]
            rest = cents(note.due / 2)
            if place % 4 == 0 and rest > 0:  # partly given, partly refunded, and a part is left
                keeper.pay(note, rest, paid_on=refunded_on)
        elif status == "authorised" and fate < 0.65:
            keeper.pay(note, note.total, paid_on=refunded_on)


def _archive(books: Books, rng: random.Random, now: datetime) -> None:
    """A few contacts with old documents are hidden from the lists."""
    ids = list(books.contacts)
    for id_ in rng.sample(ids[1:], max(1, len(ids) // 25)):
        found = books.contacts[id_]
        at = max(found.updated_at, before(rng, now, 60))
        books.contacts[id_] = evolve(found, status="archived", updated_at=at)
