"""What was deleted in books before anybody read them: it stays readable and counts for nothing."""

from collections.abc import Sequence
from typing import Final

from attrs import evolve

from tallystick.connectors.sandbox.bank_keeper import bank_transaction, journal, order, transfer
from tallystick.connectors.sandbox.bookkeeper import Bookkeeper
from tallystick.connectors.sandbox.books import SALES, Contact, DocumentKind
from tallystick.connectors.sandbox.fresh_money import day
from tallystick.connectors.sandbox.on_account_keeper import put_on_account

_KINDS: Final[tuple[DocumentKind, ...]] = ("invoice", "bill", "credit_note", "bill_credit_note")


def write_removals(
    keeper: Bookkeeper, customers: Sequence[Contact], suppliers: Sequence[Contact], records: int
) -> None:
    """Add records that are gone: one of each sort for every fifty invoices."""
    books, rng = keeper.books, keeper.rng
    found = keeper.writer.accounts
    for _ in range(-(-records // 50)):
        for kind in _KINDS:
            pool = customers if kind in SALES else suppliers
            who = pool[rng.randrange(1, len(pool))]
            keeper.document(kind, who, issued_on=day(keeper), status="deleted")
            standing = keeper.document(kind, who, issued_on=day(keeper), status="authorised")
            if standing.due:
                payment = keeper.pay(standing, standing.due, paid_on=keeper.now.date())
                keeper.unpay(payment, payment.updated_at)
        supplier = suppliers[rng.randrange(1, len(suppliers))]
        order(keeper, "purchase_order", supplier, issued_on=day(keeper), status="deleted")
        spent = bank_transaction(keeper, "spend", made_on=day(keeper), party=supplier)
        books.bank_transactions[spent.id] = evolve(spent, status="deleted")
        amount = spent.total
        moved = transfer(keeper, found["090"], found["091"], amount, made_on=day(keeper))
        books.transfers[moved.id] = evolve(moved, status="deleted")
        sides = [("412", amount), ("850", -amount)]
        journal(keeper, "Entered twice", sides, posted_on=day(keeper), status="deleted")
        if amount:
            void = put_on_account(
                keeper, supplier, amount, kind="prepayment", side="purchases", paid_on=day(keeper)
            )
            books.on_account[void.id] = evolve(void, status="voided")
