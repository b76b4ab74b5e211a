"""Consent, tokens and businesses at the made-up Sage. Source: providers.md §§1.1, 1.4."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

from attrs import define, field
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tallystick.connectors.sage.sandbox import answers
from tallystick.connectors.sage.sandbox.company import SageCompany
from tallystick.connectors.sage.sandbox.consent_page import PAGE
from tallystick.connectors.sandbox.answers import json_response
from tallystick.connectors.sandbox.consent_page import USER, refusal_page, sent_back
from tallystick.connectors.sandbox.grants import AccessRefused, Authority, Grant, TokenRefused, TokenRules

#: A code lives a minute, an access token five, a refresh token 31 days; a replaced one is dead at once.
RULES: Final = TokenRules(code_s=60, access_s=300, refresh_s=2_678_400, grace_s=0)
SCOPES: Final = frozenset({"readonly", "full_access"})
#: What makes the neutral rules give a refresh token, which at Sage comes with every consent.
_LASTING: Final = "offline_access"


@define(eq=False, kw_only=True)
class Identity:
    """The identity server: who has let the app in, and which businesses each of them has."""

    authority: Authority
    companies: Sequence[SageCompany]
    save: Callable[[], None]
    businesses: dict[str, list[str]] = field(factory=dict)  #: of each grant's login

    def routes(self) -> list[Route]:
        """Its paths."""
        return [
            Route("/oauth2/auth/central", self.authorize, methods=["GET", "POST"]),
            Route("/token", self.token, methods=["POST"]),
            Route("/revoke", self.revocation, methods=["POST"]),
        ]

    def grant_of(self, request: Request) -> Grant:
        """Who calls. Raises: `Refused` with the provider's 401."""
        return self.authority.caller(request, answers.unauthorised)

    def companies_of(self, grant: Grant) -> list[SageCompany]:
        """The businesses that a consent opens, the lead business first."""
        known = {company.tenant: company for company in self.companies}
        return [known[tenant] for tenant in self.businesses.get(grant.id, []) if tenant in known]

    async def authorize(self, request: Request) -> Response:
        """Show the consent page, or take its answer and send the browser back."""
        form = await request.form() if request.method == "POST" else FormData()
        params = {name: str(value) for name, value in [*request.query_params.items(), *form.items()] if value}
        reason = self._unusable(params)
        if reason:
            return refusal_page(reason)
        back, scope = params["redirect_uri"], params.get("scope") or params.get("scopes", "")
        if params.get("response_type") != "code" or scope not in SCOPES:
            return sent_back(back, params, error="Invalid request", reason="Unknown response type or scope")
        if request.method == "GET":
            return PAGE.answer(self.companies, params)
        if params.get("decision") != "allow":
            return sent_back(back, params, error="access_denied")
        chosen = [str(tenant) for tenant in form.getlist("tenant")]
        known = {company.tenant for company in self.companies}
        if not chosen or not known.issuperset(chosen):
            return PAGE.answer(self.companies, params, complaint="Choose at least one business.")
        code, grant_id = self.authority.give_code(
            user=USER, scopes=(scope, _LASTING), redirect_uri=back, challenge=None
        )
        self.businesses[grant_id] = chosen
        return sent_back(back, params, code=code, country="gb")

    async def token(self, request: Request) -> Response:
        """Redeem a code or a refresh token."""
        form = await request.form()
        try:
            self._check_client(form)
            grant = self._redeemed(form)
        except TokenRefused as refusal:
            return json_response({"error": str(refusal)}, 400)
        issued = self.authority.issue(grant, {"sub": grant.user})
        self.save()
        return json_response(
            {
                "access_token": issued.access,
                "expires_in": int(self.authority.rules.access_s),
                "refresh_token": issued.refresh,
                "refresh_token_expires_in": int(self.authority.rules.refresh_s),
                "scope": grant.scopes[0],
                "token_type": "bearer",
                "requested_by_id": grant.id,
            }
        )

    async def revocation(self, request: Request) -> Response:
        """End a consent, by either of its tokens. An unknown token is no error."""
        form = await request.form()
        token = str(form.get("token", ""))
        try:
            self._check_client(form)
        except TokenRefused as refusal:
            return json_response({"error": str(refusal)}, 400)
        grant = self._holder(token)
        if grant is not None:
            self.authority.revoke(grant)
            self.save()
        return Response(status_code=200)

    def _holder(self, token: str) -> Grant | None:
        try:
            return self.authority.grant_of(token)
        except TokenRefused:
            pass
        try:
            return self.authority.check(token)
        except AccessRefused:
            return None

    def _unusable(self, params: Mapping[str, str]) -> str:
        """Why the browser cannot be sent back to the app; empty if it can."""
        if params.get("client_id") != self.authority.app.client_id:
            return "the sandbox does not know this client_id"
        target = urlsplit(params.get("redirect_uri", ""))
        if target.scheme not in {"http", "https"} or not target.netloc:
            return "redirect_uri is missing or no web address"
        if params.get("filter") != "apiv3.1":
            return "filter=apiv3.1 is missing"
        return ""

    def _check_client(self, form: FormData) -> None:
        """Raises: `TokenRefused` for an app that it does not know."""
        app = self.authority.app
        secret = str(form.get("client_secret", ""))
        if form.get("client_id") != app.client_id or not secrets.compare_digest(
            secret.encode(), app.client_secret.encode()
        ):
            raise TokenRefused("invalid_client")

    def _redeemed(self, form: FormData) -> Grant:
        match form.get("grant_type"):
            case "authorization_code":
                return self.authority.redeem(
                    str(form.get("code", "")),
                    redirect_uri=str(form.get("redirect_uri", "")),
                    verifier=None,
                    public=False,
                )
            case "refresh_token":
                return self.authority.grant_of(str(form.get("refresh_token", "")))
            case _:
                raise TokenRefused("invalid_grant")
