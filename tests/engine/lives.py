"""Several lives of an engine over one folder, on trio's virtual clock: what a stop or a crash leaves is found."""

import uuid
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
import trio
from attrs import define, evolve, field
from sqlcipher3 import dbapi2 as sqlite
from tests.engine.conftest import NOW, House, ScriptedAuth, ScriptedConnector

from tallystick.access import Access
from tallystick.actors import Supervisor
from tallystick.config import EngineSettings, ProviderSettings
from tallystick.engine import Engine
from tallystick.store import (
    Company,
    ConnectionRow,
    DataFolder,
    DirectoryRow,
    Refresh,
    SyncSetting,
    companies,
    control,
    new_key,
    open_stores,
    refreshes,
)
from tallystick.store import connections as connection_rows
from tallystick.telemetry import FaultPoint, Telemetry


@define(eq=False)
class RunningClock:
    """A wall clock that goes as trio's does, until somebody moves it."""

    moved: timedelta = timedelta()

    @property
    def now(self) -> datetime:
        return NOW + timedelta(seconds=trio.current_time()) + self.moved

    def __call__(self) -> datetime:
        return self.now


@define(eq=False)
class Lives:
    """A folder, its provider, and the client whose connections live there."""

    path: Path
    #: The tests' process is larger than an engine.
    settings: EngineSettings = field(factory=lambda: EngineSettings(shed_rss_mb=4_000))
    clock: RunningClock = field(factory=RunningClock)
    provider: ScriptedConnector = field(init=False)
    key: bytes = field(factory=new_key, repr=False)
    client_id: str = ""
    faults: Callable[[FaultPoint], None] | None = None

    def __attrs_post_init__(self) -> None:
        self.provider = ScriptedConnector(auth=ScriptedAuth(clock=self.clock))  # type: ignore[arg-type]

    @asynccontextmanager
    async def life(self, *events: type) -> AsyncGenerator[House, None]:
        """One life, from its start to a stop in order. What of `events` happens in it is heard."""
        telemetry = Telemetry(faults=self._passing)
        folder = DataFolder.open(self.path, self.key, create=True)
        async with (
            open_stores(folder, telemetry, self.clock, inline=True) as stores,
            httpx.AsyncClient(trust_env=False) as http,
            trio.open_nursery() as nursery,
        ):
            engine = Engine(
                stores,
                {"xero": self.provider},
                {"xero": ProviderSettings(client_id="x")},
                self.settings,
                http,
                telemetry,
                "http://127.0.0.1:8080",
            )
            # The load is that of the real machine, which has another clock.
            children = tuple(child for child in engine.children() if child.id != "load")
            tree = Supervisor("engine", telemetry, children=children)
            self.client_id = self.client_id or (await Access(stores).create_client("Acme")).id
            house = House(engine, stores, self.provider, telemetry, self.clock, self.client_id)  # type: ignore[arg-type]
            house.hear(*events)
            await nursery.start(tree.run)
            await engine.start()
            yield house
            await tree.stop()
            nursery.cancel_scope.cancel()

    def fill_the_disk(self) -> None:
        """From now on no transaction reaches the disk."""
        self.faults = _full

    def make_room(self) -> None:
        """And now they do again."""
        self.faults = None

    def _passing(self, point: FaultPoint) -> None:
        if self.faults is not None:
            self.faults(point)


def _full(point: FaultPoint) -> None:
    if point == "commit.ready":
        raise sqlite.OperationalError("database or disk is full")


@pytest.fixture
def lives(tmp_path: Path) -> Lives:
    return Lives(tmp_path / "data")


async def waiting_for_consent(house: House) -> ConnectionRow:
    """A connection of a new company, which has not given its consent yet."""
    company = Company(id=str(uuid.uuid4()), name="Amber", description=None, tags={}, created_at=NOW)
    async with house.stores.client(house.client_id) as store:
        await store.write(companies.add, company)
    return await house.engine.add_connection(house.client_id, company.id, "xero")


async def give_consent(house: House, row: ConnectionRow, *, tenant: str = "Amber") -> None:
    """The company walks through the provider's page."""
    url = await house.engine.begin_link(row.id)
    callback = {"state": url.rpartition("state=")[2], "code": "c", "tenants": tenant}
    await house.engine.finish_link("xero", callback)


async def in_directory(house: House, row: ConnectionRow) -> DirectoryRow:
    found = await house.stores.control.read(control.find_in_directory, row.id)
    assert found is not None
    return found


async def planned(house: House, row: ConnectionRow) -> dict[str, Refresh]:
    async with house.stores.client(house.client_id) as store:
        return {**await store.read(refreshes.of_connection, row.id)}


async def rest_in(house: House, row: ConnectionRow, state: str | None) -> None:
    """Note that a connection rests in a state, as an earlier sync or process may have left it."""
    async with house.stores.client(house.client_id) as store:
        await store.write(connection_rows.save, evolve(await house.row(row), state=state, reason="before"))
    await house.stores.control.write(control.put_in_directory, house.client_id, await house.row(row))


def never() -> list[SyncSetting]:
    """Settings by which nothing of the scripted provider's is read by itself."""
    return [SyncSetting(data_type=t, sync_schedule=0) for t in ("items", "invoices", "bills")]


async def read_completed(house: House, row: ConnectionRow) -> list[str]:
    """The bodies of what is to be announced of a connection's datasets."""
    async with house.stores.client(house.client_id) as store:
        rows = await store.read(
            lambda c: c.execute(
                "select body from outbox where event_type = 'read.completed' and connection_id = ?", (row.id,)
            ).fetchall()
        )
    return [body for (body,) in rows]
