"""Sums that are not equal to the last digit: whether rounding explains it, and what is told if not.

Amounts are rounded to their currency's unit, so a sum of n of them may be off by half a unit for each, and by
half a unit itself; a unit price is rounded to its own last digit.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from tallystick.standard.money import ZERO
from tallystick.standard.rules.currencies import unit_of
from tallystick.standard.rules.rule import Findings, Rule

_HALF: Final = Decimal("0.5")
_HUNDRED: Final = Decimal(100)
#: An exponent from which on a number is not written out: a text of it could be as long as the exponent says.
_PLAIN: Final = 30


def are_near(a: Decimal, b: Decimal, *, currency: str | None, of: int = 1) -> bool:
    """Whether two amounts of a currency may be the same before rounding; `of`: how many were added up."""
    return abs(a - b) <= unit_of(currency) * (of + 1) * _HALF


def told(off: Decimal) -> str:
    """By how much two figures differ, in words."""
    size = abs(off).normalize()
    exponent = size.as_tuple().exponent
    plain = isinstance(exponent, int) and abs(exponent) < _PLAIN
    return f"they differ by {size:f}" if plain else f"they differ by {size}"


def look_at_total(record: Any, tax_name: str, rule: Rule, findings: Findings) -> None:
    """`subTotal` and tax against `totalAmount`. Tax that the total does not hold may stand beside it."""
    net, total = record.subTotal, record.totalAmount
    if net is None or total is None:
        return
    tax = getattr(record, tax_name) or ZERO
    beside = getattr(record, "additionalTaxAmount", None) or ZERO
    off = net + tax - total
    if not any(are_near(net + each, total, currency=record.currency) for each in (tax, tax + beside)):
        findings.add(rule, "$.totalAmount", f"subTotal and {tax_name} are not totalAmount: {told(off)}")


def look_at_net(record: Any, rule: Rule, findings: Findings) -> None:
    """The lines against `subTotal`, or against `totalAmount` where only their totals are told."""
    lines = record.lineItems
    for name in ("subTotal", "totalAmount"):
        whole = getattr(record, name)
        parts = [getattr(line, name) for line in lines]
        if not parts or whole is None or None in parts:
            continue
        off = _sum(parts) - whole
        given = getattr(record, "totalDiscount", None) or ZERO
        if any(are_near(off, each, currency=record.currency, of=len(parts)) for each in (ZERO, given)):
            return
        findings.add(rule, f"$.{name}", f"the lines' {name} do not come to {name}: {told(off)}")
        return


def look_at_tax(record: Any, tax_name: str, rule: Rule, findings: Findings) -> None:
    """The lines' tax against the document's; tax may be told of the whole document only."""
    parts = [line.taxAmount for line in record.lineItems]
    tax = getattr(record, tax_name)
    if not parts or tax is None or None in parts:
        return
    off = _sum(parts) - tax
    if not are_near(off, ZERO, currency=record.currency, of=len(parts)):
        findings.add(rule, f"$.{tax_name}", f"the lines' taxAmount do not come to {tax_name}: {told(off)}")


def look_at_left(record: Any, name: str, sign: int, rule: Rule, findings: Findings) -> None:
    """What is due, or left of a credit. Where nothing that was set against it is told, only its size."""
    left, total = getattr(record, name), record.totalAmount
    if left is None or total is None:
        return
    parts = [each.allocation.totalAmount for each in record.paymentAllocations]
    currencies = {each.allocation.currency for each in record.paymentAllocations} - {None, record.currency}
    held = _sum(each.amount for each in record.withholdingTax)
    if parts and None not in parts and not currencies:
        expected = total - sign * _sum(parts)
        off = left - expected
        if any(are_near(off, each, currency=record.currency, of=len(parts)) for each in (ZERO, -held)):
            return
        findings.add(
            rule, f"$.{name}", f"{name} is not totalAmount less paymentAllocations: {told(left - expected)}"
        )
    elif abs(left) > abs(total) + abs(held):
        findings.add(rule, f"$.{name}", f"{name} is more than totalAmount: {told(left - total)}")


def look_at_lines(record: Any, rule: Rule, findings: Findings) -> None:
    """Each line's amount against its quantity, unit amount and discount; the first that is off is told."""
    for place, line in enumerate(record.lineItems):
        off = _off(line, record.currency)
        if off is not None:
            message = f"quantity times unitAmount, less any discount, is not the line's amount: {told(off)}"
            findings.add(rule, f"$.lineItems[{place}]", message)
            return


def _off(line: Any, currency: str | None) -> Decimal | None:
    """By how much a line is off; None where it is well, or cannot be judged.

    The unit amount holds tax where the document's lines do, and a discount may be told as an amount, as a
    share, or as both.
    """
    quantity, unit = line.quantity, line.unitAmount
    if quantity is None or unit is None:
        return None
    before = quantity * unit
    share = getattr(line, "discountPercentage", None) or ZERO
    given = getattr(line, "discountAmount", None) or ZERO
    possible = (before, before - given, before - before * share / _HUNDRED)
    amounts = [each for each in (line.subTotal, line.totalAmount) if each is not None]
    # A price may have been rounded to its last digit, and never to more than the currency's smallest coin.
    exponent = min(int(unit_of(currency).as_tuple().exponent), int(unit.as_tuple().exponent))
    last_digit = Decimal((0, (1,), exponent))
    allowed = unit_of(currency) + abs(quantity) * last_digit * _HALF
    offs = [abs(amount - each) for amount in amounts for each in possible]
    return min(offs) if offs and min(offs) > allowed else None


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, start=ZERO)
