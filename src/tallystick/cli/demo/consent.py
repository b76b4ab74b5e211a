"""Links the sandbox's companies as their owners would: API, redirects, consent page."""

import base64
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import urljoin

import httpx
import trio
from attrs import define, field, frozen

from tallystick.cli.demo.progress import Progress
from tallystick.cli.demo.sandbox import StandIn
from tallystick.connectors.registry import MANIFESTS
from tallystick.errors import LinkFailed

_AT_ONCE: Final = 4
_TENANT_TAG: Final = "sandbox-tenant"


@frozen(kw_only=True)
class Linked:
    """One company of the demo, linked."""

    id: str
    name: str
    connection_id: str
    platform: str
    integration_id: str
    tenant: str


@define
class Api:
    """The engine's own API, as a client of it sees it."""

    url: str
    api_key: str = field(repr=False)

    def client(self) -> httpx.AsyncClient:
        """An HTTP client that carries the key."""
        key = base64.b64encode(self.api_key.encode()).decode()
        return httpx.AsyncClient(
            base_url=self.url, headers={"authorization": f"Basic {key}"}, trust_env=False, timeout=30
        )


async def link_companies(api: Api, stand_in: StandIn, progress: Progress) -> list[Linked]:
    """Link every company of the sandbox that is not linked yet. Raises: `LinkFailed`."""
    linked: dict[int, Linked] = {}
    slots = trio.CapacityLimiter(_AT_ONCE)
    async with api.client() as http:
        present = await _present(http)

        async def link(place: int, company: Mapping[str, Any]) -> None:
            async with slots:
                linked[place] = await _link(http, company, present.get(company["tenant"]))
            progress.linked(linked[place].connection_id, company["name"])

        async with trio.open_nursery() as nursery:
            for place, company in enumerate(stand_in.companies):
                nursery.start_soon(link, place, company)
    return [linked[place] for place in sorted(linked)]


async def _present(http: httpx.AsyncClient) -> dict[str, dict[str, Any]]:
    """Companies of an earlier run, by the tenant that they were made for."""
    found = (await http.get("/companies", params={"pageSize": "5000"})).raise_for_status().json()
    return {company["tags"].get(_TENANT_TAG, ""): company for company in found["results"]}


async def _link(
    http: httpx.AsyncClient, company: Mapping[str, Any], present: dict[str, Any] | None
) -> Linked:
    manifest = MANIFESTS[company["platform"]]
    if present is None:
        answer = await http.post(
            "/companies", json={"name": company["name"], "tags": {_TENANT_TAG: company["tenant"]}}
        )
        present = answer.raise_for_status().json()
    connections = present.get("dataConnections", [])
    connection = connections[0] if connections else None
    if connection is None:
        answer = await http.post(
            f"/companies/{present['id']}/connections", json={"platformKey": manifest.platform_key}
        )
        connection = answer.raise_for_status().json()
    if connection["status"] != "Linked":
        await _give_consent(connection["linkUrl"], company["tenant"])
    return Linked(
        id=present["id"],
        name=present["name"],
        connection_id=connection["id"],
        platform=company["platform"],
        integration_id=connection["integrationId"],
        tenant=company["tenant"],
    )


async def _give_consent(link_url: str, tenant: str) -> None:
    """Follow the redirects to the provider's page, choose the company there, and come back."""
    async with httpx.AsyncClient(trust_env=False, timeout=30, follow_redirects=True) as browser:
        page = (await browser.get(link_url)).raise_for_status()
        form = _ConsentForm(tenant)
        form.feed(page.text)
        done = await browser.post(urljoin(str(page.url), form.action), data=form.values)
    if done.is_error:
        raise LinkFailed(reason=f"the consent for {tenant} ended with HTTP {done.status_code}")


class _ConsentForm(HTMLParser):
    """The first form of a page: action, hidden fields, the box of one tenant, the button that allows."""

    def __init__(self, tenant: str) -> None:
        super().__init__()
        self.tenant = tenant
        self.action = ""
        self.values: dict[str, str | Sequence[str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and not self.action:
            self.action = given.get("action", "")
        elif tag == "input":
            kind, name, value = given.get("type", "text"), given.get("name", ""), given.get("value", "")
            if kind == "hidden" or value == self.tenant:
                self.values[name] = value
        elif tag == "button" and given.get("value", "").lower() in {"allow", "yes"}:
            self.values[given["name"]] = given["value"]
