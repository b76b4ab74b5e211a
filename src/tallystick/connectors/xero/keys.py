"""How one record is named to `Client.one`, and how it is told that there is no such record any more.

Keys come from outside, and are put into a path: nothing but the form that is told here gets through.
"""

import re
from typing import Final

import msgspec

from tallystick.connectors.contract import Gone, Resource
from tallystick.connectors.unreadable import UNREADABLE

_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
#: The code of a tax rate, which is all the id that it has.
_TAX_TYPE: Final = re.compile(r"[A-Za-z0-9_]{1,64}", re.ASCII)


class _Tombstone(msgspec.Struct):
    """A row of our own: Xero never tells of a record that is no more, it only no longer finds it."""

    gone: str = msgspec.field(name="$gone")


_TOMBSTONE: Final = msgspec.json.Decoder(_Tombstone)


def is_uuid(told: str) -> bool:
    """Whether this is what Xero's ids look like."""
    return _UUID.fullmatch(told) is not None


def check_key(resource: str, key: str) -> None:
    """Raises: `ValueError` for what is no key of this resource."""
    if not (is_uuid(key) or (resource == "TaxRates" and _TAX_TYPE.fullmatch(key))):
        raise ValueError(f"no key of {resource} at Xero")


def tombstone(name: str, key: str) -> bytes:
    """An answer that holds nothing but the news that this record is no more."""
    return f'{{"{name}":[{{"$gone":"{key}"}}]}}'.encode()


def gone(resource: Resource, row: msgspec.Raw) -> list[Gone]:
    """What a row that is no record tells to be no more, of every data type of its resource; else nothing."""
    try:
        told = _TOMBSTONE.decode(row).gone
    except UNREADABLE:
        return []
    return [Gone(data_type=data_type, id=told) for data_type in resource.data_types]
