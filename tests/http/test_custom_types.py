"""Custom data types through the API's door."""

from typing import Any

import httpx
import pytest
import trio
from tests.engine.own_lists import ScriptedLists
from tests.http.conftest import House, basic

from tallystick.connectors import Tokens
from tallystick.engine.grant import stored_tokens
from tallystick.store import ConnectionRow, grants

CONFIG = {
    "dataSource": "/Rates",
    "requiredData": {"name": "$.Name", "rate": "$.Rate"},
    "keyBy": ["$.Id"],
    "sourceModifiedDate": ["$.At"],
}
TYPES = "/integrations/gbol/dataTypes/custom"


@pytest.fixture
async def house(house: House) -> House:
    house.provider.lists = ScriptedLists(
        pages_of={"/Rates": [['{"Id":1,"Name":"Standard","Rate":20.00}'], ['{"Id":2,"Rate":0.5}']]}
    )
    return house


@pytest.fixture
async def row(house: House) -> ConnectionRow:
    linked = await house.linked(grant_id="g-1", tenant_id="amber")
    tokens = Tokens(access="access-0", refresh="r", expires_at=house.clock.now.replace(year=2030))
    async with house.stores.client(house.client.id) as store:
        await store.write(
            grants.save,
            store.vault,
            grant_id="g-1",
            provider="xero",
            tokens=stored_tokens(tokens, version=1),
            now=house.clock.now,
        )
    return linked


def data(row: ConnectionRow, what: str = "custom/rates") -> str:
    return f"/companies/{row.company_id}/connections/{row.id}/data/{what}"


async def history(api: httpx.AsyncClient, row: ConnectionRow) -> list[dict[str, Any]]:
    """The datasets of custom data types, once none of them is under way."""
    with trio.fail_after(10):
        while True:
            params = {"query": "dataType=custom/rates"}
            answer = (await api.get(f"/companies/{row.company_id}/data/history", params=params)).json()
            found: list[dict[str, Any]] = answer["results"]
            if found and all(each["isCompleted"] or each["isErrored"] for each in found):
                return found
            await trio.sleep(0.01)


async def test_a_list_of_the_providers_is_configured_queued_and_read(
    api: httpx.AsyncClient, row: ConnectionRow
) -> None:
    made = await api.put(f"{TYPES}/rates", json=CONFIG)
    assert (made.status_code, made.json()) == (200, CONFIG)
    assert (await api.get(f"{TYPES}/rates")).json() == CONFIG
    queued = await api.post(data(row, "queue/custom/rates"))
    assert (queued.status_code, queued.json()["dataType"]) == (200, "custom/rates")
    assert [each["status"] for each in await history(api, row)] == ["Complete"]
    listed = (await api.get(data(row))).json()
    assert (listed["totalResults"], listed["pageNumber"]) == (2, 1)
    assert [each["id"] for each in listed["results"]] == ["1", "2"]
    assert listed["results"][1]["content"] == {"name": None, "rate": 0.5}
    assert listed["results"][0]["modifiedDate"]["modifiedDate"].startswith("2026-03-01T")
    second = await api.get(data(row), params={"page": 2, "pageSize": 1})
    assert [each["id"] for each in second.json()["results"]] == ["2"]
    assert b'"rate":20.00' in (await api.get(data(row))).content


async def test_it_is_no_part_of_all_data(api: httpx.AsyncClient, house: House, row: ConnectionRow) -> None:
    await api.put(f"{TYPES}/rates", json=CONFIG)
    assert (await api.post(f"/companies/{row.company_id}/data/all")).status_code == 204
    with trio.fail_after(10):
        while not house.provider.client.asked:
            await trio.sleep(0.01)
    assert house.provider.lists.asked == []


async def test_it_cannot_be_asked_for_in_a_query(api: httpx.AsyncClient, row: ConnectionRow) -> None:
    await api.put(f"{TYPES}/rates", json=CONFIG)
    refused = await api.get(data(row), params={"query": "content.name=Standard"})
    assert refused.status_code == 400
    told = "Error parsing query - Could not resolve property content.name on CustomDataTypeRecord"
    assert refused.json()["error"].startswith(told)


async def test_what_was_never_read_is_not_an_empty_list(api: httpx.AsyncClient, row: ConnectionRow) -> None:
    await api.put(f"{TYPES}/rates", json=CONFIG)
    refused = await api.get(data(row))
    assert refused.status_code == 404
    assert "queue it first" in refused.json()["error"]


async def test_a_second_one_at_once_is_refused_with_the_first_ones_id(
    api: httpx.AsyncClient, house: House, row: ConnectionRow
) -> None:
    await api.put(f"{TYPES}/rates", json=CONFIG)
    held = house.provider.lists.hold_before["/Rates:1"] = trio.Event()
    first = (await api.post(data(row, "queue/custom/rates"))).json()
    refused = await api.post(data(row, "queue/custom/rates"))
    assert refused.status_code == 400
    assert first["id"] in refused.json()["error"]
    held.set()
    await history(api, row)


async def test_the_case_of_the_path_does_not_matter_but_the_identifiers_does(api: httpx.AsyncClient) -> None:
    await api.put("/integrations/gbol/datatypes/Custom/rates", json=CONFIG)
    assert (await api.get(f"{TYPES}/rates")).status_code == 200
    assert (await api.get(f"{TYPES}/Rates")).status_code == 404


async def test_clients_do_not_see_each_other(house: House, api: httpx.AsyncClient) -> None:
    await api.put(f"{TYPES}/rates", json=CONFIG)
    other = await house.access.create_client("Other")
    assert (await api.get(f"{TYPES}/rates", headers=basic(other.api_key))).status_code == 404


@pytest.mark.parametrize(
    ("method", "where"),
    [
        ("GET", f"{TYPES}/unheard"),
        ("GET", "/integrations/nope/dataTypes/custom/rates"),
        ("PUT", "/integrations/nope/dataTypes/custom/rates"),
    ],
)
async def test_what_is_not_there_is_404(api: httpx.AsyncClient, method: str, where: str) -> None:
    assert (await api.request(method, where, json=CONFIG)).status_code == 404


async def test_records_and_queue_of_what_is_not_there_are_404(
    api: httpx.AsyncClient, row: ConnectionRow
) -> None:
    assert (await api.get(data(row))).status_code == 404
    assert (await api.post(data(row, "queue/custom/rates"))).status_code == 404
    await api.put(f"{TYPES}/rates", json=CONFIG)
    elsewhere = data(row).replace(row.id, row.company_id)
    assert (await api.get(elsewhere)).status_code == 404


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"dataSource": "https://evil.example/Rates"}, "dataSource"),
        ({"dataSource": "../Rates"}, "dataSource"),
        ({"dataSource": ...}, "dataSource"),
        ({"keyBy": []}, "keyBy"),
        ({"keyBy": ["$.a[b]"]}, "keyBy[0]"),
        ({"requiredData": {"x": "a..b"}}, "requiredData.x"),
        ({"sourceModifiedDate": ["$"]}, "sourceModifiedDate[0]"),
    ],
)
async def test_a_refusal_names_the_field(api: httpx.AsyncClient, changes: dict[str, Any], field: str) -> None:
    body = {name: value for name, value in (CONFIG | changes).items() if value is not ...}
    refused = await api.put(f"{TYPES}/rates", json=body)
    assert refused.status_code == 400
    assert field in [item["itemId"] for item in refused.json()["validation"]["errors"]]
    assert (await api.get(f"{TYPES}/rates")).status_code == 404


@pytest.mark.parametrize("identifier", ["-a", "a b", "a.b", "x" * 65])
async def test_an_identifier_is_a_plain_word(api: httpx.AsyncClient, identifier: str) -> None:
    refused = await api.put(f"{TYPES}/{identifier}", json=CONFIG)
    assert refused.status_code == 400
    assert "customDataIdentifier" in refused.json()["error"]
