"""Listeners: addresses, and how they are given back."""

import socket

import httpx
import pytest
import trio
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tallystick.config import ServerSettings
from tallystick.errors import ConfigurationInvalid
from tallystick.http import listen


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    await Response(b"hello")(scope, receive, send)


def test_a_port_in_use_is_named_with_what_to_do() -> None:
    holder = listen("127.0.0.1", 0)
    port = int(holder.url.rpartition(":")[2])
    with pytest.raises(ConfigurationInvalid) as refused:
        listen("127.0.0.1", port)
    assert f"port {port} on 127.0.0.1 is in use" in str(refused.value)
    assert "ss -ltnp" in str(refused.value)
    holder.close()
    listen("127.0.0.1", port).close()


@pytest.mark.parametrize("host", ["no such host.invalid", "203.0.113.7"])
def test_an_address_that_is_not_ours_is_refused(host: str) -> None:
    with pytest.raises(ConfigurationInvalid, match=host):
        listen(host, 0)


@pytest.mark.parametrize(
    ("host", "shown"), [("0.0.0.0", "http://127.0.0.1:"), ("localhost", "http://localhost:")]
)
def test_the_url_is_one_that_can_be_opened(host: str, shown: str) -> None:
    listener = listen(host, 0)
    assert listener.url.startswith(shown)
    listener.close()


async def test_an_ipv6_address_is_put_in_brackets_and_served() -> None:
    if not socket.has_ipv6:
        pytest.skip("optional: this machine has no IPv6")
    try:
        listener = listen("::1", 0)
    except ConfigurationInvalid:
        pytest.skip("optional: this machine has no IPv6")
    assert listener.url.startswith("http://[::1]:")
    async with trio.open_nursery() as nursery, httpx.AsyncClient(trust_env=False) as http:
        await nursery.start(listener.serve, hello, ServerSettings())
        assert (await http.get(listener.url)).content == b"hello"
        nursery.cancel_scope.cancel()


async def test_requests_in_hand_end_and_the_port_is_free_when_a_listener_stops() -> None:
    begun, answers = trio.Event(), list[bytes]()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        begun.set()
        await trio.sleep(0.3)
        await hello(scope, receive, send)

    listener = listen("127.0.0.1", 0)
    port = int(listener.url.rpartition(":")[2])

    async def ask() -> None:
        async with httpx.AsyncClient(trust_env=False) as http:
            answers.append((await http.get(listener.url)).content)

    with trio.fail_after(3):
        async with trio.open_nursery() as client:
            async with trio.open_nursery() as server:
                await server.start(listener.serve, slow, ServerSettings())
                client.start_soon(ask)
                await begun.wait()
                server.cancel_scope.cancel()
    assert answers == [b"hello"]
    listen("127.0.0.1", port).close()


async def test_idle_connections_do_not_hold_a_stop_up() -> None:
    listener = listen("127.0.0.1", 0)
    async with httpx.AsyncClient(trust_env=False) as http:
        async with trio.open_nursery() as server:
            await server.start(listener.serve, hello, ServerSettings())
            await http.get(listener.url)
            began = trio.current_time()
            server.cancel_scope.cancel()
    assert trio.current_time() - began < 1.0
