"""Records that a whole reading of their list did not meet: found, deleted, or held for a person.

Everything here runs inside the caller's transaction. A record that is gone stays stored, with
`metadata.isDeleted` true and a new `modifiedDate`, so that clients hear of it; one that comes back is an
ordinary change.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

import msgspec
from attrs import frozen

from tallystick.standard import DataType
from tallystick.store import counts
from tallystick.store.instants import from_micros, iso, to_micros
from tallystick.store.records import TYPE_CODES, record_key
from tallystick.store.sqlcipher import SqliteConnection

#: The hash of a record that is gone by absence: no content has it, so whatever comes back is a change.
_GONE: Final = bytes(16)
_KEYS_A_STATEMENT: Final = 200


@frozen(kw_only=True)
class HeldDeletions:
    """Deletions of one list that wait for a person."""

    connection: int  #: `connections.number`
    resource: str
    held_at: datetime
    missing: int  #: records that the reading did not meet
    live: int  #: records that stood before it


def any_record(connection: SqliteConnection, number: int, data_types: Sequence[DataType]) -> bool:
    """Whether anything of these types is stored and stands. Cost: a few index seeks."""
    marks = ", ".join("?" * len(data_types))
    row = connection.execute(
        f"select 1 from records where connection = ? and data_type in ({marks}) and deleted = 0 limit 1",
        (number, *_codes(data_types)),
    ).fetchone()
    return row is not None


def begin_tracking(connection: SqliteConnection, number: int, resource: str) -> None:
    """Forget what an earlier reading of this list met."""
    connection.execute("delete from seen_records where connection = ? and resource = ?", (number, resource))


def note_seen(connection: SqliteConnection, number: int, resource: str, keys: Iterable[int]) -> None:
    """Note what a page of a whole reading has met, by `records.key`. Safe to repeat."""
    found = sorted(set(keys))  # in the order of the table: neighbours share its pages
    for start in range(0, len(found), _KEYS_A_STATEMENT):
        some = found[start : start + _KEYS_A_STATEMENT]
        connection.execute(
            f"insert or ignore into seen_records values {', '.join(['(?, ?, ?)'] * len(some))}",
            [value for key in some for value in (number, resource, key)],
        )


def missing(
    connection: SqliteConnection, number: int, resource: str, data_types: Sequence[DataType]
) -> tuple[list[int], int]:
    """The records (`records.number`) that the reading did not meet, and how many stood before it."""
    marks = ", ".join("?" * len(data_types))
    scope = f"connection = ? and data_type in ({marks}) and deleted = 0"
    values = (number, *_codes(data_types))
    (live,) = connection.execute(f"select count(*) from records where {scope}", values).fetchone()
    rows = connection.execute(
        f"select number from records where {scope} and key not in "
        "(select key from seen_records where connection = ? and resource = ?)",
        (*values, number, resource),
    ).fetchall()
    return [row[0] for row in rows], live


def named(connection: SqliteConnection, number: int, records: Iterable[tuple[DataType, str]]) -> list[int]:
    """The records (`records.number`) of these types and ids that are stored. Cost: an index seek each."""
    found: list[int] = []
    for data_type, record_id in records:
        rows = connection.execute(
            "select number from records where key = ? and connection = ? and id = ?",
            (record_key(number, data_type, record_id), number, record_id),
        ).fetchall()
        found += [row[0] for row in rows]
    return found


def delete(connection: SqliteConnection, numbers: Sequence[int], now: datetime) -> dict[DataType, int]:
    """Mark records as gone at the provider. Returns how many of each type, those gone already not counted."""
    names = {code: name for name, code in TYPE_CODES.items()}
    gone: dict[DataType, int] = {}
    newest = to_micros(now)
    for number in numbers:
        row = connection.execute(
            "select connection, data_type, modified_at, body from records where number = ? and deleted = 0",
            (number,),
        ).fetchone()
        if row is None:
            continue
        (latest,) = connection.execute(
            "select max(modified_at) from records where connection = ? and data_type = ?", row[:2]
        ).fetchone()
        newest = max(newest, latest)
        connection.execute(
            "update records set deleted = 1, hash = ?, modified_at = ?, body = ? where number = ?",
            (_GONE, newest, _deleted(row[3], newest), number),
        )
        data_type = names[row[1]]
        counts.note_changes(connection, row[0], {data_type: 0})
        gone[data_type] = gone.get(data_type, 0) + 1
    return gone


def hold(
    connection: SqliteConnection,
    number: int,
    resource: str,
    numbers: Sequence[int],
    *,
    live: int,
    now: datetime,
) -> bool:
    """Keep deletions for a person's yes or no, in place of any that waited. True when none did."""
    first = not release(connection, number, resource)
    connection.execute(
        "insert into held_deletions values (?, ?, ?, ?, ?)",
        (number, resource, to_micros(now), len(numbers), live),
    )
    for record in numbers:
        connection.execute("insert into held_records values (?, ?, ?)", (number, resource, record))
    return first


def release(connection: SqliteConnection, number: int, resource: str) -> list[int]:
    """Take held deletions out. Returns the records that they are about; empty when there were none."""
    rows = connection.execute(
        "delete from held_records where connection = ? and resource = ? returning number", (number, resource)
    ).fetchall()
    connection.execute("delete from held_deletions where connection = ? and resource = ?", (number, resource))
    return [row[0] for row in rows]


def is_holding(connection: SqliteConnection, number: int, resource: str) -> bool:
    """Whether deletions of a list wait for a person. Cost: one seek."""
    row = connection.execute(
        "select 1 from held_deletions where connection = ? and resource = ?", (number, resource)
    ).fetchone()
    return row is not None


def spare(connection: SqliteConnection, number: int, resource: str, keys: Iterable[int]) -> None:
    """Take records, by `records.key`, out of the deletions that wait: they stand.

    Where none is left to be decided upon, nothing waits any more.
    """
    for key in keys:
        connection.execute(
            "delete from held_records where connection = ? and resource = ? "
            "and number in (select number from records where key = ?)",
            (number, resource, key),
        )
    scope = (number, resource)
    (left,) = connection.execute(
        "select count(*) from held_records where connection = ? and resource = ?", scope
    ).fetchone()
    if left == 0:
        release(connection, number, resource)
        return
    connection.execute(
        "update held_deletions set missing = ? where connection = ? and resource = ?", (left, *scope)
    )


def held(connection: SqliteConnection, number: int) -> list[HeldDeletions]:
    """What waits for a person in one connection."""
    rows = connection.execute(
        "select resource, held_at, missing, live from held_deletions where connection = ? order by resource",
        (number,),
    ).fetchall()
    return [
        HeldDeletions(
            connection=number, resource=row[0], held_at=from_micros(row[1]), missing=row[2], live=row[3]
        )
        for row in rows
    ]


def forget(connection: SqliteConnection, number: int) -> None:
    """Drop everything here of a connection that is deleted."""
    for table in ("seen_records", "held_deletions", "held_records"):
        connection.execute(f"delete from {table} where connection = ?", (number,))


def _codes(data_types: Sequence[DataType]) -> list[int]:
    return [TYPE_CODES[data_type] for data_type in data_types]


def _deleted(body: bytes, modified_at: int) -> bytes:
    """The body with two of its fields changed; every other value keeps its bytes, amounts above all."""
    fields = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    metadata = msgspec.json.decode(fields.get("metadata", b"{}"), type=dict[str, msgspec.Raw])
    metadata["isDeleted"] = msgspec.Raw(b"true")
    fields["metadata"] = msgspec.Raw(msgspec.json.encode(metadata))
    fields["modifiedDate"] = msgspec.Raw(msgspec.json.encode(iso(modified_at)))
    return msgspec.json.encode(fields)
