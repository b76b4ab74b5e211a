"""The two ways in which SQL reaches a file: threads of its own, or inline on the loop's thread.

Threads are for production: a slow disk never holds the loop. Inline is for deterministic simulation,
since trio's virtual clock does not wait for threads.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, Protocol, TypeVar

import trio
from attrs import define, field
from sqlcipher3 import dbapi2 as sqlite

from tallystick.errors import StoreUnusable
from tallystick.store.sqlcipher import SqliteConnection, TrioConnection, connect

T = TypeVar("T")
Work = Callable[[SqliteConnection], T]
#: Of a reader: what few pages need again and again; its memory is held while the file is open.
_READER_CACHE_KIB: Final = 2000


class Driver(Protocol):
    """Runs plain functions of a connection. One write at a time; reads see committed data only."""

    async def write(self, work: Work[T]) -> T:
        """Run on the one writing connection."""

    async def read(self, work: Work[T]) -> T:
        """Run on a reading connection."""

    async def aclose(self) -> None:
        """Close every connection; safe to repeat."""


async def _opened(connector: Callable[[], SqliteConnection]) -> TrioConnection:
    connection = TrioConnection(connector)
    await connection
    return connection


@define(eq=False)
class ThreadedDriver:
    """One writing connection and a few reading ones, each on a thread of its own.

    The second reader and those after it are opened when the others are busy, and stay: a filter over a whole
    list takes some 300 ms, in which a page would wait that takes one.
    """

    _writer: TrioConnection
    _open_reader: Callable[[], Awaitable[TrioConnection]]
    _free: trio.CapacityLimiter  #: of its tokens each is the right to one reader
    _readers: list[TrioConnection] = field(factory=list)
    _idle: list[TrioConnection] = field(factory=list)

    @classmethod
    async def open(cls, path: Path, key: bytes, *, readers: int = 2) -> "ThreadedDriver":
        """Raises: `StoreUnusable`."""

        def open_reader() -> Awaitable[TrioConnection]:
            return _opened(lambda: connect(path, key, reader=True, cache_kib=_READER_CACHE_KIB))

        driver = cls(await _opened(lambda: connect(path, key)), open_reader, trio.CapacityLimiter(readers))
        try:
            driver._idle.append(await driver._another())
        except BaseException:
            await driver.aclose()
            raise
        return driver

    async def write(self, work: Work[T]) -> T:
        """One hop to the writing thread."""
        return await self._writer.run(work)

    async def read(self, work: Work[T]) -> T:
        """One hop to a reading thread, after those that came before. Raises: `StoreUnusable`."""
        async with self._free:
            connection = self._idle.pop() if self._idle else await self._another()
            try:
                return await connection.run(work)
            finally:
                self._idle.append(connection)

    async def _another(self) -> TrioConnection:
        try:
            connection = await self._open_reader()
        except (OSError, sqlite.OperationalError) as error:  # no descriptors left, or no disk
            raise StoreUnusable(message=f"no further reader could be opened: {error}") from error
        self._readers.append(connection)
        return connection

    async def aclose(self) -> None:
        """Close and join every thread."""
        for connection in (*self._readers, self._writer):
            await connection.close()


@define(eq=False)
class InlineDriver:
    """One connection, used where it is called: no thread, so virtual time stays exact."""

    _connection: SqliteConnection | None

    @classmethod
    async def open(cls, path: Path, key: bytes) -> "InlineDriver":
        """Raises: `StoreUnusable`."""
        await trio.lowlevel.checkpoint()
        return cls(connect(path, key))

    async def write(self, work: Work[T]) -> T:
        """Here and now."""
        await trio.lowlevel.checkpoint()
        return work(self._connection)

    async def read(self, work: Work[T]) -> T:
        """Here and now."""
        await trio.lowlevel.checkpoint()
        return work(self._connection)

    async def aclose(self) -> None:
        """Close the connection."""
        await trio.lowlevel.checkpoint()
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
