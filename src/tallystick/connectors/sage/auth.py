"""Consent, tokens and businesses at Sage: authorisation code with a client secret.

Access tokens live five minutes, and every refresh replaces the refresh token, the old one being dead at
once: whoever calls `refresh` alone holds the grant and keeps what comes back before it is used. One token
opens all businesses of its user. Source: providers §§1.1, 1.4.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import ClassVar, Final
from urllib.parse import urlencode, urlsplit

import httpx
from attrs import field, frozen

from tallystick.config import ProviderSettings, Secret
from tallystick.connectors import oauth
from tallystick.connectors.contract import Consent, Tenant, Tokens
from tallystick.connectors.sage.faults import fault
from tallystick.connectors.sage.manifest import SCOPES
from tallystick.errors import (
    LinkFailed,
    ProviderUnavailable,
    TallystickError,
)

AUTHORIZE_URL: Final = "https://www.sageone.com/oauth2/auth/central"
TOKEN_URL: Final = "https://oauth.accounting.sage.com/token"  # noqa: S105 - an address
REVOKE_URL: Final = "https://oauth.accounting.sage.com/revoke"
BUSINESSES_URL: Final = "https://api.accounting.sage.com/v3.1/businesses"

_PLATFORM: Final = "sage"
_NAME: Final = "Sage"

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
        oauth.check_callback(consent, callback, _NAME)
        if "error" in callback:
            # Sage tells in words: `?error=Invalid+request&reason=Email+already+in+use`.
            told = callback.get("reason") or callback["error"]
            raise LinkFailed(reason=f"Sage says: {told[:200]}")
        form = oauth.code_form(consent, callback, _NAME)
        response = await self._ask(http, self.token_endpoint, form)
        oauth.check_code_taken(response, _NAME)
        return self._tokens(response, refresh=None)

    async def refresh(self, http: httpx.AsyncClient, tokens: Tokens) -> Tokens:
        """New tokens; both replace the old ones, which are worth nothing from now on.

        Raises: `NeedsReauthorisation` when Sage says that the grant is gone, `ConfigurationInvalid` when it
        does not know our app, `ProviderUnavailable`, `RateLimited`.
        """
        response = await self._ask(http, self.token_endpoint, oauth.refresh_form(tokens, _PLATFORM))
        oauth.check_refreshed(response, _PLATFORM, _NAME)
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
        if response.status_code == 400 and oauth.error_of(response) == "invalid_grant":
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
            response = await oauth.send(
                http, _PLATFORM, "GET", self.businesses_endpoint, headers=headers, params=params
            )
            if response.status_code != 200:
                raise _refusal(response)
            told = oauth.json_of(response)
            rows = told.get("$items") if isinstance(told, dict) else None
            if not isinstance(rows, list):
                raise ProviderUnavailable(platform=_PLATFORM, reason="its businesses are no list")
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
        return await oauth.send(http, _PLATFORM, "POST", url, data=form)

    def _tokens(self, response: httpx.Response, *, refresh: str | None) -> Tokens:
        if response.status_code not in (200, 201):
            raise _refusal(response)
        return oauth.tokens_of(
            response,
            _PLATFORM,
            now=self.now(),
            refresh=refresh,
            scopes=self.scopes,
            lifetime_s=_LIFETIME_S,
        )


def _refusal(response: httpx.Response) -> TallystickError:
    return oauth.refusal(response, _PLATFORM, fault(response, "businesses"))
