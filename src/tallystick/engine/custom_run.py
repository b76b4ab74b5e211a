"""One reading of a custom data type: the provider's list, page by page, from its beginning to its end.

It is a sync like others, by its turn, its budget, its places and its deadline, but for one list that the
standard model does not have: no cursor, so that it always reads all, and begins anew where it was
interrupted.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Final

import trio
from attrs import define, field

from tallystick.connectors import Calls, Connector, Page
from tallystick.engine.custom_config import CustomType
from tallystick.engine.custom_storing import CustomStore, ReadRows
from tallystick.engine.events import PageRefused, PageStored
from tallystick.engine.failure import status_of
from tallystick.engine.places import UNSEEN_BYTES, Place, Places
from tallystick.engine.progress import Progress
from tallystick.engine.sync_news import SyncNews
from tallystick.errors import (
    CountMismatch,
    ListMoved,
    NeedsReauthorisation,
    PageUnreadable,
    RecordRejected,
    StoreUnusable,
    SyncStalled,
    TallystickError,
)
from tallystick.standard import DatasetStatus
from tallystick.store import Dataset, Store, Tally

#: Rows read between two looks at the loop: about 2 ms.
_ROWS_A_TURN: Final = 50
#: Pages in a row that bring nothing new; of those without a row there may be more.
_REPEATED_BORNE: Final = 3
_EMPTY_BORNE: Final = 50


@define(eq=False)
class _Endlessness:
    """Whether paging gets on."""

    places: set[str | None] = field(factory=set)
    fingerprints: set[int] = field(factory=set)
    stale: int = 0

    def fault(self, at: str | None, page: Page, *, is_new: bool) -> str | None:
        """Why a page shows that the list has no end; None while it may have one."""
        repeats = page.fingerprint is not None and page.fingerprint in self.fingerprints
        circle = page.next is not None and (page.next in self.places or page.next == at)
        self.places.add(at)
        if page.fingerprint is not None:
            self.fingerprints.add(page.fingerprint)
        self.stale = 0 if is_new else self.stale + 1
        if repeats:
            return f"page {at or 1} repeats an earlier page"
        if circle:
            return f"its paging goes in a circle: page {page.next} is named again"
        if page.next is not None and self.stale >= (_REPEATED_BORNE if page.records else _EMPTY_BORNE):
            return f"{self.stale} pages in a row bring nothing new"
        return None


@define(eq=False, kw_only=True)
class CustomRun:
    """Reads one custom data type of one connection. `run` may be cancelled at any moment."""

    connector: Connector
    calls: Callable[[Place, bool], Calls]  #: see `SyncRun.calls`
    store: Store
    places: Places
    progress: Progress
    turn: Callable[[], AbstractAsyncContextManager[object]]  #: the company's share of the processor
    keeping: CustomStore
    news: SyncNews
    status: DatasetStatus | None = None  #: how its dataset has ended
    _gone: NeedsReauthorisation | None = field(default=None, init=False)
    _unwritable: StoreUnusable | None = field(default=None, init=False)

    @property
    def dataset(self) -> Dataset:
        """What it reads."""
        return self.keeping.dataset

    async def run(self) -> None:
        """Read the list, and end the dataset whatever comes of it.

        Raises: `NeedsReauthorisation` when the consent is gone; `StoreUnusable`, and then the dataset has
        not ended: another run begins anew.
        """
        self.progress.touch()
        async with trio.open_nursery() as watching:
            work = trio.CancelScope()
            watching.start_soon(self.progress.watch, work)
            with work:
                await self._read_or_fail()
            watching.cancel_scope.cancel()
        if self._unwritable is not None:
            raise self._unwritable
        if self._gone is not None:
            raise self._gone
        if self.progress.stalled and self.status is None:
            seconds = self.progress.deadline_s
            await self._fail(SyncStalled(platform=self.connector.manifest.slug, seconds=seconds))
            self.news.stood_still(seconds)

    async def _read_or_fail(self) -> None:
        try:
            try:
                await self._read()
            except ListMoved:  # by the provider's hand or the client's: once more, from the beginning
                await self._read()
        except StoreUnusable as error:
            self._unwritable = error
        except TallystickError as error:
            try:
                await self._fail(error)
            except StoreUnusable as unwritable:
                self._unwritable = unwritable
            if isinstance(error, NeedsReauthorisation):
                self._gone = error

    async def _read(self) -> None:
        told = await self.store.write(self.keeping.begin)
        endless, at = _Endlessness(), None
        while True:
            place = await self.places.take(UNSEEN_BYTES)
            try:
                page = await self.connector.lists.page(self.calls(place, True), told.source, at)
                place.weigh(len(page.raw))
                self.progress.touch()
                read = await self._rows(told, page)
                tally, again = await self.store.write(self.keeping.store, read)
            finally:
                place.release()
            self.progress.touch()
            self.keeping.note(read)
            self._tell(read, tally)
            reason = endless.fault(at, page, is_new=again < len(read.records))
            if reason is not None:
                raise self._unreadable(reason, page.raw)
            if page.next is None:
                break
            at = page.next
            del page, read  # a large page must not outlive its place
        await self._finish()

    async def _rows(self, told: CustomType, page: Page) -> ReadRows:
        """Read a page's rows, a slice of them a turn. Of rows with one id the last counts."""
        records, refused, rows = {}, list[RecordRejected](), page.records
        for start in range(0, len(rows), _ROWS_A_TURN):
            async with self.turn():
                for row in rows[start : start + _ROWS_A_TURN]:
                    try:
                        record = told.record(row)
                    except RecordRejected as error:
                        refused.append(error)
                    else:
                        records[record.id] = record
                self.progress.touch()
                await trio.lowlevel.checkpoint()
        repeated = len(rows) - len(refused) - len(records)
        return ReadRows(page=page, records=list(records.values()), repeated=repeated, refused=refused)

    async def _finish(self) -> None:
        """The list was read to its last page."""
        keeping, code, reason = self.keeping, None, None
        status: DatasetStatus = "Complete"
        if keeping.refused:
            status, code = "MapError", RecordRejected.code
            told = f"{keeping.refused} rows could not be read ({keeping.first_refusal})"
            reason = f"{told}; the others are stored"
        elif keeping.is_short:
            short = CountMismatch(
                platform=self.connector.manifest.slug,
                resource=self.dataset.data_type,
                read=keeping.rows,
                told=keeping.least_total or 0,
            )
            status, code, reason = status_of(short), short.code, f"{short}. {_AGAIN}"
        await self.store.write(keeping.finish, status, code=code, reason=reason)
        self._ended(status, reason, None)

    async def _fail(self, error: TallystickError) -> None:
        """End the dataset with the reason. Raises: `StoreUnusable`."""
        if isinstance(error, PageUnreadable):
            await self.store.write(self.keeping.keep, error.raw, error.reason)
            self._refused(error.reason)
        status, fix = status_of(error), _AGAIN if error.recovery == "retry" else error.fix
        told = f"{error}. {fix}"
        await self.store.write(
            self.keeping.fail, status, code=error.code, reason=told, now=self.keeping.clock()
        )
        self._ended(status, told, error)

    def _ended(self, status: DatasetStatus, reason: str | None, error: TallystickError | None) -> None:
        self.status = status
        self.news.dataset_finished(self.dataset, status, reason, None if error is None else error.fault)

    def _tell(self, read: ReadRows, tally: Tally) -> None:
        self.news.telemetry.emit(
            PageStored(
                platform=self.news.platform,
                client_id=self.news.client_id,
                connection_id=self.news.connection_id,
                resource=self.dataset.data_type,
                next=read.page.next,
                records=len(read.records),
                created=tally.created,
                updated=tally.updated,
                unchanged=tally.unchanged,
                rejected=len(read.refused),
                by_type=(),
            )
        )

    def _refused(self, reason: str) -> None:
        self.news.telemetry.emit(
            PageRefused(
                platform=self.news.platform,
                client_id=self.news.client_id,
                connection_id=self.news.connection_id,
                resource=self.dataset.data_type,
                reason=reason,
            )
        )

    def _unreadable(self, reason: str, raw: bytes) -> PageUnreadable:
        slug = self.connector.manifest.slug
        return PageUnreadable(platform=slug, resource=self.dataset.data_type, reason=reason, raw=raw)


#: A custom data type is read when somebody asks for it, and not again by itself.
_AGAIN: Final = "Queue the custom data type again"
