"""When a data type of a connection is read again: pure arithmetic of instants, no table and no clock.

Intervals are absolute hours, counted from the end of the last sync, in UTC: a night on which a country
changes its clocks is 24 hours here, as every other. What moves a due time away from the even hour comes
from the connection's id alone, so that many connections never fall due together, one connection's data
types always do, and the same question has the same answer after a restart.
"""

from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Final, Literal

from attrs import frozen

from tallystick.errors import (
    NeedsReauthorisation,
    RateLimited,
    Skip,
    StoreUnusable,
    TallystickError,
)

#: How a data type's sync ended, as far as its next due time is concerned.
EndKind = Literal["success", "fault", "limit", "consent", "stop"]
#: What a due time follows from.
Cause = Literal["first", "interval", "settings", "backoff", "limit", "consent"]

#: The wait after the first, second, … bad end in a row; the last one holds for all that follow.
BACKOFF: Final = tuple(timedelta(minutes=minutes) for minutes in (5, 10, 20, 40, 60))
_SPREAD_SHARE: Final = 0.05
_LONGEST_SPREAD: Final = timedelta(hours=1)
_LONGEST_TOGETHER: Final = timedelta(minutes=5)
_BACKOFF_SPREAD: Final = 0.1
#: A limit is waited for at least so long, and at most a day: a provider's slip is not believed for longer.
_LIMIT_MARGIN: Final = timedelta(minutes=1)
_LONGEST_LIMIT: Final = timedelta(hours=24)


@frozen(kw_only=True)
class RefreshEnd:
    """How the sync of one data type ended."""

    kind: EndKind
    until: datetime | None = None  #: before this moment no try can succeed
    reason: str | None = None  #: for people


@frozen(kw_only=True)
class Refresh:
    """When a data type is due, and why then."""

    due_at: datetime | None  #: None: it is read when somebody asks for it, not by itself
    hours: int  #: the interval that it was planned with; 0: none
    cause: Cause
    attempt: int = 0  #: passing faults in a row
    reason: str | None = None  #: how the last sync of it ended, where it did not end well


def ended(error: TallystickError | None, now: datetime) -> RefreshEnd:
    """What the end of a sync means for the next one. None: it ended well.

    A full disk passes, so it is tried again. A lost consent keeps the type due for when it is given again.
    """
    if error is None or isinstance(error, Skip):
        return RefreshEnd(kind="success", reason=None if error is None else str(error))
    if isinstance(error, NeedsReauthorisation):
        return RefreshEnd(kind="consent", reason=str(error))
    wait: float | None = getattr(error, "retry_after", None)
    until = None if wait is None else now + timedelta(seconds=min(wait, _LONGEST_LIMIT.total_seconds()))
    if isinstance(error, RateLimited):
        return RefreshEnd(kind="limit", until=until, reason=str(error))
    if error.recovery == "retry" or isinstance(error, StoreUnusable):
        return RefreshEnd(kind="fault", until=until, reason=str(error))
    return RefreshEnd(kind="stop", reason=str(error))


def spread(hours: int) -> timedelta:
    """How far a due time may lie on either side of the even interval: a twentieth, at most an hour."""
    return min(timedelta(hours=hours) * _SPREAD_SHARE, _LONGEST_SPREAD)


def together(refresh: Refresh) -> timedelta:
    """How much before its time a data type goes along with another one of its connection that is due.

    Regular ones a twentieth of their interval, at most five minutes. Others a minute, since a limit's
    due time leaves at least that much behind the end of the limit.
    """
    if refresh.cause in {"backoff", "limit"}:
        return _LIMIT_MARGIN
    return min(timedelta(hours=refresh.hours) * _SPREAD_SHARE, _LONGEST_TOGETHER)


def place(connection_id: str) -> float:
    """Where a connection stands among all: evenly in -1 to 1, always the same."""
    number = int.from_bytes(blake2b(connection_id.encode(), digest_size=8).digest(), "big")
    return number / 2**63 - 1


def regular(connection_id: str, hours: int, now: datetime) -> datetime | None:
    """The due time of a data type that has just been read; None for an interval of 0 hours."""
    if hours == 0:
        return None
    return now + timedelta(hours=hours) + spread(hours) * place(connection_id)


def after(
    end: RefreshEnd, *, before: Refresh | None, hours: int, connection_id: str, now: datetime
) -> Refresh:
    """When a data type is due after a sync of it.

    `before`: what was planned for it; `hours`: its interval now. A type without an interval is tried
    again only while its first reading is owed, and at most as often as `BACKOFF` is long.
    """
    again = regular(connection_id, hours, now)
    owed = hours > 0 or (before is not None and before.due_at is not None)
    attempt = before.attempt if before is not None else 0
    if end.kind == "consent" and owed:
        return Refresh(due_at=now, hours=hours, cause="consent", attempt=attempt, reason=end.reason)
    if end.kind == "limit" and owed:
        due_at = _limit_over(end, connection_id, now)
        return Refresh(due_at=due_at, hours=hours, cause="limit", attempt=attempt, reason=end.reason)
    if end.kind == "fault" and owed and (again is not None or attempt < len(BACKOFF)):
        retry = _tried_again(end, attempt, connection_id, now)
        due_at = retry if again is None else min(retry, again)
        return Refresh(due_at=due_at, hours=hours, cause="backoff", attempt=attempt + 1, reason=end.reason)
    return Refresh(due_at=again, hours=hours, cause="interval", reason=end.reason)


def is_due(refresh: Refresh, now: datetime) -> bool:
    """Whether its time has come, or can no longer be believed.

    A due time further ahead than it can ever have been planned shows that the clock was wrong then and
    has been set back since: the data type is read now, once, and planned by the clock as it is.
    """
    if refresh.due_at is None:
        return False
    return refresh.due_at <= now or refresh.due_at > now + _furthest(refresh)


def _limit_over(end: RefreshEnd, connection_id: str, now: datetime) -> datetime:
    over = max(now, min(end.until or now, now + _LONGEST_LIMIT))
    return over + _LIMIT_MARGIN * (1.5 + place(connection_id) / 2)


def _tried_again(end: RefreshEnd, attempt: int, connection_id: str, now: datetime) -> datetime:
    wait = BACKOFF[min(attempt, len(BACKOFF) - 1)] * (1 + _BACKOFF_SPREAD * place(connection_id))
    closed = min(end.until or now, now + BACKOFF[-1])
    return max(now + wait, closed)


def _furthest(refresh: Refresh) -> timedelta:
    """The longest wait that `after` and `regular` can have planned for it."""
    if refresh.cause == "limit":
        return _LONGEST_LIMIT + 2 * _LIMIT_MARGIN
    if refresh.cause == "backoff":
        return BACKOFF[-1] * (1 + _BACKOFF_SPREAD)
    return timedelta(hours=refresh.hours) + spread(refresh.hours)
