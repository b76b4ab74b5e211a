"""What every provider's authorisation code flow has in common: callbacks, refusals, token answers.

Where a provider differs it says so in its own `auth.py`. Nothing of an answer but its error code is ever
told. Source: RFC 6749 §§4.1.2, 5, 6; providers §1.1.
"""

import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx

from tallystick.connectors.contract import Consent, Tokens
from tallystick.errors import (
    ConfigurationInvalid,
    LinkFailed,
    NeedsReauthorisation,
    ProviderUnavailable,
    TallystickError,
)

#: Seconds; a token that is said to live for longer is not believed.
_LONGEST_LIFE_S = 86_400 * 366


async def send(
    http: httpx.AsyncClient,
    platform: str,
    method: str,
    url: str,
    *,
    auth: httpx.BasicAuth | None = None,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
    data: Mapping[str, str] | None = None,
    json_body: Mapping[str, str | None] | None = None,
) -> httpx.Response:
    """The answer, whatever it is. Raises: `ProviderUnavailable` where there is none."""
    try:
        return await http.request(
            method, url, headers={"Accept": "application/json", **(headers or {})},
            params=params or None, data=data, json=json_body, auth=auth,
        )  # fmt: skip
    except httpx.HTTPError as error:
        raise ProviderUnavailable(
            platform=platform, reason=f"the network failed ({type(error).__name__})"
        ) from error


def check_callback(consent: Consent, callback: Mapping[str, str], name: str) -> None:
    """Raises: `LinkFailed` for a callback of another consent, or one that was declined at the provider."""
    if not hmac.compare_digest(callback.get("state", "").encode(), consent.state.encode()):
        raise LinkFailed(reason="the answer does not belong to this consent")
    if callback.get("error") == "access_denied":
        raise LinkFailed(reason=f"the consent was declined at {name}")


def code_form(consent: Consent, callback: Mapping[str, str], name: str) -> dict[str, str]:
    """The form that turns the callback's code into tokens. Raises: `LinkFailed` where there is none."""
    if "error" in callback or not callback.get("code"):
        raise LinkFailed(reason=f"{name} sent no authorisation code")
    return {
        "grant_type": "authorization_code",
        "code": callback["code"],
        "redirect_uri": consent.redirect_uri,
    }


def check_code_taken(response: httpx.Response, name: str) -> None:
    """Raises: `LinkFailed` when the token endpoint refuses a code."""
    if response.status_code in (400, 401):
        raise LinkFailed(reason=f"{name} refused the authorisation code ({error_of(response)})")


def refresh_form(tokens: Tokens, platform: str) -> dict[str, str]:
    """The form that turns old tokens into new ones. Raises: `NeedsReauthorisation` where they cannot."""
    if tokens.refresh is None:
        raise NeedsReauthorisation(platform=platform, reason="it came without a refresh token")
    return {"grant_type": "refresh_token", "refresh_token": tokens.refresh}


def check_refreshed(response: httpx.Response, platform: str, name: str) -> None:
    """Raises: what a refusal of a refresh means; only `invalid_grant` says that the grant is gone."""
    if response.status_code not in (400, 401):
        return
    said = error_of(response)
    if said == "invalid_grant":
        raise NeedsReauthorisation(platform=platform, reason="the refresh token is no longer taken")
    if said in ("invalid_client", "unauthorized_client"):
        raise app_unknown(platform, name)
    raise ProviderUnavailable(platform=platform, reason=f"the token endpoint said {said}")


def app_unknown(platform: str, name: str) -> ConfigurationInvalid:
    """The provider does not know our app."""
    return ConfigurationInvalid(
        message=f"{name} does not take the app's client id and secret (providers.{platform})"
    )


def tokens_of(
    response: httpx.Response,
    platform: str,
    *,
    now: datetime,
    refresh: str | None,
    scopes: Sequence[str],
    lifetime_s: float,
) -> Tokens:
    """The tokens of a good answer. Raises: `ProviderUnavailable` when it has none.

    `refresh`, `scopes`, `lifetime_s`: what holds where the answer does not say.
    """
    told = json_of(response)
    if not isinstance(told, dict) or not isinstance(told.get("access_token"), str):
        raise ProviderUnavailable(platform=platform, reason="its token answer has no token")
    fresh, scope = told.get("refresh_token"), told.get("scope")
    return Tokens(
        access=told["access_token"],
        refresh=fresh if isinstance(fresh, str) and fresh else refresh,
        expires_at=now + timedelta(seconds=_lifetime(told.get("expires_in"), lifetime_s)),
        scope=scope if isinstance(scope, str) else " ".join(scopes),
    )


def refusal(response: httpx.Response, platform: str, meaning: Exception) -> TallystickError:
    """What a refusal means where no data is asked for: any 401 or 403 is the consent's end.

    `meaning`: by the provider's fault table; it holds where trying again may help.
    """
    if response.status_code in (401, 403):
        return token_refused(platform)
    if isinstance(meaning, TallystickError) and meaning.recovery == "retry":
        return meaning
    return unexpected(response, platform)


def token_refused(platform: str) -> NeedsReauthorisation:
    """An access token that is fresh is not taken."""
    return NeedsReauthorisation(platform=platform, reason="the access token is no longer taken")


def unexpected(response: httpx.Response, platform: str) -> ProviderUnavailable:
    """A status that no table knows."""
    return ProviderUnavailable(platform=platform, reason=f"HTTP {response.status_code}")


def json_of(response: httpx.Response) -> Any:
    """What the answer holds; None where that is no JSON."""
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError):
        return None


def error_of(response: httpx.Response) -> str:
    """The OAuth error code; anything else that a body may hold stays unsaid."""
    told = json_of(response)
    said = told.get("error") if isinstance(told, dict) else None
    if isinstance(said, str) and said.replace("_", "").isalpha() and len(said) <= 40:
        return said
    return f"HTTP {response.status_code}"


def _lifetime(told: object, otherwise_s: float) -> float:
    try:
        seconds = float(told)  # type: ignore[arg-type] # whatever it is, float() decides
    except (TypeError, ValueError):
        return otherwise_s
    return seconds if 0 < seconds < _LONGEST_LIFE_S else otherwise_s
