"""What a value of a query means, by the kind of property that it is compared with."""

import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Final

from attrs import frozen

from tallystick.http.query.syntax import Comparison, malformed

_NUMBER: Final = re.compile(r"[+-]?(\d{1,60})(?:\.(\d{1,60}))?", re.ASCII)
#: A space before an offset is the `+` of a URL that was not encoded.
_TIME: Final = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(\.\d{1,9})?(Z|[+ -]\d{2}:?\d{2})?)?",
    re.ASCII | re.IGNORECASE,
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@frozen
class Moment:
    """An instant, exact: between two microseconds when it was written with more than six digits."""

    micros: Fraction

    @property
    def floor(self) -> int:
        """The microsecond at or before it."""
        return self.micros.numerator // self.micros.denominator

    @property
    def ceiling(self) -> int:
        """The microsecond at or after it."""
        return -(-self.micros.numerator // self.micros.denominator)


def number(comparison: Comparison) -> Decimal:
    """An exact number. Raises: `Problem` 400."""
    if _NUMBER.fullmatch(comparison.value) is None:
        raise malformed(comparison.value_at, f"{comparison.property} takes a number: expected one")
    return Decimal(comparison.value)


def flag(comparison: Comparison) -> bool:
    """True or false. Raises: `Problem` 400."""
    value = comparison.value.lower()
    if value not in ("true", "false"):
        raise malformed(comparison.value_at, f"{comparison.property} takes true or false: expected one")
    return value == "true"


def moment(comparison: Comparison) -> Moment:
    """An instant; without a zone it is UTC, and a day is its midnight. Raises: `Problem` 400."""
    local, fraction, zone = _parts(comparison)
    try:
        instant = local.replace(tzinfo=_zone(zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise malformed(comparison.value_at, "Expected a time that there is") from None
    whole = (instant - _EPOCH) // timedelta(microseconds=1)
    return Moment(whole + Fraction(fraction or 0) * 1_000_000)


def day(comparison: Comparison) -> str:
    """A calendar date as records have it, `2021-01-28T00:00:00`; a zone means nothing to it.

    Raises: `Problem` 400.
    """
    local, fraction, _ = _parts(comparison)
    return local.isoformat() + (fraction or "").rstrip("0").rstrip(".")


def _parts(comparison: Comparison) -> tuple[datetime, str | None, str | None]:
    found = _TIME.fullmatch(comparison.value)
    if found is not None:
        date, time, fraction, zone = found.groups()
        try:
            return datetime.fromisoformat(f"{date}T{time or '00:00'}"), fraction, zone
        except ValueError:
            pass
    raise malformed(comparison.value_at, f"{comparison.property} takes a date or a time: expected one")


def _zone(text: str | None) -> timezone:
    if text is None or text in "Zz":
        return UTC
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))
