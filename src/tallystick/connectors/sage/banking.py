"""Sage's transfers and deposits, and what its ledger posts to the accounts at the bank.

Sage has no statement lines to read, and does not tell what is reconciled. Source: providers §§2.1, 6.5.
"""

from decimal import Decimal
from typing import Final, Literal

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts
from tallystick.connectors.sage import wire, wire_bank
from tallystick.connectors.sage.words import (
    GONE,
    PRESENT,
    day,
    id_of,
    instant,
    list_of,
    metadata,
    name_of,
)
from tallystick.errors import RecordRejected
from tallystick.standard import (
    ZERO,
    AccountTransaction,
    AccountTransactionLine,
    BankAccountRef,
    PostedRecordRef,
    StandardRecord,
    Transfer,
    TransferAccount,
    TransferAccountRef,
    minus,
)

Posted = Literal[
    "invoices",
    "creditNotes",
    "bills",
    "billCreditNotes",
    "payments",
    "billPayments",
    "directCosts",
    "directIncomes",
    "transfers",
    "journalEntries",
]

#: The record that has caused an entry, by the audit trail's type of transaction.
CAUSE: Final[dict[str, Posted]] = {
    "SALES_INVOICE": "invoices",
    "SALES_CREDIT_NOTE": "creditNotes",
    "PURCHASE_INVOICE": "bills",
    "PURCHASE_CREDIT_NOTE": "billCreditNotes",
    "CUSTOMER_RECEIPT": "payments",
    "CUSTOMER_REFUND": "payments",
    "VENDOR_PAYMENT": "billPayments",
    "VENDOR_REFUND": "billPayments",
    "OTHER_PAYMENT": "directCosts",
    "OTHER_RECEIPT": "directIncomes",
    "BANK_TRANSFER": "transfers",
    "BANK_DEPOSIT": "transfers",
    "JOURNAL": "journalEntries",
    "OPENING_BALANCE_JOURNAL": "journalEntries",
}
#: The same by the list that the cause's path is of, where no type is told.
CAUSE_BY_LIST: Final[dict[str, Posted]] = {
    "sales_invoices": "invoices",
    "sales_credit_notes": "creditNotes",
    "purchase_invoices": "bills",
    "purchase_credit_notes": "billCreditNotes",
    "bank_transfers": "transfers",
    "bank_deposits": "transfers",
    "journals": "journalEntries",
    "opening_balance_journals": "journalEntries",
}


def transfer(source: wire_bank.BankTransfer, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """Money moved between two accounts. Sage tells one amount: that which left."""
    doubts.data_type = "transfers"
    amount = source.total_amount if source.amount is None else source.amount
    if amount is None:
        raise RecordRejected(path="$.amount", reason="the transfer has no amount")
    left, arrived = (
        _currency(source, account, books) for account in (source.from_bank_account, source.to_bank_account)
    )
    return [
        Transfer(
            id=source.id,
            description=source.description or source.reference or None,
            date=day(source.date, "$.date", doubts),
            from_=_end(source.from_bank_account, left, amount),
            to=_end(source.to_bank_account, arrived, amount if arrived == left else None),
            status="Void" if source.deleted_at else "Unknown",
            sourceModifiedDate=instant(source.updated_at, "$.updated_at", doubts),
            metadata=metadata(source.deleted_at),
        )
    ]


def _currency(source: wire_bank.BankTransfer, account: wire.Ref | None, books: Books) -> str | None:
    """The account's own, which the client adds; the books' where nobody knows it."""
    return (source.currencies or {}).get(id_of(account) or "") or books.base_currency


def _end(account: wire.Ref | None, currency: str | None, amount: Decimal | None) -> TransferAccount:
    ref = None
    if account is not None and account.id:
        ref = TransferAccountRef(id=account.id, name=name_of(account.displayed_as), dataType="bankAccounts")
    return TransferAccount(accountRef=ref, currency=currency, amount=amount)


def ledger_entry(source: wire_bank.LedgerEntry, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """One entry of a bank account's ledger account, in the books' own currency whatever the account's is.

    It knows the ledger's account, whose id is another: that of the bank account the client adds.
    """
    doubts.data_type = "accountTransactions"
    if source.debit is None and source.credit is None:
        raise RecordRejected(path="$.debit", reason="the entry has neither debit nor credit")
    amount = minus(source.debit or ZERO, source.credit or ZERO)
    transaction = source.transaction or wire_bank.Transaction()
    text = source.description or transaction.reference or None
    bank = next(iter(source.banks or ()), None)
    name = name_of(source.ledger_account.displayed_as) if source.ledger_account else None
    return [
        AccountTransaction(
            id=source.id,
            transactionId=transaction.id or None,
            note=text,
            bankAccountRef=BankAccountRef(id=bank, name=name) if bank or name else None,
            date=day(source.date, "$.date", doubts),
            status="Void" if source.deleted else "Unknown",
            currency=books.base_currency,
            lines=(AccountTransactionLine(description=text, recordRef=_cause(transaction), amount=amount),),
            totalAmount=amount,
            sourceModifiedDate=instant(source.updated_at, "$.updated_at", doubts),
            metadata=GONE if source.deleted else PRESENT,
        )
    ]


def _cause(transaction: wire_bank.Transaction) -> PostedRecordRef | None:
    origin = transaction.origin
    if origin is None or not origin.id:
        return None
    kind = CAUSE.get(id_of(transaction.transaction_type) or "") or CAUSE_BY_LIST.get(list_of(origin.path))
    return PostedRecordRef(id=origin.id, dataType=kind) if kind else None
