"""FreeAgent's journal sets. Source: providers §§2.5, 6.5."""

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts
from tallystick.connectors.freeagent import wire_bank
from tallystick.connectors.freeagent.words import PRESENT, category_ref, day, instant, own_id
from tallystick.standard import ZERO, JournalEntry, JournalLine, StandardRecord, plus


def journal_set(source: wire_bank.JournalSet, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """An entry that somebody has made by hand. FreeAgent keeps no books of journals."""
    doubts.data_type = "journalEntries"
    changed = instant(source.updated_at, "$.updated_at", doubts)
    return [
        JournalEntry(
            id=own_id(source.url),
            description=source.description or None,
            postedOn=day(source.dated_on, "$.dated_on", doubts),
            createdOn=instant(source.created_at, "$.created_at", doubts),
            updatedOn=changed,
            journalLines=_lines(source, books, doubts),
            sourceModifiedDate=changed,
            metadata=PRESENT,
        )
    ]


def _lines(source: wire_bank.JournalSet, books: Books, doubts: Doubts) -> tuple[JournalLine, ...]:
    found, sum_ = [], ZERO
    for place, line in enumerate(source.journal_entries or ()):
        if line.debit_value is None:
            doubts.warn(f"$.journal_entries[{place}].debit_value", "a side without an amount: nothing")
        amount = line.debit_value or ZERO
        sum_ = plus(sum_, amount)
        found.append(
            JournalLine(
                description=line.description or None,
                netAmount=amount,
                currency=books.base_currency,
                accountRef=category_ref(line.category),
            )
        )
    if sum_:
        doubts.warn("$.journal_entries", "debits and credits do not come to the same")
    return tuple(found)
