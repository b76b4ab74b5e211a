"""Calls a provider: a call of the budget, the circuit, a fresh token, then the answer within bounds."""

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from io import BytesIO
from typing import Final, Literal
from urllib.parse import quote

import httpx
import trio
from attrs import define, evolve, field, frozen

from tallystick.connectors.answer_body import ACCEPTED, read_body
from tallystick.connectors.budget import LONGEST_WAIT_S, Budget, Priority, Spent
from tallystick.connectors.circuit import Circuit
from tallystick.connectors.contract import Connector, TokenExpired
from tallystick.connectors.large_answers import LargeAnswers
from tallystick.errors import (
    LargeAnswerWaited,
    PageUnreadable,
    ProviderDown,
    ProviderUnavailable,
    RateLimited,
    RequestRefused,
)
from tallystick.telemetry import Telemetry

Outcome = Literal["ok", "rate_limited", "client_error", "server_error", "timeout", "network", "invalid_body"]

_TRIES: Final = 4
_KEPT_OF_A_USELESS_ANSWER: Final = 65_536  #: bytes
_FIRST_PAUSE_S: Final = 0.5  #: doubles with each try
_LARGE_PATIENCE: Final = 5  #: deadlines of a call for which a large answer waits for others like it


@frozen(kw_only=True)
class ProviderCalled:
    """One HTTP call to a provider has ended."""

    platform: str
    outcome: Outcome
    seconds: float


@frozen(kw_only=True)
class CallRetried:
    """A call that failed for a passing reason is made again."""

    platform: str
    reason: Literal["rate_limited", "unavailable"]


@frozen
class _Expired:
    """The token with which a call was made is no longer taken."""

    access: str = field(repr=False)


@define(eq=False, kw_only=True)
class TenantCalls:
    """`contract.Calls` for one tenant.

    `owner` takes the process's place for a large answer when it needs it, and keeps it after a good
    answer: whoever uses this releases it (`LargeAnswers.release`) when the page is stored or given up.
    An owner is one page: two of one list would share the place, and not wait for each other.
    """

    connector: Connector
    tenant_id: str
    http: httpx.AsyncClient
    budget: Budget
    circuit: Circuit
    token: Callable[[str | None], Awaitable[str]]
    """The grant's access token; called with a token that was refused, it gives another one."""
    telemetry: Telemetry
    deadline_s: float  #: for one call; waits for the budget, a token and the large place do not count
    limit_bytes: int  #: of an answer, unpacked
    large: LargeAnswers
    owner: object
    priority: Priority = "sync"
    patience: Callable[[], AbstractContextManager[None]] = nullcontext
    """Entered for every wait but that for the answer: each has a bound of its own, and none is its fault.

    So between two of its ends lies one call at most, however often a call is tried.
    """

    async def get(
        self,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """See `contract.Calls.get`. A passing fault is tried again, four times in all.

        Not so `ProviderDown`, `LargeAnswerWaited` and a long `RateLimited`: they are told at once.
        """
        pause = _FIRST_PAUSE_S
        for last in (False,) * (_TRIES - 1) + (True,):
            try:
                return await self._with_token(path, params or {}, headers or {})
            except ProviderUnavailable:
                if last:
                    raise
                self._retried("unavailable")
                with self.patience():
                    await trio.sleep(pause)
                pause *= 2
            except RateLimited as refusal:
                if last or refusal.retry_after > LONGEST_WAIT_S:
                    raise
                self._retried("rate_limited")
                # Other limits are waited for in the budget, together with everybody else of this tenant.
                if refusal.scope == "concurrent":
                    with self.patience():
                        await trio.sleep(refusal.retry_after)
        raise AssertionError("the last try returns or raises")

    def _retried(self, reason: Literal["rate_limited", "unavailable"]) -> None:
        self.telemetry.emit(CallRetried(platform=self.connector.manifest.slug, reason=reason))

    async def _with_token(
        self, path: str, params: Mapping[str, str], headers: Mapping[str, str]
    ) -> httpx.Response:
        refused: str | None = None
        for _ in range(2):
            answer = await self._call(path, params, headers, refused)
            if isinstance(answer, httpx.Response):
                return answer
            refused = answer.access
        # A fresh token is refused too. Refreshing again would loop, and the consent may still be good: only
        # the token endpoint can say that it is gone.
        raise RequestRefused(platform=self.connector.manifest.slug, resource=path.strip("/"), status=401)

    async def _call(
        self, path: str, params: Mapping[str, str], headers: Mapping[str, str], refused: str | None
    ) -> httpx.Response | _Expired:
        """One call, counted by the budget and judged by the circuit."""
        self.circuit.check()
        async with self._budgeted() as spent:
            try:
                admission = self.circuit.admit(self.tenant_id)
            except ProviderDown:
                spent.withdraw()
                raise
            failed: bool | None = None
            try:
                access = await self._token(refused, spent)
                try:
                    response = await self._send(path, params, headers, access, spent)
                except ProviderUnavailable:
                    failed = True
                    raise
                except PageUnreadable:
                    failed = False
                    raise
                error = self._heard(response, path, spent)
                # What the provider refuses (4xx, 429) shows that it is there.
                failed = isinstance(error, ProviderUnavailable) and response.status_code >= 500
            finally:
                self.circuit.note(admission, failed=failed)
        if error is None:
            return response
        if isinstance(error, TokenExpired):
            return _Expired(access)
        raise error

    @asynccontextmanager
    async def _budgeted(self) -> AsyncGenerator[Spent, None]:
        async with AsyncExitStack() as held:
            with self.patience():
                spent = await held.enter_async_context(self.budget.call(self.priority))
            yield spent

    async def _token(self, refused: str | None, spent: Spent) -> str:
        given = False
        try:
            with self.patience():
                access = await self.token(refused)
            given = True
        finally:
            if not given:
                spent.withdraw()
        return access

    def _heard(self, response: httpx.Response, path: str, spent: Spent) -> Exception | None:
        """What the answer means if it is not what was asked for; its word on the limits is taken."""
        pace = self.connector.paces(response)
        error = None
        if response.status_code not in {200, 304}:
            error = self.connector.fault(response, path.strip("/"))
        if isinstance(error, RateLimited):
            pace = evolve(pace, retry_after_s=error.retry_after, scope=error.scope)
        spent.hear(pace)
        return error

    async def _send(
        self, path: str, params: Mapping[str, str], headers: Mapping[str, str], access: str, spent: Spent
    ) -> httpx.Response:
        platform = self.connector.manifest.slug
        started = time.perf_counter()
        outcome: Outcome = "network"
        body = BytesIO()
        status = 0
        try:
            with trio.fail_after(self.deadline_s) as deadline:
                request = self.http.build_request(
                    "GET",
                    f"{self._base()}/{path.lstrip('/')}",
                    params=dict(params),
                    headers={
                        "accept-encoding": ACCEPTED,
                        **headers,
                        **self.connector.headers(access, self.tenant_id),
                    },
                )
                response = await self.http.send(request, stream=True)
                spent.answered()
                status, outcome = response.status_code, "invalid_body"
                try:
                    await self._read(response, body, path, deadline)
                finally:
                    with trio.CancelScope(shield=True):
                        await response.aclose()
            outcome = _outcome_of(status)
        except trio.TooSlowError as error:
            outcome = "timeout"
            reason = f"no whole answer within {self.deadline_s:g} s"
            raise ProviderUnavailable(platform=platform, reason=reason) from error
        except httpx.TransportError as error:
            outcome, failure = self._broken(error, status, body, path)
            raise failure from error
        finally:
            self.telemetry.emit(
                ProviderCalled(platform=platform, outcome=outcome, seconds=time.perf_counter() - started)
            )
        return httpx.Response(
            status,
            headers=[(k, v) for k, v in response.headers.raw if k.lower() != b"content-encoding"],
            content=body.getvalue(),
            request=request,
        )

    def _broken(
        self, error: httpx.TransportError, status: int, body: BytesIO, path: str
    ) -> tuple[Outcome, Exception]:
        """What an error of the wire means: a page that was cut short, or a provider that is not there."""
        platform = self.connector.manifest.slug
        if isinstance(error, httpx.TimeoutException):
            return "timeout", ProviderUnavailable(platform=platform, reason="the connection timed out")
        if not isinstance(error, httpx.RemoteProtocolError):
            reason = f"the network failed ({type(error).__name__})"
            return "network", ProviderUnavailable(platform=platform, reason=reason)
        if status == 200 and body.tell():
            return "invalid_body", self._unreadable(path, "the answer was cut short", body)
        reason = "the answer broke off" if status else "the answer is no HTTP, or its headers are too large"
        return "invalid_body", ProviderUnavailable(platform=platform, reason=reason)

    async def _read(
        self, response: httpx.Response, body: BytesIO, path: str, deadline: trio.CancelScope
    ) -> None:
        """Read the answer.

        Raises: `PageUnreadable` for one that is no good; `LargeAnswerWaited`; httpx's errors of the wire.
        """
        good = response.status_code == 200
        platform, patience_s = self.connector.manifest.slug, _LARGE_PATIENCE * self.deadline_s
        taken = waited = stored = False

        async def make_room() -> bool:
            nonlocal taken, waited
            left = deadline.deadline - trio.current_time()
            deadline.deadline = float("inf")
            with self.patience(), trio.move_on_after(patience_s) as waiting:
                taken = await self.large.take(self.owner) or taken
            deadline.deadline = trio.current_time() + left
            waited = waiting.cancelled_caught
            return not waited

        try:
            fault = await read_body(
                response,
                body,
                limit_bytes=self.limit_bytes if good else _KEPT_OF_A_USELESS_ANSWER,
                above_bytes=self.large.above_bytes,
                make_room=make_room,
            )
            if waited:
                raise LargeAnswerWaited(platform=platform, seconds=patience_s)
            if good and fault is not None:
                raise self._unreadable(path, fault, body)
            stored = good
        finally:
            if taken and not stored:
                self.large.release(self.owner)

    def _base(self) -> str:
        return self.connector.api_url.replace("{tenant}", quote(self.tenant_id, safe=""))

    def _unreadable(self, path: str, reason: str, body: BytesIO) -> PageUnreadable:
        """What came is kept for the page's author; of what is far too much, only its head."""
        return PageUnreadable(
            platform=self.connector.manifest.slug,
            resource=path.strip("/"),
            reason=reason,
            raw=bytes(body.getbuffer()[:_KEPT_OF_A_USELESS_ANSWER]),
        )


def _outcome_of(status: int) -> Outcome:
    if status == 429:
        return "rate_limited"
    if status >= 500:
        return "server_error"
    return "client_error" if status >= 400 else "ok"
