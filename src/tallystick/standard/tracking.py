"""What a line of a document is counted towards, and who is billed for it."""

from typing import Literal

from attrs import frozen

from tallystick.standard.references import (
    CustomerRef,
    ProjectRef,
    RecordRef,
    TrackingCategoryRef,
    TrackingRecordRef,
)

PayableBilledTo = Literal["Unknown", "NotApplicable", "Customer", "Project"]
ReceivableBilledTo = Literal["Unknown", "NotApplicable", "Project"]


@frozen(kw_only=True)
class PayableTracking:
    """Of a line that the company is charged for: bills and their credit notes."""

    categoryRefs: tuple[TrackingCategoryRef, ...]
    isBilledTo: PayableBilledTo
    isRebilledTo: PayableBilledTo
    customerRef: CustomerRef | None = None
    projectRef: ProjectRef | None = None


@frozen(kw_only=True)
class ReceivableTracking:
    """Of a line that the company charges: invoices and their credit notes."""

    categoryRefs: tuple[TrackingCategoryRef, ...]
    isBilledTo: ReceivableBilledTo
    isRebilledTo: ReceivableBilledTo
    customerRef: CustomerRef | None = None
    projectRef: ProjectRef | None = None
    recordRef: RecordRef | None = None


@frozen(kw_only=True)
class DirectCostTracking:
    """Of a line of a direct cost."""

    recordRefs: tuple[TrackingRecordRef, ...] = ()
    invoiceTo: RecordRef | None = None  #: who is billed for it: a customer or a project


@frozen(kw_only=True)
class RecordTracking:
    """Of a line of a journal entry, a sales order or an item receipt."""

    recordRefs: tuple[TrackingRecordRef, ...] = ()
