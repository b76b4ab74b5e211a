"""The storing stage: everything that one page changes, in one transaction."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from attrs import evolve, frozen

from tallystick.connectors import Connector, Issue, Resource
from tallystick.engine.failure import rejection_told
from tallystick.engine.mapping import MappedPage
from tallystick.errors import PageOutOfOrder, PageUnreadable, RecordRejected
from tallystick.standard import DatasetStatus, DataType
from tallystick.store import (
    ConnectionRow,
    Cursor,
    Dataset,
    NewPage,
    StoredIssue,
    StoredPage,
    Tally,
    cursors,
    datasets,
    issues,
    outbox,
    pages,
)
from tallystick.store import connections as connection_rows
from tallystick.store.instants import Clock
from tallystick.store.sqlcipher import SqliteConnection


@frozen
class Stored:
    """What storing a page did; with the last one, how each dataset ended."""

    page: StoredPage
    ended: dict[DataType, str | None]  #: why it did not end well; None: it did


@frozen(kw_only=True)
class PageStore:
    """Stores the pages of one sync. Its methods run in the writer's transaction."""

    connection: ConnectionRow
    connector: Connector
    datasets: Mapping[DataType, Dataset]
    clock: Clock

    def next_cursor(self, cursor: Cursor, mapped: MappedPage) -> Cursor:
        """The cursor that holds once this page is stored.

        The next reading begins where this one *began*, by the provider's clock, less an overlap; never
        at the newest record seen, which may lie in the future or hide others of the same second. It
        begins where this one did when a record of it could not be mapped: what a passing fault spoilt
        is read again, and nothing is called complete before.
        """
        page = mapped.page
        started = cursor.started or min(page.provider_time or self.clock(), self.clock())
        rejected = cursor.rejected + mapped.rejected
        if page.next is not None:
            return evolve(cursor, started=started, next=page.next, rejected=rejected)
        if rejected or (cursor.since is None and cursor.next is None and not mapped.records):
            # A list that has never shown anything is read from its beginning again: it costs one call, and
            # an answer that was empty by mistake hides nothing for ever.
            return Cursor(since=cursor.since)
        return Cursor(since=started - timedelta(seconds=self.connector.manifest.overlap_s))

    def store(
        self,
        database: SqliteConnection,
        resource: Resource,
        mapped: MappedPage,
        before: Cursor,
        after: Cursor,
    ) -> Stored:
        """Raw bytes, records, issues, figures, cursor; with the last page the datasets' end and its news.

        Raises: `PageOutOfOrder` when the cursor is not where this page begins.
        """
        now = self.clock()
        number = self.connection.number
        if cursors.load(database, number, resource.name) != before:
            raise PageOutOfOrder(resource=resource.name)
        problem = f"{mapped.rejected} rejected" if mapped.rejected else None
        page = evolve(self._page(resource, mapped.page.raw, now), records=mapped.records, problem=problem)
        stored = pages.store_page(database, page, now)
        if mapped.base_currency is not None:
            connection_rows.note_base_currency(database, number, mapped.base_currency)
        for data_type in self.asked(resource):
            self._count(database, resource, data_type, stored, mapped)
        cursors.save(database, number, resource.name, after)
        if after.next is not None:
            return Stored(stored, {})
        ended = self._problems(database, resource, before.rejected + mapped.rejected)
        for data_type, why in ended.items():
            self._end(database, data_type, why, now)
        return Stored(stored, ended)

    def refuse(self, database: SqliteConnection, resource: Resource, error: PageUnreadable) -> None:
        """Keep an answer that cannot be read, for the connector's author."""
        page = self._page(resource, error.raw, self.clock())
        pages.keep_raw(database, evolve(page, problem=error.reason))

    def asked(self, resource: Resource) -> list[DataType]:
        """The data types of this resource that the sync is about."""
        return [t for t in resource.data_types if t in self.datasets]

    def _page(self, resource: Resource, raw: bytes, now: datetime) -> NewPage:
        return NewPage(
            connection=self.connection.number,
            resource=resource.name,
            fetched_at=now,
            raw=raw,
            records=(),
            mapping=self.connector.mapping_version,
        )

    def _count(
        self,
        database: SqliteConnection,
        resource: Resource,
        data_type: DataType,
        stored: StoredPage,
        mapped: MappedPage,
    ) -> None:
        dataset = self.datasets[data_type]
        # A row that no record came of is the first data type's of its resource, unless it says otherwise.
        mine = [i for i in mapped.issues if (i.data_type or resource.data_types[0]) == data_type]
        rejected = sum(issue.severity == "rejected" for issue in mine)
        datasets.count(database, dataset.id, stored.tallies.get(data_type, Tally()), rejected=rejected)
        if mine:
            issues.save(
                database,
                number=self.connection.number,
                dataset_id=dataset.id,
                page=stored.raw_page,
                found=map(_stored_issue, mine),
            )

    def _problems(
        self, database: SqliteConnection, resource: Resource, rejected: int
    ) -> dict[DataType, str | None]:
        """How each dataset of a resource that was read to its end has ended.

        Rejections that an earlier sync met in this same reading count for every data type.
        """
        counted = {t: datasets.rejected(database, self.datasets[t].id) for t in self.asked(resource)}
        earlier = rejected - sum(counted.values())
        ended: dict[DataType, str | None] = {}
        for data_type, own in counted.items():
            first = issues.first_rejected(database, self.datasets[data_type].id)
            bad = own or max(earlier, 0)
            ended[data_type] = rejection_told(bad, first) if bad else None
        return ended

    def _end(
        self, database: SqliteConnection, data_type: DataType, problem: str | None, now: datetime
    ) -> None:
        dataset = self.datasets[data_type]
        status: DatasetStatus = "MapError" if problem else "Complete"
        datasets.move(
            database,
            dataset.id,
            status,
            progress=100,
            at=now,
            error_code=RecordRejected.code if problem else None,
            error_message=problem,
        )
        outbox.add(
            database,
            "read.completed",
            company_id=self.connection.company_id,
            connection_id=self.connection.id,
            body={"datasetId": dataset.id, "dataType": data_type, "status": status},
            now=now,
        )


def _stored_issue(issue: Issue) -> StoredIssue:
    return StoredIssue(
        severity=issue.severity,
        path=issue.path,
        message=issue.message,
        data_type=issue.data_type,
        record_id=issue.record_id,
    )
