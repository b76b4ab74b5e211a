"""Grants: sealed OAuth tokens. Only a grant's actor reads and writes them."""

import json
from datetime import datetime

from attrs import field, frozen

from tallystick.store.instants import to_micros
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


def save(
    connection: SqliteConnection,
    vault: Vault,
    *,
    grant_id: str,
    provider: str,
    tokens: StoredTokens,
    now: datetime,
) -> None:
    """Seal and store; a version that is not newer than the stored one is refused by an assertion."""
    text = json.dumps(
        {
            "access": tokens.access,
            "refresh": tokens.refresh,
            "expires_at": tokens.expires_at.isoformat(),
            "scope": tokens.scope,
        }
    )
    sealed = vault.seal(text.encode(), f"grant {grant_id}")
    changed = connection.execute(
        "insert into grants (id, provider, sealed, version, updated_at) values (?, ?, ?, ?, ?) "
        "on conflict (id) do update set sealed = excluded.sealed, version = excluded.version, "
        "updated_at = excluded.updated_at where excluded.version > version",
        (grant_id, provider, sealed, tokens.version, to_micros(now)),
    ).rowcount
    assert changed == 1, "an older token must never take a newer one's place"


def load(connection: SqliteConnection, vault: Vault, grant_id: str) -> StoredTokens | None:
    """The tokens of a grant. Raises: `StoreUnusable` when they do not open."""
    row = connection.execute("select sealed, version from grants where id = ?", (grant_id,)).fetchone()
    if row is None:
        return None
    found = json.loads(vault.open(row[0], f"grant {grant_id}"))
    return StoredTokens(
        version=row[1],
        access=found["access"],
        refresh=found["refresh"],
        expires_at=datetime.fromisoformat(found["expires_at"]),
        scope=found["scope"],
    )


def remove_unused(connection: SqliteConnection, grant_id: str) -> None:
    """Forget the tokens of a grant that no connection lives by any more."""
    connection.execute(
        "delete from grants where id = ? and not exists (select 1 from connections where grant_id = ?)",
        (grant_id, grant_id),
    )
