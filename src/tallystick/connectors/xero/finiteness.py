"""Finds numbers that are none: `NaN` and `Infinity`, which only a string can smuggle into a Decimal."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from operator import attrgetter
from typing import Any, Final, get_args

import msgspec
from attrs import frozen

from tallystick.connectors.xero import wire
from tallystick.errors import RecordRejected


@frozen
class _Numbers:
    """Where one kind of record has its numbers, and which records within it have some."""

    names: tuple[str, ...]
    values: Callable[[Any], Sequence[Decimal | None]]
    nested: tuple[str, ...]


def _numbers(kind: type[wire.Sent]) -> _Numbers:
    types = {field.name: get_args(field.type) for field in msgspec.structs.fields(kind)}
    names = tuple(name for name, allowed in types.items() if Decimal in allowed)
    nested = tuple(name for name, allowed in types.items() if any(map(_has_some, allowed)))
    return _Numbers(names, _getter(names), nested)


def _has_some(allowed: Any) -> bool:
    """Whether a field of this type is a record, or a list of records, with numbers in it."""
    inner = (get_args(allowed) or (allowed,))[0]
    if not (isinstance(inner, type) and issubclass(inner, wire.Sent)):
        return False
    found = _numbers(inner)
    return bool(found.names or found.nested)


def _getter(names: tuple[str, ...]) -> Callable[[Any], Sequence[Decimal | None]]:
    """All of them in one call: this runs for every line of every document."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda source: [getattr(source, name) for name in names]


_NUMBERS: Final = {kind: _numbers(kind) for kind in wire.Sent.__subclasses__()}


def refuse_endless(source: wire.Sent, path: str = "$") -> None:
    """Raises: `RecordRejected` with the path of the first number that is not finite."""
    numbers = _NUMBERS[type(source)]
    for number in numbers.values(source):
        if number is not None and not number.is_finite():
            name = next(n for n in numbers.names if getattr(source, n) is number)
            raise RecordRejected(path=f"{path}.{name}", reason="not a finite number")
    for name in numbers.nested:
        inner = getattr(source, name)
        if not inner:
            continue
        if isinstance(inner, list):
            for place, each in enumerate(inner):
                refuse_endless(each, f"{path}.{name}[{place}]")
        else:
            refuse_endless(inner, f"{path}.{name}")
