"""One company at the made-up QuickBooks: its rows, its truth and its changes."""

import random
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from attrs import define, evolve, field

from tallystick.connectors.quickbooks.sandbox.journal_report import JournalReport
from tallystick.connectors.quickbooks.sandbox.numbering import Count, Numbering, customer_key, vendor_key
from tallystick.connectors.quickbooks.sandbox.rows import CompanyRows, TakenItem, not_posted
from tallystick.connectors.quickbooks.sandbox.truth import truth_of_company
from tallystick.connectors.sandbox.acts import pick
from tallystick.connectors.sandbox.bookkeeper import Bookkeeper
from tallystick.connectors.sandbox.books import SALES, Books, DocumentKind
from tallystick.connectors.sandbox.change import Changed, change
from tallystick.connectors.sandbox.document_acts import party
from tallystick.connectors.sandbox.truth import DOCUMENT_TYPES, Truth

_COUNTS: Final[dict[str, Count]] = {
    "chartOfAccounts": "Account",
    "bankAccounts": "Account",
    "items": "Item",
    "taxRates": "TaxCode",
}
_KINDS: Final[dict[str, DocumentKind]] = {name: kind for kind, name in DOCUMENT_TYPES.items()}  # type: ignore[misc]


@define(eq=False, kw_only=True)
class QuickBooksCompany:
    """A realm. See `connectors.sandbox.provider.Company`."""

    tenant: str
    name: str
    rows: CompanyRows
    seed: int
    journal: JournalReport = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.journal = JournalReport(rows=self.rows)

    def truth(self) -> Truth:
        """What its books hold now, as QuickBooks tells it."""
        return truth_of_company(self.journal)

    def change(
        self, entity: str, *, create: int, update: int, delete: int, at: datetime, number: int
    ) -> Changed:
        """Change its books; the same number and moment give the same change. Raises: `ChangeRefused`."""
        rng = random.Random(f"tallystick:{self.seed}:{self.tenant}:change:{number}")  # noqa: S311
        books = self.rows.books
        items = dict(books.items)
        keeper = Bookkeeper(books, rng, at)
        kind = _KINDS.get(entity)
        with _without_drafts(books):
            changed = change(
                keeper, entity, create=create, update=update, delete=delete if kind is None else 0
            )
            if kind is not None:
                touched = {*changed.created, *changed.updated}
                changed = evolve(changed, deleted=_deleted(keeper, kind, delete, touched))
        self.rows.taken_items += [
            TakenItem(item=item, at=at) for id_, item in items.items() if id_ not in books.items
        ]
        self.rows.numbers.number_all(books)
        return Changed(
            created=self._numbers(entity, changed.created),
            updated=self._numbers(entity, changed.updated),
            deleted=self._numbers(entity, changed.deleted),
        )

    def _numbers(self, entity: str, ids: list[str]) -> list[str]:
        """The provider's ids of the books' records."""
        numbers = self.rows.numbers
        match entity:
            case "company":
                return [self.tenant for _ in ids]
            case "customers":
                return [numbers.of("Name", customer_key(id_)) for id_ in ids]
            case "suppliers":
                return [numbers.of("Name", vendor_key(id_)) for id_ in ids]
            case "trackingCategories":
                both: tuple[Count, Count] = ("Class", "Department")
                return [
                    numbers.of(count, id_) for id_ in ids for count in both if (count, id_) in numbers.given
                ]
            case _:
                return [numbers.of(_COUNTS.get(entity, "Txn"), id_) for id_ in ids]


@contextmanager
def _without_drafts(books: Books) -> Iterator[None]:
    """What is not posted is not at QuickBooks, and no act there touches it."""
    documents = {id_: each for id_, each in books.documents.items() if not_posted(each)}
    journals = {id_: each for id_, each in books.manual_journals.items() if each.status == "draft"}
    for id_ in documents:
        del books.documents[id_]
    for id_ in journals:
        del books.manual_journals[id_]
    try:
        yield
    finally:
        books.documents |= documents
        books.manual_journals |= journals


def _deleted(keeper: Bookkeeper, kind: DocumentKind, count: int, spared: set[str]) -> list[str]:
    """Delete documents that nothing was paid of: at QuickBooks they are posted, and may go all the same.

    Where there are too few, some are written for it.
    """
    chosen = pick(
        keeper.rng,
        keeper.books.documents_where(
            lambda found: (
                found.kind == kind
                and found.status == "authorised"
                and not found.paid
                and not found.credited
                and found.id not in spared
            )
        ),
        count,
    )
    while len(chosen) < count:
        who = party(keeper, sale=kind in SALES)
        today = keeper.now.date()
        chosen.append(keeper.document(kind, who, issued_on=today, status="authorised", at=keeper.now))
    for document in chosen:
        keeper.books.put_document(evolve(document, status="deleted", updated_at=keeper.now))
    return [document.id for document in chosen]


def made_up(books: Books, *, seed: int) -> QuickBooksCompany:
    """A company with made-up books."""
    numbers = Numbering()
    numbers.number_all(books)
    return QuickBooksCompany(
        tenant=str(9_341_450_000_000_000 + uuid.UUID(books.organisation.id).int % 1_000_000_000),
        name=books.organisation.name,
        rows=CompanyRows(books=books, numbers=numbers),
        seed=seed,
    )
