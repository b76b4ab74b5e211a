"""Consent at a made-up provider: authorisation codes, grants and their tokens.

The rules that differ from provider to provider are data (`TokenRules`). Access tokens carry their own
proof, so that only grants have to be kept; a restarted sandbox honours what its state file holds.
"""

import base64
import hashlib
import hmac
import secrets
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from attrs import define, field, frozen
from starlette.requests import Request
from starlette.responses import Response

from tallystick.connectors.sandbox.answers import Refused
from tallystick.connectors.sandbox.clock import Clock


class TokenRefused(Exception):
    """An OAuth error; its text is the `error` of the answer."""


@frozen
class AccessRefused(Exception):
    """An access token that opens nothing: expired at that moment, or (None) never good or revoked."""

    expired_at: datetime | None = None


@frozen(kw_only=True)
class App:
    """The registration that the sandbox accepts."""

    client_id: str
    client_secret: str


@frozen(kw_only=True)
class TokenRules:
    """Lifetimes in seconds."""

    code_s: float
    access_s: float
    refresh_s: float  #: since it was issued
    grace_s: float  #: how long a replaced refresh token still works


@define
class RefreshToken:
    """One of a grant's refresh tokens."""

    issued_at: datetime
    replaced_at: datetime | None = None


@define(kw_only=True)
class Grant:
    """One consent: who gave it, for what, and the refresh tokens that still stand for it."""

    id: str
    user: str
    scopes: tuple[str, ...]
    public: bool  #: redeemed with PKCE and no secret; refreshed likewise
    refresh: dict[str, RefreshToken] = field(factory=dict)
    revoked: bool = False


@frozen(kw_only=True)
class Code:
    """An authorisation code that nobody has redeemed yet."""

    grant_id: str
    user: str
    scopes: tuple[str, ...]
    redirect_uri: str
    challenge: str | None  #: PKCE, S256
    issued_at: datetime


@frozen(kw_only=True)
class Issued:
    """A pair of new tokens; no refresh token without `offline_access`."""

    access: str
    refresh: str | None


def app_for(seed: int, slug: str) -> App:
    """The same registration for the same seed, so that a restart needs no new settings."""
    word = hashlib.sha256(f"tallystick sandbox {seed} {slug}".encode()).hexdigest().upper()
    return App(client_id=word[:32], client_secret=f"sandbox-{word[32:].lower()}")


@define(eq=False, kw_only=True)
class Authority:
    """Issues and checks tokens for one provider."""

    app: App
    rules: TokenRules
    clock: Clock
    grants: dict[str, Grant] = field(factory=dict)
    codes: dict[str, Code] = field(factory=dict)

    def give_code(
        self, *, user: str, scopes: tuple[str, ...], redirect_uri: str, challenge: str | None
    ) -> tuple[str, str]:
        """A code for a consent that was just given. Returns the code and the id of the grant to be."""
        code, grant_id = secrets.token_urlsafe(32), str(uuid.uuid4())
        self.codes[code] = Code(
            grant_id=grant_id,
            user=user,
            scopes=scopes,
            redirect_uri=redirect_uri,
            challenge=challenge,
            issued_at=self.clock.now(),
        )
        return code, grant_id

    def redeem(self, code: str, *, redirect_uri: str, verifier: str | None, public: bool) -> Grant:
        """The grant for a code. A code is gone after one try, good or bad. Raises: `TokenRefused`."""
        found = self.codes.pop(code, None)
        if found is None or found.redirect_uri != redirect_uri:
            raise TokenRefused("invalid_grant")
        if self.clock.now() - found.issued_at > timedelta(seconds=self.rules.code_s):
            raise TokenRefused("invalid_grant")
        if found.challenge is None:
            if public:
                raise TokenRefused("invalid_client")
        elif verifier is None or not hmac.compare_digest(challenge_of(verifier), found.challenge):
            raise TokenRefused("invalid_grant")
        grant = Grant(id=found.grant_id, user=found.user, scopes=found.scopes, public=public)
        self.grants[grant.id] = grant
        return grant

    def redeem_form(self, form: Mapping[str, Any]) -> Grant:
        """The grant that a form's code or refresh token is for, without PKCE. Raises: `TokenRefused`."""
        match form.get("grant_type"):
            case "authorization_code":
                return self.redeem(
                    str(form.get("code", "")),
                    redirect_uri=str(form.get("redirect_uri", "")),
                    verifier=None,
                    public=False,
                )
            case "refresh_token":
                return self.grant_of(str(form.get("refresh_token", "")))
            case _:
                raise TokenRefused("unsupported_grant_type")

    def issue(self, grant: Grant, claims: Mapping[str, Any]) -> Issued:
        """New tokens. Every refresh token issued before is replaced: it works for the grace only."""
        now = self.clock.now()
        standing = {token: each for token, each in grant.refresh.items() if self._stands(each, now)}
        for each in standing.values():
            each.replaced_at = each.replaced_at or now
        refresh = None
        if "offline_access" in grant.scopes:
            refresh = secrets.token_urlsafe(32)
            standing[refresh] = RefreshToken(issued_at=now)
        grant.refresh = standing
        expires = int(now.timestamp()) + int(self.rules.access_s)
        access = self.sign({**claims, "jti": secrets.token_hex(16), "grant": grant.id, "exp": expires})
        return Issued(access=access, refresh=refresh)

    def grant_of(self, refresh: str) -> Grant:
        """The grant that a refresh token still stands for. Raises: `TokenRefused`."""
        now = self.clock.now()
        for grant in self.grants.values():
            token = grant.refresh.get(refresh)
            if token is not None and not grant.revoked and self._stands(token, now):
                return grant
        raise TokenRefused("invalid_grant")

    def check(self, access: str) -> Grant:
        """The grant that an access token speaks for. Raises: `AccessRefused`."""
        head, _, signature = access.rpartition(".")
        if not head or not hmac.compare_digest(signature.encode(), self._signature(head)):
            raise AccessRefused
        claims = msgspec.json.decode(_unpad(head.partition(".")[2]))
        grant = self.grants.get(claims["grant"])
        if grant is None or grant.revoked:
            raise AccessRefused
        if claims["exp"] <= self.clock.now().timestamp():
            raise AccessRefused(datetime.fromtimestamp(claims["exp"], tz=self.clock.now().tzinfo))
        return grant

    def caller(self, request: Request, unauthorised: Callable[[], Response]) -> Grant:
        """Who calls, where the provider's 401 is always the same. Raises: `Refused` with it."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise Refused(unauthorised())
        try:
            return self.check(token.strip())
        except AccessRefused as refusal:
            raise Refused(unauthorised()) from refusal

    def revoke(self, grant: Grant) -> None:
        """End a grant: no token of it opens anything any more."""
        grant.revoked = True
        grant.refresh.clear()

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Claims as a JWT, with the sandbox's own signature."""
        header = _pad(msgspec.json.encode({"alg": "HS256", "kid": "sandbox", "typ": "JWT"}))
        head = f"{header}.{_pad(msgspec.json.encode(claims))}"
        return f"{head}.{self._signature(head).decode()}"

    def _stands(self, token: RefreshToken, now: datetime) -> bool:
        if token.replaced_at is not None and (now - token.replaced_at).total_seconds() > self.rules.grace_s:
            return False
        return (now - token.issued_at).total_seconds() <= self.rules.refresh_s

    def _signature(self, head: str) -> bytes:
        digest = hmac.new(self.app.client_secret.encode(), head.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=")


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a PKCE verifier. Source: RFC 7636 §4.2."""
    return _pad(hashlib.sha256(verifier.encode()).digest())


def _pad(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unpad(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
