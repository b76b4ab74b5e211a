"""Fields that are new at a provider: neither read by its mapping, nor known and left alone.

The raw bytes keep them, so nothing is lost; that there are some says that the mapping has fallen behind. What
a provider's wire classes name is known; what else its answers are known to hold is a list in its folder.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from types import UnionType
from typing import Any, Final, Protocol, Union, get_args, get_origin, runtime_checkable

import msgspec

from tallystick.connectors.contract import Issue, Resource

#: Fields told of one row: where there are more, the first are enough to go and look.
_MOST_TOLD: Final = 20
#: A row that is larger is a report, whose rows are all alike.
_LARGEST: Final = 256 * 1024
_UNKNOWN_WORD: Final = "is no word that this mapping knows"
#: By JSON name: the fields within, or None where what is within is not looked at.
Known = Mapping[str, "Known | None"]


@runtime_checkable
class KnowsFields(Protocol):
    """A mapper that can tell which fields of a row it has never heard of."""

    def unknown_fields(self, resource: Resource, row: msgspec.Raw) -> tuple[str, ...]:
        """Their paths, without places in lists: `LineItems.Colour`. It never raises for data."""


@cache
def known_to(kind: type[msgspec.Struct]) -> Known:
    """What a wire class reads, and the classes within it: some are within themselves."""
    return _known(kind, {})


def _known(kind: type[msgspec.Struct], made: dict[type, dict[str, Known | None]]) -> Known:
    if kind not in made:
        made[kind] = found = {}
        for field in msgspec.structs.fields(kind):
            within = _struct_in(field.type)
            found[field.encode_name] = None if within is None else _known(within, made)
    return made[kind]


def is_unknown_word(issue: Issue) -> bool:
    """Whether a doubt is about a word of a closed set that the mapping does not know (`doubts.word`)."""
    return issue.message.endswith(_UNKNOWN_WORD)


def kind_read_by(read: Callable[..., Any]) -> type[msgspec.Struct] | None:
    """The wire class that a decoder's own `decode` reads; None for any other function."""
    kind = getattr(getattr(read, "__self__", None), "type", None)
    return kind if isinstance(kind, type) and issubclass(kind, msgspec.Struct) else None


def unknown_in(row: msgspec.Raw, known: Known, left_alone: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """The paths of a row's fields that are neither known nor left alone, in order, some of the first.

    `left_alone`: paths of fields that are not read; `*.Name` is one in any place, `Path.*` all within one.
    Cost: decodes the row, 10 µs for an invoice.
    """
    if len(row) > _LARGEST:
        return ()
    try:
        told = msgspec.json.decode(row)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ()
    found = dict.fromkeys(_unknown(told, known, "", left_alone))
    return tuple(found)[:_MOST_TOLD]


def _unknown(told: Any, known: Known, before: str, left_alone: frozenset[str]) -> Iterator[str]:
    if isinstance(told, list):
        for each in told:
            yield from _unknown(each, known, before, left_alone)
    elif isinstance(told, dict):
        for name, value in told.items():
            path = before + name
            if name not in known:
                if path not in left_alone and f"*.{name}" not in left_alone:
                    yield path
                continue
            within = known[name]
            if within is not None and f"{path}.*" not in left_alone and isinstance(value, dict | list):
                yield from _unknown(value, within, f"{path}.", left_alone)


def _struct_in(annotation: Any) -> type[msgspec.Struct] | None:
    """The class that a field holds: itself, in a list, or beside None."""
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return annotation
    if get_origin(annotation) in (Union, UnionType, list):
        return next(filter(None, map(_struct_in, get_args(annotation))), None)
    return None
