"""What one tenant, or one app over all its tenants, may still call: by the minute, by the day, at once."""

import math
from collections.abc import Callable
from typing import Final

import trio
from attrs import define, field, frozen

from tallystick.connectors.line import Line, Priority
from tallystick.connectors.window import Mark, Window
from tallystick.errors import RateLimited

#: A wait longer than this is told as `RateLimited`, so that the sync can end and be due again later.
LONGEST_WAIT_S: Final = 120.0

_MINUTE_S: Final = 60.0
_DAY_S: Final = 86_400.0
_MINUTE_GRAIN_S: Final = 0.25
_DAY_GRAIN_S: Final = 900.0
#: How long fewer calls go out at once after the provider found them too many.
_FEWER_FOR_S: Final = 60.0
#: Longest that a provider may close us for. Its word can be wrong, and nobody waits for ever.
_LONGEST_CLOSING_S: Final = {"minute": 3600.0, "appminute": 3600.0}


def _nobody(_at_once: bool) -> None:
    """Nobody keeps it."""


@frozen
class Marks:
    """Where the windows stood when a call was sent."""

    minute: Mark
    day: Mark


@frozen(kw_only=True)
class AllotmentState:
    """What is kept of an allotment over a restart, as of one moment."""

    minute: tuple[tuple[float, int], ...] = ()  #: seconds before that moment, and calls; oldest first
    day: tuple[tuple[float, int], ...] = ()  #: likewise
    closed_for_s: float = 0.0  #: from that moment
    closed_by: str = "unknown"


@define(eq=False, kw_only=True)
class Allotment:
    """Calls are taken, answered and left; what the provider says of its limits is heard."""

    platform: str
    minute_limit: int | None = None
    day_limit: int | None = None
    in_flight_limit: int | None = None
    minute_scope: str = "minute"  #: as `RateLimited` calls its minute
    changed: Callable[[bool], None] = _nobody  #: told of what is worth keeping; True: at once
    in_flight: int = 0  #: calls that are out now
    _minute: Window = field(init=False)
    _day: Window = field(init=False)
    _line: Line = field(factory=Line, repr=False)
    _closed_until: float = -math.inf
    _closed_by: str = "unknown"
    _fewer: int = 0  #: calls at once that the provider bore, while `_fewer_until` has not come
    _fewer_until: float = -math.inf

    def __attrs_post_init__(self) -> None:
        self._minute = Window(self.minute_limit, _MINUTE_S, _MINUTE_GRAIN_S)
        self._day = Window(self.day_limit, _DAY_S, _DAY_GRAIN_S)

    async def take(self, priority: Priority) -> Marks:
        """Wait for a call to be free, and begin it: `answered` or `withdrawn`, then `leave`, must follow.

        Cancelled while it waits, it has taken nothing. Raises: `RateLimited` when the wait would be
        longer than `LONGEST_WAIT_S`.
        """
        await trio.lowlevel.checkpoint_if_cancelled()
        turn = self._line.join(priority)
        try:
            while True:
                opens, scope = self._opens_at()
                self._refuse_long(opens, scope)
                first = self._line.first() is turn
                if first and opens <= trio.current_time():
                    break
                with trio.move_on_at(opens if first else math.inf):
                    await turn.woken.wait()
                turn.woken = trio.Event()
        except BaseException:
            self._line.leave(turn)
            raise
        self.in_flight += 1
        marks = Marks(self._minute.begin(), self._day.begin())
        self._line.serve(turn)
        self.changed(False)
        return marks

    def answered(self) -> None:
        """The provider has counted the call by now."""
        self._minute.answer()
        self._day.answer()
        self._line.wake_first()
        self.changed(False)

    def withdrawn(self) -> None:
        """The call was not sent after all: it costs nothing."""
        self._minute.withdraw()
        self._day.withdraw()
        self.changed(False)

    def leave(self) -> None:
        """The call is over."""
        self.in_flight -= 1
        self._line.wake_first()

    def learn(self, minute: int | None, day: int | None, marks: Marks | None) -> None:
        """Take the provider's word on what is left, told with the answer to the call of these marks.

        It counts only where it is smaller than our own count.
        """
        if minute is not None:
            self._minute.learn(minute, None if marks is None else marks.minute)
        if day is not None:
            self._day.learn(day, None if marks is None else marks.day)
        if minute is not None or day is not None:
            self.changed(False)

    def close(self, seconds: float, scope: str) -> bool:
        """Let no call out for so long. A longer closing stays.

        Returns whether that is news: it was open before, or would have opened much sooner.
        """
        now = trio.current_time()
        until = now + min(max(0.0, seconds), _LONGEST_CLOSING_S.get(scope, _DAY_S))
        if until <= self._closed_until:
            return False
        news = self._closed_until <= now or until > self._closed_until + LONGEST_WAIT_S
        self._closed_until, self._closed_by = until, scope
        self._line.wake_all()  # some may have to wait too long now
        self.changed(news and until - now > LONGEST_WAIT_S)
        return news

    def bear_fewer(self, others: int) -> None:
        """The provider refused a call while so many others were out: let no more than those out at once."""
        if trio.current_time() >= self._fewer_until or others < self._fewer:
            self._fewer = max(1, others)
        self._fewer_until = trio.current_time() + _FEWER_FOR_S

    @property
    def left_ratio(self) -> float:
        """The smallest share of a limit that is left now, 0 to 1; 0 while it is closed."""
        if self._closed_until > trio.current_time():
            return 0.0
        limited = [window for window in (self._minute, self._day) if window.limit]
        return min((window.left / (window.limit or 1) for window in limited), default=1.0)

    @property
    def waiting(self) -> int:
        """How many wait for a call."""
        return len(self._line)

    def state(self) -> AllotmentState:
        """What is worth keeping, as of now."""
        return AllotmentState(
            minute=tuple(self._minute.counts()),
            day=tuple(self._day.counts()),
            closed_for_s=max(0.0, self._closed_until - trio.current_time()),
            closed_by=self._closed_by,
        )

    def resume(self, state: AllotmentState, passed_s: float) -> None:
        """Take up what was kept so many seconds ago, before the first call. Less than 0 seconds are none."""
        passed = max(0.0, passed_s)
        self._minute.refill((ago + passed, calls) for ago, calls in state.minute)
        self._day.refill((ago + passed, calls) for ago, calls in state.day)
        if state.closed_for_s > passed:
            self.close(state.closed_for_s - passed, state.closed_by)

    def _refuse_long(self, opens: float, scope: str) -> None:
        wait = opens - trio.current_time()
        if LONGEST_WAIT_S < wait < math.inf:
            raise RateLimited(platform=self.platform, scope=scope, retry_after=wait)

    def _opens_at(self) -> tuple[float, str]:
        """Trio's time from which a call may go out, and what holds it until then."""
        now = trio.current_time()
        found = [
            (self._closed_until, self._closed_by),
            (self._minute.opens_at(), self.minute_scope),
            (self._day.opens_at(), "day"),
        ]
        if self.in_flight_limit is not None:
            if self.in_flight >= self.in_flight_limit:
                found.append((math.inf, "concurrent"))
            elif now < self._fewer_until and self.in_flight >= self._fewer:
                found.append((self._fewer_until, "concurrent"))
        return self._longest(found)

    def _longest(self, found: list[tuple[float, str]]) -> tuple[float, str]:
        """The last of these times; a long closing counts although an answer is awaited too."""
        known = [each for each in found if each[0] < math.inf]
        last = max(known, key=lambda each: each[0])
        if last[0] - trio.current_time() > LONGEST_WAIT_S:
            return last
        return max(found, key=lambda each: each[0])
