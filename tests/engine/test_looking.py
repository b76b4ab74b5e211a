"""What a connection finds to do, and that it is always due again: after upgrades, stops, and full disks."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta

import trio
from attrs import evolve
from sqlcipher3 import dbapi2 as sqlite
from tests.engine.conftest import MANIFEST, House
from tests.engine.lives import (
    Lives,
    in_directory,
    lives,
    never,
    planned,
    read_completed,
    rest_in,
    waiting_for_consent,
)
from trio.testing import MockClock

from tallystick.access import Access
from tallystick.actors import ActorRestarted
from tallystick.config import EngineSettings
from tallystick.connectors import Resource
from tallystick.engine import (
    ConnectionMoved,
    DatasetFinished,
    DeletionsHeld,
    PageStored,
    StoreAwaited,
    SyncFinished,
    SyncStarted,
)
from tallystick.engine.connection import Deauthorise, Due, Linked
from tallystick.engine.reports import Left
from tallystick.engine.schedule import RefreshesDue
from tallystick.engine.sync_settings import write_settings
from tallystick.standard import DataType
from tallystick.store import ConnectionRow, control, datasets
from tallystick.store import connections as connection_rows
from tallystick.telemetry import FaultPoint

__all__ = ["lives"]  # the fixture

BOOKS = [[(f"i{number}", str(number)) for number in range(40)]]
FEW = [[(f"i{number}", str(number)) for number in range(5)]]


async def from_before_there_was_a_schedule(house: House, row: ConnectionRow) -> None:
    """Leave the installation as an earlier release did, which knew no due times."""

    def older(database: object) -> None:
        database.execute("update directory set next_due_at = null")  # type: ignore[attr-defined]
        database.execute("pragma user_version = 4")  # type: ignore[attr-defined]

    await house.stores.control.write(older)
    assert await planned(house, row) == {}


async def test_a_connection_from_before_there_was_a_schedule_is_read_after_the_upgrade(
    lives: Lives, autojump_clock: MockClock
) -> None:
    async with lives.life() as house:
        row = await house.linked()
        await from_before_there_was_a_schedule(house, row)
    async with lives.life(SyncFinished) as house:
        await house.until(SyncFinished)
        await trio.sleep(1)
        assert {d.status for d in (await house.datasets(row)).values()} == {"Complete"}
        due_at = (await in_directory(house, row)).next_due_at
        assert due_at is not None
        assert timedelta(hours=22) < due_at - lives.clock() < timedelta(hours=26)


async def test_where_nothing_is_read_by_itself_an_upgrade_has_it_looked_at_once_and_no_start_after_it(
    lives: Lives, autojump_clock: MockClock
) -> None:
    async with lives.life() as house:
        row = await house.linked()
        await write_settings(house.stores, house.engine.schedule, house.client_id, None, never())
        await from_before_there_was_a_schedule(house, row)
    for looks in (1, 0):
        async with lives.life(RefreshesDue, SyncStarted) as house:
            await trio.sleep(3600)
            assert [type(event) for event in house.events] == [RefreshesDue] * looks
            assert (await in_directory(house, row)).next_due_at is None
            assert len(house.engine.schedule) == 0


async def test_a_data_type_that_the_provider_has_learnt_since_is_read_too(
    lives: Lives, autojump_clock: MockClock
) -> None:
    lives.provider.manifest = evolve(MANIFEST, resources=MANIFEST.resources[:1])
    async with lives.life(SyncFinished) as house:
        row = await house.linked()
        await house.engine.sync(house.client_id, row.id, None, "test")
        await house.until(SyncFinished)
    lives.provider.manifest = MANIFEST
    lives.clock.moved += timedelta(days=2)
    async with lives.life(SyncFinished) as house:
        await house.until(SyncFinished)
        assert {d.status for d in (await house.datasets(row)).values()} == {"Complete"}
        assert set(await planned(house, row)) == {"items", "invoices", "bills"}


async def test_what_waits_for_a_data_type_that_the_provider_has_dropped_ends_and_is_announced(
    lives: Lives, autojump_clock: MockClock
) -> None:
    lives.provider.client.hold_before["Invoices:1"] = trio.Event()
    async with lives.life(PageStored) as house:
        row = await house.linked()
        await house.engine.sync(house.client_id, row.id, None, "test")
        await house.until(PageStored)
    lives.provider.manifest = evolve(MANIFEST, resources=MANIFEST.resources[:1])
    async with lives.life(DatasetFinished, SyncStarted, RefreshesDue) as house:
        await house.until(DatasetFinished, 2)
        await trio.sleep(3600)
        told = [(e.data_type, e.status) for e in house.events if isinstance(e, DatasetFinished)]
        assert told[:2] == [("invoices", "NotSupported"), ("bills", "NotSupported")]
        found = await house.datasets(row)
        assert found["bills"].error_code == "provider.not_supported"
        announced = await read_completed(house, row)
        assert [sum(found[t].id in body for body in announced) for t in ("invoices", "bills")] == [1, 1]
        assert sum(isinstance(event, RefreshesDue) for event in house.events) <= 2, "not for ever"


async def test_however_often_it_is_told_an_interrupted_sync_is_taken_up_once(
    lives: Lives, autojump_clock: MockClock
) -> None:
    lives.provider.client.hold_before["Items:1"] = trio.Event()
    async with lives.life(SyncStarted) as house:
        row = await house.linked()
        await house.engine.sync(house.client_id, row.id, None, "test")
        await house.until(SyncStarted)
    lives.provider.client.hold_before.clear()
    async with lives.life(SyncStarted, SyncFinished) as house:
        address = house.engine.connections.find(row.id)
        assert address is not None
        for _ in range(5):
            address.tell_nowait(Due())
        await trio.sleep(30)
        assert [e.reason for e in house.events if isinstance(e, SyncStarted)] == ["taken up again"]
        assert [e.outcome for e in house.events if isinstance(e, SyncFinished)] == ["ok"]


async def test_a_sync_that_has_nothing_left_to_read_is_no_success_and_leaves_the_state_as_it_is(
    lives: Lives, autojump_clock: MockClock
) -> None:
    lives.settings = EngineSettings(syncs_at_once=1, shed_rss_mb=4_000)
    hold = lives.provider.client.hold_before["Invoices:1"] = trio.Event()
    async with lives.life(SyncStarted, SyncFinished, ConnectionMoved) as house:
        first, row = await house.linked("First"), await house.linked()
        await house.engine.sync(house.client_id, row.id, ["items"], "test")
        await house.until(SyncFinished)
        await trio.sleep(1)
        await rest_in(house, row, "Stale")
        await house.engine.sync(house.client_id, first.id, ["invoices"], "test")
        await house.until(SyncStarted, 2)
        (queued,) = await house.engine.sync(house.client_id, row.id, ["items"], "test")
        async with house.stores.client(house.client_id) as store:
            await store.write(datasets.move, queued.id, "Cancelled", progress=0, at=lives.clock())
        hold.set()
        await house.until(SyncFinished, 3)
        await trio.sleep(1)
        last = [e for e in house.events if isinstance(e, SyncFinished)][-1]
        assert (last.connection_id, last.outcome) == (row.id, "cancelled")
        assert (await house.row(row)).state == "Stale"
        moves = [e.now for e in house.events if isinstance(e, ConnectionMoved) and e.connection_id == row.id]
        assert moves[-2:] == ["Syncing", "Stale"]


async def test_a_sync_that_is_being_queued_while_another_one_ends_stays_due_until_it_has_ended(
    lives: Lives, autojump_clock: MockClock
) -> None:
    """Else a stop would forget it: the directory alone says which connections a start looks at."""
    lives.settings = EngineSettings(syncs_at_once=1, shed_rss_mb=4_000)
    gate, free = trio.Event(), trio.Event()

    @asynccontextmanager
    async def turn() -> AsyncGenerator[None]:
        await gate.wait()
        yield

    async with lives.life(SyncStarted, SyncFinished) as house, trio.open_nursery() as asking:
        row = await house.linked()
        await house.engine.sync(house.client_id, row.id, None, "test")
        await house.until(SyncFinished)
        await trio.sleep(1)

        neighbour = evolve(house, client_id=(await Access(house.stores).create_client("Other")).id)
        lives.provider.client.hold_before["Invoices:1"] = free
        await house.engine.sync(neighbour.client_id, (await neighbour.linked()).id, ["invoices"], "test")
        await house.until(SyncStarted, 2)
        (waiting,) = await house.engine.sync(house.client_id, row.id, ["items"], "test")
        async with house.stores.client(house.client_id) as store:
            await store.write(datasets.move, waiting.id, "Cancelled", progress=0, at=lives.clock())
            store.database.turn = turn
            asking.start_soon(house.engine.sync, house.client_id, row.id, ["invoices"], "test")
            await trio.sleep(1)
            began = lives.clock()
            lives.provider.client.hold_before["Invoices:1"] = trio.Event()
            free.set()
            await house.until(SyncFinished, 3)
            await trio.sleep(1)
            gate.set()
        await trio.sleep(1)
        assert {d.status for d in (await house.datasets(row)).values()} >= {"Fetching"}
        due_at = (await in_directory(house, row)).next_due_at
        assert due_at is not None
        assert due_at <= began + timedelta(seconds=5)


async def test_lists_are_read_in_the_order_that_settings_ask_for(
    lives: Lives, autojump_clock: MockClock
) -> None:
    """Four at once, so the last of five is the one that was put last, first in the provider's order or not."""
    types: tuple[DataType, ...] = ("items", "invoices", "bills", "customers", "suppliers")
    resources = tuple(Resource(name=name.title(), data_types=(name,)) for name in types)
    lives.provider.manifest = evolve(MANIFEST, resources=resources)
    async with lives.life(SyncFinished) as house:
        row = await house.linked()
        said = [evolve(never()[0], sync_order=9)]
        await write_settings(house.stores, house.engine.schedule, house.client_id, None, said)
        queued = await house.engine.sync(house.client_id, row.id, None, "test")
        assert [dataset.data_type for dataset in queued] == [*types[1:], "items"]
        await house.until(SyncFinished)
    asked = [resource for resource, *_ in lives.provider.client.asked]
    assert len(asked) == 5
    assert asked[-1] == "Items"


async def test_a_list_is_read_after_those_that_it_needs_whatever_settings_ask_for(
    lives: Lives, autojump_clock: MockClock
) -> None:
    async with lives.life(SyncFinished) as house:
        row = await house.linked()
        said = [evolve(never()[0], sync_order=9)]
        await write_settings(house.stores, house.engine.schedule, house.client_id, None, said)
        await house.engine.sync(house.client_id, row.id, None, "test")
        await house.until(SyncFinished)
    assert [resource for resource, *_ in lives.provider.client.asked] == ["Items", "Invoices"]


async def test_a_full_disk_in_the_middle_of_a_sync_crashes_nobody_and_it_ends_when_there_is_room(
    lives: Lives, autojump_clock: MockClock
) -> None:
    lives.provider.client.pages_of["Items"] = [[("a", "1")], [("b", "2")], [("c", "3")]]
    hold = lives.provider.client.hold_before["Items:2"] = trio.Event()
    async with lives.life(ActorRestarted, ConnectionMoved, StoreAwaited, PageStored, SyncFinished) as house:
        row = await house.linked()
        await house.engine.sync(house.client_id, row.id, ["items"], "test")
        await house.until(PageStored)
        lives.fill_the_disk()
        hold.set()
        await trio.sleep(4000)
        assert not [e for e in house.events if isinstance(e, ActorRestarted)]
        moves = [(e.now, e.reason) for e in house.events if isinstance(e, ConnectionMoved)]
        assert [state for state, _ in moves if state != "Syncing"] == ["Stale"]
        assert "disk is full" in moves[-1][1]
        pauses = [e.again_s for e in house.events if isinstance(e, StoreAwaited)]
        assert pauses == sorted(pauses)
        assert (pauses[0], pauses[-1]) == (30.0, 600.0)
        assert len(pauses) < 15
        state = house.engine.connections.state(row.id)
        assert state is not None
        assert (state.state, "disk is full" in (state.reason or "")) == ("running", True)
        assert {e.outcome for e in house.events if isinstance(e, SyncFinished)} <= {"error"}
        lives.make_room()
        await trio.sleep(660)
        assert {d.status for d in (await house.datasets(row)).values()} == {"Complete"}
        assert [e.now for e in house.events if isinstance(e, ConnectionMoved)][-1] == "Linked"
        state = house.engine.connections.state(row.id)
        assert state is not None
        assert state.reason is None
        due_at = (await in_directory(house, row)).next_due_at
        assert due_at is not None
        assert due_at > lives.clock() + timedelta(hours=20)


async def test_a_full_disk_while_nothing_is_under_way_delays_what_is_due_and_nothing_else(
    lives: Lives, autojump_clock: MockClock
) -> None:
    async with lives.life(ActorRestarted, ConnectionMoved, SyncFinished) as house:
        row = await house.linked()
        await house.engine.sync(house.client_id, row.id, None, "test")
        await house.until(SyncFinished)
        await trio.sleep(20 * 3600)
        lives.fill_the_disk()
        await trio.sleep(8 * 3600)
        lives.make_room()
        await house.until(ConnectionMoved, 2)
        await trio.sleep(700)
        assert not [e for e in house.events if isinstance(e, ActorRestarted)]
        assert [e.outcome for e in house.events if isinstance(e, SyncFinished)] == ["ok", "ok"]
        assert [e.now for e in house.events if isinstance(e, ConnectionMoved)][-1] == "Linked"


async def test_a_damaged_file_is_looked_at_less_and_less_often_and_said_each_time(
    lives: Lives, autojump_clock: MockClock
) -> None:
    async with lives.life() as house:
        row = await house.linked()
        await house.stores.control.write(control.note_due, row.id, lives.clock())
        file = house.stores.folder.client_file(house.client_id)
    pages = file.read_bytes()
    file.write_bytes(pages[:8192] + bytes(len(pages) - 8192))
    async with lives.life(ActorRestarted, StoreAwaited) as house:
        await trio.sleep(3600)
        assert not [e for e in house.events if isinstance(e, ActorRestarted)]
        told = [e for e in house.events if isinstance(e, StoreAwaited)]
        assert 4 < len(told) < 12
        assert all(file.name in e.reason for e in told)
        state = house.engine.connections.state(row.id)
        assert state is not None
        assert file.name in (state.reason or "")
        due_at = (await in_directory(house, row)).next_due_at
        assert due_at is not None
        assert due_at < lives.clock(), "the next start looks again"
    file.write_bytes(pages)
    async with lives.life(SyncFinished) as house:
        await house.until(SyncFinished)


async def test_the_end_of_another_consent_forgets_no_due_time_and_ends_nothing(
    lives: Lives, autojump_clock: MockClock
) -> None:
    hold = lives.provider.client.hold_before["Items:1"] = trio.Event()
    async with lives.life(SyncStarted, SyncFinished) as house:
        row = await house.linked()
        await house.engine.sync(house.client_id, row.id, None, "test")
        await house.until(SyncStarted)
        address = house.engine.connections.find(row.id)
        assert address is not None
        await address.tell(Deauthorise(reason="an old one", grant_id="another"))
        await trio.sleep(10)
        hold.set()
        await trio.sleep(10)
        assert {d.status for d in (await house.datasets(row)).values()} == {"Complete"}
        due_at = (await in_directory(house, row)).next_due_at
        assert due_at is not None
        assert due_at > lives.clock()
        assert len(house.engine.schedule) == 1
        await house.engine.sync(house.client_id, row.id, None, "test")


async def test_a_link_that_cannot_be_ended_stands_and_a_second_try_ends_it(
    lives: Lives, autojump_clock: MockClock
) -> None:
    async with lives.life(SyncFinished) as house:
        row = await house.linked()
        await house.engine.sync(house.client_id, row.id, None, "test")
        await house.until(SyncFinished)
        await trio.sleep(1)
        lives.fill_the_disk()
        try:
            await house.engine.unlink(house.client_id, row.id)
        except Exception as error:
            assert "disk is full" in str(error)
        else:
            raise AssertionError("it was said to be unlinked")
        lives.make_room()
        assert (await house.row(row)).status == "Linked"
        await house.engine.sync(house.client_id, row.id, None, "test")
        await house.until(SyncFinished, 2)
        assert (await house.engine.unlink(house.client_id, row.id)).status == "Unlinked"
        assert (await in_directory(house, row)).status == "Unlinked"
        assert (await in_directory(house, row)).next_due_at is None


async def held(house: House) -> list[tuple[str, int]]:
    return [(found.held.resource, found.held.missing) for found in await house.engine.held_lists()]


async def with_deletions_to_hold(lives: Lives, house: House) -> ConnectionRow:
    lives.provider.client.pages_of["Items"] = BOOKS
    row = await house.linked()
    await house.engine.sync(house.client_id, row.id, None, "test")
    await house.until(SyncFinished)
    await trio.sleep(1)
    lives.clock.moved += timedelta(days=8)
    lives.provider.client.pages_of["Items"] = FEW
    await house.engine.sync(house.client_id, row.id, None, "test")
    return row


async def test_deletions_that_are_held_are_shown_after_a_crash(
    lives: Lives, autojump_clock: MockClock
) -> None:
    async with lives.life(SyncFinished, DeletionsHeld) as house:
        row = await with_deletions_to_hold(lives, house)
        await house.until(DeletionsHeld)
        await trio.sleep(10)
        assert await held(house) == [("Items", 35)]
    async with lives.life() as house:  # the mark that a crash leaves
        await house.stores.control.write(
            control.note_client_file, house.client_id, schema_version=1, clean_close=False
        )
    async with lives.life() as house:
        await house.row(row)
        assert await held(house) == [("Items", 35)]


async def test_deletions_that_were_held_just_before_a_stop_are_shown_by_the_next_process(
    lives: Lives, autojump_clock: MockClock
) -> None:
    async with lives.life(SyncFinished, DeletionsHeld) as house:
        row = await with_deletions_to_hold(lives, house)
        lives.provider.client.hold_before["Invoices:1"] = trio.Event()
        await house.until(DeletionsHeld)
    lives.provider.client.hold_before.clear()
    async with lives.life(SyncFinished) as house:
        await house.until(SyncFinished)
        await trio.sleep(1)
        assert await held(house) == [("Items", 35)]
        assert (await in_directory(house, row)).held


async def test_a_connection_that_waits_for_its_consent_is_never_due(
    lives: Lives, autojump_clock: MockClock
) -> None:
    async with lives.life() as house:
        row = await waiting_for_consent(house)
        house.engine.schedule.note(row.id, lives.clock())
        await trio.sleep(10)
        assert len(house.engine.schedule) == 0
        assert (await in_directory(house, row)).next_due_at is None


async def test_the_pause_grows_while_pages_find_no_room_though_small_writes_do(
    lives: Lives, autojump_clock: MockClock
) -> None:
    lives.provider.client.pages_of["Items"] = BOOKS
    page_next = False

    def full(point: FaultPoint) -> None:
        nonlocal page_next
        if point == "page.submitted":
            page_next = True
        elif point == "commit.ready" and page_next:
            page_next = False
            raise sqlite.OperationalError("database or disk is full")

    async with lives.life(StoreAwaited, SyncFinished) as house:
        row = await house.linked()
        lives.faults = full
        await house.engine.sync(house.client_id, row.id, ["items"], "test")
        await trio.sleep(3600)
        pauses = [e.again_s for e in house.events if isinstance(e, StoreAwaited)]
        assert pauses[:6] == [30.0, 60.0, 120.0, 240.0, 480.0, 600.0]
        lives.make_room()
        await trio.sleep(660)
        assert {d.status for d in (await house.datasets(row)).values()} == {"Complete"}
        lives.faults = full
        await house.engine.sync(house.client_id, row.id, ["items"], "test")
        await trio.sleep(10)
        assert [e.again_s for e in house.events if isinstance(e, StoreAwaited)][-1] == 30.0, "it begins anew"


async def test_what_was_read_of_a_link_before_a_new_consent_ends_nothing(
    lives: Lives, autojump_clock: MockClock
) -> None:
    """The end of the old consent is reported after the new link."""
    async with lives.life(ConnectionMoved, SyncFinished) as house:
        row = await house.linked()
        await house.engine.start()
        renewed = evolve(row, grant_id="another")
        async with house.stores.client(house.client_id) as store:
            await store.write(connection_rows.save, renewed)
        address = house.engine.connections.find(row.id)
        assert address is not None
        address.tell_nowait(Deauthorise(reason="gone", grant_id=row.grant_id))
        address.tell_nowait(Linked(grant_id="another"))
        address.tell_nowait(Left(was="Linked", row=evolve(row, status="Deauthorized"), error=None))
        await trio.sleep(1)
        moves = [e.now for e in house.events if isinstance(e, ConnectionMoved)]
        assert [state for state in moves if state != "Syncing"][:2] == ["NeedsReauth", "Linked"]
        assert moves.count("NeedsReauth") == 1
        await house.engine.sync(house.client_id, row.id, None, "test")
