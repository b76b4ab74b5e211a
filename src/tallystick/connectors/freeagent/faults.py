"""What FreeAgent's answers mean when they are not what was asked for, and what they say of its limits.

A body is JSON with `errors`, or HTML of a gateway's, or, of a call too many, a plain sentence; it is never
shown. Source: providers §2.5.
"""

from collections.abc import Callable
from typing import Final

import httpx
from attrs import frozen

from tallystick.connectors.contract import Pace, TokenExpired
from tallystick.connectors.http_times import retry_after
from tallystick.errors import PermissionMissing, ProviderUnavailable, RateLimited, RequestRefused

#: Seconds to wait where FreeAgent does not say: after so many, any minute's worth of calls is forgotten.
WAIT_S: Final = 60.0
#: A longer wait than this is that of the hour's limit.
_MINUTE_S: Final = 120.0
#: What FreeAgent answers for a record, or a list, that it does not have.
ABSENT: Final = 404


@frozen
class Fault:
    """One row of the table: what these statuses mean."""

    statuses: frozenset[int]
    meaning: Callable[[httpx.Response, str], Exception]


def _expired(_response: httpx.Response, _resource: str) -> Exception:
    return TokenExpired("the access token is no longer taken")


def _not_permitted(_response: httpx.Response, resource: str) -> Exception:
    return PermissionMissing(platform="freeagent", resource=resource)


def _limited(response: httpx.Response, _resource: str) -> Exception:
    told = retry_after(response.headers)
    wait = WAIT_S if told is None else told
    return RateLimited(platform="freeagent", scope=_scope(wait), retry_after=wait)


def _unavailable(response: httpx.Response, _resource: str) -> Exception:
    return ProviderUnavailable(platform="freeagent", reason=f"HTTP {response.status_code}")


def _refused(response: httpx.Response, resource: str) -> Exception:
    return RequestRefused(platform="freeagent", resource=resource, status=response.status_code)


def _only(*statuses: int) -> frozenset[int]:
    return frozenset(statuses)


#: The first row that fits counts; between them they have every status.
FAULTS: Final = (
    Fault(_only(401), _expired),
    Fault(_only(403), _not_permitted),  # the user's access level does not reach so far
    Fault(_only(429), _limited),
    Fault(_only(408), _unavailable),
    Fault(frozenset(range(500, 600)), _unavailable),
    Fault(frozenset(range(100, 500)), _refused),
)


def fault(response: httpx.Response, resource: str) -> Exception:
    """The error that an answer other than 200 or 304 means."""
    for row in FAULTS:
        if response.status_code in row.statuses:
            return row.meaning(response, resource)
    return _unavailable(response, resource)


def paces(response: httpx.Response) -> Pace:
    """What an answer's headers say of the limits: nothing, but when to come again after a refusal."""
    wait = retry_after(response.headers)
    return Pace(retry_after_s=wait, scope=None if wait is None else _scope(wait))


def _scope(wait: float) -> str:
    return "day" if wait > _MINUTE_S else "minute"
