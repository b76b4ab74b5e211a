"""What the API tells of doubts: of a dataset, and of one record."""

import uuid
from typing import Any

import httpx
from tests.http.conftest import PUBLIC_URL, House, an_invoice

from tallystick.store import ConnectionRow, Dataset, StoredIssue, issues


def client(house: House) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=house.app())
    return httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL, headers=house.key)


def a_doubt(record_id: str | None = "a", **changes: Any) -> StoredIssue:
    told = {
        "severity": "warning",
        "path": "$.totalAmount",
        "message": "they differ by 1",
        "data_type": "invoices",
        "record_id": record_id,
        "rule_id": "accounting-invoice-010",
    }
    return StoredIssue(**{**told, **changes})


async def doubted(house: House, row: ConnectionRow, dataset: Dataset, *found: StoredIssue) -> None:
    async with house.stores.client(house.client.id) as store:
        await store.write(
            lambda c: issues.save(c, number=row.number, dataset_id=dataset.id, page=None, found=found)
        )


async def test_a_dataset_s_doubts_are_told_in_the_contract_s_shape(house: House) -> None:
    row = await house.linked()
    dataset = await house.dataset(row, "invoices")
    refused = a_doubt("b", severity="rejected", rule_id=None, path="$.Total", message="missing")
    named = a_doubt(
        "c", path="$", message="it is not there", rule_id="accounting-invoice-100", other="customers/9"
    )
    await doubted(house, row, dataset, a_doubt(), refused, named)
    async with client(house) as api:
        answer = await api.get(f"/companies/{row.company_id}/sync/{dataset.id}/validation")
    assert answer.status_code == 200
    assert answer.json() == {
        "errors": [
            {
                "ruleId": "accounting-invoice-rejected",
                "itemId": "b",
                "message": "$.Total: missing",
                "validatorName": "mapping",
            }
        ],
        "warnings": [
            {
                "ruleId": "accounting-invoice-010",
                "itemId": "a",
                "message": "$.totalAmount: they differ by 1",
                "validatorName": "rules",
            },
            {
                "ruleId": "accounting-invoice-100",
                "itemId": "c",
                "message": "$: it is not there: customers/9",
                "validatorName": "rules",
            },
        ],
        "summary": [
            {"ruleId": "accounting-invoice-rejected", "found": 1, "listed": 1},
            {"ruleId": "accounting-invoice-010", "found": 1, "listed": 1},
            {"ruleId": "accounting-invoice-100", "found": 1, "listed": 1},
        ],
    }


async def test_what_is_only_counted_is_said(house: House) -> None:
    row = await house.linked()
    dataset = await house.dataset(row, "invoices")
    await doubted(house, row, dataset, *(a_doubt(f"i{n}") for n in range(207)))
    async with client(house) as api:
        told = (await api.get(f"/companies/{row.company_id}/sync/{dataset.id}/validation")).json()
    assert len(told["warnings"]) == 201
    assert told["warnings"][-1] == {
        "ruleId": "accounting-invoice-010",
        "itemId": None,
        "message": "7 more were counted and are not listed: of each rule 200 are",
        "validatorName": "summary",
    }
    assert told["summary"] == [{"ruleId": "accounting-invoice-010", "found": 207, "listed": 200}]


async def test_a_record_s_own_doubts_are_told_and_one_that_is_well_has_none(house: House) -> None:
    row = await house.linked()
    await house.put(row, [an_invoice("a"), an_invoice("b/2")])
    dataset = await house.dataset(row, "invoices")
    await doubted(house, row, dataset, a_doubt(), a_doubt("refused", severity="rejected"))
    path = f"/companies/{row.company_id}/data/invoices"
    async with client(house) as api:
        found = (await api.get(f"{path}/a/validation")).json()
        well = (await api.get(f"{path}/b/2/validation")).json()
        refused = (await api.get(f"{path}/refused/validation")).json()
        missing = await api.get(f"{path}/zzz/validation")
        record = await api.get(f"{path}/a")
    assert [each["ruleId"] for each in found["warnings"]] == ["accounting-invoice-010"]
    assert well == {"errors": [], "warnings": []}
    assert len(refused["errors"]) == 1
    assert missing.status_code == 404
    assert record.json()["id"] == "a"


async def test_another_company_s_doubts_are_not_told(house: House) -> None:
    row, other = await house.linked(), await house.linked()
    dataset = await house.dataset(row, "invoices")
    await doubted(house, row, dataset, a_doubt())
    async with client(house) as api:
        for path in (
            f"/companies/{other.company_id}/sync/{dataset.id}/validation",
            f"/companies/{other.company_id}/data/invoices/a/validation",
            f"/companies/{uuid.uuid4()}/sync/{dataset.id}/validation",
        ):
            assert (await api.get(path)).status_code == 404
