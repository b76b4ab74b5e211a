"""Calendar dates: the day that a document bears, wherever in the world it is read.

A calendar date never becomes an instant: it has no zone, and nothing here moves it by one.
"""

import re
from datetime import date
from functools import lru_cache
from typing import Final, NewType

#: `2018-10-20T00:00:00`: how the API writes a day.
CalendarDate = NewType("CalendarDate", str)

_DAY: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(?:T00:00(?::00(?:\.0+)?)?(?:Z|[+]00:00)?)?", re.ASCII)


@lru_cache(maxsize=16_384)
def calendar_date(text: str) -> CalendarDate | None:
    """A day from `2018-10-20`, with or without a midnight behind it; None for anything else.

    A time of day other than midnight is an instant's, and is refused: its day depends on a zone.
    """
    found = _DAY.fullmatch(text)
    if found is None:
        return None
    try:
        return calendar_day(date.fromisoformat(found[1]))
    except ValueError:
        return None


def calendar_day(day: date) -> CalendarDate:
    """A day as the API writes it."""
    return CalendarDate(f"{day.isoformat()}T00:00:00")
