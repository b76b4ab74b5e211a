"""Xero's journals: all postings of the ledger, or those that were made by hand.

Where an app may read `Journals` these are the ledger, manual journals included; else the manual ones are
all that Xero gives. It keeps one ledger and tells postings by where they come from: those are the journals.
Source: providers §§2.1, 2.2, 5 nos. 4-7, 6.5.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, Literal

from attrs import frozen

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts, word
from tallystick.connectors.xero import wire_ledger
from tallystick.connectors.xero.lines import holds_tax
from tallystick.connectors.xero.tracking import record_tracking
from tallystick.connectors.xero.words import GONE, PRESENT, account_ref, day, instant
from tallystick.errors import RecordRejected
from tallystick.standard import (
    ZERO,
    Journal,
    JournalEntry,
    JournalLine,
    JournalRef,
    PostedRecordRef,
    StandardRecord,
    minus,
    plus,
    written,
)

_Behind = Literal[
    "billCreditNotes", "billPayments", "bills", "creditNotes", "directCosts", "directIncomes", "invoices",
    "payments", "transfers",
]  # fmt: skip


@frozen
class _Source:
    """Where postings come from: the name of their journal, and the data type of what is behind them."""

    name: str
    behind: _Behind | None = None


#: Xero's word for a source is its journal's id. A manual journal is the posting itself.
SOURCES: Final = {
    "ACCREC": _Source("Sales invoices", "invoices"),
    "ACCPAY": _Source("Bills", "bills"),
    "ACCRECCREDIT": _Source("Sales credit notes", "creditNotes"),
    "ACCPAYCREDIT": _Source("Bill credit notes", "billCreditNotes"),
    "ACCRECPAYMENT": _Source("Payments of sales invoices", "payments"),
    "ACCPAYPAYMENT": _Source("Payments of bills", "billPayments"),
    "ARCREDITPAYMENT": _Source("Refunds of sales credit notes", "payments"),
    "APCREDITPAYMENT": _Source("Refunds of bill credit notes", "billPayments"),
    "CASHREC": _Source("Money received", "directIncomes"),
    "CASHPAID": _Source("Money spent", "directCosts"),
    "TRANSFER": _Source("Bank transfers", "transfers"),
    "ARPREPAYMENT": _Source("Prepayments received", "payments"),
    "APPREPAYMENT": _Source("Prepayments made", "billPayments"),
    "AROVERPAYMENT": _Source("Overpayments received", "payments"),
    "APOVERPAYMENT": _Source("Overpayments made", "billPayments"),
    "EXPCLAIM": _Source("Expense claims"),
    "EXPPAYMENT": _Source("Payments of expense claims"),
    "MANJOURNAL": _Source("Manual journals"),
    "PAYSLIP": _Source("Payslips"),
    "WAGEPAYABLE": _Source("Wages payable"),
    "INTEGRATEDPAYROLLPE": _Source("Payroll expenses"),
    "INTEGRATEDPAYROLLPT": _Source("Payroll taxes"),
    "INTEGRATEDPAYROLLCN": _Source("Payroll credit notes"),
    "INTEGRATEDPAYROLLPTPAYMENT": _Source("Payments of payroll taxes"),
    "EXTERNALSPENDMONEY": _Source("Money spent elsewhere"),
}
MANUAL: Final = "MANJOURNAL"
#: Whether a manual journal stands in the ledger, or has stood there and is gone; a draft is in no ledger.
STANDS: Final[dict[str, Literal["posted", "gone", "draft"]]] = {
    "POSTED": "posted",
    "ARCHIVED": "posted",
    "VOIDED": "gone",
    "DELETED": "gone",
    "DRAFT": "draft",
}
_Entry = written.struct_of(JournalEntry)
_Journal = written.struct_of(Journal)
_JournalRef = written.struct_of(JournalRef)
_Line = written.struct_of(JournalLine)
_RecordRef = written.struct_of(PostedRecordRef)


def journal(source: wire_ledger.Journal, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """A posting, and the journal that it stands in. Raises: `RecordRejected`."""
    doubts.data_type = "journalEntries"
    made = instant(source.CreatedDateUTC, None, "$.CreatedDateUTC", doubts)
    told = SOURCES.get(source.SourceType or "")
    if told is None and source.SourceType:
        doubts.warn("$.SourceType", "no source of postings that this mapping knows")
    lines = [
        _Line(
            description=line.Description or None,
            netAmount=_amount(line.NetAmount, f"$.JournalLines[{place}].NetAmount"),
            currency=books.base_currency,
            accountRef=account_ref(
                line.AccountID, line.AccountCode, books, f"$.JournalLines[{place}].AccountCode", doubts
            ),
            tracking=record_tracking(
                line.TrackingCategories, f"$.JournalLines[{place}].TrackingCategories", doubts
            ),
        )
        for place, line in enumerate(source.JournalLines or ())
    ]
    _weigh(lines, doubts)
    behind = None
    if source.SourceID and told is not None and told.behind is not None:
        behind = _RecordRef(id=source.SourceID, dataType=told.behind)
    entry = _Entry(
        id=source.JournalID,
        description=source.Reference or None,
        postedOn=day(None, source.JournalDate, "$.JournalDate", doubts),
        createdOn=made,
        journalRef=_ref(source.SourceType),
        journalLines=tuple(lines),
        recordRef=behind,
        sourceModifiedDate=made,  # a posting is never changed
        metadata=PRESENT,
    )
    return [entry, *_book(source.SourceType)]


def manual_journal(source: wire_ledger.ManualJournal, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """A posting made by hand, and the journal of these; nothing for a draft. Raises: `RecordRejected`."""
    doubts.data_type = "journalEntries"
    stands = word(STANDS, source.Status, "$.Status", doubts)
    if stands == "draft":
        return []
    changed = instant(source.UpdatedDateUTC, source.UpdatedDateUTCString, "$.UpdatedDateUTC", doubts)
    lines = _manual_lines(source, books, doubts)
    _weigh(lines, doubts)
    entry = _Entry(
        id=source.ManualJournalID,
        description=source.Narration or None,
        postedOn=day(source.DateString, source.Date, "$.Date", doubts),
        updatedOn=changed,
        journalRef=_ref(MANUAL),
        journalLines=tuple(lines),
        sourceModifiedDate=changed,
        metadata=GONE if stands == "gone" else PRESENT,
    )
    return [entry, *_book(MANUAL)]


def _manual_lines(source: wire_ledger.ManualJournal, books: Books, doubts: Doubts) -> list[JournalLine]:
    """Its lines net of tax, and one for the tax, which Xero posts to an account that it does not name."""
    inclusive = holds_tax(source.LineAmountTypes, doubts)
    found, tax = list[JournalLine](), ZERO
    for place, line in enumerate(source.JournalLines or ()):
        path = f"$.JournalLines[{place}]"
        amount, own_tax = _amount(line.LineAmount, f"{path}.LineAmount"), line.TaxAmount or ZERO
        tax = plus(tax, own_tax)
        found.append(
            _Line(
                description=line.Description or None,
                netAmount=minus(amount, own_tax) if inclusive else amount,
                currency=books.base_currency,
                accountRef=account_ref(
                    line.AccountID, line.AccountCode, books, f"{path}.AccountCode", doubts
                ),
                tracking=record_tracking(line.Tracking, f"{path}.Tracking", doubts),
            )
        )
    if tax:
        found.append(_Line(description="Tax", netAmount=tax, currency=books.base_currency))
    return found


def _amount(told: Decimal | None, path: str) -> Decimal:
    if told is None:
        raise RecordRejected(path=path, reason="a line of a posting has no amount")
    return told


def _weigh(lines: Sequence[JournalLine], doubts: Doubts) -> None:
    """A posting's debits are its credits."""
    total = ZERO
    for line in lines:
        total = plus(total, line.netAmount)
    if total:
        doubts.warn("$.JournalLines", "its debits and credits differ")


def _ref(source_type: str | None) -> JournalRef | None:
    if not source_type:
        return None
    return _JournalRef(id=source_type, name=_name(source_type))


def _book(source_type: str | None) -> list[StandardRecord]:
    """The journal by the postings in it: Xero has no list of these."""
    if not source_type:
        return []
    name = _name(source_type)
    return [
        _Journal(id=source_type, journalCode=source_type, name=name, type=source_type, status="Active",
                 metadata=PRESENT)
    ]  # fmt: skip


def _name(source_type: str) -> str:
    told = SOURCES.get(source_type)
    return told.name if told is not None else source_type
