"""Which resources are read for the data types that are asked for, and what comes with them."""

from collections.abc import Mapping, Sequence

from tallystick.connectors import Resource
from tallystick.standard import DataType


def plan(resources: Sequence[Resource], asked: Mapping[DataType, object]) -> list[Resource]:
    """The resources that give one of the data types, in the order in which those are asked for."""
    place = {data_type: number for number, data_type in enumerate(asked)}
    wanted = [r for r in resources if any(t in place for t in r.data_types)]
    return sorted(wanted, key=lambda r: min(place[t] for t in r.data_types if t in place))


def together(resources: Sequence[Resource], asked: Sequence[DataType]) -> list[DataType]:
    """The data types asked for and those that come with them from the same resource, in reading order.

    A cursor is a resource's: what shares it is read, stored and reported together.
    """
    wanted = [r for r in resources if any(t in asked for t in r.data_types)]
    return list(dict.fromkeys(t for r in wanted for t in r.data_types))
