"""From a provider's message to the actors of the connections that it is about. Nothing is read here.

What gets lost on the way is lost for a while only: the schedule reads whatever has changed.
"""

from collections.abc import Mapping, Sequence

from attrs import frozen

from tallystick.connectors import Connector, Notice
from tallystick.engine.connection_messages import RecordsChanged
from tallystick.engine.notice_events import DropReason, NoticesDropped, NoticesReceived
from tallystick.engine.roster import Roster
from tallystick.errors import ActorUnavailable
from tallystick.store import DirectoryRow, Stores, control
from tallystick.telemetry import Telemetry


@frozen(eq=False)
class Noticing:
    """Finds by provider and tenant who is to hear of a change: every connection that reads these books."""

    stores: Stores
    connectors: Mapping[str, Connector]
    roster: Roster
    telemetry: Telemetry

    async def notify(self, provider: str, notices: Sequence[Notice]) -> None:
        """Put each notice into the mailbox of each connection that it concerns, and wait for none of them.

        Cost: a read of the directory, an index seek a tenant. Raises: `StoreUnusable` when that cannot be
        read; then nobody has heard anything, and the provider may say it again.
        """
        self.telemetry.emit(NoticesReceived(platform=provider, notices=len(notices)))
        read = {resource.name for resource in self.connectors[provider].manifest.resources}
        by_tenant: dict[str, list[Notice]] = {}
        for notice in notices:
            if notice.resource in read:
                by_tenant.setdefault(notice.tenant, []).append(notice)
        wanted = sum(map(len, by_tenant.values()))
        self._drop(provider, "not_read", len(notices) - wanted)
        if not by_tenant:
            return
        rows = await self.stores.control.read(control.of_tenants, provider, tuple(by_tenant))
        known = {row.tenant_id for row in rows}
        strange = sum(len(theirs) for tenant, theirs in by_tenant.items() if tenant not in known)
        self._drop(provider, "unknown_tenant", strange)
        for row in rows:
            theirs = tuple(by_tenant[row.tenant_id or ""])
            reason = self._tell(row, theirs)
            if reason is not None:
                self._drop(provider, reason, len(theirs))

    def _tell(self, row: DirectoryRow, notices: tuple[Notice, ...]) -> DropReason | None:
        """Why a connection has not been told; None: it has."""
        if row.status != "Linked":
            return "not_linked"
        address = self.roster.connection(row.client_id, row)
        if self.roster.is_parked(row.connection_id):
            return "parked"
        try:
            address.tell_nowait(RecordsChanged(notices=notices))
        except ActorUnavailable:
            return "busy"
        return None

    def _drop(self, platform: str, reason: DropReason, notices: int) -> None:
        if notices:
            self.telemetry.emit(NoticesDropped(platform=platform, reason=reason, notices=notices))
