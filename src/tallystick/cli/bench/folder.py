"""A data folder with linked connections in it, as the ends of so many consents leave it."""

import random
import uuid
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import trio
from attrs import evolve, frozen

from tallystick.access import Access
from tallystick.config import (
    EngineSettings,
    ProviderSettings,
    Secret,
    ServerSettings,
    Settings,
    StoreSettings,
)
from tallystick.connectors import Tokens
from tallystick.engine.grant import stored_tokens
from tallystick.store import (
    Company,
    ConnectionRow,
    Store,
    Stores,
    companies,
    control,
    grants,
    open_data,
    utc_now,
)
from tallystick.store import connections as connection_rows
from tallystick.telemetry import Telemetry

#: Nothing is secret here: the folder is made for one measurement and deleted after it.
KEY: Final = b"tallystick bench: 32 bytes long."
_CLIENTS_AT_ONCE: Final = 8


@frozen(kw_only=True)
class LinkedClient:
    """A client, its API key and its linked connections."""

    id: str
    api_key: str
    connections: tuple[ConnectionRow, ...]


def settings_for(folder: Path, url: str, page_size: int | None = None) -> Settings:
    """An installation whose only provider is a page server."""
    provider = ProviderSettings(
        client_id="bench",
        client_secret=Secret("env:HOME"),
        api_url=url,
        page_size=page_size,
        limits="off",
    )
    return Settings(
        environment="development",
        server=ServerSettings(port=0, metrics_port=0, calls_a_day=1_000_000),
        store=StoreSettings(data=folder),
        engine=EngineSettings(),
        providers={"xero": provider},
    )


async def fill(folder: Path, connections: int, clients: int) -> list[LinkedClient]:
    """A new data folder with so many connections, spread evenly over so many clients.

    Each is due at some time between one hour and a day from now.
    """
    made: list[LinkedClient] = []
    async with open_data(StoreSettings(data=folder), KEY, Telemetry(), utc_now, create=True) as stores:
        limit = trio.CapacityLimiter(_CLIENTS_AT_ONCE)
        async with trio.open_nursery() as nursery:
            for number in range(clients):
                share = connections * (number + 1) // clients - connections * number // clients
                nursery.start_soon(_client, stores, number, share, made, limit)
    return made


async def _client(
    stores: Stores, number: int, connections: int, made: list[LinkedClient], limit: trio.CapacityLimiter
) -> None:
    rng, now = random.Random(number), stores.clock()  # noqa: S311 - spreads due times, reproducibly
    async with limit:
        client = await Access(stores).create_client(f"Client {number}")
        async with stores.client(client.id) as store:
            rows = await store.write(_link, store, connections, now)
        await stores.control.write(_note, client.id, rows, rng, now)
    made.append(LinkedClient(id=client.id, api_key=client.api_key, connections=tuple(rows)))


def _link(connection: Any, store: Store, count: int, now: datetime) -> list[ConnectionRow]:
    rows = []
    tokens = stored_tokens(
        Tokens(access="bench", refresh=None, expires_at=now + timedelta(days=1)), version=1
    )
    for number in range(count):
        company = Company(
            id=str(uuid.uuid4()), name=f"Company {number}", description=None, tags={}, created_at=now
        )
        companies.add(connection, company)
        row = evolve(
            connection_rows.new(company.id, "xero", now),
            status="Linked",
            grant_id=str(uuid.uuid4()),
            tenant_id=str(uuid.uuid4()),
            tenant_name=company.name,
            base_currency="GBP",
        )
        connection_rows.save(connection, row)
        grants.save(
            connection,
            store.vault,
            grant_id=row.grant_id or "",
            provider="xero",
            tokens=tokens,
            now=now,
        )
        rows.append(row)
    return rows


def _note(
    connection: Any, client_id: str, rows: list[ConnectionRow], rng: random.Random, now: datetime
) -> None:
    for row in rows:
        control.put_in_directory(connection, client_id, row)
        control.note_due(connection, row.id, now + timedelta(seconds=rng.uniform(3600, 86_400)))
