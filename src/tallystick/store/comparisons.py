"""What one list of a connection says of another, as it was when the two were last compared."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal

import msgspec
from attrs import frozen

from tallystick.standard import DataType
from tallystick.store.instants import from_micros, to_micros
from tallystick.store.records import TYPE_CODES
from tallystick.store.sqlcipher import SqliteConnection


class ComparedRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that both sides tell of: an account, say."""

    id: str | None = None
    type: str  #: the data type that the id is of
    name: str | None = None
    day: str | None = None  #: the day, or the last day, that it is about
    ours: Decimal  #: what the list itself tells
    theirs: Decimal  #: what it was compared with tells
    agrees: bool


class Compared(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Two sides, added up."""

    status: Literal["Complete", "Unknown"] = "Complete"  #: `Unknown`: the two cannot be compared as they are
    message: str  #: what was compared, or why it could not be
    currency: str | None = None
    ours: Decimal  #: what the list itself comes to
    theirs: Decimal  #: what it was compared with comes to
    matched: int  #: rows that agree
    unmatched: int
    matched_amount: Decimal  #: of the sizes of `ours`
    unmatched_amount: Decimal
    first_day: str | None = None
    last_day: str | None = None
    rows: list[ComparedRow]  #: those that do not agree come first; some hundred at most

    @property
    def difference(self) -> Decimal:
        """By how much the list is more than what it was compared with."""
        return self.ours - self.theirs


@frozen(kw_only=True)
class Comparison:
    """A comparison as it is kept."""

    connection: int  #: `connections.number`
    data_type: DataType
    against: str  #: a data type, or who tells it
    computed_at: datetime
    compared: Compared


_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")
_DECODER: Final = msgspec.json.Decoder(Compared)


@frozen(kw_only=True)
class Due:
    """A comparison of lists that have changed since it was made, or that was never made."""

    basis: str  #: what it would be made of now: versions of its lists
    is_kept: bool  #: an older one is


def due(
    connection: SqliteConnection, number: int, wanted: Sequence[tuple[DataType, DataType, Sequence[DataType]]]
) -> dict[tuple[DataType, DataType], Due]:
    """Which comparisons (of what, against what, made of which lists) are not what they would be now.

    There is nothing to compare where one of the two has no records.
    Cost: two statements, however many are wanted.
    """
    versions = dict(
        connection.execute(
            "select data_type, version from record_counts where connection = ?", (number,)
        ).fetchall()
    )
    kept = {
        (data_type, against): basis
        for data_type, against, basis in connection.execute(
            "select data_type, against, basis from comparisons where connection = ?", (number,)
        ).fetchall()
    }
    found: dict[tuple[DataType, DataType], Due] = {}
    for data_type, against, lists in wanted:
        if TYPE_CODES[data_type] not in versions or TYPE_CODES[against] not in versions:
            continue
        codes = sorted(TYPE_CODES[each] for each in lists)
        basis = " ".join(f"{code}:{versions[code]}" for code in codes if code in versions)
        before = kept.get((data_type, against))
        if before != basis:
            found[data_type, against] = Due(basis=basis, is_kept=before is not None)
    return found


def save(connection: SqliteConnection, comparison: Comparison, made: str) -> None:
    """Keep a comparison in the place of the one before it. `made`: what it was made of."""
    connection.execute(
        "insert into comparisons values (?, ?, ?, ?, ?, ?) on conflict do update set "
        "computed_at = excluded.computed_at, basis = excluded.basis, body = excluded.body",
        (
            comparison.connection,
            comparison.data_type,
            comparison.against,
            to_micros(comparison.computed_at),
            made,
            _ENCODER.encode(comparison.compared),
        ),
    )


def drop(connection: SqliteConnection, number: int, data_type: DataType, against: str) -> None:
    """Forget a comparison."""
    connection.execute(
        "delete from comparisons where connection = ? and data_type = ? and against = ?",
        (number, data_type, against),
    )


def about(connection: SqliteConnection, connections: Sequence[int], data_type: DataType) -> list[Comparison]:
    """The comparisons that a data type is a side of, its own first."""
    marks = ", ".join("?" * len(connections))
    rows = connection.execute(
        "select connection, data_type, against, computed_at, body from comparisons "
        f"where connection in ({marks}) and (data_type = ? or against = ?) "
        "order by data_type <> ?, connection, data_type, against",
        (*connections, data_type, data_type, data_type),
    ).fetchall()
    return [
        Comparison(
            connection=row[0],
            data_type=row[1],
            against=row[2],
            computed_at=from_micros(row[3]),
            compared=_DECODER.decode(row[4]),
        )
        for row in rows
    ]
