"""Whether a sync gets on: one that hangs gives no error, and nothing that stands still may stay green."""

from collections.abc import Generator
from contextlib import contextmanager

import trio
from attrs import define, field


@define(eq=False)
class Progress:
    """When a sync last got on. Answers, rows mapped and stored pages count, and the end of each wait that
    is nobody's fault: for a budget, a token, the next try of a call.
    """

    deadline_s: float  #: seconds without any of it after which the sync is stalled
    stalled: bool = False
    _last: float = field(factory=trio.current_time)
    _patient: int = 0

    def touch(self) -> None:
        """It got on."""
        self._last = trio.current_time()

    @contextmanager
    def patience(self) -> Generator[None, None, None]:
        """Stop the clock for a wait that has a bound of its own and is nobody's fault."""
        self._patient += 1
        try:
            yield
        finally:
            self._patient -= 1
            self.touch()

    async def watch(self, work: trio.CancelScope) -> None:
        """Cancel `work` when it stands still for too long; until cancelled."""
        while True:
            await trio.sleep_until(self._last + self.deadline_s)
            if self._patient:
                self.touch()
            elif trio.current_time() >= self._last + self.deadline_s:
                self.stalled = True
                work.cancel()
                return
