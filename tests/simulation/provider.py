"""An in-memory Xero behind httpx's transport: the whole of our client side runs against it."""

import gzip
import json
import random
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, Final, Literal
from urllib.parse import parse_qs

import httpx
import trio
from attrs import define, field
from tests.simulation.books import ID_OF, Books, Kind, net_date
from tests.simulation.tokens import ConsentTruth, Pair, TokenEndpoint
from tests.simulation.weather import Trouble, Weather

URL: Final = "https://provider.example"
#: Of an unpacked answer, as the simulated engine is set: small, so that too much of it is soon there.
PAGE_LIMIT_BYTES: Final = 256 * 1024
#: Longer than our side waits for any answer.
_FOR_EVER_S: Final = 900.0
_SLOW_S: Final = 30.0
_KIND_OF_PATH: Final[dict[str, Kind]] = {
    "Organisation": "Organisations",
    "Accounts": "Accounts",
    "Items": "Items",
    "Contacts": "Contacts",
    "Invoices": "Invoices",
}
_REFUSALS: Final = frozenset(
    {"http_500", "http_502", "http_503", "limited", "limited_until", "limited_silently", "forbidden",
     "no_connection", "reset"}
)  # fmt: skip
_PAGED: Final = frozenset({"Contacts", "Invoices"})


class _Sent(httpx.AsyncByteStream):
    """A body that comes in two parts, or as badly as the trouble says."""

    def __init__(self, body: bytes, trouble: Trouble = "none") -> None:
        self._body, self._trouble = body, trouble
        self._closed = False

    async def aclose(self) -> None:
        self._closed = True

    async def __aiter__(self) -> AsyncIterator[bytes]:
        half = len(self._body) // 2
        await trio.lowlevel.checkpoint()
        yield self._body[:half]
        match self._trouble:
            case "broken_off":
                raise httpx.RemoteProtocolError("the peer closed the connection without the whole body")
            case "drip":
                for place in range(half, len(self._body)):
                    await trio.sleep(1.0)
                    yield self._body[place : place + 1]
            case "endless":
                while not self._closed:
                    await trio.lowlevel.checkpoint()
                    yield b" " * 65_536
            case _:
                await trio.lowlevel.checkpoint()
                yield self._body[half:]


@define(eq=False)
class Provider:
    """The books, the tokens and the weather, answering requests of one engine after the other."""

    now: Callable[[], datetime]
    weather: Weather
    tokens: TokenEndpoint
    page_size: int  #: the most rows that it gives, whatever is asked for
    books: dict[str, Books] = field(factory=dict)
    between: Callable[[], None] = lambda: None
    """Called while a request is on its way: the world goes on meanwhile."""
    told: Callable[[str], None] = lambda _: None
    unchanged: Literal["list", "dated", "undated"] = "list"
    """How it says that nothing has changed: a list without rows, or HTTP 304 with or without its time."""
    largest_in_flight: int = 0
    _in_flight: dict[str, int] = field(factory=dict)

    def transport(self, passing: Callable[[str], None]) -> httpx.MockTransport:
        """For one life of an engine; `passing` raises once that life is over, or ends it there."""

        def alive() -> None:
            passing("provider.answering")

        async def handle(request: httpx.Request) -> httpx.Response:
            passing("provider.asked")
            await trio.sleep(self.weather.latency())
            alive()
            answer = await self._answer(request, alive)
            await trio.sleep(self.weather.latency())
            passing("provider.answered")
            if isinstance(answer.stream, _Sent):
                return answer
            return httpx.Response(answer.status_code, headers=answer.headers, stream=_Sent(answer.content))

        return httpx.MockTransport(handle)

    async def _answer(self, request: httpx.Request, alive: Callable[[], None]) -> httpx.Response:
        path = request.url.path
        if path == "/token":
            return await self._token(request, alive)
        if path.startswith("/connections"):
            return self._connections(request)
        return await self._list(request, alive)

    # --- tokens

    async def _token(self, request: httpx.Request, alive: Callable[[], None]) -> httpx.Response:
        form = {key: values[0] for key, values in parse_qs(request.content.decode()).items()}
        trouble = self.weather.of_tokens()
        if form["grant_type"] == "authorization_code":
            self.told(f"exchange {form['code']}")
            return _token_answer(self.tokens.exchange(form["code"]))
        consent = self.tokens.of_refresh(form["refresh_token"])
        self.told(f"refresh {form['refresh_token']} {trouble}")
        if consent is None:
            return _token_answer(None)
        consent.in_flight += 1
        consent.most_in_flight = max(consent.most_in_flight, consent.in_flight)
        try:
            return await self._refreshed(form["refresh_token"], trouble, alive)
        finally:
            consent.in_flight -= 1

    async def _refreshed(self, token: str, trouble: Trouble, alive: Callable[[], None]) -> httpx.Response:
        if trouble in _REFUSALS:
            return _refusal(trouble, self.now())
        if trouble == "slow":
            await trio.sleep(_SLOW_S)
            alive()
        answer = _token_answer(self.tokens.refresh(token))
        match trouble:
            case "timeout":
                await trio.sleep(_FOR_EVER_S)
            case "lost_answer":
                raise httpx.ReadError("the connection was reset before the answer")
            case "cut_short":
                return httpx.Response(200, content=answer.content[: len(answer.content) // 2])
        return answer

    def _connections(self, request: httpx.Request) -> httpx.Response:
        consent = self._consent(request)
        if consent is None:
            return httpx.Response(401, json={"Title": "Unauthorized"})
        if request.method == "DELETE":
            self.tokens.revoke(request.url.path.rpartition("/")[2])
            return httpx.Response(204)
        kind = "ORGANISATION"
        listed = [{"id": t, "tenantId": t, "tenantName": t, "tenantType": kind} for t in consent.tenants]
        return httpx.Response(200, json=listed)

    def _consent(self, request: httpx.Request) -> ConsentTruth | None:
        return self.tokens.of_access(request.headers.get("authorization", "").removeprefix("Bearer "))

    # --- lists

    async def _list(self, request: httpx.Request, alive: Callable[[], None]) -> httpx.Response:
        tenant = request.headers.get("xero-tenant-id", "")
        flying = self._in_flight[tenant] = self._in_flight.get(tenant, 0) + 1
        self.largest_in_flight = max(self.largest_in_flight, flying)
        try:
            trouble = self.weather.of_a_list()
            since = f" since {told:%d %H:%M:%S}" if (told := _since(request)) else ""
            self.told(f"GET {tenant} {request.url.raw_path.decode()}{since} {trouble}")
            if trouble in ("slow", "timeout"):
                await trio.sleep(_SLOW_S if trouble == "slow" else _FOR_EVER_S)
                alive()
            if trouble == "expired":
                self.tokens.expire_access(tenant)
            consent = self._consent(request)
            if consent is None:
                return httpx.Response(401, json={"Detail": "TokenExpired: token expired"})
            if tenant not in consent.tenants:
                return httpx.Response(403, json={"Detail": "AuthenticationUnsuccessful"})
            return self._page(request, tenant, trouble)
        finally:
            self._in_flight[tenant] -= 1

    def _page(self, request: httpx.Request, tenant: str, trouble: Trouble) -> httpx.Response:
        if trouble in _REFUSALS:
            return _refusal(trouble, self.now())
        if trouble == "html":
            return httpx.Response(200, content=b"<html><body>We will be back soon</body></html>")
        if trouble == "bomb":
            packed = gzip.compress(bytes(4 * PAGE_LIMIT_BYTES))
            return httpx.Response(200, headers={"content-encoding": "gzip"}, stream=_Sent(packed))
        self.between()
        kind = _KIND_OF_PATH[request.url.path.rpartition("/")[2]]
        number = int(request.url.params.get("page", 1))
        if trouble == "same_page":
            number = max(1, number - 1)
        since = _since(request)
        nothing = since is not None and not self.books[tenant].listed(kind, self.now(), since)
        if nothing and self.unchanged != "list":
            return self._not_modified(kind)
        body = self._body(self.books[tenant], kind, number, since, trouble)
        if trouble in ("broken_off", "drip", "endless"):
            return httpx.Response(200, stream=_Sent(body, trouble))
        if trouble == "charset":
            body = body.replace(b'"Name": "v', b'"Name": "\xff\xfev').replace(b'"Status"', b'"\xe9"')
        return httpx.Response(200, content=body[: len(body) // 2] if trouble == "cut_short" else body)

    def _not_modified(self, kind: Kind) -> httpx.Response:
        self.told(f"  {kind} not modified")
        dated = {"Date": format_datetime(self.now(), usegmt=True)} if self.unchanged == "dated" else {}
        return httpx.Response(304, headers=dated)

    def _body(self, books: Books, kind: Kind, number: int, since: datetime | None, trouble: Trouble) -> bytes:
        now = self.now()
        rows = books.listed(kind, now, since)
        envelope: dict[str, Any] = {"Id": "x", "Status": "OK", "DateTimeUTC": net_date(now)}
        if kind in _PAGED:
            pages = -(-len(rows) // self.page_size)
            envelope["pagination"] = {
                "page": number,
                "pageSize": self.page_size,
                "pageCount": pages,
                "itemCount": len(rows),
            }
            rows = rows[(number - 1) * self.page_size : number * self.page_size]
        if trouble == "reordered":
            rows = self.weather.chance.sample(rows, len(rows))
        self.told(f"  {kind} page {number}: {' '.join(row.id[:8] for row in rows)}")
        sent = [row.sent(now) for row in rows]
        if trouble == "retyped":
            sent = [{**row, ID_OF[kind]: {"value": row[ID_OF[kind]]}} for row in sent]
        if trouble == "new_field":
            sent = [{**row, "Mood": {"level": 3}} for row in sent]
        return json.dumps({**envelope, kind: sent}).encode()


def _refusal(trouble: Trouble, now: datetime) -> httpx.Response:
    minute = {"X-Rate-Limit-Problem": "minute"}
    match trouble:
        case "http_500":
            return httpx.Response(500, content=b"oops")
        case "http_502":
            return httpx.Response(502, content=b"<html>bad gateway</html>")
        case "limited":
            return httpx.Response(429, headers={"Retry-After": "7", **minute})
        case "limited_until":
            until = {"Retry-After": format_datetime(now + timedelta(seconds=9), usegmt=True)}
            return httpx.Response(429, headers={"Date": format_datetime(now, usegmt=True), **until, **minute})
        case "limited_silently":
            return httpx.Response(429)
        case "forbidden":
            return httpx.Response(403, json={"Detail": "not for this plan"})
        case "no_connection":
            raise httpx.ConnectError("connection refused")
        case "reset":
            raise httpx.ReadError("connection reset by peer")
        case _:
            return httpx.Response(503, content=b"maintenance")


def _token_answer(pair: Pair | None) -> httpx.Response:
    if pair is None:
        return httpx.Response(400, json={"error": "invalid_grant"})
    return httpx.Response(
        200,
        json={
            "access_token": pair.access,
            "refresh_token": pair.refresh,
            "expires_in": pair.expires_in,
            "token_type": "Bearer",
            "scope": "offline_access",
        },
    )


def _since(request: httpx.Request) -> datetime | None:
    told = request.headers.get("if-modified-since")
    return None if told is None else datetime.fromisoformat(told).replace(tzinfo=UTC)


def page_size_of(chance: random.Random) -> int:
    """Small, so that a few rows are many pages."""
    return chance.choice((2, 3, 5, 8))
