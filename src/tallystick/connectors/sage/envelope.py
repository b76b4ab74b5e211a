"""The envelope round Sage's lists: opened without reading the records in it. Source: providers §2.4."""

from typing import Final

import msgspec
from attrs import field, frozen
from msgspec import Raw

from tallystick.connectors.unreadable import UNREADABLE, why
from tallystick.errors import PageUnreadable

EMPTY: Final = b'{"$items":[]}'


@frozen(kw_only=True)
class Envelope:
    """One answer, opened but not read."""

    resource: str
    raw: bytes = field(repr=False)
    array: memoryview = field(repr=False)  #: the JSON array of its records, exactly as it came; no copy of it
    total: int | None = None  #: rows of the whole list
    page: int | None = None  #: the number of the page that this is
    size: int | None = None  #: the rows of a page, at most
    goes_on: bool = False  #: it names a next page

    def rows(self) -> list[Raw]:
        """The records, each as its exact bytes. Raises: `PageUnreadable`."""
        if len(self.raw) > _COUNTED_ABOVE and self.raw.count(b"{") > _MOST_OBJECTS:
            raise unreadable(self.resource, f"it has more than {_MOST_OBJECTS} objects", self.raw)
        try:
            return _ROWS.decode(self.array)
        except UNREADABLE as error:
            raise unreadable(self.resource, why(error), self.raw) from error


#: Millions of tiny rows would take many times their bytes; the largest real page has some 20,000 objects.
_MOST_OBJECTS: Final = 1_000_000
_COUNTED_ABOVE: Final = 4 * 1024 * 1024  #: bytes
_TOP: Final = msgspec.json.Decoder(dict[str, Raw])
_ROWS: Final = msgspec.json.Decoder(list[Raw])
_COUNT: Final = msgspec.json.Decoder(int | None, strict=False)
_TEXT: Final = msgspec.json.Decoder(str | None)
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
#: What tells a record that comes without an envelope.
_BARE: Final = frozenset({"id", "$path", "$banks", "business", "financial_settings"})


def open_envelope(resource: str, raw: bytes) -> Envelope:
    """The list of an answer and what is said about it. Also takes a bare record, which is a list of one.

    Raises: `PageUnreadable` for what is not JSON, is cut short, or has no list.
    """
    body = raw.removeprefix(_BYTE_ORDER_MARK)
    try:
        top = _TOP.decode(body)
        items = memoryview(top.get("$items", b""))
        if items[:1].tobytes() != b"[":
            if not _BARE & top.keys():
                raise unreadable(resource, "it has no list $items", raw)
            return Envelope(resource=resource, raw=raw, array=memoryview(b"[" + body + b"]"))
        return Envelope(
            resource=resource,
            raw=raw,
            array=items,
            total=_COUNT.decode(top.get("$total", b"null")),
            page=_COUNT.decode(top.get("$page", b"null")),
            # The list of businesses spells it in its own way.
            size=_COUNT.decode(top.get("$itemsPerPage", top.get("$items_per_page", b"null"))),
            goes_on=bool(_TEXT.decode(top.get("$next", b"null"))),
        )
    except UNREADABLE as error:
        html = body.lstrip()[:1] == b"<"
        raise unreadable(resource, "it is an HTML page, not JSON" if html else why(error), raw) from error


def unreadable(resource: str, reason: str, raw: bytes) -> PageUnreadable:
    """The error for an answer that is no good."""
    return PageUnreadable(platform="sage", resource=resource, reason=reason, raw=raw)


def refuse_broken(content: bytes, resource: str) -> None:
    """Raises: `PageUnreadable` for what is no whole JSON object, before it is put among others."""
    try:
        _TOP.decode(content)
    except UNREADABLE as error:
        html = content.lstrip()[:1] == b"<"
        reason = "it is an HTML page, not JSON" if html else "it is no whole JSON object"
        raise unreadable(resource, reason, content) from error
