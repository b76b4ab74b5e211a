"""The books, as the API's clients read them."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import httpx
import pytest
from tests.http.conftest import House, an_account, an_invoice

from tallystick.standard import BankAccount, CompanyInfo, Metadata, encode


async def test_a_page_is_made_of_the_very_bytes_that_were_stored(
    house: House, api: httpx.AsyncClient
) -> None:
    row = await house.linked()
    invoices = [an_invoice(f"i-{n}", total=f"{n}.10") for n in range(1, 4)]
    await house.put(row, invoices)
    answer = await api.get(f"/companies/{row.company_id}/data/invoices", params={"pageSize": 2})
    assert answer.headers["content-type"] == "application/json"
    stored = encode(invoices[0])[:-1] + b',"modifiedDate":"2026-03-01T12:00:00.000000Z"}'
    assert stored in answer.content
    assert b'"totalAmount":1.10' in answer.content, "digits and scale are kept"
    page = answer.json()
    assert [record["id"] for record in page["results"]] == ["i-1", "i-2"]
    assert page["totalResults"] == 3
    assert page["_links"]["next"]["href"].startswith(f"/companies/{row.company_id}/data/invoices?page=2")


async def test_one_record_is_read_by_the_providers_id(house: House, api: httpx.AsyncClient) -> None:
    row = await house.linked()
    await house.put(row, [an_invoice("i-1"), an_invoice("https://provider.example/i/2")])
    path = f"/companies/{row.company_id}/data/invoices"
    assert (await api.get(f"{path}/i-1")).json()["id"] == "i-1"
    odd = await api.get(f"{path}/https%3A%2F%2Fprovider.example%2Fi%2F2")
    assert odd.json()["id"] == "https://provider.example/i/2"
    missing = await api.get(f"{path}/i-9")
    assert missing.status_code == 404
    assert missing.json()["error"] == "No data available for invoices for ID i-9"


async def test_accounts_are_read_under_either_word(house: House, api: httpx.AsyncClient) -> None:
    row = await house.linked()
    await house.put(row, [an_account("a-1")])
    for word in ("accounts", "chartOfAccounts"):
        page = (await api.get(f"/companies/{row.company_id}/data/{word}")).json()
        assert [record["name"] for record in page["results"]] == ["Accounts Receivable"]
        assert (await api.get(f"/companies/{row.company_id}/data/{word}/a-1")).json()["nominalCode"] == "610"


async def test_what_was_never_read_to_the_end_is_a_conflict(house: House, api: httpx.AsyncClient) -> None:
    row = await house.linked()
    path = f"/companies/{row.company_id}/data/invoices"
    for _ in range(2):
        for where in (path, f"{path}/i-1", f"/companies/{row.company_id}/data/info"):
            refused = await api.get(where)
            assert refused.status_code == 409
            assert refused.json()["error"] == "The data set has not been requested."
        await house.dataset(row, "invoices", "Fetching")
    await house.dataset(row, "invoices", "Complete")
    assert (await api.get(path)).json()["results"] == []


async def test_a_failed_refresh_leaves_what_was_read_before_readable(
    house: House, api: httpx.AsyncClient
) -> None:
    row = await house.linked()
    await house.put(row, [an_invoice("i-1")])
    await house.dataset(row, "invoices", "FetchError")
    assert (await api.get(f"/companies/{row.company_id}/data/invoices")).json()["totalResults"] == 1


@pytest.mark.parametrize("word", ["itemReceipts", "paymentMethods", "salesOrders"])
async def test_a_data_type_of_the_contract_that_the_platform_lacks_is_named(
    house: House, api: httpx.AsyncClient, word: str
) -> None:
    row = await house.linked()
    refused = await api.get(f"/companies/{row.company_id}/data/{word}")
    assert refused.status_code == 404
    assert refused.json()["error"] == f"Datatype [{word}] not supported by platform(s) [Xero]"


async def test_bank_accounts_are_read_below_their_connection_only(
    house: House, api: httpx.AsyncClient
) -> None:
    row = await house.linked()
    account = BankAccount(id="b-1", accountType="Debit", status="Active", metadata=Metadata())
    await house.put(row, [account])
    path = f"/companies/{row.company_id}/connections/{row.id}/data/bankAccounts"
    assert (await api.get(path)).json()["totalResults"] == 1
    assert (await api.get(f"{path}/b-1")).json()["id"] == "b-1"
    assert (await api.get(f"/companies/{row.company_id}/data/bankAccounts")).status_code == 404
    await house.put(row, [an_invoice("i-1")])
    invoices = f"/companies/{row.company_id}/connections/{row.id}/data/invoices"
    assert (await api.get(invoices)).status_code == 404


async def test_a_connections_list_has_its_own_records_only(house: House, api: httpx.AsyncClient) -> None:
    company = await house.company()
    first, second = await house.linked(company), await house.linked(company)
    for row, name in ((first, "b-1"), (second, "b-2")):
        account = BankAccount(id=name, accountType="Debit", status="Active", metadata=Metadata())
        await house.put(row, [account])
        page = (await api.get(f"/companies/{company.id}/connections/{row.id}/data/bankAccounts")).json()
        assert [record["id"] for record in page["results"]] == [name]


async def test_the_companys_particulars_are_one_record(house: House, api: httpx.AsyncClient) -> None:
    row = await house.linked()
    await house.put(row, [CompanyInfo(companyName="Amber Kitchens", baseCurrency="GBP")])
    info = (await api.get(f"/companies/{row.company_id}/data/info")).json()
    assert (info["companyName"], info["baseCurrency"]) == ("Amber Kitchens", "GBP")


async def test_records_are_found_by_any_single_property(house: House, api: httpx.AsyncClient) -> None:
    row = await house.linked()
    changed = datetime(2026, 2, 1, 8, 0, 0, 500_000, tzinfo=UTC)
    await house.put(
        row,
        [
            an_invoice("cheap", total="0.10", currency="GBP", status="Paid", amountDue=Decimal(0)),
            an_invoice("dear", total="1000000000000000000.01", currency="EUR", sourceModifiedDate=changed),
            an_invoice("refund", total="-12.50", note="Été", deleted=True),
        ],
    )

    async def found(query: str, **params: str) -> list[str]:
        answer = await api.get(
            f"/companies/{row.company_id}/data/invoices", params={"query": query, **params}
        )
        assert answer.status_code == 200, answer.text
        return [record["id"] for record in answer.json()["results"]]

    assert await found("totalAmount=0.1") == ["cheap"]
    assert await found("totalAmount>1000000000000000000") == ["dear"]
    assert await found("totalAmount>=1000000000000000000.01 && totalAmount<1000000000000000000.02") == [
        "dear"
    ]
    assert await found("totalAmount<0") == ["refund"]
    assert await found("{totalAmount > 100 || totalAmount < -12.4} && status != paid") == ["dear", "refund"]
    assert await found("status=PAID") == ["cheap"]
    assert await found("currency!=GBP") == ["dear", "refund"]
    assert await found("customerRef.companyName~ERY&&amountDue=0") == ["cheap"]
    assert await found("metadata.isDeleted!=true") == ["cheap", "dear"]
    assert await found("metadata.isDeleted=true") == ["refund"]
    assert await found("note=Été") == ["refund"]
    assert await found("issueDate<=2026-01-01") == ["cheap", "dear", "refund"]
    assert await found("issueDate>2026-01-01T00:00:00Z") == []
    assert await found("dueDate>2020-01-01") == []
    assert await found("dueDate!=2020-01-01") == ["cheap", "dear", "refund"]
    assert await found("sourceModifiedDate>=2026-02-01T08:00:00.5Z") == ["dear"]
    assert await found("sourceModifiedDate>2026-02-01T09:00:00.4999999+01:00") == ["dear"]
    assert await found("sourceModifiedDate>2026-02-01T08:00:00.5Z") == []
    assert await found("modifiedDate>=2026-03-01T12:00:00Z", orderBy="-id") == ["refund", "dear", "cheap"]
    assert await found("modifiedDate>2026-03-01T12:00:00Z") == []


@pytest.mark.parametrize(
    ("query", "told"),
    [
        (
            "lineItems.quantity>1",
            "Error parsing query - Could not resolve property lineItems.quantity on Invoice",
        ),
        ("customerRef=1", "Error parsing query - Could not resolve property customerRef on Invoice"),
        ("totalAmount~1", "Error parsing query - Malformed query. totalAmount is a number"),
        ("totalAmount=1e3", "Error parsing query - Malformed query. totalAmount takes a number"),
        ("metadata.isDeleted=maybe", "Error parsing query - Malformed query. metadata.isDeleted takes true"),
        ("modifiedDate>2026-13-01", "Error parsing query - Malformed query. modifiedDate takes a date"),
        ("modifiedDate>0001-01-01T00:00:00+23:59", "Error parsing query - Malformed query. Expected a time"),
    ],
    ids=lambda text: text[:24],
)
async def test_a_query_on_what_records_do_not_have_is_refused(
    house: House, api: httpx.AsyncClient, query: str, told: str
) -> None:
    row = await house.linked()
    await house.put(row, [an_invoice("i-1")])
    refused = await api.get(f"/companies/{row.company_id}/data/invoices", params={"query": query})
    assert refused.status_code == 400, refused.text
    assert refused.json()["error"].startswith(told)


async def test_an_sdk_that_names_a_content_type_on_a_get_is_answered(
    house: House, api: httpx.AsyncClient
) -> None:
    row = await house.linked()
    await house.put(row, [an_invoice("i-1")])
    headers = {"content-type": "application/octet-stream"}
    answer = await api.get(f"/companies/{row.company_id}/data/invoices", headers=headers)
    assert answer.status_code == 200


async def test_a_head_is_answered_like_a_get_without_its_body(house: House, api: httpx.AsyncClient) -> None:
    row = await house.linked()
    await house.put(row, [an_invoice("i-1")])
    path = f"/companies/{row.company_id}/data/invoices"
    head, get = await api.head(path), await api.get(path)
    assert head.status_code == 200
    assert head.headers["content-length"] == get.headers["content-length"]
    assert json.loads(get.content)


async def test_a_type_that_was_read_to_its_end_with_a_record_left_out_is_readable(
    house: House, api: httpx.AsyncClient
) -> None:
    """One odd record must not hide all the others."""
    row = await house.linked()
    await house.dataset(row, "bills", "MapError")
    assert (await api.get(f"/companies/{row.company_id}/data/bills")).json()["totalResults"] == 0
    await house.dataset(row, "invoices", "FetchError")
    assert (await api.get(f"/companies/{row.company_id}/data/invoices")).status_code == 409


async def test_pages_of_a_list_link_to_each_other_and_hold_it_once(
    house: House, api: httpx.AsyncClient
) -> None:
    row = await house.linked()
    await house.put(row, [an_invoice(f"i-{n:02}") for n in range(25)])
    path: str | None = f"/companies/{row.company_id}/data/invoices?pageSize=10"
    seen, numbers = list[str](), list[int]()
    while path is not None:
        page = (await api.get(path)).json()
        assert page["totalResults"] == 25
        seen += [record["id"] for record in page["results"]]
        numbers.append(page["pageNumber"])
        path = page["_links"].get("next", {}).get("href")
    assert seen == [f"i-{n:02}" for n in range(25)]
    assert numbers == [1, 2, 3]
    last = (await api.get(f"/companies/{row.company_id}/data/invoices?pageSize=10&page=4")).json()
    assert (last["results"], last["totalResults"]) == ([], 25)
    assert "previous" in last["_links"]


async def test_a_filtered_list_tells_what_a_sync_has_changed_since(
    house: House, api: httpx.AsyncClient
) -> None:
    """What a filter found is kept between pages; a change of the list makes it look again."""
    row = await house.linked()
    await house.put(row, [an_invoice(f"i-{n}", total=f"{n}.00") for n in range(6)])
    path = f"/companies/{row.company_id}/data/invoices"

    async def found(page: int) -> tuple[int, list[str]]:
        params = {"query": "totalAmount>1.5", "pageSize": 3, "page": page}
        answer = (await api.get(path, params=params)).json()
        return answer["totalResults"], [record["id"] for record in answer["results"]]

    assert [await found(1), await found(2)] == [(4, ["i-2", "i-3", "i-4"]), (4, ["i-5"])]
    await house.put(row, [an_invoice("i-2", total="0.50"), an_invoice("i-0", total="7.00")])
    assert [await found(1), await found(2)] == [(4, ["i-0", "i-3", "i-4"]), (4, ["i-5"])]
    await house.put(row, [an_invoice("i-9", total="9.00")])
    assert await found(2) == (5, ["i-5", "i-9"])


async def test_deleted_records_are_listed_and_counted(house: House, api: httpx.AsyncClient) -> None:
    row = await house.linked()
    await house.put(row, [an_invoice("i-1"), an_invoice("i-2", deleted=True)])
    page = (await api.get(f"/companies/{row.company_id}/data/invoices")).json()
    assert page["totalResults"] == 2
    assert [record["metadata"]["isDeleted"] for record in page["results"]] == [False, True]
