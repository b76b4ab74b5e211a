"""What moves on the accounts at the bank, as FreeAgent has it: lines of statements, and what each was for.

A payment is one explanation, and those that were paid together explain one line between them. Money spent or
received at once is explained line by line. A transfer is two lines whose explanations name each other.
"""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from attrs import field, frozen

from tallystick.connectors.freeagent.sandbox.dialect import (
    FROM_CUSTOMERS,
    TO_SUPPLIERS,
    address,
    moment,
    money,
    number_of,
    taxed,
)
from tallystick.connectors.freeagent.sandbox.render import Renderer
from tallystick.connectors.sandbox.books import BankTransaction, OnAccount, Payment, Transfer

#: The list that what was paid is in.
_PAID: Final = {
    "invoice": ("paid_invoice", "invoices", 1),
    "credit_note": ("paid_invoice", "credit_notes", -1),
    "bill": ("paid_bill", "bills", -1),
    "bill_credit_note": ("paid_bill", "bills", 1),
}


@frozen(kw_only=True)
class Explanation:
    """What a part of a movement was for."""

    id: int
    amount: Decimal  #: in the account's currency; negative out of it
    text: str
    told: dict[str, Any] = field(repr=False)  #: what only its kind has


@frozen(kw_only=True)
class Movement:
    """One line of a statement."""

    id: int
    account_id: str
    made_on: date
    entered_at: datetime
    updated_at: datetime
    text: str
    explanations: tuple[Explanation, ...]

    @property
    def amount(self) -> Decimal:
        """In the account's currency; negative out of it."""
        return sum((each.amount for each in self.explanations), Decimal(0))


def movements(renderer: Renderer) -> Iterator[Movement]:
    """All that stand. Reads every record."""
    books = renderer.books
    together = {id_ for batch in books.batches.values() for id_ in batch.payment_ids}
    for payment in books.payments.values():
        if payment.status == "authorised" and payment.id not in together:
            yield _paid(payment.id, payment.reference, [payment], renderer)
    for batch in books.batches.values():
        live = [books.payments[id_] for id_ in batch.payment_ids]
        live = [payment for payment in live if payment.status == "authorised"]
        if live:
            yield _paid(batch.id, batch.reference, live, renderer)
    for source in books.on_account.values():
        if source.status != "voided":
            yield _on_account(source)
    for each in books.bank_transactions.values():
        if each.status == "authorised":
            yield _at_once(each, renderer)
    for transfer in books.transfers.values():
        if transfer.status == "authorised":
            yield from _transferred(transfer)


def _paid(id_: str, text: str, payments: list[Payment], renderer: Renderer) -> Movement:
    first = payments[0]
    return Movement(
        id=number_of(id_, "line"),
        account_id=first.account_id,
        made_on=first.paid_on,
        entered_at=min(payment.updated_at for payment in payments),
        updated_at=max(payment.updated_at for payment in payments),
        text=text,
        explanations=tuple(_explained(payment, renderer) for payment in payments),
    )


def _explained(source: Payment, renderer: Renderer) -> Explanation:
    name, of, sign = _PAID[source.kind]
    document = renderer.books.documents[source.document_id]
    told = {"type": "Payment", name: address(of, number_of(document.id))}
    if document.currency != renderer.books.accounts[source.account_id].currency:
        told["foreign_currency_value"] = money(sign * source.amount)
    return Explanation(
        id=number_of(source.id), amount=sign * source.bank_amount, text=source.reference, told=told
    )


def _on_account(source: OnAccount) -> Movement:
    sales = source.side == "sales"
    told = {
        "type": "Other Money In" if sales else "Other Money Out",
        "category": address("categories", FROM_CUSTOMERS if sales else TO_SUPPLIERS),
        "sales_tax_status": "OUT_OF_SCOPE",
        "sales_tax_rate": "0.0",
        "sales_tax_value": "0.0",
    }
    amount = source.bank_amount if sales else -source.bank_amount
    part = Explanation(id=number_of(source.id), amount=amount, text=source.reference, told=told)
    return Movement(
        id=number_of(source.id, "line"),
        account_id=source.account_id,
        made_on=source.paid_on,
        entered_at=source.created_at,
        updated_at=source.updated_at,
        text=source.reference,
        explanations=(part,),
    )


def _at_once(source: BankTransaction, renderer: Renderer) -> Movement:
    sign = 1 if source.kind == "receive" else -1
    found = []
    for line in source.lines:
        gross = line.amount if source.basis == "inclusive" else line.amount + line.tax
        status, percentage = taxed(line.tax_code, renderer.books)
        told = {
            "type": "Sales" if sign > 0 else "Payment",
            "category": renderer.category(line.account_id),
            "sales_tax_status": status,
            "sales_tax_rate": percentage,
            "sales_tax_value": money(sign * line.tax),
        }
        project = renderer.project(line.tracking)
        if project is not None:
            told["project"] = project
        found.append(
            Explanation(id=number_of(line.id), amount=sign * gross, text=line.description, told=told)
        )
    return Movement(
        id=number_of(source.id, "line"),
        account_id=source.account_id,
        made_on=source.made_on,
        entered_at=source.created_at,
        updated_at=source.updated_at,
        text=source.reference or source.number,
        explanations=tuple(found),
    )


def _transferred(source: Transfer) -> Iterator[Movement]:
    ends = (
        ("out", source.from_account_id, -source.from_amount, "in", source.to_account_id),
        ("in", source.to_account_id, source.to_amount, "out", source.from_account_id),
    )
    for end, account_id, amount, other, other_id in ends:
        told = {
            "type": "Transfer to Another Account" if end == "out" else "Transfer from Another Account",
            "linked_transfer_explanation": address(
                "bank_transaction_explanations", number_of(source.id, other)
            ),
            "linked_transfer_account": address("bank_accounts", number_of(other_id)),
        }
        part = Explanation(id=number_of(source.id, end), amount=amount, text=source.reference, told=told)
        yield Movement(
            id=number_of(source.id, f"{end} line"),
            account_id=account_id,
            made_on=source.made_on,
            entered_at=source.created_at,
            updated_at=source.updated_at,
            text=source.reference,
            explanations=(part,),
        )


def explanation(source: Explanation, of: Movement) -> dict[str, Any]:
    """A row of `bank_transaction_explanations`."""
    return {
        "url": address("bank_transaction_explanations", source.id),
        "bank_transaction": address("bank_transactions", of.id),
        "bank_account": address("bank_accounts", number_of(of.account_id)),
        "dated_on": of.made_on.isoformat(),
        "description": source.text,
        "gross_value": money(source.amount),
        "is_money_in": source.amount > 0,
        "is_money_out": source.amount < 0,
        "marked_for_review": False,
        "is_deletable": True,
        "updated_at": moment(of.updated_at),
        **source.told,
    }


def bank_transaction(source: Movement) -> dict[str, Any]:
    """A row of `bank_transactions`, with what it was for."""
    return {
        "url": address("bank_transactions", source.id),
        "amount": money(source.amount),
        "bank_account": address("bank_accounts", number_of(source.account_id)),
        "dated_on": source.made_on.isoformat(),
        "description": source.text,
        "full_description": f"{source.text}/OTHER/{money(abs(source.amount))}",
        "uploaded_at": moment(source.entered_at),
        "unexplained_amount": "0.0",
        "is_manual": True,
        "created_at": moment(source.entered_at),
        "updated_at": moment(source.updated_at),
        "matching_transactions_count": 0,
        "bank_transaction_explanations": [explanation(each, source) for each in source.explanations],
    }
