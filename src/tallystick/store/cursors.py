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


def load(connection: SqliteConnection, number: int, resource: str) -> Cursor:
    """The cursor of a connection's resource; a new one when nothing has been read."""
    row = connection.execute(
        "select since, started, next, rejected from cursors where connection = ? and resource = ?",
        (number, resource),
    ).fetchone()
    if row is None:
        return Cursor()
    return Cursor(since=maybe_instant(row[0]), started=maybe_instant(row[1]), next=row[2], rejected=row[3])


def save(connection: SqliteConnection, number: int, resource: str, cursor: Cursor) -> None:
    """Move the cursor."""
    connection.execute(
        "insert into cursors (connection, resource, since, started, next, rejected) "
        "values (?, ?, ?, ?, ?, ?) "
        "on conflict (connection, resource) do update set since = excluded.since, "
        "started = excluded.started, next = excluded.next, rejected = excluded.rejected",
        (
            number,
            resource,
            maybe_micros(cursor.since),
            maybe_micros(cursor.started),
            cursor.next,
            cursor.rejected,
        ),
    )
