"""What Sage's answers mean when they are not what was asked for, and what they say of its limits.

A body is a list of faults with `$severity`, `$dataCode` and `$message`, or HTML of a gateway's, or nothing;
it is only searched for Sage's own words and never shown. Source: providers §§3.1, 3.4, 5 nos. 55, 56.
"""

from collections.abc import Callable
from typing import Final

import httpx
from attrs import frozen

from tallystick.connectors.contract import Pace, TokenExpired
from tallystick.connectors.http_times import retry_after
from tallystick.errors import PermissionMissing, ProviderUnavailable, RateLimited, RequestRefused

#: Seconds to wait where Sage does not say: after so many, any minute's worth of calls is forgotten.
WAIT_S: Final = 60.0
#: A longer wait than this is that of a day's limit.
_MINUTE_S: Final = 120.0
#: What Sage and the gateways before it answer when a page takes too long to make.
TOO_HEAVY: Final = frozenset({504, 524, 525})
#: What Sage answers where the business's country or plan has no such list.
ABSENT: Final = frozenset({401, 404})

_SEARCHED: Final = 4096  #: bytes of a body; what explains a fault stands at its head


@frozen
class Fault:
    """One row of the table: for these statuses, where the answer holds these words."""

    statuses: frozenset[int]
    words: tuple[str, ...]  #: any of them, in lower case; none: whatever it says
    meaning: Callable[[httpx.Response, str], Exception]


def _expired(_response: httpx.Response, _resource: str) -> Exception:
    return TokenExpired("the access token is no longer taken")


def _not_permitted(_response: httpx.Response, resource: str) -> Exception:
    return PermissionMissing(platform="sage", resource=resource)


def _limited(response: httpx.Response, _resource: str) -> Exception:
    told = retry_after(response.headers)
    wait = WAIT_S if told is None else told
    return RateLimited(platform="sage", scope=_scope(wait), retry_after=wait)


def _unavailable(response: httpx.Response, _resource: str) -> Exception:
    return ProviderUnavailable(platform="sage", reason=f"HTTP {response.status_code}")


def _heavy(response: httpx.Response, resource: str) -> Exception:
    """A page of several rows is to be asked for in parts, so it is no use to ask for the same again."""
    size = response.request.url.params.get("items_per_page", "1")
    if size.isdecimal() and int(size) > 1:
        return _refused(response, resource)
    return _unavailable(response, resource)


def _refused(response: httpx.Response, resource: str) -> Exception:
    return RequestRefused(platform="sage", resource=resource, status=response.status_code)


def _only(*statuses: int) -> frozenset[int]:
    return frozenset(statuses)


#: The first row that fits counts. 401 is not always the token: the subscription may have ended.
FAULTS: Final = (
    Fault(_only(401), ("subscription",), _not_permitted),
    Fault(_only(401), (), _expired),
    Fault(_only(403), (), _not_permitted),
    Fault(_only(429), (), _limited),
    Fault(_only(408), (), _unavailable),
    Fault(TOO_HEAVY, (), _heavy),
    Fault(frozenset(range(500, 600)), (), _unavailable),
    Fault(frozenset(range(100, 500)), (), _refused),
)


def fault(response: httpx.Response, resource: str) -> Exception:
    """The error that an answer other than 200 or 304 means."""
    said = response.content[:_SEARCHED].decode("utf-8", "replace").lower()
    for row in FAULTS:
        if response.status_code in row.statuses and (
            not row.words or any(word in said for word in row.words)
        ):
            return row.meaning(response, resource)
    return _unavailable(response, resource)


def paces(response: httpx.Response) -> Pace:
    """What an answer's headers say of the limits: nothing, but when to come again after a refusal."""
    wait = retry_after(response.headers)
    return Pace(retry_after_s=wait, scope=None if wait is None else _scope(wait))


def _scope(wait: float) -> str:
    return "day" if wait > _MINUTE_S else "minute"
