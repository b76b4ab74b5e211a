"""What a company keeps lists of: accounts, rates, items, people, tracking. Frozen, in nobody's dialect."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from attrs import frozen

AccountKind = Literal[
    "bank",
    "current_asset",
    "fixed_asset",
    "current_liability",
    "long_term_liability",
    "equity",
    "income",
    "other_income",
    "cost_of_sales",
    "expense",
    "depreciation",
]
BankKind = Literal["current", "savings", "credit_card"]
ListStatus = Literal["active", "archived", "deleted"]
ItemKind = Literal["service", "product", "stock"]
TaxRegime = Literal["vat", "sales_tax"]
#: A department is told by line; all lines of a record have the same location.
TrackingKind = Literal["department", "location"]
MethodKind = Literal["cash", "cheque", "card", "electronic"]


@frozen(kw_only=True)
class Organisation:
    """The company itself."""

    id: str
    name: str
    legal_name: str
    base_currency: str
    country: str  #: ISO 3166 alpha-2
    registration_number: str
    tax_number: str
    year_end: tuple[int, int]  #: day, month
    town: str
    created_at: datetime
    region: str = ""  #: a state, where addresses have one
    tax_regime: TaxRegime = "vat"
    opened_on: date | None = None  #: the day of the opening balances; nothing is dated before it


@frozen(kw_only=True)
class Account:
    """A ledger account."""

    id: str
    code: str
    name: str
    kind: AccountKind
    tax_code: str
    updated_at: datetime
    system: str = (
        ""  #: what the provider keeps it for: `DEBTORS`, `CREDITORS`, `GST`, `REALISEDCURRENCYGAIN`, …
    )
    description: str = ""
    bank_number: str = ""  #: sort code and account number, digits
    currency: str = ""  #: of a bank account
    status: ListStatus = "active"
    bank_kind: BankKind = "current"  #: of a bank account; what a card owes stands on it as a credit


@frozen(kw_only=True)
class TaxComponent:
    """A part of a rate: a state's and a county's, or what a reverse charge adds and takes off again."""

    name: str
    percent: Decimal  #: may be negative
    agency: str = ""  #: who gets it


@frozen(kw_only=True)
class TaxRate:
    """A rate that lines name by its code."""

    code: str
    name: str
    percent: Decimal  #: what documents bear: the sum of the components
    report_code: str
    on_sales: bool
    on_purchases: bool
    status: ListStatus = "active"
    components: tuple[TaxComponent, ...] = ()  #: none: the whole rate is one
    reverse_charge: bool = False  #: `percent` is 0; the first component is what we account for ourselves


@frozen(kw_only=True)
class Item:
    """Something that is sold or bought again and again."""

    id: str
    code: str
    name: str
    description: str
    sale_price: Decimal
    purchase_price: Decimal | None
    sale_account: str  #: account code
    purchase_account: str
    updated_at: datetime
    kind: ItemKind = "product"  #: a service has no purchase price; stock is bought into an asset account
    quantity_on_hand: Decimal | None = None  #: of stock, as last counted


@frozen(kw_only=True)
class Contact:
    """A customer, a supplier, both, or neither until it has a document."""

    id: str
    name: str
    first_name: str
    last_name: str
    email: str
    phone: str
    town: str
    street: str
    postcode: str
    country: str
    tax_number: str
    company_number: str
    currency: str
    is_customer: bool
    is_supplier: bool
    updated_at: datetime
    status: Literal["active", "archived"] = "active"
    region: str = ""  #: a state, where addresses have one


@frozen(kw_only=True)
class Employee:
    """Somebody whose expenses the company pays."""

    id: str
    first_name: str
    last_name: str
    email: str
    updated_at: datetime


@frozen(kw_only=True)
class PaymentMethod:
    """How money changes hands."""

    id: str
    name: str
    kind: MethodKind
    updated_at: datetime
    status: ListStatus = "active"


@frozen(kw_only=True)
class TrackingCategory:
    """What income and expenses are counted by beside their accounts."""

    id: str
    name: str
    kind: TrackingKind
    updated_at: datetime
    status: ListStatus = "active"


@frozen(kw_only=True)
class TrackingOption:
    """One of a category's values; lines name it by its id."""

    id: str
    category_id: str
    name: str
    updated_at: datetime
    status: ListStatus = "active"
