"""A provider's word that a record changed: the record is read anew, once, alone, and without a dataset."""

import json
import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trio
from tests.engine.conftest import House
from tests.engine.lives import Lives, lives, never, planned, read_completed

from tallystick.access import Access
from tallystick.connectors import Notice
from tallystick.engine import (
    ConnectionMoved,
    NoticesDropped,
    PageStored,
    RecordsRefreshed,
    SyncFinished,
    SyncStarted,
)
from tallystick.engine.changes import MOST_SINGLE, Changes
from tallystick.engine.connection_messages import RecordsChanged
from tallystick.engine.sync_settings import write_settings
from tallystick.errors import (
    ActorUnavailable,
    PageUnreadable,
    PermissionMissing,
    ProviderUnavailable,
    RateLimited,
)
from tallystick.store import ConnectionRow

__all__ = ["lives"]
EVENTS = (RecordsRefreshed, NoticesDropped, SyncFinished, SyncStarted, PageStored, ConnectionMoved)


def notice(key: str, *, tenant: str = "Amber", resource: str = "Invoices", id_: str | None = None) -> Notice:
    return Notice(id=id_ or str(uuid.uuid4()), tenant=tenant, resource=resource, key=key)


@asynccontextmanager
async def linked(lives: Lives) -> AsyncGenerator[tuple[House, ConnectionRow]]:
    """An engine with one connection that reads nothing by itself."""
    async with lives.life(*EVENTS) as house:
        await write_settings(house.stores, house.engine.schedule, house.client_id, None, never())
        yield house, await house.linked()


async def served(house: House, row: ConnectionRow) -> dict[str, tuple[str, bool]]:
    """Total and deletion of each invoice that is stored."""
    async with house.stores.client(house.client_id) as store:
        bodies = await store.read(
            lambda c: c.execute("select body from records where connection = ?", (row.number,)).fetchall()
        )
    told = [json.loads(body) for (body,) in bodies]
    return {r["id"]: (str(r["totalAmount"]), r["metadata"]["isDeleted"]) for r in told}


async def synced(house: House, row: ConnectionRow, *ids_and_totals: tuple[str, str]) -> None:
    house.provider.client.pages_of["Invoices"] = [list(ids_and_totals)]
    before = sum(isinstance(e, SyncFinished) for e in house.events)
    await house.engine.sync(house.client_id, row.id, ["invoices"], "test")
    await house.until(SyncFinished, before + 1)


def dropped(house: House) -> dict[str, int]:
    found: dict[str, int] = {}
    for event in house.events:
        if isinstance(event, NoticesDropped):
            found[event.reason] = found.get(event.reason, 0) + event.notices
    return found


def refreshed(house: House) -> list[RecordsRefreshed]:
    return [event for event in house.events if isinstance(event, RecordsRefreshed)]


async def cursor_of(house: House, row: ConnectionRow) -> Any:
    async with house.stores.client(house.client_id) as store:
        return await store.read(lambda c: c.execute("select * from cursors").fetchall())


async def test_a_changed_record_is_read_anew_and_announced_and_no_cursor_moves(
    lives: Lives, autojump_clock: trio.testing.MockClock
) -> None:
    async with linked(lives) as (house, row):
        await synced(house, row, ("a", "1"), ("b", "2"))
        cursor, announced = await cursor_of(house, row), len(await read_completed(house, row))
        datasets = await house.datasets(row)
        house.provider.client.records_of["Invoices:a"] = "7"

        await house.engine.notify("xero", [notice("a")])
        await house.until(RecordsRefreshed)

        assert await served(house, row) == {"a": ("7", False), "b": ("2", False)}
        assert house.provider.client.asked_one == ["Invoices:a"]
        assert await cursor_of(house, row) == cursor
        assert await house.datasets(row) == datasets
        told = [json.loads(body) for body in await read_completed(house, row)][announced:]
        assert told == [{"dataType": "invoices", "status": "Complete", "recordsModified": 1}]
        (event,) = refreshed(house)
        assert (event.asked, event.changed, event.failed) == (1, 1, 0)
        assert 0.2 <= event.waited_s < 1


async def test_a_record_that_has_not_changed_is_announced_to_nobody(
    lives: Lives, autojump_clock: trio.testing.MockClock
) -> None:
    async with linked(lives) as (house, row):
        await synced(house, row, ("a", "1"))
        announced = await read_completed(house, row)
        house.provider.client.records_of["Invoices:a"] = "1"
        await house.engine.notify("xero", [notice("a")])
        await house.until(RecordsRefreshed)
        assert refreshed(house)[0].changed == 0
        assert await read_completed(house, row) == announced


async def test_a_record_that_is_no_more_is_marked_as_deleted(
    lives: Lives, autojump_clock: trio.testing.MockClock
) -> None:
    async with linked(lives) as (house, row):
        await synced(house, row, ("a", "1"), ("b", "2"))
        house.provider.client.records_of["Invoices:a"] = "gone"
        await house.engine.notify("xero", [notice("a"), notice("never-stored")])
        await house.until(RecordsRefreshed)
        assert await served(house, row) == {"a": ("1", True), "b": ("2", False)}
        assert refreshed(house)[0].changed == 1


async def test_what_is_told_twice_is_read_once_and_what_changed_again_is_read_again(
    lives: Lives, autojump_clock: trio.testing.MockClock
) -> None:
    async with linked(lives) as (house, _):
        client = house.provider.client
        client.records_of["Invoices:a"] = "7"
        first, second = notice("a"), notice("a")
        await house.engine.notify("xero", [first, second, first])
        await house.until(RecordsRefreshed)
        assert client.asked_one == ["Invoices:a"], "one record, one call"

        await house.engine.notify("xero", [first, second])
        await trio.sleep(2)
        assert client.asked_one == ["Invoices:a"], "the provider repeats itself"
        assert dropped(house) == {"duplicate": 3}

        await house.engine.notify("xero", [notice("a")])
        await house.until(RecordsRefreshed, 2)
        assert client.asked_one == ["Invoices:a"] * 2


async def test_a_thousand_notices_in_a_burst_cost_one_reading_of_what_has_changed(
    lives: Lives, autojump_clock: trio.testing.MockClock
) -> None:
    async with linked(lives) as (house, row):
        house.provider.client.pages_of["Invoices"] = [[(f"i{n}", "1") for n in range(1000)]]
        for start in range(0, 1000, 100):
            await house.engine.notify("xero", [notice(f"i{n}") for n in range(start, start + 100)])
        await house.until(SyncFinished)
        await trio.sleep(5)
        assert len(house.provider.client.asked_one) <= MOST_SINGLE
        assert len(house.provider.client.asked) == 1
        assert len(await served(house, row)) == 1000
        assert dropped(house)["list_read"] >= 1000 - MOST_SINGLE


async def test_a_few_of_each_resource_are_read_one_by_one(
    lives: Lives, autojump_clock: trio.testing.MockClock
) -> None:
    async with linked(lives) as (house, row):
        keys = [f"i{n}" for n in range(25)]
        house.provider.client.records_of = {f"Invoices:{key}": "3" for key in keys}
        await house.engine.notify("xero", [notice(key) for key in keys])
        await house.until(RecordsRefreshed, 3)
        assert sorted(house.provider.client.asked_one) == sorted(f"Invoices:{key}" for key in keys)
        assert len(await served(house, row)) == 25
        assert house.provider.client.asked == []


async def test_a_notice_in_the_middle_of_a_sync_waits_for_its_end(
    lives: Lives, autojump_clock: trio.testing.MockClock
) -> None:
    """A page that was fetched before the change must not be stored after it."""
    async with linked(lives) as (house, row):
        client = house.provider.client
        client.pages_of["Invoices"] = [[("a", "1")], [("b", "2")]]
        client.records_of["Invoices:b"] = "9"
        hold = client.hold_before["Invoices:2"] = trio.Event()
        await house.engine.sync(house.client_id, row.id, ["invoices"], "test")
        await house.until(PageStored)

        with trio.fail_after(0.1):
            await house.engine.notify("xero", [notice("b")])
        await trio.sleep(5)
        assert client.asked_one == []

        hold.set()
        await house.until(RecordsRefreshed)
        assert client.served == ["Invoices:1", "Invoices:2", "Invoices:b"]
        assert await served(house, row) == {"a": ("1", False), "b": ("9", False)}


async def test_a_sync_that_is_asked_for_stops_a_narrow_refresh_which_goes_on_after_it(
    lives: Lives, autojump_clock: trio.testing.MockClock
) -> None:
    async with linked(lives) as (house, row):
        client = house.provider.client
        client.records_of["Invoices:a"] = "9"
        hold = client.hold_before["Invoices:a"] = trio.Event()
        await house.engine.notify("xero", [notice("a")])
        with trio.fail_after(10):
            while not client.asked_one:
                await trio.sleep(0.01)

        await synced(house, row, ("a", "1"))
        assert await served(house, row) == {"a": ("1", False)}
        hold.set()
        await house.until(RecordsRefreshed)
        assert await served(house, row) == {"a": ("9", False)}


async def test_unlinking_stops_a_narrow_refresh_at_once(
    lives: Lives, autojump_clock: trio.testing.MockClock
) -> None:
    async with linked(lives) as (house, row):
        client = house.provider.client
        client.hold_before["Invoices:a"] = trio.Event()
        await house.engine.notify("xero", [notice("a")])
        with trio.fail_after(10):
            while not client.asked_one:
                await trio.sleep(0.01)
        with trio.fail_after(1):
            assert (await house.engine.unlink(house.client_id, row.id)).status == "Unlinked"
        await house.engine.notify("xero", [notice("a")])
        await trio.sleep(2)
        assert dropped(house) == {"not_linked": 2}
        assert await served(house, row) == {}


async def test_every_connection_that_reads_the_same_books_hears_of_it_whichever_client_it_is_of(
    lives: Lives, autojump_clock: trio.testing.MockClock
) -> None:
    async with linked(lives) as (house, first):
        house.provider.client.records_of["Invoices:a"] = "5"
        second = await house.linked()
        other = await Access(house.stores).create_client("Another")
        theirs = House(house.engine, house.stores, house.provider, house.telemetry, house.clock, other.id)
        third = await theirs.linked()
        strange = await house.linked("Beryl")
        await house.engine.notify("xero", [notice("a")])
        await house.until(RecordsRefreshed, 3)
        for at, row in ((house, first), (house, second), (theirs, third)):
            assert await served(at, row) == {"a": ("5", False)}
        assert {event.connection_id for event in refreshed(house)} == {first.id, second.id, third.id}
        assert await served(house, strange) == {}


async def test_what_nobody_reads_is_counted_with_its_reason(
    lives: Lives, autojump_clock: trio.testing.MockClock
) -> None:
    async with linked(lives) as (house, _):
        await house.engine.notify(
            "xero",
            [notice("a", tenant="Nobody"), notice("b", tenant="Nobody"), notice("c", resource="Employees")],
        )
        await house.engine.notify("xero", [])
        assert dropped(house) == {"unknown_tenant": 2, "not_read": 1}
        assert house.provider.client.asked_one == []


@pytest.mark.parametrize(
    ("failure", "reason", "hastened"),
    [
        (ProviderUnavailable(platform="xero", reason="HTTP 503"), "unavailable", True),
        (RateLimited(platform="xero", scope="day", retry_after=3600), "throttled", False),
        (PageUnreadable(platform="xero", resource="Invoices", reason="HTML"), "failed", True),
        (PermissionMissing(platform="xero", resource="Invoices"), "failed", False),
    ],
    ids=["unavailable", "throttled", "unreadable", "not permitted"],
)
async def test_a_record_that_cannot_be_read_makes_its_list_due_soon_and_is_not_asked_for_again(
    lives: Lives,
    autojump_clock: trio.testing.MockClock,
    failure: Exception,
    reason: str,
    hastened: bool,
) -> None:
    async with lives.life(*EVENTS) as house:
        row = await house.linked()
        await house.read_every(24)
        await house.engine.sync(house.client_id, row.id, None, "test")
        await house.until(SyncFinished)
        before = await planned(house, row)
        house.provider.client.records_of = {"Invoices:a": failure, "Invoices:b": "4"}

        await house.engine.notify("xero", [notice("a"), notice("b")])
        await house.until(RecordsRefreshed)
        await trio.sleep(5)

        assert dropped(house) == {reason: 1}
        assert sorted(house.provider.client.asked_one) == ["Invoices:a", "Invoices:b"]
        assert await served(house, row) == {"b": ("4", False)}, "the others are stored"
        after = await planned(house, row)
        assert after["items"] == before["items"]
        assert (after["invoices"].due_at < before["invoices"].due_at) == hastened  # type: ignore[operator]
        if hastened:
            read_before = len(house.provider.client.asked)
            await trio.sleep(240)
            assert [name for name, _, _ in house.provider.client.asked[read_before:]] == ["Invoices"]


async def test_a_record_that_cannot_be_mapped_is_left_to_the_next_sync_which_tells_why(
    lives: Lives, autojump_clock: trio.testing.MockClock
) -> None:
    async with linked(lives) as (house, row):
        await synced(house, row, ("a", "1"))
        house.provider.client.records_of["Invoices:a"] = "no number"
        await house.engine.notify("xero", [notice("a")])
        await house.until(RecordsRefreshed)
        assert dropped(house) == {"failed": 1}
        assert await served(house, row) == {"a": ("1", False)}


async def test_a_full_disk_drops_what_waits_and_the_connection_says_so(
    lives: Lives, autojump_clock: trio.testing.MockClock
) -> None:
    async with linked(lives) as (house, row):
        await synced(house, row, ("a", "1"))
        house.provider.client.records_of["Invoices:a"] = "2"
        lives.fill_the_disk()
        await house.engine.notify("xero", [notice("a")])
        await house.until(NoticesDropped)
        assert dropped(house) == {"unavailable": 1}
        await trio.sleep(1)
        await house.engine.notify("xero", [notice("a")])
        await trio.sleep(1)
        assert dropped(house) == {"unavailable": 2}
        assert house.provider.client.asked_one == ["Invoices:a"]
        lives.make_room()
        await trio.sleep(120)
        await house.engine.notify("xero", [notice("a")])
        await house.until(RecordsRefreshed)
        assert await served(house, row) == {"a": ("2", False)}


async def test_a_notice_that_is_lost_is_made_good_by_the_schedule(
    lives: Lives, autojump_clock: trio.testing.MockClock
) -> None:
    """Lost on its way, in a full mailbox or in a crash: it is all the same."""
    async with lives.life(*EVENTS) as house:
        row = await house.linked()
        await house.read_every(1)
        house.provider.client.pages_of["Invoices"] = [[("a", "1")]]
        await house.engine.sync(house.client_id, row.id, ["invoices"], "test")
        await house.until(SyncFinished)
        house.provider.client.pages_of["Invoices"] = [[("a", "2")]]
        house.provider.client.records_of["Invoices:a"] = "2"
        address = house.engine.connections.find(row.id)
        assert address is not None
        with pytest.raises(ActorUnavailable):
            while True:
                address.tell_nowait(RecordsChanged(notices=()))
        await house.engine.notify("xero", [notice("a")])
        assert dropped(house) == {"busy": 1}
        assert await served(house, row) == {"a": ("1", False)}

        await trio.sleep(2 * 3600)
        assert await served(house, row) == {"a": ("2", False)}
        assert house.provider.client.asked_one == []


def test_what_waits_is_bounded_whatever_comes() -> None:
    async def main() -> None:
        changes = Changes()
        for number in range(20_000):
            changes.note([notice(str(number), resource=f"R{number % 30}")])
        assert len(changes) <= 30 * MOST_SINGLE
        taken = [change for _ in range(200) for change in changes.take(10)]
        assert len(changes) == 0
        assert len(taken) + len(changes.take_lists()) * MOST_SINGLE <= 30 * MOST_SINGLE

    trio.run(main)
