"""Integrations: the providers that this installation can link."""

from typing import Final

from starlette.responses import Response

from tallystick.connectors import Manifest
from tallystick.http.api import shapes
from tallystick.http.api.call import Call, answer
from tallystick.http.api.connections import no_integration
from tallystick.http.api.listing import listed
from tallystick.http.query import Reading

_READING: Final[Reading[shapes.Integration]] = {
    "key": lambda i: i.key,
    "name": lambda i: i.name,
    "enabled": lambda i: i.enabled,
    "sourceId": lambda i: i.source_id,
    "sourceType": lambda i: i.source_type,
    "integrationId": lambda i: i.integration_id,
    "isOfflineConnector": lambda i: i.is_offline_connector,
    "isBeta": lambda i: i.is_beta,
}


async def list_integrations(call: Call) -> Response:
    """Every enabled integration."""
    shown = [_shape(call, manifest) for manifest in call.reach.engine.manifests.values()]
    return listed(call, shown, _READING, order=("key", "name"), name="Integration")


async def get_integration(call: Call) -> Response:
    """One integration, by its key of four letters."""
    key = call.path("platformKey")
    for manifest in call.reach.engine.manifests.values():
        if manifest.platform_key == key:
            return answer(_shape(call, manifest))
    raise no_integration(key)


def _shape(call: Call, manifest: Manifest) -> shapes.Integration:
    return shapes.Integration(
        key=manifest.platform_key,
        logo_url=f"{call.reach.public_url}/static/integration.svg",
        name=manifest.name,
        source_id=manifest.source_id,
        integration_id=manifest.integration_id,
        data_provided_by=manifest.name,
        datatype_features=[shapes.DataTypeFeature(data_type=name) for name in manifest.data_types],
    )
