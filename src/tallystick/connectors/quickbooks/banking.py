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
    is_void,
    name_of,
    rate,
)
from tallystick.errors import RecordRejected
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
    """Money moved between two of the company's accounts, in the currency that it is told in."""
    money = currency(source, books)
    if source.Amount is None:
        doubts.warn("$.Amount", "QuickBooks does not say how much was moved")
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
    total, refs, none_of_it = ZERO, list[PostedRecordRef](), True
    for place, line in enumerate(source.Line or ()):
        if not line.LinkedTxn:
            continue
        none_of_it = False
        if line.Amount is None:
            doubts.warn(f"$.Line[{place}].Amount", "a line without an amount: counted as nothing")
        total = plus(total, line.Amount or ZERO)
        found = [ref for ref in map(_deposited, line.LinkedTxn) if ref is not None]
        if not found:
            doubts.warn(f"$.Line[{place}].LinkedTxn", "of what this is, is not told")
        refs += found
    if none_of_it:
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
        named = TransferAccountRef(id=ref.value, name=name_of(ref.name), dataType="chartOfAccounts")
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
    line = _line(_amount(source), "payments", source.Id)
    return _posted(source, "Payment", source.DepositToAccountRef, line, "Credit", books, doubts)


def bill_payment_postings(source: wire.BillPayment, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """A payment to a vendor."""
    line = _line(negated(_amount(source)), "billPayments", source.Id)
    return _posted(source, "BillPayment", paid_from(source), line, "Payment", books, doubts)


def purchase_postings(source: wire.Purchase, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """Money spent at once, or given back."""
    amount = _amount(source) if source.Credit else negated(_amount(source))
    kind: BankTransactionType = (
        "Credit" if source.Credit else PURCHASE_TYPE.get(source.PaymentType or "", "Debit")
    )
    line = _line(amount, "directCosts", source.Id)
    return _posted(source, "Purchase", source.AccountRef, line, kind, books, doubts)


def sales_receipt_postings(source: wire.Sale, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """A sale that was paid at once."""
    line = _line(_amount(source), "directIncomes", entity_id("SalesReceipt", source.Id))
    return _posted(source, "SalesReceipt", source.DepositToAccountRef, line, "Credit", books, doubts)


def refund_receipt_postings(source: wire.Sale, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """Money given back to a customer at once."""
    line = _line(negated(_amount(source)), "directIncomes", entity_id("RefundReceipt", source.Id))
    return _posted(source, "RefundReceipt", source.DepositToAccountRef, line, "Debit", books, doubts)


def deposit_postings(source: wire.Deposit, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """Money taken to the bank, line by line; what the lines do not come to is a line of its own."""
    lines, total = [], ZERO
    for place, line in enumerate(source.Line or ()):
        if line.Amount is None:
            doubts.warn(f"$.Line[{place}].Amount", "a line without an amount: left out")
            continue
        ref = _deposited(line.LinkedTxn[0]) if line.LinkedTxn else None
        if not line.LinkedTxn:
            ref = PostedRecordRef(id=entity_id("Deposit", source.Id), dataType="directIncomes")
        lines.append(
            AccountTransactionLine(description=line.Description or None, recordRef=ref, amount=line.Amount)
        )
        total = plus(total, line.Amount)
    whole = _amount(source) if source.TotalAmt is not None or not lines else total
    if whole != total:
        lines.append(AccountTransactionLine(amount=minus(whole, total)))
    return _posted(source, "Deposit", source.DepositToAccountRef, tuple(lines), "Dep", books, doubts)


def transfer_postings(source: wire.Transfer, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """Both ends of a transfer. Raises: `RecordRejected`."""
    if source.Amount is None:
        raise RecordRejected(path="$.Amount", reason="QuickBooks does not say how much was moved")
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


def _amount(source: wire.Transaction) -> Decimal:
    if source.TotalAmt is None:
        raise RecordRejected(path="$.TotalAmt", reason="QuickBooks does not say how much money moved")
    return source.TotalAmt


def _line(amount: Decimal, kind: PostedType, id_: str) -> tuple[AccountTransactionLine, ...]:
    return (AccountTransactionLine(recordRef=PostedRecordRef(id=id_, dataType=kind), amount=amount),)


def _posted(
    source: wire.Transaction,
    entity: str,
    account: wire.Ref | None,
    lines: tuple[AccountTransactionLine, ...],
    kind: BankTransactionType,
    books: Books,
    doubts: Doubts,
) -> list[StandardRecord]:
    """What a transaction posts; nothing where no money moved."""
    total = ZERO
    for line in lines:
        total = plus(total, line.amount or ZERO)
    if not total and not is_void(source):
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
        doubts.warn("$", "the money moved on no account that QuickBooks names")
    moved, when = changed(source, doubts), day(source.TxnDate, "$.TxnDate", doubts)
    found: list[StandardRecord] = [
        AccountTransaction(
            id=posting.id,
            transactionId=posting.transaction,
            note=posting.description,
            bankAccountRef=BankAccountRef(id=account.value, name=name_of(account.name))
            if account.value
            else None,
            date=when,
            status="Void" if is_void(source) else "Unknown",
            currency=currency(source, books),
            currencyRate=rate(source, doubts),
            lines=posting.lines,
            totalAmount=posting.amount,
            sourceModifiedDate=moved,
            metadata=PRESENT,
        ),
    ]
    if account.value:
        found.append(
            BankTransaction(
                id=posting.id,
                accountId=account.value,
                clearedOnDate=when,
                description=posting.description,
                amount=posting.amount,
                transactionType=posting.kind,
                sourceModifiedDate=moved,
                metadata=PRESENT,
            )
        )
    return found
