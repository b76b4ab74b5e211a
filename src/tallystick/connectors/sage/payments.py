"""Sage's payments from and to contacts, and its allocations, which move no money.

A payment is set against any number of documents, net of credit notes that it uses up; what is left of it
stands on account. An allocation sets credit notes and payments on account against documents: it is a payment
of nothing whose links cancel each other out. A refund is negative and its links positive.
Source: providers §6.4; signs: the head of api-contract §3.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final, TypeVar

from attrs import frozen

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts
from tallystick.connectors.sage import wire
from tallystick.connectors.sage.words import (
    bank_ledger_ref,
    customer_ref,
    day_or_entered,
    id_of,
    instant,
    list_of,
    metadata,
    rate,
    supplier_ref,
)
from tallystick.errors import RecordRejected
from tallystick.standard import (
    ZERO,
    BillPayment,
    BillPaymentLine,
    BillPaymentLineLink,
    BillPaymentLinkType,
    Payment,
    PaymentLine,
    PaymentLineLink,
    PaymentLinkType,
    PaymentMethodRef,
    StandardRecord,
    minus,
    negated,
    plus,
    written,
)

K = TypeVar("K", PaymentLineLink, BillPaymentLineLink)


@frozen
class Kind:
    """What one of Sage's transaction types is."""

    supplier: bool
    refund: bool = False


PAYMENT: Final[Mapping[str, Kind]] = {
    "CUSTOMER_RECEIPT": Kind(supplier=False),
    "CUSTOMER_REFUND": Kind(supplier=False, refund=True),
    "VENDOR_PAYMENT": Kind(supplier=True),
    "VENDOR_REFUND": Kind(supplier=True, refund=True),
}
ALLOCATION: Final[Mapping[str, Kind]] = {
    "CUSTOMER_ALLOCATION": Kind(supplier=False),
    "VENDOR_ALLOCATION": Kind(supplier=True),
}
#: What a link leads to, by the list that its path is of.
LINK: Final[Mapping[str, PaymentLinkType]] = {
    "sales_invoices": "Invoice",
    "sales_corrective_invoices": "Invoice",
    "sales_quick_entries": "Invoice",
    "sales_credit_notes": "CreditNote",
    "contact_payments": "PaymentOnAccount",
    "payments_on_account": "PaymentOnAccount",
    "journals": "ManualJournal",
    "contact_opening_balances": "Other",
}
BILL_LINK: Final[Mapping[str, BillPaymentLinkType]] = {
    "purchase_invoices": "Bill",
    "purchase_corrective_invoices": "Bill",
    "purchase_quick_entries": "Bill",
    "purchase_credit_notes": "CreditNote",
    "contact_payments": "PaymentOnAccount",
    "payments_on_account": "PaymentOnAccount",
    "journals": "ManualJournal",
    "contact_opening_balances": "Other",
}
_CREDIT_NOTES: Final = frozenset({"sales_credit_notes", "purchase_credit_notes"})
#: Lists whose records are used up by an allocation, rather than settled by it.
_USED_UP: Final = _CREDIT_NOTES | {"contact_payments", "payments_on_account"}


def contact_payment(source: wire.ContactPayment, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """A payment or a bill payment. Raises: `RecordRejected`."""
    kind = PAYMENT.get(id_of(source.transaction_type) or "")
    if kind is None:
        raise RecordRejected(path="$.transaction_type.id", reason="neither from a customer nor to a supplier")
    doubts.data_type = "billPayments" if kind.supplier else "payments"
    if source.total_amount is None:
        raise RecordRejected(path="$.total_amount", reason="the payment has no amount")
    if kind.supplier:
        return [_spent(source, kind, source.total_amount, books, doubts)]
    return [_received(source, kind, source.total_amount, books, doubts)]


def contact_allocation(source: wire.ContactAllocation, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """An allocation, as a payment of nothing. Raises: `RecordRejected`."""
    told = id_of(source.transaction_type) or ""
    kind = ALLOCATION.get(told)
    if kind is None:
        raise RecordRejected(path="$.transaction_type.id", reason="neither a customer's nor a supplier's")
    doubts.data_type = "billPayments" if kind.supplier else "payments"
    made = day_or_entered(source.date, source.created_at, "allocation", doubts)
    changed = instant(source.updated_at, "$.updated_at", doubts)
    if kind.supplier:
        bill_links = _used(written.BillPaymentLineLink, BILL_LINK, source.allocated_artefacts, doubts)
        return [
            written.BillPayment(
                id=source.id,
                supplierRef=supplier_ref(source.contact),
                totalAmount=ZERO,
                currency=books.base_currency,
                date=made,
                lines=(written.BillPaymentLine(amount=ZERO, allocatedOnDate=made, links=bill_links),),
                sourceModifiedDate=changed,
                metadata=metadata(source.deleted_at),
            )
        ]
    links = _used(written.PaymentLineLink, LINK, source.allocated_artefacts, doubts)
    return [
        written.Payment(
            id=source.id,
            customerRef=customer_ref(source.contact),
            totalAmount=ZERO,
            currency=books.base_currency,
            date=made,
            lines=(written.PaymentLine(amount=ZERO, allocatedOnDate=made, links=links),),
            sourceModifiedDate=changed,
            metadata=metadata(source.deleted_at),
        )
    ]


def _received(
    source: wire.ContactPayment, kind: Kind, told: Decimal, books: Books, doubts: Doubts
) -> Payment:
    amount = negated(told) if kind.refund else told
    paid = day_or_entered(source.date, source.created_at, "payment", doubts)

    def line(part: Decimal, *links: PaymentLineLink) -> PaymentLine:
        return written.PaymentLine(amount=part, allocatedOnDate=paid, links=links)

    return written.Payment(
        id=source.id,
        customerRef=customer_ref(source.contact),
        accountRef=bank_ledger_ref(source.bank_account, books, "$.bank_account", doubts),
        paymentMethodRef=_method(source.payment_method),
        totalAmount=amount,
        currency=id_of(source.currency) or books.base_currency,
        currencyRate=_rate(source, told, doubts),
        date=paid,
        lines=_lines(written.PaymentLineLink, line, LINK, source, kind, told, doubts),
        reference=source.reference or None,
        sourceModifiedDate=instant(source.updated_at, "$.updated_at", doubts),
        metadata=metadata(source.deleted_at),
    )


def _spent(
    source: wire.ContactPayment, kind: Kind, told: Decimal, books: Books, doubts: Doubts
) -> BillPayment:
    amount = negated(told) if kind.refund else told
    paid = day_or_entered(source.date, source.created_at, "payment", doubts)

    def line(part: Decimal, *links: BillPaymentLineLink) -> BillPaymentLine:
        return written.BillPaymentLine(amount=part, allocatedOnDate=paid, links=links)

    return written.BillPayment(
        id=source.id,
        supplierRef=supplier_ref(source.contact),
        accountRef=bank_ledger_ref(source.bank_account, books, "$.bank_account", doubts),
        paymentMethodRef=_method(source.payment_method),
        totalAmount=amount,
        currency=id_of(source.currency) or books.base_currency,
        currencyRate=_rate(source, told, doubts),
        date=paid,
        lines=_lines(written.BillPaymentLineLink, line, BILL_LINK, source, kind, told, doubts),
        reference=source.reference or None,
        sourceModifiedDate=instant(source.updated_at, "$.updated_at", doubts),
        metadata=metadata(source.deleted_at),
    )


N = TypeVar("N", PaymentLine, BillPaymentLine)


def _lines(
    link: type[K],
    line: Callable[..., N],
    table: Mapping[str, str],
    source: wire.ContactPayment,
    kind: Kind,
    total: Decimal,
    doubts: Doubts,
) -> tuple[N, ...]:
    """A line for each document and one for what stands on account: they add up to the payment.

    A discount settles a document without money: its link pays for it, so that the line is nothing.
    """
    found, left = [], total
    is_turned = _is_turned(source.allocated_artefacts or (), kind)
    for place, each in enumerate(source.allocated_artefacts or ()):
        path = f"$.allocated_artefacts[{place}]"
        if each.amount is None:
            doubts.warn(f"{path}.amount", "a part without an amount: left out")
            continue
        part = _part(each, each.amount, kind, is_turned=is_turned)
        left = minus(left, part)
        found.append(
            line(_signed(part, kind), _link(link, table, each, negated(_signed(part, kind)), path, doubts))
        )
        if each.discount:
            discount = _signed(abs(each.discount).copy_sign(part), kind)
            taken = link(type="Discount", amount=discount)
            found.append(line(ZERO, _link(link, table, each, negated(discount), path, doubts), taken))
    if left:
        if left < 0:
            doubts.warn("$.allocated_artefacts", "more is set against documents than was paid")
        rest = _signed(left, kind)
        # Only money that is held has an id to be used by: with one, a refund's would be the use of itself.
        held = None if kind.refund or left < 0 else source.payment_on_account
        credit = held.id if held else None
        found.append(line(rest, link(type="PaymentOnAccount", id=credit, amount=negated(rest))))
    return tuple(found)


def _is_turned(told: Sequence[wire.AllocatedArtefact], kind: Kind) -> bool:
    """Whether what a payment is for is told with a minus: a receipt's invoices, a refund's credit notes."""
    usual = [each for each in told if _is_used_up(each) is kind.refund] or told
    sum_ = ZERO
    for each in usual:
        sum_ = plus(sum_, each.amount or ZERO)
    return sum_ < 0


def _part(told: wire.AllocatedArtefact, amount: Decimal, kind: Kind, *, is_turned: bool) -> Decimal:
    """How much of a payment is for this: negative for what makes it less, as a credit note does a receipt."""
    if told.artefact is not None and list_of(told.artefact.path) in _CREDIT_NOTES:
        return abs(amount) if kind.refund else negated(abs(amount))
    return negated(amount) if is_turned else amount


def _is_used_up(told: wire.AllocatedArtefact) -> bool:
    return told.artefact is not None and list_of(told.artefact.path) in _USED_UP


def _used(
    link: type[K], table: Mapping[str, str], told: Iterable[wire.AllocatedArtefact] | None, doubts: Doubts
) -> tuple[K, ...]:
    """The links of an allocation: negative to what it settles, positive to what it uses up."""
    found, sum_ = [], ZERO
    for place, each in enumerate(told or ()):
        path = f"$.allocated_artefacts[{place}]"
        if each.amount is None:
            doubts.warn(f"{path}.amount", "a part without an amount: left out")
            continue
        amount = negated(each.amount)  # Sage: what is settled has a plus
        if _is_used_up(each):
            amount = abs(each.amount)
        sum_ = plus(sum_, amount)
        found.append(_link(link, table, each, amount, path, doubts))
    if sum_:
        doubts.warn("$.allocated_artefacts", "what is used up and what is settled do not agree")
    return tuple(found)


def _link(
    link: type[K],
    table: Mapping[str, str],
    told: wire.AllocatedArtefact,
    amount: Decimal,
    path: str,
    doubts: Doubts,
) -> K:
    artefact = told.artefact or wire.Ref()
    kind = table.get(list_of(artefact.path))
    if kind is None:
        doubts.warn(f"{path}.artefact", "leads to no kind of document that this mapping knows")
    if not artefact.id:
        return link(type="Unlinked", amount=amount)
    return link(type=kind or "Unknown", id=artefact.id, amount=amount)  # type: ignore[arg-type] # by its table


def _signed(amount: Decimal, kind: Kind) -> Decimal:
    return negated(amount) if kind.refund else amount


def _method(told: wire.Ref | None) -> PaymentMethodRef | None:
    found = id_of(told)
    return PaymentMethodRef(id=found, name=told.displayed_as or None) if told and found else None


def _rate(source: wire.ContactPayment, total: Decimal, doubts: Doubts) -> Decimal | None:
    return rate(total, source.base_currency_total_amount, source.exchange_rate, None, doubts)
