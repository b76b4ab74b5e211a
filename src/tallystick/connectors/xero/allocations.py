"""What is set against Xero's documents: payments, credits, and tax that is held back.

Signs are those of the head of api-contract §3: against an invoice or a bill negative, of a credit note
positive. Source: providers §§6.3, 6.5.
"""

from decimal import Decimal

from tallystick.connectors.doubts import Doubts
from tallystick.connectors.xero import wire
from tallystick.connectors.xero.words import day, rate
from tallystick.standard import (
    ZERO,
    PaymentAllocation,
    WithholdingTax,
    minus,
    negated,
    plus,
    written,
)


def of_invoice(
    source: wire.Invoice, currency: str | None, own_rate: Decimal | None, doubts: Doubts
) -> tuple[PaymentAllocation, ...]:
    """What has been paid of an invoice or bill, or credited to it, in Xero's order."""
    if not (source.Payments or source.CreditNotes or source.Prepayments or source.Overpayments):
        return ()
    found = _payments(source.Payments, currency, own_rate, doubts, against=True)
    for name, credits_ in (
        ("CreditNotes", _distinct(source)),
        ("Prepayments", source.Prepayments),
        ("Overpayments", source.Overpayments),
    ):
        for place, told in enumerate(credits_ or ()):
            path = f"$.{name}[{place}]"
            amount = told.Total if told.AppliedAmount is None else told.AppliedAmount
            if amount is None:
                doubts.warn(f"{path}.AppliedAmount", "a credit without an amount: left out")
                continue
            credit_rate = rate(told.CurrencyRate, f"{path}.CurrencyRate", doubts) or own_rate
            when = day(told.DateString, told.Date, f"{path}.Date", doubts)
            found.append(
                written.PaymentAllocation(
                    payment=written.AllocatedPayment(
                        id=told.CreditNoteID or told.PrepaymentID or told.OverpaymentID,
                        currency=currency,
                        currencyRate=credit_rate,
                        paidOnDate=when,
                        reference=told.CreditNoteNumber or None,
                        totalAmount=amount if told.Total is None else told.Total,
                    ),
                    allocation=written.Allocation(
                        allocatedOnDate=when,
                        currency=currency,
                        currencyRate=credit_rate,
                        totalAmount=negated(amount),
                    ),
                )
            )
    return tuple(found)


def of_credit_note(
    source: wire.CreditNote, currency: str | None, own_rate: Decimal | None, doubts: Doubts
) -> tuple[PaymentAllocation, ...]:
    """What a credit note was used for: the documents it was set against, then its refunds."""
    found = []
    for place, told in enumerate(source.Allocations or ()):
        path = f"$.Allocations[{place}]"
        amount = told.AppliedAmount if told.Amount is None else told.Amount
        if amount is None or told.IsDeleted:
            if not told.IsDeleted:
                doubts.warn(f"{path}.Amount", "an allocation without an amount: left out")
            continue
        when = day(told.DateString, told.Date, f"{path}.Date", doubts)
        document = told.Invoice or wire.AllocatedInvoice()
        found.append(
            written.PaymentAllocation(
                payment=written.AllocatedPayment(
                    id=document.InvoiceID,
                    currency=currency,
                    currencyRate=own_rate,
                    paidOnDate=when,
                    reference=document.InvoiceNumber or None,
                    totalAmount=amount,
                ),
                allocation=written.Allocation(
                    allocatedOnDate=when,
                    currency=currency,
                    currencyRate=own_rate,
                    totalAmount=amount,
                ),
            )
        )
    return tuple(found + _payments(source.Payments, currency, own_rate, doubts, against=False))


def _payments(
    source: list[wire.AppliedPayment] | None,
    currency: str | None,
    own_rate: Decimal | None,
    doubts: Doubts,
    *,
    against: bool,
) -> list[PaymentAllocation]:
    found = []
    for place, told in enumerate(source or ()):
        path = f"$.Payments[{place}]"
        if told.Amount is None:
            doubts.warn(f"{path}.Amount", "a payment without an amount: left out")
            continue
        paid_rate = rate(told.CurrencyRate, f"{path}.CurrencyRate", doubts) or own_rate
        when = day(None, told.Date, f"{path}.Date", doubts)
        found.append(
            written.PaymentAllocation(
                payment=written.AllocatedPayment(
                    id=told.PaymentID,
                    currency=currency,
                    currencyRate=paid_rate,
                    paidOnDate=when,
                    reference=told.Reference or None,
                    totalAmount=told.Amount,
                ),
                allocation=written.Allocation(
                    allocatedOnDate=when,
                    currency=currency,
                    currencyRate=paid_rate,
                    totalAmount=negated(told.Amount) if against else told.Amount,
                ),
            )
        )
    return found


def _distinct(source: wire.Invoice) -> list[wire.AppliedCredit]:
    """The credit notes, once each where only that agrees with `AmountCredited`.

    Xero has been seen to name one credit note twice on an invoice that it credits once.
    """
    told = source.CreditNotes or []
    if len(told) < 2 or source.AmountCredited is None:
        return told
    once = list({(c.CreditNoteID, c.AppliedAmount, c.Total): c for c in told}.values())
    others = [*(source.Prepayments or ()), *(source.Overpayments or ())]
    if len(once) == len(told) or _sum(told + others) == source.AmountCredited:
        return told
    return once if _sum(once + others) == source.AmountCredited else told


def _sum(credits_: list[wire.AppliedCredit]) -> Decimal:
    total = ZERO
    for told in credits_:
        total = plus(total, (told.Total if told.AppliedAmount is None else told.AppliedAmount) or ZERO)
    return total


def remaining_credit(
    source: wire.CreditNote, total: Decimal, allocations: tuple[PaymentAllocation, ...]
) -> Decimal:
    """What is left of a credit note; worked out where Xero does not say, as old books do not."""
    if source.RemainingCredit is not None:
        return source.RemainingCredit
    if source.Status in ("PAID", "VOIDED", "DELETED"):
        return ZERO
    left = total
    for used in allocations:
        left = minus(left, used.allocation.totalAmount or ZERO)
    return left


def withheld(source: wire.Invoice | wire.CreditNote) -> tuple[WithholdingTax, ...]:
    """What is held back under the United Kingdom's Construction Industry Scheme."""
    if not source.CISDeduction:
        return ()
    return (written.WithholdingTax(name="CIS deduction", amount=source.CISDeduction),)
