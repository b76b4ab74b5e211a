"""What customers owe and what suppliers are owed, by contact and by how long it has been due."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final

from attrs import frozen

from tallystick.connectors.sandbox.amounts import ZERO
from tallystick.connectors.sandbox.books import CREDITS, SALES, Books, Side
from tallystick.connectors.sandbox.reliefs import base_due, base_left

#: The last days past due of each bucket but the first (not due yet) and the last (all that is older).
BUCKET_DAYS: Final = (30, 60, 90)


@frozen(kw_only=True)
class AgedContact:
    """One contact's row, in the base currency. What is owed is positive on either side."""

    contact_id: str
    buckets: tuple[Decimal, ...]  #: not due yet, then to each of `BUCKET_DAYS`, then older

    @property
    def total(self) -> Decimal:
        """All of it; the rows' totals are what stands on the control account."""
        return sum(self.buckets, ZERO)


def aged(books: Books, side: Side, on: date) -> list[AgedContact]:
    """As at the end of a day, contacts in the order in which they were written. Reads all documents.

    Credits that are left, and money on account, stand below nothing by their own day.
    """
    rows: dict[str, list[Decimal]] = {}
    for contact_id, day, amount in _standing(books, side, on):
        past = (on - day).days
        place = 0 if past <= 0 else 1 + sum(past > days for days in BUCKET_DAYS)
        rows.setdefault(contact_id, [ZERO] * (len(BUCKET_DAYS) + 2))[place] += amount
    return [
        AgedContact(contact_id=contact_id, buckets=tuple(rows[contact_id]))
        for contact_id in books.contacts
        if contact_id in rows
    ]


def _standing(books: Books, side: Side, on: date) -> Iterator[tuple[str, date, Decimal]]:
    """Contact, the day that it is aged by, and what is left."""
    for document in books.documents.values():
        if (document.kind in SALES) != (side == "sales"):
            continue
        left = base_due(books, document, on)
        if not left:
            continue
        if document.kind in CREDITS:
            yield document.contact_id, document.issued_on, -left
        else:
            yield document.contact_id, document.due_on, left
    for source in books.on_account.values():
        if source.side == side:
            left = base_left(books, source, on)
            if left:
                yield source.contact_id, source.paid_on, -left
