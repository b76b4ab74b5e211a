"""How many calls a tenant may still make: a sliding minute, a day, and calls in flight.

Our own count comes first, so that a limit is hardly ever hit; what the provider's headers say corrects it.
"""

import math
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

import trio
from attrs import define, field, frozen

from tallystick.connectors.contract import Limits, Pace
from tallystick.errors import RateLimited
from tallystick.telemetry import Telemetry

_MINUTE: Final = 60.0
_DAY: Final = 86_400.0
#: A wait longer than this is told as `RateLimited`, so that the sync can end and be due again later.
LONGEST_WAIT_S: Final = 120.0


@frozen(kw_only=True)
class BudgetWaited:
    """A call waited for its tenant's budget."""

    platform: str
    seconds: float


@define(eq=False)
class Budget:
    """The calls of one tenant. Everything that calls the provider for it shares this one."""

    platform: str
    limits: Limits
    telemetry: Telemetry
    _minute: deque[float] = field(factory=deque, repr=False)
    _day: deque[float] = field(factory=deque, repr=False)
    _closed_until: float = -math.inf
    _closed_by: str = "minute"
    _in_flight: trio.CapacityLimiter = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._in_flight = trio.CapacityLimiter(self.limits.calls_in_flight)

    @asynccontextmanager
    async def call(self) -> AsyncGenerator[None, None]:
        """Hold one call for as long as it is in flight, after waiting for one to be free.

        Raises: `RateLimited` when the wait would be longer than `LONGEST_WAIT_S`.
        """
        async with self._in_flight:
            await self._wait()
            now = trio.current_time()
            self._minute.append(now)
            self._day.append(now)
            yield

    def hear(self, pace: Pace) -> None:
        """Take the provider's word on what is left."""
        now = trio.current_time()
        if pace.retry_after_s is not None:
            self._close(now + pace.retry_after_s, pace.scope or "unknown")
        elif pace.left_this_minute == 0:
            self._close(self._minute[0] + _MINUTE if self._minute else now + 1.0, "minute")

    @property
    def in_flight(self) -> int:
        """Calls that are out now."""
        return int(self._in_flight.borrowed_tokens)

    def _close(self, until: float, scope: str) -> None:
        if until > self._closed_until:
            self._closed_until, self._closed_by = until, scope

    async def _wait(self) -> None:
        began = trio.current_time()
        while (opens := self._opens_at()) > (now := trio.current_time()):
            if opens - now > LONGEST_WAIT_S:
                raise RateLimited(platform=self.platform, scope=self._closed_by, retry_after=opens - now)
            await trio.sleep_until(opens)
        if now > began:
            self.telemetry.emit(BudgetWaited(platform=self.platform, seconds=now - began))

    def _opens_at(self) -> float:
        now = trio.current_time()
        opens = self._closed_until
        for times, span, limit, scope in (
            (self._minute, _MINUTE, self.limits.calls_a_minute, "minute"),
            (self._day, _DAY, self.limits.calls_a_day, "day"),
        ):
            while times and times[0] <= now - span:
                times.popleft()
            if limit is None:
                times.clear()
            elif len(times) >= limit and times[0] + span > opens:
                opens, self._closed_by = times[0] + span, scope
        return opens
