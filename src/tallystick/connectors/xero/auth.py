"""Consent, tokens and organisations at Xero: authorisation code with PKCE. Source: providers §§1.1, 1.2."""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, Final
from urllib.parse import urlencode

import httpx
from attrs import field, frozen

from tallystick.config import ProviderSettings, Secret
from tallystick.connectors import oauth
from tallystick.connectors.contract import Consent, Tenant, Tokens
from tallystick.connectors.xero.faults import fault
from tallystick.connectors.xero.manifest import SCOPES
from tallystick.errors import (
    ProviderUnavailable,
    TallystickError,
)

AUTHORIZE_URL: Final = "https://login.xero.com/identity/connect/authorize"
TOKEN_URL: Final = "https://identity.xero.com/connect/token"  # noqa: S105 - an address
CONNECTIONS_URL: Final = "https://api.xero.com/connections"

_PLATFORM: Final = "xero"
_NAME: Final = "Xero"

#: Where the access token names the consent that it came of.
_EVENT_CLAIMS: Final = ("authentication_event_id", "authEventId")
#: Seconds that a token is taken to live where Xero does not say: its shortest.
_LIFETIME_S: Final = 1800


def _now() -> datetime:
    return datetime.now(UTC)


@frozen(kw_only=True)
class XeroAuth:
    """`contract.Auth` for Xero. Client id and secret travel in the form, as Xero's own SDK sends them."""

    pkce: ClassVar[bool] = True

    client_id: str
    client_secret: Secret | None = None
    scopes: tuple[str, ...] = SCOPES
    authorize_endpoint: str = AUTHORIZE_URL
    token_endpoint: str = TOKEN_URL
    connections_endpoint: str = CONNECTIONS_URL
    now: Callable[[], datetime] = field(default=_now, repr=False)

    @classmethod
    def of(cls, settings: ProviderSettings) -> "XeroAuth":
        """For an app's registration."""
        return cls(
            client_id=settings.client_id,
            client_secret=settings.client_secret,
            scopes=settings.scopes or SCOPES,
            authorize_endpoint=settings.authorize_url or AUTHORIZE_URL,
            token_endpoint=settings.token_url or TOKEN_URL,
            connections_endpoint=(settings.connections_url or CONNECTIONS_URL).rstrip("/"),
        )

    def authorize_url(self, consent: Consent) -> str:
        """Where the company's browser is sent to pick its organisations."""
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": consent.redirect_uri,
            "scope": " ".join(self.scopes),
            "state": consent.state,
        }
        if consent.code_verifier is not None:
            query["code_challenge"] = _challenge(consent.code_verifier)
            query["code_challenge_method"] = "S256"
        return f"{self.authorize_endpoint}?{urlencode(query)}"

    async def exchange(
        self, http: httpx.AsyncClient, consent: Consent, callback: Mapping[str, str]
    ) -> Tokens:
        """The first tokens. Raises: `LinkFailed`, `ProviderUnavailable`, `RateLimited`."""
        oauth.check_callback(consent, callback, _NAME)
        form = oauth.code_form(consent, callback, _NAME)
        if consent.code_verifier is not None:
            form["code_verifier"] = consent.code_verifier
        response = await self._ask_token(http, form)
        oauth.check_code_taken(response, _NAME)
        return self._tokens(response, refresh=None)

    async def refresh(self, http: httpx.AsyncClient, tokens: Tokens) -> Tokens:
        """New tokens; both replace the old ones.

        The old refresh token is good for another 30 minutes: where an answer was lost, it may be used
        again (providers §5 no. 13). Raises: `NeedsReauthorisation` when Xero says that the grant is
        gone, `ConfigurationInvalid` when it does not know our app, `ProviderUnavailable`, `RateLimited`.
        """
        response = await self._ask_token(http, oauth.refresh_form(tokens, _PLATFORM))
        oauth.check_refreshed(response, _PLATFORM, _NAME)
        return self._tokens(response, refresh=tokens.refresh)

    async def revoke(self, http: httpx.AsyncClient, tokens: Tokens, tenant: str) -> None:
        """Let one organisation go; the others of the same consent stay connected. Safe to repeat.

        Raises: `NeedsReauthorisation` when the token is no longer taken, `ProviderUnavailable`,
        `RateLimited`.
        """
        for connection in await self._connections(http, tokens, {}):
            if connection.get("tenantId") == tenant:
                url = f"{self.connections_endpoint}/{connection.get('id')}"
                response = await oauth.send(http, _PLATFORM, "DELETE", url, headers=_bearer(tokens))
                if response.status_code not in (200, 204, 404):
                    raise _refusal(response)

    async def tenants(
        self,
        http: httpx.AsyncClient,
        tokens: Tokens,
        callback: Mapping[str, str],  # noqa: ARG002 - Xero's callback names no organisation
    ) -> Sequence[Tenant]:
        """The organisations that were picked in this very consent, as far as its token tells which.

        Raises: `NeedsReauthorisation`, `ProviderUnavailable`, `RateLimited`.
        """
        event = _event_of(tokens.access)
        found = await self._connections(http, tokens, {"authEventId": event} if event else {})
        return [
            Tenant(id=each["tenantId"], name=str(each.get("tenantName") or each["tenantId"]))
            for each in found
            if isinstance(each.get("tenantId"), str)
            and each.get("tenantType", "ORGANISATION") == "ORGANISATION"
            and (event is None or each.get("authEventId", event) == event)
        ]

    async def _connections(
        self, http: httpx.AsyncClient, tokens: Tokens, params: Mapping[str, str]
    ) -> list[Mapping[str, Any]]:
        response = await oauth.send(
            http, _PLATFORM, "GET", self.connections_endpoint, headers=_bearer(tokens), params=params
        )
        if response.status_code != 200:
            raise _refusal(response)
        told = oauth.json_of(response)
        if not isinstance(told, list):
            raise ProviderUnavailable(platform=_PLATFORM, reason="its connections are no list")
        return [each for each in told if isinstance(each, dict)]

    async def _ask_token(self, http: httpx.AsyncClient, form: dict[str, str]) -> httpx.Response:
        form["client_id"] = self.client_id
        if self.client_secret is not None:
            form["client_secret"] = self.client_secret.reveal()
        return await oauth.send(http, _PLATFORM, "POST", self.token_endpoint, data=form)

    def _tokens(self, response: httpx.Response, *, refresh: str | None) -> Tokens:
        if response.status_code != 200:
            raise _refusal(response)
        return oauth.tokens_of(
            response,
            _PLATFORM,
            now=self.now(),
            refresh=refresh,
            scopes=self.scopes,
            lifetime_s=_LIFETIME_S,
        )


def _bearer(tokens: Tokens) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens.access}"}


def _refusal(response: httpx.Response) -> TallystickError:
    return oauth.refusal(response, _PLATFORM, fault(response, "connections"))


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def _event_of(access_token: str) -> str | None:
    """The consent that an access token names.

    The token is read, not trusted: its signature is Xero's business, and what it names is only used to
    ask Xero for less.
    """
    parts = access_token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, RecursionError):
        return None
    if not isinstance(claims, dict):
        return None
    named = (claims.get(claim) for claim in _EVENT_CLAIMS)
    return next((event for event in named if isinstance(event, str) and event), None)
