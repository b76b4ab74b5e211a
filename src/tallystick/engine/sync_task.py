"""The long work of a connection's actor: what it does beside its mailbox, and reports."""

import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import trio
from attrs import evolve, field, frozen

from tallystick.actors import Flow
from tallystick.connectors import Connector
from tallystick.engine.custom_run import CustomRun
from tallystick.engine.events import SyncFinished, SyncOutcome, SyncStarted
from tallystick.engine.fairness import FIRST_SYNC, MANUAL, SCHEDULED, Fairness
from tallystick.engine.narrow_refresh import NarrowRefresh
from tallystick.engine.states import State, at_work
from tallystick.engine.sync import SyncRun
from tallystick.engine.validation import Validation
from tallystick.errors import (
    NeedsReauthorisation,
    NotLinked,
    NotSupported,
    PermissionMissing,
    RateLimited,
    StoreUnusable,
    TallystickError,
)
from tallystick.standard import DatasetStatus, DataType
from tallystick.store import (
    Clock,
    ConnectionRow,
    Dataset,
    Store,
    Stores,
    control,
    custom_types,
    datasets,
    pages,
    refreshes,
    sync_settings,
    timetable,
)
from tallystick.store import connections as connection_rows
from tallystick.store.sqlcipher import SqliteConnection
from tallystick.telemetry import Telemetry

#: How long a provider's answer is kept that no record comes from any more.
_RAW_KEPT: Final = timedelta(days=30)
#: Which syncs of one client go first, by what they are for.
RANKS: Final = {
    "schedule": SCHEDULED,
    "many changes": SCHEDULED,
    "taken up again": SCHEDULED,
    "linked": FIRST_SYNC,
}
_PROPOSALS: Final[Mapping[State, str]] = {
    "Throttled": "Nothing: it goes on by itself when the provider takes calls again.",
    "Stale": "Nothing at first: it is tried again. If it lasts, see the dataset's error for what to do.",
}


@frozen(kw_only=True)
class QueuedSync:
    """Datasets that are stored as queued and wait for their turn."""

    id: str
    datasets: tuple[Dataset, ...]
    reason: str
    correlation_id: str | None = None  #: of the request that asked for it
    ended: dict[DataType, DatasetStatus] = field(factory=dict)
    """Grows while the sync runs: a type in it can be asked for again."""


@frozen
class Asked:
    """What new datasets are for."""

    data_types: tuple[DataType, ...]
    reason: str
    correlation_id: str | None = None  #: of the request that asked


@frozen(kw_only=True)
class LostConsent:
    """A consent that the provider no longer honours, and why."""

    grant_id: str | None
    reason: str


@frozen(kw_only=True)
class SyncEnd:
    """What a sync leaves its connection in."""

    state: State = "Linked"
    reason: str = "the sync has ended"
    lost: LostConsent | None = None
    unwritable: bool = False  #: the store could not be used: what has not ended is to be taken up later


@frozen(kw_only=True)
class ConnectionContext:
    """What a connection's actors have in common over restarts."""

    connection_id: str
    company_id: str
    client_id: str
    connector: Connector
    stores: Stores
    clock: Clock
    telemetry: Telemetry
    new_run: "Callable[[ConnectionRow, Store, QueuedSync], SyncRun]"
    new_narrow_refresh: Callable[[ConnectionRow, Store], NarrowRefresh]
    new_custom_run: "Callable[[ConnectionRow, Store, QueuedSync], CustomRun]"
    fairness: Fairness
    calm: Callable[[], Awaitable[None]]  #: waits while the process sheds work
    note_due: Callable[[str, datetime | None], None]  #: tells the schedule
    noting: trio.Lock = field(factory=trio.Lock)
    """Held from reading when the connection is due, or making it so, until that is in the directory."""

    @property
    def platform(self) -> str:
        """The provider, as events name it."""
        return self.connector.manifest.slug


async def store_queued(context: ConnectionContext, ids: dict[DataType, str], asked: Asked) -> QueuedSync:
    """Make new datasets durable, in the order of the company's settings. `ids`: of each, by data type.

    Raises: `StoreUnusable`; `NotLinked` when the client's file says so.
    """
    now = context.clock()
    sync_id = str(uuid.uuid4())
    new = tuple(
        Dataset(
            id=dataset_id,
            sync_id=sync_id,
            connection_id=context.connection_id,
            company_id=context.company_id,
            data_type=data_type,
            status="Queued",
            progress=0,
            requested_at=now,
        )
        for data_type, dataset_id in ids.items()
    )
    async with context.noting, context.stores.client(context.client_id) as store:
        # The directory first: a start that finds it due looks, and at worst finds nothing to do.
        await context.stores.control.write(control.note_due, context.connection_id, now)
        context.telemetry.point("directory.noted")
        queued = await store.write(_queue, context, new)
        context.telemetry.point("dataset.queued")
    return QueuedSync(id=sync_id, datasets=queued, reason=asked.reason, correlation_id=asked.correlation_id)


def _queue(
    database: SqliteConnection, context: ConnectionContext, new: Sequence[Dataset]
) -> tuple[Dataset, ...]:
    row = connection_rows.find(database, context.connection_id)
    if row is None or row.status != "Linked":
        raise NotLinked(status="deleted" if row is None else row.status)
    if row.state == "Parked":  # its actor works again
        connection_rows.rest(database, row.id, None, None)
    settings = sync_settings.effective(database, context.company_id)
    orders = {data_type: setting.sync_order for data_type, setting in settings.items()}
    ordered = tuple(sorted(new, key=lambda dataset: orders.get(dataset.data_type, 0)))
    datasets.queue(database, ordered)
    return ordered


async def run(context: ConnectionContext, sync: QueuedSync) -> SyncEnd:
    """Wait for a turn and run the sync; one that has nothing left to read leaves all as it is."""
    started = trio.current_time()
    outcome: SyncOutcome = "cancelled"
    end = SyncEnd()
    flow = Flow(context.client_id, context.company_id)
    try:
        await context.calm()
        async with (
            context.fairness.slots.turn(flow, RANKS.get(sync.reason, MANUAL)),
            context.stores.client(context.client_id) as store,
        ):
            row = await store.read(connection_rows.find, context.connection_id)
            if row is None:
                return end
            # A new consent begins a run anew: datasets that had ended before are announced already.
            left = {dataset.id for dataset in await store.read(datasets.unfinished, row.id)}
            rest = tuple(dataset for dataset in sync.datasets if dataset.id in left)
            if not rest:
                return SyncEnd(state=at_work(row.status, row.state), reason="nothing of it was left to read")
            context.telemetry.emit(
                SyncStarted(
                    platform=context.platform,
                    client_id=context.client_id,
                    connection_id=row.id,
                    sync_id=sync.id,
                    reason=sync.reason,
                    waited_s=trio.current_time() - started,
                    correlation_id=sync.correlation_id,
                )
            )
            outcome, end = await _run(context, row, store, evolve(sync, datasets=rest))
    except StoreUnusable as error:
        outcome = "error"
        return SyncEnd(state="Stale", reason=str(error), unwritable=True)
    else:
        return end
    finally:
        context.telemetry.emit(
            SyncFinished(
                platform=context.platform,
                client_id=context.client_id,
                connection_id=context.connection_id,
                sync_id=sync.id,
                outcome=outcome,
                seconds=trio.current_time() - started,
                correlation_id=sync.correlation_id,
            )
        )


async def _run(
    context: ConnectionContext, row: ConnectionRow, store: Store, sync: QueuedSync
) -> tuple[SyncOutcome, SyncEnd]:
    if any(custom_types.identifier_of(dataset.data_type) is not None for dataset in sync.datasets):
        return await _run_custom(context, row, store, sync)
    lost: LostConsent | None = None
    reading: SyncRun | None = None
    failures: dict[DataType, TallystickError] = {}
    try:
        reading = context.new_run(row, store, sync)
        await reading.run()
        validation = Validation(
            client_id=context.client_id,
            connection=row,
            manifest=context.connector.manifest,
            store=store,
            telemetry=context.telemetry,
            clock=context.clock,
        )
        await validation.run(reading.datasets, reading.mapper.gathered)
    except NeedsReauthorisation as error:
        lost = LostConsent(grant_id=row.grant_id, reason=str(error))
        failures = {dataset.data_type: error for dataset in sync.datasets}
    if reading is not None:
        failures = {**failures, **reading.failures}
    end = evolve(_resting(failures), lost=lost)
    context.telemetry.point("sync.ended")
    rested = await store.write(_end, context, row, [d.data_type for d in sync.datasets], failures, end)
    if rested is not None or sync.reason == "linked":  # the link itself may not have got into it
        await context.stores.control.write(control.put_in_directory, context.client_id, rested or row)
    if lost is not None:
        return "error", end
    good = sum(sync.ended.get(dataset.data_type) == "Complete" for dataset in sync.datasets)
    if good == len(sync.datasets):
        return "ok", end
    if reading is not None and reading.progress.stalled:
        return "stalled", end
    return ("partial" if good else "error"), end


async def _run_custom(
    context: ConnectionContext, row: ConnectionRow, store: Store, sync: QueuedSync
) -> tuple[SyncOutcome, SyncEnd]:
    """A custom data type says nothing of the books, so the connection rests in what it was in."""
    end = SyncEnd(state=at_work(row.status, row.state))
    try:
        run = context.new_custom_run(row, store, sync)
        await run.run()
    except NeedsReauthorisation as error:
        return "error", evolve(end, lost=LostConsent(grant_id=row.grant_id, reason=str(error)))
    if run.status is not None:
        sync.ended[run.dataset.data_type] = run.status
    if run.progress.stalled:
        return "stalled", end
    return ("ok" if run.status == "Complete" else "error"), end


def _resting(failures: Mapping[DataType, TallystickError]) -> SyncEnd:
    """What the connection rests in: the reason that a person should hear first."""
    limit = next((error for error in failures.values() if isinstance(error, RateLimited)), None)
    if limit is not None:
        return SyncEnd(state="Throttled", reason=str(limit))
    told = [(t, e) for t, e in failures.items() if not isinstance(e, PermissionMissing | NotSupported)]
    if not told:
        return SyncEnd()
    data_type, error = told[0]
    return SyncEnd(state="Stale", reason=f"{data_type}: {error}")


def _end(
    connection: SqliteConnection,
    context: ConnectionContext,
    row: ConnectionRow,
    data_types: Sequence[DataType],
    failures: Mapping[DataType, TallystickError],
    end: SyncEnd,
) -> ConnectionRow | None:
    """The end of a sync, in one transaction: when, what the connection rests in, when it is due again."""
    now = context.clock()
    connection_rows.synced(connection, row.id, now)
    ends = {data_type: timetable.ended(failures.get(data_type), now) for data_type in data_types}
    refreshes.plan(connection, row.id, row.company_id, ends, now)
    pages.drop_unnamed(connection, now - _RAW_KEPT)
    if end.lost is not None:
        return None  # `leave` tells
    state = None if end.state == "Linked" else end.state
    proposal = _PROPOSALS.get(end.state)
    return connection_rows.rest(connection, row.id, state, end.reason if state else None, proposal)
