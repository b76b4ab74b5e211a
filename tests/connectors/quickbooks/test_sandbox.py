"""The whole of a made-up company, read over HTTP and mapped, comes to what its books hold."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import date
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from tests.connectors.quickbooks.conftest import DirectCalls, StandIn

from tallystick.connectors.quickbooks import MANIFEST
from tallystick.connectors.sandbox.statements import balance_sheet, cash_flow, profit_and_loss

pytestmark = pytest.mark.slow
Start = Callable[..., AbstractAsyncContextManager[StandIn]]


async def select(calls: DirectCalls, text: str) -> httpx.Response:
    return await calls.get("query", params={"query": text})


@pytest.mark.parametrize("page_size", [None, 23], ids=["one page", "many pages"])
async def test_every_list_of_a_company_comes_to_its_truth(stand_in: Start, page_size: int | None) -> None:
    async with stand_in(page_size=page_size, records=400) as world:
        found, issues = await world.everything(await world.calls())
        truth = await world.truth()

        assert [issue for issue in issues if issue.severity == "rejected"] == []
        assert [issue for issue in issues if "no word" in issue.message] == []
        counts = {name: len(found.get(name, {})) for name in truth["counts"]}
        assert counts == truth["counts"]
        for data_type, total in truth["totals"].items():
            if data_type in {"bankTransactions", "journalEntries", "transfers"}:
                continue  # their records have no total
            amounts = (record.totalAmount for record in found[data_type].values())  # type: ignore[attr-defined]
            assert sum(amounts, Decimal(0)) == Decimal(total), data_type
        assert {name for name, records in found.items() if records} == set(MANIFEST.data_types)


async def test_documents_agree_with_their_lines_and_payments_with_their_links(stand_in: Start) -> None:
    async with stand_in(records=300) as world:
        found, _ = await world.everything(await world.calls())
        for data_type in ("invoices", "bills", "creditNotes", "billCreditNotes"):
            for record in found[data_type].values():
                lines = sum((line.subTotal for line in record.lineItems), Decimal(0))  # type: ignore[attr-defined]
                discount = getattr(record, "totalDiscount", None) or Decimal(0)
                assert lines - discount == record.subTotal  # type: ignore[attr-defined]
        for record in (*found["payments"].values(), *found["billPayments"].values()):
            assert sum((line.amount for line in record.lines), Decimal(0)) == record.totalAmount  # type: ignore[attr-defined]
            for line in record.lines:  # type: ignore[attr-defined]
                assert line.amount == -sum((link.amount for link in line.links), Decimal(0))


async def test_the_statements_agree_with_the_ledger_and_with_each_other(stand_in: Start) -> None:
    async with stand_in(records=100) as world:
        found, _ = await world.everything(await world.calls())
        sheet, result = found["balanceSheet"]["balanceSheet"], found["profitAndLoss"]["profitAndLoss"]
        flow = found["cashFlowStatement"]["cashFlowStatement"]

        assert len(sheet.reports) == len(result.reports) == len(flow.reports) == 24  # type: ignore[attr-defined]
        for period in sheet.reports:  # type: ignore[attr-defined]
            assert period.netAssets == period.equity.value
        banks = {account.id for account in found["bankAccounts"].values()}
        held = [
            sum((line.value for line in period.assets.items if line.accountId in banks), Decimal(0))
            - sum((line.value for line in period.liabilities.items if line.accountId in banks), Decimal(0))
            for period in sheet.reports  # type: ignore[attr-defined]
        ]
        for place, period in enumerate(flow.reports[1:], 1):  # type: ignore[attr-defined]
            assert held[place] - held[place - 1] == period.cashReceipts.value - period.cashPayments.value
        assert any(period.netProfit for period in result.reports)  # type: ignore[attr-defined]


async def test_the_statements_are_those_of_the_books_themselves(stand_in: Start) -> None:
    async with stand_in(records=60) as world:
        found, _ = await world.everything(await world.calls())
        company = world.running.world.company(world.tenant)
        books = company.rows.books  # type: ignore[union-attr]
        sheet, result = found["balanceSheet"]["balanceSheet"], found["profitAndLoss"]["profitAndLoss"]
        flow = found["cashFlowStatement"]["cashFlowStatement"]
        for place in (0, 5, 11, 17, 23):
            told = result.reports[place]  # type: ignore[attr-defined]
            first, last = (date.fromisoformat(str(day)[:10]) for day in (told.fromDate, told.toDate))
            earned = profit_and_loss(books, first, last)
            assert (told.netProfit, told.grossProfit) == (earned.net_profit, earned.gross_profit)
            stood = balance_sheet(books, last)
            owed = sum(
                (each.amount for each in stood.bank if each.account.bank_kind == "credit_card"), Decimal(0)
            )
            period = sheet.reports[place]  # type: ignore[attr-defined]
            assert period.netAssets == stood.net_assets
            assert period.liabilities.value == stood.liabilities - owed, (
                "what a card owes is a liability here"
            )
            assert period.equity.value == stood.total_equity
            moved = flow.reports[place]  # type: ignore[attr-defined]
            assert moved.cashReceipts.value - moved.cashPayments.value == cash_flow(books, first, last).change


async def test_changes_and_deletions_are_told_by_one_call_and_lists_hide_what_is_gone(
    stand_in: Start,
) -> None:
    async with stand_in() as world:
        calls = await world.calls()
        before = len(
            (await select(calls, "SELECT * FROM Invoice MAXRESULTS 1000")).json()["QueryResponse"]["Invoice"]
        )
        changed = await world.control("change", tenant=world.tenant, entity="invoices", create=2, delete=1)
        truth = await world.truth()
        after = (await select(calls, "SELECT COUNT(*) FROM Invoice")).json()["QueryResponse"]["totalCount"]

        assert after == before + 1 == truth["counts"]["invoices"]
        assert truth["deleted"]["invoices"] == 1
        calls.asked.clear()
        since = world.running.world.clock.now()
        pages = await world.pages(calls, "Invoice", since=since.replace(hour=0, minute=0, second=0))
        assert [path for path, _ in calls.asked] == ["cdc"]
        told = b"".join(bytes(row) for _, page in pages for row in page.records)
        assert f'"status":"Deleted","Id":"{changed["deleted"][0]}"'.encode() in told


async def test_a_restart_gives_every_record_the_id_that_it_had(stand_in: Start, tmp_path: Path) -> None:
    kept = {"data": tmp_path / "kept", "companies": 1, "records": 20}
    async with stand_in(**kept) as world:
        for entity in ("items", "invoices", "customers", "payments"):
            await world.control("change", tenant=world.tenant, entity=entity, create=2, delete=1)
        tokens = await world.tokens()
        calls = DirectCalls(world.http, world.connector, world.tenant, tokens)
        first = (await select(calls, "SELECT * FROM Invoice MAXRESULTS 1000")).json()["QueryResponse"]
        truth = await world.truth()
    async with stand_in(**kept) as world:
        calls = DirectCalls(world.http, world.connector, world.tenant, tokens)
        again = (await select(calls, "SELECT * FROM Invoice MAXRESULTS 1000")).json()["QueryResponse"]
        assert again == first
        assert await world.truth() == truth


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("SELECT * FROM Invoice WHERE Id = '1' OR Id = '2'", "4000"),
        ("SELECT * FROM Gadget", "4001"),
        ("SELECT * FROM Invoice STARTPOSITION 0", "4001"),
        ("SELECT * FROM Invoice MAXRESULTS 1001", "4001"),
        ("SELECT * FROM Invoice WHERE Colour = 'red'", "4001"),
        ("DROP Invoice", "4000"),
    ],
)
async def test_a_query_that_means_nothing_is_a_fault(stand_in: Start, text: str, code: str) -> None:
    async with stand_in(records=5) as world:
        calls = await world.calls()
        answer = await world.http.get(
            world.connector.api_url.replace("{tenant}", world.tenant) + "/query",
            params={"query": text},
            headers=world.connector.headers(calls.tokens.access, world.tenant),
        )
        assert answer.status_code == 400
        assert answer.json()["Fault"]["Error"][0]["code"] == code
