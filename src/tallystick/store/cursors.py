"""Cursors: how far a resource has been read. They move only with the page that they speak of."""

from datetime import datetime
from typing import Any, Final

from attrs import fields, frozen

from tallystick.store.instants import maybe_instant, maybe_micros
from tallystick.store.sqlcipher import SqliteConnection


@frozen(kw_only=True)
class Cursor:
    """Where to go on: what holds between two readings, and the reading under way."""

    since: datetime | None = None  #: the next reading begins here; None reads everything
    reconciled: datetime | None = None  #: when a whole reading last came to its end
    confirming: int = 0  #: rows of a whole reading that missed records, and is done once more for them
    shortfall: int = 0  #: rows by which the latest reading came short of its list's total
    rejections: int = 0  #: digest of what the latest reading could not map; 0: it could map everything
    unmapped: int = 0  #: records left out, which are read again when they change, or with the whole list
    unmapped_by: int = 0  #: the mapping's version that could not map them

    next: str | None = None  #: the next page of the reading under way; None when none is
    started: datetime | None = None  #: the provider's clock when it began
    whole: bool = False  #: it asks for everything
    tracking: bool = False  #: it notes what it meets, so that the rest is found
    rejected: int = 0  #: records of it that could not be mapped
    rejecting: int = 0  #: a digest of those
    read_rows: int = 0  #: rows of it so far
    least_total: int | None = None  #: the smallest total that its answers told
    last_total: int | None = None  #: what the latest of them told
    last_page: str | None = None  #: where its latest page is; None for the first one
    first_id: int | None = None  #: a digest of its first record's id; None: not known
    last_id: int | None = None  #: and of its last one's

    def at_rest(self) -> "Cursor":
        """Without the reading under way."""
        return Cursor(
            since=self.since,
            reconciled=self.reconciled,
            confirming=self.confirming,
            shortfall=self.shortfall,
            rejections=self.rejections,
            unmapped=self.unmapped,
            unmapped_by=self.unmapped_by,
        )


_INSTANTS: Final = {"since", "reconciled", "started"}
_FLAGS: Final = {"whole", "tracking"}
_COLUMNS: Final = tuple(attribute.name for attribute in fields(Cursor))
_NAMED: Final = ", ".join(_COLUMNS)
_MARKS: Final = ", ".join("?" * len(_COLUMNS))


def load(connection: SqliteConnection, number: int, resource: str) -> Cursor:
    """The cursor of a connection's resource; a new one when nothing has been read."""
    row = connection.execute(
        f"select {_NAMED} from cursors where connection = ? and resource = ?", (number, resource)
    ).fetchone()
    if row is None:
        return Cursor()
    found: dict[str, Any] = dict(zip(_COLUMNS, row, strict=True))
    return Cursor(**{name: _from_column(name, value) for name, value in found.items()})


def save(connection: SqliteConnection, number: int, resource: str, cursor: Cursor) -> None:
    """Move the cursor."""
    values = [_to_column(name, getattr(cursor, name)) for name in _COLUMNS]
    connection.execute(
        f"insert or replace into cursors (connection, resource, {_NAMED}) values (?, ?, {_MARKS})",
        (number, resource, *values),
    )


def _from_column(name: str, value: Any) -> Any:
    if name in _INSTANTS:
        return maybe_instant(value)
    return bool(value) if name in _FLAGS else value


def _to_column(name: str, value: Any) -> Any:
    return maybe_micros(value) if name in _INSTANTS else value
