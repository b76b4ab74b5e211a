"""Consent and tokens, against a small server that keeps Xero's rules."""

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from attrs import define, evolve, field
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tallystick.config import ProviderSettings, Secret
from tallystick.connectors import Consent, Tenant, Tokens
from tallystick.connectors.xero.auth import XeroAuth
from tallystick.errors import (
    ConfigurationInvalid,
    LinkFailed,
    NeedsReauthorisation,
    ProviderUnavailable,
    RateLimited,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
EVENT = "e0000000-0000-4000-8000-000000000001"
CONSENT = Consent(state="st/ate", code_verifier="v" * 43, redirect_uri="https://books.example/callback")


def access_token(claims: Any) -> str:
    part = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"head.{part}.sign"


TOKENS = Tokens(access=access_token({"authentication_event_id": EVENT}), refresh="refresh-1", expires_at=NOW)


@define
class Xero:
    """The token endpoint and the connections."""

    answer: Callable[[], Response] | None = None  #: in place of what the rules would say
    forms: list[dict[str, str]] = field(factory=list)
    asked: list[str] = field(factory=list)
    connections: list[dict[str, Any]] = field(
        factory=lambda: [
            {"id": "k1", "authEventId": EVENT, "tenantId": "t1", "tenantType": "ORGANISATION",
             "tenantName": "Harbour & Vale"},
            {"id": "k2", "authEventId": EVENT, "tenantId": "t2", "tenantType": "PRACTICE",
             "tenantName": "Their accountant"},
            {"id": "k3", "authEventId": "another", "tenantId": "t3", "tenantType": "ORGANISATION",
             "tenantName": "Somebody else"},
        ]
    )  # fmt: skip

    async def token(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        self.forms.append(form)
        if self.answer is not None:
            return self.answer()
        if form.get("client_secret") != "s3cret":
            return JSONResponse({"error": "invalid_client"}, 400)
        if form["grant_type"] == "authorization_code":
            digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
            proven = base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == form["code"]
            if not proven or form["redirect_uri"] != CONSENT.redirect_uri:
                return JSONResponse({"error": "invalid_grant"}, 400)
        elif form["refresh_token"] != "refresh-1":
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse(
            {"access_token": "access-2", "refresh_token": "refresh-2", "expires_in": 1800, "scope": "a b"}
        )

    async def listed(self, request: Request) -> Response:
        self.asked.append(f"{request.method} {request.url.path}?{request.url.query}")
        if self.answer is not None:
            return self.answer()
        event = request.query_params.get("authEventId")
        return JSONResponse([c for c in self.connections if event in (None, c["authEventId"])])

    async def dropped(self, request: Request) -> Response:
        self.asked.append(f"{request.method} {request.url.path}")
        left = [c for c in self.connections if c["id"] != request.path_params["id"]]
        found, self.connections = len(left) < len(self.connections), left
        return Response(status_code=204 if found else 404)

    def client(self) -> httpx.AsyncClient:
        app = Starlette(
            routes=[
                Route("/token", self.token, methods=["POST"]),
                Route("/connections", self.listed, methods=["GET"]),
                Route("/connections/{id}", self.dropped, methods=["DELETE"]),
            ]
        )
        return httpx.AsyncClient(transport=httpx.ASGITransport(app=app))


@pytest.fixture
def auth(monkeypatch: pytest.MonkeyPatch) -> XeroAuth:
    monkeypatch.setenv("XERO_SECRET_OF_THIS_TEST", "s3cret")
    made = XeroAuth.of(
        ProviderSettings(
            client_id="app",
            client_secret=Secret("env:XERO_SECRET_OF_THIS_TEST"),
            token_url="https://identity.example/token",
            connections_url="https://api.example/connections/",
        )
    )
    return evolve(made, now=lambda: NOW)


def the_code() -> str:
    digest = hashlib.sha256(b"v" * 43).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def test_consent_is_asked_with_a_proof_key_and_for_offline_access(auth: XeroAuth) -> None:
    url = urlsplit(auth.authorize_url(CONSENT))
    query = {name: value for name, (value,) in parse_qs(url.query).items()}

    assert f"{url.scheme}://{url.netloc}{url.path}" == "https://login.xero.com/identity/connect/authorize"
    assert query["code_challenge"] == the_code()
    assert (query["code_challenge_method"], query["response_type"]) == ("S256", "code")
    assert (query["state"], query["redirect_uri"]) == (CONSENT.state, CONSENT.redirect_uri)
    assert "offline_access" in query["scope"].split()
    assert not any(scope.endswith((".invoices", ".contacts")) for scope in query["scope"].split())


async def test_a_code_becomes_tokens(auth: XeroAuth) -> None:
    xero = Xero()
    async with xero.client() as http:
        tokens = await auth.exchange(http, CONSENT, {"code": the_code(), "state": CONSENT.state})

    assert (tokens.access, tokens.refresh, tokens.scope) == ("access-2", "refresh-2", "a b")
    assert tokens.expires_at == NOW + timedelta(minutes=30)
    assert xero.forms[0]["client_id"] == "app"
    assert "access-2" not in repr(tokens)


@pytest.mark.parametrize(
    "callback",
    [
        {"code": "c", "state": "another"},
        {"code": "c"},
        {"error": "access_denied", "state": CONSENT.state},
        {"error": "server_error", "state": CONSENT.state},
        {"state": CONSENT.state},
        {"code": "stale", "state": CONSENT.state},
    ],
    ids=["other state", "no state", "declined", "their error", "no code", "stale code"],
)
async def test_a_consent_that_did_not_end_well_is_no_link(auth: XeroAuth, callback: dict[str, str]) -> None:
    async with Xero().client() as http:
        with pytest.raises(LinkFailed):
            await auth.exchange(http, CONSENT, callback)


async def test_a_refresh_replaces_both_tokens(auth: XeroAuth) -> None:
    async with Xero().client() as http:
        tokens = await auth.refresh(http, TOKENS)
    assert (tokens.access, tokens.refresh) == ("access-2", "refresh-2")


async def test_a_refresh_token_that_is_not_renewed_stays_good(auth: XeroAuth) -> None:
    xero = Xero(answer=lambda: JSONResponse({"access_token": "a", "expires_in": "900"}))
    async with xero.client() as http:
        tokens = await auth.refresh(http, TOKENS)
    assert (tokens.refresh, tokens.expires_at) == ("refresh-1", NOW + timedelta(minutes=15))


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        (lambda: JSONResponse({"error": "invalid_grant"}, 400), NeedsReauthorisation),
        (lambda: JSONResponse({"error": "invalid_client"}, 401), ConfigurationInvalid),
        (lambda: JSONResponse({"error": "unauthorized_client"}, 400), ConfigurationInvalid),
        (lambda: JSONResponse({"error": "temporarily_unavailable"}, 400), ProviderUnavailable),
        (lambda: Response("<html>", 400), ProviderUnavailable),
        (lambda: Response("", 500), ProviderUnavailable),
        (lambda: Response("not json", 200), ProviderUnavailable),
        (lambda: JSONResponse({"access_token": None}), ProviderUnavailable),
        (lambda: Response("", 429, headers={"Retry-After": "9"}), RateLimited),
    ],
    ids=["gone", "app", "app's kind", "passing", "html", "500", "no json", "no token", "limit"],
)
async def test_only_the_word_that_the_grant_is_gone_asks_for_a_new_consent(
    auth: XeroAuth, answer: Callable[[], Response], meaning: type[Exception]
) -> None:
    """Providers §5 no. 12: to take a passing fault for the end of a consent costs a customer."""
    async with Xero(answer=answer).client() as http:
        with pytest.raises(meaning):
            await auth.refresh(http, TOKENS)


async def test_without_a_refresh_token_there_is_nothing_to_refresh(auth: XeroAuth) -> None:
    async with Xero().client() as http:
        with pytest.raises(NeedsReauthorisation):
            await auth.refresh(http, evolve(TOKENS, refresh=None))


async def test_a_network_that_fails_is_no_end_of_a_consent(auth: XeroAuth) -> None:
    async with httpx.AsyncClient() as http:
        nowhere = evolve(auth, token_endpoint="http://127.0.0.1:9/token")
        with pytest.raises(ProviderUnavailable) as caught:
            await nowhere.refresh(http, TOKENS)
    assert "refresh-1" not in str(caught.value)


async def test_only_the_organisations_of_this_consent_are_offered(auth: XeroAuth) -> None:
    xero = Xero()
    async with xero.client() as http:
        found = await auth.tenants(http, TOKENS, {})

    assert found == [Tenant(id="t1", name="Harbour & Vale")]
    assert xero.asked == [f"GET /connections?authEventId={EVENT}"]


@pytest.mark.parametrize("token", ["opaque", "a.b.c", "a.!!.c", access_token([1]), access_token({"sub": 1})])
async def test_a_token_that_names_no_consent_offers_every_organisation(auth: XeroAuth, token: str) -> None:
    xero = Xero()
    async with xero.client() as http:
        found = await auth.tenants(http, evolve(TOKENS, access=token), {})
    assert [tenant.id for tenant in found] == ["t1", "t3"]
    assert xero.asked == ["GET /connections?"]


async def test_letting_one_organisation_go_leaves_the_others_and_may_be_repeated(
    auth: XeroAuth,
) -> None:
    xero = Xero()
    async with xero.client() as http:
        await auth.revoke(http, TOKENS, "t3")
        await auth.revoke(http, TOKENS, "t3")

    assert [c["tenantId"] for c in xero.connections] == ["t1", "t2"]
    assert xero.asked.count("DELETE /connections/k3") == 1


@pytest.mark.parametrize(
    ("status", "meaning"),
    [(401, NeedsReauthorisation), (403, NeedsReauthorisation), (404, ProviderUnavailable),
     (500, ProviderUnavailable), (429, RateLimited)],
)  # fmt: skip
async def test_connections_that_cannot_be_listed_say_why(
    auth: XeroAuth, status: int, meaning: type[Exception]
) -> None:
    async with Xero(answer=lambda: Response("{}", status)).client() as http:
        with pytest.raises(meaning):
            await auth.tenants(http, TOKENS, {})
