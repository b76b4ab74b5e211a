"""A query on a short list that no table holds as it is shown: integrations, a company's connections."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

from tallystick.http.query.literals import flag, moment
from tallystick.http.query.syntax import All, Comparison, Expression, OneOf, malformed, unresolved

T = TypeVar("T")
#: A property's value, by name; what is compared follows from its type.
Reading = Mapping[str, Callable[[T], "str | bool | datetime | None"]]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def matches(tree: Expression, item: T, reading: Reading[T], name: str) -> bool:
    """Whether the item is meant. Raises: `Problem` 400."""
    match tree:
        case Comparison():
            return _compare(tree, item, reading, name)
        case All(parts):
            told = [matches(part, item, reading, name) for part in parts]  # every part is checked
            return all(told)
        case OneOf(parts):
            told = [matches(part, item, reading, name) for part in parts]
            return any(told)


def _compare(comparison: Comparison, item: T, reading: Reading[T], name: str) -> bool:
    read = reading.get(comparison.property)
    if read is None:
        raise unresolved(comparison.property, name)
    match read(item):
        case None:
            return comparison.operator == "!="
        case bool() as value:
            return _ordered(comparison, int(value), int(flag(comparison)))
        case datetime() as value:
            at = moment(comparison)
            micros = (value - _EPOCH) // timedelta(microseconds=1)
            return _ordered(comparison, micros - at.micros, 0)
        case value:
            return _text(comparison, value.lower(), comparison.value.lower())


def _text(comparison: Comparison, value: str, wanted: str) -> bool:
    match comparison.operator:
        case "=":
            return value == wanted
        case "!=":
            return value != wanted
        case "~":
            return wanted in value
        case operator:
            told = f"{comparison.property} is a text, which {operator} does not compare"
            raise malformed(comparison.property_at, told)


def _ordered(comparison: Comparison, value: object, wanted: object) -> bool:
    a: float = value  # type: ignore[assignment]  # int or Fraction: both compare exactly
    b: float = wanted  # type: ignore[assignment]
    match comparison.operator:
        case "=":
            return a == b
        case "!=":
            return a != b
        case ">":
            return a > b
        case "<":
            return a < b
        case ">=":
            return a >= b
        case "<=":
            return a <= b
        case "~":
            told = f"{comparison.property} is no text, and ~ compares texts"
            raise malformed(comparison.property_at, told)
