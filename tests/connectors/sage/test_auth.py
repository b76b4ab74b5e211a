"""Consent and tokens, against a small server that keeps Sage's rules."""

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
from tallystick.connectors.sage.auth import SageAuth
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
class Sage:
    """The token endpoint, the end of a consent, and the businesses of a login."""

    answer: Callable[[], Response] | None = None  #: in place of what the rules would say
    forms: list[dict[str, str]] = field(factory=list)
    businesses: list[dict[str, Any]] = field(
        factory=lambda: [{"id": "b1", "displayed_as": "Harbour & Vale"}, {"id": "b2", "displayed_as": "Fern"}]
    )
    page_size: int = 1000
    alive: str = "refresh-1"
    number: int = 1

    async def token(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        self.forms.append(form)
        if self.answer is not None:
            return self.answer()
        if form.get("client_secret") != "s3cret":
            return JSONResponse({"error": "invalid_client"}, 400)
        if form["grant_type"] == "refresh_token" and form["refresh_token"] != self.alive:
            return JSONResponse({"error": "invalid_grant"}, 400)
        if form["grant_type"] == "authorization_code" and form["code"] != "code-1":
            return JSONResponse({"error": "invalid_grant"}, 400)
        self.number += 1
        self.alive = f"refresh-{self.number}"
        return JSONResponse(
            {
                "access_token": f"access-{self.number}",
                "expires_in": 300,
                "refresh_token": self.alive,
                "refresh_token_expires_in": 2678400,
                "scope": "readonly",
                "token_type": "bearer",
            }
        )

    async def revoked(self, request: Request) -> Response:
        self.forms.append({name: str(value) for name, value in (await request.form()).items()})
        return self.answer() if self.answer is not None else Response(status_code=200)

    async def listed(self, request: Request) -> Response:
        if self.answer is not None:
            return self.answer()
        if request.headers["authorization"] != "Bearer access-1":
            return JSONResponse([{"$dataCode": "AuthorizationFailure"}], 401)
        start = (int(request.query_params["page"]) - 1) * self.page_size
        rows = self.businesses[start : start + self.page_size]
        return JSONResponse(
            {"$total": len(self.businesses), "$items_per_page": self.page_size, "$items": rows}
        )


@pytest.fixture
def sage() -> Sage:
    return Sage()


@pytest.fixture
async def http(sage: Sage) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(
        routes=[
            Route("/token", sage.token, methods=["POST"]),
            Route("/revoke", sage.revoked, methods=["POST"]),
            Route("/businesses", sage.listed),
        ]
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
        yield client


@pytest.fixture
def auth(tmp_path: Path) -> SageAuth:
    (tmp_path / "secret").write_text("s3cret")
    settings = ProviderSettings(
        client_id="app",
        client_secret=Secret(f"file:{tmp_path / 'secret'}"),
        authorize_url="http://sage/auth/central",
        token_url="http://sage/token",
        revoke_url="http://sage/revoke",
        connections_url="http://sage/businesses/",
    )
    return evolve(SageAuth.of(settings), now=lambda: NOW)


def test_the_browser_is_sent_with_the_filter_that_picks_the_product(auth: SageAuth) -> None:
    query = parse_qs(urlsplit(auth.authorize_url(CONSENT)).query)
    assert query == {
        "filter": ["apiv3.1"],
        "response_type": ["code"],
        "client_id": ["app"],
        "redirect_uri": ["https://books.example/callback"],
        "scope": ["readonly"],
        "state": ["st/ate"],
    }


def test_an_address_that_has_the_filter_already_keeps_it_once(auth: SageAuth) -> None:
    own = evolve(auth, authorize_endpoint="https://sage.example/central?filter=apiv3.1")
    assert own.authorize_url(CONSENT).count("filter=") == 1


async def test_a_code_becomes_tokens_of_five_minutes(
    sage: Sage, http: httpx.AsyncClient, auth: SageAuth
) -> None:
    tokens = await auth.exchange(http, CONSENT, GOOD)
    assert (tokens.access, tokens.refresh, tokens.scope) == ("access-2", "refresh-2", "readonly")
    assert tokens.expires_at == NOW + timedelta(seconds=300)
    assert sage.forms == [
        {
            "grant_type": "authorization_code",
            "code": "code-1",
            "redirect_uri": "https://books.example/callback",
            "client_id": "app",
            "client_secret": "s3cret",
        }
    ]
    assert "access-2" not in repr(tokens)
    assert "refresh-2" not in repr(tokens)


@pytest.mark.parametrize(
    ("callback", "reason"),
    [
        ({"state": "other", "code": "code-1"}, "does not belong"),
        ({"code": "code-1"}, "does not belong"),
        ({"state": "st/ate", "error": "access_denied"}, "declined"),
        ({"state": "st/ate", "error": "Invalid request", "reason": "Email already in use"}, "Email already in use"),
        ({"state": "st/ate"}, "no authorisation code"),
        ({"state": "st/ate", "code": "used"}, "invalid_grant"),
    ],
)  # fmt: skip
async def test_a_callback_that_is_no_good_links_nothing(
    http: httpx.AsyncClient, auth: SageAuth, callback: dict[str, str], reason: str
) -> None:
    with pytest.raises(LinkFailed, match=reason):
        await auth.exchange(http, CONSENT, callback)


async def test_every_refresh_replaces_both_tokens_and_the_old_one_is_dead(
    http: httpx.AsyncClient, auth: SageAuth
) -> None:
    first = await auth.refresh(http, TOKENS)
    second = await auth.refresh(http, first)
    assert (first.refresh, second.refresh) == ("refresh-2", "refresh-3")
    with pytest.raises(NeedsReauthorisation):
        await auth.refresh(http, first)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (JSONResponse({"error": "invalid_grant"}, 400), NeedsReauthorisation),
        (JSONResponse({"error": "invalid_client"}, 401), ConfigurationInvalid),
        (JSONResponse({"error": "server_error"}, 400), ProviderUnavailable),
        (PlainTextResponse("<html>", 400), ProviderUnavailable),
        (PlainTextResponse("oops", 500), ProviderUnavailable),
        (JSONResponse([], 429, {"Retry-After": "7"}), RateLimited),
        (JSONResponse({"token_type": "bearer"}), ProviderUnavailable),
    ],
    ids=["gone", "unknown app", "another fault", "no JSON", "down", "too many", "no token"],
)
async def test_what_a_refused_refresh_means(
    sage: Sage, http: httpx.AsyncClient, auth: SageAuth, answer: Response, error: type[Exception]
) -> None:
    """Only the provider's own word ends a consent."""
    sage.answer = lambda: answer
    with pytest.raises(error):
        await auth.refresh(http, TOKENS)


async def test_without_a_refresh_token_there_is_nothing_to_refresh(
    http: httpx.AsyncClient, auth: SageAuth
) -> None:
    with pytest.raises(NeedsReauthorisation):
        await auth.refresh(http, evolve(TOKENS, refresh=None))


@pytest.mark.parametrize("told", [None, "soon", -1, 0])
async def test_a_lifetime_that_is_none_is_sages_shortest(
    sage: Sage, http: httpx.AsyncClient, auth: SageAuth, told: object
) -> None:
    sage.answer = lambda: JSONResponse({"access_token": "a", "expires_in": told})
    tokens = await auth.refresh(http, TOKENS)
    assert tokens.expires_at == NOW + timedelta(seconds=300)
    assert tokens.refresh == "refresh-1", "where none comes back, the one in hand is all there is"


@pytest.mark.parametrize("size", [1000, 1], ids=["one page", "a page each"])
async def test_all_businesses_of_the_login_are_its_tenants(
    sage: Sage, http: httpx.AsyncClient, auth: SageAuth, size: int
) -> None:
    sage.page_size = size
    assert await auth.tenants(http, TOKENS, {}) == [
        Tenant(id="b1", name="Harbour & Vale"),
        Tenant(id="b2", name="Fern"),
    ]


async def test_businesses_that_repeat_themselves_end_the_list(
    sage: Sage, http: httpx.AsyncClient, auth: SageAuth
) -> None:
    sage.answer = lambda: JSONResponse({"$total": 9, "$items": [{"id": "b1"}]})
    assert await auth.tenants(http, TOKENS, {}) == [Tenant(id="b1", name="b1")]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (JSONResponse([], 401), NeedsReauthorisation),
        (JSONResponse({"$items": None}), ProviderUnavailable),
        (PlainTextResponse("down", 503), ProviderUnavailable),
    ],
)
async def test_businesses_that_cannot_be_listed(
    sage: Sage, http: httpx.AsyncClient, auth: SageAuth, answer: Response, error: type[Exception]
) -> None:
    sage.answer = lambda: answer
    with pytest.raises(error):
        await auth.tenants(http, TOKENS, {})


async def test_a_consent_is_ended_by_the_token_in_hand(
    sage: Sage, http: httpx.AsyncClient, auth: SageAuth
) -> None:
    await auth.revoke(http, TOKENS, "b1")
    await auth.revoke(http, evolve(TOKENS, refresh=None), "b1")
    assert [form["token"] for form in sage.forms] == ["refresh-1", "access-1"]


async def test_ending_a_consent_that_is_gone_already_is_no_fault(
    sage: Sage, http: httpx.AsyncClient, auth: SageAuth
) -> None:
    sage.answer = lambda: JSONResponse({"error": "invalid_grant"}, 400)
    await auth.revoke(http, TOKENS, "b1")


async def test_a_network_that_fails_is_told_without_an_address(auth: SageAuth) -> None:
    async def broken(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route to http://sage/token?secret")

    async with httpx.AsyncClient(transport=httpx.MockTransport(broken)) as client:
        with pytest.raises(ProviderUnavailable) as found:
            await auth.refresh(client, TOKENS)
    assert "sage/token" not in str(found.value)
