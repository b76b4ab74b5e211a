"""The whole path, as the engine runs it: actors, budget, mapping, raw pages, encryption, events, metrics."""

import resource
import tempfile
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import trio
from attrs import evolve

from tallystick.access import Access
from tallystick.actors import Supervisor
from tallystick.cli.collector import tune_collector
from tallystick.config import EngineSettings, ProviderSettings, Secret
from tallystick.connectors import Tokens
from tallystick.connectors.registry import CONNECTORS
from tallystick.engine import Engine, SyncFinished
from tallystick.engine.grant import stored_tokens
from tallystick.monitoring import Metrics
from tallystick.store import Company, DataFolder, Stores, companies, control, grants, new_key, open_stores
from tallystick.store import connections as connection_rows
from tallystick.telemetry import Telemetry


def measure(url: str, page_size: int) -> dict[str, float]:
    """Sync every page into a new data folder. Returns CPU and wall seconds and the peak memory in MB."""
    tune_collector()
    with tempfile.TemporaryDirectory() as folder:
        return trio.run(_measure, Path(folder) / "data", url, page_size)


async def _measure(folder: Path, url: str, page_size: int) -> dict[str, float]:
    telemetry = Telemetry()
    provider = ProviderSettings(
        client_id="bench",
        client_secret=Secret("env:HOME"),
        api_url=url,
        page_size=page_size,
        limits="off",
    )
    opened = DataFolder.open(folder, new_key(), create=True)
    async with (
        open_stores(opened, telemetry, lambda: datetime.now(UTC)) as stores,
        httpx.AsyncClient(trust_env=False) as http,
        trio.open_nursery() as nursery,
    ):
        engine = Engine(
            stores,
            {"xero": CONNECTORS["xero"](provider)},
            {"xero": provider},
            EngineSettings(),
            http,
            telemetry,
            "http://127.0.0.1",
        )
        Metrics(telemetry, ("xero",), lambda: _states(engine.connections, engine.grants))
        await nursery.start(engine.connections.run)
        await nursery.start(engine.grants.run)
        client_id, connection_id = await _link(stores)
        ended = trio.Event()
        telemetry.listen(SyncFinished, lambda event: _check(event, ended))
        before, started = _cpu(), time.perf_counter()
        await engine.sync(client_id, connection_id, ["invoices"], "bench")
        await ended.wait()
        spent = {"cpu_s": _cpu() - before, "wall_s": time.perf_counter() - started}
        nursery.cancel_scope.cancel()
    spent["peak_rss_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return spent


def _check(event: SyncFinished, ended: trio.Event) -> None:
    assert event.outcome == "ok", event
    ended.set()


def _states(*supervisors: Supervisor):  # type: ignore[no-untyped-def]
    return [state for supervisor in supervisors for state in supervisor.states()]


async def _link(stores: Stores) -> tuple[str, str]:
    """A company with a linked connection, stored as the end of a consent stores it."""
    now = stores.clock()
    client = await Access(stores).create_client("bench")
    async with stores.client(client.id) as store:
        company = Company(id=str(uuid.uuid4()), name="Bench", description=None, tags={}, created_at=now)
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
