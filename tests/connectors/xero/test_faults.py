"""What refusals mean, and what headers say of the limits."""

import json
from typing import Any

import httpx
import pytest

from tallystick.connectors import Pace, TokenExpired
from tallystick.connectors.xero.faults import fault, paces
from tallystick.errors import (
    NeedsReauthorisation,
    PermissionMissing,
    ProviderUnavailable,
    RateLimited,
    RequestRefused,
)


def detail(text: str, *, lower: bool = False) -> bytes:
    words = {"Title": "Unauthorized", "Status": 401, "Detail": text, "Instance": "x"}
    return json.dumps({k.lower() if lower else k: v for k, v in words.items()}).encode()


@pytest.mark.parametrize(
    ("status", "body", "meaning"),
    [
        (401, detail("TokenExpired: token expired at 01/23/2020 18:21:16"), TokenExpired),
        (401, detail("AuthenticationUnsuccessful"), TokenExpired),
        (401, detail("AuthorizationUnsuccessful"), PermissionMissing),
        (401, detail("AuthorizationUnsuccessful", lower=True), PermissionMissing),
        (401, b"", TokenExpired),
        (403, detail("AuthenticationUnsuccessful"), NeedsReauthorisation),
        (403, detail("AuthenticationUnsuccessful", lower=True), NeedsReauthorisation),
        (403, detail("insufficient scope"), PermissionMissing),
        (403, b"<html>Forbidden</html>", PermissionMissing),
        (429, b"", RateLimited),
        (503, b"oauth_problem=rate%20limit%20exceeded&oauth_problem_advice=x", RateLimited),
        (503, b"currently unavailable", ProviderUnavailable),
        (500, b"\xff\xfe", ProviderUnavailable),
        (501, b"", ProviderUnavailable),
        (408, b"", ProviderUnavailable),
        (599, b"", ProviderUnavailable),
        (400, b'{"ErrorNumber":16,"Type":"QueryParseException","Message":"no"}', RequestRefused),
        (404, b"<html>Not Found</html>", RequestRefused),
        (302, b"", RequestRefused),
    ],
)
def test_each_refusal_has_one_meaning(status: int, body: bytes, meaning: type[Exception]) -> None:
    found = fault(httpx.Response(status, content=body), "Invoices")

    assert type(found) is meaning
    assert "TokenExpired:" not in str(found), "a body is never shown"


def test_a_missing_scope_may_be_told_by_a_header_alone() -> None:
    response = httpx.Response(401, headers={"WWW-Authenticate": 'Bearer error="insufficient_scope"'})
    assert isinstance(fault(response, "Payments"), PermissionMissing)


@pytest.mark.parametrize(
    ("headers", "scope", "seconds"),
    [
        ({"Retry-After": "17", "X-Rate-Limit-Problem": "minute"}, "minute", 17),
        ({"Retry-After": "66975", "X-Rate-Limit-Problem": "Day"}, "day", 66975),
        ({"X-Rate-Limit-Problem": "concurrent"}, "concurrent", 1),
        ({"X-Rate-Limit-Problem": "AppMinute"}, "appminute", 60),
        ({"X-Rate-Limit-Problem": "lunar"}, "unknown", 60),
        ({"Retry-After": "soon"}, "unknown", 60),
        ({"Retry-After": "-5"}, "unknown", 60),
        (
            {
                "Date": "Fri, 02 Jan 2026 10:00:00 GMT",
                "Retry-After": "Fri, 02 Jan 2026 10:00:42 GMT",
                "X-Rate-Limit-Problem": "minute",
            },
            "minute",
            42,
        ),
        (
            {"Date": "Fri, 02 Jan 2026 10:00:00 GMT", "Retry-After": "Fri, 02 Jan 2026 09:00:00 GMT"},
            "unknown",
            0,
        ),
    ],
)
def test_a_limit_says_which_it_is_and_how_long(headers: dict[str, str], scope: str, seconds: float) -> None:
    found: Any = fault(httpx.Response(429, headers=headers), "Invoices")
    assert (found.scope, found.retry_after) == (scope, seconds)


def test_every_answer_says_what_is_left() -> None:
    response = httpx.Response(
        200,
        headers={
            "X-MinLimit-Remaining": "59",
            "x-daylimit-remaining": "4321",
            "X-APPMINLIMIT-REMAINING": "9998",
        },
    )
    assert paces(response) == Pace(left_this_minute=59, left_today=4321, app_left_this_minute=9998)


def test_headers_that_say_nothing_sensible_say_nothing() -> None:
    response = httpx.Response(200, headers={"X-MinLimit-Remaining": "many", "X-DayLimit-Remaining": ""})
    assert paces(response) == Pace()
