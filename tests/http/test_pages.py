"""Linking, as a company's browser walks through it."""

import re
from collections.abc import Mapping
from html.parser import HTMLParser

import httpx
import pytest
from tests.engine.conftest import ScriptedAuth
from tests.http.conftest import House

from tallystick.connectors import Consent, Tokens
from tallystick.errors import ProviderUnavailable
from tallystick.store import connections


class Unreachable(ScriptedAuth):
    """A provider whose token endpoint is down."""

    async def exchange(
        self, http: httpx.AsyncClient, consent: Consent, callback: Mapping[str, str]
    ) -> Tokens:
        raise ProviderUnavailable(platform="xero", reason="HTTP 503")


class Page(HTMLParser):
    """What a test asks of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


async def state_of(browser: httpx.AsyncClient, connection_id: str) -> str:
    """Set out to link, as far as the provider's page."""
    away = await browser.get(f"/link/connections/{connection_id}/start")
    assert away.status_code == 302
    return httpx.URL(away.headers["location"]).params["state"]


async def test_a_company_chooses_a_provider_consents_and_is_linked(
    house: House, browser: httpx.AsyncClient
) -> None:
    company = await house.company("Smith & <Sons>")
    page = await browser.get(f"/link/company/{company.id}")
    assert page.status_code == 200
    assert "Smith &amp; &lt;Sons&gt;" in page.text
    (button,) = Page(page.text).all("button")
    chosen = await browser.post(f"/link/company/{company.id}", data={"provider": button["value"]})
    assert chosen.status_code == 303
    away = await browser.get(chosen.headers["location"])
    assert away.headers["location"].startswith("https://provider.example/consent?")
    state = httpx.URL(away.headers["location"]).params["state"]
    back = await browser.get("/link/callback/xero", params={"state": state, "code": "c"})
    assert back.status_code == 303
    assert f"companyId={company.id}" in back.headers["location"]
    done = await browser.get(back.headers["location"])
    assert "You can close this window" in done.text
    async with house.stores.client(house.client.id) as store:
        (row,) = await store.read(connections.of_company, company.id)
    assert row.status == "Linked"


async def test_choosing_the_same_provider_again_makes_no_second_connection(
    house: House, browser: httpx.AsyncClient
) -> None:
    company = await house.company()
    where = {
        (await browser.post(f"/link/company/{company.id}", data={"provider": "xero"})).headers["location"]
        for _ in range(3)
    }
    assert len(where) == 1


async def test_a_consent_for_several_books_asks_which_are_meant(
    house: House, browser: httpx.AsyncClient
) -> None:
    company = await house.company()
    row = await house.engine.add_connection(house.client.id, company.id, "xero")
    query = {"state": await state_of(browser, row.id), "code": "c", "tenants": "amber,beryl"}
    asked = await browser.get("/link/callback/xero", params=query)
    assert asked.status_code == 200
    page = Page(asked.text)
    radios = [tag for tag in page.all("input") if tag["type"] == "radio"]
    assert [radio["value"] for radio in radios] == ["amber", "beryl"]
    assert {label["for"] for label in page.all("label")} == {radio["id"] for radio in radios}
    (ticket,) = [tag["value"] for tag in page.all("input") if tag["type"] == "hidden"]
    (form,) = page.all("form")
    assert (form["method"], form["action"]) == ("post", "/link/choose")
    answer = {"ticket": ticket, "tenant": "beryl"}
    assert (await browser.post("/link/choose", data=answer)).status_code == 303
    again = await browser.post("/link/choose", data=answer)
    assert again.status_code == 400, "a ticket is good once"
    async with house.stores.client(house.client.id) as store:
        linked = await store.read(connections.find, row.id)
    assert linked is not None
    assert (linked.status, linked.tenant_id) == ("Linked", "beryl")


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"error": "access_denied"}, "access_denied"),
        ({"error": "<script>alert(1)</script>"}, "&lt;script&gt;"),
        ({}, "has no code"),
    ],
    ids=["refused", "an odd reason", "no code"],
)
async def test_a_consent_that_fails_says_why_and_how_to_try_again(
    house: House, browser: httpx.AsyncClient, query: dict[str, str], told: str
) -> None:
    company = await house.company()
    row = await house.engine.add_connection(house.client.id, company.id, "xero")
    state = await state_of(browser, row.id)
    failed = await browser.get("/link/callback/xero", params={"state": state, **query})
    assert failed.status_code == 400
    assert told in failed.text
    assert "<script>" not in failed.text
    (again,) = Page(failed.text).all("a")
    assert again["href"] == f"/link/connections/{row.id}/start"
    used = await browser.get("/link/callback/xero", params={"state": state, "code": "c"})
    assert used.status_code == 400
    assert "used already" in used.text


async def test_a_provider_that_does_not_answer_is_a_page_too(
    house: House, browser: httpx.AsyncClient
) -> None:
    company = await house.company()
    row = await house.engine.add_connection(house.client.id, company.id, "xero")
    state = await state_of(browser, row.id)
    house.provider.auth = Unreachable()
    failed = await browser.get("/link/callback/xero", params={"state": state, "code": "c"})
    assert failed.status_code == 503
    assert "xero did not answer properly" in failed.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/link/company/0f8fad5b-d9cb-469f-a165-70867728950e", 404),
        ("GET", "/link/company/../x", 404),
        ("GET", "/link/company/none", 404),
        ("GET", "/link/connections/0f8fad5b-d9cb-469f-a165-70867728950e/start", 404),
        ("GET", "/link/connections/%3Cscript%3E/start", 404),
        ("GET", "/link/callback/nobody?state=x&code=y", 404),
        ("GET", "/link/callback/xero?state=made-up&code=y", 400),
        ("POST", "/link/choose", 400),
        ("GET", "/link/choose", 405),
        ("POST", "/link/done", 405),
        ("GET", "/static/pages.py", 404),
        ("GET", "/static/0000000000000000/pages.css", 404),
    ],
)
async def test_a_link_that_leads_nowhere_says_so(
    browser: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    answer = await browser.request(method, path)
    assert answer.status_code == status
    if path.startswith("/link/company/.."):
        return
    assert answer.headers["content-type"].startswith("text/html")
    assert len(Page(answer.text).all("h1")) == 1


@pytest.mark.parametrize("data", [{}, {"provider": "nobody"}, {f"f{n}": "x" for n in range(50)}])
async def test_a_form_that_no_page_of_ours_sends_is_refused(
    house: House, browser: httpx.AsyncClient, data: dict[str, str]
) -> None:
    company = await house.company()
    assert (await browser.post(f"/link/company/{company.id}", data=data)).status_code == 400


async def test_every_page_is_readable_by_all_and_runs_nothing(
    house: House, browser: httpx.AsyncClient
) -> None:
    company = await house.company()
    row = await house.engine.add_connection(house.client.id, company.id, "xero")
    query = {"state": await state_of(browser, row.id), "code": "c", "tenants": "amber,beryl"}
    for answer in (
        await browser.get(f"/link/company/{company.id}"),
        await browser.get("/link/callback/xero", params=query),
        await browser.get("/link/done"),
        await browser.get("/link/callback/xero"),
    ):
        page = Page(answer.text)
        assert page.all("html")[0]["lang"] == "en-GB"
        assert len(page.all("h1")) == len(page.all("main")) == len(page.all("title")) == 1
        assert page.all("script") == page.all("style") == []
        assert not any("style" in attributes or "onclick" in attributes for _, attributes in page.tags)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "script-src" not in policy


async def test_the_style_is_kept_for_a_year_under_the_hash_of_its_content(browser: httpx.AsyncClient) -> None:
    page = Page((await browser.get("/link/done")).text)
    (style,) = page.all("link")
    assert re.fullmatch(r"/static/[0-9a-f]{16}/pages\.css", style["href"])
    answer = await browser.get(style["href"])
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in answer.headers["cache-control"]


async def test_the_start_of_a_link_is_remembered_for_this_browser_only_and_forgotten_at_its_end(
    house: House, browser: httpx.AsyncClient
) -> None:
    company = await house.company()
    row = await house.engine.add_connection(house.client.id, company.id, "xero")
    away = await browser.get(f"/link/connections/{row.id}/start")
    cookie = away.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/link" in cookie
    state = httpx.URL(away.headers["location"]).params["state"]
    back = await browser.get("/link/callback/xero", params={"state": state, "code": "c"})
    assert "max-age=0" in back.headers["set-cookie"].lower()
    browser.cookies.set("tallystick_link", "javascript:alert(1)", domain="books.example", path="/link")
    failed = await browser.get("/link/callback/xero")
    assert "javascript" not in failed.text


async def test_the_pages_of_another_client_are_found_as_well(
    house: House, browser: httpx.AsyncClient
) -> None:
    """The link alone says which company is meant; nobody has to say whose it is."""
    await house.access.create_client("Other")
    company = await house.company()
    for _ in range(2):
        answer = await browser.get(f"/link/company/{company.id}")
        assert answer.status_code == 200
