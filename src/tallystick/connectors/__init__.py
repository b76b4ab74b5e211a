"""Providers: each folder knows one, and nothing else of the house.

The contract says what a connector gives (`Manifest`, `Auth`, `Client`, `Mapper`) and what it is given
(`Calls`). Absent on purpose: storage, actors, schedules, and any word of one provider in another's
folder. `tallystick.connectors.registry` lists the providers.
"""

from tallystick.connectors.contract import (
    Auth,
    Books,
    Calls,
    Client,
    Connector,
    Consent,
    Gone,
    Hooks,
    HookUnreadable,
    Issue,
    Limits,
    Lists,
    Manifest,
    Mapper,
    Notice,
    Pace,
    Page,
    Resource,
    SourceUnknown,
    Tenant,
    TokenExpired,
    Tokens,
)
from tallystick.connectors.large_answers import LargeAnswers

__all__ = [
    "Auth",
    "Books",
    "Calls",
    "Client",
    "Connector",
    "Consent",
    "Gone",
    "HookUnreadable",
    "Hooks",
    "Issue",
    "LargeAnswers",
    "Limits",
    "Lists",
    "Manifest",
    "Mapper",
    "Notice",
    "Pace",
    "Page",
    "Resource",
    "SourceUnknown",
    "Tenant",
    "TokenExpired",
    "Tokens",
]
