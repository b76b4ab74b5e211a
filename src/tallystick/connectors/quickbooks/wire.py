"""What QuickBooks sends: its entities, with their money as Decimals.

Everything but an entity's own id may be absent or null. Fields that no mapping reads are left out here and
stay in the raw bytes. Source: providers §§2.3, 3.5, 3.6; Intuit's schemas (Finance.xsd).
"""

from decimal import Decimal
from typing import Any

from msgspec import Struct


class Sent(Struct, frozen=True, gc=False, kw_only=True):
    """Anything that QuickBooks sends."""


class Ref(Sent, frozen=True):
    """Another entity: its id, and its name where QuickBooks tells it."""

    value: str | None = None
    name: str | None = None
    type: str | None = None  #: which list the id is of, where it may be of several


class Times(Sent, frozen=True):
    """When an entity was made and last changed."""

    CreateTime: str | None = None
    LastUpdatedTime: str | None = None


class Link(Sent, frozen=True):
    """Another transaction that this one belongs to."""

    TxnId: str | None = None
    TxnType: str | None = None


class Entity(Sent, frozen=True):
    """What every entity has."""

    Id: str
    status: str | None = None  #: `Deleted` where CDC tells of one that is gone
    MetaData: Times | None = None


class Address(Sent, frozen=True):
    """A place."""

    Line1: str | None = None
    Line2: str | None = None
    Line3: str | None = None
    Line4: str | None = None
    Line5: str | None = None
    City: str | None = None
    Country: str | None = None
    CountrySubDivisionCode: str | None = None
    PostalCode: str | None = None


class Phone(Sent, frozen=True):
    """A telephone number."""

    FreeFormNumber: str | None = None


class Email(Sent, frozen=True):
    """Addresses to write to: one, or several with commas between."""

    Address: str | None = None


class Web(Sent, frozen=True):
    """An address on the web."""

    URI: str | None = None


class Account(Entity, frozen=True):
    """One account of the ledger."""

    Name: str | None = None
    AcctNum: str | None = None
    Description: str | None = None
    FullyQualifiedName: str | None = None
    Classification: str | None = None
    AccountType: str | None = None
    AccountSubType: str | None = None
    CurrencyRef: Ref | None = None
    CurrentBalance: Decimal | None = None
    Active: bool | None = None


class Item(Entity, frozen=True):
    """One item."""

    Name: str | None = None
    Sku: str | None = None
    Description: str | None = None
    PurchaseDesc: str | None = None
    Type: str | None = None
    Active: bool | None = None
    UnitPrice: Decimal | None = None
    PurchaseCost: Decimal | None = None
    IncomeAccountRef: Ref | None = None
    ExpenseAccountRef: Ref | None = None
    SalesTaxCodeRef: Ref | None = None
    PurchaseTaxCodeRef: Ref | None = None


class CodeRate(Sent, frozen=True):
    """One rate of a tax code, and what it is charged on."""

    TaxRateRef: Ref | None = None
    TaxTypeApplicable: str | None = None
    TaxOrder: int | None = None
    TaxOnTaxOrder: int | None = None


class TaxRateList(Sent, frozen=True):
    """The rates of a tax code on one side."""

    TaxRateDetail: list[CodeRate] | None = None


class TaxCode(Entity, frozen=True):
    """What lines name: one code, of one or several rates."""

    Name: str | None = None
    Description: str | None = None
    Active: bool | None = None
    Taxable: bool | None = None
    SalesTaxRateList: TaxRateList | None = None
    PurchaseTaxRateList: TaxRateList | None = None


class DatedRate(Sent, frozen=True):
    """What a rate was from one day to another."""

    RateValue: Decimal | None = None
    EffectiveDate: str | None = None
    EndDate: str | None = None


class TaxRate(Entity, frozen=True):
    """One rate, per cent."""

    Name: str | None = None
    RateValue: Decimal | None = None
    EffectiveTaxRate: list[DatedRate] | None = None


class Category(Entity, frozen=True):
    """A class or a department."""

    Name: str | None = None
    Active: bool | None = None
    ParentRef: Ref | None = None


class PaymentMethod(Entity, frozen=True):
    """One way to pay."""

    Name: str | None = None
    Type: str | None = None
    Active: bool | None = None


class Company(Entity, frozen=True):
    """The company itself, without its preferences."""

    CompanyName: str | None = None
    LegalName: str | None = None
    CompanyAddr: Address | None = None
    LegalAddr: Address | None = None
    PrimaryPhone: Phone | None = None
    WebAddr: Web | None = None
    FiscalYearStartMonth: str | None = None
    EmployerId: str | None = None


class AccountingInfo(Sent, frozen=True):
    """How the books are kept."""

    FirstMonthOfFiscalYear: str | None = None
    BookCloseDate: str | None = None


class Currencies(Sent, frozen=True):
    """The books' currency."""

    HomeCurrency: Ref | None = None


class Preferences(Entity, frozen=True):
    """What the company has chosen."""

    AccountingInfoPrefs: AccountingInfo | None = None
    CurrencyPrefs: Currencies | None = None


class Party(Entity, frozen=True):
    """A customer or a vendor."""

    DisplayName: str | None = None
    CompanyName: str | None = None
    GivenName: str | None = None
    MiddleName: str | None = None
    FamilyName: str | None = None
    PrimaryEmailAddr: Email | None = None
    PrimaryPhone: Phone | None = None
    AlternatePhone: Phone | None = None
    Mobile: Phone | None = None
    Fax: Phone | None = None
    BillAddr: Address | None = None
    ShipAddr: Address | None = None
    CurrencyRef: Ref | None = None
    PrimaryTaxIdentifier: str | None = None
    TaxIdentifier: str | None = None
    BusinessNumber: str | None = None
    Active: bool | None = None


class Detail(Sent, frozen=True):
    """What a line is of: the fields of all its kinds, of which each kind has a few."""

    ItemRef: Ref | None = None
    ItemAccountRef: Ref | None = None
    AccountRef: Ref | None = None
    TaxCodeRef: Ref | None = None
    ClassRef: Ref | None = None
    DepartmentRef: Ref | None = None
    CustomerRef: Ref | None = None
    BillableStatus: str | None = None
    Qty: Decimal | None = None
    UnitPrice: Decimal | None = None
    TaxInclusiveAmt: Decimal | None = None
    DiscountPercent: Decimal | None = None
    DiscountAccountRef: Ref | None = None
    Entity: Any = None  #: of a journal's line an object round the reference, of a deposit's the reference
    PostingType: str | None = None
    CheckNum: str | None = None
    PaymentMethodRef: Ref | None = None


class GroupDetail(Sent, frozen=True):
    """Lines that were sold as one."""

    GroupItemRef: Ref | None = None
    Line: "list[TxnLine] | None" = None


class TxnLine(Sent, frozen=True):
    """A line of any transaction. Which of the details it has, `DetailType` says; payments have none."""

    Id: str | None = None
    LineNum: Decimal | None = None
    Description: str | None = None
    Amount: Decimal | None = None
    DetailType: str | None = None
    LinkedTxn: list[Link] | None = None
    SalesItemLineDetail: Detail | None = None
    AccountBasedExpenseLineDetail: Detail | None = None
    ItemBasedExpenseLineDetail: Detail | None = None
    DiscountLineDetail: Detail | None = None
    DepositLineDetail: Detail | None = None
    JournalEntryLineDetail: Detail | None = None
    GroupLineDetail: GroupDetail | None = None


class TaxOf(Sent, frozen=True):
    """One tax of a transaction."""

    TaxRateRef: Ref | None = None
    TaxPercent: Decimal | None = None
    NetAmountTaxable: Decimal | None = None


class TaxPart(Sent, frozen=True):
    """The amount of one tax."""

    Amount: Decimal | None = None
    TaxLineDetail: TaxOf | None = None


class Taxes(Sent, frozen=True):
    """The tax of a whole transaction."""

    TotalTax: Decimal | None = None
    TxnTaxCodeRef: Ref | None = None  #: in America: of all lines that are taxed
    TaxLine: list[TaxPart] | None = None


class Memo(Sent, frozen=True):
    """A note that the customer reads."""

    value: str | None = None


class Transaction(Entity, frozen=True):
    """What all transactions have."""

    DocNumber: str | None = None
    TxnDate: str | None = None
    PrivateNote: str | None = None
    CurrencyRef: Ref | None = None
    ExchangeRate: Decimal | None = None
    Line: list[TxnLine] | None = None
    LinkedTxn: list[Link] | None = None
    TxnTaxDetail: Taxes | None = None
    GlobalTaxCalculation: str | None = None
    TotalAmt: Decimal | None = None
    ClassRef: Ref | None = None
    DepartmentRef: Ref | None = None


class Sale(Transaction, frozen=True):
    """An invoice, a credit memo, a sales receipt or a refund receipt."""

    CustomerRef: Ref | None = None
    CustomerMemo: Memo | None = None
    DueDate: str | None = None
    Balance: Decimal | None = None
    RemainingCredit: Decimal | None = None
    DepositToAccountRef: Ref | None = None
    PaymentRefNum: str | None = None


class Purchasing(Transaction, frozen=True):
    """A bill, a vendor credit or a purchase order."""

    VendorRef: Ref | None = None
    DueDate: str | None = None
    Balance: Decimal | None = None
    POStatus: str | None = None
    Memo: str | None = None
    ShipAddr: Address | None = None


class Purchase(Transaction, frozen=True):
    """Money spent at once: a cheque, cash or a card."""

    AccountRef: Ref | None = None
    PaymentType: str | None = None
    EntityRef: Ref | None = None
    Credit: bool | None = None


class Payment(Transaction, frozen=True):
    """Money from a customer."""

    CustomerRef: Ref | None = None
    DepositToAccountRef: Ref | None = None
    PaymentMethodRef: Ref | None = None
    PaymentRefNum: str | None = None
    UnappliedAmt: Decimal | None = None


class ByCheque(Sent, frozen=True):
    """The bank account of a payment by cheque."""

    BankAccountRef: Ref | None = None


class ByCard(Sent, frozen=True):
    """The card of a payment by card."""

    CCAccountRef: Ref | None = None


class BillPayment(Transaction, frozen=True):
    """Money to a vendor."""

    VendorRef: Ref | None = None
    PayType: str | None = None
    CheckPayment: ByCheque | None = None
    CreditCardPayment: ByCard | None = None


class KeptCash(Sent, frozen=True):
    """What was kept in cash of a deposit."""

    AccountRef: Ref | None = None
    Amount: Decimal | None = None


class Deposit(Transaction, frozen=True):
    """Money that was taken to the bank."""

    DepositToAccountRef: Ref | None = None
    CashBack: KeptCash | None = None


class Transfer(Transaction, frozen=True):
    """Money moved between two of the company's accounts."""

    FromAccountRef: Ref | None = None
    ToAccountRef: Ref | None = None
    Amount: Decimal | None = None
