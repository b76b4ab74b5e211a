"""The standard model: what a company's books are, whoever keeps them.

Frozen attrs classes with the field names of the public API, exact decimals, calendar dates as the
text the API sends, and the bytes they are encoded to. No input or output, no clock, no other room.
"""

from tallystick.standard.accounts import (
    Account,
    AccountStatus,
    AccountType,
    BankAccount,
    BankAccountStatus,
    BankAccountType,
    ValidDatatypeLinks,
)
from tallystick.standard.allocations import (
    AllocatedPayment,
    Allocation,
    PaymentAllocation,
    WithholdingTax,
)
from tallystick.standard.bills import Bill, BillLineItem, BillStatus
from tallystick.standard.company import CompanyInfo, WebLink, WebLinkType
from tallystick.standard.contacts import (
    Address,
    AddressType,
    Contact,
    Customer,
    CustomerStatus,
    Phone,
    PhoneType,
    Supplier,
    SupplierStatus,
)
from tallystick.standard.credit_notes import (
    BillCreditNote,
    BillCreditNoteLineItem,
    BillCreditNoteStatus,
    CreditNote,
    CreditNoteLineItem,
    CreditNoteStatus,
)
from tallystick.standard.data_types import DATA_TYPES, IN_PROGRESS, DatasetStatus, DataType
from tallystick.standard.dates import CalendarDate, calendar_date, calendar_day
from tallystick.standard.encoding import RECORD_CLASSES, decode, encode
from tallystick.standard.invoices import Invoice, InvoiceLineItem, InvoiceStatus
from tallystick.standard.items import BillItem, InvoiceItem, Item, ItemStatus, ItemType
from tallystick.standard.money import ONE, ZERO, finite, inverse, minus, negated, plus
from tallystick.standard.payments import (
    BillPayment,
    BillPaymentLine,
    BillPaymentLineLink,
    BillPaymentLinkType,
    Payment,
    PaymentLine,
    PaymentLineLink,
    PaymentLinkType,
)
from tallystick.standard.record import Metadata, StandardRecord
from tallystick.standard.references import (
    AccountRef,
    CustomerRef,
    ItemRef,
    PaymentMethodRef,
    ProjectRef,
    PurchaseOrderRef,
    RecordLineRef,
    RecordRef,
    SalesOrderRef,
    SupplierRef,
    TaxRateRef,
    TrackingCategoryRef,
)
from tallystick.standard.tax_rates import TaxRate, TaxRateComponent, TaxRateStatus
from tallystick.standard.tracking import (
    PayableBilledTo,
    PayableTracking,
    ReceivableBilledTo,
    ReceivableTracking,
)

__all__ = [
    "DATA_TYPES",
    "IN_PROGRESS",
    "ONE",
    "RECORD_CLASSES",
    "ZERO",
    "Account",
    "AccountRef",
    "AccountStatus",
    "AccountType",
    "Address",
    "AddressType",
    "AllocatedPayment",
    "Allocation",
    "BankAccount",
    "BankAccountStatus",
    "BankAccountType",
    "Bill",
    "BillCreditNote",
    "BillCreditNoteLineItem",
    "BillCreditNoteStatus",
    "BillItem",
    "BillLineItem",
    "BillPayment",
    "BillPaymentLine",
    "BillPaymentLineLink",
    "BillPaymentLinkType",
    "BillStatus",
    "CalendarDate",
    "CompanyInfo",
    "Contact",
    "CreditNote",
    "CreditNoteLineItem",
    "CreditNoteStatus",
    "Customer",
    "CustomerRef",
    "CustomerStatus",
    "DataType",
    "DatasetStatus",
    "Invoice",
    "InvoiceItem",
    "InvoiceLineItem",
    "InvoiceStatus",
    "Item",
    "ItemRef",
    "ItemStatus",
    "ItemType",
    "Metadata",
    "PayableBilledTo",
    "PayableTracking",
    "Payment",
    "PaymentAllocation",
    "PaymentLine",
    "PaymentLineLink",
    "PaymentLinkType",
    "PaymentMethodRef",
    "Phone",
    "PhoneType",
    "ProjectRef",
    "PurchaseOrderRef",
    "ReceivableBilledTo",
    "ReceivableTracking",
    "RecordLineRef",
    "RecordRef",
    "SalesOrderRef",
    "StandardRecord",
    "Supplier",
    "SupplierRef",
    "SupplierStatus",
    "TaxRate",
    "TaxRateComponent",
    "TaxRateRef",
    "TaxRateStatus",
    "TrackingCategoryRef",
    "ValidDatatypeLinks",
    "WebLink",
    "WebLinkType",
    "WithholdingTax",
    "calendar_date",
    "calendar_day",
    "decode",
    "encode",
    "finite",
    "inverse",
    "minus",
    "negated",
    "plus",
]
