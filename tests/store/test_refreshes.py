"""When each data type of a connection is read again, in a real database."""

import uuid
from collections import defaultdict
from collections.abc import Generator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from attrs import define, evolve, field
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlcipher3 import dbapi2 as sqlite

from tallystick.standard import DataType
from tallystick.store import (
    Company,
    ConnectionRow,
    Dataset,
    RefreshEnd,
    SyncSetting,
    companies,
    connections,
    datasets,
    migrations,
    refreshes,
    sync_settings,
)

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TYPES: tuple[DataType, ...] = ("bills", "customers", "invoices", "payments")
SUCCESS, FAULT = RefreshEnd(kind="success"), RefreshEnd(kind="fault", reason="no answer")


def a_database(*, to: int | None = None) -> Any:
    connection = sqlite.connect(":memory:", isolation_level=None)
    connection.execute("pragma foreign_keys = on")
    migrations.migrate(connection, "client", to=to)
    return connection


@pytest.fixture
def database() -> Generator[Any, None, None]:
    connection = a_database()
    yield connection
    connection.close()


def a_connection(database: Any, company_id: str | None = None) -> ConnectionRow:
    """A linked one, of a company of its own if none is named."""
    if company_id is None:
        company = Company(id=str(uuid.uuid4()), name="Amber", description=None, tags={}, created_at=NOW)
        companies.add(database, company)
        company_id = company.id
    row = evolve(connections.new(company_id, "xero", NOW), status="Linked")
    connections.save(database, row)
    return row


def linked(database: Any, row: ConnectionRow, now: datetime = NOW) -> list[DataType]:
    return refreshes.first_link(database, row.id, row.company_id, TYPES, now)


def ended(
    database: Any, row: ConnectionRow, end: RefreshEnd, *types: DataType, now: datetime = NOW
) -> datetime | None:
    return refreshes.plan(database, row.id, row.company_id, dict.fromkeys(types or TYPES, end), now)


def change(
    database: Any, company_id: str | None, now: datetime = NOW, **hours: int
) -> dict[str, datetime | None]:
    said = [SyncSetting(data_type=t, sync_schedule=h) for t, h in hours.items()]  # type: ignore[arg-type]
    return refreshes.change_settings(database, company_id, said, overrides_defaults=True, now=now)


def test_a_first_link_reads_at_once_what_is_wanted_and_plans_the_rest(database: Any) -> None:
    row = a_connection(database)
    sync_settings.save(
        database,
        None,
        [
            SyncSetting(data_type="bills", fetch_on_first_link=False),
            SyncSetting(data_type="payments", fetch_on_first_link=False, sync_schedule=0),
        ],
    )
    assert linked(database, row) == ["customers", "invoices"]
    planned = refreshes.of_connection(database, row.id)
    assert planned["payments"].due_at is None
    assert planned["bills"].due_at is not None
    assert 23 * HOUR <= planned["bills"].due_at - NOW <= 25 * HOUR


def test_what_a_first_link_owes_stays_due_until_a_sync_of_it_has_ended(database: Any) -> None:
    """A crash between the link and the sync forgets nothing, and a second link repeats nothing."""
    row = a_connection(database)
    assert linked(database, row) == linked(database, row, NOW + MINUTE) == list(TYPES)
    ended(database, row, SUCCESS, "bills", "customers", "invoices")
    assert linked(database, row, NOW + MINUTE) == ["payments"]
    assert refreshes.next_due(database, row.id, NOW + MINUTE) == NOW + MINUTE


def test_a_link_given_again_adds_what_the_provider_has_learnt_and_returns_what_became_due(
    database: Any,
) -> None:
    row = a_connection(database)
    refreshes.first_link(database, row.id, row.company_id, ("bills",), NOW)
    ended(database, row, SUCCESS, "bills")
    assert refreshes.first_link(database, row.id, row.company_id, ("bills", "items"), NOW + HOUR) == ["items"]
    ended(database, row, RefreshEnd(kind="consent"), "bills", now=NOW + HOUR)
    ended(database, row, SUCCESS, "items", now=NOW + HOUR)
    assert refreshes.first_link(database, row.id, row.company_id, ("bills", "items"), NOW + 9 * HOUR) == [
        "bills"
    ]


def test_plan_returns_the_earliest_of_all_and_leaves_alone_what_was_not_synced(database: Any) -> None:
    row = a_connection(database)
    change(database, None, invoices=1)
    linked(database, row)
    first = ended(database, row, SUCCESS)
    assert first is not None
    assert first == refreshes.next_due(database, row.id, NOW)
    assert abs(first - NOW - HOUR) <= 3 * MINUTE
    before = refreshes.of_connection(database, row.id)
    ended(database, row, SUCCESS, "customers", now=NOW + 30 * MINUTE)
    after = refreshes.of_connection(database, row.id)
    assert {t for t in TYPES if before[t] != after[t]} == {"customers"}


def test_types_that_are_due_within_minutes_of_each_other_go_together(database: Any) -> None:
    row = a_connection(database)
    linked(database, row)
    ended(database, row, SUCCESS, "bills", "invoices")
    ended(database, row, SUCCESS, "customers", now=NOW + 4 * MINUTE)
    due_at = ended(database, row, SUCCESS, "payments", now=NOW + 20 * MINUTE)
    assert due_at is not None
    assert refreshes.due(database, row.id, due_at - MINUTE) == []
    assert refreshes.due(database, row.id, due_at) == ["bills", "customers", "invoices"]


def test_a_retry_takes_regular_ones_along_and_is_itself_not_brought_forward(database: Any) -> None:
    row = a_connection(database)
    change(database, None, bills=1)
    linked(database, row)
    ended(database, row, SUCCESS)
    hourly = refreshes.next_due(database, row.id, NOW)
    assert hourly is not None
    failed_at = hourly - 3 * MINUTE
    ended(database, row, FAULT, "invoices", now=failed_at)
    assert refreshes.due(database, row.id, hourly) == ["bills"]
    ended(database, row, FAULT, "customers", now=hourly - 6.5 * MINUTE)
    retry = refreshes.of_connection(database, row.id)["customers"].due_at
    assert retry is not None
    assert set(refreshes.due(database, row.id, retry)) == {"bills", "customers"}


def test_due_types_come_in_the_order_of_their_settings(database: Any) -> None:
    row = a_connection(database)
    sync_settings.save(database, row.company_id, [SyncSetting(data_type="bills", sync_order=1)])
    assert linked(database, row) == ["customers", "invoices", "payments", "bills"]
    assert refreshes.due(database, row.id, NOW) == ["customers", "invoices", "payments", "bills"]


def test_a_type_that_the_provider_no_longer_has_is_not_due_for_ever(database: Any) -> None:
    row = a_connection(database)
    linked(database, row)
    ended(database, row, SUCCESS, "bills", "invoices")
    refreshes.keep_only(database, row.id, ("bills", "invoices"))
    assert refreshes.due(database, row.id, NOW) == []
    assert set(refreshes.of_connection(database, row.id)) == {"bills", "invoices"}


def test_what_the_provider_has_learnt_since_is_planned_and_the_rest_keeps_its_time(database: Any) -> None:
    row = a_connection(database)
    sync_settings.save(
        database,
        None,
        [
            SyncSetting(data_type="customers", fetch_on_first_link=False),
            SyncSetting(data_type="payments", sync_schedule=0),
        ],
    )
    refreshes.first_link(database, row.id, row.company_id, ("bills",), NOW)
    ended(database, row, SUCCESS, "bills")
    before = refreshes.of_connection(database, row.id)["bills"]
    later = NOW + HOUR
    for _ in range(2):
        refreshes.add_missing(database, row.id, row.company_id, TYPES, later)
        planned = refreshes.of_connection(database, row.id)
        assert planned.keys() == set(TYPES)
        assert planned["bills"] == before
        assert refreshes.due(database, row.id, later) == ["invoices"]
        assert planned["customers"].due_at is not None
        assert planned["customers"].due_at > later + 22 * HOUR
        assert planned["payments"].due_at is None, "nobody has asked for it, and it was not linked just now"


def test_from_none_to_hourly_is_due_and_to_none_is_never(database: Any) -> None:
    row = a_connection(database)
    change(database, None, **dict.fromkeys(TYPES, 0))
    linked(database, row)
    assert ended(database, row, SUCCESS) is None
    assert refreshes.due(database, row.id, NOW + 999 * DAY) == []
    later = NOW + 100 * DAY
    assert change(database, None, later, invoices=1) == {row.id: later}
    assert refreshes.due(database, row.id, later) == ["invoices"]
    assert change(database, None, later, invoices=0) == {row.id: None}
    assert refreshes.due(database, row.id, later) == []


def test_a_first_reading_that_is_owed_outlives_a_change_to_none(database: Any) -> None:
    row = a_connection(database)
    linked(database, row)
    change(database, None, invoices=0)
    assert "invoices" in refreshes.due(database, row.id, NOW)
    ended(database, row, FAULT, "invoices")
    retry = refreshes.of_connection(database, row.id)["invoices"]
    assert (retry.cause, retry.attempt) == ("backoff", 1)
    ended(database, row, SUCCESS, "invoices")
    assert refreshes.of_connection(database, row.id)["invoices"].due_at is None


@given(before=st.integers(1, 8784), then=st.integers(1, 8784), passed=st.floats(0, 1))
def test_another_interval_counts_from_the_same_sync_as_before(before: int, then: int, passed: float) -> None:
    """Never later than the new interval from now, and as near to it from the last sync as the spread lets it."""
    database = a_database()
    row = a_connection(database)
    change(database, None, invoices=before)
    linked(database, row)
    ended(database, row, SUCCESS)
    now = NOW + passed * before * HOUR * 0.94
    change(database, None, now, invoices=then)
    due_at = refreshes.of_connection(database, row.id)["invoices"].due_at
    assert due_at is not None
    wanted = max(now, NOW + then * HOUR)
    assert abs(due_at - wanted) <= HOUR
    assert now <= due_at <= max(now, NOW + before * HOUR + HOUR, now + then * HOUR)
    database.close()


def test_a_companys_own_interval_is_not_moved_by_the_clients(database: Any) -> None:
    ours, other = a_connection(database), a_connection(database)
    for row in (ours, other):
        linked(database, row)
        ended(database, row, SUCCESS)
    assert change(database, ours.company_id, invoices=1).keys() == {ours.id}
    assert change(database, None, invoices=0).keys() == {ours.id, other.id}
    assert refreshes.of_connection(database, ours.id)["invoices"].hours == 1
    assert refreshes.of_connection(database, other.id)["invoices"].due_at is None
    refreshes.change_settings(database, ours.company_id, [], overrides_defaults=False, now=NOW)
    assert refreshes.of_connection(database, ours.id)["invoices"].due_at is None


def test_only_linked_connections_are_returned_to_be_scheduled(database: Any) -> None:
    row = a_connection(database)
    linked(database, row)
    connections.set_status(database, row.id, "Deauthorized", "gone")
    assert change(database, None, invoices=1) == {}
    assert refreshes.overview(database) == []


def test_what_is_planned_goes_with_its_connection(database: Any) -> None:
    row = a_connection(database)
    linked(database, row)
    connections.remove(database, row)
    assert database.execute("select count(*) from refreshes").fetchone() == (0,)


def test_the_overview_tells_what_comes_next_and_what_keeps_failing_and_why(database: Any) -> None:
    calm, troubled, idle = (a_connection(database) for _ in range(3))
    for row in (calm, troubled):
        linked(database, row)
        ended(database, row, SUCCESS)
    for _ in range(2):
        retry = ended(database, troubled, FAULT, "invoices")
    ended(database, troubled, RefreshEnd(kind="stop", reason="not covered"), "bills")
    first, second, third = refreshes.overview(database)
    assert (first.connection_id, first.due_at, first.attempt, first.waiting, first.reason) == (
        troubled.id, retry, 2, 1, "no answer",
    )  # fmt: skip
    assert (second.connection_id, second.attempt, second.waiting, second.reason) == (calm.id, 0, 0, None)
    assert second.due_at == refreshes.next_due(database, calm.id, NOW)
    assert (third.connection_id, third.company_id, third.due_at) == (idle.id, idle.company_id, None)


def test_connections_from_before_there_was_a_schedule_get_one() -> None:
    database = a_database(to=3)
    row = a_connection(database)
    asked = Dataset(
        id="d1", sync_id="s1", connection_id=row.id, company_id=row.company_id, data_type="invoices",
        status="Complete", progress=100, requested_at=NOW,
    )  # fmt: skip
    datasets.queue(database, [asked])
    datasets.move(database, "d1", "Complete", progress=100, at=NOW + MINUTE)
    migrations.migrate(database, "client")
    assert refreshes.next_due(database, row.id, NOW) == NOW + MINUTE + DAY
    database.close()


# --- the promise over time: random intervals, outages and clocks ------------------------------------


@define(eq=False)
class Years:
    """One connection lived through: a schedule that wakes within a minute, and a clock that may be moved."""

    hours: Sequence[int]
    row: ConnectionRow = field(init=False)
    database: Any = field(factory=a_database)
    now: datetime = NOW
    read: dict[DataType, list[tuple[datetime, datetime]]] = field(factory=lambda: defaultdict(list))
    types: tuple[DataType, ...] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.types = TYPES[: len(self.hours)]
        self.row = a_connection(self.database)
        change(self.database, None, **dict(zip(self.types, self.hours, strict=True)))
        refreshes.first_link(self.database, self.row.id, self.row.company_id, self.types, self.now)

    def wake(self, late_s: float, lasts_s: float) -> None:
        """The next time the schedule tells the connection, and its sync."""
        due_at = refreshes.next_due(self.database, self.row.id, self.now)
        assert due_at is not None
        self.now = max(self.now, due_at) + timedelta(seconds=late_s)
        self.sync(lasts_s)

    def sync(self, lasts_s: float) -> None:
        wanted, began = refreshes.due(self.database, self.row.id, self.now), self.now
        assert wanted
        self.now += timedelta(seconds=lasts_s)
        refreshes.plan(
            self.database, self.row.id, self.row.company_id, dict.fromkeys(wanted, SUCCESS), self.now
        )
        for data_type in wanted:
            self.read[data_type].append((began, self.now))

    def gaps(self, data_type: DataType) -> list[tuple[datetime, timedelta]]:
        """From the end of each sync to the beginning of the next: when it began, and how long it was."""
        times = self.read[data_type]
        return [(before[1], after[0] - before[1]) for before, after in pairwise(times)]


LATE_S, LASTS_S = 60.0, 600.0
intervals = st.lists(st.one_of(st.integers(1, 48), st.sampled_from([168, 720])), min_size=1, max_size=4)
wakes = st.lists(st.tuples(st.floats(0, LATE_S), st.floats(0, LASTS_S)), min_size=5, max_size=40)


def closest(hours: int) -> timedelta:
    """The promise: nine tenths of the interval, and never more than an hour and five minutes less."""
    return max(hours * HOUR * 0.9, hours * HOUR - HOUR - 5 * MINUTE)


def longest(hours: int) -> timedelta:
    """The promise, where a sync of other types may be in the way for `LASTS_S`."""
    return hours * HOUR + min(hours * HOUR / 20, HOUR) + timedelta(seconds=LATE_S + LASTS_S)


@pytest.mark.slow
@settings(deadline=None)
@given(hours=intervals, wakes=wakes)
def test_while_running_each_type_is_read_in_its_interval_never_much_sooner_or_later(
    hours: list[int], wakes: list[tuple[float, float]]
) -> None:
    life = Years(hours)
    for wake in wakes:
        life.wake(*wake)
    for data_type, interval in zip(life.types, hours, strict=True):
        for _, gap in life.gaps(data_type):
            assert closest(interval) <= gap <= longest(interval)
    life.database.close()


@pytest.mark.slow
@settings(deadline=None)
@given(hours=intervals, wakes=wakes, outages=st.lists(st.integers(1, 2000), min_size=1, max_size=4))
def test_after_an_outage_of_any_length_each_type_that_was_missed_is_read_exactly_once(
    hours: list[int], wakes: list[tuple[float, float]], outages: list[int]
) -> None:
    life = Years(hours)
    for outage in outages:
        for wake in wakes[:8]:
            life.wake(*wake)
        life.now += outage * HOUR
        missed = refreshes.due(life.database, life.row.id, life.now)
        back, shortest = life.now, min(closest(interval) for interval in hours)
        while (refreshes.next_due(life.database, life.row.id, life.now) or back) <= back + shortest:
            life.wake(0.0, 0.0)
        for data_type in missed:
            times = [began for began, _ in life.read[data_type] if back <= began < back + shortest]
            assert times == [back]
    for data_type, interval in zip(life.types, hours, strict=True):
        assert all(gap >= closest(interval) for _, gap in life.gaps(data_type))
    life.database.close()


@pytest.mark.slow
@settings(deadline=None)
@given(hours=intervals, wakes=wakes, jumps=st.lists(st.integers(-9000, 9000), min_size=1, max_size=5))
def test_whatever_the_clock_does_each_type_is_read_within_its_interval_and_not_over_and_over(
    hours: list[int], wakes: list[tuple[float, float]], jumps: list[int]
) -> None:
    """Put forward a year: one sync each. Set back a year: nobody waits for a year."""
    life = Years(hours)
    for wake in wakes[:5]:
        life.wake(*wake)
    for jump in jumps:
        life.now += jump * HOUR
        moved, before = life.now, {data_type: len(life.read[data_type]) for data_type in life.types}
        while any(len(life.read[data_type]) == before[data_type] for data_type in life.types):
            life.wake(0.0, 0.0)
        for data_type, interval in zip(life.types, hours, strict=True):
            since = life.read[data_type][before[data_type] :]
            assert since[0][0] <= moved + longest(interval)
            for earlier, later in pairwise(since):
                assert later[0] - earlier[1] >= closest(interval)
    life.database.close()
