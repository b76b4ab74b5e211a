"""Lineage: from a record to the provider's answer that it came of, its place in it, and how it was mapped."""

from collections.abc import Sequence
from datetime import datetime

import zstandard
from attrs import field, frozen

from tallystick.standard import DataType
from tallystick.store.instants import from_micros
from tallystick.store.records import record_key
from tallystick.store.sqlcipher import SqliteConnection


@frozen(kw_only=True)
class Origin:
    """Where a record comes from."""

    record_id: str
    data_type: DataType
    connection: int  #: `connections.number`
    resource: str  #: the provider's list
    page: int  #: `raw_pages.number`
    place: int  #: index of its row in the answer
    fetched_at: datetime
    mapping: int  #: version of the mapping that looked at it last
    modified_at: datetime
    body: bytes = field(repr=False)  #: the record as the API sends it
    answer: bytes | None = field(repr=False)  #: the provider's, whole; None where it was not asked for


def find(
    connection: SqliteConnection,
    *,
    connections: Sequence[int],
    data_type: DataType,
    record_id: str,
    with_answer: bool = True,
) -> Origin | None:
    """The origin of a record; where two connections of the company have the id, of the newest, as `records`.

    Cost: an index seek a connection, and the answer's bytes where they are wanted.
    """
    answer = "p.body" if with_answer else "null"
    for number in reversed(connections):
        row = connection.execute(
            f"select p.resource, p.fetched_at, r.page, r.place, r.mapping, r.modified_at, r.body, {answer} "
            "from records r join raw_pages p on p.number = r.page "
            "where r.key = ? and r.connection = ? and r.id = ?",
            (record_key(number, data_type, record_id), number, record_id),
        ).fetchone()
        if row is not None:
            return Origin(
                record_id=record_id,
                data_type=data_type,
                connection=number,
                resource=row[0],
                fetched_at=from_micros(row[1]),
                page=row[2],
                place=row[3],
                mapping=row[4],
                modified_at=from_micros(row[5]),
                body=row[6],
                answer=None if row[7] is None else zstandard.ZstdDecompressor().decompress(row[7]),
            )
    return None
