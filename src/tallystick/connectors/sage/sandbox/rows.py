"""The rows of a company's lists: of made-up books, or recorded answers."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, time
from typing import Any, Final, Protocol

import msgspec
from attrs import define, field, frozen

from tallystick.connectors.sage.sandbox import render, render_lists
from tallystick.connectors.sage.sandbox.dialect import (
    PAYMENT_METHODS,
    View,
    bank_id,
    list_name,
    moment,
    sage_id,
    tax_id,
)
from tallystick.connectors.sage.sandbox.postings import balances, postings
from tallystick.connectors.sandbox.amounts import ZERO
from tallystick.connectors.sandbox.books import Books, Item

_OLD: Final = datetime(2000, 1, 1, tzinfo=UTC)
_ENCODER: Final = msgspec.json.Encoder()
#: What a row has whatever is asked for.
_ALWAYS: Final = frozenset({"id", "displayed_as", "$path"})


@frozen(eq=False, kw_only=True)
class Row:
    """One record of a list."""

    id: str
    created_at: datetime
    updated_at: datetime
    deleted: bool = False
    account_id: str | None = None  #: of a ledger entry
    render: Callable[[View], dict[str, Any]] = field(repr=False)
    recorded: bytes | None = field(default=None, repr=False)  #: as it came; no view changes it

    def body(self, view: View) -> bytes:
        """Its JSON object: all of it, or as much as was asked for."""
        if self.recorded is not None:
            return self.recorded
        told = self.render(view)
        if not view.whole:
            told = {name: value for name, value in told.items() if name in _ALWAYS | view.names}
        return _ENCODER.encode(told)


class Rows(Protocol):
    """Where a company's rows come from."""

    def of(self, name: str) -> list[Row]:
        """All rows of a list, deleted ones too."""

    def single(self, name: str) -> bytes | None:
        """The answer of `/business` or `/financial_settings`."""


@define(eq=False)
class BooksRows:
    """Rows of made-up books."""

    books: Books
    gone: dict[str, tuple[Item, datetime]] = field(factory=dict)  #: items that were deleted, and when
    _lists: dict[str, list[Row]] = field(factory=dict, init=False)
    _revision: int = field(default=-1, init=False)

    def of(self, name: str) -> list[Row]:
        """See `Rows.of`."""
        if self._revision != self.books.revision:
            self._lists.clear()
            self._revision = self.books.revision
        if name not in self._lists:
            self._lists[name] = list(self._made(name))
        return self._lists[name]

    def single(self, name: str) -> bytes | None:
        """See `Rows.single`."""
        if name == "business":
            return _ENCODER.encode(render_lists.business(self.books))
        return _ENCODER.encode(render_lists.financial_settings(self.books, year=2021))

    def _made(self, name: str) -> Iterable[Row]:
        match name:
            case "ledger_accounts":
                yield from self._accounts()
            case "bank_accounts":
                yield from self._bank_accounts()
            case "tax_rates":
                yield from self._tax_rates()
            case "payment_methods":
                for id_ in PAYMENT_METHODS:
                    yield _row(id_, _OLD, lambda _view, id_=id_: render_lists.payment_method(id_))  # type: ignore[misc]
            case "products" | "services":
                yield from self._items(service=name == "services")
            case "contacts":
                yield from self._contacts()
            case "contact_payments":
                yield from self._payments()
            case "contact_allocations":
                yield from self._allocations()
            case "ledger_entries":
                yield from self._entries()
            case _:
                yield from self._documents(name)

    def _accounts(self) -> Iterable[Row]:
        sums = balances(self.books)
        for account in self.books.accounts.values():
            if account.status != "deleted":
                yield _row(
                    sage_id(account.id),
                    account.updated_at,
                    lambda view, account=account: render_lists.ledger_account(  # type: ignore[misc]
                        account, view, sums.get(account.id, ZERO)
                    ),
                )

    def _bank_accounts(self) -> Iterable[Row]:
        sums = balances(self.books)
        for account in self.books.accounts.values():
            if account.kind == "bank":
                yield Row(
                    id=bank_id(account.id),
                    created_at=account.updated_at,
                    updated_at=account.updated_at,
                    deleted=account.status == "deleted",
                    render=lambda _view, account=account: render_lists.bank_account(  # type: ignore[misc]
                        account, sums.get(account.id, ZERO)
                    ),
                )

    def _tax_rates(self) -> Iterable[Row]:
        for rate in self.books.tax_rates.values():
            if rate.status != "deleted":
                yield _row(tax_id(rate.code), _OLD, lambda _view, rate=rate: render_lists.tax_rate(rate))  # type: ignore[misc]

    def _items(self, *, service: bool) -> Iterable[Row]:
        held: list[tuple[Item, datetime | None]] = [(item, None) for item in self.books.items.values()]
        for item, at in [*held, *self.gone.values()]:
            if (item.purchase_price is None) == service:
                yield Row(
                    id=sage_id(item.id),
                    created_at=item.updated_at,
                    updated_at=at or item.updated_at,
                    deleted=at is not None,
                    render=lambda _view, item=item, at=at: render_lists.item(  # type: ignore[misc]
                        item, self.books, None if at is None else moment(at)
                    ),
                )

    def _contacts(self) -> Iterable[Row]:
        for contact in self.books.contacts.values():
            yield _row(
                sage_id(contact.id),
                contact.updated_at,
                lambda view, contact=contact: render_lists.contact(contact, self.books, view),  # type: ignore[misc]
            )

    def _documents(self, name: str) -> Iterable[Row]:
        how = render.quick_entry if name.endswith("quick_entries") else render.document
        for document in self.books.documents.values():
            if list_name(document) == name:
                yield Row(
                    id=sage_id(document.id),
                    created_at=document.created_at,
                    updated_at=document.updated_at,
                    deleted=document.status == "deleted",
                    render=lambda view, document=document: how(document, self.books, view),  # type: ignore[misc]
                )

    def _payments(self) -> Iterable[Row]:
        for payment in self.books.payments.values():
            yield Row(
                id=sage_id(payment.id),
                created_at=datetime.combine(payment.paid_on, time(), UTC),
                updated_at=payment.updated_at,
                deleted=payment.status == "deleted",
                render=lambda view, payment=payment: render.payment(payment, self.books, view),  # type: ignore[misc]
            )

    def _allocations(self) -> Iterable[Row]:
        seen: set[str] = set()
        for allocation in (each for of in self.books.allocations_of.values() for each in of):
            if allocation.id not in seen:
                seen.add(allocation.id)
                yield _row(
                    sage_id(allocation.id),
                    datetime.combine(allocation.made_on, time(), UTC),
                    lambda view, allocation=allocation: render.allocation(allocation, self.books, view),  # type: ignore[misc]
                )

    def _entries(self) -> Iterable[Row]:
        for posting in postings(self.books):
            yield Row(
                id=posting.id,
                created_at=posting.updated_at,
                updated_at=posting.updated_at,
                account_id=sage_id(posting.account_id),
                render=lambda view, posting=posting: render.ledger_entry(posting, self.books, view),  # type: ignore[misc]
            )


def _row(id_: str, at: datetime, how: Callable[[View], dict[str, Any]]) -> Row:
    return Row(id=id_, created_at=at, updated_at=at, render=how)
