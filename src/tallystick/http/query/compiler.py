"""Tree to SQL: a `store.Condition` over the columns of one table. Every value is bound.

Text is compared without regard to the case of ASCII letters. Nothing equals a value that is not there: `!=`
holds for it, every other operator does not.
"""

from collections.abc import Callable, Mapping
from typing import Final

from tallystick.http.query.fields import Field, Kind, Resource
from tallystick.http.query.literals import day, flag, moment, number
from tallystick.http.query.numbers import compare_number
from tallystick.http.query.syntax import All, Comparison, Expression, OneOf, malformed
from tallystick.store import Condition

_LOWER: Final = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_EQUALITY: Final = {"=": "is", "!=": "is not"}


def compile_query(tree: Expression, resource: Resource) -> Condition:
    """The condition, in brackets. Raises: `Problem` 400 for what the resource does not have."""
    match tree:
        case Comparison():
            return _comparison(tree, resource.resolve(tree.property))
        case All(parts):
            return _joined(" and ", [compile_query(part, resource) for part in parts])
        case OneOf(parts):
            return _joined(" or ", [compile_query(part, resource) for part in parts])


def exactly(name: str, value: str, resource: Resource) -> Condition:
    """One property is this text, with the case of its letters. Raises: `Problem` 400 for no property."""
    return Condition(sql=f"(({resource.resolve(name).sql}) is ?)", values=(value,))


def _joined(word: str, conditions: list[Condition]) -> Condition:
    return Condition(
        sql=f"({word.join(condition.sql for condition in conditions)})",
        values=tuple(value for condition in conditions for value in condition.values),
    )


def _comparison(comparison: Comparison, field: Field) -> Condition:
    test = _BY_KIND[field.kind](comparison, field.sql)
    sql = f"({test.sql})" if field.any_of is None else f"({field.any_of.format(test.sql)})"
    return Condition(sql=sql, values=test.values)


def _text(comparison: Comparison, sql: str) -> Condition:
    match comparison.operator:
        case "=" | "!=" as operator:
            return Condition(
                sql=f"({sql}) collate nocase {_EQUALITY[operator]} ?", values=(comparison.value,)
            )
        case "~":
            return Condition(sql=f"instr(lower({sql}), ?) > 0", values=(comparison.value.translate(_LOWER),))
        case _:
            raise _no_operator(comparison, "text")


def _flag(comparison: Comparison, sql: str) -> Condition:
    if comparison.operator not in _EQUALITY:
        raise _no_operator(comparison, "true or false")
    return Condition(sql=f"({sql}) {_EQUALITY[comparison.operator]} ?", values=(int(flag(comparison)),))


def _instant(comparison: Comparison, sql: str) -> Condition:
    operator = comparison.operator
    if operator == "~":
        raise _no_operator(comparison, "time")
    at = moment(comparison)
    if operator in _EQUALITY:
        if at.floor != at.ceiling:  # no instant of ours has so many digits
            return Condition(sql="0" if operator == "=" else "1")
        return Condition(sql=f"({sql}) {_EQUALITY[operator]} ?", values=(at.floor,))
    bound = at.floor if operator in (">", "<=") else at.ceiling
    return Condition(sql=f"({sql}) {operator} ?", values=(bound,))


def _day(comparison: Comparison, sql: str) -> Condition:
    if comparison.operator == "~":
        raise _no_operator(comparison, "date")
    operator = _EQUALITY.get(comparison.operator, comparison.operator)
    return Condition(sql=f"({sql}) {operator} ?", values=(day(comparison),))


def _number(comparison: Comparison, sql: str) -> Condition:
    if comparison.operator == "~":
        raise _no_operator(comparison, "number")
    test, values = compare_number(sql, comparison.operator, number(comparison))
    return Condition(sql=test, values=values)


def _no_operator(comparison: Comparison, kind: str) -> Exception:
    told = f"{comparison.property} is a {kind}, which {comparison.operator} does not compare"
    return malformed(comparison.property_at, told)


_BY_KIND: Final[Mapping[Kind, Callable[[Comparison, str], Condition]]] = {
    "text": _text,
    "flag": _flag,
    "instant": _instant,
    "day": _day,
    "number": _number,
}
