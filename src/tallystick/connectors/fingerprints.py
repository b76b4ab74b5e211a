"""By what two pages in a row are the same or not, at hardly any cost. See `Page.fingerprint`."""

import zlib
from collections.abc import Iterable

from msgspec import Raw


def fingerprint(raw: bytes | memoryview) -> int:
    """Of one run of bytes."""
    return len(raw) << 32 | zlib.crc32(raw)


def fingerprint_of_rows(rows: Iterable[Raw]) -> int:
    """Of rows alone, where what stands round them is never the same twice."""
    length = checksum = 0
    for row in rows:
        length, checksum = length + len(memoryview(row)), zlib.crc32(memoryview(row), checksum)
    return length << 32 | checksum
