"""A connection's narrow refreshes: what waits for one, and the one that runs. A part of its actor's state."""

from collections.abc import Callable
from typing import Any, Final

import trio
from attrs import define, field, frozen

from tallystick.actors import Address, Tasks
from tallystick.engine import looking
from tallystick.engine.changes import Change, Changes
from tallystick.engine.connection_messages import RecordsChanged
from tallystick.engine.narrow_refresh import Refreshed
from tallystick.engine.notice_events import DropReason, NoticesDropped, RecordsRefreshed
from tallystick.engine.sync_task import ConnectionContext
from tallystick.errors import (
    NeedsReauthorisation,
    ProviderDown,
    ProviderUnavailable,
    RateLimited,
    StoreUnusable,
    TallystickError,
)
from tallystick.standard import DataType
from tallystick.store import connections as connection_rows

#: A provider tells of one act in several messages: so long is waited for the rest of them.
_LINGER_S: Final = 0.2
#: Records of one refresh: few, so that a sync which is asked for meanwhile loses little.
_RECORDS: Final = 10


@frozen(kw_only=True)
class BurstOver:
    """From the task that waited for more of the same burst."""


@frozen(kw_only=True)
class RefreshOver:
    """From a narrow refresh's own task, whatever its end."""

    over: trio.Event  #: of that very refresh
    unwritable: str | None = None  #: why the store could not be used


NarrowReport = BurstOver | RefreshOver


@define(eq=False, kw_only=True)
class NarrowRefreshes:
    """At most one runs, and never beside a sync. What provider and store allow is its actor's to say."""

    me: Address[Any]
    tasks: Tasks
    context: ConnectionContext
    is_free: Callable[[], bool]  #: whether nothing else of the connection is read, or is about to be
    deaf: Callable[[], DropReason | None]  #: why nothing can be read now
    read_lists: Callable[[tuple[DataType, ...]], None]  #: asks for a sync
    unusable: Callable[[str], None]  #: told why the store cannot be used
    changes: Changes = field(factory=Changes)
    _batch: tuple[Change, ...] = ()  #: of the one that runs
    _running: trio.CancelScope | None = None
    _over: trio.Event = field(factory=trio.Event)  #: set when its task has ended
    _lingers: bool = False

    def hear(self, message: RecordsChanged | NarrowReport) -> None:
        """What its actor is told of changes, and the reports of its own tasks."""
        match message:
            case RecordsChanged():
                self._note(message)
                self.go_on()
            case BurstOver():
                self._lingers = False
                self._begin()
            case RefreshOver() if message.over is self._over:
                self._running, self._batch = None, ()
                if message.unwritable is not None:
                    self.forget("unavailable")
                    self.unusable(message.unwritable)
                self._begin()

    def go_on(self) -> None:
        """See to what waits, unless something else of the connection is read: then call this at its end."""
        reason = self.deaf()
        if reason is not None:
            self.forget(reason)
        elif self.is_free() and self.changes and self._running is None and not self._lingers:
            self._lingers = True
            self.tasks.start(self._linger)

    def stop(self) -> trio.Event | None:
        """Stop the one that runs; its records wait again. Returns what is set when it has stopped."""
        if self._running is None:
            return None
        self._running.cancel()
        self.changes.put_back(self._batch)
        self._running, self._batch = None, ()
        return self._over

    def forget(self, reason: DropReason) -> None:
        """Stop the one that runs, and let nothing wait any more."""
        self.stop()
        self.drop(reason, self.changes.forget())

    def drop(self, reason: DropReason, notices: int) -> None:
        """Say that notices lead to nothing."""
        if notices:
            self.context.telemetry.emit(
                NoticesDropped(
                    platform=self.context.platform,
                    reason=reason,
                    notices=notices,
                    connection_id=self.context.connection_id,
                )
            )

    def _note(self, message: RecordsChanged) -> None:
        reason = self.deaf()
        if reason is not None:
            self.drop(reason, len(message.notices))
            return
        known, crowded = self.changes.note(message.notices)
        self.drop("duplicate", known)
        self.drop("list_read", crowded)

    def _begin(self) -> None:
        """Read what waits next, if nothing else is read: lists before single records."""
        if not self.changes or self._running is not None or not self.is_free() or self.deaf() is not None:
            return
        names = self.changes.take_lists()
        if names:
            resources = [r for r in self.context.connector.manifest.resources if r.name in names]
            self.read_lists(tuple(t for resource in resources for t in resource.data_types))
        else:
            self._batch, self._over = self.changes.take(_RECORDS), trio.Event()
            self._running = self.tasks.start(self._refresh, self._batch, self._over)

    async def _linger(self) -> None:
        await trio.sleep(_LINGER_S)
        await self.me.tell(BurstOver())

    async def _refresh(self, batch: tuple[Change, ...], over: trio.Event) -> None:
        unwritable = None
        try:
            await self.context.calm()
            await self._read(batch)
        except StoreUnusable as error:
            unwritable = str(error)
        finally:
            over.set()
        await self.me.tell(RefreshOver(over=over, unwritable=unwritable))

    async def _read(self, batch: tuple[Change, ...]) -> None:
        context = self.context
        async with context.stores.client(context.client_id) as store:
            row = await store.read(connection_rows.find, context.connection_id)
            if row is None or row.status != "Linked":
                self.drop("not_linked", len(batch))
                return
            try:
                done = await context.new_narrow_refresh(row, store).run(batch)
            except StoreUnusable:
                self.drop("unavailable", len(batch))
                raise
        self._tell(batch, done)
        if done.brought_forward:
            await looking.plan(context)

    def _tell(self, batch: tuple[Change, ...], done: Refreshed) -> None:
        """Say what has come of a refresh, once it is on the disk."""
        for reason, notices in _reasons(done).items():
            self.drop(reason, notices)
        self.context.telemetry.emit(
            RecordsRefreshed(
                platform=self.context.platform,
                client_id=self.context.client_id,
                connection_id=self.context.connection_id,
                asked=len(batch),
                changed=done.changed,
                failed=len(done.failures),
                waited_s=trio.current_time() - min(change.since for change in batch),
            )
        )


def _reasons(done: Refreshed) -> dict[DropReason, int]:
    found: dict[DropReason, int] = {}
    for error in done.failures.values():
        reason = _reason(error)
        found[reason] = found.get(reason, 0) + 1
    return found


def _reason(error: TallystickError) -> DropReason:
    if isinstance(error, RateLimited):
        return "throttled"
    if isinstance(error, ProviderUnavailable | ProviderDown):
        return "unavailable"
    return "not_linked" if isinstance(error, NeedsReauthorisation) else "failed"
