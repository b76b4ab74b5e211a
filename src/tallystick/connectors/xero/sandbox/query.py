"""What a list is asked for: filters, order, paging. Source: providers.md §§2.2, 5 (nos. 3, 9, 17)."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any, Final

from attrs import frozen

from tallystick.connectors.sandbox.quirks import Quirks
from tallystick.connectors.xero.sandbox.dialect import View, milliseconds
from tallystick.connectors.xero.sandbox.resources import Resource
from tallystick.connectors.xero.sandbox.rows import Row

PAGE_SIZE: Final = 100
LARGEST_PAGE: Final = 1000
#: Quirk 3: however many are asked for, a page holds no more than this.
CAPPED_PAGE: Final = 40
#: Quirk 9: timestamps lie this far ahead.
AHEAD_MS: Final = 30 * 86_400_000

_CONDITION: Final = re.compile(
    r"""\s*(?P<field>[A-Za-z][\w.]*)\s*(?P<op>==|!=|<>|>=|<=|=|>|<)\s*
    (?P<value>"(?:[^"\\]|\\.)*"|[Gg]uid\("[^"]*"\)|DateTime\(\s*\d+\s*,\s*\d+\s*,\s*\d+\s*\)
    |true|false|null|-?\d+(?:\.\d+)?)\s*""",
    re.VERBOSE | re.IGNORECASE,
)
_BY_CHANGE: Final = (("UpdatedDateUTC", False),)
_NET_DATE: Final = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")


class QueryInvalid(Exception):
    """A query that the provider answers with 400; the text is its message."""


@frozen
class Condition:
    """One comparison of a `where`; they are all joined by AND."""

    field: str
    operator: str
    value: Any

    def holds(self, fields: Mapping[str, Any]) -> bool:
        """Whether a row meets it; a missing field is null."""
        found: Any = fields
        for name in self.field.split("."):
            found = found.get(name) if isinstance(found, Mapping) else None
        found = comparable(found)
        if self.operator == "==":
            return bool(found == self.value)
        if self.operator == "!=":
            return bool(found != self.value)
        if found is None or type(found) is not type(self.value):
            return False
        return bool(
            {
                ">": found > self.value,
                ">=": found >= self.value,
                "<": found < self.value,
                "<=": found <= self.value,
            }[self.operator]
        )


@frozen(kw_only=True)
class Query:
    """Which rows, in which order. Hashable: what it selects is kept by it."""

    where: tuple[Condition, ...] = ()
    order: tuple[tuple[str, bool], ...] = ()  #: field, descending
    since_s: int | None = None
    ids: frozenset[str] | None = None
    among: tuple[tuple[str, frozenset[str]], ...] = ()  #: field and the values it may have
    hidden: frozenset[str] = frozenset()  #: rows in one of these states are left out
    ahead_ms: int = 0


@frozen(kw_only=True)
class Asked:
    """A whole request for a list."""

    query: Query
    view: View
    page: int | None  #: None for all rows at once
    page_size: int


def parse(resource: Resource, params: Mapping[str, str], headers: Mapping[str, str], quirks: Quirks) -> Asked:
    """Read a request for a list. Raises: `QueryInvalid`."""
    page = _number(params, "page") if resource.paged else None
    size = _number(params, "pageSize") if resource.paged else None
    if page is None and size is not None:
        page = 1
    if resource.name == "ManualJournals" and params.get("order"):  # quirk 4: all rows, whatever the page
        page = None
    size = min(size or PAGE_SIZE, LARGEST_PAGE)
    if 3 in quirks:
        size = min(size, CAPPED_PAGE)
    ids = _words(params, "IDs")
    among = tuple(
        (name, words)
        for name, words in (
            (resource.status_field, _words(params, "Statuses")),
            (resource.number_field or "", _words(params, f"{resource.name[:-1]}Numbers")),
            ("Contact.ContactID", _words(params, "ContactIDs")),
        )
        if words is not None
    )
    query = Query(
        where=_where(params.get("where", "")),
        order=_order(params.get("order", "")),
        since_s=_since(headers.get("if-modified-since")) if resource.modified else None,
        ids=ids,
        among=among,
        hidden=_hidden(resource, params, quirks),
        ahead_ms=AHEAD_MS if 9 in quirks else 0,
    )
    summary = _true(params, "summaryOnly") and resource.name in {"Invoices", "Contacts"}
    return Asked(
        query=query,
        view=view_of(params, quirks, lines=page is not None and not summary, summary=summary),
        page=page,
        page_size=size,
    )


def _hidden(resource: Resource, params: Mapping[str, str], quirks: Quirks) -> frozenset[str]:
    if resource.name == "Contacts" and 17 in quirks and not _true(params, "includeArchived"):
        return frozenset({"ARCHIVED", "GDPRREQUEST"})
    if resource.hides is not None and not _true(params, resource.hides[1]):
        return frozenset({resource.hides[0]})
    return frozenset()


def offset(params: Mapping[str, str]) -> int:
    """The number behind which journals begin. Raises: `QueryInvalid`."""
    text = params.get("offset", "0")
    if not text.isdecimal():
        raise QueryInvalid("offset must be a number")
    return int(text)


def view_of(params: Mapping[str, str], quirks: Quirks, *, lines: bool, summary: bool = False) -> View:
    """How the rows of a request are written."""
    return View(
        lines=lines,
        summary=summary,
        four_places=params.get("unitdp") == "4",
        zero_dates=11 in quirks,
        text_booleans=29 in quirks,
        ahead_ms=AHEAD_MS if 9 in quirks else 0,
    )


def select(resource: Resource, rows: list[Row], query: Query) -> list[Row]:
    """The rows that a query means, in its order. Raises: `QueryInvalid` for a field that no row has.

    A row is read for its fields only where the query speaks of others than the id and the change.
    """
    found = rows
    if query.ids is not None:
        found = [row for row in found if row.id.lower() in query.ids]
    since_s = query.since_s
    if since_s is not None:  # whole seconds, and the second itself is in
        found = [row for row in found if ((row.updated_ms or 0) + query.ahead_ms) // 1000 >= since_s]
    order = query.order
    if order == _BY_CHANGE and all(row.updated_ms is not None for row in found):
        order = ()  # that is the order they are in
    elif order == ((resource.id_field, False),):
        order, found = (), sorted(found, key=lambda row: row.id)
    if not (query.where or order or query.among or query.hidden):
        return found
    pairs = [(row, row.fields()) for row in found]
    _refuse_unknown(query, pairs)
    if query.hidden:
        pairs = [pair for pair in pairs if pair[1].get(resource.status_field) not in query.hidden]
    for name, words in query.among:
        one_of = [Condition(name, "==", word) for word in words]
        pairs = [pair for pair in pairs if any(each.holds(pair[1]) for each in one_of)]
    pairs = [pair for pair in pairs if all(each.holds(pair[1]) for each in query.where)]
    for name, descending in reversed(order):
        pairs.sort(key=lambda pair, name=name: _sortable(pair[1].get(name)), reverse=descending)  # type: ignore[misc]
    return [row for row, _ in pairs]


def comparable(value: Any) -> Any:
    """A field's value as `where` and `order` compare it: dates as milliseconds, numbers as decimals."""
    if isinstance(value, str) and value.startswith("/Date("):
        found = _NET_DATE.fullmatch(value)
        return Decimal(found[1]) if found else value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Decimal(str(value))
    return value


def _sortable(value: Any) -> tuple[int, Any]:
    found = comparable(value)
    if found is None or isinstance(found, Mapping | list):
        return (0, 0)
    if isinstance(found, str):
        return (2, found)
    return (1, found)


def _refuse_unknown(query: Query, pairs: list[tuple[Row, dict[str, Any]]]) -> None:
    if not pairs:
        return
    known = set[str]().union(*(fields for _, fields in pairs))
    for name in [each.field.split(".")[0] for each in query.where] + [name for name, _ in query.order]:
        if name not in known:
            raise QueryInvalid(f"No property or field '{name}' exists in this type")


def _number(params: Mapping[str, str], name: str) -> int | None:
    text = params.get(name)
    if text is None:
        return None
    if not text.isdecimal() or not 0 < int(text) < 2**31:
        raise QueryInvalid(f"{name} must be a positive number")
    return int(text)


def _true(params: Mapping[str, str], name: str) -> bool:
    return params.get(name, "").lower() == "true"


def _words(params: Mapping[str, str], name: str) -> frozenset[str] | None:
    text = params.get(name)
    if not text:
        return None
    words = (word.strip() for word in text.split(","))
    return frozenset(word.lower() if name == "IDs" else word for word in words if word)


def _where(text: str) -> tuple[Condition, ...]:
    conditions: list[Condition] = []
    rest = text.strip()
    while rest:
        if conditions:
            joint = re.match(r"(AND\b|&&)", rest, re.IGNORECASE)
            if joint is None:
                raise QueryInvalid(f"Operator expected before '{rest[:40]}'; only AND joins conditions here")
            rest = rest[joint.end() :]
        found = _CONDITION.match(rest)
        if found is None:
            raise QueryInvalid(f"'{rest[:40]}' is not a condition")
        operator = {"=": "==", "<>": "!="}.get(found["op"], found["op"])
        conditions.append(Condition(found["field"], operator, _value(found["value"])))
        rest = rest[found.end() :]
    return tuple(conditions)


def _value(text: str) -> Any:
    if text.startswith('"'):
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    if text.lower().startswith("guid"):
        return text[text.index('"') + 1 : -2]
    if text.lower() in {"true", "false", "null"}:
        return {"true": True, "false": False, "null": None}[text.lower()]
    if text.lower().startswith("datetime"):
        year, month, day = (int(part) for part in re.findall(r"\d+", text))
        try:
            return Decimal(milliseconds(datetime(year, month, day, tzinfo=UTC)))
        except ValueError as error:
            raise QueryInvalid(f"{text} is no date") from error
    return Decimal(text)


def _order(text: str) -> tuple[tuple[str, bool], ...]:
    wanted: list[tuple[str, bool]] = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, direction = part.partition(" ")
        if direction.strip().upper() not in {"", "ASC", "DESC"}:
            raise QueryInvalid(f"'{part}' is not an order")
        wanted.append((name, direction.strip().upper() == "DESC"))
    return tuple(wanted)


def _since(text: str | None) -> int | None:
    """The header as a second. One that cannot be read is ignored, as the provider does."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            return None
    return milliseconds(moment if moment.tzinfo else moment.replace(tzinfo=UTC)) // 1000
