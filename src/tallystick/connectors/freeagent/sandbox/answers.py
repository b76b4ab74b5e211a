"""FreeAgent's answers, good and bad. Source: providers.md §2.5."""

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlencode

from starlette.responses import PlainTextResponse, Response

from tallystick.connectors.sandbox.answers import json_response
from tallystick.connectors.sandbox.limits import Refusal

#: Addresses in answers name the real host, wherever the stand-in answers.
HOST: Final = "https://api.freeagent.com/v2"


def page(
    name: str, rows: Sequence[bytes], *, total: int, number: int, size: int, params: Mapping[str, str]
) -> Response:
    """A page of a list: what is told of the pages round it stands in its headers."""
    last = max(1, -(-total // size))
    told = {"first": 1, "prev": number - 1, "next": number + 1, "last": last}
    shown = {rel: at for rel, at in told.items() if 1 <= at <= last and last > 1}

    def link(rel: str, at: int) -> str:
        query = urlencode({**params, "page": str(at), "per_page": str(size)})
        return f'<{HOST}/{name}?{query}>; rel="{rel}"'

    headers = {"X-Total-Count": str(total)}
    if shown:
        headers["Link"] = ", ".join(link(rel, at) for rel, at in shown.items())
    body = b'{"%b":[%b]}' % (name.encode(), b",".join(rows))
    return Response(body, headers=headers, media_type="application/json")


def problem(status: int, message: str) -> Response:
    """A refusal."""
    return json_response({"errors": {"error": {"message": message}}}, status)


def unauthorised() -> Response:
    """401 for a token that is over, or never was good."""
    return problem(401, "Access token not recognised")


def not_found() -> Response:
    """404 for a record or a path."""
    return problem(404, "Resource not found")


def wrong_method() -> Response:
    """405: the sandbox only reads."""
    return problem(405, "The sandbox only reads")


def invalid(message: str) -> Response:
    """400 for a parameter that is missing, or cannot be read."""
    return problem(400, message)


def server_error() -> Response:
    """500."""
    return problem(500, "Internal server error")


def unavailable() -> Response:
    """503 in maintenance."""
    return problem(503, "Service unavailable")


def too_many(refusal: Refusal) -> Response:
    """429: a plain sentence, and when to come again."""
    headers = {"Retry-After": str(refusal.retry_after_s)}
    return PlainTextResponse("You must not exceed 120 requests per 60 seconds", 429, headers=headers)
