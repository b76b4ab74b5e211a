"""Each line's part of a document's tax: QuickBooks taxes documents, by rates, and not their lines.

What a rate was charged on is told: where that is what the lines of one tax code come to, the tax is theirs.
Where there is a doubt, nothing is told of the line. Source: providers §§5 nos. 45-46, 6.3.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final

from tallystick.connectors.quickbooks import wire
from tallystick.standard import ZERO, minus, plus

#: What American lines say instead of a tax code: that they are taxed, or that they are not.
TAXED: Final = "TAX"
UNTAXED: Final = "NON"
_PERCENT: Final = Decimal(100)
_WIDE: Final = Context(prec=100)


def line_taxes(
    taxes: wire.Taxes | None, tax: Decimal, lines: Sequence[tuple[wire.TxnLine, wire.Detail]]
) -> list[Decimal | None]:
    """The tax of each line, where there is no doubt. `tax`: what the document bears."""
    parts = (taxes.TaxLine or []) if taxes is not None else []
    if not tax and not any(each.Amount for each in parts):
        return [ZERO] * len(lines)
    found: list[Decimal | None] = [ZERO] * len(lines)
    groups: dict[str, list[int]] = {}
    for place, (_, detail) in enumerate(lines):
        code = detail.TaxCodeRef.value if detail.TaxCodeRef is not None else None
        if code and code != UNTAXED:
            groups.setdefault(code, []).append(place)
    if not groups:
        return [tax] if len(lines) == 1 else [None] * len(lines)
    sums = [_charged(parts, _net(lines, places)) for places in groups.values()]
    if len(groups) == 1:
        sums = [(tax, sums[0][1] if sums[0] is not None else None)]
    if any(each is None for each in sums) or _sum([each[0] for each in sums if each is not None]) != tax:
        sums = [None] * len(groups)
    for places, told in zip(groups.values(), sums, strict=True):
        nets = [lines[place][0].Amount or ZERO for place in places]
        shares = [None] * len(places) if told is None else _shares(nets, *told)
        for place, share in zip(places, shares, strict=True):
            found[place] = share
    return found


def _net(lines: Sequence[tuple[wire.TxnLine, wire.Detail]], places: list[int]) -> Decimal:
    return _sum([lines[place][0].Amount or ZERO for place in places])


def _charged(parts: Sequence[wire.TaxPart], net: Decimal) -> tuple[Decimal, Decimal | None] | None:
    """Tax and per cent of what was charged on so much; None where nothing was."""
    ours = [
        each
        for each in parts
        if each.TaxLineDetail is not None and each.TaxLineDetail.NetAmountTaxable == net
    ]
    if not ours:
        return None
    percents = [each.TaxLineDetail.TaxPercent for each in ours if each.TaxLineDetail is not None]
    known = [each for each in percents if each is not None]
    percent = _sum(known) if len(known) == len(ours) else None
    return _sum([each.Amount or ZERO for each in ours]), percent


def _shares(nets: list[Decimal], tax: Decimal, percent: Decimal | None) -> list[Decimal | None]:
    """Of each line by the rate; in proportion where that does not come to the tax, rounded to its places."""
    if len(nets) == 1:
        return [tax]
    whole = _sum(nets)
    if not whole:
        return [None if tax else ZERO] * len(nets)
    if percent is not None:
        found = [_rounded(net * percent / _PERCENT, tax) for net in nets]
        if _sum(found) == tax:
            return [*found]
    before, so_far, shares = ZERO, ZERO, list[Decimal | None]()
    for net in nets:
        so_far = plus(so_far, net)
        upto = tax if so_far == whole else _rounded(tax * so_far / whole, tax)
        shares.append(minus(upto, before))
        before = upto
    return shares


def _rounded(amount: Decimal, like: Decimal) -> Decimal:
    """To the places of another amount, two at least."""
    exponent = like.as_tuple().exponent
    places = min(exponent, -2) if isinstance(exponent, int) else -2
    return amount.quantize(Decimal(1).scaleb(places), ROUND_HALF_UP, _WIDE)


def _sum(amounts: list[Decimal]) -> Decimal:
    total = ZERO
    for amount in amounts:
        total = plus(total, amount)
    return total
