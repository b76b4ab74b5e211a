"""One connection's remap: today's mapping over the provider's answers as they are stored. No call goes out.

    reader ──(places, by count and bytes)── map ──► database writer (groups pages)

An answer's records, its doubts and how far the remap has come are one transaction: a stop costs what was in
flight, and a further remap goes on behind that. What a sync stores meanwhile is newer, and stands.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, suppress
from functools import partial
from typing import Final

import trio
from attrs import asdict, define, field, frozen

from tallystick.connectors import Connector, Resource
from tallystick.engine.mapping import nobody_waits
from tallystick.engine.places import UNSEEN_BYTES, Place, Places
from tallystick.engine.remap_answer import AnswerMapper, Remapped
from tallystick.engine.remap_figures import Outcome, RemapFinished, RemapProgressed, RemapResult
from tallystick.errors import TallystickError
from tallystick.standard import DataType
from tallystick.store import ConnectionRow, Job, Store, remap_issues, remapping, remaps, supplemental
from tallystick.store import connections as connection_rows
from tallystick.store.instants import Clock
from tallystick.store.remap_writing import apply
from tallystick.store.remapping import Identity, Judgement, RemapTally
from tallystick.store.remaps import RawPage, RemapTask
from tallystick.store.sqlcipher import SqliteConnection, snapshot
from tallystick.store.supplemental import Digests
from tallystick.telemetry import Telemetry

_PAGES: Final = (
    16  #: between the disk and the disk: well above `store.commit_pages`, so that groups become full
)
_COMPARED_A_TURN: Final = 20  #: records compared field by field between two looks at the loop: about 2 ms
_BYTES: Final = 24 * 1024 * 1024


@frozen
class _Read:
    """A stored answer, and the place that it holds until its changes are stored."""

    page: RawPage
    place: Place


@frozen
class _Submitted:
    """An answer whose changes are in line to be stored; None where it could not be read."""

    readable: bool
    place: Place
    job: Job[Mapping[DataType, RemapTally]]


async def always_calm() -> None:
    """For a process without other work."""
    await trio.lowlevel.checkpoint_if_cancelled()


@define(eq=False, kw_only=True)
class RemapRun:
    """A remap of one connection. `run` may be cancelled at any moment; what it did by then stands."""

    client_id: str
    connection: ConnectionRow
    connector: Connector
    store: Store
    telemetry: Telemetry
    clock: Clock
    turn: Callable[[], AbstractAsyncContextManager[object]]  #: the company's share of the processor
    data_types: frozenset[DataType] | None = None  #: whose records may change; None: all
    dry_run: bool = False  #: nothing is written
    hurried: Callable[[], bool] = nobody_waits
    calm: Callable[[], Awaitable[None]] = always_calm  #: returns when the process can take more work
    result: RemapResult = field(factory=RemapResult)

    async def run(self) -> None:
        """Map every stored answer of the connection anew. Raises: `StoreUnusable`."""
        began = trio.current_time()
        outcome: Outcome = "failed"
        reason: str | None = None
        try:
            resources = self._resources()
            for resource in resources:
                found = await self.store.read(remaps.left, self._task(resource))
                self.result.pages_all += found.pages
            for resource in resources:
                await (self._look(resource) if self.dry_run else self._remap(resource))
            outcome = "ok"
        except TallystickError as error:
            reason = str(error)
            raise
        except (trio.Cancelled, BaseExceptionGroup) as error:
            if isinstance(error, trio.Cancelled) or error.split(trio.Cancelled)[1] is None:
                outcome = "cancelled"
            raise
        finally:
            self._tell_end(outcome, reason, trio.current_time() - began)

    def _resources(self) -> list[Resource]:
        """Those that give a wanted data type, each after those that it needs."""
        waiting = [r for r in self.connector.manifest.resources if self._wanted(r)]
        ordered: list[Resource] = []
        while waiting:
            names = {resource.name for resource in waiting}
            ready = next((r for r in waiting if names.isdisjoint(r.after)), waiting[0])
            waiting.remove(ready)
            ordered.append(ready)
        return ordered

    def _wanted(self, resource: Resource) -> tuple[DataType, ...]:
        return tuple(t for t in resource.data_types if self.data_types is None or t in self.data_types)

    def _task(self, resource: Resource) -> RemapTask:
        return RemapTask(
            connection=self.connection.number,
            resource=resource.name,
            mapping=self.connector.mapping_version,
            data_types=self._wanted(resource),
        )

    def _mapper(self, resource: Resource) -> AnswerMapper:
        return AnswerMapper(
            connector=self.connector,
            resource=resource,
            task=self._task(resource),
            turn=self.turn,
            hurried=self.hurried,
        )

    async def _look(self, resource: Resource) -> None:
        """A dry run of one list: judge and compare, one answer after the other."""
        task, mapper = self._task(resource), self._mapper(resource)
        await mapper.know(self.store, self.connection, self.clock)
        taken: set[Identity] = set()
        below = await self.store.read(remaps.where_to_begin, task)
        while (page := await self.store.read(remaps.next_page, task, below)) is not None:
            await self.calm()
            below = page.number
            remapped = await mapper.map(page)
            if remapped is None:
                self._note(resource, None)
                continue
            found, bodies = await self.store.read(_judged, remapped, taken)
            taken.update(found.taken)
            await self._note_differences(found, bodies)
            self._note(resource, found.tallies)

    async def _note_differences(self, found: Judgement, bodies: Mapping[int, bytes]) -> None:
        for start in range(0, len(found.updates), _COMPARED_A_TURN):
            async with self.turn():
                for record, stored in found.updates[start : start + _COMPARED_A_TURN]:
                    self.result.differences.note(
                        record.data_type, record.id, bodies[stored.number], record.content
                    )
                await trio.lowlevel.checkpoint()

    async def _remap(self, resource: Resource) -> None:
        """Map the answers of one list anew, from where an earlier remap of it was stopped."""
        task, mapper = self._task(resource), self._mapper(resource)
        await mapper.know(self.store, self.connection, self.clock)
        used = mapper.supplements.digests
        below = await self.store.write(self._begin, task, used)
        if below is None:
            return
        reading, answers = trio.open_memory_channel[_Read](1)
        submitting, jobs = trio.open_memory_channel[_Submitted](_PAGES)
        try:
            async with trio.open_nursery() as working:
                working.start_soon(self._settle, resource, jobs)
                working.start_soon(self._read, task, below, reading)
                async with submitting:
                    below = await self._submit_all(task, mapper, below, answers, submitting)
        except BaseExceptionGroup as group:
            ours, others = group.split(TallystickError)
            if ours is None or others is not None:  # cancelled meanwhile, or a crash: that goes first
                raise others or group from None
            raise ours.exceptions[0] from group
        await self.store.write(self._finish, task, below, used)

    def _begin(self, database: SqliteConnection, task: RemapTask, used: Digests) -> int | None:
        """Where to begin; None where the connection was removed meanwhile."""
        if connection_rows.find(database, self.connection.id) is None:
            return None
        its = supplemental.list_of(self.connection, task.resource, task.data_types)
        supplemental.begin_remap(database, its, used)
        return remaps.begin(database, task)

    def _finish(self, database: SqliteConnection, task: RemapTask, below: int, used: Digests) -> None:
        remaps.finish(database, task, self.connection, below, self.clock())
        its = supplemental.list_of(self.connection, task.resource, task.data_types)
        supplemental.end_remap(database, its, used)

    async def _read(self, task: RemapTask, below: int, reading: trio.MemorySendChannel[_Read]) -> None:
        """Read every answer below one, a little ahead: while one is mapped, the next one is unpacked."""
        places = Places(_PAGES, _BYTES)
        async with reading:
            while True:
                await self.calm()
                place = await places.take(UNSEEN_BYTES)
                page = await self.store.read(remaps.next_page, task, below)
                if page is None:
                    return
                place.weigh(len(page.raw))
                below = page.number
                await reading.send(_Read(page, place))
                del page, place  # a large answer must not outlive its place

    async def _submit_all(
        self,
        task: RemapTask,
        mapper: AnswerMapper,
        below: int,
        answers: trio.MemoryReceiveChannel[_Read],
        submitting: trio.MemorySendChannel[_Submitted],
    ) -> int:
        """Map answer after answer and put what it changes in line. Returns the number of the last."""
        async with answers:
            async for read in answers:
                remapped = await mapper.map(read.page)
                self.telemetry.point("page.mapped")
                work = partial(self._store, task=task, page=read.page.number, before=below, remapped=remapped)
                below = read.page.number
                rows = 1 if remapped is None else len(remapped.answer.records)
                job = await self.store.database.submit(work, rows=rows, linger=True)
                self.telemetry.point("page.submitted")
                try:
                    await submitting.send(_Submitted(remapped is not None, read.place, job))
                except trio.Cancelled:
                    await self.store.database.abandon(job)
                    raise
                del read, remapped, work, job  # a large answer must not outlive its place
        return below

    def _store(
        self,
        database: SqliteConnection,
        *,
        task: RemapTask,
        page: int,
        before: int,
        remapped: Remapped | None,
    ) -> Mapping[DataType, RemapTally]:
        """Everything that one answer changes; runs in the writer's transaction."""
        if remapped is None:
            remaps.advance(database, task, before=before, page=page, changed={})
            return {}
        answer, now = remapped.answer, self.clock()
        found = remapping.judge(database, answer)
        apply(database, answer, found, now)
        doubts = remapped.mapped.stored_issues(answer.siblings[0])
        remap_issues.renew(database, self.connection.id, answer, found, doubts)
        currency = remapped.mapped.base_currency
        if currency is not None and any(record.data_type == "company" for record, _ in found.updates):
            connection_rows.note_base_currency(database, task.connection, currency)
        changed = {t: tally.changed for t, tally in found.tallies.items() if tally.changed}
        remaps.advance(database, task, before=before, page=page, changed=changed)
        return found.tallies

    async def _settle(self, resource: Resource, jobs: trio.MemoryReceiveChannel[_Submitted]) -> None:
        """Wait for answer after answer to be on the disk, and tell; cancelled, none of them runs any more."""
        try:
            async for waiting in jobs:
                tallies = await self.store.database.result(waiting.job)
                waiting.place.release()
                self.telemetry.point("page.committed")
                self._note(resource, tallies if waiting.readable else None)
        finally:
            with suppress(trio.WouldBlock, trio.EndOfChannel):
                while True:
                    await self.store.database.abandon(jobs.receive_nowait().job)
            jobs.close()

    def _note(self, resource: Resource, tallies: Mapping[DataType, RemapTally] | None) -> None:
        """An answer is done; None where it cannot be read."""
        self.result.pages += 1
        self.result.unreadable += tallies is None
        self.result.add(tallies or {})
        total = RemapTally()
        for tally in (tallies or {}).values():
            total.add(tally)
        self.telemetry.emit(
            RemapProgressed(
                platform=self.connector.manifest.slug,
                client_id=self.client_id,
                connection_id=self.connection.id,
                resource=resource.name,
                dry_run=self.dry_run,
                pages=self.result.pages,
                pages_all=self.result.pages_all,
                seen=total.seen,
                changed=total.changed,
                unchanged=total.unchanged,
                rejected=total.rejected,
            )
        )

    def _tell_end(self, outcome: Outcome, reason: str | None, seconds: float) -> None:
        self.telemetry.emit(
            RemapFinished(
                platform=self.connector.manifest.slug,
                client_id=self.client_id,
                connection_id=self.connection.id,
                dry_run=self.dry_run,
                outcome=outcome,
                reason=reason,
                mapping=self.connector.mapping_version,
                seconds=seconds,
                pages=self.result.pages,
                unreadable=self.result.unreadable,
                **asdict(self.result.total),
            )
        )


def _judged(
    database: SqliteConnection, remapped: Remapped, taken: set[Identity]
) -> tuple[Judgement, dict[int, bytes]]:
    """A judgement, and what is stored of the records that it changes."""
    with snapshot(database):
        found = remapping.judge(database, remapped.answer, taken)
        return found, remapping.bodies(database, [stored.number for _, stored in found.updates])
