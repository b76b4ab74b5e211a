"""What companies at Sage spend and earn without a document: other payments and other receipts.

Sage tells no currency of them: it is the bank account's, which the client adds.
Source: providers §6.5.
"""

from decimal import Decimal
from typing import Final, Literal

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts
from tallystick.connectors.sage import wire_bank
from tallystick.connectors.sage.words import (
    NO_CURRENCY,
    account_ref,
    bank_ledger_ref,
    categories,
    day_or_entered,
    id_of,
    instant,
    metadata,
    tax_rate_ref,
)
from tallystick.errors import RecordRejected
from tallystick.standard import (
    ONE,
    ZERO,
    AccountRef,
    CalendarDate,
    ContactRef,
    DirectCost,
    DirectCostLineItem,
    DirectCostTracking,
    DirectIncome,
    DirectIncomeLineItem,
    PaymentAllocation,
    StandardRecord,
    TrackingRecordRef,
    minus,
    plus,
    written,
)

TYPE: Final[dict[str, Literal["directCosts", "directIncomes"]]] = {
    "OTHER_PAYMENT": "directCosts",
    "OTHER_RECEIPT": "directIncomes",
}


def other_payment(source: wire_bank.OtherPayment, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """A direct cost or a direct income. Raises: `RecordRejected`."""
    kind = TYPE.get(id_of(source.transaction_type) or "")
    if kind is None:
        raise RecordRejected(path="$.transaction_type.id", reason="neither a payment nor a receipt")
    doubts.data_type = kind
    net, tax, total = _figures(source)
    made = day_or_entered(source.date, source.created_at, "payment", doubts)
    told = (source.currencies or {}).get(id_of(source.bank_account) or "")
    currency = told or books.base_currency or NO_CURRENCY
    bank = bank_ledger_ref(source.bank_account, books, "$.bank_account", doubts)
    # On which side it stands Sage does not say: money for a customer is an other payment like any other.
    contact = id_of(source.contact)
    changed = instant(source.updated_at, "$.updated_at", doubts)
    paid = _paid_at_once(source.id, bank, made, currency, total)
    if kind == "directCosts":
        return [
            DirectCost(
                id=source.id,
                reference=source.reference or None,
                contactRef=ContactRef(id=contact) if contact else None,
                issueDate=made,
                currency=currency,
                lineItems=tuple(
                    _cost_line(line, f"$.payment_lines[{place}]", doubts)
                    for place, line in enumerate(source.payment_lines or ())
                ),
                paymentAllocations=paid,
                subTotal=net,
                taxAmount=tax,
                totalAmount=total,
                sourceModifiedDate=changed,
                metadata=metadata(source.deleted_at),
            )
        ]
    return [
        DirectIncome(
            id=source.id,
            reference=source.reference or None,
            contactRef=ContactRef(id=contact) if contact else None,
            issueDate=made,
            currency=currency,
            lineItems=tuple(
                _income_line(line, f"$.payment_lines[{place}]", doubts)
                for place, line in enumerate(source.payment_lines or ())
            ),
            paymentAllocations=paid,
            subTotal=net,
            taxAmount=tax,
            totalAmount=total,
            sourceModifiedDate=changed,
            metadata=metadata(source.deleted_at),
        )
    ]


def _cost_line(source: wire_bank.OtherPaymentLine, path: str, doubts: Doubts) -> DirectCostLineItem:
    net = _net(source)
    refs = categories(source.analysis_type_categories, f"{path}.analysis_type_categories", doubts)
    counted = tuple(TrackingRecordRef(id=each.id, dataType="trackingCategories") for each in refs)
    return DirectCostLineItem(
        description=source.details or None,
        unitAmount=net,
        quantity=ONE,
        subTotal=net,
        taxAmount=source.tax_amount,
        totalAmount=source.total_amount,
        accountRef=account_ref(source.ledger_account),
        taxRateRef=tax_rate_ref(source.tax_rate),
        trackingCategoryRefs=refs,
        tracking=DirectCostTracking(recordRefs=counted) if counted else None,
    )


def _income_line(source: wire_bank.OtherPaymentLine, path: str, doubts: Doubts) -> DirectIncomeLineItem:
    net = _net(source)
    return DirectIncomeLineItem(
        description=source.details or None,
        unitAmount=net,
        quantity=ONE,
        subTotal=net,
        taxAmount=source.tax_amount,
        totalAmount=source.total_amount,
        accountRef=account_ref(source.ledger_account),
        taxRateRef=tax_rate_ref(source.tax_rate),
        trackingCategoryRefs=categories(
            source.analysis_type_categories, f"{path}.analysis_type_categories", doubts
        ),
    )


def _net(source: wire_bank.OtherPaymentLine) -> Decimal:
    if source.net_amount is not None:
        return source.net_amount
    return minus(source.total_amount or ZERO, source.tax_amount or ZERO)


def _figures(source: wire_bank.OtherPayment) -> tuple[Decimal, Decimal, Decimal]:
    """Net, tax and total; the one that is not told follows from the others. Raises: `RecordRejected`."""
    net, tax, total = source.net_amount, source.tax_amount, source.total_amount
    if total is None:
        if net is None:
            raise RecordRejected(path="$.total_amount", reason="the payment has no amount")
        total = plus(net, tax or ZERO)
    if net is None:
        net = minus(total, tax or ZERO)
    return net, minus(total, net) if tax is None else tax, total


def _paid_at_once(
    payment_id: str, bank: AccountRef | None, when: CalendarDate, currency: str, total: Decimal
) -> tuple[PaymentAllocation, ...]:
    return (
        written.PaymentAllocation(
            payment=written.AllocatedPayment(
                id=payment_id, accountRef=bank, currency=currency, paidOnDate=when, totalAmount=total
            ),
            allocation=written.Allocation(allocatedOnDate=when, currency=currency, totalAmount=total),
        ),
    )
