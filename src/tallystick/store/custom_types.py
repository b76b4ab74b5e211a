"""Custom data types: what a client wants of a provider's list, and the records that were read for it.

A record is `{id, content, modifiedDate}`. It is dropped once two whole readings in a row have not met it:
rows can move between the pages of a list while it is read, and one reading proves nothing.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, cast

import msgspec
from attrs import frozen

from tallystick.standard import DataType
from tallystick.store.instants import iso, to_micros
from tallystick.store.pages import Tally
from tallystick.store.sqlcipher import SqliteConnection

#: Before the identifier of a custom data type, wherever data types are named.
_PREFIX: Final = "custom/"
_IDS_A_STATEMENT: Final = 256
#: Whole readings in a row that have not met a record before it is dropped.
_MISSES: Final = 2


@frozen(kw_only=True)
class StoredType:
    """A custom data type of one platform."""

    body: str  #: JSON as the API takes it
    digest: int  #: of the body


@frozen
class CustomRecord:
    """One record as it was read."""

    id: str
    content: bytes  #: a JSON object
    hash: bytes  #: 16 bytes, of all that counts as a change


@frozen
class StoredRecords:
    """What storing a page of records did."""

    tally: Tally
    again: int  #: records that this same reading had met before


@frozen
class Missed:
    """What became of the records that a whole reading did not meet."""

    dropped: int = 0
    held: int = 0  #: too many to be believed: they stay


def as_data_type(identifier: str) -> DataType:
    """How datasets and events name a custom data type. It is none of the standard model's."""
    return cast(DataType, _PREFIX + identifier)


def identifier_of(data_type: str) -> str | None:
    """The identifier of a custom data type; None for one of the standard model's."""
    return data_type.removeprefix(_PREFIX) if data_type.startswith(_PREFIX) else None


def find(connection: SqliteConnection, platform: str, identifier: str) -> StoredType | None:
    """One custom data type; None where it was never configured for this platform."""
    row = connection.execute(
        "select body, digest from custom_types where platform = ? and identifier = ?", (platform, identifier)
    ).fetchone()
    return None if row is None else StoredType(body=row[0], digest=row[1])


def count(connection: SqliteConnection, platform: str) -> int:
    """How many custom data types a platform has."""
    (found,) = connection.execute(
        "select count(*) from custom_types where platform = ?", (platform,)
    ).fetchone()
    return int(found)


def save(
    connection: SqliteConnection, platform: str, identifier: str, new: StoredType, *, keeps: bool
) -> None:
    """Put a custom data type in the place of the one before.

    `keeps`: its records stay until they are read again; else their ids would mean other things now.
    """
    connection.execute(
        "insert or replace into custom_types values (?, ?, ?, ?)",
        (platform, identifier, new.body, new.digest),
    )
    if not keeps:
        connection.execute(
            "delete from custom_records where identifier = ? "
            "and connection in (select number from connections where provider = ?)",
            (identifier, platform),
        )


def begin_reading(connection: SqliteConnection, number: int, identifier: str, now: datetime) -> int:
    """The number of a reading that begins: above all before it, and no earlier than any record's change.

    Cost: a look at each record of the type.
    """
    (newest,) = connection.execute(
        "select max(max(modified_at, reading)) from custom_records where connection = ? and identifier = ?",
        (number, identifier),
    ).fetchone()
    return max(to_micros(now), (newest or 0) + 1)


def store_records(
    connection: SqliteConnection,
    number: int,
    identifier: str,
    new: Sequence[CustomRecord],
    *,
    reading: int,
    now: datetime,
) -> StoredRecords:
    """Upsert a page's records by content. Each id once; `reading`: as `begin_reading` numbered it.

    `modified_at` never goes back, whatever the clock does.
    """
    known = _known(connection, number, identifier, [record.id for record in new])
    tally, again, at = Tally(), 0, max(to_micros(now), reading)
    met: list[int] = []
    for record in new:
        before = known.get(record.id)
        again += before is not None and before[2] == reading
        if before is not None and before[1] == record.hash:
            tally.unchanged += 1
            met.append(before[0])
            continue
        values = (record.hash, at, reading, _body(record, at))
        if before is None:
            tally.created += 1
            connection.execute(
                "insert into custom_records (connection, identifier, id, hash, modified_at, reading, body) "
                "values (?, ?, ?, ?, ?, ?, ?)",
                (number, identifier, record.id, *values),
            )
        else:
            tally.updated += 1
            connection.execute(
                "update custom_records set hash = ?, modified_at = ?, reading = ?, missed = 0, body = ? "
                "where number = ?",
                (*values, before[0]),
            )
    for start in range(0, len(met), _IDS_A_STATEMENT):
        some = met[start : start + _IDS_A_STATEMENT]
        connection.execute(
            "update custom_records set reading = ?, missed = 0 "
            f"where number in ({', '.join('?' * len(some))})",
            (reading, *some),
        )
    return StoredRecords(tally, again)


def end_reading(
    connection: SqliteConnection, number: int, identifier: str, *, reading: int, few: int, share: float
) -> Missed:
    """After a whole reading: drop what two in a row have not met, unless that is past belief.

    More than `few` and more than `share` of all that stand are not believed, and stay.
    """
    whose = (number, identifier)
    connection.execute(
        "update custom_records set missed = missed + 1 "
        "where connection = ? and identifier = ? and reading <> ?",
        (*whose, reading),
    )
    gone, live = connection.execute(
        "select coalesce(sum(missed >= ?), 0), count(*) from custom_records "
        "where connection = ? and identifier = ?",
        (_MISSES, *whose),
    ).fetchone()
    if gone > few and gone > share * live:
        return Missed(held=gone)
    connection.execute(
        "delete from custom_records where connection = ? and identifier = ? and missed >= ?",
        (*whose, _MISSES),
    )
    return Missed(dropped=gone)


def page(
    connection: SqliteConnection, number: int, identifier: str, *, limit: int, offset: int
) -> tuple[int, list[bytes]]:
    """How many records a connection has of a type, and one page of them, in the order in which they came.

    Cost: the index, up to the page's end.
    """
    (total,) = connection.execute(
        "select count(*) from custom_records where connection = ? and identifier = ?", (number, identifier)
    ).fetchone()
    rows = connection.execute(
        "select body from custom_records where connection = ? and identifier = ? "
        "order by number limit ? offset ?",
        (number, identifier, limit, offset),
    ).fetchall()
    return total, [bytes(body) for (body,) in rows]


def was_read(connection: SqliteConnection, connection_id: str, identifier: str) -> bool:
    """Whether a connection's list was read to its last page once."""
    row = connection.execute(
        "select 1 from datasets where connection_id = ? and data_type = ? and progress = 100 limit 1",
        (connection_id, as_data_type(identifier)),
    ).fetchone()
    return row is not None


def _known(
    connection: SqliteConnection, number: int, identifier: str, ids: Sequence[str]
) -> dict[str, tuple[int, bytes, int]]:
    found: dict[str, tuple[int, bytes, int]] = {}
    for start in range(0, len(ids), _IDS_A_STATEMENT):
        some = ids[start : start + _IDS_A_STATEMENT]
        rows = connection.execute(
            "select id, number, hash, reading from custom_records where connection = ? and identifier = ? "
            f"and id in ({', '.join('?' * len(some))})",
            (number, identifier, *some),
        ).fetchall()
        found |= {row[0]: (row[1], bytes(row[2]), row[3]) for row in rows}
    return found


def _body(record: CustomRecord, at: int) -> bytes:
    told = b'{"id":%b,"content":%b,"modifiedDate":{"modifiedDate":"%b"}}'
    return told % (msgspec.json.encode(record.id), record.content, iso(at).encode())
