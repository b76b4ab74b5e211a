"""The envelopes round QuickBooks' rows: opened without reading the entities in them.

A row does not say which entity it is; its envelope does. So each row is handed on as QuickBooks itself writes
a single one, `{"Invoice":{…}}`, with the entity's exact bytes. Source: providers §2.3, 5 nos. 47, 48.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec
from attrs import field, frozen
from msgspec import Raw

from tallystick.connectors.quickbooks.queries import entities_of
from tallystick.connectors.unreadable import UNREADABLE, why
from tallystick.errors import PageUnreadable

#: Millions of tiny rows would take many times their bytes; the largest real page has some 40,000 objects.
_MOST_OBJECTS: Final = 1_000_000
_COUNTED_ABOVE: Final = 4 * 1024 * 1024  #: bytes
_TOP: Final = msgspec.json.Decoder(dict[str, Raw])
_LIST: Final = msgspec.json.Decoder(list[Raw])
_TEXT: Final = msgspec.json.Decoder(str | None)
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_REPORT: Final = frozenset({"Header", "Columns", "Rows"})


@frozen(kw_only=True)
class Envelope:
    """One answer, or several that make a page together, opened but not read."""

    entities: Mapping[str, Sequence[Raw]] = field(repr=False)  #: by their names, in the order they came
    answered_at: str | None  #: with an offset

    def rows(self, entity: str) -> Sequence[Raw]:
        """The entity's own bytes. QuickBooks leaves out the name of what it has none of."""
        return self.entities.get(entity, ())


def open_envelope(resource: str, raw: bytes) -> Envelope:
    """The rows of an answer: of a query, of changes, of a single entity, of a report, or of a list of those.

    Raises: `PageUnreadable` for what is not JSON, is cut short, or is none of them.
    """
    body = raw.removeprefix(_BYTE_ORDER_MARK)
    if len(body) > _COUNTED_ABOVE and body.count(b"{") > _MOST_OBJECTS:
        raise _unreadable(resource, f"it has more than {_MOST_OBJECTS} objects", raw)
    try:
        answers = _LIST.decode(body) if body.lstrip()[:1] == b"[" else [Raw(body)]
        found: dict[str, list[Raw]] = {}
        answered_at = None
        for answer in answers:
            top = _TOP.decode(answer)
            for entity, rows in _entities(resource, top, answer):
                found.setdefault(entity, []).extend(rows)
            answered_at = answered_at or _time(top)
    except UNREADABLE as error:
        html = body.lstrip()[:1] == b"<"
        raise _unreadable(resource, "it is an HTML page, not JSON" if html else why(error), raw) from error
    except _NoEnvelope:
        raise _unreadable(resource, "it is neither rows nor changes nor a report", raw) from None
    return Envelope(entities=found, answered_at=answered_at)


class _NoEnvelope(Exception):
    """JSON that is nothing QuickBooks would say."""


def _entities(resource: str, top: dict[str, Raw], answer: Raw) -> Iterator[tuple[str, list[Raw]]]:
    if "QueryResponse" in top:
        yield from _response(top["QueryResponse"])
    elif "CDCResponse" in top:
        for batch in _LIST.decode(top["CDCResponse"]):
            for response in _LIST.decode(_TOP.decode(batch).get("QueryResponse", b"[]")):
                yield from _response(response)
    elif top.keys() >= {"Header"} and top.keys() & _REPORT != {"Header"}:
        yield "Report", [answer]
    else:
        single = [entity for entity in entities_of(resource) if entity in top]
        if not single:
            raise _NoEnvelope
        for entity in single:
            yield entity, _listed(top[entity])


def _response(response: Raw | bytes) -> Iterator[tuple[str, list[Raw]]]:
    """Every list in it; what else is there are counts."""
    for name, value in _TOP.decode(response).items():
        if bytes(memoryview(value)[:1]) == b"[":
            yield name, _LIST.decode(value)


def _listed(value: Raw) -> list[Raw]:
    return _LIST.decode(value) if bytes(memoryview(value)[:1]) == b"[" else [value]


def _time(top: dict[str, Raw]) -> str | None:
    told = top.get("time")
    return _TEXT.decode(told) if told is not None and bytes(memoryview(told)[:1]) == b'"' else None


def wrapped(parts: Mapping[str, bytes | Raw]) -> Raw:
    """A row: its entity under its name, and what belongs to it under theirs."""
    told = b",".join(b'"%b":%b' % (name.encode(), part) for name, part in parts.items())
    return Raw(b"{%b}" % told)


def _unreadable(resource: str, reason: str, raw: bytes) -> PageUnreadable:
    return PageUnreadable(platform="quickbooks", resource=resource, reason=reason, raw=raw)
