"""The storing stage: everything that one page changes, in one transaction."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from attrs import evolve, field, frozen

from tallystick.connectors import Connector, Issue, Resource
from tallystick.engine.dataset_end import end_dataset
from tallystick.engine.failure import rejection_told, status_of
from tallystick.engine.mapping import MappedPage
from tallystick.engine.reconciliation import Reading, Reconciled, Reconciliation
from tallystick.errors import CountMismatch, PageOutOfOrder, PageUnreadable, RecordRejected
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
    pages,
)
from tallystick.store import connections as connection_rows
from tallystick.store.instants import Clock
from tallystick.store.sqlcipher import SqliteConnection


@frozen(kw_only=True)
class Ending:
    """How a dataset ended whose list was read to its last page."""

    status: DatasetStatus = "Complete"
    code: str | None = None  #: of the error tree
    reason: str | None = None


@frozen(kw_only=True)
class Stored:
    """What storing a page did; with the last one, how each dataset ended."""

    page: StoredPage
    ended: Mapping[DataType, Ending] = field(factory=dict)
    reconciled: Reconciled | None = None  #: with the last page of a whole reading
    mismatch: CountMismatch | None = None  #: with the last page, when it came short of its total


@frozen(kw_only=True)
class PageStore:
    """Stores the pages of one sync. Its methods run in the writer's transaction."""

    connection: ConnectionRow
    connector: Connector
    datasets: Mapping[DataType, Dataset]
    clock: Clock
    reconciliation: Reconciliation

    def begin(self, database: SqliteConnection, resource: Resource) -> Reading:
        """Where the reading of a resource goes on or begins; its datasets are being fetched from now on."""
        for data_type in self.asked(resource):
            datasets.move(database, self.datasets[data_type].id, "Fetching", progress=1)
        cursor = cursors.load(database, self.connection.number, resource.name)
        return self.reconciliation.begin(database, self.connection.number, resource, cursor, self.clock())

    def begin_anew(self, database: SqliteConnection, resource: Resource) -> None:
        """Forget the reading under way; what it has stored stays."""
        cursor = cursors.load(database, self.connection.number, resource.name)
        fresh = Cursor(since=cursor.since, reconciled=cursor.reconciled)
        cursors.save(database, self.connection.number, resource.name, fresh)

    def next_cursor(self, reading: Reading, cursor: Cursor, mapped: MappedPage, *, again: bool) -> Cursor:
        """The cursor that holds once this page is stored; `again`: a page that it stands behind already.

        The next reading begins where this one *began*, by the provider's clock, less an overlap; never
        at the newest record seen, which may lie in the future or hide others of the same second. It
        begins where this one did when a record of it could not be mapped, when it came short of the
        provider's own count, or when it met nothing: what a passing fault spoilt is read again.
        """
        page = mapped.page
        if cursor.next is None:  # its first page: figures of the reading before it no longer hold
            cursor = Cursor(since=cursor.since, reconciled=cursor.reconciled, tracking=reading.tracking)
        told = page.total
        cursor = evolve(
            cursor,
            started=cursor.started or min(page.provider_time or self.clock(), self.clock()),
            rejected=cursor.rejected + mapped.rejected,
            read_rows=cursor.read_rows + (0 if again else len(page.records)),
            least_total=_least(cursor, told),
            last_total=told,
        )
        if page.next is not None:
            return evolve(cursor, next=page.next)
        short = _is_short(cursor)
        if short and not _is_the_same_again(reading.cursor, cursor):
            return evolve(cursor, next=None, started=None, rejected=0, tracking=False)
        whole = reading.since is None
        if cursor.rejected or (whole and cursor.read_rows == 0):
            return Cursor(since=cursor.since, reconciled=cursor.reconciled)
        assert cursor.started is not None
        began = cursor.started - timedelta(seconds=self.connector.manifest.overlap_s)
        return Cursor(
            since=began if cursor.since is None else max(began, cursor.since),  # also when a clock went back
            reconciled=self.clock() if whole else cursor.reconciled,
        )

    def store(
        self,
        database: SqliteConnection,
        resource: Resource,
        reading: Reading,
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
        if reading.tracking:
            self.reconciliation.note(database, number, resource, mapped.records, first=before.next is None)
        if mapped.base_currency is not None:
            connection_rows.note_base_currency(database, number, mapped.base_currency)
        for data_type in self.asked(resource):
            self._count(database, resource, data_type, stored, mapped)
        cursors.save(database, number, resource.name, after)
        if after.next is not None:
            return Stored(page=stored)
        return self._finish(database, resource, reading, mapped, before, stored, now)

    def _finish(
        self,
        database: SqliteConnection,
        resource: Resource,
        reading: Reading,
        mapped: MappedPage,
        before: Cursor,
        stored: StoredPage,
        now: datetime,
    ) -> Stored:
        """The end of a reading, with its last page."""
        rejected = before.rejected + mapped.rejected
        rows = before.read_rows + len(mapped.page.records) if before.next else len(mapped.page.records)
        least = _least(before if before.next else Cursor(), mapped.page.total)
        mismatch = None
        if least is not None and rows < least:
            mismatch = CountMismatch(
                platform=self.connector.manifest.slug, resource=resource.name, read=rows, told=least
            )
        reconciled = None
        if reading.tracking and not rejected and mismatch is None:
            reconciled = self.reconciliation.end(
                database, self.connection.number, resource, rows=rows, now=now
            )
            for data_type, gone in reconciled.deleted.items():
                if data_type in self.datasets:
                    datasets.count_deleted(database, self.datasets[data_type].id, gone)
        accepted = (reading.cursor.read_rows, reading.cursor.least_total) == (rows, least)
        ended = self._endings(database, resource, rejected, None if accepted else mismatch)
        for data_type, ending in ended.items():
            self._end(database, data_type, ending, now)
        return Stored(page=stored, ended=ended, reconciled=reconciled, mismatch=mismatch)

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

    def _endings(
        self, database: SqliteConnection, resource: Resource, rejected: int, mismatch: CountMismatch | None
    ) -> dict[DataType, Ending]:
        """How each dataset of a resource that was read to its end has ended.

        Rejections that an earlier sync met in this same reading count for every data type.
        """
        counted = {t: datasets.rejected(database, self.datasets[t].id) for t in self.asked(resource)}
        earlier = rejected - sum(counted.values())
        ended: dict[DataType, Ending] = {}
        for data_type, own in counted.items():
            bad = own or max(earlier, 0)
            if bad:
                first = issues.first_rejected(database, self.datasets[data_type].id)
                told = rejection_told(bad, first)
                ended[data_type] = Ending(status="MapError", code=RecordRejected.code, reason=told)
            elif mismatch is not None:
                told = f"{mismatch}. {mismatch.fix}"
                ended[data_type] = Ending(status=status_of(mismatch), code=mismatch.code, reason=told)
            else:
                ended[data_type] = Ending()
        return ended

    def _end(self, database: SqliteConnection, data_type: DataType, ending: Ending, now: datetime) -> None:
        end_dataset(
            database,
            self.datasets[data_type],
            ending.status,
            now,
            progress=100,
            code=ending.code,
            reason=ending.reason,
        )


def _least(cursor: Cursor, told: int | None) -> int | None:
    """The smallest total that the answers of a reading have told; None when none did."""
    known = [total for total in (cursor.least_total, told) if total is not None]
    return min(known, default=None)


def _is_short(cursor: Cursor) -> bool:
    """Whether a reading gave fewer rows than its list had at every moment of it."""
    return cursor.least_total is not None and cursor.read_rows < cursor.least_total


def _is_the_same_again(before: Cursor, cursor: Cursor) -> bool:
    """Whether the reading before came short by the very same figures: then the count is what is wrong."""
    return (before.read_rows, before.least_total) == (cursor.read_rows, cursor.least_total)


def _stored_issue(issue: Issue) -> StoredIssue:
    return StoredIssue(
        severity=issue.severity,
        path=issue.path,
        message=issue.message,
        data_type=issue.data_type,
        record_id=issue.record_id,
    )
