"""What the operators' door takes and answers about remaps, in JSON.

Values of clients' records are in it only where a dry run asked for samples.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Self

import msgspec

from tallystick.engine.remap_differences import Differences
from tallystick.engine.remap_request import RemapRequest, RemapScope, State
from tallystick.standard import DataType
from tallystick.store.remapping import RemapTally


class RemapBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Whose records, and whether only to look. What is left out means all."""

    client_id: str | None = None
    company_id: str | None = None
    connection_id: str | None = None
    data_type: DataType | None = None
    dry_run: bool = False
    samples: Annotated[int, msgspec.Meta(ge=0, le=3)] = 0  #: of each field that changes, of a dry run

    @property
    def scope(self) -> RemapScope:
        """As the engine says it."""
        return RemapScope(
            client_id=self.client_id,
            company_id=self.company_id,
            connection_id=self.connection_id,
            data_type=self.data_type,
        )


class Tally(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Figures of one data type: seen = created + updated + deleted + unchanged + rejected."""

    seen: int
    created: int
    updated: int
    deleted: int
    unchanged: int
    rejected: int

    @classmethod
    def of(cls, tally: RemapTally) -> Self:
        """From what the remap counted."""
        return cls(
            seen=tally.seen,
            created=tally.created,
            updated=tally.updated,
            deleted=tally.deleted,
            unchanged=tally.unchanged,
            rejected=tally.rejected,
        )


class FieldSample(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One record in which a field changes: values as JSON text."""

    record_id: str
    before: str | None
    after: str | None


class ChangedField(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How many records change a field."""

    data_type: DataType
    path: str
    records: int
    samples: Sequence[FieldSample]


class Remap(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A remap, and how far it is."""

    id: str
    state: State
    dry_run: bool
    requested_at: datetime
    reason: str | None
    connections: int
    connections_all: int
    pages: int
    pages_all: int
    unreadable_pages: int
    by_type: Mapping[DataType, Tally]
    fields: Sequence[ChangedField]
    failures: Mapping[str, str]

    @classmethod
    def of(cls, request: RemapRequest) -> Self:
        """As it is now."""
        result = request.result
        return cls(
            id=request.id,
            state=request.state,
            dry_run=request.dry_run,
            requested_at=request.requested_at,
            reason=request.reason,
            connections=request.connections,
            connections_all=request.connections_all,
            pages=result.pages,
            pages_all=result.pages_all,
            unreadable_pages=result.unreadable,
            by_type={data_type: Tally.of(tally) for data_type, tally in result.tallies.items()},
            fields=_fields(request.differences),
            failures=dict(request.failures),
        )


def _fields(differences: Differences) -> list[ChangedField]:
    """The fields that most records change first."""
    found = [
        ChangedField(
            data_type=data_type,
            path=path,
            records=difference.records,
            samples=[
                FieldSample(record_id=s.record_id, before=s.before, after=s.after) for s in difference.samples
            ],
        )
        for data_type, fields in differences.by_type.items()
        for path, difference in fields.items()
    ]
    return sorted(found, key=lambda field: (field.data_type, -field.records, field.path))
