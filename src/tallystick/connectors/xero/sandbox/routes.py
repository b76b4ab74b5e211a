"""The accounting API of the made-up Xero, and Xero's part of the sandbox's contract.

Source: providers.md §§1.2, 2.2, 3.1, 3.2.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
from attrs import define, field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from tallystick.connectors.sandbox.answers import Refused, bodies, json_response, without
from tallystick.connectors.sandbox.clock import Clock
from tallystick.connectors.sandbox.faults import Fault
from tallystick.connectors.sandbox.gate import FAULT_KEY
from tallystick.connectors.sandbox.grants import App, Grant
from tallystick.connectors.sandbox.limits import Meter, Refusal, Scope
from tallystick.connectors.sandbox.quirks import Quirks
from tallystick.connectors.xero.sandbox import answers
from tallystick.connectors.xero.sandbox.company import XeroCompany
from tallystick.connectors.xero.sandbox.connected import Connected, Connections
from tallystick.connectors.xero.sandbox.identity import Identity
from tallystick.connectors.xero.sandbox.query import QueryInvalid, offset, parse, view_of
from tallystick.connectors.xero.sandbox.reports import report
from tallystick.connectors.xero.sandbox.resources import (
    REPORT_SCOPES,
    RESOURCES,
    Resource,
    resource_named,
)

API: Final = "/api.xro/2.0"
QUIRKS: Final = {
    6: "below the Advanced tier Journals answer 401, whatever the scopes (on from the start)",
    3: "pages are smaller than pageSize asks for",
    9: "UpdatedDateUTC lies a month in the future",
    11: "a date that is not there is /Date(0+0000)/",
    17: "archived contacts are left out unless includeArchived=true (on from the start)",
    29: "booleans of payments are texts",
    30: "titles of reports have blanks round them, and cells of nothing have no Value",
    33: "the keys of 401 and 403 bodies change their case",
}
#: What Xero is always like, and so is the sandbox.
ALWAYS: Final = frozenset({1, 2, 4, 5, 7, 12, 13, 14, 15, 16, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 34})
#: A long page lets others have a turn after so many rows.
_TURN: Final = 100


def make_quirks() -> Quirks:
    """Xero's oddities as they are at first."""
    return Quirks(known=QUIRKS, always=ALWAYS, on={6, 17})


@define(eq=False, kw_only=True)
class XeroSandbox:
    """See `connectors.sandbox.provider.ProviderSandbox`."""

    companies: Sequence[XeroCompany]
    identity: Identity
    meter: Meter
    quirks: Quirks
    clock: Clock
    slug: str = "xero"
    resources: Sequence[str] = (*RESOURCES, *REPORT_SCOPES)
    save: Callable[[], None] = field(default=lambda: None)

    @property
    def app(self) -> App:
        """The registration that is accepted."""
        return self.identity.authority.app

    def routes(self) -> Sequence[BaseRoute]:
        """Its paths, below `/xero`."""
        every = ["GET", "POST", "PUT", "DELETE", "PATCH"]
        return [
            *self.identity.routes(),
            Route(f"{API}/{{resource}}", self.read, methods=every),
            Route(f"{API}/{{resource}}/{{id:path}}", self.read, methods=every),
        ]

    async def read(self, request: Request) -> Response:
        """A list, or one record of it."""
        try:
            grant, company = self._let_in(request)
            return await self._rows(request, grant, company)
        except Refused as refused:
            return refused.response
        except QueryInvalid as invalid:
            return answers.query_error(str(invalid))

    def _let_in(self, request: Request) -> tuple[Grant, XeroCompany]:
        grant = self.identity.grant_of(request)
        tenant = self.tenant(request)
        company = next((each for each in self.companies if each.tenant == tenant), None)
        if company is None or self.identity.connections.of(grant.user, company.tenant) is None:
            raise Refused(answers.forbidden(self.quirks))
        return grant, company

    async def _rows(self, request: Request, grant: Grant, company: XeroCompany) -> Response:
        word = request.path_params["resource"].lower()
        if word == "reports":
            return self._report(request, grant, company)
        resource = resource_named(word)
        if resource is None:
            return answers.not_found()
        if not _opened(resource.scopes, grant) or (resource.name == "Journals" and 6 in self.quirks):
            return answers.unauthorised("AuthorizationUnsuccessful", self.quirks)
        if request.method != "GET":
            return answers.not_implemented()
        if "id" in request.path_params:
            return self._one(request, company, resource, request.path_params["id"])
        asked = parse(resource, request.query_params, request.headers, self.quirks)
        found = company.select(resource, asked.query)
        fault: Fault | None = request.scope.get(FAULT_KEY)
        if fault is not None and fault.kind == "empty_list":
            found = ()
        count, pagination = len(found), None
        if resource.offset:
            found = company.numbered_after(found, offset(request.query_params))
        if asked.page is not None:
            found = found[(asked.page - 1) * asked.page_size : asked.page * asked.page_size]
            pagination = {
                "page": asked.page,
                "pageSize": asked.page_size,
                "pageCount": -(-count // asked.page_size),
                "itemCount": count,
            }
        shown = await bodies(found, lambda row: row.body(asked.view), turn=_TURN)
        if fault is not None and fault.kind == "missing_field" and shown:
            shown[0] = without(shown[0], fault.name or resource.id_field)
        return answers.envelope(resource.name, shown, now=self.clock.now(), pagination=pagination)

    def _report(self, request: Request, grant: Grant, company: XeroCompany) -> Response:
        name = str(request.path_params.get("id", "")).lower()
        if name not in REPORT_SCOPES:
            return answers.not_found()
        if not _opened(REPORT_SCOPES[name], grant):
            return answers.unauthorised("AuthorizationUnsuccessful", self.quirks)
        if request.method != "GET":
            return answers.not_implemented()
        now = self.clock.now()
        found = report(name, company, request.query_params, now, odd=30 in self.quirks)
        return answers.envelope("Reports", [msgspec.json.encode(found)], now=now)

    def _one(self, request: Request, company: XeroCompany, resource: Resource, wanted: str) -> Response:
        view = view_of(request.query_params, self.quirks, lines=True)
        rows = company.rows.of(resource)
        found = next((row for row in rows if row.id.lower() == wanted.lower()), None)
        if found is None and resource.number_field:
            named = (row for row in rows if row.fields().get(resource.number_field) == wanted)
            found = next(named, None)
        if found is None:
            return answers.not_found()
        return answers.envelope(resource.name, [found.body(view)], now=self.clock.now())

    # --- the sandbox's contract ---

    def resource(self, path: str) -> str:
        """See `ProviderSandbox.resource`."""
        if API in path:
            word, _, rest = path.partition(f"{API}/")[2].partition("/")
            if word.lower() == "reports" and rest:
                return rest.lower()
            known = resource_named(word)
            return known.name.lower() if known else word.lower()
        words = path.strip("/").split("/")
        return "connections" if "connections" in [word.lower() for word in words] else words[-1].lower()

    def reads(self, path: str) -> bool:
        """See `ProviderSandbox.reads`."""
        return API in path

    def tenant(self, request: Request) -> str | None:
        """See `ProviderSandbox.tenant`."""
        return request.headers.get("xero-tenant-id")

    def limit_headers(self, left: dict[Scope, int]) -> dict[str, str]:
        """See `ProviderSandbox.limit_headers`."""
        return answers.limit_headers(left)

    def too_many(self, refusal: Refusal) -> Response:
        """See `ProviderSandbox.too_many`."""
        return answers.too_many(refusal)

    async def fault(self, fault: Fault, request: Request) -> Response:
        """See `ProviderSandbox.fault`."""
        match fault.kind:
            case "http_429":
                return answers.too_many(Refusal("minute", max(0, round(fault.lasts_s))))
            case "http_503":
                return answers.unavailable()
            case "expired_token":
                return answers.expired(self.clock.now(), self.quirks)
            case "revoked":
                return await self._revoked(request)
            case _:
                return answers.server_error()

    async def _revoked(self, request: Request) -> Response:
        """The user has thrown the app out: the caller's grant is gone for good, with its connection."""
        connections = self.identity.connections
        if request.url.path.endswith("/connect/token"):
            form = await request.form()
            token = str(form.get("refresh_token", ""))
            for grant in self.identity.authority.grants.values():
                if token in grant.refresh:
                    self.identity.authority.revoke(grant)
                    connections.found = [each for each in connections.found if each.event_id != grant.id]
            self.save()
            return json_response({"error": "invalid_grant"}, 400)
        try:
            grant = self.identity.grant_of(request)
        except Refused as refused:
            return refused.response
        self.identity.authority.revoke(grant)
        connected = connections.of(grant.user, self.tenant(request) or "")
        if connected is not None:
            connections.remove(grant.user, connected.id)
        self.save()
        return answers.unauthorised("AuthenticationUnsuccessful", self.quirks)

    def saved(self) -> Any:
        """See `ProviderSandbox.saved`."""
        return msgspec.to_builtins(
            {"grants": self.identity.authority.grants, "connections": self.identity.connections.found}
        )

    def restore(self, saved: Any) -> None:
        """See `ProviderSandbox.restore`."""
        self.identity.authority.grants = msgspec.convert(saved["grants"], dict[str, Grant])
        self.identity.connections = Connections(msgspec.convert(saved["connections"], list[Connected]))


def _opened(scopes: Sequence[str], grant: Grant) -> bool:
    return any(scope in grant.scopes or f"{scope}.read" in grant.scopes for scope in scopes)
