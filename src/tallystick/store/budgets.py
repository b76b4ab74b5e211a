"""What was called of each provider lately: rows of control.db that a restart goes on from."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from attrs import frozen

from tallystick.store.instants import from_micros, to_micros
from tallystick.store.sqlcipher import SqliteConnection

#: A row older than this tells nothing: the longest limit is over a day.
_KEPT: Final = timedelta(hours=25)
_MICROS: Final = 1_000_000

Counts = tuple[tuple[float, int], ...]
"""Seconds before the row was written, and calls; oldest first."""


@frozen(kw_only=True)
class BudgetRow:
    """One budget as of one moment."""

    platform: str
    app: str
    tenant_id: str | None  #: None: of the app itself
    as_of: datetime
    minute: Counts
    day: Counts
    closed_for_s: float  #: from that moment
    closed_by: str


def save(connection: SqliteConnection, rows: Sequence[BudgetRow]) -> None:
    """Put these rows in the place of those that were there. Safe to repeat."""
    connection.executemany(
        "insert into budgets (platform, app, tenant_id, as_of, minute, day, closed_for, closed_by) "
        "values (?, ?, ?, ?, ?, ?, ?, ?) on conflict (platform, app, tenant_id) do update set "
        "as_of = excluded.as_of, minute = excluded.minute, day = excluded.day, "
        "closed_for = excluded.closed_for, closed_by = excluded.closed_by",
        [
            (
                row.platform,
                row.app,
                row.tenant_id or "",
                to_micros(row.as_of),
                _text(row.minute),
                _text(row.day),
                round(row.closed_for_s * _MICROS),
                row.closed_by,
            )
            for row in rows
        ],
    )


def every(connection: SqliteConnection) -> list[BudgetRow]:
    """All rows."""
    rows = connection.execute(
        "select platform, app, tenant_id, as_of, minute, day, closed_for, closed_by from budgets"
    ).fetchall()
    return [
        BudgetRow(
            platform=platform,
            app=app,
            tenant_id=tenant_id or None,
            as_of=from_micros(as_of),
            minute=_counts(minute),
            day=_counts(day),
            closed_for_s=closed_for / _MICROS,
            closed_by=closed_by,
        )
        for platform, app, tenant_id, as_of, minute, day, closed_for, closed_by in rows
    ]


def forget_old(connection: SqliteConnection, now: datetime) -> None:
    """Drop the rows that tell nothing any more."""
    connection.execute("delete from budgets where as_of < ?", (to_micros(now - _KEPT),))


def _text(counts: Counts) -> str:
    return json.dumps([[round(seconds, 3), calls] for seconds, calls in counts], separators=(",", ":"))


def _counts(text: str) -> Counts:
    return tuple((float(seconds), int(calls)) for seconds, calls in json.loads(text))
