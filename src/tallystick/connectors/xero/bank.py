"""Xero's bank transactions: money that was spent or received without an invoice or a bill.

Each is a movement at the bank; what it was spent on, or came of, is a direct cost or a direct income. What
is paid on account is no cost and no income: its own lists have it (providers §5 no. 27). Source: §§2.1, 6.5.
"""

from decimal import Decimal
from typing import Any, Final

from attrs import frozen

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts
from tallystick.connectors.xero import account_transactions, wire, wire_bank
from tallystick.connectors.xero.account_transactions import Moved
from tallystick.connectors.xero.lines import fields_of_lines
from tallystick.connectors.xero.words import GONE, PRESENT, account_ref, day, instant, rate
from tallystick.errors import RecordRejected
from tallystick.standard import (
    ZERO,
    BankTransaction,
    BankTransactionType,
    CalendarDate,
    ContactRef,
    DirectCost,
    DirectCostLineItem,
    DirectIncome,
    DirectIncomeLineItem,
    PaymentAllocation,
    StandardRecord,
    minus,
    negated,
    plus,
    written,
)

_BankTransaction = written.struct_of(BankTransaction)
_ContactRef = written.struct_of(ContactRef)
_DirectCost = written.struct_of(DirectCost)
_DirectCostLine = written.struct_of(DirectCostLineItem)
_DirectIncome = written.struct_of(DirectIncome)
_DirectIncomeLine = written.struct_of(DirectIncomeLineItem)


@frozen
class _Kind:
    """What one of Xero's types of bank transaction is."""

    received: bool  #: into the account
    word: BankTransactionType
    behind: account_transactions.Behind | None  #: the data type of the record behind it


KINDS: Final = {
    "RECEIVE": _Kind(True, "Credit", "directIncomes"),
    "RECEIVE-OVERPAYMENT": _Kind(True, "Payment", "payments"),
    "RECEIVE-PREPAYMENT": _Kind(True, "Payment", "payments"),
    "RECEIVE-TRANSFER": _Kind(True, "Xfer", "transfers"),
    "SPEND": _Kind(False, "Debit", "directCosts"),
    "SPEND-OVERPAYMENT": _Kind(False, "Payment", "billPayments"),
    "SPEND-PREPAYMENT": _Kind(False, "Payment", "billPayments"),
    "SPEND-TRANSFER": _Kind(False, "Xfer", "transfers"),
}
#: Neither counts any more; only accounts' transactions have a word of their own for it.
_OVER: Final = ("DELETED", "VOIDED")


def bank_transaction(source: wire_bank.BankTransaction, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """The movement, its posting, and the direct cost or income that it is. Raises: `RecordRejected`."""
    kind = KINDS.get((source.Type or "").upper())
    if kind is None:
        raise RecordRejected(path="$.Type", reason="neither money spent nor money received")
    net, tax, total = _totals(source)
    moved = _date(source, doubts)
    amount = total if kind.received else negated(total)
    found: list[StandardRecord] = [
        _posting(source, kind, moved, amount, books, doubts),
        _BankTransaction(
            id=source.BankTransactionID,
            accountId=source.BankAccount.AccountID if source.BankAccount else None,
            clearedOnDate=moved,
            description=_description(source),
            reconciled=bool(source.IsReconciled),
            amount=amount,
            transactionType=kind.word,
            sourceModifiedDate=_changed(source, doubts),
            metadata=GONE if source.Status in _OVER else PRESENT,
        ),
    ]
    if kind.behind in ("directCosts", "directIncomes"):
        found.append(_direct(source, kind, moved, (net, tax, total), books, doubts))
    return found


def _posting(
    source: wire_bank.BankTransaction,
    kind: _Kind,
    moved: CalendarDate,
    amount: Decimal,
    books: Books,
    doubts: Doubts,
) -> StandardRecord:
    # A transfer is not named by its two movements: it names them.
    behind = None if kind.behind == "transfers" else source.OverpaymentID or source.PrepaymentID
    if kind.behind in ("directCosts", "directIncomes"):
        behind = source.BankTransactionID
    return account_transactions.posting(
        Moved(
            id=source.BankTransactionID,
            record=account_transactions.RecordRef(id=behind, dataType=kind.behind),
            account=source.BankAccount,
            date=moved,
            note=source.Reference or None,
            currency=source.CurrencyCode or books.base_currency,
            rate=rate(source.CurrencyRate, "$.CurrencyRate", doubts),
            amount=amount,
            reconciled=source.IsReconciled,
            void=source.Status in _OVER,
            gone=source.Status == "DELETED",
            changed=_changed(source, doubts),
        )
    )


def _direct(
    source: wire_bank.BankTransaction,
    kind: _Kind,
    moved: CalendarDate,
    totals: tuple[Decimal, Decimal, Decimal],
    books: Books,
    doubts: Doubts,
) -> StandardRecord:
    net, tax, total = totals
    currency = source.CurrencyCode or books.base_currency or "XXX"
    own_rate = rate(source.CurrencyRate, "$.CurrencyRate", Doubts([]))
    shared: dict[str, Any] = {
        "id": source.BankTransactionID,
        "reference": source.Reference or None,
        "contactRef": _contact_ref(source.Contact),
        "issueDate": moved,
        "currency": currency,
        "currencyRate": own_rate,
        "paymentAllocations": _paid(source, moved, total, currency, own_rate, books, doubts),
        "subTotal": net,
        "taxAmount": tax,
        "totalAmount": total,
        "sourceModifiedDate": _changed(source, doubts),
        "metadata": GONE if source.Status in _OVER else PRESENT,
    }
    lines = fields_of_lines(source, books, doubts)
    if kind.received:
        return _DirectIncome(lineItems=tuple(_DirectIncomeLine(**line) for line in lines), **shared)
    return _DirectCost(lineItems=tuple(_DirectCostLine(**line) for line in lines), **shared)


def _paid(
    source: wire_bank.BankTransaction,
    moved: CalendarDate,
    total: Decimal,
    currency: str,
    own_rate: Decimal | None,
    books: Books,
    doubts: Doubts,
) -> tuple[PaymentAllocation, ...]:
    """It was paid at once, and whole, from or to the account at the bank."""
    account = source.BankAccount or wire.PaymentAccount()
    return (
        written.PaymentAllocation(
            payment=written.AllocatedPayment(
                id=source.BankTransactionID,
                accountRef=account_ref(account.AccountID, account.Code, books, "$.BankAccount.Code", doubts),
                currency=currency,
                currencyRate=own_rate,
                paidOnDate=moved,
                reference=source.Reference or None,
                totalAmount=total,
            ),
            allocation=written.Allocation(
                allocatedOnDate=moved, currency=currency, currencyRate=own_rate, totalAmount=negated(total)
            ),
        ),
    )


def _contact_ref(party: wire.Party | None) -> ContactRef | None:
    """Without its data type: spending money makes nobody a supplier at Xero, nor receiving it a customer."""
    return _ContactRef(id=party.ContactID) if party is not None and party.ContactID else None


def _description(source: wire_bank.BankTransaction) -> str | None:
    lines = (line.Description for line in source.LineItems or ())
    return source.Reference or next(filter(None, lines), None)


def _totals(source: wire_bank.BankTransaction) -> tuple[Decimal, Decimal, Decimal]:
    """Net, tax and total; the one that Xero left out follows from the others. Raises: `RecordRejected`."""
    net, tax, total = source.SubTotal, source.TotalTax, source.Total
    if total is None:
        if net is None:
            raise RecordRejected(path="$.Total", reason="the bank transaction has no total")
        total = plus(net, tax or ZERO)
    if net is None:
        net = minus(total, tax or ZERO)
    return net, minus(total, net) if tax is None else tax, total


def _date(source: wire_bank.BankTransaction, doubts: Doubts) -> CalendarDate:
    found = day(source.DateString, source.Date, "$.Date", doubts)
    if found is None:
        raise RecordRejected(path="$.Date", reason="the bank transaction bears no date")
    return found


def _changed(source: wire_bank.BankTransaction, doubts: Doubts) -> Any:
    return instant(source.UpdatedDateUTC, source.UpdatedDateUTCString, "$.UpdatedDateUTC", doubts)
