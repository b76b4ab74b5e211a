"""The end of a dataset: its status and its announcement, in one transaction, however it came about."""

from datetime import datetime

from attrs import evolve

from tallystick.standard import DatasetStatus
from tallystick.store import Dataset, datasets, outbox
from tallystick.store.sqlcipher import SqliteConnection


def end_dataset(
    database: SqliteConnection,
    dataset: Dataset,
    status: DatasetStatus,
    now: datetime,
    *,
    progress: int = 0,
    code: str | None = None,
    reason: str | None = None,
) -> Dataset:
    """End a dataset and put its announcement into the outbox. Returns it as it is then.

    `progress`: per cent, 100 where its list was read to the end. `code`, `reason`: of the error tree and
    for people, with what to do. Call it once a dataset: each call announces.
    """
    datasets.move(
        database, dataset.id, status, progress=progress, at=now, error_code=code, error_message=reason
    )
    outbox.add(
        database,
        "read.completed",
        company_id=dataset.company_id,
        connection_id=dataset.connection_id,
        body={"datasetId": dataset.id, "dataType": dataset.data_type, "status": status},
        now=now,
    )
    return evolve(dataset, status=status, progress=progress, completed_at=now)
