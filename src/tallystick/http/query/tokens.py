"""Cuts a query into its words.

A value has no quotes: it goes on to the next `&&`, `||`, brace or the end, and the spaces round it do not
count. So it may hold spaces, single ampersands and operators, but no brace.
"""

import re
from collections.abc import Iterator
from typing import Final, Literal, cast

from attrs import frozen

from tallystick.http.query.syntax import Comparison, Operator, malformed

Joint = Literal["&&", "||", "{", "}", "end"]

_SPACE: Final = re.compile(r"\s*")
_JOINT: Final = re.compile(r"&&|\|\||[{}]")
_PROPERTY: Final = re.compile(r"[A-Za-z_][\w-]*(?:\.[A-Za-z0-9_][\w-]*)*", re.ASCII)
_OPERATOR: Final = re.compile(r"!=|>=|<=|=|~|>|<")
_VALUE: Final = re.compile(r"(?:(?!&&|\|\||[{}]).)*", re.DOTALL)


@frozen
class Token:
    """A comparison, or what joins comparisons, and where it stands."""

    what: Comparison | Joint
    position: int


def tokens(text: str) -> Iterator[Token]:
    """The words in their order, `end` last. Raises: `Problem` 400."""
    at = _end(_SPACE, text, 0)
    while at < len(text):
        joint = _JOINT.match(text, at)
        if joint is not None:
            yield Token(cast("Joint", joint[0]), at)
            at = joint.end()
        else:
            comparison, after = _comparison(text, at)
            yield Token(comparison, at)
            at = after
        at = _end(_SPACE, text, at)
    yield Token("end", len(text))


def _comparison(text: str, at: int) -> tuple[Comparison, int]:
    name = _PROPERTY.match(text, at)
    if name is None:
        raise malformed(at, "Expected a property")
    operator_at = _end(_SPACE, text, name.end())
    operator = _OPERATOR.match(text, operator_at)
    if operator is None:
        raise malformed(operator_at, "Expected an operator (= != ~ > < >= <=)")
    value_at = _end(_SPACE, text, operator.end())
    value_end = _end(_VALUE, text, value_at)
    value = text[value_at:value_end].strip()
    if not value:
        raise malformed(value_at, "Expected a value")
    return Comparison(name[0], cast("Operator", operator[0]), value, at, value_at), value_end


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return at if found is None else found.end()
