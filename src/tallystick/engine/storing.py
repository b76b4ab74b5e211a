"""The storing stage: everything that one page changes, in one transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from attrs import evolve, field, frozen

from tallystick.connectors import Connector, Resource
from tallystick.engine.dataset_end import end_dataset
from tallystick.engine.doubting import renew_issues, unaccounted
from tallystick.engine.failure import rejection_told, status_of
from tallystick.engine.mapping import MappedPage
from tallystick.engine.page_identity import digest_of, digest_of_rejections, ids_of, met_by
from tallystick.engine.reconciliation import Reading, Reconciled, Reconciliation
from tallystick.errors import (
    CountMismatch,
    FaultClass,
    ListMoved,
    PageOutOfOrder,
    PageUnreadable,
    RecordRejected,
)
from tallystick.standard import DatasetStatus, DataType
from tallystick.store import (
    ConnectionRow,
    Cursor,
    Dataset,
    NewPage,
    StoredPage,
    Tally,
    cursors,
    datasets,
    deletions,
    issues,
    pages,
    supplemental,
)
from tallystick.store import connections as connection_rows
from tallystick.store.datasets import RowFigures
from tallystick.store.instants import Clock
from tallystick.store.sqlcipher import SqliteConnection
from tallystick.store.supplemental import MappedList


@frozen(kw_only=True)
class Ending:
    """How a dataset ended whose list was read to its last page."""

    status: DatasetStatus = "Complete"
    code: str | None = None  #: of the error tree
    reason: str | None = None
    fault: FaultClass | None = None


@frozen(kw_only=True)
class Stored:
    """What storing a page did; with the last one, how each dataset ended."""

    page: StoredPage
    ended: Mapping[DataType, Ending] = field(factory=dict)
    reconciled: Reconciled | None = None  #: with the last page of a whole reading
    mismatch: CountMismatch | None = None  #: with the last page, when it came short of its total
    accepted: bool = False  #: the mismatch is the provider's habit, and no failure
    unaccounted: Sequence[Dataset] = ()  #: with the last page, datasets whose figures do not add up


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
        number, now = self.connection.number, self.clock()
        cursor = cursors.load(database, number, resource.name)
        if cursor.next is not None and not cursor.whole and cursor.since is not None and cursor.since > now:
            cursor = cursor.at_rest()  # it asked for changes after a moment that has not come
            cursors.save(database, number, resource.name, cursor)
        begun = supplemental.begin_reading(database, self._list(resource), cursor)
        if begun != cursor:
            cursors.save(database, number, resource.name, begun)
        return self.reconciliation.begin(
            database, number, resource, begun, now, mapping=self.connector.mapping_version
        )

    def begin_anew(self, database: SqliteConnection, resource: Resource) -> None:
        """Forget the reading under way; what it has stored stays."""
        cursor = cursors.load(database, self.connection.number, resource.name)
        cursors.save(database, self.connection.number, resource.name, cursor.at_rest())

    def check_taken_up(self, reading: Reading, resource: Resource, mapped: MappedPage) -> None:
        """Whether the page with which an interrupted reading was left still overlaps with what it was.

        Then its rows have moved by less than a page. What moved back is on it now, and read with it;
        what moved on is read with the pages that follow. Raises: `ListMoved` where that is not so.
        """
        known = {reading.cursor.first_id, reading.cursor.last_id}
        if known.isdisjoint(map(digest_of, ids_of(mapped))):
            raise ListMoved(platform=self.connector.manifest.slug, resource=resource.name)

    def next_cursor(
        self, reading: Reading, cursor: Cursor, mapped: MappedPage, *, at: str | None, again: bool
    ) -> Cursor:
        """The cursor that holds once this page is stored.

        `at`: where the page is. `again`: the cursor stands behind it already.
        """
        page = mapped.page
        if cursor.next is None:  # its first page
            cursor = evolve(cursor.at_rest(), whole=reading.since is None, tracking=reading.tracking)
        ids = ids_of(mapped)
        nameless = any(i.severity == "rejected" and not i.record_id for i in mapped.issues)
        # A page that comes again may have a row that it had not: what cannot be mapped counts each time.
        cursor = evolve(
            cursor,
            tracking=cursor.tracking and not nameless and not page.partial,
            rejected=cursor.rejected + mapped.rejected,
            rejecting=digest_of_rejections(cursor.rejecting, mapped, self.connector.mapping_version),
            least_total=_least(cursor, page.total),
            last_total=page.total,
        )
        if again:
            return cursor
        cursor = evolve(
            cursor,
            started=cursor.started or min(page.provider_time or self.clock(), self.clock()),
            read_rows=cursor.read_rows + len(page.records),
            last_page=at,
            first_id=digest_of(ids[0]) if ids else None,
            last_id=digest_of(ids[-1]) if ids else None,
        )
        if page.next is not None:
            return evolve(cursor, next=page.next)
        return self._after(reading, cursor, is_timed=page.provider_time is not None)

    def _after(self, reading: Reading, cursor: Cursor, *, is_timed: bool) -> Cursor:
        """The cursor after a reading, of which `cursor` is the sum.

        The next reading begins where this one *began*, by the provider's clock, less an overlap; never
        at the newest record seen, which may lie in the future or hide others of the same second. It
        begins where this one did when a record of it could not be mapped, or when it came short of the
        provider's own count, for the first time: what a passing fault spoilt is read again. What comes
        twice is no passing fault. Nor does a reading that met nothing move it, where nothing else than
        our own clock says when that was.
        """
        short = _shortfall(cursor)
        rest = evolve(cursor.at_rest(), confirming=0, shortfall=short)
        if short and short != reading.cursor.shortfall:
            return rest
        if cursor.rejected and not reading.cursor.rejections:
            return evolve(rest, rejections=cursor.rejecting)
        if cursor.read_rows == 0 and cursor.whole:
            # An empty answer may be a passing fault too: what was left out is forgotten with the second.
            return evolve(rest, unmapped=cursor.unmapped if cursor.rejections else 0, rejections=0)
        if cursor.read_rows == 0 and not is_timed:
            return rest
        now = self.clock()
        assert cursor.started is not None
        since = cursor.started - timedelta(seconds=self.connector.manifest.overlap_s)
        if cursor.since is not None and not (cursor.whole and cursor.since > now):
            since = max(since, cursor.since)  # reading by changes it never goes back, also when a clock did
        if cursor.whole:
            return evolve(
                rest,
                since=since,
                reconciled=now,
                rejections=cursor.rejecting,
                unmapped=cursor.rejected,
                unmapped_by=self.connector.mapping_version if cursor.rejected else 0,
            )
        if cursor.rejected:
            unmapped = max(cursor.rejected, cursor.unmapped)
            return evolve(rest, since=since, unmapped=unmapped, unmapped_by=self.connector.mapping_version)
        return evolve(rest, since=since)

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
            anew = before.next is None and before.confirming == 0
            self.reconciliation.note(database, number, resource, met_by(resource, mapped), anew=anew)
        if reading.holding:
            self.reconciliation.spare(database, number, resource, met_by(resource, mapped))
        if mapped.base_currency is not None:
            connection_rows.note_base_currency(database, number, mapped.base_currency)
        for data_type in self.asked(resource):
            self._count(database, data_type, stored, mapped, once_more=before.confirming > 0)
        renew_issues(
            database,
            self.connection,
            self.datasets,
            resource,
            mapped,
            raw_page=stored.raw_page,
            once_more=before.confirming > 0,
        )
        self._delete_gone(database, mapped, now)
        cursors.save(database, number, resource.name, after)
        whole = after.next is None and reading.since is None
        supplemental.note_page(database, self._list(resource), mapped.supplemented, whole=whole)
        if after.next is not None:
            return Stored(page=stored)
        return self._finish(database, resource, reading, mapped, before, after, stored, now)

    def _delete_gone(self, database: SqliteConnection, mapped: MappedPage, now: datetime) -> None:
        """Mark as deleted what the provider says is no more; that it was never stored is no fault."""
        if not mapped.gone:
            return
        named = [(gone.data_type, gone.id) for gone in mapped.gone]
        numbers = deletions.named(database, self.connection.number, named)
        for data_type, count in deletions.delete(database, numbers, now).items():
            if data_type in self.datasets:
                datasets.count_deleted(database, self.datasets[data_type].id, count)
        issues.forget(database, self.connection.number, named)

    def _finish(
        self,
        database: SqliteConnection,
        resource: Resource,
        reading: Reading,
        mapped: MappedPage,
        before: Cursor,
        after: Cursor,
        stored: StoredPage,
        now: datetime,
    ) -> Stored:
        """The end of a reading, with its last page."""
        under_way = before if before.next is not None else Cursor(tracking=reading.tracking)
        rows = under_way.read_rows + len(mapped.page.records)
        least = _least(under_way, mapped.page.total)
        mismatch, accepted = None, after.shortfall == reading.cursor.shortfall
        if after.shortfall:
            assert least is not None
            mismatch = CountMismatch(
                platform=self.connector.manifest.slug, resource=resource.name, read=rows, told=least
            )
        reconciled = None
        nameless = any(i.severity == "rejected" and not i.record_id for i in mapped.issues)
        blind = nameless or mapped.page.partial
        if under_way.tracking and not blind and (mismatch is None or accepted):
            confirms = before.confirming > 0
            reconciled = self.reconciliation.end(
                database,
                self.connection.number,
                resource,
                rows=rows,
                sure=confirms or before.next is None,
                believed=mismatch is None and rows >= before.confirming,
                now=now,
            )
            if reconciled.unsure:
                rest = evolve(reading.cursor.at_rest(), confirming=max(1, rows))
                cursors.save(database, self.connection.number, resource.name, rest)
                return Stored(page=stored, reconciled=reconciled)
            for data_type, gone in reconciled.deleted.items():
                if data_type in self.datasets:
                    datasets.count_deleted(database, self.datasets[data_type].id, gone)
            issues.forget_gone(database, self.connection.number, reconciled.deleted)
        rejected = under_way.rejected + mapped.rejected or after.unmapped
        ended = self._endings(database, resource, rejected, None if accepted else mismatch)
        for data_type, ending in ended.items():
            if reading.since is None:
                datasets.note_total(database, self.datasets[data_type].id, rows=rows, told=least)
            self._end(database, data_type, ending, now)
        return Stored(
            page=stored,
            ended=ended,
            reconciled=reconciled,
            mismatch=mismatch,
            accepted=accepted,
            unaccounted=unaccounted(database, self.connection, [self.datasets[t] for t in ended]),
        )

    def refuse(self, database: SqliteConnection, resource: Resource, error: PageUnreadable) -> None:
        """Keep an answer that cannot be read, for the connector's author."""
        page = self._page(resource, error.raw, self.clock())
        pages.keep_raw(database, evolve(page, problem=error.reason))

    def asked(self, resource: Resource) -> list[DataType]:
        """The data types of this resource that the sync is about."""
        return [t for t in resource.data_types if t in self.datasets]

    def _list(self, resource: Resource) -> MappedList:
        return supplemental.list_of(self.connection, resource.name, resource.data_types)

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
        data_type: DataType,
        stored: StoredPage,
        mapped: MappedPage,
        *,
        once_more: bool,
    ) -> None:
        """Add a page to a dataset's figures; of a list that is read once more, only what has changed."""
        dataset = self.datasets[data_type]
        tally, rows = stored.tallies.get(data_type, Tally()), mapped.figures[data_type]
        if once_more:
            tally, rows = evolve(tally, unchanged=0), RowFigures(fetched=tally.created + tally.updated)
        datasets.count(database, dataset.id, tally, rows)

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
                ended[data_type] = Ending(
                    status="MapError", code=RecordRejected.code, reason=told, fault=RecordRejected.fault
                )
            elif mismatch is not None:
                told = f"{mismatch}. {mismatch.fix}"
                ended[data_type] = Ending(
                    status=status_of(mismatch), code=mismatch.code, reason=told, fault=mismatch.fault
                )
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


def _shortfall(cursor: Cursor) -> int:
    """By how many rows a reading came short of what its list had at every moment of it."""
    return max(0, (cursor.least_total or 0) - cursor.read_rows)
