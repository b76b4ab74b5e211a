"""All databases of an installation: control.db for good, a client's file while somebody uses it.

A client's file is opened on demand and closed when it is idle and its place is wanted: a handle costs
two threads. Opening checks the file after a crash and brings its schema up to date.
"""

from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

import trio
from attrs import define, field, frozen
from sqlcipher3 import dbapi2 as sqlite

from tallystick.actors import FairQueue, Flow
from tallystick.config import StoreSettings
from tallystick.errors import StoreUnusable
from tallystick.store import control, migrations
from tallystick.store.connections import all_of_client, holding
from tallystick.store.database import CommitLimits, Database
from tallystick.store.drivers import Driver, InlineDriver, ThreadedDriver
from tallystick.store.folder import DataFolder
from tallystick.store.instants import Clock
from tallystick.store.sqlcipher import SqliteConnection
from tallystick.store.vault import Vault, new_key
from tallystick.telemetry import Telemetry

T = TypeVar("T")
P = ParamSpec("P")


#: How long a file that was found damaged is not checked again: the check reads all of it.
_DAMAGED_S: Final = 30.0


#: SQLite's primary result codes for a page that is not what was written.
_DAMAGE: Final = frozenset({sqlite.SQLITE_CORRUPT, sqlite.SQLITE_NOTADB})


@frozen(kw_only=True)
class ClientOpened:
    """A client's file was opened; `checked` when its last user had crashed."""

    client_id: str
    checked: bool
    schema_version: int


@define(eq=False)
class Store:
    """One open database with the vault that seals secrets inside it."""

    database: Database
    vault: Vault

    async def read(
        self, work: Callable[Concatenate[SqliteConnection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a reading function of `store`'s modules. Raises: `StoreUnusable`: it cannot be read."""
        with _damage_told():
            return await self.database.read(lambda connection: work(connection, *args, **kwargs))

    async def write(
        self, work: Callable[Concatenate[SqliteConnection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a writing function of `store`'s modules in a transaction, at once.

        Raises: `StoreUnusable` when the file cannot be written; then nothing of it is.
        """
        with _damage_told():
            return await self.database.write(lambda connection: work(connection, *args, **kwargs))


@contextmanager
def _damage_told() -> Generator[None]:
    """A damaged page is no bug of the statement that meets it. Raises: `StoreUnusable`."""
    try:
        yield
    except sqlite.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGE:
            raise StoreUnusable(
                message=f"the file is damaged ({error}): follow runbooks/DatabaseCorrupt.md"
            ) from error
        raise


@define(eq=False)
class _Open:
    """A client's store, or what stands in its place while it is being opened."""

    ready: trio.Event = field(factory=trio.Event)
    store: Store | None = None
    users: int = 0
    last_used: float = 0.0


@define(eq=False)
class Stores:
    """Opens, lends and closes databases. Made by `open_stores`."""

    folder: DataFolder
    telemetry: Telemetry
    clock: Clock
    tasks: trio.Nursery = field(repr=False)  #: where the writers run
    limits: CommitLimits = field(factory=CommitLimits)
    open_limit: int = 64
    readers: int = 1
    inline: bool = False  #: no threads: for simulation
    writer_turns: FairQueue | None = None  #: for transactions of client files; None: each when it likes
    control: Store = field(init=False)
    _open: dict[str, _Open] = field(factory=dict)
    _damaged: dict[Path, tuple[str, float]] = field(factory=dict)  #: what is wrong, and until when to say so
    _idle: trio.Condition = field(factory=trio.Condition)

    async def start(self) -> None:
        """Open and migrate control.db. Raises: `StoreUnusable`."""
        key = self.folder.control_key
        self.control = await self._open_database("control", self.folder.path / "control.db", key)

    @asynccontextmanager
    async def client(self, client_id: str) -> AsyncGenerator[Store, None]:
        """Lend a client's store; it stays open at least as long as somebody has it.

        Raises: `KeyError` for no such client, `StoreUnusable` when its file does not open.
        """
        entry = await self._borrow(client_id)
        try:
            assert entry.store is not None
            yield entry.store
        finally:
            entry.users -= 1
            entry.last_used = trio.current_time()
            with trio.CancelScope(shield=True):
                async with self._idle:
                    self._idle.notify_all()

    def sealed_client_key(self, client_id: str) -> bytes:
        """A new data key for a client's file, wrapped for that client."""
        return self.folder.kek.seal(new_key(), f"client {client_id}")

    async def aclose(self) -> None:
        """Commit what is queued, close every file in order and let the folder go."""
        with trio.CancelScope(shield=True):
            async with AsyncExitStack() as closing:  # one that fails to close keeps no other one open
                closing.callback(self.folder.close)
                closing.push_async_callback(self._shut, self.control)
                for client_id, entry in self._open.items():
                    closing.push_async_callback(self._close_once_open, client_id, entry)

    @property
    def open_clients(self) -> int:
        """How many client files are open."""
        return len(self._open)

    async def _borrow(self, client_id: str) -> _Open:
        while True:
            entry = self._open.get(client_id)
            if entry is None:
                await self._make_room(client_id)
                continue
            entry.users += 1
            try:
                await entry.ready.wait()
            except trio.Cancelled:
                entry.users -= 1
                raise
            if entry.store is not None:
                return entry
            entry.users -= 1  # opening it failed, or it has just been closed: begin again

    async def _make_room(self, client_id: str) -> None:
        """Open the file if there is a place for it; else close an idle one, or wait for one to be idle."""
        async with self._idle:  # held while looking, so that no file becomes idle unseen
            while len(self._open) >= self.open_limit and client_id not in self._open:
                if self._idle_client() is not None:
                    break
                await self._idle.wait()
        if client_id in self._open:
            return
        if len(self._open) < self.open_limit:
            await self._open_client(client_id)
            return
        idle = self._idle_client()
        if idle is not None:
            await self._close(idle, self._open[idle])

    async def _open_client(self, client_id: str) -> None:
        entry = self._open[client_id] = _Open()
        try:
            row = await self.control.read(control.find_client, client_id)
            if row is None:
                raise KeyError(client_id)
            key = self.folder.kek.open(row.sealed_key, f"client {client_id}")
            clean = await self.control.read(control.closed_cleanly, client_id)
            store = await self._open_database(
                "client", self.folder.client_file(client_id), key, client_id=client_id, check=not clean
            )
            try:
                version = await self._note_open(client_id, store, clean=clean)
            except BaseException:
                with trio.CancelScope(shield=True):
                    await self._shut(store)
                raise
            entry.store = store
            self.telemetry.emit(ClientOpened(client_id=client_id, checked=not clean, schema_version=version))
        finally:
            if entry.store is None:
                del self._open[client_id]
            entry.ready.set()

    async def _note_open(self, client_id: str, store: Store, *, clean: bool) -> int:
        version = await store.read(migrations.version)
        await self.control.write(
            control.note_client_file, client_id, schema_version=version, clean_close=False
        )
        if not clean:  # the directory may be behind the file: the file is right
            rows, held = await store.read(all_of_client), await store.read(holding)
            await self.control.write(control.rebuild_directory, client_id, rows, held)
        return version

    async def _open_database(
        self,
        kind: migrations.Kind,
        path: Path,
        key: bytes,
        *,
        client_id: str | None = None,
        check: bool = False,
    ) -> Store:
        try:
            driver = await self._open_driver(kind, path, key, check=check)
        except (OSError, sqlite.OperationalError) as error:  # no descriptors left, or no disk
            raise StoreUnusable(message=f"{path.name} does not open: {error}") from error
        database = Database(kind, driver, self.telemetry, self.limits)
        if self.writer_turns is not None and client_id is not None:
            database.turn = partial(self.writer_turns.turn, Flow(client_id, ""))
        # Cancelled just now, `start` would leave the writer's task with the caller; it never ends by itself.
        with trio.CancelScope(shield=True):
            await self.tasks.start(database.run)
        return Store(database, Vault(key).derive("sealed secrets"))

    async def _open_driver(self, kind: migrations.Kind, path: Path, key: bytes, *, check: bool) -> Driver:
        driver: Driver
        problem, until = self._damaged.pop(path, ("", 0.0))
        if trio.current_time() < until:
            self._damaged[path] = problem, until
            raise StoreUnusable(message=problem)
        if self.inline:
            driver = await InlineDriver.open(path, key)
        else:
            driver = await ThreadedDriver.open(path, key, readers=self.readers)
        try:
            if check:
                await self._check(driver, path)
            await driver.write(lambda connection: migrations.migrate(connection, kind))
        except BaseException:
            with trio.CancelScope(shield=True):
                await driver.aclose()
            raise
        return driver

    async def _check(self, driver: Driver, path: Path) -> None:
        problem = await driver.write(_problem)
        if problem is not None:
            told = f"{path.name} is damaged ({problem}): follow runbooks/DatabaseCorrupt.md"
            self._damaged[path] = told, trio.current_time() + _DAMAGED_S
            raise StoreUnusable(message=told)

    def _idle_client(self) -> str | None:
        """The open client that nobody has used for longest; None when all are in use."""
        idle = [
            (entry.last_used, client_id)
            for client_id, entry in self._open.items()
            if entry.users == 0 and entry.store is not None
        ]
        return min(idle)[1] if idle else None

    async def _close_once_open(self, client_id: str, entry: _Open) -> None:
        await entry.ready.wait()
        await self._close(client_id, entry)

    async def _close(self, client_id: str, entry: _Open) -> None:
        """Close a client's file. Shielded: half closed, it would be in everybody's way for ever."""
        store, entry.store = entry.store, None
        if store is None:
            return
        entry.ready = trio.Event()  # who comes meanwhile waits, and then opens it anew
        with trio.CancelScope(shield=True):
            try:
                await self._shut(store)
                version = migrations.scripts("client")[-1][0]
                with suppress(StoreUnusable):  # without the mark the next one who opens it checks it
                    await self.control.write(
                        control.note_client_file, client_id, schema_version=version, clean_close=True
                    )
            finally:
                del self._open[client_id]
                entry.ready.set()
                async with self._idle:
                    self._idle.notify_all()

    async def _shut(self, store: Store) -> None:
        await store.database.finish()
        await store.database.driver.aclose()


def _problem(connection: SqliteConnection) -> str | None:
    """The first thing that SQLite's own check finds. Cost: reads the whole file."""
    found = [text for (text,) in connection.execute("pragma quick_check(5)").fetchall()]
    return None if found == ["ok"] else str(found[0])


@asynccontextmanager
async def open_data(
    settings: StoreSettings, kek: bytes, telemetry: Telemetry, clock: Clock, *, create: bool = False
) -> AsyncGenerator[Stores, None]:
    """The data folder of an installation, locked and opened as its settings say. Raises: `StoreUnusable`."""
    folder = DataFolder.open(settings.data, kek, create=create)
    limits = CommitLimits(jobs=settings.commit_pages, linger_s=settings.commit_linger)
    async with open_stores(
        folder,
        telemetry,
        clock,
        limits=limits,
        open_limit=settings.open_databases,
        readers=settings.readers,
    ) as stores:
        yield stores


@asynccontextmanager
async def open_stores(
    folder: DataFolder, telemetry: Telemetry, clock: Clock, **options: Any
) -> AsyncGenerator[Stores, None]:
    """All databases of an opened folder, closed in order at the end. Raises: `StoreUnusable`."""
    async with trio.open_nursery() as tasks:
        stores = Stores(folder, telemetry, clock, tasks, **options)
        try:
            await stores.start()
            yield stores
        finally:
            if hasattr(stores, "control"):
                await stores.aclose()
            else:
                folder.close()
