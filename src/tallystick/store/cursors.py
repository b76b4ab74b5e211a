"""Cursors: how far a resource has been read. They move only with the page that they speak of."""

from datetime import datetime

from attrs import frozen

from tallystick.store.instants import maybe_instant, maybe_micros
from tallystick.store.sqlcipher import SqliteConnection


@frozen(kw_only=True)
class Cursor:
    """Where to go on."""

    since: datetime | None = None  #: the next reading begins here; None reads everything
    started: datetime | None = None  #: the provider's clock when the reading under way began
    next: str | None = None  #: the next page of the reading under way; None when none is
    rejected: int = 0  #: records of the reading under way that could not be mapped
    tracking: bool = False  #: the reading under way is a whole one and notes what it meets
    reconciled: datetime | None = None  #: when a whole reading last came to its end
    read_rows: int = 0  #: rows of the reading under way so far
    least_total: int | None = None  #: the smallest total that its answers told
    last_total: int | None = None  #: what the latest of them told


def load(connection: SqliteConnection, number: int, resource: str) -> Cursor:
    """The cursor of a connection's resource; a new one when nothing has been read."""
    row = connection.execute(
        "select since, started, next, rejected, tracking, reconciled, read_rows, least_total, last_total "
        "from cursors where connection = ? and resource = ?",
        (number, resource),
    ).fetchone()
    if row is None:
        return Cursor()
    return Cursor(
        since=maybe_instant(row[0]),
        started=maybe_instant(row[1]),
        next=row[2],
        rejected=row[3],
        tracking=bool(row[4]),
        reconciled=maybe_instant(row[5]),
        read_rows=row[6],
        least_total=row[7],
        last_total=row[8],
    )


def save(connection: SqliteConnection, number: int, resource: str, cursor: Cursor) -> None:
    """Move the cursor."""
    connection.execute(
        "insert or replace into cursors (connection, resource, since, started, next, rejected, tracking, "
        "reconciled, read_rows, least_total, last_total) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            number,
            resource,
            maybe_micros(cursor.since),
            maybe_micros(cursor.started),
            cursor.next,
            cursor.rejected,
            cursor.tracking,
            maybe_micros(cursor.reconciled),
            cursor.read_rows,
            cursor.least_total,
            cursor.last_total,
        ),
    )
