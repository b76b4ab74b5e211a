"""Finds numbers that are none: `NaN` and `Infinity`, which a string can smuggle into a Decimal.

At Sage every amount is a string, so this is no idle care.
"""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from operator import attrgetter
from typing import Any, Final, get_args

import msgspec
from attrs import frozen

from tallystick.connectors.sage import wire, wire_bank, wire_lists
from tallystick.errors import RecordRejected


@frozen
class _Numbers:
    """Where one kind of record has its numbers, and which records within it have some."""

    names: tuple[str, ...]
    values: Callable[[Any], Sequence[Decimal | None]]
    nested: tuple[tuple[str, "_Numbers"], ...]


def _numbers(kind: type[wire.Sent]) -> _Numbers:
    types = {field.name: get_args(field.type) for field in msgspec.structs.fields(kind)}
    names = tuple(name for name, allowed in types.items() if Decimal in allowed)
    within = ((name, _within(allowed)) for name, allowed in types.items())
    return _Numbers(names, _getter(names), tuple((name, found) for name, found in within if found))


def _within(allowed: Sequence[Any]) -> _Numbers | None:
    """The numbers of the record, or of the list of records, that a field of these types holds."""
    for each in allowed:
        inner = (get_args(each) or (each,))[0]
        if isinstance(inner, type) and issubclass(inner, wire.Sent):
            found = _numbers(inner)
            return found if found.names or found.nested else None
    return None


def _getter(names: Sequence[str]) -> Callable[[Any], Sequence[Any]]:
    if len(names) > 1:
        return attrgetter(*names)
    return lambda source: [getattr(source, name) for name in names]


_NUMBERS: Final = {
    kind: _numbers(kind)
    for module in (wire, wire_lists, wire_bank)
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, wire.Sent)
}


def refuse_endless(source: wire.Sent) -> None:
    """Raises: `RecordRejected` with the path of the first number that is not finite."""
    for path, number in _each(_NUMBERS[type(source)], source, "$"):
        if not number.is_finite():
            raise RecordRejected(path=path, reason="not a finite number")


def _each(numbers: _Numbers, source: Any, path: str) -> Iterator[tuple[str, Decimal]]:
    values = numbers.values(source)
    for name, number in zip(numbers.names, values, strict=True):
        if number is not None:
            yield f"{path}.{name}", number
    for name, inner in numbers.nested:
        found = getattr(source, name)
        if not found:
            continue
        if not isinstance(found, list):
            yield from _each(inner, found, f"{path}.{name}")
            continue
        for place, each in enumerate(found):
            yield from _each(inner, each, f"{path}.{name}[{place}]")
