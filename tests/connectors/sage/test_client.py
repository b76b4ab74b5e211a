"""How Sage's lists are asked for, and where they end."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from tests.connectors.sage.conftest import Answers, a_list, ids_of, read

from tallystick.connectors.sage import MANIFEST
from tallystick.connectors.sage.client import SageClient
from tallystick.connectors.sage.place import Place
from tallystick.errors import (
    ListMoved,
    PageUnreadable,
    PermissionMissing,
    ProviderUnavailable,
    RequestRefused,
)

SINCE = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
SALES = ("sales_invoices", "sales_credit_notes", "sales_quick_entries")


def lists(**ids: list[str]) -> Answers:
    """Lists with these rows; every other one is empty, and so is what was deleted."""

    def answer(path: str, params: dict[str, str]) -> Any:
        return a_list([] if "deleted_since" in params else ids.get(path, []), params, path)

    return Answers(answer)


async def test_a_list_is_read_to_its_total_and_everything_of_it_is_asked_for() -> None:
    answers = lists(contacts=["a", "b", "c", "d", "e"])
    pages = await read(answers)

    assert ids_of(pages) == ["a", "b", "c", "d", "e"]
    assert [page.total for page in pages] == [5, 5, 5]
    assert [params["page"] for _, params in answers.asked] == ["1", "2", "3"]
    for _, params in answers.asked:
        assert (params["attributes"], params["nested_attributes"]) == ("all", "all")
        assert "updated_or_created_since" not in params
    assert pages[0].provider_time == datetime(2026, 1, 1, tzinfo=UTC)
    assert len({page.fingerprint for page in pages}) == 3


async def test_without_a_total_the_next_link_decides() -> None:
    def answer(path: str, params: dict[str, str]) -> Any:
        return a_list(["a", "b", "c"], params) | {"$total": None}

    assert ids_of(await read(Answers(answer))) == ["a", "b", "c"]


async def test_a_page_size_that_is_capped_loses_nothing() -> None:
    def answer(path: str, params: dict[str, str]) -> Any:
        return a_list(
            list("abcdefg"), {**params, "items_per_page": str(min(3, int(params["items_per_page"])))}
        )

    assert ids_of(await read(Answers(answer), size=200)) == list("abcdefg")


async def test_a_list_that_has_shrunk_below_the_page_is_over_and_its_total_tells() -> None:
    """The page that comes then is an earlier one: its rows are not this page's."""
    (page,) = await read(lists(contacts=["a", "b"]), at=str(Place(list="contacts", offset=4, size=2)))
    assert (list(page.records), page.next, page.total) == ([], None, 2)


async def test_another_page_than_the_one_that_was_asked_for_is_refused() -> None:
    answers = Answers(lambda path, params: a_list(list("abcdef"), params) | {"$page": 2})
    with pytest.raises(PageUnreadable, match="page 2 came for page 1"):
        await read(answers)


async def test_lists_that_give_one_data_type_are_read_one_after_the_other() -> None:
    answers = lists(sales_invoices=["1", "2", "3"], sales_credit_notes=["4"], sales_quick_entries=["5", "6"])
    pages = await read(answers, "sales")

    assert ids_of(pages) == ["1", "2", "3", "4", "5", "6"]
    assert [path for path, _ in answers.asked] == [SALES[0], *SALES]
    assert [page.total for page in pages] == [3, 3, 4, 6], "never less than before, or rows would be missed"
    assert all(params["show_payments_allocations"] == "true" for _, params in answers.asked)


@pytest.mark.parametrize("kept", [0, 1], ids=["an empty page", "a short page"])
@pytest.mark.parametrize("path", ["products", "services"])
async def test_one_of_several_lists_that_comes_short_of_its_total_is_refused(path: str, kept: int) -> None:
    """What it lacks would be taken for deleted else: only the rows of all lists together are compared."""

    def answer(asked: str, params: dict[str, str]) -> object:
        told = a_list([f"{asked}-{n}" for n in range(5)], params, asked)
        if asked == path and params["page"] == "2":
            told["$items"] = told["$items"][:kept]
        return told

    with pytest.raises(PageUnreadable, match=f"{path} has {kept} rows where 2 are, of the 5"):
        await read(Answers(answer), "items")


async def test_an_empty_list_between_two_others_ends_nothing() -> None:
    assert ids_of(await read(lists(sales_invoices=["1"], sales_quick_entries=["2"]), "sales")) == ["1", "2"]


async def test_changes_are_asked_for_with_their_offset_and_what_was_deleted_after_them() -> None:
    answers = lists(sales_invoices=["1"])
    zone = timezone(timedelta(hours=2))
    await read(answers, "sales", since=SINCE.astimezone(zone))

    asked = [
        (path, params.get("updated_or_created_since"), params.get("deleted_since"))
        for path, params in answers.asked
    ]
    told = "2026-03-01T12:30:00+00:00"
    assert asked == [*[(path, told, None) for path in SALES], *[(path, None, told) for path in SALES]]


async def test_a_list_that_knows_no_deletions_is_not_asked_for_them() -> None:
    answers = lists()
    await read(answers, "ledger_accounts", since=SINCE)
    assert [("deleted_since" in params) for _, params in answers.asked] == [False]


async def test_only_a_list_in_a_fixed_order_is_read_ahead() -> None:
    answers = lists(contact_payments=list("abcdefgh"), contacts=list("abcdefgh"))
    payments, contacts = await read(answers, "payments"), await read(answers)

    assert payments[0].ahead == ("contact_payments:4:2:0", "contact_payments:6:2:0")
    assert answers.asked[0][1]["sort"] == "created_at:asc"
    assert all(page.ahead == () for page in contacts)


async def test_balances_are_asked_for_up_to_today() -> None:
    answers = lists(ledger_accounts=["a"])
    client = SageClient(today=lambda: date(2026, 5, 4))
    await client.page(answers, MANIFEST.resource("ledger_accounts"), since=None, at=None)
    (_, params) = answers.asked[0]
    assert (params["show_balance_details"], params["to_date"]) == ("true", "2026-05-04")


async def test_a_reading_goes_on_at_its_place() -> None:
    pages = await read(lists(sales_invoices=list("abcde")), "sales", at="sales_invoices:2:2:0")
    assert ids_of(pages) == ["c", "d", "e"]


@pytest.mark.parametrize(
    "at", ["7", "invoices:0:2:0", "contacts:1:2:0", "contacts:0:0:0", "contacts:x:2:0", "contacts:0:2:0:a"]
)
async def test_a_place_that_nobody_can_tell_begins_the_reading_anew(at: str) -> None:
    with pytest.raises(ListMoved):
        await read(lists(), at=at)


@pytest.mark.parametrize(
    "refusal",
    [
        PermissionMissing(platform="sage", resource="stock_items"),
        RequestRefused(platform="sage", resource="stock_items", status=401),  # with a fresh token
        RequestRefused(platform="sage", resource="stock_items", status=404),
    ],
    ids=["forbidden", "unauthorised with a fresh token", "not there"],
)
async def test_a_list_that_a_plan_lacks_is_empty(refusal: Exception) -> None:
    """Sage's Start plan has no stock."""

    def answer(path: str, params: dict[str, str]) -> Any:
        return refusal if path == "stock_items" else a_list(["a"], params, path)

    pages = await read(Answers(answer), "items")
    assert ids_of(pages) == ["a", "a"]
    assert pages[-1].raw == b'{"$items":[]}'
    assert [page.partial for page in pages] == [False, False, True], "what was there before is not deleted"


@pytest.mark.parametrize(("status", "error"), [(403, PermissionMissing), (404, RequestRefused)])
async def test_a_list_that_every_plan_has_is_not_taken_for_empty(status: int, error: type[Exception]) -> None:
    with pytest.raises(error):
        await read(Answers(lambda path, params: status), "items")


async def test_a_page_that_is_too_heavy_is_read_in_parts_and_so_is_the_rest() -> None:
    """Providers §5 no. 56."""
    rows = [f"r{number:03d}" for number in range(100)]

    def answer(path: str, params: dict[str, str]) -> Any:
        return 504 if int(params["items_per_page"]) > 12 else a_list(rows, params)

    answers = Answers(answer)
    pages = await read(answers, size=200)

    assert ids_of(pages) == rows
    assert [params["items_per_page"] for _, params in answers.asked[:4]] == ["200", "50", "10", "10"]


async def test_a_single_record_that_is_too_heavy_is_the_providers_fault() -> None:
    answers = Answers(lambda path, params: 525)
    with pytest.raises(ProviderUnavailable):
        await read(answers, size=4)
    assert answers.asked[-1][1]["items_per_page"] == "1"


async def test_the_company_is_two_answers_that_stand_in_one_page_as_they_came() -> None:
    bodies = {
        "business": b'{ "id":"b1", "name":"Harbour" }',
        "financial_settings": b'{"base_currency":{"id":"EUR"}}',
    }
    (page,) = await read(Answers(lambda path, params: bodies[path]), "business")
    (row,) = page.records

    assert bodies["business"] in bytes(row)
    assert bodies["financial_settings"] in page.raw
    assert json.loads(page.raw)["$items"][0]["business"]["name"] == "Harbour"


async def test_a_company_whose_particulars_are_refused_still_has_its_currency() -> None:
    def answer(path: str, params: dict[str, str]) -> Any:
        return 404 if path == "business" else {"base_currency": {"id": "EUR"}}

    (page,) = await read(Answers(answer), "business")
    assert json.loads(page.raw) == {"$items": [{"financial_settings": {"base_currency": {"id": "EUR"}}}]}


@pytest.mark.parametrize("body", [b"<html>", b'{"id":', b"[]", b'"text"'])
async def test_a_broken_answer_about_the_company_is_not_put_among_others(body: bytes) -> None:
    with pytest.raises(PageUnreadable):
        await read(Answers(lambda path, params: body), "business")


async def test_the_ledger_is_read_for_each_account_at_a_bank() -> None:
    banks = [{"id": f"ba{n}", "ledger_account": {"id": f"la{n}"}} for n in range(3)]
    banks.append({"id": "broken", "ledger_account": 7})

    def answer(path: str, params: dict[str, str]) -> Any:
        if path == "bank_accounts":
            size, start = (
                int(params["items_per_page"]),
                (int(params["page"]) - 1) * int(params["items_per_page"]),
            )
            return {"$total": len(banks), "$items": banks[start : start + size]}
        return a_list([f"{params['ledger_account_id']}-{n}" for n in "ab"], params, path)

    answers = Answers(answer)
    pages = await read(answers, "ledger_entries", size=2)

    assert ids_of(pages) == ["la0-a", "la0-b", "la1-a", "la1-b", "la2-a", "la2-b"]
    assert [page.next for page in pages] == [
        "ledger_entries:0:2:2:la1~ba1+la2~ba2",
        "ledger_entries:0:2:4:la2~ba2",
        None,
    ]
    asked = [params["ledger_account_id"] for path, params in answers.asked if path == "ledger_entries"]
    assert asked == ["la0", "la1", "la2"]


async def test_books_without_a_bank_account_have_no_bank_ledger() -> None:
    (page,) = await read(lists(), "ledger_entries")
    assert (list(page.records), page.next) == ([], None)


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b'{"$items":{}}', b'{"$items":[1', b"<!doctype html>", b'{"$total":1}', b"\xff"],
)
async def test_what_is_no_list_is_refused(body: bytes) -> None:
    with pytest.raises(PageUnreadable):
        await read(Answers(lambda path, params: body))
