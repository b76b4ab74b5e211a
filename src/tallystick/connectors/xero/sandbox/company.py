"""One company at the made-up Xero: its rows, its truth and its changes."""

import random
from collections.abc import Sequence
from datetime import datetime

from attrs import define, field

from tallystick.connectors.sandbox.acts import ChangeRefused
from tallystick.connectors.sandbox.bookkeeper import Bookkeeper
from tallystick.connectors.sandbox.books import Books, Organisation
from tallystick.connectors.sandbox.change import Changed, change
from tallystick.connectors.sandbox.ledger import Ledger
from tallystick.connectors.sandbox.truth import Truth
from tallystick.connectors.xero.sandbox.dialect import tax_type
from tallystick.connectors.xero.sandbox.query import Query, select
from tallystick.connectors.xero.sandbox.replay import RecordedRows
from tallystick.connectors.xero.sandbox.resources import Resource
from tallystick.connectors.xero.sandbox.rows import BooksRows, Row, Rows
from tallystick.connectors.xero.sandbox.truth import truth_of_books

#: Selections that are kept: the pages of a list are cut from the same one.
_SELECTIONS = 32


@define(eq=False, kw_only=True)
class XeroCompany:
    """A tenant. See `connectors.sandbox.provider.Company`."""

    tenant: str
    name: str
    rows: Rows
    seed: int
    _selected: dict[tuple[str, Query], list[Row]] = field(factory=dict, init=False)
    _selected_at: int = field(default=-1, init=False)
    _ledger: tuple[int, Ledger] | None = field(default=None, init=False)

    def select(self, resource: Resource, query: Query) -> Sequence[Row]:
        """The rows that a query means. Raises: `QueryInvalid`."""
        if self._selected_at != self.rows.revision or len(self._selected) >= _SELECTIONS:
            self._selected.clear()
            self._selected_at = self.rows.revision
        key = (resource.name, query)
        if key not in self._selected:
            self._selected[key] = select(resource, self.rows.of(resource), query)
        return self._selected[key]

    def numbered_after(self, rows: Sequence[Row], number: int) -> list[Row]:
        """A hundred rows at most whose `JournalNumber` is higher, by that number (quirk 5)."""
        numbered = ((int(row.fields()["JournalNumber"]), row) for row in rows)
        found = sorted((pair for pair in numbered if pair[0] > number), key=lambda pair: pair[0])
        return [row for _, row in found[:100]]

    def ledger(self) -> Ledger:
        """What was posted, by account and day; made once for every state of the books."""
        if self._ledger is None or self._ledger[0] != self.rows.revision:
            found = Ledger(accounts=(), days={}) if self.books is None else Ledger.of(self.books)
            self._ledger = (self.rows.revision, found)
        return self._ledger[1]

    @property
    def organisation(self) -> Organisation | None:
        """None for recorded answers."""
        return None if self.books is None else self.books.organisation

    @property
    def books(self) -> Books | None:
        """None for recorded answers."""
        return self.rows.books if isinstance(self.rows, BooksRows) else None

    def truth(self) -> Truth:
        """What its books hold now."""
        return truth_of_books(self.rows.books) if isinstance(self.rows, BooksRows) else self._recorded.truth()

    def change(
        self, entity: str, *, create: int, update: int, delete: int, at: datetime, number: int
    ) -> Changed:
        """Change its books; the same number and moment give the same change. Raises: `ChangeRefused`."""
        if not isinstance(self.rows, BooksRows):
            raise ChangeRefused("these are recorded answers: they do not change")
        rng = random.Random(f"tallystick:{self.seed}:{self.tenant}:change:{number}")  # noqa: S311
        keeper = Bookkeeper(self.rows.books, rng, at)
        changed = change(keeper, entity, create=create, update=update, delete=delete)
        if entity != "taxRates":
            return changed
        return Changed(*([tax_type(code) for code in codes] for codes in _lists(changed)))

    @property
    def _recorded(self) -> RecordedRows:
        assert isinstance(self.rows, RecordedRows)
        return self.rows


def _lists(changed: Changed) -> tuple[list[str], list[str], list[str]]:
    return changed.created, changed.updated, changed.deleted


def made_up(books: Books, *, tenant: str, seed: int) -> XeroCompany:
    """A company with made-up books."""
    return XeroCompany(tenant=tenant, name=books.organisation.name, rows=BooksRows(books), seed=seed)
