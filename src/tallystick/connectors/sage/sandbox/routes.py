"""The accounting API of the made-up Sage, and Sage's part of the sandbox's contract.

Source: providers.md §§2.4, 3.1, 3.4, 5 nos. 54-56.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
from attrs import define, field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from tallystick.connectors.sage.sandbox import answers
from tallystick.connectors.sage.sandbox.company import SageCompany
from tallystick.connectors.sage.sandbox.identity import Identity
from tallystick.connectors.sage.sandbox.lists import LISTS, SINGLE, SageList
from tallystick.connectors.sage.sandbox.query import Asked, QueryInvalid, parse, select, view_of
from tallystick.connectors.sage.sandbox.rows import Row
from tallystick.connectors.sandbox.answers import Refused, bodies, json_response, without
from tallystick.connectors.sandbox.clock import Clock
from tallystick.connectors.sandbox.faults import Fault, own_answer
from tallystick.connectors.sandbox.gate import FAULT_KEY
from tallystick.connectors.sandbox.grants import App, Grant
from tallystick.connectors.sandbox.limits import Meter, Refusal, Scope
from tallystick.connectors.sandbox.provider import resource_below
from tallystick.connectors.sandbox.quirks import Quirks

API: Final = "/v3.1"
QUIRKS: Final = {
    54: "$next is empty on every page",
    55: "the subscription of every business has ended",
    56: "a page of more than 20 rows takes the gateway too long",
}
#: Rows that a page may have with quirk 56.
LIGHT_PAGE: Final = 20
#: A long page lets others have a turn after so many rows.
_TURN: Final = 50
_BUSINESSES: Final = "businesses"


def make_quirks() -> Quirks:
    """Sage's oddities as they are at first."""
    return Quirks(known=QUIRKS)


@define(eq=False, kw_only=True)
class SageSandbox:
    """See `connectors.sandbox.provider.ProviderSandbox`."""

    companies: Sequence[SageCompany]
    identity: Identity
    meter: Meter
    quirks: Quirks
    clock: Clock
    slug: str = "sage"
    resources: Sequence[str] = (*LISTS, *SINGLE, _BUSINESSES)
    save: Callable[[], None] = field(default=lambda: None)

    @property
    def app(self) -> App:
        """The registration that is accepted."""
        return self.identity.authority.app

    def routes(self) -> Sequence[BaseRoute]:
        """Its paths, below `/sage`."""
        every = ["GET", "POST", "PUT", "DELETE", "PATCH"]
        return [
            *self.identity.routes(),
            Route(f"{API}/{_BUSINESSES}", self.businesses, methods=["GET"]),
            Route(f"{API}/{{name}}", self.read, methods=every),
            Route(f"{API}/{{name}}/{{id}}", self.read, methods=every),
        ]

    async def businesses(self, request: Request) -> Response:
        """All businesses of the caller's login, which spells the size of its page in its own way."""
        try:
            grant = self.identity.grant_of(request)
        except Refused as refused:
            return refused.response
        found = self.identity.companies_of(grant)
        rows = [
            {"displayed_as": each.name, "id": each.tenant, "$path": f"/{_BUSINESSES}/{each.tenant}"}
            for each in found
        ]
        head = {"$total": len(found), "$page": 1, "$next": None, "$back": None}
        return json_response({**head, "$items_per_page": 2_147_483_647, "$items": rows})

    async def read(self, request: Request) -> Response:
        """A list, one record of it, or an answer that is no list."""
        try:
            company = self._let_in(request)
            return await self._answer(request, company)
        except Refused as refused:
            return refused.response
        except QueryInvalid as invalid:
            return answers.invalid("is not valid", str(invalid))

    def _let_in(self, request: Request) -> SageCompany:
        """The business that is meant; without a header the lead business."""
        grant = self.identity.grant_of(request)
        own = self.identity.companies_of(grant)
        tenant = self.tenant(request)
        company = next((each for each in own if tenant in (None, each.tenant)), None)
        if company is None:
            raise Refused(answers.forbidden())
        if 55 in self.quirks:
            raise Refused(answers.no_subscription())
        return company

    async def _answer(self, request: Request, company: SageCompany) -> Response:
        name = request.path_params["name"]
        if name not in LISTS and name not in SINGLE:
            return answers.not_found()
        if request.method != "GET":
            return answers.wrong_method()
        if name in SINGLE:
            body = company.rows.single(name)
            return answers.not_found() if body is None else Response(body, media_type="application/json")
        of = LISTS[name]
        rows = company.rows.of(name)
        if "id" in request.path_params:
            return _one(of, rows, request)
        asked = parse(of, request.query_params)
        if 56 in self.quirks and asked.size > LIGHT_PAGE:
            return answers.too_heavy()
        return await self._list(request, of, select(rows, asked), asked)

    async def _list(self, request: Request, of: SageList, found: list[Row], asked: Asked) -> Response:
        fault: Fault | None = request.scope.get(FAULT_KEY)
        if fault is not None and fault.kind == "empty_list":
            found = []
        # A page past the end is the last one again (quirk 54).
        page = min(asked.page, max(1, -(-len(found) // asked.size)))
        rows = found[(page - 1) * asked.size : page * asked.size]
        shown = await bodies(rows, lambda row: row.body(asked.view), turn=_TURN)
        if fault is not None and fault.kind == "missing_field" and shown:
            shown[0] = without(shown[0], fault.name or "id")
        params = {
            name: value
            for name, value in request.query_params.items()
            if name not in {"page", "items_per_page"}
        }
        return answers.envelope(
            of.name,
            shown,
            total=len(found),
            page=page,
            size=asked.size,
            params=params,
            tells_next=54 not in self.quirks,
        )

    # --- the sandbox's contract ---

    def resource(self, path: str) -> str:
        """See `ProviderSandbox.resource`."""
        return resource_below(API, path)

    def reads(self, path: str) -> bool:
        """See `ProviderSandbox.reads`."""
        return f"{API}/" in path and self.resource(path) != _BUSINESSES

    def tenant(self, request: Request) -> str | None:
        """See `ProviderSandbox.tenant`."""
        return request.headers.get("x-business")

    def limit_headers(self, left: dict[Scope, int]) -> dict[str, str]:
        """See `ProviderSandbox.limit_headers`. Sage tells nothing."""
        del left
        return {}

    def too_many(self, refusal: Refusal) -> Response:
        """See `ProviderSandbox.too_many`."""
        return answers.too_many(refusal)

    async def fault(self, fault: Fault, request: Request) -> Response:
        """See `ProviderSandbox.fault`."""
        return await own_answer(fault, request, answers, self._revoked)

    async def _revoked(self, request: Request) -> Response:
        """The user has thrown the app out: the caller's grant is gone for good."""
        authority = self.identity.authority
        if request.url.path.endswith("/token"):
            token = str((await request.form()).get("refresh_token", ""))
            for grant in authority.grants.values():
                if token in grant.refresh:
                    authority.revoke(grant)
            self.save()
            return json_response({"error": "invalid_grant"}, 400)
        try:
            authority.revoke(self.identity.grant_of(request))
        except Refused as refused:
            return refused.response
        self.save()
        return answers.unauthorised()

    def saved(self) -> Any:
        """See `ProviderSandbox.saved`."""
        return msgspec.to_builtins(
            {"grants": self.identity.authority.grants, "businesses": self.identity.businesses}
        )

    def restore(self, saved: Any) -> None:
        """See `ProviderSandbox.restore`."""
        self.identity.authority.grants = msgspec.convert(saved["grants"], dict[str, Grant])
        self.identity.businesses = msgspec.convert(saved["businesses"], dict[str, list[str]])


def _one(of: SageList, rows: list[Row], request: Request) -> Response:
    found = next((row for row in rows if row.id == request.path_params["id"] and not row.deleted), None)
    if found is None:
        return answers.not_found()
    view = view_of(of, {"attributes": "all", **request.query_params})
    return Response(found.body(view), media_type="application/json")
