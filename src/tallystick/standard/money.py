"""Money and rates: exact decimals, from the provider's bytes to ours.

Decimals are never made from a float; a provider's literal keeps its digits and its scale. Sums and
differences are exact or refused, whatever decimal context the thread has.
"""

from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, Inexact, InvalidOperation, Overflow
from typing import Final

ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)

#: Far more digits than money has. What does not fit is refused (`ArithmeticError`), not rounded.
_EXACT: Final = Context(prec=100, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[Inexact, InvalidOperation, Overflow])
#: What a reader that keeps numbers in doubles still gets digit for digit.
_RATE: Final = Context(prec=15)


def finite(number: Decimal) -> Decimal:
    """The number itself. Raises: `ValueError` for NaN and infinities, which JSON cannot say."""
    if not number.is_finite():
        raise ValueError("not a finite number")
    return number


def plus(a: Decimal, b: Decimal) -> Decimal:
    """The exact sum. Raises: `ArithmeticError` where it has over 100 digits."""
    return _EXACT.add(a, b)


def minus(a: Decimal, b: Decimal) -> Decimal:
    """The exact difference. Raises: `ArithmeticError` where it has over 100 digits."""
    return _EXACT.subtract(a, b)


def negated(amount: Decimal) -> Decimal:
    """The same amount the other way, digit for digit; nothing stays nothing, without a sign."""
    return amount.copy_negate() if amount else amount.copy_abs()


def inverse(rate: Decimal) -> Decimal | None:
    """One over an exchange rate, to 15 significant digits; None for a rate that is not above zero.

    Raises: `ArithmeticError` for a rate below 1e-99, which is none.
    """
    if rate == ONE:
        return ONE
    if not rate > ZERO:
        return None
    result = _RATE.divide(ONE, rate)
    whole = result.to_integral_value()
    return _EXACT.quantize(whole, ONE) if result == whole else result
