"""Keys, quotas, the description, health and metrics: what holds for every path."""

import json
import re
from typing import Any

import httpx
import pytest
from tests.http.conftest import PUBLIC_URL, House, basic

from tallystick.config import ServerSettings
from tallystick.http import RequestRejected, RequestServed, metrics_app
from tallystick.http.api import OPERATIONS, Operation
from tallystick.http.api.type_names import COMPANY_TYPES, CONNECTION_TYPES
from tallystick.monitoring import Metrics
from tallystick.standard import RECORD_CLASSES


def filled(operation: Operation) -> str:
    return re.sub(r"\{\w+(?::path)?\}", "x", operation.path.replace("{dataType}", "invoices"))


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
async def test_no_operation_answers_without_a_key(browser: httpx.AsyncClient, operation: Operation) -> None:
    for headers in ({}, basic("wrong"), {"authorization": "Basic ***"}, {"authorization": "Digest x"}):
        refused = await browser.request(operation.method, filled(operation), headers=headers)
        assert refused.status_code == 401
        problem = refused.json()
        assert (problem["statusCode"], problem["error"]) == (401, "Unauthorized")
        assert problem["correlationId"] == refused.headers["x-correlation-id"]
        assert refused.headers["www-authenticate"].startswith("Basic")


async def test_a_key_is_taken_in_each_form_that_clients_send(
    house: House, browser: httpx.AsyncClient
) -> None:
    key = house.client.api_key
    for headers in (basic(key), basic(f"{key}:"), {"authorization": f"Bearer {key}"}):
        assert (await browser.get("/companies", headers=headers)).status_code == 200


async def test_a_method_that_a_path_does_not_have_is_refused_with_those_it_has(
    house: House, api: httpx.AsyncClient
) -> None:
    refused = await api.patch("/companies", json={})
    assert refused.status_code == 405
    assert refused.headers["allow"] == "GET, HEAD, POST"
    assert refused.json()["statusCode"] == 405


@pytest.mark.parametrize(
    "path", ["/nothing", "/companies/", "//companies", "/companies/x/data", "/static/x/y/z"]
)
async def test_where_there_is_nothing_the_answer_says_so_in_the_apis_words(
    house: House, api: httpx.AsyncClient, path: str
) -> None:
    missing = await api.get(PUBLIC_URL + path)
    assert missing.status_code == 404
    assert missing.json()["service"] == "PublicApi"
    assert house.events[-1].route == "(unknown)", "a made-up path is no label"


async def test_every_answer_tells_what_is_left_of_the_day(house: House, api: httpx.AsyncClient) -> None:
    await house.linked()
    first = await api.get("/companies")
    second = await api.get("/companies/none")
    assert first.headers["x-rate-limit-limit"] == "2000", "1000 for the client and for each linked company"
    assert first.headers["x-rate-limit-remaining"] == "1999"
    assert second.headers["x-rate-limit-remaining"] == "1998"
    assert first.headers["x-rate-limit-reset"] == "2026-03-02T00:00:00Z"


async def test_past_the_quota_calls_are_refused_until_midnight(house: House) -> None:
    transport = httpx.ASGITransport(house.app(ServerSettings(calls_a_day=3)))
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL, headers=house.key) as api:
        statuses = [(await api.get("/companies")).status_code for _ in range(4)]
        assert statuses == [200, 200, 200, 429]
        refused = await api.get("/companies")
        assert refused.json()["statusCode"] == 429
        assert refused.headers["x-rate-limit-remaining"] == "0"
        assert refused.headers["retry-after"] == "60", (
            "an SDK that sleeps it out must not hang until midnight"
        )
        assert RequestRejected(reason="quota") in house.events
        house.clock.now = house.clock.now.replace(hour=23, minute=59, second=30)
        assert (await api.get("/companies")).headers["retry-after"] == "31"
        house.clock.now = house.clock.now.replace(day=2, hour=0, minute=0, second=0)
        assert (await api.get("/companies")).status_code == 200


async def test_a_request_is_told_once_under_its_template(house: House, api: httpx.AsyncClient) -> None:
    await api.get("/companies/some-id/data/invoices/r-1")
    (told,) = house.events
    assert isinstance(told, RequestServed)
    assert (told.route, told.method, told.status) == (
        "/companies/{companyId}/data/{dataType}/{recordId:path}",
        "GET",
        404,
    )
    assert 0 < told.seconds < 5


async def test_health_needs_no_key_and_readiness_waits_for_the_start(house: House) -> None:
    from tallystick.http import build_app

    ready = False
    app = build_app(
        stores=house.stores,
        access=house.access,
        engine=house.engine,
        telemetry=house.telemetry,
        settings=ServerSettings(),
        public_url=PUBLIC_URL,
        ready=lambda: ready,
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=PUBLIC_URL) as http:
        assert (await http.get("/healthz")).json() == {"status": "ok"}
        assert (await http.get("/readyz")).status_code == 503
        ready = True
        assert (await http.get("/readyz")).status_code == 200
        assert (await http.post("/healthz")).status_code == 405


async def test_browsers_are_told_to_stay_with_https_where_it_is_https(house: House) -> None:
    transport = httpx.ASGITransport(house.app(public_url="https://books.example"))
    async with httpx.AsyncClient(transport=transport, base_url="https://books.example") as http:
        assert "strict-transport-security" in (await http.get("/healthz")).headers


# --- the description ------------------------------------------------------------------------------------


async def test_the_description_has_every_operation_and_every_data_type(browser: httpx.AsyncClient) -> None:
    document = (await browser.get("/openapi.json")).json()
    assert document["openapi"] == "3.1.0"
    described = {(method, path) for path, methods in document["paths"].items() for method in methods}
    for operation in OPERATIONS:
        path = operation.path.replace(":path", "")
        for word in operation.choices or [""]:
            assert (operation.method.lower(), path.replace("{dataType}", word or "{dataType}")) in described
    ids = [told["operationId"] for methods in document["paths"].values() for told in methods.values()]
    assert len(set(ids)) == len(ids)
    for data_type in COMPANY_TYPES | CONNECTION_TYPES:
        assert RECORD_CLASSES[data_type].__name__ in document["components"]["schemas"]


async def test_every_reference_of_the_description_leads_somewhere(browser: httpx.AsyncClient) -> None:
    document = (await browser.get("/openapi.json")).json()

    def references(part: Any) -> set[str]:
        if isinstance(part, dict):
            own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
            return own.union(*map(references, part.values()))
        return set().union(*map(references, part)) if isinstance(part, list) else set()

    for reference in references(document):
        where = document
        for step in reference.removeprefix("#/").split("/"):
            where = where[step]
    text = json.dumps(document["components"]["schemas"])
    assert '"decimal"' not in text, "money is a JSON number"


async def test_what_the_description_says_of_a_company_is_what_is_sent(
    house: House, api: httpx.AsyncClient
) -> None:
    document = (await api.get("/openapi.json")).json()
    schemas = document["components"]["schemas"]
    row = await house.linked()
    company = (await api.get(f"/companies/{row.company_id}")).json()
    for value, name in ((company, "Company"), (company["dataConnections"][0], "Connection")):
        assert set(schemas[name]["required"]) <= set(value)
        assert set(value) <= set(schemas[name]["properties"])


async def test_every_documented_path_is_routed(house: House, api: httpx.AsyncClient) -> None:
    document = (await api.get("/openapi.json")).json()
    for path, methods in document["paths"].items():
        for method in methods:
            house.events.clear()
            await api.request(method, path.replace("{", "").replace("}", ""))
            assert house.events[-1].route != "(unknown)", path


# --- metrics --------------------------------------------------------------------------------------------


async def test_metrics_are_rendered_as_the_scraper_asks(house: House) -> None:
    metrics = Metrics(house.telemetry, ("xero",), list)
    transport = httpx.ASGITransport(metrics_app(metrics))
    async with httpx.AsyncClient(transport=transport, base_url="http://metrics.example") as scraper:
        plain = await scraper.get("/metrics")
        assert plain.headers["content-type"].startswith("text/plain")
        assert b"tallystick_build_info{" in plain.content
        wanted = {"accept": "application/openmetrics-text; version=1.0.0"}
        openmetrics = await scraper.get("/metrics", headers=wanted)
        assert openmetrics.headers["content-type"].startswith("application/openmetrics-text")
        assert openmetrics.content.endswith(b"# EOF\n")
        assert (await scraper.get("/companies")).status_code == 404
        assert (await scraper.post("/metrics")).status_code == 405
