"""What QuickBooks' answers mean when they are not what was asked for.

The gateway says `fault.error[].message`, the services say `Fault.Error[].Message`, and either may come with
HTTP 200; what identifies a fault is its code, with or without leading zeros. Bodies are only searched for
codes and never shown. `intuit_tid` names the call to Intuit's support.
Source: providers §§1.3, 3.1, 3.3, 5 nos. 48, 53.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from zlib import crc32

import httpx
import msgspec
from attrs import frozen

from tallystick.connectors.contract import Pace, TokenExpired
from tallystick.errors import (
    NeedsReauthorisation,
    PermissionMissing,
    ProviderUnavailable,
    RateLimited,
    RequestRefused,
)

_SEARCHED: Final = 4096  #: bytes of a body; a fault is no longer
#: The status of a refusal that says: there is no such entity (any more). QuickBooks itself says 400 to that.
ABSENT: Final = 404
#: `"code":"3200"`, and `errorCode=003200` within a message, which tells it where the first is of another.
_CODE: Final = re.compile(r'"code"\s*:\s*"?0*(\d{1,9})|errorCode=0*(\d{1,9})')
_TID: Final = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)
_TOP: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LONGEST_JITTER_S: Final = 5.0


@frozen
class Fault:
    """One row of the table: for these statuses, where the answer tells one of these codes."""

    statuses: range
    codes: frozenset[str]  #: none: whatever it tells
    meaning: Callable[[httpx.Response, str], Exception]


def _expired(_response: httpx.Response, _resource: str) -> Exception:
    return TokenExpired("the access token is no longer taken")


def _not_permitted(_response: httpx.Response, resource: str) -> Exception:
    return PermissionMissing(platform="quickbooks", resource=resource)


def _disconnected(response: httpx.Response, _resource: str) -> Exception:
    return NeedsReauthorisation(
        platform="quickbooks",
        reason="the app is not connected to this company, or providers.quickbooks.api_url is of the other"
        f" environment (sandbox, production){_tid(response)}",
    )


def _limited(response: httpx.Response, _resource: str) -> Exception:
    wait = _retry_after(response)
    return RateLimited(
        platform="quickbooks",
        scope="minute",
        retry_after=_next_minute(response) if wait is None else wait,
    )


def _unavailable(response: httpx.Response, _resource: str) -> Exception:
    return ProviderUnavailable(
        platform="quickbooks", reason=f"HTTP {response.status_code}{_codes_told(response)}{_tid(response)}"
    )


def _refused(response: httpx.Response, resource: str) -> Exception:
    return RequestRefused(platform="quickbooks", resource=resource, status=response.status_code)


def _absent(_response: httpx.Response, resource: str) -> Exception:
    return RequestRefused(platform="quickbooks", resource=resource, status=ABSENT)


def _codes(*codes: int) -> frozenset[str]:
    return frozenset(map(str, codes))


def _only(status: int) -> range:
    return range(status, status + 1)


_ANY: Final = frozenset[str]()
_ALL: Final = range(100, 600)
_THROTTLED: Final = _codes(3001)
_NOT_OURS: Final = _codes(3100)
_UNKNOWN_TOKEN: Final = _codes(3200, 3201, 3202)
#: The user who gave the consent may not see it, or the company's plan has no such thing.
_NO_PERMISSION: Final = _codes(5020, 5030)
_NO_SUCH_ENTITY: Final = _codes(610)
#: An error of the service's own: it answered, and could not say what was asked for.
_FAILED_INSIDE: Final = _codes(10000)

#: The first row that fits counts. The throttle may come as 403 too, and anything may come as 200.
FAULTS: Final = (
    Fault(_ALL, _THROTTLED, _limited),
    Fault(_only(429), _ANY, _limited),
    Fault(_ALL, _NOT_OURS, _disconnected),
    Fault(range(200, 300), _UNKNOWN_TOKEN, _unavailable),  # it was let in with that very token
    Fault(_only(401), _ANY, _expired),
    Fault(_only(403), _UNKNOWN_TOKEN, _expired),
    Fault(_only(403), _ANY, _not_permitted),
    Fault(range(200, 500), _NO_PERMISSION, _not_permitted),
    Fault(range(200, 500), _FAILED_INSIDE, _unavailable),
    Fault(range(200, 500), _NO_SUCH_ENTITY, _absent),
    Fault(_only(408), _ANY, _unavailable),
    Fault(range(500, 600), _ANY, _unavailable),
    Fault(range(100, 500), _ANY, _refused),
)


def fault(response: httpx.Response, resource: str) -> Exception:
    """The error that a refusal means, or an answer with status 200 that `holds_a_fault`."""
    told = codes(response)
    for row in FAULTS:
        if response.status_code in row.statuses and (not row.codes or row.codes & told):
            return row.meaning(response, resource)
    return _unavailable(response, resource)


def holds_a_fault(raw: bytes) -> bool:
    """Whether an answer that should be rows is a fault. Cost: next to nothing for rows."""
    if b'"fault"' not in raw[:_SEARCHED].lower():
        return False
    try:
        top = _TOP.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False  # whoever reads it says what it is
    return any(bytes(memoryview(top.get(name, b"null"))[:1]) == b"{" for name in ("Fault", "fault"))


def codes(response: httpx.Response) -> set[str]:
    """The codes of a fault, without leading zeros."""
    body = response.content[:_SEARCHED].decode("utf-8", "replace")
    return {found for pair in _CODE.findall(body) for found in pair if found}


def paces(response: httpx.Response) -> Pace:
    """What an answer says of the limits: at most how long to wait, never what is left."""
    return Pace(retry_after_s=_retry_after(response))


def _codes_told(response: httpx.Response) -> str:
    told = sorted(codes(response))
    return f", error {', '.join(told)}" if told else ""


def _tid(response: httpx.Response) -> str:
    told = response.headers.get("intuit_tid", "")
    return f" (intuit_tid {told})" if _TID.fullmatch(told) else ""


def _retry_after(response: httpx.Response) -> float | None:
    told = response.headers.get("Retry-After", "").strip()
    return float(told) if told.isdecimal() and len(told) < 10 else None


def _next_minute(response: httpx.Response) -> float:
    """Seconds to a moment soon after the next full minute, when their count begins anew.

    The moment differs from answer to answer, so that what was refused together does not come together again.
    """
    try:
        answered = parsedate_to_datetime(response.headers.get("Date", "")).astimezone(UTC)
    except ValueError:
        answered = datetime.now(UTC)
    spread = crc32(response.headers.get("intuit_tid", "").encode()) % 1000 / 1000
    return 60.0 - answered.second + 1.0 + spread * _LONGEST_JITTER_S
