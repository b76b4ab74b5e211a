"""What every writer of many records keeps to: few different statements, and a date that never goes back."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TypeVar

from tallystick.standard import DataType
from tallystick.store.instants import to_micros
from tallystick.store.records import TYPE_CODES
from tallystick.store.sqlcipher import SqliteConnection

R = TypeVar("R")


def runs(rows: Sequence[R], most: int) -> Iterator[Sequence[R]]:
    """Runs of `most`, then of the powers of two below it: so few different statements stay prepared.

    `most`: a power of two.
    """
    start = 0
    while left := len(rows) - start:
        size = min(most, 1 << left.bit_length() - 1)
        yield rows[start : start + size]
        start += size


def change_date(
    connection: SqliteConnection, number: int, data_types: Iterable[DataType], now: datetime
) -> int:
    """`modified_at` of what changes now, in microseconds since 1970.

    It is what stands already where that is later: it never goes back within a data type, whatever the clock
    does.
    """
    newest = to_micros(now)
    for data_type in data_types:
        (latest,) = connection.execute(
            "select max(modified_at) from records where connection = ? and data_type = ?",
            (number, TYPE_CODES[data_type]),
        ).fetchone()
        newest = max(newest, latest or 0)
    return newest
