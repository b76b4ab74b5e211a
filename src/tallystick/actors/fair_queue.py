"""Turns at something scarce, shared fairly between clients, and inside a client between its companies.

Whoever floods the queue delays itself: a client that asks for one turn now and then gets the next turn
that ends, however many turns of another one wait before it. What is shared is the time that turns are
held, by weight.
"""

from collections import OrderedDict
from collections.abc import Mapping
from types import TracebackType
from typing import Final

import trio
from attrs import define, field, frozen, validators

from tallystick.actors.shares import Share, Shares

_NO_LIMIT: Final = float("inf")


@frozen
class Flow:
    """Whose turn it is."""

    client: str
    company: str


@define(eq=False)
class Turn:
    """One turn, as an asynchronous context manager; made by `FairQueue.turn`, used once.

    Entering waits for the turn, and does not yield to other tasks when it is free. Cancelled while waiting,
    the turn is not taken.
    """

    flow: Flow
    rank: int
    _queue: "FairQueue"
    _asked: float = 0.0  #: trio's clock
    _began: float = 0.0  #: trio's clock
    _task: trio.lowlevel.Task | None = None  #: who waits for it
    _client: Share = field(init=False, repr=False)
    _company: Share = field(init=False, repr=False)

    async def __aenter__(self) -> None:
        await trio.lowlevel.checkpoint_if_cancelled()
        if not self._queue._take(self):
            await trio.lowlevel.wait_task_rescheduled(self._given_up)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._queue._end(self)

    def _given_up(self, _: object) -> trio.lowlevel.Abort:
        self._queue._drop(self)
        return trio.lowlevel.Abort.SUCCEEDED


@define(eq=False)
class FairQueue:
    """At most `capacity` turns are held at once.

    Promise: no turn stays free while a turn waits that may have it; each client gets its weight's part of
    the time that turns are held, and inside a client each company the same; a lower rank goes first inside
    a client, and between clients that have had the same; turns of one flow and rank come in the order in
    which they were asked for.
    Cost: a free turn about 4 µs; one that waits O(turns held + log of those who wait).
    """

    capacity: int = field(validator=validators.ge(1))
    weights: Mapping[str, float] = field(factory=dict, kw_only=True)  #: of clients; 1 for those not named
    most_of_one: int | None = field(default=None, kw_only=True)
    """So many turns one client may hold: the rest is there at once for whoever else comes."""
    most_of_rank: Mapping[int, int] = field(factory=dict, kw_only=True)
    """So many turns of a rank may be held; a rank that is not named has no limit of its own."""
    _held: int = 0
    _held_of: dict[int, int] = field(factory=dict, repr=False)  #: turns of a limited rank
    _clients: Shares = field(factory=Shares, repr=False)
    _lines: dict[tuple[Share, int], OrderedDict[Turn, None]] = field(factory=dict, repr=False)
    _waiting: OrderedDict[Turn, None] = field(factory=OrderedDict, repr=False)  #: all, oldest first

    def __attrs_post_init__(self) -> None:
        limits = [*self.most_of_rank.values(), *(() if self.most_of_one is None else (self.most_of_one,))]
        if any(limit < 1 for limit in limits) or any(weight <= 0 for weight in self.weights.values()):
            raise ValueError("weights are above 0, and limits at least 1: else a turn would wait for ever")

    def turn(self, flow: Flow, rank: int = 0) -> Turn:
        """`async with queue.turn(flow):` holds one turn of this flow."""
        return Turn(flow, rank, self)

    @property
    def held(self) -> int:
        """Turns that are held."""
        return self._held

    @property
    def waiting(self) -> int:
        """Turns that wait."""
        return len(self._waiting)

    @property
    def oldest_s(self) -> float:
        """How long the oldest turn in line has waited; 0 when none waits."""
        return trio.current_time() - next(iter(self._waiting))._asked if self._waiting else 0.0

    def _take(self, turn: Turn) -> bool:
        """Begin the turn now, or put it in line."""
        now = turn._asked = trio.current_time()
        weight = self.weights.get(turn.flow.client, 1.0) if self.weights else 1.0
        client = turn._client = self._clients.share(turn.flow.client, weight, now)
        if client.inner is None:
            client.inner = Shares()
        company = turn._company = client.inner.share(turn.flow.company, 1.0, now)
        if self._held < self.capacity and not self._waiting and self._may(turn):
            self._begin(turn, now)
            return True
        self._waiting[turn] = None
        self._lines.setdefault((company, turn.rank), OrderedDict())[turn] = None
        self._clients.join(client, turn.rank)
        client.inner.join(company, turn.rank)
        self._fill(now)
        if turn in self._waiting:
            turn._task = trio.lowlevel.current_task()
            return False
        return True

    def _may(self, turn: Turn) -> bool:
        return not self._is_full(turn.rank) and (
            self.most_of_one is None or turn._client.held < self.most_of_one
        )

    def _is_full(self, rank: int) -> bool:
        return rank in self.most_of_rank and self._held_of.get(rank, 0) >= self.most_of_rank[rank]

    def _begin(self, turn: Turn, now: float) -> None:
        turn._began = now
        self._held += 1
        if turn.rank in self.most_of_rank:
            self._held_of[turn.rank] = self._held_of.get(turn.rank, 0) + 1
        self._clients.start(turn._client, now)
        assert turn._client.inner is not None
        turn._client.inner.start(turn._company, now)

    def _end(self, turn: Turn) -> None:
        now = trio.current_time()
        self._held -= 1
        if turn.rank in self.most_of_rank:
            self._held_of[turn.rank] -= 1
        self._clients.end(turn._client, turn._began, now)
        assert turn._client.inner is not None
        turn._client.inner.end(turn._company, turn._began, now)
        if self._waiting:
            self._fill(now)

    def _drop(self, turn: Turn) -> None:
        """Take it out of line."""
        assert turn._client.inner is not None
        del self._waiting[turn]
        line = self._lines[turn._company, turn.rank]
        del line[turn]
        if not line:
            del self._lines[turn._company, turn.rank]
        self._clients.leave(turn._client, turn.rank)
        turn._client.inner.leave(turn._company, turn.rank)

    def _fill(self, now: float) -> None:
        """Begin turns that wait while there are free ones for them."""
        while self._held < self.capacity:
            turn = self._next(now)
            if turn is None:
                return
            self._drop(turn)
            self._begin(turn, now)
            if turn._task is not None:
                trio.lowlevel.reschedule(turn._task)

    def _next(self, now: float) -> Turn | None:
        most = _NO_LIMIT if self.most_of_one is None else self.most_of_one
        client: Share | None = None
        for rank in self._clients.ranks():
            if not self._is_full(rank):
                found = self._clients.least(rank, now, most)
                if found is not None and (client is None or found.tag(now) < client.tag(now)):
                    client = found
        if client is None:
            return None
        assert client.inner is not None
        rank = next(rank for rank in client.inner.ranks() if not self._is_full(rank))
        company = client.inner.least(rank, now, _NO_LIMIT)
        assert company is not None
        return next(iter(self._lines[company, rank]))
