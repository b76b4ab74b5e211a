"""Exact decimals."""

from decimal import Decimal, getcontext, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.standard import ONE, ZERO, finite, inverse, minus, negated, plus

AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=4)


@given(AMOUNTS, AMOUNTS)
def test_sums_and_differences_are_exact_in_any_context(a: Decimal, b: Decimal) -> None:
    with localcontext() as context:
        context.prec = 3
        total, rest = plus(a, b), minus(a, b)
    assert getcontext().prec > 20
    assert total == a + b
    assert rest == a - b


def test_what_cannot_be_added_exactly_is_refused() -> None:
    with pytest.raises(ArithmeticError):
        plus(Decimal("1e400"), Decimal("0.01"))


@given(AMOUNTS)
def test_the_other_way_keeps_every_digit(amount: Decimal) -> None:
    with localcontext() as context:
        context.prec = 3
        turned = negated(amount)
    assert turned == -amount
    assert turned.as_tuple().exponent == amount.as_tuple().exponent
    assert negated(turned) == amount


def test_nothing_has_no_sign() -> None:
    assert str(negated(Decimal("0.00"))) == "0.00"
    assert str(negated(Decimal("-0.00"))) == "0.00"


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        ("1.000000", "1"),
        ("0.5", "2"),
        ("0.1", "10"),
        ("0.000001", "1000000"),
        ("8", "0.125"),
        ("0.606060", "1.65000165000165"),
    ],
)
def test_a_rate_is_turned_round_to_fifteen_digits(rate: str, expected: str) -> None:
    assert str(inverse(Decimal(rate))) == expected


@given(st.decimals(min_value="0.000001", max_value="99999.999999", places=6))
def test_a_turned_rate_still_tells_the_one_it_came_of(rate: Decimal) -> None:
    found = inverse(rate)
    assert found is not None
    assert (ONE / found).quantize(rate) == rate


@pytest.mark.parametrize("rate", ["0", "-1.5", "0.000"])
def test_a_rate_that_is_not_above_zero_has_no_inverse(rate: str) -> None:
    assert inverse(Decimal(rate)) is None


@pytest.mark.parametrize("number", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_what_json_cannot_say_is_refused(number: str) -> None:
    with pytest.raises(ValueError, match="finite"):
        finite(Decimal(number))


def test_a_finite_number_is_let_through() -> None:
    assert finite(ZERO) is ZERO
