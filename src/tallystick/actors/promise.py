"""An answer that comes later: what a handler returns when the work is a task of its own."""

from typing import Generic, TypeVar

import trio
from attrs import define, field
from outcome import Error, Outcome, Value

T = TypeVar("T")


@define(eq=False)
class Promise(Generic[T]):
    """Kept or broken once; whoever asked waits for it in its own task and by its own deadline."""

    _event: trio.Event = field(factory=trio.Event, repr=False)
    _outcome: Outcome[T] | None = None

    def keep(self, value: T) -> None:
        """Answer. A second answer is ignored: the first one has been acted upon."""
        self._settle(Value(value))

    def break_(self, error: Exception) -> None:
        """Answer with an error."""
        self._settle(Error(error))

    def _settle(self, outcome: Outcome[T]) -> None:
        if self._outcome is None:
            self._outcome = outcome
            self._event.set()

    @property
    def settled(self) -> bool:
        """Whether the answer is there."""
        return self._outcome is not None

    async def wait(self) -> T:
        """The answer, or its error raised."""
        await self._event.wait()
        assert self._outcome is not None
        match self._outcome:
            case Error(error=error):
                raise error
            case _:
                return self._outcome.unwrap()
