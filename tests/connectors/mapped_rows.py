"""What rows become, answers that are prepared, and consents at a stand-in: what is alike for providers."""

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

import httpx
import msgspec
from attrs import define, evolve, field, frozen

from tallystick.config import ProviderSettings, Secret
from tallystick.connectors import (
    Books,
    Calls,
    Client,
    Connector,
    Consent,
    Issue,
    Mapper,
    Page,
    Resource,
    Tokens,
)
from tallystick.connectors.sandbox import Running, SandboxSettings, sandbox
from tallystick.connectors.sandbox.endpoints import endpoints_of
from tallystick.standard import decode, encode

CONSENT = Consent(state="s&1", code_verifier=None, redirect_uri="http://127.0.0.1:1/callback")


@frozen
class Mapped:
    """What one row became."""

    records: list[Any]
    issues: list[Issue]

    @property
    def all(self) -> list[dict[str, Any]]:
        """Every record as its JSON says it, numbers as Decimals; each is what its type allows."""
        for record in self.records:
            decode(record.DATA_TYPE, encode(record))
        return [json.loads(encode(record), parse_float=Decimal, parse_int=Decimal) for record in self.records]

    @property
    def json(self) -> dict[str, Any]:
        """The one record."""
        (told,) = self.all
        return told

    @property
    def kinds(self) -> list[str]:
        """Which data types came of it."""
        return [record.DATA_TYPE for record in self.records]

    def told(self) -> list[tuple[str, str]]:
        """Severity and path of each issue."""
        return [(issue.severity, issue.path) for issue in self.issues]


def mapped_by(mapper: Mapper, resource: Resource, source: Any, books: Books) -> Mapped:
    """Map a row that is given as a mapping, as text or as bytes."""
    if isinstance(source, Mapping):
        source = json.dumps(source)
    raw = msgspec.Raw(source.encode() if isinstance(source, str) else source)
    issues: list[Issue] = []
    return Mapped(list(mapper.records(resource, raw, books, issues)), issues)


@define
class PreparedAnswers:
    """`Calls` over a function of path and query: it gives the answer, the status of a refusal, or an error.

    A pair is an answer with its headers.
    """

    fault: ClassVar[Callable[[httpx.Response, str], Exception]]  #: the provider's
    answer: Callable[[str, dict[str, str]], Any]
    asked: list[tuple[str, dict[str, str]]] = field(factory=list)

    async def get(
        self, path: str, *, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        told = dict(params or {})
        self.asked.append((path, told))
        body = self.answer(path, told)
        sent = {"Date": "Thu, 01 Jan 2026 00:00:00 GMT"}
        if isinstance(body, tuple):
            body, more = body
            sent |= more
        request = httpx.Request("GET", f"http://provider/{path}", params=told)
        if isinstance(body, Exception):
            raise body
        if isinstance(body, int):
            raise self.fault(httpx.Response(body, request=request), path)
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return httpx.Response(200, content=content, headers=sent, request=request)


async def pages_of(
    client: Client,
    calls: Calls,
    resource: Resource,
    *,
    since: datetime | None = None,
    at: str | None = None,
    most: int | None = None,
) -> list[Page]:
    """All pages of a resource from a place on, at most so many."""
    found = [await client.page(calls, resource, since=since, at=at)]
    while found[-1].next is not None and (most is None or len(found) < most):
        found.append(await client.page(calls, resource, since=since, at=found[-1].next))
    return found


@define(eq=False, kw_only=True)
class LinkedTenants:
    """Tenants of a stand-in, read over real HTTP with the tokens of a consent that was just given."""

    running: Running
    http: httpx.AsyncClient
    connector: Connector
    tenants: list[str]
    tokens: Tokens
    asked: list[httpx.Request] = field(factory=list)

    async def control(self, act: str, /, **body: Any) -> Any:
        """The stand-in's own door: a GET, or a POST where there is a body."""
        url = f"{self.running.control_url}/{act}"
        answer = await (self.http.post(url, json=body) if body else self.http.get(url))
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def get(
        self, path: str, *, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """See `contract.Calls.get`, for the first tenant."""
        sent = {**self.connector.headers(self.tokens.access, self.tenants[0]), **(headers or {})}
        answer = await self.http.get(
            f"{self.connector.api_url}/{path}", params=dict(params or {}), headers=sent
        )
        self.asked.append(answer.request)
        if answer.status_code != 200:
            raise self.connector.fault(answer, path)
        return answer

    async def pages(self, name: str, *, since: datetime | None = None) -> list[Page]:
        """All pages of a resource."""
        resource = self.connector.manifest.resource(name)
        return await pages_of(self.connector.client, self, resource, since=since)


@asynccontextmanager
async def registered(
    slug: str,
    connector_of: Callable[[ProviderSettings], Connector],
    *,
    page_size: int | None = None,
    **settings: Any,
) -> AsyncIterator[tuple[Running, httpx.AsyncClient, Connector, list[str]]]:
    """A stand-in, a connector that is registered with it, and its tenants."""
    given = SandboxSettings(**{"providers": (slug,), "companies": 2, "records": 40, **settings})
    async with sandbox(given) as running, httpx.AsyncClient(timeout=30) as http:
        state = (await http.get(f"{running.control_url}/state")).json()
        app, urls = state["apps"][slug], endpoints_of(slug, running.url)
        connector = connector_of(
            ProviderSettings(client_id=app["clientId"], page_size=page_size, limits="off", **urls)
        )
        auth = evolve(connector.auth, client_secret=Known(app["clientSecret"]))
        connector = evolve(connector, auth=auth)
        yield running, http, connector, [company["tenant"] for company in state["companies"]]


async def agreed(http: httpx.AsyncClient, connector: Connector, tenants: Sequence[str]) -> Tokens:
    """The tokens of a consent for these tenants."""
    callback = await consented(http, connector.auth.authorize_url(CONSENT), tenants)
    return await connector.auth.exchange(http, CONSENT, callback)


async def consented(
    http: httpx.AsyncClient, url: str, tenants: Sequence[str], decision: str = "allow"
) -> dict[str, str]:
    """What comes back to the app when the form is sent."""
    form: dict[str, Any] = {
        **dict(parse_qsl(urlsplit(url).query)),
        "tenant": list(tenants),
        "decision": decision,
    }
    answer = await http.post(url.partition("?")[0], data=form)
    assert answer.status_code == 302, answer.text
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))


@frozen
class Known(Secret):
    """A secret that the test knows already."""

    def reveal(self) -> str:
        return self.reference
