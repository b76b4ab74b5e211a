"""The connection actor: one company's link to one provider account.

    PendingAuth ──linked──► Linked ◄──ended── Syncing
                              │  ▲──sync──────►│
                              ├─unlink─► Unlinked
                              └─consent gone──► Deauthorized ──linked──► Linked

A sync is a task of the actor's that reports back, so the actor always answers: `Unlink` is heard, and
acted upon, in the middle of a sync.
"""

import uuid
from collections import deque
from typing import Literal, assert_never

import trio
from attrs import define, field, frozen

from tallystick.actors import Address, Promise, Tasks
from tallystick.engine import sync_task
from tallystick.engine.events import ConnectionMoved
from tallystick.engine.sync import together
from tallystick.engine.sync_task import ConnectionContext, QueuedSync
from tallystick.errors import AlreadySyncing, NotLinked, NotSupported
from tallystick.standard import DataType
from tallystick.store import ConnectionRow, Dataset, LinkStatus
from tallystick.store import connections as connection_rows

State = Literal["PendingAuth", "Linked", "Syncing", "Unlinked", "Deauthorized"]


@frozen(kw_only=True)
class Sync:
    """Ask for these data types to be refreshed. Answer: their datasets, queued and durable.

    Raises to the asker: `NotLinked`, `NotSupported`, `AlreadySyncing`.
    Safe to repeat: yes; a cursor moves in the transaction that stores its page.
    """

    data_types: tuple[DataType, ...]
    reason: str


@frozen(kw_only=True)
class Resume:
    """Go on with the datasets that a stop or a crash left unfinished. Safe to repeat: yes."""


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


Message = Sync | Resume | Linked | Deauthorise | Unlink | Remove | SyncQueued | QueueFailed | SyncEnded


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
            self.state = "Unlinked" if row is None else row.status
            if self.births % 2 == 1:
                self._resume()
            else:  # it was taken up once, and crashed again
                self.tasks.start(sync_task.give_up, self.context)

    async def handle(self, message: Message) -> object:
        """See the messages."""
        match message:
            case Sync():
                return self._sync(message)
            case Resume():
                self._resume()
            case SyncQueued():
                self._queued(message.sync)
            case QueueFailed():
                self._forget(message.ids)
            case Linked():
                self._linked(message)
            case Deauthorise():
                if self._is_linked and self.grant_id in {None, message.grant_id}:
                    return self._leave("Deauthorized", message.reason, message.grant_id)
            case Unlink():
                if not self._is_linked:
                    raise NotLinked(status=str(self.state))
                return self._leave("Unlinked", "unlinked through the API")
            case Remove():
                return self._leave(None, "removed through the API")
            case SyncEnded():
                self._ended(message)
            case _:
                assert_never(message)
        return None

    @property
    def _is_linked(self) -> bool:
        return self.state in {"Linked", "Syncing"}

    def _linked(self, message: Linked) -> None:
        """What runs began with the old consent, which is gone: it begins again with the new one."""
        self.grant_id = message.grant_id
        self._move("Linked", "the company gave its consent")
        if self.running is not None and self.current is not None:
            self.running.cancel()
            self.waiting.appendleft(self.current)
            self._start_next()

    def _resume(self) -> None:
        if self._is_linked and not self.active:
            self.tasks.start(sync_task.find_unfinished, self.context, self._tell_queued)

    def _sync(self, message: Sync) -> Promise[list[Dataset]]:
        manifest = self.context.connector.manifest
        if not self._is_linked:
            raise NotLinked(status=str(self.state))
        for data_type in message.data_types:
            if data_type not in manifest.data_types:
                raise NotSupported(platform=manifest.name, data_type=data_type)
        wanted = together(manifest.resources, message.data_types)
        for data_type in wanted:
            if data_type in self.active and not self._has_ended(data_type):
                raise AlreadySyncing(data_type=data_type, dataset_id=self.active[data_type])
        ids = {data_type: str(uuid.uuid4()) for data_type in wanted}
        self.active.update(ids)
        promise: Promise[list[Dataset]] = Promise()
        self.tasks.start(self._store_queued, ids, message, promise)
        return promise

    async def _store_queued(
        self, ids: dict[DataType, str], message: Sync, promise: Promise[list[Dataset]]
    ) -> None:
        sync = await sync_task.store_queued(self.context, ids, message.reason, promise)
        if sync is None:
            await self.me.tell(QueueFailed(ids=ids))
        else:
            promise.keep([d for d in sync.datasets if d.data_type in message.data_types])
            await self._tell_queued(sync)

    async def _tell_queued(self, sync: QueuedSync) -> None:
        await self.me.tell(SyncQueued(sync=sync))

    def _queued(self, sync: QueuedSync) -> None:
        """Run it now, or after what runs; a link that has ended meanwhile cancels it."""
        if not self._is_linked:
            self.tasks.start(sync_task.end_unfinished, self.context, self.state)
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
            gone = await sync_task.run(self.context, sync)
        finally:
            over.set()
        if gone is not None:
            await self.me.tell(Deauthorise(reason=gone.reason, grant_id=gone.grant_id))
        await self.me.tell(SyncEnded(sync=sync, over=over))

    def _ended(self, message: SyncEnded) -> None:
        if message.over is not self.over:
            return
        self.running = self.current = None
        self._forget({d.data_type: d.id for d in message.sync.datasets})
        if self.waiting:
            self._start_next()
            return
        if self.state == "Syncing":
            self._move("Linked", "the sync has ended")
        if not self.active:
            self.tasks.start(sync_task.nothing_due, self.context)

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
        self, status: LinkStatus | None, reason: str, grant_id: str | None = None
    ) -> Promise[ConnectionRow | None]:
        """Stop what runs; the answer comes when it has stopped and the status is on the disk."""
        self.waiting.clear()
        self.active.clear()
        promise: Promise[ConnectionRow | None] = Promise()
        over = self.over if self.running is not None else None
        if self.running is not None:
            self.running.cancel()
            self.running = self.current = None
        self._move(status or "Unlinked", reason)
        self.tasks.start(sync_task.leave, self.context, status, reason, over, promise, grant_id)
        return promise

    def _move(self, state: State, reason: str) -> None:
        if state == self.state:
            return
        was, self.state = self.state, state
        self.context.telemetry.emit(
            ConnectionMoved(
                platform=self.context.connector.manifest.slug,
                client_id=self.context.client_id,
                connection_id=self.context.connection_id,
                was=str(was),
                now=state,
                reason=reason,
            )
        )
