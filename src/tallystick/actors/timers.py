"""One heap of due times for everybody: a timed wait in each of many actors costs three times as much."""

import heapq
import itertools
import math
from collections.abc import Callable

import trio
from attrs import define, field


@define(eq=False)
class Timer:
    """A call that is due at some time; `cancel` forgets it."""

    due: float  #: trio's clock, seconds
    call: Callable[[], None] | None

    def cancel(self) -> None:
        """Forget it; safe to repeat, and after it was called."""
        self.call = None


@define(eq=False)
class Timers:
    """Calls plain functions when they are due, in order, within `tick` seconds. A `Service`.

    The functions must not wait and must not fail: they put a message into a mailbox.
    """

    tick: float = 0.05  #: due times are rounded up to it, so that many wake the loop once
    _heap: list[tuple[float, int, Timer]] = field(factory=list, repr=False)
    _order: "itertools.count[int]" = field(factory=itertools.count, repr=False)
    _sooner: trio.Event = field(factory=trio.Event, repr=False)

    def __len__(self) -> int:
        return len(self._heap)

    def after(self, seconds: float, call: Callable[[], None]) -> Timer:
        """Call in so many seconds."""
        exact = trio.current_time() + seconds
        timer = Timer(math.ceil(exact / self.tick) * self.tick, call)
        heapq.heappush(self._heap, (timer.due, next(self._order), timer))
        if self._heap[0][2] is timer:
            self._sooner.set()
        return timer

    async def run(self) -> None:
        """Serve the heap until cancelled."""
        while True:
            self._sooner = trio.Event()
            with trio.move_on_at(self._heap[0][0] if self._heap else math.inf):
                await self._sooner.wait()
            now = trio.current_time()
            while self._heap and self._heap[0][0] <= now:
                _, _, timer = heapq.heappop(self._heap)
                if timer.call is not None:
                    timer.call()
