"""Finds numbers that are none: `NaN` and `Infinity`, which only a string can smuggle into a Decimal."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from operator import attrgetter
from types import ModuleType
from typing import Any, get_args

import msgspec
from attrs import frozen

from tallystick.errors import RecordRejected


@frozen
class _Numbers:
    """Where one kind of record has its numbers, and which records within it have some."""

    names: tuple[str, ...]
    values: Callable[[Any], Sequence[Decimal | None]]
    nested: tuple[tuple[str, "_Numbers"], ...]
    held: Callable[[Any], Sequence[Any]]  #: the nested ones of a record, in that order


def finiteness_of(sent: type[msgspec.Struct], *modules: ModuleType) -> Callable[[msgspec.Struct], None]:
    """A function that raises `RecordRejected` with the path of the first number that is not finite.

    It takes the kinds of record that these modules have: the subclasses of `sent`.
    Cost: about 1.5 µs for an invoice of three lines. The path is only looked for where there is one to find.
    """
    numbers_of = {
        kind: _numbers(kind, sent)
        for module in modules
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, sent)
    }

    def refuse_endless(source: msgspec.Struct) -> None:
        numbers = numbers_of[type(source)]
        # They are gathered first, since one pass over all of them runs in the interpreter's own code. Absent
        # or zero is finite.
        if not all(map(Decimal.is_finite, filter(None, _gathered(numbers, source)))):
            path = next(_paths_of_endless(numbers, source, "$"))
            raise RecordRejected(path=path, reason="not a finite number")

    return refuse_endless


def _numbers(kind: type[msgspec.Struct], sent: type[msgspec.Struct]) -> _Numbers:
    types = {f.name: get_args(f.type) or (f.type,) for f in msgspec.structs.fields(kind)}
    names = tuple(name for name, allowed in types.items() if Decimal in allowed)
    within = ((name, _within(allowed, sent)) for name, allowed in types.items())
    nested = tuple((name, found) for name, found in within if found)
    return _Numbers(names, _getter(names), nested, _getter([name for name, _ in nested]))


def _within(allowed: Sequence[Any], sent: type[msgspec.Struct]) -> _Numbers | None:
    """The numbers of the record, or of the list of records, that a field of these types holds."""
    for each in allowed:
        inner = (get_args(each) or (each,))[0]
        if isinstance(inner, type) and issubclass(inner, sent):
            found = _numbers(inner, sent)
            return found if found.names or found.nested else None
    return None


def _getter(names: Sequence[str]) -> Callable[[Any], Sequence[Any]]:
    if len(names) > 1:
        return attrgetter(*names)
    return lambda source: [getattr(source, name) for name in names]


def _gathered(numbers: _Numbers, source: Any) -> list[Decimal | None]:
    found = list(numbers.values(source))
    for (_, inner), held in zip(numbers.nested, numbers.held(source), strict=True):
        if held:
            for each in _listed(held):
                found += _gathered(inner, each) if inner.nested else inner.values(each)
    return found


def _paths_of_endless(numbers: _Numbers, source: Any, path: str) -> Iterator[str]:
    for name in numbers.names:
        number = getattr(source, name)
        if number is not None and not number.is_finite():
            yield f"{path}.{name}"
    for name, inner in numbers.nested:
        found = getattr(source, name)
        for place, each in enumerate(_listed(found) if found else ()):
            where = f"{path}.{name}[{place}]" if isinstance(found, list) else f"{path}.{name}"
            yield from _paths_of_endless(inner, each, where)


def _listed(found: Any) -> Sequence[Any]:
    return found if isinstance(found, list) else (found,)
