"""Names that the API has and Python keeps for itself: `from` is `from_` in a class, and `from` in JSON."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from tallystick.standard.data_types import DataType

#: Data types with such names, in the record itself, each with the names as classes have them.
_KEPT: Final[Mapping[DataType | None, tuple[str, ...]]] = MappingProxyType({"transfers": ("from_",)})
_MEMBERS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


def spelt(name: str) -> str:
    """A class's field as JSON, the query language and the API's description name it."""
    return name.removesuffix("_")


def as_sent(data_type: DataType | None, body: bytes) -> bytes:
    """The JSON of a record with the API's names, from that with the names of the class."""
    for name in _KEPT.get(data_type, ()):
        body = _renamed(body, name, spelt(name))
    return body


def as_kept(data_type: DataType, body: bytes) -> bytes:
    """The other way. Raises: `msgspec.ValidationError` for what is no JSON object."""
    for name in _KEPT.get(data_type, ()):
        body = _renamed(body, spelt(name), name)
    return body


def _renamed(body: bytes, old: str, new: str) -> bytes:
    # Raw members: what is within them stays byte for byte, money included.
    members = _MEMBERS.decode(body)
    return msgspec.json.encode({new if name == old else name: member for name, member in members.items()})
