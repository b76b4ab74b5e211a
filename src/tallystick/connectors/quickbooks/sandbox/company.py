"""One company at the made-up QuickBooks: its rows, its truth and its changes."""

import random
import uuid
from datetime import datetime
from typing import Final

from attrs import define

from tallystick.connectors.quickbooks.sandbox.numbering import Count, Numbering, customer_key, vendor_key
from tallystick.connectors.quickbooks.sandbox.rows import CompanyRows, TakenItem
from tallystick.connectors.sandbox.bookkeeper import Bookkeeper
from tallystick.connectors.sandbox.books import CREDITS, SALES, Books
from tallystick.connectors.sandbox.change import Changed, change
from tallystick.connectors.sandbox.truth import DOCUMENT_TYPES, PAYMENT_TYPES, Truth, truth_of

_COUNTS: Final[dict[str, Count]] = {
    "chartOfAccounts": "Account",
    "bankAccounts": "Account",
    "items": "Item",
    "taxRates": "TaxCode",
}
#: What QuickBooks puts out of use where others delete it: nothing of these is ever gone.
_NEVER_GONE: Final = ("chartOfAccounts", "bankAccounts", "items", "taxRates")


@define(eq=False, kw_only=True)
class QuickBooksCompany:
    """A realm. See `connectors.sandbox.provider.Company`."""

    tenant: str
    name: str
    rows: CompanyRows
    seed: int

    def truth(self) -> Truth:
        """What its books hold now, as QuickBooks tells it.

        There a voided document is worth nothing, a credit that was set against a document is a payment of
        nothing, and a refund of one is no payment.
        """
        books = self.rows.books
        truth = truth_of(books)
        for data_type in _NEVER_GONE:
            truth.counts[data_type] += truth.deleted[data_type]
            truth.deleted[data_type] = 0
        for document in books.documents.values():
            if document.status == "voided":
                truth.totals[DOCUMENT_TYPES[document.kind]] -= document.total
        for payment in books.payments.values():
            data_type, sign = PAYMENT_TYPES[payment.kind]
            if sign < 0:
                gone = payment.status == "deleted"
                (truth.deleted if gone else truth.counts)[data_type] -= 1
                truth.totals[data_type] += 0 if gone else payment.amount
        for id_, allocations in books.allocations_of.items():
            kind = books.documents[id_].kind
            if kind in CREDITS:  # each stands at both of its documents
                truth.counts["payments" if kind in SALES else "billPayments"] += len(allocations)
        return truth

    def change(
        self, entity: str, *, create: int, update: int, delete: int, at: datetime, number: int
    ) -> Changed:
        """Change its books; the same number and moment give the same change. Raises: `ChangeRefused`."""
        rng = random.Random(f"tallystick:{self.seed}:{self.tenant}:change:{number}")  # noqa: S311
        books = self.rows.books
        items = dict(books.items)
        changed = change(Bookkeeper(books, rng, at), entity, create=create, update=update, delete=delete)
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
            case _:
                return [numbers.of(_COUNTS.get(entity, "Txn"), id_) for id_ in ids]


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
