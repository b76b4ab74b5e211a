"""The URL's parameters that are numbers, days and months. What is wrong is refused by its name (400)."""

import re
from datetime import date
from typing import Final

from tallystick.http.api.call import Call
from tallystick.http.problem import Problem, invalid

_NUMBER: Final = re.compile(r"\d{1,9}", re.ASCII)
#: A day, or a month, with whatever time of day a client's date has: the day is taken as it is written.
_DAY: Final = re.compile(
    r"(\d{4}-\d{2})(-\d{2})?(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?(?:Z|[ +-]\d{2}:\d{2})?", re.ASCII
)
_EARLIEST: Final = date(1900, 1, 1)


def whole_number(call: Call, name: str, *, most: int, default: int | None = None) -> int:
    """A number from 1 to `most`; without a default it has to be given. Raises: `Problem` 400."""
    text = call.query.get(name)
    if text is None and default is not None:
        return default
    if text is None or _NUMBER.fullmatch(text) is None or not 1 <= int(text) <= most:
        raise invalid(name, f"must be a whole number from 1 to {most}")
    return int(text)


def day(call: Call, name: str) -> date | None:
    """A day such as `2026-03-31`; None where none is given. Raises: `Problem` 400."""
    return _date(call, name, "a day such as 2026-03-31", needs_day=True)


def month(call: Call, name: str) -> date | None:
    """A day in a month such as `2026-03`; None where none is given. Raises: `Problem` 400."""
    return _date(call, name, "a month such as 2026-03, or a day in it", needs_day=False)


def _date(call: Call, name: str, wanted: str, *, needs_day: bool) -> date | None:
    text = call.query.get(name)
    if text is None:
        return None
    found = _DAY.fullmatch(text.strip())
    if found is None or (needs_day and found[2] is None):
        raise _no_date(name, wanted)
    try:
        told = date.fromisoformat(found[1] + (found[2] or "-01"))
    except ValueError:
        raise _no_date(name, wanted) from None
    if told < _EARLIEST:
        raise _no_date(name, f"{wanted}, not before {_EARLIEST}")
    return told


def _no_date(name: str, wanted: str) -> Problem:
    return invalid(name, f"must be {wanted}")
