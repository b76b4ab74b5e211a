"""What outlives the process with `--data`: grants, changes and the clock, in one JSON file.

The books themselves are not kept: they are written again from the seed, on the same day, and the
changes are made again in their order.
"""

import os
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from attrs import define, field, frozen

from tallystick.connectors.sandbox.settings import SandboxSettings
from tallystick.errors import ConfigurationInvalid


@frozen(kw_only=True)
class SavedChange:
    """One call of `POST /_control/change`."""

    tenant: str
    entity: str
    create: int
    update: int
    delete: int
    at: datetime


@define(kw_only=True)
class SavedState:
    """All of the file."""

    seed: int
    companies: int
    records: int
    providers: tuple[str, ...]
    written_at: datetime  #: the day of the books
    offset_s: float = 0.0
    changes: list[SavedChange] = field(factory=list)
    consents: dict[str, Any] = field(factory=dict)  #: by provider, in its own form


@define
class StateFile:
    """The file in the data folder, or nothing at all without one."""

    folder: Path | None

    @property
    def path(self) -> Path | None:
        """Where it is."""
        return None if self.folder is None else self.folder / "sandbox-state.json"

    def open(self, settings: SandboxSettings, now: datetime) -> SavedState:
        """What was saved, or a new state. Raises: `ConfigurationInvalid` for another sandbox's file."""
        fresh = SavedState(
            seed=settings.seed,
            companies=settings.companies,
            records=settings.records,
            providers=settings.providers,
            written_at=now,
        )
        if self.path is None or not self.path.exists():
            return fresh
        try:
            saved = msgspec.json.decode(self.path.read_bytes(), type=SavedState)
        except (OSError, msgspec.MsgspecError) as error:
            raise ConfigurationInvalid(message=f"{self.path} cannot be read: {error}") from error
        for name in ("seed", "companies", "records", "providers"):
            was, wanted = getattr(saved, name), getattr(fresh, name)
            if was != wanted:
                raise ConfigurationInvalid(
                    message=f"{self.path} belongs to a sandbox with --{name} {was}, not {wanted}"
                )
        return saved

    def save(self, state: SavedState) -> None:
        """Write it whole or not at all. Blocks for as long as a small file takes to reach the disk."""
        if self.path is None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(".new")
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        with os.fdopen(os.open(draft, flags, 0o600), "wb") as file:  # it holds refresh tokens
            file.write(msgspec.json.encode(state))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)
