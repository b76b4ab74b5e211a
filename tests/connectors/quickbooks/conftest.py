"""Rows as QuickBooks writes them and what they become; and a stand-in for QuickBooks, read over real HTTP."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import msgspec
import pytest
from attrs import define, evolve, field, frozen

from tallystick.config import ProviderSettings, Secret
from tallystick.connectors import Books, Consent, Issue, Page, Resource, Tokens
from tallystick.connectors.quickbooks import MANIFEST, QuickBooksConnector, quickbooks
from tallystick.connectors.quickbooks.mapping import QuickBooksMapper
from tallystick.connectors.quickbooks.queries import entities_of
from tallystick.connectors.sandbox import Running, SandboxSettings, sandbox
from tallystick.standard import Account, CompanyInfo, StandardRecord, decode, encode

_ENCODER = msgspec.json.Encoder(decimal_format="number")
BACK = "http://127.0.0.1:1/callback"


@frozen
class Mapped:
    """What one row became."""

    records: list[Any]
    issues: list[Issue]

    @property
    def only(self) -> Any:
        """The one record."""
        (record,) = self.records
        return record

    @property
    def json(self) -> dict[str, Any]:
        """The one record as its JSON says it, numbers as Decimals."""
        return self.all[0] if len(self.records) == 1 else pytest.fail(f"{len(self.records)} records")

    @property
    def all(self) -> list[dict[str, Any]]:
        """Every record as its JSON says it."""
        for record in self.records:
            decode(record.DATA_TYPE, encode(record))
        return [json.loads(encode(record), parse_float=Decimal, parse_int=Decimal) for record in self.records]

    def told(self) -> list[tuple[str, str]]:
        """Severity and path of each issue."""
        return [(issue.severity, issue.path) for issue in self.issues]


@pytest.fixture
def mapped() -> Callable[..., Mapped]:
    """Map an entity, given as a mapping or as text; `beside` is what its row has beside it."""

    def made(
        resource: str,
        source: Any,
        *,
        entity: str | None = None,
        books: Books | None = None,
        beside: Mapping[str, Any] | None = None,
    ) -> Mapped:
        name = entity or entities_of(resource)[0]
        body = source if isinstance(source, bytes) else source.encode() if isinstance(source, str) else None
        if body is None:
            body = _ENCODER.encode(source)
        more = b"".join(b',"%b":%b' % (key.encode(), _ENCODER.encode(v)) for key, v in (beside or {}).items())
        row = msgspec.Raw(b'{"%b":%b%b}' % (name.encode(), body, more))
        issues: list[Issue] = []
        records = QuickBooksMapper().records(MANIFEST.resource(resource), row, books or Books(), issues)
        return Mapped(list(records), issues)

    return made


@define(eq=False)
class DirectCalls:
    """`contract.Calls` without budget or circuit: a request, and the error that a refusal means."""

    http: httpx.AsyncClient
    connector: QuickBooksConnector
    tenant: str
    tokens: Tokens
    asked: list[tuple[str, dict[str, str]]] = field(factory=list)

    async def get(
        self, path: str, *, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        self.asked.append((path, dict(params or {})))
        base = self.connector.api_url.replace("{tenant}", self.tenant)
        sent = {**(headers or {}), **self.connector.headers(self.tokens.access, self.tenant)}
        response = await self.http.get(f"{base}/{path}", params=dict(params or {}), headers=sent)
        if response.status_code not in {200, 304}:
            raise self.connector.fault(response, path)
        return response


@define(eq=False)
class StandIn:
    """A running sandbox with QuickBooks' companies, and a connector that is registered with it."""

    running: Running
    http: httpx.AsyncClient
    connector: QuickBooksConnector
    state: dict[str, Any]

    @property
    def company(self) -> dict[str, Any]:
        """The first company's truth, as it was when the sandbox began."""
        return self.state["companies"][0]  # type: ignore[no-any-return]

    @property
    def tenant(self) -> str:
        """Its realm."""
        return str(self.company["tenant"])

    async def truth(self) -> dict[str, Any]:
        """The first company's truth now."""
        state = (await self.http.get(f"{self.running.control_url}/state")).json()
        return state["companies"][0]  # type: ignore[no-any-return]

    async def control(self, act: str, **body: Any) -> dict[str, Any]:
        """A POST to the sandbox's own door."""
        answer = await self.http.post(f"{self.running.control_url}/{act}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()  # type: ignore[no-any-return]

    async def consent(self, tenant: str | None = None, decision: str = "allow") -> dict[str, str]:
        """Walk the consent page; what came back to the redirect URI."""
        consent = Consent(state="s&1", code_verifier=None, redirect_uri=BACK)
        page = await self.http.get(self.connector.auth.authorize_url(consent))
        assert "stand-in for QuickBooks" in page.text
        form = dict(parse_qsl(urlsplit(str(page.url)).query))
        answer = await self.http.post(
            str(page.url), data={**form, "tenant": tenant or self.tenant, "decision": decision}
        )
        assert answer.status_code == 302, answer.text
        return dict(parse_qsl(urlsplit(answer.headers["location"]).query))

    async def tokens(self, tenant: str | None = None) -> Tokens:
        """Tokens of a new consent."""
        callback = await self.consent(tenant)
        consent = Consent(state="s&1", code_verifier=None, redirect_uri=BACK)
        return await self.connector.auth.exchange(self.http, consent, callback)

    async def calls(self) -> DirectCalls:
        """Calls with a new consent."""
        return DirectCalls(self.http, self.connector, self.tenant, await self.tokens())

    async def pages(
        self, calls: DirectCalls, resource: str, since: datetime | None = None
    ) -> list[tuple[Resource, Page]]:
        """All pages of a resource."""
        found, at = [], None
        while True:
            page = await self.connector.client.page(calls, MANIFEST.resource(resource), since=since, at=at)
            found.append((MANIFEST.resource(resource), page))
            if page.next is None:
                return found
            at = page.next

    async def everything(
        self, calls: DirectCalls
    ) -> tuple[dict[str, dict[str, StandardRecord]], list[Issue]]:
        """Every resource, read whole and mapped, in the manifest's order: records by type and id."""
        books, issues = Books(), list[Issue]()
        found: dict[str, dict[str, StandardRecord]] = {}
        for resource in MANIFEST.resources:
            for told, page in await self.pages(calls, resource.name):
                assert [bytes(row) for row in self.connector.mapper.split(told, page.raw)] == [
                    bytes(row) for row in page.records
                ], "a page is cut alike whenever it is cut"
                for row in page.records:
                    for record in self.connector.mapper.records(told, row, books, issues):
                        encode(record)
                        found.setdefault(record.DATA_TYPE, {})[record.id or record.DATA_TYPE] = record
                        if isinstance(record, CompanyInfo):
                            books = evolve(books, base_currency=record.baseCurrency)
                        if isinstance(record, Account) and record.nominalCode:
                            ids = {**books.account_ids, record.nominalCode: record.id}
                            books = evolve(books, account_ids=ids)
        return found, issues


@pytest.fixture
def stand_in(tmp_path: Path) -> Callable[..., AbstractAsyncContextManager[StandIn]]:
    """Starts sandboxes."""

    @asynccontextmanager
    async def start(*, page_size: int | None = None, **settings: Any) -> AsyncIterator[StandIn]:
        wanted = SandboxSettings(
            **{"providers": ("quickbooks",), "companies": 2, "records": 40, "limits": "off", **settings}
        )
        async with sandbox(wanted) as running, httpx.AsyncClient(timeout=30, trust_env=False) as http:
            state = (await http.get(f"{running.control_url}/state")).json()
            app = state["apps"]["quickbooks"]
            secret = tmp_path / "quickbooks-secret"
            secret.write_text(app["clientSecret"])
            registered = settings_for(running.url, app["clientId"], secret, page_size)
            connector = quickbooks(registered)
            assert isinstance(connector, QuickBooksConnector)
            yield StandIn(running, http, connector, state)

    return start


def settings_for(url: str, client_id: str, secret: Path, page_size: int | None = None) -> ProviderSettings:
    """An app's registration with the sandbox."""
    base = f"{url}/quickbooks"
    return ProviderSettings(
        client_id=client_id,
        client_secret=Secret(f"file:{secret}"),
        authorize_url=f"{base}/connect/oauth2",
        token_url=f"{base}/oauth2/v1/tokens/bearer",
        revoke_url=f"{base}/v2/oauth2/tokens/revoke",
        api_url=base,
        limits="off",
        page_size=page_size,
    )
