"""QuickBooks' journal entries: those that somebody wrote, not what documents post. Source: providers §6.5."""

from typing import Any, Final, Literal

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts
from tallystick.connectors.quickbooks import wire
from tallystick.connectors.quickbooks.words import (
    PRESENT,
    account_ref,
    changed,
    class_refs,
    created,
    currency,
    day,
)
from tallystick.errors import RecordRejected
from tallystick.standard import (
    ZERO,
    ContactRef,
    JournalEntry,
    JournalLine,
    RecordTracking,
    StandardRecord,
    TrackingRecordRef,
    negated,
    plus,
)

#: Whether a line's amount is added or taken away.
_IS_DEBIT: Final = {"Debit": True, "Credit": False}
_PARTY: Final[dict[str, Literal["customers", "suppliers"]]] = {"Customer": "customers", "Vendor": "suppliers"}


def journal_entry(source: wire.Transaction, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """An entry, in its own currency. Raises: `RecordRejected` for a line that is neither debit nor credit."""
    lines, total = [], ZERO
    for place, line in enumerate(source.Line or ()):
        if line.JournalEntryLineDetail is None and line.Amount is None:
            continue  # a line of text
        if line.JournalEntryLineDetail is None or line.Amount is None:
            doubts.warn(f"$.Line[{place}]", "a line without its amount or its side: left out")
            continue
        made = _line(source, line, line.JournalEntryLineDetail, place, books)
        lines.append(made)
        total = plus(total, made.netAmount)
    if total:
        doubts.warn("$.Line", "debits and credits do not come to the same")
    return [
        JournalEntry(
            id=source.Id,
            description=source.PrivateNote or source.DocNumber or None,
            postedOn=day(source.TxnDate, "$.TxnDate", doubts),
            createdOn=created(source, doubts),
            updatedOn=changed(source, doubts),
            journalLines=tuple(lines),
            sourceModifiedDate=changed(source, doubts),
            metadata=PRESENT,
        )
    ]


def _line(
    source: wire.Transaction, line: wire.TxnLine, detail: wire.Detail, place: int, books: Books
) -> JournalLine:
    is_debit = _IS_DEBIT.get(detail.PostingType or "")
    if is_debit is None or line.Amount is None:
        raise RecordRejected(
            path=f"$.Line[{place}].JournalEntryLineDetail.PostingType", reason="neither Debit nor Credit"
        )
    categories = class_refs(
        ("Class", detail.ClassRef or source.ClassRef),
        ("Department", detail.DepartmentRef or source.DepartmentRef),
    )
    return JournalLine(
        description=line.Description or None,
        netAmount=line.Amount if is_debit else negated(line.Amount),
        currency=currency(source, books),
        accountRef=account_ref(detail.AccountRef),
        tracking=RecordTracking(
            recordRefs=tuple(
                TrackingRecordRef(id=each.id, dataType="trackingCategories") for each in categories
            )
        )
        if categories
        else None,
        contactRef=_contact(detail.Entity),
    )


def _contact(told: Any) -> ContactRef | None:
    """Who a line is about: `{"Type":"Customer","EntityRef":{"value":"5"}}`."""
    ref = told.get("EntityRef") if isinstance(told, dict) else None
    value = ref.get("value") if isinstance(ref, dict) else None
    if not isinstance(value, str) or not value:
        return None
    return ContactRef(id=value, dataType=_PARTY.get(str(told.get("Type"))))
