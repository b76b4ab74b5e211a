"""What stands round FreeAgent's rows: opened without reading the rows. Source: providers §2.5.

An answer is an object: of a list `{"invoices": […]}`, of one record `{"invoice": {…}}`. A row that does not
tell enough by itself is kept as such a record, with what it lacks beside it: `{"contact": {…}, "views": []}`.
"""

from collections.abc import Mapping
from typing import Final

import msgspec
from msgspec import Raw

from tallystick.connectors.freeagent.listings import CATEGORY_SETS, LISTINGS
from tallystick.connectors.unreadable import UNREADABLE, why
from tallystick.errors import PageUnreadable

#: Millions of tiny rows would take many times their bytes; the largest real page has some 5,000 objects.
_MOST_OBJECTS: Final = 1_000_000
_COUNTED_ABOVE: Final = 4 * 1024 * 1024  #: bytes
_TOP: Final = msgspec.json.Decoder(dict[str, Raw])
_ROWS: Final = msgspec.json.Decoder(list[Raw])
#: What tells a bare record, one that is no more, and a report as the client puts it together.
_ALONE: Final = frozenset({"url", "gone", "periods"})
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


def rows_of(resource: str, raw: bytes) -> list[Raw]:
    """The records of an answer, each as its exact bytes; a record alone is a list of one.

    Raises: `PageUnreadable` for what is not JSON, is cut short, or has none of the resource's lists.
    """
    body = raw.removeprefix(_BYTE_ORDER_MARK)
    if len(raw) > _COUNTED_ABOVE and raw.count(b"{") > _MOST_OBJECTS:
        raise unreadable(resource, f"it has more than {_MOST_OBJECTS} objects", raw)
    try:
        top = _TOP.decode(body)
        if any(name in top for name in CATEGORY_SETS):
            return _categories(top)
        listings = LISTINGS[resource]
        for name in (each.name for each in listings):
            # A list's own name, where its rows stand; a report has the name of the record.
            if name in top and _is_list(top[name]):
                return _ROWS.decode(top[name])
        if _ALONE & top.keys() or any(each.single in top for each in listings):
            return [Raw(body)]
    except UNREADABLE as error:
        html = body.lstrip()[:1] == b"<"
        raise unreadable(resource, "it is an HTML page, not JSON" if html else why(error), raw) from error
    raise unreadable(resource, f"it has no list {listings[0].name}", raw)


def _categories(top: Mapping[str, Raw]) -> list[Raw]:
    """The rows of four lists, each under its list's name: a row does not say what kind of account it is."""
    found = []
    for name in (name for name in CATEGORY_SETS if name in top):
        rows = _ROWS.decode(top[name]) if _is_list(top[name]) else [top[name]]
        found += [beside(name, row) for row in rows]
    return found


def _is_list(value: Raw) -> bool:
    return memoryview(value)[:1].tobytes() == b"["


def beside(single: str, row: Raw, **told: object) -> Raw:
    """A row as a record of its own, with what is told beside it."""
    parts = [b'"%b":%b' % (single.encode(), bytes(row))]
    parts += [b'"%b":%b' % (name.encode(), msgspec.json.encode(value)) for name, value in told.items()]
    return Raw(b"{" + b",".join(parts) + b"}")


def bare(row: Raw, single: str) -> Raw:
    """A record without its name round it, whether it has one or not. Raises: `msgspec.DecodeError`."""
    return _TOP.decode(row).get(single, row)


def listed(name: str, rows: list[Raw]) -> bytes:
    """An answer of these rows."""
    return b'{"%b":[%b]}' % (name.encode(), b",".join(map(bytes, rows)))


def unreadable(resource: str, reason: str, raw: bytes) -> PageUnreadable:
    """The error for an answer that is no good."""
    return PageUnreadable(platform="freeagent", resource=resource, reason=reason, raw=raw)
