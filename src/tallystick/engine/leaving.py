"""The end of a link, and of syncs that cannot go on: what is under way ends with a reason."""

from typing import Final

import trio

from tallystick.actors import Promise
from tallystick.engine.failure import status_of
from tallystick.engine.sync_task import ConnectionContext, plan
from tallystick.errors import NotLinked, SyncCrashed, TallystickError
from tallystick.standard import DatasetStatus
from tallystick.store import ConnectionRow, LinkStatus, audit, control, datasets, refreshes, timetable
from tallystick.store import connections as connection_rows

#: What becomes of datasets under way when the link ends so.
_LEFT_AS: Final[dict[str | None, DatasetStatus]] = {
    "Unlinked": "Cancelled",
    "Deauthorized": "AuthError",
    None: "Cancelled",
}


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
        context.note_due(context.connection_id, None)
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
    await plan(context)


def _give_up(connection: object, context: ConnectionContext) -> None:
    crash, now = SyncCrashed(), context.clock()
    left = datasets.unfinished(connection, context.connection_id)
    ends = {dataset.data_type: timetable.ended(crash, now) for dataset in left}
    refreshes.plan(connection, context.connection_id, context.company_id, ends, now)
    for dataset in left:
        datasets.move(
            connection,
            dataset.id,
            status_of(crash),
            progress=0,
            at=now,
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
    entry = audit.Entry(
        at=context.clock(),
        actor="client" if grant_id is None else "engine",
        act="connection.unlink" if grant_id is None else "connection.deauthorise",
        subject=context.connection_id,
        detail={"reason": reason},
    )
    audit.append(connection, entry)
    return connection_rows.set_status(connection, context.connection_id, status, reason)
