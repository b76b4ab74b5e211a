"""What Sage's refusals mean."""

import httpx
import pytest

from tallystick.connectors import TokenExpired
from tallystick.connectors.sage.faults import fault, paces
from tallystick.errors import PermissionMissing, ProviderUnavailable, RateLimited, RequestRefused


def answer(status: int, body: str = "", *, size: int | None = 200, **headers: str) -> httpx.Response:
    params = {} if size is None else {"items_per_page": str(size)}
    request = httpx.Request("GET", "http://sage/v3.1/contacts", params=params)
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, text=body, headers=told, request=request)


NO_SUBSCRIPTION = '[{"$severity":"error","$dataCode":"AuthorizationFailure","$message":"No active subscription. (MSE)","$source":""}]'


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (answer(401, '[{"$message":"The access token is invalid"}]'), TokenExpired),
        (answer(401), TokenExpired),
        (answer(401, NO_SUBSCRIPTION), PermissionMissing),
        (answer(403), PermissionMissing),
        (answer(404), RequestRefused),
        (answer(405), RequestRefused),
        (answer(415), RequestRefused),
        (answer(422, '[{"$source":"page"}]'), RequestRefused),
        (answer(429), RateLimited),
        (answer(408), ProviderUnavailable),
        (answer(500), ProviderUnavailable),
        (answer(502, "<html>"), ProviderUnavailable),
        (answer(503), ProviderUnavailable),
        (answer(504), RequestRefused),
        (answer(525), RequestRefused),
        (answer(504, size=1), ProviderUnavailable),
        (answer(504, size=None), ProviderUnavailable),
        (answer(302), RequestRefused),
        (answer(999), ProviderUnavailable),
    ],
    ids=lambda each: str(each.status_code) if isinstance(each, httpx.Response) else each.__name__,
)
def test_each_refusal_has_one_meaning(response: httpx.Response, error: type[Exception]) -> None:
    assert type(fault(response, "contacts")) is error


def test_what_a_body_says_is_never_shown() -> None:
    assert "secret" not in str(fault(answer(422, "secret"), "contacts"))


@pytest.mark.parametrize(
    ("headers", "wait", "scope"),
    [
        ({}, 60.0, "minute"),
        ({"Retry_After": "5"}, 5.0, "minute"),
        ({"Retry_After": "0"}, 0.0, "minute"),
        ({"Retry_After": "7200"}, 7200.0, "day"),
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
