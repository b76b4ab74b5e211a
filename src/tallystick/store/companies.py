"""Companies: the businesses whose books are read."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from attrs import frozen

from tallystick.store.instants import from_micros, to_micros
from tallystick.store.records import Condition
from tallystick.store.sqlcipher import SqliteConnection

_COLUMNS: Final = "id, name, description, tags, created_at"


@frozen(kw_only=True)
class Company:
    """One company of one client."""

    id: str
    name: str
    description: str | None
    tags: Mapping[str, str]
    created_at: datetime


def add(connection: SqliteConnection, company: Company) -> None:
    """Store a new company."""
    connection.execute(
        "insert into companies (id, name, description, tags, created_at) values (?, ?, ?, ?, ?)",
        (
            company.id,
            company.name,
            company.description,
            json.dumps(dict(company.tags)),
            to_micros(company.created_at),
        ),
    )


def change(connection: SqliteConnection, company: Company) -> None:
    """Store name, description and tags of a company that exists."""
    connection.execute(
        "update companies set name = ?, description = ?, tags = ? where id = ?",
        (company.name, company.description, json.dumps(dict(company.tags)), company.id),
    )


def remove(connection: SqliteConnection, company_id: str) -> None:
    """Delete a company, its connections and all their data."""
    from tallystick.store import connections

    for linked in connections.of_company(connection, company_id):
        connections.remove(connection, linked)
    connection.execute("delete from outbox where company_id = ?", (company_id,))
    connection.execute("delete from companies where id = ?", (company_id,))


def find(connection: SqliteConnection, company_id: str) -> Company | None:
    """One company. Cost: one seek."""
    row = connection.execute(f"select {_COLUMNS} from companies where id = ?", (company_id,)).fetchone()
    return None if row is None else _company(row)


def page(
    connection: SqliteConnection, *, where: Condition, order: Sequence[str], limit: int, offset: int
) -> tuple[int, list[Company]]:
    """Total and one page; `where` and `order` over the columns of `companies`, tie-break by id."""
    (total,) = connection.execute(
        f"select count(*) from companies where {where.sql}", where.values
    ).fetchone()
    rows = connection.execute(
        f"select {_COLUMNS} from companies where {where.sql} "
        f"order by {', '.join([*order, 'id'])} limit ? offset ?",
        (*where.values, limit, offset),
    ).fetchall()
    return total, [_company(row) for row in rows]


def _company(row: Sequence[Any]) -> Company:
    return Company(
        id=row[0],
        name=row[1],
        description=row[2],
        tags=json.loads(row[3]),
        created_at=from_micros(row[4]),
    )
