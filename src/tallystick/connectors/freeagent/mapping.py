"""FreeAgent's pages and rows into the standard model. Pure: bytes in, records and issues out."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec
from attrs import frozen

from tallystick.connectors.contract import Books, Gone, Issue, Resource
from tallystick.connectors.doubts import Doubts
from tallystick.connectors.finiteness import finiteness_of
from tallystick.connectors.freeagent import (
    banking,
    company,
    contacts,
    documents,
    items,
    journals,
    keys,
    ledger,
    payments,
    statements,
    tracking,
    wire,
    wire_bank,
    wire_lists,
)
from tallystick.connectors.freeagent.envelope import beside, rows_of
from tallystick.connectors.freeagent.listings import LISTINGS
from tallystick.connectors.freeagent.words import id_of, list_of
from tallystick.connectors.unreadable import UNREADABLE, place_and_reason
from tallystick.errors import RecordRejected
from tallystick.standard import DataType, StandardRecord

_refuse_endless: Final = finiteness_of(wire.Sent, wire, wire_lists, wire_bank)
#: Moves with every change here, or in what this calls, that changes a record.
VERSION: Final = 2

S = TypeVar("S", bound=wire.Sent)


@frozen
class Way:
    """How the rows of one list are read: bytes to what FreeAgent means, and that to records."""

    read: Callable[[msgspec.Raw], Any]
    map: Callable[[Any, Books, Doubts], list[StandardRecord]]
    named: str | None = None  #: a row is read as `{"contact": {…}}`, with what stands beside it
    whole: bool = False  #: a row is read as it stands, whatever it is


def _way(
    kind: type[S],
    mapping: Callable[[S, Books, Doubts], list[StandardRecord]],
    named: str | None = None,
    *,
    whole: bool = False,
) -> Way:
    read = msgspec.json.Decoder(kind, strict=False).decode
    return Way(read=read, map=mapping, named=named, whole=whole)


_PROFIT: Final = msgspec.json.Decoder(wire_bank.ProfitReport, strict=False)
_PROFIT_ALONE: Final = msgspec.json.Decoder(wire_bank.ProfitAnswer, strict=False)
_SHEET: Final = msgspec.json.Decoder(wire_bank.SheetReport, strict=False)
_SHEET_ALONE: Final = msgspec.json.Decoder(wire_bank.SheetAnswer, strict=False)


def _profit_report(row: msgspec.Raw) -> wire_bank.ProfitReport:
    """The months that the client puts together, or one answer of FreeAgent's alone."""
    if "periods" in _TOP.decode(row):
        return _PROFIT.decode(row)
    return wire_bank.ProfitReport(periods=[wire_bank.ProfitPeriod(summary=_PROFIT_ALONE.decode(row))])


def _sheet_report(row: msgspec.Raw) -> wire_bank.SheetReport:
    """The same of balance sheets."""
    if "periods" in _TOP.decode(row):
        return _SHEET.decode(row)
    return wire_bank.SheetReport(periods=[_SHEET_ALONE.decode(row)])


#: By list: which of a resource's lists a row is of, its own address or its name tells.
WAYS: Final[Mapping[str, Way]] = {
    "company": _way(wire_lists.CompanyRow, company.company, "company"),
    "categories": _way(wire_lists.CategoryRow, ledger.category, whole=True),
    "sub_accounts": _way(wire_lists.CategoryRow, ledger.category, whole=True),
    "bank_accounts": _way(wire_lists.BankAccount, ledger.bank_account),
    "projects": _way(wire_lists.Project, tracking.project),
    "price_list_items": _way(wire_lists.PriceListItem, items.price_list_item),
    "stock_items": _way(wire_lists.StockItem, items.stock_item),
    "contacts": _way(wire_lists.ContactRow, contacts.contact, "contact"),
    "invoices": _way(wire.SalesDocument, documents.invoice),
    "credit_notes": _way(wire.SalesDocument, documents.credit_note),
    "bills": _way(wire.Bill, documents.bill),
    "bank_transaction_explanations": _way(
        wire_bank.ExplanationRow, banking.explanation, "bank_transaction_explanation"
    ),
    "credit_note_reconciliations": _way(wire_bank.Reconciliation, payments.reconciliation),
    "bank_transactions": _way(wire_bank.BankTransactionRow, banking.bank_transaction, "bank_transaction"),
    "journal_sets": _way(wire_bank.JournalSet, journals.journal_set),
    "profit_and_loss": Way(read=_profit_report, map=statements.profit_and_loss, whole=True),
    "balance_sheet": Way(read=_sheet_report, map=statements.balance_sheet, whole=True),
}
_TOP: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_GLIMPSE: Final = msgspec.json.Decoder(wire.Glimpse)


class FreeAgentMapper:
    """`contract.Mapper` for FreeAgent."""

    def split(self, resource: Resource, raw: bytes) -> list[msgspec.Raw]:
        """The records of a page, each as its exact bytes. Raises: `PageUnreadable`."""
        return rows_of(resource.name, raw)

    def records(
        self, resource: Resource, row: msgspec.Raw, books: Books, issues: list[Issue]
    ) -> Sequence[StandardRecord | Gone]:
        """What one record of FreeAgent's is in our model. It never raises for data."""
        doubts = Doubts(issues)
        name, inner, url = LISTINGS[resource.name][0].name, row, None
        try:
            name, inner, url = _told_of(resource, row)
            if name == "gone":
                return keys.gone(resource, row)
            way = WAYS[name]
            doubts.record_id = id_of(url)
            source = way.read(_as_read(way, row, inner))
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
        doubts.data_type = _blamed(resource, name, doubts.data_type)
        doubts.reject(path, reason)
        return []


def _told_of(resource: Resource, row: msgspec.Raw) -> tuple[str, msgspec.Raw, str | None]:
    """Which list a row is of, the record in it, and its address: by the address, else by its name.

    Raises: what reading a row that is no object raises.
    """
    listings = LISTINGS[resource.name]
    url = _GLIMPSE.decode(row).url
    inner = row
    if url is None:
        top = _TOP.decode(row)
        if "gone" in top:
            return "gone", row, None
        for listing in listings:
            if listing.single in top:
                inner = top[listing.single]
                url = _glimpsed(inner)
                break
    told = list_of(url) if isinstance(url, str) else ""
    names = [listing.name for listing in listings]
    own = url if isinstance(url, str) else None
    return (told if told in names else names[0]), inner, own


def _glimpsed(row: msgspec.Raw) -> Any:
    try:
        return _GLIMPSE.decode(row).url
    except UNREADABLE:
        return None


def _as_read(way: Way, row: msgspec.Raw, inner: msgspec.Raw) -> msgspec.Raw:
    """The row in the form in which its list is read: with its name round it, or without."""
    if way.whole:
        return row
    if way.named is None:
        return inner
    return row if inner is not row else beside(way.named, row)


def _blamed(resource: Resource, name: str, found: DataType | None) -> DataType | None:
    """Which data type a row that cannot be mapped would have been, where that is known."""
    if found is None and len(resource.data_types) == 1:
        return resource.data_types[0]
    if found is None and name == "credit_note_reconciliations":
        return "payments"
    return found
