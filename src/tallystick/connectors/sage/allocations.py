"""What is set against Sage's documents: payments, credits, and tax that is held back.

Signs are those of the head of api-contract §3: against an invoice or a bill negative, of a credit note
positive. A discount for early payment is a part of what was set against the document.
Source: providers §§2.4, 6.3, 6.5.
"""

from collections.abc import Sequence
from decimal import Decimal

from tallystick.connectors.doubts import Doubts
from tallystick.connectors.sage import wire
from tallystick.connectors.sage.words import day, id_of
from tallystick.standard import (
    ZERO,
    PaymentAllocation,
    WithholdingTax,
    minus,
    negated,
    plus,
    written,
)


def allocations(
    told: Sequence[wire.Applied] | None,
    currency: str | None,
    own_rate: Decimal | None,
    doubts: Doubts,
    *,
    of_credit: bool,
) -> tuple[PaymentAllocation, ...]:
    """What was set against a document, or what a credit note was used for, in Sage's order.

    Sage writes some of these amounts with a minus; how far a document is settled is all they tell here.
    """
    found = []
    for place, each in enumerate(told or ()):
        path = f"$.payments_allocations[{place}]"
        if each.amount is None:
            doubts.warn(f"{path}.amount", "an allocation without an amount: left out")
            continue
        amount = plus(abs(each.amount), abs(each.discount or ZERO))
        when = day(each.date, f"{path}.date", doubts)
        found.append(
            written.PaymentAllocation(
                payment=written.AllocatedPayment(
                    id=id_of(each.contact_payment) or id_of(each.artefact) or id_of(each.contact_allocation),
                    currency=currency,
                    currencyRate=own_rate,
                    paidOnDate=when,
                    reference=each.reference or None,
                    totalAmount=amount,
                ),
                allocation=written.Allocation(
                    allocatedOnDate=when,
                    currency=currency,
                    currencyRate=own_rate,
                    totalAmount=amount if of_credit else negated(amount),
                ),
            )
        )
    return tuple(found)


def withheld(source: wire.Artefact, total: Decimal) -> tuple[WithholdingTax, ...]:
    """What is held back: income tax in Spain, and under the United Kingdom's Construction Industry Scheme."""
    found = []
    if source.withholding_tax_amount:
        found.append(written.WithholdingTax(name="Withholding tax", amount=source.withholding_tax_amount))
    if source.is_cis and source.total_after_cis_deduction is not None:
        deducted = minus(total, source.total_after_cis_deduction)
        if deducted:
            found.append(written.WithholdingTax(name="CIS deduction", amount=deducted))
    return tuple(found)
