"""Records: the company's books. Lists are joined from the stored bytes. Source: api-contract §3."""

from starlette.responses import Response

from tallystick.http.api.books import Books, books_of, look_into, no_data, require_complete
from tallystick.http.api.call import Call
from tallystick.http.api.paging import page_response, paging_of
from tallystick.http.api.type_names import COMPANY_TYPES, CONNECTION_TYPES
from tallystick.http.problem import Problem
from tallystick.http.query import compile_query, order_terms, parse, records_of
from tallystick.store import Condition, ListQuery, RecordPage, lists, records
from tallystick.store.sqlcipher import SqliteConnection


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
        books = books_of(connection, call, "company")
        require_complete(connection, call, books.data_type)
        return records.first_record(connection, connections=books.connections, data_type=books.data_type)

    body = await look_into(call, look)
    if body is None:
        raise no_data("company", call.path("companyId"))
    return Response(body, media_type="application/json")


def _books(
    connection: SqliteConnection, call: Call, served: frozenset[str], connection_id: str | None
) -> Books:
    """What the path names, when it is read below such a path and was read to the end once."""
    word = call.path("dataType")
    books = books_of(connection, call, word, connection_id)
    if books.data_type not in served:
        raise Problem(404, f"{word} is not read at this path: see /openapi.json")
    require_complete(connection, call, books.data_type)
    return books


async def _list(call: Call, served: frozenset[str], connection_id: str | None) -> Response:
    def look(connection: SqliteConnection) -> RecordPage:
        books = _books(connection, call, served, connection_id)
        return page_of(connection, call, books)

    page = await look_into(call, look)
    return page_response(
        call.request, paging_of(call.request), page.total, [page.bodies] if page.bodies else ()
    )


def page_of(
    connection: SqliteConnection, call: Call, books: Books, within: Condition | None = None
) -> RecordPage:
    """The page that the URL asks for: of all records of the books, or of those that `within` holds for.

    Raises: `Problem` 400 naming the parameter.
    """
    paging = paging_of(call.request)
    resource = records_of(books.data_type)
    text = call.query.get("query")
    wanted = [] if within is None else [within]
    if text:
        wanted.append(compile_query(parse(text), resource))
    query = ListQuery(
        client_id=call.client_id,
        connections=books.connections,
        data_type=books.data_type,
        where=_all(wanted),
        order=order_terms(call.query.get("orderBy"), resource, ()),
    )
    return lists.read_page(connection, query, call.reach.found, limit=paging.size, offset=paging.offset)


def _all(conditions: list[Condition]) -> Condition:
    if not conditions:
        return Condition()
    return Condition(
        sql=" and ".join(condition.sql for condition in conditions),
        values=tuple(value for condition in conditions for value in condition.values),
    )


async def _get(call: Call, served: frozenset[str], connection_id: str | None) -> Response:
    record_id = call.path("recordId")

    def look(connection: SqliteConnection) -> bytes | None:
        books = _books(connection, call, served, connection_id)
        return records.get_record(
            connection, connections=books.connections, data_type=books.data_type, record_id=record_id
        )

    body = await look_into(call, look)
    if body is None:
        raise no_data(call.path("dataType"), record_id)
    return Response(body, media_type="application/json")
