"""The fetching stage: the pages of one list in their order, several on their way at once.

Where an answer tells which pages follow (`Page.ahead`), those are asked for before the one in hand is
done; they are handed on in order, whatever order they come in. The first of them may be as large as it
likes, the others only small: a large one is read when it is the first.

Rows can move between pages while they are read. A row that is new, or newly falls under the filter, moves
others to a later page: they are seen twice, which costs nothing. What makes a row slip through is a list
that *shrinks* between two answers, by a deletion or because the later page was answered first. The totals
show it, and then the pages round the gap are read again, one after the other.
"""

from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

import trio
from attrs import define, evolve, field, frozen

from tallystick.connectors import Page
from tallystick.engine.places import UNSEEN_BYTES, Place, Places
from tallystick.errors import ListMoved, PageUnreadable, TallystickError

#: Pages that can be gone back to when a list has shrunk.
_REMEMBERED: Final = 8
#: Times that a list may shrink under one reading before the rest is left to the next whole reading.
_STEPS_BACK: Final = 5


@frozen
class Fetched:
    """A page that has come, with the place that it holds until it is stored."""

    page: Page
    place: Place
    again: bool  #: read once more because its list has shrunk: the cursor stands behind it already


#: Asks for one page; the second argument is False for one that is not yet the first in line.
Ask = Callable[[str | None, bool], Awaitable[Page]]


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
    """Reads the pages of one list, from `start` to its end."""

    platform: str
    resource: str
    start: str | None
    start_total: int | None  #: of the list, as the page before `start` told it
    ask: Ask
    places: Places
    most_ahead: int  #: pages asked for before the first one is done; 0: one after the other
    _window: deque[_Asked] = field(factory=deque)
    _nursery: trio.Nursery | None = None
    _behind: deque[str | None] = field(factory=lambda: deque(maxlen=_REMEMBERED))
    _seen: set[str | None] = field(factory=set)
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
        at, before = self.start, None
        while True:
            try:
                asked = await self._first(at)
                page = self._checked(asked, before)
                if before is not None and self._has_shrunk(page, before):
                    asked.place.release()
                    await self._read_again(page, before, fetched)
                    before = None
                    continue
            except TallystickError as error:
                await fetched.send(error)
                return
            await fetched.send(Fetched(page, asked.place, again=False))
            if page.next is None:
                return
            self._seen.add(at)
            self._behind.append(at)
            at, before = page.next, page
            self._ask_ahead(page)

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
            await asked.come.wait()
        if asked.error is not None:
            asked.place.release()
            raise asked.error
        return asked

    async def _asked_first(self, at: str | None) -> _Asked:
        return self._start(_Asked(at, await self.places.take(self._expected), first=True))

    def _ask_ahead(self, page: Page) -> None:
        """Ask for what follows, as far as there is room for it now."""
        if self._large or page.total is None or page.next is None or self.most_ahead == 0:
            return
        on_their_way = {asked.at for asked in self._window}
        for at in (page.next, *page.ahead)[: self.most_ahead]:
            if at in on_their_way:
                continue
            place = self.places.take_nowait(self._expected)
            if place is None:
                return
            self._window.append(self._start(_Asked(at, place, first=False)))

    def _start(self, asked: _Asked) -> _Asked:
        assert self._nursery is not None
        self._nursery.start_soon(self._fetch, asked)
        return asked

    async def _fetch(self, asked: _Asked) -> None:
        with asked.scope:
            try:
                asked.page = await self.ask(asked.at, asked.first)
            except TallystickError as error:
                asked.error = error
            else:
                self._expected = len(asked.page.raw)
                asked.place.weigh(self._expected)
            asked.come.set()

    def _checked(self, asked: _Asked, before: Page | None) -> Page:
        """The page that has come.

        Raises: `PageUnreadable` where paging does not get on: a page, or its place, for the second time;
        `ListMoved` where rows that are still to be read may have moved to pages before `start`.
        """
        page = asked.page
        assert page is not None
        if self._is_taken_up(asked) and (page.total or 0) < (self.start_total or 0):
            asked.place.release()
            raise ListMoved(platform=self.platform, resource=self.resource)
        reason = None
        if asked.at in self._seen:
            reason = f"its paging goes in a circle: page {asked.at or 1} is named again"
        elif page.fingerprint is not None and before is not None and before.fingerprint == page.fingerprint:
            reason = f"page {asked.at or 1} repeats the page before it"
        if reason is not None:
            asked.place.release()
            raise PageUnreadable(platform=self.platform, resource=self.resource, reason=reason, raw=page.raw)
        return page

    def _is_taken_up(self, asked: _Asked) -> bool:
        """Whether this is the page with which an interrupted reading goes on, and both know the total."""
        first = self.start is not None and asked.at == self.start and not self._seen
        return (
            first and self.start_total is not None and asked.page is not None and asked.page.total is not None
        )

    def _has_shrunk(self, page: Page, before: Page) -> bool:
        if page.total is None or before.total is None:
            return False
        return page.total < before.total and self._steps_back < _STEPS_BACK

    async def _read_again(
        self, page: Page, before: Page, fetched: trio.MemorySendChannel[Fetched | TallystickError]
    ) -> None:
        """Read as many pages again as the rows that are gone can have pushed others over.

        Their cursor stands behind them already and stays there. Raises: what asking for them raises.
        """
        assert before.total is not None
        assert page.total is not None
        self._steps_back += 1
        self._drop_window()
        rows = max(len(before.records), 1)
        back = 1 + (before.total - page.total) // rows
        for at in list(self._behind)[-back:]:
            asked = await self._asked_first(at)
            await asked.come.wait()
            if asked.error is not None:
                asked.place.release()
                raise asked.error
            assert asked.page is not None
            await fetched.send(
                Fetched(evolve(asked.page, next=before.next, ahead=()), asked.place, again=True)
            )

    def _drop_window(self) -> None:
        """Give up every page that is on its way or has come too early."""
        while self._window:
            self._window.popleft().drop()
