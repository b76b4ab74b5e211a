"""The outbox: what clients are to be told, written in the transaction of the change that it tells."""

import json
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tallystick.store.instants import to_micros
from tallystick.store.sqlcipher import SqliteConnection


def add(
    connection: SqliteConnection,
    event_type: str,
    *,
    company_id: str,
    connection_id: str | None,
    body: Mapping[str, Any],
    now: datetime,
) -> str:
    """Queue one event. Returns its id, which stays the same over retries, restarts and restores."""
    event_id = str(uuid.uuid4())
    connection.execute(
        "insert into outbox (id, event_type, company_id, connection_id, created_at, body) "
        "values (?, ?, ?, ?, ?, ?)",
        (event_id, event_type, company_id, connection_id, to_micros(now), json.dumps(dict(body))),
    )
    return event_id


def pending(connection: SqliteConnection) -> int:
    """How many events wait. Cost: the index of those."""
    return int(connection.execute("select count(*) from outbox where done_at is null").fetchone()[0])
