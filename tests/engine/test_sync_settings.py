"""Sync settings at the engine's door: checked, stored, in force at once, and not lost in a crash."""

import uuid
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trio
from attrs import define, evolve, field
from trio.testing import MockClock

from tallystick.actors import Timers
from tallystick.engine.schedule import Schedule
from tallystick.engine.sync_settings import overview, read_settings, write_settings
from tallystick.errors import SyncSettingsInvalid
from tallystick.standard import DataType
from tallystick.store import (
    ClientRow,
    Company,
    ConnectionRow,
    DataFolder,
    RefreshEnd,
    Store,
    Stores,
    SyncSetting,
    companies,
    connections,
    control,
    new_key,
    open_stores,
    refreshes,
)
from tallystick.telemetry import Telemetry

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
TYPES: tuple[DataType, ...] = ("bills", "invoices")


@define(eq=False)
class Office:
    """One client with connections that were read a minute ago, and a schedule that tells who is due."""

    stores: Stores
    store: Store
    schedule: Schedule
    told: list[str] = field(factory=list)

    async def link(self) -> ConnectionRow:
        company = Company(id=str(uuid.uuid4()), name="Amber", description=None, tags={}, created_at=NOW)
        await self.store.write(companies.add, company)
        row = evolve(connections.new(company.id, "xero", NOW), status="Linked")
        await self.store.write(connections.save, row)
        await self.stores.control.write(control.put_in_directory, "a", row)
        await self.store.write(refreshes.first_link, row.id, company.id, TYPES, NOW)
        ends = dict.fromkeys(TYPES, RefreshEnd(kind="success"))
        due_at = await self.store.write(refreshes.plan, row.id, company.id, ends, NOW)
        await self.note(row, due_at)
        return row

    async def note(self, row: ConnectionRow, due_at: datetime | None) -> None:
        await self.stores.control.write(control.note_due, row.id, due_at)
        self.schedule.note(row.id, due_at)

    async def write(
        self, company_id: str | None, *settings: SyncSetting, overrides_defaults: bool = True
    ) -> None:
        await write_settings(
            self.stores, self.schedule, "a", company_id, settings, overrides_defaults=overrides_defaults
        )

    async def in_directory(self, row: ConnectionRow) -> datetime | None:
        found = await self.stores.control.read(control.find_in_directory, row.id)
        assert found is not None
        return found.next_due_at


def hours(data_type: DataType, hours: int) -> SyncSetting:
    return SyncSetting(data_type=data_type, sync_schedule=hours)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncGenerator[Office, None]:
    folder, timers = DataFolder.open(tmp_path / "data", new_key(), create=True), Timers()
    told: list[str] = []
    async with open_stores(folder, Telemetry(), lambda: NOW, inline=True) as stores:
        row = ClientRow(id="a", name="Acme", created_at=NOW, sealed_key=stores.sealed_client_key("a"))
        await stores.control.write(control.add_client, row)
        async with stores.client("a") as store, trio.open_nursery() as nursery:
            schedule = Schedule(stores.clock, timers, told.append)
            nursery.start_soon(timers.run)
            nursery.start_soon(schedule.run)
            yield Office(stores, store, schedule, told)
            nursery.cancel_scope.cancel()


async def test_from_none_to_hourly_is_told_at_once_and_back_to_none_never(
    office: Office, autojump_clock: MockClock
) -> None:
    row = await office.link()
    await office.write(None, *(hours(data_type, 0) for data_type in TYPES))
    assert len(office.schedule) == 0
    assert await office.in_directory(row) is None
    await trio.sleep(100)
    assert office.told == []
    await office.write(None, hours("invoices", 1))
    await trio.sleep(2)
    assert office.told == [row.id]
    assert await office.in_directory(row) == NOW
    assert await office.store.read(refreshes.due, row.id, NOW) == ["invoices"]


async def test_a_companys_settings_touch_only_its_own_connections(
    office: Office, autojump_clock: MockClock
) -> None:
    ours, other = await office.link(), await office.link()
    before = await office.in_directory(other)
    await office.write(ours.company_id, hours("invoices", 1))
    at = await office.in_directory(ours)
    assert at is not None
    assert abs(at - NOW - timedelta(hours=1)) <= timedelta(hours=1)
    assert await office.in_directory(other) == before
    shown = await read_settings(office.store, ours.company_id)
    assert shown.overrides_defaults
    assert {s.data_type: s.sync_schedule for s in shown.settings}["invoices"] == 1
    assert not (await read_settings(office.store, other.company_id)).overrides_defaults
    await office.write(ours.company_id, overrides_defaults=False)
    shown = await read_settings(office.store, ours.company_id)
    assert not shown.overrides_defaults
    assert {s.sync_schedule for s in shown.settings} == {24}


async def test_settings_that_are_refused_change_nothing(office: Office, autojump_clock: MockClock) -> None:
    row = await office.link()
    before = await office.in_directory(row)
    with pytest.raises(SyncSettingsInvalid, match=r"settings\[1\]\.syncSchedule"):
        await office.write(None, hours("invoices", 1), hours("bills", -1))
    assert {s.sync_schedule for s in (await read_settings(office.store, None)).settings} == {24}
    assert await office.in_directory(row) == before
    assert office.told == []


async def test_a_crash_before_the_settings_are_stored_leaves_the_connection_to_be_looked_at(
    office: Office, autojump_clock: MockClock
) -> None:
    """The directory says due; whoever looks finds nothing due in the file, and notes the truth again."""
    row = await office.link()
    await office.store.write(lambda c: c.execute("drop table sync_settings"))
    with pytest.raises(Exception, match="sync_settings"):
        await office.write(None, hours("invoices", 1))
    assert await office.in_directory(row) == NOW


async def test_a_sync_under_way_stays_noted_while_settings_change(
    office: Office, autojump_clock: MockClock
) -> None:
    """The directory's mark of interrupted work is not moved ahead: a crash now is still taken up."""
    row = await office.link()
    began = NOW - timedelta(minutes=3)
    await office.note(row, began)
    await office.write(None, hours("invoices", 168))
    assert await office.in_directory(row) == began


async def test_the_overview_tells_each_connections_next_time_and_trouble(
    office: Office, autojump_clock: MockClock
) -> None:
    calm, troubled = await office.link(), await office.link()
    ends = {TYPES[0]: RefreshEnd(kind="fault", reason="xero did not answer")}
    due_at = await office.store.write(refreshes.plan, troubled.id, troubled.company_id, ends, NOW)
    first, second = await overview(office.store)
    assert (first.connection_id, first.due_at, first.attempt, first.reason) == (
        troubled.id,
        due_at,
        1,
        "xero did not answer",
    )
    assert (second.connection_id, second.attempt, second.reason) == (calm.id, 0, None)
