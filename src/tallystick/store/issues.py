"""Issues: doubts about records, kept where a client can see them."""

from collections.abc import Iterable

from attrs import frozen

from tallystick.store.sqlcipher import SqliteConnection


@frozen(kw_only=True)
class StoredIssue:
    """One doubt about one record, found while a dataset was mapped."""

    severity: str  #: warning or rejected
    path: str
    message: str
    data_type: str | None
    record_id: str | None


def save(
    connection: SqliteConnection,
    *,
    number: int,
    dataset_id: str,
    page: int | None,
    found: Iterable[StoredIssue],
) -> None:
    """Keep the issues of one page."""
    for issue in found:
        connection.execute(
            "insert into issues "
            "(dataset_id, connection, data_type, record_id, severity, path, message, page) "
            "values (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                dataset_id,
                number,
                issue.data_type,
                issue.record_id,
                issue.severity,
                issue.path,
                issue.message,
                page,
            ),
        )


def first_rejected(connection: SqliteConnection, dataset_id: str) -> str | None:
    """Where and why the first record of a dataset was left out, in words."""
    row = connection.execute(
        "select path, message, record_id from issues where dataset_id = ? and severity = 'rejected' "
        "order by number limit 1",
        (dataset_id,),
    ).fetchone()
    if row is None:
        return None
    path, message, record_id = row
    return f"{path} {message}" + (f", record {record_id}" if record_id else "")


def of_dataset(connection: SqliteConnection, dataset_id: str, *, limit: int = 1000) -> list[StoredIssue]:
    """The issues of one dataset, in the order in which they were found."""
    rows = connection.execute(
        "select severity, path, message, data_type, record_id from issues where dataset_id = ? "
        "order by number limit ?",
        (dataset_id, limit),
    ).fetchall()
    return [StoredIssue(severity=r[0], path=r[1], message=r[2], data_type=r[3], record_id=r[4]) for r in rows]
