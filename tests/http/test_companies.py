"""Companies, as the API's clients see them."""

import httpx
import pytest
from tests.http.conftest import PUBLIC_URL, House, basic


async def test_a_company_that_was_made_is_found_again_as_it_was_answered(api: httpx.AsyncClient) -> None:
    made = await api.post("/companies", json={"name": "Technicalium", "tags": {"region": "uk"}})
    assert made.status_code == 200
    company = made.json()
    assert company == {
        "id": company["id"],
        "name": "Technicalium",
        "redirect": f"{PUBLIC_URL}/link/company/{company['id']}",
        "created": "2026-03-01T12:00:00Z",
        "createdByUserName": None,
        "products": [],
        "tags": {"region": "uk"},
        "referenceParentCompany": None,
        "referenceSubsidiaryCompanies": [],
        "dataConnections": [],
    }
    assert (await api.get(f"/companies/{company['id']}")).json() == company


async def test_characters_that_no_name_may_have_are_taken_out(api: httpx.AsyncClient) -> None:
    made = await api.post("/companies", json={"name": " <b>Smith & Sons, Ltd.</b>\u0000 "})
    assert made.json()["name"] == "bSmith & Sons, Ltd.b"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"{}", "name"),
        (b'{"name":""}', "name"),
        (b'{"name":"<>"}', "name"),
        (b'{"name":7}', "name"),
        (b'{"name":"a","tags":{"k":1}}', "tags"),
        (b'{"name":"a","tags":{"k":"' + b"v" * 101 + b'"}}', "tags.k"),
        (b'{"name":"a","name":"b"}', "name"),
    ],
    ids=[
        "no name",
        "an empty name",
        "a name of nothing",
        "a number",
        "a tag's number",
        "a long tag",
        "twice",
    ],
)
async def test_a_wrong_field_is_named(api: httpx.AsyncClient, body: bytes, field: str) -> None:
    refused = await api.post("/companies", content=body)
    assert refused.status_code == 400
    problem = refused.json()
    assert problem["statusCode"] == 400
    assert problem["service"] == "PublicApi"
    assert problem["canBeRetried"] == "Unknown"
    assert problem["detailedErrorCode"] == 0
    assert [item["itemId"] for item in problem["validation"]["errors"]] == [field]
    assert problem["correlationId"] == refused.headers["x-correlation-id"]


async def test_a_company_has_at_most_ten_tags(api: httpx.AsyncClient) -> None:
    tags = {f"k{n}": "v" for n in range(11)}
    assert (await api.post("/companies", json={"name": "a", "tags": tags})).status_code == 400
    del tags["k0"]
    assert (await api.post("/companies", json={"name": "a", "tags": tags})).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 60_000,
        b'{"name":"a","x":' + b"[" * 20_000 + b"]" * 20_000 + b"}",
        b'{"name":NaN}',
        b'{"name":"a","x":NaN}',
        b'{"name":"\\ud800"}',
        b'{"name":"a\xff"}',
        b'{"name":"a","x":{"y":1,"y":2}}',
        b"",
        b"[]",
        b"null",
        b"{",
    ],
    ids=["open arrays", "deep", "NaN", "NaN aside", "surrogate", "not UTF-8", "twice inside", "empty", "array",
         "null", "cut"],
)  # fmt: skip
async def test_json_that_nobody_should_read_is_refused(api: httpx.AsyncClient, body: bytes) -> None:
    assert (await api.post("/companies", content=body)).status_code == 400


async def test_numbers_of_any_length_in_unknown_fields_cost_nothing(api: httpx.AsyncClient) -> None:
    body = b'{"name":"a","x":' + b"1" * 5000 + b',"y":1e400}'
    assert (await api.post("/companies", content=body)).status_code == 200


async def test_a_json_body_far_larger_than_any_of_ours_is_refused_by_its_size(api: httpx.AsyncClient) -> None:
    assert (await api.post("/companies", content=b'{"name":"' + b"a" * 70_000 + b'"}')).status_code == 413


async def test_put_replaces_and_patch_changes_what_it_names(house: House, api: httpx.AsyncClient) -> None:
    company = await house.company("Old", description="first", tags={"a": "1"})
    where = f"/companies/{company.id}"
    patched = (await api.patch(where, json={"name": "New"})).json()
    assert (patched["name"], patched["description"], patched["tags"]) == ("New", "first", {"a": "1"})
    assert (await api.patch(where, json={"tags": None})).json()["tags"] == {}
    replaced = (await api.put(where, json={"name": "Newer"})).json()
    assert replaced["name"] == "Newer"
    assert "description" not in replaced
    assert (await api.patch(where, json={})).json() == replaced


async def test_a_deleted_company_is_gone_with_its_connections(house: House, api: httpx.AsyncClient) -> None:
    row = await house.linked()
    deleted = await api.delete(f"/companies/{row.company_id}")
    assert (deleted.status_code, deleted.content) == (204, b"")
    gone = await api.get(f"/companies/{row.company_id}")
    assert gone.status_code == 404
    assert gone.json()["error"] == f"No company was found with ID {row.company_id}"
    assert (await api.get(f"/companies/{row.company_id}/connections/{row.id}")).status_code == 404
    assert (await api.delete(f"/companies/{row.company_id}")).status_code == 404


async def test_another_clients_company_is_as_good_as_none(house: House, api: httpx.AsyncClient) -> None:
    company = await house.company()
    other = await house.access.create_client("Other")
    for method, path in (
        ("GET", f"/companies/{company.id}"),
        ("DELETE", f"/companies/{company.id}"),
        ("GET", f"/companies/{company.id}/data/invoices"),
        ("POST", f"/companies/{company.id}/data/all"),
    ):
        answer = await api.request(method, path, headers=basic(other.api_key))
        assert answer.status_code == 404, path
    assert (await api.get("/companies", headers=basic(other.api_key))).json()["results"] == []
    assert (await api.get(f"/companies/{company.id}")).status_code == 200


async def test_companies_are_listed_in_pages_that_link_to_each_other(
    house: House, api: httpx.AsyncClient
) -> None:
    for number in range(5):
        await house.company(f"Company {number}")
    first = (await api.get("/companies", params={"pageSize": 2, "orderBy": "name"})).json()
    assert [company["name"] for company in first["results"]] == ["Company 0", "Company 1"]
    assert (first["pageNumber"], first["pageSize"], first["totalResults"]) == (1, 2, 5)
    links = first["_links"]
    assert links["self"] == {"href": "/companies"}
    assert links["current"] == {"href": "/companies?page=1&pageSize=2&orderBy=name"}
    assert "previous" not in links
    second = (await api.get(links["next"]["href"])).json()
    assert [company["name"] for company in second["results"]] == ["Company 2", "Company 3"]
    assert second["_links"]["previous"] == {"href": "/companies?page=1&pageSize=2&orderBy=name"}
    last = (await api.get(second["_links"]["next"]["href"])).json()
    assert [company["name"] for company in last["results"]] == ["Company 4"]
    assert "next" not in last["_links"]
    beyond = (await api.get("/companies", params={"page": 9})).json()
    assert (beyond["results"], beyond["totalResults"]) == ([], 5)


@pytest.mark.parametrize("page", ["0", "-1", "x", "1.0", "9" * 30, "٣"])
async def test_a_page_that_cannot_be_is_refused(api: httpx.AsyncClient, page: str) -> None:
    for name in ("page", "pageSize"):
        refused = await api.get("/companies", params={name: page})
        assert refused.status_code == 400
        assert refused.json()["validation"]["errors"][0]["itemId"] == name
    assert (await api.get("/companies", params={"pageSize": 5001})).status_code == 400
    assert (await api.get("/companies", params={"pageSize": 5000})).status_code == 200


async def test_companies_are_found_by_query_and_by_tags(house: House, api: httpx.AsyncClient) -> None:
    amber = await house.company("Amber Kitchens", tags={"region": "uk", "uid": "1"})
    beryl = await house.company("Beryl Baths", tags={"region": "fr"}, description="plumber")
    row = await house.linked(amber, last_sync_at=house.clock.now)

    async def found(**params: str) -> set[str]:
        answer = await api.get("/companies", params=params)
        assert answer.status_code == 200, answer.text
        return {company["id"] for company in answer.json()["results"]}

    assert await found(query="name~kitch") == {amber.id}
    assert await found(query="name=AMBER KITCHENS") == {amber.id}
    assert await found(query=f"id={beryl.id}||description=plumber") == {beryl.id}
    assert await found(query="created>=2026-03-01T12:00:00Z") == {amber.id, beryl.id}
    assert await found(query="dataConnections.status=linked") == {amber.id}
    assert await found(query="dataConnections.status=PendingAuth") == set()
    assert await found(query="lastSync>2026-01-01") == {amber.id}
    assert await found(query="tags.region=UK") == {amber.id}
    assert await found(tags="region=uk") == {amber.id}
    assert await found(tags="uid!=1") == {beryl.id}
    assert await found(tags="region~r", query="name~b") == {beryl.id}
    shown = (await api.get(f"/companies/{amber.id}")).json()
    assert shown["lastSync"] == "2026-03-01T12:00:00Z"
    assert [c["id"] for c in shown["dataConnections"]] == [row.id]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("nope=1", "Error parsing query - Could not resolve property nope on Company"),
        ("name", "Error parsing query - Malformed query. Expected an operator"),
        ("name=a &&", "Error parsing query - Malformed query. Expected a comparison at position 9"),
        ("{name=a", "Error parsing query - Malformed query. Expected } at position 7"),
        ("name=a}", "Error parsing query - Malformed query. Expected && or || or the end at position 6"),
        ("name>a", "Error parsing query - Malformed query. name is a text, which > does not compare"),
        ("created=soon", "Error parsing query - Malformed query. created takes a date or a time"),
        ("name=" + "a" * 2044, "Error parsing query - Malformed query. A query has at most 2048 characters"),
        ("{" * 51 + "name=a" + "}" * 51, "Error parsing query - Malformed query. More than 50 braces"),
        ("name=", "Error parsing query - Malformed query. Expected a value at position 5"),
    ],
    ids=lambda text: text[:20],
)
async def test_a_query_that_is_none_is_refused_with_the_reason(
    api: httpx.AsyncClient, query: str, told: str
) -> None:
    refused = await api.get("/companies", params={"query": query})
    assert refused.status_code == 400
    assert refused.json()["error"].startswith(told)


async def test_an_order_that_there_is_not_is_refused(api: httpx.AsyncClient) -> None:
    refused = await api.get("/companies", params={"orderBy": "-tags"})
    assert refused.status_code == 400
    assert refused.json()["validation"]["errors"][0]["itemId"] == "orderBy"
