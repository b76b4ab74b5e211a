"""What FreeAgent's refusals mean."""

import httpx
import pytest

from tallystick.connectors import TokenExpired
from tallystick.connectors.freeagent.faults import FAULTS, fault, paces
from tallystick.errors import PermissionMissing, ProviderUnavailable, RateLimited, RequestRefused


def answer(status: int, body: str = "", **headers: str) -> httpx.Response:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    request = httpx.Request("GET", "http://freeagent/v2/contacts")
    return httpx.Response(status, text=body, headers=told, request=request)


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (answer(401, '{"errors":{"error":{"message":"Access token not recognised"}}}'), TokenExpired),
        (answer(401), TokenExpired),
        (answer(403), PermissionMissing),
        (answer(404), RequestRefused),
        (answer(400), RequestRefused),
        (answer(406), RequestRefused),
        (answer(422, '{"errors":[]}'), RequestRefused),
        (answer(429, "You must not exceed 120 requests per 60 seconds"), RateLimited),
        (answer(408), ProviderUnavailable),
        (answer(500), ProviderUnavailable),
        (answer(502, "<html>"), ProviderUnavailable),
        (answer(503), ProviderUnavailable),
        (answer(302), RequestRefused),
        (answer(999), ProviderUnavailable),
    ],
    ids=lambda each: str(each.status_code) if isinstance(each, httpx.Response) else each.__name__,
)
def test_each_refusal_has_one_meaning(response: httpx.Response, error: type[Exception]) -> None:
    assert type(fault(response, "contacts")) is error


def test_the_table_has_every_status_that_there_is() -> None:
    assert {status for row in FAULTS for status in row.statuses} == set(range(100, 600))


def test_what_a_body_says_is_never_shown() -> None:
    for status in (400, 401, 403, 404, 422, 429, 500):
        assert "secret" not in str(fault(answer(status, "secret"), "contacts"))


@pytest.mark.parametrize(
    ("headers", "wait", "scope"),
    [
        ({}, 60.0, "minute"),
        ({"Retry_After": "5"}, 5.0, "minute"),
        ({"Retry_After": "0"}, 0.0, "minute"),
        ({"Retry_After": "1800"}, 1800.0, "day"),
        ({"Retry_After": "Thu, 01 Jan 2026 00:00:30 GMT", "Date": "Thu, 01 Jan 2026 00:00:00 GMT"}, 30.0, "minute"),
        ({"Retry_After": "soon"}, 60.0, "minute"),
    ],
)  # fmt: skip
def test_how_long_a_limit_asks_to_wait(headers: dict[str, str], wait: float, scope: str) -> None:
    found = fault(answer(429, **headers), "contacts")
    assert isinstance(found, RateLimited)
    assert (found.retry_after, found.scope) == (wait, scope)


def test_an_answer_tells_nothing_of_what_is_left() -> None:
    pace = paces(answer(200))
    assert (pace.left_this_minute, pace.left_today, pace.retry_after_s) == (None, None, None)
