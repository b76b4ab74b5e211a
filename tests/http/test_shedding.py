"""While the engine sheds, new work is turned away in the API's words, and what helps stays open."""

import httpx
import msgspec
import pytest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tallystick.config import ServerSettings
from tallystick.http import Guard, RequestRejected
from tallystick.http.problem import ErrorMessage
from tallystick.telemetry import Telemetry

CORRELATION = "0123456789abcdef0123456789abcdef"


async def _works(scope: Scope, receive: Receive, send: Send) -> None:
    await Response(b"done")(scope, receive, send)


class _Load:
    shedding: str | None = "281 MB of memory are held"


def _client(load: _Load, telemetry: Telemetry) -> httpx.AsyncClient:
    guard = Guard(app=_works, settings=ServerSettings(), telemetry=telemetry, shedding=lambda: load.shedding)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=guard), base_url="http://books.example")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/companies"),
        ("POST", "/companies/c/data/all"),
        ("GET", "/link/company/c"),
        ("GET", "/healthzz"),
        ("GET", "/opsy"),
    ],
)
async def test_new_work_is_turned_away_and_told_when_to_come_again(method: str, path: str) -> None:
    telemetry, rejected = Telemetry(), list[RequestRejected]()
    telemetry.listen(RequestRejected, rejected.append)
    async with _client(_Load(), telemetry) as http:
        answer = await http.request(method, path, headers={"x-correlation-id": CORRELATION})
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    told = msgspec.json.decode(answer.content, type=ErrorMessage)
    assert told.status_code == 503
    assert told.correlation_id == answer.headers["x-correlation-id"] == CORRELATION
    assert "MB" not in told.error  # figures of the process are its operators' business
    assert rejected == [RequestRejected(reason="overload")]


@pytest.mark.parametrize(
    "path",
    [
        "/healthz",
        "/readyz",
        "/openapi.json",
        "/ops/api/actors",
        "/link/callback/xero",
        "/link/choose",
        "/link/done",
        "/static/style.css",
    ],
)
async def test_health_operators_and_consents_in_hand_stay_open(path: str) -> None:
    async with _client(_Load(), Telemetry()) as http:
        assert (await http.get(path)).status_code == 200


async def test_after_the_shedding_everything_is_served_again() -> None:
    load = _Load()
    async with _client(load, Telemetry()) as http:
        assert (await http.get("/companies")).status_code == 503
        load.shedding = None
        assert (await http.get("/companies")).status_code == 200
