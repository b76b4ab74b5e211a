"""The sandbox tells of changes as the providers do: a receiver over a real socket judges its messages."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import trio
from attrs import define, field
from starlette.requests import Request
from starlette.responses import Response

from tallystick.config import ServerSettings
from tallystick.connectors import Hooks, Notice
from tallystick.connectors.quickbooks.hooks import QuickBooksHooks
from tallystick.connectors.sandbox import SandboxSettings, sandbox
from tallystick.connectors.xero.hooks import XeroHooks
from tallystick.http import listen

KEY = "a-webhook-key"
HOOKS: Mapping[str, Hooks] = {"xero": XeroHooks(), "quickbooks": QuickBooksHooks()}
Control = Callable[..., Awaitable[Any]]


@define(eq=False)
class Receiver:
    """Takes messages at `/hooks/{provider}`, and keeps those that are signed with the key."""

    url: str = ""
    bodies: list[bytes] = field(factory=list)
    notices: list[Notice] = field(factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        hooks, body = HOOKS[request.url.path.rpartition("/")[2]], await request.body()
        good = hooks.verify(body, dict(request.headers), KEY)
        if good:
            self.bodies.append(body)
            self.notices += hooks.notices(body)
        await Response(status_code=200 if good else 401)(scope, receive, send)


@asynccontextmanager
async def told(provider: str, **hook: str) -> AsyncIterator[tuple[Receiver, Control, str]]:
    """A sandbox that tells a receiver; its control, and the tenant of its company."""
    receiver, listener = Receiver(), listen("127.0.0.1", 0)
    receiver.url = listener.url
    settings = SandboxSettings(providers=(provider,), companies=1, records=60)
    async with (
        sandbox(settings) as running,
        httpx.AsyncClient(base_url=running.control_url, timeout=20, trust_env=False) as http,
        trio.open_nursery() as nursery,
    ):
        await nursery.start(listener.serve, receiver, ServerSettings())

        async def control(path: str, /, *, status: int = 200, **body: Any) -> Any:
            answer = await http.post(f"/{path}", json=body)
            assert answer.status_code == status, answer.text
            return answer.json()

        await control("hooks", provider=provider, url=f"{receiver.url}/hooks/{provider}", key=KEY, **hook)
        state = (await http.get("/state")).json()
        yield receiver, control, state["companies"][0]["tenant"]
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize(
    ("entity", "resource"),
    [
        ("invoices", "Invoices"),
        ("bills", "Invoices"),
        ("creditNotes", "CreditNotes"),
        ("customers", "Contacts"),
        ("suppliers", "Contacts"),
        ("items", None),
        ("payments", None),
    ],
)
async def test_xero_tells_of_contacts_invoices_and_credit_notes_and_of_nothing_else(
    entity: str, resource: str | None
) -> None:
    async with told("xero") as (receiver, control, tenant):
        changed = await control("change", tenant=tenant, entity=entity, create=2, update=1)
        ids = {*changed["created"], *changed["updated"]}
        if resource is None:
            assert (receiver.bodies, "hooks" in changed) == ([], False)
            return
        assert len(receiver.bodies) == 1, "one message for one act"
        assert {(n.tenant, n.resource, n.key) for n in receiver.notices} == {
            (tenant, resource, id_) for id_ in ids
        }
        assert [met["status"] for met in changed["hooks"]] == [200]


@pytest.mark.parametrize("form", ["old", "cloud_events"])
async def test_quickbooks_tells_in_either_form(form: str) -> None:
    async with told("quickbooks", form=form) as (receiver, control, tenant):
        changed = await control("change", tenant=tenant, entity="invoices", create=1, update=1, delete=1)
        ids = {*changed["created"], *changed["updated"], *changed["deleted"]}
        assert {(n.tenant, n.resource, n.key) for n in receiver.notices} == {
            (tenant, "Invoice", id_) for id_ in ids
        }
        assert receiver.bodies[0].startswith(b"[" if form == "cloud_events" else b'{"eventNotifications"')
        assert (b"deleted.v1" if form == "cloud_events" else b'"Delete"') in receiver.bodies[0]


async def test_many_changes_come_in_several_messages() -> None:
    async with told("xero") as (receiver, control, tenant):
        await control("change", tenant=tenant, entity="customers", create=250)
        assert len(receiver.bodies) == 3
        assert len({notice.key for notice in receiver.notices}) == 250


async def test_what_can_go_wrong_with_messages_is_sent_on_demand() -> None:
    async with told("xero") as (receiver, control, tenant):

        async def sent(act: str) -> list[int]:
            answer = await control("hooks/send", provider="xero", act=act)
            return [met["status"] for met in answer["hooks"]]

        await control("hooks/send", status=400, provider="xero", act="again")
        assert await sent("trial") == [200, 401, 200, 401]
        assert receiver.notices == []
        assert await sent("not_read") == [200]
        assert receiver.notices == []
        for _ in range(2):
            await control("change", tenant=tenant, entity="invoices", update=1)
        first, second = receiver.bodies[-2:]
        assert await sent("bad_signature") == [401]
        assert await sent("altered") == [401]
        assert await sent("again") == [200]
        assert receiver.bodies[-1] == second
        assert await sent("out_of_order") == [200, 200]
        assert receiver.bodies[-2:] == [second, first]


async def test_a_receiver_that_is_not_there_keeps_no_change_from_being_made() -> None:
    async with told("xero") as (receiver, control, tenant):
        await control("hooks", provider="xero", url="http://127.0.0.1:9/hooks", key=KEY)
        changed = await control("change", tenant=tenant, entity="invoices", update=1)
        assert len(changed["updated"]) == 1
        assert changed["hooks"] == [{"error": "ConnectError"}]
        assert receiver.bodies == []


@pytest.mark.parametrize(
    "hook",
    [
        {"provider": "sage", "url": "http://127.0.0.1:1/", "key": "k"},
        {"provider": "xero", "url": "ftp://127.0.0.1/", "key": "k"},
        {"provider": "xero", "url": "http://127.0.0.1:1/", "key": ""},
        {"provider": "xero", "url": "http://127.0.0.1:1/", "key": "k", "form": "new"},
    ],
)
async def test_a_hook_that_cannot_be_meant_is_refused(hook: dict[str, str]) -> None:
    async with told("xero") as (_, control, __):
        assert (await control("hooks", status=400, **hook))["error"]
