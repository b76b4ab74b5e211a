"""How many calls may still be made: one budget for each tenant, and one for the app over all its tenants.

Syncs, interactive calls and checks of links share them. Our own count comes first, so that a limit is
hardly ever hit; what the provider's answers say lowers it where they know of calls that we do not. Counts
go by trio's clock; only what is kept over a restart goes by the wall clock.
Source: providers §3.1; peers §3 nos. 5-8.
"""

from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from typing import Final, Literal

import trio
from attrs import Factory, define, field, frozen

from tallystick.connectors.allotment import LONGEST_WAIT_S, Allotment, AllotmentState, Marks
from tallystick.connectors.contract import Limits, Pace
from tallystick.connectors.line import Priority
from tallystick.telemetry import Telemetry

__all__ = [
    "LONGEST_WAIT_S",
    "Budget",
    "BudgetClosed",
    "BudgetState",
    "BudgetWaited",
    "Budgets",
    "Priority",
    "Spent",
]


@frozen(kw_only=True)
class BudgetWaited:
    """A call waited for its tenant's budget, or its app's."""

    platform: str
    seconds: float


@frozen(kw_only=True)
class BudgetClosed:
    """A provider has told us to make no calls for a while."""

    platform: str
    tenant_id: str | None  #: None: the whole app
    scope: str  #: minute, day, appminute or unknown
    seconds: float


@frozen(kw_only=True)
class BudgetState:
    """What is kept of one budget over a restart."""

    platform: str
    app: str
    tenant_id: str | None  #: None: of the app itself
    as_of: datetime  #: aware UTC
    kept: AllotmentState


@define(eq=False)
class Spent:
    """One call while it is held."""

    budget: "Budget"
    _own: Marks
    _app: Marks
    _state: Literal["sent", "answered", "withdrawn"] = "sent"
    _held: bool = True

    def answered(self) -> None:
        """The answer has begun to come: from now its place in the minute runs out. Safe to repeat."""
        if self._state == "sent":
            self._state = "answered"
            self.budget.tenant.answered()
            self.budget.app.answered()

    def withdraw(self) -> None:
        """The call was not sent after all, and costs nothing."""
        if self._state == "sent":
            self._state = "withdrawn"
            self.budget.tenant.withdrawn()
            self.budget.app.withdrawn()

    def hear(self, pace: Pace) -> None:
        """Take what this call's answer says of the limits."""
        others = self.budget.in_flight - self._held
        self.budget.take_word(pace, others, self._own, self._app)

    def end(self) -> None:
        """The call is over. One that has had no answer may still have been counted."""
        self.answered()
        self._held = False
        self.budget.app.leave()
        self.budget.tenant.leave()


@define(eq=False)
class Budget:
    """The calls of one tenant. Everything that calls the provider for it shares this one."""

    platform: str
    limits: Limits
    telemetry: Telemetry
    tenant_id: str = ""
    app: Allotment = field(
        default=Factory(lambda self: app_allotment(self.platform, self.limits), takes_self=True), repr=False
    )
    tenant: Allotment = field(
        default=Factory(lambda self: tenant_allotment(self.platform, self.limits), takes_self=True),
        repr=False,
    )

    @asynccontextmanager
    async def call(self, priority: Priority = "sync") -> AsyncGenerator[Spent, None]:
        """Hold one call for as long as it is in flight, after waiting for one to be free.

        Who waits with a higher priority goes first, but one turn in four is that of the longest wait.
        Raises: `RateLimited` when the wait would be longer than `LONGEST_WAIT_S`.
        """
        spent = await self._take(priority)
        try:
            yield spent
        finally:
            spent.end()

    def hear(self, pace: Pace) -> None:
        """Take the provider's word on what is left, told with no call of ours in particular."""
        self.take_word(pace, self.in_flight, None, None)

    def take_word(self, pace: Pace, others: int, own: Marks | None, app: Marks | None) -> None:
        """Take the provider's word, told to the call of these marks while so many others were out."""
        if pace.retry_after_s is not None:
            self._refused(pace.retry_after_s, pace.scope or "unknown", others)
        self.tenant.learn(pace.left_this_minute, pace.left_today, own)
        self.app.learn(pace.app_left_this_minute, None, app)

    @property
    def in_flight(self) -> int:
        """Calls that are out now."""
        return self.tenant.in_flight

    async def _take(self, priority: Priority) -> Spent:
        began = trio.current_time()
        own = await self.tenant.take(priority)
        try:
            app = await self.app.take(priority)
        except BaseException:
            self.tenant.withdrawn()
            self.tenant.leave()
            raise
        if trio.current_time() > began:
            self.telemetry.emit(BudgetWaited(platform=self.platform, seconds=trio.current_time() - began))
        return Spent(self, own, app)

    def _refused(self, seconds: float, scope: str, others: int) -> None:
        if scope == "concurrent":
            self.tenant.bear_fewer(others)
            return
        whole_app = scope == "appminute"
        closed = (self.app if whole_app else self.tenant).close(seconds, scope)
        if closed:
            self.telemetry.emit(
                BudgetClosed(
                    platform=self.platform,
                    tenant_id=None if whole_app else self.tenant_id,
                    scope=scope,
                    seconds=seconds,
                )
            )


def tenant_allotment(
    platform: str, limits: Limits, changed: Callable[[bool], None] = lambda _at_once: None
) -> Allotment:
    """What one tenant may call."""
    return Allotment(
        platform=platform,
        minute_limit=limits.calls_a_minute,
        day_limit=limits.calls_a_day,
        in_flight_limit=limits.calls_in_flight,
        changed=changed,
    )


def app_allotment(
    platform: str, limits: Limits, changed: Callable[[bool], None] = lambda _at_once: None
) -> Allotment:
    """What a whole app may call."""
    return Allotment(
        platform=platform,
        minute_limit=limits.app_calls_a_minute,
        minute_scope="appminute",
        changed=changed,
    )


#: Platform, app, tenant; no tenant for the app itself.
_Key = tuple[str, str, str | None]
_PLENTY: Final = 0.9


@define(eq=False)
class Budgets:
    """Every budget of the process, by provider app and tenant."""

    telemetry: Telemetry
    clock: Callable[[], datetime]  #: the wall clock
    _budgets: dict[_Key, Budget] = field(factory=dict, repr=False)
    _allotments: dict[_Key, Allotment] = field(factory=dict, repr=False)
    _restored: dict[_Key, BudgetState] = field(factory=dict, repr=False)
    _dirty: set[_Key] = field(factory=set, repr=False)
    _watched: set[_Key] = field(factory=set, repr=False)  #: whose share left may be small
    _plenty: set[tuple[str, ...]] = field(factory=set, repr=False)  #: platforms that were told of
    _stirred: trio.Event = field(factory=trio.Event, repr=False)
    _pressing: trio.Event = field(factory=trio.Event, repr=False)

    def __attrs_post_init__(self) -> None:
        self.telemetry.observe("provider.rate_limit_remaining", self.remaining)

    def tenant(self, platform: str, tenant_id: str, limits: Limits, *, app: str = "") -> Budget:
        """The budget of a tenant, always the same one; its first caller's limits count.

        `app`: our registration at the provider, where there is more than one.
        """
        key = (platform, app, tenant_id)
        if key not in self._budgets:
            self._budgets[key] = Budget(
                platform,
                limits,
                self.telemetry,
                tenant_id,
                self._allotment((platform, app, None), partial(app_allotment, platform, limits)),
                self._allotment(key, partial(tenant_allotment, platform, limits)),
            )
        return self._budgets[key]

    def snapshot(self) -> list[BudgetState]:
        """Every budget, as of now."""
        untouched = [state for key, state in self._restored.items() if key not in self._allotments]
        return [*untouched, *(self._state(key) for key in self._allotments)]

    def restore(self, states: Iterable[BudgetState]) -> None:
        """Take up what was kept, before the first call.

        A wall clock that went back meanwhile counts as one that stood still, so no closing grows; one
        that leapt ahead opens too early, and the provider's next answer says so.
        """
        for state in states:
            self._restored[(state.platform, state.app, state.tenant_id)] = state

    @property
    def dirty(self) -> bool:
        """Whether anything has changed since `take_changes`."""
        return bool(self._dirty)

    def take_changes(self) -> list[BudgetState]:
        """What has changed since this was last called, as of now."""
        changed, self._dirty = self._dirty, set()
        self._stirred, self._pressing = trio.Event(), trio.Event()
        return [self._state(key) for key in sorted(changed, key=str)]

    def give_back(self, states: Iterable[BudgetState]) -> None:
        """These changes could not be kept: they are to be taken again."""
        for state in states:
            self._changed((state.platform, state.app, state.tenant_id), False)

    async def stirred(self) -> None:
        """Return when there are changes to take."""
        await self._stirred.wait()

    async def pressing(self) -> None:
        """Return when there are changes that must not be lost: a closing that lasts long."""
        await self._pressing.wait()

    def remaining(self) -> dict[tuple[str, ...], float]:
        """The smallest share of a limit that any tenant or app has left now, by platform.

        Cost: looks at those that called since it was last asked, and those that had little left then;
        whoever has nine tenths left and makes no call only gains, and counts as having all.
        """
        found: dict[tuple[str, ...], float] = {(platform,): 1.0 for platform, _, _ in self._watched}
        for key in tuple(self._watched):
            left = self._allotments[key].left_ratio
            found[key[:1]] = min(found[key[:1]], left)
            if left >= _PLENTY:
                self._watched.discard(key)
                self._plenty.add(key[:1])
        return dict.fromkeys(self._plenty, 1.0) | found

    def _allotment(self, key: _Key, make: Callable[[Callable[[bool], None]], Allotment]) -> Allotment:
        if key not in self._allotments:
            allotment = self._allotments[key] = make(partial(self._changed, key))
            state = self._restored.pop(key, None)
            if state is not None:
                allotment.resume(state.kept, (self.clock() - state.as_of).total_seconds())
        return self._allotments[key]

    def _changed(self, key: _Key, at_once: bool) -> None:
        self._dirty.add(key)
        self._watched.add(key)
        self._stirred.set()
        if at_once:
            self._pressing.set()

    def _state(self, key: _Key) -> BudgetState:
        platform, app, tenant_id = key
        return BudgetState(
            platform=platform,
            app=app,
            tenant_id=tenant_id,
            as_of=self.clock(),
            kept=self._allotments[key].state(),
        )
