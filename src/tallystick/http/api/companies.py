"""Companies: the client's own list of the businesses whose books it reads. Source: api-contract §2."""

import re
import uuid
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from attrs import evolve
from msgspec import UNSET
from starlette.responses import Response

from tallystick.http.api import shapes
from tallystick.http.api.body import read_body
from tallystick.http.api.call import Call, answer, encoded
from tallystick.http.api.connections import connection_shape
from tallystick.http.api.paging import page_response, paging_of
from tallystick.http.problem import invalid
from tallystick.http.query import COMPANIES, TAGS, compile_query, order_terms, parse
from tallystick.store import Company, Condition, ConnectionRow, companies, connections
from tallystick.store.sqlcipher import SqliteConnection

#: Taken out of a name, not refused.
_FORBIDDEN: Final = re.compile(r"[^A-Za-z0-9\s\-',&@.?!]", re.ASCII)
_TAGS: Final = 10
_TAG_CHARACTERS: Final = 100


async def list_companies(call: Call) -> Response:
    """A page of companies, oldest first unless `orderBy` says otherwise."""
    paging = paging_of(call.request)
    where = _condition(call)
    order = order_terms(call.query.get("orderBy"), COMPANIES, ("created_at",))
    async with call.store() as store:
        total, found = await store.read(
            partial(_page_with_connections, where=where, order=order, limit=paging.size, offset=paging.offset)
        )
    results = (encoded(company_shape(call, company, rows)) for company, rows in found)
    return page_response(call.request, paging, total, results)


async def create_company(call: Call) -> Response:
    """A new company, without connections."""
    body = await read_body(call.request, shapes.CompanyRequestBody)
    company = Company(
        id=str(uuid.uuid4()),
        name=_name(body.name),
        description=body.description,
        tags=_tags(body.tags),
        created_at=call.reach.stores.clock(),
    )
    async with call.store() as store:
        await store.write(companies.add, company)
    return answer(company_shape(call, company, ()))


async def get_company(call: Call) -> Response:
    """One company."""
    async with call.store() as store:
        company = await call.company(store)
        rows = await store.read(connections.of_company, company.id)
    return answer(company_shape(call, company, rows))


async def replace_company(call: Call) -> Response:
    """Name, description and tags anew; what the body leaves out is emptied."""
    body = await read_body(call.request, shapes.CompanyRequestBody)
    name, tags = _name(body.name), _tags(body.tags)
    return await _change(call, name=name, description=body.description, tags=tags)


async def update_company(call: Call) -> Response:
    """Only what the body has."""
    body = await read_body(call.request, shapes.CompanyUpdateRequest)
    changes: dict[str, Any] = {}
    if body.name is not UNSET:
        changes["name"] = _name(body.name)
    if body.description is not UNSET:
        changes["description"] = body.description
    if body.tags is not UNSET:
        changes["tags"] = _tags(body.tags)
    return await _change(call, **changes)


async def delete_company(call: Call) -> Response:
    """The company, its connections and all that was read of it."""
    async with call.store() as store:
        company = await call.company(store)
    await call.reach.engine.remove_company(call.client_id, company.id)
    return Response(status_code=204)


def company_shape(call: Call, company: Company, rows: Sequence[ConnectionRow]) -> shapes.Company:
    """A company as the API shows it."""
    shown = [connection_shape(call, row) for row in rows if row.provider in call.reach.engine.manifests]
    return shapes.Company(
        id=company.id,
        name=company.name,
        description=UNSET if company.description is None else company.description,
        redirect=f"{call.reach.public_url}/link/company/{company.id}",
        last_sync=max((row.last_sync_at for row in rows if row.last_sync_at is not None), default=UNSET),
        created=company.created_at,
        tags=company.tags,
        data_connections=shown,
    )


async def _change(call: Call, **changes: Any) -> Response:
    async with call.store() as store:
        company = await call.company(store)

        def change(connection: SqliteConnection) -> tuple[Company | None, list[ConnectionRow]]:
            # Read again inside the transaction: two changes at once must not lose one another's fields.
            before = companies.find(connection, company.id)
            if before is None:
                return None, []
            after = evolve(before, **changes)
            companies.change(connection, after)
            return after, connections.of_company(connection, company.id)

        changed, rows = await store.write(change)
    return answer(company_shape(call, changed or company, rows))


def _page_with_connections(
    connection: SqliteConnection, *, where: Condition, order: Sequence[str], limit: int, offset: int
) -> tuple[int, list[tuple[Company, list[ConnectionRow]]]]:
    total, found = companies.page(connection, where=where, order=order, limit=limit, offset=offset)
    return total, [(company, connections.of_company(connection, company.id)) for company in found]


def _condition(call: Call) -> Condition:
    parts = [
        compile_query(parse(text), resource)
        for text, resource in ((call.query.get("query"), COMPANIES), (call.query.get("tags"), TAGS))
        if text
    ]
    if not parts:
        return Condition()
    return Condition(
        sql=" and ".join(part.sql for part in parts),
        values=tuple(value for part in parts for value in part.values),
    )


def _name(name: str) -> str:
    kept = _FORBIDDEN.sub("", name).strip()
    if not kept:
        raise invalid("name", "must have at least one letter or digit", validator="Body")
    return kept


def _tags(tags: Mapping[str, str] | None) -> Mapping[str, str]:
    if not tags:
        return {}
    if len(tags) > _TAGS:
        raise invalid("tags", f"a company has at most {_TAGS} tags", validator="Body")
    for key, value in tags.items():
        if not 0 < len(key) <= _TAG_CHARACTERS or len(value) > _TAG_CHARACTERS:
            told = f"keys have 1 to {_TAG_CHARACTERS} characters, values at most {_TAG_CHARACTERS}"
            raise invalid(f"tags.{key[:_TAG_CHARACTERS]}", told, validator="Body")
    return tags
