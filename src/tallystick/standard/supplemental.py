"""What a client has asked for beside the standard fields. Source: api-contract §2, supplemental data."""

from collections.abc import Mapping

from attrs import frozen
from msgspec import Raw


@frozen(kw_only=True)
class SupplementalData:
    """Values of the provider's own, by the names that the client's configuration gives them.

    They stay the JSON that the provider sent: numbers keep their digits, and nothing is made of them.
    """

    content: Mapping[str, Mapping[str, Raw]] | None = None  #: name of the configuration, name of the value
