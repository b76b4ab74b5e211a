"""What an endpoint is given, and how it is described."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal

import msgspec
from attrs import field, frozen
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from tallystick.access import Access
from tallystick.engine import Engine
from tallystick.http.exchange import Exchange
from tallystick.http.problem import Problem
from tallystick.http.quota import Quota
from tallystick.store import Company, ConnectionRow, FoundLists, Store, Stores, companies, connections
from tallystick.store.sqlcipher import SqliteConnection

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Parameter = Literal[
    "page",
    "pageSize",
    "query",
    "orderBy",
    "tags",
    "connectionId",
    "raw",
    "periodLength",
    "periodsToCompare",
    "startMonth",
    "reportDate",
    "numberOfPeriods",
    "periodLengthDays",
]


@frozen(kw_only=True)
class Reach:
    """All that endpoints work with."""

    stores: Stores
    access: Access
    engine: Engine
    quota: Quota
    public_url: str  #: without a slash at its end
    found: FoundLists = field(factory=FoundLists)


@frozen(kw_only=True)
class Call:
    """One authenticated request."""

    reach: Reach
    request: Request
    client_id: str

    @property
    def query(self) -> QueryParams:
        """The URL's parameters."""
        return self.request.query_params

    @property
    def correlation_id(self) -> str:
        """By which the request is found in logs; what it causes carries it too."""
        return Exchange.of(self.request.scope).correlation_id

    def path(self, name: str) -> str:
        """A part of the path."""
        value: str = self.request.path_params[name]
        return value

    @asynccontextmanager
    async def store(self) -> AsyncGenerator[Store, None]:
        """The client's own database, in which nothing of another client is."""
        async with self.reach.stores.client(self.client_id) as store:
            yield store

    async def company(self, store: Store) -> Company:
        """The company that the path names. Raises: `Problem` 404."""
        company = await store.read(companies.find, self.path("companyId"))
        if company is None:
            raise no_company(self.path("companyId"))
        return company

    async def connections(self, store: Store) -> list[ConnectionRow]:
        """The connections of the company that the path names, oldest first. Raises: `Problem` 404."""
        return await store.read(connections_of, self.path("companyId"))

    async def connection(self, store: Store, connection_id: str | None = None) -> ConnectionRow:
        """One of them: by the path, or by the id given. Raises: `Problem` 404."""
        wanted = connection_id or self.path("connectionId")
        for row in await self.connections(store):
            if row.id == wanted:
                return row
        raise no_connection(wanted)


Handler = Callable[[Call], Awaitable[Response]]


@frozen(kw_only=True)
class Operation:
    """One method of one path: how it is reached, what it does, what it answers."""

    id: str
    method: Method
    path: str
    handler: Handler
    summary: str
    tag: str
    parameters: Sequence[Parameter] = ()
    body: Any = None  #: the class of the request's body
    answer: Any = None  #: the class of the answer's body; None for an empty one
    is_page: bool = False  #: the answer is a page of such bodies
    status: int = 200
    errors: Sequence[int] = (401, 404, 429)
    choices: Mapping[str, Any] = {}  #: the values of `{dataType}`, each with the class of its answer
    any_case: bool = False  #: the case of letters in its path does not matter


def answer(content: object, *, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(_ENCODER.encode(content), status_code=status, media_type="application/json")


def encoded(content: object) -> bytes:
    """One of our shapes as JSON."""
    return _ENCODER.encode(content)


_ENCODER = msgspec.json.Encoder(decimal_format="number")


def connections_of(connection: SqliteConnection, company_id: str) -> list[ConnectionRow]:
    """A company's connections, oldest first: a reading function. Raises: `Problem` 404."""
    rows = connections.of_company(connection, company_id)
    if not rows and companies.find(connection, company_id) is None:
        raise no_company(company_id)
    return rows


def no_company(company_id: str) -> Problem:
    """404."""
    return Problem(404, f"No company was found with ID {company_id[:100]}")


def no_connection(connection_id: str) -> Problem:
    """404."""
    return Problem(404, f"Data connection {connection_id[:100]} not found")
