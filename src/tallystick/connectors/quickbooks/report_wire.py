"""What QuickBooks sends when it is asked for a report: cells of text in rows within rows.

Numbers are texts here, and an empty one is nothing. Source: providers §§3.6, 6.6; Intuit's Report.xsd.
"""

from tallystick.connectors.quickbooks.wire import Sent


class Cell(Sent, frozen=True):
    """One cell of a report: its text, and the id of what it names."""

    value: str | None = None
    id: str | None = None


class Cells(Sent, frozen=True):
    """A row of cells."""

    ColData: list[Cell] | None = None


class ReportRows(Sent, frozen=True):
    """Rows within rows."""

    Row: "list[ReportRow] | None" = None


class ReportRow(Sent, frozen=True):
    """A section with rows in it, or a row of data."""

    Header: Cells | None = None
    Rows: ReportRows | None = None
    Summary: Cells | None = None
    ColData: list[Cell] | None = None
    type: str | None = None
    group: str | None = None


class NameValue(Sent, frozen=True):
    """Something said of a report or a column."""

    Name: str | None = None
    Value: str | None = None


class ReportColumn(Sent, frozen=True):
    """One column of a report."""

    ColTitle: str | None = None
    ColType: str | None = None
    MetaData: list[NameValue] | None = None


class ReportColumns(Sent, frozen=True):
    """The columns."""

    Column: list[ReportColumn] | None = None


class ReportHeader(Sent, frozen=True):
    """What was asked for."""

    ReportName: str | None = None
    ReportBasis: str | None = None
    StartPeriod: str | None = None
    EndPeriod: str | None = None
    Currency: str | None = None
    Option: list[NameValue] | None = None


class Report(Sent, frozen=True):
    """A statement."""

    Header: ReportHeader
    Columns: ReportColumns | None = None
    Rows: ReportRows | None = None


class Posted(Sent, frozen=True):
    """One transaction of the journal: the rows of a report that are of it. See `journal_rows`."""

    Id: str
    Currency: str | None = None
    Columns: ReportColumns | None = None
    Row: list[ReportRow] | None = None
