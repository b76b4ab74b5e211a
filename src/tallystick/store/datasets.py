"""Datasets: one pull of one data type for one connection, with the API's states."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from attrs import frozen

from tallystick.standard import IN_PROGRESS, DatasetStatus, DataType
from tallystick.store.instants import from_micros, maybe_instant, to_micros
from tallystick.store.pages import Tally
from tallystick.store.records import Condition
from tallystick.store.sqlcipher import SqliteConnection

_COLUMNS: Final = (
    "id, sync_id, connection_id, company_id, data_type, status, progress, requested_at, completed_at, "
    "error_code, error_message, fetched, created, updated, unchanged, rejected, deleted, repeated, without, "
    "told_gone, read_rows, told_total"
)


@frozen(kw_only=True)
class Dataset:
    """One dataset as it is stored, with its figures.

    A row of the provider's list has outcomes for each data type that the list gives: the records of that
    type that it gave, one refusal, records that it said are gone, or, with none of these, one *without*. So a
    row that gives an invoice counts as one fetched for `invoices`, and as one fetched and one without for
    `bills`. What is fetched is counted as rows come, before anything is stored, and checked at the end:
    fetched = created + updated + unchanged + repeated + rejected + told_gone + without (`accounted`).
    A list that is read once more only adds what has changed since, to both sides.
    """

    id: str
    sync_id: str
    connection_id: str
    company_id: str
    data_type: DataType
    status: DatasetStatus
    progress: int  #: per cent
    requested_at: datetime
    completed_at: datetime | None = None
    error_code: str | None = None
    error_message: str | None = None
    fetched: int = 0  #: outcomes of rows
    created: int = 0  #: records
    updated: int = 0  #: records
    unchanged: int = 0  #: records
    rejected: int = 0  #: rows that could not be mapped
    deleted: int = 0  #: not fetched: records that stood and are marked as gone
    repeated: int = 0  #: occurrences of a record that a later one of the same page took the place of
    without: int = 0  #: rows that gave no record of this type, and were not refused for it
    told_gone: int = 0  #: records that the provider said are no more, stored here or not
    read_rows: int | None = None  #: rows of the whole reading that it came to the end of; None: by changes
    told_total: int | None = None  #: rows that the provider said there are; None where it does not say

    @property
    def accounted(self) -> int:
        """What is known of what was fetched: all of it, or there is a bug of ours."""
        records = self.created + self.updated + self.unchanged + self.repeated
        return records + self.rejected + self.told_gone + self.without


def queue(connection: SqliteConnection, new: Sequence[Dataset]) -> None:
    """Store new datasets."""
    for dataset in new:
        connection.execute(
            "insert into datasets (id, sync_id, connection_id, company_id, data_type, status, progress, "
            "requested_at) values (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                dataset.id,
                dataset.sync_id,
                dataset.connection_id,
                dataset.company_id,
                dataset.data_type,
                dataset.status,
                dataset.progress,
                to_micros(dataset.requested_at),
            ),
        )


def move(
    connection: SqliteConnection,
    dataset_id: str,
    status: DatasetStatus,
    *,
    progress: int,
    at: datetime | None = None,
    error_code: str | None = None,
    error_message: str | None = None,
) -> None:
    """Move a dataset to a status; `at` is the moment of its end, None while it goes on."""
    connection.execute(
        "update datasets set status = ?, progress = max(progress, ?), completed_at = ?, error_code = ?, "
        "error_message = ? where id = ?",
        (status, progress, None if at is None else to_micros(at), error_code, error_message, dataset_id),
    )


@frozen(kw_only=True)
class RowFigures:
    """What the rows of a page gave of one data type, besides the records that were stored."""

    fetched: int
    repeated: int = 0
    rejected: int = 0
    without: int = 0
    told_gone: int = 0


def count(connection: SqliteConnection, dataset_id: str, tally: Tally, rows: RowFigures) -> None:
    """Add a page's figures to a dataset."""
    connection.execute(
        "update datasets set fetched = fetched + ?, created = created + ?, updated = updated + ?, "
        "unchanged = unchanged + ?, repeated = repeated + ?, rejected = rejected + ?, without = without + ?, "
        "told_gone = told_gone + ? where id = ?",
        (
            rows.fetched,
            tally.created,
            tally.updated,
            tally.unchanged,
            rows.repeated,
            rows.rejected,
            rows.without,
            rows.told_gone,
            dataset_id,
        ),
    )


def note_total(connection: SqliteConnection, dataset_id: str, *, rows: int, told: int | None) -> None:
    """Note what a whole reading gave, and what the provider says that the list has."""
    connection.execute(
        "update datasets set read_rows = ?, told_total = ? where id = ?", (rows, told, dataset_id)
    )


def newest(connection: SqliteConnection, connection_id: str, data_type: DataType) -> str | None:
    """The id of the latest dataset of a connection's data type. Cost: one seek."""
    row = connection.execute(
        "select id from datasets where connection_id = ? and data_type = ? "
        "order by requested_at desc, rowid desc limit 1",
        (connection_id, data_type),
    ).fetchone()
    return None if row is None else str(row[0])


def count_deleted(connection: SqliteConnection, dataset_id: str, gone: int) -> None:
    """Add records that a whole reading did not meet: they are gone at the provider."""
    connection.execute("update datasets set deleted = deleted + ? where id = ?", (gone, dataset_id))


def rejected(connection: SqliteConnection, dataset_id: str) -> int:
    """How many records of a dataset could not be mapped so far."""
    row = connection.execute("select rejected from datasets where id = ?", (dataset_id,)).fetchone()
    return 0 if row is None else int(row[0])


def find(connection: SqliteConnection, dataset_id: str) -> Dataset | None:
    """One dataset. Cost: one seek."""
    row = connection.execute(f"select {_COLUMNS} from datasets where id = ?", (dataset_id,)).fetchone()
    return None if row is None else _dataset(row)


def unfinished(connection: SqliteConnection, connection_id: str) -> list[Dataset]:
    """The datasets of a connection that have not ended: what a restart takes up again."""
    marks = ", ".join("?" * len(IN_PROGRESS))
    rows = connection.execute(
        f"select {_COLUMNS} from datasets where connection_id = ? and status in ({marks}) "
        "order by requested_at, rowid",
        (connection_id, *sorted(IN_PROGRESS)),
    ).fetchall()
    return [_dataset(row) for row in rows]


def any_unfinished(connection: SqliteConnection, connection_id: str) -> bool:
    """Whether a dataset of a connection has not ended."""
    marks = ", ".join("?" * len(IN_PROGRESS))
    row = connection.execute(
        f"select 1 from datasets where connection_id = ? and status in ({marks}) limit 1",
        (connection_id, *sorted(IN_PROGRESS)),
    ).fetchone()
    return row is not None


def page(
    connection: SqliteConnection,
    company_id: str,
    *,
    where: Condition,
    order: Sequence[str],
    limit: int,
    offset: int,
) -> tuple[int, list[Dataset]]:
    """A company's history: total and one page."""
    scope = f"company_id = ? and {where.sql}"
    values = (company_id, *where.values)
    (total,) = connection.execute(f"select count(*) from datasets where {scope}", values).fetchone()
    rows = connection.execute(
        f"select {_COLUMNS} from datasets where {scope} "
        f"order by {', '.join([*order, 'id'])} limit ? offset ?",
        (*values, limit, offset),
    ).fetchall()
    return total, [_dataset(row) for row in rows]


def latest(connection: SqliteConnection, company_id: str) -> dict[DataType, tuple[Dataset, Dataset | None]]:
    """By data type: the latest dataset, and the latest that ended well (or None)."""
    rows = connection.execute(
        f"select {_COLUMNS} from datasets where company_id = ? order by requested_at, rowid",
        (company_id,),
    ).fetchall()
    status: dict[DataType, tuple[Dataset, Dataset | None]] = {}
    for dataset in map(_dataset, rows):
        _, good = status.get(dataset.data_type, (dataset, None))
        status[dataset.data_type] = (dataset, dataset if dataset.status == "Complete" else good)
    return status


def ever_read(connection: SqliteConnection, company_id: str, data_type: DataType) -> bool:
    """Whether the type was read to its last page once.

    A dataset that was read to its end and had to leave a record out counts: the others are there.
    Cost: the company's oldest datasets until one of them is such.
    """
    row = connection.execute(
        "select 1 from datasets where company_id = ? and data_type = ? and progress = 100 limit 1",
        (company_id, data_type),
    ).fetchone()
    return row is not None


def _dataset(row: Sequence[Any]) -> Dataset:
    return Dataset(
        id=row[0],
        sync_id=row[1],
        connection_id=row[2],
        company_id=row[3],
        data_type=row[4],
        status=row[5],
        progress=row[6],
        requested_at=from_micros(row[7]),
        completed_at=maybe_instant(row[8]),
        error_code=row[9],
        error_message=row[10],
        fetched=row[11],
        created=row[12],
        updated=row[13],
        unchanged=row[14],
        rejected=row[15],
        deleted=row[16],
        repeated=row[17],
        without=row[18],
        told_gone=row[19],
        read_rows=row[20],
        told_total=row[21],
    )
