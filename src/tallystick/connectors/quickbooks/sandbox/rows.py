"""The rows of a company's entities, made once for every state of its books."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Final

import msgspec
from attrs import define, field, frozen

from tallystick.connectors.quickbooks.sandbox import render, render_bank, render_lists, render_money
from tallystick.connectors.quickbooks.sandbox.dialect import ENTITIES, PAYMENT_ENTITIES, TAXED, UNTAXED
from tallystick.connectors.quickbooks.sandbox.numbering import Numbering, link_key
from tallystick.connectors.quickbooks.sandbox.parts import Parts
from tallystick.connectors.sandbox.books import CREDITS, SALES, Books, Document, Item, Payment, PaymentKind
from tallystick.connectors.sandbox.ledger import Ledger, bank_balance

_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")

#: All entities that can be asked for; of the last ones these books have none.
ENTITY_NAMES: Final = (
    "CompanyInfo",
    "Preferences",
    "Account",
    "TaxCode",
    "TaxRate",
    "PaymentMethod",
    "Item",
    "Customer",
    "Vendor",
    "Employee",
    "Invoice",
    "CreditMemo",
    "Bill",
    "VendorCredit",
    "Payment",
    "BillPayment",
    "Purchase",
    "Deposit",
    "SalesReceipt",
    "RefundReceipt",
    "Transfer",
    "JournalEntry",
    "PurchaseOrder",
    "Class",
    "Department",
    "TaxAgency",
    "Estimate",
    "Term",
)
#: Ids that are no numbers, which stand before all that are.
_WORDS: Final = {TAXED: -2, UNTAXED: -1}


@frozen(eq=False)
class Row:
    """One entity."""

    number: int  #: its id
    updated_at: datetime
    fields: Mapping[str, Any]

    def body(self) -> bytes:
        """Its JSON object."""
        return _ENCODER.encode(self.fields)


@frozen(kw_only=True)
class TakenItem:
    """An item that was taken out of the books: QuickBooks keeps it, out of use."""

    item: Item
    at: datetime


@define(eq=False, kw_only=True)
class CompanyRows:
    """All entities of one company."""

    books: Books
    numbers: Numbering
    taken_items: list[TakenItem] = field(factory=list)
    _kept: dict[str, tuple[int, list[Row]]] = field(factory=dict, init=False)
    _gone: tuple[int, dict[str, list[Row]]] = field(default=(-1, {}), init=False)
    _ledger: tuple[int, Ledger] | None = field(default=None, init=False)
    _parts: tuple[int, Parts] | None = field(default=None, init=False)

    def of(self, entity: str) -> list[Row]:
        """An entity's rows by their ids, which is the order in which they were written."""
        revision, rows = self._kept.get(entity, (-1, []))
        if revision != self.books.revision:
            made = _ROWS[entity](self) if entity in _ROWS else ()
            rows = sorted(map(_row, made), key=lambda row: row.number)
            self._kept[entity] = (self.books.revision, rows)
        return rows

    def gone(self, entity: str) -> list[Row]:
        """What was deleted of an entity: transactions only."""
        if self._gone[0] != self.books.revision:
            found: dict[str, list[Row]] = {}
            for kind, id_, at in _dead(self.books):
                number = self.numbers.of("Txn", id_)
                found.setdefault(kind, []).append(Row(int(number), at, render.tombstone(number, at)))
            self._gone = (self.books.revision, found)
        return self._gone[1].get(entity, [])

    @property
    def ledger(self) -> Ledger:
        """What was posted, by account and day."""
        if self._ledger is None or self._ledger[0] != self.books.revision:
            self._ledger = (self.books.revision, Ledger.of(self.books))
        return self._ledger[1]

    @property
    def parts(self) -> Parts:
        """What transactions are put together of."""
        if self._parts is None or self._parts[0] != self.books.revision:
            self._parts = (self.books.revision, Parts.of(self.books, self.numbers))
        return self._parts[1]


def not_posted(document: Document) -> bool:
    """Whether a document is not at QuickBooks at all: there are no drafts, what is written is posted."""
    return document.status in {"draft", "submitted"}


def _dead(books: Books) -> Iterator[tuple[str, str, datetime]]:
    """What was deleted: entity, id and when. Of what is no list of the provider's, nobody is told."""
    for document in books.documents.values():
        if document.status == "deleted":
            yield ENTITIES[document.kind], document.id, document.updated_at
    for payment in books.payments.values():
        if payment.status == "deleted":
            yield PAYMENT_ENTITIES[payment.kind], payment.id, payment.updated_at
            if payment.kind in CREDITS:
                linking = "Payment" if payment.kind in SALES else "BillPayment"
                yield linking, link_key(payment.id), payment.updated_at
    yield from _dead_money(books)


def _dead_money(books: Books) -> Iterator[tuple[str, str, datetime]]:
    for order in books.orders.values():
        if order.status == "deleted" and order.kind == "purchase_order":
            yield "PurchaseOrder", order.id, order.updated_at
    for each in books.bank_transactions.values():
        if each.status == "deleted":
            yield render_bank.entity_of(each), each.id, each.updated_at
    for transfer in books.transfers.values():
        if transfer.status == "deleted":
            yield "Transfer", transfer.id, transfer.updated_at
    for journal in books.manual_journals.values():
        if journal.status in {"deleted", "voided"}:  # an entry cannot be voided at QuickBooks
            yield "JournalEntry", journal.id, journal.updated_at


Made = Iterable[tuple[datetime, dict[str, Any]]]


def _row(made: tuple[datetime, dict[str, Any]]) -> Row:
    at, fields = made
    return Row(_WORDS.get(fields["Id"]) or int(fields["Id"]), at, fields)


def _at(row: dict[str, Any]) -> tuple[datetime, dict[str, Any]]:
    return datetime.fromisoformat(row["MetaData"]["LastUpdatedTime"]), row


def _company(rows: CompanyRows) -> Made:
    yield rows.books.organisation.created_at, render_lists.company_info(rows.books)


def _preferences(rows: CompanyRows) -> Made:
    yield rows.books.organisation.created_at, render_lists.preferences(rows.books)


def _accounts(rows: CompanyRows) -> Made:
    """A bank account's balance is in its own currency."""
    books, base = rows.books, rows.books.organisation.base_currency
    for account in books.accounts.values():
        foreign = bool(account.currency) and account.currency != base
        stands = (
            bank_balance(books, account.id, date.max)
            if foreign
            else rows.ledger.balance(account.id, date.max)
        )
        yield account.updated_at, render_lists.account(account, books, rows.numbers, stands)


def _tax_codes(rows: CompanyRows) -> Made:
    at = rows.books.organisation.created_at
    return ((at, row) for row in render_lists.tax_codes(rows.books, rows.numbers, at))


def _tax_rates(rows: CompanyRows) -> Made:
    at = rows.books.organisation.created_at
    for rate in rows.books.tax_rates.values():
        for row in render_lists.tax_rates(rate, rows.numbers, at):
            yield at, row


def _payment_methods(rows: CompanyRows) -> Made:
    for method in rows.books.payment_methods.values():
        yield method.updated_at, render_lists.payment_method(method, rows.numbers)


def _items(rows: CompanyRows) -> Made:
    held = [(item, True, item.updated_at) for item in rows.books.items.values()]
    held += [(taken.item, False, taken.at) for taken in rows.taken_items]
    for item, active, at in held:
        yield at, render_lists.item(item, rows.books, rows.numbers, active=active, at=at)


def _customers(rows: CompanyRows) -> Made:
    for contact in rows.books.contacts.values():
        if contact.is_customer or not contact.is_supplier:
            yield contact.updated_at, render_lists.customer(contact, rows.books, rows.numbers)


def _vendors(rows: CompanyRows) -> Made:
    for contact in rows.books.contacts.values():
        if contact.is_supplier:
            yield contact.updated_at, render_lists.vendor(contact, rows.books, rows.numbers)


def _employees(rows: CompanyRows) -> Made:
    for employee in rows.books.employees.values():
        yield employee.updated_at, render_lists.employee(employee, rows.numbers.of("Name", employee.id))


def _options(entity: render_lists.Tracking) -> Callable[[CompanyRows], Made]:
    def made(rows: CompanyRows) -> Made:
        for option in rows.books.tracking_options.values():
            number = rows.numbers.given.get((entity, option.id))
            if number is not None:
                yield option.updated_at, render_lists.option(option, number)

    return made


def _documents(entity: str) -> Callable[[CompanyRows], Made]:
    def made(rows: CompanyRows) -> Made:
        for document in rows.books.documents.values():
            if (
                ENTITIES[document.kind] == entity
                and not not_posted(document)
                and document.status != "deleted"
            ):
                yield document.updated_at, render.document(rows.parts, document)

    return made


def _orders(rows: CompanyRows) -> Made:
    for order in rows.books.orders.values():
        if order.kind == "purchase_order" and order.status != "deleted":
            yield order.updated_at, render.purchase_order(rows.parts, order)


def _payments(kind: PaymentKind) -> Callable[[CompanyRows], Made]:
    """What settles documents of one side: money for them, money on account, credits without any money."""
    write = render_money.received if kind == "invoice" else render_money.spent

    def made(rows: CompanyRows) -> Made:
        books, parts, sales = rows.books, rows.parts, kind == "invoice"
        sums: dict[str, list[Payment]] = {}
        for payment in books.payments.values():
            if payment.status == "deleted":
                continue
            if payment.kind == kind:
                sums.setdefault(payment.batch_id or payment.id, []).append(payment)
            elif (payment.kind in SALES) == sales:
                yield _at(render_money.credit_given_back(parts, payment))
        for together in sums.values():
            yield _at(write(parts, together))
        for source in books.on_account.values():
            if (source.side == "sales") == sales:
                yield _at(render_money.on_account(parts, source))
        for id_, allocations in books.allocations_of.items():
            credit = books.documents[id_]  # each stands at both of its documents
            for allocation in allocations if credit.kind in CREDITS else ():
                if (credit.kind in SALES) == sales:
                    yield _at(render_money.credit_applied(parts, allocation))

    return made


def _bank(entity: str) -> Callable[[CompanyRows], Made]:
    """Money spent or received at once, and money that was given back for a credit."""
    given_back = {"Purchase": render_money.refund, "Deposit": render_money.refund_banked}.get(entity)

    def made(rows: CompanyRows) -> Made:
        for each in rows.books.bank_transactions.values():
            if each.status == "authorised" and render_bank.entity_of(each) == entity:
                yield each.updated_at, render_bank.bank_transaction(rows.parts, each)
        for payment in rows.books.payments.values() if given_back is not None else ():
            if PAYMENT_ENTITIES[payment.kind] == entity and payment.status != "deleted":
                assert given_back is not None
                yield payment.updated_at, given_back(rows.parts, payment)

    return made


def _transfers(rows: CompanyRows) -> Made:
    for transfer in rows.books.transfers.values():
        if transfer.status == "authorised":
            yield transfer.updated_at, render_bank.transfer(rows.parts, transfer)


def _journals(rows: CompanyRows) -> Made:
    """There are no drafts of them either."""
    for journal in rows.books.manual_journals.values():
        if journal.status == "posted":
            yield journal.updated_at, render_bank.journal_entry(rows.parts, journal)


_ROWS: Final[Mapping[str, Callable[[CompanyRows], Made]]] = MappingProxyType(
    {
        "CompanyInfo": _company,
        "Preferences": _preferences,
        "Account": _accounts,
        "TaxCode": _tax_codes,
        "TaxRate": _tax_rates,
        "PaymentMethod": _payment_methods,
        "Item": _items,
        "Customer": _customers,
        "Vendor": _vendors,
        "Employee": _employees,
        "Class": _options("Class"),
        "Department": _options("Department"),
        **{entity: _documents(entity) for entity in ENTITIES.values()},
        "Payment": _payments("invoice"),
        "BillPayment": _payments("bill"),
        **{entity: _bank(entity) for entity in ("Purchase", "Deposit", "SalesReceipt", "RefundReceipt")},
        "Transfer": _transfers,
        "JournalEntry": _journals,
        "PurchaseOrder": _orders,
    }
)
