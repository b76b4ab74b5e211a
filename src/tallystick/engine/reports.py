"""The tasks of a connection's actor and what each reports to it: whatever they meet, the actor hears of it.

A store that cannot be used is a report and no crash: a full disk passes, and a restart would not help.
"""

from typing import Any

import trio
from attrs import frozen

from tallystick.actors import Address, Promise
from tallystick.engine import leaving, looking, sync_task
from tallystick.engine.looking import Found
from tallystick.engine.states import State
from tallystick.engine.sync_task import ConnectionContext, QueuedSync, SyncEnd
from tallystick.errors import StoreUnusable, TallystickError
from tallystick.standard import DataType
from tallystick.store import ConnectionRow, Dataset


@frozen(kw_only=True)
class Looked:
    """From the task that looked into the client's file, which is right where anything differs from it."""

    look: object  #: which look it was: one that is outdated is no news
    found: Found


@frozen(kw_only=True)
class SyncQueued:
    """From the task that stored new datasets: they may run now."""

    sync: QueuedSync


@frozen(kw_only=True)
class QueueFailed:
    """From the task that should have stored new datasets: they are not there."""

    ids: dict[DataType, str]
    error: TallystickError


@frozen(kw_only=True)
class SyncEnded:
    """From the sync's own task, whatever its end."""

    sync: QueuedSync
    over: trio.Event  #: of that very run: an earlier run's end is no news
    end: SyncEnd


@frozen(kw_only=True)
class Left:
    """From the task that ended the link, or could not."""

    was: State  #: the state before
    row: ConnectionRow | None  #: as it is then; None: it is deleted, or could not be written
    error: TallystickError | None


@frozen(kw_only=True)
class StoreFailed:
    """From a task that could not read or write what it should have: it is to be tried again."""

    reason: str
    look: object = None  #: the look that failed


Report = Looked | SyncQueued | QueueFailed | SyncEnded | Left | StoreFailed


async def look(me: Address[Any], context: ConnectionContext, which: object) -> None:
    """`looking.look`."""
    try:
        found = await looking.look(context)
    except StoreUnusable as error:
        await me.tell(StoreFailed(reason=str(error), look=which))
    else:
        await me.tell(Looked(look=which, found=found))


async def plan(me: Address[Any], context: ConnectionContext) -> None:
    """`looking.plan`. Nothing is told when it went well."""
    try:
        await looking.plan(context)
    except StoreUnusable as error:
        await me.tell(StoreFailed(reason=str(error)))


async def give_up(me: Address[Any], context: ConnectionContext) -> None:
    """`leaving.give_up`, and what follows is planned. Nothing is told when it went well."""
    try:
        await leaving.give_up(context)
        await looking.plan(context)
    except StoreUnusable as error:
        await me.tell(StoreFailed(reason=str(error)))


async def leave(
    me: Address[Any],
    context: ConnectionContext,
    how: leaving.Leave,
    was: State,
    over: trio.Event | None,
    promise: Promise[ConnectionRow | None],
) -> None:
    """`leaving.leave`. The actor hears of it before the asker, who may ask again at once."""
    try:
        row = await leaving.leave(context, how, over)
    except TallystickError as error:
        await me.tell(Left(was=was, row=None, error=error))
        promise.break_(error)
    else:
        await me.tell(Left(was=was, row=row, error=None))
        promise.keep(row)


async def store_queued(
    me: Address[Any],
    context: ConnectionContext,
    ids: dict[DataType, str],
    asked: sync_task.Asked,
    promise: Promise[list[Dataset]],
) -> None:
    """`sync_task.store_queued`. The asker gets the datasets of the types that were asked for."""
    try:
        sync = await sync_task.store_queued(context, ids, asked)
    except TallystickError as error:
        await me.tell(QueueFailed(ids=ids, error=error))
        promise.break_(error)
    else:
        promise.keep([dataset for dataset in sync.datasets if dataset.data_type in asked.data_types])
        await me.tell(SyncQueued(sync=sync))
