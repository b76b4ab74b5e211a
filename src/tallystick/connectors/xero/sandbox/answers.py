"""Envelopes and refusals as Xero writes them. Source: providers.md §§1.2, 3.2."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from starlette.responses import Response

from tallystick.connectors.sandbox.answers import json_response
from tallystick.connectors.sandbox.limits import Refusal, Scope
from tallystick.connectors.sandbox.quirks import Quirks
from tallystick.connectors.xero.sandbox.dialect import milliseconds

_HEADERS = {
    "minute": "X-MinLimit-Remaining",
    "day": "X-DayLimit-Remaining",
    "appminute": "X-AppMinLimit-Remaining",
}


def envelope(
    name: str, rows: Sequence[bytes], *, now: datetime, pagination: dict[str, int] | None = None
) -> Response:
    """Rows that are JSON already, in the envelope of their list."""
    head = {
        "Id": str(uuid.uuid4()),
        "Status": "OK",
        "ProviderName": "Tallystick sandbox",
        "DateTimeUTC": f"/Date({milliseconds(now)})/",
    }
    if pagination is not None:
        head["pagination"] = pagination  # type: ignore[assignment]
    text = msgspec.json.encode(head)[:-1] + f',"{name}":['.encode()
    return Response(b"".join((text, b",".join(rows), b"]}")), media_type="application/json; charset=utf-8")


def unauthorised(detail: str, quirks: Quirks) -> Response:
    """401, with capital keys (small ones with quirk 33)."""
    return _problem(401, "Unauthorized", detail, capital=33 not in quirks)


def forbidden(quirks: Quirks) -> Response:
    """403: the tenant is not connected. The keys are small ones here (capital with quirk 33)."""
    return _problem(403, "Forbidden", "AuthenticationUnsuccessful", capital=33 in quirks)


def expired(at: datetime, quirks: Quirks) -> Response:
    """401 for a token that was good once."""
    return unauthorised(f"TokenExpired: token expired at {at:%m/%d/%Y %H:%M:%S}", quirks)


def not_found() -> Response:
    """404 for a record or a path."""
    return _problem(404, "Not Found", "The resource you're looking for cannot be found", capital=True)


def not_implemented() -> Response:
    """501 for what the sandbox does not do."""
    return _problem(501, "Not Implemented", "The sandbox only reads", capital=True)


def query_error(message: str) -> Response:
    """400 for a `where`, an `order` or a page that cannot be read."""
    return json_response({"ErrorNumber": 16, "Type": "QueryParseException", "Message": message}, 400)


def server_error() -> Response:
    """500 as it comes: no JSON."""
    return Response("An error occurred in Xero. Check the API Status page", 500, media_type="text/plain")


def unavailable() -> Response:
    """503 in maintenance."""
    return Response("The Xero API is currently unavailable", 503, media_type="text/plain")


def too_many(refusal: Refusal) -> Response:
    """429 with no body: the headers say it all."""
    return Response(
        status_code=429,
        headers={"Retry-After": str(refusal.retry_after_s), "X-Rate-Limit-Problem": refusal.scope},
    )


def limit_headers(left: dict[Scope, int]) -> dict[str, str]:
    """What is left of the limits, on every answer."""
    return {_HEADERS[scope]: str(calls) for scope, calls in left.items() if scope in _HEADERS}


def _problem(status: int, title: str, detail: str, *, capital: bool) -> Response:
    words: dict[str, Any] = {
        "Type": None,
        "Title": title,
        "Status": status,
        "Detail": detail,
        "Instance": str(uuid.uuid4()),
        "Extensions": {},
    }
    return json_response(words if capital else {key.lower(): value for key, value in words.items()}, status)
