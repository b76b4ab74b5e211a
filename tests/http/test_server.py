"""Listeners: addresses, and how they are given back."""

import random
import socket
from functools import partial

import httpx
import pytest
import trio
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tallystick.config import ServerSettings
from tallystick.errors import ConfigurationInvalid
from tallystick.http import Guard, HandlerCrashed, listen
from tallystick.telemetry import Telemetry


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


PIECES = [
    b"GET / HTTP/1.1\r\nHost: x\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"Content-Length: 5\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Expect: 100-continue\r\n",
    b"Connection: close\r\n",
    b"Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==\r\n",
    b"\r\n",
    b"hello",
    b"5\r\nhello\r\n0\r\n\r\n",
    b"zz\r\n",
    b"\xff\xfe\x00",
]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
async def test_no_bytes_of_a_stranger_end_the_listener_or_stay_with_it(seed: int) -> None:
    """Each of these once ended every connection of a hypercorn server: a close and a send at one time."""
    chance, telemetry, crashes = random.Random(seed), Telemetry(), list[HandlerCrashed]()
    telemetry.listen(HandlerCrashed, crashes.append)
    settings = ServerSettings(body_deadline=0.2)
    listener = listen("127.0.0.1", 0)
    port = int(listener.url.rpartition(":")[2])

    async def throw() -> None:
        for _ in range(20):
            stream = await trio.open_tcp_stream("127.0.0.1", port)
            try:
                await stream.send_all(PIECES[chance.randrange(2)])
                await stream.send_all(b"".join(chance.choices(PIECES, k=chance.randint(1, 6))))
                with trio.move_on_after(0.05):
                    while await stream.receive_some(4096):
                        pass
            except trio.BrokenResourceError:
                pass
            await trio.aclose_forcefully(stream)

    async with trio.open_nursery() as server, httpx.AsyncClient(trust_env=False) as http:
        guard = Guard(app=hello, settings=settings, telemetry=telemetry, linger_s=0.05)
        await server.start(partial(listener.serve, guard, settings, telemetry=telemetry))
        async with trio.open_nursery() as strangers:
            for _ in range(10):
                strangers.start_soon(throw)
        assert (await http.get(listener.url)).content == b"hello"
        server.cancel_scope.cancel()
    assert crashes == []
