"""How many pages, and how many bytes of them, are between the provider and the disk.

A page takes its place before it is asked for and gives it back once it is committed or given up. A list
has places of its own inside its sync's, those are inside its client's, and those inside the process's; a
slow disk fills them, and then nothing more is fetched. A page that turns out large also takes the process's
one place for that, and gives it back together with its own.

Places are taken from the innermost to the outermost, in the order of asking at each of them. So whoever
waits holds nothing that is further out, and whoever has a place in the process needs no other: it always
gets on, and so do those behind it.
"""

from collections import deque
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final
from weakref import WeakValueDictionary

import trio
from attrs import define, field

from tallystick.connectors import LargeAnswers
from tallystick.engine.progress import Progress

#: A larger page is not read ahead, and takes the process's one place for large answers.
LARGE_BYTES: Final = 4 * 1024 * 1024
#: A page that nobody has seen yet is taken to have this size.
UNSEEN_BYTES: Final = 256 * 1024


@define(eq=False)
class Place:
    """One page's place. `weigh` it when it has come, `release` it in every case; both safe to repeat."""

    places: "Places"
    size: int  #: bytes: expected, then weighed
    outer: "Place | None" = None
    held: bool = True

    def weigh(self, size: int) -> None:
        """Say how large the page really is. Never waits: what is here is here."""
        if self.held:
            self.places.add(size - self.size)
            self.size = size
            if self.outer is not None:
                self.outer.weigh(size)

    def release(self) -> None:
        """Give it back, and with it the process's place for large answers where the page has that."""
        if self.places.large is not None:
            self.places.large.release(self)
        if self.held:
            self.held = False
            self.places.drop(self)
            if self.outer is not None:
                self.outer.release()


@define(eq=False)
class _Turn:
    """Who waits for a place, and the place once it is given."""

    expected: int
    place: Place | None = None
    come: trio.Event = field(factory=trio.Event)


@define(eq=False)
class Places:
    """Places for pages, bounded by count and by bytes; inside others, places of both are taken.

    Who comes first is served first: while somebody waits, nobody takes a place past it, however small its
    page. One page is always let in, however large: else it could never be read. Pages of one list must
    take their places in their order, since the first of them is what the others wait for.
    """

    limit_pages: int
    limit_bytes: int
    outer: "Places | None" = None
    large: LargeAnswers | None = None  #: which a page of these may take too, with its `Place` as owner
    progress: Progress | None = None
    """Of the sync whose places these are: to wait for others, further out, is not its standing still."""
    bytes: int = 0
    _held: set[Place] = field(factory=set, repr=False)
    _line: deque[_Turn] = field(factory=deque, repr=False)
    _shares: WeakValueDictionary[str, "Share"] = field(factory=WeakValueDictionary, repr=False)

    async def take(self, expected: int) -> Place:
        """A place for a page of about so many bytes, after waiting for one."""
        await trio.lowlevel.checkpoint_if_cancelled()
        return await self._take(expected, None)

    async def _take(self, expected: int, patient: Progress | None) -> Place:
        place = self._placed(expected) if self._is_open(expected) else await self._in_line(expected, patient)
        if self.outer is not None:
            try:
                place.outer = await self.outer._take(expected, patient or self.progress)
            except trio.Cancelled:
                place.release()
                raise
        return place

    async def _in_line(self, expected: int, patient: Progress | None) -> Place:
        turn = _Turn(expected)
        self._line.append(turn)
        try:
            if patient is not None:
                # Whoever stands still on a place is stopped within a deadline: so long it is their fault.
                with patient.patience(), trio.move_on_after(patient.deadline_s):
                    await turn.come.wait()
            await turn.come.wait()
        except trio.Cancelled:
            if turn.place is not None:
                turn.place.release()
            else:
                self._line.remove(turn)
                self._let_in()  # the next one may want less
            raise
        assert turn.place is not None
        return turn.place

    def take_nowait(self, expected: int) -> Place | None:
        """A place if there is one now, and nobody waits for it."""
        if not self._is_open(expected):
            return None
        outer = None
        if self.outer is not None:
            outer = self.outer.take_nowait(expected)
            if outer is None:
                return None
        return self._placed(expected, outer)

    def add(self, size: int) -> None:
        """Count bytes that came with a page that has its place; only `Place` calls it."""
        self.bytes += size
        if size < 0:
            self._let_in()

    def drop(self, place: Place) -> None:
        """Count a page out; only `Place` calls it."""
        self._held.discard(place)
        self.bytes -= place.size
        self._let_in()

    def release_all(self) -> None:
        """Give every place back, here and outside: what they were taken for is over."""
        for place in list(self._held):
            place.release()

    @contextmanager
    def part(self) -> Generator["Places", None, None]:
        """Places inside these, as many; what is still held of them at the end is given back, here too."""
        part = Places(self.limit_pages, self.limit_bytes, outer=self, large=self.large)
        try:
            yield part
        finally:
            part.release_all()

    def share(self, client_id: str) -> "Share":
        """A client's places inside these: the same ones for all that ask while somebody has them."""
        share = self._shares.get(client_id)
        if share is None:
            share = self._shares[client_id] = Share(self.limit_pages, self.limit_bytes, outer=self)
        return share

    def unshared(self) -> tuple[int, int]:
        """Places, and bytes of them, that no client has or is about to have."""
        shares = list(self._shares.values())
        pages, size = sum(share.pages for share in shares), sum(share.bytes for share in shares)
        return self.limit_pages - pages, self.limit_bytes - size

    def _is_open(self, expected: int) -> bool:
        return not self._line and self._has_room(expected)

    def _has_room(self, expected: int) -> bool:
        if self.pages == 0:
            return True
        return self.pages < self.limit_pages and self.bytes + expected <= self.limit_bytes

    def _let_in(self) -> None:
        """Give those who wait their places, in their order, as far as there is room."""
        while self._line and self._has_room(self._line[0].expected):
            turn = self._line.popleft()
            turn.place = self._placed(turn.expected)
            turn.come.set()
        for share in list(self._shares.values()):
            share._let_in()

    def _placed(self, expected: int, outer: Place | None = None) -> Place:
        self.bytes += expected
        place = Place(self, expected, outer)
        self._held.add(place)
        return place

    @property
    def pages(self) -> int:
        """Places that are held."""
        return len(self._held)


@define(eq=False)
class Share(Places):
    """One client's places inside the process's: no more, by count and by bytes, than remain for others.

    Alone a client has half of them, two have about a third each, and so on. So however slow the providers
    of some are, who comes new finds about as many places free as each of them holds: it takes half of those
    at once, and more as the others give theirs back. Nobody has to be asked who else will want some.
    (Dynamic thresholds for shared buffers, Choudhury and Hahne, 1998, with factor 1.)
    """

    def _has_room(self, expected: int) -> bool:
        if self.pages == 0:
            return True
        assert self.outer is not None
        pages, size = self.outer.unshared()
        return self.pages + 1 <= pages - 1 and self.bytes + expected <= size - expected
