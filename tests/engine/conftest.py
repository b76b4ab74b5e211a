"""A whole engine over real databases, with a provider that does as it is told."""

import json
import uuid
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import httpx
import msgspec
import pytest
import trio
from attrs import define, evolve, field

from tallystick.access import Access
from tallystick.actors import Supervisor
from tallystick.config import EngineSettings, ProviderSettings
from tallystick.connectors import (
    Books,
    Calls,
    Consent,
    Gone,
    Hooks,
    Issue,
    Limits,
    Manifest,
    Pace,
    Page,
    Resource,
    Tenant,
    Tokens,
)
from tallystick.engine import Engine
from tallystick.engine.deciding import HeldList
from tallystick.engine.grant import stored_tokens
from tallystick.engine.sync_settings import write_settings
from tallystick.errors import PageUnreadable
from tallystick.standard import CalendarDate, Invoice, Item, Metadata, StandardRecord
from tallystick.store import (
    Company,
    ConnectionRow,
    DataFolder,
    Dataset,
    Store,
    Stores,
    SyncSetting,
    companies,
    control,
    datasets,
    grants,
    new_key,
    open_stores,
)
from tallystick.store import connections as connection_rows
from tallystick.telemetry import Telemetry

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

MANIFEST = Manifest(
    slug="xero",
    platform_key="gbol",
    name="Scripted",
    integration_id=str(uuid.UUID(int=1)),
    source_id=str(uuid.UUID(int=2)),
    resources=(
        Resource(name="Items", data_types=("items",)),
        Resource(name="Invoices", data_types=("invoices", "bills"), after=("Items",)),
    ),
    scopes=(),
    limits=Limits(calls_a_minute=None, calls_a_day=None, calls_in_flight=5),
    overlap_s=120.0,
)


@define(eq=False)
class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@define(eq=False)
class ScriptedAuth:
    """Tokens `access-1`, `access-2`, …; a refresh can be held still, or made to fail."""

    pkce: ClassVar[bool] = True
    refreshes: int = 0
    failure: Exception | None = None
    revoke_failure: Exception | None = None
    hold: trio.Event | None = None
    revoked: list[str] = field(factory=list)
    revoked_by: list[str | None] = field(factory=list)  #: the refresh tokens that came with it
    clock: Clock = field(factory=Clock)

    def authorize_url(self, consent: Consent) -> str:
        return f"https://provider.example/consent?state={consent.state}"

    async def exchange(
        self, http: httpx.AsyncClient, consent: Consent, callback: Mapping[str, str]
    ) -> Tokens:
        return self._tokens()

    async def refresh(self, http: httpx.AsyncClient, tokens: Tokens) -> Tokens:
        self.refreshes += 1
        if self.hold is not None:
            await self.hold.wait()
        if self.failure is not None:
            raise self.failure
        return self._tokens()

    async def revoke(self, http: httpx.AsyncClient, tokens: Tokens, tenant: str) -> None:
        if self.revoke_failure is not None:
            raise self.revoke_failure
        self.revoked.append(tenant)
        self.revoked_by.append(tokens.refresh)

    async def tenants(
        self, http: httpx.AsyncClient, tokens: Tokens, callback: Mapping[str, str]
    ) -> Sequence[Tenant]:
        return [Tenant(id=t, name=t.title()) for t in callback.get("tenants", "amber").split(",")]

    def _tokens(self) -> Tokens:
        return Tokens(
            access=f"access-{self.refreshes}",
            refresh="refresh",
            expires_at=self.clock.now + timedelta(minutes=30),
        )


@define(eq=False)
class ScriptedClient:
    """Pages by resource: lists of (id, total). An exception in their place is raised there."""

    pages_of: dict[str, list[list[tuple[str, str]] | Exception]] = field(factory=dict)
    asked: list[tuple[str, datetime | None, str | None]] = field(factory=list)
    records_of: dict[str, str | Exception] = field(factory=dict)  #: read one by one, see `one`
    asked_one: list[str] = field(factory=list)
    served: list[str] = field(factory=list)
    hold_before: dict[str, trio.Event] = field(factory=dict)  #: by "Resource:page"
    provider_time: datetime | None = NOW
    latency_s: float = 0.0
    total_off: int = 0  #: by which its count is wrong
    partial: bool = False  #: whether its answers leave something out
    tells_total: bool = False  #: and with it, which pages may be asked for ahead

    async def one(self, calls: Calls, resource: Resource, key: str) -> Page:
        """As `records_of` tells it, by "Resource:key": a total, `gone`, or an exception to raise."""
        name = f"{resource.name}:{key}"
        self.asked_one.append(name)
        if name in self.hold_before:
            await self.hold_before[name].wait()
        await trio.lowlevel.checkpoint()
        told = self.records_of.get(name, "gone")
        if isinstance(told, Exception):
            raise told
        self.served.append(name)
        raw = json.dumps([{"id": key, "total": told, "of": resource.name}]).encode()
        return Page(raw=raw, records=ScriptedMapper().split(resource, raw), next=None)

    async def page(self, calls: Calls, resource: Resource, *, since: datetime | None, at: str | None) -> Page:
        number = int(at or 1)
        self.asked.append((resource.name, since, at))
        script = self.pages_of.get(resource.name, [[]])
        name = f"{resource.name}:{number}"
        if name in self.hold_before:
            await self.hold_before[name].wait()
        if self.latency_s:
            await trio.sleep(self.latency_s)
        await trio.lowlevel.checkpoint()
        content = script[number - 1]
        if isinstance(content, Exception):
            raise content
        self.served.append(name)
        raw = json.dumps([{"id": i, "total": t, "of": resource.name} for i, t in content]).encode()
        following = tuple(str(n) for n in range(number + 1, len(script) + 1))
        total = sum(len(p) for p in script if not isinstance(p, Exception)) + self.total_off
        return Page(
            raw=raw,
            records=ScriptedMapper().split(resource, raw),
            next=following[0] if following else None,
            ahead=following[1:] if self.tells_total else (),
            total=total if self.tells_total else None,
            fingerprint=hash(raw) if content else None,
            provider_time=self.provider_time,
            partial=self.partial,
        )


def _item(item_id: str, name: str) -> Item:
    return Item(
        id=item_id,
        name=name,
        itemStatus="Active",
        type="Unknown",
        isBillItem=False,
        isInvoiceItem=True,
        metadata=Metadata(),
    )


def _invoice(invoice_id: str, total: Decimal) -> Invoice:
    return Invoice(
        id=invoice_id,
        issueDate=CalendarDate("2026-01-01T00:00:00"),
        currency="GBP",
        totalTaxAmount=Decimal(0),
        totalAmount=total,
        amountDue=total,
        status="Submitted",
        metadata=Metadata(),
    )


class ScriptedMapper:
    """Items and invoices with a total; a total that is no number is rejected, `gone` tells of a deletion."""

    def split(self, resource: Resource, raw: bytes) -> list[msgspec.Raw]:
        try:
            return msgspec.json.decode(raw, type=list[msgspec.Raw])
        except msgspec.DecodeError as error:
            raise PageUnreadable(platform="xero", resource=resource.name, reason="not JSON") from error

    def records(
        self, resource: Resource, row: msgspec.Raw, books: Books, issues: list[Issue]
    ) -> Sequence[StandardRecord | Gone]:
        found = json.loads(bytes(row))
        if found["total"] == "gone":
            return [Gone(data_type=resource.data_types[0], id=found["id"])]
        if found["total"] == "crash":
            raise ZeroDivisionError("a bug in the mapping")
        if not found["total"].replace(".", "").isdigit():
            issues.append(
                Issue(severity="rejected", path="$.total", message="no number", record_id=found["id"] or None)
            )
            return []
        if resource.name == "Items":
            return [_item(found["id"], found["total"])]
        return [_invoice(found["id"], Decimal(found["total"]))]


@define(eq=False)
class ScriptedConnector:
    manifest: Manifest = MANIFEST
    auth: ScriptedAuth = field(factory=ScriptedAuth)
    client: ScriptedClient = field(factory=ScriptedClient)
    mapper: ScriptedMapper = field(factory=ScriptedMapper)
    hooks: Hooks | None = None
    lists: Any = None  #: `own_lists.ScriptedLists`, where a test wants some
    mapping_version: int = 1
    api_url: str = "http://127.0.0.1:1"

    def headers(self, access_token: str, tenant_id: str) -> dict[str, str]:
        return {"authorization": f"Bearer {access_token}", "tenant": tenant_id}

    def fault(self, response: httpx.Response, resource: str) -> Exception:
        return RuntimeError(response.status_code)

    def paces(self, response: httpx.Response) -> Pace:
        return Pace()


@define(eq=False)
class House:
    """An engine that runs, and what a test needs of it."""

    engine: Engine
    stores: Stores
    provider: ScriptedConnector
    telemetry: Telemetry
    clock: Clock
    client_id: str
    events: list[Any] = field(factory=list)

    def hear(self, *kinds: type) -> list[Any]:
        for kind in kinds:
            self.telemetry.listen(kind, self.events.append)
        return self.events

    async def linked(self, name: str = "Amber", *, grant_id: str | None = None) -> ConnectionRow:
        """A company with a linked connection, as the end of a consent stores it; no first sync."""
        async with self.stores.client(self.client_id) as store:
            company = Company(id=str(uuid.uuid4()), name=name, description=None, tags={}, created_at=NOW)
            await store.write(companies.add, company)
            row = evolve(
                connection_rows.new(company.id, "xero", NOW),
                status="Linked",
                grant_id=grant_id or str(uuid.uuid4()),
                tenant_id=name,
                tenant_name=name,
            )
            await store.write(connection_rows.save, row)
            if grant_id is None:
                tokens = Tokens(
                    access="access-0", refresh="r", expires_at=self.clock.now + timedelta(minutes=30)
                )
                await store.write(
                    grants.save,
                    store.vault,
                    grant_id=row.grant_id or "",
                    provider="xero",
                    tokens=stored_tokens(tokens, version=1),
                    now=NOW,
                )
        await self.stores.control.write(control.put_in_directory, self.client_id, row)
        return row

    async def datasets(self, row: ConnectionRow) -> dict[str, Dataset]:
        """The latest dataset of each type."""
        async with self.stores.client(self.client_id) as store:
            latest = await store.read(datasets.latest, row.company_id)
        return {name: dataset for name, (dataset, _) in latest.items()}

    async def row(self, row: ConnectionRow) -> ConnectionRow:
        async with self.stores.client(self.client_id) as store:
            found = await store.read(connection_rows.find, row.id)
        assert found is not None
        return found

    async def store_of(self) -> Store:
        async with self.stores.client(self.client_id) as store:
            return store

    async def read_every(self, hours: int) -> None:
        """How often the schedule reads; 0: never, however the clock jumps."""
        settings = [SyncSetting(data_type=t, sync_schedule=hours) for t in MANIFEST.data_types]
        await write_settings(self.stores, self.engine.schedule, self.client_id, None, settings)

    async def held_lists(self, count: int) -> list[HeldList]:
        """What waits for a person, once so many lists do: the directory is told after a sync's end."""
        with trio.fail_after(10):
            while len(found := await self.engine.held_lists()) != count:
                await trio.sleep(0.005)
        return found

    async def until(self, kind: type, count: int = 1) -> None:
        """Wait until so many events of a class have been heard."""
        with trio.fail_after(10):
            while sum(isinstance(event, kind) for event in self.events) < count:
                await trio.sleep(0.005)


@pytest.fixture
def provider() -> ScriptedConnector:
    return ScriptedConnector()


@pytest.fixture
async def house(
    tmp_path: Path, nursery: trio.Nursery, provider: ScriptedConnector
) -> AsyncGenerator[House, None]:
    clock, telemetry = provider.auth.clock, Telemetry()
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
            "http://127.0.0.1:8080",
        )
        tree = Supervisor("engine", telemetry, children=engine.children())
        await nursery.start(tree.run)
        await engine.start()
        client = await Access(stores).create_client("Acme")
        yield House(engine, stores, provider, telemetry, clock, client.id)
        await tree.stop()
