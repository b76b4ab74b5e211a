"""Renews the doubts about records of a stored answer that was mapped anew."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from tallystick.standard import DataType
from tallystick.store import datasets, issues
from tallystick.store.issues import StoredIssue
from tallystick.store.remapping import Judgement, MappedAnswer
from tallystick.store.sqlcipher import SqliteConnection


def renew(
    connection: SqliteConnection,
    connection_id: str,
    answer: MappedAnswer,
    found: Judgement,
    doubts: Iterable[StoredIssue],
) -> None:
    """Put what is doubted now in the place of what was doubted before; the same doubts stay as they are.

    `doubts`: all of the answer, each with its data type. Those about records that another answer tells, or
    that the remap is not about, are left out. A new one belongs to the latest dataset of its type, where a
    client looks for it. Cost: a seek where there were none and are none.
    """
    types = ", ".join(f"'{data_type}'" for data_type in answer.data_types)
    before = connection.execute(
        "select number, severity, path, message, data_type, record_id, rule_id from issues "
        f"where page = ? and connection = ? and coalesce(data_type, ?) in ({types})",
        (answer.page, answer.connection, answer.siblings[0]),
    ).fetchall()
    if found.deletions:
        gone = [(stored.data_type, stored.id) for stored in found.deletions]
        issues.forget(connection, answer.connection, gone)
    stands: defaultdict[tuple[Any, ...], list[int]] = defaultdict(list)
    for number, *what in before:
        stands[tuple(what)].append(number)
    fresh: defaultdict[DataType, list[StoredIssue]] = defaultdict(list)
    for doubt in doubts:
        data_type = doubt.data_type or answer.siblings[0]
        if data_type not in answer.data_types or (data_type, doubt.record_id) in found.passed:
            continue
        same = stands.get(_what(doubt))
        if same:
            same.pop()
        else:
            fresh[data_type].append(doubt)
    issues.drop(connection, [number for numbers in stands.values() for number in numbers])
    for data_type, some in fresh.items():
        _save(connection, connection_id, answer, data_type, some)


def _what(doubt: StoredIssue) -> tuple[Any, ...]:
    return (doubt.severity, doubt.path, doubt.message, doubt.data_type, doubt.record_id, doubt.rule_id)


def _save(
    connection: SqliteConnection,
    connection_id: str,
    answer: MappedAnswer,
    data_type: DataType,
    doubts: Sequence[StoredIssue],
) -> None:
    dataset_id = datasets.newest(connection, connection_id, data_type)
    if dataset_id is None:
        return
    issues.save(
        connection,
        number=answer.connection,
        dataset_id=dataset_id,
        page=answer.page,
        found=doubts,
        counted=False,
    )
    # Not those that there was no room for: they would be counted with every remap.
    connection.execute(
        "insert into issue_counts select dataset_id, severity, coalesce(rule_id, ''), count(*) from issues "
        "where dataset_id = ? group by severity, coalesce(rule_id, '') "
        "on conflict do update set found = max(found, excluded.found)",
        (dataset_id,),
    )
