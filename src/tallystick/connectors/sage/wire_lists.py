"""What Sage sends of the business and of what documents refer to: accounts, rates, items, contacts."""

from decimal import Decimal

from msgspec import field

from tallystick.connectors.sage.wire import Ref, Sent


class Business(Sent, frozen=True):
    """The company. Source: Sage's documentation of `/business`, which its description leaves out."""

    id: str | None = None
    displayed_as: str | None = None
    name: str | None = None
    address_line_1: str | None = None
    address_line_2: str | None = None
    city: str | None = None
    postal_code: str | None = None
    region: str | None = None
    country: Ref | None = None
    telephone: str | None = None
    mobile: str | None = None
    website: str | None = None
    created_at: str | None = None


class FinancialSettings(Sent, frozen=True):
    """How the company keeps its books. It has no id (providers §5 no. 55)."""

    year_end_date: str | None = None
    year_end_lockdown_date: str | None = None
    base_currency: Ref | None = None
    tax_number: str | None = None


class Company(Sent, frozen=True):
    """Both, as the client puts them together."""

    business: Business | None = None
    financial_settings: FinancialSettings | None = None


class BalanceDetails(Sent, frozen=True):
    """What an account comes to in a span of time."""

    balance: Decimal | None = None
    credit_or_debit: str | None = None


class LedgerAccount(Sent, frozen=True):
    """One account of the ledger."""

    id: str
    displayed_as: str | None = None
    updated_at: str | None = None
    name: str | None = None
    display_name: str | None = None
    included_in_chart: bool | None = None
    nominal_code: str | int | None = None
    ledger_account_type: Ref | None = None
    ledger_account_classification: Ref | None = None
    ledger_account_group: Ref | None = None
    balance_details: BalanceDetails | None = None


class Movements(Sent, frozen=True):
    """One answer of ledger accounts, with what moved on each."""

    items: list[LedgerAccount] = field(name="$items")


class Span(Sent, frozen=True):
    """What moved between two days, both included, as the client puts it together."""

    from_date: str | None = None
    to_date: str | None = None
    answers: list[Movements] = []


class Statements(Sent, frozen=True):
    """What statements are made of, likewise."""

    financial_settings: FinancialSettings | None = None
    periods: list[Span] = []


class BankAccountDetails(Sent, frozen=True):
    """How a bank knows an account."""

    account_name: str | None = None
    account_number: str | None = None
    sort_code: str | None = None
    bic: str | None = None
    iban: str | None = None


class BankAccount(Sent, frozen=True):
    """An account at a bank; the ledger has an account of its own for it."""

    id: str
    displayed_as: str | None = None
    updated_at: str | None = None
    deleted_at: str | None = None
    bank_account_details: BankAccountDetails | None = None
    ledger_account: Ref | None = None
    bank_account_type: Ref | None = None
    balance: Decimal | None = None
    nominal_code: str | int | None = None
    is_active: bool | None = None
    currency: Ref | None = None


class ComponentTaxRate(Sent, frozen=True):
    """One of the taxes that a rate is made of."""

    name: str | None = None
    displayed_as: str | None = None
    percentage: Decimal | None = None


class TaxRate(Sent, frozen=True):
    """One tax rate."""

    id: str
    displayed_as: str | None = None
    updated_at: str | None = None
    name: str | None = None
    percentage: Decimal | None = None
    is_visible: bool | None = None
    component_tax_rates: list[ComponentTaxRate] | None = None


class PaymentMethod(Sent, frozen=True):
    """One way to pay."""

    id: str
    displayed_as: str | None = None
    name: str | None = None
    updated_at: str | None = None


class SalesPrice(Sent, frozen=True):
    """One of the prices of a ware."""

    price: Decimal | None = None


class SalesRate(Sent, frozen=True):
    """One of the prices of a service."""

    rate: Decimal | None = None


class Item(Sent, frozen=True):
    """A product, a service or a stock item; what only one of them has is absent in the others."""

    id: str
    displayed_as: str | None = None
    path: str | None = field(name="$path", default=None)
    updated_at: str | None = None
    deleted_at: str | None = None
    item_code: str | None = None
    description: str | None = None
    purchase_description: str | None = None
    active: bool | None = None
    cost_price: Decimal | None = None
    sales_prices: list[SalesPrice] | None = None
    sales_rates: list[SalesRate] | None = None
    sales_ledger_account: Ref | None = None
    sales_tax_rate: Ref | None = None
    purchase_ledger_account: Ref | None = None
    purchase_tax_rate: Ref | None = None


class Address(Sent, frozen=True):
    """A contact's address."""

    address_line_1: str | None = None
    address_line_2: str | None = None
    city: str | None = None
    postal_code: str | None = None
    region: str | None = None
    country: Ref | None = None


class ContactPerson(Sent, frozen=True):
    """Somebody at a contact's."""

    name: str | None = None
    telephone: str | None = None
    mobile: str | None = None
    email: str | None = None
    fax: str | None = None


class Contact(Sent, frozen=True):
    """A customer, a vendor, or both."""

    id: str
    displayed_as: str | None = None
    updated_at: str | None = None
    deleted_at: str | None = None
    contact_types: list[Ref] | None = None
    name: str | None = None
    email: str | None = None
    tax_number: str | None = None
    registered_number: str | None = None
    currency: Ref | None = None
    is_active: bool | None = None
    main_address: Address | None = None
    delivery_address: Address | None = None
    main_contact_person: ContactPerson | None = None


class AnalysisType(Sent, frozen=True):
    """What income and expenses are counted by: departments, cost centres, projects."""

    id: str
    displayed_as: str | None = None
    path: str | None = field(name="$path", default=None)
    updated_at: str | None = None
    name: str | None = None
    analysis_type_categories: list[Ref] | None = None


class AnalysisTypeCategory(Sent, frozen=True):
    """One of the values of an analysis type."""

    id: str
    displayed_as: str | None = None
    path: str | None = field(name="$path", default=None)
    updated_at: str | None = None
    name: str | None = None
    analysis_type: Ref | None = None
