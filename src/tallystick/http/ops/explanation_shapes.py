"""What the operators' door answers when a record is explained, in JSON: it is a client's data."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

import msgspec

from tallystick.engine.remap_row import Explanation
from tallystick.standard import DataType


class Doubt(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One doubt of today's mapping about the row."""

    severity: str
    path: str
    message: str
    data_type: DataType | None
    record_id: str | None


class Change(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A field that a remap would change: values as JSON text."""

    path: str
    before: str | None
    after: str | None


class Sibling(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Another record that the row gives."""

    data_type: DataType
    record_id: str


class Explained(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A record, the provider's row that it came of, and what today's mapping makes of that."""

    record_id: str
    data_type: DataType
    connection_id: str
    platform: str
    resource: str
    page: int
    place: int
    fetched_at: datetime
    mapping_version: int
    current_mapping_version: int
    modified_date: datetime
    record: msgspec.Raw  #: as the API sends it
    raw: msgspec.Raw  #: the provider's own bytes; null where today's mapping finds no row there
    is_given: bool  #: today's mapping gives the record
    changes: Sequence[Change]  #: fields that it gives otherwise
    siblings: Sequence[Sibling]
    issues: Sequence[Doubt]

    @classmethod
    def of(cls, found: Explanation) -> Self:
        """From what the engine says."""
        origin = found.origin
        return cls(
            record_id=origin.record_id,
            data_type=origin.data_type,
            connection_id=found.connection.id,
            platform=found.connector.manifest.slug,
            resource=origin.resource,
            page=origin.page,
            place=origin.place,
            fetched_at=origin.fetched_at,
            mapping_version=origin.mapping,
            current_mapping_version=found.connector.mapping_version,
            modified_date=origin.modified_at,
            record=msgspec.Raw(origin.body),
            raw=msgspec.Raw(b"null" if found.raw is None else found.raw),
            is_given=found.today is not None,
            changes=[
                Change(path=path, before=before, after=after)
                for path, (before, after) in found.changes.items()
            ],
            siblings=[Sibling(data_type=kind, record_id=record_id) for kind, record_id in found.siblings],
            issues=[
                Doubt(
                    severity=issue.severity,
                    path=issue.path,
                    message=issue.message,
                    data_type=issue.data_type,
                    record_id=issue.record_id,
                )
                for issue in found.issues
            ],
        )
