"""One sync: fetch, map and commit the pages of every resource that was asked for.

    fetchers ──(places, by count and bytes)── map ──► database writer (groups pages of all syncs)

Resources are read side by side, each after those that it needs; each one's pages in order. A page keeps
its place from before it is asked for until it is on the disk, so a slow disk slows the fetching. A cursor
moves in the transaction that stores its page: a crash costs the pages in flight and nothing else.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from functools import partial

import trio
from attrs import define, field, frozen
from outcome import Value

from tallystick.connectors import Calls, Connector, Page, Resource
from tallystick.engine.events import (
    CountsDiffer,
    DatasetFinished,
    DeletionsHeld,
    ListReconciled,
    PageRefused,
    PageStored,
    SyncStoodStill,
)
from tallystick.engine.failure import status_of
from tallystick.engine.fetching import Fetched, Fetcher
from tallystick.engine.mapping import MappedPage, PageMapper
from tallystick.engine.places import LARGE_BYTES, Place, Places
from tallystick.engine.progress import Progress
from tallystick.engine.reconciliation import Reading, Reconciliation
from tallystick.engine.storing import PageStore, Stored
from tallystick.errors import ListMoved, NeedsReauthorisation, PageUnreadable, SyncStalled, TallystickError
from tallystick.standard import DatasetStatus, DataType
from tallystick.store import ConnectionRow, Dataset, Job, Store, datasets
from tallystick.store.instants import Clock
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
    calls: Callable[[str, bool], Calls]
    """How the provider is reached for a resource; False: for a page that is not the first in line."""
    stored_large: Callable[[str], None]  #: told when a resource holds on to no page any more
    store: Store
    telemetry: Telemetry
    clock: Clock
    places: Places  #: this run's own, inside the process's
    progress: Progress
    turn: Callable[[], AbstractAsyncContextManager[object]]  #: the company's share of the processor
    reconciliation: Reconciliation
    datasets: Mapping[DataType, Dataset]
    correlation_id: str | None  #: of the request that asked for the sync
    ended: dict[DataType, DatasetStatus] = field(factory=dict)
    failures: dict[DataType, TallystickError] = field(factory=dict)
    stored_pages: int = 0
    holds_changed: bool = False  #: deletions wait for a person since this run, or do no more
    _gone: NeedsReauthorisation | None = None
    _mapper: PageMapper = field(init=False)
    _pages: PageStore = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._mapper = PageMapper(self.connector, self.turn)
        self._pages = PageStore(
            connection=self.connection,
            connector=self.connector,
            datasets=self.datasets,
            clock=self.clock,
            reconciliation=self.reconciliation,
        )

    async def run(self) -> None:
        """Read every resource that gives one of the data types.

        A resource that fails ends its datasets with the reason and the others are read. Raises:
        `NeedsReauthorisation` when the consent is gone: then all that is left has ended so.
        """
        self.progress.touch()
        await self._mapper.know(self.store, self.connection, self.clock)
        try:
            async with trio.open_nursery() as watching:
                work = trio.CancelScope()
                watching.start_soon(self.progress.watch, work)
                with work:
                    await self._read_all(plan(self.connector.manifest.resources, self.datasets))
                watching.cancel_scope.cancel()
        finally:
            self.places.release_all()
        if self.progress.stalled:
            await self._stalled()
        if self._gone is not None:
            await self._fail(tuple(self.datasets), self._gone)
            raise self._gone

    async def _read_all(self, planned: Sequence[Resource]) -> None:
        """Each resource as soon as those that it needs are over, in the manifest's order else."""
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
            if self._gone is not None:
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
            try:
                await self._read(resource)
            except ListMoved:
                await self.store.write(self._pages.begin_anew, resource)
                await self._read(resource)
        except TallystickError as error:
            await self._fail(resource.data_types, error)
            if isinstance(error, NeedsReauthorisation):
                self._gone = error
        finally:
            self.stored_large(resource.name)

    async def _read(self, resource: Resource) -> None:
        """Fetch, map and store every page of one resource.

        What ends the reading early does not take back what was read before it: those pages are stored.
        """
        reading = await self.store.write(self._pages.begin, resource)
        fetched, pages_in = trio.open_memory_channel[Fetched | TallystickError](0)
        committing, jobs = trio.open_memory_channel[_Submitted](self.places.limit_pages)
        failure: TallystickError | None = None
        try:
            async with trio.open_nursery() as commits:
                commits.start_soon(self._settle, resource, jobs)
                async with committing, trio.open_nursery() as fetching:
                    fetching.start_soon(self._fetcher(resource, reading).run, fetched)
                    failure = await self._map_and_submit(resource, reading, pages_in, committing)
                    fetching.cancel_scope.cancel()
        except* TallystickError as group:
            raise _first(group) from group
        if failure is not None:
            raise failure

    def _fetcher(self, resource: Resource, reading: Reading) -> Fetcher:
        first, ahead = self.calls(resource.name, True), self.calls(resource.name, False)

        async def ask(at: str | None, is_first: bool) -> Page:
            calls = first if is_first else ahead
            page = await self.connector.client.page(calls, resource, since=reading.since, at=at)
            self.progress.touch()
            self.telemetry.point("page.fetched")
            return page

        return Fetcher(
            platform=self.connector.manifest.slug,
            resource=resource.name,
            start=reading.cursor.next,
            start_total=reading.cursor.last_total,
            ask=ask,
            places=self.places,
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
        cursor = reading.cursor
        async with pages_in:
            async for fetched in pages_in:
                if isinstance(fetched, PageUnreadable):
                    await self._refuse(resource, fetched)
                if isinstance(fetched, TallystickError):
                    return fetched
                mapped = await self._mapper.map(resource, fetched.page)
                self.telemetry.point("page.mapped")
                before = cursor
                cursor = self._pages.next_cursor(reading, cursor, mapped, again=fetched.again)
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
        return None

    async def _settle(self, resource: Resource, jobs: trio.MemoryReceiveChannel[_Submitted]) -> None:
        """Wait for page after page to be on the disk, and tell; cancelled, none of them runs any more.

        What was in a transaction by then is told too: it is stored.
        """
        try:
            async for waiting in jobs:
                stored = await self.store.database.result(waiting.job)
                waiting.place.release()
                if len(waiting.mapped.page.raw) > LARGE_BYTES:
                    self.stored_large(resource.name)
                self.progress.touch()
                self.telemetry.point("page.committed")
                self._tell(resource, waiting.mapped, stored)
        finally:
            with suppress(trio.WouldBlock, trio.EndOfChannel):
                while True:
                    waiting = jobs.receive_nowait()
                    await self.store.database.abandon(waiting.job)
                    if isinstance(waiting.job.outcome, Value):
                        self._tell(resource, waiting.mapped, waiting.job.outcome.value)
            jobs.close()

    def _tell(self, resource: Resource, mapped: MappedPage, stored: Stored) -> None:
        totals = [(t, y.created, y.updated, y.unchanged) for t, y in stored.page.tallies.items()]
        self.stored_pages += 1
        self.telemetry.emit(
            PageStored(
                platform=self.connector.manifest.slug,
                client_id=self.client_id,
                connection_id=self.connection.id,
                resource=resource.name,
                next=mapped.page.next,
                records=len(mapped.records),
                created=sum(created for _, created, _, _ in totals),
                updated=sum(updated for _, _, updated, _ in totals),
                unchanged=sum(unchanged for _, _, _, unchanged in totals),
                rejected=mapped.rejected,
                by_type=tuple(totals),
            )
        )
        self._tell_reconciled(resource, stored)
        for data_type, ending in stored.ended.items():
            self._finished(data_type, ending.status, ending.reason)

    def _tell_reconciled(self, resource: Resource, stored: Stored) -> None:
        whose = {
            "platform": self.connector.manifest.slug,
            "client_id": self.client_id,
            "connection_id": self.connection.id,
            "resource": resource.name,
        }
        if stored.mismatch is not None:
            for data_type in self._pages.asked(resource):
                self.failures[data_type] = stored.mismatch
            self.telemetry.emit(CountsDiffer(**whose, read=stored.mismatch.read, told=stored.mismatch.told))
        done = stored.reconciled
        if done is None:
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
        self.holds_changed |= done.newly_held or done.released
        if done.newly_held:
            self.telemetry.emit(DeletionsHeld(**whose, live=done.live, missing=done.missing))

    async def _refuse(self, resource: Resource, error: PageUnreadable) -> None:
        await self.store.write(self._pages.refuse, resource, error)
        self.telemetry.emit(
            PageRefused(
                platform=self.connector.manifest.slug,
                client_id=self.client_id,
                connection_id=self.connection.id,
                resource=resource.name,
                reason=error.reason,
            )
        )

    async def _stalled(self) -> None:
        """What has not ended is told as stalled: nothing that hangs may look as if it went on."""
        platform = self.connector.manifest.slug
        error = SyncStalled(platform=platform, seconds=self.progress.deadline_s)
        await self._fail(tuple(self.datasets), error)
        self.telemetry.emit(
            SyncStoodStill(
                platform=platform,
                client_id=self.client_id,
                connection_id=self.connection.id,
                seconds=self.progress.deadline_s,
            )
        )

    async def _fail(self, data_types: Sequence[DataType], error: TallystickError) -> None:
        status = status_of(error)
        failed = [t for t in data_types if t in self.datasets and t not in self.ended]
        now = self.clock()
        for data_type in failed:
            self.failures[data_type] = error
            await self.store.write(
                datasets.move,
                self.datasets[data_type].id,
                status,
                progress=0,
                at=now,
                error_code=error.code,
                error_message=f"{error}. {error.fix}",
            )
            self._finished(data_type, status, str(error))

    def _finished(self, data_type: DataType, status: DatasetStatus, reason: str | None) -> None:
        self.ended[data_type] = status
        self.telemetry.emit(
            DatasetFinished(
                platform=self.connector.manifest.slug,
                client_id=self.client_id,
                connection_id=self.connection.id,
                dataset_id=self.datasets[data_type].id,
                data_type=data_type,
                status=status,
                reason=reason,
                correlation_id=self.correlation_id,
            )
        )


def plan(resources: Sequence[Resource], asked: Mapping[DataType, object]) -> list[Resource]:
    """The resources that give one of the data types, in the manifest's order."""
    return [r for r in resources if any(t in asked for t in r.data_types)]


def together(resources: Sequence[Resource], asked: Sequence[DataType]) -> list[DataType]:
    """The data types asked for and those that come with them from the same resource, in reading order.

    A cursor is a resource's: what shares it is read, stored and reported together.
    """
    wanted = [r for r in resources if any(t in asked for t in r.data_types)]
    return list(dict.fromkeys(t for r in wanted for t in r.data_types))


def _first(group: BaseExceptionGroup[TallystickError]) -> TallystickError:
    """What a group of our errors is about: the one that needs a person most, else the first."""
    leaves: list[TallystickError] = []

    def collect(error: BaseException) -> None:
        if isinstance(error, BaseExceptionGroup):
            for inner in error.exceptions:
                collect(inner)
        elif isinstance(error, TallystickError):
            leaves.append(error)

    collect(group)
    return next((e for e in leaves if isinstance(e, NeedsReauthorisation)), leaves[0])
