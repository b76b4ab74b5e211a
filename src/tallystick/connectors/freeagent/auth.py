"""Consent, tokens and the company at FreeAgent: authorisation code, the app's id and secret by Basic.

Access tokens live an hour, refresh tokens twenty years; every refresh gives a new one of both. A token is
of one user of one company. FreeAgent offers neither PKCE nor scopes, and no address at which a consent is
ended: its user does that in FreeAgent. Source: providers §2.5.
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
from tallystick.connectors.freeagent.faults import fault
from tallystick.errors import LinkFailed, ProviderUnavailable, TallystickError

AUTHORIZE_URL: Final = "https://api.freeagent.com/v2/approve_app"
TOKEN_URL: Final = "https://api.freeagent.com/v2/token_endpoint"  # noqa: S105 - an address
COMPANY_URL: Final = "https://api.freeagent.com/v2/company"

_PLATFORM: Final = "freeagent"
_NAME: Final = "FreeAgent"

#: Seconds that a token is taken to live where FreeAgent does not say.
_LIFETIME_S: Final = 3600


def _now() -> datetime:
    return datetime.now(UTC)


@frozen(kw_only=True)
class FreeAgentAuth:
    """`contract.Auth` for FreeAgent."""

    pkce: ClassVar[bool] = False

    client_id: str
    client_secret: Secret | None = None
    authorize_endpoint: str = AUTHORIZE_URL
    token_endpoint: str = TOKEN_URL
    company_endpoint: str = COMPANY_URL
    now: Callable[[], datetime] = field(default=_now, repr=False)

    @classmethod
    def of(cls, settings: ProviderSettings) -> "FreeAgentAuth":
        """For an app's registration."""
        return cls(
            client_id=settings.client_id,
            client_secret=settings.client_secret,
            authorize_endpoint=settings.authorize_url or AUTHORIZE_URL,
            token_endpoint=settings.token_url or TOKEN_URL,
            company_endpoint=settings.connections_url or COMPANY_URL,
        )

    def authorize_url(self, consent: Consent) -> str:
        """Where the company's browser is sent to sign in and to let us in."""
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": consent.redirect_uri,
            "state": consent.state,
        }
        joint = "&" if urlsplit(self.authorize_endpoint).query else "?"
        return f"{self.authorize_endpoint}{joint}{urlencode(query)}"

    async def exchange(
        self, http: httpx.AsyncClient, consent: Consent, callback: Mapping[str, str]
    ) -> Tokens:
        """The first tokens. A code lives 15 minutes. Raises: `LinkFailed`, `ProviderUnavailable`,
        `RateLimited`.
        """
        oauth.check_callback(consent, callback, _NAME)
        if "error" in callback:
            raise LinkFailed(reason=f"FreeAgent says: {callback['error'][:200]}")
        response = await self._ask(http, oauth.code_form(consent, callback, _NAME))
        oauth.check_code_taken(response, _NAME)
        return self._tokens(response, refresh=None)

    async def refresh(self, http: httpx.AsyncClient, tokens: Tokens) -> Tokens:
        """New tokens; both replace the old ones.

        Raises: `NeedsReauthorisation` when FreeAgent says that the grant is gone, `ConfigurationInvalid`
        when it does not know our app, `ProviderUnavailable`, `RateLimited`: 15 refreshes a minute.
        """
        response = await self._ask(http, oauth.refresh_form(tokens, _PLATFORM))
        oauth.check_refreshed(response, _PLATFORM, _NAME)
        return self._tokens(response, refresh=tokens.refresh)

    async def revoke(self, http: httpx.AsyncClient, tokens: Tokens, tenant: str) -> None:
        """Nothing: FreeAgent has no address for it. Once its tokens are deleted, nobody can use a consent."""

    async def tenants(
        self,
        http: httpx.AsyncClient,
        tokens: Tokens,
        callback: Mapping[str, str],  # noqa: ARG002 - FreeAgent's callback names no company
    ) -> Sequence[Tenant]:
        """The one company of the user who gave the consent.

        Raises: `NeedsReauthorisation`, `ProviderUnavailable`, `RateLimited`.
        """
        headers = {"Authorization": f"Bearer {tokens.access}"}
        response = await oauth.send(http, _PLATFORM, "GET", self.company_endpoint, headers=headers)
        if response.status_code != 200:
            raise _refusal(response)
        told = oauth.json_of(response)
        company = told.get("company") if isinstance(told, dict) else None
        if not isinstance(company, dict):
            raise ProviderUnavailable(platform=_PLATFORM, reason="its company is no company")
        # The id is a number in a text; of a company without one its subdomain is as good.
        id_ = company.get("id") or company.get("subdomain")
        if not isinstance(id_, str | int) or isinstance(id_, bool):
            raise ProviderUnavailable(platform=_PLATFORM, reason="its company has no id")
        return [Tenant(id=str(id_), name=str(company.get("name") or id_))]

    async def _ask(self, http: httpx.AsyncClient, form: dict[str, str]) -> httpx.Response:
        secret = self.client_secret.reveal() if self.client_secret is not None else ""
        basic = httpx.BasicAuth(self.client_id, secret)
        return await oauth.send(http, _PLATFORM, "POST", self.token_endpoint, auth=basic, data=form)

    def _tokens(self, response: httpx.Response, *, refresh: str | None) -> Tokens:
        if response.status_code not in (200, 201):
            raise _refusal(response)
        return oauth.tokens_of(
            response, _PLATFORM, now=self.now(), refresh=refresh, scopes=(), lifetime_s=_LIFETIME_S
        )


def _refusal(response: httpx.Response) -> TallystickError:
    return oauth.refusal(response, _PLATFORM, fault(response, "company"))
