"""The rows of a company's lists, rendered once a record and kept as bytes.

A kept row is good while the very records that it was made from are still in the books, so a page of a
thousand costs a thousand renderings the first time and none afterwards.
"""

from collections.abc import Callable
from typing import Any, Final, Protocol

import msgspec
from attrs import define, field, frozen

from tallystick.connectors.sandbox.books import CREDITS, Books
from tallystick.connectors.xero.sandbox import render, render_lists
from tallystick.connectors.xero.sandbox.dialect import View, milliseconds
from tallystick.connectors.xero.sandbox.resources import Resource

#: Kept rows are dropped all at once when they come to this many bytes.
KEPT_BYTES: Final = 256 * 1024 * 1024
_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")
_PLAIN: Final = View()


@frozen(eq=False, kw_only=True)
class Row:
    """One record of a list."""

    id: str
    updated_ms: int | None  #: since 1970, UTC; None where the list has no such date
    fields: Callable[[], dict[str, Any]]  #: for `where` and `order`
    body: Callable[[View], bytes]  #: the JSON object


class Rows(Protocol):
    """Where a company's rows come from: made-up books, or recorded answers."""

    @property
    def revision(self) -> int:
        """Moves whenever any row may have changed."""

    def of(self, resource: Resource) -> list[Row]:
        """All rows of a list, by their last change and their id."""


@define(eq=False)
class BooksRows:
    """Rows of made-up books."""

    books: Books
    _kept: dict[tuple[str, str, View], tuple[tuple[object, ...], bytes]] = field(factory=dict, init=False)
    _kept_bytes: int = field(default=0, init=False)
    _lists: dict[str, tuple[int, list[Row]]] = field(factory=dict, init=False)

    @property
    def revision(self) -> int:
        """See `Rows.revision`."""
        return self.books.revision

    def of(self, resource: Resource) -> list[Row]:
        """See `Rows.of`."""
        revision, rows = self._lists.get(resource.name, (-1, []))
        if revision != self.books.revision:
            rows = sorted(self._rows(resource.name), key=lambda row: (row.updated_ms or 0, row.id))
            self._lists[resource.name] = (self.books.revision, rows)
        return rows

    def _rows(self, name: str) -> list[Row]:
        books = self.books
        match name:
            case "Organisations":
                return [self._row(name, books.organisation.id, None, lambda _: render_lists.organisation(books))]
            case "Accounts":
                return [
                    self._row(
                        name, each.id, each.updated_at, lambda view, each=each: render_lists.account(each, view)
                    )
                    for each in books.accounts.values()
                ]
            case _:
                return []
