"""The data folder: who holds it, and which key opens it.

DIR/lock            held by the one process that uses the folder
DIR/keyring.json    the control database's data key, wrapped by the key-encryption key
DIR/control.db      clients, keys, directory
DIR/clients/ID.db   everything of one client
"""

import base64
import errno
import fcntl
import json
import os
from pathlib import Path
from typing import Self

from attrs import define, field

from tallystick.errors import StoreUnusable
from tallystick.store.vault import Vault, new_key

_CONTROL_PURPOSE = "control database"


@define(eq=False)
class DataFolder:
    """An opened and locked data folder. `close` lets it go; so does the end of the process."""

    path: Path
    kek: Vault
    control_key: bytes = field(repr=False)
    _lock: int

    @classmethod
    def open(cls, path: Path, kek: bytes, *, create: bool = False) -> Self:
        """Lock the folder and unwrap the control database's key.

        Raises: `StoreUnusable`: no such folder, in use by another process, or another key's.
        """
        keyring = path / "keyring.json"
        if not create and not keyring.exists():
            raise StoreUnusable(
                message=f"{path} is no Tallystick data folder; `tallystick init --data {path}` makes one"
            )
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            (path / "clients").mkdir(mode=0o700, exist_ok=True)
            path.chmod(0o700)  # also one that was there before
        except OSError as error:
            raise StoreUnusable(message=f"{path} cannot be used: {error.strerror}") from error
        lock = _lock(path)
        try:
            vault = Vault(kek)
            if not keyring.exists():
                _refuse_orphans(path)
                _write_keyring(keyring, vault)
            return cls(path, vault, _read_keyring(keyring, vault), lock)
        except BaseException:
            os.close(lock)
            raise

    def client_file(self, client_id: str) -> Path:
        """Where a client's database is."""
        return self.path / "clients" / f"{client_id}.db"

    def close(self) -> None:
        """Let another process have the folder."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def _lock(path: Path) -> int:
    try:
        lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StoreUnusable(message=f"{path} cannot be used: {error.strerror}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        holder = os.read(lock, 20).decode(errors="replace").strip() or "unknown"
        os.close(lock)
        if error.errno not in {errno.EWOULDBLOCK, errno.EACCES}:
            raise StoreUnusable(message=f"{path} cannot be locked: {error.strerror}") from error
        raise StoreUnusable(
            message=f"{path} is in use by another process (pid {holder}); stop that one first"
        ) from error
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
    return lock


def _refuse_orphans(path: Path) -> None:
    """A database without its keyring can never be opened again: do not hide that under a new one."""
    if (path / "control.db").exists():
        raise StoreUnusable(message=f"{path} has a control.db but no keyring.json; restore the keyring")


def _write_keyring(file: Path, kek: Vault) -> None:
    sealed = kek.seal(new_key(), _CONTROL_PURPOSE)
    text = json.dumps(
        {"version": 1, "key": kek.fingerprint, "control": base64.b64encode(sealed).decode()}, indent=1
    )
    fresh = file.with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(text + "\n")
        out.flush()
        os.fsync(out.fileno())
    fresh.rename(file)


def _read_keyring(file: Path, kek: Vault) -> bytes:
    try:
        ring = json.loads(file.read_text())
        sealed, made_with = base64.b64decode(ring["control"]), ring["key"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreUnusable(message=f"{file} cannot be read: restore it from the backup") from error
    if made_with != kek.fingerprint:
        raise StoreUnusable(
            message=f"the key does not open {file.parent}: it was made with key {made_with}, "
            f"the key given is {kek.fingerprint}"
        )
    return kek.open(sealed, _CONTROL_PURPOSE)
