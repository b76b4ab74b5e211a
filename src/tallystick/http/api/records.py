"""Records: the company's books. Lists are joined from the stored bytes. Source: api-contract §3."""

from collections.abc import Sequence
from functools import partial

from starlette.responses import Response

from tallystick.http.api.call import Call
from tallystick.http.api.paging import page_response, paging_of
from tallystick.http.api.type_names import COMPANY_TYPES, CONNECTION_TYPES, data_type_of
from tallystick.http.problem import Problem
from tallystick.http.query import compile_query, order_terms, parse, records_of
from tallystick.standard import DataType
from tallystick.store import Condition, ConnectionRow, Store, datasets, records


async def list_of_company(call: Call) -> Response:
    """A page of one data type over all of the company's connections."""
    async with call.store() as store:
        rows = await call.connections(store)
        data_type = await _read_data_type(call, store, rows, COMPANY_TYPES)
        return await _list(call, store, rows, data_type)


async def get_of_company(call: Call) -> Response:
    """One record, by the provider's id."""
    async with call.store() as store:
        rows = await call.connections(store)
        data_type = await _read_data_type(call, store, rows, COMPANY_TYPES)
        return await _get(call, store, rows, data_type)


async def list_of_connection(call: Call) -> Response:
    """A page of one data type of one connection."""
    async with call.store() as store:
        rows = [await call.connection(store)]
        data_type = await _read_data_type(call, store, rows, CONNECTION_TYPES)
        return await _list(call, store, rows, data_type)


async def get_of_connection(call: Call) -> Response:
    """One record of one connection, by the provider's id."""
    async with call.store() as store:
        rows = [await call.connection(store)]
        data_type = await _read_data_type(call, store, rows, CONNECTION_TYPES)
        return await _get(call, store, rows, data_type)


async def get_company_info(call: Call) -> Response:
    """The company's own particulars, from its newest connection that has them."""
    async with call.store() as store:
        rows = await call.connections(store)
        data_type = data_type_of("company", rows, call.reach.engine.manifests)
        await _require_complete(call, store, data_type)
        numbers = [row.number for row in rows]
        body = await store.read(partial(records.first_record, connections=numbers, data_type=data_type))
    if body is None:
        raise _no_data("company", call.path("companyId"))
    return Response(body, media_type="application/json")


async def _read_data_type(
    call: Call, store: Store, rows: Sequence[ConnectionRow], served: frozenset[str]
) -> DataType:
    """The data type of the path, when it is read below such a path and was read to the end once."""
    word = call.path("dataType")
    data_type = data_type_of(word, rows, call.reach.engine.manifests)
    if data_type not in served:
        raise Problem(404, f"{word} is not read at this path: see /openapi.json")
    await _require_complete(call, store, data_type)
    return data_type


async def _require_complete(call: Call, store: Store, data_type: DataType) -> None:
    if not await store.read(datasets.ever_read, call.path("companyId"), data_type):
        raise Problem(409, "The data set has not been requested.")


async def _list(call: Call, store: Store, rows: Sequence[ConnectionRow], data_type: DataType) -> Response:
    paging = paging_of(call.request)
    resource = records_of(data_type)
    text = call.query.get("query")
    page = await store.read(
        partial(
            records.list_records,
            connections=[row.number for row in rows],
            data_type=data_type,
            where=compile_query(parse(text), resource) if text else Condition(),
            order=order_terms(call.query.get("orderBy"), resource, ()),
            limit=paging.size,
            offset=paging.offset,
        )
    )
    return page_response(call.request, paging, page.total, page.bodies)


async def _get(call: Call, store: Store, rows: Sequence[ConnectionRow], data_type: DataType) -> Response:
    record_id = call.path("recordId")
    numbers = [row.number for row in rows]
    body = await store.read(
        partial(records.get_record, connections=numbers, data_type=data_type, record_id=record_id)
    )
    if body is None:
        raise _no_data(call.path("dataType"), record_id)
    return Response(body, media_type="application/json")


def _no_data(word: str, identity: str) -> Problem:
    return Problem(404, f"No data available for {word} for ID {identity[:100]}")
