"""Consent, tokens and the company at Intuit: authorisation code, no PKCE. Source: providers §§1.1, 1.3."""

import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Final
from urllib.parse import urlencode

import httpx
from attrs import field, frozen

from tallystick.config import ProviderSettings, Secret
from tallystick.connectors.contract import Consent, Tenant, Tokens
from tallystick.connectors.quickbooks.faults import fault
from tallystick.connectors.quickbooks.manifest import SCOPES
from tallystick.connectors.quickbooks.queries import MINOR_VERSION
from tallystick.errors import (
    ConfigurationInvalid,
    LinkFailed,
    NeedsReauthorisation,
    ProviderUnavailable,
    TallystickError,
)

#: As Intuit's discovery document names them, which is not asked: a consent could not begin without it.
AUTHORIZE_URL: Final = "https://appcenter.intuit.com/connect/oauth2"
TOKEN_URL: Final = "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"  # noqa: S105 - an address
REVOKE_URL: Final = "https://developer.api.intuit.com/v2/oauth2/tokens/revoke"
API_URL: Final = "https://quickbooks.api.intuit.com"

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
        if not hmac.compare_digest(callback.get("state", "").encode(), consent.state.encode()):
            raise LinkFailed(reason="the answer does not belong to this consent")
        if callback.get("error") == "access_denied":
            raise LinkFailed(reason="the consent was declined at QuickBooks")
        if "error" in callback or not callback.get("code"):
            raise LinkFailed(reason="QuickBooks sent no authorisation code")
        _realm(callback)
        form = {
            "grant_type": "authorization_code",
            "code": callback["code"],
            "redirect_uri": consent.redirect_uri,
        }
        response = await self._ask_token(http, form)
        if response.status_code in (400, 401):
            raise LinkFailed(reason=f"QuickBooks refused the authorisation code ({_error_of(response)})")
        return self._tokens(response, refresh=None)

    async def refresh(self, http: httpx.AsyncClient, tokens: Tokens) -> Tokens:
        """New tokens; both replace the old ones.

        The refresh token changes about once a day and is the same between. Where it has changed the old one
        is dead at once, so what comes back is always the one to keep. It ends 100 days after it was last
        used and, since October 2023, five years after the consent, whatever is done.
        Raises: `NeedsReauthorisation` when Intuit says that the grant is gone, `ConfigurationInvalid` when
        it does not know our app, `ProviderUnavailable`, `RateLimited`.
        """
        if tokens.refresh is None:
            raise NeedsReauthorisation(platform="quickbooks", reason="it came without a refresh token")
        response = await self._ask_token(
            http, {"grant_type": "refresh_token", "refresh_token": tokens.refresh}
        )
        if response.status_code in (400, 401):
            said = _error_of(response)
            if said == "invalid_grant":
                raise NeedsReauthorisation(
                    platform="quickbooks", reason="the refresh token is no longer taken"
                )
            if said in ("invalid_client", "unauthorized_client"):
                raise ConfigurationInvalid(
                    message="Intuit does not take the app's client id and secret (providers.quickbooks)"
                )
            raise ProviderUnavailable(platform="quickbooks", reason=f"the token endpoint said {said}")
        return self._tokens(response, refresh=tokens.refresh)

    async def revoke(self, http: httpx.AsyncClient, tokens: Tokens, tenant: str) -> None:  # noqa: ARG002 - one consent, one company
        """Let the consent go. Safe to repeat: a token that is dead already is no error.

        Raises: `ConfigurationInvalid`, `ProviderUnavailable`, `RateLimited`.
        """
        response = await _send(
            http,
            "POST",
            self.revoke_endpoint,
            auth=self._basic(),
            json_body={"token": tokens.refresh or tokens.access},
        )
        if response.status_code == 401:
            raise ConfigurationInvalid(
                message="Intuit does not take the app's client id and secret (providers.quickbooks)"
            )
        if response.status_code not in (200, 204, 400):  # 400: it is of no consent any more
            raise _refusal(response)

    async def tenants(
        self, http: httpx.AsyncClient, tokens: Tokens, callback: Mapping[str, str]
    ) -> Sequence[Tenant]:
        """The company that the callback names, by the name that it has in its own books.

        Raises: `LinkFailed`, `NeedsReauthorisation`, `ProviderUnavailable`, `RateLimited`.
        """
        realm = _realm(callback)
        response = await _send(
            http,
            "GET",
            f"{self.api_endpoint}/v3/company/{realm}/companyinfo/{realm}",
            headers={"Authorization": f"Bearer {tokens.access}"},
            params={"minorversion": MINOR_VERSION},
        )
        if response.status_code != 200:
            raise _refusal(response)
        told = _json_of(response)
        company = told.get("CompanyInfo") if isinstance(told, dict) else None
        if not isinstance(company, dict):
            raise ProviderUnavailable(platform="quickbooks", reason="its company answer has no company")
        return [Tenant(id=realm, name=str(company.get("CompanyName") or realm))]

    async def _ask_token(self, http: httpx.AsyncClient, form: dict[str, str]) -> httpx.Response:
        return await _send(http, "POST", self.token_endpoint, auth=self._basic(), data=form)

    def _basic(self) -> httpx.BasicAuth:
        """Id and secret travel in the header, as the client of Intuit's own sends them."""
        secret = self.client_secret.reveal() if self.client_secret is not None else ""
        return httpx.BasicAuth(self.client_id, secret)

    def _tokens(self, response: httpx.Response, *, refresh: str | None) -> Tokens:
        if response.status_code != 200:
            raise _refusal(response)
        told = _json_of(response)
        if not isinstance(told, dict) or not isinstance(told.get("access_token"), str):
            raise ProviderUnavailable(platform="quickbooks", reason="its token answer has no token")
        fresh = told.get("refresh_token")
        return Tokens(
            access=told["access_token"],
            refresh=fresh if isinstance(fresh, str) and fresh else refresh,
            expires_at=self.now() + timedelta(seconds=_lifetime(told.get("expires_in"))),
            scope=" ".join(self.scopes),  # Intuit does not repeat it
        )


def _realm(callback: Mapping[str, str]) -> str:
    """The company's id, which becomes a part of paths. Raises: `LinkFailed`."""
    realm = callback.get("realmId", "")
    if not (realm.isascii() and realm.isdecimal() and len(realm) <= 30):
        raise LinkFailed(reason="QuickBooks did not say which company the consent is for")
    return realm


async def _send(
    http: httpx.AsyncClient,
    method: str,
    url: str,
    *,
    auth: httpx.BasicAuth | None = None,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
    data: Mapping[str, str] | None = None,
    json_body: Mapping[str, str | None] | None = None,
) -> httpx.Response:
    try:
        return await http.request(
            method, url, headers={"Accept": "application/json", **(headers or {})},
            params=params or None, data=data, json=json_body, auth=auth,
        )  # fmt: skip
    except httpx.HTTPError as error:
        raise ProviderUnavailable(
            platform="quickbooks", reason=f"the network failed ({type(error).__name__})"
        ) from error


def _refusal(response: httpx.Response) -> TallystickError:
    """What a refusal means where no data is asked for: any 401 or 403 but a throttle ends the consent."""
    meaning = fault(response, "companyinfo")
    if isinstance(meaning, TallystickError) and meaning.recovery in ("retry", "ask_person"):
        return meaning
    if response.status_code in (401, 403):
        return NeedsReauthorisation(platform="quickbooks", reason="the access token is no longer taken")
    return ProviderUnavailable(platform="quickbooks", reason=f"HTTP {response.status_code}")


def _json_of(response: httpx.Response) -> Any:
    try:
        return json.loads(response.content)
    except ValueError:
        return None


def _error_of(response: httpx.Response) -> str:
    """The OAuth error code; the description's wording varies, and stays unsaid."""
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
