"""Data types as URLs spell them, and which of them are served where. Source: api-contract §3."""

from collections.abc import Iterable, Mapping
from typing import Final, get_args

from tallystick.connectors import Manifest
from tallystick.errors import NotSupported
from tallystick.http.problem import Problem
from tallystick.standard import RECORD_CLASSES, DataType
from tallystick.store import ConnectionRow

#: One type has two words: reads and writes say `accounts`, everything else `chartOfAccounts`.
_OTHER_WORDS: Final[Mapping[str, DataType]] = {"accounts": "chartOfAccounts"}
_DOCUMENTED: Final[Mapping[str, DataType]] = {
    **{name: name for name in get_args(DataType)},
    **_OTHER_WORDS,
}
#: Read below a connection.
_OF_CONNECTIONS: Final = frozenset(
    {"accountTransactions", "bankAccounts", "directCosts", "directIncomes", "itemReceipts", "transfers"}
)
#: Read as financial statements, over the periods that are asked for.
STATEMENT_TYPES: Final = frozenset[DataType]({"balanceSheet", "cashFlowStatement", "profitAndLoss"})
#: At addresses of their own.
_ELSEWHERE: Final = STATEMENT_TYPES | frozenset({"bankTransactions", "company"})
#: Read below both.
_OF_BOTH: Final = frozenset({"payments"})

COMPANY_TYPES: Final = frozenset(RECORD_CLASSES) - _OF_CONNECTIONS - _ELSEWHERE
CONNECTION_TYPES: Final = _OF_CONNECTIONS | _OF_BOTH


def data_type_of(
    word: str, connections: Iterable[ConnectionRow], manifests: Mapping[str, Manifest]
) -> DataType:
    """The data type that a URL names.

    Raises: `Problem` 404 for no data type of ours or of the contract's, `NotSupported` where none of the
    company's providers has it.
    """
    data_type = _DOCUMENTED.get(word)
    if data_type is None:
        raise Problem(404, f"There is no data type {word[:100]}.")
    slugs = dict.fromkeys(row.provider for row in connections)
    linked = [manifests[slug] for slug in slugs if slug in manifests]
    if linked and not any(data_type in manifest.data_types for manifest in linked):
        names = ", ".join(manifest.name for manifest in linked)
        raise NotSupported(platform=names, data_type=word)
    return data_type
