"""How one record is named to `Client.one`, and how it is told that there is no such record any more.

Keys come from outside, and are put into a path: nothing but the form that is told here gets through.
"""

import re
from typing import Final

import msgspec

from tallystick.connectors.contract import Gone, Resource
from tallystick.connectors.unreadable import UNREADABLE

#: 32 hexadecimal digits as a rule; rates and methods have words: `GB_STANDARD`, `CREDIT_DEBIT`.
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", re.ASCII)


class _Tombstone(msgspec.Struct):
    """A row of our own: Sage only no longer finds what is no more."""

    gone: str = msgspec.field(name="$gone")


_TOMBSTONE: Final = msgspec.json.Decoder(_Tombstone)


def check_key(resource: str, key: str) -> None:
    """Raises: `ValueError` for what is no key of this resource."""
    if _ID.fullmatch(key) is None:
        raise ValueError(f"no key of {resource} at Sage")


def tombstone(key: str) -> bytes:
    """An answer that holds nothing but the news that this record is no more."""
    return f'{{"$items":[{{"$gone":"{key}"}}]}}'.encode()


def gone(resource: Resource, row: msgspec.Raw) -> list[Gone]:
    """What a row that is no record tells to be no more, of every data type of its resource; else nothing."""
    try:
        told = _TOMBSTONE.decode(row).gone
    except UNREADABLE:
        return []
    return [Gone(data_type=data_type, id=told) for data_type in resource.data_types]
