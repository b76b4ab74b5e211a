"""The accounting API of the made-up QuickBooks, and QuickBooks' part of the sandbox's contract.

Source: providers.md §§1.3, 2.3, 3.1, 3.3.
"""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final

from attrs import define, field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from tallystick.connectors.quickbooks.sandbox import answers, reports
from tallystick.connectors.quickbooks.sandbox.company import QuickBooksCompany
from tallystick.connectors.quickbooks.sandbox.identity import Identity
from tallystick.connectors.quickbooks.sandbox.query import MOST_ROWS, QueryInvalid, moment, parse, select
from tallystick.connectors.quickbooks.sandbox.rows import ENTITY_NAMES
from tallystick.connectors.sandbox.answers import Refused, without
from tallystick.connectors.sandbox.clock import Clock
from tallystick.connectors.sandbox.faults import Fault
from tallystick.connectors.sandbox.gate import FAULT_KEY
from tallystick.connectors.sandbox.grants import App, TokenRefused
from tallystick.connectors.sandbox.limits import Meter, Refusal, Scope
from tallystick.connectors.sandbox.quirks import Quirks

API: Final = "/v3/company/"
QUIRKS: Final = {
    48: "faults of the services come with HTTP 200",
    53: "a call too many is answered with 403 and code 3001",
}
#: What QuickBooks is always like, and so is the sandbox.
ALWAYS: Final = frozenset({36, 37, 38, 39, 42, 43, 44, 45, 46, 47, 49, 50, 51})
#: Changes are told for thirty days.
_TOLD_FOR: Final = timedelta(days=30)
_NOT_TOLD: Final = frozenset({"JournalCode", "TaxAgency", "TimeActivity", "TaxCode", "TaxRate"})
_REALM: Final = re.compile(r"/v3/company/(\d+)(?:/|$)")


def make_quirks() -> Quirks:
    """QuickBooks' oddities as they are at first."""
    return Quirks(known=QUIRKS, always=ALWAYS, on=set())


@define(eq=False, kw_only=True)
class QuickBooksSandbox:
    """See `connectors.sandbox.provider.ProviderSandbox`."""

    companies: Sequence[QuickBooksCompany]
    identity: Identity
    meter: Meter
    quirks: Quirks
    clock: Clock
    slug: str = "quickbooks"
    resources: Sequence[str] = ("query", "cdc", "reports")
    save: Callable[[], None] = field(default=lambda: None)

    @property
    def app(self) -> App:
        """The registration that is accepted."""
        return self.identity.authority.app

    def routes(self) -> Sequence[BaseRoute]:
        """Its paths, below `/quickbooks`."""
        return [
            *self.identity.routes(),
            Route(f"{API}{{realm}}/query", self.query, methods=["GET", "POST"]),
            Route(f"{API}{{realm}}/cdc", self.changes, methods=["GET"]),
            Route(f"{API}{{realm}}/reports/{{name}}", self.report, methods=["GET"]),
            Route(f"{API}{{realm}}/{{entity}}/{{id}}", self.one, methods=["GET"]),
        ]

    async def query(self, request: Request) -> Response:
        """Rows of an entity; the query comes as a parameter, or as the body."""
        try:
            company = self._let_in(request)
            text = request.query_params.get("query") or (await request.body()).decode("utf-8", "replace")
            if not text.strip():  # quirk 48: a fault, and yet a good answer
                return answers.service_fault(
                    "10000",
                    "An application error has occurred",
                    "",
                    self._now,
                    kind="SystemFault",
                    status=200,
                )
            asked = parse(text)
            found = select(asked, company.rows.of(asked.entity))
        except Refused as refused:
            return refused.response
        except QueryInvalid as invalid:
            return self._invalid(invalid)
        fault: Fault | None = request.scope.get(FAULT_KEY)
        if fault is not None and fault.kind == "empty_list":
            found = []
        if asked.counts:
            return answers.count_response(len(found), self._now)
        rows = [row.body() for row in found[asked.start - 1 : asked.start - 1 + asked.most]]
        if fault is not None and fault.kind == "missing_field" and rows:
            rows[0] = without(rows[0], fault.name or "Id")
        return answers.rows_response(asked.entity, rows, start=asked.start, now=self._now)

    async def changes(self, request: Request) -> Response:
        """What changed and what was deleted; of each entity no more than a thousand (quirk 38)."""
        try:
            company = self._let_in(request)
            entities = [name for name in request.query_params.get("entities", "").split(",") if name]
            since = moment(request.query_params.get("changedSince", ""))
            self._check_changes(entities, since)
        except Refused as refused:
            return refused.response
        except QueryInvalid as invalid:
            return self._invalid(invalid)
        told = {}
        for entity in entities:
            rows = [*company.rows.of(entity), *company.rows.gone(entity)]
            changed = sorted((row for row in rows if row.updated_at >= since), key=lambda row: row.updated_at)
            told[entity] = [row.body() for row in changed[-MOST_ROWS:]]
        return answers.changes_response(told, self._now)

    def _check_changes(self, entities: Sequence[str], since: datetime) -> None:
        unknown = [name for name in entities if name not in ENTITY_NAMES or name in _NOT_TOLD]
        if unknown or not entities:
            raise QueryInvalid("4001", f"Unsupported entity: {', '.join(unknown)}")
        if self._now - since > _TOLD_FOR:
            raise QueryInvalid("4001", "changedSince is more than 30 days ago")

    async def report(self, request: Request) -> Response:
        """A statement."""
        try:
            company = self._let_in(request)
            asked = reports.Asked.read(request.query_params, self._now.date())
            if request.path_params["name"].lower() == "journalreport":
                return answers.json_response(company.journal.between(asked.first, asked.last, self.clock))
        except Refused as refused:
            return refused.response
        except ValueError:
            return self._invalid(QueryInvalid("4000", "Invalid date"))
        made = reports.report(request.path_params["name"], company.rows, asked, self.clock)
        if made is None:
            return answers.forbidden(self._now)
        return answers.json_response(made)

    async def one(self, request: Request) -> Response:
        """One entity by its id; the company itself also by its realm."""
        try:
            company = self._let_in(request)
        except Refused as refused:
            return refused.response
        word, wanted = request.path_params["entity"].lower(), request.path_params["id"]
        entity = next((name for name in ENTITY_NAMES if name.lower() == word), None)
        rows = company.rows.of(entity) if entity is not None else []
        if entity == "CompanyInfo" and wanted == company.tenant:
            wanted = "1"
        found = next((row for row in rows if row.fields["Id"] == wanted), None)
        if entity is None or found is None:
            return answers.service_fault("610", "Object Not Found", "Something is missing", self._now)
        return answers.single(entity, found.body(), self._now)

    @property
    def _now(self) -> datetime:
        return self.clock.now()

    def _let_in(self, request: Request) -> QuickBooksCompany:
        realm = request.path_params["realm"]
        self.identity.let_in(request, realm)
        company = next((each for each in self.companies if each.tenant == realm), None)
        if company is None:
            raise Refused(answers.forbidden(self._now))
        return company

    def _invalid(self, invalid: QueryInvalid) -> Response:
        message = "Error parsing query" if invalid.code == "4000" else "Invalid query"
        status = 200 if 48 in self.quirks else 400
        return answers.service_fault(invalid.code, message, str(invalid), self._now, status=status)

    # --- the sandbox's contract ---

    def resource(self, path: str) -> str:
        """See `ProviderSandbox.resource`."""
        found = _REALM.search(path)
        if found is None:
            return path.strip("/").split("/")[-1].lower()
        return path[found.end() :].partition("/")[0].lower()

    def reads(self, path: str) -> bool:
        """See `ProviderSandbox.reads`."""
        return _REALM.search(path) is not None

    def tenant(self, request: Request) -> str | None:
        """See `ProviderSandbox.tenant`."""
        found = _REALM.search(request.scope["path"])
        return found[1] if found is not None else None

    def limit_headers(self, left: dict[Scope, int]) -> dict[str, str]:  # noqa: ARG002 - nothing is told
        """See `ProviderSandbox.limit_headers`."""
        return {}

    def too_many(self, refusal: Refusal) -> Response:  # noqa: ARG002 - which limit it was is not told
        """See `ProviderSandbox.too_many`."""
        return answers.throttled(self._now, self.quirks)

    async def fault(self, fault: Fault, request: Request) -> Response:
        """See `ProviderSandbox.fault`."""
        match fault.kind:
            case "http_429":
                response = answers.throttled(self._now, self.quirks)
                if fault.seconds is not None:  # at the provider there is no such header; a test cannot wait
                    response.headers["Retry-After"] = str(max(0, round(fault.lasts_s)))
                return response
            case "http_503":
                return answers.unavailable()
            case "expired_token":
                return answers.unauthorised(self._now, "Token expired")
            case "revoked":
                return await self._revoked(request)
            case _:
                return answers.server_error(self._now)

    async def _revoked(self, request: Request) -> Response:
        """The user has disconnected the app in QuickBooks: the caller's grant is dead at once."""
        if request.url.path.endswith("/tokens/bearer"):
            form = await request.form()
            with suppress(TokenRefused):  # it is dead already
                self.identity.authority.revoke(
                    self.identity.authority.grant_of(str(form.get("refresh_token", "")))
                )
            self.save()
            return answers.json_response({"error": "invalid_grant"}, 400)
        try:
            grant = self.identity.let_in(request, self.tenant(request) or "")
        except Refused as refused:
            return refused.response
        self.identity.authority.revoke(grant)
        self.save()
        return answers.unauthorised(self._now, "Token revoked")

    def saved(self) -> Any:
        """See `ProviderSandbox.saved`."""
        return self.identity.saved()

    def restore(self, saved: Any) -> None:
        """See `ProviderSandbox.restore`."""
        self.identity.restore(saved)
