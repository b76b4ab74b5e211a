"""How one record is named to `Client.one`: by the id that it has with us. And the news that it is no more.

Keys come from outside, and are put into a path: nothing but the form that is told here gets through.
"""

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from tallystick.connectors.contract import Gone, Resource
from tallystick.connectors.freeagent.listings import LISTINGS, Listing

#: What the ids of a list begin with that shares its data type with another: FreeAgent numbers both from 1.
PREFIXES: Final[Mapping[str, str]] = {
    "stock_items": "stock-",
    "credit_note_reconciliations": "reconciliation-",
}
#: Numbers, and of categories nominal codes: `750-1`.
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", re.ASCII)


class _Tombstone(msgspec.Struct):
    """A row of our own: FreeAgent only no longer finds what is no more."""

    gone: str


_TOMBSTONE: Final = msgspec.json.Decoder(_Tombstone)


def prefixed(name: str, id_: str) -> str:
    """The id that a record of a list has with us."""
    return f"{PREFIXES.get(name, '')}{id_}"


def read_key(resource: str, key: str) -> tuple[Listing, str]:
    """The list that a key's record is of, and FreeAgent's id of it. Raises: `ValueError` for no key."""
    if _ID.fullmatch(key) is None:
        raise ValueError(f"no key of {resource} at FreeAgent")
    listings = LISTINGS[resource]
    for listing in listings:
        prefix = PREFIXES.get(listing.name)
        if prefix is not None and key.startswith(prefix):
            return listing, key.removeprefix(prefix)
    return listings[0], key


def tombstone(key: str) -> bytes:
    """An answer that holds nothing but the news that this record is no more."""
    return msgspec.json.encode(_Tombstone(gone=key))


def gone(resource: Resource, row: msgspec.Raw) -> list[Gone]:
    """What a row of that kind tells to be no more: of every data type that its resource gives.

    Raises: `msgspec.ValidationError` for one that does not tell.
    """
    told = _TOMBSTONE.decode(row).gone
    return [Gone(data_type=data_type, id=told) for data_type in resource.data_types]
