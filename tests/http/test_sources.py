"""Lineage: from a record to the provider's own bytes."""

import json
import uuid
from typing import Any

import httpx
import pytest
from tests.http.conftest import NOW, House, _new, an_invoice

from tallystick.store import ConnectionRow, NewPage, pages

#: Spaces, a long number and an unknown field: what is shown must be these very bytes.
ROWS = '[{"id": "i-1",  "total":"12.50"},{"id":"i/2","total":"1.000000000000000001","Odd":{"x":[1.10]}}]'


async def kept(house: House, row: ConnectionRow, raw: str = ROWS) -> None:
    """Two invoices of one answer, as a sync stores them."""
    page = NewPage(
        connection=row.number,
        resource="Invoices",
        fetched_at=NOW,
        raw=raw.encode(),
        records=[_new(an_invoice("i-1"), 0), _new(an_invoice("i/2"), 1)],
        mapping=1,
    )
    async with house.stores.client(house.client.id) as store:
        await store.write(pages.store_page, page, house.clock.now)
    await house.dataset(row, "invoices")


async def test_a_record_tells_its_row_its_answer_and_its_mapping(
    house: House, api: httpx.AsyncClient
) -> None:
    row = await house.linked()
    await kept(house, row)
    house.provider.mapping_version = 4
    answer = await api.get(f"/companies/{row.company_id}/data/invoices/i-1/source")
    assert answer.status_code == 200
    found = answer.json()
    record = (await api.get(f"/companies/{row.company_id}/data/invoices/i-1")).json()
    assert found.pop("modifiedDate").rstrip("Z").ljust(26, "0") >= record["modifiedDate"][:19]
    assert found.pop("page") > 0
    assert found == {
        "recordId": "i-1",
        "dataType": "invoices",
        "connectionId": row.id,
        "platform": "xero",
        "resource": "Invoices",
        "place": 0,
        "fetchedAt": "2026-03-01T12:00:00Z",
        "mappingVersion": 1,
        "currentMappingVersion": 4,
        "raw": {"id": "i-1", "total": "12.50"},
    }


async def test_the_row_is_sent_byte_for_byte(house: House, api: httpx.AsyncClient) -> None:
    row = await house.linked()
    await kept(house, row)
    answer = await api.get(f"/companies/{row.company_id}/data/invoices/i/2/source")
    assert b'"raw":{"id":"i/2","total":"1.000000000000000001","Odd":{"x":[1.10]}}' in answer.content
    first = await api.get(f"/companies/{row.company_id}/data/invoices/i-1/source")
    assert b'"raw":{"id": "i-1",  "total":"12.50"}' in first.content


async def test_the_row_can_be_left_out(house: House, api: httpx.AsyncClient) -> None:
    row = await house.linked()
    await kept(house, row)
    path = f"/companies/{row.company_id}/data/invoices/i-1/source"
    assert "raw" not in (await api.get(path, params={"raw": "false"})).json()
    refused = await api.get(path, params={"raw": "perhaps"})
    assert refused.status_code == 400
    assert refused.json()["validation"]["errors"][0]["itemId"] == "raw"


async def test_a_connection_tells_of_its_own_records_only(house: House, api: httpx.AsyncClient) -> None:
    company = await house.company()
    row, other = await house.linked(company), await house.linked(company)
    await kept(house, row)
    path = f"/companies/{company.id}/connections/{{}}/data/invoices/i-1/source"
    found = await api.get(path.format(row.id))
    assert found.json()["connectionId"] == row.id
    assert (await api.get(path.format(other.id))).status_code == 404
    assert (await api.get(path.format(uuid.uuid4()))).status_code == 404


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("{company}/data/invoices/none/source", 404, "No data available for invoices for ID none"),
        ("{company}/data/nothing/i-1/source", 404, "There is no data type nothing."),
        ("{company}/data/bills/i-1/source", 409, "The data set has not been requested."),
        (str(uuid.UUID(int=1)) + "/data/invoices/i-1/source", 404, "No company was found"),
    ],
    ids=["no record", "no data type", "never read", "no company"],
)
async def test_what_is_not_there_is_told_in_the_apis_words(
    house: House, api: httpx.AsyncClient, path: str, status: int, words: str
) -> None:
    row = await house.linked()
    await kept(house, row)
    answer = await api.get("/companies/" + path.format(company=row.company_id))
    assert answer.status_code == status
    assert words in answer.json()["error"]


async def test_a_row_that_is_found_no_more_is_null(house: House, api: httpx.AsyncClient) -> None:
    row = await house.linked()
    await kept(house, row, raw="<html>")
    answer = await api.get(f"/companies/{row.company_id}/data/invoices/i-1/source")
    assert answer.status_code == 200
    assert answer.json()["raw"] is None


async def test_nobody_elses_record_is_told(house: House, browser: httpx.AsyncClient) -> None:
    row = await house.linked()
    await kept(house, row)
    stranger = await house.access.create_client("Other")
    path = f"/companies/{row.company_id}/data/invoices/i-1/source"
    answer = await browser.get(path, headers={"authorization": f"Bearer {stranger.api_key}"})
    assert answer.status_code == 404
    assert "12.50" not in answer.text


async def test_the_description_has_both_paths_and_says_that_they_are_ours(browser: httpx.AsyncClient) -> None:
    document: Any = (await browser.get("/openapi.json")).json()
    ours = {path: told["get"] for path, told in document["paths"].items() if path.endswith("/source")}
    assert len(ours) == 2
    for told in ours.values():
        assert "beyond Codat" in told["summary"]
        assert [p["name"] for p in told["parameters"] if p["in"] == "query"] == ["raw"]
    assert set(document["components"]["schemas"]["RecordSource"]["properties"]) >= {"raw", "place", "page"}
    assert json.dumps(document)
