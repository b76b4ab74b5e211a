"""What QuickBooks' companies buy and sell without a bill or an invoice.

Purchases are direct costs; sales receipts, refund receipts and what a deposit holds beside payments are
direct incomes. What goes the other way is negative. Source: providers §§5 nos. 42, 52, 6.5.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Final, Literal

from msgspec.structs import replace

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts
from tallystick.connectors.quickbooks import wire
from tallystick.connectors.quickbooks.documents import customer_note, issue_date
from tallystick.connectors.quickbooks.lines import LineItem, detail_of, line_items, total_tax, totals
from tallystick.connectors.quickbooks.words import (
    NO_CURRENCY,
    PRESENT,
    account_ref,
    changed,
    currency,
    entity_id,
    id_of,
    rate,
)
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
    RecordRef,
    StandardRecord,
    minus,
    negated,
    plus,
    written,
)

#: Employees and others are in no list of ours.
_PARTY: Final[dict[str, Literal["customers", "suppliers"]]] = {
    "Customer": "customers",
    "Vendor": "suppliers",
    "CUSTOMER": "customers",
    "VENDOR": "suppliers",
}
_AMOUNTS: Final = ("unitAmount", "subTotal", "taxAmount", "totalAmount")

Turn = Callable[[Decimal], Decimal]


def purchase(source: wire.Purchase, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """Money spent by cheque, cash or card; given back, where it is a credit. Raises: `RecordRejected`."""
    net, tax, total = totals(source)
    turn = _turn(back=bool(source.Credit))
    day = issue_date(source, doubts)
    money = currency(source, books)
    own_rate = rate(source, doubts)
    return [
        DirectCost(
            id=source.Id,
            reference=source.DocNumber or None,
            note=source.PrivateNote or None,
            contactRef=contact_ref(source.EntityRef),
            issueDate=day,
            currency=money or NO_CURRENCY,
            currencyRate=own_rate,
            lineItems=tuple(
                DirectCostLineItem(**_told(line, turn), tracking=_tracking(line))
                for line in line_items(source, doubts)
            ),
            paymentAllocations=_paid_at_once(
                account_ref(source.AccountRef), day, money, own_rate, turn(total)
            ),
            subTotal=turn(net),
            taxAmount=turn(tax),
            totalAmount=turn(total),
            sourceModifiedDate=changed(source, doubts),
            metadata=PRESENT,
        )
    ]


def sales_receipt(source: wire.Sale, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """A sale that was paid at once. Raises: `RecordRejected`."""
    return [_sale(source, "SalesReceipt", _turn(back=False), books, doubts)]


def refund_receipt(source: wire.Sale, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """Money given back to a customer at once. Raises: `RecordRejected`."""
    return [_sale(source, "RefundReceipt", _turn(back=True), books, doubts)]


def _sale(source: wire.Sale, entity: str, turn: Turn, books: Books, doubts: Doubts) -> DirectIncome:
    net, tax, total = totals(source)
    day = issue_date(source, doubts)
    money = currency(source, books)
    own_rate = rate(source, doubts)
    customer = id_of(source.CustomerRef)
    return DirectIncome(
        id=entity_id(entity, source.Id),
        reference=source.DocNumber or source.PaymentRefNum or None,
        note=customer_note(source),
        contactRef=ContactRef(id=customer, dataType="customers") if customer else None,
        issueDate=day,
        currency=money or NO_CURRENCY,
        currencyRate=own_rate,
        lineItems=(
            *(DirectIncomeLineItem(**_told(line, turn)) for line in line_items(source, doubts)),
            *_discounts(source, turn),
        ),
        paymentAllocations=_paid_at_once(
            account_ref(source.DepositToAccountRef), day, money, own_rate, turn(total)
        ),
        subTotal=turn(net),
        taxAmount=turn(tax),
        totalAmount=turn(total),
        sourceModifiedDate=changed(source, doubts),
        metadata=PRESENT,
    )


def _discounts(source: wire.Sale, turn: Turn) -> Iterator[DirectIncomeLineItem]:
    """What was taken off the whole of a receipt: our direct incomes have no other place for it."""
    for line in source.Line or ():
        if line.DetailType == "DiscountLineDetail" and line.Amount:
            off = turn(negated(line.Amount))
            yield DirectIncomeLineItem(
                description=line.Description or "Discount",
                unitAmount=off,
                quantity=ONE,
                subTotal=off,
                taxAmount=ZERO,
                totalAmount=off,
                accountRef=account_ref((line.DiscountLineDetail or wire.Detail()).DiscountAccountRef),
            )


def deposit(source: wire.Deposit, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """What was taken to the bank beside payments and receipts, which have records of their own.

    None where there is no such thing in it. Raises: `RecordRejected`.
    """
    own = [line for line in source.Line or () if not line.LinkedTxn]
    if source.Line and not own:
        return []
    for place, line in enumerate(source.Line or ()):
        if not line.LinkedTxn and line.Amount is None:
            doubts.warn(f"$.Line[{place}].Amount", "a line without an amount: counted as nothing")
    if not own:
        doubts.warn("$.Line", "QuickBooks does not say where the money came from")
    net = _net(source) if own else minus(source.TotalAmt or ZERO, total_tax(source))
    tax = total_tax(source)
    total = plus(net, tax)
    people = [contact_ref(_entity_of(detail_of(line))) for line in own]
    day = issue_date(source, doubts)
    money = currency(source, books)
    own_rate = rate(source, doubts)
    return [
        DirectIncome(
            id=entity_id("Deposit", source.Id),
            reference=source.DocNumber
            or next(filter(None, (detail_of(line).CheckNum for line in own)), None),
            note=source.PrivateNote or None,
            contactRef=people[0] if len(set(people)) == 1 else None,
            issueDate=day,
            currency=money or NO_CURRENCY,
            currencyRate=own_rate,
            lineItems=tuple(
                DirectIncomeLineItem(**line.told()) for line in line_items(replace(source, Line=own), doubts)
            ),
            paymentAllocations=_paid_at_once(
                account_ref(source.DepositToAccountRef), day, money, own_rate, total
            ),
            subTotal=net,
            taxAmount=tax,
            totalAmount=total,
            sourceModifiedDate=changed(source, doubts),
            metadata=PRESENT,
        )
    ]


def _net(source: wire.Deposit) -> Decimal:
    """What the lines come to that are of nothing else."""
    total = ZERO
    for line in source.Line or ():
        if not line.LinkedTxn:
            total = plus(total, line.Amount or ZERO)
    return total


def contact_ref(ref: wire.Ref | None) -> ContactRef | None:
    """Somebody on either side, or an employee, who is in no list."""
    if ref is None or not ref.value:
        return None
    return ContactRef(id=ref.value, dataType=_PARTY.get(ref.type or ""))


def _entity_of(detail: wire.Detail) -> wire.Ref | None:
    told = detail.Entity
    if not isinstance(told, dict):
        return None
    value, kind = told.get("value"), told.get("type")
    return wire.Ref(
        value=value if isinstance(value, str) else None, type=kind if isinstance(kind, str) else None
    )


def _turn(*, back: bool) -> Turn:
    return negated if back else lambda amount: amount


def _told(line: LineItem, turn: Turn) -> dict[str, Any]:
    told = line.told()
    return told | {name: turn(told[name]) for name in _AMOUNTS if told[name] is not None}


def _tracking(line: LineItem) -> DirectCostTracking | None:
    """Which customer a line is for."""
    customer = id_of(line.detail.CustomerRef)
    return DirectCostTracking(invoiceTo=RecordRef(id=customer, dataType="customers")) if customer else None


def _paid_at_once(
    account: AccountRef | None,
    day: CalendarDate,
    money: str | None,
    own_rate: Decimal | None,
    total: Decimal,
) -> tuple[PaymentAllocation, ...]:
    """The account that the money moved on; the whole is settled by it."""
    if account is None:
        return ()
    return (
        written.PaymentAllocation(
            payment=written.AllocatedPayment(
                accountRef=account, currency=money, currencyRate=own_rate, paidOnDate=day, totalAmount=total
            ),
            allocation=written.Allocation(
                allocatedOnDate=day, currency=money, currencyRate=own_rate, totalAmount=negated(total)
            ),
        ),
    )
