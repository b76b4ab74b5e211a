"""What new books begin with: the company itself, its chart, rates, wares, people and opening balances."""

import random
from calendar import isleap
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from tallystick.connectors.sandbox import words
from tallystick.connectors.sandbox.books import (
    Account,
    Books,
    Contact,
    Employee,
    Item,
    ListStatus,
    MethodKind,
    Organisation,
    PaymentMethod,
    TrackingCategory,
    TrackingKind,
    TrackingOption,
)
from tallystick.connectors.sandbox.countries import country_numbered, country_of
from tallystick.connectors.sandbox.line_writer import random_id

#: How far back the books go, but for a few records of a 29 February.
HISTORY_DAYS: Final = 540
_METHODS: Final[tuple[tuple[str, MethodKind], ...]] = (
    ("Cash", "cash"), ("Cheque", "cheque"), ("Credit or debit card", "card"), ("Electronic", "electronic"),
)  # fmt: skip
#: Its wares by code that are kept in store and counted.
_STOCK: Final = frozenset({"BK-001", "CH-014", "TB-220", "SWT-48"})


def leap_day(today: date) -> date:
    """The last 29 February."""
    year = today.year if today >= date(today.year, 3, 1) else today.year - 1
    if isleap(today.year) and (today.month, today.day) == (2, 29):
        return today
    while not isleap(year):
        year -= 1
    return date(year, 2, 29)


def organisation(rng: random.Random, number: int, now: datetime) -> Organisation:
    """The company at a place in the row of all."""
    country = country_numbered(number)
    american = country.regime == "sales_tax"
    names = words.US_COMPANIES if american else words.UK_COMPANIES
    place = number // 2 if american else number
    name = names[place % len(names)]
    if place >= len(names):
        name = f"{name} {place // len(names) + 1}"
    town = country.towns[number % len(country.towns)]
    begin = min(leap_day(now.date()), now.date() - timedelta(days=HISTORY_DAYS)) - timedelta(days=100)
    return Organisation(
        id=random_id(rng),
        name=name,
        legal_name=name,
        # One in twelve keeps British books in euros, so that nobody takes the country's money for granted.
        base_currency="EUR" if number % 12 == 8 else country.currency,
        country=country.code,
        registration_number=f"{rng.randrange(10**7, 10**8)}",
        tax_number=_tax_number(rng, american=american),
        year_end=(31, 12) if american else ((31, 3), (31, 12), (5, 4))[number % 3],
        town=town.name,
        created_at=now - timedelta(days=(now.date() - begin).days + 20),
        region=town.region,
        tax_regime=country.regime,
        opened_on=begin.replace(day=1) - timedelta(days=1),
    )


def _tax_number(rng: random.Random, *, american: bool) -> str:
    digits = f"{rng.randrange(10**8, 10**9)}"
    return f"{digits[:2]}-{digits[2:]}" if american else f"GB{digits}"


def before(rng: random.Random, now: datetime, days: int) -> datetime:
    """Some moment of so many days before the present."""
    return now - timedelta(milliseconds=rng.randrange(1_000, days * 86_400_000))


def write_lists(books: Books, rng: random.Random, now: datetime) -> None:
    """Write all lists but the contacts."""
    country, base = country_of(books.organisation), books.organisation.base_currency
    for row in country.chart:
        bank = row.kind == "bank"
        account = Account(
            id=random_id(rng),
            code=row.code,
            name=row.name,
            kind=row.kind,
            tax_code=row.tax_code,
            system=row.system,
            description="" if bank else f"{row.name}, as the standard chart has it",
            bank_number=f"20{rng.randrange(10**11, 10**12)}" if bank else "",
            currency=(row.currency or base) if bank else "",
            updated_at=before(rng, now, HISTORY_DAYS),
            bank_kind=row.bank_kind,
        )
        books.accounts[account.id] = account
    books.tax_rates.update((rate.code, rate) for rate in country.tax_rates)
    for code, name, sale, purchase in words.WARES:
        item = Item(
            id=random_id(rng),
            code=code,
            name=name,
            description=f"{name} ({code})",
            sale_price=Decimal(sale),
            purchase_price=Decimal(purchase) if purchase else None,
            sale_account="210" if not purchase else "200",
            purchase_account="630" if code in _STOCK else "310",
            updated_at=before(rng, now, HISTORY_DAYS),
            kind="service" if not purchase else "stock" if code in _STOCK else "product",
            quantity_on_hand=Decimal(rng.randrange(5, 200)) if code in _STOCK else None,
        )
        books.items[item.id] = item
    for name, kind in _METHODS:
        method = PaymentMethod(
            id=random_id(rng), name=name, kind=kind, updated_at=before(rng, now, HISTORY_DAYS)
        )
        books.payment_methods[method.id] = method
    for first, last in words.PEOPLE[:3]:
        employee = Employee(
            id=random_id(rng),
            first_name=first,
            last_name=last,
            email=f"{rng.getrandbits(32):08x}@example.com",
            updated_at=before(rng, now, HISTORY_DAYS),
        )
        books.employees[employee.id] = employee
    _write_tracking(books, rng, now, "Department", "department", words.DEPARTMENTS)
    _write_tracking(books, rng, now, "Location", "location", words.LOCATIONS)


def _write_tracking(
    books: Books, rng: random.Random, now: datetime, name: str, kind: TrackingKind, options: tuple[str, ...]
) -> None:
    category = TrackingCategory(
        id=random_id(rng), name=name, kind=kind, updated_at=before(rng, now, HISTORY_DAYS)
    )
    books.tracking_categories[category.id] = category
    for text in options:
        status: ListStatus = "archived" if text == options[-1] else "active"
        option = TrackingOption(
            id=random_id(rng),
            category_id=category.id,
            name=text,
            updated_at=before(rng, now, HISTORY_DAYS),
            status=status,
        )
        books.tracking_options[option.id] = option


def write_contacts(books: Books, rng: random.Random, now: datetime, *, count: int) -> list[Contact]:
    """People who may become customers and suppliers."""
    base, country = books.organisation.base_currency, country_of(books.organisation)
    found: list[Contact] = []
    for place, name in enumerate(_names(rng, count)):
        foreign = country.foreign[rng.randrange(len(country.foreign))] if rng.random() < 0.18 else base
        # The first customer trades in rupiah: that is where totals of 15 digits are no surprise.
        currency = "IDR" if place == 0 else foreign
        found.append(contact(books, rng, name, currency, before(rng, now, HISTORY_DAYS)))
    books.contacts.update((each.id, each) for each in found)
    return found


def contact(books: Books, rng: random.Random, name: str, currency: str, at: datetime) -> Contact:
    """A contact that is neither customer nor supplier yet, and not in the books."""
    country = country_of(books.organisation)
    first, last = words.PEOPLE[rng.randrange(len(words.PEOPLE))]
    town = country.towns[rng.randrange(len(country.towns))]
    return Contact(
        id=random_id(rng),
        name=name,
        first_name=first,
        last_name=last,
        email=f"accounts.{rng.getrandbits(32):08x}@example.com" if rng.random() < 0.85 else "",
        phone=f"{rng.randrange(10**6, 10**7)}" if rng.random() < 0.7 else "",
        town=town.name,
        street=f"{rng.randrange(1, 200)} {words.STREETS[rng.randrange(len(words.STREETS))]}",
        postcode=town.postcode,
        country=country.name,
        tax_number=_tax_number(rng, american=country.regime == "sales_tax") if rng.random() < 0.5 else "",
        company_number=f"{rng.randrange(10**7, 10**8)}" if rng.random() < 0.4 else "",
        currency=currency,
        is_customer=False,
        is_supplier=False,
        updated_at=at,
        region=town.region,
    )


def _names(rng: random.Random, count: int) -> list[str]:
    """Distinct names, a quarter of them in other scripts as long as there are some."""
    far = list(words.FAR_NAMES)
    rng.shuffle(far)
    near = [f"{adjective} {trade}" for adjective in words.ADJECTIVES for trade in words.TRADES]
    rng.shuffle(near)
    mixed = [far.pop() if far and place % 4 == 3 else near[place % len(near)] for place in range(count)]
    seen: dict[str, int] = {}
    for place, name in enumerate(mixed):
        seen[name] = times = seen.get(name, 0) + 1
        if times > 1:
            mixed[place] = f"{name} {times}"
    return mixed
