"""The ledger, as the journal report tells it, transaction by transaction."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from tests.connectors.quickbooks.conftest import Mapped

from tallystick.connectors import Books, Issue, Page
from tallystick.connectors.quickbooks import MANIFEST
from tallystick.connectors.quickbooks.client import QuickBooksClient
from tallystick.connectors.quickbooks.journal_windows import Window
from tallystick.connectors.quickbooks.mapping import QuickBooksMapper
from tallystick.standard import Journal, JournalEntry

Map = Callable[..., Mapped]
COLUMNS = ("tx_date", "txn_type", "doc_num", "name", "memo", "account_name", "debt_amt", "credit_amt")
JOURNAL = MANIFEST.resource("JournalEntry")
NOW = datetime(2026, 5, 20, tzinfo=UTC)
NOTICE = "Unable to display more data. Please reduce the date range."


def side(day: str, word: str, id_: str, account: str, debit: str = "", credit: str = "") -> dict[str, Any]:
    cells = [
        {"value": day}, {"id": id_, "value": word}, {"value": "1037" if word else ""},
        {"id": "9" if word else "", "value": ""}, {"value": "memo"}, {"id": account, "value": f"account {account}"},
        {"value": debit}, {"value": credit},
    ]  # fmt: skip
    return {"ColData": cells, "type": "Data"}


def sums(title: str = "", amount: str = "") -> dict[str, Any]:
    cells = [{"value": title}, *({"value": ""} for _ in range(5)), {"value": amount}, {"value": amount}]
    return {"type": "Section", "Summary": {"ColData": cells}}


BLANK = {"ColData": [{"value": ""} for _ in COLUMNS], "type": "Data"}


def transaction(day: str, word: str, id_: str, amount: str = "15.00") -> list[dict[str, Any]]:
    return [
        side(day, word, id_, "36", debit=amount),
        side("0-00-00", "", id_, "1", credit=amount),
        sums(amount=amount),
        BLANK,
    ]


def report(*rows: dict[str, Any], columns: tuple[str, ...] = COLUMNS) -> dict[str, Any]:
    return {
        "Header": {"ReportName": "JournalReport", "Currency": "USD"},
        "Columns": {"Column": [{"ColType": kind} for kind in columns]},
        "Rows": {"Row": list(rows)},
    }


def entities(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"QueryResponse": {"JournalEntry": list(rows)} if rows else {}}


def read(*answers: dict[str, Any]) -> tuple[list[Any], list[Issue]]:
    mapper, issues, found = QuickBooksMapper(), list[Issue](), list[Any]()
    for row in mapper.split(JOURNAL, json.dumps(answers).encode()):
        found += mapper.records(JOURNAL, row, Books(base_currency="USD"), issues)
    return found, issues


def test_every_transaction_is_an_entry_and_its_sort_is_the_journal() -> None:
    found, issues = read(
        report(
            *transaction("2026-05-07", "Invoice", "65"),
            *transaction("2026-05-08", "Refund", "66", ".20"),
            sums("TOTAL"),
        )
    )
    first, book, second, _ = found
    assert issues == []
    assert (first.id, first.postedOn, first.journalRef.id) == ("65", "2026-05-07T00:00:00", "Invoice")
    assert [(line.netAmount, line.accountRef.id) for line in first.journalLines] == [
        (Decimal("15.00"), "36"),
        (Decimal("-15.00"), "1"),
    ]
    assert {line.currency for line in first.journalLines} == {"USD"}
    assert (first.recordRef.dataType, first.recordRef.id) == ("invoices", "65")
    assert (second.recordRef.dataType, second.recordRef.id) == ("directIncomes", "RefundReceipt-66")
    assert second.journalLines[0].netAmount == Decimal("0.20")
    assert isinstance(book, Journal)
    assert (book.id, book.name, book.status) == ("Invoice", "Invoice", "Active")


def test_columns_are_known_by_their_names_wherever_they_are() -> None:
    order = [7, 6, 5, 4, 3, 2, 1, 0]
    rows = [
        {**row, "ColData": [row["ColData"][place] for place in order]}
        for row in transaction("2026-05-07", "Invoice", "65")
        if "ColData" in row
    ]
    found, issues = read(report(*rows, columns=tuple(COLUMNS[place] for place in order)))
    assert [line.netAmount for line in found[0].journalLines] == [15, -15]
    assert (found[0].id, issues) == ("65", [])


def test_what_was_written_by_hand_is_told_by_its_entity_and_once() -> None:
    detail = {"AccountRef": {"value": "36"}, "ClassRef": {"value": "2"}}
    entity = {
        "Id": "70",
        "TxnDate": "2026-05-09",
        "PrivateNote": "Accrued",
        "Line": [
            {"Amount": 15, "JournalEntryLineDetail": {**detail, "PostingType": "Debit"}},
            {"Amount": 15, "JournalEntryLineDetail": {**detail, "PostingType": "Credit"}},
        ],
        "MetaData": {"CreateTime": "2026-05-09T01:00:00-07:00"},
    }
    rows = report(*transaction("2026-05-09", "Journal Entry", "70"), sums("TOTAL"))
    found, issues = read(rows, entities(entity, {**entity, "Id": "71"}))
    told = [each for each in found if isinstance(each, JournalEntry)]
    assert [each.id for each in told] == ["70", "71"], "also where no report tells of it"
    assert (told[0].description, told[0].createdOn is not None) == ("Accrued", True)
    assert told[0].journalLines[0].tracking.recordRefs[0].id == "Class-2"
    assert told[0].journalRef.id == "Journal Entry"
    assert issues == []

    foreign = {**entity, "CurrencyRef": {"value": "EUR"}, "ExchangeRate": 2}
    (entry, _), _ = read(rows, entities(foreign))
    assert {(line.currency, abs(line.netAmount)) for line in entry.journalLines} == {("USD", 15)}


def test_a_transaction_that_posts_nothing_is_an_entry_of_nothing() -> None:
    link = [side("2026-05-22", "Payment", "82", ""), side("0-00-00", "", "82", "36"), sums(), BLANK]
    (entry, _), issues = read(report(*link, sums("TOTAL")))
    assert [line.netAmount for line in entry.journalLines] == [0]
    assert issues == []


def test_rows_that_cannot_be_read_are_kept_with_a_warning_or_told_to_be_left_out() -> None:
    cases: Mapping[str, tuple[dict[str, Any], str]] = {
        "no amount": (side("2026-05-07", "Invoice", "65", "36", debit="much"), "rejected"),
        "no transaction": (side("2026-05-07", "Invoice", "", "36", debit="1"), "rejected"),
        "no date": (side("soon", "Invoice", "65", "36", debit="0"), "warning"),
        "no word": (side("2026-05-07", "", "65", "36", debit="0"), "warning"),
        "no account": (side("2026-05-07", "Invoice", "65", "", debit="1", credit="1"), "warning"),
        "no balance": (side("2026-05-07", "Invoice", "65", "36", debit="1"), "warning"),
    }
    for name, (row, severity) in cases.items():
        found, issues = read(report(row, sums()))
        assert [issue.severity for issue in issues] == [severity], name
        assert bool(found) == (severity == "warning"), name
    found, issues = read({"Header": "?", "Rows": {}})
    assert (found, [issue.severity for issue in issues]) == ([], ["rejected"])


class Scripted:
    """Answers with what there is between two days, cut after so many transactions."""

    def __init__(self, days: list[str], most: int) -> None:
        self.days, self.most = days, most
        self.asked: list[tuple[str, str]] = []

    async def get(self, path: str, *, params: Mapping[str, str] | None = None, **_: Any) -> Any:
        told = dict(params or {})
        body: dict[str, Any] = entities()
        if path == "reports/JournalReport":
            first, last = told["start_date"], told["end_date"]
            self.asked.append((first, last))
            rows = [
                row
                for place, day in enumerate(self.days)
                if first <= day <= last
                for row in transaction(day, "Invoice", str(place + 1))
            ]
            whole = [*rows, sums("TOTAL")]
            cut = [*rows[: 4 * self.most + 1], {"ColData": [{"value": NOTICE}]}]
            body = report(*(whole if len(rows) <= 4 * self.most else cut))
        return type("Answer", (), {"content": json.dumps(body).encode(), "headers": {}})


async def pages(calls: Any) -> list[Page]:
    client, found, at = QuickBooksClient(now=lambda: NOW), list[Page](), None
    while True:
        found.append(await client.page(calls, JOURNAL, since=None, at=at))
        at = found[-1].next
        if at is None:
            return found


def ids(found: list[Page]) -> list[str]:
    return [msgspec.json.decode(row)["JournalReport"]["Id"] for page in found for row in page.records]


async def test_the_journal_is_read_by_quarters_and_what_is_older_at_once() -> None:
    calls = Scripted(["2019-03-01", "2024-04-01", "2026-05-19", "2027-01-01"], most=100)
    found = await pages(calls)
    assert ids(found) == ["1", "2", "3", "4"]
    assert len(calls.asked) == 10
    assert calls.asked[:2] == [("1970-01-01", "2024-03-31"), ("2024-04-01", "2024-06-30")]
    assert calls.asked[-1] == ("2026-04-01", "2031-12-31"), "what is dated ahead is read too"
    for (_, last), (first, _) in zip(calls.asked, calls.asked[1:], strict=False):
        assert last < first


async def test_a_report_that_is_cut_is_asked_for_by_fewer_days_until_it_is_whole() -> None:
    days = [f"2026-04-{day:02d}" for day in range(1, 31)]
    calls = Scripted(days, most=8)
    found = await pages(calls)
    assert ids(found) == [str(place + 1) for place in range(len(days))]
    assert not any(page.partial for page in found)


async def test_a_day_that_is_too_much_for_a_report_is_read_in_part_and_says_so() -> None:
    found = await pages(Scripted(["2026-04-01"] * 5, most=3))
    assert any(page.partial for page in found), "so nothing is told to be gone"
    assert ids(found) == ["1", "2", "3"], "the last one may be a part of one only"


@pytest.mark.parametrize("at", ["Report:2026-13-01:2026-02-01", "Report", "Invoice:1:2:3"])
def test_what_is_no_window_is_no_place(at: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Window.read(at)
