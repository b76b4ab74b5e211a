"""Xero's pages and rows into the standard model. Pure: bytes in, records and issues out."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec
from attrs import frozen

from tallystick.connectors.contract import Books, Gone, Issue, Resource
from tallystick.connectors.doubts import Doubts
from tallystick.connectors.drift import kind_read_by, known_to, unknown_in
from tallystick.connectors.finiteness import finiteness_of
from tallystick.connectors.unreadable import UNREADABLE, place_and_reason
from tallystick.connectors.xero import (
    account_transactions,
    bank,
    contacts,
    documents,
    journals,
    ledger,
    on_account,
    orders,
    payments,
    statements,
    tracking,
    transfers,
    wire,
    wire_bank,
    wire_ledger,
)
from tallystick.connectors.xero.envelope import IDS, LISTS, open_envelope
from tallystick.connectors.xero.keys import gone
from tallystick.connectors.xero.left_alone import LEFT_ALONE
from tallystick.errors import RecordRejected
from tallystick.standard import DataType, StandardRecord

_refuse_endless: Final = finiteness_of(wire.Sent, wire, wire_bank, wire_ledger)
#: Moves with every change here, or in what this calls, that changes a record.
VERSION: Final = 4

S = TypeVar("S", bound=wire.Sent)


@frozen
class Way:
    """How the rows of one list are read: bytes to what Xero means, and that to records."""

    read: Callable[[msgspec.Raw], Any]
    map: Callable[[Any, Books, Doubts], list[StandardRecord]]
    id: str  #: the field that has a row's id
    only: DataType | None = None
    """The data type of which a company has but one record: it is kept under that name, not under an id."""


def _way(
    name: str,
    kind: type[S],
    mapping: Callable[[S, Books, Doubts], list[StandardRecord]],
    *,
    only: DataType | None = None,
) -> Way:
    return Way(read=msgspec.json.Decoder(kind, strict=False).decode, map=mapping, id=IDS[name], only=only)


#: Of resources that read one list.
WAYS: Final[Mapping[str, Way]] = {
    "Organisations": _way("Organisations", wire.Organisation, ledger.organisation, only="company"),
    "Accounts": _way("Accounts", wire.Account, ledger.account),
    "TaxRates": _way("TaxRates", wire.TaxRate, ledger.tax_rate),
    "TrackingCategories": _way(
        "TrackingCategories", wire_ledger.TrackingCategory, tracking.tracking_category
    ),
    "Items": _way("Items", wire.Item, ledger.item),
    "Contacts": _way("Contacts", wire.Contact, contacts.contact),
    "Invoices": _way("Invoices", wire.Invoice, documents.invoice),
    "CreditNotes": _way("CreditNotes", wire.CreditNote, documents.credit_note),
    "PurchaseOrders": _way("PurchaseOrders", wire.PurchaseOrder, orders.purchase_order),
    "BankTransfers": _way("BankTransfers", wire_bank.BankTransfer, transfers.transfer),
    "Journals": _way("Journals", wire_ledger.Journal, journals.journal),
    "ManualJournals": _way("ManualJournals", wire_ledger.ManualJournal, journals.manual_journal),
    "ProfitAndLoss": _way("Reports", wire_ledger.Report, statements.profit_and_loss, only="profitAndLoss"),
    "BalanceSheet": _way("Reports", wire_ledger.Report, statements.balance_sheet, only="balanceSheet"),
    "BankSummary": _way("Reports", wire_ledger.Report, statements.cash_flow, only="cashFlowStatement"),
}
#: Of resources that read several: each of their lists has its own.
SEVERAL: Final[Mapping[str, Mapping[str, Way]]] = {
    "Payments": {
        "Payments": _way("Payments", wire.Payment, payments.payment),
        "Overpayments": _way("Overpayments", wire_bank.OnAccount, on_account.payment),
        "Prepayments": _way("Prepayments", wire_bank.OnAccount, on_account.payment),
    },
    "BankTransactions": {
        "BankTransactions": _way("BankTransactions", wire_bank.BankTransaction, bank.bank_transaction),
        "Payments": _way("Payments", wire.Payment, account_transactions.of_payment),
    },
}
#: Which of a list's data types a row is by its own word for itself.
_SIDE: Final[Mapping[str, DataType]] = {
    "ACCREC": "invoices",
    "ACCPAY": "bills",
    "ACCRECCREDIT": "creditNotes",
    "ACCPAYCREDIT": "billCreditNotes",
    **dict.fromkeys((*payments.RECEIVED, *on_account.RECEIVED), "payments"),
    **dict.fromkeys((*payments.SPENT, *on_account.SPENT), "billPayments"),
}
#: What can be said of a row that is not read yet, or cannot be read as what it should be.
_GLIMPSE: Final[msgspec.json.Decoder[Any]] = msgspec.json.Decoder(
    msgspec.defstruct(
        "Glimpse", [(name, Any, None) for name in (*sorted(set(IDS.values())), "Type", "PaymentType")]
    )
)


class XeroMapper:
    """`contract.Mapper` for Xero."""

    def split(self, resource: Resource, raw: bytes) -> list[msgspec.Raw]:
        """The records of a page, each as its exact bytes. Raises: `PageUnreadable`."""
        return open_envelope(resource.name, raw).rows()

    def unknown_fields(self, resource: Resource, row: msgspec.Raw) -> tuple[str, ...]:
        """Fields of a row that are neither read nor left alone on purpose. It never raises for data."""
        kind = kind_read_by((WAYS.get(resource.name) or _way_of(resource, row)).read)
        return () if kind is None else unknown_in(row, known_to(kind), LEFT_ALONE)

    def records(
        self, resource: Resource, row: msgspec.Raw, books: Books, issues: list[Issue]
    ) -> Sequence[StandardRecord | Gone]:
        """What one record of Xero's is in our model, or that it is no more. It never raises for data.

        Cost: about 20 µs for an invoice of three lines.
        """
        doubts = Doubts(issues)
        way = WAYS.get(resource.name) or _way_of(resource, row)
        try:
            source = way.read(row)
            doubts.record_id = way.only or getattr(source, way.id)
            _refuse_endless(source)
            return way.map(source, books, doubts)
        except RecordRejected as error:
            path, reason = error.path, error.reason
        except msgspec.ValidationError as error:
            path, reason = place_and_reason(error)
        except UNREADABLE:
            path, reason = "$", "not a whole JSON value in UTF-8"
        except ArithmeticError:
            path, reason = "$", "its amounts are too far apart to be added exactly"
        told = gone(resource, row)
        if told:
            return told
        _glimpse(resource, way, row, doubts)
        doubts.reject(path, reason)
        return []


def _way_of(resource: Resource, row: msgspec.Raw) -> Way:
    """Which of its resource's lists a row is of, by its own id; the last one where it has none."""
    ways = SEVERAL[resource.name]
    try:
        seen = _GLIMPSE.decode(row)
    except UNREADABLE:
        seen = None
    names = (name for name in LISTS[resource.name] if getattr(seen, IDS[name], None) is not None)
    return ways[next(names, LISTS[resource.name][-1])]


def _glimpse(resource: Resource, way: Way, row: msgspec.Raw, doubts: Doubts) -> None:
    """Find out whose fault it is, as far as the row can be read at all."""
    if way.only is not None:
        doubts.record_id, doubts.data_type = way.only, way.only
        return
    try:
        seen = _GLIMPSE.decode(row)
    except UNREADABLE:
        return
    found = getattr(seen, way.id)
    if isinstance(found, str) and found:
        doubts.record_id = found
    word = seen.PaymentType or seen.Type
    if isinstance(word, str) and _SIDE.get(word) in resource.data_types:
        doubts.data_type = _SIDE[word]
