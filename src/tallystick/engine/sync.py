"""One sync: fetch, map and commit, page after page, of each resource that was asked for.

    client.pages ──(channel of one)── map ──► database writer (groups pages of all syncs)

A page is fetched while the one before is mapped and others are being committed; at most
`pages_in_flight` of them wait for the disk, so a slow disk slows the fetching. A cursor moves in the
transaction that stores its page, so a crash costs the pages in flight and nothing else.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, suppress
from functools import partial

import trio
from attrs import define, field, frozen

from tallystick.connectors import Calls, Connector, Page, Resource
from tallystick.engine.events import DatasetFinished, PageRefused, PageStored
from tallystick.engine.failure import status_of
from tallystick.engine.mapping import MappedPage, PageMapper
from tallystick.engine.storing import PageStore, Stored
from tallystick.errors import NeedsReauthorisation, PageUnreadable, ProviderUnavailable, TallystickError
from tallystick.standard import DatasetStatus, DataType
from tallystick.store import ConnectionRow, Cursor, Dataset, Job, Store, cursors, datasets
from tallystick.store.instants import Clock
from tallystick.telemetry import Telemetry


@frozen
class _Submitted:
    """A page that is in line to be stored."""

    mapped: MappedPage
    job: Job[Stored]


@define(eq=False, kw_only=True)
class SyncRun:
    """One run over some data types of one connection. `run` may be cancelled at any moment."""

    client_id: str
    connection: ConnectionRow
    connector: Connector
    calls: Calls
    store: Store
    telemetry: Telemetry
    clock: Clock
    pages_in_flight: int
    stall_s: float  #: seconds without a page after which a reading is given up
    datasets: Mapping[DataType, Dataset]
    ended: dict[DataType, DatasetStatus] = field(factory=dict)
    _mapper: PageMapper = field(init=False)
    _pages: PageStore = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._mapper = PageMapper(self.connector)
        self._pages = PageStore(
            connection=self.connection,
            connector=self.connector,
            datasets=self.datasets,
            clock=self.clock,
        )

    async def run(self) -> None:
        """Read every resource that gives one of the data types, in the manifest's order.

        A resource that fails ends its datasets with the reason and the next one is read; when the
        consent is gone all that is left ends so.
        """
        await self._mapper.know(self.store, self.connection, self.clock)
        for resource in plan(self.connector.manifest.resources, self.datasets):
            try:
                await self._read(resource)
            except TallystickError as error:
                await self._fail(resource.data_types, error)
                if isinstance(error, NeedsReauthorisation):
                    await self._fail(tuple(self.datasets), error)
                    raise

    async def _read(self, resource: Resource) -> None:
        """Fetch, map and store every page of one resource.

        What ends the reading early does not take back what was read before it: those pages are stored.
        """
        cursor = await self.store.read(cursors.load, self.connection.number, resource.name)
        await self._move(resource, "Fetching", progress=1)
        fetched, pages_in = trio.open_memory_channel[Page | TallystickError](0)
        committing, jobs = trio.open_memory_channel[_Submitted](self.pages_in_flight - 1)
        failure: TallystickError | None = None
        try:
            async with trio.open_nursery() as commits:
                commits.start_soon(self._settle, resource, jobs)
                async with committing, trio.open_nursery() as fetching:
                    fetching.start_soon(self._fetch, resource, cursor, fetched)
                    failure = await self._map_and_submit(resource, cursor, pages_in, committing)
                    fetching.cancel_scope.cancel()
        except* TallystickError as group:
            raise _first(group) from group
        if failure is not None:
            raise failure

    async def _fetch(
        self,
        resource: Resource,
        cursor: Cursor,
        fetched: trio.MemorySendChannel[Page | TallystickError],
    ) -> None:
        """Hand over page after page, and what ended them early, if anything."""
        pages_of = self.connector.client.pages(self.calls, resource, since=cursor.since, start=cursor.next)
        async with fetched, aclosing(pages_of) as found:
            try:
                while (page := await self._next_page(found)) is not None:
                    await fetched.send(page)
            except TallystickError as error:
                await fetched.send(error)

    async def _next_page(self, found: AsyncGenerator[Page, None]) -> Page | None:
        try:
            with trio.fail_after(self.stall_s):
                return await anext(found, None)
        except trio.TooSlowError as error:
            raise ProviderUnavailable(
                platform=self.connector.manifest.slug, reason=f"no page within {self.stall_s:g} s"
            ) from error

    async def _map_and_submit(
        self,
        resource: Resource,
        cursor: Cursor,
        pages_in: trio.MemoryReceiveChannel[Page | TallystickError],
        committing: trio.MemorySendChannel["_Submitted"],
    ) -> TallystickError | None:
        """Turn pages into transactions, in order. Returns what ended the reading early."""
        async with pages_in:
            async for page in pages_in:
                try:
                    if isinstance(page, TallystickError):
                        raise page
                    mapped = await self._mapper.map(resource, page)
                except PageUnreadable as error:
                    await self._refuse(resource, error)
                    return error
                except TallystickError as error:
                    return error
                before, cursor = cursor, self._pages.next_cursor(cursor, mapped)
                job = await self.store.database.submit(
                    partial(self._pages.store, resource=resource, mapped=mapped, before=before, after=cursor),
                    rows=len(mapped.records),
                    linger=page.next is not None,
                )
                try:
                    await committing.send(_Submitted(mapped, job))
                except trio.Cancelled:
                    await self.store.database.abandon(job)
                    raise
        return None

    async def _settle(self, resource: Resource, jobs: trio.MemoryReceiveChannel["_Submitted"]) -> None:
        """Wait for page after page to be on the disk, and tell; cancelled, none of them runs any more."""
        try:
            async for waiting in jobs:
                stored = await self.store.database.result(waiting.job)
                self._tell(resource, waiting.mapped, stored)
        finally:
            with suppress(trio.WouldBlock, trio.EndOfChannel):
                while True:
                    await self.store.database.abandon(jobs.receive_nowait().job)
            jobs.close()

    def _tell(self, resource: Resource, mapped: MappedPage, stored: Stored) -> None:
        totals = [(t, y.created, y.updated, y.unchanged) for t, y in stored.page.tallies.items()]
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
        for data_type, problem in stored.ended.items():
            self._finished(data_type, "MapError" if problem else "Complete", problem)

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

    async def _fail(self, data_types: Sequence[DataType], error: TallystickError) -> None:
        status = status_of(error)
        failed = [t for t in data_types if t in self.datasets and t not in self.ended]
        now = self.clock()
        for data_type in failed:
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

    async def _move(self, resource: Resource, status: DatasetStatus, *, progress: int) -> None:
        for data_type in self._pages.asked(resource):
            await self.store.write(datasets.move, self.datasets[data_type].id, status, progress=progress)

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
            )
        )


def plan(resources: Sequence[Resource], asked: Mapping[DataType, object]) -> list[Resource]:
    """The resources that give one of the data types, each after those that it needs."""
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
