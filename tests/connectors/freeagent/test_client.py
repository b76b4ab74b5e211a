"""Lists, page by page."""

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.connectors.freeagent.conftest import Answers, a_list, addressed, at, read, rows_in

from tallystick.connectors import Books, Gone, Issue
from tallystick.connectors.freeagent import MANIFEST
from tallystick.connectors.freeagent.client import FreeAgentClient
from tallystick.connectors.freeagent.mapping import FreeAgentMapper
from tallystick.errors import ListMoved, PageUnreadable, PermissionMissing, RequestRefused

BANKS = [
    {"url": at("bank_accounts", 1), "currency": "GBP", "name": "Current"},
    {"url": at("bank_accounts", 2), "currency": "USD", "name": "Dollars"},
]
CATEGORIES = {
    "general_categories": [
        {"url": at("categories", "750-1"), "nominal_code": "750-1", "bank_account": at("bank_accounts", 1)},
        {"url": at("categories", "750-2"), "nominal_code": "750-2", "bank_account": at("bank_accounts", 2)},
    ]
}


def of(name: str, rows: list[Any]) -> Answers:
    """A provider with one list."""
    return Answers(lambda path, params: a_list(name, rows, params))


async def test_a_list_is_read_in_the_order_of_making_and_ends_by_its_count() -> None:
    answers = of("invoices", addressed("invoices", 1, 2, 3))
    pages = await read(answers, "invoices")
    assert [row["url"][-1] for row in rows_in(pages)] == ["1", "2", "3"]
    assert [page.total for page in pages] == [3, 3]
    assert answers.asked[0] == (
        "invoices",
        {"nested_invoice_items": "true", "sort": "created_at", "page": "1", "per_page": "2"},
    )
    assert pages[0].provider_time == datetime(2026, 1, 1, tzinfo=UTC)


async def test_without_a_count_the_link_tells_whether_it_goes_on() -> None:
    rows = addressed("bills", 1, 2, 3, 4)

    def answer(_: str, params: dict[str, str]) -> Any:
        body, headers = a_list("bills", rows, params)
        return body, {name: told for name, told in headers.items() if name == "Link"} or {
            "Link": '<x>; rel="first"'
        }

    pages = await read(Answers(answer), "bills")
    assert len(rows_in(pages)) == 4
    assert len(pages) == 2


async def test_without_either_a_full_page_is_not_believed_to_be_the_last() -> None:
    rows = addressed("bills", 1, 2, 3, 4)
    answers = Answers(lambda _, params: a_list("bills", rows, params)[0])
    assert len(rows_in(await read(answers, "bills"))) == 4
    assert len(answers.asked) == 3


async def test_only_lists_in_the_order_of_making_are_read_ahead() -> None:
    ids = range(1, 10)
    sorted_ = await read(of("invoices", addressed("invoices", *ids)), "invoices")
    moving = await read(of("bills", addressed("bills", *ids)), "bills")
    assert len(sorted_[0].ahead) == 3, "the pages after the next one"
    assert [page.ahead for page in moving] == [()] * 5


async def test_changes_are_asked_for_where_a_list_tells_them() -> None:
    since = datetime(2026, 2, 3, 4, 5, 6, 700_000, tzinfo=UTC)
    answers = of("invoices", [])
    await read(answers, "invoices", since=since)
    assert answers.asked[0][1]["updated_since"] == "2026-02-03T04:05:06.000Z", "never later than it was"
    answers = of("bank_accounts", [])
    await read(answers, "bank_accounts", since=since)
    assert "updated_since" not in answers.asked[0][1]


async def test_several_lists_of_one_resource_are_read_one_after_the_other() -> None:
    lists = {
        "price_list_items": addressed("price_list_items", 1, 2, 3),
        "stock_items": addressed("stock_items", 1),
    }
    pages = await read(Answers(lambda path, params: a_list(path, lists[path], params)), "items")
    assert [row["url"].split("/")[-2:] for row in rows_in(pages)] == [
        ["price_list_items", "1"],
        ["price_list_items", "2"],
        ["price_list_items", "3"],
        ["stock_items", "1"],
    ]
    assert pages[-1].total == 4, "of all lists"


@pytest.mark.parametrize("path", ["price_list_items", "stock_items"])
async def test_one_of_several_lists_that_comes_short_of_its_count_is_refused(path: str) -> None:
    """What it lacks would be taken for deleted else: only the rows of all lists together are compared."""

    def answer(asked: str, params: dict[str, str]) -> Any:
        body, headers = a_list(asked, addressed(asked, 1, 2, 3, 4, 5), params)
        if asked == path and params["page"] == "2":
            body[asked] = []
        return body, headers

    with pytest.raises(PageUnreadable, match=f"{path} has 0 rows where 2 are, of the 5"):
        await read(Answers(answer), "items")


@pytest.mark.parametrize("refusal", [403, 404])
async def test_a_list_that_not_everybody_has_leaves_the_reading_partial(refusal: int) -> None:
    def answer(path: str, params: dict[str, str]) -> Any:
        return refusal if path == "stock_items" else a_list(path, addressed(path, 1), params)

    pages = await read(Answers(answer), "items")
    assert len(rows_in(pages)) == 1
    assert [page.partial for page in pages] == [False, True], "so that nothing is taken for deleted"


async def test_a_list_that_everybody_has_may_not_be_refused() -> None:
    with pytest.raises(PermissionMissing):
        await read(Answers(lambda *_: 403), "invoices")
    with pytest.raises(RequestRefused):
        await read(Answers(lambda *_: 404), "bills")


async def test_categories_are_read_with_and_without_their_sub_accounts() -> None:
    def answer(_: str, params: dict[str, str]) -> Any:
        code = "750-1" if params.get("sub_accounts") else "750"
        row = {"url": at("categories", code), "nominal_code": code}
        return {"general_categories": [row], "income_categories": [{"url": at("categories", "001")}]}

    pages = await read(Answers(answer), "categories")
    assert [list(row) for row in rows_in(pages)] == [["income_categories"], ["general_categories"]] * 2
    assert {each["nominal_code"] for row in rows_in(pages) for each in row.values() if len(each) > 1} == {
        "750",
        "750-1",
    }


def banking(moved: dict[str, list[Any]]) -> Answers:
    """Two accounts at the bank, and what moved on each by the end of its address."""

    def answer(path: str, params: dict[str, str]) -> Any:
        match path:
            case "categories":
                return CATEGORIES
            case "bank_accounts":
                return a_list(path, BANKS, params)
            case "bank_transaction_explanations" | "bank_transactions":
                return a_list(path, moved[params["bank_account"].rpartition("/")[2]], params)
            case _:
                return a_list(path, [], params)

    return Answers(answer)


async def test_movements_are_read_account_by_account_and_know_their_currency() -> None:
    name = "bank_transaction_explanations"
    first = [{"url": at(name, number), "bank_account": BANKS[0]["url"]} for number in (1, 2, 3)]
    linked = {"url": at(name, 4), "bank_account": BANKS[1]["url"], "linked_transfer_account": BANKS[0]["url"]}
    pages = await read(banking({"1": first, "2": [linked]}), "explanations")
    rows = rows_in(pages)
    own = {"url": BANKS[0]["url"], "currency": "GBP", "code": "750-1"}
    assert [row["bank_accounts"] for row in rows[:3]] == [{"own": own}] * 3
    assert rows[3]["bank_accounts"] == {
        "own": {"url": BANKS[1]["url"], "currency": "USD", "code": "750-2"},
        "other": own,
    }
    assert pages[-1].total == 4


async def test_a_company_without_accounts_at_banks_has_no_movements() -> None:
    answers = Answers(
        lambda path, params: {} | CATEGORIES if path == "categories" else a_list(path, [], params)
    )
    assert rows_in(await read(answers, "bank_transactions")) == []
    pages = await read(answers, "explanations")
    assert answers.asked[-1][0] == "credit_note_reconciliations", "the next list is read all the same"
    assert pages[-1].next is None


async def test_an_account_without_an_address_stops_the_reading() -> None:
    """Else all that is on it would pass for deleted."""
    answers = Answers(
        lambda path, params: CATEGORIES if path == "categories" else a_list(path, [{"name": "Cash"}], params)
    )
    with pytest.raises(PageUnreadable):
        await read(answers, "explanations")


def people(contacts: list[Any], **views: list[int]) -> Answers:
    """Contacts, and who is in which view."""

    def answer(path: str, params: dict[str, str]) -> Any:
        view = params["view"]
        found = [
            each for each in contacts if view == "all" or int(each["url"].rpartition("/")[2]) in views[view]
        ]
        return a_list(path, found, params)

    return Answers(answer)


def a_contact(number: int, minute: int | None = None) -> dict[str, Any]:
    made = number if minute is None else minute
    return {"url": at("contacts", number), "created_at": f"2026-01-01T00:{made:02d}:00.000Z"}


def views_in(rows: list[dict[str, Any]]) -> dict[str, list[str]]:
    return {row["contact"]["url"].rpartition("/")[2]: row["views"] for row in rows}


async def test_contacts_know_the_views_that_they_are_in() -> None:
    contacts = [a_contact(number) for number in range(1, 8)]
    answers = people(contacts, clients=[1, 2, 5, 6, 7], suppliers=[2, 3, 7])
    pages = await read(answers, "contacts")
    assert views_in(rows_in(pages)) == {
        "1": ["clients"],
        "2": ["clients", "suppliers"],
        "3": ["suppliers"],
        "4": [],
        "5": ["clients"],
        "6": ["clients"],
        "7": ["clients", "suppliers"],
    }
    assert len(answers.asked) <= 4 + 2 * (4 + 4), "the views are read beside the contacts, not anew each time"


async def test_contacts_that_were_made_at_once_are_not_missed() -> None:
    contacts = [a_contact(number, minute=1) for number in range(1, 7)]
    pages = await read(people(contacts, clients=[1, 3, 5], suppliers=[2, 4, 6]), "contacts")
    assert list(views_in(rows_in(pages)).values()) == [["clients"], ["suppliers"]] * 3


async def test_where_contacts_come_in_another_order_their_views_are_read_whole() -> None:
    contacts = [a_contact(number) for number in (3, 1, 4, 2)]
    pages = await read(people(contacts, clients=[1, 2], suppliers=[3, 4]), "contacts")
    assert views_in(rows_in(pages)) == {
        "3": ["suppliers"],
        "1": ["clients"],
        "4": ["suppliers"],
        "2": ["clients"],
    }


async def test_a_view_that_never_ends_is_left() -> None:
    def answer(path: str, params: dict[str, str]) -> Any:
        if params["view"] == "all":
            return a_list(path, [a_contact(9), a_contact(10)], params)
        return {"contacts": [a_contact(1), a_contact(2)]}

    answers = Answers(answer)
    assert len(rows_in(await read(answers, "contacts"))) == 2
    assert len(answers.asked) == 1 + 2 * 2


async def test_reports_are_asked_for_by_the_month() -> None:
    def answer(path: str, params: dict[str, str]) -> Any:
        return {"trial_balance_summary": []} if "trial" in path else {"profit_and_loss_summary": {}}

    answers = Answers(answer)
    (page,) = await read(answers, "profit_and_loss")
    assert len(page.records) == 1, "one statement"
    assert len(answers.asked) == 24
    assert [answers.asked[0][1], answers.asked[-1][1]] == [
        {"from_date": "2025-04-01", "to_date": "2025-04-30"},
        {"from_date": "2026-03-01", "to_date": "2026-03-10"},
    ]
    answers = Answers(lambda *_: {"balance_sheet": {}})
    await read(answers, "balance_sheet")
    assert [told["as_at_date"] for _, told in answers.asked][-2:] == ["2026-02-28", "2026-03-10"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b'{"invoices": [',
        b"[]",
        b'{"invoices": {}}',
        b'{"bills": []}',
        b"\xff",
        b"[" * 100_000,
    ],
    ids=["nothing", "HTML", "cut short", "a list", "no list", "another list", "no text", "deep"],
)
async def test_an_answer_that_is_no_list_is_told(body: bytes) -> None:
    with pytest.raises(PageUnreadable):
        await read(Answers(lambda *_: body), "invoices")


@pytest.mark.parametrize("name", ["profit_and_loss", "balance_sheet"])
@pytest.mark.parametrize(
    "body", [b"<html>", b"[]", b'{"balance_sheet": {'], ids=["HTML", "a list", "cut short"]
)
async def test_a_report_that_is_none_is_told(name: str, body: bytes) -> None:
    with pytest.raises(PageUnreadable):
        await read(Answers(lambda *_: body), name)


@pytest.mark.parametrize(
    "place",
    [
        "",
        "x",
        "{}",
        '{"list":"bills","size":2}',
        '{"list":"invoices","size":0}',
        '{"list":"invoices","page":0,"size":2}',
    ],
)
async def test_a_place_that_nobody_can_tell_begins_anew(place: str) -> None:
    with pytest.raises(ListMoved):
        await read(of("invoices", []), "invoices", at=place)


async def test_a_place_outlives_the_process() -> None:
    name = "bank_transaction_explanations"
    moved = {"1": [{"url": at(name, n)} for n in (1, 2, 3)], "2": [{"url": at(name, 4)}]}
    first, *rest = await read(banking(moved), "explanations")
    again = await read(banking(moved), "explanations", at=first.next)
    assert rows_in(again) == rows_in(rest)


async def test_one_record_is_read_anew_by_its_id() -> None:
    answers = Answers(lambda path, _: {"invoice": {"url": at("invoices", 7)}})
    page = await FreeAgentClient().one(answers, MANIFEST.resource("invoices"), "7")
    assert answers.asked == [("invoices/7", {})]
    assert len(page.records) == 1


async def test_one_movement_is_read_with_its_account() -> None:
    name = "bank_transaction_explanations"
    row = {"url": at(name, 20), "bank_account": BANKS[1]["url"]}

    def answer(path: str, params: dict[str, str]) -> Any:
        return (
            {"bank_transaction_explanation": row}
            if path == f"{name}/20"
            else banking({}).answer(path, params)
        )

    page = await FreeAgentClient().one(Answers(answer), MANIFEST.resource("explanations"), "20")
    (told,) = rows_in([page])
    assert told["bank_accounts"]["own"]["currency"] == "USD"
    assert FreeAgentMapper().split(MANIFEST.resource("explanations"), page.raw) == page.records


async def test_one_contact_is_what_its_documents_make_it() -> None:
    def answer(path: str, params: dict[str, str]) -> Any:
        if path == "contacts/2":
            return {"contact": a_contact(2)}
        assert params["contact"] == at("contacts", 2)
        return a_list(path, addressed(path, 1) if path == "bills" else [], params)

    page = await FreeAgentClient().one(Answers(answer), MANIFEST.resource("contacts"), "2")
    assert views_in(rows_in([page])) == {"2": ["suppliers"]}


@pytest.mark.parametrize(
    ("resource", "key", "gone"),
    [
        ("invoices", "7", [Gone(data_type="invoices", id="7")]),
        ("items", "stock-7", [Gone(data_type="items", id="stock-7")]),
        ("items", "7", [Gone(data_type="items", id="7")]),
        ("contacts", "2", [Gone(data_type="customers", id="2"), Gone(data_type="suppliers", id="2")]),
    ],
)
async def test_a_record_that_is_no_more_is_told_as_gone(resource: str, key: str, gone: list[Gone]) -> None:
    page = await FreeAgentClient().one(Answers(lambda *_: 404), MANIFEST.resource(resource), key)
    issues: list[Issue] = []
    (row,) = page.records
    assert FreeAgentMapper().records(MANIFEST.resource(resource), row, Books(), issues) == gone
    assert issues == []


@pytest.mark.parametrize(
    "key", ["", "../users/me", "7/../8", "bills/7", "https://elsewhere.example/7", "7?x=1", "-7", "7" * 65]
)
async def test_a_key_that_is_no_id_is_asked_of_nobody(key: str) -> None:
    answers = of("invoices", [])
    with pytest.raises(ValueError, match="no key of invoices"):
        await FreeAgentClient().one(answers, MANIFEST.resource("invoices"), key)
    assert answers.asked == []


async def test_what_is_one_record_is_read_whole_whatever_its_key() -> None:
    answers = Answers(lambda *_: {"company": {"id": "1"}})
    page = await FreeAgentClient().one(answers, MANIFEST.resource("company"), "any")
    assert [path for path, _ in answers.asked] == ["company"]
    assert len(page.records) == 1


async def test_one_category_is_read_by_its_nominal_code() -> None:
    answers = Answers(lambda *_: {"general_categories": {"url": at("categories", "750-1")}})
    page = await FreeAgentClient().one(answers, MANIFEST.resource("categories"), "750-1")
    assert answers.asked == [("categories/750-1", {})]
    assert list(rows_in([page])[0]) == ["general_categories"]
