"""Supplemental data: what a client wants beside the standard fields of a type. Source: api-contract §2."""

from collections.abc import Mapping
from typing import Final

from msgspec import field
from starlette.responses import Response

from tallystick.connectors import Connector
from tallystick.engine.supplemental_config import (
    SUPPLEMENTED,
    SourceConfig,
    check_config,
    read_config,
    write_config,
)
from tallystick.errors import NotSupported
from tallystick.http.api.body import read_body
from tallystick.http.api.call import Call, answer
from tallystick.http.api.platforms import connector_of, refused
from tallystick.http.api.shapes import Shape
from tallystick.http.problem import Problem
from tallystick.standard import DataType

#: By the data type's name in lower case: the contract spells this path in two ways.
_BY_NAME: Final[Mapping[str, DataType]] = {
    **{name.lower(): name for name in SUPPLEMENTED},
    "accounts": "chartOfAccounts",
}


class SupplementalDataSourceConfiguration(SourceConfig, frozen=True, kw_only=True):
    """What is wanted of one of the provider's lists."""


class SupplementalDataConfiguration(Shape, frozen=True, kw_only=True):
    """All that is wanted of one data type, by the client's names for it; nothing resets it."""

    supplemental_data_config: Mapping[str, SupplementalDataSourceConfiguration] | None = field(
        default_factory=dict
    )


async def get_configuration(call: Call) -> Response:
    """The configuration of one data type of a platform; an empty one where there is none."""
    connector = connector_of(call)
    data_type = _data_type(call, connector)
    async with call.store() as store:
        configs = await read_config(store, connector.manifest.slug, data_type)
    return answer({"supplementalDataConfig": configs})


async def configure(call: Call) -> Response:
    """A configuration in the place of the one before. The answer is empty: the SDKs expect no body."""
    connector = connector_of(call)
    data_type = _data_type(call, connector)
    body = await read_body(call.request, SupplementalDataConfiguration)
    configs = body.supplemental_data_config or {}
    faults = check_config(connector, data_type, configs)
    if faults:
        raise refused(faults)
    await write_config(
        call.reach.stores,
        call.reach.engine.remaps,
        call.reach.engine.schedule,
        client_id=call.client_id,
        connector=connector,
        data_type=data_type,
        configs=configs,
    )
    return Response(status_code=200)


def _data_type(call: Call, connector: Connector) -> DataType:
    """Raises: `Problem` 404 for a data type that has no supplemental data, or that the platform lacks."""
    word = call.path("dataType")
    data_type = _BY_NAME.get(word.lower())
    if data_type is None:
        told = f"There is no supplemental data for {word[:100]}; there is for {', '.join(SUPPLEMENTED)}."
        raise Problem(404, told)
    if data_type not in connector.manifest.data_types:
        raise NotSupported(platform=connector.manifest.name, data_type=data_type)
    return data_type
