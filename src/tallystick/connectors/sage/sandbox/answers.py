"""Envelopes and refusals as Sage writes them. Source: providers.md §§2.4, 3.4."""

from collections.abc import Sequence
from urllib.parse import urlencode

import msgspec
from starlette.responses import Response

from tallystick.connectors.sandbox.answers import json_response
from tallystick.connectors.sandbox.limits import Refusal


def envelope(
    path: str,
    rows: Sequence[bytes],
    *,
    total: int,
    page: int,
    size: int,
    params: dict[str, str],
    tells_next: bool = True,
) -> Response:
    """Rows that are JSON already, in the envelope of their list."""

    def at(number: int) -> str:
        return f"/{path}?{urlencode({**params, 'page': str(number), 'items_per_page': str(size)})}"

    head = {
        "$total": total,
        "$page": page,
        "$next": at(page + 1) if tells_next and page * size < total else None,
        "$back": at(page - 1) if page > 1 else None,
        "$itemsPerPage": size,
    }
    text = msgspec.json.encode(head)[:-1] + b',"$items":['
    return Response(b"".join((text, b",".join(rows), b"]}")), media_type="application/json")


def problem(status: int, code: str, message: str, source: str = "") -> Response:
    """A refusal: a list of faults, even of one."""
    fault = {"$severity": "error", "$dataCode": code, "$message": message, "$source": source}
    return json_response([fault], status)


def unauthorised() -> Response:
    """401 for a token that is over, or never was good."""
    return problem(401, "AuthorizationFailure", "The access token is invalid or has expired.")


def no_subscription() -> Response:
    """401 that no new token mends."""
    return problem(401, "AuthorizationFailure", "No active subscription. (MSE)")


def forbidden() -> Response:
    """403 for a business that the user cannot open."""
    return problem(403, "AuthorizationFailure", "The user has no access to this business.")


def not_found() -> Response:
    """404 for a record or a path."""
    return problem(404, "RecordNotFound", "The requested resource could not be found.")


def wrong_method() -> Response:
    """405: the sandbox only reads."""
    return problem(405, "MethodNotAllowed", "The sandbox only reads.")


def invalid(message: str, source: str) -> Response:
    """422 for a parameter that cannot be read."""
    return problem(422, "ValidationError", message, source)


def server_error() -> Response:
    """500."""
    return problem(500, "UnexpectedError", "An unexpected error occurred.")


def unavailable() -> Response:
    """503 in maintenance."""
    return problem(503, "ServiceUnavailable", "The service is currently unavailable.")


def too_heavy() -> Response:
    """504 of a gateway: no JSON."""
    return Response(
        "<html><head><title>504 Gateway Time-out</title></head></html>", 504, media_type="text/html"
    )


def too_many(refusal: Refusal) -> Response:
    """429, and when to come again."""
    body = [
        {
            "$severity": "error",
            "$dataCode": "TooManyRequests",
            "$message": "Too many requests have been made.",
            "$source": "",
        }
    ]
    return json_response(body, 429, {"Retry-After": str(refusal.retry_after_s)})
