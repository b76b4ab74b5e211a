"""One sync: fetch, map and commit, page after page, of each resource that was asked for.

    client.pages ──(channel of one)── map ──► database writer (groups pages of all syncs)

A page is fetched while the one before is mapped and others are being committed; at most
`pages_in_flight` of them exist at once, so a slow disk slows the fetching. A cursor moves in the
transaction that stores its page, so a crash costs the pages in flight and nothing else.
"""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import msgspec
import trio
from attrs import define, evolve, field, frozen

from tallystick.connectors import Books, Calls, Connector, Issue, Page, Resource
from tallystick.engine.events import DatasetFinished, PageRefused, PageStored
from tallystick.engine.failure import status_of
from tallystick.errors import (
    NeedsReauthorisation,
    PageOutOfOrder,
    PageUnreadable,
    ProviderUnavailable,
    TallystickError,
)
from tallystick.standard import (
    Account,
    CompanyInfo,
    DatasetStatus,
    DataType,
    StandardRecord,
    encode,
)
from tallystick.store import (
    Cursor,
    Dataset,
    Job,
    NewPage,
    NewRecord,
    Store,
    StoredIssue,
    StoredPage,
    Tally,
    content_hash,
    cursors,
    datasets,
    issues,
    outbox,
    pages,
    records,
)
from tallystick.store import connections as connection_rows
from tallystick.store.instants import maybe_micros
from tallystick.telemetry import Telemetry

#: Records mapped between two looks at the loop: about 2 ms, so that requests hardly notice a sync.
_RECORDS_A_TURN = 50


@frozen(kw_only=True)
class _Mapped:
    """A page ready to be stored."""

    page: Page
    records: list[NewRecord]
    issues: list[Issue]
    base_currency: str | None


@frozen
class _Submitted:
    """A page that is in line to be stored."""

    mapped: _Mapped
    job: Job[StoredPage]


@define(eq=False, kw_only=True)
class SyncRun:
    """One run over some data types of one connection. `run` may be cancelled at any moment."""

    client_id: str
    connection: connection_rows.ConnectionRow
    connector: Connector
    calls: Calls
    store: Store
    telemetry: Telemetry
    clock: Callable[[], datetime]
    pages_in_flight: int
    stall_s: float  #: seconds without a page after which a reading is given up
    datasets: Mapping[DataType, Dataset]
    ended: dict[DataType, DatasetStatus] = field(factory=dict)
    _books: Books = field(factory=Books)

    async def run(self) -> None:
        """Read every resource that gives one of the data types, in the manifest's order.

        A resource that fails ends its datasets with the reason and the next one is read; when the
        consent is gone all that is left ends so.
        """
        self._books = await self._known_books()
        for resource in plan(self.connector.manifest.resources, self.datasets):
            try:
                await self._read(resource)
            except TallystickError as error:
                await self._fail(resource.data_types, error)
                if isinstance(error, NeedsReauthorisation):
                    await self._fail(tuple(self.datasets), error)
                    raise

    async def _known_books(self) -> Books:
        """What earlier syncs told of the company; this one adds to it as it reads."""
        accounts = await self.store.read(
            records.all_bodies, connection_number=self.connection.number, data_type="chartOfAccounts"
        )
        return Books(
            base_currency=self.connection.base_currency,
            today=self.clock().date(),
            account_ids=dict(filter(None, map(_code_and_id, map(_ACCOUNT.decode, accounts)))),
        )

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
                    mapped = await self._map(resource, page)
                except PageUnreadable as error:
                    await self._refuse(resource, error)
                    return error
                except TallystickError as error:
                    return error
                before, cursor = cursor, self._next(cursor, page)
                job = await self.store.database.submit(
                    partial(self._store, resource, mapped, before, cursor),
                    rows=len(mapped.records),
                    linger=page.next is not None,
                )
                try:
                    await committing.send(_Submitted(mapped, job))
                except trio.Cancelled:
                    await self.store.database.abandon(job)
                    raise
        return None

    async def _map(self, resource: Resource, page: Page) -> _Mapped:
        """Turn a page's rows into records, looking at the loop every now and then."""
        found: list[NewRecord] = []
        doubts: list[Issue] = []
        currency: str | None = None
        codes: dict[str, str] = {}
        try:
            rows = self.connector.mapper.split(resource, page.raw)
        except PageUnreadable as error:
            raise PageUnreadable(
                platform=error.platform, resource=error.resource, reason=error.reason, raw=page.raw
            ) from error
        for start in range(0, len(rows), _RECORDS_A_TURN):
            for place, row in enumerate(rows[start : start + _RECORDS_A_TURN], start):
                for record in self._records(resource, row, doubts):
                    found.append(_new_record(record, place))
                    if isinstance(record, CompanyInfo):
                        currency = record.baseCurrency
                        self._books = evolve(self._books, base_currency=currency)
                    elif isinstance(record, Account):
                        codes.update(filter(None, [_code_and_id(record)]))
            await trio.lowlevel.checkpoint()
        if codes:
            self._books = evolve(self._books, account_ids={**self._books.account_ids, **codes})
        return _Mapped(page=page, records=found, issues=doubts, base_currency=currency)

    def _records(self, resource: Resource, row: msgspec.Raw, doubts: list[Issue]) -> Sequence[StandardRecord]:
        return self.connector.mapper.records(resource, row, self._books, doubts)

    def _next(self, cursor: Cursor, page: Page) -> Cursor:
        """The cursor that holds once this page is stored.

        The next reading begins where this one *began*, by the provider's clock, less an overlap; never
        at the newest record seen, which may lie in the future or hide others of the same second.
        """
        started = cursor.started or min(page.provider_time or self.clock(), self.clock())
        if page.next is not None:
            return evolve(cursor, started=started, next=page.next)
        overlap = timedelta(seconds=self.connector.manifest.overlap_s)
        return Cursor(since=started - overlap, started=None, next=None)

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

    def _tell(self, resource: Resource, mapped: _Mapped, stored: StoredPage) -> None:
        rejected = sum(issue.severity == "rejected" for issue in mapped.issues)
        totals = [(t, y.created, y.updated, y.unchanged) for t, y in stored.tallies.items()]
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
                rejected=rejected,
                by_type=tuple(totals),
            )
        )
        if mapped.page.next is None:
            for data_type in self._asked(resource):
                self._finished(data_type, "Complete", None)

    def _store(
        self, resource: Resource, mapped: _Mapped, before: Cursor, cursor: Cursor, connection: object
    ) -> StoredPage:
        """Everything that a page changes, in the writer's transaction.

        Raises: `PageOutOfOrder` when the cursor is not where this page begins.
        """
        now = self.clock()
        number = self.connection.number
        if cursors.load(connection, number, resource.name) != before:
            raise PageOutOfOrder(resource=resource.name)
        page = NewPage(
            connection=number,
            resource=resource.name,
            fetched_at=now,
            raw=mapped.page.raw,
            records=mapped.records,
            mapping=self.connector.mapping_version,
        )
        stored = pages.store_page(connection, page, now)
        if mapped.base_currency is not None:
            connection_rows.note_base_currency(connection, number, mapped.base_currency)
        for data_type in self._asked(resource):
            self._count(connection, resource, data_type, stored, mapped)
            if cursor.next is None:
                self._complete(connection, data_type, now)
        cursors.save(connection, number, resource.name, cursor)
        return stored

    def _count(
        self,
        connection: object,
        resource: Resource,
        data_type: DataType,
        stored: StoredPage,
        mapped: _Mapped,
    ) -> None:
        dataset = self.datasets[data_type]
        # A row that no record came of is the first data type's of its resource, unless it says otherwise.
        mine = [i for i in mapped.issues if (i.data_type or resource.data_types[0]) == data_type]
        rejected = sum(issue.severity == "rejected" for issue in mine)
        datasets.count(connection, dataset.id, stored.tallies.get(data_type, Tally()), rejected=rejected)
        if mine:
            issues.save(
                connection,
                number=self.connection.number,
                dataset_id=dataset.id,
                page=stored.raw_page,
                found=[
                    StoredIssue(
                        severity=issue.severity,
                        path=issue.path,
                        message=issue.message,
                        data_type=issue.data_type,
                        record_id=issue.record_id,
                    )
                    for issue in mine
                ],
            )

    def _complete(self, connection: object, data_type: DataType, now: datetime) -> None:
        dataset = self.datasets[data_type]
        datasets.move(connection, dataset.id, "Complete", progress=100, at=now)
        outbox.add(
            connection,
            "read.completed",
            company_id=self.connection.company_id,
            connection_id=self.connection.id,
            body={"datasetId": dataset.id, "dataType": data_type, "status": "Complete"},
            now=now,
        )

    async def _refuse(self, resource: Resource, error: PageUnreadable) -> None:
        """Keep an answer that cannot be read, for the connector's author."""
        page = NewPage(
            connection=self.connection.number,
            resource=resource.name,
            fetched_at=self.clock(),
            raw=error.raw,
            records=(),
            mapping=self.connector.mapping_version,
        )
        await self.store.write(pages.keep_raw, page, problem=error.reason)
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
        for data_type in self._asked(resource):
            await self.store.write(datasets.move, self.datasets[data_type].id, status, progress=progress)

    def _asked(self, resource: Resource) -> list[DataType]:
        return [t for t in resource.data_types if t in self.datasets]

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


class _CodedAccount(msgspec.Struct):
    id: str
    nominalCode: str | None = None  # noqa: N815 - the API's own spelling


_ACCOUNT: Final = msgspec.json.Decoder(_CodedAccount)


def _code_and_id(account: Account | _CodedAccount) -> tuple[str, str] | None:
    """How documents may name an account, and the id that it has."""
    return (account.nominalCode, account.id) if account.nominalCode and account.id else None


def plan(resources: Sequence[Resource], asked: Mapping[DataType, object]) -> list[Resource]:
    """The resources that give one of the data types, each after those that it needs."""
    return [r for r in resources if any(t in asked for t in r.data_types)]


def together(resources: Sequence[Resource], asked: Sequence[DataType]) -> list[DataType]:
    """The data types asked for and those that come with them from the same resource, in reading order.

    A cursor is a resource's: what shares it is read, stored and reported together.
    """
    wanted = [r for r in resources if any(t in asked for t in r.data_types)]
    return list(dict.fromkeys(t for r in wanted for t in r.data_types))


def _new_record(record: StandardRecord, place: int) -> NewRecord:
    content = encode(record)
    return NewRecord(
        data_type=record.DATA_TYPE,
        id=record.id or record.DATA_TYPE,
        content=content,
        hash=content_hash(content),
        source_modified_at=maybe_micros(record.sourceModifiedDate),
        status=getattr(record, "status", None),
        deleted=record.metadata.isDeleted,
        place=place,
    )


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
