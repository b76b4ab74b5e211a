"""How Xero's lists are asked for, and where they end."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import httpx
import pytest
from attrs import define, field

from tallystick.connectors import Page
from tallystick.connectors.xero.client import XeroClient
from tallystick.connectors.xero.envelope import lists_of
from tallystick.connectors.xero.manifest import RESOURCES
from tallystick.errors import PageUnreadable


@define
class Answers:
    """`Calls` with prepared answers: the last one is given again and again."""

    bodies: list[Any]
    asked: list[tuple[str, dict[str, str], dict[str, str]]] = field(factory=list)
    headers: dict[str, str] = field(factory=dict)

    async def get(
        self, path: str, *, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        body = self.bodies[min(len(self.asked), len(self.bodies) - 1)]
        self.asked.append((path, dict(params or {}), dict(headers or {})))
        if body == 304:
            return httpx.Response(304, headers=self.headers)
        return httpx.Response(200, content=body if isinstance(body, bytes) else json.dumps(body).encode())


def invoices(*ids: str, page: int | None = None, of: int | None = None) -> dict[str, Any]:
    told = {"DateTimeUTC": "/Date(1767225600000)/", "Invoices": [{"InvoiceID": i} for i in ids]}
    if of is not None:
        told["pagination"] = {"page": page, "pageSize": 3, "pageCount": of, "itemCount": 99}
    return told


async def read(
    answers: Answers, name: str = "Invoices", *, size: int = 3, since: Any = None, start: str | None = None
) -> list[Page]:
    client = XeroClient(page_size=size, now=lambda: datetime(2025, 11, 18, 9, tzinfo=UTC))
    resource = next(resource for resource in RESOURCES if resource.name == name)
    found = [await client.page(answers, resource, since=since, at=start)]
    while found[-1].next is not None and len(found) < 9:
        found.append(await client.page(answers, resource, since=since, at=found[-1].next))
    return found


async def test_the_count_of_pages_decides_and_a_short_page_between_does_not() -> None:
    """Providers §5 no. 3: the page size may be capped lower than what was asked."""
    answers = Answers([invoices("1", page=1, of=3), invoices("2", page=2, of=3), invoices("3", page=3, of=3)])
    pages = await read(answers)

    assert [page.next for page in pages] == ["2", "3", None]
    assert [params["page"] for _, params, _ in answers.asked] == ["1", "2", "3"]


async def test_an_empty_page_between_does_not_end_a_list_that_goes_on() -> None:
    answers = Answers([invoices(page=1, of=3), invoices(page=2, of=3), invoices("3", page=3, of=3)])
    assert [page.next for page in await read(answers)] == ["2", "3", None]


async def test_without_a_count_a_shorter_page_is_the_last() -> None:
    answers = Answers([invoices("1", "2", "3"), invoices("4", "5", "6"), invoices("7")])
    assert [page.next for page in await read(answers)] == ["2:3", "3:3", None]


async def test_without_a_count_an_empty_page_is_the_last() -> None:
    answers = Answers([invoices("1", "2", "3"), invoices("4", "5", "6"), invoices()])
    assert [page.next for page in await read(answers)] == ["2:3", "3:3", None]


async def test_without_a_count_a_capped_first_page_loses_nothing() -> None:
    """A thousand were asked for and two come a page: the first short page is not the end."""
    answers = Answers([invoices("1", "2"), invoices("3", "4"), invoices("5")])
    assert len(await read(answers, size=1000)) == 3


async def test_an_empty_list_is_one_page() -> None:
    for answer in (invoices(), invoices(page=1, of=0)):
        answers = Answers([answer])
        assert [page.next for page in await read(answers)] == [None]


async def test_a_page_tells_which_pages_may_be_asked_for_already() -> None:
    """Only where the list says how many there are, and how many rows: else nobody could see a row move."""
    pages = [invoices("1", "2", "3", page=n, of=4) for n in range(1, 5)]
    (first, *_) = await read(Answers(pages))
    assert (first.next, first.ahead, len(first.records), first.total) == ("2", ("3", "4"), 3, 99)
    (first, *_) = await read(Answers([invoices("1", "2", "3"), invoices()]))
    assert (first.next, first.ahead, first.total) == ("2:3", (), None)


async def test_pages_with_the_same_rows_are_told_by_their_fingerprint() -> None:
    told = await read(
        Answers([invoices("1", page=1, of=3), invoices("1", page=2, of=3), invoices("2", page=3, of=3)])
    )
    assert told[0].fingerprint == told[1].fingerprint != told[2].fingerprint


async def test_another_page_than_the_one_asked_for_is_refused() -> None:
    """Also when a reading is taken up, and nothing is known of the page before."""
    with pytest.raises(PageUnreadable, match="page 1 came for page 2"):
        await read(Answers([invoices("1", "2", "3", page=1, of=4)]), start="2")


async def test_reading_goes_on_from_a_page_that_was_not_stored() -> None:
    answers = Answers([invoices("4", page=2, of=2)])
    (page,) = await read(answers, start="2")
    assert answers.asked[0][1]["page"] == "2"
    assert page.next is None


async def test_nothing_changed_is_a_page_without_rows() -> None:
    (page,) = await read(Answers([304]), since=datetime(2026, 1, 1, tzinfo=UTC))
    assert json.loads(page.raw) == {"Invoices": []}
    assert page.next is None


@pytest.mark.parametrize(
    ("told", "instant"),
    [
        ("Thu, 01 Jan 2026 00:00:07 GMT", datetime(2026, 1, 1, 0, 0, 7, tzinfo=UTC)),
        ("Thu, 01 Jan 2026 01:00:07 +0100", datetime(2026, 1, 1, 0, 0, 7, tzinfo=UTC)),
        ("yesterday", None),
        (None, None),
    ],
)
async def test_the_clock_of_an_answer_that_nothing_changed_stands_in_its_head(
    told: str | None, instant: datetime | None
) -> None:
    answers = Answers([304], headers={} if told is None else {"date": told})
    (page,) = await read(answers, since=datetime(2026, 1, 1, tzinfo=UTC))
    assert page.provider_time == instant


async def test_a_page_holds_the_answer_as_it_came_and_the_clock_of_xero() -> None:
    raw = (
        b' {"DateTimeUTC":"/Date(1767225600000)/",  "Invoices":[ {"InvoiceID":"1" } ],'
        b'"pagination":{"pageCount":1}}'
    )
    (page,) = await read(Answers([raw]))
    assert page.raw == raw
    assert page.provider_time == datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("raw", [b"", b"<html>", b'{"Invoices":[{"InvoiceID"', b'{"Status":"OK"}'])
async def test_an_answer_that_cannot_be_read_is_refused_whole(raw: bytes) -> None:
    with pytest.raises(PageUnreadable) as caught:
        await read(Answers([raw]))
    assert caught.value.raw == raw


@pytest.mark.parametrize(
    ("name", "path", "params"),
    [
        ("Organisations", "Organisation", {}),
        ("Accounts", "Accounts", {}),
        ("TaxRates", "TaxRates", {}),
        ("Items", "Items", {"unitdp": "4"}),
        ("Contacts", "Contacts", {"includeArchived": "true", "order": "ContactID ASC"}),
        (
            "Invoices",
            "Invoices",
            {"unitdp": "4", "includeArchived": "true", "order": "InvoiceID ASC"},
        ),
        ("CreditNotes", "CreditNotes", {"unitdp": "4", "order": "CreditNoteID ASC"}),
        ("PurchaseOrders", "PurchaseOrders", {"order": "PurchaseOrderID ASC"}),
        ("BankTransfers", "BankTransfers", {"includeDeleted": "true"}),
        ("TrackingCategories", "TrackingCategories", {"includeArchived": "true"}),
        (
            "ProfitAndLoss",
            "Reports/ProfitAndLoss",
            {
                "fromDate": "2025-12-01",
                "toDate": "2025-12-31",
                "periods": "12",
                "timeframe": "MONTH",
                "standardLayout": "true",
            },
        ),
        (
            "BalanceSheet",
            "Reports/BalanceSheet",
            {"date": "2025-11-30", "periods": "11", "timeframe": "MONTH", "standardLayout": "true"},
        ),
        ("BankSummary", "Reports/BankSummary", {"fromDate": "2024-12-01", "toDate": "2025-11-30"}),
    ],
)
async def test_each_list_is_asked_for_in_its_own_way(name: str, path: str, params: dict[str, str]) -> None:
    answers = Answers([{lists_of(name)[-1]: []}])
    await read(answers, name, size=1000)

    paged = {"page": "1", "pageSize": "1000"} if "order" in params else {}
    assert answers.asked == [(path, {**params, **paged}, {})]


@pytest.mark.parametrize("name", [r.name for r in RESOURCES])
async def test_what_changed_is_asked_for_in_utc_where_xero_can_tell(name: str) -> None:
    answers = Answers([{each: []} for each in lists_of(name)])
    elsewhere = datetime(2026, 1, 1, 13, 0, 0, 999999, tzinfo=timezone(timedelta(hours=13)))
    await read(answers, name, since=elsewhere)

    known = next(r for r in RESOURCES if r.name == name).incremental
    told = {"If-Modified-Since": "2026-01-01T00:00:00"} if known else {}
    assert [headers for _, _, headers in answers.asked] == [told] * len(lists_of(name))


async def test_an_unpaged_list_is_one_page_however_long() -> None:
    answers = Answers([{"Accounts": [{"AccountID": str(n)} for n in range(50)]}])
    assert [page.next for page in await read(answers, "Accounts")] == [None]
    assert len(answers.asked) == 1


def rows(name: str, count: int, **told: Any) -> dict[str, Any]:
    """An answer with so many rows of a list."""
    field = {"Journals": "JournalID"}.get(name, f"{name.removesuffix('s')}ID")
    return {name: [{field: f"{name} {n}"} for n in range(count)], **told}


def of(page: int, pages: int, items: int) -> dict[str, int]:
    return {"page": page, "pageSize": 2, "pageCount": pages, "itemCount": items}


async def test_lists_of_one_resource_are_read_one_after_the_other_and_counted_together() -> None:
    """Only with the last list is it known how many rows there are, and then pages may be asked for ahead."""
    answers = Answers([
        rows("Overpayments", 2, pagination=of(1, 2, 3)),
        rows("Overpayments", 1, pagination=of(2, 2, 3)),
        rows("Prepayments", 0, pagination=of(1, 0, 0)),
        rows("Payments", 2, pagination=of(1, 3, 5)),
        rows("Payments", 2, pagination=of(2, 3, 5)),
        rows("Payments", 1, pagination=of(3, 3, 5)),
    ])  # fmt: skip
    pages = await read(answers, "Payments", size=2)

    assert [page.next for page in pages] == [
        "Overpayments/2+2", "Prepayments/1+3", "Payments/1+3", "Payments/2+3", "Payments/3+3", None,
    ]  # fmt: skip
    assert [page.total for page in pages] == [None, None, None, 8, 8, 8]
    assert [page.ahead for page in pages] == [(), (), (), ("Payments/3+3",), (), ()]
    assert sum(len(page.records) for page in pages) == 8
    assert [path for path, _, _ in answers.asked] == ["Overpayments"] * 2 + ["Prepayments"] + ["Payments"] * 3
    assert [params["order"] for _, params, _ in answers.asked][::3] == ["OverpaymentID ASC", "PaymentID ASC"]


async def test_lists_without_a_count_are_told_by_their_last_pages_too() -> None:
    answers = Answers([
        rows("BankTransactions", 2), rows("BankTransactions", 1), rows("Payments", 2), rows("Payments", 0),
    ])  # fmt: skip
    pages = await read(answers, "BankTransactions", size=2)
    assert [page.next for page in pages] == [
        "BankTransactions/2:2+2", "Payments/1+3", "Payments/2:2+3", None,
    ]  # fmt: skip


async def test_where_one_list_has_no_changes_the_next_is_asked_all_the_same() -> None:
    answers = Answers([304, 304, rows("Payments", 1, pagination=of(1, 1, 1))])
    pages = await read(answers, "Payments", size=2, since=datetime(2026, 1, 1, tzinfo=UTC))
    assert [page.next for page in pages] == ["Prepayments/1", "Payments/1", None]
    assert [json.loads(page.raw) for page in pages[:2]] == [{"Overpayments": []}, {"Prepayments": []}]


async def test_a_place_from_before_there_were_several_lists_is_in_the_last_of_them() -> None:
    answers = Answers([rows("Payments", 1, pagination=of(7, 7, 13))])
    (page,) = await read(answers, "Payments", start="7", size=2)
    assert (answers.asked[0][0], answers.asked[0][1]["page"]) == ("Payments", "7")
    assert (page.next, page.total) == (None, 13)


async def test_a_list_in_xeros_own_order_names_nothing_ahead_of_the_next_page() -> None:
    """Its rows move while they are read; with an order it would give all of them whatever the page."""
    answers = Answers([rows("ManualJournals", 2, pagination=of(n, 3, 5)) for n in (1, 2, 3)])
    pages = await read(answers, "ManualJournals", size=2)
    assert [(page.next, page.ahead) for page in pages] == [("2", ()), ("3", ()), (None, ())]
    assert all("order" not in params for _, params, _ in answers.asked)


@pytest.mark.parametrize(
    ("today", "begin", "end", "others"),
    [
        (datetime(2026, 2, 3, tzinfo=UTC), "2026-03-01", "2026-03-31", "12"),
        (datetime(2026, 12, 31, 23, tzinfo=UTC), "2026-12-01", "2026-12-31", "11"),
        (datetime(2026, 4, 30, tzinfo=UTC), "2026-05-01", "2026-05-31", "12"),
    ],
)
async def test_the_profit_of_months_is_asked_for_by_one_of_31_days(
    today: datetime, begin: str, end: str, others: str
) -> None:
    """Each column ends on the same day of its month as the first, so by a short month the 31st is missed.

    Where the first is the next month there is one column more.
    """
    answers = Answers([{"Reports": []}])
    resource = next(resource for resource in RESOURCES if resource.name == "ProfitAndLoss")
    await XeroClient(now=lambda: today).page(answers, resource, since=None, at=None)
    asked = answers.asked[0][1]
    assert (asked["fromDate"], asked["toDate"], asked["periods"]) == (begin, end, others)
