"""What Xero sends: its records, with their money as Decimals.

Everything but a record's own id may be absent or null. Numbers and booleans may come as strings: Xero's
own examples hold both. Fields that no mapping reads are left out here and stay in the raw bytes.
Source: providers §§3.5, 3.6; Xero's OpenAPI 16.1.
"""

from decimal import Decimal

from msgspec import Struct


class Sent(Struct, frozen=True, gc=False, kw_only=True):
    """Anything that Xero sends."""


class Account(Sent, frozen=True):
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


class TaxComponent(Sent, frozen=True):
    """One tax within a rate."""

    Name: str | None = None
    Rate: Decimal | None = None
    IsCompound: bool | None = None


class TaxRate(Sent, frozen=True):
    """One tax rate; its code is all the id it has."""

    TaxType: str
    Name: str | None = None
    Status: str | None = None
    EffectiveRate: Decimal | None = None
    DisplayTaxRate: Decimal | None = None
    TaxComponents: list[TaxComponent] | None = None


class ItemDetails(Sent, frozen=True):
    """How an item is bought or sold."""

    UnitPrice: Decimal | None = None
    AccountCode: str | None = None
    COGSAccountCode: str | None = None
    TaxType: str | None = None


class Item(Sent, frozen=True):
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


class Address(Sent, frozen=True):
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


class Phone(Sent, frozen=True):
    """A telephone number in its parts."""

    PhoneType: str | None = None
    PhoneCountryCode: str | None = None
    PhoneAreaCode: str | None = None
    PhoneNumber: str | None = None


class ContactPerson(Sent, frozen=True):
    """Somebody else at a contact's."""

    FirstName: str | None = None
    LastName: str | None = None
    EmailAddress: str | None = None


class Contact(Sent, frozen=True):
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


class Party(Sent, frozen=True):
    """The contact that a document names."""

    ContactID: str | None = None
    Name: str | None = None


class LineItemTracking(Sent, frozen=True):
    """One tracking category's option on a line."""

    TrackingCategoryID: str | None = None
    TrackingOptionID: str | None = None
    Name: str | None = None
    Option: str | None = None


class LineItemItem(Sent, frozen=True):
    """The item of a line."""

    ItemID: str | None = None
    Name: str | None = None


class LineItem(Sent, frozen=True):
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


class AppliedPayment(Sent, frozen=True):
    """A payment that a document names."""

    PaymentID: str | None = None
    Date: str | None = None
    Amount: Decimal | None = None
    Reference: str | None = None
    CurrencyRate: Decimal | None = None


class AppliedCredit(Sent, frozen=True):
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


class Invoice(Sent, frozen=True):
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


class AllocatedInvoice(Sent, frozen=True):
    """The invoice or bill that a credit is set against."""

    InvoiceID: str | None = None
    InvoiceNumber: str | None = None


class CreditAllocation(Sent, frozen=True):
    """A part of a credit note that is set against a document."""

    Amount: Decimal | None = None
    AppliedAmount: Decimal | None = None
    DateString: str | None = None
    Date: str | None = None
    Invoice: AllocatedInvoice | None = None
    IsDeleted: bool | None = None


class CreditNote(Sent, frozen=True):
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


class PaidDocument(Sent, frozen=True):
    """What a payment pays or refunds; a credit note may come under the name of an invoice."""

    Type: str | None = None
    InvoiceID: str | None = None
    CreditNoteID: str | None = None
    PrepaymentID: str | None = None
    OverpaymentID: str | None = None
    ID: str | None = None
    Contact: Party | None = None
    CurrencyCode: str | None = None


class PaymentAccount(Sent, frozen=True):
    """The account that the money came to or went from."""

    AccountID: str | None = None
    Code: str | None = None
    Name: str | None = None


class Payment(Sent, frozen=True):
    """One payment or refund of one document."""

    PaymentID: str
    PaymentType: str | None = None
    Status: str | None = None
    Date: str | None = None
    DateString: str | None = None
    Amount: Decimal | None = None
    BankAmount: Decimal | None = None
    CurrencyRate: Decimal | None = None
    Reference: str | None = None
    IsReconciled: bool | None = None
    Account: PaymentAccount | None = None
    Invoice: PaidDocument | None = None
    CreditNote: PaidDocument | None = None
    Prepayment: PaidDocument | None = None
    Overpayment: PaidDocument | None = None
    UpdatedDateUTC: str | None = None
    UpdatedDateUTCString: str | None = None


class PurchaseOrder(Sent, frozen=True):
    """An order to a supplier."""

    PurchaseOrderID: str
    PurchaseOrderNumber: str | None = None
    Reference: str | None = None
    Contact: Party | None = None
    DateString: str | None = None
    Date: str | None = None
    DeliveryDateString: str | None = None
    DeliveryDate: str | None = None
    ExpectedArrivalDateString: str | None = None
    ExpectedArrivalDate: str | None = None
    DeliveryAddress: str | None = None
    AttentionTo: str | None = None
    Telephone: str | None = None
    DeliveryInstructions: str | None = None
    Status: str | None = None
    LineAmountTypes: str | None = None
    LineItems: list[LineItem] | None = None
    CurrencyCode: str | None = None
    CurrencyRate: Decimal | None = None
    SubTotal: Decimal | None = None
    TotalTax: Decimal | None = None
    Total: Decimal | None = None
    TotalDiscount: Decimal | None = None
    UpdatedDateUTC: str | None = None
    UpdatedDateUTCString: str | None = None


class ExternalLink(Sent, frozen=True):
    """A link on an organisation's page."""

    LinkType: str | None = None
    Url: str | None = None


class Organisation(Sent, frozen=True):
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
