"""Reads QuickBooks' lists, changes and reports. Source: providers §§2.1, 2.3, 5 nos. 36-39, 47, 48, 52."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

import msgspec
from attrs import evolve, field, frozen
from msgspec import Raw

from tallystick.connectors.contract import Calls, Page, Resource
from tallystick.connectors.doubts import Doubts
from tallystick.connectors.fingerprints import fingerprint_of_rows
from tallystick.connectors.http_times import http_date
from tallystick.connectors.quickbooks import queries
from tallystick.connectors.quickbooks.envelope import Envelope, open_envelope
from tallystick.connectors.quickbooks.faults import ABSENT, fault, holds_a_fault
from tallystick.connectors.quickbooks.journal_rows import report_rows
from tallystick.connectors.quickbooks.journal_windows import Window, is_cut
from tallystick.connectors.quickbooks.keys import read_key
from tallystick.connectors.quickbooks.queries import (
    LISTINGS,
    MINOR_VERSION,
    PAGE_SIZE,
    Listing,
    Statement,
)
from tallystick.connectors.quickbooks.rows import rows_of
from tallystick.connectors.quickbooks.tombstones import tombstone
from tallystick.connectors.quickbooks.words import instant
from tallystick.connectors.unreadable import UNREADABLE
from tallystick.errors import ListMoved, RequestRefused

#: Changes are told for thirty days; the day less is for clocks, and for a reading that is taken up.
_TOLD_FOR: Final = timedelta(days=29)
#: Rows that a page has again of the page before, by which it is seen whether rows between have moved.
OVERLAP: Final = 10
_LARGEST_JOINED: Final = 100  #: pages that a list may have whose rows only mean something together


def _now() -> datetime:
    return datetime.now(UTC)


class _Named(msgspec.Struct):
    Id: str | None = None


class _Dated(msgspec.Struct):
    TxnDate: str | None = None


_ID: Final = msgspec.json.Decoder(_Named)
_DATED: Final = msgspec.json.Decoder(_Dated)


@frozen(kw_only=True)
class _Place:
    """Where a page is: `Invoice:991:4711`, the last part being a row that it has to have again."""

    entity: str
    start: int = 1
    met: str | None = None

    @classmethod
    def read(cls, at: str) -> "_Place":
        entity, _, rest = at.partition(":")
        start, _, met = rest.partition(":")
        return cls(entity=entity, start=int(start), met=met or None)

    def __str__(self) -> str:
        return f"{self.entity}:{self.start}" + (f":{self.met}" if self.met else "")


@frozen(kw_only=True)
class QuickBooksClient:
    """`contract.Client` for QuickBooks.

    Everything is read by queries in the order of ids. What has changed is asked of CDC first, which tells
    deletions as well: one call for all entities of a resource. Where it is cut short, or the moment is out
    of its window, the changes are read by queries; deletions are then found by the next whole reading.
    """

    page_size: int = PAGE_SIZE
    now: Callable[[], datetime] = field(default=_now, repr=False)

    async def page(self, calls: Calls, resource: Resource, *, since: datetime | None, at: str | None) -> Page:
        """See `contract.Client.page`.

        The lists tell no totals, so each page begins a few rows before the end of the one before: is the
        last of that not among them, rows have moved.
        Raises: `PageUnreadable`, `ListMoved`, what `calls.get` raises, and that also for a fault that came
        with HTTP 200.
        """
        listing = LISTINGS[resource.name]
        if isinstance(listing, Statement):
            return await self._statement(calls, resource, listing)
        if listing.joined:
            return await self._joined(calls, resource, listing)
        if listing.report is not None:
            window = Window.oldest(self.now()) if at is None else Window.read(at)
            return await self._journal(calls, resource, listing, window)
        if at is not None:
            return await self._list(calls, resource, listing, _Place.read(at), since)
        if since is not None and self.now() - since < _TOLD_FOR:
            return await self._changes(calls, resource, listing, since)
        return await self._list(calls, resource, listing, _Place(entity=listing.entities[0]), since)

    async def one(self, calls: Calls, resource: Resource, key: str) -> Page:
        """See `contract.Client.one`; a key as `keys` says it. Rows that are read together come together.

        That an entity is no more is believed only where QuickBooks says so. Raises: `ValueError` for no key.
        """
        listing = LISTINGS[resource.name]
        if isinstance(listing, Statement):
            return await self._statement(calls, resource, listing)
        entity, id_ = read_key(resource.name, key)
        if listing.joined:
            page = await self._joined(calls, resource, listing)
            found = open_envelope(resource.name, page.raw).rows(entity)
            if entity == "CompanyInfo" or id_ in map(_id, found):
                return page
            raw = b"[%b,%b]" % (page.raw[1:-1], tombstone(entity, id_))
            return _Answer.of(resource, raw, {}).page(resource, after=None)
        try:
            answer = await _ask(calls, resource, f"{entity.lower()}/{id_}", {"minorversion": MINOR_VERSION})
        except RequestRefused as refusal:
            if refusal.status != ABSENT:
                raise
            answer = _Answer.of(resource, tombstone(entity, id_), {})
        written = _day(answer.envelope.rows(entity)) if listing.report is not None else None
        if written is not None:  # what was posted by it stands in the report of its day
            page = await self._journal(calls, resource, listing, Window(first=written, last=written))
            return evolve(page, next=None)
        return answer.page(resource, after=None)

    async def _list(
        self, calls: Calls, resource: Resource, listing: Listing, place: _Place, since: datetime | None
    ) -> Page:
        answer = await self._query(calls, resource, place.entity, since=since, start=place.start)
        found = answer.envelope.rows(place.entity)
        if place.met is not None and place.met not in map(_id, found):
            raise ListMoved(platform="quickbooks", resource=resource.name)
        return answer.page(resource, after=self._following(listing, place, found))

    def _following(self, listing: Listing, place: _Place, found: Sequence[Raw]) -> _Place | None:
        """The page after this one: of the same entity while its pages are full, then of the next one."""
        if len(found) >= self.page_size:
            back = min(OVERLAP, len(found) // 4)
            met = _id(found[-1]) if back else None
            return _Place(entity=place.entity, start=place.start + len(found) - back, met=met)
        number = listing.entities.index(place.entity) + 1
        return _Place(entity=listing.entities[number]) if number < len(listing.entities) else None

    async def _changes(self, calls: Calls, resource: Resource, listing: Listing, since: datetime) -> Page:
        answer = await _ask(calls, resource, "cdc", queries.changes(listing.entities, since))
        cut_short = any(len(rows) >= PAGE_SIZE for rows in answer.envelope.entities.values())
        return answer.page(resource, after=_Place(entity=listing.entities[0]) if cut_short else None)

    async def _joined(self, calls: Calls, resource: Resource, listing: Listing) -> Page:
        """All rows of all entities: as many answers as it takes, in one page."""
        answers: list[bytes] = []
        for entity in listing.entities:
            answers += await self._all(calls, resource, entity)
        return _Answer.of(resource, b"[%b]" % b",".join(answers), {}).page(resource, after=None)

    async def _journal(self, calls: Calls, resource: Resource, listing: Listing, window: Window) -> Page:
        """What was posted on some days, or on the first of them where all would be too much for a report."""
        while True:
            params = queries.journal(window.first, window.last)
            answer = await _ask(calls, resource, f"reports/{listing.report}", params)
            cut = any(is_cut(report_rows(report)) for report in answer.envelope.rows("Report"))
            if not cut or window.is_a_day:
                break
            window = window.half()
        answers = [answer.raw]
        for entity in listing.entities:
            answers += await self._all(calls, resource, entity, days=(window.first, window.last))
        joined = _Answer.of(resource, b"[%b]" % b",".join(answers), answer.headers)
        page = joined.page(resource, after=window.following(self.now()))
        return evolve(page, partial=cut)

    async def _all(
        self, calls: Calls, resource: Resource, entity: str, *, days: tuple[date, date] | None = None
    ) -> list[bytes]:
        """As many answers as an entity takes."""
        answers: list[bytes] = []
        for number in range(_LARGEST_JOINED):
            start = 1 + number * self.page_size
            answer = await self._query(calls, resource, entity, since=None, start=start, days=days)
            answers.append(answer.raw)
            if len(answer.envelope.rows(entity)) < self.page_size:
                break
        return answers

    async def _statement(self, calls: Calls, resource: Resource, listing: Statement) -> Page:
        params = queries.statement(listing, self.now())
        answer = await _ask(calls, resource, f"reports/{listing.report}", params)
        return answer.page(resource, after=None)

    async def _query(
        self,
        calls: Calls,
        resource: Resource,
        entity: str,
        *,
        since: datetime | None,
        start: int,
        days: tuple[date, date] | None = None,
    ) -> "_Answer":
        params = queries.query(entity, since=since, start=start, size=self.page_size, days=days)
        return await _ask(calls, resource, "query", params)


@frozen(kw_only=True)
class _Answer:
    """An answer, opened."""

    raw: bytes = field(repr=False)
    envelope: Envelope
    headers: Mapping[str, str] = field(repr=False)

    @classmethod
    def of(cls, resource: Resource, raw: bytes, headers: Mapping[str, str]) -> "_Answer":
        return cls(raw=raw, envelope=open_envelope(resource.name, raw), headers=headers)

    def page(self, resource: Resource, *, after: _Place | Window | None) -> Page:
        rows = rows_of(resource.name, self.envelope)
        return Page(
            raw=self.raw,
            records=rows,
            next=None if after is None else str(after),
            fingerprint=fingerprint_of_rows(rows) if rows else None,
            provider_time=instant(self.envelope.answered_at, "$.time", Doubts([]))
            or http_date(self.headers.get("date", "")),
        )


async def _ask(calls: Calls, resource: Resource, path: str, params: Mapping[str, str]) -> _Answer:
    """One call. Raises: what `calls.get` raises, and the like for a fault that came with HTTP 200."""
    response = await calls.get(path, params=params)
    if holds_a_fault(response.content):
        raise fault(response, resource.name)
    return _Answer.of(resource, response.content, response.headers)


def _id(row: Raw) -> str | None:
    try:
        return _ID.decode(row).Id
    except UNREADABLE:
        return None


def _day(rows: Sequence[Raw]) -> date | None:
    """The day that a transaction bears, where it is told."""
    try:
        told = _DATED.decode(rows[0]).TxnDate if rows else None
        return date.fromisoformat(told) if told else None
    except (*UNREADABLE, ValueError):
        return None
