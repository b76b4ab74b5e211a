"""What Xero's answers mean when they are not what was asked for, and what they say of its limits.

Bodies come as JSON whose keys change their case, as HTML, as form text, or not at all; they are only
searched for Xero's own words and never shown. Source: providers §§1.2, 3.1, 3.2, 5 nos. 6, 15, 33, 34.
"""

from collections.abc import Callable
from typing import Final

import httpx
from attrs import frozen

from tallystick.connectors.contract import Pace, TokenExpired
from tallystick.connectors.http_times import retry_after
from tallystick.errors import (
    NeedsReauthorisation,
    PermissionMissing,
    ProviderUnavailable,
    RateLimited,
    RequestRefused,
)

#: Seconds to wait at each limit where Xero does not say; its daily limit slides, so an hour may help.
WAITS: Final = {"minute": 60.0, "day": 3600.0, "concurrent": 1.0, "appminute": 60.0, "unknown": 60.0}

_SEARCHED: Final = 4096  #: bytes of a body; what explains a fault stands at its head


@frozen
class Fault:
    """One row of the table: for these statuses, where the answer holds these words."""

    statuses: range
    words: tuple[str, ...]  #: any of them, in lower case; none: whatever it says
    meaning: Callable[[httpx.Response, str], Exception]


def _expired(_response: httpx.Response, _resource: str) -> Exception:
    return TokenExpired("the access token is no longer taken")


def _not_permitted(_response: httpx.Response, resource: str) -> Exception:
    return PermissionMissing(platform="xero", resource=resource)


def _disconnected(_response: httpx.Response, _resource: str) -> Exception:
    return NeedsReauthorisation(platform="xero", reason="the organisation is no longer connected to us")


def _limited(response: httpx.Response, _resource: str) -> Exception:
    scope = _scope(response) or "unknown"
    wait = retry_after(response.headers)
    return RateLimited(platform="xero", scope=scope, retry_after=WAITS[scope] if wait is None else wait)


def _unavailable(response: httpx.Response, _resource: str) -> Exception:
    return ProviderUnavailable(platform="xero", reason=f"HTTP {response.status_code}")


def _refused(response: httpx.Response, resource: str) -> Exception:
    return RequestRefused(platform="xero", resource=resource, status=response.status_code)


def _only(status: int) -> range:
    return range(status, status + 1)


#: The first row that fits counts. 401 is not always the token: a missing scope or plan says it too.
FAULTS: Final = (
    Fault(_only(401), ("tokenexpired",), _expired),
    Fault(_only(401), ("authorizationunsuccessful", "insufficient_scope"), _not_permitted),
    Fault(_only(401), (), _expired),
    Fault(_only(403), ("authenticationunsuccessful",), _disconnected),
    Fault(_only(403), (), _not_permitted),
    Fault(_only(429), (), _limited),
    Fault(_only(503), ("rate limit exceeded", "rate%20limit%20exceeded"), _limited),
    Fault(_only(408), (), _unavailable),
    Fault(range(500, 600), (), _unavailable),
    Fault(range(100, 500), (), _refused),
)


def fault(response: httpx.Response, resource: str) -> Exception:
    """The error that an answer other than 200 or 304 means."""
    said = _said(response)
    for row in FAULTS:
        if response.status_code in row.statuses and (
            not row.words or any(word in said for word in row.words)
        ):
            return row.meaning(response, resource)
    return _unavailable(response, resource)


def _said(response: httpx.Response) -> str:
    body = response.content[:_SEARCHED].decode("utf-8", "replace")
    return f"{response.headers.get('WWW-Authenticate', '')} {body}".lower()


def paces(response: httpx.Response) -> Pace:
    """What an answer's headers say of the limits."""
    return Pace(
        left_this_minute=_count(response, "X-MinLimit-Remaining"),
        left_today=_count(response, "X-DayLimit-Remaining"),
        app_left_this_minute=_count(response, "X-AppMinLimit-Remaining"),
        retry_after_s=retry_after(response.headers),
        scope=_scope(response),
    )


def _scope(response: httpx.Response) -> str | None:
    told = response.headers.get("X-Rate-Limit-Problem", "").strip().lower()
    return told if told in WAITS else None


def _count(response: httpx.Response, header: str) -> int | None:
    told = response.headers.get(header, "").strip()
    return int(told) if told.isdecimal() and len(told) < 10 else None
