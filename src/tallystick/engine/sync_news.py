"""What one sync tells: each page, refusal and end once, when it is on the disk."""

from attrs import frozen

from tallystick.connectors import Resource
from tallystick.engine.events import DatasetFinished, PageRefused, PageStored, SyncStoodStill
from tallystick.engine.mapping import MappedPage
from tallystick.engine.quality_news import doubts_of_page
from tallystick.engine.storing import Stored
from tallystick.errors import FaultClass
from tallystick.standard import DatasetStatus
from tallystick.store import Dataset
from tallystick.telemetry import Telemetry


@frozen(kw_only=True)
class SyncNews:
    """The events of one sync, which all say whose it is. Call each after the commit that it tells of."""

    telemetry: Telemetry
    platform: str
    client_id: str
    connection_id: str
    correlation_id: str | None  #: of the request that asked for the sync

    def page_stored(self, resource: Resource, mapped: MappedPage, stored: Stored) -> None:
        """A page is stored."""
        totals = [(t, y.created, y.updated, y.unchanged) for t, y in stored.page.tallies.items()]
        self.telemetry.emit(
            PageStored(
                platform=self.platform,
                client_id=self.client_id,
                connection_id=self.connection_id,
                resource=resource.name,
                next=mapped.page.next,
                records=len(mapped.records),
                created=sum(created for _, created, _, _ in totals),
                updated=sum(updated for _, _, updated, _ in totals),
                unchanged=sum(unchanged for _, _, _, unchanged in totals),
                rejected=mapped.rejected,
                by_type=tuple(totals),
            )
        )
        whose = {
            "platform": self.platform,
            "client_id": self.client_id,
            "connection_id": self.connection_id,
        }
        for event in doubts_of_page(whose, resource, mapped, stored):
            self.telemetry.emit(event)

    def page_refused(self, resource: Resource, reason: str) -> None:
        """An answer that cannot be read is kept."""
        self.telemetry.emit(
            PageRefused(
                platform=self.platform,
                client_id=self.client_id,
                connection_id=self.connection_id,
                resource=resource.name,
                reason=reason,
            )
        )

    def stood_still(self, seconds: float) -> None:
        """The sync did not get on for so long, and its datasets have ended."""
        self.telemetry.emit(
            SyncStoodStill(
                platform=self.platform,
                client_id=self.client_id,
                connection_id=self.connection_id,
                seconds=seconds,
            )
        )

    def dataset_finished(
        self, dataset: Dataset, status: DatasetStatus, reason: str | None, fault: FaultClass | None = None
    ) -> None:
        """A dataset has ended."""
        self.telemetry.emit(
            DatasetFinished(
                platform=self.platform,
                client_id=self.client_id,
                connection_id=self.connection_id,
                dataset_id=dataset.id,
                data_type=dataset.data_type,
                status=status,
                reason=reason,
                fault=fault,
                correlation_id=self.correlation_id,
            )
        )
