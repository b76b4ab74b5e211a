"""What moved on accounts: transfers, and the postings of everything that is paid.

QuickBooks has no list of postings to a bank account and none of a bank's statement lines: both are told by
the transactions that move money. So each of those gives one of either, on the account that it names.
Source: providers §§5 no. 52, 6.5.
"""

from decimal import Decimal
from typing import Final, Literal

from attrs import frozen

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts
from tallystick.connectors.quickbooks import wire
from tallystick.connectors.quickbooks.payments import paid_from
from tallystick.connectors.quickbooks.words import (
    PRESENT,
    changed,
    class_refs,
    currency,
    day,
    entity_id,
    id_of,
    is_void,
    rate,
)
from tallystick.standard import (
    ZERO,
    AccountTransaction,
    AccountTransactionLine,
    BankAccountRef,
    BankTransaction,
    BankTransactionType,
    PostedRecordRef,
    RecordRef,
    StandardRecord,
    Transfer,
    TransferAccount,
    TransferAccountRef,
    minus,
    negated,
    plus,
)

PostedType = Literal[
    "payments", "billPayments", "directCosts", "directIncomes", "transfers", "journalEntries"
]

#: What a deposit takes to the bank, by their word; the ids of our direct incomes name their entity.
DEPOSITED: Final[dict[str, PostedType]] = {
    "Payment": "payments",
    "SalesReceipt": "directIncomes",
    "RefundReceipt": "directIncomes",
    "JournalEntry": "journalEntries",
    "Transfer": "transfers",
    "Purchase": "directCosts",
    "Expense": "directCosts",
    "Check": "directCosts",
}
_PREFIXED: Final = frozenset({"SalesReceipt", "RefundReceipt", "Deposit", "Transfer"})
PURCHASE_TYPE: Final[dict[str, BankTransactionType]] = {
    "Check": "Check",
    "Cash": "Cash",
    "CreditCard": "Debit",
}


def transfer(source: wire.Transfer, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """Money moved between two of the company's accounts."""
    money = currency(source, books)
    return [
        Transfer(
            id=entity_id("Transfer", source.Id),
            description=source.PrivateNote or None,
            date=day(source.TxnDate, "$.TxnDate", doubts),
            from_=_end(source.FromAccountRef, money, source.Amount),
            to=_end(source.ToAccountRef, money, source.Amount),
            status="Void" if is_void(source) else "Unknown",
            trackingCategoryRefs=class_refs(("Class", source.ClassRef), ("Department", source.DepartmentRef)),
            sourceModifiedDate=changed(source, doubts),
            metadata=PRESENT,
        )
    ]


def banked(source: wire.Deposit, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """What had been waiting undeposited and is now at the bank; none where a deposit has nothing of it.

    QuickBooks does not say of which account it came: the one of undeposited funds.
    """
    total, refs = ZERO, []
    for line in source.Line or ():
        if line.LinkedTxn and line.Amount is not None:
            total = plus(total, line.Amount)
            refs += [ref for ref in map(_deposited, line.LinkedTxn) if ref is not None]
    if not refs:
        return []
    return [
        Transfer(
            id=entity_id("Deposit", source.Id),
            description=source.PrivateNote or None,
            date=day(source.TxnDate, "$.TxnDate", doubts),
            to=_end(source.DepositToAccountRef, currency(source, books), total),
            status="Void" if is_void(source) else "Unknown",
            depositedRecordRefs=tuple(RecordRef(id=ref.id, dataType=ref.dataType) for ref in refs),
            sourceModifiedDate=changed(source, doubts),
            metadata=PRESENT,
        )
    ]


def _end(ref: wire.Ref | None, money: str | None, amount: Decimal | None) -> TransferAccount:
    named = None
    if ref is not None and ref.value:
        named = TransferAccountRef(id=ref.value, name=ref.name or None, dataType="chartOfAccounts")
    return TransferAccount(accountRef=named, currency=money, amount=amount)


def _deposited(link: wire.Link) -> PostedRecordRef | None:
    kind = DEPOSITED.get(link.TxnType or "")
    if kind is None or not link.TxnId:
        return None
    prefixed = link.TxnType in _PREFIXED
    return PostedRecordRef(
        id=entity_id(link.TxnType or "", link.TxnId) if prefixed else link.TxnId, dataType=kind
    )


@frozen(kw_only=True)
class _Posting:
    """Money that moved on one account, because of one transaction."""

    id: str
    account: wire.Ref | None
    amount: Decimal  #: positive into the account
    lines: tuple[AccountTransactionLine, ...]
    kind: BankTransactionType
    description: str | None
    transaction: str | None = None  #: their id where ours is another


def payment_postings(source: wire.Payment, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """A customer's payment."""
    line = _line(source.TotalAmt, "payments", source.Id)
    return _posted(source, "Payment", source.DepositToAccountRef, line, "Credit", books, doubts)


def bill_payment_postings(source: wire.BillPayment, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """A payment to a vendor."""
    amount = negated(source.TotalAmt) if source.TotalAmt is not None else None
    line = _line(amount, "billPayments", source.Id)
    return _posted(source, "BillPayment", paid_from(source), line, "Payment", books, doubts)


def purchase_postings(source: wire.Purchase, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """Money spent at once, or given back."""
    amount = source.TotalAmt
    if amount is not None and not source.Credit:
        amount = negated(amount)
    kind: BankTransactionType = (
        "Credit" if source.Credit else PURCHASE_TYPE.get(source.PaymentType or "", "Debit")
    )
    line = _line(amount, "directCosts", source.Id)
    return _posted(source, "Purchase", source.AccountRef, line, kind, books, doubts)


def sales_receipt_postings(source: wire.Sale, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """A sale that was paid at once."""
    line = _line(source.TotalAmt, "directIncomes", entity_id("SalesReceipt", source.Id))
    return _posted(source, "SalesReceipt", source.DepositToAccountRef, line, "Credit", books, doubts)


def refund_receipt_postings(source: wire.Sale, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """Money given back to a customer at once."""
    amount = negated(source.TotalAmt) if source.TotalAmt is not None else None
    line = _line(amount, "directIncomes", entity_id("RefundReceipt", source.Id))
    return _posted(source, "RefundReceipt", source.DepositToAccountRef, line, "Debit", books, doubts)


def deposit_postings(source: wire.Deposit, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """Money taken to the bank, line by line; what the lines do not come to is a line of its own."""
    lines, total = [], ZERO
    for line in source.Line or ():
        if line.Amount is None:
            continue
        ref = _deposited(line.LinkedTxn[0]) if line.LinkedTxn else None
        if not line.LinkedTxn:
            ref = PostedRecordRef(id=entity_id("Deposit", source.Id), dataType="directIncomes")
        lines.append(
            AccountTransactionLine(description=line.Description or None, recordRef=ref, amount=line.Amount)
        )
        total = plus(total, line.Amount)
    if source.TotalAmt is not None and source.TotalAmt != total:
        lines.append(AccountTransactionLine(amount=minus(source.TotalAmt, total)))
    return _posted(source, "Deposit", source.DepositToAccountRef, tuple(lines), "Dep", books, doubts)


def transfer_postings(source: wire.Transfer, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """Both ends of a transfer."""
    if source.Amount is None:
        return []
    found: list[StandardRecord] = []
    ends = (
        ("from", source.FromAccountRef, negated(source.Amount)),
        ("to", source.ToAccountRef, source.Amount),
    )
    for end, account, amount in ends:
        posting = _Posting(
            id=f"{entity_id('Transfer', source.Id)}-{end}",
            account=account,
            amount=amount,
            lines=_line(amount, "transfers", entity_id("Transfer", source.Id)),
            kind="Xfer",
            description=source.PrivateNote or None,
            transaction=source.Id,
        )
        found += _records(source, posting, books, doubts)
    return found


def _line(amount: Decimal | None, kind: PostedType, id_: str) -> tuple[AccountTransactionLine, ...]:
    ref = PostedRecordRef(id=id_, dataType=kind)
    return () if amount is None else (AccountTransactionLine(recordRef=ref, amount=amount),)


def _posted(
    source: wire.Transaction,
    entity: str,
    account: wire.Ref | None,
    lines: tuple[AccountTransactionLine, ...],
    kind: BankTransactionType,
    books: Books,
    doubts: Doubts,
) -> list[StandardRecord]:
    """What a transaction posts; nothing where no money moved, or on no account that it names."""
    total = ZERO
    for line in lines:
        total = plus(total, line.amount or ZERO)
    if not lines or id_of(account) is None or (not total and not is_void(source)):
        return []
    posting = _Posting(
        id=entity_id(entity, source.Id),
        account=account,
        amount=total,
        lines=lines,
        kind=kind,
        description=source.PrivateNote or source.DocNumber or None,
        transaction=source.Id,
    )
    return _records(source, posting, books, doubts)


def _records(
    source: wire.Transaction, posting: _Posting, books: Books, doubts: Doubts
) -> list[StandardRecord]:
    account = posting.account or wire.Ref()
    if not account.value:
        return []
    moved, when = changed(source, doubts), day(source.TxnDate, "$.TxnDate", doubts)
    return [
        AccountTransaction(
            id=posting.id,
            transactionId=posting.transaction,
            note=posting.description,
            bankAccountRef=BankAccountRef(id=account.value, name=account.name or None),
            date=when,
            status="Void" if is_void(source) else "Unknown",
            currency=currency(source, books),
            currencyRate=rate(source, doubts),
            lines=posting.lines,
            totalAmount=posting.amount,
            sourceModifiedDate=moved,
            metadata=PRESENT,
        ),
        BankTransaction(
            id=posting.id,
            accountId=account.value,
            clearedOnDate=when,
            description=posting.description,
            amount=posting.amount,
            transactionType=posting.kind,
            sourceModifiedDate=moved,
            metadata=PRESENT,
        ),
    ]
