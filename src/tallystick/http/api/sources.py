"""Lineage: where a record comes from, down to the provider's own bytes. Beyond Codat."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from attrs import frozen
from msgspec import UNSET, Raw, UnsetType
from starlette.responses import Response

from tallystick.connectors import Connector
from tallystick.engine.remap_row import row_of
from tallystick.http.api.books import books_of, look_into, no_data, require_complete
from tallystick.http.api.call import Call, answer, connections_of
from tallystick.http.api.shapes import Shape
from tallystick.http.problem import invalid
from tallystick.standard import DataType
from tallystick.store import ConnectionRow, lineage
from tallystick.store.sqlcipher import SqliteConnection

_YES_OR_NO: Final[Mapping[str, bool]] = {"true": True, "false": False}


class RecordSource(Shape, frozen=True, kw_only=True):
    """Where a record comes from. `raw` is left out where it is not asked for."""

    record_id: str
    data_type: DataType
    connection_id: str
    platform: str  #: the provider, as metrics and files name it
    resource: str  #: its list
    page: int  #: which of its answers, as we number them
    place: int  #: index of the record's row in that answer
    fetched_at: datetime  #: when the answer came
    mapping_version: int  #: that looked at the record last
    current_mapping_version: int
    modified_date: datetime
    raw: Raw | UnsetType | None = UNSET  #: the provider's own row; null where none is found there


@frozen
class _Found:
    origin: lineage.Origin
    row: ConnectionRow
    connector: Connector
    raw: bytes | None


async def source_of_company(call: Call) -> Response:
    """Where one of the company's records comes from."""
    return await _source(call, None)


async def source_of_connection(call: Call) -> Response:
    """Where one record of a connection comes from."""
    return await _source(call, call.path("connectionId"))


async def _source(call: Call, connection_id: str | None) -> Response:
    asked = call.query.get("raw", "true").lower()
    if asked not in _YES_OR_NO:
        raise invalid("raw", "must be true or false")
    with_raw = _YES_OR_NO[asked]

    def look(connection: SqliteConnection) -> _Found | None:
        books = books_of(connection, call, call.path("dataType"), connection_id)
        require_complete(connection, call, books.data_type)
        origin = lineage.find(
            connection,
            connections=books.connections,
            data_type=books.data_type,
            record_id=call.path("recordId"),
            with_answer=with_raw,
        )
        if origin is None:
            return None
        rows = connections_of(connection, call.path("companyId"))
        row = next(row for row in rows if row.number == origin.connection)
        connector = call.reach.engine.connectors.get(row.provider)
        if connector is None:
            return None  # a provider that this installation no longer has
        return _Found(origin, row, connector, row_of(connector, origin) if with_raw else None)

    found = await look_into(call, look)
    if found is None:
        raise no_data(call.path("dataType"), call.path("recordId"))
    raw = None if found.raw is None else Raw(found.raw)
    return answer(_told(found, raw if with_raw else UNSET))


def _told(found: _Found, raw: Raw | UnsetType | None) -> RecordSource:
    origin = found.origin
    return RecordSource(
        record_id=origin.record_id,
        data_type=origin.data_type,
        connection_id=found.row.id,
        platform=found.connector.manifest.slug,
        resource=origin.resource,
        page=origin.page,
        place=origin.place,
        fetched_at=origin.fetched_at,
        mapping_version=origin.mapping,
        current_mapping_version=found.connector.mapping_version,
        modified_date=origin.modified_at,
        raw=raw,
    )
