"""Who works for which connection and which consent: finds their actors, or starts them."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, suppress
from datetime import timedelta
from functools import partial
from typing import Any, Final

import httpx
import trio
from attrs import define, evolve, field

from tallystick.actors import Address, Birth, ChildSpec, Flow, Intensity, Supervisor
from tallystick.config import EngineSettings, ProviderSettings
from tallystick.connectors import Calls, Connector, Limits
from tallystick.connectors.budget import Budget, Budgets, Priority
from tallystick.connectors.circuit import Circuit
from tallystick.connectors.large_answers import LargeAnswers
from tallystick.connectors.transport import TenantCalls
from tallystick.engine import connection, grant, leaving
from tallystick.engine.custom_run import CustomRun
from tallystick.engine.custom_storing import CustomStore
from tallystick.engine.events import ConnectionMoved
from tallystick.engine.fairness import Fairness
from tallystick.engine.load import Load
from tallystick.engine.narrow_refresh import NarrowRefresh
from tallystick.engine.parking import Parked, Parking
from tallystick.engine.places import LARGE_BYTES, Place, Places
from tallystick.engine.progress import Progress
from tallystick.engine.reconciliation import Reconciliation
from tallystick.engine.schedule import Schedule
from tallystick.engine.states import at_work, resting
from tallystick.engine.sync import SyncRun
from tallystick.engine.sync_news import SyncNews
from tallystick.engine.sync_task import ConnectionContext, QueuedSync
from tallystick.errors import ActorUnavailable, NeedsReauthorisation, StoreUnusable
from tallystick.store import ConnectionRow, DirectoryRow, Store, Stores, custom_types
from tallystick.store import connections as connection_rows
from tallystick.telemetry import Telemetry

#: How long a full mailbox is waited for.
_PATIENCE_S: Final = 5.0
#: A restarted connection tries three times in ten minutes; then it is parked for a person.
_BORNE: Final = Intensity(restarts=3, period=600.0, delay=0.5, too_many="park")


@define(eq=False, kw_only=True)
class Roster:
    """The actors of connections and grants, and what they share."""

    stores: Stores
    connectors: Mapping[str, Connector]
    providers: Mapping[str, ProviderSettings]
    settings: EngineSettings
    http: httpx.AsyncClient
    telemetry: Telemetry
    fairness: Fairness
    load: Load
    budgets: Budgets
    schedule: Schedule
    parking: Parking
    connections: Supervisor = field(init=False)
    grants: Supervisor = field(init=False)
    places: Places = field(init=False)  #: of the whole process
    large: LargeAnswers = field(init=False)
    _circuits: dict[str, Circuit] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self.connections = Supervisor("connections", self.telemetry, _BORNE)
        self.grants = Supervisor("grants", self.telemetry, _BORNE)
        self.places = Places(self.settings.pages_in_flight_all, self.settings.bytes_in_flight_all)
        self.large = LargeAnswers(LARGE_BYTES)

    def connection(self, client_id: str, row: ConnectionRow | DirectoryRow) -> Address[connection.Message]:
        """A connection's actor, started when there is none yet."""
        connection_id = row.id if isinstance(row, ConnectionRow) else row.connection_id
        present = self.connections.find(connection_id)
        if present is not None:
            return present
        state = at_work(row.status, row.state)
        context = self._context(client_id, connection_id, row)

        def make(birth: Birth) -> connection.Connection:
            return connection.Connection(
                me=birth.address,
                tasks=birth.tasks,
                context=context,
                state=state if birth.restarts == 0 else None,
                crashes=birth.crashes,
            )

        def parked(reason: str, _: str) -> None:
            self.parking.note(
                Parked(
                    client_id=client_id,
                    connection_id=connection_id,
                    platform=context.platform,
                    reason=reason,
                )
            )

        return self.connections.add(
            ChildSpec(
                id=connection_id,
                kind="connection",
                make=make,
                parked=parked,
                resumed=partial(self.parking.forget, connection_id),
                accepts=_MESSAGES,
            )
        )

    def is_parked(self, connection_id: str) -> bool:
        """Whether a connection's actor was given up in this process."""
        state = self.connections.state(connection_id)
        return state is not None and state.state == "parked"

    async def let_go(self, client_id: str, row: ConnectionRow) -> None:
        """End the link of a parked connection that is to be deleted; it hears nothing itself.

        Raises: `StoreUnusable`; then the link stands.
        """
        how = leaving.Leave("Unlinked", leaving.REMOVED)
        await leaving.leave(self._context(client_id, row.id, row), how, None)

    def _context(
        self, client_id: str, connection_id: str, row: ConnectionRow | DirectoryRow
    ) -> ConnectionContext:
        connector = self.connectors[row.provider]
        return ConnectionContext(
            connection_id=connection_id,
            company_id=row.company_id,
            client_id=client_id,
            connector=connector,
            stores=self.stores,
            clock=self.stores.clock,
            telemetry=self.telemetry,
            new_run=partial(self._new_run, client_id, connector),
            new_narrow_refresh=partial(self._new_narrow_refresh, client_id, connector),
            new_custom_run=partial(self._new_custom_run, client_id, connector),
            fairness=self.fairness,
            calm=self.load.calm,
            note_due=self.schedule.note,
        )

    def grant(self, client_id: str, grant_id: str, provider: str) -> Address[grant.Message]:
        """A consent's actor, started when there is none yet."""
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
        """The consent is gone: every connection that lives by it asks for a new one.

        What cannot be read or written now is found out again by the connection's next sync.
        """
        with suppress(StoreUnusable):
            async with self.stores.client(client_id) as store:
                rows = await store.read(connection_rows.of_grant, grant_id)
            for row in rows:
                await self._deauthorise(client_id, row, reason, grant_id)

    async def _deauthorise(self, client_id: str, row: ConnectionRow, reason: str, grant_id: str) -> None:
        """Tell a connection's actor; for a parked one, which hears nothing, it is written in its place."""
        address = self.connection(client_id, row)
        if not self.is_parked(row.id):
            # Whoever waits for room too long is not needed: the next call's token tells it too.
            with trio.move_on_after(_PATIENCE_S), suppress(ActorUnavailable):
                await address.tell(connection.Deauthorise(reason=reason, grant_id=grant_id))
            return
        context = self._context(client_id, row.id, row)
        left = await leaving.leave(context, leaving.Leave("Deauthorized", reason, grant_id), None)
        if left is not None and left.status == "Deauthorized":
            self.telemetry.emit(
                ConnectionMoved(
                    platform=context.platform,
                    client_id=client_id,
                    connection_id=row.id,
                    was=resting(row.status, row.state),
                    now="NeedsReauth",
                    reason=reason,
                )
            )

    def _new_run(
        self,
        client_id: str,
        connector: Connector,
        row: ConnectionRow,
        store: Store,
        sync: QueuedSync,
    ) -> SyncRun:
        if row.grant_id is None or row.tenant_id is None:
            raise NeedsReauthorisation(platform=connector.manifest.slug, reason="it was never linked")
        progress = Progress(self.settings.sync_deadline)
        address = self.grant(client_id, row.grant_id, row.provider)
        run = _Run(self, connector, row.tenant_id, address, progress)
        flow = Flow(client_id, row.company_id)
        settings = self.settings
        return SyncRun(
            client_id=client_id,
            connection=row,
            connector=connector,
            calls=run.calls,
            store=store,
            telemetry=self.telemetry,
            clock=self.stores.clock,
            places=Places(
                settings.pages_in_flight,
                settings.bytes_in_flight,
                outer=self.places.share(client_id),
                large=self.large,
                progress=progress,
            ),
            progress=progress,
            turn=partial(self._turn, flow),
            reconciliation=self._reconciliation(),
            datasets={dataset.data_type: dataset for dataset in sync.datasets},
            correlation_id=sync.correlation_id,
            hurried=self.load.hurried,
            ended=sync.ended,
        )

    def _new_narrow_refresh(
        self, client_id: str, connector: Connector, row: ConnectionRow, store: Store
    ) -> NarrowRefresh:
        progress = Progress(self.settings.sync_deadline)  # every wait of it has a bound of its own
        address = self.grant(client_id, row.grant_id or "", row.provider)
        run = _Run(self, connector, row.tenant_id or "", address, progress)
        return NarrowRefresh(
            connection=row,
            connector=connector,
            calls=partial(run.calls, first=False, priority="interactive"),
            store=store,
            clock=self.stores.clock,
            places=self.places.share(client_id),
            turn=partial(self._turn, Flow(client_id, row.company_id)),
            hurried=self.load.hurried,
            reconciliation=self._reconciliation(),
        )

    def _new_custom_run(
        self, client_id: str, connector: Connector, row: ConnectionRow, store: Store, sync: QueuedSync
    ) -> CustomRun:
        if row.grant_id is None or row.tenant_id is None:
            raise NeedsReauthorisation(platform=connector.manifest.slug, reason="it was never linked")
        progress = Progress(self.settings.sync_deadline)
        address = self.grant(client_id, row.grant_id, row.provider)
        outer, (dataset,) = self.places.share(client_id), sync.datasets
        return CustomRun(
            connector=connector,
            calls=_Run(self, connector, row.tenant_id, address, progress).calls,
            store=store,
            places=Places(1, LARGE_BYTES, outer=outer, large=self.large, progress=progress),
            progress=progress,
            turn=partial(self._turn, Flow(client_id, row.company_id)),
            keeping=CustomStore(
                connection=row,
                platform=row.provider,
                dataset=dataset,
                identifier=custom_types.identifier_of(dataset.data_type) or "",
                clock=self.stores.clock,
                believed_share=self.settings.believed_deletions,
            ),
            news=SyncNews(
                telemetry=self.telemetry,
                platform=row.provider,
                client_id=client_id,
                connection_id=row.id,
                correlation_id=sync.correlation_id,
            ),
        )

    def _reconciliation(self) -> Reconciliation:
        return Reconciliation(
            every=timedelta(days=self.settings.reconcile_days),
            believed_share=self.settings.believed_deletions,
        )

    def _turn(self, flow: Flow) -> AbstractAsyncContextManager[object]:
        return self.fairness.cpu.turn(flow)

    def budget(self, connector: Connector, tenant_id: str) -> Budget:
        """What this tenant may still call."""
        manifest, own = connector.manifest, self.providers[connector.manifest.slug]
        return self.budgets.tenant(manifest.slug, tenant_id, limits_of(manifest.limits, own))

    def circuit(self, platform: str) -> Circuit:
        """Whether this provider is worth a call."""
        if platform not in self._circuits:
            self._circuits[platform] = Circuit(platform, self.telemetry)
        return self._circuits[platform]


@define(eq=False)
class _Run:
    """How one sync reaches its provider: a way for each page, which takes the large place for itself."""

    roster: Roster
    connector: Connector
    tenant_id: str
    grant: Address[Any]
    progress: Progress

    def calls(self, place: Place, first: bool, priority: Priority = "sync") -> Calls:
        """See `SyncRun.calls`."""
        roster = self.roster
        return TenantCalls(
            connector=self.connector,
            tenant_id=self.tenant_id,
            http=roster.http,
            budget=roster.budget(self.connector, self.tenant_id),
            circuit=roster.circuit(self.connector.manifest.slug),
            token=self._token,
            telemetry=roster.telemetry,
            deadline_s=roster.settings.call_deadline,
            limit_bytes=roster.settings.page_limit if first else LARGE_BYTES,
            large=roster.large,
            owner=place,
            priority=priority,
            patience=self.progress.patience,
        )

    async def _token(self, refused: str | None) -> str:
        deadline = 2 * self.roster.settings.call_deadline  # a refresh, and the wait for one that is under way
        token: str = await self.grant.ask(grant.GiveToken(refused=refused), deadline=deadline)
        return token


def limits_of(limits: Limits, own: ProviderSettings) -> Limits:
    """The provider's limits as this installation has them."""
    if own.limits == "off":
        limits = evolve(limits, calls_a_minute=None, calls_a_day=None, app_calls_a_minute=None)
    if own.calls_a_minute is not None:
        limits = evolve(limits, calls_a_minute=own.calls_a_minute)
    return limits


_MESSAGES: Final = tuple(connection.Message.__args__)
