"""A sandbox in the test's nursery, and a visitor who walks its doors over real HTTP."""

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import trio
from attrs import define, field

from tallystick.connectors.sandbox import Running, SandboxSettings, serve

SCOPES = (
    "offline_access accounting.settings.read accounting.contacts.read "
    "accounting.invoices.read accounting.payments.read"
)
BACK = "http://127.0.0.1:1/callback"
AUTHORIZE = "/xero/identity/connect/authorize"
TOKEN = "/xero/connect/token"


@define(eq=False)
class Visitor:
    """One app at one sandbox; reads with the tokens it got last."""

    running: Running
    http: httpx.AsyncClient
    app: dict[str, str] = field(factory=dict)
    tenants: list[str] = field(factory=list)
    tokens: dict[str, Any] = field(factory=dict)

    async def control(self, path: str, body: Any = None, *, status: int = 200) -> Any:
        """A GET, or a POST where there is a body."""
        url = f"/_control/{path}"
        answer = await (self.http.get(url) if body is None else self.http.post(url, json=body))
        assert answer.status_code == status, answer.text
        return answer.json()

    def query(self, **words: str) -> dict[str, str]:
        """What an app sends the browser with."""
        return {
            "response_type": "code",
            "client_id": self.app["clientId"],
            "redirect_uri": BACK,
            "scope": SCOPES,
            "state": "s&1",
            **words,
        }

    async def consent(self, *tenants: str, decision: str = "allow", **words: str) -> dict[str, str]:
        """Send the form; what came back to the redirect URI."""
        answer = await self.http.post(
            AUTHORIZE, data={**self.query(**words), "tenant": list(tenants), "decision": decision}
        )
        assert answer.status_code == 302, answer.text
        found = parse_qs(urlsplit(answer.headers["location"]).query)
        return {name: values[0] for name, values in found.items()}

    async def ask_token(self, *, secret: str | None = "", **form: str) -> httpx.Response:
        """A call of the token endpoint; `secret=None` for a public client."""
        words = {"client_id": self.app["clientId"], **form}
        if secret is not None:
            words["client_secret"] = secret or self.app["clientSecret"]
        return await self.http.post(TOKEN, data=words)

    async def redeem(self, code: str, **form: Any) -> httpx.Response:
        """Turn a code into tokens."""
        return await self.ask_token(
            **{"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, **form}
        )

    async def refresh(self, token: str) -> httpx.Response:
        """Turn a refresh token into new tokens."""
        return await self.ask_token(grant_type="refresh_token", refresh_token=token)

    async def link(self, *tenants: str, **words: str) -> dict[str, Any]:
        """The whole walk for these tenants, or for all."""
        back = await self.consent(*(tenants or self.tenants), **words)
        answer = await self.redeem(back["code"])
        assert answer.status_code == 200, answer.text
        self.tokens = answer.json()
        return self.tokens

    async def ask(
        self, path: str, *, tenant: str | None = None, headers: dict[str, str] | None = None, **params: Any
    ) -> httpx.Response:
        """A call of the accounting API, for the first tenant if not said otherwise."""
        sent = {
            "authorization": f"Bearer {self.tokens.get('access_token', '')}",
            "xero-tenant-id": self.tenants[0] if tenant is None else tenant,
            **(headers or {}),
        }
        return await self.http.get(f"/xero/api.xro/2.0/{path}", params=params, headers=sent)

    async def rows(self, name: str, **params: Any) -> list[dict[str, Any]]:
        """All rows of a list, page by page."""
        found: list[dict[str, Any]] = []
        page, pages = 1, 1
        while page <= pages:
            answer = await self.ask(name, page=page, pageSize=1000, **params)
            assert answer.status_code == 200, answer.text
            found += answer.json()[name]
            pages = answer.json().get("pagination", {}).get("pageCount", 1)
            page += 1
        return found


Visit = Callable[..., Awaitable[Visitor]]


@pytest.fixture
async def visit(nursery: trio.Nursery) -> AsyncIterator[Visit]:
    """Starts a small sandbox (settings as given) and returns its visitor, not linked yet."""
    clients: list[httpx.AsyncClient] = []

    async def start(**settings: Any) -> Visitor:
        given = SandboxSettings(**{"providers": ("xero",), "companies": 2, "records": 40, **settings})
        running = await nursery.start(partial(serve, given))
        client = httpx.AsyncClient(base_url=running.url, timeout=20)
        clients.append(client)
        visitor = Visitor(running, client)
        state = await visitor.control("state")
        visitor.app = state["apps"]["xero"]
        visitor.tenants = [company["tenant"] for company in state["companies"]]
        return visitor

    yield start
    for client in clients:
        await client.aclose()


@pytest.fixture
async def visitor(visit: Visit) -> Visitor:
    """A visitor who has linked both companies."""
    found = await visit()
    await found.link()
    return found
