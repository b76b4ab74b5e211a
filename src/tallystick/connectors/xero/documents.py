"""Xero's invoices and credit notes as ours: each for the side that it is on.

Amounts keep their digits; `LineAmount` is after discount, and holds the tax where the document says
*Inclusive*. Source: providers §§5 nos. 19-26, 6.3, 6.5.
"""

from decimal import Decimal
from typing import Final

from tallystick.connectors.contract import Books
from tallystick.connectors.xero import wire
from tallystick.connectors.xero.allocations import (
    of_credit_note,
    of_invoice,
    remaining_credit,
    withheld,
)
from tallystick.connectors.xero.lines import lines
from tallystick.connectors.xero.words import Doubts, day, instant, rate
from tallystick.errors import RecordRejected
from tallystick.standard import (
    ZERO,
    Bill,
    BillCreditNote,
    BillCreditNoteLineItem,
    BillLineItem,
    BillStatus,
    CalendarDate,
    CreditNote,
    CreditNoteLineItem,
    CreditNoteStatus,
    CustomerRef,
    Invoice,
    InvoiceLineItem,
    InvoiceStatus,
    Metadata,
    StandardRecord,
    SupplierRef,
    calendar_day,
    minus,
    plus,
)

#: `AUTHORISED` says nothing of payment: see `_stage`. A deleted document is void and gone.
STATUS: Final[dict[str, InvoiceStatus]] = {
    "DRAFT": "Draft",
    "SUBMITTED": "Submitted",
    "AUTHORISED": "Submitted",
    "PAID": "Paid",
    "VOIDED": "Void",
    "DELETED": "Void",
}
