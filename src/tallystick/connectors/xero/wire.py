"""What Xero sends: its envelope, and its records with their money as Decimals.

Everything but a record's own id may be absent or null. Numbers and booleans may come as strings: Xero's
own examples hold both. Fields that no mapping reads are left out here and stay in the raw bytes.
Source: providers §§2.2, 3.5, 3.6; Xero's OpenAPI 16.1.
"""

from decimal import Decimal
from typing import Any, Final

import msgspec
from attrs import field, frozen
from msgspec import Raw, Struct

from tallystick.errors import PageUnreadable

#: What makes a value's bytes unreadable: not JSON, not UTF-8, or nested without end.
UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Pagination(Struct, frozen=True, gc=False):
    """Where a page lies in its list."""

    page: int | None = None
    pageSize: int | None = None
    pageCount: int | None = None
    itemCount: int | None = None


@frozen(kw_only=True)
class Envelope:
    """One answer, opened but not read."""

    array: bytes = field(repr=False)  #: the JSON array of its records, exactly as it came
    pagination: Pagination | None
    answered_at: str | None  #: a .NET date

    def rows(self) -> list[Raw]:
        """The records, each as its exact bytes. Raises: one of `UNREADABLE`."""
        return _ROWS.decode(self.array)


_TOP: Final = msgspec.json.Decoder(dict[str, Raw])
_ROWS: Final = msgspec.json.Decoder(list[Raw])
_PAGINATION: Final = msgspec.json.Decoder(Pagination | None, strict=False)
_TEXT: Final = msgspec.json.Decoder(str | None)


def open_envelope(resource: str, raw: bytes) -> Envelope:
    """The list of an answer and what is said about it.

    Also takes a bare record, and an envelope that names its record or list in the singular.
    Raises: `PageUnreadable` for what is not JSON, is cut short, or has no such list.
    """
    try:
        top = _TOP.decode(raw.removeprefix(b"\xef\xbb\xbf"))
        return Envelope(
            array=_list_of(resource, top, raw),
            pagination=_PAGINATION.decode(top.get("pagination", b"null")),
            answered_at=_TEXT.decode(top.get("DateTimeUTC", b"null")),
        )
    except UNREADABLE as error:
        raise PageUnreadable(
            platform="xero", resource=resource, reason=_why(error), raw=raw
        ) from error


def _list_of(resource: str, top: dict[str, Raw], raw: bytes) -> bytes:
    single = resource.removesuffix("s")
    for name in (resource, single):
        found = bytes(top.get(name, b""))
        if found.startswith(b"["):
            return found
        if found.startswith(b"{"):
            return b"[" + found + b"]"
    if IDS[resource] in top:
        return b"[" + raw.removeprefix(b"\xef\xbb\xbf") + b"]"
    raise PageUnreadable(
        platform="xero", resource=resource, reason=f"it has no list {resource}", raw=raw
    )


def _why(error: BaseException) -> str:
    if isinstance(error, msgspec.ValidationError):
        return f"it is no envelope ({error})"
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8"
    return f"it is not whole JSON ({error})"


#: The field that identifies a record of each list.
IDS: Final = {
    "Organisations": "OrganisationID",
    "Accounts": "AccountID",
    "TaxRates": "TaxType",
    "Items": "ItemID",
    "Contacts": "ContactID",
    "Invoices": "InvoiceID",
    "CreditNotes": "CreditNoteID",
    "Payments": "PaymentID",
}


class Sent(Struct, frozen=True, gc=False, kw_only=True):
    """Anything that Xero sends."""


class Account(Sent):
    """One account of the ledger."""

    AccountID: str
    Code: str | None = None
    Name: str | None = None
    Description: str | None = None
    Type: str | None = None
    Class: str | None = None
    Status: str | None = None
    CurrencyCode: str | None = None
    BankAccountNumber: str | None = None
    BankAccountType: str | None = None
    UpdatedDateUTC: str | None = None


class TaxComponent(Sent):
    """One tax within a rate."""

    Name: str | None = None
    Rate: Decimal | None = None
    IsCompound: bool | None = None


class TaxRate(Sent):
    """One tax rate; its code is all the id it has."""

    TaxType: str
    Name: str | None = None
    Status: str | None = None
    EffectiveRate: Decimal | None = None
    DisplayTaxRate: Decimal | None = None
    TaxComponents: list[TaxComponent] | None = None


class ItemDetails(Sent):
    """How an item is bought or sold."""

    UnitPrice: Decimal | None = None
    AccountCode: str | None = None
    COGSAccountCode: str | None = None
    TaxType: str | None = None


class Item(Sent):
    """One item."""

    ItemID: str
    Code: str | None = None
    Name: str | None = None
    Description: str | None = None
    PurchaseDescription: str | None = None
    IsTrackedAsInventory: bool | None = None
    IsSold: bool | None = None
    IsPurchased: bool | None = None
    SalesDetails: ItemDetails | None = None
    PurchaseDetails: ItemDetails | None = None
    UpdatedDateUTC: str | None = None


class Address(Sent):
    """A contact's or an organisation's address."""

    AddressType: str | None = None
    AddressLine1: str | None = None
    AddressLine2: str | None = None
    AddressLine3: str | None = None
    AddressLine4: str | None = None
    City: str | None = None
    Region: str | None = None
    PostalCode: str | None = None
    Country: str | None = None


class Phone(Sent):
    """A telephone number in its parts."""

    PhoneType: str | None = None
    PhoneCountryCode: str | None = None
    PhoneAreaCode: str | None = None
    PhoneNumber: str | None = None


class ContactPerson(Sent):
    """Somebody else at a contact's."""

    FirstName: str | None = None
    LastName: str | None = None
    EmailAddress: str | None = None


class Contact(Sent):
    """A customer, a supplier, both, or as yet neither."""

    ContactID: str
    ContactStatus: str | None = None
    Name: str | None = None
    FirstName: str | None = None
    LastName: str | None = None
    EmailAddress: str | None = None
    CompanyNumber: str | None = None
    TaxNumber: str | None = None
    DefaultCurrency: str | None = None
    IsCustomer: bool | None = None
    IsSupplier: bool | None = None
    Addresses: list[Address] | None = None
    Phones: list[Phone] | None = None
    ContactPersons: list[ContactPerson] | None = None
    UpdatedDateUTC: str | None = None


class Party(Sent):
    """The contact that a document names."""

    ContactID: str | None = None
    Name: str | None = None


class LineItemTracking(Sent):
    """One tracking category's option on a line."""

    TrackingCategoryID: str | None = None
    TrackingOptionID: str | None = None
    Name: str | None = None
    Option: str | None = None


class LineItemItem(Sent):
    """The item of a line."""

    ItemID: str | None = None
    Name: str | None = None


class LineItem(Sent):
    """One line of a document; `LineAmount` is after discount."""

    Description: str | None = None
    Quantity: Decimal | None = None
    UnitAmount: Decimal | None = None
    LineAmount: Decimal | None = None
    TaxAmount: Decimal | None = None
    TaxType: str | None = None
    DiscountRate: Decimal | None = None
    DiscountAmount: Decimal | None = None
    AccountID: str | None = None
    AccountCode: str | None = None
    ItemCode: str | None = None
    Item: LineItemItem | None = None
    Tracking: list[LineItemTracking] | None = None


class AppliedPayment(Sent):
    """A payment that a document names."""

    PaymentID: str | None = None
    Date: str | None = None
    Amount: Decimal | None = None
    Reference: str | None = None
    CurrencyRate: Decimal | None = None


class AppliedCredit(Sent):
    """A credit note, prepayment or overpayment that an invoice names."""

    CreditNoteID: str | None = None
    PrepaymentID: str | None = None
    OverpaymentID: str | None = None
    CreditNoteNumber: str | None = None
    DateString: str | None = None
    Date: str | None = None
    AppliedAmount: Decimal | None = None
    Total: Decimal | None = None
    CurrencyRate: Decimal | None = None


class Invoice(Sent):
    """A sales invoice (ACCREC) or a bill (ACCPAY)."""

    InvoiceID: str
    Type: str | None = None
    InvoiceNumber: str | None = None
    Reference: str | None = None
    Contact: Party | None = None
    DateString: str | None = None
    Date: str | None = None
    DueDateString: str | None = None
    DueDate: str | None = None
    FullyPaidOnDate: str | None = None
    Status: str | None = None
    LineAmountTypes: str | None = None
    LineItems: list[LineItem] | None = None
    CurrencyCode: str | None = None
    CurrencyRate: Decimal | None = None
    SubTotal: Decimal | None = None
    TotalTax: Decimal | None = None
    Total: Decimal | None = None
    TotalDiscount: Decimal | None = None
    IsDiscounted: bool | None = None
    CISDeduction: Decimal | None = None
    AmountDue: Decimal | None = None
    AmountPaid: Decimal | None = None
    AmountCredited: Decimal | None = None
    Payments: list[AppliedPayment] | None = None
    CreditNotes: list[AppliedCredit] | None = None
    Prepayments: list[AppliedCredit] | None = None
    Overpayments: list[AppliedCredit] | None = None
    UpdatedDateUTC: str | None = None
    UpdatedDateUTCString: str | None = None


class AllocatedInvoice(Sent):
    """The invoice or bill that a credit is set against."""

    InvoiceID: str | None = None
    InvoiceNumber: str | None = None


class CreditAllocation(Sent):
    """A part of a credit note that is set against a document."""

    Amount: Decimal | None = None
    AppliedAmount: Decimal | None = None
    DateString: str | None = None
    Date: str | None = None
    Invoice: AllocatedInvoice | None = None
    IsDeleted: bool | None = None


class CreditNote(Sent):
    """A credit note to a customer (ACCRECCREDIT) or from a supplier (ACCPAYCREDIT)."""

    CreditNoteID: str
    Type: str | None = None
    CreditNoteNumber: str | None = None
    Reference: str | None = None
    Contact: Party | None = None
    DateString: str | None = None
    Date: str | None = None
    FullyPaidOnDate: str | None = None
    Status: str | None = None
    LineAmountTypes: str | None = None
    LineItems: list[LineItem] | None = None
    CurrencyCode: str | None = None
    CurrencyRate: Decimal | None = None
    SubTotal: Decimal | None = None
    TotalTax: Decimal | None = None
    Total: Decimal | None = None
    TotalDiscount: Decimal | None = None
    CISDeduction: Decimal | None = None
    RemainingCredit: Decimal | None = None
    Allocations: list[CreditAllocation] | None = None
    Payments: list[AppliedPayment] | None = None
    UpdatedDateUTC: str | None = None
    UpdatedDateUTCString: str | None = None


class PaidDocument(Sent):
    """What a payment pays or refunds; a credit note may come under the name of an invoice."""

    Type: str | None = None
    InvoiceID: str | None = None
    CreditNoteID: str | None = None
    PrepaymentID: str | None = None
    OverpaymentID: str | None = None
    ID: str | None = None
    Contact: Party | None = None
    CurrencyCode: str | None = None


class PaymentAccount(Sent):
    """The account that the money came to or went from."""

    AccountID: str | None = None
    Code: str | None = None
    Name: str | None = None


class Payment(Sent):
    """One payment or refund of one document."""

    PaymentID: str
    PaymentType: str | None = None
    Status: str | None = None
    Date: str | None = None
    DateString: str | None = None
    Amount: Decimal | None = None
    CurrencyRate: Decimal | None = None
    Reference: str | None = None
    Account: PaymentAccount | None = None
    Invoice: PaidDocument | None = None
    CreditNote: PaidDocument | None = None
    Prepayment: PaidDocument | None = None
    Overpayment: PaidDocument | None = None
    UpdatedDateUTC: str | None = None
    UpdatedDateUTCString: str | None = None


class ExternalLink(Sent):
    """A link on an organisation's page."""

    LinkType: str | None = None
    Url: str | None = None


class Organisation(Sent):
    """The company itself."""

    OrganisationID: str | None = None
    Name: str | None = None
    LegalName: str | None = None
    BaseCurrency: str | None = None
    RegistrationNumber: str | None = None
    TaxNumber: str | None = None
    FinancialYearEndDay: int | None = None
    FinancialYearEndMonth: int | None = None
    PeriodLockDate: str | None = None
    EndOfYearLockDate: str | None = None
    CreatedDateUTC: str | None = None
    Addresses: list[Address] | None = None
    Phones: list[Phone] | None = None
    ExternalLinks: list[ExternalLink] | None = None


class Glimpse(Sent):
    """What can be said of a row that cannot be read as what it should be."""

    OrganisationID: Any = None
    AccountID: Any = None
    TaxType: Any = None
    ItemID: Any = None
    ContactID: Any = None
    InvoiceID: Any = None
    CreditNoteID: Any = None
    PaymentID: Any = None
    Type: Any = None
    PaymentType: Any = None
