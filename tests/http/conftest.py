"""The whole HTTP room over real databases and a real engine, reached in process or through sockets."""

import base64
import uuid
from collections.abc import AsyncGenerator, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
import trio
from attrs import define, evolve, field
from starlette.types import ASGIApp
from tests.engine.conftest import Clock, ScriptedConnector

from tallystick.access import Access, NewClient
from tallystick.config import EngineSettings, ProviderSettings, ServerSettings
from tallystick.connectors.xero import MANIFEST
from tallystick.engine import Engine
from tallystick.http import HandlerCrashed, RequestRejected, RequestServed, build_app, listen
from tallystick.standard import (
    Account,
    CalendarDate,
    CustomerRef,
    DataType,
    Invoice,
    Metadata,
    StandardRecord,
    encode,
)
from tallystick.store import (
    Company,
    ConnectionRow,
    DataFolder,
    Dataset,
    NewPage,
    NewRecord,
    Stores,
    companies,
    content_hash,
    control,
    datasets,
    new_key,
    open_stores,
    pages,
)
from tallystick.store import connections as connection_rows
from tallystick.telemetry import Telemetry

PUBLIC_URL = "http://books.example"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def basic(api_key: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(api_key.encode()).decode()}


def an_invoice(identity: str, total: str = "12.50", **options: Any) -> Invoice:
    options.setdefault("status", "Submitted")
    options.setdefault("metadata", Metadata(isDeleted=options.pop("deleted", False)))
    options.setdefault("issueDate", CalendarDate("2026-01-01T00:00:00"))
    options.setdefault("amountDue", Decimal(total))
    options.setdefault("customerRef", CustomerRef(id="c-1", companyName="Beryl"))
    return Invoice(id=identity, totalTaxAmount=Decimal(0), totalAmount=Decimal(total), **options)


def an_account(identity: str, name: str = "Accounts Receivable") -> Account:
    return Account(
        id=identity,
        name=name,
        nominalCode="610",
        type="Asset",
        status="Active",
        currency="GBP",
        currentBalance=Decimal("1234.56"),
        metadata=Metadata(),
    )


@define(eq=False)
class House:
    """What stands behind the doors, and the builders that fill it."""

    stores: Stores
    access: Access
    engine: Engine
    provider: ScriptedConnector
    telemetry: Telemetry
    clock: Clock
    client: NewClient
    events: list[Any] = field(factory=list)

    @property
    def key(self) -> dict[str, str]:
        return basic(self.client.api_key)

    def app(self, settings: ServerSettings | None = None, public_url: str = PUBLIC_URL) -> ASGIApp:
        return build_app(
            stores=self.stores,
            access=self.access,
            engine=self.engine,
            telemetry=self.telemetry,
            settings=settings or ServerSettings(),
            public_url=public_url,
            ready=lambda: True,
        )

    async def heard(self, count: int) -> list[Any]:
        """The first events; the last of them may come a moment after the answer that it tells of."""
        with trio.fail_after(5):
            while len(self.events) < count:
                await trio.sleep(0.005)
        return self.events[:count]

    async def company(self, name: str = "Amber Kitchens", **options: Any) -> Company:
        options.setdefault("description", None)
        options.setdefault("tags", {})
        options.setdefault("created_at", self.clock.now)
        company = Company(id=str(uuid.uuid4()), name=name, **options)
        async with self.stores.client(self.client.id) as store:
            await store.write(companies.add, company)
        return company

    async def linked(self, company: Company | None = None, **changes: Any) -> ConnectionRow:
        """A linked connection as it is stored; its first sync is not begun."""
        owner = company or await self.company()
        row = evolve(connection_rows.new(owner.id, "xero", self.clock.now), status="Linked", **changes)
        async with self.stores.client(self.client.id) as store:
            await store.write(connection_rows.save, row)
        await self.stores.control.write(control.put_in_directory, self.client.id, row)
        return row

    async def dataset(self, row: ConnectionRow, data_type: DataType, status: str = "Complete") -> Dataset:
        dataset = Dataset(
            id=str(uuid.uuid4()),
            sync_id=str(uuid.uuid4()),
            connection_id=row.id,
            company_id=row.company_id,
            data_type=data_type,
            status="Queued",
            progress=0,
            requested_at=self.clock.now,
        )
        async with self.stores.client(self.client.id) as store:
            await store.write(datasets.queue, [dataset])
            if status != "Queued":
                ended = self.clock.now + timedelta(seconds=5)
                progress = 100 if status in {"Complete", "MapError"} else 1
                await store.write(datasets.move, dataset.id, status, progress=progress, at=ended)  # type: ignore[arg-type]
        return dataset

    async def put(self, row: ConnectionRow, records: Iterable[StandardRecord]) -> None:
        """Store records as a sync does, and say that their types were read to the end."""
        made = [_new(record, place) for place, record in enumerate(records)]
        page = NewPage(
            connection=row.number,
            resource="Invoices",
            fetched_at=self.clock.now,
            raw=b"{}",
            records=made,
            mapping=1,
        )
        async with self.stores.client(self.client.id) as store:
            await store.write(pages.store_page, page, self.clock.now)
        for data_type in {record.data_type for record in made}:
            await self.dataset(row, data_type)


def _new(record: StandardRecord, place: int) -> NewRecord:
    content = encode(record)
    changed = record.sourceModifiedDate
    return NewRecord(
        data_type=record.DATA_TYPE,
        id=record.id or record.DATA_TYPE,
        content=content,
        hash=content_hash(content),
        source_modified_at=None if changed is None else int(changed.timestamp() * 1_000_000),
        status=getattr(record, "status", None),
        deleted=record.metadata.isDeleted,
        place=place,
    )


@pytest.fixture
async def house(tmp_path: Path, nursery: trio.Nursery) -> AsyncGenerator[House, None]:
    provider, telemetry = ScriptedConnector(manifest=MANIFEST), Telemetry()
    clock = provider.auth.clock
    clock.now = NOW
    folder = DataFolder.open(tmp_path / "data", new_key(), create=True)
    async with (
        open_stores(folder, telemetry, clock) as stores,
        httpx.AsyncClient(trust_env=False) as http,
    ):
        engine = Engine(
            stores,
            {"xero": provider},
            {"xero": ProviderSettings(client_id="x")},
            EngineSettings(shed_rss_mb=4_000),  # the tests' process is larger than an engine
            http,
            telemetry,
            PUBLIC_URL,
        )
        await nursery.start(engine.connections.run)
        await nursery.start(engine.grants.run)
        await engine.start()
        access = Access(stores)
        client = await access.create_client("Acme")
        made = House(stores, access, engine, provider, telemetry, clock, client)
        for kind in (RequestServed, RequestRejected, HandlerCrashed):
            telemetry.listen(kind, made.events.append)
        yield made
        await engine.connections.stop()
        await engine.grants.stop()


@pytest.fixture
async def api(house: House) -> AsyncGenerator[httpx.AsyncClient, None]:
    """The client's own program, in process."""
    transport = httpx.ASGITransport(house.app(), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL, headers=house.key) as client:
        yield client


@pytest.fixture
async def browser(house: House) -> AsyncGenerator[httpx.AsyncClient, None]:
    """A company's browser: no key, and it does not follow redirects by itself."""
    transport = httpx.ASGITransport(house.app(), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
        yield client


@define(eq=False)
class Served:
    """An application behind a real socket."""

    url: str
    port: int

    async def raw(self, request: bytes, *, wait_s: float = 5.0) -> bytes:
        """Send bytes, and read until the server closes or has been silent for a while."""
        stream = await trio.open_tcp_stream("127.0.0.1", self.port)
        async with stream:
            answer = b""
            try:
                await stream.send_all(request)
                with trio.move_on_after(wait_s):
                    while chunk := await stream.receive_some(65536):
                        answer += chunk
            except trio.BrokenResourceError:
                pass
            return answer


async def serve(nursery: trio.Nursery, app: ASGIApp, settings: ServerSettings) -> Served:
    listener = listen("127.0.0.1", 0)
    await nursery.start(listener.serve, app, settings)
    return Served(listener.url, int(listener.url.rpartition(":")[2]))


@pytest.fixture
async def served(house: House, nursery: trio.Nursery) -> Served:
    """The whole application behind a socket, with deadlines that a test can wait for."""
    settings = ServerSettings(body_limit=100_000, body_deadline=0.4, answer_deadline=2.0)
    return await serve(nursery, house.app(settings), settings)
