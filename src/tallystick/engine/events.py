"""What happens in the engine, told once each."""

from typing import Literal

from attrs import frozen

from tallystick.errors import FaultClass
from tallystick.standard import DatasetStatus, DataType

SyncOutcome = Literal["ok", "partial", "error", "stalled", "cancelled"]


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
class StoreAwaited:
    """A connection's file or the directory cannot be used: what is under way waits and is tried again."""

    platform: str
    client_id: str
    connection_id: str
    reason: str
    again_s: float  #: until the next try


@frozen(kw_only=True)
class SyncStarted:
    """A sync got its slot and begins."""

    platform: str
    client_id: str
    connection_id: str
    sync_id: str
    reason: str
    waited_s: float  #: for its turn
    correlation_id: str | None = None  #: of the request that asked for it


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
class ListReconciled:
    """A whole reading was compared with what was stored before it."""

    platform: str
    client_id: str
    connection_id: str
    resource: str
    live: int  #: records that stood
    missing: int  #: of them, not met
    deleted: int  #: of those, now marked as gone; the others are held
    by_type: tuple[tuple[DataType, int], ...]  #: data type, deleted


@frozen(kw_only=True)
class DeletionsHeld:
    """A reading would delete too much to be believed: nothing is deleted until a person says so."""

    platform: str
    client_id: str
    connection_id: str
    resource: str
    live: int
    missing: int


@frozen(kw_only=True)
class DeletionsDecided:
    """A person has said yes or no to deletions that were held."""

    platform: str
    client_id: str
    connection_id: str
    resource: str
    applied: bool
    deleted: int


@frozen(kw_only=True)
class CountsDiffer:
    """A list was read to its end and gave fewer rows than the provider says it has."""

    platform: str
    client_id: str
    connection_id: str
    resource: str
    read: int
    told: int


@frozen(kw_only=True)
class SyncStoodStill:
    """A sync was stopped since neither an answer came nor a page was stored for its deadline."""

    platform: str
    client_id: str
    connection_id: str
    seconds: float


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
    fault: FaultClass | None = None  #: the kind of trouble with the provider that ended it
    correlation_id: str | None = None  #: of the request that asked for it


@frozen(kw_only=True)
class SyncFinished:
    """A sync has ended, whatever its end."""

    platform: str
    client_id: str
    connection_id: str
    sync_id: str
    outcome: SyncOutcome
    seconds: float
    correlation_id: str | None = None  #: of the request that asked for it


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
