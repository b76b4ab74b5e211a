"""Finds numbers that are none: `NaN` and `Infinity`, which only a text can smuggle into a Decimal."""

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Final, get_args, get_type_hints

from attrs import frozen
from msgspec import Raw

from tallystick.connectors.quickbooks.wire import Sent
from tallystick.errors import RecordRejected


@frozen
class _Fields:
    """Where a kind of entity has numbers, and others of the kinds that QuickBooks sends."""

    numbers: tuple[str, ...]
    nested: tuple[str, ...]


@cache
def _fields(kind: type[Sent]) -> _Fields:
    """Cost: once a kind."""
    numbers, nested = [], []
    for name, told in get_type_hints(kind).items():
        allowed = get_args(told) or (told,)
        if Decimal in allowed:
            numbers.append(name)
        elif any(_is_sent(each) or any(map(_is_sent, get_args(each))) for each in allowed):
            nested.append(name)
    return _Fields(tuple(numbers), tuple(nested))


def _is_sent(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, Sent)


#: A text that a Decimal could be made of and no number: written out, or with an escape that may hide it.
_SUSPICIOUS: Final = re.compile(rb'"[\s+-]*(?:s?nan|inf|\\u)', re.IGNORECASE)


def may_be_endless(row: Raw) -> bool:
    """Whether a row has a text that could be such a number: hardly ever. Cost: about 2 µs for an invoice."""
    return _SUSPICIOUS.search(memoryview(row)) is not None


def refuse_endless(source: Sent) -> None:
    """Raises: `RecordRejected` with the path of the first number that is not finite.

    Cost: about 20 µs for an invoice of three lines, so it is for rows that `may_be_endless`.
    """
    path = next(_endless(source, "$"), None)
    if path is not None:
        raise RecordRejected(path=path, reason="not a finite number")


def _endless(source: Sent, path: str) -> Iterator[str]:
    fields = _fields(type(source))
    for name in fields.numbers:
        number = getattr(source, name)
        if number is not None and not number.is_finite():
            yield f"{path}.{name}"
    for name in fields.nested:
        found = getattr(source, name)
        if isinstance(found, Sent):
            yield from _endless(found, f"{path}.{name}")
        elif found:
            for place, each in enumerate(found):
                yield from _endless(each, f"{path}.{name}[{place}]")
