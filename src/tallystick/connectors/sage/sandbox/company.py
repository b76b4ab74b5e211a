"""One company at the made-up Sage: its rows, its truth and its changes."""

import random
from datetime import date, datetime
from pathlib import Path
from typing import Final, get_args

from attrs import define

from tallystick.connectors.sage.sandbox.dialect import bank_id, sage_id, tax_id
from tallystick.connectors.sage.sandbox.postings import postings
from tallystick.connectors.sage.sandbox.replay import RecordedRows, recorded_rows
from tallystick.connectors.sage.sandbox.rows import BooksRows, Rows
from tallystick.connectors.sandbox.acts import ChangeRefused
from tallystick.connectors.sandbox.amounts import ZERO
from tallystick.connectors.sandbox.bookkeeper import Bookkeeper
from tallystick.connectors.sandbox.books import SALES, Books
from tallystick.connectors.sandbox.change import Changed, change
from tallystick.connectors.sandbox.truth import (
    COUNTED,
    COUNTED_MORE,
    SUMMED,
    SUMMED_MORE,
    Counting,
    Kind,
    Truth,
    truth_of,
)

#: Sage has no orders and no lines of bank statements.
_NOT_TOLD: Final = frozenset({"purchaseOrders", "salesOrders", "bankTransactions"})
COUNTING: Final = Counting(
    # Journals are counted apart: Sage has no drafts of them, and deletes what others void.
    kinds=frozenset(get_args(Kind)) - {"orders", "manual_journals", "opening_balances"},
    data_types=tuple(name for name in (*COUNTED, *COUNTED_MORE) if name not in _NOT_TOLD),
    summed=tuple(name for name in (*SUMMED, *SUMMED_MORE) if name not in _NOT_TOLD),
    refunds="directCosts",  # money that is given back is an other payment like any other
    batches_as_one=True,
)


@define(eq=False, kw_only=True)
class SageCompany:
    """A tenant. See `connectors.sandbox.provider.Company`."""

    tenant: str
    name: str
    rows: Rows
    seed: int

    def truth(self) -> Truth:
        """What its books hold now, as far as Sage can tell it."""
        if isinstance(self.rows, RecordedRows):
            return self.rows.truth()
        assert isinstance(self.rows, BooksRows)
        return _truth(self.rows)

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


def _truth(rows: BooksRows) -> Truth:
    """Counted with what is different at Sage: what only a ledger tells, in the books' own currency.

    Setting a credit or money on account against a document is a record of its own, and a payment of nothing.
    Of an account at a bank everything is told that its ledger account holds, opening balances too.
    """
    books = rows.books
    truth = truth_of(books, COUNTING)
    for of in (books.allocations_of, books.applications_of):
        made = {each.id: each for told in of.values() for each in told}
        for each in made.values():
            sale = books.documents[each.document_id].kind in SALES
            truth.count(["payments" if sale else "billPayments"])
    for source in books.on_account.values():
        if source.status == "voided":  # deleted, at Sage
            data_type = "payments" if source.side == "sales" else "billPayments"
            truth.counts[data_type] -= 1
            truth.totals[data_type] -= source.amount
            truth.deleted[data_type] += 1
    standing = 0
    for journal in books.manual_journals.values():
        if journal.status != "draft":
            gone = journal.status != "posted"
            debits = sum((line.amount for line in journal.lines if line.amount > 0), ZERO)
            truth.count(["journalEntries"], deleted=gone, amount=debits)
            standing += not gone
    truth.counts["journals"] = min(1, standing)
    ledger = rows.ledger()
    banks = [account.id for account in ledger.of_kinds("bank")]
    truth.totals["accountTransactions"] = sum((ledger.balance(id_, date.max) for id_ in banks), ZERO)
    moved = [posted for posted in postings(books) if posted.account_id in banks]
    truth.deleted["accountTransactions"] = sum(posted.deleted for posted in moved)
    truth.counts["accountTransactions"] = len(moved) - truth.deleted["accountTransactions"]
    return truth


def made_up(books: Books, *, seed: int) -> SageCompany:
    """A company with made-up books."""
    return SageCompany(
        tenant=sage_id(books.organisation.id), name=books.organisation.name, rows=BooksRows(books), seed=seed
    )


def recorded(folder: Path, *, tenant: str, seed: int) -> SageCompany:
    """A company whose books are recorded answers. Raises: `ConfigurationInvalid`."""
    return SageCompany(tenant=sage_id(tenant), name="Recorded answers", rows=recorded_rows(folder), seed=seed)
