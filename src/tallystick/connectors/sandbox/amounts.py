"""What a line comes to: quantity, price, discount and tax in exact decimals.

The four provider sandboxes share this arithmetic; how they spell it is their own.
"""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal, NamedTuple

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
HUNDRED = Decimal(100)

#: Whether line amounts hold the tax; `no_tax` documents have none.
TaxBasis = Literal["exclusive", "inclusive", "no_tax"]


def cents(amount: Decimal) -> Decimal:
    """Rounded half up to two places, as the providers round."""
    return amount.quantize(CENT, ROUND_HALF_UP)


class LineAmounts(NamedTuple):
    """A line in its document's currency, two places each."""

    amount: Decimal  #: after the discount; holds the tax where the basis is inclusive
    tax: Decimal
    discount: Decimal  #: what the discount took off


def line_amounts(
    quantity: Decimal,
    unit_price: Decimal,
    *,
    rate: Decimal,
    basis: TaxBasis,
    discount_rate: Decimal | None = None,
    discount_amount: Decimal | None = None,
) -> LineAmounts:
    """Amounts of one line. `rate` and `discount_rate` are per cent; only one of the discounts is given."""
    gross = quantity * unit_price
    reduced = gross
    if discount_rate is not None:
        reduced = gross * (HUNDRED - discount_rate) / HUNDRED
    elif discount_amount is not None:
        reduced = gross - discount_amount
    amount = cents(reduced)
    if basis == "no_tax" or not rate:
        tax = ZERO
    elif basis == "inclusive":
        tax = amount - cents(amount * HUNDRED / (HUNDRED + rate))
    else:
        tax = cents(amount * rate / HUNDRED)
    return LineAmounts(amount, tax, cents(gross) - amount)


class Totals(NamedTuple):
    """A document's figures: `sub_total` is always net, `total` always gross."""

    sub_total: Decimal
    tax: Decimal
    total: Decimal
    discount: Decimal


def totals(lines: Iterable[LineAmounts], basis: TaxBasis) -> Totals:
    """The sum of the lines, so that sub-total + tax = total without a cent's difference."""
    amount = tax = discount = ZERO
    for line in lines:
        amount += line.amount
        tax += line.tax
        discount += line.discount
    if basis == "inclusive":
        return Totals(amount - tax, tax, amount, discount)
    return Totals(amount, tax, amount + tax, discount)
