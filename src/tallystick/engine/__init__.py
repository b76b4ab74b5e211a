"""The engine: an actor for each connection and each grant, and the syncs that they run.

Emits events and knows nothing of who listens; asks connectors for pages, the store for transactions.
Deliberately absent: HTTP requests of our own clients, SQL, Prometheus.
"""

from tallystick.engine.engine import Engine
from tallystick.engine.events import (
    ConnectionMoved,
    DatasetFinished,
    PageRefused,
    PageStored,
    RevocationFailed,
    SyncFinished,
    SyncStarted,
    TokenRefreshed,
    TokenRefreshFailed,
)
from tallystick.engine.linking import LinkDone, TenantChoice
from tallystick.engine.sync import SyncRun

__all__ = [
    "ConnectionMoved",
    "DatasetFinished",
    "Engine",
    "LinkDone",
    "PageRefused",
    "PageStored",
    "RevocationFailed",
    "SyncFinished",
    "SyncRun",
    "SyncStarted",
    "TenantChoice",
    "TokenRefreshFailed",
    "TokenRefreshed",
]
