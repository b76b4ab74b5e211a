"""What the doors may ask of supplemental data: read a configuration, and change it.

A change is about records that are stored already: they are mapped anew from the provider's stored answers,
with no call to the provider. Where that cannot be done now, or is interrupted, the next sync of the list
sees that it was mapped under another configuration, and reads it whole.
"""

from collections.abc import Sequence

from tallystick.connectors import Connector
from tallystick.engine.remap_request import NothingThere, RemapScope
from tallystick.engine.remaps import Remaps
from tallystick.engine.schedule import Schedule
from tallystick.engine.supplementing import (
    SUPPLEMENTED,
    ConfigFault,
    Configs,
    SourceConfig,
    configs_in,
    faults_of,
    stored,
)
from tallystick.errors import ActorUnavailable
from tallystick.standard import DataType
from tallystick.store import Store, Stores, refreshes, supplemental

__all__ = [
    "SUPPLEMENTED",
    "ConfigFault",
    "Configs",
    "SourceConfig",
    "check_config",
    "read_config",
    "write_config",
]


async def read_config(store: Store, platform: str, data_type: DataType) -> Configs:
    """The configuration of one data type of a platform (its slug); empty where there is none."""
    found = await store.read(supplemental.find, platform, data_type)
    return {} if found is None else configs_in(found.body)


def check_config(connector: Connector, data_type: DataType, configs: Configs) -> list[ConfigFault]:
    """All that is wrong with a configuration of a data type that the connector has."""
    return faults_of(configs, _sources(connector, data_type))


async def write_config(
    stores: Stores,
    remaps: Remaps,
    schedule: Schedule,
    *,
    client_id: str,
    connector: Connector,
    data_type: DataType,
    configs: Configs,
) -> None:
    """Store a configuration that was checked, and have the records that it is about mapped with it.

    An empty one resets: the records lose what was added. One that reads nothing else than before touches no
    record. Promise: whatever happens after the commit, every record carries it after the next sync of its
    list. Raises: `StoreUnusable`.
    """
    platform, now = connector.manifest.slug, stores.clock()
    async with stores.client(client_id) as store:
        if not await store.write(supplemental.save, platform, data_type, stored(configs)):
            return
        scope = RemapScope(client_id=client_id, provider=platform, data_type=data_type)
        try:
            await remaps.ask(scope, dry_run=False)
        except (ActorUnavailable, NothingThere):
            # The directory first: a start that finds them due looks, and at worst finds nothing to do.
            await stores.control.write(refreshes.bring_forward, client_id, None, now)
            await store.write(supplemental.hasten, platform, data_type, now)
            times = await store.read(refreshes.next_due_of_linked, None)
            await stores.control.write(refreshes.settle, times, now)
            for connection_id, due_at in times.items():
                schedule.note(connection_id, due_at)


def _sources(connector: Connector, data_type: DataType) -> Sequence[str]:
    resources = [r for r in connector.manifest.resources if data_type in r.data_types]
    return list(dict.fromkeys(source for r in resources for source in connector.lists.of(r)))
