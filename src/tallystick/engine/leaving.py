"""The end of a link, and of syncs that cannot go on: what is under way ends with a reason."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final

import trio
from attrs import frozen

from tallystick.engine.dataset_end import end_dataset
from tallystick.engine.events import DatasetFinished
from tallystick.engine.failure import status_of
from tallystick.engine.sync_task import ConnectionContext
from tallystick.errors import NotLinked, StoreUnusable, SyncCrashed
from tallystick.standard import DatasetStatus
from tallystick.store import (
    ConnectionRow,
    Dataset,
    LinkStatus,
    audit,
    control,
    datasets,
    deletions,
    refreshes,
    timetable,
)
from tallystick.store import connections as connection_rows
from tallystick.store.sqlcipher import SqliteConnection
from tallystick.telemetry import Telemetry

#: What becomes of datasets under way when the link ends so.
_LEFT_AS: Final[dict[str, DatasetStatus]] = {
    "Unlinked": "Cancelled",
    "Deauthorized": "AuthError",
}
#: The reason of a link that ended because its connection is to be deleted.
REMOVED: Final = "removed through the API"


@frozen
class Ended:
    """A dataset that was ended outside its sync, and why."""

    dataset: Dataset
    reason: str


@frozen
class Leave:
    """How a link is to end."""

    status: LinkStatus
    reason: str
    grant_id: str | None = None
    """The consent that is gone; when the connection lives by another one by now, nothing is done."""


@frozen
class _Left:
    """What became of a link: the row as it is then, and what was ended with it."""

    row: ConnectionRow | None
    ended: Sequence[Ended] = ()
    held: bool = False


def end_left(
    database: SqliteConnection,
    left: Iterable[Dataset],
    status: DatasetStatus,
    now: datetime,
    *,
    code: str,
    reason: str,
) -> list[Ended]:
    """End datasets in the caller's transaction; after the commit they go to `tell_ended`."""
    return [Ended(end_dataset(database, d, status, now, code=code, reason=reason), reason) for d in left]


def tell_ended(telemetry: Telemetry, platform: str, client_id: str, ended: Iterable[Ended]) -> None:
    """Tell of datasets whose end is on the disk."""
    for one in ended:
        telemetry.emit(
            DatasetFinished(
                platform=platform,
                client_id=client_id,
                connection_id=one.dataset.connection_id,
                dataset_id=one.dataset.id,
                data_type=one.dataset.data_type,
                status=one.dataset.status,
                reason=one.reason,
            )
        )


async def leave(context: ConnectionContext, how: Leave, over: trio.Event | None) -> ConnectionRow | None:
    """End a link once its sync has stopped (`over`): status, datasets and directory.

    Returns the row as it is then, still Linked where it lives by another consent; None where it is deleted.
    Safe to repeat. Raises: `StoreUnusable`; then the link stands.
    """
    if over is not None:
        await over.wait()
    async with context.noting:
        async with context.stores.client(context.client_id) as store:
            left = await store.write(_leave, context, how)
        tell_ended(context.telemetry, context.platform, context.client_id, left.ended)
        if left.row is not None and left.row.status == "Linked":
            return left.row
        context.note_due(context.connection_id, None)
        with suppress(StoreUnusable):  # the file is right: who looks because the directory says due mends it
            await context.stores.control.write(_note_left, context, left)
    return left.row


async def give_up(context: ConnectionContext) -> None:
    """End the datasets of a sync that crashed again after it had been taken up. Raises: `StoreUnusable`."""
    async with context.stores.client(context.client_id) as store:
        ended = await store.write(_give_up, context)
    tell_ended(context.telemetry, context.platform, context.client_id, ended)


def stopped(database: SqliteConnection, context: ConnectionContext, status: LinkStatus) -> list[Ended]:
    """End what is unfinished of a connection that is not linked, in the caller's transaction."""
    return end_left(
        database,
        datasets.unfinished(database, context.connection_id),
        _LEFT_AS.get(status, "Cancelled"),
        context.clock(),
        code=NotLinked.code,
        reason=f"The sync was stopped: the connection is {status}.",
    )


def _give_up(database: SqliteConnection, context: ConnectionContext) -> list[Ended]:
    crash, now = SyncCrashed(), context.clock()
    left = datasets.unfinished(database, context.connection_id)
    ends = {dataset.data_type: timetable.ended(crash, now) for dataset in left}
    refreshes.plan(database, context.connection_id, context.company_id, ends, now)
    told = f"{crash}. {crash.fix}"
    return end_left(database, left, status_of(crash), now, code=crash.code, reason=told)


def _leave(
    database: SqliteConnection,
    context: ConnectionContext,
    how: Leave,
) -> _Left:
    row, grant_id = connection_rows.find(database, context.connection_id), how.grant_id
    if row is not None and grant_id is not None and row.grant_id != grant_id:
        return _Left(row)
    ended = end_left(
        database,
        datasets.unfinished(database, context.connection_id),
        _LEFT_AS[how.status],
        context.clock(),
        code=NotLinked.code,
        reason=f"The sync was stopped: {how.reason}.",
    )
    if row is None or row.status == how.status:
        return _Left(row, ended, row is not None and bool(deletions.held(database, row.number)))
    if row.status == "Linked":
        entry = audit.Entry(
            at=context.clock(),
            actor="client" if grant_id is None else "engine",
            act="connection.unlink" if grant_id is None else "connection.deauthorise",
            subject=context.connection_id,
            detail={"reason": how.reason},
        )
        audit.append(database, entry)
    moved = connection_rows.set_status(database, context.connection_id, how.status, how.reason)
    return _Left(moved, ended, bool(deletions.held(database, row.number)))


def _note_left(database: SqliteConnection, context: ConnectionContext, left: _Left) -> None:
    if left.row is not None:
        control.put_in_directory(database, context.client_id, left.row)
    control.note_due(database, context.connection_id, None, held=left.held)
