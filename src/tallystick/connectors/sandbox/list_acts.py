"""Acts on contacts, items, accounts, tax rates and the company itself."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from attrs import evolve

from tallystick.connectors.sandbox import words
from tallystick.connectors.sandbox.acts import Acts, Spared, pick, refuse
from tallystick.connectors.sandbox.bookkeeper import Bookkeeper, random_id
from tallystick.connectors.sandbox.books import Account, Contact, Item, TaxRate, TrackingOption
from tallystick.connectors.sandbox.fresh_lists import contact as new_contact


def contacts(*, supplier: bool) -> Acts:
    """Customers or suppliers. The providers archive them; none is ever deleted."""

    def create(keeper: Bookkeeper, count: int, _: Spared) -> list[str]:
        made: list[str] = []
        taken = {contact.name for contact in keeper.books.contacts.values()}
        while len(made) < count:
            trade = keeper.rng.choice(words.TRADES)
            name = f"{keeper.rng.choice(words.ADJECTIVES)} {trade} {keeper.rng.randrange(10**6)}"
            if name in taken:
                continue
            taken.add(name)
            contact = evolve(
                new_contact(keeper.books, keeper.rng, name, keeper.base_currency, keeper.now),
                is_customer=not supplier,
                is_supplier=supplier,
            )
            keeper.books.contacts[contact.id] = contact
            made.append(contact.id)
        return made

    def active(keeper: Bookkeeper, spared: Spared) -> list[Contact]:
        return [
            found
            for found in keeper.books.contacts.values()
            if found.status == "active"
            and found.id not in spared
            and (found.is_supplier if supplier else found.is_customer)
        ]

    def update(keeper: Bookkeeper, count: int, spared: Spared) -> list[str]:
        chosen = pick(keeper.rng, active(keeper, spared), count)
        for contact in chosen:
            keeper.books.contacts[contact.id] = evolve(
                contact,
                email=f"new.{keeper.rng.getrandbits(32):08x}@example.com",
                phone=f"{keeper.rng.randrange(10**6, 10**7)}",
                updated_at=keeper.now,
            )
        return [contact.id for contact in chosen]

    def delete(keeper: Bookkeeper, count: int, spared: Spared) -> list[str]:
        chosen = pick(keeper.rng, active(keeper, spared), count)
        for contact in chosen:
            keeper.books.contacts[contact.id] = evolve(contact, status="archived", updated_at=keeper.now)
        return [contact.id for contact in chosen]

    return Acts(create, update, delete)


def _free(taken: Iterable[str], prefix: str, digits: int) -> str:
    """The first code of that prefix that nobody has."""
    codes = set(taken)
    return next(code for n in range(1, 10**digits) if (code := f"{prefix}{n:0{digits}d}") not in codes)


def _create_items(keeper: Bookkeeper, count: int, _: Spared) -> list[str]:
    made: list[str] = []
    for _place in range(count):
        code = _free((item.code for item in keeper.books.items.values()), "NEW-", 5)
        item = Item(
            id=random_id(keeper.rng),
            code=code,
            name=f"New item {code}",
            description="",
            sale_price=Decimal(keeper.rng.randrange(100, 99_999)).scaleb(-2),
            purchase_price=None,
            sale_account="200",
            purchase_account="310",
            updated_at=keeper.now,
            kind="service",
        )
        keeper.books.items[item.id] = item
        made.append(item.id)
    return made


def _update_items(keeper: Bookkeeper, count: int, _: Spared) -> list[str]:
    chosen = pick(keeper.rng, list(keeper.books.items.values()), count)
    for item in chosen:
        price = item.sale_price + Decimal("1.00")
        keeper.books.items[item.id] = evolve(item, sale_price=price, updated_at=keeper.now)
    return [item.id for item in chosen]


def _delete_items(keeper: Bookkeeper, count: int, spared: Spared) -> list[str]:
    """Items go without a trace; lines that name one keep its code."""
    chosen = pick(keeper.rng, [id_ for id_ in keeper.books.items if id_ not in spared], count)
    for item_id in chosen:
        del keeper.books.items[item_id]
    keeper.books.removed["items"] = keeper.books.removed.get("items", 0) + len(chosen)
    return chosen


def accounts(*, bank: bool) -> Acts:
    """Ledger accounts or bank accounts. Only an unused one can be deleted, so one is made for it."""

    def create(keeper: Bookkeeper, count: int, _: Spared) -> list[str]:
        made: list[str] = []
        for _place in range(count):
            code = _free((found.code for found in keeper.books.accounts.values()), "B" if bank else "X", 4)
            account = Account(
                id=random_id(keeper.rng),
                code=code,
                name=f"New account {code}",
                kind="bank" if bank else "expense",
                tax_code="NONE" if bank else keeper.writer.accounts["429"].tax_code,
                bank_number=f"20{keeper.rng.randrange(10**11, 10**12)}" if bank else "",
                currency=keeper.books.organisation.base_currency if bank else "",
                updated_at=keeper.now,
            )
            keeper.books.accounts[account.id] = account
            made.append(account.id)
        return made

    def ours(keeper: Bookkeeper) -> list[Account]:
        accounts = keeper.books.accounts.values()
        return [found for found in accounts if found.status == "active" and (found.kind == "bank") == bank]

    def update(keeper: Bookkeeper, count: int, _: Spared) -> list[str]:
        chosen = pick(keeper.rng, ours(keeper), count)
        for account in chosen:
            name = f"{account.name.split(' · ')[0]} · {keeper.rng.randrange(10**6)}"
            keeper.books.accounts[account.id] = evolve(account, name=name, updated_at=keeper.now)
        return [account.id for account in chosen]

    def delete(keeper: Bookkeeper, count: int, _: Spared) -> list[str]:
        made = create(keeper, count, ())  # an account that is in use cannot be deleted
        for account_id in made:
            account = keeper.books.accounts[account_id]
            keeper.books.accounts[account_id] = evolve(account, status="deleted")
        return made

    return Acts(create, update, delete)


def _create_rates(keeper: Bookkeeper, count: int, _: Spared) -> list[str]:
    made: list[str] = []
    for _place in range(count):
        code = _free(keeper.books.tax_rates, "TAX", 3)
        keeper.books.tax_rates[code] = TaxRate(
            code=code,
            name=f"Custom rate {code}",
            percent=Decimal(keeper.rng.randrange(1, 240)).scaleb(-1).quantize(Decimal("0.0001")),
            report_code="OUTPUT",
            on_sales=True,
            on_purchases=False,
        )
        made.append(code)
    return made


def _update_rates(keeper: Bookkeeper, count: int, _: Spared) -> list[str]:
    chosen = pick(keeper.rng, [r for r in keeper.books.tax_rates.values() if r.status == "active"], count)
    for rate in chosen:  # the name only: the percentage is in documents' figures
        name = f"{rate.name.split(' · ')[0]} · {keeper.rng.randrange(10**6)}"
        keeper.books.tax_rates[rate.code] = evolve(rate, name=name)
    return [rate.code for rate in chosen]


def _delete_rates(keeper: Bookkeeper, count: int, _: Spared) -> list[str]:
    made = _create_rates(keeper, count, ())
    for code in made:
        keeper.books.tax_rates[code] = evolve(keeper.books.tax_rates[code], status="deleted")
    return made


def _create_tracking(keeper: Bookkeeper, count: int, _: Spared) -> list[str]:
    """New options of the first category that there is."""
    category = next(iter(keeper.books.tracking_categories))
    made = []
    for _place in range(count):
        taken = (option.name for option in keeper.books.tracking_options.values())
        option = TrackingOption(
            id=random_id(keeper.rng),
            category_id=category,
            name=_free(taken, "New department ", 3),
            updated_at=keeper.now,
        )
        keeper.books.tracking_options[option.id] = option
        made.append(option.id)
    return made


def _active_options(keeper: Bookkeeper, spared: Spared) -> list[TrackingOption]:
    found = keeper.books.tracking_options.values()
    return [option for option in found if option.status == "active" and option.id not in spared]


def _update_tracking(keeper: Bookkeeper, count: int, spared: Spared) -> list[str]:
    chosen = pick(keeper.rng, _active_options(keeper, spared), count)
    for option in chosen:
        name = f"{option.name.split(' · ')[0]} · {keeper.rng.randrange(10**6)}"
        keeper.books.tracking_options[option.id] = evolve(option, name=name, updated_at=keeper.now)
    return [option.id for option in chosen]


def _delete_tracking(keeper: Bookkeeper, count: int, spared: Spared) -> list[str]:
    """Options are archived: lines go on naming them."""
    chosen = pick(keeper.rng, _active_options(keeper, spared), count)
    for option in chosen:
        archived = evolve(option, status="archived", updated_at=keeper.now)
        keeper.books.tracking_options[option.id] = archived
    return [option.id for option in chosen]


def _update_company(keeper: Bookkeeper, count: int, _: Spared) -> list[str]:
    organisation = keeper.books.organisation
    if not count:
        return []
    name = f"{organisation.name} ({keeper.rng.randrange(10**6)})"
    keeper.books.organisation = evolve(organisation, legal_name=name)
    return [organisation.id]


ITEMS: Final = Acts(_create_items, _update_items, _delete_items)
TAX_RATES: Final = Acts(_create_rates, _update_rates, _delete_rates)
TRACKING: Final = Acts(_create_tracking, _update_tracking, _delete_tracking)
COMPANY: Final = Acts(refuse, _update_company, refuse)
