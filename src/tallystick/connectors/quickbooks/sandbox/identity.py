"""Consent and tokens at the made-up Intuit. Source: providers.md §§1.1, 1.3."""

import base64
import binascii
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
from attrs import define, field
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tallystick.connectors.quickbooks.sandbox import answers
from tallystick.connectors.quickbooks.sandbox.company import QuickBooksCompany
from tallystick.connectors.quickbooks.sandbox.consent_page import PAGE
from tallystick.connectors.sandbox.answers import Refused
from tallystick.connectors.sandbox.clock import Clock
from tallystick.connectors.sandbox.consent_page import USER, refusal_page, sent_back
from tallystick.connectors.sandbox.grants import (
    AccessRefused,
    Authority,
    Grant,
    RefreshToken,
    TokenRefused,
    TokenRules,
)

#: Codes live ten minutes, access tokens an hour, refresh tokens 101 days; a replaced one is dead at once.
RULES: Final = TokenRules(code_s=600, access_s=3600, refresh_s=8_726_400, grace_s=0)
#: For so long a refresh gives the same refresh token again.
_SAME_FOR: Final = timedelta(hours=24)
SCOPE: Final = "com.intuit.quickbooks.accounting"


@define(eq=False, kw_only=True)
class Identity:
    """The identity server: who has let the app into which company."""

    authority: Authority
    companies: Sequence[QuickBooksCompany]
    clock: Clock
    save: Callable[[], None]
    realms: dict[str, str] = field(factory=dict)  #: the company of each grant: one, fixed at the consent

    def routes(self) -> list[Route]:
        """Its paths."""
        return [
            Route("/connect/oauth2", self.authorize, methods=["GET", "POST"]),
            Route("/oauth2/v1/tokens/bearer", self.token, methods=["POST"]),
            Route("/v2/oauth2/tokens/revoke", self.revoke, methods=["POST"]),
            Route("/.well-known/openid_sandbox_configuration", self.discovery, methods=["GET"]),
            Route("/.well-known/openid_sandbox_configuration/", self.discovery, methods=["GET"]),
        ]

    def let_in(self, request: Request, realm: str) -> Grant:
        """Who calls, and may. Raises: `Refused` with the provider's 401 or 403."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        now = self.clock.now()
        if kind.lower() != "bearer" or not token:
            raise Refused(answers.unauthorised(now, "No token"))
        try:
            grant = self.authority.check(token.strip())
        except AccessRefused as refusal:
            detail = "Token expired" if refusal.expired_at is not None else "Token revoked"
            raise Refused(answers.unauthorised(now, detail)) from refusal
        if self.realms.get(grant.id) != realm:
            raise Refused(answers.forbidden(now))
        return grant

    async def authorize(self, request: Request) -> Response:
        """Show the consent page, or take its answer and send the browser back."""
        form = await request.form() if request.method == "POST" else FormData()
        params = {name: str(value) for name, value in [*request.query_params.items(), *form.items()] if value}
        reason = self._unusable(params)
        if reason:
            return refusal_page(reason)
        back = params["redirect_uri"]
        if params.get("response_type") != "code":
            return sent_back(back, params, error="unsupported_response_type")
        if SCOPE not in params.get("scope", "").split():
            return sent_back(back, params, error="invalid_scope")
        if request.method == "GET":
            return PAGE.answer(self.companies, params)
        if params.get("decision") != "allow":
            return sent_back(back, params, error="access_denied")
        realm = params.get("tenant", "")
        if realm not in {company.tenant for company in self.companies}:
            return PAGE.answer(self.companies, params, complaint="Choose a company.")
        code, grant_id = self.authority.give_code(
            user=params.get("user", USER),
            scopes=tuple(params["scope"].split()),
            redirect_uri=back,
            challenge=None,
        )
        self.realms[grant_id] = realm
        return sent_back(back, params, code=code, realmId=realm)

    async def token(self, request: Request) -> Response:
        """Redeem a code or a refresh token."""
        form = await request.form()
        try:
            self._check_client(request, form)
            grant = self.authority.redeem_form(form)
        except TokenRefused as refusal:
            status = 401 if str(refusal) == "invalid_client" else 400
            return answers.json_response(
                {"error": str(refusal), "error_description": "Token invalid"}, status
            )
        refresh = self._refresh_token(grant)
        now = int(self.clock.now().timestamp())
        access = self.authority.sign(
            {
                "iss": "tallystick-sandbox",
                "sub": grant.user,
                "realmid": self.realms[grant.id],
                "jti": secrets.token_hex(16),
                "grant": grant.id,
                "exp": now + int(self.authority.rules.access_s),
            }
        )
        self.save()
        left = grant.refresh[refresh].issued_at - self.clock.now()
        return answers.json_response(
            {
                "token_type": "bearer",
                "expires_in": int(self.authority.rules.access_s),
                "refresh_token": refresh,
                "x_refresh_token_expires_in": int(self.authority.rules.refresh_s + left.total_seconds()),
                "access_token": access,
            }
        )

    def _refresh_token(self, grant: Grant) -> str:
        """The one that stands for a day, then another; the older ones are dead at once."""
        now = self.clock.now()
        for token, told in grant.refresh.items():
            if now - told.issued_at < _SAME_FOR:
                return token
        fresh = f"AB11{secrets.token_urlsafe(36)}"
        grant.refresh = {fresh: RefreshToken(issued_at=now)}
        return fresh

    async def revoke(self, request: Request) -> Response:
        """End a grant, by either of its tokens."""
        try:
            self._check_client(request, FormData())
            told = msgspec.json.decode(await request.body(), type=dict[str, str])
            grant = self._grant_of(told.get("token", ""))
        except TokenRefused as refusal:
            status = 401 if str(refusal) == "invalid_client" else 400
            return answers.json_response({"error": str(refusal)}, status)
        except msgspec.MsgspecError:
            return answers.json_response({"error": "invalid_request"}, 400)
        self.authority.revoke(grant)
        self.save()
        return answers.json_response({})

    def _grant_of(self, token: str) -> Grant:
        try:
            return self.authority.grant_of(token)
        except TokenRefused:
            try:
                return self.authority.check(token)
            except AccessRefused as refusal:
                raise TokenRefused("invalid_request") from refusal

    async def discovery(self, request: Request) -> Response:
        """Where everything is, as Intuit's own clients ask first."""
        here = str(request.url).partition("/.well-known/")[0]
        return answers.json_response(
            {
                "issuer": here,
                "authorization_endpoint": f"{here}/connect/oauth2",
                "token_endpoint": f"{here}/oauth2/v1/tokens/bearer",
                "userinfo_endpoint": f"{here}/v1/openid_connect/userinfo",
                "revocation_endpoint": f"{here}/v2/oauth2/tokens/revoke",
                "jwks_uri": f"{here}/op/v1/jwks",
                "response_types_supported": ["code"],
                "scopes_supported": ["openid", "email", "profile", "address", "phone"],
                "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            }
        )

    def _unusable(self, params: Mapping[str, str]) -> str:
        """Why the browser cannot be sent back to the app; empty if it can."""
        if params.get("client_id") != self.authority.app.client_id:
            return "invalid_client: the sandbox does not know this client_id"
        target = urlsplit(params.get("redirect_uri", ""))
        if target.scheme not in {"http", "https"} or not target.netloc:
            return "invalid_request: redirect_uri is missing or no web address"
        return ""

    def _check_client(self, request: Request, form: FormData) -> None:
        """Raises: `TokenRefused` where id and secret are not the app's."""
        client_id, secret = str(form.get("client_id", "")), str(form.get("client_secret", ""))
        kind, _, basic = request.headers.get("authorization", "").partition(" ")
        if kind.lower() == "basic":
            try:
                client_id, _, secret = base64.b64decode(basic, validate=True).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError) as error:
                raise TokenRefused("invalid_client") from error
        app = self.authority.app
        same = secrets.compare_digest(secret.encode(), app.client_secret.encode())
        if client_id != app.client_id or not same:
            raise TokenRefused("invalid_client")

    def saved(self) -> Any:
        """Grants and their companies, as plain values."""
        return msgspec.to_builtins({"grants": self.authority.grants, "realms": self.realms})

    def restore(self, saved: Any) -> None:
        """Take what was saved."""
        self.authority.grants = msgspec.convert(saved["grants"], dict[str, Grant])
        self.realms = dict(saved["realms"])
