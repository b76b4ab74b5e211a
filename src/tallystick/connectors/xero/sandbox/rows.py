"""The rows of a company's lists, rendered once a record and kept as bytes.

A kept row is good while the very records that it was made from are still in the books, so a page of a
thousand costs a thousand renderings the first time and none afterwards.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final, Protocol

import msgspec
from attrs import define, field, frozen

from tallystick.connectors.sandbox.books import CREDITS, Books, Document, Payment
from tallystick.connectors.xero.sandbox import render, render_lists
from tallystick.connectors.xero.sandbox.dialect import TAX_TYPES, View, milliseconds
from tallystick.connectors.xero.sandbox.journals import Journals
from tallystick.connectors.xero.sandbox.resources import Resource

#: Kept rows are dropped all at once when they come to this many bytes.
KEPT_BYTES: Final = 256 * 1024 * 1024
_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")
_PLAIN: Final = View(lines=False, summary=True, four_places=True)


class Row(Protocol):
    """One record of a list."""

    @property
    def id(self) -> str:
        """The provider's id of it."""

    @property
    def updated_ms(self) -> int | None:
        """Its last change: milliseconds since 1970, UTC; None where the list has no such date."""

    def fields(self) -> dict[str, Any]:
        """Its fields without lines, for `where` and `order`."""

    def body(self, view: View) -> bytes:
        """Its JSON object."""


class Rows(Protocol):
    """Where a company's rows come from: made-up books, or recorded answers."""

    @property
    def revision(self) -> int:
        """Moves whenever any row may have changed."""

    def of(self, resource: Resource) -> list[Row]:
        """All rows of a list, by their last change and their id."""


@frozen(kw_only=True)
class _List:
    """How one list is made of the books."""

    records: Callable[[Books], Iterable[Any]]
    id: Callable[[Any], str] = lambda record: record.id
    updated_at: Callable[[Any], datetime | None] = lambda record: record.updated_at
    row: Callable[[Any, Books, View], dict[str, Any]]
    #: The other records that the row tells of.
    beside: Callable[[Any, Books], tuple[object, ...]] = lambda _record, _books: ()


def _contact_of(document: Document, books: Books) -> tuple[object, ...]:
    return (books.contacts[document.contact_id],)


def _beside_payment(payment: Payment, books: Books) -> tuple[object, ...]:
    document = books.documents[payment.document_id]
    return (document, books.contacts[document.contact_id], books.accounts[payment.account_id])


_LISTS: Final = {
    "Organisations": _List(
        records=lambda books: (books.organisation,),
        updated_at=lambda _: None,
        row=lambda _record, books, _view: render_lists.organisation(books),
    ),
    "Accounts": _List(
        records=lambda books: books.accounts.values(),
        row=lambda record, _books, view: render_lists.account(record, view),
    ),
    "TaxRates": _List(
        records=lambda books: books.tax_rates.values(),
        id=lambda record: TAX_TYPES.get(record.code, record.code),
        updated_at=lambda _: None,
        row=lambda record, _books, _view: render_lists.tax_rate(record),
    ),
    "Items": _List(
        records=lambda books: books.items.values(),
        row=lambda record, _books, view: render_lists.item(record, view),
    ),
    "Contacts": _List(records=lambda books: books.contacts.values(), row=render_lists.contact),
    "Invoices": _List(
        records=lambda books: (each for each in books.documents.values() if each.kind not in CREDITS),
        row=render.invoice,
        beside=_contact_of,
    ),
    "CreditNotes": _List(
        records=lambda books: (each for each in books.documents.values() if each.kind in CREDITS),
        row=render.credit_note,
        beside=_contact_of,
    ),
    "Payments": _List(
        records=lambda books: books.payments.values(), row=render.payment, beside=_beside_payment
    ),
}
#: What the neutral books have nothing of: these lists are empty.
_NOTHING: Final = _List(records=lambda _books: (), row=lambda _record, _books, _view: {})


@define(eq=False)
class BooksRows:
    """Rows of made-up books."""

    books: Books
    journals: Journals = field(factory=Journals, init=False)
    kept: dict[tuple[str, str, View], tuple[tuple[object, ...], bytes]] = field(factory=dict, init=False)
    kept_bytes: int = field(default=0, init=False)
    _lists: dict[str, tuple[int, list[Row]]] = field(factory=dict, init=False)

    @property
    def revision(self) -> int:
        """See `Rows.revision`."""
        return self.books.revision

    def of(self, resource: Resource) -> list[Row]:
        """See `Rows.of`."""
        revision, rows = self._lists.get(resource.name, (-1, []))
        if revision != self.books.revision:
            how = _LISTS.get(resource.name, _NOTHING)
            rows = [
                _BooksRow(self, resource.name, how.id(record), _ms(how.updated_at(record)), record)
                for record in how.records(self.books)
            ]
            if resource.name == "Journals":
                self.journals.catch_up(self.books)
                rows = list(self.journals.rows)
            rows.sort(key=in_order)
            self._lists[resource.name] = (self.books.revision, rows)
        return rows

    def body(self, row: "_BooksRow", view: View) -> bytes:
        """A row's bytes, kept or made now."""
        how = _LISTS[row.list]
        sources = (row.record, *how.beside(row.record, self.books))
        key = (row.list, row.id, view)
        kept = self.kept.get(key)
        if kept is not None and all(map(_is, kept[0], sources)):
            return kept[1]
        body = _ENCODER.encode(how.row(row.record, self.books, view))
        if self.kept_bytes > KEPT_BYTES:
            self.kept.clear()
            self.kept_bytes = 0
        self.kept[key] = (sources, body)
        self.kept_bytes += len(body)
        return body


def _is(one: object, other: object) -> bool:
    return one is other


def _ms(moment: datetime | None) -> int | None:
    return None if moment is None else milliseconds(moment)


def in_order(row: Row) -> tuple[int, str]:
    """The order of a list that asks for none."""
    return (row.updated_ms or 0, row.id)


@frozen(eq=False)
class _BooksRow:
    rows: BooksRows
    list: str
    id: str
    updated_ms: int | None
    record: Any

    def fields(self) -> dict[str, Any]:
        return _LISTS[self.list].row(self.record, self.rows.books, _PLAIN)

    def body(self, view: View) -> bytes:
        return self.rows.body(self, view)
