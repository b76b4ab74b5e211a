"""What a bank account's statements say, below the account."""

from decimal import Decimal

import httpx
from tests.http.conftest import House

from tallystick.standard import BankAccount, BankTransaction, CalendarDate, Metadata
from tallystick.store import ConnectionRow


def a_line(identity: str, account: str, amount: str, day: int = 1) -> BankTransaction:
    return BankTransaction(
        id=identity,
        accountId=account,
        clearedOnDate=CalendarDate(f"2026-02-{day:02d}T00:00:00"),
        amount=Decimal(amount),
        transactionType="Other",
        metadata=Metadata(),
    )


def an_account(identity: str) -> BankAccount:
    return BankAccount(id=identity, accountType="Debit", status="Active", metadata=Metadata())


def at(row: ConnectionRow, account: str) -> str:
    base = f"/companies/{row.company_id}/connections/{row.id}/data/bankAccounts"
    return f"{base}/{account}/bankTransactions"


async def test_an_accounts_transactions_are_its_own_page_by_page(
    house: House, api: httpx.AsyncClient
) -> None:
    row = await house.linked()
    await house.put(row, [an_account("a/1"), an_account("A/1")])
    lines = [a_line(f"t-{n}", "a/1", f"{n}.10", day=9 - n) for n in range(1, 6)]
    await house.put(row, [*lines, a_line("t-9", "A/1", "9.90")])
    page = (await api.get(at(row, "a%2F1"), params={"pageSize": 2, "page": 2})).json()
    assert [line["id"] for line in page["results"]] == ["t-3", "t-4"]
    assert page["totalResults"] == 5
    assert "page=3" in page["_links"]["next"]["href"]
    assert [line["amount"] for line in (await api.get(at(row, "A%2F1"))).json()["results"]] == [9.9]


async def test_they_are_filtered_and_ordered_as_other_lists_are(house: House, api: httpx.AsyncClient) -> None:
    row = await house.linked()
    await house.put(row, [a_line(f"t-{n}", "a-1", f"{n}.10") for n in range(1, 6)])
    await house.put(row, [a_line("t-9", "a-2", "9.90")])
    asked = {"query": "amount>2||amount<1", "orderBy": "-id"}
    page = (await api.get(at(row, "a-1"), params=asked)).json()
    assert [line["id"] for line in page["results"]] == ["t-5", "t-4", "t-3", "t-2"]
    refused = await api.get(at(row, "a-1"), params={"query": "nothing=1"})
    assert refused.status_code == 400
    assert refused.json()["error"].endswith("Could not resolve property nothing on BankTransaction")


async def test_an_account_without_transactions_is_an_empty_page_and_none_is_not_found(
    house: House, api: httpx.AsyncClient
) -> None:
    row = await house.linked()
    assert (await api.get(at(row, "a-1"))).status_code == 409
    await house.put(row, [an_account("a-1"), a_line("t-1", "a-2", "1")])
    empty = (await api.get(at(row, "a-1"))).json()
    assert (empty["results"], empty["totalResults"]) == ([], 0)
    missing = await api.get(at(row, "a-9"))
    assert missing.status_code == 404
    assert missing.json()["error"] == "No data available for bankAccounts for ID a-9"


async def test_the_account_itself_is_read_as_before(house: House, api: httpx.AsyncClient) -> None:
    row = await house.linked()
    await house.put(row, [an_account("a-1"), a_line("t-1", "a-1", "1")])
    path = at(row, "a-1").removesuffix("/bankTransactions")
    assert (await api.get(path)).json()["id"] == "a-1"


async def test_another_connections_account_is_not_there(house: House, api: httpx.AsyncClient) -> None:
    company = await house.company()
    first, second = await house.linked(company), await house.linked(company)
    await house.put(first, [an_account("a-1"), a_line("t-1", "a-1", "1")])
    assert (await api.get(at(first, "a-1"))).json()["totalResults"] == 1
    assert (await api.get(at(second, "a-1"))).status_code == 404
