"""Connections: a company's links to provider accounts. Source: api-contract §2.

A company may have several, in any status: which of two accounting connections is the active one is the
engine's affair when the second is linked, not this door's when it is made.
"""

from typing import Final

from msgspec import UNSET
from starlette.responses import Response

from tallystick.http.api import shapes
from tallystick.http.api.body import read_body
from tallystick.http.api.call import Call, answer
from tallystick.http.api.listing import listed
from tallystick.http.problem import Problem, invalid
from tallystick.http.query import Reading
from tallystick.store import ConnectionRow

_READING: Final[Reading[shapes.Connection]] = {
    "id": lambda c: c.id,
    "integrationId": lambda c: c.integration_id,
    "integrationKey": lambda c: c.integration_key,
    "sourceId": lambda c: c.source_id,
    "sourceType": lambda c: c.source_type,
    "platformName": lambda c: c.platform_name,
    "status": lambda c: c.status,
    "created": lambda c: c.created,
    "lastSync": lambda c: None if c.last_sync is UNSET else c.last_sync,
}
_ORDER: Final = ("id", "created", "status", "platformName", "integrationKey", "lastSync")


async def list_connections(call: Call) -> Response:
    """A company's connections."""
    async with call.store() as store:
        rows = await call.connections(store)
    shown = [connection_shape(call, row) for row in rows if row.provider in call.reach.engine.manifests]
    return listed(call, shown, _READING, order=_ORDER, name="Connection")


async def create_connection(call: Call) -> Response:
    """A connection that waits for consent at its `linkUrl`."""
    body = await read_body(call.request, shapes.NewConnection)
    async with call.store() as store:
        company = await call.company(store)
    for slug, manifest in call.reach.engine.manifests.items():
        if manifest.platform_key == body.platform_key:
            row = await call.reach.engine.add_connection(call.client_id, company.id, slug)
            return answer(connection_shape(call, row))
    raise no_integration(body.platform_key)


async def get_connection(call: Call) -> Response:
    """One connection."""
    async with call.store() as store:
        return answer(connection_shape(call, await call.connection(store)))


async def unlink_connection(call: Call) -> Response:
    """End the link and keep the data; only a linked connection can be unlinked."""
    body = await read_body(call.request, shapes.UpdateConnectionStatus)
    if body.status != "Unlinked":
        raise invalid("status", "can only be set to Unlinked", validator="Body")
    async with call.store() as store:
        row = await call.connection(store)
    return answer(connection_shape(call, await call.reach.engine.unlink(call.client_id, row.id)))


async def delete_connection(call: Call) -> Response:
    """The connection and its data. The answer is 200 and empty: the SDKs take 204 for an error."""
    async with call.store() as store:
        row = await call.connection(store)
    await call.reach.engine.remove_connection(call.client_id, row.id)
    return Response(status_code=200)


def connection_shape(call: Call, row: ConnectionRow) -> shapes.Connection:
    """A connection as the API shows it. Raises: `Problem` 404 when its provider is switched off."""
    manifest = call.reach.engine.manifests.get(row.provider)
    if manifest is None:
        raise Problem(404, f"The integration of data connection {row.id} is not enabled")
    return shapes.Connection(
        id=row.id,
        integration_id=manifest.integration_id,
        integration_key=manifest.platform_key,
        source_id=manifest.source_id,
        platform_name=manifest.name,
        link_url=f"{call.reach.public_url}/link/connections/{row.id}/start",
        status=row.status,
        created=row.created_at,
        last_sync=row.last_sync_at or UNSET,
        data_connection_errors=_errors(row),
    )


def no_integration(key: str) -> Problem:
    """404."""
    return Problem(404, f"No integration was found with key {key[:100]}")


def _errors(row: ConnectionRow) -> list[shapes.DataConnectionError]:
    if row.status != "Deauthorized" or row.reason is None:
        return []  # the reason of any other status is no error
    return [
        shapes.DataConnectionError(
            status_code="401", status_text="Unauthorized", error_message=row.reason, status="Active"
        )
    ]
