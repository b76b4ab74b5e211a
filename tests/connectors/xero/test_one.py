"""One record read anew: the same as the list gives it, and none where Xero does not find it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import msgspec
import pytest
from attrs import define, evolve, field, frozen

from tallystick.config import ProviderSettings, Secret
from tallystick.connectors import Books, Consent, Gone, Issue, Page, Resource, Tokens
from tallystick.connectors.sandbox import SandboxSettings, sandbox
from tallystick.connectors.xero import MANIFEST, xero
from tallystick.connectors.xero.connector import XeroConnector
from tallystick.connectors.xero.envelope import IDS, lists_of
from tallystick.connectors.xero.mapping import XeroMapper
from tallystick.standard import StandardRecord, encode

CONSENT = Consent(state="s", code_verifier="v" * 64, redirect_uri="http://127.0.0.1:1/callback")
ROW = msgspec.json.Decoder(dict[str, Any])


@frozen
class Known(Secret):
    """A secret that the test knows already."""

    def reveal(self) -> str:
        return self.reference


@define(eq=False)
class Linked:
    """An organisation at the stand-in, read with the tokens of a consent that was just given."""

    control_url: str
    http: httpx.AsyncClient
    connector: XeroConnector
    tenant: str
    tokens: Tokens
    asked: list[httpx.Request] = field(factory=list)

    async def get(
        self, path: str, *, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """See `contract.Calls.get`."""
        sent = {**self.connector.headers(self.tokens.access, self.tenant), **(headers or {})}
        url = f"{self.connector.api_url}/{path}"
        answer = await self.http.get(url, params=dict(params or {}), headers=sent)
        self.asked.append(answer.request)
        if answer.status_code != 200:
            raise self.connector.fault(answer, path)
        return answer

    async def rows(self, resource: Resource) -> list[msgspec.Raw]:
        found: list[msgspec.Raw] = []
        at = None
        while True:
            page = await self.connector.client.page(self, resource, since=None, at=at)
            found += page.records
            if page.next is None:
                return found
            at = page.next


@asynccontextmanager
async def linked() -> AsyncIterator[Linked]:
    settings = SandboxSettings(providers=("xero",), companies=1, records=60)
    async with sandbox(settings) as running, httpx.AsyncClient(timeout=20, trust_env=False) as http:
        state = (await http.get(f"{running.control_url}/state")).json()
        app, base, tenant = state["apps"]["xero"], f"{running.url}/xero", state["companies"][0]["tenant"]
        connector = xero(
            ProviderSettings(
                client_id=app["clientId"],
                authorize_url=f"{base}/identity/connect/authorize",
                token_url=f"{base}/connect/token",
                connections_url=f"{base}/connections",
                api_url=f"{base}/api.xro/2.0",
                limits="off",
            )
        )
        assert isinstance(connector, XeroConnector)
        auth = evolve(connector.auth, client_secret=Known(app["clientSecret"]))
        url = auth.authorize_url(CONSENT)
        form = {**dict(parse_qsl(urlsplit(url).query)), "tenant": tenant, "decision": "allow"}
        answer = await http.post(url.partition("?")[0], data=form)
        callback = dict(parse_qsl(urlsplit(answer.headers["location"]).query))
        tokens = await auth.exchange(http, CONSENT, callback)
        yield Linked(running.control_url, http, evolve(connector, auth=auth), tenant, tokens)


def mapped(resource: Resource, rows: Any) -> list[bytes | Gone]:
    issues: list[Issue] = []
    made: list[StandardRecord | Gone] = []
    for row in rows:
        made += XeroMapper().records(resource, row, Books(base_currency="GBP"), issues)
    assert [issue for issue in issues if issue.severity == "rejected"] == []
    return [record if isinstance(record, Gone) else encode(record) for record in made]


def key_of(resource: Resource, row: msgspec.Raw) -> tuple[str, str]:
    told = ROW.decode(row)
    name = next(name for name in lists_of(resource.name) if IDS[name] in told)
    return name, told[IDS[name]]


async def test_one_record_is_what_its_list_makes_of_it() -> None:
    async with linked() as there:
        seen = set()
        for resource in MANIFEST.resources:
            if resource.name in {"ProfitAndLoss", "BalanceSheet", "BankSummary"}:
                continue
            rows = await there.rows(resource)
            first = {key_of(resource, row)[0]: row for row in reversed(rows)}
            for name, row in first.items():
                page = await there.connector.client.one(there, resource, key_of(resource, row)[1])
                assert mapped(resource, page.records) == mapped(resource, [row]), (resource.name, name)
                seen.add((resource.name, name))
        assert {("Invoices", "Invoices"), ("Contacts", "Contacts"), ("CreditNotes", "CreditNotes")} <= seen


async def test_four_decimals_of_unit_prices_are_asked_for_here_too() -> None:
    async with linked() as there:
        resource = MANIFEST.resource("Invoices")
        row = (await there.rows(resource))[0]
        there.asked.clear()
        await there.connector.client.one(there, resource, key_of(resource, row)[1])
        (request,) = there.asked
        assert request.url.params["unitdp"] == "4"
        assert request.url.path.endswith(f"/Invoices/{key_of(resource, row)[1]}")


async def test_a_record_that_xero_does_not_find_is_told_as_gone_by_every_data_type() -> None:
    key = "717f0000-1b2c-4d3e-9f00-abcdefabcdef"
    async with linked() as there:
        for name, asked in (("Invoices", 1), ("Contacts", 1), ("CreditNotes", 1), ("Payments", 3)):
            resource = MANIFEST.resource(name)
            there.asked.clear()
            page: Page = await there.connector.client.one(there, resource, key)
            assert mapped(resource, page.records) == [Gone(data_type=t, id=key) for t in resource.data_types]
            again = there.connector.mapper.split(resource, page.raw)
            assert [bytes(row) for row in again] == [bytes(row) for row in page.records]
            assert len(there.asked) == asked


@pytest.mark.parametrize(
    "key", ["", "1", "../Organisation", "717f0000-1b2c-4d3e-9f00-abcdefabcdef/x", "a?b=c"]
)
async def test_what_is_no_key_is_never_asked_for(key: str) -> None:
    async with linked() as there:
        there.asked.clear()
        with pytest.raises(ValueError, match="no key"):
            await there.connector.client.one(there, MANIFEST.resource("Invoices"), key)
        assert there.asked == []
