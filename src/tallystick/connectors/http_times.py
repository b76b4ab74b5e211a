"""Moments and waits in HTTP headers. Source: RFC 9110 §§5.6.7, 10.2.3."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def http_date(text: str) -> datetime | None:
    """The moment of a header; aware UTC, None for what is none."""
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, told as seconds or as a date; None where nothing is told."""
    told = headers.get("Retry-After", "").strip()
    if told.isdecimal() and len(told) < 10:
        return float(told)
    until = http_date(told)
    if until is None:
        return None
    now = http_date(headers.get("Date", "")) or datetime.now(UTC)
    return max(0.0, (until - now).total_seconds())
