"""Consent, tokens and connections at the made-up Xero. Source: providers.md §§1.1, 1.2."""

import base64
import binascii
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

from attrs import define, field
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tallystick.connectors.sandbox.answers import Refused, json_response
from tallystick.connectors.sandbox.clock import Clock
from tallystick.connectors.sandbox.consent_page import USER, refusal_page, sent_back
from tallystick.connectors.sandbox.grants import AccessRefused, Authority, Grant, TokenRefused, TokenRules
from tallystick.connectors.sandbox.quirks import Quirks
from tallystick.connectors.xero.sandbox import answers
from tallystick.connectors.xero.sandbox.company import XeroCompany
from tallystick.connectors.xero.sandbox.connected import Connections, row
from tallystick.connectors.xero.sandbox.consent_page import PAGE

#: Codes live five minutes, access tokens half an hour, refresh tokens 60 days; a replaced one half an hour.
RULES = TokenRules(code_s=300, access_s=1800, refresh_s=60 * 86400, grace_s=1800)


@define(eq=False, kw_only=True)
class Identity:
    """The identity server: who has let the app into what."""

    authority: Authority
    companies: Sequence[XeroCompany]
    clock: Clock
    quirks: Quirks
    save: Callable[[], None]
    connections: Connections = field(factory=Connections)

    def routes(self) -> list[Route]:
        """Its paths."""
        listing = [
            Route(path, self.list_connections, methods=["GET"]) for path in ("/connections", "/Connections")
        ]
        return [
            Route("/identity/connect/authorize", self.authorize, methods=["GET", "POST"]),
            Route("/connect/token", self.token, methods=["POST"]),
            Route("/connect/revocation", self.revocation, methods=["POST"]),
            *listing,
            Route("/connections/{id}", self.disconnect, methods=["DELETE"]),
            Route("/Connections/{id}", self.disconnect, methods=["DELETE"]),
        ]

    def grant_of(self, request: Request) -> Grant:
        """Who calls. Raises: `Refused` with the provider's 401."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise Refused(answers.unauthorised("AuthenticationUnsuccessful", self.quirks))
        try:
            return self.authority.check(token.strip())
        except AccessRefused as refusal:
            if refusal.expired_at is not None:
                response = answers.expired(refusal.expired_at, self.quirks)
            else:
                response = answers.unauthorised("AuthenticationUnsuccessful", self.quirks)
            raise Refused(response) from refusal

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
        if not params.get("scope"):
            return sent_back(back, params, error="invalid_scope")
        if params.get("code_challenge") and params.get("code_challenge_method") != "S256":
            return sent_back(back, params, error="invalid_request")
        if request.method == "GET":
            return PAGE.answer(self.companies, params)
        if params.get("decision") != "allow":
            return sent_back(back, params, error="access_denied")
        chosen = [str(tenant) for tenant in form.getlist("tenant")]
        known = {company.tenant for company in self.companies}
        if not chosen or not known.issuperset(chosen):
            return PAGE.answer(self.companies, params, complaint="Choose at least one organisation.")
        user = params.get("user", USER)
        code, event_id = self.authority.give_code(
            user=user,
            scopes=tuple(params["scope"].split()),
            redirect_uri=back,
            challenge=params.get("code_challenge"),
        )
        self.connections.connect(user, event_id, chosen, self.clock.now())
        return sent_back(back, params, code=code, scope=params["scope"])

    async def token(self, request: Request) -> Response:
        """Redeem a code or a refresh token."""
        form = await request.form()
        try:
            public = self._public_client(request, form)
            grant = self._redeemed(form, public=public)
        except TokenRefused as refusal:
            return json_response({"error": str(refusal)}, 400)
        issued = self.authority.issue(grant, self._claims(grant))
        self.save()
        body: dict[str, Any] = {
            "access_token": issued.access,
            "expires_in": int(self.authority.rules.access_s),
            "token_type": "Bearer",
            "scope": " ".join(grant.scopes),
        }
        if issued.refresh is not None:
            body["refresh_token"] = issued.refresh
        if "openid" in grant.scopes:
            body["id_token"] = self.authority.sign({**self._claims(grant), "email": grant.user})
        return json_response(body)

    async def revocation(self, request: Request) -> Response:
        """End a grant and take away all of its user's connections. An unknown token is no error."""
        form = await request.form()
        try:
            self._public_client(request, form)
            grant = self.authority.grant_of(str(form.get("token", "")))
        except TokenRefused as refusal:
            if str(refusal) == "invalid_client":
                return json_response({"error": str(refusal)}, 400)
            return Response(status_code=200)
        self.authority.revoke(grant)
        self.connections.remove_all(grant.user)
        self.save()
        return Response(status_code=200)

    async def list_connections(self, request: Request) -> Response:
        """The caller's organisations; `authEventId` picks those of one consent."""
        try:
            grant = self.grant_of(request)
        except Refused as refused:
            return refused.response
        event_id = request.query_params.get("authEventId")
        names = {company.tenant: company.name for company in self.companies}
        return json_response(
            [
                row(each, names[each.tenant])
                for each in self.connections.found
                if each.user == grant.user and event_id in {None, each.event_id} and each.tenant in names
            ]
        )

    async def disconnect(self, request: Request) -> Response:
        """Let one organisation go; the token stays good for the others."""
        try:
            grant = self.grant_of(request)
        except Refused as refused:
            return refused.response
        if not self.connections.remove(grant.user, request.path_params["id"]):
            return answers.not_found()
        self.save()
        return Response(status_code=204)

    def _unusable(self, params: Mapping[str, str]) -> str:
        """Why the browser cannot be sent back to the app; empty if it can."""
        if params.get("client_id") != self.authority.app.client_id:
            return "unauthorized_client: the sandbox does not know this client_id"
        target = urlsplit(params.get("redirect_uri", ""))
        if target.scheme not in {"http", "https"} or not target.netloc:
            return "invalid_request: redirect_uri is missing or no web address"
        return ""

    def _public_client(self, request: Request, form: FormData) -> bool:
        """Whether the client shows no secret. Raises: `TokenRefused` for a wrong one."""
        client_id, secret = str(form.get("client_id", "")), str(form.get("client_secret", ""))
        kind, _, basic = request.headers.get("authorization", "").partition(" ")
        if kind.lower() == "basic":
            try:
                words = base64.b64decode(basic, validate=True).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError) as error:
                raise TokenRefused("invalid_client") from error
            client_id, secret = unquote(words[0]), unquote(words[2])
        app = self.authority.app
        if client_id != app.client_id:
            raise TokenRefused("invalid_client")
        if secret and not secrets.compare_digest(secret.encode(), app.client_secret.encode()):
            raise TokenRefused("invalid_client")
        return not secret

    def _redeemed(self, form: FormData, *, public: bool) -> Grant:
        match form.get("grant_type"):
            case "authorization_code":
                verifier = form.get("code_verifier")
                return self.authority.redeem(
                    str(form.get("code", "")),
                    redirect_uri=str(form.get("redirect_uri", "")),
                    verifier=None if verifier is None else str(verifier),
                    public=public,
                )
            case "refresh_token":
                grant = self.authority.grant_of(str(form.get("refresh_token", "")))
                if public and not grant.public:
                    raise TokenRefused("invalid_client")
                return grant
            case _:
                raise TokenRefused("unsupported_grant_type")

    def _claims(self, grant: Grant) -> dict[str, Any]:
        now = int(self.clock.now().timestamp())
        return {
            "iss": "tallystick-sandbox",
            "aud": "tallystick-sandbox/resources",
            "client_id": self.authority.app.client_id,
            "sub": grant.user,
            "auth_time": now,
            "iat": now,
            "nbf": now,
            "authentication_event_id": grant.id,
            "scope": list(grant.scopes),
        }
