"""Statements that are made of what moved on every account: they balance, and are what the ledger says."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.connectors.sage.conftest import Answers, Linked, linked_to, map_row, read, ref

from tallystick.connectors.sage.statement_reading import BEGINNING, MOST_CALLS, spans
from tallystick.errors import PageUnreadable

RESULT = {"SALES", "OTHER_INCOME", "DIRECT_EXPENSES", "OVERHEADS", "DEPRECIATION"}


def an_account(id_: str, kind: str, balance: str, **changes: Any) -> dict[str, Any]:
    """What moved on an account: a debit, or with a minus a credit."""
    amount = Decimal(balance)
    details = {"balance": str(abs(amount)), "credit_or_debit": "credit" if amount < 0 else "debit"}
    kinds = ref("ledger_account_types", kind)
    return {"id": id_, "name": id_, "ledger_account_type": kinds, "balance_details": details, **changes}


def moved(first: str, last: str, **amounts: str) -> dict[str, Any]:
    """A span in which so much moved, by the types of the accounts."""
    rows = [an_account(kind.lower(), kind, amount) for kind, amount in amounts.items()]
    return {"from_date": first, "to_date": last, "answers": [{"$items": rows}]}


def told(*periods: Mapping[str, Any], year_end: str | None = "2026-03-31") -> dict[str, Any]:
    settings = {"year_end_date": year_end, "base_currency": ref("currencies", "GBP")}
    return {"financial_settings": settings, "periods": list(periods)}


BEFORE = moved("1970-01-01", "2026-02-28", BANK="500", EQUITY="-100", SALES="-600", OVERHEADS="200")
MARCH = moved("2026-03-01", "2026-03-31", BANK="-40", OVERHEADS="30", DEPRECIATION="10")
APRIL = moved(
    "2026-04-01", "2026-04-30", BANK="70", CURRENT_ASSETS="50", SALES="-100", DIRECT_EXPENSES="5",
    OTHER_INCOME="-1", TAXES="-20", FIXED_ASSETS="-4",
)  # fmt: skip


def test_the_year_begins_anew_after_its_end_and_the_sheet_balances_all_the_same() -> None:
    sheet, _, _ = map_row("statements", told(BEFORE, MARCH, APRIL)).all
    march, april = sheet["reports"]
    own = {row["name"]: row["value"] for row in march["equity"]["items"]}
    assert own == {"Capital": 100, "Results of earlier years": 0, "Result of this year": 360}
    own = {row["name"]: row["value"] for row in april["equity"]["items"]}
    assert own == {"Capital": 100, "Results of earlier years": 360, "Result of this year": 96}
    assert (march["assets"]["value"], march["netAssets"]) == (460, 460)
    assert (april["assets"]["value"], april["liabilities"]["value"], april["netAssets"]) == (576, 20, 556)
    assert april["equity"]["value"] == april["netAssets"]
    assert (sheet["earliestAvailableMonth"], sheet["mostRecentAvailableMonth"]) == (
        "2026-03-01T00:00:00",
        "2026-04-01T00:00:00",
    )


def test_the_profit_of_a_month_is_what_moved_in_it() -> None:
    _, profit, _ = map_row("statements", told(BEFORE, MARCH, APRIL)).all
    april = profit["reports"][1]
    assert (april["fromDate"], april["toDate"]) == ("2026-04-01T00:00:00", "2026-04-30T00:00:00")
    figures = [april["income"]["value"], april["costOfSales"]["value"], april["otherIncome"]["value"]]
    assert figures == [100, 5, 1]
    assert (april["grossProfit"], april["netOperatingProfit"], april["netProfit"]) == (95, 95, 96)
    assert april["income"]["items"] == [{"accountId": "sales", "name": "sales", "value": 100, "items": []}]
    assert profit["reports"][0]["expenses"]["value"] == 40


def test_cash_that_came_less_cash_that_went_is_what_moved_at_the_bank() -> None:
    _, _, flow = map_row("statements", told(BEFORE, MARCH, APRIL)).all
    april = flow["reports"][1]
    received = {row["name"]: row["value"] for row in april["cashReceipts"]["items"]}
    assert received == {"Net profit": 96, "taxes": 20, "fixed_assets": 4}
    assert april["cashReceipts"]["value"] - april["cashPayments"]["value"] == 70
    assert (flow["reportInput"], flow["reportBasis"]) == ("Indirect", "Accrual")


def test_a_year_that_ends_within_a_month_cuts_it_and_the_month_is_told_whole() -> None:
    early = moved("2026-04-01", "2026-04-05", BANK="1", SALES="-1")
    late = moved("2026-04-06", "2026-04-30", BANK="2", SALES="-2")
    mapped = map_row("statements", told(BEFORE, MARCH, early, late, year_end="2021-04-05"))
    sheet, profit, _ = mapped.all
    assert [str(period["netProfit"]) for period in profit["reports"]] == ["-40", "3"]
    own = {row["name"]: row["value"] for row in sheet["reports"][1]["equity"]["items"]}
    assert own == {"Capital": 100, "Results of earlier years": 361, "Result of this year": 2}
    assert mapped.issues == []


def test_months_before_anything_was_posted_are_left_out() -> None:
    nothing = moved("1970-01-01", "2026-02-28"), moved("2026-03-01", "2026-03-31", BANK="0")
    sheet, _, _ = map_row("statements", told(*nothing, APRIL)).all
    assert [period["date"] for period in sheet["reports"]] == ["2026-04-30T00:00:00"]


def test_an_account_of_a_new_type_stands_somewhere_so_that_the_sheet_balances() -> None:
    odd = moved("2026-03-01", "2026-03-31", BANK="7", SOMETHING_NEW="-7")
    mapped = map_row("statements", told(BEFORE, odd))
    (period,) = mapped.all[0]["reports"]
    assert period["equity"]["value"] == period["netAssets"]
    assert mapped.told() == [("warning", "$.periods[1].answers[0].$items[1].ledger_account_type.id")]


@pytest.mark.parametrize(
    ("source", "path"),
    [
        (told(BEFORE, APRIL), "$.periods[1].from_date"),
        (told(BEFORE, {**MARCH, "from_date": "soon"}), "$.periods[1].from_date"),
        (told(), "$.periods"),
        (
            told({**MARCH, "answers": [{"$items": [an_account("a", "BANK", "1", balance_details={"balance": "1"})]}]}),
            "$.periods[0].answers[0].$items[0].balance_details.credit_or_debit",
        ),
    ],
    ids=["a month is missing", "no day", "nothing", "no side"],
)  # fmt: skip
def test_what_cannot_be_added_up_is_no_statement(source: dict[str, Any], path: str) -> None:
    mapped = map_row("statements", source)
    assert (mapped.records, mapped.told()) == ([], [("rejected", path)])


def test_a_year_without_an_end_is_as_the_calendar_has_it() -> None:
    mapped = map_row("statements", told(BEFORE, MARCH, year_end=None))
    assert mapped.told() == [("warning", "$.financial_settings.year_end_date")]


@given(
    today=st.dates(date(2001, 1, 1), date(2100, 12, 31)),
    year_end=st.none() | st.tuples(st.integers(1, 12), st.integers(1, 28)) | st.just((2, 29)),
    months=st.integers(1, 24),
)
def test_all_days_are_asked_for_once(today: date, year_end: tuple[int, int] | None, months: int) -> None:
    found = spans(today, year_end, months)
    assert (found[0].first, found[-1].last.month) == (BEGINNING, today.month)
    assert found[-1].last >= today
    for one, after in pairwise(found):
        assert one.first <= one.last
        assert after.first.toordinal() == one.last.toordinal() + 1
    assert months + 2 <= len(found) <= months + 6


def charts(accounts: int) -> Answers:
    def answer(path: str, params: dict[str, str]) -> Any:
        if path == "financial_settings":
            return {"year_end_date": "2021-04-05", "base_currency": {"id": "GBP"}}
        size, page = int(params["items_per_page"]), int(params["page"])
        ids = range(accounts)[(page - 1) * size : page * size]
        rows = [an_account(f"a{n}", "BANK", "0.00") for n in ids]
        return {"$total": accounts, "$page": page, "$itemsPerPage": size, "$items": rows}

    return Answers(answer)


@pytest.mark.parametrize(("accounts", "calls"), [(150, 31), (300, MOST_CALLS), (1600, MOST_CALLS)])
async def test_the_calls_of_a_reading_are_bounded_whatever_the_chart_is_like(
    accounts: int, calls: int
) -> None:
    answers = charts(accounts)
    (page,) = await read(answers, "statements", size=200)
    assert page.next is None
    assert len(answers.asked) <= calls
    assert {path for path, _ in answers.asked} == {"financial_settings", "ledger_accounts"}


async def test_a_page_of_accounts_that_is_too_heavy_is_asked_for_in_parts() -> None:
    whole = charts(40)

    def answer(path: str, params: dict[str, str]) -> Any:
        return 504 if int(params.get("items_per_page", 0)) > 20 else whole.answer(path, params)

    (page,) = await read(Answers(answer), "statements", size=200)
    mapped = map_row("statements", bytes(page.records[0]))
    assert len(mapped.records) == 3


@pytest.mark.parametrize("path", ["financial_settings", "ledger_accounts"])
async def test_an_answer_that_is_no_json_is_not_put_among_the_others(path: str) -> None:
    whole = charts(1)
    broken = Answers(lambda asked, params: b"<html>" if asked == path else whole.answer(asked, params))
    with pytest.raises(PageUnreadable):
        await read(broken, "statements", size=200)


async def the_ledger(there: Linked) -> dict[tuple[str, str], Decimal]:
    """What the stand-in's ledger entries come to, by account and month."""
    found: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    page, read_, total = 1, 0, 1
    while read_ < total:
        params = {"attributes": "all", "items_per_page": "200", "page": str(page)}
        answer = (await there.get("ledger_entries", params=params)).json()
        for row in answer["$items"]:
            if not row["deleted"]:
                amount = Decimal(row["debit"]) - Decimal(row["credit"])
                found[row["ledger_account"]["id"], row["date"][:7]] += amount
        page, read_, total = page + 1, read_ + len(answer["$items"]), answer["$total"]
    return found


async def check(there: Linked) -> None:
    """The statements of the first business, held against its ledger."""
    (sheet, profit, flow), issues = await there.records("statements")
    assert issues == []
    entries = await the_ledger(there)
    chart = await there.rows("ledger_accounts", attributes="all", items_per_page="200")
    kinds = {row["id"]: row["ledger_account_type"]["id"] for row in chart}
    assert len(sheet.reports) >= 12
    for standing, result, cash in zip(sheet.reports, profit.reports, flow.reports, strict=True):
        month = result.fromDate[:7]
        assert (standing.date[:7], cash.fromDate[:7]) == (month, month)
        assert (
            standing.netAssets == standing.equity.value == standing.assets.value - standing.liabilities.value
        )
        earned = -sum(v for (id_, at), v in entries.items() if at == month and kinds[id_] in RESULT)
        assert result.netProfit == earned, month
        banked = sum(v for (id_, at), v in entries.items() if at == month and kinds[id_] == "BANK")
        assert cash.cashReceipts.value - cash.cashPayments.value == banked, month
        for heading in (*standing.assets.items, *standing.liabilities.items):
            for row in heading.items:
                stood = sum(v for (id_, at), v in entries.items() if id_ == row.accountId and at <= month)
                assert row.value in (stood, -stood), row.name


async def test_statements_are_what_the_ledger_says_before_and_after_changes() -> None:
    async with linked_to(companies=3, businesses=3, records=60) as there:
        for tenant in tuple(there.tenants):
            there.tenants.remove(tenant)
            there.tenants.insert(0, tenant)
            await check(there)
            for entity in ("invoices", "directCosts", "journalEntries", "transfers"):
                await there.control("change", tenant=tenant, entity=entity, create=1, update=1, delete=1)
            await check(there)
