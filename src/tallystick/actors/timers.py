"""One heap of due times for everybody: a timed wait in each of many actors costs three times as much."""

import heapq
import itertools
import math
from collections.abc import Callable
from typing import Final

import trio
from attrs import define, field

#: Cancelled timers that may lie in the heap beside as many that stand; a rebuild costs less than its entries.
_CANCELLED_BORNE: Final = 64


@define(eq=False)
class Timer:
    """A call that is due at some time; `cancel` forgets it."""

    due: float  #: trio's clock, seconds
    call: Callable[[], None] | None
    _timers: "Timers" = field(repr=False)

    def cancel(self) -> None:
        """Forget it; safe to repeat, and after it was called."""
        if self.call is not None:
            self.call = None
            self._timers.note_cancelled()


@define(eq=False)
class Timers:
    """Calls plain functions when they are due, in order, within `tick` seconds. A `Service`.

    The functions must not wait and must not fail: they put a message into a mailbox. One that fails all
    the same ends `run` with its error, for the supervisor to see. It is not called again; the others
    stand, and are called when `run` runs once more.
    """

    tick: float = 0.05  #: due times are rounded up to it, so that many wake the loop once
    _heap: list[tuple[float, int, Timer]] = field(factory=list, repr=False)
    _order: "itertools.count[int]" = field(factory=itertools.count, repr=False)
    _cancelled: int = 0  #: of those in the heap
    _sooner: trio.Event = field(factory=trio.Event, repr=False)

    def __len__(self) -> int:
        return len(self._heap)

    def after(self, seconds: float, call: Callable[[], None]) -> Timer:
        """Call in so many seconds. Cost: O(log n)."""
        exact = trio.current_time() + seconds
        timer = Timer(math.ceil(exact / self.tick) * self.tick, call, self)
        heapq.heappush(self._heap, (timer.due, next(self._order), timer))
        if self._heap[0][2] is timer:
            self._sooner.set()
        return timer

    def note_cancelled(self) -> None:
        """From a timer: it will not be called. The heap never holds many more such than others."""
        self._cancelled += 1
        if self._cancelled > _CANCELLED_BORNE and 2 * self._cancelled > len(self._heap):
            self._heap = [entry for entry in self._heap if entry[2].call is not None]
            heapq.heapify(self._heap)
            self._cancelled = 0

    async def run(self) -> None:
        """Serve the heap until cancelled. Raises: whatever a call raised."""
        while True:
            self._sooner = trio.Event()
            with trio.move_on_at(self._next_due()):
                await self._sooner.wait()
            now = trio.current_time()
            while self._next_due() <= now:
                _, _, timer = heapq.heappop(self._heap)
                call, timer.call = timer.call, None
                assert call is not None  # _next_due has dropped those
                call()

    def _next_due(self) -> float:
        while self._heap and self._heap[0][2].call is None:
            heapq.heappop(self._heap)
            self._cancelled -= 1
        return self._heap[0][0] if self._heap else math.inf
