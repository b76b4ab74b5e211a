"""Who is next: those that wait for a call, by priority, and in the order of their coming within one."""

from typing import Final, Literal, get_args

import trio
from attrs import define, field

Priority = Literal["interactive", "link", "sync"]
"""A person who waits; a link that is being made or checked; everything that runs by itself."""

_ORDER: Final[tuple[Priority, ...]] = get_args(Priority)
#: One turn in so many is given to whoever has waited longest, whatever its priority: nobody starves.
_FAIR_EVERY: Final = 4


@define(eq=False)
class Turn:
    """A place in the line."""

    priority: Priority
    number: int  #: lower came earlier
    woken: trio.Event = field(factory=trio.Event)


@define(eq=False)
class Line:
    """Places, and whose turn it is. Whoever changes what the first one waits for wakes it."""

    _waiting: dict[Priority, list[Turn]] = field(factory=lambda: {each: [] for each in _ORDER})
    _came: int = 0
    _overtaken: int = 0  #: turns in a row that went past somebody who came earlier

    def join(self, priority: Priority) -> Turn:
        """A place at the end of its priority."""
        self._came += 1
        turn = Turn(priority, self._came)
        self._waiting[priority].append(turn)
        return turn

    def first(self) -> Turn | None:
        """Whose turn it is; it stays so until somebody of a higher priority comes, or it is served."""
        heads = [turns[0] for turns in self._waiting.values() if turns]
        if not heads:
            return None
        if self._overtaken >= _FAIR_EVERY - 1:
            return min(heads, key=lambda turn: turn.number)
        return heads[0]

    def serve(self, turn: Turn) -> None:
        """The first one takes its turn, and the next one is woken."""
        came = min(turns[0].number for turns in self._waiting.values() if turns)
        self._overtaken = self._overtaken + 1 if came < turn.number else 0
        self.leave(turn)

    def leave(self, turn: Turn) -> None:
        """Give up a place; the next one is woken."""
        self._waiting[turn.priority].remove(turn)
        self.wake_first()

    def wake_first(self) -> None:
        """What the first one waits for may have come."""
        first = self.first()
        if first is not None:
            first.woken.set()

    def wake_all(self) -> None:
        """What everybody waits for has changed."""
        for turns in self._waiting.values():
            for turn in turns:
                turn.woken.set()

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))
