"""One company at the made-up Sage: its rows, its truth and its changes."""

import random
from datetime import datetime
from pathlib import Path

from attrs import define

from tallystick.connectors.sage.sandbox.dialect import bank_id, sage_id, tax_id
from tallystick.connectors.sage.sandbox.replay import RecordedRows, recorded_rows
from tallystick.connectors.sage.sandbox.rows import BooksRows, Rows
from tallystick.connectors.sandbox.acts import ChangeRefused
from tallystick.connectors.sandbox.bookkeeper import Bookkeeper
from tallystick.connectors.sandbox.books import SALES, Books
from tallystick.connectors.sandbox.change import Changed, change
from tallystick.connectors.sandbox.truth import Truth, truth_of


@define(eq=False, kw_only=True)
class SageCompany:
    """A tenant. See `connectors.sandbox.provider.Company`."""

    tenant: str
    name: str
    rows: Rows
    seed: int

    def truth(self) -> Truth:
        """What its books hold now. At Sage an allocation is a record, and a payment of nothing."""
        if isinstance(self.rows, RecordedRows):
            return self.rows.truth()
        assert isinstance(self.rows, BooksRows)
        books = self.rows.books
        truth = truth_of(books)
        made = {each.id: each for of in books.allocations_of.values() for each in of}
        for allocation in made.values():
            sale = books.documents[allocation.credit_id].kind in SALES
            truth.count(["payments" if sale else "billPayments"])
        return truth

    def change(
        self, entity: str, *, create: int, update: int, delete: int, at: datetime, number: int
    ) -> Changed:
        """Change its books; the same number and moment give the same change. Raises: `ChangeRefused`."""
        if not isinstance(self.rows, BooksRows):
            raise ChangeRefused("these are recorded answers: they do not change")
        books = self.rows.books
        rng = random.Random(f"tallystick:{self.seed}:{self.tenant}:change:{number}")  # noqa: S311
        items = dict(books.items)
        changed = change(Bookkeeper(books, rng, at), entity, create=create, update=update, delete=delete)
        for id_ in items.keys() - books.items.keys():
            self.rows.gone[id_] = (items[id_], at)
        named = {"taxRates": tax_id, "bankAccounts": bank_id}.get(entity, sage_id)
        return Changed(
            created=[named(id_) for id_ in changed.created],
            updated=[named(id_) for id_ in changed.updated],
            deleted=[named(id_) for id_ in changed.deleted],
        )


def made_up(books: Books, *, seed: int) -> SageCompany:
    """A company with made-up books."""
    return SageCompany(
        tenant=sage_id(books.organisation.id), name=books.organisation.name, rows=BooksRows(books), seed=seed
    )


def recorded(folder: Path, *, tenant: str, seed: int) -> SageCompany:
    """A company whose books are recorded answers. Raises: `ConfigurationInvalid`."""
    return SageCompany(tenant=sage_id(tenant), name="Recorded answers", rows=recorded_rows(folder), seed=seed)
