"""What one reading of a custom data type stores; each method runs in a transaction of the writer's."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from attrs import define, field, frozen

from tallystick.connectors import Page
from tallystick.engine.custom_config import CustomType
from tallystick.engine.dataset_end import end_dataset
from tallystick.errors import ListMoved, NotSupported, RecordRejected
from tallystick.standard import DatasetStatus
from tallystick.store import (
    ConnectionRow,
    Dataset,
    NewPage,
    StoredIssue,
    Tally,
    custom_types,
    datasets,
    issues,
    pages,
)
from tallystick.store.custom_types import CustomRecord
from tallystick.store.datasets import RowFigures
from tallystick.store.instants import Clock
from tallystick.store.sqlcipher import SqliteConnection

#: So few records that two readings in a row have not met are dropped, whatever their share.
_FEW: Final = 5


@frozen(kw_only=True)
class ReadRows:
    """The rows of one page, read."""

    page: Page
    records: Sequence[CustomRecord]  #: each id once
    repeated: int  #: rows whose id a later one of the page has too
    refused: Sequence[RecordRejected]


@define(eq=False, kw_only=True)
class CustomStore:
    """Stores one reading of one custom data type of one connection."""

    connection: ConnectionRow
    platform: str
    dataset: Dataset
    identifier: str
    clock: Clock
    believed_share: float  #: of the records that stand: more that are gone are not believed
    reading: int = 0
    rows: int = 0
    least_total: int | None = None  #: the smallest total that the answers have told
    refused: int = 0
    first_refusal: str | None = None
    told: CustomType | None = field(default=None)

    def begin(self, database: SqliteConnection) -> CustomType:
        """Begin from the first page. Raises: `NotSupported` where the data type is not configured."""
        stored = custom_types.find(database, self.platform, self.identifier)
        if stored is None:
            raise NotSupported(platform=self.platform, data_type=self.dataset.data_type)
        datasets.move(database, self.dataset.id, "Fetching", progress=1)
        self.reading = custom_types.begin_reading(
            database, self.connection.number, self.identifier, self.clock()
        )
        self.rows, self.least_total, self.refused, self.first_refusal = 0, None, 0, None
        self.told = CustomType.of(self.identifier, stored)
        return self.told

    def store(self, database: SqliteConnection, read: ReadRows) -> tuple[Tally, int]:
        """A page's records, refusals and figures. Returns also how many records were met before.

        Raises: `ListMoved` where the data type is configured otherwise by now: it is to be read anew.
        """
        assert self.told is not None
        stored = custom_types.find(database, self.platform, self.identifier)
        if stored is None or stored.digest != self.told.digest:
            raise ListMoved(platform=self.platform, resource=self.dataset.data_type)
        done = custom_types.store_records(
            database,
            self.connection.number,
            self.identifier,
            read.records,
            reading=self.reading,
            now=self.clock(),
        )
        figures = RowFigures(
            fetched=len(read.page.records), repeated=read.repeated, rejected=len(read.refused)
        )
        datasets.count(database, self.dataset.id, done.tally, figures)
        self._doubt(database, [self._refusal(error) for error in read.refused])
        return done.tally, done.again

    def note(self, read: ReadRows) -> None:
        """Sum up a page that is stored."""
        told = [total for total in (self.least_total, read.page.total) if total is not None]
        self.least_total = min(told, default=None)
        self.rows += len(read.page.records)
        self.refused += len(read.refused)
        if self.first_refusal is None and read.refused:
            self.first_refusal = str(read.refused[0])

    @property
    def is_short(self) -> bool:
        """Whether the pages gave fewer rows than the provider said that there are."""
        return self.rows < (self.least_total or 0)

    def finish(
        self,
        database: SqliteConnection,
        status: DatasetStatus,
        *,
        code: str | None,
        reason: str | None,
    ) -> None:
        """The end of a reading that came to its last page.

        Only one that was neither empty nor short, and could read every row, says of a record that it is gone.
        """
        if self.rows and not self.is_short and not self.refused:
            missed = custom_types.end_reading(
                database,
                self.connection.number,
                self.identifier,
                reading=self.reading,
                few=_FEW,
                share=self.believed_share,
            )
            datasets.count_deleted(database, self.dataset.id, missed.dropped)
            if missed.held:
                told = (
                    f"{missed.held} records have not come twice in a row: too many to be believed, they stay"
                )
                self._doubt(database, [self._warning(told)])
        datasets.note_total(database, self.dataset.id, rows=self.rows, told=self.least_total)
        end_dataset(database, self.dataset, status, self.clock(), progress=100, code=code, reason=reason)

    def fail(
        self, database: SqliteConnection, status: DatasetStatus, *, code: str, reason: str, now: datetime
    ) -> None:
        """The end of a reading that failed: what it has stored stays."""
        end_dataset(database, self.dataset, status, now, code=code, reason=reason)

    def keep(self, database: SqliteConnection, raw: bytes, problem: str) -> None:
        """Keep an answer that cannot be read; of each data type the newest such one."""
        page = NewPage(
            connection=self.connection.number,
            resource=self.dataset.data_type,
            fetched_at=self.clock(),
            raw=raw,
            records=(),
            mapping=0,
            problem=problem,
        )
        pages.keep_raw(database, page)

    def _doubt(self, database: SqliteConnection, found: Sequence[StoredIssue]) -> None:
        if found:
            issues.save(
                database,
                number=self.connection.number,
                dataset_id=self.dataset.id,
                page=None,
                found=found,
            )

    def _refusal(self, error: RecordRejected) -> StoredIssue:
        return StoredIssue(
            severity="rejected",
            path=error.path,
            message=error.reason,
            data_type=self.dataset.data_type,
            record_id=None,
        )

    def _warning(self, told: str) -> StoredIssue:
        return StoredIssue(
            severity="warning",
            path="$",
            message=told,
            data_type=self.dataset.data_type,
            record_id=None,
        )
