"""The schedule, on trio's virtual clock: who is told when, and what happens to the wall clock meanwhile."""

from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
import trio
from attrs import define, evolve, field
from hypothesis import given, settings
from hypothesis import strategies as st
from trio.testing import MockClock

from tallystick.actors import Timers
from tallystick.engine.schedule import ClockJumped, RefreshesDue, Schedule
from tallystick.standard import DataType
from tallystick.store import (
    ClientRow,
    Company,
    ConnectionRow,
    DataFolder,
    RefreshEnd,
    Store,
    SyncSetting,
    companies,
    connections,
    control,
    new_key,
    open_stores,
    refreshes,
    sync_settings,
)
from tallystick.telemetry import Telemetry

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@define(eq=False)
class WallClock:
    """Goes as trio's clock does, until somebody moves it."""

    moved: timedelta = timedelta()

    def __call__(self) -> datetime:
        return START + timedelta(seconds=trio.current_time()) + self.moved


@define(eq=False)
class Told:
    """A schedule that runs, and whom it told when, by trio's clock in seconds."""

    clock: WallClock = field(factory=WallClock)
    telemetry: Telemetry = field(factory=Telemetry)
    calls: list[tuple[float, str]] = field(factory=list)
    events: list[object] = field(factory=list)
    act: Callable[[str], None] = lambda _: None
    batch: int = 20
    timers: Timers = field(factory=Timers)
    schedule: Schedule = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.schedule = Schedule(self.clock, self.timers, self._due, self.telemetry, batch=self.batch)
        for kind in (ClockJumped, RefreshesDue):
            self.telemetry.listen(kind, self.events.append)

    def _due(self, connection_id: str) -> None:
        self.calls.append((trio.current_time(), connection_id))
        self.act(connection_id)

    def start(self, nursery: trio.Nursery) -> "Told":
        nursery.start_soon(self.timers.run)
        nursery.start_soon(self.schedule.run)
        return self

    def count(self, connection_id: str) -> int:
        return sum(name == connection_id for _, name in self.calls)

    def forget_when_told(self) -> "Told":
        self.act = lambda name: self.schedule.note(name, None)
        return self


async def test_each_connection_is_told_when_its_time_has_come(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    told = Told().start(nursery).forget_when_told()
    for name, seconds in (("late", 7200), ("soon", 30.0), ("past", -5)):
        told.schedule.note(name, told.clock() + timedelta(seconds=seconds))
    await trio.sleep(8000)
    assert [name for _, name in told.calls] == ["past", "soon", "late"]
    for (at, _), due in zip(told.calls, (0, 30, 7200), strict=True):
        assert 0 <= at - due <= 1.1
    nursery.cancel_scope.cancel()


async def test_an_earlier_time_noted_later_takes_the_place_of_the_first(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    told = Told().start(nursery).forget_when_told()
    told.schedule.note("a", told.clock() + HOUR)
    await trio.sleep(10)
    told.schedule.note("a", told.clock() + timedelta(seconds=5))
    await trio.sleep(2 * 3600)
    ((at, _),) = told.calls
    assert 15 <= at <= 16.1
    nursery.cancel_scope.cancel()


async def test_a_connection_that_is_forgotten_is_not_told(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    told = Told().start(nursery)
    told.schedule.note("a", told.clock() + HOUR)
    told.schedule.note("a", None)
    await trio.sleep(DAY.total_seconds())
    assert told.calls == []
    assert len(told.schedule) == 0
    nursery.cancel_scope.cancel()


async def test_a_connection_that_notes_nothing_is_told_again_every_quarter_of_an_hour(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    """Its actor crashed on the message, or its mailbox was lost: it is not forgotten."""
    told = Told().start(nursery)
    told.schedule.note("a", told.clock())
    await trio.sleep(3600 - 1)
    assert [round(at / 60) for at, _ in told.calls] == [0, 15, 30, 45]
    nursery.cancel_scope.cancel()


async def test_a_connection_that_is_due_whatever_it_does_is_told_once_a_minute(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    """A mistake that leaves something due for ever costs a look a minute, not a busy loop."""
    told = Told().start(nursery)
    told.act = lambda name: told.schedule.note(name, told.clock() - HOUR)
    told.schedule.note("a", told.clock())
    await trio.sleep(3600 - 2)
    assert 55 <= told.count("a") <= 60
    assert all(59 <= after[0] - before[0] <= 62 for before, after in pairwise(told.calls))
    told.clock.moved -= 400 * DAY
    await trio.sleep(3600)
    assert 110 <= told.count("a") <= 121
    nursery.cancel_scope.cancel()


async def test_a_herd_is_told_once_each_a_batch_a_tick_the_longest_overdue_first(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    told = Told(batch=20).start(nursery).forget_when_told()
    for number in range(1000):
        told.schedule.note(str(number), told.clock() - DAY + timedelta(seconds=(number * 7) % 1000))
        if number % 10 == 0:
            await trio.sleep(0.01)  # as a start does: while the first of them are told already
    await trio.sleep(120)
    assert len(told.calls) == len({name for _, name in told.calls}) == 1000
    assert all(sum(at <= other < at + 0.99 for other, _ in told.calls) <= 20 for at, _ in told.calls)
    assert 49 <= told.calls[-1][0] <= 56
    late_order = [(int(name) * 7) % 1000 for at, name in told.calls if at > 2]
    assert late_order == sorted(late_order)
    assert sum(event.connections for event in told.events if isinstance(event, RefreshesDue)) == 1000
    nursery.cancel_scope.cancel()


async def test_notes_that_are_repeated_take_no_room(autojump_clock: MockClock) -> None:
    told = Told()
    for number in range(20_000):
        told.schedule.note(str(number % 10), told.clock() + timedelta(seconds=number))
        told.schedule.note("gone", told.clock() + timedelta(seconds=number))
        told.schedule.note("gone", None)
    assert len(told.schedule) == 10
    assert len(told.schedule._heap) < 200


async def test_the_machine_slept_and_what_became_due_is_told_within_a_minute(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    """trio's clock stands still in a suspended machine; the wall clock does not."""
    told = Told().start(nursery).forget_when_told()
    told.schedule.note("a", told.clock() + 8 * HOUR)
    await trio.sleep(100)
    told.clock.moved += 9 * HOUR
    await trio.sleep(61)
    assert told.count("a") == 1
    nursery.cancel_scope.cancel()


async def test_a_clock_put_forward_by_a_year_tells_each_once(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    told = Told().start(nursery)
    told.act = lambda name: told.schedule.note(name, told.clock() + DAY)
    for number in range(100):
        told.schedule.note(str(number), told.clock() + number * 10 * MINUTE + HOUR)
    await trio.sleep(100)
    told.clock.moved += 365 * DAY
    await trio.sleep(3600)
    assert sorted(name for _, name in told.calls) == sorted(str(number) for number in range(100))
    (jump,) = [event for event in told.events if isinstance(event, ClockJumped)]
    assert jump.seconds == pytest.approx(365 * 86400, abs=1)
    nursery.cancel_scope.cancel()


async def test_a_clock_set_back_asks_each_connection_again_within_a_minute(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    told = Told().start(nursery)
    told.act = lambda name: told.schedule.note(name, told.clock() + DAY)
    told.schedule.note("daily", told.clock() + DAY)
    await trio.sleep(100)
    told.clock.moved -= 30 * DAY
    await trio.sleep(62)
    assert told.count("daily") == 1
    await trio.sleep(3600)
    assert told.count("daily") == 1
    nursery.cancel_scope.cancel()


async def test_a_clock_that_is_corrected_by_seconds_asks_nobody(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    told = Told().start(nursery)
    told.schedule.note("daily", told.clock() + DAY)
    for step in (-20, 30, -5, 90):
        await trio.sleep(100)
        told.clock.moved += timedelta(seconds=step)
    await trio.sleep(3600)
    assert told.calls == []
    assert told.events == []
    nursery.cancel_scope.cancel()


async def test_a_due_time_that_lies_far_ahead_is_asked_about_after_a_day(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    """It was planned while the clock was a year ahead, and nobody saw the clock being set back."""
    told = Told().start(nursery).forget_when_told()
    told.schedule.note("a", told.clock() + 365 * DAY)
    told.schedule.note("daily", told.clock() + 25 * HOUR)
    await trio.sleep(24 * 3600 + 61)
    assert [name for _, name in told.calls] == ["a"]
    nursery.cancel_scope.cancel()


async def test_a_call_that_fails_is_seen_and_the_others_are_told_when_it_runs_again(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    told = Told()

    def act(name: str) -> None:
        if name == "bad":
            raise RuntimeError("its mailbox is full")
        told.schedule.note(name, None)

    told.act = act
    nursery.start_soon(told.timers.run)
    for name in ("bad", "good"):
        told.schedule.note(name, told.clock() - (HOUR if name == "bad" else MINUTE))
    with pytest.raises(RuntimeError, match="mailbox"):
        await told.schedule.run()
    nursery.start_soon(told.schedule.run)
    await trio.sleep(60)
    assert [name for _, name in told.calls] == ["bad", "good"]
    nursery.cancel_scope.cancel()


async def test_an_idle_schedule_of_ten_thousand_looks_once_a_minute(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    told = Told()
    looks = 0

    class CountingClock(WallClock):
        def __call__(self) -> datetime:
            nonlocal looks
            looks += 1
            return super().__call__()

    told.schedule.clock = CountingClock()
    for number in range(10_000):
        told.schedule.note(str(number), START + 20 * HOUR + timedelta(seconds=number))
    told.start(nursery)
    await trio.sleep(1)
    looks = 0
    await trio.sleep(3600)
    assert looks <= 61
    assert told.calls == []
    nursery.cancel_scope.cancel()


# --- with the client's file: what is due is read from it, and planned in it --------------------------


@define(eq=False)
class Books:
    """Connections of one client as an actor drives them: told, they read what is due, sync, and plan."""

    store: Store
    told: Told
    nursery: trio.Nursery
    sync_s: float = 30.0
    end: Callable[[datetime], RefreshEnd] = lambda _: RefreshEnd(kind="success")
    rows: dict[str, ConnectionRow] = field(factory=dict)
    syncing: set[str] = field(factory=set)
    synced: list[tuple[str, tuple[DataType, ...], float, float]] = field(factory=list)

    async def link(self, *types: DataType) -> ConnectionRow:
        company = Company(id=f"c{len(self.rows)}", name="Amber", description=None, tags={}, created_at=START)
        await self.store.write(companies.add, company)
        row = evolve(connections.new(company.id, "xero", START), status="Linked")
        await self.store.write(connections.save, row)
        self.rows[row.id] = row
        await self.store.write(refreshes.first_link, row.id, company.id, types, self.told.clock())
        self.told.schedule.note(row.id, self.told.clock())
        return row

    def run(self) -> None:
        self.told.act = lambda name: self.nursery.start_soon(self.sync, name)
        self.told.start(self.nursery)

    async def sync(self, name: str) -> None:
        if name in self.syncing:
            return
        self.syncing.add(name)
        row, clock = self.rows[name], self.told.clock
        types = await self.store.read(refreshes.due, name, clock())
        if types:
            began = trio.current_time()
            await trio.sleep(self.sync_s)
            ends = dict.fromkeys(types, self.end(clock()))
            due_at = await self.store.write(refreshes.plan, name, row.company_id, ends, clock())
            self.synced.append((name, tuple(types), began, trio.current_time()))
        else:
            due_at = await self.store.read(refreshes.next_due, name, clock())
        self.syncing.discard(name)
        self.told.schedule.note(name, due_at)

    def times(self, data_type: DataType) -> list[tuple[float, float]]:
        return [(began, over) for _, types, began, over in self.synced if data_type in types]


@pytest.fixture
async def books(tmp_path: Path) -> AsyncGenerator[Books, None]:
    told = Told()
    folder = DataFolder.open(tmp_path / "data", new_key(), create=True)
    async with open_stores(folder, told.telemetry, told.clock, inline=True) as stores:
        row = ClientRow(id="a", name="Acme", created_at=START, sealed_key=stores.sealed_client_key("a"))
        await stores.control.write(control.add_client, row)
        async with stores.client("a") as store, trio.open_nursery() as nursery:
            yield Books(store, told, nursery)
            nursery.cancel_scope.cancel()


async def set_hours(books: Books, **hours: int) -> None:
    said = [SyncSetting(data_type=t, sync_schedule=h) for t, h in hours.items()]  # type: ignore[arg-type]
    await books.store.write(sync_settings.save, None, said)


@pytest.mark.slow
async def test_an_hourly_and_a_daily_type_keep_their_time_for_a_week(
    books: Books, autojump_clock: MockClock
) -> None:
    await set_hours(books, invoices=1)
    await books.link("invoices", "bills")
    books.run()
    await trio.sleep(7 * 86_400)
    hourly, daily = books.times("invoices"), books.times("bills")
    assert 160 <= len(hourly) <= 178
    assert len(daily) in {7, 8}
    for times, interval, tolerance in ((hourly, 3600, 0.1 * 3600), (daily, 86_400, 3900)):
        for before, after in pairwise(times):
            assert abs(after[0] - before[1] - interval) <= tolerance


async def test_three_missed_intervals_are_one_sync(books: Books, autojump_clock: MockClock) -> None:
    """The engine did not run from the first sync on; when it does, everything is read once."""
    row = await books.link("invoices", "bills")
    await books.sync(row.id)
    books.told.clock.moved += 3 * DAY + HOUR
    books.run()
    await trio.sleep(20 * 3600)
    assert [types for _, types, *_ in books.synced[1:]] == [("bills", "invoices")]


@pytest.mark.slow
async def test_after_downtime_a_herd_is_spread_and_falls_due_apart_the_next_day(
    books: Books, autojump_clock: MockClock
) -> None:
    for _ in range(200):
        await books.link("invoices")
    books.run()
    await trio.sleep(60)
    first = sorted(over for *_, over in books.synced)
    assert len(first) == 200
    assert first[-1] - first[0] >= 8
    await trio.sleep(27 * 3600)
    second = sorted(began for *_, began, _ in books.synced[200:])
    assert len(second) == 200
    assert second[-1] - second[0] > 3600


async def test_a_provider_that_is_down_is_tried_less_often_and_caught_up_when_it_is_back(
    books: Books, autojump_clock: MockClock
) -> None:
    down = (10, 4 * 3600)

    def end(now: datetime) -> RefreshEnd:
        at = trio.current_time()
        return RefreshEnd(kind="fault" if down[0] <= at <= down[1] else "success")

    books.end = end
    await books.link("invoices")
    books.run()
    await trio.sleep(8 * 3600)
    waits = [after[0] - before[1] for before, after in pairwise(books.times("invoices"))]
    minutes = [5, 10, 20, 40, *[60] * 10]
    assert [wait / 60 for wait in waits] == pytest.approx(minutes[: len(waits)], rel=0.12)
    assert down[1] <= books.synced[-1][3] <= down[1] + 67 * 60


async def test_a_day_limit_is_waited_for_and_not_asked_about(books: Books, autojump_clock: MockClock) -> None:
    over = START + 10 * HOUR
    books.end = lambda now: RefreshEnd(kind="success" if now >= over else "limit", until=over)
    await set_hours(books, invoices=1)
    await books.link("invoices")
    books.run()
    await trio.sleep(10.5 * 3600)
    first, second = books.times("invoices")
    assert first[0] < 2
    assert 36_000 + 60 <= second[0] <= 36_000 + 122


@pytest.mark.parametrize("back", [timedelta(hours=5), 400 * DAY], ids=["five hours", "over a year"])
async def test_a_clock_set_back_delays_nothing_beyond_its_interval(
    books: Books, back: timedelta, autojump_clock: MockClock
) -> None:
    await set_hours(books, invoices=1, bills=24)
    await books.link("invoices", "bills")
    books.run()
    await trio.sleep(1800)
    books.told.clock.moved -= back
    moved = trio.current_time()
    await trio.sleep(30 * 3600)
    for data_type, interval in (("invoices", 3600), ("bills", 86_400)):
        since = [times for times in books.times(data_type) if times[0] > moved]
        assert since[0][0] <= moved + 1.05 * interval + 120
        for before, after in pairwise(since):
            assert after[0] - before[1] >= 0.9 * interval


async def test_a_clock_put_forward_by_a_year_is_one_sync_each(
    books: Books, autojump_clock: MockClock
) -> None:
    for _ in range(50):
        await books.link("invoices", "bills")
    books.run()
    await trio.sleep(600)
    books.synced.clear()
    books.told.clock.moved += 365 * DAY
    await trio.sleep(20 * 3600)
    assert sorted(name for name, *_ in books.synced) == sorted(books.rows)
    assert {types for _, types, *_ in books.synced} == {("bills", "invoices")}


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(
    moves=st.lists(st.tuples(st.integers(1, 30), st.integers(-5000, 5000)), min_size=1, max_size=4),
    due=st.lists(st.integers(-100, 100), min_size=1, max_size=60),
)
def test_however_the_clock_moves_everyone_is_told_and_nobody_more_than_is_due(
    moves: list[tuple[int, int]], due: list[int]
) -> None:
    """Daily connections that are told note a day from then: between two moves that is once in a day."""

    async def live() -> None:
        told = Told(batch=7)
        told.act = lambda name: told.schedule.note(name, told.clock() + DAY)
        for number, hours in enumerate(due):
            told.schedule.note(str(number), told.clock() + hours * HOUR)
        async with trio.open_nursery() as nursery:
            told.start(nursery)
            for hours, jump in moves:
                begun = len(told.calls)
                await trio.sleep(hours * 3600)
                names = [name for _, name in told.calls[begun:]]
                assert max(map(names.count, names), default=0) <= 1 + hours // 24 + (hours > 24)
                told.clock.moved += jump * HOUR
            begun = len(told.calls)
            await trio.sleep(26 * 3600)
            assert {name for _, name in told.calls[begun:]} == set(map(str, range(len(due))))
            nursery.cancel_scope.cancel()

    trio.run(live, clock=MockClock(autojump_threshold=0))
