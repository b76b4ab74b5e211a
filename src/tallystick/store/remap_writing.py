"""Puts in place what today's mapping makes of a stored answer.

Whole answers at a time: where nothing changed only the mapping's version is written, by one statement.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from itertools import chain
from typing import Final, TypeVar

from tallystick.store import counts, deletions
from tallystick.store.instants import iso
from tallystick.store.pages import NewRecord
from tallystick.store.records import TYPE_CODES
from tallystick.store.remapping import Judgement, MappedAnswer, Stored, codes
from tallystick.store.row_writing import change_date, runs
from tallystick.store.sqlcipher import SqliteConnection

R = TypeVar("R")
#: The hash of a record that its answer no longer gives. No content has it; a later mapping may give it again.
_UNGIVEN: Final = b"\xff" * 16


def apply(connection: SqliteConnection, answer: MappedAnswer, found: Judgement, now: datetime) -> None:
    """Put a judgement in place, in the transaction that made it.

    `modified_at` moves for what changed, and for nothing else.
    Cost: a statement for each record that changed, and one for all the others together.
    """
    touched = {t: tally.created for t, tally in found.tallies.items() if tally.created or tally.updated}
    if touched:
        modified_at = change_date(connection, answer.connection, touched, now)
        suffix = f',"modifiedDate":"{iso(modified_at)}"}}'.encode()
        for some in runs(found.updates, _ROWS_A_STATEMENT):
            values = chain.from_iterable(_updated(answer, some, modified_at, suffix))
            connection.execute(_update(len(some)), [*values])
        connection.executemany(_CREATE, _created(answer, found.creations, modified_at, suffix))
        counts.note_changes(connection, answer.connection, touched)
    if found.deletions:
        numbers = [stored.number for stored in found.deletions]
        deletions.delete(connection, numbers, now)
        connection.execute(_MARK_UNGIVEN, (_UNGIVEN, json.dumps(numbers)))
    _note_page(connection, answer, found)
    _note_version(connection, answer, found)


_ROWS_A_STATEMENT: Final = 64
_WRITTEN: Final = (
    "hash",
    "modified_at",
    "source_modified_at",
    "status",
    "deleted",
    "place",
    "mapping",
    "body",
)
_CREATE: Final = (
    "insert into records (key, probe, connection, data_type, id, hash, modified_at, source_modified_at, "
    "status, deleted, page, place, mapping, body) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_MARK_UNGIVEN: Final = "update records set hash = ? where number in (select value from json_each(?))"


@cache
def _update(rows: int) -> str:
    """Several rows at once: a statement for each would wait each time for a busy loop's thread."""
    places = ", ".join(f"{name} = asked.column{place}" for place, name in enumerate(_WRITTEN, 2))
    row = f"({', '.join('?' * (len(_WRITTEN) + 1))})"
    values = ", ".join([row] * rows)
    return f"update records set {places} from (values {values}) as asked where number = asked.column1"


def _updated(
    answer: MappedAnswer, updates: Sequence[tuple[NewRecord, Stored]], modified_at: int, suffix: bytes
) -> Iterator[tuple[object, ...]]:
    # The driver looks for an adapter of each bytes: where there are many, another kind stands in.
    for record, stored in updates:
        yield (
            stored.number,
            bytearray(record.hash),
            modified_at,
            record.source_modified_at,
            record.status,
            int(record.deleted),
            record.place,
            answer.mapping,
            bytearray(record.content[:-1] + suffix),
        )


def _created(
    answer: MappedAnswer, creations: Sequence[tuple[NewRecord, int, int]], modified_at: int, suffix: bytes
) -> Iterator[tuple[object, ...]]:
    for record, key, probe in creations:
        yield (
            key,
            probe,
            answer.connection,
            TYPE_CODES[record.data_type],
            record.id,
            record.hash,
            modified_at,
            record.source_modified_at,
            record.status,
            int(record.deleted),
            answer.page,
            record.place,
            answer.mapping,
            record.content[:-1] + suffix,
        )


def _note_page(connection: SqliteConnection, answer: MappedAnswer, found: Judgement) -> None:
    """Who names which answer from now on, and whether a part of this one still cannot be mapped."""
    for record, stored in found.moves:
        connection.execute(
            "update records set page = ?, place = ? where number = ?",
            (answer.page, record.place, stored.number),
        )
    named = Counter(stored.page for _, stored in found.moves)
    named.subtract({answer.page: len(found.moves) + len(found.creations)})
    for page, fewer in named.items():
        if fewer:
            connection.execute("update raw_pages set named = named - ? where number = ?", (fewer, page))
    problem = f"{len(answer.rejections)} rejected" if answer.rejections else None
    connection.execute(
        "update raw_pages set problem = ? where number = ? and problem is not ?",
        (problem, answer.page, problem),
    )


def _note_version(connection: SqliteConnection, answer: MappedAnswer, found: Judgement) -> None:
    """Every record that was looked at bears the mapping's version, but for those whose row it cannot map."""
    connection.execute(
        "update records indexed by records_by_page set mapping = ? "
        "where page = ? and connection = ? and mapping <> ? "
        f"and data_type in ({codes(answer.data_types)}) "
        "and number not in (select value from json_each(?))",
        (
            answer.mapping,
            answer.page,
            answer.connection,
            answer.mapping,
            json.dumps([stored.number for stored in found.kept]),
        ),
    )
