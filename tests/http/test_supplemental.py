"""Supplemental data through the API's door."""

from typing import Any

import httpx
import pytest
from tests.engine.own_lists import ScriptedLists
from tests.http.conftest import House, an_invoice, basic

CONFIG = {
    "order": {"dataSource": "/Invoices", "pullData": {"number": "Reference", "deep": "$.Lines[0].Code"}},
    "more": {"dataSource": "invoices", "pushData": {"number": "Reference"}},
}


@pytest.fixture
async def house(house: House) -> House:
    house.provider.lists = ScriptedLists()
    return house


def path(data_type: str = "invoices", key: str = "gbol", segment: str = "dataTypes") -> str:
    return f"/integrations/{key}/{segment}/{data_type}/supplementalDataConfig"


async def put(api: httpx.AsyncClient, body: Any, where: str = path()) -> httpx.Response:
    return await api.put(where, json=body)


async def test_what_is_configured_is_told_again(api: httpx.AsyncClient) -> None:
    done = await put(api, {"supplementalDataConfig": CONFIG})
    assert (done.status_code, done.content) == (200, b"")
    told = (await api.get(path())).json()["supplementalDataConfig"]
    assert told == CONFIG
    assert (await api.get(path("bills"))).json() == {"supplementalDataConfig": {}}


@pytest.mark.parametrize("body", [{"supplementalDataConfig": {}}, {}, {"supplementalDataConfig": None}])
async def test_an_empty_configuration_resets(api: httpx.AsyncClient, body: Any) -> None:
    await put(api, {"supplementalDataConfig": CONFIG})
    assert (await put(api, body)).status_code == 200
    assert (await api.get(path())).json() == {"supplementalDataConfig": {}}


async def test_the_case_of_the_path_does_not_matter(api: httpx.AsyncClient) -> None:
    lower = "/integrations/gbol/datatypes/chartofaccounts/supplementaldataconfig"
    config = {"x": {"dataSource": "/Accounts", "pullData": {"y": "z"}}}
    assert (await put(api, {"supplementalDataConfig": config}, lower)).status_code == 200
    assert set((await api.get(path("chartOfAccounts"))).json()["supplementalDataConfig"]) == {"x"}
    assert (await api.get(path("accounts"))).json() == (await api.get(lower)).json()


async def test_clients_do_not_see_each_other(house: House, api: httpx.AsyncClient) -> None:
    await put(api, {"supplementalDataConfig": CONFIG})
    other = await house.access.create_client("Other")
    headers = basic(other.api_key)
    assert (await api.get(path(), headers=headers)).json() == {"supplementalDataConfig": {}}


@pytest.mark.parametrize(
    ("where", "status"),
    [
        (path(key="nope"), 404),
        (path("payments"), 404),
        (path("commerce-orders"), 404),
        (path("nothing"), 404),
    ],
    ids=["platform", "type without", "commerce", "no type"],
)
async def test_what_is_not_there_is_404(api: httpx.AsyncClient, where: str, status: int) -> None:
    assert (await api.get(where)).status_code == status
    refused = await put(api, {"supplementalDataConfig": CONFIG}, where)
    assert refused.status_code == status
    assert refused.json()["error"]


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({"a": {"dataSource": "/Elsewhere"}}, "supplementalDataConfig.a.dataSource"),
        ({"a": {"dataSource": "http://x/Invoices"}}, "supplementalDataConfig.a.dataSource"),
        ({"a": {}}, "supplementalDataConfig.dataSource"),
        (
            {"a": {"dataSource": "/Invoices", "pullData": {"n": "$..x"}}},
            "supplementalDataConfig.a.pullData.n",
        ),
        ({"a": {"dataSource": "/Invoices", "pullData": {"n": 7}}}, "supplementalDataConfig.pullData"),
        ([], "supplementalDataConfig"),
    ],
)
async def test_a_refusal_names_the_field(api: httpx.AsyncClient, config: Any, field: str) -> None:
    refused = await put(api, {"supplementalDataConfig": config})
    assert refused.status_code == 400
    assert field in [item["itemId"] for item in refused.json()["validation"]["errors"]]
    assert (await api.get(path())).json() == {"supplementalDataConfig": {}}, "nothing of it is stored"


async def test_it_cannot_be_asked_for_in_a_query(house: House, api: httpx.AsyncClient) -> None:
    row = await house.linked()
    await house.put(row, [an_invoice("1")])
    asked = {"query": "supplementalData.content.order.number=1"}
    refused = await api.get(f"/companies/{row.company_id}/data/invoices", params=asked)
    assert refused.status_code == 400
    told = "Error parsing query - Could not resolve property supplementalData.content.order.number on Invoice"
    assert refused.json()["error"].startswith(told)
