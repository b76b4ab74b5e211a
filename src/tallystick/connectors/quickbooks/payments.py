"""QuickBooks' payments: what came from customers and went to vendors, and what each part is for.

A line that settles an invoice counts for the payment, one that uses up a credit counts against it: a payment
of nothing that sets a credit memo against an invoice has two lines that cancel out.
Source: providers §§5 no. 43, 6.4; signs: the head of api-contract §3.
"""

from decimal import Decimal
from typing import Final

from attrs import frozen

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts
from tallystick.connectors.quickbooks import wire
from tallystick.connectors.quickbooks.documents import issue_date
from tallystick.connectors.quickbooks.words import (
    PRESENT,
    account_ref,
    changed,
    currency,
    customer_ref,
    rate,
    supplier_ref,
)
from tallystick.errors import RecordRejected
from tallystick.standard import (
    ZERO,
    BillPaymentLinkType,
    PaymentLinkType,
    PaymentMethodRef,
    StandardRecord,
    minus,
    negated,
    plus,
    written,
)


@frozen
class _Kind:
    """What a part of a payment is for, and whether it uses up a credit instead of settling a debt."""

    link: PaymentLinkType
    is_credit: bool = False


@frozen
class _BillKind:
    """The same on the vendors' side."""

    link: BillPaymentLinkType
    is_credit: bool = False


RECEIVED: Final = {
    "Invoice": _Kind("Invoice"),
    "CreditMemo": _Kind("CreditNote", is_credit=True),
    "JournalEntry": _Kind("ManualJournal"),
    "Deposit": _Kind("Payment", is_credit=True),
    "Payment": _Kind("Payment", is_credit=True),
    # Money that was given back to the customer, out of a credit.
    "Check": _Kind("Refund"),
    "Expense": _Kind("Refund"),
    "RefundReceipt": _Kind("Refund"),
    "ReimburseCharge": _Kind("Other"),
    "Charge": _Kind("Other"),
    "StatementCharge": _Kind("Other"),
    "SalesReceipt": _Kind("Other"),
}
SPENT: Final = {
    "Bill": _BillKind("Bill"),
    "VendorCredit": _BillKind("CreditNote", is_credit=True),
    "CreditCardCredit": _BillKind("CreditNote", is_credit=True),
    "JournalEntry": _BillKind("ManualJournal"),
    "Deposit": _BillKind("Refund"),  # money that the vendor gave back, out of a credit
    # Money that the vendor had before there was a bill.
    "Check": _BillKind("PaymentOnAccount", is_credit=True),
    "Expense": _BillKind("PaymentOnAccount", is_credit=True),
    "Purchase": _BillKind("PaymentOnAccount", is_credit=True),
    "BillPayment": _BillKind("BillPayment", is_credit=True),
    "BillPaymentCheck": _BillKind("BillPayment", is_credit=True),
    "BillPaymentCreditCard": _BillKind("BillPayment", is_credit=True),
}
_METHOD_REF: Final = written.struct_of(PaymentMethodRef)
#: A journal's line may be a debt or a credit: QuickBooks does not say which, but the sum may.
_EITHER: Final = "JournalEntry"


@frozen
class _Part:
    """A line, with its sign."""

    amount: Decimal
    links: tuple[tuple[str, str], ...]  #: type and id of what it is for
    kind: str


def payment(source: wire.Payment, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """Money from a customer. Raises: `RecordRejected`."""
    total = _total(source)
    paid = issue_date(source, doubts)
    kinds = {name: kind.is_credit for name, kind in RECEIVED.items()}
    lines = [
        written.PaymentLine(
            amount=part.amount,
            allocatedOnDate=paid,
            links=tuple(
                written.PaymentLineLink(
                    type=RECEIVED[kind].link if kind in RECEIVED else "Unknown",
                    id=id_,
                    amount=negated(part.amount) if len(part.links) == 1 else None,
                )
                for kind, id_ in part.links
            ),
        )
        for part in _parts(source, total, source.UnappliedAmt, kinds, doubts)
    ]
    rest = _rest(source, total, source.UnappliedAmt)
    if rest:
        on_account = written.PaymentLineLink(type="PaymentOnAccount", amount=negated(rest))
        lines.append(written.PaymentLine(amount=rest, allocatedOnDate=paid, links=(on_account,)))
    method = source.PaymentMethodRef
    return [
        written.Payment(
            id=source.Id,
            customerRef=customer_ref(source.CustomerRef),
            accountRef=account_ref(source.DepositToAccountRef),
            paymentMethodRef=_METHOD_REF(id=method.value, name=method.name or None)
            if method is not None and method.value
            else None,
            totalAmount=total,
            currency=currency(source, books),
            currencyRate=rate(source, doubts),
            date=paid,
            note=source.PrivateNote or None,
            lines=tuple(lines),
            reference=source.PaymentRefNum or source.DocNumber or None,
            sourceModifiedDate=changed(source, doubts),
            metadata=PRESENT,
        )
    ]


def bill_payment(source: wire.BillPayment, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """Money to a vendor. Raises: `RecordRejected`."""
    total = _total(source)
    paid = issue_date(source, doubts)
    kinds = {name: kind.is_credit for name, kind in SPENT.items()}
    parts = _parts(source, total, None, kinds, doubts)
    rest = minus(total, _sum(parts))
    if rest < 0:
        doubts.warn("$.TotalAmt", "the lines come to more than the payment")
    lines = [
        written.BillPaymentLine(
            amount=part.amount,
            allocatedOnDate=paid,
            links=tuple(
                written.BillPaymentLineLink(
                    type=SPENT[kind].link if kind in SPENT else "Unknown",
                    id=id_,
                    amount=negated(part.amount) if len(part.links) == 1 else None,
                )
                for kind, id_ in part.links
            ),
        )
        for part in parts
    ]
    if rest > 0:  # what is for nothing in particular yet is not told: it is what the lines do not come to
        on_account = written.BillPaymentLineLink(type="PaymentOnAccount", amount=negated(rest))
        lines.append(written.BillPaymentLine(amount=rest, allocatedOnDate=paid, links=(on_account,)))
    return [
        written.BillPayment(
            id=source.Id,
            supplierRef=supplier_ref(source.VendorRef),
            accountRef=account_ref(paid_from(source)),
            totalAmount=total,
            currency=currency(source, books),
            currencyRate=rate(source, doubts),
            date=paid,
            note=source.PrivateNote or None,
            lines=tuple(lines),
            reference=source.DocNumber or None,
            sourceModifiedDate=changed(source, doubts),
            metadata=PRESENT,
        )
    ]


def paid_from(source: wire.BillPayment) -> wire.Ref | None:
    """The bank account or the card."""
    if source.CheckPayment is not None and source.CheckPayment.BankAccountRef is not None:
        return source.CheckPayment.BankAccountRef
    return source.CreditCardPayment.CCAccountRef if source.CreditCardPayment is not None else None


def _total(source: wire.Payment | wire.BillPayment) -> Decimal:
    if source.TotalAmt is None:
        raise RecordRejected(path="$.TotalAmt", reason="the payment has no amount")
    return source.TotalAmt


def _rest(source: wire.Payment, total: Decimal, unapplied: Decimal | None) -> Decimal:
    """What is for nothing in particular yet."""
    if unapplied is not None:
        return unapplied
    return ZERO if source.Line else total


def _parts(
    source: wire.Payment | wire.BillPayment,
    total: Decimal,
    unapplied: Decimal | None,
    kinds: dict[str, bool],
    doubts: Doubts,
) -> list[_Part]:
    """The lines with their signs; those of journals with the sign by which all of them come to the total."""
    parts = []
    for place, line in enumerate(source.Line or ()):
        path = f"$.Line[{place}]"
        if line.Amount is None:
            doubts.warn(f"{path}.Amount", "a line without an amount: left out")
            continue
        links = tuple((each.TxnType or "", each.TxnId or "") for each in line.LinkedTxn or ())
        kind = links[0][0] if links else ""
        if links and kind not in kinds:
            doubts.warn(f"{path}.LinkedTxn[0].TxnType", "no word that this mapping knows")
        if len(links) > 1:
            doubts.warn(f"{path}.LinkedTxn", "one amount for several: how much is for each is not told")
        amount = negated(line.Amount) if kinds.get(kind, False) else line.Amount
        parts.append(_Part(amount, links, kind))
    return _balanced(parts, minus(total, unapplied or ZERO))


def _balanced(parts: list[_Part], wanted: Decimal) -> list[_Part]:
    turned = [
        _Part(negated(part.amount), part.links, part.kind) if part.kind == _EITHER else part for part in parts
    ]
    return turned if _sum(parts) != wanted == _sum(turned) else parts


def _sum(parts: list[_Part]) -> Decimal:
    total = ZERO
    for part in parts:
        total = plus(total, part.amount)
    return total
