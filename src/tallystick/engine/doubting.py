"""What is stored of a page's doubts, and of figures that do not add up; in the writer's transaction."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from tallystick.connectors import Resource
from tallystick.engine.mapping import MappedPage
from tallystick.engine.page_identity import met_by
from tallystick.standard import DataType
from tallystick.standard.rules import FIGURES
from tallystick.store import ConnectionRow, Dataset, StoredIssue, datasets, issues
from tallystick.store.records import page_of
from tallystick.store.sqlcipher import SqliteConnection


def renew_issues(
    database: SqliteConnection,
    connection: ConnectionRow,
    running: Mapping[DataType, Dataset],
    resource: Resource,
    mapped: MappedPage,
    *,
    raw_page: int | None,
    once_more: bool,
) -> None:
    """Put what is doubted of a page's records in the place of what was doubted before.

    `running`: the datasets of the sync; of a type that it is not about, the latest dataset has the doubts.
    `raw_page`: where the page is kept. `once_more`: its doubts have been counted before.
    """
    issues.forget(database, connection.number, met_by(resource, mapped))
    by_type: defaultdict[DataType, list[StoredIssue]] = defaultdict(list)
    for issue in mapped.stored_issues(resource.data_types[0]):
        by_type[issue.data_type or resource.data_types[0]].append(issue)
    for data_type, mine in by_type.items():
        dataset_id = _dataset_of(database, connection, running, data_type)
        if dataset_id is None:
            continue
        for page, some in _by_page(database, connection.number, raw_page, mine).items():
            issues.save(
                database,
                number=connection.number,
                dataset_id=dataset_id,
                page=page,
                found=some,
                counted=not once_more,
            )


def unaccounted(
    database: SqliteConnection, connection: ConnectionRow, ended: Iterable[Dataset]
) -> list[Dataset]:
    """The datasets whose figures do not add up, as they are; each gets a doubt for all to see."""
    found = [datasets.find(database, dataset.id) for dataset in ended]
    wrong = [dataset for dataset in found if dataset and dataset.fetched != dataset.accounted]
    for dataset in wrong:
        doubt = StoredIssue(
            severity="warning",
            path="$",
            message=f"of {dataset.fetched} that were fetched, {dataset.accounted} are accounted for",
            data_type=dataset.data_type,
            record_id=None,
            rule_id=FIGURES.id_for(dataset.data_type),
        )
        issues.save(database, number=connection.number, dataset_id=dataset.id, page=None, found=[doubt])
    return wrong


def _dataset_of(
    database: SqliteConnection,
    connection: ConnectionRow,
    running: Mapping[DataType, Dataset],
    data_type: DataType,
) -> str | None:
    mine = running.get(data_type)
    return datasets.newest(database, connection.id, data_type) if mine is None else mine.id


def _by_page(
    database: SqliteConnection, number: int, raw_page: int | None, found: Iterable[StoredIssue]
) -> dict[int | None, list[StoredIssue]]:
    """Doubts by the raw page that their record came of: one that has not changed is still an older page's."""
    pages: defaultdict[int | None, list[StoredIssue]] = defaultdict(list)
    for issue in found:
        page = None
        if issue.severity != "rejected" and issue.record_id and issue.data_type:
            page = page_of(database, number, issue.data_type, issue.record_id)
        pages[raw_page if page is None else page].append(issue)
    return dict(pages)
