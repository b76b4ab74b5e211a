"""Lists and reports of the made-up Xero beyond its documents: journals, bank, statements."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from tests.connectors.sandbox.conftest import SCOPES

D = Decimal
MORE = (
    f"{SCOPES} accounting.banktransactions.read accounting.manualjournals.read accounting.journals.read "
    "accounting.reports.profitandloss.read accounting.reports.balancesheet.read "
    "accounting.reports.banksummary.read"
)
PAGED = ("BankTransactions", "ManualJournals", "Overpayments", "Prepayments", "PurchaseOrders")
Visit = Callable[..., Awaitable[Any]]


@pytest.fixture
async def visitor(visit: Visit) -> Any:
    """A visitor whose app may read everything."""
    found = await visit()
    await found.link(scope=MORE)
    return found


async def report(visitor: Any, name: str, **params: Any) -> dict[str, Any]:
    answer = await visitor.ask(f"Reports/{name}", **params)
    assert answer.status_code == 200, answer.text
    (found,) = answer.json()["Reports"]
    return dict(found)


def figures(found: dict[str, Any]) -> dict[str, list[Decimal]]:
    """The columns of each row by its name; totals too."""
    rows = [row for section in found["Rows"] for row in section.get("Rows", ())]
    return {
        row["Cells"][0]["Value"]: [D(cell.get("Value", "0")) for cell in row["Cells"][1:]] for row in rows
    }


async def off(visitor: Any, number: int) -> None:
    await visitor.control("quirks", {"number": number, "on": False})


@pytest.mark.parametrize("name", [*PAGED, "BankTransfers"])
async def test_a_list_without_a_row_is_empty(visit: Visit, name: str) -> None:
    visitor = await visit(records=0)
    await visitor.link(scope=MORE)
    body = (await visitor.ask(name, page=1, pageSize=1000, order=f"{name.removesuffix('s')}ID ASC")).json()
    assert (body[name], body["Status"]) == ([], "OK")
    if name in PAGED and name != "ManualJournals":
        assert body["pagination"] == {"page": 1, "pageSize": 1000, "pageCount": 0, "itemCount": 0}
    assert (await visitor.ask(name)).json()[name] == []


async def test_lists_and_reports_are_closed_without_their_scopes(visit: Visit) -> None:
    narrow = await visit()
    await narrow.link()
    closed = ("BankTransactions", "BankTransfers", "ManualJournals", "Journals")
    for path in (*closed, "Reports/ProfitAndLoss", "Reports/BalanceSheet", "Reports/BankSummary"):
        answer = await narrow.ask(path)
        assert (answer.status_code, answer.json()["Detail"]) == (401, "AuthorizationUnsuccessful"), path
    assert (await narrow.ask("Reports/Nonsense")).status_code == 404


async def test_a_balance_sheet_balances_in_every_column(visitor: Any) -> None:
    found = figures(await report(visitor, "BalanceSheet", periods=11, timeframe="MONTH"))
    assert len(found["Net Assets"]) == 12
    assert any(found["Total Assets"])
    columns = zip(found["Total Assets"], found["Total Liabilities"], found["Total Equity"], strict=True)
    assert [assets - liabilities - equity for assets, liabilities, equity in columns] == [D(0)] * 12


async def test_the_results_of_months_are_what_equity_grows_by(visitor: Any) -> None:
    """The two reports are of the same books. Columns end on the same day of each month: on its last, here."""
    end = f"{datetime.now(UTC).year - 1}-12-31"
    months = figures(await report(visitor, "ProfitAndLoss", periods=5, timeframe="MONTH", toDate=end))
    sheet = figures(await report(visitor, "BalanceSheet", periods=6, timeframe="MONTH", date=end))
    equity = sheet["Total Equity"]
    assert months["Net Profit"] == [equity[n] - equity[n + 1] for n in range(6)]
    costs = months.get("Total Cost of Sales", [D(0)] * 6)
    assert months["Gross Profit"] == [
        sales - cost for sales, cost in zip(months["Total Income"], costs, strict=True)
    ]


async def test_a_bank_summary_closes_with_what_the_balance_sheet_has_at_the_bank(visitor: Any) -> None:
    opening, received, spent, closing = figures(await report(visitor, "BankSummary"))["Total"]
    assert opening + received - spent == closing
    assert figures(await report(visitor, "BalanceSheet"))["Total Bank"][0] == closing


async def test_quirk_30_leaves_out_values_of_nothing_and_adds_blanks(visitor: Any) -> None:
    plain = figures(await report(visitor, "ProfitAndLoss", periods=11, timeframe="MONTH"))
    await visitor.control("quirks", {"number": 30, "on": True})
    found = await report(visitor, "ProfitAndLoss", periods=11, timeframe="MONTH")
    assert found["Rows"][1]["Title"] == " Income"
    cells = [cell for row in found["Rows"][1]["Rows"] for cell in row["Cells"]]
    assert any("Value" not in cell for cell in cells)
    assert figures(found) == plain


@pytest.mark.parametrize("words", [{"periods": "many"}, {"toDate": "soon"}, {"periods": 13}])
async def test_a_report_that_is_asked_for_wrongly_is_refused(visitor: Any, words: dict[str, Any]) -> None:
    answer = await visitor.ask("Reports/ProfitAndLoss", **words)
    assert (answer.status_code, answer.json()["Type"]) == (400, "QueryParseException")


async def journals(visitor: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        offset = found[-1]["JournalNumber"] if found else 0
        rows = (await visitor.ask("Journals", offset=offset)).json()["Journals"]
        if not rows:
            return found
        assert len(rows) <= 100
        found += rows


async def test_quirk_6_closes_journals_whatever_the_scopes(visitor: Any) -> None:
    answer = await visitor.ask("Journals")
    assert (answer.status_code, answer.json()["Detail"]) == (401, "AuthorizationUnsuccessful")


async def test_journals_are_read_by_their_numbers_and_each_balances(visitor: Any) -> None:
    await off(visitor, 6)
    found = await journals(visitor)
    numbers = [row["JournalNumber"] for row in found]
    assert numbers == sorted(set(numbers))
    assert numbers[1] - numbers[0] > 1, "gaps are normal"
    assert len(found) > 40
    for row in found:
        assert sum(D(str(line["NetAmount"])) for line in row["JournalLines"]) == 0
    assert (await visitor.ask("Journals", offset="x")).status_code == 400


async def test_what_is_voided_is_taken_back_by_an_entry_of_the_same_source(visitor: Any) -> None:
    """Quirk 7: a posting is never changed and never taken out."""
    await off(visitor, 6)
    before = await journals(visitor)
    body = {"tenant": visitor.tenants[0], "entity": "payments", "delete": 1}
    (deleted,) = (await visitor.control("change", body))["deleted"]
    after = await journals(visitor)
    assert after[: len(before)] == before
    first, back = [row for row in after if row.get("SourceID") == deleted]
    amounts = [[line["NetAmount"] for line in row["JournalLines"]] for row in (first, back)]
    assert amounts[0] == [-amount for amount in amounts[1]]
    assert first["JournalID"] != back["JournalID"]
