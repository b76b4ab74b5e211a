"""Rows of what moves at the bank: money spent and received, transfers, money on account; manual journals.

Money on account and transfers are in lists of their own and among the bank transactions as well (quirk
27). The movements' own ids are made of the record's, and are the same after every start.
"""

import uuid
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from attrs import frozen

from tallystick.connectors.sandbox.amounts import ZERO
from tallystick.connectors.sandbox.books import BankTransaction, Books, ManualJournal, OnAccount, Transfer
from tallystick.connectors.xero.sandbox.dialect import BASES, View, dated, net_date, net_day, updated
from tallystick.connectors.xero.sandbox.render import allocation
from tallystick.connectors.xero.sandbox.render_parts import account_brief, contact_brief, lines, tracking

_ONE: Final = Decimal("1.000000")


@frozen
class Movement:
    """An end of a transfer, or money on account, as a bank transaction."""

    source: Transfer | OnAccount
    received: bool

    @property
    def id(self) -> str:
        """The bank transaction's."""
        return movement_id(self.source, received=self.received)

    @property
    def updated_at(self) -> datetime:
        """The source's last change."""
        return self.source.updated_at


def movement_id(source: Transfer | OnAccount, *, received: bool) -> str:
    """The id of a bank transaction that another record made."""
    return str(uuid.uuid5(uuid.UUID(source.id), "received" if received else "spent"))


def movements(books: Books) -> Iterator[BankTransaction | Movement]:
    """All that is in `BankTransactions`."""
    yield from books.bank_transactions.values()
    for source in books.on_account.values():
        yield Movement(source, received=source.side == "sales")
    for transfer in books.transfers.values():
        yield Movement(transfer, received=False)
        yield Movement(transfer, received=True)


def bank_transaction(source: BankTransaction | Movement, books: Books, view: View) -> dict[str, Any]:
    """A row of `BankTransactions`."""
    if isinstance(source, BankTransaction):
        return _direct(source, books, view)
    if isinstance(source.source, Transfer):
        return _end(source.source, source, books, view)
    return _money_on_account(source.source, source, books, view)


def _direct(source: BankTransaction, books: Books, view: View) -> dict[str, Any]:
    contact = {}
    if source.contact_id is not None:
        contact = {"Contact": contact_brief(books.contacts[source.contact_id])}
    return {
        "BankTransactionID": source.id,
        "BankAccount": account_brief(books.accounts[source.account_id]),
        "Type": source.kind.upper(),
        "Reference": source.reference,
        "IsReconciled": _truth(source.reconciled, view),
        "HasAttachments": False,
        **contact,
        **dated(source.made_on),
        "Status": source.status.upper(),
        "LineAmountTypes": BASES[source.basis],
        **({} if view.summary else {"LineItems": lines(source.lines, books, view)}),
        "SubTotal": source.sub_total,
        "TotalTax": source.tax,
        "Total": source.total,
        **updated(source.updated_at, view),
        "CurrencyCode": source.currency,
        "CurrencyRate": source.rate,
    }


def _end(source: Transfer, movement: Movement, books: Books, view: View) -> dict[str, Any]:
    account_id, amount = source.from_account_id, source.from_amount
    if movement.received:
        account_id, amount = source.to_account_id, source.to_amount
    account = books.accounts[account_id]
    return {
        "BankTransactionID": movement.id,
        "BankAccount": account_brief(account),
        "Type": "RECEIVE-TRANSFER" if movement.received else "SPEND-TRANSFER",
        "Reference": source.reference,
        "IsReconciled": _truth(source.reconciled, view),
        "HasAttachments": False,
        **dated(source.made_on),
        "Status": source.status.upper(),
        "LineAmountTypes": "NoTax",
        **({} if view.summary else {"LineItems": []}),
        "SubTotal": amount,
        "TotalTax": ZERO,
        "Total": amount,
        **updated(source.updated_at, view),
        "CurrencyCode": account.currency,
        "CurrencyRate": _rate(amount, source.base_amount),
    }


def _money_on_account(source: OnAccount, movement: Movement, books: Books, view: View) -> dict[str, Any]:
    """In its bank account's currency; it is deleted where the money on account is void."""
    account = books.accounts[source.account_id]
    home = account.currency == books.organisation.base_currency
    kind = source.kind.capitalize()
    return {
        "BankTransactionID": movement.id,
        "BankAccount": account_brief(account),
        "Type": _type_on_account(source),
        "Reference": source.reference,
        "IsReconciled": _truth(source.reconciled, view),
        "HasAttachments": False,
        "Contact": contact_brief(books.contacts[source.contact_id]),
        **dated(source.paid_on),
        "Status": "DELETED" if source.status == "voided" else "AUTHORISED",
        "LineAmountTypes": "NoTax",
        **({} if view.summary else {"LineItems": _line_on_account(source, source.bank_amount, books, view)}),
        "SubTotal": source.bank_amount,
        "TotalTax": ZERO,
        "Total": source.bank_amount,
        **updated(source.updated_at, view),
        "CurrencyCode": account.currency,
        "CurrencyRate": _ONE if home else source.rate,
        f"{kind}ID": source.id,
    }


def on_account(source: OnAccount, books: Books, view: View) -> dict[str, Any]:
    """A row of `Overpayments` or `Prepayments`, in the currency that is owed."""
    row = {
        f"{source.kind.capitalize()}ID": source.id,
        "ID": source.id,
        "Type": _type_on_account(source),
        "Reference": source.reference,
        "CurrencyRate": source.rate,
        "RemainingCredit": ZERO if source.status == "voided" else source.left,
        "HasAttachments": False,
        "Contact": contact_brief(books.contacts[source.contact_id]),
        **dated(source.paid_on),
        "Status": source.status.upper(),
        "LineAmountTypes": "NoTax",
        "SubTotal": source.amount,
        "TotalTax": ZERO,
        "Total": source.amount,
        **updated(source.updated_at, view),
        "CurrencyCode": source.currency,
    }
    if not view.summary:
        row["LineItems"] = _line_on_account(source, source.amount, books, view)
        row["Allocations"] = [allocation(each, books) for each in books.applications_of.get(source.id, ())]
        row["Payments"] = []
    return row


def _type_on_account(source: OnAccount) -> str:
    return f"{'RECEIVE' if source.side == 'sales' else 'SPEND'}-{source.kind.upper()}"


def _line_on_account(source: OnAccount, amount: Decimal, books: Books, view: View) -> list[dict[str, Any]]:
    if not view.lines:
        return []
    control = books.system_account("DEBTORS" if source.side == "sales" else "CREDITORS")
    return [
        {
            "Description": source.reference,
            "UnitAmount": amount,
            "TaxType": "NONE",
            "TaxAmount": ZERO,
            "LineAmount": amount,
            "AccountCode": control.code,
            "AccountID": control.id,
            "Tracking": [],
            "Quantity": _ONE,
        }
    ]


def bank_transfer(source: Transfer, books: Books, view: View) -> dict[str, Any]:
    """A row of `BankTransfers`: it tells what left, and by whose rate."""
    there = books.accounts[source.to_account_id]
    here = books.accounts[source.from_account_id]
    rate = _ONE if there.currency == here.currency else _rate(source.to_amount, source.from_amount)
    return {
        "BankTransferID": source.id,
        "CreatedDateUTCString": source.created_at.strftime("%Y-%m-%dT%H:%M:%S"),
        "CreatedDateUTC": net_date(source.created_at, view.ahead_ms),
        **dated(source.made_on),
        "Status": source.status.upper(),
        "FromBankAccount": account_brief(here),
        "ToBankAccount": account_brief(there),
        "Amount": source.from_amount,
        "FromBankTransactionID": movement_id(source, received=False),
        "ToBankTransactionID": movement_id(source, received=True),
        "FromIsReconciled": _truth(source.reconciled, view),
        "ToIsReconciled": _truth(source.reconciled, view),
        "CurrencyRate": rate,
        "Reference": source.reference,
        "HasAttachments": False,
    }


def manual_journal(source: ManualJournal, books: Books, view: View) -> dict[str, Any]:
    """A row of `ManualJournals`; they have no numbers."""
    row = {
        "ManualJournalID": source.id,
        "Date": net_day(source.posted_on),
        "Status": source.status.upper(),
        "LineAmountTypes": "NoTax",
        "UpdatedDateUTC": net_date(source.updated_at, view.ahead_ms),
        "Narration": source.narration,
        "ShowOnCashBasisReports": True,
        "HasAttachments": False,
    }
    if view.lines:
        row["JournalLines"] = [
            {
                "Description": line.description,
                "TaxType": "NONE",
                "TaxAmount": ZERO,
                "LineAmount": line.amount,
                "AccountCode": line.account_code,
                "AccountID": line.account_id,
                "Tracking": tracking(line.tracking, books),
                "IsBlank": False,
            }
            for line in source.lines
        ]
    return row


def _rate(amount: Decimal, base: Decimal) -> Decimal:
    return (amount / base).quantize(_ONE) if base else _ONE


def _truth(value: bool, view: View) -> bool | str:
    return str(value).lower() if view.text_booleans else value
