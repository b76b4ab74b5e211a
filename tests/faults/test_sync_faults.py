"""A sync whose disk fails, or whose lists fail together: nothing is lost, nobody waits for what is over.

Invariants: I1 (a cursor never passes a page that is not stored), I3 (an end and its announcement are one).
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trio
from attrs import define, evolve, field
from sqlcipher3 import dbapi2 as sqlite
from tests.engine.conftest import MANIFEST, NOW, ScriptedClient, ScriptedConnector
from trio.testing import MockClock

from tallystick.access import Access
from tallystick.connectors import Calls, LargeAnswers, Page, Resource
from tallystick.engine.events import DatasetFinished, PageStored, SyncStoodStill
from tallystick.engine.places import Place, Places
from tallystick.engine.progress import Progress
from tallystick.engine.reconciliation import Reconciliation
from tallystick.engine.sync import SyncRun
from tallystick.errors import (
    NeedsReauthorisation,
    PageUnreadable,
    ProviderUnavailable,
    StoreUnusable,
)
from tallystick.standard import DataType
from tallystick.store import (
    Company,
    ConnectionRow,
    Cursor,
    DataFolder,
    Dataset,
    Store,
    companies,
    cursors,
    datasets,
    open_stores,
    outbox,
)
from tallystick.store import connections as connection_rows
from tallystick.telemetry import Telemetry

TYPES: tuple[DataType, ...] = ("items", "invoices", "bills")
SIDE_BY_SIDE = evolve(MANIFEST, resources=tuple(evolve(r, after=()) for r in MANIFEST.resources))


@define(eq=False)
class Rig:
    """One connection's store, what its provider says, and a disk that can fail."""

    store: Store
    row: ConnectionRow
    telemetry: Telemetry
    provider: ScriptedConnector = field(factory=lambda: ScriptedConnector(manifest=SIDE_BY_SIDE))
    events: list[Any] = field(factory=list)
    places: Places = field(factory=lambda: Places(6, 10**9))  #: of the whole process
    run: SyncRun = field(init=False)

    def __attrs_post_init__(self) -> None:
        for kind in (DatasetFinished, PageStored, SyncStoodStill):
            self.telemetry.listen(kind, self.events.append)

    async def queued(self, *, deadline_s: float = 100.0, large: LargeAnswers | None = None) -> None:
        """A run over new datasets, stored as queued."""
        new = tuple(
            Dataset(
                id=f"{data_type}-{len(self.events)}",
                sync_id="sync",
                connection_id=self.row.id,
                company_id=self.row.company_id,
                data_type=data_type,
                status="Queued",
                progress=0,
                requested_at=NOW,
            )
            for data_type in TYPES
        )
        await self.store.write(datasets.queue, new)
        self.run = SyncRun(
            client_id="acme",
            connection=self.row,
            connector=self.provider,
            calls=_no_calls,
            store=self.store,
            telemetry=self.telemetry,
            clock=lambda: NOW,
            places=Places(6, 10**9, outer=self.places, large=large),
            progress=Progress(deadline_s),
            turn=nullcontext,
            reconciliation=Reconciliation(every=timedelta(days=7), believed_share=0.1),
            datasets={dataset.data_type: dataset for dataset in new},
            correlation_id=None,
        )

    def fail_disk(self, why: str = "database or disk is full") -> None:
        """From now on no transaction reaches the disk."""

        def fault(point: str) -> None:
            if point == "commit.ready":
                raise sqlite.OperationalError(why)

        self.telemetry.faults = fault

    def mend_disk(self) -> None:
        self.telemetry.faults = None

    def places_held_at_the_end_of(self, data_type: DataType) -> list[int]:
        """How many places were held at that moment, in the whole process."""
        held: list[int] = []

        def note(event: DatasetFinished) -> None:
            if event.data_type == data_type:
                held.append(self.places.pages)

        self.telemetry.listen(DatasetFinished, note)
        return held

    async def left(self) -> list[str]:
        """Data types whose dataset has not ended."""
        return [d.data_type for d in await self.store.read(datasets.unfinished, self.row.id)]

    async def announced(self) -> int:
        return await self.store.read(outbox.pending)

    async def cursor(self, resource: str) -> Cursor:
        return await self.store.read(cursors.load, self.row.number, resource)

    def finished(self) -> dict[str, str]:
        return {e.data_type: e.status for e in self.events if isinstance(e, DatasetFinished)}


def _no_calls(place: Place, first: bool) -> Any:
    return place


@define(eq=False)
class LargePages(ScriptedClient):
    """Every page that is the first in line turns out to be large."""

    large: LargeAnswers = field(factory=LargeAnswers)
    held: list[Any] = field(factory=list)

    async def page(self, calls: Calls, resource: Resource, *, since: datetime | None, at: str | None) -> Page:
        place: Any = calls
        await self.large.take(place)
        assert not [earlier for earlier in self.held if earlier.held], "two large pages at once"
        self.held.append(place)
        return await ScriptedClient.page(self, calls, resource, since=since, at=at)


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncGenerator[Rig, None]:
    telemetry = Telemetry()
    folder = DataFolder.open(tmp_path / "data", bytes(32), create=True)
    async with open_stores(folder, telemetry, lambda: NOW, inline=True) as stores:
        client = await Access(stores).create_client("Acme")
        async with stores.client(client.id) as store:
            company = Company(id="amber", name="Amber", description=None, tags={}, created_at=NOW)
            await store.write(companies.add, company)
            row = evolve(connection_rows.new("amber", "xero", NOW), status="Linked", tenant_id="amber")
            await store.write(connection_rows.save, row)
            saved = await store.read(connection_rows.find, row.id)
            assert saved is not None
            yield Rig(store, saved, telemetry)
            telemetry.faults = None


def pages(prefix: str, count: int) -> list[list[tuple[str, str]] | Exception]:
    return [[(f"{prefix}{n}", str(n))] for n in range(count)]


# --- a disk that takes nothing ---------------------------------------------------------------------


@pytest.mark.parametrize("at", ["the beginning", "a page", "the end of a failure", "an unreadable page"])
async def test_a_disk_that_takes_nothing_ends_the_run_with_one_plain_error_and_nothing_is_lost(
    rig: Rig, autojump_clock: MockClock, at: str
) -> None:
    script = rig.provider.client.pages_of
    script["Items"], script["Invoices"] = pages("i", 4), pages("v", 4)
    match at:
        case "the end of a failure":
            script["Items"][2] = ProviderUnavailable(platform="xero", reason="HTTP 503")
        case "an unreadable page":
            script["Items"][2] = PageUnreadable(platform="xero", resource="Items", reason="cut short")
    await rig.queued()
    if at == "the beginning":
        rig.fail_disk()
    else:
        hold, held = trio.Event(), rig.provider.client.hold_before
        held["Items:3"] = held["Invoices:3"] = hold

        def full(event: PageStored) -> None:
            if sum(isinstance(e, PageStored) for e in rig.events) == 4:
                rig.fail_disk()
                hold.set()

        rig.telemetry.listen(PageStored, full)
    with pytest.raises(StoreUnusable, match="full"):
        await rig.run.run()
    rig.mend_disk()
    assert await rig.left() == list(TYPES)
    assert rig.finished() == {}
    assert await rig.announced() == 0
    there = None if at == "the beginning" else "3"
    assert [(await rig.cursor(name)).next for name in ("Items", "Invoices")] == [there, there]
    assert (rig.places.pages, rig.places.bytes) == (0, 0)


async def test_with_room_again_the_same_datasets_go_on_from_where_they_were(
    rig: Rig, autojump_clock: MockClock
) -> None:
    rig.provider.client.pages_of["Items"] = pages("i", 4)
    await rig.queued()
    hold = rig.provider.client.hold_before["Items:3"] = trio.Event()

    def full(_: PageStored) -> None:
        if not hold.is_set() and sum(isinstance(e, PageStored) for e in rig.events) == 3:
            rig.fail_disk()
            hold.set()

    rig.telemetry.listen(PageStored, full)
    with pytest.raises(StoreUnusable):
        await rig.run.run()
    assert rig.finished() == {"invoices": "Complete", "bills": "Complete"}, "the list that had no page left"
    rig.mend_disk()
    left = {"items": rig.run.datasets["items"]}
    again = evolve(rig.run, places=Places(6, 10**9), progress=Progress(100.0), datasets=left)
    await again.run()
    assert again.ended == dict.fromkeys(TYPES, "Complete")
    assert sum(isinstance(e, DatasetFinished) for e in rig.events) == 3, "once each"
    assert await rig.announced() == 3
    asked = [at for name, _, at in rig.provider.client.asked if name == "Items"]
    assert asked[:3] == [None, "2", "3"]
    assert "1" not in asked[3:], "nothing that is stored is read again"


async def test_a_consent_that_is_gone_and_cannot_be_written_down_is_found_gone_again_later(
    rig: Rig, autojump_clock: MockClock
) -> None:
    rig.provider.client.pages_of["Items"] = [NeedsReauthorisation(platform="xero", reason="revoked")]
    await rig.queued()
    hold = rig.provider.client.hold_before["Items:1"] = trio.Event()
    rig.provider.client.hold_before["Invoices:1"] = trio.Event()
    async with trio.open_nursery() as nursery:

        async def run() -> None:
            with pytest.raises(StoreUnusable):
                await rig.run.run()

        nursery.start_soon(run)
        await trio.sleep(1)
        rig.fail_disk()
        hold.set()
    rig.mend_disk()
    assert await rig.left() == list(TYPES)
    with pytest.raises(NeedsReauthorisation):
        await evolve(rig.run, places=Places(6, 10**9), progress=Progress(100.0)).run()
    assert rig.finished() == dict.fromkeys(TYPES, "AuthError")


async def test_a_stalled_run_that_cannot_be_written_down_is_not_told_as_stalled(
    rig: Rig, autojump_clock: MockClock
) -> None:
    await rig.queued(deadline_s=5.0)
    rig.provider.client.hold_before["Items:1"] = rig.provider.client.hold_before["Invoices:1"] = trio.Event()
    async with trio.open_nursery() as nursery:

        async def run() -> None:
            with pytest.raises(StoreUnusable):
                await rig.run.run()

        nursery.start_soon(run)
        await trio.sleep(1)
        rig.fail_disk()
    rig.mend_disk()
    assert rig.events == []
    assert await rig.left() == list(TYPES)


# --- ends ------------------------------------------------------------------------------------------


async def test_the_datasets_of_one_failure_end_and_are_announced_in_one_transaction(
    rig: Rig, autojump_clock: MockClock
) -> None:
    rig.provider.client.pages_of["Invoices"] = [ProviderUnavailable(platform="xero", reason="HTTP 503")]
    rig.provider.client.hold_before["Items:1"] = trio.Event()
    told_at: list[int] = []
    rig.telemetry.listen(DatasetFinished, lambda _: told_at.append(rig.store.database.commits))
    await rig.queued(deadline_s=5.0)
    await rig.run.run()
    assert rig.finished() == dict.fromkeys(TYPES, "FetchError")
    assert told_at[0] == told_at[1], "invoices and bills: one commit before both"
    assert await rig.announced() == 3


async def test_when_several_lists_fail_at_once_each_dataset_ends_once(
    rig: Rig, autojump_clock: MockClock
) -> None:
    gone = NeedsReauthorisation(platform="xero", reason="revoked")
    rig.provider.client.pages_of["Items"] = [gone]
    rig.provider.client.pages_of["Invoices"] = [ProviderUnavailable(platform="xero", reason="HTTP 503")]
    await rig.queued()
    with pytest.raises(NeedsReauthorisation):
        await rig.run.run()
    ended = [e.data_type for e in rig.events if isinstance(e, DatasetFinished)]
    assert sorted(ended) == sorted(TYPES)
    assert await rig.announced() == 3
    assert await rig.left() == []


async def test_lists_that_stand_still_together_are_all_told_as_stalled(
    rig: Rig, autojump_clock: MockClock
) -> None:
    hold = rig.provider.client.hold_before
    hold["Items:1"] = hold["Invoices:1"] = trio.Event()
    await rig.queued(deadline_s=5.0)
    await rig.run.run()
    assert rig.finished() == dict.fromkeys(TYPES, "FetchError")
    assert sum(isinstance(e, SyncStoodStill) for e in rig.events) == 1
    assert await rig.announced() == 3


async def test_a_page_whose_rows_wait_long_for_their_turns_does_not_stand_still(
    rig: Rig, autojump_clock: MockClock
) -> None:
    """A large page of one among many busy companies."""
    rig.provider.client.pages_of["Items"] = [[(f"i{n}", str(n)) for n in range(1000)]]

    @asynccontextmanager
    async def turn() -> AsyncGenerator[None, None]:
        await trio.sleep(3)
        yield

    await rig.queued(deadline_s=5.0)
    rig.run.turn = turn
    await rig.run.run()
    assert trio.current_time() > 3 * rig.run.progress.deadline_s
    assert rig.finished() == dict.fromkeys(TYPES, "Complete")


# --- places ----------------------------------------------------------------------------------------


async def test_a_list_that_fails_gives_all_its_places_back_at_once_and_the_others_go_on(
    rig: Rig, autojump_clock: MockClock
) -> None:
    """Its pages in line are abandoned; their places must not wait for the run's end."""
    client = rig.provider.client
    client.pages_of["Items"], client.pages_of["Invoices"] = pages("i", 60), pages("v", 30)
    rig.provider.manifest = MANIFEST  # invoices after items
    held = rig.places_held_at_the_end_of("items")
    await rig.queued(deadline_s=30.0)
    spoilt = False

    async def spoil() -> None:
        await rig.store.write(cursors.save, rig.row.number, "Items", Cursor(next="1"))

    async with trio.open_nursery() as nursery:

        def moved(event: PageStored) -> None:
            nonlocal spoilt
            if not spoilt and event.resource == "Items":
                spoilt = True
                nursery.start_soon(spoil)

        rig.telemetry.listen(PageStored, moved)
        await rig.run.run()
    assert held == [0]
    assert rig.finished() == {"items": "ProcessingError", "invoices": "Complete", "bills": "Complete"}


class SpoiltMapper:
    """A mapping that fails in our own words, as one does that cannot make sense of a page."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def records(self, resource: Resource, row: Any, books: Any, issues: Any) -> Any:
        if b'"i3"' in bytes(row):
            raise PageUnreadable(platform="xero", resource="Items", reason="no rows at all")
        return self.inner.records(resource, row, books, issues)


@pytest.mark.parametrize("fails", ["the mapping", "the provider"])
async def test_however_a_list_fails_no_place_of_it_is_held_any_more(
    rig: Rig, autojump_clock: MockClock, fails: str
) -> None:
    """Pages that were read ahead, wait to be mapped or are in line: the list's end is theirs too."""
    client = rig.provider.client
    client.pages_of["Items"], client.pages_of["Invoices"] = pages("i", 60), pages("v", 30)
    client.tells_total = True
    rig.provider.manifest = MANIFEST
    if fails == "the mapping":
        rig.provider.mapper = SpoiltMapper(rig.provider.mapper)  # type: ignore[assignment]
    else:
        client.pages_of["Items"][3] = ProviderUnavailable(platform="xero", reason="HTTP 503")
    held = rig.places_held_at_the_end_of("items")
    await rig.queued(deadline_s=30.0)
    await rig.run.run()
    assert held == [0]
    assert rig.finished() == {"items": "FetchError", "invoices": "Complete", "bills": "Complete"}


async def test_large_pages_of_several_lists_come_one_at_a_time_and_what_fails_lets_the_next_one_in(
    rig: Rig, autojump_clock: MockClock
) -> None:
    client = LargePages()
    client.pages_of["Items"], client.pages_of["Invoices"] = pages("i", 3), pages("v", 8)
    client.pages_of["Items"][2] = ProviderUnavailable(platform="xero", reason="HTTP 503")
    rig.provider.client = client
    await rig.queued(deadline_s=30.0, large=client.large)
    await rig.run.run()
    assert rig.finished() == {"items": "FetchError", "invoices": "Complete", "bills": "Complete"}
    assert len(client.held) == 11
    assert await client.large.take("anybody"), "nobody has it any more"


async def test_a_large_page_that_is_given_up_since_its_list_has_shrunk_lets_the_next_one_in(
    rig: Rig, autojump_clock: MockClock
) -> None:
    """It is read again, and could never be while the page that was given up had the place."""
    client = LargePages()
    client.pages_of["Items"], client.pages_of["Invoices"] = pages("i", 6), pages("v", 6)
    client.tells_total = True
    rig.provider.client = client
    rig.provider.manifest = evolve(SIDE_BY_SIDE, limits=evolve(MANIFEST.limits, calls_in_flight=0))

    def shrink(event: PageStored) -> None:
        if event.resource == "Items" and event.next == "3":
            client.pages_of["Items"] = pages("i", 5)

    rig.telemetry.listen(PageStored, shrink)
    await rig.queued(deadline_s=30.0, large=client.large)
    await rig.run.run()
    assert rig.finished() == dict.fromkeys(TYPES, "Complete")
    assert client.served.count("Items:2") == 2, "it was read again"
