"""Money that has moved between the company's own accounts. Source: api-contract §3.1."""

from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Literal

from attrs import frozen

from tallystick.standard.data_types import DataType
from tallystick.standard.dates import CalendarDate
from tallystick.standard.record import Metadata
from tallystick.standard.references import ContactRef, RecordRef, TrackingCategoryRef
from tallystick.standard.supplemental import SupplementalData

TransferStatus = Literal["Unknown", "Unreconciled", "Reconciled", "Void"]


@frozen(kw_only=True)
class TransferAccountRef:
    """The account: one SDK reads its `name`, the other its `dataType`."""

    id: str | None = None
    name: str | None = None
    dataType: str | None = None  #: `bankAccounts` or `chartOfAccounts`


@frozen(kw_only=True)
class TransferAccount:
    """One end of a transfer."""

    accountRef: TransferAccountRef | None = None
    currency: str | None = None
    amount: Decimal | None = None  #: in `currency`; positive at both ends


@frozen(kw_only=True)
class Transfer:
    """One movement of money, which is neither income nor cost."""

    DATA_TYPE: ClassVar[DataType] = "transfers"

    id: str
    description: str | None = None
    contactRef: ContactRef | None = None
    date: CalendarDate | None = None
    from_: TransferAccount | None = None  #: where the money left
    to: TransferAccount | None = None  #: where it arrived
    status: TransferStatus
    trackingCategoryRefs: tuple[TrackingCategoryRef, ...] = ()
    depositedRecordRefs: tuple[RecordRef, ...] = ()  #: what had been waiting undeposited and is now banked
    supplementalData: SupplementalData | None = None
    sourceModifiedDate: datetime | None = None
    metadata: Metadata
