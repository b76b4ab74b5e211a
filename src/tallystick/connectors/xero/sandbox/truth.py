"""What a company at the made-up Xero holds, in our own data types, as far as Xero shows it."""

from typing import Final

from attrs import evolve

from tallystick.connectors.sandbox.amounts import ZERO
from tallystick.connectors.sandbox.books import Books
from tallystick.connectors.sandbox.truth import WHOLE, Counting, Truth, truth_of

#: What Xero shows of the books.
COUNTING: Final[Counting] = evolve(
    WHOLE,
    # It has no list of ways to pay, and none of customers' orders.
    data_types=tuple(each for each in WHOLE.data_types if each not in {"paymentMethods", "salesOrders"}),
    summed=tuple(each for each in WHOLE.summed if each != "salesOrders"),
    left_out=frozenset(
        {
            # Payments of documents are a list of their own beside the bank transactions.
            ("payments", "bankTransactions"),
            # They are entered as such, and stand in no list but that of the whole ledger.
            ("opening_balances", "journalEntries"),
        }
    ),
    refunds="directCosts",
)


def empty_truth() -> Truth:
    """Nothing, of everything that is counted."""
    return Truth(
        counts=dict.fromkeys(COUNTING.data_types, 0),
        totals=dict.fromkeys(COUNTING.summed, ZERO),
        deleted=dict.fromkeys(COUNTING.data_types, 0),
    )


def truth_of_books(books: Books) -> Truth:
    """The truth of made-up books. Reads every record.

    A draft of a journal is in no ledger; a journal or money on account that is void is gone.
    """
    journals = {
        id_: evolve(each, status="deleted") if each.status == "voided" else each
        for id_, each in books.manual_journals.items()
        if each.status != "draft"
    }
    void = [each for each in books.on_account.values() if each.status == "voided"]
    standing = {id_: each for id_, each in books.on_account.items() if each.status != "voided"}
    truth = truth_of(evolve(books, manual_journals=journals, on_account=standing), COUNTING)
    for each in void:
        paid = "payments" if each.side == "sales" else "billPayments"
        truth.count((paid, "bankTransactions", "accountTransactions"), deleted=True)
    return truth
