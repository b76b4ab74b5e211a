"""The rows of a company's entities, made once for every state of its books."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

import msgspec
from attrs import define, field, frozen

from tallystick.connectors.quickbooks.sandbox import render_lists
from tallystick.connectors.quickbooks.sandbox.dialect import ENTITIES
from tallystick.connectors.quickbooks.sandbox.ledger import balances
from tallystick.connectors.quickbooks.sandbox.numbering import Numbering
from tallystick.connectors.quickbooks.sandbox.render import Renderer, tombstone
from tallystick.connectors.sandbox.books import CREDITS, SALES, Books, Item

_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")

#: All entities that can be asked for; of the last ones these books have none.
ENTITY_NAMES: Final = (
    "CompanyInfo",
    "Preferences",
    "Account",
    "TaxCode",
    "TaxRate",
    "TaxAgency",
    "PaymentMethod",
    "Item",
    "Customer",
    "Vendor",
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
    "Estimate",
    "Term",
)


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
            self._gone = (self.books.revision, self._tombstones())
        return self._gone[1].get(entity, [])

    @property
    def renderer(self) -> Renderer:
        """How transactions are written."""
        return Renderer(self.books, self.numbers)

    def _tombstones(self) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        dead = [
            (ENTITIES[document.kind], document.id, document.updated_at)
            for document in self.books.documents.values()
            if document.status == "deleted"
        ]
        dead += [
            (PAYMENT_ENTITIES[payment.kind], payment.id, payment.updated_at)
            for payment in self.books.payments.values()
            if payment.status == "deleted"
        ]
        for entity, id_, at in dead:
            number = self.numbers.of("Txn", id_)
            found.setdefault(entity, []).append(Row(int(number), at, tombstone(number, at)))
        return found


#: What a payment is at QuickBooks; one that refunds a credit is none there.
PAYMENT_ENTITIES: Final = {
    "invoice": "Payment",
    "bill": "BillPayment",
    "credit_note": "Purchase",
    "bill_credit_note": "Deposit",
}
Made = Iterable[tuple[datetime, dict[str, Any]]]


def _row(made: tuple[datetime, dict[str, Any]]) -> Row:
    at, fields = made
    return Row(int(fields["Id"]), at, fields)


def _company(rows: CompanyRows) -> Made:
    yield rows.books.organisation.created_at, render_lists.company_info(rows.books)


def _preferences(rows: CompanyRows) -> Made:
    yield rows.books.organisation.created_at, render_lists.preferences(rows.books)


def _accounts(rows: CompanyRows) -> Made:
    standing = balances(rows.books)
    for account in rows.books.accounts.values():
        row = render_lists.account(account, rows.books, rows.numbers, standing[account.id])
        yield account.updated_at, row


def _tax_codes(rows: CompanyRows) -> Made:
    at = rows.books.organisation.created_at
    return ((at, render_lists.tax_code(rate, rows.numbers, at)) for rate in rows.books.tax_rates.values())


def _tax_rates(rows: CompanyRows) -> Made:
    at = rows.books.organisation.created_at
    return ((at, render_lists.tax_rate(rate, rows.numbers, at)) for rate in rows.books.tax_rates.values())


def _payment_methods(rows: CompanyRows) -> Made:
    at = rows.books.organisation.created_at
    return ((at, row) for row in render_lists.payment_methods(at))


def _items(rows: CompanyRows) -> Made:
    held = [(item, True, item.updated_at) for item in rows.books.items.values()]
    held += [(taken.item, False, taken.at) for taken in rows.taken_items]
    for item, active, at in held:
        yield at, render_lists.item(item, rows.books, rows.numbers, active=active, at=at)


def _customers(rows: CompanyRows) -> Made:
    for contact in rows.books.contacts.values():
        if contact.is_customer or not contact.is_supplier:
            yield contact.updated_at, render_lists.customer(contact, rows.numbers)


def _vendors(rows: CompanyRows) -> Made:
    for contact in rows.books.contacts.values():
        if contact.is_supplier:
            yield contact.updated_at, render_lists.vendor(contact, rows.numbers)


def _documents(entity: str) -> Callable[[CompanyRows], Made]:
    def made(rows: CompanyRows) -> Made:
        renderer = rows.renderer
        for document in rows.books.documents.values():
            if ENTITIES[document.kind] == entity and document.status != "deleted":
                yield document.updated_at, renderer.document(document)

    return made


def _payments(entity: str) -> Callable[[CompanyRows], Made]:
    """What moved money, and what set a credit against a document without any."""

    def made(rows: CompanyRows) -> Made:
        renderer = rows.renderer
        writes = {
            "Payment": renderer.payment,
            "BillPayment": renderer.bill_payment,
            "Purchase": renderer.refund,
            "Deposit": renderer.refund_banked,
        }
        for payment in rows.books.payments.values():
            if PAYMENT_ENTITIES[payment.kind] == entity and payment.status != "deleted":
                yield payment.updated_at, writes[entity](payment)
        applied = {"Payment": renderer.credit_applied, "BillPayment": renderer.vendor_credit_applied}
        if entity in applied:
            for id_, allocations in rows.books.allocations_of.items():
                document = rows.books.documents[id_]
                ours = (document.kind in SALES) == (entity == "Payment") and document.kind in CREDITS
                for allocation in allocations if ours else ():
                    row = applied[entity](allocation)
                    yield datetime.fromisoformat(row["MetaData"]["LastUpdatedTime"]), row

    return made


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
        **{entity: _documents(entity) for entity in ENTITIES.values()},
        **{entity: _payments(entity) for entity in PAYMENT_ENTITIES.values()},
    }
)
