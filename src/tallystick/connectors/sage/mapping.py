"""Sage's pages and rows into the standard model. Pure: bytes in, records and issues out."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec
from attrs import frozen

from tallystick.connectors.contract import Books, Gone, Issue, Resource
from tallystick.connectors.doubts import Doubts
from tallystick.connectors.drift import kind_read_by, known_to, unknown_in
from tallystick.connectors.finiteness import finiteness_of
from tallystick.connectors.sage import (
    banking,
    company,
    contacts,
    direct,
    documents,
    items,
    journals,
    ledger,
    payments,
    statements,
    tracking,
    wire,
    wire_bank,
    wire_lists,
)
from tallystick.connectors.sage.envelope import open_envelope
from tallystick.connectors.sage.keys import gone
from tallystick.connectors.sage.left_alone import LEFT_ALONE
from tallystick.connectors.sage.listings import LISTINGS
from tallystick.connectors.sage.words import list_of
from tallystick.connectors.unreadable import UNREADABLE, place_and_reason
from tallystick.errors import RecordRejected
from tallystick.standard import DataType, StandardRecord

_refuse_endless: Final = finiteness_of(wire.Sent, wire, wire_lists, wire_bank)
#: Moves with every change here, or in what this calls, that changes a record.
VERSION: Final = 3

S = TypeVar("S", bound=wire.Sent)


@frozen
class Way:
    """How the rows of one list are read: bytes to what Sage means, and that to records."""

    read: Callable[[msgspec.Raw], Any]
    map: Callable[[Any, Books, Doubts], list[StandardRecord]]


def _way(kind: type[S], mapping: Callable[[S, Books, Doubts], list[StandardRecord]]) -> Way:
    return Way(read=msgspec.json.Decoder(kind, strict=False).decode, map=mapping)


_TOP: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_BUSINESS: Final = msgspec.json.Decoder(wire_lists.Business, strict=False)
_SETTINGS: Final = msgspec.json.Decoder(wire_lists.FinancialSettings, strict=False)
_COMPANY: Final = msgspec.json.Decoder(wire_lists.Company, strict=False)


def _company(row: msgspec.Raw) -> wire_lists.Company:
    """Both answers as the client puts them together, or one of them alone."""
    told = _TOP.decode(row)
    if "business" in told or "financial_settings" in told:
        return _COMPANY.decode(row)
    if "base_currency" in told:
        return wire_lists.Company(financial_settings=_SETTINGS.decode(row))
    return wire_lists.Company(business=_BUSINESS.decode(row))


#: By list: which of a resource's lists a row is of, its own path tells.
WAYS: Final[Mapping[str, Way]] = {
    "business": Way(read=_company, map=company.company),
    "ledger_accounts": _way(wire_lists.LedgerAccount, ledger.ledger_account),
    "bank_accounts": _way(wire_lists.BankAccount, ledger.bank_account),
    "tax_rates": _way(wire_lists.TaxRate, ledger.tax_rate),
    "analysis_types": _way(wire_lists.AnalysisType, tracking.analysis_type),
    "analysis_type_categories": _way(wire_lists.AnalysisTypeCategory, tracking.analysis_type_category),
    "payment_methods": _way(wire_lists.PaymentMethod, ledger.payment_method),
    "products": _way(wire_lists.Item, items.item),
    "services": _way(wire_lists.Item, items.item),
    "stock_items": _way(wire_lists.Item, items.item),
    "contacts": _way(wire_lists.Contact, contacts.contact),
    "sales_invoices": _way(wire.Artefact, documents.sales_invoice),
    "sales_credit_notes": _way(wire.Artefact, documents.sales_credit_note),
    "sales_quick_entries": _way(wire.QuickEntry, documents.sales_quick_entry),
    "purchase_invoices": _way(wire.Artefact, documents.purchase_invoice),
    "purchase_credit_notes": _way(wire.Artefact, documents.purchase_credit_note),
    "purchase_quick_entries": _way(wire.QuickEntry, documents.purchase_quick_entry),
    "contact_payments": _way(wire.ContactPayment, payments.contact_payment),
    "contact_allocations": _way(wire.ContactAllocation, payments.contact_allocation),
    "other_payments": _way(wire_bank.OtherPayment, direct.other_payment),
    "bank_transfers": _way(wire_bank.BankTransfer, banking.transfer),
    "bank_deposits": _way(wire_bank.BankTransfer, banking.transfer),
    "journals": _way(wire_bank.Journal, journals.journal),
    "opening_balance_journals": _way(wire_bank.Journal, journals.journal),
    "ledger_entries": _way(wire_bank.LedgerEntry, banking.ledger_entry),
    "statements": _way(wire_lists.Statements, statements.statements),
}
#: What a row that cannot be mapped is, where its list gives one data type only.
_ONE_TYPE: Final[Mapping[str, DataType]] = {
    "sales_invoices": "invoices",
    "sales_credit_notes": "creditNotes",
    "purchase_invoices": "bills",
    "purchase_credit_notes": "billCreditNotes",
    "journals": "journalEntries",
    "opening_balance_journals": "journalEntries",
}
#: And where its type of transaction tells it.
_BY_TRANSACTION: Final[Mapping[str, DataType]] = {
    **{
        name: "billPayments" if kind.supplier else "payments"
        for name, kind in (*payments.PAYMENT.items(), *payments.ALLOCATION.items())
    },
    **direct.TYPE,
}
_GLIMPSE: Final = msgspec.json.Decoder(wire.Glimpse)


class SageMapper:
    """`contract.Mapper` for Sage."""

    def split(self, resource: Resource, raw: bytes) -> list[msgspec.Raw]:
        """The records of a page, each as its exact bytes. Raises: `PageUnreadable`."""
        return open_envelope(resource.name, raw).rows()

    def unknown_fields(self, resource: Resource, row: msgspec.Raw) -> tuple[str, ...]:
        """Fields of a row that are neither read nor left alone on purpose. It never raises for data."""
        kind = kind_read_by(WAYS[_list_of(resource, _glimpse(row))].read)
        return () if kind is None else unknown_in(row, known_to(kind), LEFT_ALONE)

    def records(
        self, resource: Resource, row: msgspec.Raw, books: Books, issues: list[Issue]
    ) -> Sequence[StandardRecord | Gone]:
        """What one record of Sage's is in our model, or that it is no more. It never raises for data."""
        doubts = Doubts(issues)
        seen = _glimpse(row)
        name = _list_of(resource, seen)
        try:
            source = WAYS[name].read(row)
            doubts.record_id = getattr(source, "id", None)
            _refuse_endless(source)
            return WAYS[name].map(source, books, doubts)
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
        _blame(resource, name, seen, doubts)
        doubts.reject(path, reason)
        return []


def _glimpse(row: msgspec.Raw) -> wire.Glimpse:
    try:
        return _GLIMPSE.decode(row)
    except UNREADABLE:
        return wire.Glimpse()


def _list_of(resource: Resource, seen: wire.Glimpse) -> str:
    """Which of the resource's lists a row is of: by its path, else the first."""
    names = [listing.path for listing in LISTINGS[resource.name]]
    told = list_of(seen.path) if isinstance(seen.path, str) else ""
    return told if told in names else names[0]


def _blame(resource: Resource, name: str, seen: wire.Glimpse, doubts: Doubts) -> None:
    """Find out whose fault it is, as far as the row can be read at all."""
    if isinstance(seen.id, str) and seen.id:
        doubts.record_id = seen.id
    told = seen.transaction_type.get("id") if isinstance(seen.transaction_type, dict) else None
    kind = _ONE_TYPE.get(name) or (_BY_TRANSACTION.get(told) if isinstance(told, str) else None)
    if kind in resource.data_types:
        doubts.data_type = kind
