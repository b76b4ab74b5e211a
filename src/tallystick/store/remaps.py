"""Remaps under way: which stored answers are still to be mapped anew, and what clients are to hear of it.

A list's answers are gone through from the newest to the oldest, so that each record is judged by the newest
answer that has it. The row here moves in the transaction that changes the records of an answer.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Final

import zstandard
from attrs import frozen

from tallystick.errors import PageOutOfOrder
from tallystick.standard import DataType
from tallystick.store import outbox
from tallystick.store.connections import ConnectionRow
from tallystick.store.instants import from_micros
from tallystick.store.sqlcipher import SqliteConnection

#: Above every `raw_pages.number`.
_ABOVE_ALL: Final = 2**62
#: An answer that no record names tells nothing of what is stored, unless a part of it could not be read.
_OF_USE: Final = "connection = ? and resource = ? and number < ? and (named > 0 or problem is not null)"


@frozen(kw_only=True)
class RemapTask:
    """What a remap of one list is about."""

    connection: int  #: `connections.number`
    resource: str
    mapping: int  #: the version that is applied
    data_types: tuple[DataType, ...]  #: those of the resource whose records are changed

    @property
    def scope(self) -> str:
        """The data types as they are stored."""
        return json.dumps(self.data_types)


@frozen(kw_only=True)
class RawPage:
    """A stored answer of a provider, unpacked."""

    number: int  #: `raw_pages.number`
    fetched_at: datetime
    problem: str | None
    raw: bytes


@frozen(kw_only=True)
class PagesLeft:
    """What a remap of one list has before it."""

    pages: int
    records: int  #: that name one of them


def where_to_begin(connection: SqliteConnection, task: RemapTask) -> int:
    """The `raw_pages.number` below which answers are left: where one like it was stopped, else above all."""
    row = connection.execute(
        "select below from remaps where connection = ? and resource = ? and mapping = ? and scope = ?",
        (task.connection, task.resource, task.mapping, task.scope),
    ).fetchone()
    return _ABOVE_ALL if row is None else int(row[0])


def begin(connection: SqliteConnection, task: RemapTask) -> int:
    """Note a remap, in place of another one of this list. Returns where it begins: see `where_to_begin`.

    What clients have not heard of yet stays, whichever remap changed it.
    """
    below = where_to_begin(connection, task)
    connection.execute(
        "insert into remaps values (?, ?, ?, ?, ?, '{}') on conflict do update set "
        "mapping = excluded.mapping, scope = excluded.scope, below = excluded.below",
        (task.connection, task.resource, task.mapping, task.scope, below),
    )
    return below


def next_page(connection: SqliteConnection, task: RemapTask, below: int) -> RawPage | None:
    """The newest answer of the list below a number; None when there is none. Cost: a seek and one answer."""
    row = connection.execute(
        "select number, fetched_at, problem, body from raw_pages indexed by raw_pages_by_list "
        f"where {_OF_USE} order by number desc limit 1",
        (task.connection, task.resource, below),
    ).fetchone()
    if row is None:
        return None
    raw = zstandard.ZstdDecompressor().decompress(row[3])
    return RawPage(number=row[0], fetched_at=from_micros(row[1]), problem=row[2], raw=raw)


def left(connection: SqliteConnection, task: RemapTask) -> PagesLeft:
    """How much a remap has before it. Cost: a look at each answer's row, not at its bytes."""
    pages, records = connection.execute(
        "select count(*), coalesce(sum(max(named, 0)), 0) from raw_pages indexed by raw_pages_by_list "
        f"where {_OF_USE}",
        (task.connection, task.resource, where_to_begin(connection, task)),
    ).fetchone()
    return PagesLeft(pages=pages, records=records)


def advance(
    connection: SqliteConnection, task: RemapTask, *, before: int, page: int, changed: Mapping[DataType, int]
) -> None:
    """Note that an answer is done, and how many records it changed.

    Raises: `PageOutOfOrder` when the remap does not stand at `before`: nothing may be passed over.
    """
    row = connection.execute(
        "select unannounced from remaps where connection = ? and resource = ? and mapping = ? and scope = ? "
        "and below = ?",
        (task.connection, task.resource, task.mapping, task.scope, before),
    ).fetchone()
    if row is None:
        raise PageOutOfOrder(resource=task.resource)
    unannounced: dict[str, int] = json.loads(row[0])
    for data_type, count in changed.items():
        unannounced[data_type] = unannounced.get(data_type, 0) + count
    connection.execute(
        "update remaps set below = ?, unannounced = ? where connection = ? and resource = ?",
        (page, json.dumps(unannounced), task.connection, task.resource),
    )


def finish(
    connection: SqliteConnection, task: RemapTask, row: ConnectionRow, below: int, now: datetime
) -> None:
    """The list is done: announce each data type that changed, as after a reading but with no dataset.

    `below`: where the remap stands then. Raises: `PageOutOfOrder` when it does not.
    """
    found = connection.execute(
        "delete from remaps where connection = ? and resource = ? and mapping = ? and scope = ? "
        "and below = ? returning unannounced",
        (task.connection, task.resource, task.mapping, task.scope, below),
    ).fetchall()
    if not found:
        raise PageOutOfOrder(resource=task.resource)
    for data_type, count in json.loads(found[0][0]).items():
        outbox.add(
            connection,
            "read.completed",
            company_id=row.company_id,
            connection_id=row.id,
            body={"dataType": data_type, "status": "Complete", "recordsModified": count},
            now=now,
        )
