"""Opens one encrypted SQLite file, and drives it from trio through aiosqlite's own thread.

aiosqlite speaks to asyncio. Its thread and its queue are good as they are, so this subclass replaces
only the three private methods that touch an asyncio loop (`_execute`, `_connect`, `stop`/`close`). The
version is pinned, and tests/store/test_sqlcipher.py holds what is relied on. Measured against
trio-asyncio: reads cost 40 % of it, and a cancelled write is rolled back instead of left open.
"""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite
import aiosqlite.core
import outcome
import trio
from sqlcipher3 import dbapi2 as sqlite

from tallystick.errors import StoreUnusable

T = TypeVar("T")
SqliteConnection = Any  #: `sqlcipher3.dbapi2.Connection`, which has no type information

#: Fixed when a file is made. Rows of 2 KB fill 8 KiB pages well: half the bytes and two thirds of the
#: time of 4 KiB ones, which SQLCipher's reserve would leave at one row a page.
PAGE_BYTES = 8192
#: What authenticates each page; also fixed when a file is made. Processors have instructions for SHA-256 and
#: none for SQLCipher's default, SHA-512: a third off what a commit costs, and a forged page shows as before.
PAGE_HMAC = "HMAC_SHA256"
EARLIER_HMAC = "HMAC_SHA512"  #: of files that were made before that
#: Pages of the write-ahead log before it is copied back: more of what is written twice is written once.
CHECKPOINT_PAGES = 8000
BUSY_MS = 5000


def connect(path: Path, key: bytes, *, reader: bool = False, cache_kib: int = 8000) -> SqliteConnection:
    """Open the file on the calling thread, with every pragma that the store relies on.

    `key`: 32 bytes, used as they are (no derivation: it is random, not a passphrase).
    Raises: `StoreUnusable` when the key does not open the file or the file is no database.
    """
    if not path.exists():
        path.touch(mode=0o600)  # SQLite gives its journal files the mode of the database
    connection = _unlocked(path, key)
    try:
        for pragma in (
            "journal_mode = wal",
            "synchronous = full",
            "foreign_keys = on",
            "trusted_schema = off",
            "cell_size_check = on",
            "temp_store = memory",
            f"busy_timeout = {BUSY_MS}",
            f"cache_size = -{cache_kib}",
            f"wal_autocheckpoint = {CHECKPOINT_PAGES}",
            *(("query_only = on",) if reader else ()),
        ):
            connection.execute(f"pragma {pragma}")
    except sqlite.DatabaseError as error:
        connection.close()
        raise StoreUnusable(
            message=f"{path.name} does not open: the key is not this file's, or the file is damaged ({error})"
        ) from error
    return connection


def _unlocked(path: Path, key: bytes) -> SqliteConnection:
    """The file, opened with its key. Raises: `StoreUnusable`."""
    problem: Exception | None = None
    for algorithm in (PAGE_HMAC, EARLIER_HMAC):
        connection = sqlite.connect(
            str(path), isolation_level=None, check_same_thread=False, cached_statements=256
        )
        try:
            # Its errors are raised; told on stderr too, each file of the earlier kind would look broken.
            connection.execute("pragma cipher_log_level = none")
            connection.execute(f"pragma key = \"x'{key.hex()}'\"")
            connection.execute(f"pragma cipher_page_size = {PAGE_BYTES}")
            connection.execute(f"pragma cipher_hmac_algorithm = {algorithm}")
            connection.execute("select count(*) from sqlite_schema").fetchone()
        except sqlite.DatabaseError as error:
            connection.close()
            problem = error
        else:
            return connection
    raise StoreUnusable(
        message=f"{path.name} does not open: the key is not this file's, or the file is damaged ({problem})"
    ) from problem


@contextmanager
def snapshot(connection: SqliteConnection) -> Generator[None, None, None]:
    """What is read within is one state of the database, whatever is committed meanwhile."""
    connection.execute("begin")
    try:
        yield
    finally:
        if connection.in_transaction:
            connection.execute("rollback")


class _Reply:
    """The part of `asyncio.Future` that aiosqlite's thread calls, for one waiting trio task."""

    def __init__(self) -> None:
        self.token = trio.lowlevel.current_trio_token()
        self.task = trio.lowlevel.current_task()
        self.outcome: outcome.Outcome[Any] | None = None

    def get_loop(self) -> "_Reply":
        return self

    def call_soon_threadsafe(self, call: Callable[..., None], *arguments: Any) -> None:
        with suppress(trio.RunFinishedError):  # nobody waits any more: the thread goes on to its end
            self.token.run_sync_soon(call, *arguments)

    def done(self) -> bool:
        return self.outcome is not None

    def set_result(self, value: Any) -> None:
        self.outcome = outcome.Value(value)
        trio.lowlevel.reschedule(self.task)

    def set_exception(self, error: BaseException) -> None:
        self.outcome = outcome.Error(error)
        trio.lowlevel.reschedule(self.task)


class TrioConnection(aiosqlite.Connection):
    """An aiosqlite connection that a trio task awaits.

    Cancelled while its call is queued: the call never runs. Cancelled while it runs: SQLite is
    interrupted, the call fails and rolls back; only a call that ended well nevertheless is kept.
    """

    def __init__(self, connector: Callable[[], SqliteConnection]) -> None:
        super().__init__(connector, iter_chunk_size=64)
        self._thread.name = "tallystick-store"
        self._lock = threading.Lock()

    async def run(self, work: Callable[..., T], *arguments: Any) -> T:
        """Call `work(connection, *arguments)` on the connection's thread, in one hop."""
        if not self._running or self._connection is None:
            raise ValueError("the connection is closed")
        return await self._hop(partial(work, self._connection, *arguments))

    async def _hop(self, call: Callable[[], T]) -> T:
        reply = _Reply()
        state = "queued"
        give_up: Callable[[], Any] | None = None

        def job() -> T | None:
            nonlocal state
            with self._lock:
                if state == "dropped":
                    return None
                state = "running"
            try:
                return call()
            finally:
                with self._lock:
                    state = "ended"

        def abort(raise_cancel: Callable[[], Any]) -> trio.lowlevel.Abort:
            nonlocal state, give_up
            give_up = raise_cancel
            with self._lock:  # so that the interrupt never meets the next job
                if state == "running" and self._connection is not None:
                    self._connection.interrupt()
                elif state == "queued":
                    state = "dropped"
            return trio.lowlevel.Abort.FAILED

        self._tx.put_nowait((reply, job))  # type: ignore[arg-type]
        await trio.lowlevel.wait_task_rescheduled(abort)
        assert reply.outcome is not None
        if give_up is not None and (state == "dropped" or isinstance(reply.outcome, outcome.Error)):
            give_up()
        return reply.outcome.unwrap()  # type: ignore[no-any-return]

    async def _execute(self, fn: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        if not self._running or self._connection is None:
            raise ValueError("the connection is closed")
        return await self._hop(partial(fn, *args, **kwargs))

    async def _connect(self) -> "TrioConnection":
        if self._connection is None:
            try:
                with trio.CancelScope(shield=True):
                    self._connection = await self._hop(self._connector)
            except BaseException:
                await self.close()
                raise
        return self

    def stop(self) -> None:
        """Let the thread close the connection and end, after what is queued."""
        self._running = False

        def end() -> object:
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close()
            return aiosqlite.core._STOP_RUNNING_SENTINEL

        self._tx.put_nowait((None, end))

    async def close(self) -> None:
        """Close and join the thread: a thread that outlives the interpreter may crash it."""
        if self._running:
            self.stop()
        with trio.CancelScope(shield=True):
            await trio.to_thread.run_sync(self._thread.join)
