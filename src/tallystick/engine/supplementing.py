"""Supplemental data: a client's paths into the provider's rows, and what they find there. Pure.

A configuration names, for each value, the provider's list and where in a row of it the value stands. A row is
only looked into where a configuration for one of its list's data types exists. What is found keeps the digits
that the provider sent. Source: api-contract §2, supplemental data.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final

import msgspec
from attrs import define, field, frozen

from tallystick.connectors import Connector, Issue, Lists, Resource
from tallystick.engine.json_path import JsonPath, JsonPathInvalid, parse_path
from tallystick.standard import DataType
from tallystick.store.supplemental import StoredConfig

#: The data types that may have a configuration.
SUPPLEMENTED: Final[tuple[DataType, ...]] = (
    "chartOfAccounts",
    "bills",
    "company",
    "creditNotes",
    "customers",
    "invoices",
    "items",
    "journalEntries",
    "suppliers",
    "taxRates",
)
#: Names of one configuration, and paths of all of them together.
MOST_NAMES: Final = 10
MOST_PATHS: Final = 50
LONGEST_NAME: Final = 100  #: characters
#: Bytes of one value as JSON; a larger one is left out, and said to be.
LARGEST_VALUE: Final = 16 * 1024

#: A number may be beyond what a Decimal can be.
_UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ArithmeticError)


class SourceConfig(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What is wanted of one of the provider's lists."""

    data_source: str  #: the list, such as `/Contacts`
    pull_data: Mapping[str, str] | None = None  #: the client's name for a value, and where it stands in a row
    push_data: Mapping[str, str] | None = None  #: kept for when records are pushed


Configs = Mapping[str, SourceConfig]


@frozen
class ConfigFault:
    """What is wrong with one field of a configuration."""

    field: str  #: such as `supplementalDataConfig.order.pullData.number`
    fault: str


@frozen(kw_only=True)
class _Wanted:
    """One part of a configuration, read."""

    name: str
    source: str
    paths: Sequence[tuple[str, JsonPath]]


def decode_row(row: bytes | msgspec.Raw) -> Any:
    """JSON as Python holds it, its decimals exact. Raises: `msgspec.DecodeError` and its like."""
    return _ROW.decode(row)


def encode_value(value: Any) -> bytes:
    """A value of a row as JSON, with the digits that it came with."""
    return _VALUE.encode(value)


_ROW: Final = msgspec.json.Decoder(float_hook=Decimal)
_VALUE: Final = msgspec.json.Encoder(decimal_format="number")
_CONFIGS: Final = msgspec.json.Decoder(dict[str, SourceConfig])


def faults_of(configs: Configs, sources: Sequence[str]) -> list[ConfigFault]:
    """All that is wrong with a configuration. `sources`: the lists that its data type is read from."""
    top, found = "supplementalDataConfig", list[ConfigFault]()
    if len(configs) > MOST_NAMES:
        found.append(ConfigFault(top, f"has {len(configs)} names; {MOST_NAMES} are allowed"))
    paths = sum(len(c.pull_data or {}) + len(c.push_data or {}) for c in configs.values())
    if paths > MOST_PATHS:
        found.append(ConfigFault(top, f"has {paths} paths in all; {MOST_PATHS} are allowed"))
    if found:
        return found
    known = {canonical(source) for source in sources}
    for name, config in configs.items():
        at = f"{top}.{name[:LONGEST_NAME]}"
        found += _name_faults(at, name)
        if canonical(config.data_source) not in known:
            told = f"is not read for this data type; it is read from {' and '.join(sorted(sources))}"
            found.append(ConfigFault(f"{at}.dataSource", told))
        for kind, data in (("pullData", config.pull_data), ("pushData", config.push_data)):
            for client_name, path in (data or {}).items():
                where = f"{at}.{kind}.{client_name[:LONGEST_NAME]}"
                found += _name_faults(where, client_name)
                found += path_faults(where, path)
    return found


def canonical(source: str) -> str:
    """A list's name without its slash, in lower case: by it two spellings are told to be the same."""
    return source.strip().strip("/").lower()


def _name_faults(at: str, name: str) -> list[ConfigFault]:
    if 0 < len(name) <= LONGEST_NAME and name.isprintable():
        return []
    return [ConfigFault(at, f"a name has 1 to {LONGEST_NAME} printable characters")]


def path_faults(at: str, path: str) -> list[ConfigFault]:
    """What is wrong with a path into a row, told with its field."""
    try:
        parse_path(path)
    except JsonPathInvalid as error:
        return [ConfigFault(at, str(error))]
    return []


def stored(configs: Configs) -> StoredConfig:
    """A configuration as it is kept. Its digest moves with what is read for it, whatever is pushed."""
    read = {
        name: (canonical(config.data_source), sorted(config.pull_data.items()))
        for name, config in sorted(configs.items())
        if config.pull_data
    }
    return StoredConfig(body=msgspec.json.encode(configs).decode(), digest=digest_of(read) if read else 0)


def digest_of(value: Any) -> int:
    """A positive number by which what can be written as JSON is told from other values."""
    told = sha256(msgspec.json.encode(value, order="sorted")).digest()
    return int.from_bytes(told[:8], "big") >> 2 | 1


def configs_in(body: str) -> Configs:
    """A configuration that was kept."""
    return _CONFIGS.decode(body)


@define(eq=False)
class Supplements:
    """What is wanted of one platform, ready to be looked for."""

    digests: Mapping[DataType, int] = field(factory=dict)
    _wanted: Mapping[DataType, Sequence[_Wanted]] = field(factory=dict)

    @classmethod
    def of(cls, configs: Mapping[DataType, StoredConfig]) -> "Supplements":
        """Of the configurations as they are kept."""
        live = {data_type: config for data_type, config in configs.items() if config.digest}
        return cls(
            {data_type: config.digest for data_type, config in live.items()},
            {data_type: _read(configs_in(config.body)) for data_type, config in live.items()},
        )

    def finder(
        self, connector: Connector, resource: Resource, doubts: list[Issue]
    ) -> Callable[[DataType, str | None, msgspec.Raw], bytes] | None:
        """Looks into the rows of a list: for a record's data type and id, and its row, gives what to add.

        None where nothing is wanted of any of its data types. What is too large is added to `doubts`.
        """
        wanted = {t: self._wanted[t] for t in resource.data_types if t in self._wanted}
        if not wanted:
            return None
        lists = connector.lists

        def find(data_type: DataType, record_id: str | None, row: msgspec.Raw) -> bytes:
            mine = wanted.get(data_type)
            return (
                _NOTHING
                if mine is None
                else _found(mine, lists, resource, row, doubts, (data_type, record_id))
            )

        return find


_NOTHING: Final = b""


def added(content: bytes, supplement: bytes) -> bytes:
    """A record's JSON object with its supplemental data, as `Supplements.finder` gave it, behind the rest."""
    return content if not supplement else b'%b,"supplementalData":%b}' % (content[:-1], supplement)


def _read(configs: Configs) -> Sequence[_Wanted]:
    return [
        _Wanted(
            name=name,
            source=config.data_source,
            paths=[(client_name, parse_path(path)) for client_name, path in config.pull_data.items()],
        )
        for name, config in configs.items()
        if config.pull_data
    ]


def _found(
    wanted: Sequence[_Wanted],
    lists: Lists,
    resource: Resource,
    row: msgspec.Raw,
    doubts: list[Issue],
    whose: tuple[DataType, str | None],
) -> bytes:
    rows: dict[str, Any] = {}
    content: dict[str, dict[str, msgspec.Raw]] = {}
    for each in wanted:
        if each.source not in rows:
            rows[each.source] = _decoded(lists.part(resource, row, each.source))
        values = content[each.name] = {}
        for client_name, path in each.paths:
            value = encode_value(path.find(rows[each.source]))
            if len(value) > LARGEST_VALUE:
                doubts.append(_too_large(f"{each.name}.{client_name}", path, whose))
                value = b"null"
            values[client_name] = msgspec.Raw(value)
    return _VALUE.encode({"content": content})


def _decoded(part: msgspec.Raw | None) -> Any:
    """A row of the list that is meant; None, in which every path finds nothing, for one of another list."""
    if part is None:
        return None
    try:
        return decode_row(part)
    except _UNREADABLE:
        return None


def _too_large(name: str, path: JsonPath, whose: tuple[DataType, str | None]) -> Issue:
    return Issue(
        severity="warning",
        path=path.text,
        message=f"supplemental data {name} is larger than {LARGEST_VALUE} bytes, and is left out",
        record_id=whose[1],
        data_type=whose[0],
    )
