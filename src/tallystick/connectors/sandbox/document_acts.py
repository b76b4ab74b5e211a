"""Acts on documents and payments: created, updated and deleted so that they still agree."""

from decimal import Decimal

from attrs import evolve

from tallystick.connectors.sandbox.acts import Acts, Spared, pick
from tallystick.connectors.sandbox.amounts import TaxBasis, cents, line_amounts
from tallystick.connectors.sandbox.bookkeeper import Bookkeeper, figured, settled
from tallystick.connectors.sandbox.books import POSTED, SALES, Contact, Document, DocumentKind, Line, Payment


def party(keeper: Bookkeeper, *, sale: bool) -> Contact:
    """Somebody to trade with, or anybody if there is none."""
    found = [
        contact
        for contact in keeper.books.contacts.values()
        if contact.status == "active"
        and (contact.is_customer if sale else contact.is_supplier)
        and contact.currency != "IDR"
    ]
    return keeper.rng.choice(found or list(keeper.books.contacts.values()))


def documents(kind: DocumentKind) -> Acts:
    """Invoices, bills or credit notes. Only drafts can be deleted: some are written when there are none."""

    def create(keeper: Bookkeeper, count: int, _: Spared) -> list[str]:
        return [
            keeper.document(
                kind,
                party(keeper, sale=kind in SALES),
                issued_on=keeper.now.date(),
                status="authorised",
                at=keeper.now,
            ).id
            for _place in range(count)
        ]

    def update(keeper: Bookkeeper, count: int, spared: Spared) -> list[str]:
        live = keeper.books.documents_where(
            lambda found: (
                found.kind == kind and found.status not in {"deleted", "voided"} and found.id not in spared
            )
        )
        # One that was given away for nothing comes to nothing however many there are.
        open_ones = [found for found in live if found.total and not found.paid and not found.credited]
        chosen = pick(keeper.rng, open_ones, count)
        rest = [found for found in live if found.paid or found.credited or not found.total]
        chosen += pick(keeper.rng, rest, count - len(chosen))
        for document in chosen:
            changed = _figures_changed(keeper, document) if document in open_ones else document
            keeper.books.put_document(
                evolve(changed, reference=f"Changed {keeper.rng.randrange(10**6)}", updated_at=keeper.now)
            )
        return [document.id for document in chosen]

    def delete(keeper: Bookkeeper, count: int, spared: Spared) -> list[str]:
        drafts = keeper.books.documents_where(
            lambda found: (
                found.kind == kind and found.status in {"draft", "submitted"} and found.id not in spared
            )
        )
        chosen = pick(keeper.rng, drafts, count)
        while len(chosen) < count:  # only drafts can be deleted at the providers: write some to delete
            chosen.append(
                keeper.document(
                    kind,
                    party(keeper, sale=kind in SALES),
                    issued_on=keeper.now.date(),
                    status="draft",
                    at=keeper.now,
                )
            )
        for document in chosen:
            keeper.books.put_document(evolve(document, status="deleted", updated_at=keeper.now))
        return [document.id for document in chosen]

    return Acts(create, update, delete)


def _figures_changed(keeper: Bookkeeper, document: Document) -> Document:
    """One more of the first line; everything that hangs on it follows."""
    changed = figured(
        evolve(document, lines=one_more(keeper, document.lines, document.basis), updated_at=keeper.now)
    )
    return settled(changed, keeper.now, changed.settled_on) if changed.status in POSTED else changed


def one_more(keeper: Bookkeeper, lines: tuple[Line, ...], basis: TaxBasis) -> tuple[Line, ...]:
    """The lines with one more of the first."""
    first, *rest = lines
    quantity = first.quantity + Decimal("1.0000")
    amount, tax, discount = line_amounts(
        quantity,
        first.unit_price,
        rate=keeper.books.tax_rates[first.tax_code].percent,
        basis=basis,
        discount_rate=first.discount_rate,
        discount_amount=first.discount_amount,
    )
    return (evolve(first, quantity=quantity, amount=amount, tax=tax, discount=discount), *rest)


def payments(kind: DocumentKind) -> Acts:
    """Payments of invoices or bills. A deleted one stays readable and opens its document again."""

    def create(keeper: Bookkeeper, count: int, _: Spared) -> list[str]:
        made: list[str] = []
        unpaid = keeper.books.documents_where(
            lambda found: found.kind == kind and found.status == "authorised" and found.due > 0
        )
        chosen = pick(keeper.rng, unpaid, count)
        while len(chosen) < count:
            chosen.append(
                keeper.document(
                    kind,
                    party(keeper, sale=kind in SALES),
                    issued_on=keeper.now.date(),
                    status="authorised",
                    at=keeper.now,
                )
            )
        for document in chosen:
            half = cents(document.due / 2)
            amount = half if half and keeper.rng.random() < 0.5 else document.due
            made.append(keeper.pay(document, amount, paid_on=keeper.now.date(), at=keeper.now).id)
        return made

    def live(keeper: Bookkeeper, spared: Spared) -> list[Payment]:
        payments = keeper.books.payments.values()
        return [
            found
            for found in payments
            if found.kind == kind
            and found.status == "authorised"
            and found.id not in spared
            and found.batch_id is None  # a part of a sum is changed with all of it
        ]

    def update(keeper: Bookkeeper, count: int, spared: Spared) -> list[str]:
        chosen = pick(keeper.rng, live(keeper, spared), count)
        for payment in chosen:
            keeper.books.put_payment(
                evolve(
                    payment,
                    reference=f"Changed {keeper.rng.randrange(10**6)}",
                    reconciled=not payment.reconciled,
                    updated_at=keeper.now,
                )
            )
            document = keeper.books.documents[payment.document_id]  # it lists its payments
            keeper.books.put_document(evolve(document, updated_at=keeper.now))
        return [payment.id for payment in chosen]

    def delete(keeper: Bookkeeper, count: int, spared: Spared) -> list[str]:
        if count > len(live(keeper, spared)):
            create(keeper, count - len(live(keeper, spared)), spared)
        chosen = pick(keeper.rng, live(keeper, spared), count)
        for payment in chosen:
            keeper.unpay(payment, keeper.now)
        return [payment.id for payment in chosen]

    return Acts(create, update, delete)
