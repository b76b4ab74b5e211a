"""Which records are gone: those that a whole reading did not meet, unless that is past belief.

A provider may answer with half a list, or an empty one, and say 200. So a reading that would delete more
than a set share, or that met nothing where something stood, deletes nothing: its deletions wait for a
person. So does nothing get deleted by a reading that had to leave a row out, or came short of its total.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from attrs import field, frozen

from tallystick.connectors import Resource
from tallystick.standard import DataType
from tallystick.store import Cursor, NewRecord, deletions
from tallystick.store.records import record_key
from tallystick.store.sqlcipher import SqliteConnection

#: So few deletions are believed whatever their share of a short list; an empty answer is not.
_FEW: Final = 5


@frozen(kw_only=True)
class Reading:
    """One reading of a list, as it is begun or taken up."""

    cursor: Cursor  #: as it is stored
    since: datetime | None  #: what the provider is asked for; None for everything
    tracking: bool  #: it is whole, something is stored already, and so what it does not meet is gone


@frozen(kw_only=True)
class Reconciled:
    """What a whole reading said of the records that were stored before it."""

    missing: int = 0  #: not met
    live: int = 0  #: stood before it
    held: bool = False  #: too many to be believed: they wait for a person
    newly_held: bool = False
    released: bool = False  #: some waited before, and do no more
    deleted: Mapping[DataType, int] = field(factory=dict)


@frozen(kw_only=True)
class Reconciliation:
    """The rules of one installation."""

    every: timedelta  #: between two whole readings of a list that is else read by its changes
    believed_share: float  #: of the records that stand: more deletions than that are held

    def begin(
        self, connection: SqliteConnection, number: int, resource: Resource, cursor: Cursor, now: datetime
    ) -> Reading:
        """How the reading of a list goes on or begins: by changes, or whole."""
        if cursor.next is not None:
            since = None if cursor.tracking else cursor.since
            return Reading(cursor=cursor, since=since, tracking=cursor.tracking)
        if resource.incremental and cursor.since is not None and not self._is_due(cursor, now):
            return Reading(cursor=cursor, since=cursor.since, tracking=False)
        known = deletions.any_record(connection, number, resource.data_types)
        return Reading(cursor=cursor, since=None, tracking=known)

    def note(
        self,
        connection: SqliteConnection,
        number: int,
        resource: Resource,
        records: Iterable[NewRecord],
        *,
        first: bool,
    ) -> None:
        """Note what a page of a whole reading has met; in the transaction that stores it."""
        if first:
            deletions.begin_tracking(connection, number, resource.name)
        keys = (record_key(number, record.data_type, record.id) for record in records)
        deletions.note_seen(connection, number, resource.name, keys)

    def end(
        self, connection: SqliteConnection, number: int, resource: Resource, *, rows: int, now: datetime
    ) -> Reconciled:
        """Delete what the reading did not meet, or hold it for a person; with its last page."""
        numbers, live = deletions.missing(connection, number, resource.name, resource.data_types)
        deletions.begin_tracking(connection, number, resource.name)
        if not numbers:
            released = bool(deletions.release(connection, number, resource.name))
            return Reconciled(live=live, released=released)
        if rows == 0 or (len(numbers) > _FEW and len(numbers) > self.believed_share * live):
            newly = deletions.hold(connection, number, resource.name, numbers, live=live, now=now)
            return Reconciled(missing=len(numbers), live=live, held=True, newly_held=newly)
        released = bool(deletions.release(connection, number, resource.name))
        deleted = deletions.delete(connection, numbers, now)
        return Reconciled(missing=len(numbers), live=live, released=released, deleted=deleted)

    def _is_due(self, cursor: Cursor, now: datetime) -> bool:
        """A timetable; a clock that went back makes nothing due, and one that is far ahead once."""
        return cursor.reconciled is None or now - cursor.reconciled >= self.every
