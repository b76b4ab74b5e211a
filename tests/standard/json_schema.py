"""Holds a value to a JSON Schema, as far as the model's schemas go: a keyword that is not here is a fault."""

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

_TYPES = {dict: "object", list: "array", str: "string", bool: "boolean", Decimal: "number", int: "integer"}
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z", re.ASCII)
_ANNOTATIONS = {"title", "description", "$schema", "$defs", "type"}
_Check = Callable[[Any, Any, Any, str], Iterator[str]]


def faults(value: Any, schema: Mapping[str, Any], root: Any, path: str = "$") -> Iterator[str]:
    """Every way in which a value breaks a schema. `value` has its fractions as decimals."""
    found = _TYPES.get(type(value), "null")
    wanted = schema.get("type", found)
    if wanted != found and (wanted, found) != ("number", "integer"):
        yield f"{path} is {found}, not {wanted}"
        return
    for keyword in schema.keys() - _ANNOTATIONS:
        yield from _CHECKS[keyword](value, schema[keyword], root, path)


def _reference(value: Any, told: str, root: Any, path: str) -> Iterator[str]:
    target = root
    for step in told.removeprefix("#/").split("/"):
        target = target[step]
    yield from faults(value, target, root, path)


def _words(value: Any, told: list[str], root: Any, path: str) -> Iterator[str]:
    if value not in told:
        yield f"{path} is {value!r}, none of {told}"


def _required(value: Any, told: list[str], root: Any, path: str) -> Iterator[str]:
    yield from (f"{path}.{name} is missing" for name in told if name not in value)


def _properties(value: Any, told: Any, root: Any, path: str) -> Iterator[str]:
    for name in told.keys() & value.keys():
        yield from faults(value[name], told[name], root, f"{path}.{name}")


def _members(value: Any, told: Any, root: Any, path: str) -> Iterator[str]:
    for name, each in value.items():
        yield from faults(each, told, root, f"{path}.{name}")


def _items(value: Any, told: Any, root: Any, path: str) -> Iterator[str]:
    for place, each in enumerate(value):
        yield from faults(each, told, root, f"{path}[{place}]")


def _pattern(value: str, told: str, root: Any, path: str) -> Iterator[str]:
    if re.search(told, value, re.ASCII) is None:
        yield f"{path} is {value!r}"


def _format(value: str, told: str, root: Any, path: str) -> Iterator[str]:
    if told != "calendar-date" and not (told == "date-time" and _INSTANT.fullmatch(value)):
        yield f"{path} is {value!r}, no {told}"


_CHECKS: Mapping[str, _Check] = {
    "$ref": _reference,
    "enum": _words,
    "required": _required,
    "properties": _properties,
    "additionalProperties": _members,
    "items": _items,
    "pattern": _pattern,
    "format": _format,
}
