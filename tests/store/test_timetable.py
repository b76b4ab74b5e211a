"""When a data type is read again, as arithmetic."""

import uuid
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.errors import (
    NeedsReauthorisation,
    PermissionMissing,
    ProviderUnavailable,
    RateLimited,
    RecordRejected,
    StoreUnusable,
    TallystickError,
)
from tallystick.store import Refresh, RefreshEnd, timetable

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LONDON = ZoneInfo("Europe/London")
IDS = [str(uuid.UUID(int=number * 7919)) for number in range(2000)]
SUCCESS = RefreshEnd(kind="success")


def after(
    end: RefreshEnd,
    *,
    hours: int = 24,
    before: Refresh | None = None,
    connection_id: str = IDS[0],
    now: datetime = NOW,
) -> Refresh:
    return timetable.after(end, before=before, hours=hours, connection_id=connection_id, now=now)


def due_at(refresh: Refresh) -> datetime:
    assert refresh.due_at is not None
    return refresh.due_at


@given(hours=st.integers(1, 8784), connection=st.uuids())
def test_a_success_is_followed_an_interval_later_give_or_take_a_twentieth_and_at_most_an_hour(
    hours: int, connection: uuid.UUID
) -> None:
    planned = due_at(after(SUCCESS, hours=hours, connection_id=str(connection)))
    away = abs(planned - NOW - hours * HOUR)
    assert away <= min(hours * HOUR / 20, HOUR)
    assert planned == due_at(after(SUCCESS, hours=hours, connection_id=str(connection)))


def test_many_connections_that_were_read_together_spread_over_the_whole_room() -> None:
    """Two hours for a daily one: no ten minutes of them get more than their share and half of it again."""
    starts = [due_at(after(SUCCESS, connection_id=name)) - NOW - 23 * HOUR for name in IDS]
    slots = [0] * 12
    for start in starts:
        slots[int(start / (10 * MINUTE))] += 1
    assert max(slots) < 1.5 * len(IDS) / 12
    assert min(slots) > 0.5 * len(IDS) / 12


def test_all_data_types_of_a_connection_that_end_together_fall_due_together() -> None:
    ends = [due_at(after(SUCCESS, before=Refresh(due_at=NOW, hours=24, cause="first"))) for _ in range(3)]
    assert len(set(ends)) == 1


def test_no_interval_means_no_due_time() -> None:
    assert after(SUCCESS, hours=0).due_at is None
    assert after(RefreshEnd(kind="fault"), hours=0).due_at is None
    assert after(RefreshEnd(kind="stop"), hours=0).due_at is None


@pytest.mark.parametrize(
    "evening",
    [
        pytest.param(datetime(2026, 3, 28, 23, 30, tzinfo=LONDON), id="the night that has 23 hours"),
        pytest.param(datetime(2026, 10, 24, 23, 30, tzinfo=LONDON), id="the night that has 25 hours"),
    ],
)
@pytest.mark.parametrize("hours", [1, 24, 168])
def test_londons_changes_of_the_clock_move_no_due_time(evening: datetime, hours: int) -> None:
    """The interval that has passed is as long as on any other night, whatever London's clocks show."""
    now = evening.astimezone(UTC)
    ordinary = datetime(2026, 6, 10, 22, 30, tzinfo=UTC)
    assert due_at(after(SUCCESS, hours=hours, now=now)) - now == (
        due_at(after(SUCCESS, hours=hours, now=ordinary)) - ordinary
    )
    shown = now.astimezone(LONDON), due_at(after(SUCCESS, hours=24, now=now)).astimezone(LONDON)
    assert shown[0].utcoffset() != shown[1].utcoffset()


def test_faults_in_a_row_wait_longer_each_time_up_to_an_hour() -> None:
    refresh, waits = None, []
    for _ in range(7):
        refresh = after(RefreshEnd(kind="fault", reason="no answer"), before=refresh)
        waits.append(due_at(refresh) - NOW)
    minutes = [5, 10, 20, 40, 60, 60, 60]
    for wait, expected in zip(waits, minutes, strict=True):
        assert abs(wait - expected * MINUTE) <= expected * MINUTE / 10
    assert refresh is not None
    assert (refresh.attempt, refresh.reason) == (7, "no answer")
    assert after(SUCCESS, before=refresh).attempt == 0


@given(attempt=st.integers(0, 50), hours=st.integers(1, 8784), connection=st.uuids())
def test_a_fault_never_puts_off_what_a_success_would_have_planned(
    attempt: int, hours: int, connection: uuid.UUID
) -> None:
    before = Refresh(due_at=NOW, hours=hours, cause="backoff", attempt=attempt)
    options = {"hours": hours, "before": before, "connection_id": str(connection)}
    assert due_at(after(RefreshEnd(kind="fault"), **options)) <= due_at(after(SUCCESS, **options))


def test_a_closed_circuit_is_not_tried_before_it_may_open() -> None:
    end = RefreshEnd(kind="fault", until=NOW + 30 * MINUTE)
    assert due_at(after(end)) >= NOW + 30 * MINUTE


@given(wait=st.floats(0, 30 * 86_400), connection=st.uuids(), hours=st.integers(1, 8784))
def test_a_limit_is_tried_again_soon_after_it_is_over_and_never_before(
    wait: float, connection: uuid.UUID, hours: int
) -> None:
    """A provider that names more than a day is asked again after a day."""
    over = NOW + min(timedelta(seconds=wait), 24 * HOUR)
    error = RateLimited(platform="xero", scope="day", retry_after=wait)
    planned = after(timetable.ended(error, NOW), hours=hours, connection_id=str(connection))
    assert over + MINUTE <= due_at(planned) <= over + 2 * MINUTE
    assert due_at(planned) - timetable.together(planned) >= over
    assert not timetable.is_due(planned, NOW)


def test_a_stop_waits_for_the_next_interval_and_keeps_its_reason() -> None:
    refresh = after(RefreshEnd(kind="stop", reason="not covered"))
    assert refresh.due_at == after(SUCCESS).due_at
    assert refresh.reason == "not covered"


def test_a_lost_consent_keeps_the_type_due_for_when_it_is_given_again() -> None:
    assert after(RefreshEnd(kind="consent")).due_at == NOW


def test_a_first_reading_that_is_owed_is_tried_five_times_more_even_without_an_interval() -> None:
    refresh, tried = Refresh(due_at=NOW, hours=0, cause="first"), 0
    while refresh.due_at is not None:
        refresh = after(RefreshEnd(kind="fault"), hours=0, before=refresh)
        tried += 1
        assert tried < 20
    assert tried == 6


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        pytest.param(None, "success", id="no error"),
        pytest.param(RecordRejected(path="$", reason="x"), "success", id="a record left out"),
        pytest.param(ProviderUnavailable(platform="xero", reason="503"), "fault", id="no answer"),
        pytest.param(StoreUnusable(message="disk full"), "fault", id="disk full"),
        pytest.param(RateLimited(platform="xero", scope="day", retry_after=60), "limit", id="limit"),
        pytest.param(NeedsReauthorisation(platform="xero", reason="gone"), "consent", id="consent lost"),
        pytest.param(PermissionMissing(platform="xero", resource="Items"), "stop", id="permission"),
    ],
)
def test_each_error_says_what_becomes_of_the_next_sync(error: TallystickError | None, kind: str) -> None:
    end = timetable.ended(error, NOW)
    assert end.kind == kind
    assert end.reason == (None if error is None else str(error))


@given(
    kind=st.sampled_from(["success", "fault", "limit", "consent", "stop"]),
    hours=st.integers(1, 8784),
    attempt=st.integers(0, 10),
    wait=st.floats(0, 1e6),
    connection=st.uuids(),
)
def test_what_was_planned_by_a_right_clock_is_always_believed(
    kind: timetable.EndKind, hours: int, attempt: int, wait: float, connection: uuid.UUID
) -> None:
    """Not due before its time, when the clock has not been touched."""
    before = Refresh(due_at=NOW, hours=hours, cause="interval", attempt=attempt)
    end = RefreshEnd(kind=kind, until=NOW + timedelta(seconds=wait))
    refresh = after(end, hours=hours, before=before, connection_id=str(connection))
    assert timetable.is_due(refresh, NOW) == (kind == "consent")
    assert timetable.is_due(refresh, due_at(refresh))


@pytest.mark.parametrize("hours", [1, 24, 720])
def test_a_clock_that_was_set_back_far_makes_due_now_what_it_had_put_far_ahead(hours: int) -> None:
    refresh = after(SUCCESS, hours=hours, now=NOW + timedelta(days=400))
    assert timetable.is_due(refresh, NOW)
