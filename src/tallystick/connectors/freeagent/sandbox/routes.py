"""The accounting API of the made-up FreeAgent, and FreeAgent's part of the sandbox's contract.

Source: providers.md §2.5.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final

import msgspec
from attrs import define, field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from tallystick.connectors.freeagent.sandbox import answers, render_lists, reports
from tallystick.connectors.freeagent.sandbox.company import FreeAgentCompany
from tallystick.connectors.freeagent.sandbox.identity import Identity
from tallystick.connectors.freeagent.sandbox.lists import LISTS, REPORTS, SINGLE, FreeAgentList
from tallystick.connectors.freeagent.sandbox.query import QueryInvalid, day, parse, select
from tallystick.connectors.freeagent.sandbox.rows import Row
from tallystick.connectors.sandbox.answers import Refused, bodies, json_response, without
from tallystick.connectors.sandbox.clock import Clock
from tallystick.connectors.sandbox.faults import Fault, own_answer
from tallystick.connectors.sandbox.gate import FAULT_KEY
from tallystick.connectors.sandbox.grants import App, Grant
from tallystick.connectors.sandbox.limits import Meter, Refusal, Scope
from tallystick.connectors.sandbox.provider import resource_below
from tallystick.connectors.sandbox.quirks import Quirks
from tallystick.connectors.sandbox.statements import year_begin

API: Final = "/v2"
#: The longest that a report may be asked for.
_YEAR: Final = timedelta(days=366)
#: A long page lets others have a turn after so many rows.
_TURN: Final = 50
_NO_BOOKS: Final = ("approve_app", "token_endpoint")


def make_quirks() -> Quirks:
    """None of the numbered oddities is FreeAgent's."""
    return Quirks(known={})


@define(eq=False, kw_only=True)
class FreeAgentSandbox:
    """See `connectors.sandbox.provider.ProviderSandbox`."""

    companies: Sequence[FreeAgentCompany]
    identity: Identity
    meter: Meter
    quirks: Quirks
    clock: Clock
    slug: str = "freeagent"
    resources: Sequence[str] = (*LISTS, *SINGLE, "accounting")
    save: Callable[[], None] = field(default=lambda: None)

    @property
    def app(self) -> App:
        """The registration that is accepted."""
        return self.identity.authority.app

    def routes(self) -> Sequence[BaseRoute]:
        """Its paths, below `/freeagent`."""
        every = ["GET", "POST", "PUT", "DELETE", "PATCH"]
        return [
            *self.identity.routes(),
            Route(f"{API}/accounting/{{report:path}}", self.report, methods=["GET"]),
            Route(f"{API}/{{name}}", self.read, methods=every),
            Route(f"{API}/{{name}}/{{id}}", self.read, methods=every),
        ]

    async def read(self, request: Request) -> Response:
        """A list, one record of it, or an answer that is no list."""
        try:
            company = self.identity.company_of(request)
            return await self._answer(request, company)
        except Refused as refused:
            return refused.response
        except QueryInvalid as invalid:
            return answers.invalid(str(invalid))

    async def report(self, request: Request) -> Response:
        """A report of some days."""
        try:
            company = self.identity.company_of(request)
            return _report(request, company)
        except Refused as refused:
            return refused.response
        except QueryInvalid as invalid:
            return answers.invalid(str(invalid))

    async def _answer(self, request: Request, company: FreeAgentCompany) -> Response:
        name = request.path_params["name"]
        if name not in LISTS and name not in SINGLE:
            return answers.not_found()
        if request.method != "GET":
            return answers.wrong_method()
        renderer = company.rows.renderer
        if name == "company":
            return json_response({"company": render_lists.company(renderer)})
        if name == "categories":
            sub_accounts = request.query_params.get("sub_accounts") == "true"
            return json_response(render_lists.categories(renderer, sub_accounts=sub_accounts))
        of = LISTS[name]
        rows = company.rows.of(name)
        if "id" in request.path_params:
            return _one(of, rows, request.path_params["id"])
        return await self._list(request, of, rows)

    async def _list(self, request: Request, of: FreeAgentList, rows: list[Row]) -> Response:
        asked = parse(of, request.query_params)
        found = select(rows, asked)
        fault: Fault | None = request.scope.get(FAULT_KEY)
        if fault is not None and fault.kind == "empty_list":
            found = []
        rows = found[(asked.page - 1) * asked.size : asked.page * asked.size]
        shown = await bodies(rows, lambda row: row.body(nested=asked.nested), turn=_TURN)
        if fault is not None and fault.kind == "missing_field" and shown:
            shown[0] = without(shown[0], fault.name or "url")
        kept = {
            name: value for name, value in request.query_params.items() if name not in {"page", "per_page"}
        }
        return answers.page(of.name, shown, total=len(found), number=asked.page, size=asked.size, params=kept)

    # --- the sandbox's contract ---

    def resource(self, path: str) -> str:
        """See `ProviderSandbox.resource`."""
        return resource_below(API, path)

    def reads(self, path: str) -> bool:
        """See `ProviderSandbox.reads`."""
        return f"{API}/" in path and self.resource(path) not in _NO_BOOKS

    def tenant(self, request: Request) -> str | None:
        """See `ProviderSandbox.tenant`. The token alone tells."""
        try:
            return self.identity.company_of(request).tenant
        except Refused:
            return None

    def limit_headers(self, left: dict[Scope, int]) -> dict[str, str]:
        """See `ProviderSandbox.limit_headers`. FreeAgent tells nothing."""
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
        if self.resource(request.url.path) == "token_endpoint":
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
            {"grants": self.identity.authority.grants, "tenants": self.identity.tenants}
        )

    def restore(self, saved: Any) -> None:
        """See `ProviderSandbox.restore`."""
        self.identity.authority.grants = msgspec.convert(saved["grants"], dict[str, Grant])
        self.identity.tenants = msgspec.convert(saved["tenants"], dict[str, str])


def _report(request: Request, company: FreeAgentCompany) -> Response:
    name, params = request.path_params["report"], request.query_params
    if name not in REPORTS:
        return answers.not_found()
    renderer, ledger, today = company.rows.renderer, company.rows.ledger, company.rows.today
    if name == "balance_sheet":
        return json_response(reports.balance_sheet(renderer, ledger, day(params, "as_at_date") or today))
    last = day(params, "to_date") or today
    first = day(params, "from_date") or year_begin(last, renderer.books.organisation.year_end)
    if not timedelta(0) <= last - first <= _YEAR:
        raise QueryInvalid("the dates are no period of twelve months or less")
    how = reports.profit_and_loss if name.startswith("profit") else reports.trial_balance
    return json_response(how(renderer, ledger, first, last))


def _one(of: FreeAgentList, rows: list[Row], id_: str) -> Response:
    found = next((row for row in rows if str(row.id) == id_), None)
    if found is None:
        return answers.not_found()
    body = b'{"%b":%b}' % (of.single.encode(), found.body(nested=True))
    return Response(body, media_type="application/json")
