"""How one record names another: the other's id at the provider, and its name where it is known."""

from decimal import Decimal
from typing import Literal

from attrs import frozen


@frozen(kw_only=True)
class AccountRef:
    """An account of `chartOfAccounts`."""

    id: str | None = None
    name: str | None = None


@frozen(kw_only=True)
class CustomerRef:
    """A customer."""

    id: str
    companyName: str | None = None


@frozen(kw_only=True)
class SupplierRef:
    """A supplier."""

    id: str
    supplierName: str | None = None


@frozen(kw_only=True)
class ItemRef:
    """An item that is bought or sold."""

    id: str
    name: str | None = None


@frozen(kw_only=True)
class TaxRateRef:
    """A tax rate."""

    id: str | None = None
    name: str | None = None
    effectiveTaxRate: Decimal | None = None  #: per cent


@frozen(kw_only=True)
class TrackingCategoryRef:
    """A value of a tracking category."""

    id: str
    name: str | None = None


@frozen(kw_only=True)
class ProjectRef:
    """A project."""

    id: str
    name: str | None = None


@frozen(kw_only=True)
class PaymentMethodRef:
    """A way to pay."""

    id: str
    name: str | None = None


@frozen(kw_only=True)
class PurchaseOrderRef:
    """A purchase order."""

    id: str | None = None
    purchaseOrderNumber: str | None = None


@frozen(kw_only=True)
class SalesOrderRef:
    """A sales order."""

    id: str | None = None
    dataType: Literal["salesOrders"] | None = None


@frozen(kw_only=True)
class RecordRef:
    """Any record, by its data type and id."""

    id: str | None = None
    dataType: str | None = None


@frozen(kw_only=True)
class RecordLineRef:
    """One line of a purchase order or a bill."""

    id: str | None = None
    lineNumber: str | None = None
    dataType: Literal["purchaseOrders", "bills"] | None = None


@frozen(kw_only=True)
class BankAccountRef:
    """An account of `bankAccounts`."""

    id: str | None = None
    name: str | None = None


@frozen(kw_only=True)
class ContactRef:
    """Somebody whom the company deals with, on either side."""

    id: str
    dataType: Literal["customers", "suppliers"] | None = None


@frozen(kw_only=True)
class JournalRef:
    """A journal."""

    id: str
    name: str | None = None


@frozen(kw_only=True)
class PostedRecordRef:
    """The record that has caused a posting; a kind that is not among these is left out."""

    id: str | None = None
    dataType: (
        Literal[
            "bankTransactions",
            "billCreditNotes",
            "billPayments",
            "bills",
            "creditNotes",
            "directCosts",
            "directIncomes",
            "invoices",
            "journalEntries",
            "payments",
            "transfers",
        ]
        | None
    ) = None


@frozen(kw_only=True)
class TrackingRecordRef:
    """A record that something is counted towards."""

    id: str | None = None
    dataType: Literal["customers", "suppliers", "trackingCategories"] | None = None
