"""The rows of a company's lists, made of its books. What was deleted is in none of them."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import msgspec
from attrs import define, field, frozen

from tallystick.connectors.freeagent.sandbox import movements, render_lists
from tallystick.connectors.freeagent.sandbox.dialect import banks_of, is_shown, number_of
from tallystick.connectors.freeagent.sandbox.render import Renderer
from tallystick.connectors.sandbox.amounts import ZERO
from tallystick.connectors.sandbox.books import Books, DocumentKind
from tallystick.connectors.sandbox.ledger import Ledger, bank_balance

_ENCODER: Final = msgspec.json.Encoder()
_KINDS: Final[dict[str, tuple[DocumentKind, ...]]] = {
    "invoices": ("invoice",),
    "credit_notes": ("credit_note",),
    "bills": ("bill", "bill_credit_note"),
}


@frozen(eq=False, kw_only=True)
class Row:
    """One record of a list."""

    id: int
    made_at: datetime
    updated_at: datetime
    name: str = ""  #: what its list is sorted by when nothing else is asked
    account_id: int | None = None  #: of a movement at the bank
    contact_id: int | None = None  #: of a document
    views: frozenset[str] = frozenset()  #: of a contact
    render: Callable[[bool], dict[str, Any]] = field(repr=False)  #: with nested lines, or without

    def body(self, *, nested: bool) -> bytes:
        """Its JSON object."""
        return _ENCODER.encode(self.render(nested))


@define(eq=False)
class BooksRows:
    """Rows of made-up books; kept for as long as the books do not change."""

    books: Books
    today: date
    _lists: dict[str, list[Row]] = field(factory=dict, init=False)
    _revision: int = field(default=-1, init=False)
    _renderer: Renderer | None = field(default=None, init=False)
    _ledger: Ledger | None = field(default=None, init=False)

    @property
    def renderer(self) -> Renderer:
        """Of the books as they are now."""
        self._look()
        if self._renderer is None:
            self._renderer = Renderer.of(self.books, self.today)
        return self._renderer

    @property
    def ledger(self) -> Ledger:
        """Of the books as they are now."""
        self._look()
        if self._ledger is None:
            self._ledger = Ledger.of(self.books)
        return self._ledger

    def of(self, name: str) -> list[Row]:
        """All rows of a list."""
        self._look()
        if name not in self._lists:
            self._lists[name] = list(self._made(name))
        return self._lists[name]

    def _look(self) -> None:
        if self._revision != self.books.revision:
            self._lists.clear()
            self._renderer = self._ledger = None
            self._revision = self.books.revision

    def _made(self, name: str) -> Iterable[Row]:
        match name:
            case "bank_accounts":
                yield from self._bank_accounts()
            case "projects":
                yield from self._projects()
            case "price_list_items" | "stock_items":
                yield from self._items(stock=name == "stock_items")
            case "contacts":
                yield from self._contacts()
            case "bank_transactions" | "bank_transaction_explanations":
                yield from self._movements(explained=name == "bank_transaction_explanations")
            case "credit_note_reconciliations":
                yield from self._reconciliations()
            case "journal_sets":
                yield from self._journals()
            case _:
                yield from self._documents(name)

    def _made_at(self, place: int) -> datetime:
        """When the record of that place in its list was made: it never moves."""
        return self.books.organisation.created_at + timedelta(minutes=place)

    def _bank_accounts(self) -> Iterable[Row]:
        opening = {
            line.account_id: line.amount
            for journal in self.books.manual_journals.values()
            if journal.opening and journal.status == "posted"
            for line in journal.lines
        }
        for account in banks_of(self.books):
            balance = bank_balance(self.books, account.id, self.today)
            row = render_lists.bank_account(account, opening.get(account.id, ZERO), balance)
            yield Row(
                id=number_of(account.id),
                made_at=account.updated_at,
                updated_at=account.updated_at,
                render=lambda _, row=row: row,  # type: ignore[misc]
            )

    def _projects(self) -> Iterable[Row]:
        for place, option in enumerate(self.books.tracking_options.values()):
            category = self.books.tracking_categories[option.category_id]
            if category.kind == "department" and option.status != "deleted":
                yield Row(
                    id=number_of(option.id),
                    made_at=self._made_at(place),
                    updated_at=option.updated_at,
                    name=option.name,
                    render=lambda _, option=option: render_lists.project(option, self.books),  # type: ignore[misc]
                )

    def _items(self, *, stock: bool) -> Iterable[Row]:
        how = render_lists.stock_item if stock else render_lists.price_list_item
        for place, item in enumerate(self.books.items.values()):
            if (item.kind == "stock") == stock:
                made_at = self._made_at(place)
                yield Row(
                    id=number_of(item.id),
                    made_at=made_at,
                    updated_at=item.updated_at,
                    render=lambda _, item=item, at=made_at: how(item, self.renderer, at),  # type: ignore[misc]
                )

    def _contacts(self) -> Iterable[Row]:
        for place, contact in enumerate(self.books.contacts.values()):
            made_at = self._made_at(place)
            active = contact.status == "active"
            views = {
                "active": active,
                "hidden": not active,
                "clients": contact.is_customer,
                "suppliers": contact.is_supplier and active,
            }
            yield Row(
                id=number_of(contact.id),
                made_at=made_at,
                updated_at=contact.updated_at,
                name=contact.name,
                views=frozenset(["all", *(name for name, within in views.items() if within)]),
                render=lambda _, contact=contact, at=made_at: render_lists.contact(contact, at),  # type: ignore[misc]
            )

    def _documents(self, name: str) -> Iterable[Row]:
        how = self.renderer.bill if name == "bills" else self.renderer.sale
        for document in self.books.documents.values():
            if document.kind in _KINDS[name] and is_shown(document):
                yield Row(
                    id=number_of(document.id),
                    made_at=document.created_at,
                    updated_at=document.updated_at,
                    contact_id=number_of(document.contact_id),
                    render=lambda nested, document=document: how(document, nested=nested),  # type: ignore[misc]
                )

    def _movements(self, *, explained: bool) -> Iterable[Row]:
        standing = {account.id for account in banks_of(self.books)}
        for movement in movements.movements(self.renderer):
            if movement.account_id not in standing:
                continue
            parts = movement.explanations if explained else (None,)
            for part in parts:
                yield Row(
                    id=movement.id if part is None else part.id,
                    made_at=movement.entered_at,
                    updated_at=movement.updated_at,
                    account_id=number_of(movement.account_id),
                    render=lambda _, part=part, movement=movement: (  # type: ignore[misc]
                        movements.bank_transaction(movement)
                        if part is None
                        else movements.explanation(part, movement)
                    ),
                )

    def _reconciliations(self) -> Iterable[Row]:
        made = {each.id: each for of in self.books.allocations_of.values() for each in of}
        for each in made.values():
            if self.books.documents[each.credit_id].kind == "credit_note":
                at = datetime.combine(each.made_on, time(), UTC)
                yield Row(
                    id=number_of(each.id),
                    made_at=at,
                    updated_at=at,
                    render=lambda _, each=each: render_lists.reconciliation(each, self.renderer),  # type: ignore[misc]
                )

    def _journals(self) -> Iterable[Row]:
        for journal in self.books.manual_journals.values():
            if journal.status == "posted" and not journal.opening:
                yield Row(
                    id=number_of(journal.id),
                    made_at=journal.created_at,
                    updated_at=journal.updated_at,
                    render=lambda _, journal=journal: render_lists.journal_set(journal, self.renderer),  # type: ignore[misc]
                )
