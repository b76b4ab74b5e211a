"""The rows of a company's lists, rendered once a record and kept as bytes.

A kept row is good while the very records that it was made from are still in the books, so a page of a
thousand costs a thousand renderings the first time and none afterwards.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final, Protocol

import msgspec
from attrs import define, field, frozen

from tallystick.connectors.sandbox.books import (
    CREDITS,
    BankTransaction,
    Books,
    Document,
    ManualJournal,
    OnAccountKind,
    Order,
    Payment,
    Transfer,
)
from tallystick.connectors.xero.sandbox import render, render_bank, render_lists, render_parts
from tallystick.connectors.xero.sandbox.dialect import View, milliseconds, tax_type
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


def _beside_document(source: Document, books: Books) -> tuple[object, ...]:
    return (books.contacts[source.contact_id], *render_parts.beside_lines(source.lines, books))


def _beside_order(source: Order, books: Books) -> tuple[object, ...]:
    return (books.contacts[source.contact_id], *render_parts.beside_lines(source.lines, books))


def _beside_payment(payment: Payment, books: Books) -> tuple[object, ...]:
    document = books.documents[payment.document_id]
    return (document, books.contacts[document.contact_id], books.accounts[payment.account_id])


def _beside_movement(source: BankTransaction | render_bank.Movement, books: Books) -> tuple[object, ...]:
    if isinstance(source, render_bank.Movement):
        return ()  # it is made anew whenever the books change
    contact = books.contacts.get(source.contact_id or "")
    return (contact, books.accounts[source.account_id], *render_parts.beside_lines(source.lines, books))


def _beside_transfer(source: Transfer, books: Books) -> tuple[object, ...]:
    return (books.accounts[source.from_account_id], books.accounts[source.to_account_id])


def _beside_journal(source: ManualJournal, books: Books) -> tuple[object, ...]:
    found = (render_parts.beside_tracking(line.tracking, books) for line in source.lines)
    return tuple(each for several in found for each in several)


def _on_account(kind: OnAccountKind) -> _List:
    return _List(
        records=lambda books: (each for each in books.on_account.values() if each.kind == kind),
        row=render_bank.on_account,
        beside=lambda record, books: (books.contacts[record.contact_id],),
    )


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
        id=lambda record: tax_type(record.code),
        updated_at=lambda _: None,
        row=lambda record, _books, _view: render_lists.tax_rate(record),
    ),
    "TrackingCategories": _List(
        records=lambda books: books.tracking_categories.values(),
        updated_at=lambda _: None,
        row=lambda record, books, _view: render_lists.tracking_category(record, books),
        beside=lambda record, books: tuple(render_lists.options_of(record, books)),
    ),
    "Items": _List(records=lambda books: books.items.values(), row=render_lists.item),
    "Contacts": _List(records=lambda books: books.contacts.values(), row=render_lists.contact),
    "Invoices": _List(
        records=lambda books: (each for each in books.documents.values() if each.kind not in CREDITS),
        row=render.invoice,
        beside=_beside_document,
    ),
    "CreditNotes": _List(
        records=lambda books: (each for each in books.documents.values() if each.kind in CREDITS),
        row=render.credit_note,
        beside=_beside_document,
    ),
    "Payments": _List(
        records=lambda books: books.payments.values(), row=render.payment, beside=_beside_payment
    ),
    "Overpayments": _on_account("overpayment"),
    "Prepayments": _on_account("prepayment"),
    "PurchaseOrders": _List(
        records=lambda books: (each for each in books.orders.values() if each.kind == "purchase_order"),
        row=render.purchase_order,
        beside=_beside_order,
    ),
    "BankTransactions": _List(
        records=render_bank.movements, row=render_bank.bank_transaction, beside=_beside_movement
    ),
    "BankTransfers": _List(
        records=lambda books: books.transfers.values(), row=render_bank.bank_transfer, beside=_beside_transfer
    ),
    # What was brought forward when the books were opened is nobody's journal at Xero.
    "ManualJournals": _List(
        records=lambda books: (each for each in books.manual_journals.values() if not each.opening),
        row=render_bank.manual_journal,
        beside=_beside_journal,
    ),
}


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
            if resource.name == "Journals":
                self.journals.catch_up(self.books)
                rows = list(self.journals.rows)
            else:
                how = _LISTS[resource.name]
                rows = [
                    _BooksRow(self, resource.name, how.id(record), _ms(how.updated_at(record)), record)
                    for record in how.records(self.books)
                ]
            rows.sort(key=in_order)
            self._lists[resource.name] = (self.books.revision, rows)
        return rows

    def body(self, row: "_BooksRow", view: View) -> bytes:
        """A row's bytes, kept or made now."""
        how = _LISTS[row.list]
        sources = (row.record, *how.beside(row.record, self.books))
        key = (row.list, row.id, view)
        kept = self.kept.get(key)
        if kept is not None and len(kept[0]) == len(sources) and all(map(_is, kept[0], sources)):
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
