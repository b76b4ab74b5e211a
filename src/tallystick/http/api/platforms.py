"""The provider that a path names by its four letters."""

from tallystick.connectors import Connector
from tallystick.engine.supplementing import ConfigFault
from tallystick.http.api.call import Call
from tallystick.http.api.connections import no_integration
from tallystick.http.problem import Problem, ValidationItem


def connector_of(call: Call) -> Connector:
    """The connector of the platform in the path. Raises: `Problem` 404."""
    key = call.path("platformKey")
    for connector in call.reach.engine.connectors.values():
        if connector.manifest.platform_key == key:
            return connector
    raise no_integration(key)


def refused(faults: list[ConfigFault]) -> Problem:
    """A refusal (400) that names every field at fault."""
    items = tuple(
        ValidationItem(item_id=fault.field, message=fault.fault, validator_name="Body") for fault in faults
    )
    return Problem(400, "; ".join(f"{fault.field}: {fault.fault}" for fault in faults), items)
