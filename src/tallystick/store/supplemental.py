"""Supplemental data: what a client wants beside the standard fields, and which lists are mapped with it.

A configuration is known by a digest of what is read for it. A list of a connection's notes the digest under
which all its records were mapped; where that is another one than is wanted now, the list is read whole, or
mapped anew from what is stored. Clients without a configuration have no row here, and it costs them two looks
into empty tables a page.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from attrs import evolve, frozen

from tallystick.standard import DataType
from tallystick.store import refreshes
from tallystick.store.connections import ConnectionRow
from tallystick.store.cursors import Cursor
from tallystick.store.sqlcipher import SqliteConnection

#: In place of a digest: records of the list were mapped under several.
_MIXED: Final = -1
#: A remap that is to begin with the newest answer again; above every `raw_pages.number`.
_FROM_THE_NEWEST: Final = 2**62

Digests = Mapping[DataType, int]


@frozen(kw_only=True)
class StoredConfig:
    """What is wanted of one data type of one platform."""

    body: str  #: JSON as the API takes it
    digest: int  #: of what is read for it; 0: nothing


@frozen(kw_only=True)
class MappedList:
    """One list of one connection, as it is mapped."""

    platform: str
    connection: int  #: `connections.number`
    resource: str
    data_types: Sequence[DataType]


def list_of(row: ConnectionRow, resource: str, data_types: Sequence[DataType]) -> MappedList:
    """A connection's list, with those of its data types that are mapped."""
    return MappedList(platform=row.provider, connection=row.number, resource=resource, data_types=data_types)


@frozen
class _Known:
    """Under which digests a list was mapped."""

    applied: int = 0
    reading: int = _MIXED
    remapping: int = _MIXED


def find(connection: SqliteConnection, platform: str, data_type: DataType) -> StoredConfig | None:
    """The configuration of one data type; None where there never was one."""
    return configs_of(connection, platform).get(data_type)


def configs_of(connection: SqliteConnection, platform: str) -> dict[DataType, StoredConfig]:
    """All that is wanted of one platform."""
    rows = connection.execute(
        "select data_type, body, digest from supplemental_configs where platform = ?", (platform,)
    ).fetchall()
    return {row[0]: StoredConfig(body=row[1], digest=row[2]) for row in rows}


def save(connection: SqliteConnection, platform: str, data_type: DataType, config: StoredConfig) -> bool:
    """Put a configuration in the place of the one before. Returns whether other values are read for it."""
    before = find(connection, platform, data_type)
    connection.execute(
        "insert or replace into supplemental_configs values (?, ?, ?, ?)",
        (platform, data_type, config.body, config.digest),
    )
    return config.digest != (0 if before is None else before.digest)


def hasten(connection: SqliteConnection, platform: str, data_type: DataType, now: datetime) -> None:
    """Make a data type due at every linked connection of a platform."""
    rows = connection.execute(
        "select id from connections where provider = ? and status = 'Linked'", (platform,)
    ).fetchall()
    for (connection_id,) in rows:
        refreshes.hasten(connection, connection_id, (data_type,), now)


def begin_reading(connection: SqliteConnection, mapped: MappedList, cursor: Cursor) -> Cursor:
    """Where a reading goes on or begins: the whole list anew, when it is mapped otherwise than is wanted.

    A whole reading that was begun for that, and interrupted, goes on. The caller stores the cursor.
    """
    known = _known(connection, mapped)
    wanted = _wanted(connection, mapped)
    if not wanted and not known:
        return cursor
    if all(known.get(t, _Known()).applied == wanted.get(t, 0) for t in mapped.data_types):
        return cursor
    if cursor.next is not None and cursor.whole and _all_read_for(known, wanted, mapped.data_types):
        return cursor
    for data_type in mapped.data_types:
        before = known.get(data_type, _Known())
        _save(connection, mapped, data_type, evolve(before, reading=wanted.get(data_type, 0)))
    return evolve(cursor.at_rest(), since=None)


def note_page(connection: SqliteConnection, mapped: MappedList, used: Digests, *, whole: bool) -> None:
    """Note under which configurations a page was mapped; in the transaction that stores it.

    `whole`: with it a whole reading of the list has come to its end.
    """
    known = _known(connection, mapped)
    wanted = _wanted(connection, mapped)
    if not wanted and not known and not used:
        return
    for data_type in mapped.data_types:
        before = known.get(data_type, _Known())
        under, after = used.get(data_type, 0), before
        if under != wanted.get(data_type, 0):  # the configuration has changed since this reader learnt it
            after = _Known(_MIXED, _MIXED, _MIXED)
        elif whole and under == before.reading:
            after = evolve(before, applied=under)
        if after != before:
            _save(connection, mapped, data_type, after)


def begin_remap(connection: SqliteConnection, mapped: MappedList, used: Digests) -> None:
    """Note that what is stored of a list is mapped anew, before the remap is begun (`remaps.begin`).

    One that was stopped under another configuration does not go on where it was stopped.
    """
    known = _known(connection, mapped)
    if not used and not known:
        return
    for data_type in mapped.data_types:
        before, under = known.get(data_type, _Known()), used.get(data_type, 0)
        if before.remapping != under:
            _save(connection, mapped, data_type, evolve(before, remapping=under))
            connection.execute(
                "update remaps set below = ? where connection = ? and resource = ?",
                (_FROM_THE_NEWEST, mapped.connection, mapped.resource),
            )


def end_remap(connection: SqliteConnection, mapped: MappedList, used: Digests) -> None:
    """Note that all that is stored of a list is mapped anew, where nothing else came in between."""
    known = _known(connection, mapped)
    wanted = _wanted(connection, mapped)
    for data_type, before in known.items():
        under = used.get(data_type, 0)
        if under == before.remapping == wanted.get(data_type, 0):
            _save(connection, mapped, data_type, evolve(before, applied=under))


def _all_read_for(known: Mapping[DataType, _Known], wanted: Digests, data_types: Sequence[DataType]) -> bool:
    return all(known.get(t, _Known()).reading == wanted.get(t, 0) for t in data_types)


def _wanted(connection: SqliteConnection, mapped: MappedList) -> dict[DataType, int]:
    rows = connection.execute(
        "select data_type, digest from supplemental_configs where platform = ?", (mapped.platform,)
    ).fetchall()
    return {data_type: digest for data_type, digest in rows if data_type in mapped.data_types}


def _known(connection: SqliteConnection, mapped: MappedList) -> dict[DataType, _Known]:
    rows = connection.execute(
        "select data_type, applied, reading, remapping from supplemental_lists "
        "where connection = ? and resource = ?",
        (mapped.connection, mapped.resource),
    ).fetchall()
    return {row[0]: _Known(*row[1:]) for row in rows if row[0] in mapped.data_types}


def _save(connection: SqliteConnection, mapped: MappedList, data_type: DataType, known: _Known) -> None:
    connection.execute(
        "insert or replace into supplemental_lists values (?, ?, ?, ?, ?, ?)",
        (mapped.connection, mapped.resource, data_type, known.applied, known.reading, known.remapping),
    )
