"""The audit log: who did what, in the same transaction as the act, never changed and never deleted.

What is done to the installation is in control.db, what is done to a client's data in the client's file.
The tables refuse updates and deletes themselves.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from attrs import field, frozen

from tallystick.store.instants import from_micros, to_micros
from tallystick.store.sqlcipher import SqliteConnection

Act = Literal[
    "client.create",
    "api_key.create",
    "connection.link",
    "connection.relink",
    "connection.unlink",
    "connection.remove",
    "connection.deauthorise",
    "actor.resume",
    "dead_letter.resend",
    "deletions.apply",
    "deletions.dismiss",
    "remap.begin",
    "record.explain",
]


@frozen(kw_only=True)
class Entry:
    """One act."""

    at: datetime
    actor: str  #: who: `operator`, `api key ID`, `company`, `engine`, `command line`
    act: Act
    subject: str  #: the id of what it was done to
    detail: Mapping[str, str | int | None] = field(factory=dict)  #: for people; never a secret
    correlation_id: str | None = None  #: of the request that asked for it


@frozen(kw_only=True)
class Recorded:
    """An entry as it stands in the log."""

    number: int  #: grows by one with each entry
    entry: Entry


def append(connection: SqliteConnection, entry: Entry) -> None:
    """Write an entry within the caller's transaction: it stands exactly when the act does."""
    connection.execute(
        "insert into audit (at, actor, act, subject, detail, correlation_id) values (?, ?, ?, ?, ?, ?)",
        (
            to_micros(entry.at),
            entry.actor,
            entry.act,
            entry.subject,
            json.dumps(dict(entry.detail), ensure_ascii=False),
            entry.correlation_id,
        ),
    )


def entries(connection: SqliteConnection, *, after: int = 0, limit: int = 100) -> list[Recorded]:
    """Entries behind number `after`, oldest first. Cost: one seek and `limit` rows."""
    rows = connection.execute(
        "select number, at, actor, act, subject, detail, correlation_id from audit "
        "where number > ? order by number limit ?",
        (after, limit),
    ).fetchall()
    return [
        Recorded(
            number=number,
            entry=Entry(
                at=from_micros(at),
                actor=actor,
                act=act,
                subject=subject,
                detail=json.loads(detail),
                correlation_id=correlation_id,
            ),
        )
        for number, at, actor, act, subject, detail, correlation_id in rows
    ]
