"""The provider's own row of a record, and what today's mapping makes of it."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext

import msgspec
from attrs import field, frozen

from tallystick.connectors import Connector, Issue, Page, Resource
from tallystick.engine.mapping import PageMapper
from tallystick.engine.remap_differences import changes
from tallystick.engine.remap_request import NothingThere
from tallystick.errors import PageUnreadable
from tallystick.standard import DataType
from tallystick.store import ConnectionRow, Store, Stores, connections, control, lineage
from tallystick.store.instants import Clock
from tallystick.store.lineage import Origin


@frozen(kw_only=True)
class Explanation:
    """A record beside the row that it came of."""

    connection: ConnectionRow
    connector: Connector
    origin: Origin
    raw: bytes | None = field(repr=False)  #: the row; None where today's mapping finds none at its place
    today: bytes | None = field(repr=False)  #: what the row gives now, as JSON without `modifiedDate`
    issues: Sequence[Issue]  #: what is doubted of the row now
    siblings: Sequence[tuple[DataType, str]]  #: what else the row gives
    changes: Mapping[str, tuple[str | None, str | None]] = field(repr=False)
    """Fields that a remap would change, by path, as JSON before and after."""


def row_of(connector: Connector, origin: Origin) -> bytes | None:
    """A record's row in the provider's answer, its exact bytes; None where there is none there any more.

    Cost: looks through the whole answer.
    """
    resource = _resource(connector, origin)
    if resource is None or origin.answer is None:
        return None
    try:
        rows = connector.mapper.split(resource, origin.answer)
    except PageUnreadable:
        return None
    return bytes(rows[origin.place]) if origin.place < len(rows) else None


async def explain_stored(
    stores: Stores, connectors: Mapping[str, Connector], where: str, data_type: DataType, record_id: str
) -> Explanation:
    """Explain a record of a connection, or of a company: of its newest connection that has the id.

    Raises: `NothingThere`, saying what is not there; `StoreUnusable`.
    """
    found = await stores.control.read(control.directory)
    rows = [row for row in found if where in {row.connection_id, row.company_id}]
    if not rows:
        raise NothingThere(f"no company with a connection, and no connection, has the ID {where[:100]}")
    async with stores.client(rows[0].client_id) as store:
        held = await store.read(connections.of_company, rows[0].company_id)
        mine = {each.number: each for each in held if where in {each.id, each.company_id}}
        origin = await store.read(
            lineage.find, connections=list(mine), data_type=data_type, record_id=record_id
        )
        if origin is None:
            raise NothingThere(f"there is no record {record_id[:100]} in the {data_type} of {where}")
        connection = mine[origin.connection]
        connector = connectors.get(connection.provider)
        if connector is None:
            raise NothingThere(f"its provider {connection.provider} is not enabled here")
        return await explain(store, connection, connector, origin, stores.clock)


async def explain(
    store: Store, connection: ConnectionRow, connector: Connector, origin: Origin, clock: Clock
) -> Explanation:
    """Map a record's row again, and compare."""
    raw, resource = row_of(connector, origin), _resource(connector, origin)
    if raw is None or resource is None:
        return Explanation(
            connection=connection,
            connector=connector,
            origin=origin,
            raw=raw,
            today=None,
            issues=(),
            siblings=(),
            changes={},
        )
    mapper = PageMapper(connector, nullcontext)
    await mapper.know(store, connection, clock)
    mapped = await mapper.map(resource, Page(raw=raw, records=[msgspec.Raw(raw)], next=None))
    mine = (origin.data_type, origin.record_id)
    made = {(record.data_type, record.id): record.content for record in mapped.records}
    today = made.pop(mine, None)
    return Explanation(
        connection=connection,
        connector=connector,
        origin=origin,
        raw=raw,
        today=today,
        issues=mapped.issues,
        siblings=list(made),
        changes={} if today is None else changes(origin.body, today),
    )


def _resource(connector: Connector, origin: Origin) -> Resource | None:
    return next((r for r in connector.manifest.resources if r.name == origin.resource), None)
