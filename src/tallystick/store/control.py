"""The control database's rows: clients, API keys, the directory, link attempts."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from attrs import field, frozen

from tallystick.store.connections import ConnectionRow, LinkStatus
from tallystick.store.instants import from_micros, maybe_instant, maybe_micros, to_micros
from tallystick.store.sqlcipher import SqliteConnection

_DIRECTORY: Final = (
    "connection_id, client_id, company_id, grant_id, provider, tenant_id, status, next_due_at, state, held"
)


@frozen(kw_only=True)
class ClientRow:
    """A business that uses the API."""

    id: str
    name: str
    created_at: datetime
    sealed_key: bytes = field(repr=False)  #: its data key, wrapped


@frozen(kw_only=True)
class ApiKeyRow:
    """A key of a client's; the key itself is shown once, when it is made."""

    id: str
    client_id: str
    name: str | None
    digest: bytes = field(repr=False)
    hint: str
    created_at: datetime


@frozen(kw_only=True)
class DirectoryRow:
    """What a start must know of a connection without opening its client's file."""

    connection_id: str
    client_id: str
    company_id: str
    grant_id: str | None
    provider: str
    tenant_id: str | None
    status: LinkStatus
    next_due_at: datetime | None
    state: str | None = None  #: what it rests in beyond its status
    held: bool = False  #: deletions of it wait for a person


@frozen(kw_only=True)
class LinkAttempt:
    """One walk through a provider's consent page."""

    client_id: str
    connection_id: str
    sealed: bytes = field(repr=False)
    expires_at: datetime


def add_client(connection: SqliteConnection, client: ClientRow) -> None:
    """Store a new client."""
    connection.execute(
        "insert into clients (id, name, sealed_key, created_at) values (?, ?, ?, ?)",
        (client.id, client.name, client.sealed_key, to_micros(client.created_at)),
    )


def find_client(connection: SqliteConnection, client_id: str) -> ClientRow | None:
    """One client."""
    row = connection.execute(
        "select id, name, created_at, sealed_key from clients where id = ?", (client_id,)
    ).fetchone()
    return None if row is None else _client(row)


def list_clients(connection: SqliteConnection) -> list[ClientRow]:
    """All clients, oldest first."""
    rows = connection.execute(
        "select id, name, created_at, sealed_key from clients order by created_at, id"
    ).fetchall()
    return [_client(row) for row in rows]


def add_api_key(connection: SqliteConnection, key: ApiKeyRow) -> None:
    """Store a new key's digest."""
    connection.execute(
        "insert into api_keys (id, client_id, name, digest, hint, created_at) values (?, ?, ?, ?, ?, ?)",
        (key.id, key.client_id, key.name, key.digest, key.hint, to_micros(key.created_at)),
    )


def client_of_digest(connection: SqliteConnection, digest: bytes) -> tuple[str, str] | None:
    """The key's id and its client's, by the digest of the key. Cost: one seek."""
    row = connection.execute("select id, client_id from api_keys where digest = ?", (digest,)).fetchone()
    return None if row is None else (row[0], row[1])


def put_in_directory(connection: SqliteConnection, client_id: str, row: ConnectionRow) -> None:
    """Note where a connection stands. The client's file is right where the two differ."""
    connection.execute(
        "insert into directory (connection_id, client_id, company_id, grant_id, provider, tenant_id, status, "
        "state) values (?, ?, ?, ?, ?, ?, ?, ?) on conflict (connection_id) do update set "
        "grant_id = excluded.grant_id, tenant_id = excluded.tenant_id, status = excluded.status, "
        "state = excluded.state",
        (row.id, client_id, row.company_id, row.grant_id, row.provider, row.tenant_id, row.status, row.state),
    )


def drop_from_directory(connection: SqliteConnection, connection_ids: Sequence[str]) -> None:
    """Forget connections."""
    for connection_id in connection_ids:
        connection.execute("delete from directory where connection_id = ?", (connection_id,))


def note_due(
    connection: SqliteConnection, connection_id: str, at: datetime | None, *, held: bool | None = None
) -> None:
    """Note when a connection has work to do; None for none. Work under way stays due until it has ended.

    `held`: whether deletions of it wait for a person; None leaves that as it is.
    """
    connection.execute(
        "update directory set next_due_at = ?, held = coalesce(?, held) where connection_id = ?",
        (maybe_micros(at), held, connection_id),
    )


def note_held(connection: SqliteConnection, connection_id: str, *, held: bool) -> None:
    """Note whether deletions of a connection wait for a person."""
    connection.execute("update directory set held = ? where connection_id = ?", (held, connection_id))


def crashed_clients(connection: SqliteConnection) -> set[str]:
    """Clients whose files were open when the last process ended without closing them."""
    return {row[0] for row in connection.execute("select client_id from client_files where clean_close = 0")}


def rebuild_directory(
    connection: SqliteConnection, client_id: str, rows: Sequence[ConnectionRow], holding: Collection[str]
) -> None:
    """Make a client's part of the directory anew from its file; what is due stays due.

    `holding`: ids of the connections with deletions that wait for a person.
    """
    due = connection.execute(
        "select next_due_at, connection_id from directory where client_id = ?", (client_id,)
    ).fetchall()
    connection.execute("delete from directory where client_id = ?", (client_id,))
    for row in rows:
        put_in_directory(connection, client_id, row)
        note_held(connection, row.id, held=row.id in holding)
    for at_and_id in due:
        connection.execute("update directory set next_due_at = ? where connection_id = ?", at_and_id)


def directory(connection: SqliteConnection) -> list[DirectoryRow]:
    """Every connection of the installation."""
    rows = connection.execute(f"select {_DIRECTORY} from directory order by connection_id").fetchall()
    return [_directory_row(row) for row in rows]


def find_in_directory(connection: SqliteConnection, connection_id: str) -> DirectoryRow | None:
    """Whose a connection is."""
    row = connection.execute(
        f"select {_DIRECTORY} from directory where connection_id = ?", (connection_id,)
    ).fetchone()
    return None if row is None else _directory_row(row)


def of_tenants(connection: SqliteConnection, provider: str, tenant_ids: Sequence[str]) -> list[DirectoryRow]:
    """Every connection, of whichever client, that reads one of these books. Cost: an index seek each."""
    found: list[DirectoryRow] = []
    for tenant_id in tenant_ids:
        rows = connection.execute(
            f"select {_DIRECTORY} from directory where provider = ? and tenant_id = ? order by connection_id",
            (provider, tenant_id),
        ).fetchall()
        found += map(_directory_row, rows)
    return found


def client_of_company(connection: SqliteConnection, company_id: str) -> str | None:
    """Whose a company is, once it has a connection."""
    row = connection.execute(
        "select client_id from directory where company_id = ? limit 1", (company_id,)
    ).fetchone()
    return None if row is None else str(row[0])


def note_client_file(
    connection: SqliteConnection, client_id: str, *, schema_version: int, clean_close: bool
) -> None:
    """Note a client file's schema, and whether it is closed in order."""
    connection.execute(
        "insert into client_files (client_id, schema_version, clean_close) values (?, ?, ?) "
        "on conflict (client_id) do update set schema_version = excluded.schema_version, "
        "clean_close = excluded.clean_close",
        (client_id, schema_version, clean_close),
    )


def closed_cleanly(connection: SqliteConnection, client_id: str) -> bool:
    """False when the file was open at the last crash (or never opened)."""
    row = connection.execute(
        "select clean_close from client_files where client_id = ?", (client_id,)
    ).fetchone()
    return row is not None and bool(row[0])


def begin_link(connection: SqliteConnection, digest: bytes, attempt: LinkAttempt, now: datetime) -> None:
    """Keep an attempt under the digest of its secret; attempts that are over are dropped."""
    connection.execute("delete from link_attempts where expires_at < ?", (to_micros(now),))
    connection.execute(
        "insert into link_attempts (digest, client_id, connection_id, sealed, expires_at) "
        "values (?, ?, ?, ?, ?)",
        (digest, attempt.client_id, attempt.connection_id, attempt.sealed, to_micros(attempt.expires_at)),
    )


def take_link(connection: SqliteConnection, digest: bytes, now: datetime) -> LinkAttempt | None:
    """Take an attempt out: it can be taken once, and not after it is over."""
    row = connection.execute(
        "delete from link_attempts where digest = ? returning client_id, connection_id, sealed, expires_at",
        (digest,),
    ).fetchone()
    if row is None or row[3] < to_micros(now):
        return None
    return LinkAttempt(client_id=row[0], connection_id=row[1], sealed=row[2], expires_at=from_micros(row[3]))


def _client(row: Sequence[Any]) -> ClientRow:
    return ClientRow(id=row[0], name=row[1], created_at=from_micros(row[2]), sealed_key=row[3])


def _directory_row(row: Sequence[Any]) -> DirectoryRow:
    return DirectoryRow(
        connection_id=row[0],
        client_id=row[1],
        company_id=row[2],
        grant_id=row[3],
        provider=row[4],
        tenant_id=row[5],
        status=row[6],
        next_due_at=maybe_instant(row[7]),
        state=row[8],
        held=bool(row[9]),
    )
