"""Whether the process has more to do than it can: measures it, and says when new work must wait.

Watched are the loop's lag, the resident memory and the file descriptors that are left. Past a limit, for
as long as it takes to be no hiccup, the engine sheds: syncs wait, and the API turns requests away. What is
under way goes on.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final, Literal

import trio
from attrs import define, field, frozen

from tallystick.config import EngineSettings
from tallystick.engine.usage import Usage, measured, trim
from tallystick.telemetry import Telemetry

Cause = Literal["lag", "memory", "files"]

_EVERY_S: Final = 0.25  #: between two looks at the loop
_USAGE_EVERY_S: Final = 1.0  #: between two looks at memory and files
#: How long a limit must be passed without a break. Files are gone at once, so nothing is waited for there.
_HOLDS_S: Final[dict[Cause, float]] = {"lag": 3.0, "memory": 2.0, "files": 0.0}
_CALM_S: Final = 5.0  #: without any limit passed, before it is over
#: Memory may be held by what is no work at all, such as very many connections: then waiting is in vain, and
#: for ever would be an outage. Work is let in for a while, and looked at again.
_LONGEST_S: Final = 60.0
_REST_S: Final = 30.0


@frozen(kw_only=True)
class LoopLagMeasured:
    """How late the loop came to a task that was due. Four times a second."""

    seconds: float


@frozen(kw_only=True)
class SheddingBegan:
    """New work waits or is turned away from now on."""

    cause: Cause
    reason: str  #: with figures, and the setting that has to do with it


@frozen(kw_only=True)
class SheddingEnded:
    """New work is taken again."""

    seconds: float
    in_vain: bool  #: the limit is still passed: shedding does not help, somebody has to look


@define(eq=False)
class Load:
    """Measures, and says whether to shed. A `Service`; stopped or crashed, it sheds nothing."""

    settings: EngineSettings
    telemetry: Telemetry
    usage: Callable[[], Usage] = measured
    relieve: Callable[[], object] = trim  #: called when memory is what is short
    shedding: str | None = field(default=None, init=False)  #: why new work waits now
    answering: int = field(default=0, init=False)  #: requests in hand
    _passed: dict[Cause, float] = field(factory=dict, init=False)  #: since when, by trio's clock
    _seen: Usage = field(factory=Usage, init=False, repr=False)
    _seen_at: float = field(default=float("-inf"), init=False)
    _began: float = field(default=0.0, init=False)
    _calm_since: float | None = field(default=None, init=False)
    _rests_until: float = field(default=float("-inf"), init=False)
    _waiting: trio.lowlevel.ParkingLot = field(factory=trio.lowlevel.ParkingLot, init=False, repr=False)

    @contextmanager
    def request(self) -> Generator[None, None, None]:
        """A request is being answered: meanwhile long work takes shorter turns at the loop."""
        self.answering += 1
        try:
            yield
        finally:
            self.answering -= 1

    def hurried(self) -> bool:
        """Whether somebody waits for an answer."""
        return self.answering > 0

    async def calm(self) -> None:
        """Return when there is no shedding: at once in quiet times, and then without yielding."""
        await trio.lowlevel.checkpoint_if_cancelled()
        while self.shedding is not None:
            await self._waiting.park()

    async def run(self) -> None:
        """Measure until cancelled."""
        try:
            while True:
                due = trio.current_time() + _EVERY_S
                await trio.sleep_until(due)
                now = trio.current_time()
                self.telemetry.emit(LoopLagMeasured(seconds=now - due))
                self._note("lag", now - due > self.settings.shed_lag, due)
                if now - self._seen_at >= _USAGE_EVERY_S:
                    self._look(now)
                self._judge(now, now - due)
        finally:
            if self.shedding is not None:
                self._end(trio.current_time(), in_vain=False)

    def _look(self, now: float) -> None:
        self._seen, self._seen_at = self.usage(), now
        self._note("memory", self._seen.rss_mb > self.settings.shed_rss_mb, now)
        self._note("files", self._seen.free_files < self._seen.spare_files, now)
        if self.shedding is not None and "memory" in self._passed:
            self.relieve()

    def _note(self, cause: Cause, passed: bool, now: float) -> None:
        if passed:
            self._passed.setdefault(cause, now)
        else:
            self._passed.pop(cause, None)

    def _judge(self, now: float, lag: float) -> None:
        if self.shedding is None:
            for cause, since in self._passed.items():
                if now - since >= _HOLDS_S[cause] and now >= self._rests_until:
                    self._begin(cause, now, lag)
                    return
        elif now - self._began >= _LONGEST_S:
            self._rests_until = now + _REST_S
            self._end(now, in_vain=True)
        elif self._passed:
            self._calm_since = None
        elif self._calm_since is None:
            self._calm_since = now
        elif now - self._calm_since >= _CALM_S:
            self._end(now, in_vain=False)

    def _begin(self, cause: Cause, now: float, lag: float) -> None:
        self._began, self._calm_since = now, None
        self.shedding = self._words(cause, lag)
        self.telemetry.emit(SheddingBegan(cause=cause, reason=self.shedding))
        if cause == "memory":
            self.relieve()

    def _end(self, now: float, *, in_vain: bool) -> None:
        self.shedding = None
        self._waiting.unpark_all()
        self.telemetry.emit(SheddingEnded(seconds=now - self._began, in_vain=in_vain))

    def _words(self, cause: Cause, lag: float) -> str:
        seen, settings = self._seen, self.settings
        match cause:
            case "lag":
                return f"the event loop is {lag:.2f} s late (engine.shed_lag: {settings.shed_lag:g} s)"
            case "memory":
                return f"{seen.rss_mb:.0f} MB of memory are held (engine.shed_rss_mb: {settings.shed_rss_mb})"
            case "files":
                return f"{seen.free_files} file descriptors are left of {seen.most_files} (`ulimit -n`)"
