"""Sync settings: how often, in which order and from when on each data type of a company is read.

A client says them for all its companies, and for one company where that differs. The words are the
API's. Source: api-contract §2, sync settings.
"""

import calendar
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from attrs import frozen

from tallystick.errors import SyncSettingsInvalid
from tallystick.standard import DATA_TYPES, DataType
from tallystick.store.instants import maybe_instant, maybe_micros
from tallystick.store.sqlcipher import SqliteConnection

#: What the API's own pages offer; any number of hours up to the longest is as good.
NONE, HOURLY, DAILY, WEEKLY, MONTHLY = 0, 1, 24, 168, 720
LONGEST_HOURS: Final = 8784  #: a leap year
LONGEST_MONTHS: Final = 600
HIGHEST_ORDER: Final = 1000

_ORDER: Final = {data_type: place for place, data_type in enumerate(DATA_TYPES)}
_COLUMNS: Final = (
    "data_type, fetch_on_first_link, sync_schedule, sync_order, sync_from_utc, sync_from_window, "
    "months_to_sync, is_locked"
)


@frozen(kw_only=True)
class SyncSetting:
    """How one data type is read. Without a word from the client: on first link, then daily."""

    data_type: DataType
    fetch_on_first_link: bool = True
    sync_schedule: int = DAILY  #: hours from the end of one sync to the next; 0: only when somebody asks
    sync_order: int = 0  #: lower is read earlier, where the provider's own order leaves the choice
    sync_from_utc: datetime | None = None  #: what was last changed before is left out
    sync_from_window: int | None = None  #: months back from now: the same, moving along
    months_to_sync: int | None = None  #: of financial statements
    is_locked: bool = False  #: pages show it and do not offer to change it


@frozen(kw_only=True)
class SettingsRead:
    """The settings in force, one for each data type, in the order of `DATA_TYPES`."""

    settings: tuple[SyncSetting, ...]
    overrides_defaults: bool  #: whether the company (or the client) has said any of its own


def check(settings: Sequence[SyncSetting], now: datetime) -> None:
    """Refuse settings that cannot be meant, with every fault and its field. Raises: `SyncSettingsInvalid`."""
    faults: list[tuple[str, str]] = []
    seen: set[str] = set()
    for number, setting in enumerate(settings):
        found = _faults(setting, now)
        if setting.data_type in seen:
            found.append(("dataType", f"{setting.data_type!r} comes twice: leave one of them"))
        seen.add(setting.data_type)
        faults += [(f"settings[{number}].{field}", fault) for field, fault in found]
    if faults:
        raise SyncSettingsInvalid(faults=tuple(faults))


def earliest(setting: SyncSetting, now: datetime) -> datetime | None:
    """The moment before which changes are not wanted; None: everything is. The later one of two counts.

    A window of months ends on the same day of the month at the same time, or on the month's last day.
    """
    window = setting.sync_from_window
    bounds = [setting.sync_from_utc, None if window is None else _months_before(now, window)]
    return max((bound for bound in bounds if bound is not None), default=None)


def effective(connection: SqliteConnection, company_id: str | None) -> Mapping[DataType, SyncSetting]:
    """The settings in force for a company, by data type, all of them. None: for a company without its own.

    Cost: one read of at most two rows a data type.
    """
    found = {data_type: SyncSetting(data_type=data_type) for data_type in DATA_TYPES}
    rows = connection.execute(
        f"select {_COLUMNS} from sync_settings where company_id is null or company_id = ? "
        "order by company_id nulls first",
        (company_id,),
    )
    for row in rows.fetchall():
        setting = _setting(row)
        found[setting.data_type] = setting
    return found


def read(connection: SqliteConnection, company_id: str | None) -> SettingsRead:
    """What the API shows of a company's settings, or of the client's own (None)."""
    (own,) = connection.execute(
        "select count(*) from sync_settings where company_id is ?", (company_id,)
    ).fetchone()
    return SettingsRead(
        settings=tuple(effective(connection, company_id).values()), overrides_defaults=own > 0
    )


def save(connection: SqliteConnection, company_id: str | None, settings: Iterable[SyncSetting]) -> None:
    """Store settings that were checked; data types that are not named keep theirs."""
    for setting in settings:
        connection.execute(
            f"insert into sync_settings (company_id, {_COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?, ?) "
            "on conflict (coalesce(company_id, ''), data_type) do update set "
            "fetch_on_first_link = excluded.fetch_on_first_link, sync_schedule = excluded.sync_schedule, "
            "sync_order = excluded.sync_order, sync_from_utc = excluded.sync_from_utc, "
            "sync_from_window = excluded.sync_from_window, months_to_sync = excluded.months_to_sync, "
            "is_locked = excluded.is_locked",
            (
                company_id,
                setting.data_type,
                setting.fetch_on_first_link,
                setting.sync_schedule,
                setting.sync_order,
                maybe_micros(setting.sync_from_utc),
                setting.sync_from_window,
                setting.months_to_sync,
                setting.is_locked,
            ),
        )


def forget(connection: SqliteConnection, company_id: str | None) -> None:
    """Drop a company's own settings (None: the client's): what stands above them is in force again."""
    connection.execute("delete from sync_settings where company_id is ?", (company_id,))


def in_order(settings: Mapping[DataType, SyncSetting], wanted: Iterable[DataType]) -> list[DataType]:
    """Data types as their settings order them; equals as `DATA_TYPES` has them."""
    return sorted(wanted, key=lambda data_type: (settings[data_type].sync_order, _ORDER[data_type]))


def first_types(settings: Mapping[DataType, SyncSetting], supported: Iterable[DataType]) -> list[DataType]:
    """What a first link, and a wish for all data, reads of what the provider has, in order."""
    return in_order(settings, (t for t in supported if settings[t].fetch_on_first_link))


def _faults(setting: SyncSetting, now: datetime) -> list[tuple[str, str]]:
    """Field and fault of one setting; wrong types too, since a door may have let them through."""
    faults: list[tuple[str, str]] = []
    if setting.data_type not in _ORDER:
        faults.append(("dataType", f"{setting.data_type!r} is no data type: GET /integrations lists them"))
    for field, value, least, most, unit in (
        ("syncSchedule", setting.sync_schedule, 0, LONGEST_HOURS, "hours, 0 for none"),
        ("syncOrder", setting.sync_order, 0, HIGHEST_ORDER, "where lower comes earlier"),
        ("syncFromWindow", setting.sync_from_window, 1, LONGEST_MONTHS, "months, or left out"),
        ("monthsToSync", setting.months_to_sync, 1, LONGEST_MONTHS, "months, or left out"),
    ):
        missing = value is None and least == 1
        if not missing and not (type(value) is int and least <= value <= most):
            faults.append((field, f"must be a whole number from {least} to {most} ({unit}), not {value!r}"))
    for field, flag in (
        ("fetchOnFirstLink", setting.fetch_on_first_link),
        ("isLocked", setting.is_locked),
    ):
        if type(flag) is not bool:
            faults.append((field, f"must be true or false, not {flag!r}"))
    since = setting.sync_from_utc
    if since is not None and since.tzinfo is None:
        faults.append(("syncFromUtc", f"has no zone: write {since.isoformat()}Z"))
    elif since is not None and since > now:
        faults.append(("syncFromUtc", f"has not come yet ({since.isoformat()}): nothing would be read"))
    return faults


def _months_before(now: datetime, months: int) -> datetime:
    year, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    if year < 1:
        return datetime.min.replace(tzinfo=UTC)
    day = min(now.day, calendar.monthrange(year, month + 1)[1])
    return now.replace(year=year, month=month + 1, day=day)


def _setting(row: Sequence[Any]) -> SyncSetting:
    return SyncSetting(
        data_type=row[0],
        fetch_on_first_link=bool(row[1]),
        sync_schedule=row[2],
        sync_order=row[3],
        sync_from_utc=maybe_instant(row[4]),
        sync_from_window=row[5],
        months_to_sync=row[6],
        is_locked=bool(row[7]),
    )
