"""What a company's books hold, as QuickBooks tells it, counted in our own data types."""

from decimal import Decimal
from typing import Final

from attrs import evolve

from tallystick.connectors.quickbooks.sandbox.journal_report import JournalReport
from tallystick.connectors.sandbox.amounts import ZERO
from tallystick.connectors.sandbox.books import CREDITS, SALES, Books
from tallystick.connectors.sandbox.truth import DOCUMENT_TYPES, MOVEMENTS, WHOLE, Counting, Truth, truth_of

#: What QuickBooks puts out of use where others delete it: nothing of these is ever gone.
_NEVER_GONE: Final = ("chartOfAccounts", "bankAccounts", "items", "taxRates")
COUNTING: Final[Counting] = evolve(
    WHOLE,
    # Customers' orders are not kept; what was posted is counted by transactions, see `_posted`.
    data_types=tuple(each for each in WHOLE.data_types if each not in {"salesOrders", "journalEntries"}),
    summed=tuple(each for each in WHOLE.summed if each not in {"salesOrders", "journalEntries"}),
    # An invoice is posted when it is written.
    drafts=False,
    batches_as_one=True,
)


def truth_of_company(journal: JournalReport) -> Truth:
    """What the books hold now, and what was posted of it."""
    books = journal.rows.books
    truth = truth_of(books, COUNTING)
    for data_type in _NEVER_GONE:
        truth.counts[data_type] += truth.deleted[data_type]
        truth.deleted[data_type] = 0
    # The lists of classes and departments are the categories: they are no records themselves.
    truth.counts["trackingCategories"] -= len(books.tracking_categories)
    for document in books.documents.values():
        if document.status == "voided":  # it is worth nothing there
            truth.totals[DOCUMENT_TYPES[document.kind]] -= document.total
    _given_back(books, truth)
    _applied(books, truth)
    _in_own_currency(books, truth)
    _posted(journal, truth)
    return truth


def _given_back(books: Books, truth: Truth) -> None:
    """Money that was given back for a credit is a purchase or a deposit; a payment of nothing names both."""
    for payment in books.payments.values():
        if payment.kind not in CREDITS:
            continue
        paid, money = (
            ("payments", "directCosts") if payment.kind in SALES else ("billPayments", "directIncomes")
        )
        gone = payment.status == "deleted"
        (truth.deleted if gone else truth.counts)[money] += 1
        if not gone:
            truth.totals[paid] += payment.amount
            truth.totals[money] += payment.amount


def _applied(books: Books, truth: Truth) -> None:
    """A credit that was set against a document is a payment of nothing."""
    for id_, allocations in books.allocations_of.items():
        kind = books.documents[id_].kind
        if kind in CREDITS:  # each stands at both of its documents
            truth.counts["payments" if kind in SALES else "billPayments"] += len(allocations)


def _in_own_currency(books: Books, truth: Truth) -> None:
    """What moves money tells it in its own currency, and a void one moves nothing and is not gone.

    What it was in the currency of the account, or at the other end of a transfer, nobody tells.
    """
    more = ZERO
    for payment in books.payments.values():
        if payment.status == "authorised":
            inwards = payment.kind in {"invoice", "bill_credit_note"}
            more += (payment.amount - payment.bank_amount) * (1 if inwards else -1)
    void = [source for source in books.on_account.values() if source.status == "voided"]
    for source in void:
        truth.totals["payments" if source.side == "sales" else "billPayments"] -= source.amount
    for source in books.on_account.values():
        if source.status != "voided":
            more += (source.amount - source.bank_amount) * (1 if source.side == "sales" else -1)
    for transfer in books.transfers.values():
        if transfer.status == "authorised":
            more += transfer.from_amount - transfer.to_amount
    nothing = sum(each.status == "authorised" and not each.total for each in books.bank_transactions.values())
    for data_type in MOVEMENTS:
        truth.totals[data_type] += more
        truth.counts[data_type] += len(void) - nothing
        truth.deleted[data_type] -= len(void)


def _posted(journal: JournalReport, truth: Truth) -> None:
    """Every transaction is an entry, and every sort of them a journal."""
    truth.counts["journalEntries"] = len(journal.posted)
    truth.counts["journals"] = len({each.word for each in journal.posted})
    truth.totals["journalEntries"] = sum((each.debits for each in journal.posted), Decimal("0.00"))
    truth.deleted["journalEntries"] = truth.deleted["journals"] = 0
