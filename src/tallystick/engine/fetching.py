"""The fetching stage: the pages of one list in their order, several on their way at once.

Where an answer tells which pages follow (`Page.ahead`), those are asked for before the one in hand is
done; they are handed on in order, whatever order they come in. The first of them may be as large as it
likes, the others only small: a large one is read when it is the first.

Rows can move between pages while they are read. A row that is new, or newly falls under the filter, moves
others to a later page: they are seen twice, which costs nothing. What makes a row slip through is a list
that *shrinks* between two answers, by a deletion or because the later page was answered first. The totals
show it, and then the pages round the gap are read again, one after the other. A reading that was left for
a while goes on only after the page before has come again: whoever stores it can see whether it is the same.
"""

from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec
import trio
from attrs import define, evolve, field, frozen

from tallystick.connectors import Page
from tallystick.engine.places import LARGE_BYTES, UNSEEN_BYTES, Place, Places
from tallystick.errors import ListMoved, PageUnreadable, TallystickError

#: Pages that can be gone back to when a list has shrunk.
_REMEMBERED: Final = 8
#: Times that a list may shrink under one reading before it is begun anew, and one more for so many pages.
_STEPS_BACK: Final = 5
_PAGES_A_STEP: Final = 4


@frozen
class Fetched:
    """A page that has come, with the place that it holds until it is stored."""

    at: str | None  #: where the page is
    page: Page
    place: Place
    again: bool = False  #: it was read before, and the cursor stands behind it already
    taken_up: bool = False  #: it is the page after which the reading was left: is it still the same?


#: Asks for one page: where, whether it is the first in line by now, and the place that it holds.
Ask = Callable[[str | None, bool, Place], Awaitable[Page]]


@frozen
class Left:
    """Where an interrupted reading was left."""

    next: str  #: the page that was to come
    total: int | None = None  #: of the list, as the latest page told it
    page: str | None = None  #: the latest page; None for the first one
    known: bool = False  #: whoever stores it can tell whether it is the same when it comes again


@define(eq=False)
class _Asked:
    """A page that is on its way."""

    at: str | None
    place: Place
    first: bool  #: it was asked for as the first in line
    page: Page | None = None
    error: TallystickError | None = None
    come: trio.Event = field(factory=trio.Event)
    scope: trio.CancelScope = field(factory=trio.CancelScope)

    def drop(self) -> None:
        """Give it up."""
        self.scope.cancel()
        self.place.release()


@define(eq=False, kw_only=True)
class Fetcher:
    """Reads the pages of one list, from its beginning or from where it was left, to its end."""

    platform: str
    resource: str
    left: Left | None
    ask: Ask
    places: Places
    most_ahead: int  #: pages asked for before the first one is done; 0: one after the other
    _window: deque[_Asked] = field(factory=deque)
    _nursery: trio.Nursery | None = None
    _behind: deque[str | None] = field(factory=lambda: deque(maxlen=_REMEMBERED))
    _seen: set[str | None] = field(factory=set)
    _fingerprints: set[int] = field(factory=set)  #: of every page that was handed on
    _expected: int = UNSEEN_BYTES
    _large: bool = False  #: a page ahead was too large to be read there: one after the other from here
    _steps_back: int = 0

    async def run(self, fetched: trio.MemorySendChannel[Fetched | TallystickError]) -> None:
        """Hand over page after page, and at the end what ended them early, if anything."""
        async with fetched:
            try:
                async with trio.open_nursery() as self._nursery:
                    await self._read(fetched)
                    self._nursery.cancel_scope.cancel()
            finally:
                self._drop_window()

    async def _read(self, fetched: trio.MemorySendChannel[Fetched | TallystickError]) -> None:
        try:
            at, before = await self._begin(fetched)
            while True:
                asked = await self._first(at)
                page = self._checked(asked, before)
                if before is not None and _gone(before.total, page.total):
                    asked.place.release()
                    before = await self._read_again(page, before, fetched)
                    continue
                await self._hand_on(Fetched(at, page, asked.place), fetched)
                if page.next is None:
                    return
                self._ask_ahead(page)
                at, before = page.next, _figures(page)
                del asked, page
        except TallystickError as error:
            await fetched.send(error)

    async def _begin(
        self, fetched: trio.MemorySendChannel[Fetched | TallystickError]
    ) -> tuple[str | None, Page | None]:
        """Where to begin, and the page before it, where there is one and it has come again.

        Raises: `ListMoved` where rows that are still to be read may have moved to pages before.
        """
        left = self.left
        if left is None or not left.known:
            return (None if left is None else left.next), None
        asked = await self._asked_first(left.page)
        if left.total is not None and self.most_ahead:  # so that taking up costs a call, and no time
            self._ask_for(left.next)
        page = await self._come(asked)
        if page.next != left.next:
            asked.place.release()
            raise self._moved()
        await self._hand_on(Fetched(left.page, page, asked.place, again=True, taken_up=True), fetched)
        self._ask_ahead(page)
        return left.next, _figures(page)

    async def _hand_on(
        self, page: Fetched, fetched: trio.MemorySendChannel[Fetched | TallystickError]
    ) -> None:
        self._seen.add(page.at)
        self._behind.append(page.at)
        if page.page.fingerprint is not None:
            self._fingerprints.add(page.page.fingerprint)
        await fetched.send(page)

    async def _first(self, at: str | None) -> _Asked:
        """The page that is first in line. Raises: what asking for it raises."""
        if self._window and self._window[0].at != at:
            self._drop_window()  # the list goes on elsewhere than it said
        asked = self._window.popleft() if self._window else await self._asked_first(at)
        await asked.come.wait()
        if isinstance(asked.error, PageUnreadable) and not asked.first:
            asked.place.release()
            self._drop_window()
            self._large = True
            asked = await self._asked_first(at)
        await self._come(asked)
        return asked

    async def _come(self, asked: _Asked) -> Page:
        """The page, once it has come. Raises: what asking for it raises."""
        await asked.come.wait()
        if asked.error is not None:
            asked.place.release()
            raise asked.error
        assert asked.page is not None
        return asked.page

    async def _asked_first(self, at: str | None) -> _Asked:
        return self._start(_Asked(at, await self.places.take(self._expected), first=True))

    def _ask_ahead(self, page: Page) -> None:
        """Ask for what follows, as far as there is room for it now."""
        if self._large or page.total is None or page.next is None or self.most_ahead == 0:
            return
        on_their_way = {asked.at for asked in self._window}
        for at in (page.next, *page.ahead)[: self.most_ahead]:
            if at not in on_their_way and not self._ask_for(at):
                return

    def _ask_for(self, at: str) -> bool:
        """Ask for a page ahead, if there is room for it now."""
        place = self.places.take_nowait(self._expected)
        if place is not None:
            self._window.append(self._start(_Asked(at, place, first=False)))
        return place is not None

    def _start(self, asked: _Asked) -> _Asked:
        assert self._nursery is not None
        self._nursery.start_soon(self._fetch, asked)
        return asked

    async def _fetch(self, asked: _Asked) -> None:
        with asked.scope:
            try:
                asked.page = await self.ask(asked.at, asked.first, asked.place)
            except TallystickError as error:
                asked.error = error
            else:
                # A larger one waits for the process's place for that, and need not wait twice.
                self._expected = min(len(asked.page.raw), LARGE_BYTES)
                asked.place.weigh(len(asked.page.raw))
            asked.come.set()

    def _checked(self, asked: _Asked, before: Page | None) -> Page:
        """The page that has come.

        Raises: `PageUnreadable` where paging does not get on: a page, or its place, for the second time;
        `ListMoved` where rows that are still to be read may have moved to pages before.
        """
        page = asked.page
        assert page is not None
        if before is None and not self._seen:
            self._check_total(page, asked)
        reason = None
        if asked.at in self._seen:
            reason = f"its paging goes in a circle: page {asked.at or 1} is named again"
        elif page.fingerprint is not None and page.fingerprint in self._fingerprints:
            latest = before is not None and before.fingerprint == page.fingerprint
            reason = f"page {asked.at or 1} repeats {'the page before it' if latest else 'an earlier page'}"
        if reason is not None:
            asked.place.release()
            raise PageUnreadable(platform=self.platform, resource=self.resource, reason=reason, raw=page.raw)
        return page

    def _check_total(self, page: Page, asked: _Asked) -> None:
        """Raises: `ListMoved` where a list has shrunk since its reading was left."""
        if self.left is None or self.left.total is None or page.total is None:
            return
        if page.total < self.left.total:
            asked.place.release()
            raise self._moved()

    def _moved(self) -> ListMoved:
        return ListMoved(platform=self.platform, resource=self.resource)

    async def _read_again(
        self, page: Page, before: Page, fetched: trio.MemorySendChannel[Fetched | TallystickError]
    ) -> Page:
        """Read as many pages again as the rows that are gone can have pushed others over.

        Returns the last of them, by which the next page is measured. Raises: what asking for them raises;
        `ListMoved` when the list shrinks too often, or by more pages than can be gone back.
        """
        self._drop_window()
        last, latest = before, page.total
        gone, covered = _gone(before.total, page.total), 0
        while covered < gone:  # it may shrink again meanwhile
            covered = gone
            for at in self._pages_back(1 + gone // max(len(before.records), 1)):
                asked = await self._asked_first(at)
                last = await self._come(asked)
                await fetched.send(Fetched(at, last, asked.place, again=True))
                gone += _gone(latest, last.total)
                latest = latest if last.total is None else last.total
                last = _figures(last)
                del asked
        return evolve(last, next=before.next, ahead=(), total=latest)

    def _pages_back(self, count: int) -> list[str | None]:
        """The latest pages that were handed on, as many, or all of them. Raises: `ListMoved`."""
        self._steps_back += 1
        read = len(self._seen)
        if self._steps_back > _STEPS_BACK + read // _PAGES_A_STEP:
            raise self._moved()
        if count > read and self.left is not None:
            raise self._moved()
        count = min(count, read)
        if count > len(self._behind):
            raise self._moved()
        return list(self._behind)[-count:]

    def _drop_window(self) -> None:
        """Give up every page that is on its way or has come too early."""
        while self._window:
            self._window.popleft().drop()


def _figures(page: Page) -> Page:
    """What the next pages are measured by, without the rows: a large page must not outlive its place."""
    return evolve(page, raw=b"", records=(msgspec.Raw(),) * len(page.records))


def _gone(before: int | None, after: int | None) -> int:
    """By how many rows a list has shrunk between two answers, as far as they tell."""
    return 0 if before is None or after is None else max(0, before - after)
