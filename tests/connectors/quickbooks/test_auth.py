"""Consent and tokens, against answers as Intuit gives them."""

import base64
import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest
from tests.connectors.quickbooks.conftest import BACK, StandIn

from tallystick.config import ProviderSettings, Secret
from tallystick.connectors import Consent, Tokens
from tallystick.connectors.quickbooks.auth import QuickBooksAuth
from tallystick.errors import (
    ConfigurationInvalid,
    LinkFailed,
    NeedsReauthorisation,
    ProviderUnavailable,
    RateLimited,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CONSENT = Consent(state="s1", code_verifier=None, redirect_uri=BACK)
CALLBACK = {"state": "s1", "code": "c1", "realmId": "9341450000000001"}
GOOD = {
    "token_type": "bearer",
    "expires_in": 3600,
    "refresh_token": "new refresh",
    "x_refresh_token_expires_in": 8_726_400,
    "access_token": "new access",
}
OLD = Tokens(access="a", refresh="old refresh", expires_at=NOW)
Start = Callable[..., AbstractAsyncContextManager[StandIn]]


@pytest.fixture
def auth(tmp_path: Path) -> QuickBooksAuth:
    secret = tmp_path / "secret"
    secret.write_text("hush")
    return QuickBooksAuth(client_id="app", client_secret=Secret(f"file:{secret}"), now=lambda: NOW)


def answering(
    status: int = 200, body: object = None, asked: list[httpx.Request] | None = None
) -> httpx.AsyncClient:
    def answer(request: httpx.Request) -> httpx.Response:
        if asked is not None:
            asked.append(request)
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return httpx.Response(status, content=content)

    return httpx.AsyncClient(transport=httpx.MockTransport(answer))


def test_the_consent_page_is_asked_for_one_company_and_without_pkce(auth: QuickBooksAuth) -> None:
    url = urlsplit(auth.authorize_url(CONSENT))
    assert url.netloc == "appcenter.intuit.com"
    assert parse_qs(url.query) == {
        "response_type": ["code"],
        "client_id": ["app"],
        "redirect_uri": [BACK],
        "scope": ["com.intuit.quickbooks.accounting"],
        "state": ["s1"],
    }
    assert not auth.pkce


def test_every_address_can_be_another_one() -> None:
    auth = QuickBooksAuth.of(
        ProviderSettings(
            client_id="app",
            authorize_url="http://a",
            token_url="http://t",
            revoke_url="http://r",
            api_url="http://api/",
            scopes=("one",),
        )
    )
    assert auth.authorize_url(CONSENT).startswith("http://a?")
    assert (auth.token_endpoint, auth.revoke_endpoint, auth.api_endpoint) == (
        "http://t",
        "http://r",
        "http://api",
    )
    assert auth.scopes == ("one",)


async def test_a_code_becomes_tokens_and_the_secret_travels_in_the_header(auth: QuickBooksAuth) -> None:
    asked: list[httpx.Request] = []
    tokens = await auth.exchange(answering(body=GOOD, asked=asked), CONSENT, CALLBACK)

    assert tokens == Tokens(
        access="new access",
        refresh="new refresh",
        expires_at=NOW + timedelta(hours=1),
        scope="com.intuit.quickbooks.accounting",
    )
    (request,) = asked
    assert request.headers["authorization"] == "Basic " + base64.b64encode(b"app:hush").decode()
    assert dict(parse_qsl(request.content.decode())) == {
        "grant_type": "authorization_code",
        "code": "c1",
        "redirect_uri": BACK,
    }


@pytest.mark.parametrize(
    ("callback", "reason"),
    [
        ({**CALLBACK, "state": "other"}, "does not belong"),
        ({"state": "s1", "error": "access_denied"}, "declined"),
        ({"state": "s1", "error": "invalid_scope"}, "no authorisation code"),
        ({"state": "s1", "realmId": "1"}, "no authorisation code"),
        ({"state": "s1", "code": "c1"}, "which company"),
        ({**CALLBACK, "realmId": "../../evil"}, "which company"),
        ({**CALLBACK, "realmId": "٣٤"}, "which company"),
    ],
)
async def test_a_callback_that_is_no_consent_ends_the_link(
    auth: QuickBooksAuth, callback: dict[str, str], reason: str
) -> None:
    with pytest.raises(LinkFailed, match=reason):
        await auth.exchange(answering(body=GOOD), CONSENT, callback)


async def test_a_code_that_is_refused_ends_the_link(auth: QuickBooksAuth) -> None:
    with pytest.raises(LinkFailed, match="invalid_grant"):
        await auth.exchange(answering(400, {"error": "invalid_grant"}), CONSENT, CALLBACK)


async def test_what_comes_back_from_a_refresh_is_kept_whether_it_changed_or_not(auth: QuickBooksAuth) -> None:
    same = {**GOOD, "refresh_token": "old refresh"}
    assert (await auth.refresh(answering(body=GOOD), OLD)).refresh == "new refresh"
    assert (await auth.refresh(answering(body=same), OLD)).refresh == "old refresh"
    assert (await auth.refresh(answering(body={"access_token": "x"}), OLD)).refresh == "old refresh"


@pytest.mark.parametrize(
    ("status", "body", "meaning"),
    [
        (400, {"error": "invalid_grant", "error_description": "Token invalid"}, NeedsReauthorisation),
        (400, {"error": "invalid_grant", "error_description": "expired or revoked"}, NeedsReauthorisation),
        (401, {"error": "invalid_client"}, ConfigurationInvalid),
        (400, {"error": "invalid_request"}, ProviderUnavailable),
        (400, b"<html>", ProviderUnavailable),
        (500, b"", ProviderUnavailable),
        (200, b"<html>", ProviderUnavailable),
        (429, b"", RateLimited),
    ],
)
async def test_only_invalid_grant_ends_the_consent(
    auth: QuickBooksAuth, status: int, body: object, meaning: type[Exception]
) -> None:
    with pytest.raises(meaning):
        await auth.refresh(answering(status, body), OLD)


async def test_without_a_refresh_token_nothing_is_asked(auth: QuickBooksAuth) -> None:
    with pytest.raises(NeedsReauthorisation):
        await auth.refresh(answering(body=GOOD), Tokens(access="a", refresh=None, expires_at=NOW))


@pytest.mark.parametrize(
    ("told", "seconds"), [("3600", 3600), (None, 3600), (-1, 3600), ("soon", 3600), (60, 60)]
)
async def test_a_lifetime_that_is_none_is_an_hour(auth: QuickBooksAuth, told: object, seconds: int) -> None:
    tokens = await auth.refresh(answering(body={**GOOD, "expires_in": told}), OLD)
    assert tokens.expires_at == NOW + timedelta(seconds=seconds)


async def test_the_company_of_the_callback_is_the_tenant_by_its_own_name(auth: QuickBooksAuth) -> None:
    asked: list[httpx.Request] = []
    body = {"CompanyInfo": {"CompanyName": "Amber & Söhne", "Id": "1"}}
    (tenant,) = await auth.tenants(answering(body=body, asked=asked), OLD, CALLBACK)

    assert (tenant.id, tenant.name) == ("9341450000000001", "Amber & Söhne")
    assert asked[0].url.path == "/v3/company/9341450000000001/companyinfo/9341450000000001"


@pytest.mark.parametrize(
    ("status", "body", "meaning"),
    [
        (401, b"", NeedsReauthorisation),
        (403, {"Fault": {"Error": [{"code": "3100"}]}}, NeedsReauthorisation),
        (403, {"Fault": {"Error": [{"code": "3001"}]}}, RateLimited),
        (503, b"", ProviderUnavailable),
        (404, b"", ProviderUnavailable),
        (200, {"QueryResponse": {}}, ProviderUnavailable),
    ],
)
async def test_a_company_that_cannot_be_read_is_no_tenant(
    auth: QuickBooksAuth, status: int, body: object, meaning: type[Exception]
) -> None:
    with pytest.raises(meaning):
        await auth.tenants(answering(status, body), OLD, CALLBACK)


async def test_letting_go_twice_is_no_error(auth: QuickBooksAuth) -> None:
    asked: list[httpx.Request] = []
    for status in (200, 400):
        await auth.revoke(answering(status, {}, asked), OLD, "1")
    assert [json.loads(request.content) for request in asked] == [{"token": "old refresh"}] * 2
    with pytest.raises(ProviderUnavailable):
        await auth.revoke(answering(503, b""), OLD, "1")
    with pytest.raises(ConfigurationInvalid):
        await auth.revoke(answering(401, b""), OLD, "1")


async def test_a_network_that_fails_is_told_without_its_address(auth: QuickBooksAuth) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route to 10.0.0.1", request=request)

    client = httpx.AsyncClient(transport=httpx.MockTransport(fail))
    with pytest.raises(ProviderUnavailable, match=r"the network failed \(ConnectError\)"):
        await auth.refresh(client, OLD)


def test_no_token_and_no_secret_is_shown(auth: QuickBooksAuth) -> None:
    assert "hush" not in repr(auth)
    assert "old refresh" not in repr(OLD)


@pytest.mark.slow
async def test_the_whole_walk_at_the_stand_in(stand_in: Start) -> None:
    async with stand_in() as world:
        auth = world.connector.auth
        callback = await world.consent()
        consent = Consent(state="s&1", code_verifier=None, redirect_uri=BACK)
        tokens = await auth.exchange(world.http, consent, callback)
        (tenant,) = await auth.tenants(world.http, tokens, callback)
        assert (tenant.id, tenant.name) == (world.tenant, world.company["name"])

        again = await auth.refresh(world.http, tokens)
        assert again.refresh == tokens.refresh, "the same within a day"
        await world.control("clock", advance=25 * 3600)
        later = await auth.refresh(world.http, tokens)
        assert later.refresh != tokens.refresh
        with pytest.raises(NeedsReauthorisation):
            await auth.refresh(world.http, tokens)

        await auth.revoke(world.http, Tokens(access=later.access, refresh=None, expires_at=NOW), world.tenant)
        with pytest.raises(NeedsReauthorisation):
            await auth.refresh(world.http, later)


@pytest.mark.slow
async def test_a_refresh_token_that_nobody_used_ends_after_101_days(stand_in: Start) -> None:
    async with stand_in(records=5) as world:
        tokens = await world.tokens()
        await world.control("clock", advance=102 * 86400)
        with pytest.raises(NeedsReauthorisation):
            await world.connector.auth.refresh(world.http, tokens)


@pytest.mark.slow
async def test_who_declines_is_sent_back_without_a_code(stand_in: Start) -> None:
    async with stand_in(records=5) as world:
        callback = await world.consent(decision="deny")
        consent = Consent(state="s&1", code_verifier=None, redirect_uri=BACK)
        with pytest.raises(LinkFailed, match="declined"):
            await world.connector.auth.exchange(world.http, consent, callback)
