"""Stores a page: raw bytes and records in one go, inside the caller's transaction.

The costs that shaped this (measured, 100,000 rows with random ids): a text key and a commit a page
90 µs a row; an 8-byte hashed key, one secondary index and five pages a commit 32. Several rows go into
one statement, since each statement drops and retakes the interpreter's lock, and a busy loop thread
makes every retake a wait.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from hashlib import sha256
from itertools import chain
from typing import Final, TypeVar

import zstandard
from attrs import define, frozen
from msgspec import Struct

from tallystick.standard import DataType
from tallystick.store import counts
from tallystick.store.instants import iso, to_micros
from tallystick.store.records import TYPE_CODES, TYPE_NAMES, record_key
from tallystick.store.row_writing import change_date, runs
from tallystick.store.sqlcipher import SqliteConnection

R = TypeVar("R")
_ROWS_A_STATEMENT: Final = 128
_KEYS_A_STATEMENT: Final = 256
#: What the rows of one statement share is bound once for all of them.
_SHARED: Final = ("connection", "modified_at", "page", "mapping")
_OWN: Final = (
    "key",
    "probe",
    "data_type",
    "id",
    "hash",
    "source_modified_at",
    "status",
    "deleted",
    "place",
    "body",
)
_UPDATED: Final = (
    "hash",
    "modified_at",
    "source_modified_at",
    "status",
    "deleted",
    "page",
    "place",
    "mapping",
    "body",
)


class NewRecord(Struct, frozen=True, kw_only=True, gc=False):
    """One record as mapping made it, before it is known whether it is new. A struct, as there are so many."""

    data_type: DataType
    id: str
    content: bytes  #: its JSON object, without `modifiedDate`
    hash: bytes  #: 16 bytes of `content_hash(content)`
    source_modified_at: int | None  #: microseconds since 1970
    status: str | None
    deleted: bool
    place: int  #: index in the raw page


@frozen(kw_only=True)
class NewPage:
    """One page to be stored whole."""

    connection: int  #: `connections.number`
    resource: str
    fetched_at: datetime
    raw: bytes
    records: Sequence[NewRecord]
    mapping: int  #: version of the mapping
    problem: str | None = None  #: why a part of it could not be read: then it is kept whatever becomes of it


@define
class Tally:
    """What became of the records of one data type."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0  #: of the created and updated ones: now gone at the provider


@define
class _Known:
    number: int
    probe: int
    hash: bytes
    page: int


#: A record that is new or changed, its key, and what is stored of it.
_Change = tuple[NewRecord, int, _Known | None]


@frozen(kw_only=True)
class StoredPage:
    """What `store_page` did."""

    tallies: dict[DataType, Tally]
    raw_page: int | None  #: None: nothing on it was new, so it was not kept
    modified_at: int  #: microseconds since 1970 of every record that changed


def content_hash(content: bytes) -> bytes:
    """16 bytes by which a change is told, of SHA-256: processors have instructions for it."""
    return sha256(content).digest()[:16]


def store_page(connection: SqliteConnection, page: NewPage, now: datetime) -> StoredPage:
    """Upsert the page's records by content; keep its raw bytes when one is new or changed, or has a problem.

    Promise: all or nothing within the caller's transaction; safe to repeat (a second time every record
    is unchanged). `modified_at` never goes back within a data type, whatever the clock does.
    Cost: one look-up for 256 records, one statement for 128 changed ones, and a few for what is left over.
    """
    latest = {(record.data_type, record.id): record for record in page.records}  # the last is the newest
    keys = [record_key(page.connection, data_type, record_id) for data_type, record_id in latest]
    known, probes = _known(connection, page.connection, keys)
    tallies = {record.data_type: Tally() for record in latest.values()}
    changed: list[_Change] = []
    for (identity, record), key in zip(latest.items(), keys, strict=True):
        before, tally = known.get(identity), tallies[record.data_type]
        if before is None:
            tally.created += 1
        elif before.hash != record.hash:
            tally.updated += 1
        else:
            tally.unchanged += 1
            continue
        tally.deleted += record.deleted
        changed.append((record, key, before))
    if not changed:
        kept = keep_raw(connection, page) if page.problem else None
        return StoredPage(tallies=tallies, raw_page=kept, modified_at=to_micros(now))
    modified_at = change_date(connection, page.connection, tallies, now)
    raw_page = keep_raw(connection, page, named=len(changed))
    _write(connection, page, changed, raw_page, modified_at, probes)
    moved = {name: tally.created for name, tally in tallies.items() if tally.created or tally.updated}
    counts.note_changes(connection, page.connection, moved)
    return StoredPage(tallies=tallies, raw_page=raw_page, modified_at=modified_at)


def keep_raw(connection: SqliteConnection, page: NewPage, *, named: int = 0) -> int:
    """Keep a provider's answer, compressed. Returns its number.

    Of answers with a problem that no record names, the newest of each resource is enough.
    """
    if page.problem is not None:
        connection.execute(
            "delete from raw_pages where named <= 0 and problem not null and connection = ? and resource = ?",
            (page.connection, page.resource),
        )
    cursor = connection.execute(
        "insert into raw_pages (connection, resource, fetched_at, size, named, problem, body) "
        "values (?, ?, ?, ?, ?, ?, ?)",
        (
            page.connection,
            page.resource,
            to_micros(page.fetched_at),
            len(page.raw),
            named,
            page.problem,
            zstandard.ZstdCompressor(level=1).compress(page.raw),
        ),
    )
    return int(cursor.lastrowid)


def drop_unnamed(connection: SqliteConnection, before: datetime) -> int:
    """Drop raw pages that no record names and that are older than `before`. Returns how many."""
    cursor = connection.execute(
        "delete from raw_pages where named <= 0 and problem is null and fetched_at < ?",
        (to_micros(before),),
    )
    return int(cursor.rowcount)


def _known(
    connection: SqliteConnection, owner: int, keys: Sequence[int]
) -> tuple[dict[tuple[str, str], _Known], dict[int, int]]:
    """What is stored under these keys for `owner`, and the next free probe of each key that is taken."""
    found: dict[tuple[str, str], _Known] = {}
    probes: dict[int, int] = {}
    for some in _slices(keys, _KEYS_A_STATEMENT):
        size = 1 << (len(some) - 1).bit_length()  # few different statements, so that each stays prepared
        padded = [*some, *([some[-1]] * (size - len(some)))]
        for key, whose, data_type, record_id, *rest in connection.execute(_lookup(size), padded).fetchall():
            before = _Known(*rest)
            probes[key] = max(probes.get(key, 0), before.probe + 1)
            if whose == owner:
                found[(TYPE_NAMES[data_type], record_id)] = before
    return found, probes


def _write(
    connection: SqliteConnection,
    page: NewPage,
    changed: Sequence[_Change],
    raw_page: int,
    modified_at: int,
    probes: dict[int, int],
) -> None:
    shared = (page.connection, modified_at, raw_page, page.mapping)
    suffix = f',"modifiedDate":"{iso(modified_at)}"}}'.encode()
    fresh = [change for change in changed if change[2] is None]
    known = [change for change in changed if change[2] is not None]
    for rows, numbered in ((fresh, False), (known, True)):
        for some in runs(rows, _ROWS_A_STATEMENT):  # so that of a large page no second copy is made
            values = chain.from_iterable(_rows(some, suffix, probes))
            connection.execute(_upsert(len(some), numbered), [*shared, *values])
    unnamed = Counter(before.page for _, _, before in changed if before is not None)
    for old_page, count in unnamed.items():
        connection.execute("update raw_pages set named = named - ? where number = ?", (count, old_page))


def _rows(
    changed: Sequence[_Change], suffix: bytes, probes: dict[int, int]
) -> Iterator[tuple[int | str | bytearray | None, ...]]:
    # The driver looks for an adapter of each None, bool and bytes: where there are many, others stand in.
    for record, key, before in changed:
        body = bytearray(record.content)
        body[-1:] = suffix
        if before is None:
            probe = probes.get(key, 0)
            probes[key] = probe + 1
        else:
            probe = before.probe
            yield (before.number,)
        yield (
            key,
            probe,
            TYPE_CODES[record.data_type],
            record.id,
            bytearray(record.hash),
            record.source_modified_at,
            record.status,
            int(record.deleted),
            record.place,
            body,
        )


def _slices(rows: Sequence[R], size: int) -> Iterator[Sequence[R]]:
    return (rows[start : start + size] for start in range(0, len(rows), size))


@cache
def _lookup(keys: int) -> str:
    return (
        "select key, connection, data_type, id, number, probe, hash, page from records "
        f"where key in ({', '.join('?' * keys)})"
    )


@cache
def _upsert(rows: int, numbered: bool) -> str:
    """Insert so many rows; `numbered`: in the place of those that bear these numbers."""
    own = ("number", *_OWN) if numbered else _OWN
    shared = [f"?{place}" for place in range(1, len(_SHARED) + 1)]
    marks = f"({', '.join([*shared, *['?'] * len(own)])})"
    sql = f"insert into records ({', '.join((*_SHARED, *own))}) values {', '.join([marks] * rows)}"
    if not numbered:
        return sql
    updates = ", ".join(f"{column} = excluded.{column}" for column in _UPDATED)
    return f"{sql} on conflict (number) do update set {updates}"
