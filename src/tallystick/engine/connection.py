"""The connection actor: one company's link to one provider account.

Its states and their moves are data in `states.py`; every move is an event with a reason. A sync is a task
of the actor's that reports back, so the actor always answers: `Unlink` is heard, and acted upon, in the
middle of a sync.
"""

import uuid
from collections import deque
from typing import assert_never

import trio
from attrs import define, field, frozen

from tallystick.actors import Address, Promise, Tasks
from tallystick.engine import leaving, sync_task
from tallystick.engine.events import ConnectionMoved
from tallystick.engine.states import LINKED, STATUS, State, check_move, resting
from tallystick.engine.sync import together
from tallystick.engine.sync_task import ConnectionContext, QueuedSync, SyncEnd
from tallystick.errors import AlreadySyncing, NotLinked, NotSupported
from tallystick.standard import DataType
from tallystick.store import ConnectionRow, Dataset, LinkStatus
from tallystick.store import connections as connection_rows


@frozen(kw_only=True)
class Sync:
    """Ask for these data types to be refreshed. Answer: their datasets, queued and durable.

    Raises to the asker: `NotLinked`, `NotSupported`, `AlreadySyncing`.
    Safe to repeat: yes; a cursor moves in the transaction that stores its page.
    """

    data_types: tuple[DataType, ...]
    reason: str


@frozen(kw_only=True)
class Due:
    """Go on with datasets that a stop or a crash left unfinished; where there are none, refresh what is due.

    Ignored while a sync runs, whose end plans anew. Safe to repeat: yes.
    """


@frozen(kw_only=True)
class DueFound:
    """From the task that looked what is due."""

    data_types: tuple[DataType, ...]


@frozen(kw_only=True)
class StateFound:
    """From the task that looked into the client's file, which is right where the directory differs."""

    state: State
    grant_id: str | None


@frozen(kw_only=True)
class Linked:
    """Consent was given and its tokens are stored. What runs goes on with them. Safe to repeat: yes."""

    grant_id: str | None


@frozen(kw_only=True)
class Deauthorise:
    """The provider no longer honours the consent. Safe to repeat: yes.

    Ignored when the connection has been given another consent since.
    """

    reason: str
    grant_id: str | None


@frozen(kw_only=True)
class Unlink:
    """Stop what runs and let the link go; its data stays. Answer: the row as it is then.

    Raises to the asker: `NotLinked`.
    """


@frozen(kw_only=True)
class Remove:
    """Stop what runs, for good. Answer: once nothing of this connection runs any more."""


@frozen(kw_only=True)
class SyncQueued:
    """From the task that stored new datasets, or found unfinished ones: they may run now."""

    sync: QueuedSync


@frozen(kw_only=True)
class QueueFailed:
    """From the task that should have stored new datasets: they are not there."""

    ids: dict[DataType, str]


@frozen(kw_only=True)
class SyncEnded:
    """From the sync's own task, whatever its end."""

    sync: QueuedSync
    over: trio.Event  #: of that very run: an earlier run's end is no news
    end: SyncEnd


#: From its own tasks.
Report = DueFound | StateFound | SyncQueued | QueueFailed | SyncEnded
Message = Sync | Due | Linked | Deauthorise | Unlink | Remove | Report


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
    births: int = 0  #: restarts before this life
    over: trio.Event = field(factory=trio.Event)  #: set when the running sync's task has ended

    async def started(self) -> None:
        """After a crash: read where the link stands and take up what was under way."""
        if self.state is None:
            async with self.context.stores.client(self.context.client_id) as store:
                row = await store.read(connection_rows.find, self.context.connection_id)
            self.state = "Unlinked" if row is None else resting(row.status, row.state)
            if self.state == "Parked":
                self._move("Linked", "an operator let it go on")
                self._resume()
            elif self.births % 2 == 1:
                self._resume()
            else:  # it was taken up once, and crashed again
                self.tasks.start(leaving.give_up, self.context)

    async def handle(self, message: Message) -> object:
        """See the messages."""
        match message:
            case DueFound() | StateFound() | SyncQueued() | QueueFailed() | SyncEnded():
                self._hear(message)
            case Sync():
                return self._sync(message)
            case Due():
                self._resume()
            case Linked():
                self._linked(message)
            case Deauthorise():
                if self._is_linked and self.grant_id in {None, message.grant_id}:
                    return self._leave("NeedsReauth", message.reason, message.grant_id)
            case Unlink():
                if not self._is_linked:
                    raise NotLinked(status=STATUS[self.state or "Unlinked"])
                return self._leave("Unlinked", "unlinked through the API")
            case Remove():
                return self._leave(None, "removed through the API")
            case _:
                assert_never(message)
        return None

    def _hear(self, message: Report) -> None:
        """What its own tasks report."""
        match message:
            case DueFound():
                self._refresh_due(message)
            case StateFound():
                if message.state in LINKED and not self._is_linked:
                    self.grant_id = message.grant_id
                    self._move("Linked", "the client's file says so")
                    self._resume()
            case SyncQueued():
                self._queued(message.sync)
            case QueueFailed():
                self._forget(message.ids)
            case SyncEnded():
                self._ended(message)

    @property
    def _is_linked(self) -> bool:
        return self.state in LINKED

    def _linked(self, message: Linked) -> None:
        """What runs began with the old consent, which is gone: it begins again with the new one."""
        self.grant_id = message.grant_id
        self._move("Linked", "the company gave its consent")
        if self.running is not None and self.current is not None:
            self.running.cancel()
            self.waiting.appendleft(self.current)
            self._start_next()

    def _resume(self) -> None:
        if not self._is_linked:
            self.tasks.start(sync_task.find_state, self.context, self._tell_state)
        elif not self.active:
            self.tasks.start(sync_task.find_unfinished, self.context, self._tell_queued, self._tell_due)

    def _sync(self, message: Sync) -> Promise[list[Dataset]]:
        manifest = self.context.connector.manifest
        if not self._is_linked:
            raise NotLinked(status=STATUS[self.state or "Unlinked"])
        for data_type in message.data_types:
            if data_type not in manifest.data_types:
                raise NotSupported(platform=manifest.name, data_type=data_type)
        wanted = together(manifest.resources, message.data_types)
        for data_type in wanted:
            if data_type in self.active and not self._has_ended(data_type):
                raise AlreadySyncing(data_type=data_type, dataset_id=self.active[data_type])
        promise: Promise[list[Dataset]] = Promise()
        self._queue(wanted, message, promise)
        return promise

    def _refresh_due(self, message: DueFound) -> None:
        """What is due and not under way already; nobody waits for an answer."""
        resources = self.context.connector.manifest.resources
        wanted = [t for t in together(resources, message.data_types) if t not in self.active]
        if self._is_linked and wanted:
            due = Sync(data_types=message.data_types, reason="schedule")
            self._queue(wanted, due, Promise())

    def _queue(self, wanted: list[DataType], message: Sync, promise: Promise[list[Dataset]]) -> None:
        ids = {data_type: str(uuid.uuid4()) for data_type in wanted}
        self.active.update(ids)
        asked_by = self.tasks.context().trace
        self.tasks.start(self._store_queued, ids, message, promise, asked_by)

    async def _store_queued(
        self,
        ids: dict[DataType, str],
        message: Sync,
        promise: Promise[list[Dataset]],
        asked_by: str | None,
    ) -> None:
        sync = await sync_task.store_queued(self.context, ids, message.reason, promise, asked_by)
        if sync is None:
            await self.me.tell(QueueFailed(ids=ids))
        else:
            promise.keep([d for d in sync.datasets if d.data_type in message.data_types])
            await self._tell_queued(sync)

    async def _tell_queued(self, sync: QueuedSync) -> None:
        await self.me.tell(SyncQueued(sync=sync))

    async def _tell_state(self, state: State, grant_id: str | None) -> None:
        await self.me.tell(StateFound(state=state, grant_id=grant_id))

    async def _tell_due(self, data_types: tuple[DataType, ...]) -> None:
        await self.me.tell(DueFound(data_types=data_types))

    def _queued(self, sync: QueuedSync) -> None:
        """Run it now, or after what runs; a link that has ended meanwhile cancels it."""
        if not self._is_linked:
            self.tasks.start(leaving.end_unfinished, self.context, STATUS[self.state or "Unlinked"])
            return
        self.active.update({dataset.data_type: dataset.id for dataset in sync.datasets})
        self.waiting.append(sync)
        if self.running is None:
            self._start_next()

    def _start_next(self) -> None:
        before, self.over = self.over if self.running is not None else None, trio.Event()
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
        if self.waiting:
            self._start_next()
            return
        if self.state == "Syncing":
            self._move(message.end.state, message.end.reason)
        if not self.active:
            self.tasks.start(sync_task.plan, self.context)

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

    def _leave(
        self, state: State | None, reason: str, grant_id: str | None = None
    ) -> Promise[ConnectionRow | None]:
        """Stop what runs; the answer comes when it has stopped and the status is on the disk."""
        self.waiting.clear()
        self.active.clear()
        promise: Promise[ConnectionRow | None] = Promise()
        over = self.over if self.running is not None else None
        if self.running is not None:
            self.running.cancel()
            self.running = self.current = None
        self._move(state or "Unlinked", reason)
        status: LinkStatus | None = None if state is None else STATUS[state]
        self.tasks.start(leaving.leave, self.context, status, reason, over, promise, grant_id)
        return promise

    def _move(self, state: State, reason: str) -> None:
        was = self.state or "Unlinked"
        if state == was:
            return
        if not (state == "Unlinked" and reason.startswith("removed")):
            check_move(was, state)
        self.state = state
        self.context.telemetry.emit(
            ConnectionMoved(
                platform=self.context.connector.manifest.slug,
                client_id=self.context.client_id,
                connection_id=self.context.connection_id,
                was=was,
                now=state,
                reason=reason,
            )
        )
