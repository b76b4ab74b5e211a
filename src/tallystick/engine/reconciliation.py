"""Which records are gone: those that a whole reading did not meet, unless that is past belief.

Rows can move between the pages of a list while it is read, and where one goes and another one comes not
even the totals show it. So what a reading of several pages missed is looked for by a second one before it
is deleted. A provider may also answer with half a list, or an empty one, and say 200. So a reading that
would delete more than a set share, or that met nothing where something stood, deletes nothing: its
deletions wait for a person. So do those of a reading that came short of its total, or of the reading that
it was to confirm. Nor is anything deleted by one that had to leave out a row without knowing which.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from attrs import field, frozen

from tallystick.connectors import Resource
from tallystick.standard import DataType
from tallystick.store import Cursor, deletions
from tallystick.store.records import record_key
from tallystick.store.sqlcipher import SqliteConnection

#: Between two whole readings of a list of which records could not be mapped: what spoilt them may be over.
_HOPE: Final = timedelta(days=1)
#: So few deletions are believed whatever their share of a short list; an empty answer is not.
_FEW: Final = 5


@frozen(kw_only=True)
class Reading:
    """One reading of a list, as it is begun or taken up."""

    cursor: Cursor  #: as it is stored
    since: datetime | None  #: what the provider is asked for; None for everything
    tracking: bool  #: it is whole, something is stored already, and so what it does not meet is gone
    holding: bool = False  #: deletions of this list wait for a person: what it meets is taken out of them


@frozen(kw_only=True)
class Reconciled:
    """What a whole reading said of the records that were stored before it."""

    missing: int = 0  #: not met
    live: int = 0  #: stood before it
    unsure: bool = False  #: nothing is decided yet: the list is to be read once more
    held: bool = False  #: too many to be believed: they wait for a person
    newly_held: bool = False
    deleted: Mapping[DataType, int] = field(factory=dict)


@frozen(kw_only=True)
class Reconciliation:
    """The rules of one installation."""

    every: timedelta  #: between two whole readings of a list that is else read by its changes
    believed_share: float  #: of the records that stand: more deletions than that are held

    def begin(
        self,
        connection: SqliteConnection,
        number: int,
        resource: Resource,
        cursor: Cursor,
        now: datetime,
        *,
        mapping: int,
    ) -> Reading:
        """How the reading of a list goes on or begins: by changes, or whole.

        `mapping`: the version that will map it; a newer one may map what an older one could not.
        """
        holding = deletions.is_holding(connection, number, resource.name)
        since, tracking = None, cursor.tracking
        if cursor.next is not None:
            since = None if cursor.whole else cursor.since
        elif cursor.confirming > 0:
            tracking = True
        elif resource.incremental and not self._is_due(cursor, now, mapping):
            since, tracking = cursor.since, False
        else:
            tracking = deletions.any_record(connection, number, resource.data_types)
        return Reading(cursor=cursor, since=since, tracking=tracking, holding=holding)

    def note(
        self,
        connection: SqliteConnection,
        number: int,
        resource: Resource,
        met: Iterable[tuple[DataType, str]],
        *,
        anew: bool,
    ) -> None:
        """Note what a page of a whole reading has met, mapped or not; in the transaction that stores it.

        `anew`: what was noted before is of no use any more.
        """
        if anew:
            deletions.begin_tracking(connection, number, resource.name)
        deletions.note_seen(connection, number, resource.name, _keys(number, met))

    def spare(
        self,
        connection: SqliteConnection,
        number: int,
        resource: Resource,
        met: Iterable[tuple[DataType, str]],
    ) -> None:
        """Take out of the deletions that wait for a person what a reading has met."""
        deletions.spare(connection, number, resource.name, _keys(number, met))

    def end(
        self,
        connection: SqliteConnection,
        number: int,
        resource: Resource,
        *,
        rows: int,
        sure: bool,
        believed: bool,
        now: datetime,
    ) -> Reconciled:
        """Delete what the reading did not meet, or hold it for a person; with its last page.

        `sure`: no row can have slipped through. Else, where something is missing, all that was noted
        stays noted, and the next reading adds to it. `believed`: the reading was not short.
        """
        numbers, live = deletions.missing(connection, number, resource.name, resource.data_types)
        if numbers and not sure:
            return Reconciled(missing=len(numbers), live=live, unsure=True)
        deletions.begin_tracking(connection, number, resource.name)
        if not numbers:
            deletions.release(connection, number, resource.name)
            return Reconciled(live=live)
        many = len(numbers) > _FEW and len(numbers) > self.believed_share * live
        if rows == 0 or many or not believed:
            newly = deletions.hold(connection, number, resource.name, numbers, live=live, now=now)
            return Reconciled(missing=len(numbers), live=live, held=True, newly_held=newly)
        deletions.release(connection, number, resource.name)
        deleted = deletions.delete(connection, numbers, now)
        return Reconciled(missing=len(numbers), live=live, deleted=deleted)

    def _is_due(self, cursor: Cursor, now: datetime, mapping: int) -> bool:
        """Whether a list that can be read by its changes is to be read whole.

        By a timetable; when there is hope for records that were left out; and when what the cursor says
        lies in the future: a clock was wrong when it was set, or is wrong now.
        """
        if cursor.since is None or cursor.reconciled is None:
            return True
        if cursor.since > now or cursor.reconciled > now:
            return True
        if cursor.unmapped and cursor.unmapped_by < mapping:
            return True
        every = min(self.every, _HOPE) if cursor.unmapped else self.every
        return now - cursor.reconciled >= every


def _keys(number: int, met: Iterable[tuple[DataType, str]]) -> list[int]:
    return [record_key(number, data_type, record_id) for data_type, record_id in met]
