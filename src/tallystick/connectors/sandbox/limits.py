"""How many calls a tenant and an app may make: sliding windows, and calls in flight."""

from collections import deque
from datetime import datetime, timedelta
from typing import Literal

from attrs import define, field, frozen

from tallystick.connectors.sandbox.clock import Clock
from tallystick.connectors.sandbox.settings import Limits

Scope = Literal["minute", "day", "concurrent", "appminute"]


@frozen(kw_only=True)
class Allowance:
    """What a provider allows; None where there is no such limit."""

    minute: int | None = None  #: calls of one tenant
    day: int | None = None
    in_flight: int | None = None
    app_minute: int | None = None  #: calls of all tenants


def allowance(limits: Limits, real: Allowance) -> Allowance:
    """What is allowed with these settings; `real` is what the provider itself allows."""
    if limits == "real":
        return real
    return Allowance() if limits == "off" else Allowance(minute=limits)


@frozen
class Refusal:
    """A call too many."""

    scope: Scope
    retry_after_s: int


@define
class _Window:
    limit: int | None
    length: timedelta
    calls: deque[datetime] = field(factory=deque)

    def left(self, now: datetime) -> int | None:
        while self.calls and now - self.calls[0] >= self.length:
            self.calls.popleft()
        return None if self.limit is None else max(0, self.limit - len(self.calls))

    def wait_s(self, now: datetime) -> int:
        if not self.calls:
            return 1
        return max(1, -int(-(self.calls[0] + self.length - now).total_seconds() // 1))

    def add(self, now: datetime) -> None:
        if self.limit is not None:
            self.calls.append(now)


_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)


@define(eq=False)
class Meter:
    """Counts one provider's calls. A refused call is not counted."""

    allowance: Allowance
    clock: Clock
    _minutes: dict[str, _Window] = field(factory=dict, init=False)
    _days: dict[str, _Window] = field(factory=dict, init=False)
    _app: _Window = field(init=False)
    _in_flight: dict[str, int] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        self._app = _Window(self.allowance.app_minute, _MINUTE)

    def enter(self, tenant: str) -> Refusal | None:
        """Let a call in, or say which limit it breaks. Every call that is let in has to `leave`."""
        now = self.clock.now()
        most = self.allowance.in_flight
        if most is not None and self._in_flight.get(tenant, 0) >= most:
            return Refusal("concurrent", 1)
        windows: tuple[tuple[Scope, _Window], ...] = (
            ("minute", self._minute(tenant)),
            ("day", self._day(tenant)),
            ("appminute", self._app),
        )
        for scope, window in windows:
            if window.left(now) == 0:
                return Refusal(scope, window.wait_s(now))
        for _, window in windows:
            window.add(now)
        self._in_flight[tenant] = self._in_flight.get(tenant, 0) + 1
        return None

    def leave(self, tenant: str) -> None:
        """A call that was let in has been answered."""
        self._in_flight[tenant] -= 1

    def left(self, tenant: str) -> dict[Scope, int]:
        """How many calls are left now, for the limits that there are."""
        now = self.clock.now()
        found: dict[Scope, int | None] = {
            "minute": self._minute(tenant).left(now),
            "day": self._day(tenant).left(now),
            "appminute": self._app.left(now),
        }
        return {scope: calls for scope, calls in found.items() if calls is not None}

    def _minute(self, tenant: str) -> _Window:
        return self._minutes.setdefault(tenant, _Window(self.allowance.minute, _MINUTE))

    def _day(self, tenant: str) -> _Window:
        return self._days.setdefault(tenant, _Window(self.allowance.day, _DAY))
