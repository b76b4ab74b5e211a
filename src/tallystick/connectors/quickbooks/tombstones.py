"""Entities that are deleted at QuickBooks: what is told of them, and which of our records they were.

CDC tells a deletion as a row of the entity with little more than its id and `"status":"Deleted"`; a record
that is asked for by its id and is no more is told in the same words. Source: providers §§2.3, 4, 5 no. 37.
"""

from typing import Final

from tallystick.connectors.contract import Gone, Resource
from tallystick.connectors.quickbooks.words import DELETED, entity_id

#: Resources of several entities, each of which counts its ids from 1.
_OF_SEVERAL: Final = frozenset({"TrackingCategory", "DirectIncome", "Transfer", "AccountTransaction"})
#: A transfer is posted at both of its ends.
_ENDS: Final = ("-from", "-to")


def tombstone(entity: str, id_: str) -> bytes:
    """An answer that tells of nothing but this deletion, in CDC's words."""
    told = f'{{"QueryResponse":{{"{entity}":[{{"status":"{DELETED}","Id":"{id_}"}}]}}}}'
    return told.encode()


def gone(resource: Resource, entity: str, id_: str) -> list[Gone]:
    """The records that a deleted entity may have been, of every data type of its resource."""
    own = entity_id(entity, id_) if resource.name in _OF_SEVERAL else id_
    both_ends = resource.name == "AccountTransaction" and entity == "Transfer"
    ids = [own + end for end in _ENDS] if both_ends else [own]
    return [
        Gone(data_type=data_type, id=each)
        for data_type in resource.data_types
        for each in ids
        if data_type != "journals"  # a book of entries stays
    ]
