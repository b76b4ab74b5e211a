"""The JSON Schema (2020-12) of the model's classes, made from the classes themselves.

It says what is sent: `required` is what is always there, and nothing is null, since a field without a value
is left out. Objects are open, so that a field can be added without breaking anybody.
"""

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from types import ModuleType
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

import attrs
from msgspec import Raw

from tallystick.standard.dates import CalendarDate
from tallystick.standard.meanings import MEANINGS, meaning
from tallystick.standard.spelling import spelt

#: Says what a class's field means.
Meaning = Callable[[type[Any], str], str]

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_SOURCE: Final = re.compile(r"\s*Source: [^\n]*$", re.MULTILINE)
_INSTANT: Final[Mapping[str, Any]] = {"type": "string", "format": "date-time"}
_SCALARS: Final[Mapping[Any, Mapping[str, Any]]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    Decimal: {"type": "number"},
    datetime: _INSTANT,
    # A day is no `date-time`: it has no zone, and must not be moved by one.
    CalendarDate: {
        "type": "string",
        "format": "calendar-date",
        "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T00:00:00$",
    },
    Raw: {},
}


def schema_of(kind: type[Any], told: Meaning = meaning) -> dict[str, Any]:
    """The schema of a record or an answer, with the classes within it under `$defs`.

    `told` gives each field's description. Raises: `TypeError` for a field that JSON has no type for.
    """
    inner = {each.__name__: _object(each, "#/$defs/{name}", told) for each in classes_of(kind)}
    own = inner.pop(kind.__name__)
    if any(_mentions(part, f"#/$defs/{kind.__name__}") for part in (own, *inner.values())):
        inner[kind.__name__] = own
        own = {"$ref": f"#/$defs/{kind.__name__}"}
    return {"$schema": _DIALECT, **own, **({"$defs": inner} if inner else {})}


def definitions(
    kinds: Iterable[type[Any]], reference: str, told: Meaning = meaning
) -> dict[str, dict[str, Any]]:
    """The schemas of some classes and of all within them, by class name; `reference` has a `{name}` in it.

    For a description of an API, which keeps them in one place: `#/components/schemas/{name}`.
    """
    found = {each.__name__: each for kind in kinds for each in classes_of(kind)}
    return {name: _object(each, reference, told) for name, each in sorted(found.items())}


def classes_of(kind: type[Any]) -> tuple[type[Any], ...]:
    """A class and those that its fields are made of, each once, in the order in which they are met."""
    found: dict[type[Any], None] = {}
    waiting = [kind]
    while waiting:
        each = waiting.pop(0)
        if each not in found:
            found[each] = None
            waiting += [part for hint in _fields(each).values() for part in _within(hint)]
    return tuple(found)


def about(told: type[Any] | ModuleType) -> str:
    """What a class or a module says that it is for, without the papers that this rests on."""
    return _SOURCE.sub("", inspect.cleandoc(told.__doc__ or "")).strip()


def always_sent(field: "attrs.Attribute[Any]") -> bool:
    """Whether `encode` writes the field whatever it holds."""
    return field.default is not None


def _object(kind: type[Any], reference: str, told: Meaning) -> dict[str, Any]:
    fields = _fields(kind)
    properties = {
        spelt(name): _described(_value(hint, reference), told(kind, name)) for name, hint in fields.items()
    }
    if hasattr(kind, "DATA_TYPE"):  # the store adds it
        properties["modifiedDate"] = _described(_INSTANT, MEANINGS["modifiedDate"])
    return {
        "title": kind.__name__,
        "description": about(kind),
        "type": "object",
        "properties": properties,
        "required": [spelt(field.name) for field in attrs.fields(kind) if always_sent(field)],
    }


def _fields(kind: type[Any]) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in attrs.fields(kind)}


def _value(hint: Any, reference: str) -> dict[str, Any]:
    """The schema of one field's value."""
    hint = without_none(hint)
    if hint in _SCALARS:
        return dict(_SCALARS[hint])
    if attrs.has(hint):
        return {"$ref": reference.format(name=hint.__name__)}
    if get_origin(hint) is Literal:
        return {"type": "string", "enum": list(get_args(hint))}
    if get_origin(hint) is tuple:
        return {"type": "array", "items": _value(get_args(hint)[0], reference)}
    if get_origin(hint) is Mapping:
        return {"type": "object", "additionalProperties": _value(get_args(hint)[1], reference)}
    raise TypeError(f"{hint} has no JSON type here; give it one in {__name__}")


def without_none(hint: Any) -> Any:
    """What a field's value is, where it has one."""
    parts = [part for part in get_args(hint) if part is not type(None)]
    return parts[0] if get_origin(hint) is not Literal and type(None) in get_args(hint) else hint


def _within(hint: Any) -> Iterator[type[Any]]:
    if attrs.has(hint) and isinstance(hint, type):
        yield hint
    elif get_origin(hint) is not Literal:
        for part in get_args(hint):
            yield from _within(part)


def _described(schema: Mapping[str, Any], text: str) -> dict[str, Any]:
    return {**schema, "description": text} if text else dict(schema)


def _mentions(part: Any, reference: str) -> bool:
    if isinstance(part, dict):
        return part.get("$ref") == reference or any(_mentions(each, reference) for each in part.values())
    return isinstance(part, list) and any(_mentions(each, reference) for each in part)
