"""What the guard turns away, probed with raw bytes through a real socket."""

import inspect
from collections.abc import Awaitable, Callable

import pytest
import trio
from hypercorn.protocol.h11 import H11Protocol
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from tests.http.conftest import House, Served, serve

from tallystick.config import EngineSettings, ServerSettings
from tallystick.engine.load import Load
from tallystick.http import Guard, HandlerCrashed, RequestRejected, RequestServed, server
from tallystick.http.exchange import Exchange
from tallystick.telemetry import Telemetry

QUICK = ServerSettings(body_limit=100_000, body_deadline=0.4, answer_deadline=0.5)


def status(answer: bytes) -> int:
    assert answer.startswith(b"HTTP/1.1 "), answer[:200]
    return int(answer[9:12])


def head(answer: bytes) -> dict[str, str]:
    lines = answer.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}


def closes(answer: bytes) -> bool:
    return head(answer).get("connection") == "close"


def get(target: bytes = b"/healthz", *headers: bytes, method: bytes = b"GET") -> bytes:
    return b"\r\n".join([method + b" " + target + b" HTTP/1.1", b"Host: x", *headers, b"", b""])


SMUGGLED = b"0\r\n\r\nGET /readyz HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    ("request_bytes", "expected", "reason"),
    [
        (
            get(b"/healthz", b"Content-Length: 5", b"Transfer-Encoding: chunked", method=b"POST") + SMUGGLED,
            400,
            "framing",
        ),
        (
            get(b"/healthz", b"Transfer-Encoding: chunked", b"Content-Length: 5", method=b"POST") + SMUGGLED,
            400,
            "framing",
        ),
        (get(method=b"TRACE"), 405, "method"),
        (get(b"x.example:443", method=b"CONNECT"), 405, "method"),
        (get(method=b"PROPFIND"), 501, "method"),
        (b"PRI * HTTP/1.1\r\nHost: x\r\n\r\n", 501, "method"),
        (get(b"http://evil.example/companies"), 400, "target"),
        (get(b"*", method=b"OPTIONS"), 400, "target"),
        (get(b"/static/..%2f..%2fetc/passwd"), 400, "target"),
        (get(b"/static/%2e%2e/secret"), 400, "target"),
        (get(b"/companies/%00"), 400, "target"),
        (get(b"/companies/a%5cb"), 400, "target"),
        (get(b"/companies/a%0d%0ab"), 400, "target"),
        (get(b"/" + b"a" * 10_000), 414, "url_size"),
        (get(b"/healthz?" + b"a" * 10_000), 414, "url_size"),
        (get(b"/healthz", *[b"X-%d: 1" % n for n in range(150)]), 431, "header_size"),
        (get(b"/healthz", b"X: " + b"a" * 20_000), 431, "header_size"),
        (get(b"/companies", b"Content-Length: 200000", method=b"POST"), 413, "body_size"),
        (get(b"/companies", b"Content-Length: " + b"9" * 18, method=b"POST"), 413, "body_size"),
    ],
    ids=lambda value: value[:40].decode(errors="replace") if isinstance(value, bytes) else None,
)
async def test_a_request_that_nobody_should_send_is_refused_and_its_connection_closed(
    house: House, served: Served, request_bytes: bytes, expected: int, reason: str
) -> None:
    answer = await served.raw(request_bytes)
    assert status(answer) == expected
    assert closes(answer)
    assert answer.count(b"HTTP/1.1 ") == 1, "what came behind it was not served"
    assert head(answer)["x-content-type-options"] == "nosniff"
    rejected, told = await house.heard(2)
    assert rejected == RequestRejected(reason=reason)  # type: ignore[arg-type]
    assert isinstance(told, RequestServed)
    assert (told.route, told.status) == ("(refused)", expected)


@pytest.mark.parametrize(
    "request_bytes",
    [
        get(b"/healthz", b"X: " + b"a" * 70_000),
        get(b"/healthz", b"Content-Length: 1", b"Content-Length: 2", method=b"POST"),
        get(b"/healthz", b"Content-Length: +4", method=b"POST"),
        get(b"/healthz", b"Content-Length : 4", method=b"POST"),
        get(b"/healthz", b"Transfer-Encoding: gzip", method=b"POST"),
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
    ],
    ids=["70 KB header", "two lengths", "signed length", "space before colon", "odd coding", "two hosts",
         "no host", "HTTP/2 preface", "space in the target", "TLS"],
)  # fmt: skip
async def test_what_is_no_http_is_refused_before_it_is_a_request(
    served: Served, request_bytes: bytes
) -> None:
    answer = await served.raw(request_bytes)
    assert 400 <= status(answer) <= 501
    assert answer.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize("upgrade", [b"h2c", b"H2C", b"websocket"])
async def test_no_upgrade_is_ever_agreed_to(served: Served, upgrade: bytes) -> None:
    """h2c in cleartext would go round the rules of a proxy in front: see server.py."""
    asked = get(
        b"/healthz",
        b"Connection: Upgrade, HTTP2-Settings",
        b"Upgrade: " + upgrade,
        b"HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA",
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        b"Sec-WebSocket-Version: 13",
    )
    answer = await served.raw(asked, wait_s=0.5)
    assert status(answer) == (403 if upgrade == b"websocket" else 200)


async def test_a_body_past_its_limit_is_refused_while_it_is_read(served: Served) -> None:
    chunk = b"2000\r\n" + b"a" * 0x2000 + b"\r\n"
    sent = get(b"/companies", b"Transfer-Encoding: chunked", method=b"POST") + chunk * 400
    answer = await served.raw(sent)
    assert status(answer) == 413
    assert closes(answer)


async def test_a_huge_upload_is_cut_soon_and_its_sender_still_reads_why(served: Served) -> None:
    stream = await trio.open_tcp_stream("127.0.0.1", served.port)
    sent, answer = 0, b""

    async def upload() -> None:
        nonlocal sent
        await stream.send_all(get(b"/companies", b"Content-Length: 1000000000", method=b"POST"))
        with pytest.raises(trio.BrokenResourceError):
            while True:
                await stream.send_all(b"a" * 65536)
                sent += 65536
                await trio.sleep(0.001)

    with trio.fail_after(5):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(upload)
            answer = await stream.receive_some(65536)
    assert status(answer) == 413
    await stream.aclose()


async def test_a_body_that_drips_is_cut_at_its_deadline(house: House, served: Served) -> None:
    began = trio.current_time()
    stream = await trio.open_tcp_stream("127.0.0.1", served.port)
    async with stream:
        await stream.send_all(get(b"/companies", b"Content-Length: 1000", method=b"POST"))
        async with trio.open_nursery() as nursery:

            async def drip() -> None:
                try:
                    while True:
                        await stream.send_all(b"a")
                        await trio.sleep(0.05)
                except (trio.BrokenResourceError, trio.ClosedResourceError):
                    pass

            nursery.start_soon(drip)
            answer = await stream.receive_some(65536)
            nursery.cancel_scope.cancel()
    assert status(answer) == 408
    assert closes(answer)
    assert trio.current_time() - began < 2.0
    assert (await house.heard(1))[0] == RequestRejected(reason="body_slow")


async def test_a_correlation_id_is_taken_over_when_it_looks_like_one(served: Served) -> None:
    given = b"0f8fad5b-d9cb-469f-a165-70867728950e"
    answer = await served.raw(get(b"/healthz", b"X-Correlation-ID: " + given), wait_s=0.3)
    assert head(answer)["x-correlation-id"] == given.decode().replace("-", "")
    for odd in (b"<script>", b"a" * 500, b""):
        answer = await served.raw(get(b"/healthz", b"X-Correlation-ID: " + odd), wait_s=0.3)
        told = head(answer)["x-correlation-id"]
        assert len(told) == 32
        assert int(told, 16) >= 0


async def test_every_answer_has_the_headers_of_a_careful_server(served: Served) -> None:
    for target in (b"/healthz", b"/nothing", b"/companies", b"/link/done"):
        headers = head(await served.raw(get(target, b"Connection: close"), wait_s=0.3))
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-frame-options"] == "DENY"
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["cache-control"] == "no-store"
        assert "server" not in headers


# --- the guard round small applications ------------------------------------------------------------------

App = Callable[[Scope, Receive, Send], Awaitable[None]]


def recorded(app: ASGIApp, settings: ServerSettings = QUICK) -> tuple[Guard, list[object]]:
    telemetry, events = Telemetry(), list[object]()
    for kind in (RequestServed, RequestRejected, HandlerCrashed):
        telemetry.listen(kind, events.append)
    return Guard(app=app, settings=settings, telemetry=telemetry), events


async def test_a_crash_is_answered_in_the_apis_words_and_told_without_them(nursery: trio.Nursery) -> None:
    async def crash(scope: Scope, receive: Receive, send: Send) -> None:
        Exchange.of(scope).route = "/secret/{id}"
        raise ZeroDivisionError("the body of the request was …")

    guard, events = recorded(crash)
    served = await serve(nursery, guard, QUICK)
    answer = await served.raw(get(b"/secret/1", b"Connection: close"))
    assert status(answer) == 500
    assert b'"service":"PublicApi"' in answer
    assert b"ZeroDivisionError" not in answer
    told = events[0]
    assert isinstance(told, HandlerCrashed)
    assert (told.error, told.route) == ("ZeroDivisionError", "/secret/{id}")
    assert told.where.startswith("tests.http.test_guard:")
    assert told.correlation_id == head(answer)["x-correlation-id"]


async def test_other_work_is_told_while_a_request_is_in_hand_and_no_longer(nursery: trio.Nursery) -> None:
    load = Load(EngineSettings(), Telemetry())
    seen = list[bool]()

    async def look(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(load.hurried())
        raise ZeroDivisionError

    guard = Guard(app=look, settings=QUICK, telemetry=Telemetry(), request=load.request)
    served = await serve(nursery, guard, QUICK)
    assert status(await served.raw(get(b"/look", b"Connection: close"))) == 500
    assert seen == [True]
    assert not load.hurried()


async def test_an_answer_that_takes_too_long_is_given_up(nursery: trio.Nursery) -> None:
    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await trio.sleep_forever()

    guard, events = recorded(slow)
    served = await serve(nursery, guard, QUICK)
    answer = await served.raw(get(b"/slow", b"Connection: close"))
    assert status(answer) == 503
    assert events[0] == RequestRejected(reason="answer_slow")


async def test_a_client_that_does_not_read_is_cut(nursery: trio.Nursery) -> None:
    """Hypercorn shields its sends: only the stream's own deadline ends them."""
    ended = trio.Event()

    async def big(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await Response(b"a" * 50_000_000)(scope, receive, send)
        finally:
            ended.set()

    guard, _ = recorded(big)
    served = await serve(nursery, guard, QUICK)
    stream = await trio.open_tcp_stream("127.0.0.1", served.port)
    async with stream:
        await stream.send_all(get(b"/big"))
        with trio.fail_after(5):
            await ended.wait()


@pytest.mark.parametrize("may_be_dropped", [True, False])
async def test_work_stops_when_the_client_leaves_where_nothing_is_lost_by_it(
    nursery: trio.Nursery, may_be_dropped: bool
) -> None:
    begun, outcome = trio.Event(), list[str]()

    async def work(scope: Scope, receive: Receive, send: Send) -> None:
        Exchange.of(scope).can_be_dropped = may_be_dropped
        begun.set()
        try:
            await trio.sleep(0.3)
            outcome.append("done")
        except trio.Cancelled:
            outcome.append("stopped")
            raise

    guard, events = recorded(work)
    served = await serve(nursery, guard, QUICK)
    stream = await trio.open_tcp_stream("127.0.0.1", served.port)
    await stream.send_all(get(b"/work"))
    await begun.wait()
    await stream.aclose()
    with trio.fail_after(2):
        while not events:
            await trio.sleep(0.01)
    assert outcome == ["stopped" if may_be_dropped else "done"]
    (told,) = events
    assert isinstance(told, RequestServed)
    assert told.status == 499


async def test_two_requests_share_a_connection(served: Served) -> None:
    answer = await served.raw(get() + get(b"/healthz", b"Connection: close"))
    assert answer.count(b'{"status":"ok"}') == 2


async def test_reads_follow_each_other_on_one_connection_and_the_last_one_closes_it(
    house: House, served: Served
) -> None:
    """The end of an answer must not be taken for a client that has left."""
    key = f"Authorization: {house.key['authorization']}".encode()
    async with await trio.open_tcp_stream("127.0.0.1", served.port) as stream:
        for number in range(5):
            last = [b"Connection: close"] if number == 4 else []
            await stream.send_all(get(b"/companies", key, *last))
            answer = b""
            with trio.fail_after(2):
                while not answer.endswith(b"}}}"):
                    answer += await stream.receive_some(65536)
            assert status(answer) == 200
        with trio.fail_after(2):
            assert await stream.receive_some(65536) == b""


async def test_a_client_that_breaks_the_protocol_harms_nobody_else(served: Served) -> None:
    for _ in range(20):
        await served.raw(
            get(b"/healthz", b"Transfer-Encoding: chunked", method=b"POST") + b"zz\r\n", wait_s=0.2
        )
        await served.raw(b"GET /healthz", wait_s=0.01)
    assert status(await served.raw(get(), wait_s=0.3)) == 200


def test_the_replaced_method_of_hypercorn_is_the_one_that_upgrades() -> None:
    """Pins what server.py relies on: a new hypercorn that moves the check must not bring h2c back unseen."""
    assert H11Protocol._check_protocol is server._stay_on_http11
    assert "await self._check_protocol(event)" in inspect.getsource(H11Protocol._handle_events)
