"""Records: the company's books. Lists are joined from the stored bytes. Source: api-contract §3.

All that a request reads is one visit to a reading thread and one state of the database: while much is
synced every visit is a wait, and a page and its total belong together.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from attrs import frozen
from starlette.responses import Response

from tallystick.http.api.call import Call, connections_of, no_connection
from tallystick.http.api.paging import page_response, paging_of
from tallystick.http.api.type_names import COMPANY_TYPES, CONNECTION_TYPES, data_type_of
from tallystick.http.problem import Problem
from tallystick.http.query import compile_query, order_terms, parse, records_of
from tallystick.standard import DataType
from tallystick.store import Condition, ConnectionRow, ListQuery, RecordPage, datasets, lists, records
from tallystick.store.sqlcipher import SqliteConnection, snapshot

T = TypeVar("T")


async def list_of_company(call: Call) -> Response:
    """A page of one data type over all of the company's connections."""
    return await _list(call, COMPANY_TYPES, None)


async def get_of_company(call: Call) -> Response:
    """One record, by the provider's id."""
    return await _get(call, COMPANY_TYPES, None)


async def list_of_connection(call: Call) -> Response:
    """A page of one data type of one connection."""
    return await _list(call, CONNECTION_TYPES, call.path("connectionId"))


async def get_of_connection(call: Call) -> Response:
    """One record of one connection, by the provider's id."""
    return await _get(call, CONNECTION_TYPES, call.path("connectionId"))


async def get_company_info(call: Call) -> Response:
    """The company's own particulars, from its newest connection that has them."""

    def look(connection: SqliteConnection) -> bytes | None:
        rows = connections_of(connection, call.path("companyId"))
        data_type = data_type_of("company", rows, call.reach.engine.manifests)
        _require_complete(connection, call, data_type)
        return records.first_record(connection, connections=[row.number for row in rows], data_type=data_type)

    body = await _read(call, look)
    if body is None:
        raise _no_data("company", call.path("companyId"))
    return Response(body, media_type="application/json")


@frozen
class _Books:
    """Where the records are that a request is about."""

    connections: tuple[int, ...]  #: `connections.number`, oldest first
    data_type: DataType


async def _read(call: Call, look: Callable[[SqliteConnection], T]) -> T:
    def work(connection: SqliteConnection) -> T:
        with snapshot(connection):
            return look(connection)

    async with call.store() as store:
        return await store.read(work)


def _books(
    connection: SqliteConnection, call: Call, served: frozenset[str], connection_id: str | None
) -> _Books:
    """What the path names, when it is read below such a path and was read to the end once."""
    rows = connections_of(connection, call.path("companyId"))
    if connection_id is not None:
        rows = _only(rows, connection_id)
    word = call.path("dataType")
    data_type = data_type_of(word, rows, call.reach.engine.manifests)
    if data_type not in served:
        raise Problem(404, f"{word} is not read at this path: see /openapi.json")
    _require_complete(connection, call, data_type)
    return _Books(tuple(row.number for row in rows), data_type)


def _only(rows: Sequence[ConnectionRow], connection_id: str) -> list[ConnectionRow]:
    found = [row for row in rows if row.id == connection_id]
    if not found:
        raise no_connection(connection_id)
    return found


def _require_complete(connection: SqliteConnection, call: Call, data_type: DataType) -> None:
    if not datasets.ever_read(connection, call.path("companyId"), data_type):
        raise Problem(409, "The data set has not been requested.")


async def _list(call: Call, served: frozenset[str], connection_id: str | None) -> Response:
    def look(connection: SqliteConnection) -> RecordPage:
        books = _books(connection, call, served, connection_id)
        paging = paging_of(call.request)
        query = _query(call, books)
        return lists.read_page(connection, query, call.reach.found, limit=paging.size, offset=paging.offset)

    page = await _read(call, look)
    return page_response(
        call.request, paging_of(call.request), page.total, [page.bodies] if page.bodies else ()
    )


def _query(call: Call, books: _Books) -> ListQuery:
    resource = records_of(books.data_type)
    text = call.query.get("query")
    return ListQuery(
        client_id=call.client_id,
        connections=books.connections,
        data_type=books.data_type,
        where=compile_query(parse(text), resource) if text else Condition(),
        order=order_terms(call.query.get("orderBy"), resource, ()),
    )


async def _get(call: Call, served: frozenset[str], connection_id: str | None) -> Response:
    record_id = call.path("recordId")

    def look(connection: SqliteConnection) -> bytes | None:
        books = _books(connection, call, served, connection_id)
        return records.get_record(
            connection, connections=books.connections, data_type=books.data_type, record_id=record_id
        )

    body = await _read(call, look)
    if body is None:
        raise _no_data(call.path("dataType"), record_id)
    return Response(body, media_type="application/json")


def _no_data(word: str, identity: str) -> Problem:
    return Problem(404, f"No data available for {word} for ID {identity[:100]}")
