"""Where everything is kept: encrypted SQLite files, one for the installation and one for each client.

Row modules (`companies`, `connections`, `datasets`, `records`, …) hold plain functions of a database
connection; `Store.read` and `Store.write` run them. A page's records, cursor, dataset and outbox rows go
into one transaction. Nothing here knows a provider, an HTTP request or an actor.
"""

from tallystick.store import (
    audit,
    batches,
    budgets,
    companies,
    connections,
    control,
    counts,
    cursors,
    custom_types,
    datasets,
    deletions,
    grants,
    issues,
    lists,
    outbox,
    pages,
    records,
    refreshes,
    supplemental,
    sync_settings,
    timetable,
)
from tallystick.store.budgets import BudgetRow
from tallystick.store.companies import Company
from tallystick.store.connections import ConnectionRow, LinkStatus
from tallystick.store.control import ApiKeyRow, ClientRow, DirectoryRow, LinkAttempt
from tallystick.store.cursors import Cursor
from tallystick.store.database import CommitFailed, CommitLimits, Database, GroupCommitted, Job
from tallystick.store.datasets import Dataset
from tallystick.store.deletions import HeldDeletions
from tallystick.store.folder import DataFolder
from tallystick.store.found import FoundLists
from tallystick.store.grants import StoredTokens
from tallystick.store.instants import Clock, utc_now
from tallystick.store.issues import StoredIssue
from tallystick.store.lists import ListQuery, RecordPage
from tallystick.store.pages import NewPage, NewRecord, StoredPage, Tally, content_hash
from tallystick.store.records import Condition
from tallystick.store.refreshes import Outlook
from tallystick.store.stores import ClientOpened, Store, Stores, open_data, open_stores
from tallystick.store.sync_settings import SettingsRead, SyncSetting
from tallystick.store.timetable import Refresh, RefreshEnd
from tallystick.store.vault import Vault, key_text, new_key, parse_key

__all__ = [
    "ApiKeyRow",
    "BudgetRow",
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
    "FoundLists",
    "GroupCommitted",
    "HeldDeletions",
    "Job",
    "LinkAttempt",
    "LinkStatus",
    "ListQuery",
    "NewPage",
    "NewRecord",
    "Outlook",
    "RecordPage",
    "Refresh",
    "RefreshEnd",
    "SettingsRead",
    "Store",
    "StoredIssue",
    "StoredPage",
    "StoredTokens",
    "Stores",
    "SyncSetting",
    "Tally",
    "Vault",
    "audit",
    "batches",
    "budgets",
    "companies",
    "connections",
    "content_hash",
    "control",
    "counts",
    "cursors",
    "custom_types",
    "datasets",
    "deletions",
    "grants",
    "issues",
    "key_text",
    "lists",
    "new_key",
    "open_data",
    "open_stores",
    "outbox",
    "pages",
    "parse_key",
    "records",
    "refreshes",
    "supplemental",
    "sync_settings",
    "timetable",
    "utc_now",
]
