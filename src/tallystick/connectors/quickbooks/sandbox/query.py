"""QuickBooks' query language, as far as the sandbox speaks it. Source: providers.md §2.3."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from attrs import frozen

from tallystick.connectors.quickbooks.sandbox.rows import ENTITY_NAMES, Row

DEFAULT_ROWS: Final = 100
MOST_ROWS: Final = 1000

_QUERY: Final = re.compile(
    r"""\s*SELECT\s+(?P<what>\*|COUNT\s*\(\s*\*\s*\)|[\w.,\s]+?)\s+FROM\s+(?P<entity>\w+)
    (?:\s+WHERE\s+(?P<where>.+?))?
    (?:\s+ORDER\s?BY\s+(?P<order>[\w.]+)(?:\s+(?P<direction>ASC|DESC))?)?
    (?:\s+STARTPOSITION\s+(?P<start>-?\d+))?
    (?:\s+MAXRESULTS\s+(?P<most>-?\d+))?\s*;?\s*""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_CONDITION: Final = re.compile(
    r"""\s*(?P<field>[A-Za-z][\w.]*)\s*
    (?:(?P<operator><=|>=|=|<|>|LIKE\b)\s*(?P<value>'(?:[^'\\]|\\.)*'|[\w.-]+)
    |IN\s*\((?P<values>[^)]*)\))\s*""",
    re.VERBOSE | re.IGNORECASE,
)
#: A moment without an offset is the coast's; summer time is left out of account here.
_PACIFIC: Final = "-08:00"


class QueryInvalid(Exception):
    """A query that is answered with a fault: its code and its detail."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


@frozen(kw_only=True)
class Query:
    """What is asked for."""

    entity: str
    counts: bool
    conditions: tuple["Condition", ...]
    order: str
    descending: bool
    start: int
    most: int


@frozen(kw_only=True)
class Condition:
    """One comparison; they are all joined by AND."""

    field: str
    operator: str
    values: tuple[str, ...]

    def holds(self, fields: Mapping[str, Any]) -> bool:
        """Whether a row meets it; a field that it has not meets nothing."""
        found = value_of(fields, self.field)
        if found is None:
            return False
        if self.operator == "IN":
            return any(comparable(value, found) == comparable(found, found) for value in self.values)
        if self.operator == "LIKE":
            pattern = re.escape(self.values[0]).replace("%", ".*")
            return re.fullmatch(pattern, str(found), re.IGNORECASE | re.DOTALL) is not None
        told, wanted = comparable(found, found), comparable(self.values[0], found)
        return bool(
            {
                "=": told == wanted,
                "<": told < wanted,
                ">": told > wanted,
                "<=": told <= wanted,
                ">=": told >= wanted,
            }[self.operator]
        )


def parse(text: str) -> Query:
    """Read a query. Raises: `QueryInvalid`."""
    found = _QUERY.fullmatch(text)
    if found is None:
        raise QueryInvalid("4000", f'QueryParserError: Encountered " <IDENTIFIER> "{text[:40]} ""')
    entity = next((name for name in ENTITY_NAMES if name.lower() == found["entity"].lower()), None)
    if entity is None:
        raise QueryInvalid("4001", f"QueryValidationError: Invalid context declaration: {found['entity']}")
    start, most = int(found["start"] or 1), int(found["most"] or DEFAULT_ROWS)
    for number, highest in ((start, None), (most, MOST_ROWS)):
        if number < 1:
            raise QueryInvalid(
                "4001", f"QueryValidationError: value {number} is too small. Min allowed value is 1"
            )
        if highest is not None and number > highest:
            reason = f"QueryValidationError: value {number} is too large. Max allowed value is {highest}"
            raise QueryInvalid("4001", reason)
    return Query(
        entity=entity,
        counts=found["what"].upper().startswith("COUNT"),
        conditions=_conditions(found["where"] or ""),
        order=found["order"] or "Id",
        descending=(found["direction"] or "").upper() == "DESC",
        start=start,
        most=most,
    )


def _conditions(text: str) -> tuple[Condition, ...]:
    conditions: list[Condition] = []
    rest = text.strip()
    while rest:
        if conditions:
            joint = re.match(r"AND\b", rest, re.IGNORECASE)
            if joint is None:
                raise QueryInvalid("4000", f'QueryParserError: Encountered "{rest[:20]}": only AND joins')
            rest = rest[joint.end() :]
        found = _CONDITION.match(rest)
        if found is None:
            raise QueryInvalid("4000", f'QueryParserError: Encountered "{rest[:20]}"')
        told = found["values"] if found["values"] is not None else found["value"]
        values = tuple(
            _text(each.strip()) for each in (told.split(",") if found["values"] is not None else [told])
        )
        operator = (found["operator"] or "IN").upper()
        conditions.append(Condition(field=found["field"], operator=operator, values=values))
        rest = rest[found.end() :]
    return tuple(conditions)


def _text(told: str) -> str:
    return re.sub(r"\\(.)", r"\1", told[1:-1]) if told.startswith("'") else told


def select(query: Query, rows: Sequence[Row]) -> list[Row]:
    """All rows that a query means, in its order. What is out of use is hidden unless asked for (quirk 36)."""
    conditions = list(query.conditions)
    if not any(each.field.lower() == "active" for each in conditions):
        rows = [row for row in rows if row.fields.get("Active") is not False]
    if rows:
        known = {name.lower() for row in rows for name in row.fields}
        for name in [*(each.field for each in conditions), query.order]:
            if name.split(".")[0].lower() not in known:
                raise QueryInvalid(
                    "4001", f"QueryValidationError: Property {name} not found for Entity {query.entity}"
                )
    found = [row for row in rows if all(each.holds(row.fields) for each in conditions)]
    if query.order.lower() != "id":
        found.sort(key=lambda row: str(value_of(row.fields, query.order) or ""))
    return found[::-1] if query.descending else found


def value_of(fields: Mapping[str, Any], name: str) -> Any:
    """A field by its path, in any case."""
    found: Any = fields
    for part in name.split("."):
        if not isinstance(found, Mapping):
            return None
        found = next((value for key, value in found.items() if key.lower() == part.lower()), None)
    return found


def comparable(value: Any, like: Any) -> Any:
    """A value in the kind of a field's: a moment, a number, true or false, or a text."""
    if isinstance(like, bool):
        return str(value).lower()
    if isinstance(like, int | Decimal):
        return _number(value)
    text = str(value)
    if len(str(like)) > 10 and str(like)[4:5] == "-" and str(like)[10:11] == "T":
        return moment(text)
    return text


def _number(value: Any) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation as error:
        raise QueryInvalid("4001", f"QueryValidationError: {value} is no number") from error


def moment(text: str) -> datetime:
    """A moment; without an offset it is the Pacific coast's. Raises: `QueryInvalid`."""
    try:
        read = datetime.fromisoformat(text)
        if read.tzinfo is None:
            read = datetime.fromisoformat(f"{read.isoformat()}{_PACIFIC}")
    except ValueError as error:
        raise QueryInvalid("4001", f"QueryValidationError: {text} is no date") from error
    return read.astimezone(UTC)
