"""Issues: doubts about records, kept where a client can see them.

A doubt is about a record as it is now: it is renewed whenever the record is met again, and dropped when it is
met without a fault or is gone. It belongs to the dataset that met it last. Of each kind of doubt a dataset
keeps so many in full and counts the rest, so that books that are wrong throughout do not fill the disk.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from attrs import frozen

from tallystick.standard import DataType
from tallystick.store.records import record_key
from tallystick.store.sqlcipher import SqliteConnection

#: Doubts of one rule, and of the mapping itself, that a dataset keeps in full.
WARNINGS_KEPT: Final = 200
#: Refused records that a dataset keeps in full.
REJECTED_KEPT: Final = 1000
_IDS_A_STATEMENT: Final = 256
_COLUMNS: Final = "severity, path, message, data_type, record_id, rule_id, other"


@frozen(kw_only=True)
class StoredIssue:
    """One doubt about one record."""

    severity: str  #: warning or rejected
    path: str
    message: str
    data_type: DataType | None
    record_id: str | None
    rule_id: str | None = None  #: the rule that is not kept; None: the mapping's own doubt
    other: str | None = None  #: the other record that it is about: data type, `/`, id


@frozen(kw_only=True)
class IssueCount:
    """How often a dataset met one kind of doubt."""

    severity: str
    rule_id: str | None
    found: int  #: kept in full or not
    kept: int


def save(
    connection: SqliteConnection,
    *,
    number: int,
    dataset_id: str,
    page: int | None,
    found: Iterable[StoredIssue],
    counted: bool = True,
) -> None:
    """Keep the doubts of one page, as far as there is room, and count them all.

    `page`: the raw page that they came of, for a later mapping of it; None where that is not what they are
    about. `counted`: False where the same were counted before.
    """
    doubts = list(found)
    kinds = Counter((doubt.severity, doubt.rule_id or "") for doubt in doubts)
    room = {kind: _room(connection, dataset_id, *kind) for kind in kinds}
    for doubt in doubts:
        kind = (doubt.severity, doubt.rule_id or "")
        if room[kind] > 0:
            room[kind] -= 1
            _insert(connection, number, dataset_id, page, doubt)
    for (severity, rule_id), times in kinds.items() if counted else ():
        connection.execute(
            "insert into issue_counts values (?, ?, ?, ?) "
            "on conflict do update set found = found + excluded.found",
            (dataset_id, severity, rule_id, times),
        )


def forget(connection: SqliteConnection, number: int, met: Iterable[tuple[DataType, str]]) -> int:
    """Drop the doubts about records that are met again, or are gone. Returns how many.

    Cost: one seek for a connection without doubts, one for each record of others.
    """
    doubted = connection.execute("select 1 from issues where connection = ? limit 1", (number,)).fetchone()
    if doubted is None:
        return 0
    dropped = 0
    for data_type, identities in groupby(sorted(met), key=itemgetter(0)):
        ids = [record_id for _, record_id in identities]
        for start in range(0, len(ids), _IDS_A_STATEMENT):
            some = ids[start : start + _IDS_A_STATEMENT]
            cursor = connection.execute(
                "delete from issues where connection = ? and data_type = ? "
                f"and record_id in ({', '.join('?' * len(some))})",
                (number, data_type, *some),
            )
            dropped += int(cursor.rowcount)
    return dropped


def forget_gone(connection: SqliteConnection, number: int, data_types: Iterable[DataType]) -> None:
    """Drop the doubts about records that are marked as deleted. Cost: a seek for each doubted record."""
    for data_type in data_types:
        ids = connection.execute(
            "select distinct record_id from issues where connection = ? and data_type = ? "
            "and severity <> 'rejected' and record_id not null",
            (number, data_type),
        ).fetchall()
        found = (record_id for (record_id,) in ids)
        gone = [(data_type, each) for each in found if _is_gone(connection, number, data_type, each)]
        forget(connection, number, gone)


def about_others(connection: SqliteConnection, number: int) -> list[tuple[int, StoredIssue]]:
    """The doubts about two records at once, with their numbers: they may be over when the other changes."""
    rows = connection.execute(
        f"select number, {_COLUMNS} from issues where connection = ? and other not null "
        "and record_id not null",
        (number,),
    ).fetchall()
    return [(row[0], _issue(row[1:])) for row in rows]


def drop(connection: SqliteConnection, numbers: Sequence[int]) -> None:
    """Drop single doubts."""
    for number in numbers:
        connection.execute("delete from issues where number = ?", (number,))


def drop_about(connection: SqliteConnection, number: int, rule_id: str, other: str) -> None:
    """Drop the doubts of one rule about a list as a whole, and what it was compared with."""
    connection.execute(
        "delete from issues where connection = ? and record_id is null and rule_id = ? and other = ?",
        (number, rule_id, other),
    )


def first_rejected(connection: SqliteConnection, dataset_id: str) -> str | None:
    """Where and why the first record of a dataset was left out, in words."""
    row = connection.execute(
        "select path, message, record_id from issues where dataset_id = ? and severity = 'rejected' "
        "order by number limit 1",
        (dataset_id,),
    ).fetchone()
    if row is None:
        return None
    path, message, record_id = row
    return f"{path} {message}" + (f", record {record_id}" if record_id else "")


def of_dataset(connection: SqliteConnection, dataset_id: str, *, limit: int = 5000) -> list[StoredIssue]:
    """The doubts that a dataset met and that still stand, in the order in which they were found."""
    rows = connection.execute(
        f"select {_COLUMNS} from issues where dataset_id = ? order by number limit ?",
        (dataset_id, limit),
    ).fetchall()
    return [_issue(row) for row in rows]


def of_record(
    connection: SqliteConnection, *, connections: Sequence[int], data_type: DataType, record_id: str
) -> list[StoredIssue]:
    """The doubts about one record, in the order in which they were found. Cost: a seek a connection."""
    marks = ", ".join("?" * len(connections))
    rows = connection.execute(
        f"select {_COLUMNS} from issues where connection in ({marks}) and data_type = ? and record_id = ? "
        "order by number",
        (*connections, data_type, record_id),
    ).fetchall()
    return [_issue(row) for row in rows]


def counts(connection: SqliteConnection, dataset_id: str) -> list[IssueCount]:
    """What a dataset met, kind by kind, whether or not it still stands."""
    rows = connection.execute(
        "select severity, rule_id, found, (select count(*) from issues i where i.dataset_id = c.dataset_id "
        "and i.severity = c.severity and coalesce(i.rule_id, '') = c.rule_id) "
        "from issue_counts c where dataset_id = ? order by severity, rule_id",
        (dataset_id,),
    ).fetchall()
    return [IssueCount(severity=r[0], rule_id=r[1] or None, found=r[2], kept=r[3]) for r in rows]


def _room(connection: SqliteConnection, dataset_id: str, severity: str, rule_id: str) -> int:
    (kept,) = connection.execute(
        "select count(*) from issues where dataset_id = ? and severity = ? and rule_id is ?",
        (dataset_id, severity, rule_id or None),
    ).fetchone()
    return (REJECTED_KEPT if severity == "rejected" else WARNINGS_KEPT) - int(kept)


def _insert(
    connection: SqliteConnection, number: int, dataset_id: str, page: int | None, doubt: StoredIssue
) -> None:
    connection.execute(
        "insert into issues "
        f"(dataset_id, connection, page, {_COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            dataset_id,
            number,
            page,
            doubt.severity,
            doubt.path,
            doubt.message,
            doubt.data_type,
            doubt.record_id,
            doubt.rule_id,
            doubt.other,
        ),
    )


def _is_gone(connection: SqliteConnection, number: int, data_type: DataType, record_id: str) -> bool:
    row = connection.execute(
        "select deleted from records where key = ? and connection = ? and id = ?",
        (record_key(number, data_type, record_id), number, record_id),
    ).fetchone()
    return row is None or bool(row[0])


def _issue(row: Sequence[Any]) -> StoredIssue:
    severity, path, message, data_type, record_id, rule_id, other = row
    return StoredIssue(
        severity=severity,
        path=path,
        message=message,
        data_type=data_type,
        record_id=record_id,
        rule_id=rule_id,
        other=other,
    )
