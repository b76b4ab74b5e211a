"""What happens in the engine, told once each."""

from typing import Literal

from attrs import frozen

from tallystick.standard import DatasetStatus, DataType

SyncOutcome = Literal["ok", "partial", "error", "cancelled"]


@frozen(kw_only=True)
class ConnectionMoved:
    """A connection went from one state to another, with the reason."""

    platform: str
    client_id: str
    connection_id: str
    was: str
    now: str
    reason: str


@frozen(kw_only=True)
class SyncStarted:
    """A sync got its slot and begins."""

    platform: str
    client_id: str
    connection_id: str
    sync_id: str
    reason: str


@frozen(kw_only=True)
class PageStored:
    """A page, its cursor and its dataset figures are on the disk."""

    platform: str
    client_id: str
    connection_id: str
    resource: str
    next: str | None  #: None: it was the last one
    records: int
    created: int
    updated: int
    unchanged: int
    rejected: int
    by_type: tuple[tuple[DataType, int, int, int], ...]  #: data type, created, updated, unchanged


@frozen(kw_only=True)
class PageRefused:
    """A provider's answer could not be read; it is kept raw."""

    platform: str
    client_id: str
    connection_id: str
    resource: str
    reason: str


@frozen(kw_only=True)
class DatasetFinished:
    """A dataset has ended, well or not."""

    platform: str
    client_id: str
    connection_id: str
    dataset_id: str
    data_type: DataType
    status: DatasetStatus
    reason: str | None


@frozen(kw_only=True)
class SyncFinished:
    """A sync has ended, whatever its end."""

    platform: str
    client_id: str
    connection_id: str
    sync_id: str
    outcome: SyncOutcome
    seconds: float


@frozen(kw_only=True)
class TokenRefreshed:
    """A grant has new tokens, and they are on the disk."""

    platform: str
    grant_id: str
    seconds: float


@frozen(kw_only=True)
class TokenRefreshFailed:
    """A refresh gave no tokens; `lost` when the provider says that the grant is gone."""

    platform: str
    grant_id: str
    lost: bool
    reason: str


@frozen(kw_only=True)
class RevocationFailed:
    """A link was ended here, and the provider has not heard of it: its consent may still stand there."""

    platform: str
    connection_id: str
    reason: str
