"""The schedule: tells a connection when one of its data types is due. It knows times, not what is due.

What is due, and when again, stands in the client's file (`store.refreshes`). Here is one heap of each
connection's earliest due time, one timer, and no task for any of them.
"""

import heapq
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import trio
from attrs import define, field, frozen

from tallystick.actors import Timers
from tallystick.store import Clock
from tallystick.telemetry import Telemetry

#: Between two looks at the wall clock: trio's clock stands still while the machine sleeps.
_LOOK_S: Final = 60.0
#: A connection that was told and has noted nothing is told again: its actor may have been in trouble.
_TOLD_AGAIN: Final = timedelta(minutes=15)
#: Nobody is told more often, whatever is noted: a mistake elsewhere must not become a busy loop.
_TOLD_APART: Final = timedelta(minutes=1)
#: No due time is believed for longer without asking the connection, whose file knows its interval: the
#: clock may have been wrong when it was planned. A daily one, spread included, is not asked in vain.
_BELIEVED: Final = timedelta(hours=26)
_ASKED_AFTER: Final = timedelta(hours=24)
#: A clock set back by less moves no due time further ahead than it could have been planned.
_SET_BACK: Final = timedelta(minutes=3)
_SHORTEST_INTERVAL: Final = timedelta(hours=1)
#: Entries of the heap that may be outdated beside as many that hold.
_OUTDATED_BORNE: Final = 64


@frozen(kw_only=True)
class ClockJumped:
    """The wall clock went another way than time: set by hand or by NTP, or the machine slept."""

    seconds: float  #: forwards, or backwards when negative


@frozen(kw_only=True)
class RefreshesDue:
    """Connections were told that they are due."""

    connections: int
    left: int  #: that are due too, and are told in the ticks that follow
    late_s: float  #: by how much the earliest was late


@define(eq=False)
class Schedule:
    """Calls `due(connection_id)` for each connection whose time has come. A `Service`.

    `due` must not wait: it puts a message into a mailbox. It may be early, so whoever handles it reads
    `refreshes.due`, and calls `note` again whatever came of it; until then it is told every quarter of
    an hour. After downtime, or a clock that was put forward, each connection is told once, `batch` of
    them a `tick_s`, the longest overdue first. `run` may run again after a crash: what was noted stands.
    """

    clock: Clock
    timers: Timers  #: must be running
    due: Callable[[str], None]
    telemetry: Telemetry = field(factory=Telemetry)
    batch: int = field(default=20, kw_only=True)  #: connections told in one tick
    tick_s: float = field(default=1.0, kw_only=True)
    _due_at: dict[str, datetime] = field(factory=dict, repr=False)
    _told_at: dict[str, datetime] = field(factory=dict, repr=False)  #: in the last minute, oldest first
    _heap: list[tuple[datetime, str]] = field(factory=list, repr=False)
    _waits_until: datetime | None = None
    _sooner: trio.Event = field(factory=trio.Event, repr=False)

    def __len__(self) -> int:
        """Connections that will be told at some time."""
        return len(self._due_at)

    def note(self, connection_id: str, due_at: datetime | None) -> None:
        """When a connection is due next (past: at once, or a minute after it was told); None forgets it.

        Cost: O(log n).

        Repeated notes do not add up: what they leave outdated is dropped before it is as much as what
        holds. Safe to call when `run` does not run (yet).
        """
        if due_at is None:
            self._due_at.pop(connection_id, None)
            return
        now = self.clock()
        if due_at > now + _BELIEVED:
            due_at = now + _ASKED_AFTER
        elif connection_id in self._told_at:
            due_at = max(due_at, self._told_at[connection_id] + _TOLD_APART)
        self._put(connection_id, due_at)
        if self._waits_until is not None and due_at <= max(self._waits_until, now):
            self._sooner.set()

    def overdue(self) -> int:
        """Connections whose time has come. Cost: O(n); for a look now and then."""
        now = self.clock()
        return sum(due_at <= now for due_at in self._due_at.values())

    async def run(self) -> None:
        """Serve the heap until cancelled. Raises: whatever `due` raised."""
        wall, elapsed = self.clock(), trio.current_time()
        while True:
            now, at = self.clock(), trio.current_time()
            self._look_for_a_jump((now - wall) - timedelta(seconds=at - elapsed), now)
            wall, elapsed = now, at
            if self._tell(now):
                await self._wait(self.tick_s)  # whatever is noted meanwhile: a batch a tick, no more
                continue
            first = self._first()
            wait_s = _LOOK_S if first is None else min(_LOOK_S, (first - now).total_seconds())
            self._waits_until = now + timedelta(seconds=wait_s)
            await self._wait(wait_s)

    async def _wait(self, seconds: float) -> None:
        self._sooner = trio.Event()
        timer = self.timers.after(seconds, self._sooner.set)
        try:
            await self._sooner.wait()
        finally:
            timer.cancel()
            self._waits_until = None

    def _look_for_a_jump(self, jump: timedelta, now: datetime) -> None:
        if abs(jump) < _SET_BACK:
            return
        self._told_at.clear()
        self.telemetry.emit(ClockJumped(seconds=jump.total_seconds()))
        if jump > timedelta():
            return  # what is overdue now is told in batches, as after downtime
        believed = now + _SHORTEST_INTERVAL
        self._due_at = {name: now if at > believed else at for name, at in self._due_at.items()}
        self._rebuild()

    def _tell(self, now: datetime) -> int:
        """Tell a batch of those that are due. Returns how many."""
        while self._told_at and next(iter(self._told_at.values())) <= now - _TOLD_APART:
            del self._told_at[next(iter(self._told_at))]
        told, late = 0, timedelta()
        while told < self.batch:
            first = self._first()
            if first is None or first > now:
                break
            connection_id = self._heap[0][1]
            late = max(late, now - first)
            self._put(connection_id, now + _TOLD_AGAIN)  # before the call: should it fail, others come first
            self._told_at.pop(connection_id, None)  # so that it goes to the end
            self._told_at[connection_id] = now
            told += 1
            self.due(connection_id)
        if told > 0:
            left = self.overdue() if told == self.batch else 0
            self.telemetry.emit(RefreshesDue(connections=told, left=left, late_s=late.total_seconds()))
        return told

    def _first(self) -> datetime | None:
        """The earliest due time that holds; outdated ones before it are dropped."""
        while self._heap:
            due_at, connection_id = self._heap[0]
            if self._due_at.get(connection_id) == due_at:
                return due_at
            heapq.heappop(self._heap)
        return None

    def _put(self, connection_id: str, due_at: datetime) -> None:
        if self._due_at.get(connection_id) == due_at:
            return
        self._due_at[connection_id] = due_at
        heapq.heappush(self._heap, (due_at, connection_id))
        if len(self._heap) > 2 * len(self._due_at) + _OUTDATED_BORNE:
            self._rebuild()

    def _rebuild(self) -> None:
        self._heap = [(at, name) for name, at in self._due_at.items()]
        heapq.heapify(self._heap)
