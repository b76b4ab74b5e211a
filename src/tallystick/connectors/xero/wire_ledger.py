"""What Xero sends of the ledger beyond its documents: journals, tracking categories, reports.

As in `wire.py`, all but a record's own id may be absent or null. Source: Xero's OpenAPI 16.1.
"""

from decimal import Decimal

from msgspec import Struct

from tallystick.connectors.xero.wire import LineItemTracking, Sent


class JournalLine(Sent, frozen=True):
    """One side of a posting; a debit is positive, a credit negative."""

    AccountID: str | None = None
    AccountCode: str | None = None
    Description: str | None = None
    NetAmount: Decimal | None = None
    TrackingCategories: list[LineItemTracking] | None = None


class Journal(Sent, frozen=True):
    """One posting. It is never changed: what takes it back is another one, with the same source."""

    JournalID: str
    JournalNumber: int | None = None
    JournalDate: str | None = None
    CreatedDateUTC: str | None = None
    Reference: str | None = None
    SourceID: str | None = None
    SourceType: str | None = None
    JournalLines: list[JournalLine] | None = None


class ManualJournalLine(Sent, frozen=True):
    """One side of a manual journal; a debit is positive, a credit negative."""

    AccountID: str | None = None
    AccountCode: str | None = None
    Description: str | None = None
    LineAmount: Decimal | None = None
    TaxAmount: Decimal | None = None
    Tracking: list[LineItemTracking] | None = None


class ManualJournal(Sent, frozen=True):
    """One posting that somebody has made by hand."""

    ManualJournalID: str
    Narration: str | None = None
    Date: str | None = None
    DateString: str | None = None
    Status: str | None = None
    LineAmountTypes: str | None = None
    JournalLines: list[ManualJournalLine] | None = None
    UpdatedDateUTC: str | None = None
    UpdatedDateUTCString: str | None = None


class TrackingOption(Sent, frozen=True):
    """One value of a tracking category."""

    TrackingOptionID: str | None = None
    Name: str | None = None
    Status: str | None = None


class TrackingCategory(Sent, frozen=True):
    """What income and expenses are counted by, and its values."""

    TrackingCategoryID: str
    Name: str | None = None
    Status: str | None = None
    Options: list[TrackingOption] | None = None


class ReportAttribute(Struct, frozen=True, gc=False):
    """What a cell is about: an account's id, under the name `account` or `accountID`."""

    Id: str | None = None
    Value: str | None = None


class ReportCell(Struct, frozen=True, gc=False):
    """One cell, always a text; one without a value is nothing."""

    Value: str | None = None
    Attributes: list[ReportAttribute] | None = None


class ReportRow(Struct, frozen=True, gc=False):
    """A head, a row, a total, or a section of such."""

    RowType: str | None = None
    Title: str | None = None
    Cells: list[ReportCell] | None = None
    Rows: list["ReportRow"] | None = None


class Report(Sent, frozen=True):
    """One report, whole."""

    ReportID: str | None = None
    ReportName: str | None = None
    ReportTitles: list[str] | None = None
    Rows: list[ReportRow] | None = None
