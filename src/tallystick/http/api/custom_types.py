"""Custom data types: lists of a provider's that the standard model does not have. Source: api-contract §2."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from tallystick.engine.custom_config import (
    MOST_TYPES,
    CustomConfig,
    TypesTooMany,
    faults_of,
    is_identifier,
    read_type,
    write_type,
)
from tallystick.errors import AlreadySyncing
from tallystick.http.api.body import read_body
from tallystick.http.api.call import Call, answer
from tallystick.http.api.paging import page_response, paging_of
from tallystick.http.api.platforms import connector_of, refused
from tallystick.http.api.refresh import pull_operation
from tallystick.http.api.shapes import Shape
from tallystick.http.problem import Problem, invalid
from tallystick.http.query import Resource, compile_query, parse
from tallystick.store import ConnectionRow, Store, custom_types

#: Nothing of a custom record can be asked for: what it holds is the client's own affair.
_UNQUERIED: Final = Resource("CustomDataTypeRecord", {}, {})


class CustomDataTypeConfiguration(CustomConfig, frozen=True, kw_only=True):
    """What is wanted of one of the provider's lists."""


class ModifiedDate(Shape, frozen=True, kw_only=True):
    """When a record last changed here. An object, as the contract has it."""

    modified_date: str


class CustomDataTypeRecord(Shape, frozen=True, kw_only=True):
    """One record of a custom data type."""

    id: str  #: what `keyBy` gives, `|` between its parts
    content: Mapping[str, Any]  #: by the names of `requiredData`; null where the provider's row has nothing
    modified_date: ModifiedDate


async def get_configuration(call: Call) -> Response:
    """The configuration of a custom data type of a platform."""
    connector, identifier = connector_of(call), _identifier(call)
    async with call.store() as store:
        return answer(await _configured(store, connector.manifest.slug, identifier))


async def configure(call: Call) -> Response:
    """A configuration in the place of the one before, if any. It is read when somebody queues it."""
    connector, identifier = connector_of(call), _identifier(call)
    config = await read_body(call.request, CustomDataTypeConfiguration)
    faults = faults_of(config, connector.lists)
    if faults:
        raise refused(faults)
    async with call.store() as store:
        try:
            await write_type(store, connector.manifest.slug, identifier, config)
        except TypesTooMany:
            told = f"{connector.manifest.name} has {MOST_TYPES} custom data types: use one of them anew"
            raise invalid("customDataIdentifier", told) from None
    return answer(config)


async def queue(call: Call) -> Response:
    """Queue the reading of a custom data type of one connection."""
    identifier = _identifier(call)
    async with call.store() as store:
        row = await call.connection(store)
        await _configured(store, row.provider, identifier)
    try:
        (dataset,) = await call.reach.engine.sync(
            call.client_id,
            row.id,
            [custom_types.as_data_type(identifier)],
            "api",
            correlation_id=call.correlation_id,
        )
    except AlreadySyncing as running:
        told = (
            f"DatasetAlreadyInProgressException: Cannot queue {running.data_type} sync for "
            f"{row.company_id} as previous sync {running.dataset_id} is still in progress"
        )
        raise Problem(400, told) from running
    return answer(pull_operation(dataset))


async def list_records(call: Call) -> Response:
    """A page of the records of a custom data type of one connection, in the order in which they came."""
    paging, identifier = paging_of(call.request), _identifier(call)
    text = call.query.get("query")
    if text:
        compile_query(parse(text), _UNQUERIED)
    async with call.store() as store:
        row = await call.connection(store)
        await _configured(store, row.provider, identifier)
        total, bodies = await store.read(
            custom_types.page, row.number, identifier, limit=paging.size, offset=paging.offset
        )
        if not total and not await store.read(custom_types.was_read, row.id, identifier):
            raise _never_read(row, identifier)
    return page_response(call.request, paging, total, bodies)


def _identifier(call: Call) -> str:
    identifier = call.path("customDataIdentifier")
    if not is_identifier(identifier):
        told = "has letters, digits, - and _ only, a letter or a digit first, and 64 characters at most"
        raise invalid("customDataIdentifier", told)
    return identifier


async def _configured(store: Store, platform: str, identifier: str) -> CustomConfig:
    """Raises: `Problem` 404."""
    config = await read_type(store, platform, identifier)
    if config is None:
        raise Problem(404, f"The custom data type {identifier} is not configured for this platform.")
    return config


def _never_read(row: ConnectionRow, identifier: str) -> Problem:
    """404, since the contract knows no 409 here."""
    told = f"The custom data type {identifier} was never read of data connection {row.id}: queue it first"
    return Problem(404, told)
