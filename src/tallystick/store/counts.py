"""How many records each list holds, kept so that no page counts them, and its version, which tells a change.

A list is one data type of one connection. Its row moves in the transaction that changes its records, so a
reader sees both or neither.
"""

from collections.abc import Mapping, Sequence

from attrs import frozen

from tallystick.standard import DataType
from tallystick.store.records import TYPE_CODES, TYPE_NAMES
from tallystick.store.sqlcipher import SqliteConnection


@frozen
class ListCount:
    """One list that holds something."""

    connection: int  #: `connections.number`
    records: int  #: all that are stored, those gone at the provider among them
    version: int  #: another one after every change


@frozen(kw_only=True)
class Miscount:
    """A list whose kept number is wrong: a bug of ours."""

    connection: int
    data_type: DataType
    kept: int
    stored: int


def note_changes(connection: SqliteConnection, number: int, added: Mapping[DataType, int]) -> None:
    """Note a change of a connection's lists: how many records each was given, 0 where stored ones changed.

    Cost: one statement.
    """
    if not added:
        return
    connection.execute(
        f"insert into record_counts values {', '.join(['(?, ?, ?, 1)'] * len(added))} "
        "on conflict do update set records = records + excluded.records, version = version + 1",
        [value for data_type, new in added.items() for value in (number, TYPE_CODES[data_type], new)],
    )


def lists_of(
    connection: SqliteConnection, connections: Sequence[int], data_type: DataType
) -> tuple[ListCount, ...]:
    """The lists of one data type, of those of these connections that hold any. Cost: a seek each."""
    marks = ", ".join("?" * len(connections))
    rows = connection.execute(
        "select connection, records, version from record_counts "
        f"where connection in ({marks}) and data_type = ? and records > 0 order by connection",
        (*connections, TYPE_CODES[data_type]),
    ).fetchall()
    return tuple(ListCount(*row) for row in rows)


def forget(connection: SqliteConnection, number: int) -> None:
    """Drop the counts of a connection that is deleted with its records."""
    connection.execute("delete from record_counts where connection = ?", (number,))


def miscounts(connection: SqliteConnection) -> list[Miscount]:
    """Lists whose kept number is not the stored one. Cost: counts all records."""
    rows = connection.execute(
        "select connection, data_type, sum(kept), sum(stored) from ("
        "select connection, data_type, records as kept, 0 as stored from record_counts union all "
        "select connection, data_type, 0, count(*) from records group by connection, data_type"
        ") group by connection, data_type having sum(kept) <> sum(stored)"
    ).fetchall()
    return [
        Miscount(connection=row[0], data_type=TYPE_NAMES[row[1]], kept=row[2], stored=row[3]) for row in rows
    ]
