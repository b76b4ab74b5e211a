"""The rows of a company's lists: of made-up books, or recorded answers."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time
from typing import Any, Final, Protocol

import msgspec
from attrs import define, field, frozen

from tallystick.connectors.sage.sandbox import render, render_lists, render_money
from tallystick.connectors.sage.sandbox.dialect import (
    ITEM_LISTS,
    PAYMENT_METHODS,
    View,
    bank_id,
    batch_id,
    list_name,
    moment,
    sage_id,
    tax_id,
)
from tallystick.connectors.sage.sandbox.postings import postings
from tallystick.connectors.sandbox.books import Allocation, Application, Books, Item, Payment
from tallystick.connectors.sandbox.ledger import Ledger, bank_balance

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
    _ledger: Ledger | None = field(default=None, init=False)
    _revision: int = field(default=-1, init=False)

    def of(self, name: str) -> list[Row]:
        """See `Rows.of`."""
        self._renew()
        if name not in self._lists:
            self._lists[name] = list(self._made(name))
        return self._lists[name]

    def single(self, name: str) -> bytes | None:
        """See `Rows.single`."""
        if name == "business":
            return _ENCODER.encode(render_lists.business(self.books))
        return _ENCODER.encode(render_lists.financial_settings(self.books, year=2021))

    def _renew(self) -> None:
        if self._revision != self.books.revision:
            self._lists.clear()
            self._ledger = None
            self._revision = self.books.revision

    def ledger(self) -> Ledger:
        """The books' ledger as it is now."""
        self._renew()
        if self._ledger is None:
            self._ledger = Ledger.of(self.books)
        return self._ledger

    def _made(self, name: str) -> Iterable[Row]:
        match name:
            case "ledger_accounts":
                return self._accounts()
            case "bank_accounts":
                return self._bank_accounts()
            case "tax_rates":
                return self._tax_rates()
            case "payment_methods":
                return (_row(id_, _OLD, render_lists.payment_method, id_) for id_ in PAYMENT_METHODS)
            case "analysis_types" | "analysis_type_categories":
                return self._analysis(name)
            case "products" | "services" | "stock_items":
                return self._items(name)
            case "contacts":
                return self._contacts()
            case "ledger_entries":
                return self._entries()
            case "contact_payments" | "contact_allocations" | "other_payments" | "bank_transfers":
                return self._money(name)
            case "journals" | "opening_balance_journals":
                return self._journals(opening=name == "opening_balance_journals")
            case _:
                return self._documents(name)

    def _accounts(self) -> Iterator[Row]:
        for account in self.books.accounts.values():
            if account.status != "deleted":
                yield Row(
                    id=sage_id(account.id),
                    created_at=account.updated_at,
                    updated_at=account.updated_at,
                    render=lambda view, account=account: render_lists.ledger_account(  # type: ignore[misc]
                        account, self.books, view, self.ledger()
                    ),
                )

    def _bank_accounts(self) -> Iterator[Row]:
        for account in self.books.accounts.values():
            if account.kind == "bank":
                yield _row(
                    bank_id(account.id),
                    account.updated_at,
                    render_lists.bank_account,
                    account,
                    bank_balance(self.books, account.id, date.max),
                    deleted=account.status == "deleted",
                )

    def _tax_rates(self) -> Iterator[Row]:
        for rate in self.books.tax_rates.values():
            if rate.status != "deleted":
                yield _row(tax_id(rate.code), _OLD, render_lists.tax_rate, rate, self.books.organisation)

    def _analysis(self, name: str) -> Iterator[Row]:
        if name == "analysis_types":
            for kind in self.books.tracking_categories.values():
                yield _row(
                    sage_id(kind.id), kind.updated_at, render_lists.analysis_type, kind, self.books,
                    deleted=kind.status == "deleted",
                )  # fmt: skip
            return
        for option in self.books.tracking_options.values():
            yield _row(
                sage_id(option.id), option.updated_at, render_lists.analysis_type_category, option,
                self.books, deleted=option.status == "deleted",
            )  # fmt: skip

    def _items(self, name: str) -> Iterator[Row]:
        held: list[tuple[Item, datetime | None]] = [(item, None) for item in self.books.items.values()]
        for item, at in [*held, *self.gone.values()]:
            if ITEM_LISTS[item.kind] == name:
                yield _row(
                    sage_id(item.id),
                    at or item.updated_at,
                    render_lists.item,
                    item,
                    self.books,
                    None if at is None else moment(at),
                    created_at=item.updated_at,
                    deleted=at is not None,
                )

    def _contacts(self) -> Iterator[Row]:
        for contact in self.books.contacts.values():
            yield _viewed(sage_id(contact.id), contact.updated_at, render_lists.contact, contact, self.books)

    def _documents(self, name: str) -> Iterator[Row]:
        how = render.quick_entry if name.endswith("quick_entries") else render.document
        for document in self.books.documents.values():
            if list_name(document) == name:
                yield _viewed(
                    sage_id(document.id),
                    document.updated_at,
                    how,
                    document,
                    self.books,
                    created_at=document.created_at,
                    deleted=document.status == "deleted",
                )

    def _money(self, name: str) -> Iterator[Row]:
        match name:
            case "contact_payments":
                yield from self._payments()
            case "contact_allocations":
                yield from self._allocations()
            case "other_payments":
                for spent in self.books.bank_transactions.values():
                    yield _viewed(
                        sage_id(spent.id), spent.updated_at, render_money.other_payment, spent, self.books,
                        created_at=spent.created_at, deleted=spent.status == "deleted",
                    )  # fmt: skip
            case _:
                for moved in self.books.transfers.values():
                    yield _viewed(
                        sage_id(moved.id), moved.updated_at, render_money.transfer, moved, self.books,
                        created_at=moved.created_at, deleted=moved.status == "deleted",
                    )  # fmt: skip

    def _payments(self) -> Iterator[Row]:
        together: dict[str, list[Payment]] = {}
        for payment in self.books.payments.values():
            together.setdefault(batch_id(payment), []).append(payment)
        for id_, parts in together.items():
            yield _viewed(
                id_,
                max(part.updated_at for part in parts),
                render_money.payment,
                parts,
                self.books,
                created_at=_morning(parts[0].paid_on),
                deleted=all(part.status == "deleted" for part in parts),
            )
        for source in self.books.on_account.values():
            yield _viewed(
                sage_id(source.id),
                source.updated_at,
                render_money.on_account,
                source,
                self.books,
                created_at=source.created_at,
                deleted=source.status == "voided",
            )

    def _allocations(self) -> Iterator[Row]:
        told: list[Allocation | Application] = []
        for document_id in self.books.documents:
            told += self.books.allocations_of.get(document_id, ())
            told += self.books.applications_of.get(document_id, ())
        for id_, each in {each.id: each for each in told}.items():
            yield _viewed(sage_id(id_), _morning(each.made_on), render_money.allocation, each, self.books)

    def _journals(self, *, opening: bool) -> Iterator[Row]:
        """A draft is not in Sage's books before it is posted."""
        for journal in self.books.manual_journals.values():
            if journal.opening == opening and journal.status != "draft":
                yield _viewed(
                    sage_id(journal.id),
                    journal.updated_at,
                    render_money.journal,
                    journal,
                    self.books,
                    created_at=journal.created_at,
                    deleted=journal.status in {"voided", "deleted"},
                )

    def _entries(self) -> Iterator[Row]:
        for posting in postings(self.books):
            yield Row(
                id=posting.id,
                created_at=posting.updated_at,
                updated_at=posting.updated_at,
                account_id=sage_id(posting.account_id),
                render=lambda view, posting=posting: render_money.ledger_entry(  # type: ignore[misc]
                    posting, self.books, view
                ),
            )


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _row(
    id_: str,
    at: datetime,
    how: Callable[..., dict[str, Any]],
    *told: Any,
    created_at: datetime | None = None,
    deleted: bool = False,
) -> Row:
    """A row that is the same however it is asked for."""
    return Row(
        id=id_, created_at=created_at or at, updated_at=at, deleted=deleted, render=lambda _view: how(*told)
    )


def _viewed(
    id_: str,
    at: datetime,
    how: Callable[..., dict[str, Any]],
    source: Any,
    books: Books,
    *,
    created_at: datetime | None = None,
    deleted: bool = False,
) -> Row:
    """A row that is written as it is asked for."""
    return Row(
        id=id_,
        created_at=created_at or at,
        updated_at=at,
        deleted=deleted,
        render=lambda view: how(source, books, view),
    )
