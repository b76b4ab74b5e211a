"""Custom data types: how one is configured, and what a provider's row is as a record of it. Pure, but for
`read_type` and `write_type`, which are what the doors may ask.

Source: api-contract §2, custom data types.
"""

import re
from collections.abc import Mapping, Sequence, Sized
from decimal import Decimal
from typing import Any, Final

import msgspec
from attrs import frozen

from tallystick.connectors import Lists, SourceUnknown
from tallystick.engine.json_path import JsonPath, parse_path
from tallystick.engine.supplementing import ConfigFault, decode_row, digest_of, encode_value, path_faults
from tallystick.errors import RecordRejected
from tallystick.store import Store, content_hash, custom_types
from tallystick.store.custom_types import CustomRecord, StoredType
from tallystick.store.sqlcipher import SqliteConnection

#: Custom data types of one platform.
MOST_TYPES: Final = 100
#: Values of one record, parts of its id, and dates that tell a change.
MOST_VALUES: Final = 100
MOST_KEYS: Final = 5
LONGEST_NAME: Final = 100  #: characters
#: Bytes of one value as JSON, and characters of an id.
LARGEST_VALUE: Final = 64 * 1024
LONGEST_ID: Final = 500
#: Between the parts of an id.
_BETWEEN: Final = "|"

_IDENTIFIER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", re.ASCII)
#: A number may be beyond what a Decimal can be.
_UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ArithmeticError)


class CustomConfig(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What is wanted of one of the provider's lists."""

    data_source: str  #: the list, such as `/Contacts`
    key_by: Sequence[str]  #: where the parts of a record's id stand
    required_data: Mapping[str, str] = msgspec.field(default_factory=dict)
    """The client's name for a value, and where it stands in a row."""
    source_modified_date: Sequence[str] | None = None  #: values whose change is a change of the record


_CONFIG: Final = msgspec.json.Decoder(CustomConfig)


class TypesTooMany(Exception):
    """A platform has as many custom data types as it may have."""


def is_identifier(text: str) -> bool:
    """Whether a custom data type may be called so: letters, digits, - and _, 64 at most."""
    return _IDENTIFIER.fullmatch(text) is not None


def faults_of(config: CustomConfig, lists: Lists) -> list[ConfigFault]:
    """All that is wrong with a configuration."""
    found: list[ConfigFault] = []
    try:
        lists.check(config.data_source)
    except SourceUnknown as error:
        found.append(ConfigFault("dataSource", str(error)))
    dates = config.source_modified_date or ()
    found += _count_faults("requiredData", config.required_data, 0, MOST_VALUES)
    found += _count_faults("keyBy", config.key_by, 1, MOST_KEYS)
    found += _count_faults("sourceModifiedDate", dates, 0, MOST_KEYS)
    if found:
        return found
    for name, path in config.required_data.items():
        at = f"requiredData.{name[:LONGEST_NAME]}"
        if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
            found.append(ConfigFault(at, f"a name has 1 to {LONGEST_NAME} printable characters"))
        found += path_faults(at, path)
    for kind, paths in (("keyBy", config.key_by), ("sourceModifiedDate", dates)):
        for number, path in enumerate(paths):
            found += path_faults(f"{kind}[{number}]", path)
    return found


def _count_faults(name: str, given: Sized, least: int, most: int) -> list[ConfigFault]:
    if least <= len(given) <= most:
        return []
    return [ConfigFault(name, f"has {len(given)} paths; {least} to {most} are allowed")]


@frozen(kw_only=True)
class CustomType:
    """A custom data type, ready to read rows."""

    identifier: str
    digest: int  #: of its configuration
    source: str
    values: Sequence[tuple[str, JsonPath]]
    keys: Sequence[JsonPath]
    dates: Sequence[JsonPath]

    @classmethod
    def of(cls, identifier: str, stored: StoredType) -> "CustomType":
        """Of the configuration as it is kept."""
        config = _CONFIG.decode(stored.body)
        return cls(
            identifier=identifier,
            digest=stored.digest,
            source=config.data_source,
            values=[(name, parse_path(path)) for name, path in config.required_data.items()],
            keys=[parse_path(path) for path in config.key_by],
            dates=[parse_path(path) for path in config.source_modified_date or ()],
        )

    def record(self, row: msgspec.Raw) -> CustomRecord:
        """What a row is as a record. Raises: `RecordRejected` for one without an id, or too large a value."""
        try:
            told = decode_row(row)
        except _UNREADABLE as error:
            raise RecordRejected(path="$", reason="not a whole JSON value in UTF-8") from error
        key = _BETWEEN.join(_part(path, told) for path in self.keys)
        if len(key) > LONGEST_ID:
            raise RecordRejected(
                path=self.keys[0].text, reason=f"the id is longer than {LONGEST_ID} characters"
            )
        content = encode_value({name: _value(path, told) for name, path in self.values})
        dates = encode_value([path.find(told) for path in self.dates])
        return CustomRecord(key, content, content_hash(content + dates))


def _part(path: JsonPath, row: Any) -> str:
    """A part of an id: a text or a number, with the digits that it came with."""
    found = path.find(row)
    if isinstance(found, str) and found:
        return found
    if isinstance(found, int | Decimal) and not isinstance(found, bool):
        return encode_value(found).decode()
    raise RecordRejected(path=path.text, reason="no text or number to make the id of")


def _value(path: JsonPath, row: Any) -> msgspec.Raw:
    found = encode_value(path.find(row))
    if len(found) > LARGEST_VALUE:
        raise RecordRejected(path=path.text, reason=f"larger than {LARGEST_VALUE} bytes")
    return msgspec.Raw(found)


async def read_type(store: Store, platform: str, identifier: str) -> CustomConfig | None:
    """The configuration of a custom data type; None where the platform has none of that name."""
    found = await store.read(custom_types.find, platform, identifier)
    return None if found is None else _CONFIG.decode(found.body)


async def write_type(store: Store, platform: str, identifier: str, config: CustomConfig) -> None:
    """Store a configuration that was checked. Nothing is read for it before somebody asks.

    Its records stay as they are until then; unless their ids, or the list that they come of, are others now.
    Raises: `TypesTooMany`, `StoreUnusable`.
    """
    await store.write(_write, platform, identifier, config)


def _write(database: SqliteConnection, platform: str, identifier: str, config: CustomConfig) -> None:
    found = custom_types.find(database, platform, identifier)
    if found is None and custom_types.count(database, platform) >= MOST_TYPES:
        raise TypesTooMany
    before = None if found is None else _CONFIG.decode(found.body)
    keeps = before is None or (before.data_source, before.key_by) == (config.data_source, config.key_by)
    body = msgspec.json.encode(config)
    custom_types.save(
        database,
        platform,
        identifier,
        StoredType(body=body.decode(), digest=digest_of(config)),
        keeps=keeps,
    )
