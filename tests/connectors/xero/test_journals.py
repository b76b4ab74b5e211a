"""Journals, all of them or the manual ones."""

from decimal import Decimal
from typing import Any

import pytest

from tallystick.connectors import Books
from tallystick.connectors.xero.journals import SOURCES

D = Decimal


def entry_and_journal(found: Any) -> tuple[Any, Any]:
    entry, journal = found.records
    assert (entry.DATA_TYPE, journal.DATA_TYPE) == ("journalEntries", "journals")
    return entry, journal


def test_a_posting_balances_and_names_what_is_behind_it(mapped: Any, row: Any) -> None:
    found = mapped("Journals", row("Journals"), Books(base_currency="GBP"))
    entry, journal = entry_and_journal(found)

    assert found.issues == []
    assert [str(line.netAmount) for line in entry.journalLines] == ["120.00", "-100.00", "-20.00"]
    assert {line.currency for line in entry.journalLines} == {"GBP"}
    assert (entry.recordRef.dataType, entry.recordRef.id) == (
        "invoices",
        "d0000000-0000-4000-8000-000000000001",
    )
    assert (journal.id, journal.name) == (entry.journalRef.id, entry.journalRef.name)
    assert entry.journalLines[1].tracking.recordRefs[0].id == "70000000-0000-4000-8000-000000000001"


@pytest.mark.parametrize("source_type", sorted(SOURCES))
def test_every_source_of_postings_has_a_journal(mapped: Any, row: Any, source_type: str) -> None:
    found = mapped("Journals", row("Journals", SourceType=source_type))
    entry, journal = entry_and_journal(found)
    assert found.issues == []
    assert journal.type == source_type
    assert (entry.recordRef is None) == (SOURCES[source_type].behind is None)


def test_a_new_source_is_its_own_journal_and_doubted(mapped: Any, row: Any) -> None:
    found = mapped("Journals", row("Journals", SourceType="CARBONTAX"))
    entry, journal = entry_and_journal(found)
    assert found.told() == [("warning", "$.SourceType")]
    assert (entry.recordRef, journal.name) == (None, "CARBONTAX")


def test_a_posting_of_no_told_source_stands_in_no_journal(mapped: Any, row: Any) -> None:
    entry = mapped("Journals", row("Journals", SourceType=..., SourceID=...)).only
    assert (entry.journalRef, entry.recordRef) == (None, None)


def test_debits_that_are_not_the_credits_are_doubted(mapped: Any, row: Any) -> None:
    lines = row("Journals")["JournalLines"][:2]
    assert mapped("Journals", row("Journals", JournalLines=lines)).told() == [("warning", "$.JournalLines")]


@pytest.mark.parametrize(("name", "amount"), [("Journals", "NetAmount"), ("ManualJournals", "LineAmount")])
def test_a_line_without_an_amount_rejects_the_posting(mapped: Any, row: Any, name: str, amount: str) -> None:
    lines = row(name)["JournalLines"]
    del lines[1][amount]
    found = mapped(name, row(name, JournalLines=lines))
    assert (found.records, found.told()) == ([], [("rejected", f"$.JournalLines[1].{amount}")])
    assert found.issues[0].data_type == "journalEntries"


@pytest.mark.parametrize("place", [1, 2], ids=["exclusive", "inclusive"])
def test_the_tax_of_a_manual_journal_is_a_line_without_an_account(mapped: Any, row: Any, place: int) -> None:
    """Xero posts it to an account that it does not name; without it debits and credits would differ."""
    found = mapped("ManualJournals", row("ManualJournals", place), Books(base_currency="GBP"))
    entry, journal = entry_and_journal(found)
    assert found.issues == []
    assert [line.netAmount for line in entry.journalLines] == [D("100.00"), D("-120.00"), D("20.00")]
    assert entry.journalLines[2].accountRef is None
    assert (entry.postedOn, entry.description) == ("2025-10-31T00:00:00", "Depreciation")
    assert journal.id == "MANJOURNAL"


def test_taxes_that_cancel_out_need_no_line(mapped: Any, row: Any) -> None:
    lines = [
        {"LineAmount": D("-1085.00"), "TaxAmount": D("-108.50"), "AccountCode": "453"},
        {"LineAmount": D("1085.00"), "TaxAmount": D("108.50"), "AccountCode": "720"},
    ]
    entry, _ = entry_and_journal(mapped("ManualJournals", row("ManualJournals", JournalLines=lines)))
    assert len(entry.journalLines) == 2


@pytest.mark.parametrize(
    ("status", "gone"), [("POSTED", False), ("ARCHIVED", False), ("VOIDED", True), ("DELETED", True)]
)
def test_a_manual_journal_stands_in_the_ledger_or_is_gone(
    mapped: Any, row: Any, status: str, gone: bool
) -> None:
    entry, _ = entry_and_journal(mapped("ManualJournals", row("ManualJournals", Status=status)))
    assert entry.metadata.isDeleted == gone


def test_a_draft_is_in_no_ledger(mapped: Any, row: Any) -> None:
    found = mapped("ManualJournals", row("ManualJournals", 3))
    assert (found.records, found.issues) == ([], [])


def test_a_new_word_for_a_state_is_doubted_and_the_posting_kept(mapped: Any, row: Any) -> None:
    found = mapped("ManualJournals", row("ManualJournals", Status="FROZEN"))
    entry, _ = entry_and_journal(found)
    assert found.told() == [("warning", "$.Status")]
    assert not entry.metadata.isDeleted
