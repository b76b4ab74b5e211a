"""Writes the lines of documents, orders and bank transactions: wares, prices, discounts, tax, tracking."""

import random
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from attrs import define, evolve, field

from tallystick.connectors.sandbox import words
from tallystick.connectors.sandbox.amounts import ZERO, TaxBasis, cents, line_amounts
from tallystick.connectors.sandbox.books import Account, Books, Contact, Item, Line
from tallystick.connectors.sandbox.chart import PURCHASE_CODES, SALES_CODES, Country

_ONE: Final = Decimal("1.0000")
_DISCOUNTS: Final = tuple(Decimal(text) for text in ("5.00", "10.00", "12.50", "33.33"))
_WARES: Final = tuple(row[1] for row in words.WARES)
_ALL_OFF: Final = Decimal("100.00")
#: Of a hundred records with lines, so many end with goods given back, a rounding line or a free sample.
_RETURNS, _ROUNDED, _SAMPLES = 6, 10, 13


def random_id(rng: random.Random) -> str:
    """A random UUID, version 4, that the same seed gives again."""
    text = f"{rng.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


@define(eq=False)
class LineWriter:
    """Lines out of one company's lists. All that is random comes from `rng`."""

    books: Books
    rng: random.Random
    country: Country
    accounts: dict[str, Account] = field(init=False)  #: by code
    _items: list[Item] = field(init=False)
    _options: dict[str, list[str]] = field(init=False)  #: tracking options by the kind of their category
    _town_codes: dict[str, str] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.accounts = {account.code: account for account in self.books.accounts.values()}
        self._items = list(self.books.items.values())
        self._options = {"department": [], "location": []}
        for option in self.books.tracking_options.values():
            if option.status != "deleted":
                kind = self.books.tracking_categories[option.category_id].kind
                # What was put away is met now and then, in records from before.
                self._options[kind] += [option.id] * (1 if option.status == "archived" else 8)
        self._town_codes = {town.postcode: town.tax_code for town in self.country.towns}

    def lines(
        self,
        *,
        sale: bool,
        basis: TaxBasis,
        contact: Contact | None,
        large: bool = False,
        free: bool = False,
        codes: Sequence[str] | None = None,
    ) -> tuple[Line, ...]:
        """One to six lines whose sum is never below nothing.

        `large`: one line that comes to 15 digits. `free`: one whose discount is all of it, or a bill's
        without a price. `codes`: only these accounts.
        """
        rng = self.rng
        count = 1 if large or free else 1 + int(rng.random() * rng.random() * 5)
        place = self._option("location", 50)
        found = [self._line(sale, basis, contact, place, large, codes) for _ in range(count)]
        if free:
            free_line = evolve(found[0], discount_rate=_ALL_OFF if sale else None, discount_amount=None)
            return (self._figured(free_line if sale else evolve(free_line, unit_price=ZERO), basis),)
        if not large:
            odd = self._odd(
                found[0], basis, sum((line.amount for line in found), ZERO), int(rng.random() * 100)
            )
            found += [] if odd is None else [odd]
        return tuple(found)

    def copied(self, lines: Sequence[Line]) -> tuple[Line, ...]:
        """The same lines with ids of their own."""
        return tuple(evolve(line, id=random_id(self.rng)) for line in lines)

    def plain(self, code: str, description: str, amount: Decimal, tax_code: str = "NONE") -> tuple[Line, ...]:
        """One line of an amount, tax included."""
        account = self.accounts[code]
        line = Line(
            id=random_id(self.rng),
            description=description,
            quantity=_ONE,
            unit_price=amount,
            account_id=account.id,
            account_code=code,
            tax_code=tax_code,
            amount=amount,
            tax=ZERO,
            discount=ZERO,
        )
        return (self._figured(line, "inclusive"),)

    def tracking(self) -> tuple[str, ...]:
        """Perhaps a department and perhaps a location, of a line that stands for itself."""
        return self._tracked(self._option("location", 50))

    def _line(
        self,
        sale: bool,
        basis: TaxBasis,
        contact: Contact | None,
        place: str | None,
        large: bool,
        codes: Sequence[str] | None,
    ) -> Line:
        rng = self.rng
        item = self._item(sale=sale) if not large and codes is None else None
        if item is not None:
            code = item.sale_account if sale else item.purchase_account
            price = item.sale_price if sale or item.purchase_price is None else item.purchase_price
            description = item.name
        else:
            among = codes or (SALES_CODES if sale else PURCHASE_CODES)
            code = among[int(rng.random() * len(among))]
            price = self._price(large=large)
            wares = _WARES if sale else words.PURCHASES
            description = wares[int(rng.random() * len(wares))]
        account = self.accounts[code]
        quantity = _ONE if large else self._quantity()
        rate, amount = self._discount(sale=sale and not large, gross=quantity * price)
        note = words.NOTES[int(rng.random() * len(words.NOTES))]
        tax_code = self._tax_code(account, contact, basis, sale=sale)
        figures = line_amounts(
            quantity,
            price,
            rate=self.books.tax_rates[tax_code].percent,
            basis=basis,
            discount_rate=rate,
            discount_amount=amount,
        )
        return Line(
            id=random_id(rng),
            description=f"{description} {note}".strip(),
            quantity=quantity,
            unit_price=price,
            account_id=account.id,
            account_code=account.code,
            tax_code=tax_code,
            amount=figures.amount,
            tax=figures.tax,
            discount=figures.discount,
            discount_rate=rate,
            discount_amount=amount,
            item_id=None if item is None else item.id,
            tracking=self._tracked(place),
        )

    def _figured(self, line: Line, basis: TaxBasis) -> Line:
        amount, tax, discount = line_amounts(
            line.quantity,
            line.unit_price,
            rate=self.books.tax_rates[line.tax_code].percent,
            basis=basis,
            discount_rate=line.discount_rate,
            discount_amount=line.discount_amount,
        )
        return evolve(line, amount=amount, tax=tax, discount=discount)

    def _odd(self, first: Line, basis: TaxBasis, sum_: Decimal, luck: int) -> Line | None:
        """A last line that is unlike the others: below nothing, of pennies, or of nothing."""
        rng = self.rng
        if luck >= _SAMPLES:
            return None
        share = rng.randrange(10, 40)
        plain = evolve(
            first, id=random_id(rng), discount_rate=None, discount_amount=None, quantity=_ONE, item_id=None
        )
        if luck < _RETURNS:
            back = cents(first.amount * share / 100)
            goods = evolve(plain, description="Goods returned", quantity=-_ONE, unit_price=back)
            return self._figured(goods, basis) if back else None
        if luck < _ROUNDED:
            pennies = Decimal(share % 9 - 4).scaleb(-2)
            account = self.accounts["860"]
            rounding = evolve(
                plain,
                description="Rounding adjustment",
                unit_price=pennies,
                account_id=account.id,
                account_code=account.code,
                tax_code="NONE",
                tracking=(),
            )
            return self._figured(rounding, basis) if sum_ > 1 and pennies else None
        return self._figured(evolve(plain, description="Free sample", unit_price=ZERO), basis)

    def _item(self, *, sale: bool) -> Item | None:
        rng = self.rng
        if not self._items or rng.random() >= 0.6:
            return None
        item = self._items[int(rng.random() * len(self._items))]
        return item if sale or item.purchase_price is not None else None

    def _tax_code(self, account: Account, contact: Contact | None, basis: TaxBasis, *, sale: bool) -> str:
        usual, luck = account.tax_code, self.rng.random()
        if basis == "no_tax":
            return "NONE"
        percent = self.books.tax_rates[usual].percent
        if not percent:
            return usual
        abroad = contact is not None and contact.currency != self.books.organisation.base_currency
        if not sale:
            reverse = self.country.reverse_code if abroad and percent == 20 else ""
            return reverse if reverse and luck < 0.6 else usual
        if luck < 0.1:
            lower = self.country.lower_codes
            return lower[int(luck * 10 * len(lower))]
        if self.country.regime == "sales_tax" and contact is not None:
            return "EXEMPT" if abroad else self._town_codes.get(contact.postcode) or usual
        return usual

    def _price(self, *, large: bool) -> Decimal:
        rng = self.rng
        if large:
            return Decimal(rng.randrange(10**14, 8 * 10**14)).scaleb(-2)
        if rng.random() < 0.15:
            return Decimal(rng.randrange(500, 900_000)).scaleb(-4)
        return Decimal(rng.randrange(500, 90_000)).scaleb(-2)

    def _quantity(self) -> Decimal:
        rng = self.rng
        if rng.random() < 0.15:
            return Decimal(rng.randrange(2_500, 400_000)).scaleb(-4)
        return Decimal((1 + int(rng.random() * rng.random() * 40)) * 10_000).scaleb(-4)

    def _discount(self, *, sale: bool, gross: Decimal) -> tuple[Decimal | None, Decimal | None]:
        luck = self.rng.random()
        if not sale or luck > 0.12:
            return None, None
        if luck > 0.02:
            return _DISCOUNTS[int(self.rng.random() * len(_DISCOUNTS))], None
        return None, cents(gross / 8)

    def _option(self, kind: str, percent: int) -> str | None:
        found, luck = self._options[kind], self.rng.random() * 100
        return found[int(luck / percent * len(found))] if found and luck < percent else None

    def _tracked(self, place: str | None) -> tuple[str, ...]:
        department = self._option("department", 35)
        return tuple(option for option in (department, place) if option is not None)
