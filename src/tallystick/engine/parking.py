"""What is kept of a connection that crashed more often than is borne: a reason and a proposal."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import trio
from attrs import define, field, frozen

from tallystick.engine.events import ConnectionMoved
from tallystick.engine.failure import status_of
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

    Holds at most one note a connection.
    """

    stores: Stores
    telemetry: Telemetry
    clock: Callable[[], datetime]
    _notes: dict[str, Parked] = field(factory=dict)
    _noted: trio.Event = field(factory=trio.Event)

    def note(self, parked: Parked) -> None:
        """Take down that a connection is parked."""
        self._notes[parked.connection_id] = parked
        self._noted.set()

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            await self._noted.wait()
            self._noted = trio.Event()
            for parked in list(self._notes.values()):
                try:
                    await self._write(parked)
                except StoreUnusable:  # told by `CommitFailed`; a full disk may have room again
                    self._noted.set()
                    await trio.sleep(_AGAIN_S)
                    continue
                if self._notes.get(parked.connection_id) is parked:
                    del self._notes[parked.connection_id]

    async def _write(self, parked: Parked) -> None:
        async with self.stores.client(parked.client_id) as store:
            row = await store.write(_park, parked, self.clock())
        if row is None:
            return
        await self.stores.control.write(control.put_in_directory, parked.client_id, row)
        await self.stores.control.write(control.note_due, parked.connection_id, None)
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


def _park(connection: SqliteConnection, parked: Parked, now: datetime) -> ConnectionRow | None:
    """Datasets under way end: nothing may look as if it went on."""
    error = ConnectionParked(reason=parked.reason)
    for dataset in datasets.unfinished(connection, parked.connection_id):
        datasets.move(
            connection,
            dataset.id,
            status_of(error),
            progress=0,
            at=now,
            error_code=error.code,
            error_message=f"{error}. {error.fix}",
        )
    proposal = _PROPOSAL.format(connection_id=parked.connection_id)
    return connection_rows.rest(connection, parked.connection_id, "Parked", parked.reason, proposal)
