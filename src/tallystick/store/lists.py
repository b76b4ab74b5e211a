"""Reads a page of a list: the stored bytes, joined by SQLite, and the total of the list at that moment.

The costs that shaped this (measured, a list of 100,000): counting it 10 ms, sorting it 13, a page from the
index in its order 0.1 and at worst 1.2, a filter 200 to 400. A page is one row of one statement, since each
row drops and retakes the interpreter's lock, and a busy loop thread makes every retake a wait.
"""

from array import array
from collections.abc import Hashable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from attrs import field, frozen

from tallystick.standard import DataType
from tallystick.store.counts import ListCount, lists_of
from tallystick.store.found import Found, FoundLists
from tallystick.store.records import TYPE_CODES, Condition
from tallystick.store.sqlcipher import SqliteConnection

#: The orders that an index has, with the columns they need and the same order from the other end.
_INDEXED: Final[Mapping[tuple[str, ...], tuple[str, str]]] = MappingProxyType(
    {
        (): ("number", "number desc"),
        ("modified_at",): ("number, modified_at", "modified_at desc, number desc"),
        ("modified_at desc",): ("number, modified_at", "modified_at, number desc"),
    }
)


@frozen(kw_only=True)
class ListQuery:
    """Which records of a company, and in which order."""

    client_id: str  #: whose database it is asked of
    connections: tuple[int, ...]  #: `connections.number`
    data_type: DataType
    where: Condition = field(factory=Condition)
    order: tuple[str, ...] = ()  #: SQL terms over the columns of `records`; a tie-break by number is added

    @property
    def key(self) -> Hashable:
        """By which what it finds is remembered."""
        bound = repr(self.where.values)  # 1 and 1.0 are equal, and not the same to SQLite
        return self.client_id, self.connections, self.data_type, self.where.sql, bound, self.order


@frozen(kw_only=True)
class RecordPage:
    """One page of a list."""

    total: int  #: of the whole list, after filtering
    bodies: bytes  #: JSON objects as the API sends them, with commas between


def read_page(
    connection: SqliteConnection, query: ListQuery, found: FoundLists, *, limit: int, offset: int
) -> RecordPage:
    """A page of one data type over some connections of one company, and the total that belongs to it.

    The caller holds a `snapshot`, or the two could speak of different moments.
    Cost: as the module says; a filter that has looked at the lists as they are looks no more.
    """
    lists = lists_of(connection, query.connections, query.data_type)
    total = sum(held.records for held in lists)
    if query.where == Condition() and query.order in _INDEXED:
        return RecordPage(total=total, bodies=_walk(connection, query, lists, total, limit, offset))
    if not lists:
        return RecordPage(total=0, bodies=b"")
    known = found.get(query.key, lists)
    if known is None:
        known = _look(connection, query, lists, found.most_of_one)
        found.put(query.key, known)
    if known.numbers is None:
        bodies = _search(connection, query, lists, limit, offset)
    else:
        bodies = _bodies(connection, known.numbers[offset : offset + limit])
    return RecordPage(total=known.total, bodies=bodies)


def _walk(
    connection: SqliteConnection,
    query: ListQuery,
    lists: Sequence[ListCount],
    total: int,
    limit: int,
    offset: int,
) -> bytes:
    """A page of whole lists, by the index, from the end that is nearer."""
    rows = min(limit, total - offset)
    if rows <= 0:
        return b""
    columns, backwards = _INDEXED[query.order]
    ordered, skipped = _ordered(query), offset
    if offset > total // 2:
        ordered, skipped = backwards, total - offset - rows
    # Of several connections SQLite merges what their indexes give, when the union itself is ordered.
    part = f"select {columns} from records where connection = ? and data_type = ?"
    merged = f"{' union all '.join([part] * len(lists))} order by {ordered} limit ? offset ?"
    values = [value for held in lists for value in (held.connection, TYPE_CODES[query.data_type])]
    return _joined(connection, f"select number from ({merged})", [*values, rows, skipped], _ordered(query))


def _look(connection: SqliteConnection, query: ListQuery, lists: tuple[ListCount, ...], most: int) -> Found:
    """Find all of a query's records. Cost: a look at each record of the lists."""
    scope, values = _scope(query, lists)
    total, told = connection.execute(
        f"select count(*), group_concat(number, ',' order by {_ordered(query)}) from records where {scope}",
        values,
    ).fetchone()
    numbers = None if total > most else array("q", map(int, told.split(",") if told else ()))
    return Found(lists=lists, total=total, numbers=numbers)


def _search(
    connection: SqliteConnection, query: ListQuery, lists: Sequence[ListCount], limit: int, offset: int
) -> bytes:
    """A page of so many that their numbers are not kept."""
    scope, values = _scope(query, lists)
    ordered = _ordered(query)
    numbers = f"select number from records where {scope} order by {ordered} limit ? offset ?"
    return _joined(connection, numbers, [*values, limit, offset], ordered)


def _bodies(connection: SqliteConnection, numbers: Sequence[int]) -> bytes:
    """These records, in this order."""
    (joined,) = connection.execute(
        "select cast(group_concat(body, ',' order by wanted.key) as blob) from json_each(?) as wanted "
        "cross join records on records.number = wanted.value",
        (f"[{','.join(map(str, numbers))}]",),
    ).fetchone()
    return joined or b""


def _joined(connection: SqliteConnection, numbers: str, values: Sequence[Any], ordered: str) -> bytes:
    (joined,) = connection.execute(
        f"select cast(group_concat(body, ',' order by {ordered}) as blob) from records "
        f"where number in ({numbers})",
        values,
    ).fetchone()
    return joined or b""


def _scope(query: ListQuery, lists: Sequence[ListCount]) -> tuple[str, list[Any]]:
    marks = ", ".join("?" * len(lists))
    values = [*(held.connection for held in lists), TYPE_CODES[query.data_type], *query.where.values]
    return f"connection in ({marks}) and data_type = ? and {query.where.sql}", values


def _ordered(query: ListQuery) -> str:
    return ", ".join([*query.order, "number"])
