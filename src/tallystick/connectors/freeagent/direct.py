"""What companies at FreeAgent spend and earn without a document. Source: providers §§2.5, 6.5."""

from decimal import Decimal

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts
from tallystick.connectors.freeagent import wire_bank
from tallystick.connectors.freeagent.lines import stock_ref
from tallystick.connectors.freeagent.payments import AT, bank_ref, currency_of, reference_of
from tallystick.connectors.freeagent.words import (
    NO_CURRENCY,
    PRESENT,
    category_ref,
    day_or_entered,
    instant,
    own_id,
    project_refs,
    tax_of,
    tax_rate_ref,
)
from tallystick.standard import (
    ONE,
    AccountRef,
    CalendarDate,
    DirectCost,
    DirectCostLineItem,
    DirectCostTracking,
    DirectIncome,
    DirectIncomeLineItem,
    PaymentAllocation,
    TrackingRecordRef,
    minus,
    negated,
    written,
)


def direct_cost(
    source: wire_bank.Explanation,
    accounts: wire_bank.Accounts,
    told: Decimal,
    books: Books,
    doubts: Doubts,
) -> DirectCost:
    """Money spent at once: positive here, and negative where it came back."""
    total = negated(told)
    net, tax = _parts(source, total)
    made = day_or_entered(source.dated_on, source.created_at, AT, "payment", doubts)
    currency = currency_of(accounts.own, books) or NO_CURRENCY
    id_ = own_id(source.url, f"{AT}.url")
    refs = project_refs(source.project)
    counted = tuple(TrackingRecordRef(id=each.id, dataType="trackingCategories") for each in refs)
    return DirectCost(
        id=id_,
        reference=reference_of(source),
        note=source.description or None,
        issueDate=made,
        currency=currency,
        lineItems=(
            DirectCostLineItem(
                description=source.description or None,
                unitAmount=net,
                quantity=ONE,
                subTotal=net,
                taxAmount=tax,
                totalAmount=total,
                accountRef=category_ref(source.category),
                taxRateRef=tax_rate_ref(source.sales_tax_rate, source.sales_tax_status),
                itemRef=stock_ref(source.stock_item, None),
                trackingCategoryRefs=refs,
                tracking=DirectCostTracking(recordRefs=counted) if counted else None,
            ),
        ),
        paymentAllocations=_paid_at_once(id_, bank_ref(accounts.own), made, currency, total),
        subTotal=net,
        taxAmount=tax,
        totalAmount=total,
        sourceModifiedDate=instant(source.updated_at, f"{AT}.updated_at", doubts),
        metadata=PRESENT,
    )


def direct_income(
    source: wire_bank.Explanation,
    accounts: wire_bank.Accounts,
    total: Decimal,
    books: Books,
    doubts: Doubts,
) -> DirectIncome:
    """Money earned at once; negative where it was given back."""
    net, tax = _parts(source, total)
    made = day_or_entered(source.dated_on, source.created_at, AT, "receipt", doubts)
    currency = currency_of(accounts.own, books) or NO_CURRENCY
    id_ = own_id(source.url, f"{AT}.url")
    return DirectIncome(
        id=id_,
        reference=reference_of(source),
        note=source.description or None,
        issueDate=made,
        currency=currency,
        lineItems=(
            DirectIncomeLineItem(
                description=source.description or None,
                unitAmount=net,
                quantity=ONE,
                subTotal=net,
                taxAmount=tax,
                totalAmount=total,
                accountRef=category_ref(source.category),
                taxRateRef=tax_rate_ref(source.sales_tax_rate, source.sales_tax_status),
                itemRef=stock_ref(source.stock_item, None),
                trackingCategoryRefs=project_refs(source.project),
            ),
        ),
        paymentAllocations=_paid_at_once(id_, bank_ref(accounts.own), made, currency, total),
        subTotal=net,
        taxAmount=tax,
        totalAmount=total,
        sourceModifiedDate=instant(source.updated_at, f"{AT}.updated_at", doubts),
        metadata=PRESENT,
    )


def _parts(source: wire_bank.Explanation, total: Decimal) -> tuple[Decimal, Decimal]:
    """Net and tax of an amount that holds its tax."""
    tax = tax_of(source.sales_tax_value, source.second_sales_tax_value, total)
    return minus(total, tax), tax


def _paid_at_once(
    id_: str, bank: AccountRef | None, when: CalendarDate, currency: str, total: Decimal
) -> tuple[PaymentAllocation, ...]:
    return (
        written.PaymentAllocation(
            payment=written.AllocatedPayment(
                id=id_, accountRef=bank, currency=currency, paidOnDate=when, totalAmount=total
            ),
            allocation=written.Allocation(
                allocatedOnDate=when, currency=currency, totalAmount=negated(total)
            ),
        ),
    )
