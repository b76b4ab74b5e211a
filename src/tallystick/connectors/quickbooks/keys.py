"""How one entity is named to `Client.one`: by its id, or as `Deposit-37` where there are several entities.

Keys come from outside, and are put into a path: nothing but the form that is told here gets through.
"""

import re
from typing import Final

from tallystick.connectors.quickbooks.queries import LISTINGS, Statement, entities_of

_ID: Final = re.compile(r"[0-9]{1,20}")


def is_id(told: object) -> bool:
    """Whether this is what QuickBooks' ids look like."""
    return isinstance(told, str) and _ID.fullmatch(told) is not None


def key_of(resource: str, entity: str, id_: str) -> str:
    """The key of an entity in a resource that reads it."""
    return f"{entity}-{id_}" if _has_several(resource) else id_


def read_key(resource: str, key: str) -> tuple[str, str]:
    """The entity that a key names, and its id. Raises: `ValueError`."""
    entities = entities_of(resource)
    entity, dash, id_ = key.rpartition("-")
    entity = entity if dash else entities[0]
    if entity not in entities or not is_id(id_):
        raise ValueError(f"no key of {resource} at QuickBooks")
    return entity, id_


def resources_of(entity: str) -> tuple[str, ...]:
    """The resources in which an entity is read as a row of its own; none where it never is."""
    return tuple(
        name
        for name, listing in LISTINGS.items()
        if not isinstance(listing, Statement) and entity in listing.entities
    )


def _has_several(resource: str) -> bool:
    return len(entities_of(resource)) > 1
