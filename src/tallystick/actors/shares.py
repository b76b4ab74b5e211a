"""Who has had how much of something that is shared: start-time fair queueing on one level.

A share's tag is the time it has held turns, divided by its weight; the least tag goes next. Virtual time
is the greatest tag that any turn began with, or ended with when nobody asks for more. A share that comes
back after a rest is lifted to it, so that resting saves nothing up, and having used much while nobody
else asked costs nothing later.

Source: Goyal, Vin, Cheng: Start-time Fair Queuing (1996), with the cost charged as it arises, since
nobody knows beforehand how long a turn will take.
"""

import heapq
import itertools
from typing import Final

from attrs import define, field

#: With so many shares remembered, those that rest and owe nothing are swept out.
_REMEMBERED: Final = 256


@define(eq=False)
class Share:
    """A client, or a company inside one. Times are trio's clock, in seconds."""

    key: str
    weight: float
    order: int  #: of arrival: decides between equals
    inner: "Shares | None" = None  #: of a client: its companies
    held: int = 0  #: turns
    waiting: dict[int, int] = field(factory=dict)  #: turns that wait, by rank; none of them 0
    _settled: float = 0.0  #: for turns that are over: seconds by weight
    _began: float = 0.0  #: sum, over the held turns, of when they began
    _listed: dict[int, float] = field(factory=dict)  #: the tag with which it lies in a rank's heap

    def tag(self, now: float) -> float:
        """What it has had, the turns that it still holds included."""
        if not self.held:
            return self._settled
        return self._settled + (self.held * now - self._began) / self.weight

    def lift(self, virtual: float, now: float) -> None:
        """It asks after a rest."""
        self._settled += max(0.0, virtual - self.tag(now))

    def start(self, now: float) -> None:
        """A turn of it begins."""
        self.held += 1
        self._began += now

    def end(self, began: float, now: float) -> None:
        """A turn of it is over, and charged."""
        self.held -= 1
        self._settled += (now - began) / self.weight
        self._began = self._began - began if self.held else 0.0

    def before(self, other: "Share", now: float) -> bool:
        """Whether it goes first: the lesser tag; of equals who holds less, then who came first."""
        mine = (self.tag(now), self.held / self.weight, self.order)
        return mine < (other.tag(now), other.held / other.weight, other.order)


@define(eq=False)
class Shares:
    """The shares of one level. `least` costs O(turns held + log shares).

    A tag stands still while nothing is held: such shares lie in a heap for each rank in which they wait.
    The few that hold something are looked at one by one.
    """

    virtual: float = 0.0
    _greatest: float = 0.0  #: tag with which any share came to rest
    _all: dict[str, Share] = field(factory=dict)
    _holding: dict[Share, None] = field(factory=dict)
    _heaps: dict[int, list[tuple[float, int, Share]]] = field(factory=dict)
    _joined: dict[int, int] = field(factory=dict)  #: turns that wait, by rank; none of them 0
    _order: "itertools.count[int]" = field(factory=itertools.count)
    _sweep_at: int = _REMEMBERED

    def __len__(self) -> int:
        return len(self._all)

    def share(self, key: str, weight: float, now: float) -> Share:
        """This one's share, lifted to virtual time unless some turn of it waits already."""
        share = self._all.get(key)
        if share is None:
            if len(self._all) >= self._sweep_at:
                self._sweep(now)
            share = self._all[key] = Share(key, weight, next(self._order))
        if not share.waiting:
            share.lift(self.virtual, now)
        return share

    def ranks(self) -> list[int]:
        """Ranks in which anything waits, the first to be served first."""
        return sorted(self._joined)

    def join(self, share: Share, rank: int) -> None:
        """A turn of it waits."""
        share.waiting[rank] = share.waiting.get(rank, 0) + 1
        self._joined[rank] = self._joined.get(rank, 0) + 1
        if not share.held:
            self._list(share, rank)

    def leave(self, share: Share, rank: int) -> None:
        """A turn of it waits no longer."""
        _take_one(share.waiting, rank)
        _take_one(self._joined, rank)
        if rank not in self._joined:
            for _, _, left in self._heaps.pop(rank, ()):
                left._listed.pop(rank, None)

    def start(self, share: Share, now: float) -> None:
        """A turn of it begins."""
        self.virtual = max(self.virtual, share.tag(now))
        share.start(now)
        self._holding[share] = None

    def end(self, share: Share, began: float, now: float) -> None:
        """A turn of it is over."""
        share.end(began, now)
        if share.held:
            return
        del self._holding[share]
        for rank in share.waiting:
            self._list(share, rank)
        self._greatest = max(self._greatest, share._settled)
        if not self._holding and not self._joined:  # nobody wants anything: all begin anew, and alike
            self.virtual = self._greatest

    def least(self, rank: int, now: float, most: float) -> Share | None:
        """Who goes next in this rank; those that hold `most` turns are passed over."""
        found = self._least_of_idle(rank)
        for share in self._holding:
            if rank in share.waiting and share.held < most and (found is None or share.before(found, now)):
                found = share
        return found

    def _least_of_idle(self, rank: int) -> Share | None:
        heap = self._heaps.get(rank)
        while heap:
            tag, _, share = heap[0]
            if not share.held and rank in share.waiting and tag == share._settled:
                return share
            heapq.heappop(heap)  # it has moved since; where it still waits it lies here once more
            if share._listed.get(rank) == tag:
                del share._listed[rank]
        return None

    def _list(self, share: Share, rank: int) -> None:
        if share._listed.get(rank) != share._settled:
            share._listed[rank] = share._settled
            heapq.heappush(self._heaps.setdefault(rank, []), (share._settled, share.order, share))

    def _sweep(self, now: float) -> None:
        """Forget who rests and owes nothing: it would come back just as a new one comes."""
        self._all = {
            key: share
            for key, share in self._all.items()
            if share.held or share.waiting or share.tag(now) > self.virtual
        }
        self._sweep_at = max(_REMEMBERED, 2 * len(self._all))


def _take_one(counts: dict[int, int], rank: int) -> None:
    counts[rank] -= 1
    if not counts[rank]:
        del counts[rank]
