"""What the doors (API, pages, commands) may ask of the engine, and the actors behind it."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Final

import httpx
import trio
from attrs import define, evolve, field

from tallystick.actors import Address, Birth, ChildSpec, Intensity, Supervisor
from tallystick.config import EngineSettings, ProviderSettings
from tallystick.connectors import Connector, Manifest
from tallystick.connectors.budget import Budget
from tallystick.connectors.transport import TenantCalls
from tallystick.engine import connection, grant
from tallystick.engine.events import RevocationFailed
from tallystick.engine.linking import LinkDone, Linking, TenantChoice
from tallystick.engine.sync import SyncRun
from tallystick.engine.sync_task import ConnectionContext
from tallystick.errors import AlreadySyncing, NeedsReauthorisation, NotLinked, TallystickError
from tallystick.standard import DatasetStatus, DataType
from tallystick.store import ConnectionRow, Dataset, LinkStatus, Store, Stores, companies, control
from tallystick.store import connections as connection_rows
from tallystick.telemetry import Telemetry

#: A restarted connection tries three times in ten minutes; then it is parked for a person.
_CONNECTIONS: Final = Intensity(restarts=3, period=600.0, delay=0.5, too_many="park")
#: How long a caller of the API waits for an actor: SDKs give up after 5 s.
_PATIENCE_S: Final = 4.5


@define(eq=False)
class Engine:
    """Owns the connections' and the grants' actors. Run both supervisors, then `start`."""

    stores: Stores
    connectors: Mapping[str, Connector]
    providers: Mapping[str, ProviderSettings]
    settings: EngineSettings
    http: httpx.AsyncClient
    telemetry: Telemetry
    public_url: str
    connections: Supervisor = field(init=False)
    grants: Supervisor = field(init=False)
    _linking: Linking = field(init=False)
    _slots: trio.CapacityLimiter = field(init=False)
    _budgets: dict[tuple[str, str], Budget] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self.connections = Supervisor("connections", self.telemetry, _CONNECTIONS)
        self.grants = Supervisor("grants", self.telemetry, _CONNECTIONS)
        self._linking = Linking(self.stores, self.connectors, self.http, self.public_url)
        self._slots = trio.CapacityLimiter(self.settings.syncs_at_once)

    @property
    def manifests(self) -> Mapping[str, Manifest]:
        """The enabled providers, by slug."""
        return {slug: connector.manifest for slug, connector in self.connectors.items()}

    async def start(self) -> None:
        """Start an actor for every connection in the directory, and take up what was under way.

        Cost: reads control.db only; a client's file is opened when one of its connections has work.
        """
        await self.connections.running.wait()
        await self.grants.running.wait()
        crashed = await self.stores.control.read(control.crashed_clients)
        for row in await self.stores.control.read(control.directory):
            if row.provider not in self.connectors:
                continue
            address = self._connection(row.client_id, row.connection_id, row.provider, row.status)
            if row.next_due_at is not None or row.client_id in crashed:
                await address.tell(connection.Resume())

    async def add_connection(self, client_id: str, company_id: str, provider: str) -> ConnectionRow:
        """A new connection that waits for its consent. Raises: `KeyError` for no such company."""
        row = connection_rows.new(company_id, provider, self.stores.clock())
        async with self.stores.client(client_id) as store:
            if await store.read(companies.find, company_id) is None:
                raise KeyError(company_id)
            await store.write(connection_rows.save, row)
        await self.stores.control.write(control.put_in_directory, client_id, row)
        self._connection(client_id, row.id, provider, row.status)
        return row

    async def begin_link(self, connection_id: str) -> str:
        """The provider's consent page for this connection. Raises: `KeyError`."""
        return await self._linking.begin(connection_id)

    async def finish_link(self, provider: str, callback: Mapping[str, str]) -> LinkDone | TenantChoice:
        """The company came back from the provider's page. Raises: `LinkFailed`."""
        done = await self._linking.finish(provider, callback)
        return await self._linked(done) if isinstance(done, LinkDone) else done

    async def choose_tenant(self, ticket: str, tenant_id: str) -> LinkDone:
        """The company said which books are meant. Raises: `LinkFailed`."""
        return await self._linked(await self._linking.choose(ticket, tenant_id))

    async def sync(
        self, client_id: str, connection_id: str, data_types: Sequence[DataType] | None, reason: str
    ) -> list[Dataset]:
        """Queue a refresh (None: of everything) and return its datasets, durable.

        Raises: `AlreadySyncing`, `NotLinked`, `NotSupported`, `ActorUnavailable`, `KeyError`.
        """
        row = await self._row(client_id, connection_id)
        wanted = tuple(data_types or self.connectors[row.provider].manifest.data_types)
        address = self._connection(client_id, row.id, row.provider, row.status)
        queued: list[Dataset] = await address.ask(
            connection.Sync(data_types=wanted, reason=reason), deadline=_PATIENCE_S
        )
        return queued

    async def unlink(self, client_id: str, connection_id: str) -> ConnectionRow:
        """End the link and keep its data. Raises: `NotLinked`, `ActorUnavailable`, `KeyError`."""
        row = await self._row(client_id, connection_id)
        if row.status != "Linked":
            raise NotLinked(status=row.status)
        address = self._connection(client_id, row.id, row.provider, row.status)
        left: ConnectionRow = await address.ask(connection.Unlink(), deadline=_PATIENCE_S)
        await self._revoke(client_id, row)  # after its sync has stopped, which would call it a lost consent
        return left

    async def remove_connection(self, client_id: str, connection_id: str) -> None:
        """End the link and delete its data. Raises: `KeyError`, `ActorUnavailable`."""
        row = await self._row(client_id, connection_id)
        address = self.connections.find(row.id)
        if address is not None:
            await address.ask(connection.Remove(), deadline=_PATIENCE_S)
            await self.connections.remove(row.id)
        if row.status == "Linked":
            await self._revoke(client_id, row)
        async with self.stores.client(client_id) as store:
            await store.write(connection_rows.remove, row)
        await self.stores.control.write(control.drop_from_directory, [row.id])

    async def remove_company(self, client_id: str, company_id: str) -> None:
        """Delete a company with everything that is known of it. Raises: `ActorUnavailable`."""
        async with self.stores.client(client_id) as store:
            for row in await store.read(connection_rows.of_company, company_id):
                await self.remove_connection(client_id, row.id)
            await store.write(companies.remove, company_id)

    async def _linked(self, done: LinkDone) -> LinkDone:
        row = await self._row(done.client_id, done.connection_id)
        address = self._connection(done.client_id, row.id, row.provider, row.status)
        await address.tell(connection.Linked(grant_id=row.grant_id))
        everything = self.connectors[row.provider].manifest.data_types
        with suppress(AlreadySyncing):  # it was syncing when consent was given again: that goes on
            await address.ask(connection.Sync(data_types=everything, reason="linked"), deadline=_PATIENCE_S)
        return done

    async def _row(self, client_id: str, connection_id: str) -> ConnectionRow:
        async with self.stores.client(client_id) as store:
            row = await store.read(connection_rows.find, connection_id)
        if row is None:
            raise KeyError(connection_id)
        return row

    async def _revoke(self, client_id: str, row: ConnectionRow) -> None:
        """Let the consent go at the provider. The link ends here whatever the provider says to it."""
        if row.grant_id is None or row.tenant_id is None:
            return
        for other in await self.stores.control.read(control.directory):
            same = (other.provider, other.tenant_id) == (row.provider, row.tenant_id)
            if same and other.connection_id != row.id and other.status == "Linked":
                return  # the provider knows one link of these books to our app: another company lives by it
        address = self._grant(client_id, row.grant_id, row.provider)
        try:
            await address.ask(grant.Revoke(tenant_id=row.tenant_id), deadline=_PATIENCE_S)
        except TallystickError as error:
            self.telemetry.emit(
                RevocationFailed(platform=row.provider, connection_id=row.id, reason=str(error))
            )

    def _connection(
        self, client_id: str, connection_id: str, provider: str, status: LinkStatus
    ) -> Address[connection.Message]:
        """A connection's actor, started when there is none yet."""
        present = self.connections.find(connection_id)
        if present is not None:
            return present
        connector = self.connectors[provider]
        context = ConnectionContext(
            connection_id=connection_id,
            client_id=client_id,
            connector=connector,
            stores=self.stores,
            clock=self.stores.clock,
            telemetry=self.telemetry,
            new_run=partial(self._new_run, client_id, connector),
            slots=self._slots,
        )

        def make(birth: Birth) -> connection.Connection:
            state = status if birth.restarts == 0 else None
            return connection.Connection(
                me=birth.address,
                tasks=birth.tasks,
                context=context,
                state=state,
                births=birth.restarts,
            )

        return self.connections.add(ChildSpec(id=connection_id, kind="connection", make=make))

    def _grant(self, client_id: str, grant_id: str, provider: str) -> Address[grant.Message]:
        present = self.grants.find(grant_id)
        if present is not None:
            return present
        context = grant.GrantContext(
            id=grant_id,
            client_id=client_id,
            connector=self.connectors[provider],
            stores=self.stores,
            http=self.http,
            clock=self.stores.clock,
            telemetry=self.telemetry,
            deadline_s=self.settings.call_deadline,
            lost=partial(self._lost, client_id),
        )

        def make(birth: Birth) -> grant.Grant:
            return grant.Grant(me=birth.address, tasks=birth.tasks, context=context)

        # A refresh is shielded until its tokens are on the disk: give it the time of one call.
        return self.grants.add(
            ChildSpec(id=grant_id, kind="grant", make=make, shutdown=self.settings.call_deadline)
        )

    async def _lost(self, client_id: str, grant_id: str, reason: str) -> None:
        """The consent is gone: every connection that lives by it asks for a new one."""
        async with self.stores.client(client_id) as store:
            rows = await store.read(connection_rows.of_grant, grant_id)
        for row in rows:
            address = self._connection(client_id, row.id, row.provider, row.status)
            await address.tell(connection.Deauthorise(reason=reason, grant_id=grant_id))

    def _new_run(
        self,
        client_id: str,
        connector: Connector,
        row: ConnectionRow,
        store: Store,
        datasets: dict[DataType, Dataset],
        ended: dict[DataType, DatasetStatus],
    ) -> SyncRun:
        if row.grant_id is None or row.tenant_id is None:
            raise NeedsReauthorisation(platform=connector.manifest.slug, reason="it was never linked")
        address = self._grant(client_id, row.grant_id, connector.manifest.slug)
        return SyncRun(
            client_id=client_id,
            connection=row,
            connector=connector,
            calls=TenantCalls(
                connector=connector,
                tenant_id=row.tenant_id,
                http=self.http,
                budget=self._budget(connector, row.tenant_id),
                token=partial(self._token, address),
                telemetry=self.telemetry,
                deadline_s=self.settings.call_deadline,
                limit_bytes=self.settings.page_limit,
            ),
            store=store,
            telemetry=self.telemetry,
            clock=self.stores.clock,
            pages_in_flight=self.settings.pages_in_flight,
            stall_s=self.settings.sync_deadline,
            datasets=datasets,
            ended=ended,
        )

    async def _token(self, address: Address[Any], refused: str | None) -> str:
        deadline = 2 * self.settings.call_deadline  # a refresh, and the wait for one that is under way
        token: str = await address.ask(grant.GiveToken(refused=refused), deadline=deadline)
        return token

    def _budget(self, connector: Connector, tenant_id: str) -> Budget:
        key = (connector.manifest.slug, tenant_id)
        if key not in self._budgets:
            limits, own = connector.manifest.limits, self.providers[connector.manifest.slug]
            if own.limits == "off":
                limits = evolve(limits, calls_a_minute=None, calls_a_day=None)
            if own.calls_a_minute is not None:
                limits = evolve(limits, calls_a_minute=own.calls_a_minute)
            self._budgets[key] = Budget(connector.manifest.slug, limits, self.telemetry)
        return self._budgets[key]
