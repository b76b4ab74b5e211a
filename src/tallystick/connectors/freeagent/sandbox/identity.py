"""Consent and tokens at the made-up FreeAgent. Source: providers.md §2.5."""

import base64
import binascii
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

from attrs import define, field
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tallystick.connectors.freeagent.sandbox import answers
from tallystick.connectors.freeagent.sandbox.company import FreeAgentCompany
from tallystick.connectors.freeagent.sandbox.consent_page import PAGE
from tallystick.connectors.sandbox.answers import Refused, json_response
from tallystick.connectors.sandbox.consent_page import USER, refusal_page, sent_back
from tallystick.connectors.sandbox.grants import Authority, Grant, TokenRefused, TokenRules

#: A code lives a quarter of an hour, an access token one, a refresh token twenty years.
RULES: Final = TokenRules(code_s=900, access_s=3600, refresh_s=631_151_957, grace_s=0)
#: What makes the neutral rules give a refresh token, which at FreeAgent comes with every consent.
_LASTING: Final = "offline_access"


@define(eq=False, kw_only=True)
class Identity:
    """The identity server: who has let the app in, and of which company each of them is."""

    authority: Authority
    companies: Sequence[FreeAgentCompany]
    save: Callable[[], None]
    tenants: dict[str, str] = field(factory=dict)  #: the company of each grant's login

    def routes(self) -> list[Route]:
        """Its paths."""
        return [
            Route("/v2/approve_app", self.authorize, methods=["GET", "POST"]),
            Route("/v2/token_endpoint", self.token, methods=["POST"]),
        ]

    def grant_of(self, request: Request) -> Grant:
        """Who calls. Raises: `Refused` with the provider's 401."""
        return self.authority.caller(request, answers.unauthorised)

    def company_of(self, request: Request) -> FreeAgentCompany:
        """The company that a request's token opens. Raises: `Refused`."""
        tenant = self.tenants.get(self.grant_of(request).id)
        company = next((each for each in self.companies if each.tenant == tenant), None)
        if company is None:
            raise Refused(answers.unauthorised())
        return company

    async def authorize(self, request: Request) -> Response:
        """Show the consent page, or take its answer and send the browser back."""
        form = await request.form() if request.method == "POST" else FormData()
        params = {name: str(value) for name, value in [*request.query_params.items(), *form.items()] if value}
        reason = self._unusable(params)
        if reason:
            return refusal_page(reason)
        back = params["redirect_uri"]
        if request.method == "GET":
            return PAGE.answer(self.companies, params)
        if params.get("decision") != "allow":
            return sent_back(back, params, error="access_denied")
        chosen = params.get("tenant", "")
        if chosen not in {company.tenant for company in self.companies}:
            return PAGE.answer(self.companies, params, complaint="Choose a company.")
        code, grant_id = self.authority.give_code(
            user=USER, scopes=(_LASTING,), redirect_uri=back, challenge=None
        )
        self.tenants[grant_id] = chosen
        return sent_back(back, params, code=code)

    async def token(self, request: Request) -> Response:
        """Redeem a code or a refresh token."""
        form = await request.form()
        try:
            self._check_client(request)
            grant = self.authority.redeem_form(form)
        except TokenRefused as refusal:
            status = 401 if str(refusal) == "invalid_client" else 400
            return json_response({"error": str(refusal)}, status)
        issued = self.authority.issue(grant, {"sub": grant.user})
        self.save()
        return json_response(
            {
                "access_token": issued.access,
                "token_type": "bearer",
                "expires_in": int(self.authority.rules.access_s),
                "refresh_token": issued.refresh,
                "refresh_token_expires_in": int(self.authority.rules.refresh_s),
            }
        )

    def _unusable(self, params: Mapping[str, str]) -> str:
        """Why the browser cannot be sent back to the app; empty if it can."""
        if params.get("client_id") != self.authority.app.client_id:
            return "the sandbox does not know this client_id"
        target = urlsplit(params.get("redirect_uri", ""))
        if target.scheme not in {"http", "https"} or not target.netloc:
            return "redirect_uri is missing or no web address"
        if params.get("response_type") != "code":
            return "response_type=code is missing"
        return ""

    def _check_client(self, request: Request) -> None:
        """Id and secret, by Basic. Raises: `TokenRefused` for an app that it does not know."""
        app = self.authority.app
        kind, _, told = request.headers.get("authorization", "").partition(" ")
        try:
            client, _, secret = base64.b64decode(told, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError) as error:
            raise TokenRefused("invalid_client") from error
        known = client == app.client_id and secrets.compare_digest(
            secret.encode(), app.client_secret.encode()
        )
        if kind.lower() != "basic" or not known:
            raise TokenRefused("invalid_client")
