"""Which of a company's books a request reads, and one look into them for all that it needs.

All that a request reads is one visit to a reading thread and one state of the database: while much is
synced every visit is a wait, and a page and its total belong together.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from attrs import frozen

from tallystick.http.api.call import Call, connections_of, no_connection
from tallystick.http.api.type_names import data_type_of
from tallystick.http.problem import Problem
from tallystick.standard import DataType
from tallystick.store import ConnectionRow, datasets
from tallystick.store.sqlcipher import SqliteConnection, snapshot

T = TypeVar("T")


@frozen
class Books:
    """Where the records are that a request is about."""

    connections: tuple[int, ...]  #: `connections.number`, oldest first
    data_type: DataType


async def look_into(call: Call, look: Callable[[SqliteConnection], T]) -> T:
    """What a reading function finds in one state of the client's database, off the loop."""

    def work(connection: SqliteConnection) -> T:
        with snapshot(connection):
            return look(connection)

    async with call.store() as store:
        return await store.read(work)


def books_of(connection: SqliteConnection, call: Call, word: str, connection_id: str | None = None) -> Books:
    """The books of a data type, by the URL's word for it: the company's, or those of one connection.

    Raises: `Problem` 404 for what is not there, `NotSupported` for what no provider of the company has.
    """
    rows: Sequence[ConnectionRow] = connections_of(connection, call.path("companyId"))
    if connection_id is not None:
        rows = [row for row in rows if row.id == connection_id]
        if not rows:
            raise no_connection(connection_id)
    data_type = data_type_of(word, rows, call.reach.engine.manifests)
    return Books(tuple(row.number for row in rows), data_type)


def require_complete(connection: SqliteConnection, call: Call, data_type: DataType) -> None:
    """Refuse what was never read to its end. Raises: `Problem` 409."""
    if not datasets.ever_read(connection, call.path("companyId"), data_type):
        raise Problem(409, "The data set has not been requested.")


def no_data(word: str, identity: str) -> Problem:
    """404."""
    return Problem(404, f"No data available for {word} for ID {identity[:100]}")
