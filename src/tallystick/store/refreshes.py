"""Refreshes: when each data type of a connection is read again. Written with the end of the sync before.

A row for each data type that the provider has; the earliest due time of a connection also stands in the
directory, so that a start knows it without opening the client's file. The file is right where they differ.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from attrs import frozen

from tallystick.standard import DATA_TYPES, DataType
from tallystick.store import sync_settings, timetable
from tallystick.store.instants import from_micros, maybe_instant, maybe_micros, to_micros
from tallystick.store.sqlcipher import SqliteConnection
from tallystick.store.sync_settings import SyncSetting
from tallystick.store.timetable import Refresh, RefreshEnd

_HOUR: Final = 3_600_000_000  #: microseconds

#: Connections of one company, or (None) of all companies that have no setting of their own for the type.
_SCOPE: Final = (
    "connection_id in (select c.id from connections c where case when :company is null "
    "then not exists (select 1 from sync_settings s "
    "where s.company_id = c.company_id and s.data_type = :type) "
    "else c.company_id = :company end)"
)


@frozen(kw_only=True)
class Outlook:
    """One connection in the operators' overview: what comes next and why."""

    connection_id: str
    company_id: str
    due_at: datetime | None  #: the earliest of its data types; None: nothing by itself
    attempt: int  #: the most passing faults in a row of one of them
    waiting: int  #: data types that wait for a backoff or a limit
    reason: str | None  #: why the one that failed most often ended so


def of_connection(connection: SqliteConnection, connection_id: str) -> dict[DataType, Refresh]:
    """What is planned for a connection, by data type. Cost: one range of the primary key."""
    rows = connection.execute(
        "select data_type, due_at, hours, cause, attempt, reason from refreshes where connection_id = ?",
        (connection_id,),
    ).fetchall()
    return {
        row[0]: Refresh(
            due_at=maybe_instant(row[1]), hours=row[2], cause=row[3], attempt=row[4], reason=row[5]
        )
        for row in rows
    }


def due(connection: SqliteConnection, connection_id: str, now: datetime) -> list[DataType]:
    """The data types to be read now, in the order of their settings; empty when none is due.

    With one that is due go those that would be in a few minutes (`timetable.together`). One whose due
    time cannot be believed, since the clock has been set back, counts as due. Reads only.
    """
    rows = of_connection(connection, connection_id)
    if not any(timetable.is_due(row, now) for row in rows.values()):
        return []
    wanted = [
        data_type
        for data_type, row in rows.items()
        if timetable.is_due(row, now) or timetable.is_due(row, now + timetable.together(row))
    ]
    return sync_settings.in_order(_settings_of(connection, connection_id), wanted)


def next_due(connection: SqliteConnection, connection_id: str, now: datetime) -> datetime | None:
    """When the connection is due next; `now` when it is overdue. None: never by itself."""
    times = [
        now if timetable.is_due(row, now) else row.due_at
        for row in of_connection(connection, connection_id).values()
    ]
    return min((at for at in times if at is not None), default=None)


def plan(
    connection: SqliteConnection,
    connection_id: str,
    company_id: str,
    ends: Mapping[DataType, RefreshEnd],
    now: datetime,
) -> datetime | None:
    """Note when each data type of a sync that has ended is due again; call it in the end's transaction.

    `ends`: how each ended (`timetable.ended`); data types that are not named keep their due times.
    Returns when the connection is due next, for the directory and the schedule; None: never by itself.
    Safe to repeat only with the same `now`: faults in a row are counted.
    """
    settings = sync_settings.effective(connection, company_id)
    rows = of_connection(connection, connection_id)
    for data_type, end in ends.items():
        if data_type not in settings:  # a custom data type, which is read when somebody asks
            continue
        planned = timetable.after(
            end,
            before=rows.get(data_type),
            hours=settings[data_type].sync_schedule,
            connection_id=connection_id,
            now=now,
        )
        _save(connection, connection_id, data_type, planned)
    return next_due(connection, connection_id, now)


def first_link(
    connection: SqliteConnection,
    connection_id: str,
    company_id: str,
    supported_types: Iterable[DataType],
    now: datetime,
) -> list[DataType]:
    """Begin a connection's timetable when it is linked. Returns what is to be read now, in order.

    A type that is read on first link is due at once and stays so until a sync of it has ended; the
    others follow an interval later. Safe to repeat, and to be called when a connection is linked again:
    types that are planned keep their due times, those that the provider has learnt since are added,
    and what became due while there was no consent is returned too.
    """
    settings = sync_settings.effective(connection, company_id)
    planned = of_connection(connection, connection_id)
    for data_type in supported_types:
        if data_type not in planned:
            _save(connection, connection_id, data_type, _new(connection_id, settings[data_type], now))
    return due(connection, connection_id, now)


def add_missing(
    connection: SqliteConnection,
    connection_id: str,
    company_id: str,
    supported_types: Iterable[DataType],
    now: datetime,
) -> None:
    """Plan the data types of a linked connection that have no row: the provider has learnt them since.

    As a first link does, save that a type without an interval waits until somebody asks for it: it was
    not linked just now. Safe to repeat.
    """
    planned = of_connection(connection, connection_id)
    missing = [data_type for data_type in supported_types if data_type not in planned]
    settings = sync_settings.effective(connection, company_id) if missing else {}
    for data_type in missing:
        new = _new(connection_id, settings[data_type], now)
        if new.hours == 0:
            new = Refresh(due_at=None, hours=0, cause="settings")
        _save(connection, connection_id, data_type, new)


def keep_only(connection: SqliteConnection, connection_id: str, supported_types: Iterable[DataType]) -> None:
    """Forget the data types that the provider no longer has: due for ever, they would never be read."""
    gone = of_connection(connection, connection_id).keys() - set(supported_types)
    for data_type in gone:
        connection.execute(
            "delete from refreshes where connection_id = ? and data_type = ?", (connection_id, data_type)
        )


def replan(
    connection: SqliteConnection,
    company_id: str | None,
    data_types: Iterable[DataType],
    now: datetime,
) -> None:
    """Bring the due times of a company's connections (None: all that follow the client's settings) in line.

    A type that had no interval and gets one is due now; one that loses it is not due any more, save for
    a first reading that is owed; a changed interval counts from the same sync as before.
    Cost: two statements a data type, over that type's rows.
    """
    settings = sync_settings.effective(connection, company_id)
    for data_type in data_types:
        values = {
            "company": company_id,
            "type": data_type,
            "hours": settings[data_type].sync_schedule,
            "now": to_micros(now),
            "hour": _HOUR,
        }
        changed = f"data_type = :type and hours <> :hours and {_SCOPE}"
        if values["hours"] == 0:
            connection.execute(f"update refreshes set hours = 0 where cause = 'first' and {changed}", values)
            connection.execute(
                "update refreshes set hours = 0, due_at = null, cause = 'settings', attempt = 0, "
                f"reason = null where {changed}",
                values,
            )
            continue
        connection.execute(
            "update refreshes set cause = case when due_at is null then 'settings' else cause end, "
            "due_at = case when due_at is null then :now when cause <> 'interval' then due_at "
            "else max(:now, min(:now + :hours * :hour, due_at + (:hours - hours) * :hour)) end, "
            f"hours = :hours where {changed}",
            values,
        )


def change_settings(
    connection: SqliteConnection,
    company_id: str | None,
    settings: Sequence[SyncSetting],
    *,
    overrides_defaults: bool,
    now: datetime,
) -> dict[str, datetime | None]:
    """Store checked settings (or drop a company's own) and plan anew what follows from them.

    Returns when each linked connection that they may touch is due next.
    """
    if overrides_defaults:
        sync_settings.save(connection, company_id, settings)
        replan(connection, company_id, [setting.data_type for setting in settings], now)
    else:
        sync_settings.forget(connection, company_id)
        replan(connection, company_id, DATA_TYPES, now)
    return next_due_of_linked(connection, company_id)


def hasten(
    connection: SqliteConnection, connection_id: str, data_types: Iterable[DataType], at: datetime
) -> None:
    """Read these at `at` where they would be read later; not what is never due, or waits for a limit to pass.

    Safe to repeat.
    """
    for data_type in data_types:
        connection.execute(
            "update refreshes set due_at = ? where connection_id = ? and data_type = ? and due_at > ? "
            "and cause not in ('backoff', 'limit')",
            (to_micros(at), connection_id, data_type, to_micros(at)),
        )


def next_due_of_linked(connection: SqliteConnection, company_id: str | None) -> dict[str, datetime | None]:
    """When each linked connection of a company (None: of the client) is due next."""
    rows = connection.execute(
        "select c.id, min(r.due_at) from connections c join refreshes r on r.connection_id = c.id "
        "where c.status = 'Linked' and (:company is null or c.company_id = :company) group by c.id",
        {"company": company_id},
    ).fetchall()
    return {row[0]: maybe_instant(row[1]) for row in rows}


def overview(connection: SqliteConnection) -> list[Outlook]:
    """Every linked connection of a client, the one that is due next first; for the operators' pages.

    Cost: one pass over the client's connections and refreshes.
    """
    rows = connection.execute(
        "select c.id, c.company_id, min(r.due_at), max(r.attempt), "
        "sum(r.cause in ('backoff', 'limit')), "
        "(select w.reason from refreshes w where w.connection_id = c.id and w.reason is not null "
        "order by w.attempt desc, w.data_type limit 1) "
        "from connections c left join refreshes r on r.connection_id = c.id "
        "where c.status = 'Linked' group by c.id order by min(r.due_at) nulls last, c.id"
    ).fetchall()
    return [_outlook(row) for row in rows]


def bring_forward(control: SqliteConnection, client_id: str, company_id: str | None, now: datetime) -> None:
    """In control.db: whoever's due times are about to change is looked at by the next start at the latest."""
    control.execute(
        "update directory set next_due_at = min(coalesce(next_due_at, :now), :now) "
        "where client_id = :client and status = 'Linked' and (:company is null or company_id = :company)",
        {"client": client_id, "company": company_id, "now": to_micros(now)},
    )


def settle(control: SqliteConnection, times: Mapping[str, datetime | None], brought: datetime) -> None:
    """In control.db: what `bring_forward` noted at `brought` becomes the true due time.

    Where anything else is noted by now, such as a sync under way, it stays.
    """
    for connection_id, at in times.items():
        control.execute(
            "update directory set next_due_at = ? where connection_id = ? and next_due_at = ?",
            (maybe_micros(at), connection_id, to_micros(brought)),
        )


def _new(connection_id: str, setting: SyncSetting, now: datetime) -> Refresh:
    """What is planned for a data type at a first link."""
    hours = setting.sync_schedule
    if setting.fetch_on_first_link:
        return Refresh(due_at=now, hours=hours, cause="first")
    return Refresh(due_at=timetable.regular(connection_id, hours, now), hours=hours, cause="interval")


def _settings_of(connection: SqliteConnection, connection_id: str) -> Mapping[DataType, SyncSetting]:
    row = connection.execute("select company_id from connections where id = ?", (connection_id,)).fetchone()
    return sync_settings.effective(connection, None if row is None else row[0])


def _save(connection: SqliteConnection, connection_id: str, data_type: DataType, refresh: Refresh) -> None:
    connection.execute(
        "insert into refreshes (connection_id, data_type, due_at, hours, cause, attempt, reason) "
        "values (?, ?, ?, ?, ?, ?, ?) on conflict (connection_id, data_type) do update set "
        "due_at = excluded.due_at, hours = excluded.hours, cause = excluded.cause, "
        "attempt = excluded.attempt, reason = excluded.reason",
        (
            connection_id,
            data_type,
            maybe_micros(refresh.due_at),
            refresh.hours,
            refresh.cause,
            refresh.attempt,
            refresh.reason,
        ),
    )


def _outlook(row: tuple[Any, ...]) -> Outlook:
    return Outlook(
        connection_id=row[0],
        company_id=row[1],
        due_at=None if row[2] is None else from_micros(row[2]),
        attempt=row[3] or 0,
        waiting=row[4] or 0,
        reason=row[5],
    )
