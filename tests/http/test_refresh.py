"""Datasets, as the API's clients ask for them and see them."""

import httpx
import trio
from tests.http.conftest import House
from trio.testing import wait_all_tasks_blocked

from tallystick.store import StoredIssue, issues


async def until_complete(api: httpx.AsyncClient, company_id: str) -> dict[str, dict[str, str]]:
    with trio.fail_after(10):
        while True:
            status: dict[str, dict[str, str]] = (await api.get(f"/companies/{company_id}/dataStatus")).json()
            if status and all(entry["currentStatus"] == "Complete" for entry in status.values()):
                await wait_all_tasks_blocked(0.05)  # the actor hears of the end a moment after the store
                return status
            await trio.sleep(0.01)


async def linked(house: House, api: httpx.AsyncClient) -> tuple[str, str]:
    """Company and connection at the end of a real consent, first sync done."""
    company = await house.company()
    made = (await api.post(f"/companies/{company.id}/connections", json={"platformKey": "gbol"})).json()
    where = httpx.URL(await house.engine.begin_link(made["id"]))
    await house.engine.finish_link("xero", {"state": where.params["state"], "code": "c"})
    await until_complete(api, company.id)
    return company.id, made["id"]


async def test_everything_that_the_platform_has_is_refreshed_and_shows_its_status(
    house: House, api: httpx.AsyncClient
) -> None:
    company_id, connection_id = await linked(house, api)
    asked = await api.post(f"/companies/{company_id}/data/all")
    assert (asked.status_code, asked.content) == (204, b"")
    status = await until_complete(api, company_id)
    assert set(status) == set(house.provider.manifest.data_types)
    entry = status["chartOfAccounts"]
    assert entry["dataType"] == "chartOfAccounts"
    assert entry["latestSyncId"] == entry["latestSuccessfulSyncId"]
    assert entry["lastSuccessfulSync"] == "2026-03-01T12:00:00Z"
    history = (await api.get(f"/companies/{company_id}/data/history", params={"pageSize": 500})).json()
    assert history["totalResults"] == 2 * len(status)
    assert {operation["connectionId"] for operation in history["results"]} == {connection_id}


async def test_one_data_type_is_queued_under_either_of_its_words(
    house: House, api: httpx.AsyncClient
) -> None:
    company_id, connection_id = await linked(house, api)
    for word in ("accounts", "chartOfAccounts"):
        path = f"/companies/{company_id}/data/queue/{word}"
        queued = await api.post(path, params={"connectionId": connection_id})
        assert queued.status_code == 200
        operation = queued.json()
        assert operation["dataType"] == "chartOfAccounts"
        assert operation["status"] == "Queued"
        assert (operation["isCompleted"], operation["isErrored"]) == (False, False)
        assert "completed" not in operation
        await until_complete(api, company_id)
        seen = (await api.get(f"/companies/{company_id}/data/history/{operation['id']}")).json()
        assert (seen["status"], seen["isCompleted"], seen["progress"]) == ("Complete", True, 100)
        assert seen["completed"]


async def test_a_type_in_progress_is_not_queued_again_and_refreshing_all_leaves_it_alone(
    house: House, api: httpx.AsyncClient
) -> None:
    company_id, _connection_id = await linked(house, api)
    held = trio.Event()
    house.provider.client.hold_before["Items:1"] = held
    queued = (await api.post(f"/companies/{company_id}/data/queue/items")).json()
    again = await api.post(f"/companies/{company_id}/data/queue/items")
    assert again.status_code == 400
    assert again.json()["error"] == (
        f"DatasetAlreadyInProgressException: Cannot queue items sync for {company_id} as previous sync "
        f"{queued['id']} is still in progress"
    )
    assert (await api.post(f"/companies/{company_id}/data/all")).status_code == 204
    held.set()
    await until_complete(api, company_id)
    history = (
        await api.get(f"/companies/{company_id}/data/history", params={"query": "dataType=items"})
    ).json()
    assert history["totalResults"] == 2, "the first sync's, and the one that was queued"


async def test_nothing_is_queued_without_a_linked_connection(house: House, api: httpx.AsyncClient) -> None:
    company = await house.company()
    for path in ("data/all", "data/queue/invoices", "data/info"):
        refused = await api.post(f"/companies/{company.id}/{path}")
        assert refused.status_code == 400, path
    assert (await api.get(f"/companies/{company.id}/dataStatus")).json() == {}


async def test_a_type_that_the_platform_lacks_is_refused_in_the_contracts_words(
    house: House, api: httpx.AsyncClient
) -> None:
    row = await house.linked()
    for word in ("salesOrders", "commerce-orders", "itemReceipts"):
        refused = await api.post(f"/companies/{row.company_id}/data/queue/{word}")
        assert refused.status_code == 404
    assert (await api.post(f"/companies/{row.company_id}/data/queue/salesOrders")).json()["error"] == (
        "Datatype [salesOrders] not supported by platform(s) [Xero]"
    )
    unknown = await api.post(
        f"/companies/{row.company_id}/data/queue/items", params={"connectionId": "nobody"}
    )
    assert (unknown.status_code, unknown.json()["error"]) == (404, "Data connection nobody not found")


async def test_history_is_newest_first_and_can_be_filtered(house: House, api: httpx.AsyncClient) -> None:
    row = await house.linked()
    first = await house.dataset(row, "invoices")
    house.clock.now = house.clock.now.replace(hour=13)
    second = await house.dataset(row, "bills", "FetchError")

    async def found(**params: str) -> list[str]:
        answer = await api.get(f"/companies/{row.company_id}/data/history", params=params)
        assert answer.status_code == 200, answer.text
        return [operation["id"] for operation in answer.json()["results"]]

    assert await found() == [second.id, first.id]
    assert await found(orderBy="requested") == [first.id, second.id]
    assert await found(query="status!=Complete&&status!=NotSupported") == [second.id]
    assert await found(query="requested>2026-03-01T12:30:00Z") == [second.id]
    assert await found(query=f"connectionId={row.id}", orderBy="-dataType") == [first.id, second.id]
    seen = (await api.get(f"/companies/{row.company_id}/data/history/{second.id}")).json()
    assert (seen["isErrored"], seen["isCompleted"]) == (True, False)


async def test_the_doubts_of_a_dataset_are_told_as_errors_and_warnings(
    house: House, api: httpx.AsyncClient
) -> None:
    row = await house.linked()
    dataset = await house.dataset(row, "invoices")
    told = [
        StoredIssue(
            severity="warning", path="$.Lines[0]", message="odd", data_type="invoices", record_id="i-1"
        ),
        StoredIssue(severity="rejected", path="$.Total", message="no number", data_type=None, record_id=None),
    ]
    async with house.stores.client(house.client.id) as store:
        await store.write(
            lambda connection: issues.save(
                connection, number=row.number, dataset_id=dataset.id, page=None, found=told
            )
        )
    result = (await api.get(f"/companies/{row.company_id}/sync/{dataset.id}/validation")).json()
    assert [(i["itemId"], i["message"]) for i in result["warnings"]] == [("i-1", "$.Lines[0]: odd")]
    assert [(i["itemId"], i["message"]) for i in result["errors"]] == [(None, "$.Total: no number")]
    assert result["warnings"][0]["ruleId"] == "accounting-invoice-warning"


async def test_a_dataset_is_not_found_under_another_company(house: House, api: httpx.AsyncClient) -> None:
    dataset = await house.dataset(await house.linked(), "invoices")
    other = await house.company()
    for path in (f"data/history/{dataset.id}", f"sync/{dataset.id}/validation"):
        assert (await api.get(f"/companies/{other.id}/{path}")).status_code == 404
