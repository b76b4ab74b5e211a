"""FreeAgent's transfers, and the lines of its bank statements. Source: providers §§2.5, 6.5.

A transfer is two explanations that name each other; the one out of the account is its record, and what it
names at the other end is a part of it. A line of a statement is posted as it comes in: what it was for is
explained later, in parts.
"""

from decimal import Decimal
from typing import Final

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts
from tallystick.connectors.freeagent import direct, payments, wire_bank
from tallystick.connectors.freeagent.explanations import Meaning, meaning_of
from tallystick.connectors.freeagent.payments import AT, currency_of
from tallystick.connectors.freeagent.words import PRESENT, day, id_of, instant, own_id
from tallystick.errors import RecordRejected
from tallystick.standard import (
    ZERO,
    AccountTransaction,
    AccountTransactionLine,
    BankAccountRef,
    BankTransaction,
    BankTransactionType,
    PostedRecordRef,
    StandardRecord,
    Transfer,
    TransferAccount,
    TransferAccountRef,
    negated,
)

#: What a line of a statement is, by what it was for.
TYPE: Final[dict[Meaning, BankTransactionType]] = {
    "payments": "Payment",
    "billPayments": "Payment",
    "transfers": "Xfer",
}


def explanation(row: wire_bank.ExplanationRow, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """What an explanation is: a payment, a cost or an income, or a transfer. Raises: `RecordRejected`."""
    source, accounts = row.bank_transaction_explanation, row.bank_accounts or wire_bank.Accounts()
    if source is None:
        raise RecordRejected(path=AT, reason="missing")
    amount = source.gross_value
    if amount is None:
        doubts.data_type = meaning_of(source, ZERO)
        raise RecordRejected(path=f"{AT}.gross_value", reason="the explanation has no amount")
    meaning = doubts.data_type = meaning_of(source, amount)
    match meaning:
        case "payments":
            return [payments.payment(source, accounts, amount, books, doubts)]
        case "billPayments":
            return [payments.bill_payment(source, accounts, amount, books, doubts)]
        case "directCosts":
            return [direct.direct_cost(source, accounts, amount, books, doubts)]
        case "directIncomes":
            return [direct.direct_income(source, accounts, amount, books, doubts)]
        case "transfers":
            return _transfer(source, accounts, amount, books, doubts)


def _transfer(
    source: wire_bank.Explanation,
    accounts: wire_bank.Accounts,
    amount: Decimal,
    books: Books,
    doubts: Doubts,
) -> list[StandardRecord]:
    if amount > ZERO:
        return []  # the other end has it
    sent = currency_of(accounts.own, books)
    received = currency_of(accounts.other, books)
    arrived = negated(amount) if sent == received else None  # what came of it, the other end alone tells
    return [
        Transfer(
            id=own_id(source.url, f"{AT}.url"),
            description=source.description or None,
            date=day(source.dated_on, f"{AT}.dated_on", doubts),
            from_=TransferAccount(
                accountRef=_bank_ref(source.bank_account), currency=sent, amount=negated(amount)
            ),
            to=TransferAccount(
                accountRef=_bank_ref(source.linked_transfer_account or source.transfer_bank_account),
                currency=received,
                amount=arrived,
            ),
            status="Reconciled" if source.bank_transaction else "Unknown",
            sourceModifiedDate=instant(source.updated_at, f"{AT}.updated_at", doubts),
            metadata=PRESENT,
        )
    ]


def _bank_ref(url: str | None) -> TransferAccountRef | None:
    found = id_of(url)
    return TransferAccountRef(id=found, dataType="bankAccounts") if found else None


def bank_transaction(row: wire_bank.BankTransactionRow, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """A line of a statement, and its posting. Raises: `RecordRejected`."""
    doubts.data_type = "bankTransactions"
    source, accounts = row.bank_transaction, row.bank_accounts or wire_bank.Accounts()
    at = "$.bank_transaction"
    if source is None:
        raise RecordRejected(path=at, reason="missing")
    if source.amount is None:
        raise RecordRejected(path=f"{at}.amount", reason="the line of the statement has no amount")
    id_ = own_id(source.url, f"{at}.url")
    told = source.bank_transaction_explanations or []
    kinds = {meaning_of(each, each.gross_value or ZERO) for each in told}
    plain: BankTransactionType = "Debit" if source.amount < ZERO else "Credit"
    text = source.description or source.full_description or None
    made = day(source.dated_on, f"{at}.dated_on", doubts)
    changed = instant(source.updated_at, f"{at}.updated_at", doubts)
    explained = not source.unexplained_amount
    account = id_of(source.bank_account)
    return [
        BankTransaction(
            id=id_,
            accountId=account,
            clearedOnDate=made,
            description=text,
            reconciled=explained,
            amount=source.amount,
            transactionType=TYPE.get(kinds.pop(), plain) if len(kinds) == 1 else plain,
            sourceModifiedDate=changed,
            metadata=PRESENT,
        ),
        AccountTransaction(
            id=id_,
            note=text,
            bankAccountRef=BankAccountRef(id=account) if account else None,
            date=made,
            status="Reconciled" if explained else "Unreconciled",
            currency=currency_of(accounts.own, books),
            lines=_lines(source, source.amount, told),
            totalAmount=source.amount,
            sourceModifiedDate=changed,
            metadata=PRESENT,
        ),
    ]


def _lines(
    source: wire_bank.BankTransaction, amount: Decimal, told: list[wire_bank.Explanation]
) -> tuple[AccountTransactionLine, ...]:
    """A line for each explanation, and one for what is not explained yet."""
    found = [
        AccountTransactionLine(
            description=each.description or None, recordRef=_behind(each), amount=each.gross_value or ZERO
        )
        for each in told
    ]
    left = source.unexplained_amount if told else amount
    if left or not found:
        found.append(AccountTransactionLine(description=source.description or None, amount=left))
    return tuple(found)


def _behind(source: wire_bank.Explanation) -> PostedRecordRef | None:
    """The record that an explanation is; of a transfer the end out of the account, which the other names."""
    amount = source.gross_value or ZERO
    meaning = meaning_of(source, amount)
    named = source.linked_transfer_explanation if meaning == "transfers" and amount > ZERO else source.url
    found = id_of(named)
    return PostedRecordRef(id=found, dataType=meaning) if found else None
