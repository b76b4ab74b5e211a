"""Grants: sealed OAuth tokens. Only a grant's actor reads and writes them."""

import json
from datetime import datetime

from attrs import field, frozen

from tallystick.store.instants import from_micros, to_micros
from tallystick.store.sqlcipher import SqliteConnection
from tallystick.store.vault import Vault


@frozen(kw_only=True)
class StoredTokens:
    """Tokens as they are kept: the engine's, with the version that tells old from new."""

    version: int
    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    expires_at: datetime
    scope: str
    issued_at: datetime | None = field(default=None, eq=False)  #: when they were stored; None before


def save(
    connection: SqliteConnection,
    vault: Vault,
    *,
    grant_id: str,
    provider: str,
    tokens: StoredTokens,
    now: datetime,
) -> None:
    """Seal and store the first tokens of a new grant."""
    connection.execute(
        "insert into grants (id, provider, sealed, version, updated_at) values (?, ?, ?, ?, ?)",
        (grant_id, provider, _sealed(vault, grant_id, tokens), tokens.version, to_micros(now)),
    )


def renew(
    connection: SqliteConnection, vault: Vault, *, grant_id: str, tokens: StoredTokens, now: datetime
) -> bool:
    """Put newer tokens in the place of older ones.

    False, and nothing is stored, when the grant is gone or has tokens that are as new.
    """
    changed = connection.execute(
        "update grants set sealed = ?, version = ?, updated_at = ? where id = ? and version < ?",
        (
            _sealed(vault, grant_id, tokens),
            tokens.version,
            to_micros(now),
            grant_id,
            tokens.version,
        ),
    ).rowcount
    return bool(changed)


def load(connection: SqliteConnection, vault: Vault, grant_id: str) -> StoredTokens | None:
    """The tokens of a grant. Raises: `StoreUnusable` when they do not open."""
    row = connection.execute(
        "select sealed, version, updated_at from grants where id = ?", (grant_id,)
    ).fetchone()
    if row is None:
        return None
    found = json.loads(vault.open(row[0], f"grant {grant_id}"))
    return StoredTokens(
        version=row[1],
        access=found["access"],
        refresh=found["refresh"],
        expires_at=datetime.fromisoformat(found["expires_at"]),
        scope=found["scope"],
        issued_at=from_micros(row[2]),
    )


def remove_unused(connection: SqliteConnection, grant_id: str) -> None:
    """Forget the tokens of a grant that no connection lives by any more."""
    connection.execute(
        "delete from grants where id = ? and not exists (select 1 from connections where grant_id = ?)",
        (grant_id, grant_id),
    )


def _sealed(vault: Vault, grant_id: str, tokens: StoredTokens) -> bytes:
    text = json.dumps(
        {
            "access": tokens.access,
            "refresh": tokens.refresh,
            "expires_at": tokens.expires_at.isoformat(),
            "scope": tokens.scope,
        }
    )
    return vault.seal(text.encode(), f"grant {grant_id}")
