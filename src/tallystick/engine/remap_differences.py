"""Which fields of records a new mapping changes, and how: what a person looks at before saying yes."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
from attrs import define, field, frozen

from tallystick.standard import DataType

#: The engine's own: it moves with every change.
_OURS: Final = frozenset({"modifiedDate"})
_SHOWN: Final = 120  #: characters of a value


@frozen(kw_only=True)
class Sample:
    """One record in which a field changes: values as JSON, None where there is none."""

    record_id: str
    before: str | None
    after: str | None


@define
class FieldDifference:
    """How often a field changes."""

    records: int = 0
    samples: list[Sample] = field(factory=list)


@define
class Differences:
    """Fields that change, by data type and path (`lineItems[].taxAmount`), with a few samples of each."""

    most_samples: int = 3
    by_type: dict[DataType, dict[str, FieldDifference]] = field(factory=dict)

    def note(self, data_type: DataType, record_id: str, before: bytes, after: bytes) -> None:
        """Add a record that changes: its JSON before, and its JSON by today's mapping."""
        fields = self.by_type.setdefault(data_type, {})
        for path, (old, new) in changes(before, after).items():
            found = fields.setdefault(path, FieldDifference())
            found.records += 1
            if len(found.samples) < self.most_samples:
                found.samples.append(Sample(record_id=record_id, before=old, after=new))


def changes(before: bytes, after: bytes) -> Mapping[str, tuple[str | None, str | None]]:
    """The fields that differ, by path, each with its first differing value before and after.

    Values are compared by their JSON text: `1.50` and `1.5` are two. Of a list that has become longer or
    shorter, what stands at the places that only one of the two has differs from nothing.
    """
    found: dict[str, tuple[str | None, str | None]] = {}
    old, new = dict(_leaves(before)), dict(_leaves(after))
    for place in dict.fromkeys([*old, *new]):
        one, other = old.get(place), new.get(place)
        if one != other:
            found.setdefault(_path(place), (_shown(one), _shown(other)))
    return found


def _leaves(text: bytes) -> Iterator[tuple[tuple[str | int, ...], bytes]]:
    yield from _of(msgspec.Raw(text), ())


def _of(raw: msgspec.Raw, place: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], bytes]]:
    text = bytes(raw)
    if text.startswith(b"{") and len(text) > 2:
        for name, value in _OBJECT.decode(raw).items():
            if place or name not in _OURS:
                yield from _of(value, (*place, name))
    elif text.startswith(b"[") and len(text) > 2:
        for number, value in enumerate(_LIST.decode(raw)):
            yield from _of(value, (*place, number))
    else:
        yield place, text


_OBJECT: Final[msgspec.json.Decoder[dict[str, Any]]] = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST: Final[msgspec.json.Decoder[list[Any]]] = msgspec.json.Decoder(list[msgspec.Raw])


def _path(place: tuple[str | int, ...]) -> str:
    """`lineItems[].description`: of all places of a list alike."""
    told = ""
    for part in place:
        told += "[]" if isinstance(part, int) else f".{part}" if told else part
    return told


def _shown(value: bytes | None) -> str | None:
    if value is None:
        return None
    text = value.decode(errors="replace")
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
