"""The engine: an actor for each connection and each grant, and the syncs that they run.

Emits events and knows nothing of who listens; asks connectors for pages, the store for transactions.
Deliberately absent: HTTP requests of our own clients, SQL, Prometheus.
"""

from tallystick.engine.deciding import HeldList
from tallystick.engine.engine import Engine
from tallystick.engine.events import (
    ConnectionMoved,
    CountsDiffer,
    DatasetFinished,
    DeletionsDecided,
    DeletionsHeld,
    ListReconciled,
    PageRefused,
    PageStored,
    RevocationFailed,
    StoreAwaited,
    SyncFinished,
    SyncStarted,
    SyncStoodStill,
    TokenRefreshed,
    TokenRefreshFailed,
)
from tallystick.engine.linking import LinkDone, TenantChoice
from tallystick.engine.load import Cause, LoopLagMeasured, SheddingBegan, SheddingEnded
from tallystick.engine.notice_events import DropReason, NoticesDropped, NoticesReceived, RecordsRefreshed
from tallystick.engine.sync import SyncRun

__all__ = [
    "Cause",
    "ConnectionMoved",
    "CountsDiffer",
    "DatasetFinished",
    "DeletionsDecided",
    "DeletionsHeld",
    "DropReason",
    "Engine",
    "HeldList",
    "LinkDone",
    "ListReconciled",
    "LoopLagMeasured",
    "NoticesDropped",
    "NoticesReceived",
    "PageRefused",
    "PageStored",
    "RecordsRefreshed",
    "RevocationFailed",
    "SheddingBegan",
    "SheddingEnded",
    "StoreAwaited",
    "SyncFinished",
    "SyncRun",
    "SyncStarted",
    "SyncStoodStill",
    "TenantChoice",
    "TokenRefreshFailed",
    "TokenRefreshed",
]
