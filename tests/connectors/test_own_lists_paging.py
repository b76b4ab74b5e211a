"""How any list of a provider's is read to its end, whatever its answers tell of it."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import msgspec
import pytest
from attrs import define, field

from tallystick.connectors import Lists, Page, Resource
from tallystick.connectors.freeagent.custom import FreeAgentLists
from tallystick.connectors.quickbooks.custom import QuickBooksLists
from tallystick.connectors.sage.custom import SageLists
from tallystick.connectors.xero.custom import XeroLists
from tallystick.errors import ListMoved, PageUnreadable

Answer = Callable[[str, Mapping[str, str]], tuple[Any, dict[str, str]]]


@define(eq=False)
class Answers:
    """A provider that answers as a function says, and what it was asked."""

    answer: Answer
    asked: list[tuple[str, dict[str, str]]] = field(factory=list)

    async def get(
        self, path: str, *, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        given = dict(params or {})
        self.asked.append((path, given))
        content, told = self.answer(path, given)
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return httpx.Response(200, content=body, headers=told)


async def read(lists: Lists, source: str, answer: Answer) -> tuple[list[Any], Answers]:
    """All rows of a list, and what was asked for them."""
    calls, rows, at = Answers(answer), list[Any](), None
    for _ in range(20):
        page: Page = await lists.page(calls, source, at)
        rows += [json.loads(bytes(row)) for row in page.records]
        at = page.next
        if at is None:
            return rows, calls
    raise AssertionError("it has no end")


def ids(count: int, start: int = 0, name: str = "Id") -> list[dict[str, str]]:
    return [{name: str(number)} for number in range(start, start + count)]


async def test_xeros_pages_end_by_what_the_answer_says() -> None:
    def answer(_: str, params: Mapping[str, str]) -> tuple[Any, dict[str, str]]:
        page = int(params["page"])
        pagination = {"page": page, "pageSize": 100, "pageCount": 3, "itemCount": 250}
        rows = ids(100 if page < 3 else 50, 100 * (page - 1))
        return {"Status": "OK", "Quotes": rows, "Warnings": [], "pagination": pagination}, {}

    rows, calls = await read(XeroLists(), "/Quotes", answer)
    assert [row["Id"] for row in rows] == [str(number) for number in range(250)]
    assert [params["page"] for _, params in calls.asked] == ["1", "2", "3"]


async def test_xeros_pages_without_a_word_on_their_number_end_with_a_short_one() -> None:
    def answer(_: str, params: Mapping[str, str]) -> tuple[Any, dict[str, str]]:
        page = int(params["page"])
        return {"Quotes": ids(100 if page < 3 else 7, 100 * page)}, {}

    assert len((await read(XeroLists(), "Quotes", answer))[0]) == 207


async def test_a_list_of_xeros_that_heeds_no_page_is_read_once() -> None:
    rows, calls = await read(XeroLists(), "/Users", lambda *_: ({"Users": ids(300)}, {}))
    assert len(rows) == 300
    assert len(calls.asked) == 2


async def test_xeros_journals_go_by_their_numbers() -> None:
    def answer(_: str, params: Mapping[str, str]) -> tuple[Any, dict[str, str]]:
        first = int(params["offset"]) + 1
        return {"Journals": [{"JournalNumber": n} for n in range(first, min(first + 100, 251))]}, {}

    rows, calls = await read(XeroLists(), "/Journals", answer)
    assert len(rows) == 250
    assert [params["offset"] for _, params in calls.asked] == ["0", "100", "200", "250"]


async def test_a_report_of_xeros_is_a_list_of_one() -> None:
    rows, calls = await read(XeroLists(), "/Reports/TrialBalance", lambda *_: ({"Reports": ids(1)}, {}))
    assert (len(rows), calls.asked[0][0]) == (1, "Reports/TrialBalance")


@pytest.mark.parametrize(
    "content",
    [b"<html>", b"{", b'{"Status":"OK"}', b'{"A":[],"B":[]}', b"[]", b'{"Quotes":7}'],
    ids=["HTML", "cut short", "no list", "two lists", "no object", "no array"],
)
async def test_what_is_no_list_is_told_as_unreadable(content: bytes) -> None:
    with pytest.raises(PageUnreadable):
        await XeroLists().page(Answers(lambda *_: (content, {})), "/Quotes", None)


async def test_quickbooks_pages_overlap_so_that_moved_rows_are_seen() -> None:
    everything = ids(25)

    def answer(_: str, params: Mapping[str, str]) -> tuple[Any, dict[str, str]]:
        words = params["query"].split()
        start, size = int(words[-3]), int(words[-1])
        return {"QueryResponse": {"Vendor": everything[start - 1 : start - 1 + size]}}, {}

    rows, calls = await read(QuickBooksLists(page_size=10), "/Vendor", answer)
    assert {row["Id"] for row in rows} == {row["Id"] for row in everything}
    assert all(words["query"].startswith("SELECT * FROM Vendor") for _, words in calls.asked)
    del everything[0:4]
    with pytest.raises(ListMoved):
        await QuickBooksLists(page_size=10).page(Answers(answer), "/Vendor", "9:9")


async def test_quickbooks_leaves_out_the_name_of_what_it_has_none_of() -> None:
    rows, _ = await read(QuickBooksLists(), "Vendor", lambda *_: ({"QueryResponse": {}}, {}))
    assert rows == []


async def test_sages_pages_end_by_their_total_and_not_by_an_empty_next() -> None:
    def answer(_: str, params: Mapping[str, str]) -> tuple[Any, dict[str, str]]:
        page, size = int(params["page"]), int(params["items_per_page"])
        rows = ids(25)[(page - 1) * size : page * size]
        return {"$items": rows, "$total": 25, "$page": page, "$itemsPerPage": size, "$next": ""}, {}

    rows, calls = await read(SageLists(page_size=10), "/products", answer)
    assert len(rows) == 25
    assert all(params["attributes"] == "all" for _, params in calls.asked)


async def test_freeagents_pages_end_by_their_count() -> None:
    def answer(_: str, params: Mapping[str, str]) -> tuple[Any, dict[str, str]]:
        page, size = int(params["page"]), int(params["per_page"])
        return {"timeslips": ids(25)[(page - 1) * size : page * size]}, {"X-Total-Count": "25"}

    rows, calls = await read(FreeAgentLists(page_size=10), "/timeslips", answer)
    assert (len(rows), len(calls.asked)) == (25, 3)


@pytest.mark.parametrize(
    ("lists", "resource", "row", "source", "found"),
    [
        (XeroLists(), "Organisations", b'{"Name":"A"}', "/organisation", b'{"Name":"A"}'),
        (XeroLists(), "Contacts", b'{"Name":"A"}', "/Invoices", None),
        (QuickBooksLists(), "CompanyInfo", b'{"CompanyInfo":{},"Preferences":{"a":1}}', "/Preferences", b'{"a":1}'),
        (QuickBooksLists(), "Invoice", b'{"Invoice":{"Id":"1"}}', "Invoice", b'{"Id":"1"}'),
        (QuickBooksLists(), "Invoice", b"{", "Invoice", None),
        (SageLists(), "items", b'{"$path":"/products/1"}', "/products", b'{"$path":"/products/1"}'),
        (SageLists(), "items", b'{"$path":"/products/1"}', "/services", None),
        (SageLists(), "business", b'{"business":{"a":1},"financial_settings":{}}', "/business", b'{"a":1}'),
        (SageLists(), "business", b'{"base_currency":{}}', "/financial_settings", b'{"base_currency":{}}'),
        (SageLists(), "business", b'{"base_currency":{}}', "/business", None),
        (FreeAgentLists(), "contacts", b'{"contact":{"a":1},"views":[]}', "/contacts", b'{"a":1}'),
        (FreeAgentLists(), "categories", b'{"income_categories":{"a":1}}', "/categories", b'{"a":1}'),
        (FreeAgentLists(), "items", b'{"url":"x/stock_items/1"}', "/stock_items", b'{"url":"x/stock_items/1"}'),
        (FreeAgentLists(), "items", b'{"url":"x/stock_items/1"}', "/price_list_items", None),
    ],
)  # fmt: skip
def test_a_row_is_seen_as_the_list_has_it_that_is_meant(
    lists: Lists, resource: str, row: bytes, source: str, found: bytes | None
) -> None:
    told = lists.part(Resource(name=resource, data_types=()), msgspec.Raw(row), source)
    assert (None if told is None else bytes(told)) == found
