"""One database: many readers, one writer that puts several jobs into one transaction.

A job is a plain function of a connection. Jobs that may linger (pages of a sync) wait a moment for
company, since a commit costs more than what is in it; a job that may not (an API call, a sync's last
page) takes everything queued along at once. A job that raises is rolled back alone; the others stay.
"""

import math
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from typing import Any, Generic, TypeVar

import trio
from attrs import define, field, frozen
from outcome import Error, Outcome, Value
from sqlcipher3 import dbapi2 as sqlite

from tallystick.errors import StoreUnusable
from tallystick.store.drivers import Driver, Work
from tallystick.store.sqlcipher import SqliteConnection
from tallystick.telemetry import Telemetry

T = TypeVar("T")


@frozen(kw_only=True)
class GroupCommitted:
    """One transaction reached the disk."""

    database: str  #: `control` or `client`
    jobs: int
    rows: int
    seconds: float


@frozen(kw_only=True)
class CommitFailed:
    """A whole transaction was rolled back: disk full, I/O error."""

    database: str
    jobs: int
    reason: str


@frozen(kw_only=True)
class CommitLimits:
    """When a group is full, and how long it waits to become so."""

    jobs: int = 5
    rows: int = 2500
    linger_s: float = 0.25


@define(eq=False)
class Job(Generic[T]):
    """A writing function in line; only `Database` looks inside."""

    work: Work[T]
    rows: int
    linger: bool
    state: str = "queued"  #: queued, taken, dropped
    ended: trio.Event = field(factory=trio.Event)
    outcome: Outcome[T] | None = None

    def end(self, result: Outcome[T]) -> None:
        """Hand the outcome to whoever waits."""
        self.outcome = result
        self.forget()
        self.ended.set()

    def forget(self) -> None:
        """Let the function go, and the page in it: who still refers to the job must not keep both alive."""
        self.work = _over


@define(eq=False)
class Database:
    """Reads and grouped writes over a driver. `run` must be running for writes to move."""

    kind: str  #: `control` or `client`: for events
    driver: Driver
    telemetry: Telemetry
    limits: CommitLimits = field(factory=CommitLimits)
    turn: Callable[[], AbstractAsyncContextManager[None]] = nullcontext
    """Held for each transaction: how databases share the disk and the processor."""
    commits: int = 0  #: transactions since the database was opened
    _committed: trio.Condition = field(factory=trio.Condition)
    _ended: trio.Event = field(factory=trio.Event)
    _send: trio.MemorySendChannel[Job[Any]] = field(init=False)
    _receive: trio.MemoryReceiveChannel[Job[Any]] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._send, self._receive = trio.open_memory_channel(2 * self.limits.jobs)

    async def read(self, work: Work[T]) -> T:
        """Run a reading function. Cancellation interrupts it.

        Raises: `StoreUnusable` for a disk that fails.
        """
        try:
            return await self.driver.read(work)
        except sqlite.OperationalError as error:
            raise StoreUnusable(message=f"reading failed: {error}") from error

    async def write(self, work: Work[T], *, rows: int = 1, linger: bool = False) -> T:
        """Run a writing function inside the next transaction and return when that is on the disk.

        Waits while the queue is full: that wait is the backpressure that slows fetching down.
        Cancelled before its transaction began, it never runs; afterwards it ends as the transaction does.
        """
        return await self.result(await self.submit(work, rows=rows, linger=linger))

    async def submit(self, work: Work[T], *, rows: int = 1, linger: bool = False) -> "Job[T]":
        """Put a writing function in line, waiting for room; `result` waits for its end.

        Jobs run in the order in which `submit` returned.
        """
        job = Job(work, rows, linger)
        try:
            await self._send.send(job)
        except trio.BrokenResourceError as error:
            raise _stopped() from error
        return job

    async def result(self, job: "Job[T]") -> T:
        """What a submitted function returned, once it is on the disk; or its error."""
        try:
            await job.ended.wait()
        except trio.Cancelled:
            await self.abandon(job)
            if not isinstance(job.outcome, Value):
                raise
        assert job.outcome is not None
        return job.outcome.unwrap()

    async def abandon(self, job: "Job[Any]") -> None:
        """Drop a job that has not begun; wait for one that has. Afterwards it will not run any more."""
        if job.state == "queued":
            job.state = "dropped"
            job.forget()
        elif job.state == "taken":
            with trio.CancelScope(shield=True):
                await job.ended.wait()

    async def wait_for_commit(self, after: int) -> int:
        """Return the number of commits as soon as it is above `after`: the changes feed."""
        async with self._committed:
            while self.commits <= after:
                await self._committed.wait()
            return self.commits

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """The writer: one transaction after the other until `finish` and an empty queue.

        Only `finish` ends it: whoever is stopping, cancelled or not, may still have something to write.
        """
        task_status.started()
        try:
            with trio.CancelScope(shield=True):
                while True:
                    try:
                        first = await self._receive.receive()
                    except trio.EndOfChannel:
                        return
                    group = await self._group(first)
                    async with self.turn():  # until then a job that nobody waits for any more may be dropped
                        await self._commit(group)
        finally:
            self._refuse_all()
            self._ended.set()

    async def finish(self) -> None:
        """Take no more writes, and return when what is queued is on the disk."""
        self._send.close()
        await self._ended.wait()

    def _refuse_all(self) -> None:
        """Nothing takes jobs any more: whoever has one in line hears so instead of waiting for ever."""
        with suppress(trio.WouldBlock, trio.EndOfChannel):
            while True:
                self._receive.receive_nowait().end(Error(_stopped()))
        self._receive.close()

    async def _group(self, first: Job[Any]) -> list[Job[Any]]:
        group = [first]
        rows = first.rows
        patience = trio.current_time() + self.limits.linger_s
        while len(group) < self.limits.jobs and rows < self.limits.rows:
            deadline = patience if all(job.linger for job in group) else -math.inf
            with trio.move_on_at(deadline):
                try:
                    job = self._receive.receive_nowait()
                except trio.WouldBlock:
                    try:
                        job = await self._receive.receive()
                    except trio.EndOfChannel:
                        break
                except trio.EndOfChannel:
                    break
                group.append(job)
                rows += job.rows
                continue
            break
        return group

    async def _commit(self, group: list[Job[Any]]) -> None:
        jobs = [job for job in group if job.state == "queued"]
        for job in jobs:
            job.state = "taken"
        if not jobs:
            return
        started = time.perf_counter()
        try:
            with trio.CancelScope(shield=True):
                results = await self.driver.write(
                    lambda connection: _transaction(connection, jobs, self.telemetry)
                )
        except Exception as error:  # noqa: BLE001 - handed to every caller, none of it is swallowed
            self.telemetry.emit(CommitFailed(database=self.kind, jobs=len(jobs), reason=type(error).__name__))
            for job in jobs:
                job.end(Error(_told(error)))
            return
        except BaseException:  # who waits for a transaction that has begun waits shielded
            for job in jobs:
                job.end(Error(_stopped()))
            raise
        rows = sum(job.rows for job in jobs)
        self.commits += 1
        for job, result in zip(jobs, results, strict=True):
            job.end(result)
        self.telemetry.emit(
            GroupCommitted(
                database=self.kind,
                jobs=len(jobs),
                rows=rows,
                seconds=time.perf_counter() - started,
            )
        )
        async with self._committed:
            self._committed.notify_all()


def _over(_: SqliteConnection) -> Any:
    raise AssertionError("a job runs once")


def _told(error: Exception) -> Exception:
    """A fresh error for each caller: one object raised in several tasks would mix their tracebacks."""
    told = StoreUnusable(message=f"the transaction was rolled back: {error}")
    told.__cause__ = error
    return told


def _stopped() -> Exception:
    return StoreUnusable(message="its writer has stopped")


def _transaction(
    connection: SqliteConnection, jobs: list[Job[Any]], telemetry: Telemetry
) -> list[Outcome[Any]]:
    connection.execute("begin immediate")
    try:
        telemetry.point("commit.begun")
        results = [_savepoint(connection, job.work) for job in jobs]
        telemetry.point("commit.ready")
        connection.execute("commit")
    except BaseException:
        if connection.in_transaction:
            connection.execute("rollback")
        raise
    telemetry.point("commit.done")
    return results


def _savepoint(connection: SqliteConnection, work: Callable[[SqliteConnection], T]) -> Outcome[T]:
    connection.execute("savepoint job")
    try:
        result = work(connection)
    except Exception as error:
        if not connection.in_transaction:
            raise  # SQLite has rolled everything back (disk full, I/O error): no job of the group stands
        connection.execute("rollback to job")
        connection.execute("release job")
        # A disk that is full often ends one statement only: it is no bug of the job's that hits it.
        return Error(_told(error) if isinstance(error, sqlite.OperationalError) else error)
    connection.execute("release job")
    return Value(result)
