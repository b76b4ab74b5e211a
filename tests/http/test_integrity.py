"""What the API tells of how lists agree, and that the contract's own SDK reads it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
from codat_lending.models import shared
from tests.http.conftest import NOW, PUBLIC_URL, House

from tallystick.store import ConnectionRow, comparisons
from tallystick.store.comparisons import Compared, ComparedRow, Comparison


def client(house: House) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=house.app())
    return httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL, headers=house.key)


def a_row(identity: str, ours: str, theirs: str) -> ComparedRow:
    return ComparedRow(
        id=identity,
        type="bankAccounts",
        name=f"Account {identity}",
        day="2026-02-28",
        ours=Decimal(ours),
        theirs=Decimal(theirs),
        agrees=ours == theirs,
    )


async def compared(house: House, row: ConnectionRow, **changes: Any) -> None:
    told: dict[str, Any] = {
        "message": "each account's balance, and what was posted to it",
        "currency": "GBP",
        "ours": Decimal("40.00"),
        "theirs": Decimal("35.50"),
        "matched": 1,
        "unmatched": 1,
        "matched_amount": Decimal("30.00"),
        "unmatched_amount": Decimal("10.00"),
        "last_day": "2026-02-28",
        "rows": [a_row("b2", "10.00", "5.50"), a_row("b1", "30.00", "30.00")],
    }
    comparison = Comparison(
        connection=row.number,
        data_type="bankAccounts",
        against="accountTransactions",
        computed_at=NOW - timedelta(hours=1),
        compared=Compared(**{**told, **changes}),
    )
    async with house.stores.client(house.client.id) as store:
        await store.write(comparisons.save, comparison, "1:1")


async def ask(
    house: House, row: ConnectionRow, what: str, data_type: str = "bankAccounts", **params: str
) -> Any:
    path = f"/data/companies/{row.company_id}/assess/dataTypes/{data_type}/dataIntegrity/{what}"
    async with client(house) as api:
        answer = await api.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer


async def test_the_status_says_what_was_compared_when_and_over_what(house: House) -> None:
    row = await house.linked()
    await compared(house, row)
    answer = await ask(house, row, "status")
    (told,) = answer.json()["metadata"]
    assert told["type"] == "accountTransactions"
    assert told["statusInfo"] == {
        "lastMatched": "2026-03-01T11:00:00Z",
        "currentStatus": "Complete",
        "statusMessage": "each account's balance, and what was posted to it",
    }
    assert told["connectionIds"] == {"source": [row.id], "target": [row.id]}
    assert told["amounts"] == {"min": 10.0, "max": 30.0, "currency": "GBP"}
    assert told["dates"]["maxDate"] == "2026-02-28T00:00:00"
    read = shared.DataIntegrityStatuses.from_json(answer.text)
    assert read is not None
    assert read.metadata is not None
    assert read.metadata[0].status_info.current_status == shared.IntegrityStatus.COMPLETE


async def test_the_summary_shows_the_difference_as_a_number(house: House) -> None:
    row = await house.linked()
    await compared(house, row)
    answer = await ask(house, row, "summaries")
    (told,) = answer.json()["summaries"]
    assert told["byCount"] == {"matchPercentage": 50.0, "unmatched": 1, "matched": 1, "total": 2}
    by_amount = told["byAmount"]
    assert (by_amount["matchPercentage"], by_amount["total"]) == (75.0, 40.0)
    assert (by_amount["source"], by_amount["target"], by_amount["difference"]) == (40.0, 35.5, 4.5)
    assert b'"difference":4.50' in answer.content, "exact decimals"
    read = shared.DataIntegritySummaries.from_json(answer.text)
    assert read is not None
    assert read.summaries is not None
    assert read.summaries[0].by_amount.unmatched == Decimal("10.00")


async def test_the_other_list_sees_the_same_comparison_from_its_own_side(house: House) -> None:
    row = await house.linked()
    await compared(house, row)
    (told,) = (await ask(house, row, "summaries", "accountTransactions")).json()["summaries"]
    assert told["type"] == "bankAccounts"
    assert (told["byAmount"]["source"], told["byAmount"]["difference"]) == (35.5, -4.5)


async def test_details_are_paged_and_what_does_not_agree_has_no_match(house: House) -> None:
    row = await house.linked()
    await compared(house, row)
    answer = await ask(house, row, "details", pageSize="1")
    page = answer.json()
    assert (page["totalResults"], page["pageSize"]) == (2, 1)
    (off,) = page["results"]
    assert (off["id"], off["amount"], off["otherAmount"], off["matches"]) == ("b2", 10.0, 5.5, [])
    assert "next" in page["_links"]
    (match,) = (await ask(house, row, "details", query="id=b1")).json()["results"][0]["matches"]
    assert (match["type"], match["amount"]) == ("accountTransactions", "30.00")
    read = shared.DataIntegrityDetails.from_json(answer.text)
    assert read is not None
    assert read.results is not None
    assert read.results[0].amount == Decimal("10.00")


async def test_what_was_never_compared_is_said_and_no_error(house: House) -> None:
    row = await house.linked()
    (told,) = (await ask(house, row, "status", "invoices")).json()["metadata"]
    assert told["statusInfo"]["currentStatus"] == "DoesNotExist"
    assert (await ask(house, row, "summaries", "invoices")).json() == {"summaries": []}
    async with client(house) as api:
        path = f"/data/companies/{row.company_id}/assess/dataTypes/banking-accounts/dataIntegrity/status"
        assert (await api.get(path)).status_code == 404
