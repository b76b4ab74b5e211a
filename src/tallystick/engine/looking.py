"""What there is to do for a connection: its client's file is looked into, and what it says is noted.

The file is right where the directory or the schedule differ from it. Whoever notes when a connection is due
holds `ConnectionContext.noting` from the look to the note: what is noted is never older than what stands.
"""

from collections.abc import Sequence
from datetime import datetime

from attrs import frozen

from tallystick.engine.failure import status_of
from tallystick.engine.leaving import Ended, end_left, stopped, tell_ended
from tallystick.engine.states import State, at_work
from tallystick.engine.sync_task import ConnectionContext, QueuedSync
from tallystick.errors import NotSupported
from tallystick.standard import DataType
from tallystick.store import (
    ConnectionRow,
    Dataset,
    control,
    custom_types,
    datasets,
    deletions,
    refreshes,
)
from tallystick.store import connections as connection_rows
from tallystick.store.sqlcipher import SqliteConnection


@frozen(kw_only=True)
class Found:
    """What a client's file says of a connection."""

    state: State  #: of its link; Parked is over
    grant_id: str | None
    unfinished: tuple[QueuedSync, ...]  #: what a stop, a crash or a full disk interrupted
    due: tuple[DataType, ...]  #: in the order of their settings; none while something is unfinished


@frozen(kw_only=True)
class _Seen:
    """The same as it is in the file."""

    row: ConnectionRow | None
    ended: Sequence[Ended] = ()
    unfinished: Sequence[Dataset] = ()
    due: Sequence[DataType] = ()
    next_due_at: datetime | None = None
    held: bool = False


async def look(context: ConnectionContext) -> Found:
    """Find what is to be done now; where that is nothing, note when there will be something.

    Puts right on the way what could keep a connection from being due again: data types that the provider
    has learnt or dropped since, datasets that can never be read, what parked an earlier process's actor,
    and the directory. Raises: `StoreUnusable`.
    """
    async with context.noting, context.stores.client(context.client_id) as store:
        seen = await store.write(_look, context)
        tell_ended(context.telemetry, context.platform, context.client_id, seen.ended)
        due_at = context.clock() if seen.unfinished or seen.due else seen.next_due_at
        await context.stores.control.write(_note, context, seen.row, due_at, seen.held)
    if not seen.unfinished and not seen.due:
        context.note_due(context.connection_id, due_at)
    return Found(
        state="Unlinked" if seen.row is None else at_work(seen.row.status, seen.row.state),
        grant_id=None if seen.row is None else seen.row.grant_id,
        unfinished=_by_sync(seen.unfinished),
        due=tuple(seen.due),
    )


async def plan(context: ConnectionContext) -> None:
    """Note in the directory and the schedule when this connection is due; work under way is due now.

    Raises: `StoreUnusable`.
    """
    async with context.noting, context.stores.client(context.client_id) as store:
        due_at, held = await store.read(_next, context)
        await context.stores.control.write(control.note_due, context.connection_id, due_at, held=held)
    context.note_due(context.connection_id, due_at)


def _look(database: SqliteConnection, context: ConnectionContext) -> _Seen:
    row = connection_rows.find(database, context.connection_id)
    if row is None:
        return _Seen(row=None)
    held = bool(deletions.held(database, row.number))
    if row.status != "Linked":
        return _Seen(row=row, ended=stopped(database, context, row.status), held=held)
    if row.state == "Parked":
        row = connection_rows.rest(database, row.id, None, None) or row
    now, supported = context.clock(), context.connector.manifest.data_types
    ended = _dropped(database, context, now)
    unfinished = datasets.unfinished(database, row.id)
    refreshes.keep_only(database, row.id, supported)
    if not unfinished:
        refreshes.add_missing(database, row.id, row.company_id, supported, now)
    return _Seen(
        row=row,
        ended=ended,
        unfinished=unfinished,
        due=() if unfinished else refreshes.due(database, row.id, now),
        next_due_at=refreshes.next_due(database, row.id, now),
        held=held,
    )


def _dropped(database: SqliteConnection, context: ConnectionContext, now: datetime) -> list[Ended]:
    """End what waits for a data type that the provider has no more: nothing would ever read it."""
    manifest, ended = context.connector.manifest, list[Ended]()
    for dataset in datasets.unfinished(database, context.connection_id):
        custom = custom_types.identifier_of(dataset.data_type) is not None
        if not custom and dataset.data_type not in manifest.data_types:
            error = NotSupported(platform=manifest.name, data_type=dataset.data_type)
            told = f"{error}. {error.fix}"
            ended += end_left(database, [dataset], status_of(error), now, code=error.code, reason=told)
    return ended


def _by_sync(unfinished: Sequence[Dataset]) -> tuple[QueuedSync, ...]:
    by_sync: dict[str, list[Dataset]] = {}
    for dataset in unfinished:
        by_sync.setdefault(dataset.sync_id, []).append(dataset)
    return tuple(
        QueuedSync(id=sync_id, datasets=tuple(its), reason="taken up again")
        for sync_id, its in by_sync.items()
    )


def _next(database: SqliteConnection, context: ConnectionContext) -> tuple[datetime | None, bool]:
    """When a connection is due, and whether deletions of it are held."""
    connection_id, now = context.connection_id, context.clock()
    row = connection_rows.find(database, connection_id)
    if row is None:
        return None, False
    held = bool(deletions.held(database, row.number))
    if row.status != "Linked":
        return None, held
    if datasets.any_unfinished(database, connection_id):
        return now, held
    planned = refreshes.of_connection(database, connection_id)
    if not any(refresh.due_at for refresh in planned.values()):
        # What is not planned at all may have an interval: a look adds it.
        return (None if planned.keys() >= set(context.connector.manifest.data_types) else now), held
    return refreshes.next_due(database, connection_id, now), held


def _note(
    database: SqliteConnection,
    context: ConnectionContext,
    row: ConnectionRow | None,
    due_at: datetime | None,
    held: bool,
) -> None:
    if row is not None:
        control.put_in_directory(database, context.client_id, row)
    control.note_due(database, context.connection_id, due_at, held=held)
