"""One company at the made-up FreeAgent: its rows, its truth and its changes."""

import random
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from attrs import define

from tallystick.connectors.freeagent.sandbox.dialect import codes_of, number_of
from tallystick.connectors.freeagent.sandbox.rows import BooksRows
from tallystick.connectors.freeagent.sandbox.shown import truth_of
from tallystick.connectors.sandbox.bookkeeper import Bookkeeper
from tallystick.connectors.sandbox.books import Books
from tallystick.connectors.sandbox.change import Changed, change
from tallystick.connectors.sandbox.truth import Truth


@define(eq=False, kw_only=True)
class FreeAgentCompany:
    """A tenant. See `connectors.sandbox.provider.Company`."""

    tenant: str
    name: str
    rows: BooksRows
    seed: int

    def truth(self) -> Truth:
        """What its books hold now, as far as FreeAgent can hold it."""
        return truth_of(self.rows.books)

    def change(
        self, entity: str, *, create: int, update: int, delete: int, at: datetime, number: int
    ) -> Changed:
        """Change its books; the same number and moment give the same change. Raises: `ChangeRefused`."""
        books = self.rows.books
        rng = random.Random(f"tallystick:{self.seed}:{self.tenant}:change:{number}")  # noqa: S311
        before = {id_: item.kind for id_, item in books.items.items()}
        changed = change(Bookkeeper(books, rng, at), entity, create=create, update=update, delete=delete)
        kinds = {**before, **{id_: item.kind for id_, item in books.items.items()}}

        def named(ids: Sequence[str]) -> list[str]:
            return [name for id_ in ids for name in _names(entity, id_, books, kinds)]

        return Changed(
            created=named(changed.created), updated=named(changed.updated), deleted=named(changed.deleted)
        )


def _names(entity: str, id_: str, books: Books, item_kinds: Mapping[str, str]) -> list[str]:
    """How our data types call what was touched: by the ends of FreeAgent's addresses."""
    match entity:
        case "chartOfAccounts":
            return [codes_of(books)[id_]]
        case "taxRates":
            return [format(books.tax_rates[id_].percent.normalize(), "f")]
        case "items":
            stock = item_kinds.get(id_) == "stock"
            return [f"stock-{number_of(id_)}" if stock else str(number_of(id_))]
        case "directCosts" | "directIncomes":
            return [str(number_of(line.id)) for line in books.bank_transactions[id_].lines]
        case "bankTransactions":
            return [str(number_of(id_, "line"))]
        case "transfers":
            return [str(number_of(id_, "out"))]
        case _:
            return [str(number_of(id_))]


def made_up(books: Books, *, seed: int, today: date) -> FreeAgentCompany:
    """A company with made-up books."""
    return FreeAgentCompany(
        tenant=str(number_of(books.organisation.id)),
        name=books.organisation.name,
        rows=BooksRows(books, today),
        seed=seed,
    )
