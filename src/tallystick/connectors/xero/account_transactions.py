"""What has moved on an account at a bank: one posting for each payment and each bank transaction.

Transfers have theirs too, since Xero lists both their ends among the bank transactions. A payment that sets
a credit against a document moves no money, and has none. Source: providers §§2.1, 6.4, 6.5.
"""

from datetime import datetime
from decimal import Decimal
from typing import Literal

from attrs import frozen

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts
from tallystick.connectors.xero import payments, wire
from tallystick.connectors.xero.words import GONE, PRESENT, instant, rate
from tallystick.errors import RecordRejected
from tallystick.standard import (
    ONE,
    AccountTransaction,
    AccountTransactionLine,
    AccountTransactionStatus,
    BankAccountRef,
    CalendarDate,
    PostedRecordRef,
    StandardRecord,
    negated,
    written,
)

#: What may be behind a movement at the bank.
Behind = Literal["payments", "billPayments", "directCosts", "directIncomes", "transfers"]

_Transaction = written.struct_of(AccountTransaction)
_Line = written.struct_of(AccountTransactionLine)
RecordRef = written.struct_of(PostedRecordRef)
_BankAccountRef = written.struct_of(BankAccountRef)


@frozen(kw_only=True)
class Moved:
    """A movement at the bank, whatever it is of."""

    id: str
    record: PostedRecordRef  #: what is behind it
    account: wire.PaymentAccount | None
    date: CalendarDate
    note: str | None
    currency: str | None
    rate: Decimal | None  #: base currency for one of `currency`
    amount: Decimal  #: positive into the account
    reconciled: bool | None  #: None where Xero does not say
    void: bool  #: it counts no more
    gone: bool  #: it is deleted
    changed: datetime | None


def posting(moved: Moved) -> StandardRecord:
    """The record of a movement."""
    account = moved.account or wire.PaymentAccount()
    return _Transaction(
        id=moved.id,
        transactionId=moved.record.id if moved.record.id != moved.id else None,
        note=moved.note,
        bankAccountRef=_BankAccountRef(id=account.AccountID, name=account.Name or None)
        if account.AccountID
        else None,
        date=moved.date,
        status=_status(moved),
        currency=moved.currency,
        currencyRate=moved.rate,
        lines=(_Line(description=moved.note, recordRef=moved.record, amount=moved.amount),),
        totalAmount=moved.amount,
        sourceModifiedDate=moved.changed,
        metadata=GONE if moved.gone else PRESENT,
    )


def _status(moved: Moved) -> AccountTransactionStatus:
    if moved.void:
        return "Void"
    if moved.reconciled is None:
        return "Unknown"
    return "Reconciled" if moved.reconciled else "Unreconciled"


def of_payment(source: wire.Payment, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """The posting of a payment, in its bank account's currency. Raises: `RecordRejected`.

    Xero takes money for a foreign document at an account in that currency or in the base one, and tells both
    amounts where they differ.
    """
    doubts.data_type = "accountTransactions"
    if source.Account is None or not (source.Account.AccountID or source.Account.Code):
        return []
    document = payments.document_of(source)
    told = payments.kind_of(source, document)
    received = payments.RECEIVED.get(told)
    kind = received or payments.SPENT.get(told)
    if kind is None:
        raise RecordRejected(path="$.PaymentType", reason="neither from a customer nor to a supplier")
    if source.Amount is None:
        raise RecordRejected(path="$.Amount", reason="the payment has no amount")
    into = (received is not None) != kind.refund
    amount, currency = source.Amount, document.CurrencyCode or books.base_currency
    own_rate = rate(source.CurrencyRate, "$.CurrencyRate", Doubts([]))
    if source.BankAmount is not None and source.BankAmount != amount:
        amount, currency, own_rate = source.BankAmount, books.base_currency, ONE
    return [
        posting(
            Moved(
                id=source.PaymentID,
                record=RecordRef(id=source.PaymentID, dataType="payments" if received else "billPayments"),
                account=source.Account,
                date=payments.date_of(source, Doubts([])),  # the payment itself tells of doubts
                note=source.Reference or None,
                currency=currency,
                rate=own_rate,
                amount=amount if into else negated(amount),
                reconciled=source.IsReconciled,
                void=source.Status == "DELETED",
                gone=source.Status == "DELETED",
                changed=instant(
                    source.UpdatedDateUTC, source.UpdatedDateUTCString, "$.UpdatedDateUTC", Doubts([])
                ),
            )
        )
    ]
