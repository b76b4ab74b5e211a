"""How lists, changes and reports are asked for, and where they end."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from attrs import define, field

from tallystick.connectors import Page
from tallystick.connectors.quickbooks import MANIFEST
from tallystick.connectors.quickbooks.client import OVERLAP, QuickBooksClient
from tallystick.errors import ListMoved, PageUnreadable, ProviderUnavailable, RateLimited, RequestRefused

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


@define(eq=False)
class Scripted:
    """Answers in their order."""

    answers: list[Any]
    asked: list[tuple[str, dict[str, str]]] = field(factory=list)

    async def get(
        self, path: str, *, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        self.asked.append((path, dict(params or {})))
        answer = self.answers.pop(0)
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        return httpx.Response(200, content=content, headers={"date": "Tue, 31 Mar 2026 12:00:00 GMT"})


def rows(entity: str, *ids: object) -> dict[str, Any]:
    if not ids:
        return {"QueryResponse": {}, "time": "2026-03-31T05:00:00.000-07:00"}
    told = [{"Id": str(each)} for each in ids]
    return {"QueryResponse": {entity: told, "startPosition": 1, "maxResults": len(told)}}


def ids(page: Page) -> list[str]:
    return [next(iter(json.loads(bytes(row)).values()))["Id"] for row in page.records]


async def read(
    calls: Scripted, resource: str, *, size: int = 1000, since: datetime | None = None
) -> list[Page]:
    client = QuickBooksClient(page_size=size, now=lambda: NOW)
    found, at = [], None
    while True:
        page = await client.page(calls, MANIFEST.resource(resource), since=since, at=at)
        found.append(page)
        if page.next is None:
            return found
        at = page.next


async def test_a_list_is_read_whole_in_the_order_of_ids() -> None:
    calls = Scripted([rows("Invoice", 1, 2)])
    (page,) = await read(calls, "Invoice")
    assert ids(page) == ["1", "2"]
    assert calls.asked == [
        (
            "query",
            {
                "query": "SELECT * FROM Invoice ORDERBY Id ASC STARTPOSITION 1 MAXRESULTS 1000",
                "minorversion": "75",
            },
        )
    ]


async def test_each_page_begins_a_few_rows_before_the_end_of_the_one_before() -> None:
    first, second = range(1, 41), range(31, 51)
    calls = Scripted([rows("Invoice", *first), rows("Invoice", *second)])
    pages = await read(calls, "Invoice", size=40)
    assert [page.next for page in pages] == ["Invoice:31:40", None]
    assert OVERLAP == 10
    assert "STARTPOSITION 31 MAXRESULTS 40" in calls.asked[1][1]["query"]


async def test_rows_that_were_deleted_before_a_page_are_noticed_when_they_pushed_others_over_its_edge() -> (
    None
):
    few = Scripted([rows("Invoice", *range(1, 41)), rows("Invoice", *range(36, 51))])
    await read(few, "Invoice", size=40)  # five are gone: the rows between have been seen
    many = Scripted([rows("Invoice", *range(1, 41)), rows("Invoice", *range(42, 51))])
    with pytest.raises(ListMoved):
        await read(many, "Invoice", size=40)


async def test_a_list_that_fills_its_last_page_ends_with_one_more() -> None:
    calls = Scripted([rows("Invoice", *range(1, 5)), rows("Invoice", 4)])
    pages = await read(calls, "Invoice", size=4)
    assert [ids(page) for page in pages] == [["1", "2", "3", "4"], ["4"]]


async def test_pages_of_a_single_row_get_on_too() -> None:
    calls = Scripted([rows("Invoice", 1), rows("Invoice", 2), rows("Invoice")])
    pages = await read(calls, "Invoice", size=1)
    assert [page.next for page in pages] == ["Invoice:2", "Invoice:3", None]


async def test_a_resource_of_several_entities_reads_one_after_the_other() -> None:
    calls = Scripted([rows("SalesReceipt", 1), rows("RefundReceipt"), rows("Deposit", 1, 2)])
    pages = await read(calls, "DirectIncome")
    assert [page.next for page in pages] == ["RefundReceipt:1", "Deposit:1", None]
    assert [bytes(row)[:16] for page in pages for row in page.records] == [
        b'{"SalesReceipt":',
        b'{"Deposit":{"Id"',
        b'{"Deposit":{"Id"',
    ]


async def test_entities_that_are_put_out_of_use_are_asked_for_too() -> None:
    calls = Scripted([rows("Customer")])
    await read(calls, "Customer")
    assert "FROM Customer WHERE Active IN (true, false) ORDERBY" in calls.asked[0][1]["query"]


async def test_changes_of_all_entities_of_a_resource_are_one_call() -> None:
    changes = {
        "CDCResponse": [{"QueryResponse": [rows("SalesReceipt", 3)["QueryResponse"], {}, {}]}],
        "time": "2026-03-31T05:00:00.000-07:00",
    }
    calls = Scripted([changes])
    (page,) = await read(calls, "DirectIncome", since=NOW - timedelta(days=3))
    assert ids(page) == ["3"]
    assert page.provider_time == NOW
    assert calls.asked == [
        (
            "cdc",
            {
                "entities": "SalesReceipt,RefundReceipt,Deposit",
                "changedSince": "2026-03-28T12:00:00Z",
                "minorversion": "75",
            },
        )
    ]


async def test_changes_that_were_cut_short_are_read_by_queries_after_them() -> None:
    changes = {"CDCResponse": [{"QueryResponse": [rows("Invoice", *range(1000))["QueryResponse"]]}]}
    calls = Scripted([changes, rows("Invoice", 1)])
    pages = await read(calls, "Invoice", since=NOW - timedelta(days=3))
    assert [page.next for page in pages] == ["Invoice:1", None]
    assert (
        "WHERE MetaData.LastUpdatedTime >= '2026-03-28T12:00:00+00:00' ORDERBY" in calls.asked[1][1]["query"]
    )


async def test_what_changed_longer_ago_than_changes_are_told_is_asked_by_queries() -> None:
    calls = Scripted([rows("Customer")])
    await read(calls, "Customer", since=NOW - timedelta(days=29))
    assert (
        "WHERE Active IN (true, false) AND MetaData.LastUpdatedTime >= '2026-03-02T12:00:00+00:00'"
        in calls.asked[0][1]["query"]
    )


async def test_rows_that_mean_something_together_make_one_page() -> None:
    calls = Scripted([rows("TaxCode", 1, 2), rows("TaxCode", 3), rows("TaxRate", 7)])
    (page,) = await read(calls, "TaxCode", size=2)
    assert ids(page) == ["1", "2", "3"]
    assert [asked["query"].split()[3] for _, asked in calls.asked] == ["TaxCode", "TaxCode", "TaxRate"]
    assert page.raw.startswith(b'[{"QueryResponse"')


@pytest.mark.parametrize(
    ("today", "first", "last"),
    [
        (datetime(2026, 3, 31, tzinfo=UTC), "2024-04-01", "2026-03-31"),
        (datetime(2026, 12, 5, tzinfo=UTC), "2025-01-01", "2026-12-31"),
        (datetime(2028, 2, 1, tzinfo=UTC), "2026-03-01", "2028-02-29"),
    ],
)
async def test_a_statement_is_asked_for_by_whole_months(today: datetime, first: str, last: str) -> None:
    calls = Scripted([{"Header": {"ReportName": "BalanceSheet"}, "Columns": {}, "Rows": {}}])
    client = QuickBooksClient(now=lambda: today)
    page = await client.page(calls, MANIFEST.resource("BalanceSheet"), since=None, at=None)
    assert page.next is None
    path, asked = calls.asked[0]
    assert path == "reports/BalanceSheet"
    assert (asked["start_date"], asked["end_date"]) == (first, last)
    assert (asked["summarize_column_by"], asked["accounting_method"]) == ("Month", "Accrual")


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("4000", RequestRefused),
        ("10000", ProviderUnavailable),
        ("3001", RateLimited),
        ("3200", ProviderUnavailable),
    ],
)
async def test_a_fault_that_comes_as_a_good_answer_is_a_fault(code: str, meaning: type[Exception]) -> None:
    told = {"Fault": {"Error": [{"Message": "m", "code": code}], "type": "SystemFault"}}
    with pytest.raises(meaning):
        await read(Scripted([told]), "Invoice")


@pytest.mark.parametrize(
    "raw", [b"<html>", b'{"QueryResponse":{"Invoice":[{', b"17", b'{"Gadget":{}}', b"[17]", b"\xff"]
)
async def test_an_answer_that_is_no_rows_is_kept_as_unreadable(raw: bytes) -> None:
    with pytest.raises(PageUnreadable) as refused:
        await read(Scripted([raw]), "Invoice")
    assert refused.value.raw == raw


async def test_the_same_rows_have_the_same_fingerprint_though_the_answers_time_differs() -> None:
    prints = []
    for second in (1, 2):
        told = {**rows("Invoice", 1), "time": f"2026-03-31T05:00:0{second}.000-07:00"}
        prints += [page.fingerprint for page in await read(Scripted([told]), "Invoice")]
    assert prints[0] == prints[1]
    (empty,) = await read(Scripted([rows("Invoice")]), "Invoice")
    assert empty.fingerprint is None
