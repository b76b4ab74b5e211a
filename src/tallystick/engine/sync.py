"""One sync: fetch, map and commit the pages of every resource that was asked for.

    fetchers ──(places, by count and bytes)── map ──► database writer (groups pages of all syncs)

Resources are read side by side, each after those that it needs; each one's pages in order. A page keeps
its place from before it is asked for until it is on the disk, so a slow disk slows the fetching. A cursor
moves in the transaction that stores its page: a crash costs the pages in flight and nothing else.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from datetime import datetime
from functools import partial

import trio
from attrs import define, field, frozen
from outcome import Value

from tallystick.connectors import Calls, Connector, Page, Resource
from tallystick.engine.dataset_end import end_dataset
from tallystick.engine.events import CountsDiffer, DeletionsHeld, ListReconciled
from tallystick.engine.failure import foremost, status_of
from tallystick.engine.fetching import Fetched, Fetcher, Left
from tallystick.engine.mapping import MappedPage, PageMapper, nobody_waits
from tallystick.engine.page_identity import Told
from tallystick.engine.places import Place, Places
from tallystick.engine.progress import Progress
from tallystick.engine.reading_order import plan
from tallystick.engine.reconciliation import Reading, Reconciliation
from tallystick.engine.storing import PageStore, Stored
from tallystick.engine.sync_news import SyncNews
from tallystick.errors import (
    FaultClass,
    ListMoved,
    NeedsReauthorisation,
    PageUnreadable,
    StoreUnusable,
    SyncStalled,
    TallystickError,
)
from tallystick.standard import DatasetStatus, DataType
from tallystick.store import ConnectionRow, Cursor, Dataset, Job, Store
from tallystick.store.instants import Clock
from tallystick.store.sqlcipher import SqliteConnection
from tallystick.telemetry import Telemetry

#: Lists of one connection that are read side by side: enough to hide the latency of short ones.
_RESOURCES_AT_ONCE = 4


@frozen
class _Submitted:
    """A page that is in line to be stored."""

    mapped: MappedPage
    place: Place
    job: Job[Stored]


@define(eq=False, kw_only=True)
class SyncRun:
    """One run over some data types of one connection. `run` may be cancelled at any moment."""

    client_id: str
    connection: ConnectionRow
    connector: Connector
    calls: Callable[[Place, bool], Calls]
    """How the provider is reached for a page with this place; False: it is not the first in line."""
    store: Store
    telemetry: Telemetry
    clock: Clock
    places: Places  #: this run's own, inside the process's
    progress: Progress
    turn: Callable[[], AbstractAsyncContextManager[object]]  #: the company's share of the processor
    reconciliation: Reconciliation
    datasets: Mapping[DataType, Dataset]
    correlation_id: str | None  #: of the request that asked for the sync
    hurried: Callable[[], bool] = nobody_waits  #: whether somebody waits for the loop
    ended: dict[DataType, DatasetStatus] = field(factory=dict)
    failures: dict[DataType, TallystickError] = field(factory=dict)
    stored_pages: int = 0
    _gone: NeedsReauthorisation | None = field(default=None, init=False)
    _unwritable: StoreUnusable | None = field(default=None, init=False)
    _unsure: set[str] = field(factory=set)  #: resources that are to be read once more before they end
    mapper: PageMapper = field(init=False)  #: with what it has gathered
    _pages: PageStore = field(init=False)
    _news: SyncNews = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.mapper = PageMapper(self.connector, self._turn_to_map, self.hurried)
        self._pages = PageStore(
            connection=self.connection,
            connector=self.connector,
            datasets=self.datasets,
            clock=self.clock,
            reconciliation=self.reconciliation,
        )
        self._news = SyncNews(
            telemetry=self.telemetry,
            platform=self.connector.manifest.slug,
            client_id=self.client_id,
            connection_id=self.connection.id,
            correlation_id=self.correlation_id,
        )

    async def run(self) -> None:
        """Read every resource that gives one of the data types.

        A resource that fails ends its datasets with the reason and the others are read. Raises:
        `NeedsReauthorisation` when the consent is gone: then all that is left has ended so;
        `StoreUnusable` when the store cannot be written now: what has not ended is unfinished, and a run
        over the same datasets goes on behind the last page that is stored.
        """
        self.progress.touch()
        await self.mapper.know(self.store, self.connection, self.clock)
        async with trio.open_nursery() as watching:
            work = trio.CancelScope()
            watching.start_soon(self.progress.watch, work)
            with work:
                await self._read_all(plan(self.connector.manifest.resources, self.datasets))
            watching.cancel_scope.cancel()
        if self._gone is not None:
            await self._end(tuple(self.datasets), self._gone)
            raise self._gone
        if self._unwritable is not None:
            raise self._unwritable
        if self.progress.stalled:
            await self._stalled()

    def _turn_to_map(self) -> AbstractAsyncContextManager[object]:
        """The rows of a large page may take their turns for longer than a sync may stand still."""
        self.progress.touch()
        return self.turn()

    async def _read_all(self, planned: Sequence[Resource]) -> None:
        """Each resource as soon as those that it needs are over, in the order of `planned` else."""
        waiting = list(planned)
        running: set[str] = set()
        over = trio.Event()

        async def read(resource: Resource, reading: trio.CancelScope) -> None:
            nonlocal over
            try:
                await self._read_or_fail(resource)
            finally:
                running.discard(resource.name)
                over.set()
            if self._gone is not None or self._unwritable is not None:
                reading.cancel()

        async with trio.open_nursery() as nursery:
            while waiting:
                unread = running | {resource.name for resource in waiting}
                ready = next((r for r in waiting if unread.isdisjoint(r.after)), None)
                if ready is None or len(running) >= _RESOURCES_AT_ONCE:
                    await over.wait()
                    over = trio.Event()
                    continue
                waiting.remove(ready)
                running.add(ready.name)
                nursery.start_soon(read, ready, nursery.cancel_scope)

    async def _read_or_fail(self, resource: Resource) -> None:
        try:
            await self._read_to_the_end(resource)
        except TallystickError as error:
            await self._fail(resource.data_types, error)
            if isinstance(error, NeedsReauthorisation):
                self._gone = error

    async def _read_to_the_end(self, resource: Resource) -> None:
        """Read a resource, and once more where its list moved under the reading, or its end is not sure."""
        moved = False
        while True:
            self._unsure.discard(resource.name)
            try:
                await self._read(resource)
            except ListMoved:
                await self.store.write(self._pages.begin_anew, resource)
                if moved:
                    raise
                moved = True
            else:
                if resource.name not in self._unsure:
                    return

    async def _read(self, resource: Resource) -> None:
        """Fetch, map and store every page of one resource.

        What ends the reading early does not take back what was read before it: those pages are stored.
        """
        reading = await self.store.write(self._pages.begin, resource)
        fetched, pages_in = trio.open_memory_channel[Fetched | TallystickError](0)
        committing, jobs = trio.open_memory_channel[_Submitted](self.places.limit_pages)
        failure: TallystickError | None = None
        try:
            # Its own, so that however the reading ends none of its pages holds up other lists.
            with self.places.part() as places:
                async with trio.open_nursery() as commits:
                    commits.start_soon(self._settle, resource, jobs)
                    async with committing, trio.open_nursery() as fetching:
                        fetching.start_soon(self._fetcher(resource, reading, places).run, fetched)
                        failure = await self._map_and_submit(resource, reading, pages_in, committing)
                        fetching.cancel_scope.cancel()
        except BaseExceptionGroup as group:
            ours, others = group.split(TallystickError)
            if ours is None or others is not None:  # cancelled meanwhile, or a crash: that goes first
                raise others or group from None
            raise foremost(ours) from group
        if failure is not None:
            raise failure

    def _fetcher(self, resource: Resource, reading: Reading, places: Places) -> Fetcher:
        async def ask(at: str | None, first: bool, place: Place) -> Page:
            calls = self.calls(place, first)
            page = await self.connector.client.page(calls, resource, since=reading.since, at=at)
            self.progress.touch()
            self.telemetry.point("page.fetched")
            return page

        return Fetcher(
            platform=self.connector.manifest.slug,
            resource=resource.name,
            left=_left(reading.cursor),
            ask=ask,
            places=places,
            most_ahead=self.connector.manifest.limits.calls_in_flight,
        )

    async def _map_and_submit(
        self,
        resource: Resource,
        reading: Reading,
        pages_in: trio.MemoryReceiveChannel[Fetched | TallystickError],
        committing: trio.MemorySendChannel[_Submitted],
    ) -> TallystickError | None:
        """Turn pages into transactions, in order. Returns what ended the reading early."""
        cursor, told = reading.cursor, Told()
        async with pages_in:
            async for fetched in pages_in:
                if isinstance(fetched, PageUnreadable):
                    await self._refuse(resource, fetched)
                if isinstance(fetched, TallystickError):
                    return fetched
                mapped = await self.mapper.map(resource, fetched.page)
                self.telemetry.point("page.mapped")
                if fetched.taken_up:
                    self._pages.check_taken_up(reading, resource, mapped)
                if not fetched.again and told.is_endless(mapped):
                    return await self._endless(resource, fetched.page)
                before = cursor
                cursor = self._pages.next_cursor(reading, cursor, mapped, at=fetched.at, again=fetched.again)
                job = await self.store.database.submit(
                    partial(
                        self._pages.store,
                        resource=resource,
                        reading=reading,
                        mapped=mapped,
                        before=before,
                        after=cursor,
                    ),
                    rows=len(mapped.records),
                    linger=mapped.page.next is not None,
                )
                self.telemetry.point("page.submitted")
                try:
                    await committing.send(_Submitted(mapped, fetched.place, job))
                except trio.Cancelled:
                    await self.store.database.abandon(job)
                    raise
                del fetched, mapped, job  # a large page must not outlive its place
        return None

    async def _endless(self, resource: Resource, page: Page) -> PageUnreadable:
        """Paging that gives the same records over and over has no end."""
        slug, reason = self.connector.manifest.slug, "page after page brings nothing new"
        error = PageUnreadable(platform=slug, resource=resource.name, reason=reason, raw=page.raw)
        await self._refuse(resource, error)
        return error

    async def _settle(self, resource: Resource, jobs: trio.MemoryReceiveChannel[_Submitted]) -> None:
        """Wait for page after page to be on the disk, and tell; cancelled, none of them runs any more.

        What was in a transaction by then is told too: it is stored.
        """
        try:
            async for waiting in jobs:
                stored = await self.store.database.result(waiting.job)
                waiting.place.release()
                self.progress.touch()
                self.telemetry.point("page.committed")
                self._tell(resource, waiting.mapped, stored)
                del waiting, stored  # a large page must not outlive its place
        finally:
            with suppress(trio.WouldBlock, trio.EndOfChannel):
                while True:
                    waiting = jobs.receive_nowait()
                    await self.store.database.abandon(waiting.job)
                    if isinstance(waiting.job.outcome, Value):
                        self._tell(resource, waiting.mapped, waiting.job.outcome.value)
            jobs.close()

    def _tell(self, resource: Resource, mapped: MappedPage, stored: Stored) -> None:
        self.stored_pages += 1
        self._news.page_stored(resource, mapped, stored)
        self._tell_reconciled(resource, stored)
        for data_type, ending in stored.ended.items():
            self._finished(data_type, ending.status, ending.reason, ending.fault)

    def _tell_reconciled(self, resource: Resource, stored: Stored) -> None:
        whose = {
            "platform": self.connector.manifest.slug,
            "client_id": self.client_id,
            "connection_id": self.connection.id,
            "resource": resource.name,
        }
        if stored.mismatch is not None:
            if not stored.accepted:
                self.failures.update(dict.fromkeys(self._pages.asked(resource), stored.mismatch))
            self.telemetry.emit(CountsDiffer(**whose, read=stored.mismatch.read, told=stored.mismatch.told))
        done = stored.reconciled
        if done is None:
            return
        if done.unsure:
            self._unsure.add(resource.name)
            return
        deleted = sum(done.deleted.values())
        self.telemetry.emit(
            ListReconciled(
                **whose,
                live=done.live,
                missing=done.missing,
                deleted=deleted,
                by_type=tuple(done.deleted.items()),
            )
        )
        if done.newly_held:
            self.telemetry.emit(DeletionsHeld(**whose, live=done.live, missing=done.missing))

    async def _refuse(self, resource: Resource, error: PageUnreadable) -> None:
        await self.store.write(self._pages.refuse, resource, error)
        self._news.page_refused(resource, error.reason)

    async def _stalled(self) -> None:
        """What has not ended is told as stalled: nothing that hangs may look as if it went on."""
        seconds = self.progress.deadline_s
        error = SyncStalled(platform=self.connector.manifest.slug, seconds=seconds)
        await self._end(tuple(self.datasets), error)
        self._news.stood_still(seconds)

    async def _fail(self, data_types: Sequence[DataType], error: TallystickError) -> None:
        """End what a failure is about; where the store takes no end now, it is the whole run that ends."""
        if not isinstance(error, StoreUnusable):
            try:
                await self._end(data_types, error)
            except StoreUnusable as unwritable:
                error = unwritable
            else:
                return
        self._unwritable = error

    async def _end(self, data_types: Sequence[DataType], error: TallystickError) -> None:
        """End those of the datasets that have not ended, all or none, and tell. Raises: `StoreUnusable`."""
        failed = [self.datasets[t] for t in data_types if t in self.datasets and t not in self.ended]
        if not failed:
            return
        await self.store.write(_end_failed, failed, error, self.clock())
        for dataset in failed:
            self.failures[dataset.data_type] = error
            self._finished(dataset.data_type, status_of(error), str(error), error.fault)

    def _finished(
        self, data_type: DataType, status: DatasetStatus, reason: str | None, fault: FaultClass | None
    ) -> None:
        self.ended[data_type] = status
        self._news.dataset_finished(self.datasets[data_type], status, reason, fault)


def _end_failed(
    database: SqliteConnection, failed: Sequence[Dataset], error: TallystickError, now: datetime
) -> None:
    told = f"{error}. {error.fix}"
    for dataset in failed:
        end_dataset(database, dataset, status_of(error), now, code=error.code, reason=told)


def _left(cursor: Cursor) -> Left | None:
    """Where a reading under way goes on; None begins it."""
    if cursor.next is None:
        return None
    known = cursor.first_id is not None
    return Left(next=cursor.next, total=cursor.last_total, page=cursor.last_page, known=known)
