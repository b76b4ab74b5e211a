"""Connections: a company's links to provider accounts."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal

from attrs import evolve, frozen

from tallystick.store import counts, deletions, grants
from tallystick.store.instants import from_micros, maybe_instant, maybe_micros, to_micros
from tallystick.store.sqlcipher import SqliteConnection

#: The API's four; what the connection actor is doing beyond them is its own.
LinkStatus = Literal["PendingAuth", "Linked", "Unlinked", "Deauthorized"]

_COLUMNS: Final = (
    "id, number, company_id, provider, status, reason, grant_id, tenant_id, tenant_name, base_currency, "
    "created_at, last_sync_at, state, proposal"
)


@frozen(kw_only=True)
class ConnectionRow:
    """One connection as it is stored."""

    id: str
    number: int  #: short name in the tables of records
    company_id: str
    provider: str
    status: LinkStatus
    created_at: datetime
    reason: str | None = None
    grant_id: str | None = None
    tenant_id: str | None = None
    tenant_name: str | None = None
    base_currency: str | None = None
    last_sync_at: datetime | None = None
    state: str | None = None  #: what it rests in beyond its status: Throttled, Stale, Parked
    proposal: str | None = None  #: what a person can do about that


def new(company_id: str, provider: str, now: datetime) -> ConnectionRow:
    """A connection that waits for its consent."""
    identity = uuid.uuid4()
    return ConnectionRow(
        id=str(identity),
        number=identity.int >> 65,  # 63 bits: SQLite's integers are signed
        company_id=company_id,
        provider=provider,
        status="PendingAuth",
        created_at=now,
    )


def save(connection: SqliteConnection, row: ConnectionRow) -> None:
    """Insert or replace the whole row."""
    connection.execute(
        f"insert into connections ({_COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "on conflict (id) do update set status = excluded.status, reason = excluded.reason, "
        "grant_id = excluded.grant_id, tenant_id = excluded.tenant_id, tenant_name = excluded.tenant_name, "
        "base_currency = excluded.base_currency, last_sync_at = excluded.last_sync_at, "
        "state = excluded.state, proposal = excluded.proposal",
        (
            row.id,
            row.number,
            row.company_id,
            row.provider,
            row.status,
            row.reason,
            row.grant_id,
            row.tenant_id,
            row.tenant_name,
            row.base_currency,
            to_micros(row.created_at),
            maybe_micros(row.last_sync_at),
            row.state,
            row.proposal,
        ),
    )


def set_status(
    connection: SqliteConnection, connection_id: str, status: LinkStatus, reason: str | None
) -> ConnectionRow | None:
    """Move to a status. Returns the row as it now is; None where there is no such connection."""
    row = find(connection, connection_id)
    if row is None:
        return None
    moved = evolve(row, status=status, reason=reason, state=None, proposal=None)
    save(connection, moved)
    return moved


def synced(connection: SqliteConnection, connection_id: str, at: datetime) -> None:
    """Note the end of a sync."""
    connection.execute("update connections set last_sync_at = ? where id = ?", (to_micros(at), connection_id))


def rest(
    connection: SqliteConnection,
    connection_id: str,
    state: str | None,
    reason: str | None,
    proposal: str | None = None,
) -> ConnectionRow | None:
    """Note what a linked connection rests in. Returns the row as it is; None where that was noted already."""
    row = find(connection, connection_id)
    if row is None or row.status != "Linked" or (row.state, row.reason) == (state, reason):
        return None
    rested = evolve(row, state=state, reason=reason, proposal=proposal)
    save(connection, rested)
    return rested


def note_base_currency(connection: SqliteConnection, number: int, currency: str) -> None:
    """Keep the books' own currency, which mapping needs for records that name none."""
    connection.execute("update connections set base_currency = ? where number = ?", (currency, number))


def find(connection: SqliteConnection, connection_id: str) -> ConnectionRow | None:
    """One connection. Cost: one seek."""
    row = connection.execute(
        f"select {_COLUMNS} from connections where id = ?",
        (connection_id,),
    ).fetchone()
    return None if row is None else _row(row)


def of_company(connection: SqliteConnection, company_id: str) -> list[ConnectionRow]:
    """A company's connections, oldest first."""
    rows = connection.execute(
        f"select {_COLUMNS} from connections where company_id = ? order by created_at, id",
        (company_id,),
    ).fetchall()
    return [_row(row) for row in rows]


def of_grant(connection: SqliteConnection, grant_id: str) -> list[ConnectionRow]:
    """The connections that one consent serves."""
    rows = connection.execute(
        f"select {_COLUMNS} from connections where grant_id = ? order by created_at, id",
        (grant_id,),
    ).fetchall()
    return [_row(row) for row in rows]


def all_of_client(connection: SqliteConnection) -> list[ConnectionRow]:
    """Every connection in the file: what the directory is rebuilt from."""
    return [_row(r) for r in connection.execute(f"select {_COLUMNS} from connections order by id").fetchall()]


def holding(connection: SqliteConnection) -> set[str]:
    """The connections in the file with deletions that wait for a person."""
    rows = connection.execute(
        "select id from connections where number in (select connection from held_deletions)"
    )
    return {row[0] for row in rows.fetchall()}


def remove(connection: SqliteConnection, row: ConnectionRow) -> None:
    """Delete a connection with its records, raw pages, cursors, datasets and tokens."""
    for table in ("records", "raw_pages", "cursors", "issues", "comparisons"):
        connection.execute(f"delete from {table} where connection = ?", (row.number,))
    counts.forget(connection, row.number)
    deletions.forget(connection, row.number)
    connection.execute("delete from datasets where connection_id = ?", (row.id,))
    connection.execute("delete from connections where id = ?", (row.id,))
    if row.grant_id is not None:
        grants.remove_unused(connection, row.grant_id)


def _row(row: Sequence[Any]) -> ConnectionRow:
    return ConnectionRow(
        id=row[0],
        number=row[1],
        company_id=row[2],
        provider=row[3],
        status=row[4],
        reason=row[5],
        grant_id=row[6],
        tenant_id=row[7],
        tenant_name=row[8],
        base_currency=row[9],
        created_at=from_micros(row[10]),
        last_sync_at=maybe_instant(row[11]),
        state=row[12],
        proposal=row[13],
    )
