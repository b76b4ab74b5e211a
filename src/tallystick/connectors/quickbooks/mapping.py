"""QuickBooks' pages and rows into the standard model. Pure: bytes in, records and issues out."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, TypeVar

import msgspec
from attrs import frozen

from tallystick.connectors.contract import Books, Gone, Issue, Resource
from tallystick.connectors.doubts import Doubts
from tallystick.connectors.drift import kind_read_by, known_to, unknown_in
from tallystick.connectors.quickbooks import (
    banking,
    company,
    contacts,
    direct,
    documents,
    journals,
    ledger,
    payments,
    posted,
    rows,
    statements,
    tax_rates,
    wire,
)
from tallystick.connectors.quickbooks.finiteness import may_be_endless, refuse_endless
from tallystick.connectors.quickbooks.left_alone import LEFT_ALONE
from tallystick.connectors.quickbooks.report_wire import Posted, Report
from tallystick.connectors.quickbooks.tombstones import gone
from tallystick.connectors.quickbooks.words import DELETED
from tallystick.connectors.unreadable import UNREADABLE, place_and_reason
from tallystick.errors import RecordRejected
from tallystick.standard import StandardRecord

#: Moves with every change here, or in what this calls, that changes a record.
VERSION: Final = 2

S = TypeVar("S", bound=wire.Sent)
Parts = Mapping[str, msgspec.Raw]


@frozen
class Way:
    """How one entity is read in one resource: bytes to what QuickBooks means, and that to records."""

    read: Callable[[msgspec.Raw], Any]
    map: Callable[[Any, Parts, Books, Doubts], list[StandardRecord]]


def _decoder(kind: type[S]) -> Callable[[msgspec.Raw], S]:
    return msgspec.json.Decoder(kind, strict=False).decode


def _way(kind: type[S], mapping: Callable[[S, Books, Doubts], list[StandardRecord]]) -> Way:
    return Way(_decoder(kind), lambda source, _parts, books, doubts: mapping(source, books, doubts))


_PREFERENCES: Final = _decoder(wire.Preferences)
_RATES: Final = msgspec.json.Decoder(list[wire.TaxRate], strict=False)


def _company(source: wire.Company, parts: Parts, books: Books, doubts: Doubts) -> list[StandardRecord]:
    told = parts.get("Preferences")
    return company.company(source, None if told is None else _PREFERENCES(told), books, doubts)


def _tax_code(source: wire.TaxCode, parts: Parts, _books: Books, doubts: Doubts) -> list[StandardRecord]:
    rates = _RATES.decode(parts.get("TaxRate", b"[]"))
    for rate in rates:
        refuse_endless(rate)
    return tax_rates.tax_code(source, rates, doubts)


_BY_HAND: Final = _decoder(wire.Transaction)


def _posted(source: Posted, parts: Parts, books: Books, doubts: Doubts) -> list[StandardRecord]:
    told = parts.get("JournalEntry")
    by_hand = None if told is None else _BY_HAND(told)
    if by_hand is not None and told is not None and may_be_endless(told):
        refuse_endless(by_hand)
    return posted.posted(source, by_hand, books, doubts)


def _category(entity: str) -> Way:
    return Way(
        _decoder(wire.Category),
        lambda source, parts, _books, doubts: ledger.category(
            source, entity, has_children=parts.get("hasChildren") == msgspec.Raw(b"true"), doubts=doubts
        ),
    )


#: By resource, then by the entity that a row says it is.
WAYS: Final[Mapping[str, Mapping[str, Way]]] = MappingProxyType(
    {
        "CompanyInfo": {"CompanyInfo": Way(_decoder(wire.Company), _company)},
        "Account": {"Account": _way(wire.Account, ledger.account)},
        "TaxCode": {"TaxCode": Way(_decoder(wire.TaxCode), _tax_code)},
        "TrackingCategory": {"Class": _category("Class"), "Department": _category("Department")},
        "PaymentMethod": {"PaymentMethod": _way(wire.PaymentMethod, ledger.payment_method)},
        "Item": {"Item": _way(wire.Item, ledger.item)},
        "Customer": {"Customer": _way(wire.Party, contacts.customer)},
        "Vendor": {"Vendor": _way(wire.Party, contacts.supplier)},
        "Invoice": {"Invoice": _way(wire.Sale, documents.invoice)},
        "Bill": {"Bill": _way(wire.Purchasing, documents.bill)},
        "CreditMemo": {"CreditMemo": _way(wire.Sale, documents.credit_memo)},
        "VendorCredit": {"VendorCredit": _way(wire.Purchasing, documents.vendor_credit)},
        "Payment": {"Payment": _way(wire.Payment, payments.payment)},
        "BillPayment": {"BillPayment": _way(wire.BillPayment, payments.bill_payment)},
        "DirectIncome": {
            "SalesReceipt": _way(wire.Sale, direct.sales_receipt),
            "RefundReceipt": _way(wire.Sale, direct.refund_receipt),
            "Deposit": _way(wire.Deposit, direct.deposit),
        },
        "Purchase": {"Purchase": _way(wire.Purchase, direct.purchase)},
        "Transfer": {
            "Transfer": _way(wire.Transfer, banking.transfer),
            "Deposit": _way(wire.Deposit, banking.banked),
        },
        "AccountTransaction": {
            "Payment": _way(wire.Payment, banking.payment_postings),
            "BillPayment": _way(wire.BillPayment, banking.bill_payment_postings),
            "Purchase": _way(wire.Purchase, banking.purchase_postings),
            "SalesReceipt": _way(wire.Sale, banking.sales_receipt_postings),
            "RefundReceipt": _way(wire.Sale, banking.refund_receipt_postings),
            "Deposit": _way(wire.Deposit, banking.deposit_postings),
            "Transfer": _way(wire.Transfer, banking.transfer_postings),
        },
        "JournalEntry": {
            "JournalReport": Way(_decoder(Posted), _posted),
            "JournalEntry": _way(wire.Transaction, journals.journal_entry),
        },
        "PurchaseOrder": {"PurchaseOrder": _way(wire.Purchasing, documents.purchase_order)},
        "BalanceSheet": {"Report": _way(Report, statements.balance_sheet)},
        "ProfitAndLoss": {"Report": _way(Report, statements.profit_and_loss)},
        "CashFlow": {"Report": _way(Report, statements.cash_flow)},
    }
)
_PARTS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


class _Glimpse(msgspec.Struct):
    """The least that can be read of a row that cannot be mapped."""

    Id: Any = None


_GLIMPSE: Final = msgspec.json.Decoder(_Glimpse)


class QuickBooksMapper:
    """`contract.Mapper` for QuickBooks."""

    def split(self, resource: Resource, raw: bytes) -> list[msgspec.Raw]:
        """The rows of a page: an entity's exact bytes under its name. Raises: `PageUnreadable`."""
        return rows.split(resource.name, raw)

    def unknown_fields(self, resource: Resource, row: msgspec.Raw) -> tuple[str, ...]:
        """Fields of a row that are neither read nor left alone on purpose. It never raises for data."""
        try:
            parts = _PARTS.decode(row)
            entity, way = _way_of(resource, parts)
        except (RecordRejected, msgspec.ValidationError, *UNREADABLE):
            return ()
        kind = kind_read_by(way.read)
        return () if kind is None else unknown_in(parts[entity], known_to(kind), LEFT_ALONE)

    def records(
        self, resource: Resource, row: msgspec.Raw, books: Books, issues: list[Issue]
    ) -> Sequence[StandardRecord | Gone]:
        """What one row of QuickBooks' is in our model, or that it is no more. It never raises for data."""
        doubts = Doubts(issues, data_type=resource.data_types[0])
        part = None
        try:
            parts = _PARTS.decode(row)
            entity, way = _way_of(resource, parts)
            part = parts[entity]
            source = way.read(part)
            doubts.record_id = getattr(source, "Id", None)
            if may_be_endless(row):
                refuse_endless(source)
            if getattr(source, "status", None) == DELETED:
                return gone(resource, entity, source.Id)
            return way.map(source, parts, books, doubts)
        except RecordRejected as error:
            path, reason = error.path, error.reason
        except msgspec.ValidationError as error:
            path, reason = place_and_reason(error)
        except UNREADABLE:
            path, reason = "$", "not a whole JSON value in UTF-8"
        except ArithmeticError:
            path, reason = "$", "its amounts are too far apart to be added exactly"
        if part is not None and doubts.record_id is None:
            doubts.record_id = _glimpsed(part)
        doubts.reject(path, reason)
        return []


def _way_of(resource: Resource, parts: Parts) -> tuple[str, Way]:
    """Raises: `RecordRejected` for a row of no entity of this resource."""
    for entity, way in WAYS[resource.name].items():
        if entity in parts:
            return entity, way
    raise RecordRejected(path="$", reason=f"no row of {resource.name}")


def _glimpsed(part: msgspec.Raw) -> str | None:
    """The row's id, as far as it can be read at all."""
    try:
        found = _GLIMPSE.decode(part).Id
    except UNREADABLE:
        return None
    return found if isinstance(found, str) and found else None
