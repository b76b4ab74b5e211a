"""Consent, tokens and businesses at Sage: authorisation code with a client secret.

Access tokens live five minutes, and every refresh replaces the refresh token, the old one being dead at
once: whoever calls `refresh` alone holds the grant and keeps what comes back before it is used. One token
opens all businesses of its user. Source: providers §§1.1, 1.4.
"""

import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Final
from urllib.parse import urlencode, urlsplit

import httpx
from attrs import field, frozen

from tallystick.config import ProviderSettings, Secret
from tallystick.connectors.contract import Consent, Tenant, Tokens
from tallystick.connectors.sage.faults import fault
from tallystick.connectors.sage.manifest import SCOPES
from tallystick.errors import (
    ConfigurationInvalid,
    LinkFailed,
    NeedsReauthorisation,
    ProviderUnavailable,
    TallystickError,
)

AUTHORIZE_URL: Final = "https://www.sageone.com/oauth2/auth/central"
TOKEN_URL: Final = "https://oauth.accounting.sage.com/token"  # noqa: S105 - an address
REVOKE_URL: Final = "https://oauth.accounting.sage.com/revoke"
BUSINESSES_URL: Final = "https://api.accounting.sage.com/v3.1/businesses"

#: Which of Sage's products the consent is for.
_FILTER: Final = "apiv3.1"
#: Seconds that a token is taken to live where Sage does not say.
_LIFETIME_S: Final = 300
_BUSINESSES_A_PAGE: Final = 200
#: An accountant's login may open hundreds; nobody chooses among more than this.
_MOST_PAGES: Final = 50


def _now() -> datetime:
    return datetime.now(UTC)


@frozen(kw_only=True)
class SageAuth:
    """`contract.Auth` for Sage. Client id and secret travel in the form."""

    pkce: ClassVar[bool] = False

    client_id: str
    client_secret: Secret | None = None
    scopes: tuple[str, ...] = SCOPES
    authorize_endpoint: str = AUTHORIZE_URL
    token_endpoint: str = TOKEN_URL
    revoke_endpoint: str = REVOKE_URL
    businesses_endpoint: str = BUSINESSES_URL
    now: Callable[[], datetime] = field(default=_now, repr=False)

    @classmethod
    def of(cls, settings: ProviderSettings) -> "SageAuth":
        """For an app's registration."""
        return cls(
            client_id=settings.client_id,
            client_secret=settings.client_secret,
            scopes=settings.scopes or SCOPES,
            authorize_endpoint=settings.authorize_url or AUTHORIZE_URL,
            token_endpoint=settings.token_url or TOKEN_URL,
            revoke_endpoint=settings.revoke_url or REVOKE_URL,
            businesses_endpoint=(settings.connections_url or BUSINESSES_URL).rstrip("/"),
        )

    def authorize_url(self, consent: Consent) -> str:
        """Where the company's browser is sent to sign in and to let us in."""
        query = {
            "filter": _FILTER,
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": consent.redirect_uri,
            "scope": " ".join(self.scopes),
            "state": consent.state,
        }
        told = urlsplit(self.authorize_endpoint).query
        if "filter=" in told:
            del query["filter"]
        return f"{self.authorize_endpoint}{'&' if told else '?'}{urlencode(query)}"

    async def exchange(
        self, http: httpx.AsyncClient, consent: Consent, callback: Mapping[str, str]
    ) -> Tokens:
        """The first tokens. A code lives a minute. Raises: `LinkFailed`, `ProviderUnavailable`,
        `RateLimited`.
        """
        if not hmac.compare_digest(callback.get("state", "").encode(), consent.state.encode()):
            raise LinkFailed(reason="the answer does not belong to this consent")
        if callback.get("error") == "access_denied":
            raise LinkFailed(reason="the consent was declined at Sage")
        if "error" in callback:
            # Sage tells in words: `?error=Invalid+request&reason=Email+already+in+use`.
            told = callback.get("reason") or callback["error"]
            raise LinkFailed(reason=f"Sage says: {told[:200]}")
        if not callback.get("code"):
            raise LinkFailed(reason="Sage sent no authorisation code")
        form = {
            "grant_type": "authorization_code",
            "code": callback["code"],
            "redirect_uri": consent.redirect_uri,
        }
        response = await self._ask(http, self.token_endpoint, form)
        if response.status_code in (400, 401):
            raise LinkFailed(reason=f"Sage refused the authorisation code ({_error_of(response)})")
        return self._tokens(response, refresh=None)

    async def refresh(self, http: httpx.AsyncClient, tokens: Tokens) -> Tokens:
        """New tokens; both replace the old ones, which are worth nothing from now on.

        Raises: `NeedsReauthorisation` when Sage says that the grant is gone, `ConfigurationInvalid` when it
        does not know our app, `ProviderUnavailable`, `RateLimited`.
        """
        if tokens.refresh is None:
            raise NeedsReauthorisation(platform="sage", reason="it came without a refresh token")
        response = await self._ask(
            http,
            self.token_endpoint,
            {"grant_type": "refresh_token", "refresh_token": tokens.refresh},
        )
        if response.status_code in (400, 401):
            said = _error_of(response)
            if said == "invalid_grant":
                raise NeedsReauthorisation(platform="sage", reason="the refresh token is no longer taken")
            if said in ("invalid_client", "unauthorized_client"):
                raise ConfigurationInvalid(
                    message="Sage does not take the app's client id and secret (providers.sage)"
                )
            raise ProviderUnavailable(platform="sage", reason=f"the token endpoint said {said}")
        return self._tokens(response, refresh=tokens.refresh)

    async def revoke(
        self,
        http: httpx.AsyncClient,
        tokens: Tokens,
        tenant: str,  # noqa: ARG002 - Sage knows consents of users, not of single businesses
    ) -> None:
        """End the consent: with it go all businesses that were read by it. Safe to repeat.

        Raises: `NeedsReauthorisation` when the token is no longer taken, `ProviderUnavailable`,
        `RateLimited`.
        """
        form = {"token": tokens.refresh or tokens.access}
        response = await self._ask(http, self.revoke_endpoint, form)
        if response.status_code == 400 and _error_of(response) == "invalid_grant":
            return  # it is gone already
        if response.status_code not in (200, 204):
            raise _refusal(response)

    async def tenants(
        self,
        http: httpx.AsyncClient,
        tokens: Tokens,
        callback: Mapping[str, str],  # noqa: ARG002 - Sage's callback names no business
    ) -> Sequence[Tenant]:
        """All businesses of the user who gave the consent.

        Raises: `NeedsReauthorisation`, `ProviderUnavailable`, `RateLimited`.
        """
        found: dict[str, Tenant] = {}
        for page in range(1, _MOST_PAGES + 1):
            params = {"page": str(page), "items_per_page": str(_BUSINESSES_A_PAGE)}
            headers = {"Authorization": f"Bearer {tokens.access}"}
            response = await _send(http, "GET", self.businesses_endpoint, headers=headers, params=params)
            if response.status_code != 200:
                raise _refusal(response)
            told = _json_of(response)
            rows = told.get("$items") if isinstance(told, dict) else None
            if not isinstance(rows, list):
                raise ProviderUnavailable(platform="sage", reason="its businesses are no list")
            before = len(found)
            for row in rows:
                if isinstance(row, dict) and isinstance(row.get("id"), str) and row["id"]:
                    name = row.get("name") or row.get("displayed_as") or row["id"]
                    found.setdefault(row["id"], Tenant(id=row["id"], name=str(name)))
            total = told.get("$total")
            if not isinstance(total, int) or len(found) >= total or len(found) == before:
                break
        return list(found.values())

    async def _ask(self, http: httpx.AsyncClient, url: str, form: dict[str, str]) -> httpx.Response:
        form["client_id"] = self.client_id
        if self.client_secret is not None:
            form["client_secret"] = self.client_secret.reveal()
        return await _send(http, "POST", url, data=form)

    def _tokens(self, response: httpx.Response, *, refresh: str | None) -> Tokens:
        if response.status_code not in (200, 201):
            raise _refusal(response)
        told = _json_of(response)
        if not isinstance(told, dict) or not isinstance(told.get("access_token"), str):
            raise ProviderUnavailable(platform="sage", reason="its token answer has no token")
        fresh, scope = told.get("refresh_token"), told.get("scope")
        return Tokens(
            access=told["access_token"],
            refresh=fresh if isinstance(fresh, str) and fresh else refresh,
            expires_at=self.now() + timedelta(seconds=_lifetime(told.get("expires_in"))),
            scope=scope if isinstance(scope, str) else " ".join(self.scopes),
        )


async def _send(
    http: httpx.AsyncClient,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
    data: Mapping[str, str] | None = None,
) -> httpx.Response:
    try:
        return await http.request(
            method, url, headers={"Accept": "application/json", **(headers or {})},
            params=params or None, data=data,
        )  # fmt: skip
    except httpx.HTTPError as error:
        raise ProviderUnavailable(
            platform="sage", reason=f"the network failed ({type(error).__name__})"
        ) from error


def _refusal(response: httpx.Response) -> TallystickError:
    """What a refusal means where no data is asked for: any 401 or 403 is the consent's end."""
    if response.status_code in (401, 403):
        return NeedsReauthorisation(platform="sage", reason="the access token is no longer taken")
    meaning = fault(response, "businesses")
    if isinstance(meaning, TallystickError) and meaning.recovery == "retry":
        return meaning
    return ProviderUnavailable(platform="sage", reason=f"HTTP {response.status_code}")


def _json_of(response: httpx.Response) -> Any:
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError):
        return None


def _error_of(response: httpx.Response) -> str:
    """The OAuth error code; anything else that a body may hold stays unsaid."""
    told = _json_of(response)
    said = told.get("error") if isinstance(told, dict) else None
    if isinstance(said, str) and said.replace("_", "").isalpha() and len(said) <= 40:
        return said
    return f"HTTP {response.status_code}"


def _lifetime(told: object) -> float:
    try:
        seconds = float(told)  # type: ignore[arg-type] # whatever it is, float() decides
    except (TypeError, ValueError):
        return _LIFETIME_S
    return seconds if 0 < seconds < 86_400 * 366 else _LIFETIME_S
