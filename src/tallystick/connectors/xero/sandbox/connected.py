"""Which organisations a user has let the app into: what `/connections` lists.

Connections belong to the user and the app, not to a grant: every token of the user's opens all of
them, as at the provider. `authEventId` tells which consent picked one last.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from attrs import define, field


@define(kw_only=True)
class Connected:
    """One organisation that the app may read."""

    id: str
    user: str
    event_id: str
    tenant: str
    created_at: datetime
    updated_at: datetime


@define
class Connections:
    """All connections of the app."""

    found: list[Connected] = field(factory=list)

    def connect(self, user: str, event_id: str, tenants: Iterable[str], now: datetime) -> None:
        """Let the app into organisations; one that is connected already keeps its id."""
        for tenant in tenants:
            old = self.of(user, tenant)
            if old is not None:
                old.event_id, old.updated_at = event_id, now
                continue
            self.found.append(
                Connected(
                    id=str(uuid.uuid4()),
                    user=user,
                    event_id=event_id,
                    tenant=tenant,
                    created_at=now,
                    updated_at=now,
                )
            )

    def of(self, user: str, tenant: str) -> Connected | None:
        """The user's connection to an organisation."""
        return next((each for each in self.found if each.user == user and each.tenant == tenant), None)

    def remove(self, user: str, connection_id: str) -> bool:
        """Take one connection away. False if the user has no such."""
        kept = [each for each in self.found if not (each.user == user and each.id == connection_id)]
        gone = len(kept) < len(self.found)
        self.found = kept
        return gone

    def remove_all(self, user: str) -> None:
        """Take all of a user's connections away."""
        self.found = [each for each in self.found if each.user != user]


def row(connected: Connected, name: str) -> dict[str, Any]:
    """As `/connections` writes it: seven digits of a second and no zone."""
    return {
        "id": connected.id,
        "authEventId": connected.event_id,
        "tenantId": connected.tenant,
        "tenantType": "ORGANISATION",
        "tenantName": name,
        "createdDateUtc": _moment(connected.created_at),
        "updatedDateUtc": _moment(connected.updated_at),
    }


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond:06d}0"
