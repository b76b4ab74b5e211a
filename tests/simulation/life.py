"""One life of an engine over a folder: from its start to a stop in order, or to a kill."""

import shutil
import traceback
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx
import trio
from attrs import define, evolve, field
from sqlcipher3 import dbapi2 as sqlite
from tests.simulation.books import KINDS
from tests.simulation.provider import PAGE_LIMIT_BYTES, URL
from tests.simulation.trace import TracedTelemetry

from tallystick.actors import ChildSpec, Intensity, Supervisor
from tallystick.config import EngineSettings, ProviderSettings
from tallystick.connectors import Connector, Resource
from tallystick.connectors.xero.auth import XeroAuth
from tallystick.connectors.xero.client import XeroClient
from tallystick.connectors.xero.connector import XeroConnector
from tallystick.connectors.xero.manifest import MANIFEST
from tallystick.engine import Engine
from tallystick.store import CommitLimits, DataFolder, Stores, open_stores

if TYPE_CHECKING:
    from tests.simulation.world import World

_READY_S: Final = 5.0
_ENGINE: Final = Intensity(restarts=3, period=60.0, too_many="fail")


class StoryEnds(Exception):
    """Nothing more can be told of this seed."""


class Killed(BaseException):
    """The process is gone: no code of it has a say any more."""


@define(eq=False)
class Life:
    """A running engine, and what may happen to it from outside."""

    world: "World"
    folder: Path
    telemetry: TracedTelemetry = field(init=False)
    dead: bool = False
    ready: bool = False
    disk_failed: bool = False
    no_room: bool = False  #: no transaction of any file reaches the disk
    stores: Stores = field(init=False)
    engine: Engine = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.telemetry = TracedTelemetry(faults=self.passing, hear=self._heard)

    def passing(self, point: str) -> None:
        """A fault point, of the engine or of the provider. Raises what the script has in store for it."""
        if self.dead:
            raise Killed
        self.world.trace.add(f"- {point}")
        if self.no_room and point == "commit.ready":
            raise sqlite.OperationalError("database or disk is full")
        fate = self.world.fate
        if fate is not None and fate.meets(point):
            self.world.fate = None
            if fate.kind == "kill":
                self.kill(point)
            self.world.trace.add(f"I/O ERROR at {point}")
            self.disk_failed = True
            raise sqlite.OperationalError("disk I/O error")

    def kill(self, where: str) -> None:
        """End at once. What stands on the disk at this moment is all that the next life gets."""
        self.world.trace.add(f"KILLED at {where}")
        self.world.kills[where] = self.world.kills.get(where, 0) + 1
        self.dead = True
        self.world.folder = self.world.next_folder()
        shutil.copytree(self.folder, self.world.folder, ignore=shutil.ignore_patterns("lock", "*-shm"))
        raise Killed

    def _heard(self, event: object) -> None:
        if not self.dead:
            self.world.heard(event)


async def live(world: "World", script: Callable[[Life], Awaitable[None]]) -> bool:
    """Start an engine over the world's folder and do what the script says.

    False: it was killed, or its disk failed while it started.
    """
    life = Life(world, world.folder)
    try:
        async with _running(life):
            await script(life)
    except Exception as crash:
        if life.disk_failed and not life.ready:
            world.trace.add(f"refuses to start: {_leaf(crash)}")
            return False
        if not life.dead:
            world.wrong(f"the engine fell: {_leaf(crash)}")
            world.trace.add("".join(traceback.format_exception(crash)))
            raise StoryEnds from crash
    except BaseException:
        if not life.dead:
            raise
    return not life.dead


def _leaf(crash: BaseException) -> str:
    while isinstance(crash, BaseExceptionGroup):
        crash = crash.exceptions[0]
    return f"{type(crash).__name__}: {crash}"


@asynccontextmanager
async def _running(life: Life) -> AsyncGenerator[None, None]:
    world = life.world
    began = trio.current_time()
    folder = DataFolder.open(life.folder, world.key, create=True)
    limits = CommitLimits(jobs=world.commit_jobs)
    async with (
        open_stores(folder, life.telemetry, world.clock, inline=True, limits=limits) as life.stores,
        httpx.AsyncClient(transport=world.provider.transport(life.passing), trust_env=False) as http,
        trio.open_nursery() as nursery,
    ):
        life.engine = Engine(
            life.stores,
            {"xero": world.changed_connector(_xero(world))},
            {"xero": ProviderSettings(client_id="x")},
            EngineSettings(
                pages_in_flight=world.pages_in_flight, page_limit=PAGE_LIMIT_BYTES, shed_rss_mb=4_000
            ),
            http,
            life.telemetry,
            "http://127.0.0.1:8080",
        )
        await world.plant(life)
        root = Supervisor("engine", life.telemetry, _ENGINE, _children(life.engine))
        await nursery.start(root.run)
        await life.engine.start()
        if trio.current_time() - began > _READY_S:
            world.wrong(f"I8: ready only after {trio.current_time() - began:.1f} s")
        life.ready = True
        yield
        stopping = trio.current_time()
        with trio.move_on_after(EngineSettings().stop_deadline, shield=True):
            await root.stop()
        nursery.cancel_scope.cancel()
    if trio.current_time() - stopping > _READY_S:
        world.wrong(f"stopping took {trio.current_time() - stopping:.1f} s")


def _children(engine: Engine) -> tuple[ChildSpec, ...]:
    """The engine's own, but for what looks at the real machine."""
    return tuple(child for child in engine.children() if child.id != "load")


def _xero(world: "World") -> Connector:
    """The real connector, for the lists that the books have."""
    lists = tuple(
        evolve(r, after=tuple(a for a in r.after if a in KINDS))
        for r in MANIFEST.resources
        if r.name in KINDS
    )
    assert all(isinstance(r, Resource) for r in lists)
    return XeroConnector(
        manifest=evolve(MANIFEST, resources=lists),
        auth=XeroAuth(
            client_id="x",
            authorize_endpoint=f"{URL}/authorize",
            token_endpoint=f"{URL}/token",
            connections_endpoint=f"{URL}/connections",
            now=world.clock,
        ),
        client=XeroClient(page_size=world.provider.page_size),
        api_url=f"{URL}/api",
    )
