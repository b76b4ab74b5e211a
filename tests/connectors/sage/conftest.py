"""Rows as Sage writes them, what they become, and answers that are prepared."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import msgspec
import pytest
from attrs import define, evolve, field, frozen

from tallystick.config import ProviderSettings, Secret
from tallystick.connectors import Books, Consent, Issue, Page, Tokens
from tallystick.connectors.sage import MANIFEST, SageConnector, sage
from tallystick.connectors.sage.client import SageClient
from tallystick.connectors.sage.faults import fault
from tallystick.connectors.sage.mapping import SageMapper
from tallystick.connectors.sandbox import Running, SandboxSettings, sandbox
from tallystick.standard import decode, encode

CONSENT = Consent(state="s&1", code_verifier=None, redirect_uri="http://127.0.0.1:1/callback")
BOOKS = Books(base_currency="GBP", account_ids={"1200": "la-bank", "0604": "la-cash"})


def ref(path: str, id_: str, text: str = "") -> dict[str, str]:
    """What a record refers to."""
    return {"id": id_, "displayed_as": text or id_, "$path": f"/{path}/{id_}"}


def a_document(path: str, id_: str = "d1", **changes: Any) -> dict[str, Any]:
    """An invoice or a credit note of one line; `...` takes a field out."""
    lines = "credit_note_lines" if "credit" in path else "invoice_lines"
    row = {
        "id": id_,
        "displayed_as": "SI-7",
        "$path": f"/{path}/{id_}",
        "created_at": "2026-01-05T09:00:00Z",
        "updated_at": "2026-02-03T04:05:06Z",
        "deleted_at": None,
        "contact": ref("contacts", "c1", "Harbour & Vale"),
        "date": "2026-01-05",
        "due_date": "2026-02-04",
        "reference": "PO 17",
        "notes": "",
        "net_amount": "100.0",
        "tax_amount": "20.0",
        "total_amount": "120.0",
        "total_paid": "0.0",
        "outstanding_amount": "120.0",
        "currency": ref("currencies", "GBP"),
        "exchange_rate": "1.0",
        "inverse_exchange_rate": "1.0",
        "base_currency_total_amount": "120.0",
        "status": ref("artefact_statuses", "UNPAID", "Unpaid"),
        lines: [
            {
                "description": "Oak frame",
                "quantity": "2.0",
                "unit_price": "50.0",
                "net_amount": "100.0",
                "tax_amount": "20.0",
                "total_amount": "120.0",
                "ledger_account": ref("ledger_accounts", "la-sales", "Sales (4000)"),
                "tax_rate": ref("tax_rates", "GB_STANDARD", "Standard 20.00%"),
                "product": ref("products", "p1", "Oak frame"),
                "service": None,
                "analysis_type_categories": [],
            }
        ],
        **changes,
    }
    return {name: value for name, value in row.items() if value is not ...}


def a_quick_entry(path: str, kind: str, **changes: Any) -> dict[str, Any]:
    """A document without lines."""
    row = a_document(path, invoice_lines=..., credit_note_lines=..., notes=..., total_paid=..., **changes)
    return {
        "quick_entry_type": ref("quick_entry_types", kind),
        "ledger_account": ref("ledger_accounts", "la-sales"),
        "details": "Brought from the old system",
        "tax_rate": ref("tax_rates", "GB_STANDARD"),
        **row,
    }


def a_payment(kind: str = "CUSTOMER_RECEIPT", **changes: Any) -> dict[str, Any]:
    """A payment of 46.00, wholly set against one document."""
    side = "sales" if kind.startswith("CUSTOMER") else "purchase"
    what = "credit_notes" if kind.endswith("REFUND") else "invoices"
    row = {
        "id": "pay1",
        "displayed_as": "Payment",
        "$path": "/contact_payments/pay1",
        "created_at": "2026-02-01T10:00:00Z",
        "updated_at": "2026-02-01T10:00:00Z",
        "deleted_at": None,
        "transaction_type": ref("transaction_types", kind),
        "payment_method": ref("payment_methods", "CASH", "Cash"),
        "contact": ref("contacts", "c1", "Harbour & Vale"),
        "bank_account": ref("bank_accounts", "ba1", "Current account (1200)"),
        "date": "2026-02-01",
        "total_amount": "46.0",
        "currency": ref("currencies", "GBP"),
        "exchange_rate": "1.0",
        "base_currency_total_amount": "46.0",
        "reference": "BACS 12",
        "allocated_artefacts": [
            {"id": "x1", "artefact": ref(f"{side}_{what}", "d1"), "amount": "46.0", "discount": "0.0"}
        ],
        "payment_on_account": None,
        **changes,
    }
    return {name: value for name, value in row.items() if value is not ...}


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
    records = SageMapper().records(MANIFEST.resource(resource), raw, books, issues)
    return Mapped(list(records), issues)


@pytest.fixture
def mapped() -> Callable[..., Mapped]:
    """See `map_row`."""
    return map_row


@define
class Answers:
    """`Calls` over a function of path and query: it gives the answer, the status of a refusal, or an error."""

    answer: Callable[[str, dict[str, str]], Any]
    asked: list[tuple[str, dict[str, str]]] = field(factory=list)

    async def get(
        self, path: str, *, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        told = dict(params or {})
        self.asked.append((path, told))
        body = self.answer(path, told)
        request = httpx.Request("GET", f"http://sage/{path}", params=told)
        if isinstance(body, Exception):
            raise body
        if isinstance(body, int):
            raise fault(httpx.Response(body, request=request), path)
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        date = {"Date": "Thu, 01 Jan 2026 00:00:00 GMT"}
        return httpx.Response(200, content=content, headers=date, request=request)


def a_list(ids: list[str], params: Mapping[str, str], path: str = "contacts", **head: Any) -> dict[str, Any]:
    """The page of a list that a query means, as Sage cuts it: past its end comes the last one again."""
    size, wanted = int(params["items_per_page"]), int(params["page"])
    page = min(wanted, max(1, -(-len(ids) // size)))
    return {
        "$total": len(ids),
        "$page": page,
        "$next": f"/{path}?page={page + 1}" if page * size < len(ids) else None,
        "$back": None,
        "$itemsPerPage": size,
        "$items": [{"id": each, "$path": f"/{path}/{each}"} for each in ids[(page - 1) * size : page * size]],
        **head,
    }


async def read(
    answers: Answers, name: str = "contacts", *, size: int = 2, since: Any = None, at: str | None = None
) -> list[Page]:
    """All pages of a resource from a place on, at most twenty."""
    client = SageClient(page_size=size)
    found = [await client.page(answers, MANIFEST.resource(name), since=since, at=at)]
    while found[-1].next is not None and len(found) < 20:
        found.append(await client.page(answers, MANIFEST.resource(name), since=since, at=found[-1].next))
    return found


def ids_of(pages: list[Page]) -> list[str]:
    """The ids of all rows, in their order."""
    return [json.loads(bytes(row))["id"] for page in pages for row in page.records]


@define(eq=False)
class Linked:
    """A business at the stand-in, read over real HTTP with the tokens of a consent that was just given."""

    running: Running
    http: httpx.AsyncClient
    connector: SageConnector
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
        """See `contract.Calls.get`, for the first business."""
        sent = {**self.connector.headers(self.tokens.access, self.tenants[0]), **(headers or {})}
        answer = await self.http.get(
            f"{self.connector.api_url}/{path}", params=dict(params or {}), headers=sent
        )
        self.asked.append(answer.request)
        if answer.status_code != 200:
            raise self.connector.fault(answer, path)
        return answer

    async def rows(self, path: str, **params: str) -> list[dict[str, Any]]:
        """The rows of one page."""
        found: list[dict[str, Any]] = (await self.get(path, params=params)).json()["$items"]
        return found

    async def pages(self, name: str, *, since: Any = None) -> list[Page]:
        """All pages of a resource."""
        resource, at = MANIFEST.resource(name), None
        found: list[Page] = []
        while not found or at is not None:
            found.append(await self.connector.client.page(self, resource, since=since, at=at))
            at = found[-1].next
        return found

    async def records(self, name: str, *, since: Any = None) -> tuple[list[Any], list[Issue]]:
        """All records of a resource, and what was doubted."""
        issues: list[Issue] = []
        return [
            record
            for page in await self.pages(name, since=since)
            for row in page.records
            for record in self.connector.mapper.records(MANIFEST.resource(name), row, Books(), issues)
        ], issues


@asynccontextmanager
async def linked_to(
    *, businesses: int = 1, page_size: int | None = None, **settings: Any
) -> AsyncIterator[Linked]:
    """A stand-in, and a consent for so many of its businesses."""
    given = SandboxSettings(**{"providers": ("sage",), "companies": 2, "records": 40, **settings})
    async with sandbox(given) as running, httpx.AsyncClient(timeout=20) as http:
        state = (await http.get(f"{running.control_url}/state")).json()
        app, base = state["apps"]["sage"], f"{running.url}/sage"
        connector = sage(
            ProviderSettings(
                client_id=app["clientId"],
                authorize_url=f"{base}/oauth2/auth/central",
                token_url=f"{base}/token",
                revoke_url=f"{base}/revoke",
                connections_url=f"{base}/v3.1/businesses",
                api_url=f"{base}/v3.1",
                page_size=page_size,
                limits="off",
            )
        )
        assert isinstance(connector, SageConnector)
        auth = evolve(connector.auth, client_secret=Known(app["clientSecret"]))
        connector = evolve(connector, auth=auth)
        tenants = [company["tenant"] for company in state["companies"]]
        callback = await consented(http, auth.authorize_url(CONSENT), tenants[:businesses])
        tokens = await auth.exchange(http, CONSENT, callback)
        yield Linked(running, http, connector, tenants, tokens)


async def consented(
    http: httpx.AsyncClient, url: str, tenants: list[str], decision: str = "allow"
) -> dict[str, str]:
    """What comes back to the app when the form is sent."""
    form: dict[str, Any] = {**dict(parse_qsl(urlsplit(url).query)), "tenant": tenants, "decision": decision}
    answer = await http.post(url.partition("?")[0], data=form)
    assert answer.status_code == 302, answer.text
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))


@frozen
class Known(Secret):
    """A secret that the test knows already."""

    def reveal(self) -> str:
        return self.reference
