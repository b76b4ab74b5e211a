"""Sage's journals: those that somebody entered, and the books that they stand in. Source: providers §6.5."""

from typing import Final

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts
from tallystick.connectors.sage import wire_bank
from tallystick.connectors.sage.words import PRESENT, account_ref, categories, day, instant, metadata
from tallystick.standard import (
    ZERO,
    Journal,
    JournalEntry,
    JournalLine,
    JournalRef,
    RecordTracking,
    StandardRecord,
    TrackingRecordRef,
    minus,
    plus,
)

#: The one book of a business outside France, where Sage knows of no books and gives none an id.
ONE_BOOK: Final = wire_bank.JournalCode(id="GENERAL", name="General journal")


def journal(source: wire_bank.Journal, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """An entry, after the book that it stands in."""
    doubts.data_type = "journalEntries"
    told = source.journal_code
    book = told if told is not None and told.id else ONE_BOOK
    assert book.id is not None, "either has one"
    name = book.name or book.displayed_as or None
    return [
        Journal(id=book.id, journalCode=book.code or None, name=name, status="Active", metadata=PRESENT),
        JournalEntry(
            id=source.id,
            description=source.description or source.reference or None,
            postedOn=day(source.date, "$.date", doubts),
            createdOn=instant(source.created_at, "$.created_at", doubts),
            updatedOn=instant(source.updated_at, "$.updated_at", doubts),
            journalRef=JournalRef(id=book.id, name=name),
            journalLines=_lines(source, books, doubts),
            sourceModifiedDate=instant(source.updated_at, "$.updated_at", doubts),
            metadata=metadata(source.deleted_at),
        ),
    ]


def _lines(source: wire_bank.Journal, books: Books, doubts: Doubts) -> tuple[JournalLine, ...]:
    found, sum_ = [], ZERO
    for place, line in enumerate(source.journal_lines or ()):
        amount = minus(line.debit or ZERO, line.credit or ZERO)
        sum_ = plus(sum_, amount)
        path = f"$.journal_lines[{place}].analysis_type_categories"
        counted = tuple(
            TrackingRecordRef(id=each.id, dataType="trackingCategories")
            for each in categories(line.analysis_type_categories, path, doubts)
        )
        found.append(
            JournalLine(
                description=line.details or None,
                netAmount=amount,
                currency=books.base_currency,
                accountRef=account_ref(line.ledger_account),
                tracking=RecordTracking(recordRefs=counted) if counted else None,
            )
        )
    if sum_:
        doubts.warn("$.journal_lines", "debits and credits do not come to the same")
    return tuple(found)
