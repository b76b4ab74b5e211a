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
    "error_code, error_message, fetched, created, updated, unchanged, rejected, deleted"
)


@frozen(kw_only=True)
class Dataset:
    """One dataset as it is stored. Accounts: fetched = created + updated + unchanged + rejected."""

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
    fetched: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    deleted: int = 0  #: not fetched: records that stood and that a whole reading did not meet


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


def count(connection: SqliteConnection, dataset_id: str, tally: Tally, *, rejected: int) -> None:
    """Add a page's figures to a dataset."""
    connection.execute(
        "update datasets set fetched = fetched + ?, created = created + ?, updated = updated + ?, "
        "unchanged = unchanged + ?, rejected = rejected + ? where id = ?",
        (
            tally.created + tally.updated + tally.unchanged + rejected,
            tally.created,
            tally.updated,
            tally.unchanged,
            rejected,
            dataset_id,
        ),
    )


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
    )
