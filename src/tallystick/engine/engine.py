"""What the doors (API, pages, commands) may ask of the engine."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final

import httpx
from attrs import define, field

from tallystick.actors import Address, Birth, ChildSpec, Context, Service, Supervisor, Timers
from tallystick.config import EngineSettings, ProviderSettings
from tallystick.connectors import Connector, Manifest, Notice
from tallystick.connectors.budget import Budgets
from tallystick.engine import connection, grant
from tallystick.engine.budget_keeping import BudgetKeeping
from tallystick.engine.deciding import HeldList, decide, held_lists
from tallystick.engine.events import RevocationFailed
from tallystick.engine.fairness import Fairness
from tallystick.engine.leaving import REMOVED
from tallystick.engine.linking import LinkDone, Linking, TenantChoice
from tallystick.engine.load import Load
from tallystick.engine.noticing import Noticing
from tallystick.engine.parking import Parking
from tallystick.engine.remaps import Remaps
from tallystick.engine.roster import Roster
from tallystick.engine.schedule import Schedule
from tallystick.errors import ActorUnavailable, ConnectionParked, NotLinked, TallystickError
from tallystick.standard import DataType
from tallystick.store import ConnectionRow, Dataset, Stores, audit, companies, control
from tallystick.store import connections as connection_rows
from tallystick.store.sqlcipher import SqliteConnection
from tallystick.telemetry import Telemetry

#: How long a caller of the API waits for an actor: SDKs give up after 5 s.
_PATIENCE_S: Final = 4.5


@define(eq=False)
class Engine:
    """Owns everything that works for connections. Run its `children` under a supervisor, then `start`."""

    stores: Stores
    connectors: Mapping[str, Connector]
    providers: Mapping[str, ProviderSettings]
    settings: EngineSettings
    http: httpx.AsyncClient
    telemetry: Telemetry
    public_url: str
    timers: Timers = field(factory=Timers)
    fairness: Fairness = field(init=False)
    load: Load = field(init=False)
    budgets: Budgets = field(init=False)
    keeping: BudgetKeeping = field(init=False)
    schedule: Schedule = field(init=False)
    parking: Parking = field(init=False)
    roster: Roster = field(init=False)
    remaps: Remaps = field(init=False)
    _linking: Linking = field(init=False)
    _noticing: Noticing = field(init=False)

    def __attrs_post_init__(self) -> None:
        clock = self.stores.clock
        self.fairness = Fairness.of(self.settings.syncs_at_once)
        self.load = Load(self.settings, self.telemetry)
        self.budgets = Budgets(self.telemetry, clock)
        self.keeping = BudgetKeeping(self.stores, self.budgets)
        self.schedule = Schedule(clock, self.timers, self._due, self.telemetry)
        self.parking = Parking(self.stores, self.telemetry, clock, self.schedule.note)
        self.roster = Roster(
            stores=self.stores,
            connectors=self.connectors,
            providers=self.providers,
            settings=self.settings,
            http=self.http,
            telemetry=self.telemetry,
            fairness=self.fairness,
            load=self.load,
            budgets=self.budgets,
            schedule=self.schedule,
            parking=self.parking,
        )
        self.stores.writer_turns = self.fairness.writers
        self.remaps = Remaps(
            stores=self.stores,
            connectors=self.connectors,
            telemetry=self.telemetry,
            fairness=self.fairness,
            load=self.load,
        )
        self._noticing = Noticing(self.stores, self.connectors, self.roster, self.telemetry)
        self._linking = Linking(self.stores, self.connectors, self.http, self.public_url, self._linked_at)

    def children(self) -> tuple[ChildSpec, ...]:
        """The engine's part of the supervision tree, in the order of starting; stopped in reverse.

        The connections stop before the grants that they ask, and the budgets are kept last of all.
        """
        return (
            _service("budgets", lambda: self.keeping),
            _service("timers", lambda: self.timers),
            _service("load", lambda: self.load),
            _service("parking", lambda: self.parking),
            _service("grants", lambda: self.grants, shutdown=30.0),
            _service("connections", lambda: self.connections, shutdown=30.0),
            _service("schedule", lambda: self.schedule),
            _service("remaps", lambda: self.remaps.supervisor),
        )

    @property
    def connections(self) -> Supervisor:
        """The connections' actors."""
        return self.roster.connections

    @property
    def grants(self) -> Supervisor:
        """The consents' actors."""
        return self.roster.grants

    @property
    def manifests(self) -> Mapping[str, Manifest]:
        """The enabled providers, by slug."""
        return {slug: connector.manifest for slug, connector in self.connectors.items()}

    async def start(self) -> None:
        """Start an actor for every connection in the directory; the schedule tells those that have work.

        Cost: reads control.db only; a client's file is opened when one of its connections has work.
        """
        await self.keeping.restore()  # before any call can be made
        await self.connections.running.wait()
        await self.grants.running.wait()
        now = self.stores.clock()
        crashed = await self.stores.control.read(control.crashed_clients)
        for row in await self.stores.control.read(control.directory):
            if row.provider not in self.connectors:
                continue
            self.roster.connection(row.client_id, row)
            due_at = now if row.client_id in crashed else row.next_due_at
            if due_at is not None:
                self.schedule.note(row.connection_id, due_at)

    async def rests_parked(self, connection_id: str) -> bool:
        """Whether a connection's row says Parked, as an earlier process may have left it."""
        row = await self.stores.control.read(control.find_in_directory, connection_id)
        return row is not None and row.state == "Parked"

    def resume(self, connection_id: str) -> None:
        """Let a connection go on that is parked, or says so though its actor runs. Raises: `KeyError`.

        Safe to repeat.
        """
        self.connections.resume(connection_id)
        self.schedule.note(connection_id, self.stores.clock())

    async def add_connection(self, client_id: str, company_id: str, provider: str) -> ConnectionRow:
        """A new connection that waits for its consent. Raises: `KeyError` for no such company."""
        row = connection_rows.new(company_id, provider, self.stores.clock())
        async with self.stores.client(client_id) as store:
            if await store.read(companies.find, company_id) is None:
                raise KeyError(company_id)
            await store.write(connection_rows.save, row)
        await self.stores.control.write(control.put_in_directory, client_id, row)
        self.roster.connection(client_id, row)
        return row

    async def begin_link(self, connection_id: str) -> str:
        """The provider's consent page for this connection. Raises: `KeyError`."""
        return await self._linking.begin(connection_id)

    async def finish_link(
        self, provider: str, callback: Mapping[str, str], *, correlation_id: str | None = None
    ) -> LinkDone | TenantChoice:
        """The company came back from the provider's page. Raises: `LinkFailed`."""
        done = await self._linking.finish(provider, callback, correlation_id=correlation_id)
        return await self._linked(done, correlation_id) if isinstance(done, LinkDone) else done

    async def choose_tenant(
        self, ticket: str, tenant_id: str, *, correlation_id: str | None = None
    ) -> LinkDone:
        """The company said which books are meant. Raises: `LinkFailed`."""
        done = await self._linking.choose(ticket, tenant_id, correlation_id=correlation_id)
        return await self._linked(done, correlation_id)

    async def sync(
        self,
        client_id: str,
        connection_id: str,
        data_types: Sequence[DataType] | None,
        reason: str,
        *,
        correlation_id: str | None = None,
    ) -> list[Dataset]:
        """Queue a refresh (None: of everything) and return its datasets, durable.

        `correlation_id`: of the request that asks; events of the sync carry it.

        Raises: `AlreadySyncing`, `NotLinked`, `NotSupported`, `ConnectionParked`, `ActorUnavailable`,
        `KeyError`.
        """
        row = await self._row(client_id, connection_id)
        wanted = tuple(data_types or self.connectors[row.provider].manifest.data_types)
        address = self.roster.connection(client_id, row)
        if self.roster.is_parked(row.id):
            raise ConnectionParked(reason=row.reason or "it crashed")
        queued: list[Dataset] = await address.ask(
            connection.Sync(data_types=wanted, reason=reason),
            deadline=_PATIENCE_S,
            context=Context(client_id=client_id, trace=correlation_id),
        )
        return queued

    async def notify(self, provider: str, notices: Sequence[Notice]) -> None:
        """Pass on what a provider says to have changed; the records are read anew by and by.

        Whatever of it comes to nothing is an event, and read by the schedule. Raises: `StoreUnusable`.
        """
        await self._noticing.notify(provider, notices)

    async def unlink(self, client_id: str, connection_id: str) -> ConnectionRow:
        """End the link and keep its data. Raises: `NotLinked`, `ActorUnavailable`, `KeyError`."""
        row = await self._row(client_id, connection_id)
        if row.status != "Linked":
            raise NotLinked(status=row.status)
        if self.roster.is_parked(row.id):
            self.connections.resume(row.id)  # to hear it; the crash is behind it or comes again
        address = self.roster.connection(client_id, row)
        left: ConnectionRow = await address.ask(connection.Unlink(), deadline=_PATIENCE_S)
        consent = await self._own_consent(client_id, row)
        if consent is not None:  # after its sync has stopped, which would call it a lost consent
            await self._revoke(consent, row)
        return left

    async def remove_connection(self, client_id: str, connection_id: str) -> None:
        """End the link, delete its data, and let its consent go. Raises: `KeyError`, `ActorUnavailable`.

        And `StoreUnusable`. One that fails half-way leaves a connection that is linked and works, or one
        that is unlinked; repeated, it goes on from there.
        """
        row = await self._row(client_id, connection_id)
        address = self.connections.find(row.id)
        if address is not None:
            if self.roster.is_parked(row.id):
                await self.roster.let_go(client_id, row)
            else:
                await address.ask(connection.Remove(), deadline=_PATIENCE_S)
            await self.connections.remove(row.id)
        consent = None
        if row.status == "Linked" or row.reason == REMOVED:
            consent = await self._own_consent(client_id, row)
        if consent is not None and not await self._has_token(consent, row):
            consent = None  # without one the provider hears nothing
        async with self.stores.client(client_id) as store:
            if not await store.write(_remove, row, self.stores.clock()):
                raise ActorUnavailable(actor=row.id, reason="it was linked anew while it was being deleted")
        if consent is not None:
            await self._revoke(consent, row)
        await self.stores.control.write(control.drop_from_directory, [row.id])
        self.schedule.note(row.id, None)
        await self._retire(row.grant_id)

    async def remove_company(self, client_id: str, company_id: str) -> None:
        """Delete a company with everything that is known of it. Raises: `ActorUnavailable`."""
        async with self.stores.client(client_id) as store:
            for row in await store.read(connection_rows.of_company, company_id):
                await self.remove_connection(client_id, row.id)
            await store.write(companies.remove, company_id)

    async def held_lists(self) -> list[HeldList]:
        """Deletions that wait for a person, in the whole installation."""
        return await held_lists(self.stores)

    async def decide(self, connection_id: str, resource: str, *, apply: bool, by: str) -> int:
        """A person's yes or no to deletions that were held. Returns how many records are deleted now.

        Raises: `KeyError` for no such connection, or nothing held there.
        """
        return await decide(self.stores, self.telemetry, connection_id, resource, apply=apply, by=by)

    async def _linked(self, done: LinkDone, correlation_id: str | None) -> LinkDone:
        """Tell the actor of a link, which reads what is wanted or notes when it is due."""
        row = await self._row(done.client_id, done.connection_id)
        address = self.roster.connection(done.client_id, row)
        if self.roster.is_parked(row.id):
            self.connections.resume(row.id)  # to hear it, as for `unlink`
        with suppress(TallystickError):  # the link stands and is due: what was not begun begins by itself
            await address.ask(
                connection.Linked(grant_id=row.grant_id, wanted=done.wanted),
                deadline=_PATIENCE_S,
                context=Context(client_id=done.client_id, trace=correlation_id),
            )
        await self._retire(done.replaced_grant_id)
        return done

    async def _row(self, client_id: str, connection_id: str) -> ConnectionRow:
        async with self.stores.client(client_id) as store:
            row = await store.read(connection_rows.find, connection_id)
        if row is None:
            raise KeyError(connection_id)
        return row

    async def _own_consent(self, client_id: str, row: ConnectionRow) -> Address[grant.Message] | None:
        """The consent's actor; None where there is no consent, or another connection lives by it too."""
        if row.grant_id is None or row.tenant_id is None:
            return None
        for other in await self.stores.control.read(control.directory):
            same = (other.provider, other.tenant_id) == (row.provider, row.tenant_id)
            if same and other.connection_id != row.id and other.status == "Linked":
                return None  # the provider knows one link of these books to our app: another company's too
        return self.roster.grant(client_id, row.grant_id, row.provider)

    async def _has_token(self, consent: Address[grant.Message], row: ConnectionRow) -> bool:
        """Have a consent's actor hold a token: those in the client's file go with the connection's rows."""
        try:
            await consent.ask(grant.GiveToken(), deadline=_PATIENCE_S)
        except TallystickError as error:
            self._not_revoked(row, error)
            return False
        return True

    async def _revoke(self, consent: Address[grant.Message], row: ConnectionRow) -> None:
        """Let the consent go at the provider. The link ends here whatever the provider says to it."""
        try:
            await consent.ask(grant.Revoke(tenant_id=row.tenant_id or ""), deadline=_PATIENCE_S)
        except TallystickError as error:
            self._not_revoked(row, error)

    def _not_revoked(self, row: ConnectionRow, error: TallystickError) -> None:
        self.telemetry.emit(RevocationFailed(platform=row.provider, connection_id=row.id, reason=str(error)))

    async def _retire(self, grant_id: str | None) -> None:
        """Let the actor of a consent go that no connection lives by any more."""
        if grant_id is None or self.grants.find(grant_id) is None:
            return
        rows = await self.stores.control.read(control.directory)
        if all(row.grant_id != grant_id for row in rows):
            await self.grants.remove(grant_id)

    def _linked_at(self, connection_id: str, at: datetime | None) -> None:
        """From the link, whatever became of its call: a parked connection hears of nothing else."""
        if self.roster.is_parked(connection_id):
            self.connections.resume(connection_id)  # the crash is behind it or comes again
        self.schedule.note(connection_id, at)

    def _due(self, connection_id: str) -> None:
        """From the schedule. A full mailbox is told again later; an actor that is gone is due no more.

        A parked one neither: whoever lets it go on has it look.
        """
        address = self.connections.find(connection_id)
        if address is None or self.roster.is_parked(connection_id):
            self.schedule.note(connection_id, None)
            return
        with suppress(TallystickError):
            address.tell_nowait(connection.Due())


def _remove(database: SqliteConnection, row: ConnectionRow, now: datetime) -> bool:
    """Delete a connection's rows; False, and nothing is done, when it lives by a new consent meanwhile."""
    standing = connection_rows.find(database, row.id)
    if standing is not None and standing.status == "Linked" and standing.grant_id != row.grant_id:
        return False
    connection_rows.remove(database, row)
    entry = audit.Entry(
        at=now,
        actor="client",
        act="connection.remove",
        subject=row.id,
        detail={"companyId": row.company_id},
    )
    audit.append(database, entry)
    return True


def _service(name: str, find: Callable[[], Service], shutdown: float = 5.0) -> ChildSpec:
    def born(_: Birth) -> Service:
        return find()

    return ChildSpec(id=name, kind="service", make=born, shutdown=shutdown)
