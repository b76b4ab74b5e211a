"""The long work of a connection's actor: what it does beside its mailbox, and reports."""

import uuid
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

import trio
from attrs import field, frozen

from tallystick.actors import Promise
from tallystick.connectors import Connector
from tallystick.engine.events import SyncFinished, SyncOutcome, SyncStarted
from tallystick.engine.failure import status_of
from tallystick.engine.sync import SyncRun
from tallystick.errors import NeedsReauthorisation, NotLinked, SyncCrashed, TallystickError
from tallystick.standard import DatasetStatus, DataType
from tallystick.store import ConnectionRow, Dataset, LinkStatus, Store, Stores, control, datasets, pages
from tallystick.store import connections as connection_rows
from tallystick.telemetry import Telemetry

#: How long a provider's answer is kept that no record comes from any more.
_RAW_KEPT: Final = timedelta(days=30)
#: What becomes of datasets under way when the link ends so.
_LEFT_AS: Final[dict[str | None, DatasetStatus]] = {
    "Unlinked": "Cancelled",
    "Deauthorized": "AuthError",
    None: "Cancelled",
}


@frozen(kw_only=True)
class QueuedSync:
    """Datasets that are stored as queued and wait for their turn."""

    id: str
    datasets: tuple[Dataset, ...]
    reason: str
    ended: dict[DataType, DatasetStatus] = field(factory=dict)
    """Grows while the sync runs: a type in it can be asked for again."""


@frozen(kw_only=True)
class LostConsent:
    """A consent that the provider no longer honours, and why."""

    grant_id: str | None
    reason: str


@frozen(kw_only=True)
class ConnectionContext:
    """What a connection's actors have in common over restarts."""

    connection_id: str
    client_id: str
    connector: Connector
    stores: Stores
    clock: Callable[[], datetime]
    telemetry: Telemetry
    new_run: Callable[[ConnectionRow, Store, dict[DataType, Dataset], dict[DataType, DatasetStatus]], SyncRun]
    slots: trio.CapacityLimiter  #: syncs of the whole process that run at once


async def store_queued(
    context: ConnectionContext,
    ids: dict[DataType, str],
    reason: str,
    promise: Promise[list[Dataset]],
) -> QueuedSync | None:
    """Make new datasets durable. None, and a broken promise, when that failed."""
    now = context.clock()
    sync_id = str(uuid.uuid4())
    try:
        async with context.stores.client(context.client_id) as store:
            row = await store.read(connection_rows.find, context.connection_id)
            if row is None:
                raise NotLinked(status="deleted")
            new = tuple(
                Dataset(
                    id=dataset_id,
                    sync_id=sync_id,
                    connection_id=row.id,
                    company_id=row.company_id,
                    data_type=data_type,
                    status="Queued",
                    progress=0,
                    requested_at=now,
                )
                for data_type, dataset_id in ids.items()
            )
            # The directory first: a start that finds it due looks, and at worst finds nothing to do.
            await context.stores.control.write(control.note_due, row.id, now)
            await store.write(datasets.queue, new)
    except TallystickError as error:
        promise.break_(error)
        return None
    return QueuedSync(id=sync_id, datasets=new, reason=reason)


async def find_unfinished(context: ConnectionContext, found: Callable[[QueuedSync], Awaitable[None]]) -> None:
    """Hand over the syncs that were under way when the engine stopped or the actor crashed."""
    async with context.stores.client(context.client_id) as store:
        left = await store.read(datasets.unfinished, context.connection_id)
    by_sync: dict[str, list[Dataset]] = {}
    for dataset in left:
        by_sync.setdefault(dataset.sync_id, []).append(dataset)
    for sync_id, its in by_sync.items():
        await found(QueuedSync(id=sync_id, datasets=tuple(its), reason="taken up again"))
    if not by_sync:
        await nothing_due(context)


async def nothing_due(context: ConnectionContext) -> None:
    """Note in the directory that this connection has no work, unless some has come meanwhile."""
    await context.stores.control.write(control.note_due, context.connection_id, None)
    async with context.stores.client(context.client_id) as store:
        left = await store.read(datasets.unfinished, context.connection_id)
    if left:
        await context.stores.control.write(control.note_due, context.connection_id, context.clock())


async def run(context: ConnectionContext, sync: QueuedSync) -> LostConsent | None:
    """Wait for a slot and run the sync. Returns which consent is gone, None while it stands."""
    started = trio.current_time()
    outcome: SyncOutcome = "cancelled"
    try:
        async with context.slots, context.stores.client(context.client_id) as store:
            row = await store.read(connection_rows.find, context.connection_id)
            if row is None:
                return None
            context.telemetry.emit(
                SyncStarted(
                    platform=context.connector.manifest.slug,
                    client_id=context.client_id,
                    connection_id=row.id,
                    sync_id=sync.id,
                    reason=sync.reason,
                )
            )
            outcome, gone = await _run(context, row, store, sync)
            await store.write(connection_rows.synced, row.id, context.clock())
            await store.write(pages.drop_unnamed, context.clock() - _RAW_KEPT)
        return gone
    finally:
        context.telemetry.emit(
            SyncFinished(
                platform=context.connector.manifest.slug,
                client_id=context.client_id,
                connection_id=context.connection_id,
                sync_id=sync.id,
                outcome=outcome,
                seconds=trio.current_time() - started,
            )
        )


async def _run(
    context: ConnectionContext, row: ConnectionRow, store: Store, sync: QueuedSync
) -> tuple[SyncOutcome, LostConsent | None]:
    reading = context.new_run(row, store, {d.data_type: d for d in sync.datasets}, sync.ended)
    try:
        await reading.run()
    except NeedsReauthorisation as error:
        return "error", LostConsent(grant_id=row.grant_id, reason=str(error))
    good = sum(status == "Complete" for status in reading.ended.values())
    if good == len(sync.datasets):
        return "ok", None
    return ("partial" if good else "error"), None


async def leave(
    context: ConnectionContext,
    status: LinkStatus | None,
    reason: str,
    over: trio.Event | None,
    promise: Promise[ConnectionRow | None],
    grant_id: str | None = None,
) -> None:
    """End a link once its sync has stopped: status (None: leave it), datasets and directory.

    `grant_id`: the consent that is gone; when the connection lives by another one by now, nothing is done.
    """
    if over is not None:
        await over.wait()
    try:
        async with context.stores.client(context.client_id) as store:
            row = await store.write(_leave, context, status, reason, grant_id)
        if row is not None:
            await context.stores.control.write(control.put_in_directory, context.client_id, row)
        await context.stores.control.write(control.note_due, context.connection_id, None)
    except TallystickError as error:
        promise.break_(error)
    else:
        promise.keep(row)


async def end_unfinished(context: ConnectionContext, status: LinkStatus | None) -> None:
    """End datasets that were queued while the link was ending."""
    async with context.stores.client(context.client_id) as store:
        await store.write(_leave, context, None, f"the connection is {status}", None)


async def give_up(context: ConnectionContext) -> None:
    """End the datasets of a sync that crashed again after it had been taken up."""
    async with context.stores.client(context.client_id) as store:
        await store.write(_give_up, context)
    await nothing_due(context)


def _give_up(connection: object, context: ConnectionContext) -> None:
    crash = SyncCrashed()
    for dataset in datasets.unfinished(connection, context.connection_id):
        datasets.move(
            connection,
            dataset.id,
            status_of(crash),
            progress=0,
            at=context.clock(),
            error_code=crash.code,
            error_message=f"{crash}. {crash.fix}",
        )


def _leave(
    connection: object,
    context: ConnectionContext,
    status: LinkStatus | None,
    reason: str,
    grant_id: str | None,
) -> ConnectionRow | None:
    row = connection_rows.find(connection, context.connection_id)
    if row is not None and grant_id is not None and row.grant_id != grant_id:
        return row
    for dataset in datasets.unfinished(connection, context.connection_id):
        datasets.move(
            connection,
            dataset.id,
            _LEFT_AS[status],
            progress=0,
            at=context.clock(),
            error_code=NotLinked.code,
            error_message=f"The sync was stopped: {reason}.",
        )
    if status is None:
        return None
    return connection_rows.set_status(connection, context.connection_id, status, reason)
