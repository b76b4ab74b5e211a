"""The connection actor: one company's link to one provider account.

Its states and their moves are data in `states.py`; every move is an event with a reason. A sync is a task
of the actor's that reports back, so the actor always answers: `Unlink` is heard, and acted upon, in the
middle of a sync.
"""

import uuid
from collections import deque
from datetime import datetime, timedelta
from functools import partial
from typing import Final, assert_never

import trio
from attrs import define, evolve, field

from tallystick.actors import Address, Promise, Tasks
from tallystick.engine import reports, sync_task
from tallystick.engine.connection_messages import (
    Deauthorise,
    Due,
    Linked,
    RecordsChanged,
    Remove,
    Sync,
    Unlink,
)
from tallystick.engine.events import ConnectionMoved, StoreAwaited
from tallystick.engine.leaving import REMOVED, Leave
from tallystick.engine.narrow_refreshes import BurstOver, NarrowRefreshes, NarrowReport, RefreshOver
from tallystick.engine.notice_events import DropReason
from tallystick.engine.reading_order import together, wanted_types
from tallystick.engine.reports import Left, Looked, QueueFailed, Report, StoreFailed, SyncEnded, SyncQueued
from tallystick.engine.states import LINKED, STATUS, State, at_work, check_move, resting
from tallystick.engine.sync_task import Asked, ConnectionContext, QueuedSync
from tallystick.errors import AlreadySyncing, NotLinked, StoreUnusable
from tallystick.standard import DataType
from tallystick.store import ConnectionRow, Dataset
from tallystick.store import connections as connection_rows

__all__ = [
    "Connection",
    "Deauthorise",
    "Due",
    "Linked",
    "Message",
    "RecordsChanged",
    "Remove",
    "Sync",
    "Unlink",
]

#: The pause after the first try in a row that met a store that cannot be used; it doubles with each.
_FIRST_PAUSE: Final = timedelta(seconds=30)
_LONGEST_PAUSE: Final = timedelta(minutes=10)


Message = Sync | Due | Linked | RecordsChanged | Deauthorise | Unlink | Remove | Report | NarrowReport


@define(eq=False, kw_only=True)
class Connection:
    """One connection: its state, its running sync and those that wait."""

    me: Address[Message]
    tasks: Tasks
    context: ConnectionContext
    state: State | None  #: None: to be read from the store (after a crash)
    active: dict[DataType, str] = field(factory=dict)  #: dataset ids that have not ended
    waiting: deque[QueuedSync] = field(factory=deque)
    current: QueuedSync | None = None
    running: trio.CancelScope | None = None
    grant_id: str | None = None  #: once a consent has been given in this life
    crashes: int = 0  #: of the last lives that count against it, by its supervisor
    over: trio.Event = field(factory=trio.Event)  #: set when the running sync's task has ended
    looking: object = None  #: the look into the file that is under way
    leaving: int = 0  #: ends of the link that are under way
    failures: int = 0  #: tries in a row that met a store that cannot be used
    waits_until: datetime | None = None  #: before then nobody need be told again that it cannot
    narrow: NarrowRefreshes = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.narrow = NarrowRefreshes(
            me=self.me,
            tasks=self.tasks,
            context=self.context,
            is_free=self._is_free,
            deaf=self._deaf,
            read_lists=partial(self._refresh_due, reason="many changes"),
            unusable=self._wait_for_store,
        )

    async def started(self) -> None:
        """After a crash: read where the link stands and take up what was under way."""
        if self.state is not None:
            return
        try:
            async with self.context.stores.client(self.context.client_id) as store:
                row = await store.read(connection_rows.find, self.context.connection_id)
        except StoreUnusable as error:
            self.state = "Linked"  # till it can be read: what is not linked has hardly work to crash in
            self._wait_for_store(str(error))
            return
        self.state = "Unlinked" if row is None else resting(row.status, row.state)
        if self.state == "Parked":
            self._move("Linked", "an operator let it go on")
            self._look()
        elif self.crashes > 0 and self.crashes % 2 == 0:  # it was taken up once, and crashed again
            self.tasks.start(reports.give_up, self.me, self.context)
        else:
            self._look()

    async def handle(self, message: Message) -> object:
        """See the messages."""
        match message:
            case Looked() | SyncQueued() | QueueFailed() | StoreFailed() | SyncEnded() | Left():
                self._hear(message)
            case Sync():
                return self._sync(message)
            case Due():
                self._look()
            case Linked():
                return self._linked(message)
            case RecordsChanged() | BurstOver() | RefreshOver():
                self.narrow.hear(message)
            case Deauthorise():
                if self._is_linked and self.grant_id in {None, message.grant_id}:
                    return self._leave("NeedsReauth", message.reason, message.grant_id)
            case Unlink():
                if not self._is_linked:
                    raise NotLinked(status=STATUS[self.state or "Unlinked"])
                return self._leave("Unlinked", "unlinked through the API")
            case Remove():
                return self._leave("Unlinked", REMOVED)
            case _:
                assert_never(message)
        return None

    def _hear(self, message: Report) -> None:
        """What its own tasks report."""
        match message:
            case Looked():
                self._looked(message)
            case SyncQueued():
                self._queued(message.sync)
            case QueueFailed():
                self._forget(message.ids)
                self.narrow.go_on()
                if isinstance(message.error, StoreUnusable):
                    self._wait_for_store(str(message.error))
                else:
                    self._look()
            case StoreFailed():
                if message.look is self.looking:
                    self.looking = None
                self._wait_for_store(message.reason)
            case SyncEnded():
                self._ended(message)
            case Left():
                self._left(message)

    @property
    def _is_linked(self) -> bool:
        return self.state in LINKED

    def _look(self) -> None:
        """Ask the client's file what there is to do, unless it is asked already or will be afterwards."""
        if self.looking is None and not self.active and not self.leaving:
            self.looking = object()
            self.waits_until = None
            self.tasks.start(reports.look, self.me, self.context, self.looking)

    def _looked(self, message: Looked) -> None:
        if message.look is not self.looking:
            return
        found, awaited = message.found, self.failures > 0
        self.looking = None
        idle = not found.unfinished and not found.due
        if idle:  # else the work shows: pages may find no room where a look finds enough
            self._store_works()
        if found.state not in LINKED:
            if self._is_linked:
                self._stop_work()
                self._move(found.state, "the client's file says so")
            return
        if not self._is_linked:
            self.grant_id = found.grant_id
            self._move("Linked", "the client's file says so")
        elif idle and awaited and self.state == "Stale":
            self._move(found.state, "its store can be used again")
        for sync in found.unfinished:
            left = tuple(dataset for dataset in sync.datasets if dataset.id not in self.active.values())
            if left:
                self._queued(evolve(sync, datasets=left))
        self._refresh_due(found.due)

    def _wait_for_store(self, reason: str) -> None:
        """Nothing can be read or written now: say so, and have it tried again after a pause."""
        now = self.context.clock()
        if self.running is None and self._is_linked:
            self._move("Stale", reason)
        self.tasks.trouble = reason
        if self.waits_until is not None and now < self.waits_until:
            return
        pause = min(_FIRST_PAUSE * 2 ** min(self.failures, 10), _LONGEST_PAUSE)
        self.failures += 1
        self.waits_until = now + pause
        self.context.telemetry.emit(
            StoreAwaited(
                platform=self.context.platform,
                client_id=self.context.client_id,
                connection_id=self.context.connection_id,
                reason=reason,
                again_s=pause.total_seconds(),
            )
        )
        self.context.note_due(self.context.connection_id, self.waits_until)

    def _store_works(self) -> None:
        self.failures, self.waits_until, self.tasks.trouble = 0, None, None

    def _linked(self, message: Linked) -> Promise[list[Dataset]] | None:
        """What runs began with the old consent, which is gone: it begins again with the new one."""
        self.grant_id = message.grant_id
        self.looking = None  # it may have read the file before there was a link
        self._move("Linked", "the company gave its consent")
        if self.running is not None and self.current is not None:
            self.running.cancel()
            self.waiting.appendleft(self.current)
            self._start_next()
        wanted = self._not_under_way(message.wanted)
        if not wanted:
            self._look()
            return None
        return self._queue(wanted, tuple(wanted), "linked")

    def _sync(self, message: Sync) -> Promise[list[Dataset]]:
        manifest = self.context.connector.manifest
        if not self._is_linked:
            raise NotLinked(status=STATUS[self.state or "Unlinked"])
        wanted = wanted_types(manifest, message.data_types)
        for data_type in wanted:
            if data_type in self.active and not self._has_ended(data_type):
                raise AlreadySyncing(data_type=data_type, dataset_id=self.active[data_type])
        return self._queue(wanted, message.data_types, message.reason)

    def _refresh_due(self, due: tuple[DataType, ...], reason: str = "schedule") -> None:
        """What is due and not under way already; nobody waits for an answer."""
        wanted = self._not_under_way(due)
        if wanted:
            self._queue(wanted, due, reason)

    def _is_free(self) -> bool:
        """Whether no sync of it runs, or is about to."""
        return self._is_linked and self.running is None and not self.waiting and not self.active

    def _deaf(self) -> DropReason | None:
        """Why it is of no use now to hear that records have changed; None: it is."""
        if not self._is_linked:
            return "not_linked"
        if self.state == "Throttled":
            return "throttled"
        return None if self.waits_until is None else "unavailable"

    def _not_under_way(self, data_types: tuple[DataType, ...]) -> list[DataType]:
        resources = self.context.connector.manifest.resources
        return [t for t in together(resources, data_types) if t not in self.active or self._has_ended(t)]

    def _queue(
        self, wanted: list[DataType], asked_for: tuple[DataType, ...], reason: str
    ) -> Promise[list[Dataset]]:
        promise: Promise[list[Dataset]] = Promise()
        ids = {data_type: str(uuid.uuid4()) for data_type in wanted}
        self.active.update(ids)
        asked = Asked(asked_for, reason, self.tasks.context().trace)
        self.tasks.start(reports.store_queued, self.me, self.context, ids, asked, promise)
        return promise

    def _queued(self, sync: QueuedSync) -> None:
        """Run it now, or after what runs. Where the link has ended meanwhile, that ends the datasets too."""
        if not self._is_linked:
            return
        self.active.update({dataset.data_type: dataset.id for dataset in sync.datasets})
        self.waiting.append(sync)
        if self.running is None:
            self._start_next()

    def _start_next(self) -> None:
        before, self.over = self.over if self.running is not None else self.narrow.stop(), trio.Event()
        self.current = self.waiting.popleft()
        self.running = self.tasks.start(self._run, self.current, self.over, before)
        self._move("Syncing", self.current.reason)

    async def _run(self, sync: QueuedSync, over: trio.Event, before: trio.Event | None) -> None:
        try:
            if before is not None:
                await before.wait()  # two runs of one connection never overlap
            end = await sync_task.run(self.context, sync)
        finally:
            over.set()
        if end.lost is not None:
            await self.me.tell(Deauthorise(reason=end.lost.reason, grant_id=end.lost.grant_id))
        await self.me.tell(SyncEnded(sync=sync, over=over, end=end))

    def _ended(self, message: SyncEnded) -> None:
        if message.over is not self.over:
            return
        self.running = self.current = None
        self._forget({d.data_type: d.id for d in message.sync.datasets})
        if message.end.unwritable:  # what waits would fare alike: it is stored, and taken up with the rest
            while self.waiting:
                self._forget({d.data_type: d.id for d in self.waiting.popleft().datasets})
            self._wait_for_store(message.end.reason)
            return
        self._store_works()
        if self.waiting:
            self._start_next()
        elif self.state == "Syncing":
            self._move(message.end.state, message.end.reason)
        self.tasks.start(reports.plan, self.me, self.context)
        self.narrow.go_on()

    def _has_ended(self, data_type: DataType) -> bool:
        """Whether its dataset is over, though the sync that it belongs to still runs."""
        current = self.current
        return (
            current is not None
            and data_type in current.ended
            and any(d.id == self.active[data_type] for d in current.datasets)
        )

    def _forget(self, ids: dict[DataType, str]) -> None:
        for data_type, dataset_id in ids.items():
            if self.active.get(data_type) == dataset_id:
                del self.active[data_type]

    def _leave(self, state: State, reason: str, grant_id: str | None = None) -> Promise[ConnectionRow | None]:
        """Stop what runs; the answer comes when it has stopped and the status is on the disk."""
        was, over = self.state or "Unlinked", self.over if self.running is not None else self.narrow.stop()
        promise: Promise[ConnectionRow | None] = Promise()
        self._stop_work()
        self.leaving += 1
        self._move(state, reason)
        leave = Leave(STATUS[state], reason, grant_id)
        self.tasks.start(reports.leave, self.me, self.context, leave, was, over, promise)
        return promise

    def _left(self, message: Left) -> None:
        """Go back where the file says that the link stands: it was not written, or another consent holds."""
        self.leaving -= 1
        if message.error is not None:
            if message.was not in LINKED:
                self.state = message.was
            elif not self._is_linked:
                self._move("Linked", f"its end could not be stored: {message.error}")
            self._wait_for_store(str(message.error))
        elif message.row is not None and not self.leaving:
            found = at_work(message.row.status, message.row.state)
            if found in LINKED:
                self.grant_id = message.row.grant_id
                if not self._is_linked:
                    self._move("Linked", "it lives by another consent")
                self._look()
            elif self._is_linked and self.grant_id not in {None, message.row.grant_id}:
                self._look()  # the row is from before the consent that it lives by
            elif self._is_linked:
                self._stop_work()
                self._move(found, "the client's file says so")

    def _stop_work(self) -> None:
        self.narrow.forget("not_linked")
        self.waiting.clear()
        self.active.clear()
        self.looking = None
        if self.running is not None:
            self.running.cancel()
            self.running = self.current = None

    def _move(self, state: State, reason: str) -> None:
        was = self.state or "Unlinked"
        if state == was:
            return
        check_move(was, state)
        self.state = state
        self.context.telemetry.emit(
            ConnectionMoved(
                platform=self.context.platform,
                client_id=self.context.client_id,
                connection_id=self.context.connection_id,
                was=was,
                now=state,
                reason=reason,
            )
        )
