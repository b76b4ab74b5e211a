"""Calls counted over a span that slides, such as the last minute or the last day.

A provider counts a call at some moment between our sending it and its answering; which one, we cannot
know. So a call counts from the moment it is sent until one whole span after it was answered: whatever
the provider counts over, a sliding span or a fixed one, it never finds more calls in it than we did.
Calls are kept in grains, each as late as its last call, so a day of them is a hundred numbers.
"""

import math
from collections.abc import Iterable, Iterator
from typing import Final

import trio
from attrs import define, field, frozen

#: The provider knows of calls that are not ours. When they were made, it does not say; they are believed
#: in for one span, but no longer than this: after that, the next answer tells again.
_BELIEVED_S: Final = 3600.0


@frozen
class Mark:
    """Where a window stood when a call was sent: what makes the provider's word on it comparable."""

    left: float  #: by our own count, this call already taken off
    begun: int  #: calls begun until then


@define(eq=False)
class _Grain:
    began: float
    last: float  #: trio's time of its last answer
    calls: int


@define(eq=False)
class Window:
    """How many calls `limit` leaves over `span_s`; a limit of None is none, and then nothing is kept."""

    limit: int | None
    span_s: float
    grain_s: float  #: calls so close together expire together, with the last of them
    _out: int = 0  #: sent and not yet answered
    _begun: int = 0
    _answered: int = 0
    _grains: list[_Grain] = field(factory=list, repr=False)
    _foreign: int = 0  #: calls that are not ours, as the provider tells
    _foreign_until: float = -math.inf

    def begin(self) -> Mark:
        """A call is sent."""
        self._out += 1
        self._begun += 1
        self._expire()
        return Mark(self._own_left(), self._begun)

    def answer(self) -> None:
        """A call that was sent is answered; it counts for one span from now."""
        self._out -= 1
        if self.limit is not None:
            self._add(trio.current_time(), 1)

    def withdraw(self) -> None:
        """A call that was begun was not sent after all."""
        self._out -= 1

    def learn(self, told_left: int, mark: Mark | None) -> None:
        """Take the provider's word on what is left, told with the answer to the call of that mark.

        Its word is older than our count by the time of the answer's way: calls begun since then explain a
        smaller number. Only what they do not explain is foreign.
        """
        if self.limit is None:
            return
        self._expire()
        explained = (self._own_left(), self._begun) if mark is None else (mark.left, mark.begun)
        foreign = math.ceil(explained[0] - (self._begun - explained[1]) - told_left)
        if foreign > 0 and foreign >= self._foreign:
            self._foreign = min(foreign, self.limit)
            self._foreign_until = trio.current_time() + min(self.span_s, _BELIEVED_S)

    @property
    def left(self) -> float:
        """Calls that may begin now; infinite without a limit, never below zero."""
        self._expire()
        return max(0.0, self._own_left() - self._foreign)

    def opens_at(self) -> float:
        """Trio's time from which a call may begin; `inf` while that hangs on an answer that is awaited."""
        if self.limit is None or self.left > 0:
            return -math.inf
        room = self.limit - self._out - self._foreign
        if room <= 0:
            return self._foreign_until if self._foreign else math.inf
        over = self._answered - room
        for grain in self._grains:
            over -= grain.calls
            if over < 0:
                ours = grain.last + self.span_s
                return min(ours, self._foreign_until) if self._foreign else ours
        raise AssertionError("a window without room holds calls that expire")

    def counts(self) -> Iterator[tuple[float, int]]:
        """What it holds, oldest first: seconds ago, and calls. Those under way count as of now."""
        now = trio.current_time()
        self._expire()
        yield from ((now - grain.last, grain.calls) for grain in self._grains)
        if self._out and self.limit is not None:
            yield 0.0, self._out

    def refill(self, counts: Iterable[tuple[float, int]]) -> None:
        """Put back what `counts` gave, oldest first, before any call was made. Ages below 0 count as now."""
        now = trio.current_time()
        for seconds_ago, calls in counts:
            if self.limit is not None and seconds_ago < self.span_s and calls > 0:
                self._add(now - max(0.0, seconds_ago), calls)

    def _own_left(self) -> float:
        return math.inf if self.limit is None else self.limit - self._out - self._answered

    def _add(self, at: float, calls: int) -> None:
        self._answered += calls
        newest = self._grains[-1] if self._grains else None
        if newest is not None and at < newest.began + self.grain_s:
            newest.last = max(at, newest.last)
            newest.calls += calls
        else:
            self._grains.append(_Grain(at, at, calls))

    def _expire(self) -> None:
        now = trio.current_time()
        while self._grains and self._grains[0].last + self.span_s <= now:
            self._answered -= self._grains.pop(0).calls
        if self._foreign and self._foreign_until <= now:
            self._foreign = 0
