"""Writes money that is not of one document: sums for several of them, and payments on account."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from attrs import evolve

from tallystick.connectors.sandbox.amounts import ZERO, cents
from tallystick.connectors.sandbox.bookkeeper import Bookkeeper, random_id, settled
from tallystick.connectors.sandbox.books import (
    SALES,
    Application,
    Contact,
    Document,
    OnAccount,
    OnAccountKind,
    PaymentBatch,
    Side,
)


def pay_together(
    keeper: Bookkeeper, documents: Sequence[Document], *, paid_on: date, at: datetime | None = None
) -> PaymentBatch:
    """Pay all that is due of several documents of one contact and currency with one sum of money."""
    first, *others = documents
    entered = at or keeper.moment(paid_on)
    payment = keeper.pay(first, first.due, paid_on=paid_on, at=entered)
    payment = evolve(payment, batch_id=random_id(keeper.rng))
    keeper.books.put_payment(payment)
    ids = [payment.id]
    ids += [keeper.pay(each, each.due, paid_on=paid_on, at=entered, within=payment).id for each in others]
    batch = PaymentBatch(
        id=payment.batch_id or "",
        side="sales" if first.kind in SALES else "purchases",
        contact_id=first.contact_id,
        account_id=payment.account_id,
        paid_on=paid_on,
        currency=first.currency,
        rate=payment.rate,
        reference=f"{first.number} and others".strip(),
        payment_ids=tuple(ids),
        updated_at=entered,
    )
    keeper.books.batches[batch.id] = batch
    return batch


def put_on_account(
    keeper: Bookkeeper,
    contact: Contact,
    amount: Decimal,
    *,
    kind: OnAccountKind,
    side: Side,
    paid_on: date,
    at: datetime | None = None,
) -> OnAccount:
    """Write money of a customer, or for a supplier, that is for no document yet."""
    rng, currency = keeper.rng, contact.currency
    entered = at or keeper.moment(paid_on)
    bank, rate = keeper.bank(currency, spent=side == "purchases"), keeper.rate(currency)
    made = OnAccount(
        id=random_id(rng),
        kind=kind,
        side=side,
        contact_id=contact.id,
        account_id=bank.id,
        reference=f"{'Deposit' if kind == 'prepayment' else 'Paid too much'} {rng.randrange(100, 9999)}",
        paid_on=paid_on,
        currency=currency,
        rate=rate,
        amount=amount,
        bank_amount=amount if bank.currency == currency else cents(amount / rate),
        applied=ZERO,
        status="authorised",
        reconciled=rng.random() < 0.7,
        created_at=entered,
        updated_at=entered,
        method_id=keeper.method(),
    )
    keeper.books.on_account[made.id] = made
    keeper.books.take_part(contact.id, entered, sale=side == "sales")
    keeper.books.revision += 1
    return made


def apply(
    keeper: Bookkeeper, source: OnAccount, document: Document, amount: Decimal, *, made_on: date
) -> None:
    """Apply a part of a payment on account to a document of the same contact and currency."""
    at = keeper.moment(made_on)
    keeper.books.put_application(
        Application(
            id=random_id(keeper.rng),
            on_account_id=source.id,
            document_id=document.id,
            amount=amount,
            made_on=made_on,
        )
    )
    used = source.applied + amount
    keeper.books.on_account[source.id] = evolve(
        source,
        applied=used,
        status="paid" if used == source.amount else "authorised",
        updated_at=max(source.updated_at, at),
    )
    keeper.books.put_document(settled(document, at, made_on, credited=document.credited + amount))
