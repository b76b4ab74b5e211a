"""The rows of QuickBooks' journal: a transaction each, cut out of the report's rows of one side each.

The first row of a transaction tells its day, its type and its id; sums or a row of nothing end it. What
somebody wrote by hand is an entity as well, which stands beside its transaction: it tells more of it.
Source: Intuit's JournalReport.
"""

from collections.abc import Iterator
from typing import Final

import msgspec
from msgspec import Raw, Struct

from tallystick.connectors.quickbooks.envelope import Envelope, wrapped
from tallystick.connectors.quickbooks.journal_windows import is_cut
from tallystick.connectors.unreadable import UNREADABLE

REPORT: Final = "JournalReport"
_TYPE_COLUMN: Final = "txn_type"
_USUALLY: Final = 1  #: where that column is, if nobody says


class _Column(Struct):
    ColType: str | None = None


class _Columns(Struct):
    Column: list[_Column] | None = None


class _Rows(Struct):
    Row: list[Raw] | None = None


class _Header(Struct):
    Currency: str | None = None


class _Report(Struct):
    Header: _Header
    Rows: _Rows | None = None
    Columns: Raw = Raw(b"null")


class _Cell(Struct):
    value: str | None = None
    id: str | None = None


class _Row(Struct):
    ColData: list[_Cell] | None = None
    Rows: _Rows | None = None


class _Named(Struct):
    Id: str | None = None


_REPORT: Final = msgspec.json.Decoder(_Report)
_COLUMNS: Final = msgspec.json.Decoder(_Columns | None)
_ROW: Final = msgspec.json.Decoder(_Row)
_ID: Final = msgspec.json.Decoder(_Named)


def report_rows(report: Raw) -> list[Raw]:
    """The rows at the top of a report; none of what cannot be read."""
    try:
        rows = _REPORT.decode(report).Rows
    except UNREADABLE:
        return []
    return (rows.Row or []) if rows is not None else []


def journal_rows(_resource: str, envelope: Envelope) -> list[Raw]:
    """Every transaction of the reports of a page, and what was written by hand that is in none of them."""
    by_hand = {_id(row) or f" {place}": row for place, row in enumerate(envelope.rows("JournalEntry"))}
    found: list[Raw] = []
    for report in envelope.rows("Report"):
        for id_, told in _transactions(report):
            beside = by_hand.pop(id_, None)
            found.append(wrapped({REPORT: told, **({"JournalEntry": beside} if beside is not None else {})}))
    return [*found, *(wrapped({"JournalEntry": row}) for row in by_hand.values())]


def _transactions(report: Raw) -> Iterator[tuple[str, bytes]]:
    """Id and row of each: an object of its rows, with what the report says of all of them."""
    try:
        told = _REPORT.decode(report)
        columns = _COLUMNS.decode(told.Columns)
    except UNREADABLE:
        yield "", bytes(memoryview(report))  # whoever maps the row says what is wrong with it
        return
    kinds = [each.ColType for each in (columns.Column or ())] if columns is not None else []
    place = kinds.index(_TYPE_COLUMN) if _TYPE_COLUMN in kinds else _USUALLY
    rows = report_rows(report)
    groups = list(_groups(rows, place))
    if is_cut(rows) and groups:
        groups.pop()  # perhaps a part of it only
    for id_, sides in groups:
        parts = {
            "Id": msgspec.json.encode(id_),
            "Currency": msgspec.json.encode(told.Header.Currency),
            "Columns": told.Columns,
            "Row": b"[%b]" % b",".join(map(memoryview, sides)),
        }
        yield id_, bytes(memoryview(wrapped(parts)))


def _groups(rows: list[Raw], place: int) -> Iterator[tuple[str, list[Raw]]]:
    id_, sides = "", list[Raw]()
    for row in _flat(rows):
        try:
            cells = _ROW.decode(row).ColData
        except UNREADABLE:
            cells = [_Cell()] * place + [_Cell(id=id_, value="")]  # it stays with those before it
        told = (cells[place].id if cells is not None and place < len(cells) else None) or ""
        ends = cells is None or not any(cell.value or cell.id for cell in cells)
        if sides and (ends or (told and told != id_)):
            yield id_, sides
            id_, sides = "", []
        if not ends:
            id_ = id_ or told
            sides.append(row)
    if sides:
        yield id_, sides


def _flat(rows: list[Raw]) -> Iterator[Raw]:
    for row in rows:
        try:
            below = _ROW.decode(row).Rows
        except UNREADABLE:
            below = None
        if below is None:
            yield row
        else:
            yield from _flat(below.Row or [])


def _id(row: Raw) -> str | None:
    try:
        return _ID.decode(row).Id
    except UNREADABLE:
        return None
