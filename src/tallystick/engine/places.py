"""How many pages, and how many bytes of them, are between the provider and the disk.

A page takes its place before it is asked for and gives it back once it is committed or given up. A sync
has places of its own inside the process's, and each list of it inside those; a slow disk fills them, and
then nothing more is fetched. A page that turns out large also takes the process's one place for that, and
gives it back together with its own.
"""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

import trio
from attrs import define, field

from tallystick.connectors import LargeAnswers

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
class Places:
    """Places for pages, bounded by count and by bytes; inside others, places of both are taken.

    One page is always let in, however large: else it could never be read. Pages of one list must take
    their places in their order, since the first of them is what the others wait for.
    """

    limit_pages: int
    limit_bytes: int
    outer: "Places | None" = None
    large: LargeAnswers | None = None  #: which a page of these may take too, with its `Place` as owner
    bytes: int = 0
    _held: set[Place] = field(factory=set, repr=False)
    _waiting: trio.lowlevel.ParkingLot = field(factory=trio.lowlevel.ParkingLot, repr=False)

    async def take(self, expected: int) -> Place:
        """A place for a page of about so many bytes, after waiting for one."""
        await trio.lowlevel.checkpoint_if_cancelled()
        outer = None if self.outer is None else await self.outer.take(expected)
        try:
            while not self._has_room(expected):
                await self._waiting.park()
        except trio.Cancelled:
            if outer is not None:
                outer.release()
            raise
        return self._placed(expected, outer)

    def take_nowait(self, expected: int) -> Place | None:
        """A place if there is one now."""
        if not self._has_room(expected):
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
            self._waiting.unpark_all()

    def drop(self, place: Place) -> None:
        """Count a page out; only `Place` calls it."""
        self._held.discard(place)
        self.bytes -= place.size
        self._waiting.unpark_all()

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

    def _has_room(self, expected: int) -> bool:
        if self.pages == 0:
            return True
        return self.pages < self.limit_pages and self.bytes + expected <= self.limit_bytes

    def _placed(self, expected: int, outer: Place | None) -> Place:
        self.bytes += expected
        place = Place(self, expected, outer)
        self._held.add(place)
        return place

    @property
    def pages(self) -> int:
        """Places that are held."""
        return len(self._held)
