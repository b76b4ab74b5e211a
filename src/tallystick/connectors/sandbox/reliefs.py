"""What is left of documents and of payments on account, in the base currency.

What settles a document takes off a part as large as the part of its total that is settled, so that nothing
is left when nothing is due, whatever the rates were and however it was rounded.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from tallystick.connectors.sandbox.amounts import ZERO, TaxBasis, cents
from tallystick.connectors.sandbox.books import (
    POSTED,
    Allocation,
    Application,
    Books,
    Document,
    Line,
    OnAccount,
)

#: A payment on account in one of these stands in the ledger.
LIVE: Final = frozenset({"authorised", "paid"})


def base(amount: Decimal, rate: Decimal) -> Decimal:
    """An amount in the base currency, rounded to two places."""
    return amount if rate == 1 else cents(amount / rate)


class Settlement(NamedTuple):
    """What took something off a document: a payment, or an end of an allocation or an application."""

    day: date
    id: str
    amount: Decimal  #: in the document's currency


def settlements(books: Books, document: Document) -> list[Settlement]:
    """What stands of them, by their days."""
    found = [Settlement(each.paid_on, each.id, each.amount) for each in books.live_payments(document.id)]
    found += [Settlement(each.made_on, each.id, each.amount) for each in given(books, document.id)]
    return sorted(found)


def given(books: Books, document_id: str) -> list[Allocation | Application]:
    """Ends of allocations and applications at a document."""
    return [*books.allocations_of.get(document_id, ()), *books.applications_of.get(document_id, ())]


def base_total(document: Document) -> Decimal:
    """What a document comes to in the base currency: its lines and its tax, each rounded."""
    return sum((base(net(line, document.basis), document.rate) for line in document.lines), ZERO) + base(
        document.tax, document.rate
    )


def net(line: Line, basis: TaxBasis) -> Decimal:
    """A line without its tax."""
    return line.amount - line.tax if basis == "inclusive" else line.amount


def reliefs(books: Books, document: Document) -> dict[str, Decimal]:
    """By settlement's id, what each takes off the document in the base currency; both are positive."""
    return _shares(document.total, base_total(document), settlements(books, document))


def applied_reliefs(books: Books, source: OnAccount) -> dict[str, Decimal]:
    """By application's id, what each takes off a payment on account in the base currency."""
    return _shares(source.amount, base(source.amount, source.rate), _applied(books, source))


def base_due(books: Books, document: Document, on: date) -> Decimal:
    """What is left of a document at the end of a day, in the base currency; nothing before its own day."""
    if document.status not in POSTED or document.issued_on > on:
        return ZERO
    whole = base_total(document)
    found = [each for each in settlements(books, document) if each.day <= on]
    return whole - sum(_shares(document.total, whole, found).values(), ZERO)


def base_left(books: Books, source: OnAccount, on: date) -> Decimal:
    """What is left of a payment on account at the end of a day, in the base currency."""
    if source.status not in LIVE or source.paid_on > on:
        return ZERO
    whole = base(source.amount, source.rate)
    found = [each for each in _applied(books, source) if each.day <= on]
    return whole - sum(_shares(source.amount, whole, found).values(), ZERO)


def _applied(books: Books, source: OnAccount) -> list[Settlement]:
    found = books.applications_of.get(source.id, ())
    return sorted(Settlement(each.made_on, each.id, each.amount) for each in found)


def _shares(total: Decimal, whole: Decimal, found: Sequence[Settlement]) -> dict[str, Decimal]:
    """Parts of a whole in proportion to what was settled up to then: all of it when all is settled."""
    if not total:
        return {each.id: ZERO for each in found}
    found_shares: dict[str, Decimal] = {}
    before = amount = ZERO
    for each in found:
        amount += each.amount
        so_far = whole if amount == total else cents(whole * amount / total)
        found_shares[each.id] = so_far - before
        before = so_far
    return found_shares
