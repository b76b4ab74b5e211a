"""Consent, tokens and the company at Intuit: authorisation code, no PKCE. Source: providers §§1.1, 1.3."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import ClassVar, Final
from urllib.parse import urlencode

import httpx
from attrs import evolve, field, frozen

from tallystick.config import ProviderSettings, Secret
from tallystick.connectors import oauth
from tallystick.connectors.contract import Consent, Tenant, Tokens
from tallystick.connectors.quickbooks.faults import fault
from tallystick.connectors.quickbooks.manifest import SCOPES
from tallystick.connectors.quickbooks.queries import MINOR_VERSION
from tallystick.errors import (
    LinkFailed,
    ProviderUnavailable,
    TallystickError,
)

#: As Intuit's discovery document names them, which is not asked: a consent could not begin without it.
AUTHORIZE_URL: Final = "https://appcenter.intuit.com/connect/oauth2"
TOKEN_URL: Final = "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"  # noqa: S105 - an address
REVOKE_URL: Final = "https://developer.api.intuit.com/v2/oauth2/tokens/revoke"
API_URL: Final = "https://quickbooks.api.intuit.com"

_PLATFORM: Final = "quickbooks"
_NAME: Final = "QuickBooks"
_MAKER: Final = "Intuit"  #: who keeps the apps

#: Seconds that an access token is taken to live where Intuit does not say.
_LIFETIME_S: Final = 3600


def _now() -> datetime:
    return datetime.now(UTC)


@frozen(kw_only=True)
class QuickBooksAuth:
    """`contract.Auth` for QuickBooks. One consent is for one company, which the callback names."""

    pkce: ClassVar[bool] = False  #: Intuit offers none

    client_id: str
    client_secret: Secret | None = None
    scopes: tuple[str, ...] = SCOPES
    authorize_endpoint: str = AUTHORIZE_URL
    token_endpoint: str = TOKEN_URL
    revoke_endpoint: str = REVOKE_URL
    api_endpoint: str = API_URL
    now: Callable[[], datetime] = field(default=_now, repr=False)

    @classmethod
    def of(cls, settings: ProviderSettings) -> "QuickBooksAuth":
        """For an app's registration."""
        return cls(
            client_id=settings.client_id,
            client_secret=settings.client_secret,
            scopes=settings.scopes or SCOPES,
            authorize_endpoint=settings.authorize_url or AUTHORIZE_URL,
            token_endpoint=settings.token_url or TOKEN_URL,
            revoke_endpoint=settings.revoke_url or REVOKE_URL,
            api_endpoint=(settings.api_url or API_URL).rstrip("/"),
        )

    def authorize_url(self, consent: Consent) -> str:
        """Where the company's browser is sent to pick its company."""
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": consent.redirect_uri,
            "scope": " ".join(self.scopes),
            "state": consent.state,
        }
        return f"{self.authorize_endpoint}?{urlencode(query)}"

    async def exchange(
        self, http: httpx.AsyncClient, consent: Consent, callback: Mapping[str, str]
    ) -> Tokens:
        """The first tokens. Raises: `LinkFailed`, `ProviderUnavailable`, `RateLimited`."""
        oauth.check_callback(consent, callback, _NAME)
        form = oauth.code_form(consent, callback, _NAME)
        _realm(callback)
        response = await self._ask_token(http, form)
        oauth.check_code_taken(response, _NAME)
        return self._tokens(response, refresh=None)

    async def refresh(self, http: httpx.AsyncClient, tokens: Tokens) -> Tokens:
        """New tokens; both replace the old ones.

        The refresh token changes about once a day and is the same between. Where it has changed the old one
        is dead at once, so what comes back is always the one to keep. It ends 100 days after it was last
        used and, since October 2023, five years after the consent, whatever is done.
        Raises: `NeedsReauthorisation` when Intuit says that the grant is gone, `ConfigurationInvalid` when
        it does not know our app, `ProviderUnavailable`, `RateLimited`.
        """
        response = await self._ask_token(http, oauth.refresh_form(tokens, _PLATFORM))
        oauth.check_refreshed(response, _PLATFORM, _MAKER)
        return self._tokens(response, refresh=tokens.refresh)

    async def revoke(self, http: httpx.AsyncClient, tokens: Tokens, tenant: str) -> None:  # noqa: ARG002 - one consent, one company
        """Let the consent go. Safe to repeat: a token that is dead already is no error.

        Raises: `ConfigurationInvalid`, `ProviderUnavailable`, `RateLimited`.
        """
        response = await oauth.send(
            http,
            _PLATFORM,
            "POST",
            self.revoke_endpoint,
            auth=self._basic(),
            json_body={"token": tokens.refresh or tokens.access},
        )
        if response.status_code == 401:
            raise oauth.app_unknown(_PLATFORM, _MAKER)
        if response.status_code not in (200, 204, 400):  # 400: it is of no consent any more
            raise _refusal(response)

    async def tenants(
        self, http: httpx.AsyncClient, tokens: Tokens, callback: Mapping[str, str]
    ) -> Sequence[Tenant]:
        """The company that the callback names, by the name that it has in its own books.

        Raises: `LinkFailed`, `NeedsReauthorisation`, `ProviderUnavailable`, `RateLimited`.
        """
        realm = _realm(callback)
        response = await oauth.send(
            http,
            _PLATFORM,
            "GET",
            f"{self.api_endpoint}/v3/company/{realm}/companyinfo/{realm}",
            headers={"Authorization": f"Bearer {tokens.access}"},
            params={"minorversion": MINOR_VERSION},
        )
        if response.status_code != 200:
            raise _refusal(response)
        told = oauth.json_of(response)
        company = told.get("CompanyInfo") if isinstance(told, dict) else None
        if not isinstance(company, dict):
            raise ProviderUnavailable(platform=_PLATFORM, reason="its company answer has no company")
        return [Tenant(id=realm, name=str(company.get("CompanyName") or realm))]

    async def _ask_token(self, http: httpx.AsyncClient, form: dict[str, str]) -> httpx.Response:
        return await oauth.send(http, _PLATFORM, "POST", self.token_endpoint, auth=self._basic(), data=form)

    def _basic(self) -> httpx.BasicAuth:
        """Id and secret travel in the header, as the client of Intuit's own sends them."""
        secret = self.client_secret.reveal() if self.client_secret is not None else ""
        return httpx.BasicAuth(self.client_id, secret)

    def _tokens(self, response: httpx.Response, *, refresh: str | None) -> Tokens:
        if response.status_code != 200:
            raise _refusal(response)
        tokens = oauth.tokens_of(
            response,
            _PLATFORM,
            now=self.now(),
            refresh=refresh,
            scopes=self.scopes,
            lifetime_s=_LIFETIME_S,
        )
        return evolve(tokens, scope=" ".join(self.scopes))  # Intuit does not repeat it


def _realm(callback: Mapping[str, str]) -> str:
    """The company's id, which becomes a part of paths. Raises: `LinkFailed`."""
    realm = callback.get("realmId", "")
    if not (realm.isascii() and realm.isdecimal() and len(realm) <= 30):
        raise LinkFailed(reason="QuickBooks did not say which company the consent is for")
    return realm


def _refusal(response: httpx.Response) -> TallystickError:
    """What a refusal means where no data is asked for: any 401 or 403 but a throttle ends the consent."""
    meaning = fault(response, "companyinfo")
    if isinstance(meaning, TallystickError) and meaning.recovery in ("retry", "ask_person"):
        return meaning
    if response.status_code in (401, 403):
        return oauth.token_refused(_PLATFORM)
    return oauth.unexpected(response, _PLATFORM)
