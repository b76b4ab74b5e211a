"""QuickBooks' tax codes, which lines name, with the rates in them. Source: providers §§5 nos. 39, 46, 6.5."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from tallystick.connectors.doubts import Doubts
from tallystick.connectors.quickbooks import wire
from tallystick.connectors.quickbooks.words import PRESENT, changed, id_of
from tallystick.standard import ZERO, StandardRecord, TaxRate, TaxRateComponent, plus

_PERCENT: Final = Decimal(100)
#: What a rate is charged on: the net amount alone, the tax before it alone, or both.
_ON_AMOUNT, _ON_TAX, _ON_BOTH = "TaxOnAmount", "TaxOnTax", "TaxOnAmountPlusTax"


def tax_code(source: wire.TaxCode, rates: Sequence[wire.TaxRate], doubts: Doubts) -> list[StandardRecord]:
    """A code with the rates of its sales side, else of its purchase side: where it has both they are alike.

    A code without rates bears no tax. The rates are told apart from their codes: one that is not at hand
    leaves the code without a percentage.
    """
    details = _details(source.SalesTaxRateList) or _details(source.PurchaseTaxRateList)
    by_id = {each.Id: each for each in rates}
    values = [_value(by_id.get(id_of(detail.TaxRateRef) or "")) for detail in details]
    for place, value in enumerate(values):
        if value is None:
            doubts.warn(f"$.TaxRateDetail[{place}].TaxRateRef", "no rate of this id is told")
    known = [value for value in values if value is not None]
    complete = len(known) == len(values)
    return [
        TaxRate(
            id=source.Id,
            name=source.Name or None,
            code=source.Name or None,
            effectiveTaxRate=_effective(details, known) if complete else None,
            totalTaxRate=_total(known) if complete else None,
            components=tuple(
                TaxRateComponent(
                    name=_name(detail, by_id),
                    rate=value,
                    isCompound=detail.TaxTypeApplicable not in (None, _ON_AMOUNT),
                )
                for detail, value in zip(details, values, strict=True)
            ),
            status="Archived" if source.Active is False else "Active",
            sourceModifiedDate=changed(source, doubts),
            metadata=PRESENT,
        )
    ]


def _details(told: wire.TaxRateList | None) -> list[wire.CodeRate]:
    """The rates in the order in which they are charged."""
    return sorted((told.TaxRateDetail or []) if told is not None else [], key=lambda each: each.TaxOrder or 0)


def _value(rate: wire.TaxRate | None) -> Decimal | None:
    """Per cent; of a rate that is told by dates, the one without an end."""
    if rate is None:
        return None
    if rate.RateValue is not None:
        return rate.RateValue
    open_ones = [each for each in rate.EffectiveTaxRate or () if not each.EndDate]
    latest = max(open_ones, key=lambda each: each.EffectiveDate or "", default=None)
    return latest.RateValue if latest is not None else None


def _name(detail: wire.CodeRate, rates: Mapping[str, wire.TaxRate]) -> str | None:
    rate = rates.get(id_of(detail.TaxRateRef) or "")
    told = rate.Name if rate is not None else None
    return told or (detail.TaxRateRef.name if detail.TaxRateRef is not None else None) or None


def _total(values: Sequence[Decimal]) -> Decimal:
    total = ZERO
    for value in values:
        total = plus(total, value)
    return total


def _effective(details: Sequence[wire.CodeRate], values: Sequence[Decimal]) -> Decimal:
    """What all of them come to, those that are charged on others too."""
    sofar = ZERO
    for detail, value in zip(details, values, strict=True):
        base = {_ON_TAX: sofar, _ON_BOTH: plus(_PERCENT, sofar)}.get(detail.TaxTypeApplicable or "")
        sofar = plus(sofar, value if base is None else value * base / _PERCENT)
    return sofar
