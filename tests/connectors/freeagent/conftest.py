"""Rows as FreeAgent writes them, what they become, and answers that are prepared."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import msgspec
import pytest
from attrs import define, evolve, field, frozen

from tallystick.config import ProviderSettings, Secret
from tallystick.connectors import Books, Consent, Gone, Issue, Page, Tokens
from tallystick.connectors.freeagent import MANIFEST, FreeAgentConnector, freeagent
from tallystick.connectors.freeagent.client import FreeAgentClient
from tallystick.connectors.freeagent.faults import fault
from tallystick.connectors.freeagent.mapping import FreeAgentMapper
from tallystick.connectors.sandbox import Running, SandboxSettings, sandbox
from tallystick.connectors.sandbox.endpoints import endpoints_of
from tallystick.standard import decode, encode

CONSENT = Consent(state="s&1", code_verifier=None, redirect_uri="http://127.0.0.1:1/callback")
BOOKS = Books(base_currency="GBP", today=date(2026, 3, 1))
HOST = "https://api.freeagent.com/v2"


def at(name: str, id_: object) -> str:
    """The address of a record."""
    return f"{HOST}/{name}/{id_}"


def _changed(row: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**row, **changes}.items() if value is not ...}


def an_invoice(**changes: Any) -> dict[str, Any]:
    """An invoice of one line, 120.00 with its tax; `...` takes a field out."""
    return _changed(
        {
            "url": at("invoices", 7),
            "contact": at("contacts", 2),
            "contact_name": "Harbour & Vale",
            "dated_on": "2026-01-05",
            "due_on": "2026-02-04",
            "reference": "INV-007",
            "currency": "GBP",
            "exchange_rate": "1.0",
            "net_value": "100.0",
            "sales_tax_value": "20.0",
            "total_value": "120.0",
            "paid_value": "0.0",
            "due_value": "120.0",
            "status": "Open",
            "comments": "Thank you",
            "created_at": "2026-01-05T09:00:00.000Z",
            "updated_at": "2026-02-03T04:05:06.123Z",
            "invoice_items": [a_line()],
        },
        changes,
    )


def a_line(**changes: Any) -> dict[str, Any]:
    """A line of 2 at 50.00 and 20 per cent."""
    return _changed(
        {
            "url": at("invoice_items", 1),
            "position": 1,
            "item_type": "Products",
            "description": "Oak frame",
            "quantity": "2.0",
            "price": "50.0",
            "sales_tax_rate": "20.0",
            "sales_tax_status": "TAXABLE",
            "category": at("categories", "001"),
        },
        changes,
    )


def a_credit_note(**changes: Any) -> dict[str, Any]:
    """A credit note of one line: its amounts are negative."""
    return _changed(
        an_invoice(
            url=at("credit_notes", 3),
            reference="CN-003",
            net_value="-100.0",
            sales_tax_value="-20.0",
            total_value="-120.0",
            due_value="-120.0",
            paid_value=...,
            refunded_value="0.0",
            invoice_items=...,
            credit_note_items=[a_line(price="-50.0")],
        ),
        changes,
    )


def a_bill(**changes: Any) -> dict[str, Any]:
    """A bill of one line: net and tax have the other sign than the total."""
    return _changed(
        an_invoice(
            url=at("bills", 5),
            reference="B 17",
            net_value="-100.0",
            sales_tax_value="-20.0",
            invoice_items=...,
            bill_items=[
                {
                    "url": at("bill_items", 1),
                    "description": "Timber",
                    "category": at("categories", "101"),
                    "quantity": "1.0",
                    "unit": "-no unit-",
                    "total_value": "120.0",
                    "total_value_ex_tax": "100.0",
                    "sales_tax_rate": "20.0",
                    "sales_tax_value": "-20.0",
                    "sales_tax_status": "TAXABLE",
                }
            ],
        ),
        changes,
    )


def an_explanation(**changes: Any) -> dict[str, Any]:
    """Money for an invoice."""
    return _changed(
        {
            "url": at("bank_transaction_explanations", 20),
            "bank_transaction": at("bank_transactions", 8),
            "bank_account": at("bank_accounts", 1),
            "dated_on": "2026-02-01",
            "description": "BACS 12",
            "gross_value": "46.0",
            "paid_invoice": at("invoices", 7),
            "updated_at": "2026-02-01T10:00:00.000Z",
        },
        changes,
    )


STERLING = {"url": at("bank_accounts", 1), "currency": "GBP", "code": "750-1"}
DOLLARS = {"url": at("bank_accounts", 2), "currency": "USD", "code": "750-2"}


def with_accounts(
    row: Mapping[str, Any], own: Any = STERLING, other: Any = None, name: str = "bank_transaction_explanation"
) -> dict[str, Any]:
    """A row as the client keeps it, with its accounts beside it."""
    accounts = {key: value for key, value in (("own", own), ("other", other)) if value is not None}
    return {name: dict(row), "bank_accounts": accounts}


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


def map_row(resource: str, source: Any, books: Books = BOOKS) -> Mapped:
    """Map a row that is given as a mapping, as text or as bytes."""
    if isinstance(source, Mapping):
        source = json.dumps(source)
    raw = msgspec.Raw(source.encode() if isinstance(source, str) else source)
    issues: list[Issue] = []
    records = FreeAgentMapper().records(MANIFEST.resource(resource), raw, books, issues)
    return Mapped(list(records), issues)


@pytest.fixture
def mapped() -> Callable[..., Mapped]:
    """See `map_row`."""
    return map_row


@define
class Answers:
    """`Calls` over a function of path and query: it gives the answer, the status of a refusal, or an error.

    A pair is an answer with its headers.
    """

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
        request = httpx.Request("GET", f"http://freeagent/{path}", params=told)
        if isinstance(body, Exception):
            raise body
        if isinstance(body, int):
            raise fault(httpx.Response(body, request=request), path)
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return httpx.Response(200, content=content, headers=sent, request=request)


def a_list(name: str, rows: list[Any], params: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """The page of a list that a query means, as FreeAgent cuts it, with its headers."""
    size, page = int(params.get("per_page", "25")), int(params.get("page", "1"))
    headers = {"X-Total-Count": str(len(rows))}
    if page * size < len(rows):
        headers["Link"] = f'<{HOST}/{name}?page={page + 1}>; rel="next", <{HOST}/{name}?page=9>; rel="last"'
    return {name: rows[(page - 1) * size : page * size]}, headers


def addressed(name: str, *ids: object) -> list[dict[str, Any]]:
    """Rows that have nothing but an address."""
    return [{"url": at(name, id_)} for id_ in ids]


async def read(
    answers: Answers, name: str, *, size: int = 2, since: Any = None, at: str | None = None
) -> list[Page]:
    """All pages of a resource from a place on, at most twenty."""
    client = FreeAgentClient(page_size=size, today=lambda: date(2026, 3, 10))
    found = [await client.page(answers, MANIFEST.resource(name), since=since, at=at)]
    while found[-1].next is not None and len(found) < 20:
        found.append(await client.page(answers, MANIFEST.resource(name), since=since, at=found[-1].next))
    return found


def rows_in(pages: list[Page]) -> list[dict[str, Any]]:
    """All rows, in their order."""
    return [json.loads(bytes(row)) for page in pages for row in page.records]


@define(eq=False)
class Linked:
    """A company at the stand-in, read over real HTTP with the tokens of a consent that was just given."""

    running: Running
    http: httpx.AsyncClient
    connector: FreeAgentConnector
    tenant: str
    tokens: Tokens
    asked: list[httpx.Request] = field(factory=list)

    async def control(self, act: str, /, **body: Any) -> Any:
        """The stand-in's own door: a GET, or a POST where there is a body."""
        url = f"{self.running.control_url}/{act}"
        answer = await (self.http.post(url, json=body) if body else self.http.get(url))
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def truth(self) -> dict[str, Any]:
        """What the company's books hold."""
        companies = (await self.control("state"))["companies"]
        found: dict[str, Any] = next(each for each in companies if each["tenant"] == self.tenant)
        return found

    async def get(
        self, path: str, *, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """See `contract.Calls.get`."""
        sent = {**self.connector.headers(self.tokens.access, self.tenant), **(headers or {})}
        answer = await self.http.get(
            f"{self.connector.api_url}/{path}", params=dict(params or {}), headers=sent
        )
        self.asked.append(answer.request)
        if answer.status_code != 200:
            raise self.connector.fault(answer, path)
        return answer

    async def pages(self, name: str, *, since: Any = None) -> list[Page]:
        """All pages of a resource."""
        resource, at = MANIFEST.resource(name), None
        found: list[Page] = []
        while not found or at is not None:
            found.append(await self.connector.client.page(self, resource, since=since, at=at))
            at = found[-1].next
        return found

    async def records(self, name: str, *, since: Any = None) -> tuple[list[Any], list[Issue]]:
        """All records of a resource, each once, and what was doubted."""
        issues: list[Issue] = []
        books = Books(base_currency="GBP", today=datetime.now(UTC).date())
        found = {
            (record.DATA_TYPE, record.id): record
            for page in await self.pages(name, since=since)
            for row in page.records
            for record in self.connector.mapper.records(MANIFEST.resource(name), row, books, issues)
            if not isinstance(record, Gone)
        }
        return list(found.values()), issues


@asynccontextmanager
async def linked_to(
    *, company: int = 0, page_size: int | None = None, **settings: Any
) -> AsyncIterator[Linked]:
    """A stand-in, and a consent for one of its companies."""
    given = SandboxSettings(**{"providers": ("freeagent",), "companies": 2, "records": 40, **settings})
    async with sandbox(given) as running, httpx.AsyncClient(timeout=30) as http:
        state = (await http.get(f"{running.control_url}/state")).json()
        app = state["apps"]["freeagent"]
        urls = {name: url for name, url in endpoints_of("freeagent", running.url).items() if url}
        connector = freeagent(
            ProviderSettings(client_id=app["clientId"], page_size=page_size, limits="off", **urls)
        )
        assert isinstance(connector, FreeAgentConnector)
        auth = evolve(connector.auth, client_secret=Known(app["clientSecret"]))
        connector = evolve(connector, auth=auth)
        tenant = state["companies"][company]["tenant"]
        callback = await consented(http, auth.authorize_url(CONSENT), tenant)
        tokens = await auth.exchange(http, CONSENT, callback)
        yield Linked(running, http, connector, tenant, tokens)


async def consented(
    http: httpx.AsyncClient, url: str, tenant: str, decision: str = "allow"
) -> dict[str, str]:
    """What comes back to the app when the form is sent."""
    form: dict[str, Any] = {**dict(parse_qsl(urlsplit(url).query)), "tenant": tenant, "decision": decision}
    answer = await http.post(url.partition("?")[0], data=form)
    assert answer.status_code == 302, answer.text
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))


@frozen
class Known(Secret):
    """A secret that the test knows already."""

    def reveal(self) -> str:
        return self.reference
