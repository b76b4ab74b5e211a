"""Numbered forward migrations, each in its own transaction.

`control_0001.sql`, `client_0001.sql`, …: a file that has been released is never edited. The number of
the last one applied is the file's `user_version`.
"""

from importlib import resources
from typing import Literal

from tallystick.errors import StoreUnusable
from tallystick.store.sqlcipher import SqliteConnection

Kind = Literal["control", "client"]


def scripts(kind: Kind) -> list[tuple[int, str]]:
    """The migrations of one kind of database, in order: number and SQL."""
    found = [
        (int(entry.name.removesuffix(".sql").rpartition("_")[2]), entry.read_text(encoding="utf-8"))
        for entry in resources.files(__name__).iterdir()
        if entry.name.startswith(f"{kind}_") and entry.name.endswith(".sql")
    ]
    return sorted(found)


def version(connection: SqliteConnection) -> int:
    """The number of the last migration applied; 0 for an empty file."""
    return int(connection.execute("pragma user_version").fetchone()[0])


def migrate(connection: SqliteConnection, kind: Kind, *, to: int | None = None) -> int:
    """Bring the database up to date (or to number `to`) and return its version.

    A script that fails leaves the version before it. Raises: `StoreUnusable` for a newer file.
    """
    known = scripts(kind)
    newest = known[-1][0]
    present = version(connection)
    if present > newest:
        raise StoreUnusable(
            message=f"the {kind} database has schema {present}, this release knows {newest}: "
            "use the release that wrote it, or a newer one"
        )
    for number, script in known:
        if present < number <= (to or newest):
            _apply(connection, number, script)
            present = number
    return present


def _apply(connection: SqliteConnection, number: int, script: str) -> None:
    connection.execute("begin immediate")
    try:
        for statement in _statements(script):
            connection.execute(statement)
        connection.execute(f"pragma user_version = {number:d}")
        connection.execute("commit")
    except BaseException:
        if connection.in_transaction:
            connection.execute("rollback")
        raise


def _statements(script: str) -> list[str]:
    """Split at semicolons that end a line: `executescript` would commit on its own."""
    lines = [line for line in script.splitlines() if not line.lstrip().startswith("--")]
    return [part.strip() for part in "\n".join(lines).split(";\n") if part.strip(" \n;")]
