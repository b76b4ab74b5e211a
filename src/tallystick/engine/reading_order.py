"""Which resources are read for the data types that are asked for, and what comes with them."""

from collections.abc import Mapping, Sequence

from tallystick.connectors import Manifest, Resource
from tallystick.errors import NotSupported
from tallystick.standard import DataType
from tallystick.store import custom_types


def plan(resources: Sequence[Resource], asked: Mapping[DataType, object]) -> list[Resource]:
    """The resources that give one of the data types, in the order in which those are asked for."""
    place = {data_type: number for number, data_type in enumerate(asked)}
    wanted = [r for r in resources if any(t in place for t in r.data_types)]
    return sorted(wanted, key=lambda r: min(place[t] for t in r.data_types if t in place))


def wanted_types(manifest: Manifest, asked: Sequence[DataType]) -> list[DataType]:
    """What is read when these are asked for: see `together`; a custom data type is read by itself.

    Raises: `NotSupported` for what the provider does not have.
    """
    if asked and all(custom_types.identifier_of(data_type) is not None for data_type in asked):
        return list(asked)
    for data_type in asked:
        if data_type not in manifest.data_types:
            raise NotSupported(platform=manifest.name, data_type=data_type)
    return together(manifest.resources, asked)


def together(resources: Sequence[Resource], asked: Sequence[DataType]) -> list[DataType]:
    """The data types asked for and those that come with them from the same resource, in reading order.

    A cursor is a resource's: what shares it is read, stored and reported together.
    """
    wanted = [r for r in resources if any(t in asked for t in r.data_types)]
    return list(dict.fromkeys(t for r in wanted for t in r.data_types))
