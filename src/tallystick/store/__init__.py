"""Where everything is kept: encrypted SQLite files, one for the installation and one for each client.

Row modules (`companies`, `connections`, `datasets`, `records`, …) hold plain functions of a database
connection; `Store.read` and `Store.write` run them. A page's records, cursor, dataset and outbox rows go
into one transaction. Nothing here knows a provider, an HTTP request or an actor.
"""

from tallystick.store import (
    companies,
    connections,
    control,
    cursors,
    datasets,
    grants,
    issues,
    outbox,
    pages,
    records,
)
from tallystick.store.companies import Company
from tallystick.store.connections import ConnectionRow, LinkStatus
from tallystick.store.control import ApiKeyRow, ClientRow, DirectoryRow, LinkAttempt
from tallystick.store.cursors import Cursor
from tallystick.store.database import CommitFailed, CommitLimits, Database, GroupCommitted, Job
from tallystick.store.datasets import Dataset
from tallystick.store.folder import DataFolder
from tallystick.store.grants import StoredTokens
from tallystick.store.instants import Clock, utc_now
from tallystick.store.issues import StoredIssue
from tallystick.store.pages import NewPage, NewRecord, StoredPage, Tally, content_hash
from tallystick.store.records import Condition, RecordPage
from tallystick.store.stores import ClientOpened, Store, Stores, open_data, open_stores
from tallystick.store.vault import Vault, key_text, new_key, parse_key

__all__ = [
    "ApiKeyRow",
    "ClientOpened",
    "ClientRow",
    "Clock",
    "CommitFailed",
    "CommitLimits",
    "Company",
    "Condition",
    "ConnectionRow",
    "Cursor",
    "DataFolder",
    "Database",
    "Dataset",
    "DirectoryRow",
    "GroupCommitted",
    "Job",
    "LinkAttempt",
    "LinkStatus",
    "NewPage",
    "NewRecord",
    "RecordPage",
    "Store",
    "StoredIssue",
    "StoredPage",
    "StoredTokens",
    "Stores",
    "Tally",
    "Vault",
    "companies",
    "connections",
    "content_hash",
    "control",
    "cursors",
    "datasets",
    "grants",
    "issues",
    "key_text",
    "new_key",
    "open_data",
    "open_stores",
    "outbox",
    "pages",
    "parse_key",
    "records",
    "utc_now",
]
