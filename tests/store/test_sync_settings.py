"""How often each data type is read, as clients say it."""

import uuid
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlcipher3 import dbapi2 as sqlite

from tallystick.errors import SyncSettingsInvalid
from tallystick.standard import DATA_TYPES, DataType
from tallystick.store import Company, SyncSetting, companies, migrations, sync_settings

NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)


@pytest.fixture
def database() -> Generator[Any, None, None]:
    connection = sqlite.connect(":memory:", isolation_level=None)
    connection.execute("pragma foreign_keys = on")
    migrations.migrate(connection, "client")
    yield connection
    connection.close()


def a_company(database: Any) -> str:
    company = Company(id=str(uuid.uuid4()), name="Amber", description=None, tags={}, created_at=NOW)
    companies.add(database, company)
    return company.id


def setting(data_type: DataType = "invoices", **words: Any) -> SyncSetting:
    return SyncSetting(data_type=data_type, **words)


def test_without_a_word_everything_is_read_on_first_link_and_daily(database: Any) -> None:
    shown = sync_settings.read(database, a_company(database))
    assert [s.data_type for s in shown.settings] == list(DATA_TYPES)
    assert {(s.fetch_on_first_link, s.sync_schedule) for s in shown.settings} == {(True, 24)}
    assert not shown.overrides_defaults


def test_a_companys_word_counts_before_the_clients_and_only_for_that_company(database: Any) -> None:
    ours, other = a_company(database), a_company(database)
    sync_settings.save(database, None, [setting(sync_schedule=168), setting("bills", sync_schedule=0)])
    sync_settings.save(database, ours, [setting(sync_schedule=1)])
    of_ours, of_other = (sync_settings.effective(database, company) for company in (ours, other))
    assert (of_ours["invoices"].sync_schedule, of_ours["bills"].sync_schedule) == (1, 0)
    assert (of_other["invoices"].sync_schedule, of_other["bills"].sync_schedule) == (168, 0)
    assert sync_settings.read(database, ours).overrides_defaults
    assert not sync_settings.read(database, other).overrides_defaults


def test_every_word_comes_back_as_it_was_said(database: Any) -> None:
    said = setting(
        fetch_on_first_link=False,
        sync_schedule=7,
        sync_order=3,
        sync_from_utc=datetime(2020, 2, 29, 1, 2, 3, 4, tzinfo=UTC),
        sync_from_window=24,
        months_to_sync=12,
        is_locked=True,
    )
    sync_settings.save(database, None, [setting(), said])
    assert sync_settings.effective(database, None)["invoices"] == said


def test_what_a_company_had_of_its_own_goes_when_it_is_forgotten_or_removed(database: Any) -> None:
    ours, other = a_company(database), a_company(database)
    for company in (ours, other):
        sync_settings.save(database, company, [setting(sync_schedule=1)])
    sync_settings.forget(database, ours)
    companies.remove(database, other)
    assert sync_settings.effective(database, ours)["invoices"].sync_schedule == 24
    assert database.execute("select count(*) from sync_settings").fetchone() == (0,)


def test_order_comes_from_the_settings_and_first_link_leaves_out_what_is_not_wanted(database: Any) -> None:
    sync_settings.save(
        database,
        None,
        [
            setting(sync_order=2),
            setting("payments", sync_order=1),
            setting("bills", fetch_on_first_link=False),
        ],
    )
    settings = sync_settings.effective(database, None)
    supported: tuple[DataType, ...] = ("invoices", "payments", "bills", "customers")
    assert sync_settings.first_types(settings, supported) == ["customers", "payments", "invoices"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        pytest.param({"data_type": "commerce-orders"}, "dataType", id="not one of ours"),
        pytest.param({"sync_schedule": -1}, "syncSchedule", id="negative hours"),
        pytest.param({"sync_schedule": 8785}, "syncSchedule", id="more than a year"),
        pytest.param({"sync_schedule": 1.5}, "syncSchedule", id="half hours"),
        pytest.param({"sync_schedule": True}, "syncSchedule", id="a truth for a number"),
        pytest.param({"sync_schedule": None}, "syncSchedule", id="no hours"),
        pytest.param({"sync_order": -1}, "syncOrder", id="negative order"),
        pytest.param({"sync_from_window": 0}, "syncFromWindow", id="empty window"),
        pytest.param({"months_to_sync": "24"}, "monthsToSync", id="text for a number"),
        pytest.param({"fetch_on_first_link": 1}, "fetchOnFirstLink", id="a number for a truth"),
        pytest.param({"is_locked": None}, "isLocked", id="nothing for a truth"),
        pytest.param({"sync_from_utc": NOW.replace(tzinfo=None)}, "syncFromUtc", id="no zone"),
        pytest.param({"sync_from_utc": NOW + timedelta(days=1)}, "syncFromUtc", id="tomorrow"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_its_field_named(wrong: dict[str, Any], field: str) -> None:
    words: dict[str, Any] = {"data_type": "bills", **wrong}
    with pytest.raises(SyncSettingsInvalid) as caught:
        sync_settings.check([setting(), SyncSetting(**words)], NOW)
    ((path, _),) = caught.value.faults
    assert path == f"settings[1].{field}"
    assert f"settings[1].{field}" in str(caught.value)


def test_all_faults_are_told_at_once_and_a_data_type_said_twice_is_one() -> None:
    with pytest.raises(SyncSettingsInvalid) as caught:
        sync_settings.check([setting(), setting(sync_schedule=-1, sync_order=-1)], NOW)
    assert [path for path, _ in caught.value.faults] == [
        "settings[1].syncSchedule",
        "settings[1].syncOrder",
        "settings[1].dataType",
    ]


@pytest.mark.parametrize("hours", [0, 1, 24, 168, 720, 5, 8784])
def test_any_whole_number_of_hours_up_to_a_year_is_taken(hours: int) -> None:
    sync_settings.check([setting(sync_schedule=hours)], NOW)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param({}, None, id="everything"),
        pytest.param(
            {"sync_from_utc": datetime(2020, 1, 1, tzinfo=UTC)}, datetime(2020, 1, 1, tzinfo=UTC), id="date"
        ),
        pytest.param({"sync_from_window": 1}, datetime(2026, 2, 28, 12, tzinfo=UTC), id="a short month"),
        pytest.param({"sync_from_window": 25}, datetime(2024, 2, 29, 12, tzinfo=UTC), id="a leap day"),
        pytest.param(
            {"sync_from_window": 3}, datetime(2025, 12, 31, 12, tzinfo=UTC), id="over the year's end"
        ),
        pytest.param(
            {"sync_from_window": 12, "sync_from_utc": datetime(2026, 1, 1, tzinfo=UTC)},
            datetime(2026, 1, 1, tzinfo=UTC),
            id="the later of the two",
        ),
    ],
)
def test_the_earliest_moment_wanted_is_a_date_or_a_window(
    words: dict[str, Any], expected: datetime | None
) -> None:
    assert sync_settings.earliest(setting(**words), NOW) == expected


@given(
    days=st.integers(-13_000, 60_000),
    months=st.integers(1, sync_settings.LONGEST_MONTHS),
)
def test_a_window_is_as_long_as_its_months(days: int, months: int) -> None:
    now = NOW + timedelta(days=days)
    start = sync_settings.earliest(setting(sync_from_window=months), now)
    assert start is not None
    assert (now.year - start.year) * 12 + now.month - start.month == months
    assert start.day <= now.day
    assert start.time() == now.time()
