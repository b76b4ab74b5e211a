"""What goes past documents, as QuickBooks writes it: purchases, receipts, deposits, transfers, journals.

Source: providers.md §§2.1, 5 nos. 42, 52, 6.5.
"""

from typing import Any, Final

from tallystick.connectors.quickbooks.sandbox.dialect import ref
from tallystick.connectors.quickbooks.sandbox.parts import Parts
from tallystick.connectors.quickbooks.sandbox.render_lists import entity
from tallystick.connectors.sandbox.books import BankTransaction, ManualJournal, Transfer


def entity_of(source: BankTransaction) -> str:
    """What a bank transaction is at QuickBooks."""
    if source.purpose in _SALES:
        return _SALES[source.purpose]
    return "Purchase" if source.kind == "spend" else "Deposit"


_SALES: Final = {"cash_sale": "SalesReceipt", "refund": "RefundReceipt"}


def bank_transaction(parts: Parts, source: BankTransaction) -> dict[str, Any]:
    """Money spent or received at once."""
    told = {
        **entity(parts.number(source.id), source.updated_at),
        "TxnDate": source.made_on.isoformat(),
        **parts.currency(source.currency, source.rate),
    }
    if source.reference:
        told["PrivateNote"] = source.reference
    kind = entity_of(source)
    if kind == "Deposit":
        return {**told, **_deposit(parts, source)}
    told["DocNumber"] = source.number
    return {**told, **(_purchase(parts, source) if kind == "Purchase" else _receipt(parts, source))}


def payment_type(parts: Parts, source: BankTransaction) -> str:
    """How a purchase was paid: by card where it is a card's account."""
    if parts.books.accounts[source.account_id].bank_kind == "credit_card":
        return "CreditCard"
    method = parts.books.payment_methods[source.method_id] if source.method_id else None
    return "Check" if method is not None and method.kind == "cheque" else "Cash"


def _purchase(parts: Parts, source: BankTransaction) -> dict[str, Any]:
    told = {
        "AccountRef": parts.account(source.account_id),
        "PaymentType": payment_type(parts, source),
        "Credit": False,
        **parts.method(source.method_id),
        **parts.body(source, "purchase"),
    }
    if source.employee_id is not None:
        told["EntityRef"] = parts.employee(source.employee_id)
    elif source.contact_id is not None:
        told["EntityRef"] = parts.vendor(source.contact_id, type="Vendor")
    return told


def _receipt(parts: Parts, source: BankTransaction) -> dict[str, Any]:
    told = {
        "DepositToAccountRef": parts.account(source.account_id),
        **parts.method(source.method_id),
        **parts.body(source, "sale"),
        "Balance": 0,
    }
    if source.contact_id is not None:
        told["CustomerRef"] = parts.customer(source.contact_id)
    return told


def _deposit(parts: Parts, source: BankTransaction) -> dict[str, Any]:
    """It has no number of its own; its lines tell whom the money came from."""
    told = {"DepositToAccountRef": parts.account(source.account_id), **parts.body(source, "deposit")}
    for line in told["Line"]:
        detail = line["DepositLineDetail"]
        detail |= {**parts.method(source.method_id), "CheckNum": source.number}
        if source.contact_id is not None:
            detail["Entity"] = parts.customer(source.contact_id, type="CUSTOMER")
    return told


def transfer(parts: Parts, source: Transfer) -> dict[str, Any]:
    """One amount, in the currency in which it left: what it was where it arrived is not told."""
    account = parts.books.accounts[source.from_account_id]
    home = parts.books.organisation.base_currency
    currency = account.currency or home
    rate = source.base_amount / source.from_amount if source.from_amount else 1
    return {
        **entity(parts.number(source.id), source.updated_at),
        "TxnDate": source.made_on.isoformat(),
        "CurrencyRef": ref(currency),
        "ExchangeRate": 1 if currency == home else round(rate, 9),
        "FromAccountRef": parts.account(source.from_account_id),
        "ToAccountRef": parts.account(source.to_account_id),
        "Amount": source.from_amount,
        "PrivateNote": source.reference,
    }


def journal_entry(parts: Parts, source: ManualJournal) -> dict[str, Any]:
    """What the accountant posted: each line a debit or a credit."""
    lines = []
    for place, line in enumerate(source.lines):
        detail = {
            "PostingType": "Debit" if line.amount > 0 else "Credit",
            "AccountRef": parts.account(line.account_id),
            **parts.class_of(line.tracking),
            **parts.department_of(line.tracking),
        }
        lines.append(
            {
                "Id": str(place),
                "Description": line.description,
                "Amount": abs(line.amount),
                "DetailType": "JournalEntryLineDetail",
                "JournalEntryLineDetail": detail,
            }
        )
    home = parts.books.organisation.base_currency
    return {
        **entity(parts.number(source.id), source.updated_at),
        "DocNumber": source.number,
        "TxnDate": source.posted_on.isoformat(),
        "CurrencyRef": ref(home),
        "ExchangeRate": 1,
        "Adjustment": False,
        "PrivateNote": source.narration,
        "Line": lines,
    }
