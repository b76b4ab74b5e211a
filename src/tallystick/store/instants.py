"""Instants as the databases hold them: whole microseconds since 1970, UTC."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


#: The wall clock, passed in so that a test or a simulation can move it.
Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The wall clock. Deadlines use trio's."""
    return datetime.now(UTC)


def to_micros(instant: datetime) -> int:
    """Exact; the instant must be aware."""
    return (instant - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """Exact and aware."""
    return _EPOCH + timedelta(microseconds=micros)


def maybe_micros(instant: datetime | None) -> int | None:
    """`to_micros` where there is an instant."""
    return None if instant is None else to_micros(instant)


def maybe_instant(micros: int | None) -> datetime | None:
    """`from_micros` where there is a number."""
    return None if micros is None else from_micros(micros)


def iso(micros: int) -> str:
    """As the API sends it: `2026-01-02T10:00:00.000000Z`; always six digits, so text sorts as time does."""
    return from_micros(micros).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
