"""What made-up books come to in the ledger: every document and payment as debits and credits.

Amounts are in the books' own currency; what the rates of a document and of its payment differ by goes to
the rounding account, since the neutral chart has none for it.
"""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from attrs import frozen

from tallystick.connectors.sandbox.amounts import ZERO, cents
from tallystick.connectors.sandbox.books import POSTED, SALES, Books, Document, Payment
from tallystick.connectors.xero.sandbox.dialect import DOCUMENT_TYPES, PAYMENT_TYPES

#: Which way a document's total goes on its control account: debtors or creditors.
_DEBIT: Final = {"invoice": 1, "credit_note": -1, "bill": -1, "bill_credit_note": 1}


@frozen(kw_only=True)
class Posting:
    """One entry of the ledger: its amounts, debits positive, add up to nothing."""

    source_type: str  #: in Xero's words
    source_id: str
    day: date
    made_at: datetime
    reference: str
    amounts: tuple[tuple[str, Decimal], ...]  #: account id and amount


def postings(books: Books) -> Iterator[Posting]:
    """Of all that stands in the books now, in no order. Reads every record."""
    system = {account.system: account.id for account in books.accounts.values() if account.system}
    for document in books.documents.values():
        if document.status in POSTED:
            yield _document(document, system)
    for payment in books.payments.values():
        document = books.documents[payment.document_id]
        if payment.status == "authorised" and document.status in POSTED:
            yield _payment(payment, document, system)


def _document(source: Document, system: dict[str, str]) -> Posting:
    side = _DEBIT[source.kind]
    sums: dict[str, Decimal] = {}
    for line in source.lines:
        net = line.amount - line.tax if source.basis == "inclusive" else line.amount
        sums[line.account_id] = sums.get(line.account_id, ZERO) - side * _base(net, source.rate)
        sums[system["GST"]] = sums.get(system["GST"], ZERO) - side * _base(line.tax, source.rate)
    control = system["DEBTORS" if source.kind in SALES else "CREDITORS"]
    amounts = {control: -sum(sums.values(), ZERO), **sums}
    return Posting(
        source_type=DOCUMENT_TYPES[source.kind],
        source_id=source.id,
        day=source.issued_on,
        made_at=source.updated_at,
        reference=source.number,
        amounts=tuple((account, amount) for account, amount in amounts.items() if amount),
    )


def _payment(source: Payment, document: Document, system: dict[str, str]) -> Posting:
    side = _DEBIT[document.kind]
    banked = side * _base(source.amount, source.rate)
    settled = side * _base(source.amount, document.rate)
    control = system["DEBTORS" if document.kind in SALES else "CREDITORS"]
    amounts = {source.account_id: banked, control: -settled, system["ROUNDING"]: settled - banked}
    return Posting(
        source_type=PAYMENT_TYPES[document.kind],
        source_id=source.id,
        day=source.paid_on,
        made_at=source.updated_at,
        reference=source.reference,
        amounts=tuple((account, amount) for account, amount in amounts.items() if amount),
    )


def _base(amount: Decimal, rate: Decimal) -> Decimal:
    return cents(amount / rate)
