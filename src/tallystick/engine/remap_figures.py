"""What a remap tells: events while it runs and at its end, and the figures that it gathers."""

from collections.abc import Mapping
from typing import Literal

from attrs import define, field, frozen

from tallystick.engine.remap_differences import Differences
from tallystick.standard import DataType
from tallystick.store.remapping import RemapTally

Outcome = Literal["ok", "failed", "cancelled"]


@frozen(kw_only=True)
class RemapProgressed:
    """Another stored answer was mapped anew, and what that changed is on the disk; of a dry run, is known."""

    platform: str
    client_id: str
    connection_id: str
    resource: str
    dry_run: bool
    pages: int  #: of this connection so far
    pages_all: int  #: of this connection, as counted at its begin
    seen: int  #: of this answer: changed + unchanged + rejected
    changed: int
    unchanged: int
    rejected: int


@frozen(kw_only=True)
class RemapFinished:
    """A connection's remap has ended, whatever its end. Accounts: seen = changed + unchanged + rejected."""

    platform: str
    client_id: str
    connection_id: str
    dry_run: bool
    outcome: Outcome
    reason: str | None
    mapping: int  #: the version that was applied
    seconds: float
    pages: int
    unreadable: int  #: answers that cannot be read at all; kept as they are
    seen: int
    created: int
    updated: int
    deleted: int
    unchanged: int
    rejected: int


@define
class RemapResult:
    """What a remap did so far, or would do."""

    pages: int = 0
    pages_all: int = 0
    unreadable: int = 0
    tallies: dict[DataType, RemapTally] = field(factory=dict)
    differences: Differences = field(factory=Differences)  #: of a dry run

    @property
    def total(self) -> RemapTally:
        """Over all data types."""
        total = RemapTally()
        for tally in self.tallies.values():
            total.add(tally)
        return total

    def add(self, tallies: Mapping[DataType, RemapTally]) -> None:
        """Add an answer's figures."""
        for data_type, tally in tallies.items():
            self.tallies.setdefault(data_type, RemapTally()).add(tally)

    def merge(self, other: "RemapResult") -> None:
        """Add another connection's figures; the differences are noted in one place anyway."""
        self.pages += other.pages
        self.pages_all += other.pages_all
        self.unreadable += other.unreadable
        self.add(other.tallies)
