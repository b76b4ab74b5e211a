"""What is kept of a connection that crashed more often than is borne: a reason and a proposal."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import trio
from attrs import define, field, frozen

from tallystick.engine.events import ConnectionMoved
from tallystick.engine.failure import status_of
from tallystick.engine.leaving import Ended, end_left, tell_ended
from tallystick.errors import ConnectionParked, StoreUnusable
from tallystick.store import ConnectionRow, Stores, control, datasets
from tallystick.store import connections as connection_rows
from tallystick.store.sqlcipher import SqliteConnection
from tallystick.telemetry import Telemetry

_AGAIN_S: Final = 5.0  #: after a note that could not be written
_PROPOSAL: Final = (
    "Read the traceback (tallystick actors --dead-letters), mend or report the bug, "
    "then let it go on: tallystick actors --resume {connection_id}"
)


@frozen(kw_only=True)
class Parked:
    """A connection whose actor was given up."""

    client_id: str
    connection_id: str
    platform: str
    reason: str


@define(eq=False)
class Parking:
    """Writes down what was parked: the supervisor says it without waiting. A `Service`.

    The directory says that a parked connection is due, so that the next process tries again; the schedule
    of this one forgets it until somebody lets it go on. Holds at most one note a connection.
    """

    stores: Stores
    telemetry: Telemetry
    clock: Callable[[], datetime]
    note_due: Callable[[str, datetime | None], None]  #: tells the schedule
    _notes: dict[str, Parked] = field(factory=dict)
    _noted: trio.Event = field(factory=trio.Event)

    def note(self, parked: Parked) -> None:
        """Take down that a connection is parked."""
        self.note_due(parked.connection_id, None)
        self._notes[parked.connection_id] = parked
        self._noted.set()

    def forget(self, connection_id: str) -> None:
        """It goes on: what is not written by now would be wrong."""
        self._notes.pop(connection_id, None)

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            await self._noted.wait()
            self._noted = trio.Event()
            for parked in list(self._notes.values()):
                if self._notes.get(parked.connection_id) is not parked:
                    continue
                try:
                    await self._write(parked)
                except StoreUnusable:  # told by `CommitFailed`; a full disk may have room again
                    self._noted.set()
                    await trio.sleep(_AGAIN_S)
                    continue
                if self._notes.get(parked.connection_id) is parked:
                    del self._notes[parked.connection_id]

    async def _write(self, parked: Parked) -> None:
        now = self.clock()
        async with self.stores.client(parked.client_id) as store:
            row, ended = await store.write(_park, parked, now)
        tell_ended(self.telemetry, parked.platform, parked.client_id, ended)
        if row is None:
            return
        await self.stores.control.write(_note_parked, parked.client_id, row, now)
        self.telemetry.emit(
            ConnectionMoved(
                platform=parked.platform,
                client_id=parked.client_id,
                connection_id=parked.connection_id,
                was="Syncing",
                now="Parked",
                reason=parked.reason,
            )
        )


def _park(
    connection: SqliteConnection, parked: Parked, now: datetime
) -> tuple[ConnectionRow | None, list[Ended]]:
    """Datasets under way end: nothing may look as if it went on. Also returns the row, if it is linked."""
    error = ConnectionParked(reason=parked.reason)
    left = datasets.unfinished(connection, parked.connection_id)
    told = f"{error}. {error.fix}"
    ended = end_left(connection, left, status_of(error), now, code=error.code, reason=told)
    proposal = _PROPOSAL.format(connection_id=parked.connection_id)
    connection_rows.rest(connection, parked.connection_id, "Parked", parked.reason, proposal)
    row = connection_rows.find(connection, parked.connection_id)
    return (row if row is not None and row.status == "Linked" else None), ended


def _note_parked(database: SqliteConnection, client_id: str, row: ConnectionRow, now: datetime) -> None:
    control.put_in_directory(database, client_id, row)
    control.note_due(database, row.id, now)
