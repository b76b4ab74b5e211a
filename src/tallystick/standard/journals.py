"""The journals of the ledger, and the entries in them. Source: api-contract §3.1; providers §6.5."""

from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Literal

from attrs import frozen

from tallystick.standard.data_types import DataType
from tallystick.standard.dates import CalendarDate
from tallystick.standard.record import Metadata
from tallystick.standard.references import AccountRef, ContactRef, JournalRef, PostedRecordRef
from tallystick.standard.supplemental import SupplementalData
from tallystick.standard.tracking import RecordTracking

JournalStatus = Literal["Unknown", "Active", "Archived"]


@frozen(kw_only=True)
class Journal:
    """One book of entries. Where the provider keeps but one, there is one record."""

    DATA_TYPE: ClassVar[DataType] = "journals"

    id: str
    journalCode: str | None = None  #: the provider's own number or code
    name: str | None = None
    type: str | None = None  #: in the provider's own word, such as `Sales`
    parentId: str | None = None  #: the `id` of the journal that it is a part of; none for one at the top
    hasChildren: bool = False  #: other journals are a part of it
    createdOn: datetime | None = None  #: when it was made at the provider; aware UTC
    status: JournalStatus
    sourceModifiedDate: datetime | None = None
    metadata: Metadata


@frozen(kw_only=True)
class JournalLine:
    """One side of an entry: a debit is positive, a credit negative."""

    description: str | None = None
    netAmount: Decimal  #: in `currency`; debit positive, credit negative
    currency: str | None = None  #: ISO 4217; mostly the books' own currency
    transactionAmount: Decimal | None = None  #: in `transactionCurrency`; debit positive, credit negative
    transactionCurrency: str | None = None  #: ISO 4217; of the document that it was posted from
    accountRef: AccountRef | None = None
    tracking: RecordTracking | None = None
    contactRef: ContactRef | None = None


@frozen(kw_only=True)
class JournalEntry:
    """One posting to the ledger: the `netAmount` of its lines add up to nothing."""

    DATA_TYPE: ClassVar[DataType] = "journalEntries"

    id: str
    description: str | None = None
    postedOn: CalendarDate | None = None  #: the day that it counts for in the books
    createdOn: datetime | None = None  #: when it was made at the provider; aware UTC
    updatedOn: datetime | None = None  #: when it was last changed at the provider; aware UTC
    journalRef: JournalRef | None = None
    journalLines: tuple[JournalLine, ...] = ()
    recordRef: PostedRecordRef | None = None  #: the document that it was posted from, where there is one
    supplementalData: SupplementalData | None = None
    sourceModifiedDate: datetime | None = None
    metadata: Metadata
