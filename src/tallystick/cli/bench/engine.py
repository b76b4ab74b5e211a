"""The whole path, as the engine runs it: actors, budget, mapping, raw pages, encryption, events, metrics."""

import resource
import tempfile
import time
import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import trio
from attrs import define, evolve, field

from tallystick.access import Access
from tallystick.actors import Supervisor
from tallystick.cli.collector import tune_collector
from tallystick.cli.switching import tune_switching
from tallystick.config import EngineSettings, ProviderSettings, Secret
from tallystick.connectors import Tokens
from tallystick.connectors.registry import CONNECTORS
from tallystick.engine import Engine, SyncFinished
from tallystick.engine.grant import stored_tokens
from tallystick.monitoring import Metrics
from tallystick.standard import DATA_TYPES
from tallystick.store import (
    Company,
    DataFolder,
    Stores,
    SyncSetting,
    companies,
    control,
    grants,
    new_key,
    open_stores,
    refreshes,
)
from tallystick.store import connections as connection_rows
from tallystick.telemetry import Telemetry


def measure(url: str, page_size: int) -> dict[str, float]:
    """Sync every page into a new data folder. Returns CPU and wall seconds and the peak memory in MB."""
    tune_collector()
    tune_switching()
    with tempfile.TemporaryDirectory() as folder:
        return trio.run(_measure, Path(folder) / "data", url, page_size)


async def _measure(folder: Path, url: str, page_size: int) -> dict[str, float]:
    async with engine_over(folder, url, page_size) as bench:
        spent = await bench.sync()
    spent["peak_rss_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return spent


@define(eq=False)
class Bench:
    """An engine with one linked connection."""

    engine: Engine
    client_id: str
    connection_id: str
    _ended: trio.Event = field(factory=trio.Event)

    def __attrs_post_init__(self) -> None:
        self.engine.telemetry.listen(SyncFinished, self._hear)

    async def sync(self) -> dict[str, float]:
        """Read the invoices. Returns CPU and wall seconds."""
        self._ended = trio.Event()
        before, started = _cpu(), time.perf_counter()
        await self.engine.sync(self.client_id, self.connection_id, ["invoices"], "bench")
        await self._ended.wait()
        return {"cpu_s": _cpu() - before, "wall_s": time.perf_counter() - started}

    def _hear(self, event: SyncFinished) -> None:
        assert event.outcome == "ok", event
        self._ended.set()


@asynccontextmanager
async def engine_over(
    folder: Path, url: str, page_size: int, *, in_flight: int | None = None
) -> AsyncGenerator[Bench, None]:
    """A whole engine in a new data folder, over a page server. `in_flight`: calls at once; None: as Xero."""
    telemetry = Telemetry()
    provider = ProviderSettings(
        client_id="bench",
        client_secret=Secret("env:HOME"),
        api_url=url,
        page_size=page_size,
        limits="off",
    )
    connector: Any = CONNECTORS["xero"](provider)
    if in_flight is not None:
        limits = evolve(connector.manifest.limits, calls_in_flight=in_flight)
        connector = evolve(connector, manifest=evolve(connector.manifest, limits=limits))
    opened = DataFolder.open(folder, new_key(), create=True)
    async with (
        open_stores(opened, telemetry, lambda: datetime.now(UTC)) as stores,
        httpx.AsyncClient(trust_env=False) as http,
        trio.open_nursery() as nursery,
    ):
        engine = Engine(
            stores,
            {"xero": connector},
            {"xero": provider},
            EngineSettings(),
            http,
            telemetry,
            "http://127.0.0.1",
        )
        tree = Supervisor("engine", telemetry, children=engine.children())
        Metrics(telemetry, ("xero",), lambda: [*tree.states(), *engine.connections.states()])
        await nursery.start(tree.run)
        client_id, connection_id = await _link(stores)
        await engine.start()
        yield Bench(engine, client_id, connection_id)
        nursery.cancel_scope.cancel()


async def _link(stores: Stores) -> tuple[str, str]:
    """A company with a linked connection, stored as the end of a consent stores it.

    Nothing of it is due by itself: what is not asked for would be measured along.
    """
    now = stores.clock()
    by_hand = [
        SyncSetting(data_type=data_type, fetch_on_first_link=False, sync_schedule=0)
        for data_type in DATA_TYPES
    ]
    client = await Access(stores).create_client("bench")
    async with stores.client(client.id) as store:
        company = Company(id=str(uuid.uuid4()), name="Bench", description=None, tags={}, created_at=now)
        await store.write(refreshes.change_settings, None, by_hand, overrides_defaults=True, now=now)
        await store.write(companies.add, company)
        row = evolve(
            connection_rows.new(company.id, "xero", now),
            status="Linked",
            grant_id=str(uuid.uuid4()),
            tenant_id="bench",
            tenant_name="Bench",
            base_currency="GBP",
        )
        await store.write(connection_rows.save, row)
        tokens = Tokens(access="bench", refresh=None, expires_at=now + timedelta(days=1))
        await store.write(
            grants.save,
            store.vault,
            grant_id=row.grant_id or "",
            provider="xero",
            tokens=stored_tokens(tokens, version=1),
            now=now,
        )
    await stores.control.write(control.put_in_directory, client.id, row)
    return client.id, row.id


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
