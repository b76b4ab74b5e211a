"""Reads stored records one by one: the bytes that the API sends, found by indexed columns. Pages: `lists`."""

from collections.abc import Collection, Mapping, Sequence
from hashlib import blake2b
from types import MappingProxyType
from typing import Any, Final

from attrs import frozen

from tallystick.standard import DataType
from tallystick.store.sqlcipher import SqliteConnection

_KEYS_A_STATEMENT: Final = 256
#: How a data type is written in `records.data_type`. Numbers are for ever: add, never change.
TYPE_CODES: Final[dict[DataType, int]] = {
    "accountTransactions": 1,
    "balanceSheet": 2,
    "bankAccounts": 3,
    "bankTransactions": 4,
    "billCreditNotes": 5,
    "billPayments": 6,
    "bills": 7,
    "cashFlowStatement": 8,
    "chartOfAccounts": 9,
    "company": 10,
    "creditNotes": 11,
    "customers": 12,
    "directCosts": 13,
    "directIncomes": 14,
    "invoices": 15,
    "itemReceipts": 16,
    "items": 17,
    "journalEntries": 18,
    "journals": 19,
    "paymentMethods": 20,
    "payments": 21,
    "profitAndLoss": 22,
    "purchaseOrders": 23,
    "salesOrders": 24,
    "suppliers": 25,
    "taxRates": 26,
    "trackingCategories": 27,
    "transfers": 28,
}

TYPE_NAMES: Final[Mapping[int, DataType]] = MappingProxyType(
    {code: name for name, code in TYPE_CODES.items()}
)


def record_key(connection: int, data_type: DataType, record_id: str) -> int:
    """The 8-byte key of a record; two ids may share one, so whoever looks up compares the id too."""
    digest = blake2b(
        record_id.encode(),
        digest_size=8,
        key=connection.to_bytes(8, "little"),
        person=TYPE_CODES[data_type].to_bytes(2, "little"),
    ).digest()
    return int.from_bytes(digest, "little", signed=True)


@frozen(kw_only=True)
class Condition:
    """A part of a `where`, made by the query parser: SQL over the columns of `records`, and its values."""

    sql: str = "1"
    values: tuple[Any, ...] = ()


def get_record(
    connection: SqliteConnection, *, connections: Sequence[int], data_type: DataType, record_id: str
) -> bytes | None:
    """One record as the API sends it; where two connections of the company have the id, the newest.

    Cost: one index seek a connection.
    """
    for number in reversed(connections):
        row = connection.execute(
            "select body from records where key = ? and connection = ? and id = ?",
            (record_key(number, data_type, record_id), number, record_id),
        ).fetchone()
        if row is not None:
            return bytes(row[0])
    return None


def page_of(connection: SqliteConnection, number: int, data_type: DataType, record_id: str) -> int | None:
    """The raw page that a record came of; None where it is not stored. Cost: one index seek."""
    row = connection.execute(
        "select page from records where key = ? and connection = ? and id = ?",
        (record_key(number, data_type, record_id), number, record_id),
    ).fetchone()
    return None if row is None else int(row[0])


def present(connection: SqliteConnection, number: int, data_type: DataType, ids: Collection[str]) -> set[str]:
    """Those of the ids that are stored, gone at the provider or not. Cost: an index seek each."""
    wanted, found = list(ids), set[str]()
    for start in range(0, len(wanted), _KEYS_A_STATEMENT):
        keys = [record_key(number, data_type, each) for each in wanted[start : start + _KEYS_A_STATEMENT]]
        rows = connection.execute(
            f"select id from records where key in ({', '.join('?' * len(keys))}) and connection = ?",
            (*keys, number),
        ).fetchall()
        found |= {record_id for (record_id,) in rows}
    return found


def first_record(
    connection: SqliteConnection, *, connections: Sequence[int], data_type: DataType
) -> bytes | None:
    """The newest record of a type that a company has one of (`company`)."""
    marks = ", ".join("?" * len(connections))
    row = connection.execute(
        f"select body from records where connection in ({marks}) and data_type = ? "
        "order by modified_at desc limit 1",
        [*connections, TYPE_CODES[data_type]],
    ).fetchone()
    return None if row is None else bytes(row[0])


def all_bodies(connection: SqliteConnection, *, connection_number: int, data_type: DataType) -> list[bytes]:
    """Every record of a type of one connection: for types that a company has a few hundred of."""
    rows = connection.execute(
        "select body from records where connection = ? and data_type = ? and deleted = 0",
        (connection_number, TYPE_CODES[data_type]),
    ).fetchall()
    return [body for (body,) in rows]


def count_records(
    connection: SqliteConnection, *, connections: Sequence[int]
) -> dict[DataType, tuple[int, int]]:
    """How many records a company has by data type: those that stand, and those deleted at the provider."""
    marks = ", ".join("?" * len(connections))
    rows = connection.execute(
        f"select data_type, count(*) - sum(deleted), sum(deleted) from records "
        f"where connection in ({marks}) group by data_type",
        list(connections),
    ).fetchall()
    return {TYPE_NAMES[code]: (alive, gone) for code, alive, gone in rows}
