"""The two ways in which SQL reaches a file: threads of its own, or inline on the loop's thread.

Threads are for production: a slow disk never holds the loop. Inline is for deterministic simulation,
since trio's virtual clock does not wait for threads.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

import trio
from attrs import define, field

from tallystick.store.sqlcipher import SqliteConnection, TrioConnection, connect

T = TypeVar("T")
Work = Callable[[SqliteConnection], T]


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
    """One writing connection and a few reading ones, each on a thread of its own."""

    _writer: TrioConnection
    _readers: tuple[TrioConnection, ...]
    _idle: list[TrioConnection] = field(init=False)
    _free: trio.CapacityLimiter = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._idle = list(self._readers)
        self._free = trio.CapacityLimiter(len(self._readers))

    @classmethod
    async def open(cls, path: Path, key: bytes, *, readers: int = 1) -> "ThreadedDriver":
        """Raises: `StoreUnusable`."""
        writer = await _opened(lambda: connect(path, key))
        opened: list[TrioConnection] = []
        try:
            while len(opened) < readers:
                opened.append(await _opened(lambda: connect(path, key, reader=True, cache_kib=2000)))
        except BaseException:
            for connection in (*opened, writer):
                await connection.close()
            raise
        return cls(writer, tuple(opened))

    async def write(self, work: Work[T]) -> T:
        """One hop to the writing thread."""
        return await self._writer.run(work)

    async def read(self, work: Work[T]) -> T:
        """One hop to a reading thread, after those that came before."""
        async with self._free:
            connection = self._idle.pop()
            try:
                return await connection.run(work)
            finally:
                self._idle.append(connection)

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
