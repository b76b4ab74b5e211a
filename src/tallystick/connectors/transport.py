"""Calls a provider: spends a call of the tenant's budget and a fresh token, reads within bounds."""

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Literal

import httpx
import trio
from attrs import define, frozen

from tallystick.connectors.budget import LONGEST_WAIT_S, Budget
from tallystick.connectors.contract import Connector, Pace, TokenExpired
from tallystick.errors import PageUnreadable, ProviderUnavailable, RateLimited, RequestRefused
from tallystick.telemetry import Telemetry

Outcome = Literal["ok", "rate_limited", "client_error", "server_error", "timeout", "network", "invalid_body"]

_TRIES: Final = 4
_KEPT_OF_TOO_MUCH: Final = 65_536  #: bytes
_FIRST_PAUSE_S: Final = 0.5  #: doubles with each try


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


@define(eq=False)
class TenantCalls:
    """`contract.Calls` for one tenant."""

    connector: Connector
    tenant_id: str
    http: httpx.AsyncClient
    budget: Budget
    token: Callable[[str | None], Awaitable[str]]
    """The grant's access token; called with a token that was refused, it gives another one."""
    telemetry: Telemetry
    deadline_s: float
    limit_bytes: int

    async def get(
        self,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """See `contract.Calls.get`. A passing fault is tried again, four times in all."""
        pause = _FIRST_PAUSE_S
        for last in (False,) * (_TRIES - 1) + (True,):
            try:
                return await self._with_token(path, params or {}, headers or {})
            except ProviderUnavailable:
                if last:
                    raise
                self.telemetry.emit(CallRetried(platform=self.connector.manifest.slug, reason="unavailable"))
                await trio.sleep(pause)
                pause *= 2
            except RateLimited as refusal:
                if last or refusal.retry_after > LONGEST_WAIT_S:
                    raise
                # The next try waits in the budget, together with everybody else of this tenant.
                self.budget.hear(Pace(retry_after_s=refusal.retry_after, scope=refusal.scope))
                self.telemetry.emit(CallRetried(platform=self.connector.manifest.slug, reason="rate_limited"))
        raise AssertionError("the last try returns or raises")

    async def _with_token(
        self, path: str, params: Mapping[str, str], headers: Mapping[str, str]
    ) -> httpx.Response:
        access = await self.token(None)
        try:
            return await self._call(path, params, headers, access)
        except TokenExpired:
            access = await self.token(access)
        try:
            return await self._call(path, params, headers, access)
        except TokenExpired as error:
            # A fresh token is refused too. Refreshing again would loop, and the consent may still be good:
            # only the token endpoint can say that it is gone.
            raise RequestRefused(
                platform=self.connector.manifest.slug, resource=path.strip("/"), status=401
            ) from error

    async def _call(
        self, path: str, params: Mapping[str, str], headers: Mapping[str, str], access: str
    ) -> httpx.Response:
        async with self.budget.call():
            response = await self._send(path, params, headers, access)
        self.budget.hear(self.connector.paces(response))
        if response.status_code in {200, 304}:
            return response
        raise self.connector.fault(response, path.strip("/"))

    async def _send(
        self, path: str, params: Mapping[str, str], headers: Mapping[str, str], access: str
    ) -> httpx.Response:
        platform = self.connector.manifest.slug
        own = self.connector.headers(access, self.tenant_id)
        started = time.perf_counter()
        outcome: Outcome = "network"
        body = bytearray()
        status = 0
        try:
            with trio.fail_after(self.deadline_s):
                request = self.http.build_request(
                    "GET",
                    f"{self.connector.api_url}/{path.lstrip('/')}",
                    params=dict(params),
                    headers={**headers, **own},
                )
                response = await self.http.send(request, stream=True)
                status = response.status_code
                try:
                    await self._read(response, body, path)
                finally:
                    with trio.CancelScope(shield=True):
                        await response.aclose()
            outcome = _outcome_of(status)
        except trio.TooSlowError as error:
            outcome = "timeout"
            raise ProviderUnavailable(
                platform=platform, reason=f"no whole answer within {self.deadline_s:g} s"
            ) from error
        except (httpx.RemoteProtocolError, httpx.DecodingError) as error:
            outcome = "invalid_body"
            if status == 200 and body:
                raise PageUnreadable(
                    platform=platform,
                    resource=path.strip("/"),
                    reason="the answer was cut short",
                    raw=bytes(body),
                ) from error
            raise ProviderUnavailable(platform=platform, reason="the answer broke off") from error
        except httpx.TimeoutException as error:
            outcome = "timeout"
            raise ProviderUnavailable(platform=platform, reason="the connection timed out") from error
        except httpx.TransportError as error:
            raise ProviderUnavailable(
                platform=platform, reason=f"the network failed ({type(error).__name__})"
            ) from error
        finally:
            self.telemetry.emit(
                ProviderCalled(platform=platform, outcome=outcome, seconds=time.perf_counter() - started)
            )
        return httpx.Response(
            status,
            headers=[(k, v) for k, v in response.headers.raw if k.lower() != b"content-encoding"],
            content=bytes(body),
            request=request,
        )

    async def _read(self, response: httpx.Response, body: bytearray, path: str) -> None:
        """Read the whole answer. Raises: `PageUnreadable` past the limit; what reading raises."""
        too_large = False
        try:
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > self.limit_bytes and not too_large:
                    # httpx reads through several generators that only an error from the wire ends in order:
                    # the connection is closed under them instead of leaving the loop.
                    too_large = True
                    await response.aclose()
        except (httpx.TransportError, httpx.StreamError):
            if not too_large:
                raise
        if too_large:
            raise PageUnreadable(
                platform=self.connector.manifest.slug,
                resource=path.strip("/"),
                reason=f"the answer is larger than {self.limit_bytes} bytes",
                raw=bytes(body[:_KEPT_OF_TOO_MUCH]),
            )


def _outcome_of(status: int) -> Outcome:
    if status == 429:
        return "rate_limited"
    if status >= 500:
        return "server_error"
    return "client_error" if status >= 400 else "ok"
