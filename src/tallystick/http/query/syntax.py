"""The tree that a query is parsed to, and how a query that is none is refused."""

from typing import Literal

from attrs import frozen

from tallystick.http.problem import Problem, ValidationItem

Operator = Literal["=", "!=", "~", ">", "<", ">=", "<="]


@frozen
class Comparison:
    """`property operator value`; the positions count characters of the query, from 0."""

    property: str
    operator: Operator
    value: str  #: unquoted, without the spaces around it
    property_at: int
    value_at: int


@frozen
class All:
    """`… && …`."""

    parts: tuple["Expression", ...]


@frozen
class OneOf:
    """`… || …`."""

    parts: tuple["Expression", ...]


Expression = Comparison | All | OneOf


def malformed(position: int, told: str) -> Problem:
    """Refuses a query's text."""
    return _refusal(f"Error parsing query - Malformed query. {told} at position {position}.")


def unresolved(name: str, kind: str) -> Problem:
    """Refuses a property that there is not."""
    return _refusal(f"Error parsing query - Could not resolve property {name} on {kind}")


def _refusal(text: str) -> Problem:
    return Problem(400, text, (ValidationItem(item_id="query", message=text, validator_name="Query"),))
