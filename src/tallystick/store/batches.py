"""Goes through all records of a list, a batch of JSON at a time, for reports that are made of all of them.

A row drops and retakes the interpreter's lock, so a batch is one row, as in `lists`; what is read is one
batch at a time, so a list of any length takes the memory of one, and 8 bytes a record.
"""

from array import array
from collections.abc import Iterator
from typing import Final

from tallystick.standard import DataType
from tallystick.store.records import TYPE_CODES
from tallystick.store.sqlcipher import SqliteConnection

_ROWS: Final = 200


def batches(
    connection: SqliteConnection, *, connection_number: int, data_type: DataType, rows: int = _ROWS
) -> Iterator[bytes]:
    """JSON arrays of up to `rows` records of one connection; those gone at the provider are left out.

    The caller holds a `snapshot`. Cost: every record of the list is read once (about 5 µs).
    """
    (told,) = connection.execute(
        "select group_concat(number, ',') from records where connection = ? and data_type = ?",
        (connection_number, TYPE_CODES[data_type]),
    ).fetchone()
    # In the order of the file: the index that gave them has them by their last change.
    numbers = array("q", sorted(map(int, told.split(",")))) if told else array("q")
    for start in range(0, len(numbers), rows):
        wanted = ",".join(map(str, numbers[start : start + rows]))
        (joined,) = connection.execute(
            "select cast(group_concat(body, ',') as blob) from json_each(?) as wanted "
            "cross join records on records.number = wanted.value where records.deleted = 0",
            (f"[{wanted}]",),
        ).fetchone()
        if joined:
            yield b"[%b]" % joined
