"""Consent and tokens, against a small server that keeps FreeAgent's rules."""

import base64
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from attrs import define, evolve, field
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from tallystick.config import ProviderSettings, Secret
from tallystick.connectors import Consent, Tenant, Tokens
from tallystick.connectors.freeagent.auth import FreeAgentAuth
from tallystick.errors import (
    ConfigurationInvalid,
    LinkFailed,
    NeedsReauthorisation,
    ProviderUnavailable,
    RateLimited,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CONSENT = Consent(state="st/ate", code_verifier=None, redirect_uri="https://books.example/callback")
TOKENS = Tokens(access="access-1", refresh="refresh-1", expires_at=NOW)
GOOD = {"state": "st/ate", "code": "code-1"}


@define
class FreeAgent:
    """The token endpoint, and the company of a login."""

    answer: Callable[[], Response] | None = None  #: in place of what the rules would say
    forms: list[dict[str, str]] = field(factory=list)
    company: Any = field(factory=lambda: {"id": "12345", "name": "Harbour & Vale", "subdomain": "harbour"})
    alive: str = "refresh-1"
    number: int = 1

    async def token(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        self.forms.append(form)
        if self.answer is not None:
            return self.answer()
        told = request.headers.get("authorization", "").removeprefix("Basic ")
        if base64.b64decode(told).decode() != "app:s3cret":
            return JSONResponse({"error": "invalid_client"}, 401)
        if form["grant_type"] == "refresh_token" and form["refresh_token"] != self.alive:
            return JSONResponse({"error": "invalid_grant"}, 400)
        if form["grant_type"] == "authorization_code" and form["code"] != "code-1":
            return JSONResponse({"error": "invalid_grant"}, 400)
        self.number += 1
        self.alive = f"refresh-{self.number}"
        return JSONResponse(
            {
                "access_token": f"access-{self.number}",
                "token_type": "bearer",
                "expires_in": 3600,
                "refresh_token": self.alive,
                "refresh_token_expires_in": 631151957,
            }
        )

    async def told(self, request: Request) -> Response:
        if self.answer is not None:
            return self.answer()
        if request.headers["authorization"] != "Bearer access-1":
            return JSONResponse({"errors": {"error": {"message": "Access token not recognised"}}}, 401)
        return JSONResponse({"company": self.company})


@pytest.fixture
def provider() -> FreeAgent:
    return FreeAgent()


@pytest.fixture
async def http(provider: FreeAgent) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(
        routes=[
            Route("/v2/token_endpoint", provider.token, methods=["POST"]),
            Route("/v2/company", provider.told),
        ]
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
        yield client


@pytest.fixture
def auth(tmp_path: Path) -> FreeAgentAuth:
    (tmp_path / "secret").write_text("s3cret")
    settings = ProviderSettings(
        client_id="app",
        client_secret=Secret(f"file:{tmp_path / 'secret'}"),
        authorize_url="http://freeagent/v2/approve_app",
        token_url="http://freeagent/v2/token_endpoint",
        connections_url="http://freeagent/v2/company",
    )
    return evolve(FreeAgentAuth.of(settings), now=lambda: NOW)


def test_without_settings_the_addresses_are_freeagents_own() -> None:
    own = FreeAgentAuth.of(ProviderSettings(client_id="app"))
    assert own.authorize_url(CONSENT).startswith("https://api.freeagent.com/v2/approve_app?")
    assert own.token_endpoint == "https://api.freeagent.com/v2/token_endpoint"


def test_the_browser_is_sent_without_scopes_and_without_pkce(auth: FreeAgentAuth) -> None:
    assert parse_qs(urlsplit(auth.authorize_url(CONSENT)).query) == {
        "response_type": ["code"],
        "client_id": ["app"],
        "redirect_uri": ["https://books.example/callback"],
        "state": ["st/ate"],
    }
    assert not auth.pkce


async def test_a_code_becomes_tokens_and_the_secret_travels_in_the_header(
    auth: FreeAgentAuth, http: httpx.AsyncClient, provider: FreeAgent
) -> None:
    tokens = await auth.exchange(http, CONSENT, GOOD)
    assert (tokens.access, tokens.refresh) == ("access-2", "refresh-2")
    assert tokens.expires_at == NOW + timedelta(hours=1)
    assert provider.forms == [
        {
            "grant_type": "authorization_code",
            "code": "code-1",
            "redirect_uri": "https://books.example/callback",
        }
    ]


@pytest.mark.parametrize(
    ("callback", "reason"),
    [
        ({"state": "other", "code": "code-1"}, "does not belong"),
        ({"code": "code-1"}, "does not belong"),
        ({"state": "st/ate", "error": "access_denied"}, "declined"),
        ({"state": "st/ate", "error": "server_error"}, "server_error"),
        ({"state": "st/ate"}, "no authorisation code"),
        ({"state": "st/ate", "code": "used"}, "invalid_grant"),
    ],
)
async def test_a_callback_that_is_no_good_links_nothing(
    auth: FreeAgentAuth, http: httpx.AsyncClient, callback: dict[str, str], reason: str
) -> None:
    with pytest.raises(LinkFailed, match=reason):
        await auth.exchange(http, CONSENT, callback)


async def test_every_refresh_replaces_both_tokens(auth: FreeAgentAuth, http: httpx.AsyncClient) -> None:
    first = await auth.refresh(http, TOKENS)
    second = await auth.refresh(http, first)
    assert [first.refresh, second.refresh] == ["refresh-2", "refresh-3"]
    with pytest.raises(NeedsReauthorisation):
        await auth.refresh(http, TOKENS)


async def test_an_answer_without_a_refresh_token_keeps_the_old_one(
    auth: FreeAgentAuth, http: httpx.AsyncClient, provider: FreeAgent
) -> None:
    provider.answer = lambda: JSONResponse({"access_token": "fresh"})
    tokens = await auth.refresh(http, TOKENS)
    assert (tokens.access, tokens.refresh) == ("fresh", "refresh-1")
    assert tokens.expires_at == NOW + timedelta(hours=1), "where it is not said"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (lambda: JSONResponse({"error": "invalid_grant"}, 400), NeedsReauthorisation),
        (lambda: JSONResponse({"error": "invalid_client"}, 401), ConfigurationInvalid),
        (lambda: JSONResponse({"error": "temporarily_unavailable"}, 400), ProviderUnavailable),
        (lambda: PlainTextResponse("<html>", 502), ProviderUnavailable),
        (lambda: JSONResponse({"token": 1}), ProviderUnavailable),
        (
            lambda: PlainTextResponse("You must not exceed 15 requests per 60 seconds", 429),
            RateLimited,
        ),
    ],
    ids=["gone", "app unknown", "passing", "a gateway", "no token", "too many refreshes"],
)
async def test_what_a_refused_refresh_means(
    auth: FreeAgentAuth,
    http: httpx.AsyncClient,
    provider: FreeAgent,
    answer: Callable[[], Response],
    error: type[Exception],
) -> None:
    provider.answer = answer
    with pytest.raises(error):
        await auth.refresh(http, TOKENS)


async def test_a_token_opens_one_company(auth: FreeAgentAuth, http: httpx.AsyncClient) -> None:
    assert await auth.tenants(http, TOKENS, GOOD) == [Tenant(id="12345", name="Harbour & Vale")]


@pytest.mark.parametrize(
    ("company", "tenant"),
    [
        ({"id": 12345, "name": "A"}, Tenant(id="12345", name="A")),
        ({"subdomain": "harbour", "name": None}, Tenant(id="harbour", name="harbour")),
    ],
    ids=["a number", "no id"],
)
async def test_a_company_is_known_by_its_id_or_by_its_subdomain(
    auth: FreeAgentAuth, http: httpx.AsyncClient, provider: FreeAgent, company: Any, tenant: Tenant
) -> None:
    provider.company = company
    assert await auth.tenants(http, TOKENS, GOOD) == [tenant]


@pytest.mark.parametrize("company", [None, [], {"name": "A"}, {"id": True}, {"id": {}}])
async def test_a_company_that_is_none_is_the_providers_fault(
    auth: FreeAgentAuth, http: httpx.AsyncClient, provider: FreeAgent, company: Any
) -> None:
    provider.company = company
    with pytest.raises(ProviderUnavailable):
        await auth.tenants(http, TOKENS, GOOD)


async def test_a_token_that_is_refused_asks_for_a_new_consent(
    auth: FreeAgentAuth, http: httpx.AsyncClient
) -> None:
    with pytest.raises(NeedsReauthorisation):
        await auth.tenants(http, evolve(TOKENS, access="old"), GOOD)


async def test_who_unlinks_needs_no_answer_of_freeagents(
    auth: FreeAgentAuth, http: httpx.AsyncClient, provider: FreeAgent
) -> None:
    provider.answer = lambda: PlainTextResponse("", 500)
    await auth.revoke(http, TOKENS, "12345")
    assert provider.forms == []
