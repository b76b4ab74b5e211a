"""What the headers of a list's answer tell: how many rows there are, and whether a page follows.

FreeAgent names the pages around one in `Link` (RFC 8288) and counts the rows in `X-Total-Count`. The
addresses in `Link` are not asked: only that there is a next one is taken from it. Source: providers §2.5.
"""

import re
from typing import Final

import httpx

_NEXT: Final = re.compile(r"<[^<>]*>\s*;[^,<]*\brel\s*=\s*\"?next\"?", re.IGNORECASE)


def total_of(response: httpx.Response) -> int | None:
    """Rows of the whole list, where the answer says so."""
    told = response.headers.get("X-Total-Count", "").strip()
    return int(told) if told.isdecimal() and len(told) < 10 else None


def goes_on(response: httpx.Response, *, offset: int, rows: int, size: int) -> bool:
    """Whether another page follows one of so many rows.

    The count decides; without one the `Link`; without either a page that is full may not be the last.
    """
    if not rows:
        return False
    total = total_of(response)
    if total is not None:
        return offset + rows < total
    links = response.headers.get("Link")
    if links is not None:
        return _NEXT.search(links) is not None
    return rows >= size
