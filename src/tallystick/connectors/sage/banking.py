"""Sage's transfers and deposits, and what its ledger posts to the accounts at the bank.

Sage has no statement lines to read, and does not tell what is reconciled. Source: providers §§2.1, 6.5.
"""

from typing import Final, Literal

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts
from tallystick.connectors.sage import wire, wire_bank
from tallystick.connectors.sage.words import GONE, PRESENT, day, id_of, instant, list_of, metadata
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
}


def transfer(source: wire_bank.BankTransfer, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """Money moved between two accounts; Sage tells one amount, in the books' own currency."""
    doubts.data_type = "transfers"
    amount = source.total_amount if source.amount is None else source.amount
    if amount is None:
        raise RecordRejected(path="$.amount", reason="the transfer has no amount")

    def end(account: wire.Ref | None) -> TransferAccount:
        ref = TransferAccountRef(
            id=id_of(account), name=account.displayed_as or None, dataType="bankAccounts"
        ) if account and account.id else None  # fmt: skip
        return TransferAccount(accountRef=ref, currency=books.base_currency, amount=amount)

    return [
        Transfer(
            id=source.id,
            description=source.description or source.reference or None,
            date=day(source.date, "$.date", doubts),
            from_=end(source.from_bank_account),
            to=end(source.to_bank_account),
            status="Void" if source.deleted_at else "Unknown",
            sourceModifiedDate=instant(source.updated_at, "$.updated_at", doubts),
            metadata=metadata(source.deleted_at),
        )
    ]


def ledger_entry(source: wire_bank.LedgerEntry, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """One entry of a bank account's ledger account, in the books' own currency.

    The bank account is named by its text only: an entry knows the ledger's account, whose id is another.
    """
    doubts.data_type = "accountTransactions"
    if source.debit is None and source.credit is None:
        raise RecordRejected(path="$.debit", reason="the entry has neither debit nor credit")
    amount = minus(source.debit or ZERO, source.credit or ZERO)
    transaction = source.transaction or wire_bank.Transaction()
    text = source.description or transaction.reference or None
    account = source.ledger_account
    return [
        AccountTransaction(
            id=source.id,
            transactionId=transaction.id or None,
            note=text,
            bankAccountRef=BankAccountRef(name=account.displayed_as)
            if account and account.displayed_as
            else None,
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
