"""What FreeAgent sends of the company and of what documents refer to: categories, items, contacts."""

from decimal import Decimal

from msgspec import Raw

from tallystick.connectors.freeagent.wire import Sent


class Period(Sent, frozen=True):
    """A year of the company's accounts."""

    starts_on: str | None = None
    ends_on: str | None = None


class Company(Sent, frozen=True):
    """The company, and the rates of its sales tax."""

    id: str | int | None = None
    name: str | None = None
    subdomain: str | None = None
    currency: str | None = None
    annual_accounting_periods: list[Period] | None = None
    address1: str | None = None
    address2: str | None = None
    address3: str | None = None
    town: str | None = None
    region: str | None = None
    postcode: str | None = None
    country: str | None = None
    company_registration_number: str | None = None
    contact_phone: str | None = None
    website: str | None = None
    sales_tax_name: str | None = None
    sales_tax_registration_number: str | None = None
    sales_tax_rates: Raw = Raw()  #: percentages; of what form each is, FreeAgent does not say
    second_sales_tax_name: str | None = None
    second_sales_tax_rates: Raw = Raw()
    created_at: str | None = None


class CompanyRow(Sent, frozen=True):
    """The answer of `company`."""

    company: Company


class Category(Sent, frozen=True):
    """An account of the ledger."""

    url: str
    description: str | None = None
    nominal_code: str | None = None
    group_description: str | None = None
    bank_account: str | None = None


class CategoryRow(Sent, frozen=True):
    """A category, under the name of the list that it is in."""

    admin_expenses_categories: Category | None = None
    cost_of_sales_categories: Category | None = None
    income_categories: Category | None = None
    general_categories: Category | None = None


class BankAccount(Sent, frozen=True):
    """An account at a bank, a card, or one at PayPal."""

    url: str
    created_at: str | None = None
    updated_at: str | None = None
    type: str | None = None
    name: str | None = None
    currency: str | None = None
    bank_name: str | None = None
    status: str | None = None
    current_balance: Decimal | None = None
    account_number: str | None = None
    sort_code: str | None = None
    iban: str | None = None


class Project(Sent, frozen=True):
    """What income and expenses are counted by."""

    url: str
    updated_at: str | None = None
    name: str | None = None
    status: str | None = None


class PriceListItem(Sent, frozen=True):
    """Something that is sold again and again."""

    url: str
    updated_at: str | None = None
    code: str | None = None
    item_type: str | None = None
    description: str | None = None
    price: Decimal | None = None
    vat_status: str | None = None  #: in the United Kingdom, where `sales_tax_rate` tells nothing
    sales_tax_rate: Decimal | None = None
    category: str | None = None


class StockItem(Sent, frozen=True):
    """Something that is kept in stock."""

    url: str
    updated_at: str | None = None
    description: str | None = None
    cost_of_sale_category: str | None = None


class Contact(Sent, frozen=True):
    """Somebody whom the company deals with, on either side."""

    url: str
    created_at: str | None = None
    updated_at: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    organisation_name: str | None = None
    email: str | None = None
    billing_email: str | None = None
    phone_number: str | None = None
    mobile: str | None = None
    address1: str | None = None
    address2: str | None = None
    address3: str | None = None
    town: str | None = None
    region: str | None = None
    postcode: str | None = None
    country: str | None = None
    sales_tax_registration_number: str | None = None
    status: str | None = None


class ContactRow(Sent, frozen=True):
    """A contact, and the views of the list that it is in; none where nobody has looked."""

    contact: Contact
    views: list[str] | None = None
