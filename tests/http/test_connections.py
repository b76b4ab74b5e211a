"""Connections and integrations, as the API's clients see them."""

import httpx
import pytest
from tests.http.conftest import PUBLIC_URL, House

from tallystick.connectors.xero import MANIFEST
from tallystick.store import connections


async def test_a_new_connection_waits_for_consent_at_its_link(house: House, api: httpx.AsyncClient) -> None:
    company = await house.company()
    made = await api.post(f"/companies/{company.id}/connections", json={"platformKey": "gbol"})
    assert made.status_code == 200
    connection = made.json()
    assert connection == {
        "id": connection["id"],
        "integrationId": MANIFEST.integration_id,
        "integrationKey": "gbol",
        "sourceId": MANIFEST.source_id,
        "sourceType": "Accounting",
        "platformName": "Xero",
        "linkUrl": f"{PUBLIC_URL}/link/connections/{connection['id']}/start",
        "status": "PendingAuth",
        "created": "2026-03-01T12:00:00Z",
        "dataConnectionErrors": [],
        "connectionInfo": {},
    }
    listed = (await api.get(f"/companies/{company.id}/connections")).json()
    assert listed["results"] == [connection]
    assert (await api.get(f"/companies/{company.id}")).json()["dataConnections"] == [connection]


async def test_a_second_connection_may_be_made_while_one_is_linked(
    house: House, api: httpx.AsyncClient
) -> None:
    row = await house.linked()
    second = await api.post(f"/companies/{row.company_id}/connections", json={"platformKey": "gbol"})
    assert second.json()["status"] == "PendingAuth"


async def test_an_integration_that_there_is_not_is_named(house: House, api: httpx.AsyncClient) -> None:
    company = await house.company()
    refused = await api.post(f"/companies/{company.id}/connections", json={"platformKey": "zzzz"})
    assert refused.status_code == 404
    assert "zzzz" in refused.json()["error"]


async def test_connections_are_found_by_query(house: House, api: httpx.AsyncClient) -> None:
    row = await house.linked()
    path = f"/companies/{row.company_id}/connections"
    await api.post(path, json={"platformKey": "gbol"})

    async def found(query: str) -> list[str]:
        answer = await api.get(path, params={"query": query, "orderBy": "-status"})
        return [connection["status"] for connection in answer.json()["results"]]

    assert await found("platformName=xero") == ["PendingAuth", "Linked"]
    assert await found("status=linked&&sourceType=accounting") == ["Linked"]
    assert await found("created>2026-03-01T12:00:00.0000001Z") == []
    assert (await api.get(path, params={"query": "x=1"})).status_code == 400
    assert (await api.get(path, params={"orderBy": "x"})).status_code == 400


async def test_only_a_linked_connection_can_be_unlinked_and_only_to_unlinked(
    house: House, api: httpx.AsyncClient
) -> None:
    row = await house.linked()
    path = f"/companies/{row.company_id}/connections/{row.id}"
    assert (await api.patch(path, json={"status": "Linked"})).status_code == 400
    assert (await api.patch(path, json={"status": "Gone"})).status_code == 400
    unlinked = await api.patch(path, json={"status": "Unlinked"})
    assert (unlinked.status_code, unlinked.json()["status"]) == (200, "Unlinked")
    again = await api.patch(path, json={"status": "Unlinked"})
    assert again.status_code == 400
    assert "Unlinked" in again.json()["error"]


async def test_deleting_a_connection_answers_200_without_a_body(house: House, api: httpx.AsyncClient) -> None:
    row = await house.linked()
    path = f"/companies/{row.company_id}/connections/{row.id}"
    deleted = await api.delete(path)
    assert (deleted.status_code, deleted.content) == (200, b"")
    gone = await api.get(path)
    assert (gone.status_code, gone.json()["error"]) == (404, f"Data connection {row.id} not found")


async def test_a_connection_is_not_found_under_another_company(house: House, api: httpx.AsyncClient) -> None:
    row, other = await house.linked(), await house.company()
    assert (await api.get(f"/companies/{other.id}/connections/{row.id}")).status_code == 404


async def test_a_lost_consent_is_told_as_the_connections_error(house: House, api: httpx.AsyncClient) -> None:
    company = await house.company()
    row = await house.linked(company, reason="the consent was revoked")
    async with house.stores.client(house.client.id) as store:
        await store.write(connections.set_status, row.id, "Deauthorized", "the consent was revoked")
    shown = (await api.get(f"/companies/{company.id}/connections/{row.id}")).json()
    assert shown["status"] == "Deauthorized"
    assert [error["errorMessage"] for error in shown["dataConnectionErrors"]] == ["the consent was revoked"]


@pytest.mark.parametrize(
    "query", ["sourceType=Accounting&&enabled=true", "key=GBOL", "name~er", "isBeta!=true"]
)
async def test_integrations_are_found_by_query(api: httpx.AsyncClient, query: str) -> None:
    answer = (await api.get("/integrations", params={"query": query})).json()
    assert [integration["key"] for integration in answer["results"]] == ["gbol"]


async def test_an_integration_tells_its_data_types(api: httpx.AsyncClient) -> None:
    shown = (await api.get("/integrations/gbol")).json()
    features = {feature["dataType"]: feature["supportedFeatures"] for feature in shown["datatypeFeatures"]}
    assert features["invoices"] == [{"featureType": "Get", "featureState": "Release"}]
    assert set(features) == set(MANIFEST.data_types)
    assert (await api.get(shown["logoUrl"].removeprefix(PUBLIC_URL))).headers[
        "content-type"
    ] == "image/svg+xml"
    assert (await api.get("/integrations/zzzz")).status_code == 404
    assert (await api.get("/integrations", params={"query": "enabled=false"})).json()["results"] == []
