"""What FreeAgent can hold of the books, counted in our own data types.

It has no orders, no ways to pay and no drafts of bills; what is deleted is gone. Money on account stands as
other money in and out, each line of a bank transaction is a cost or an income of its own, and departments are
projects, while locations have no place. Source: providers.md §2.5.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from tallystick.connectors.freeagent.sandbox.dialect import is_shown, percentages
from tallystick.connectors.sandbox.amounts import ZERO
from tallystick.connectors.sandbox.books import AccountKind, BankTransaction, Books, Payment
from tallystick.connectors.sandbox.truth import PAYMENT_TYPES, Truth

COUNTED: Final = (
    "company",
    "chartOfAccounts",
    "bankAccounts",
    "taxRates",
    "trackingCategories",
    "items",
    "customers",
    "suppliers",
    "invoices",
    "creditNotes",
    "bills",
    "billCreditNotes",
    "payments",
    "billPayments",
    "directCosts",
    "directIncomes",
    "transfers",
    "bankTransactions",
    "accountTransactions",
    "journalEntries",
)
#: Those whose records have a total; payments are in their bank account's currency.
SUMMED: Final = (
    "invoices",
    "creditNotes",
    "bills",
    "billCreditNotes",
    "payments",
    "billPayments",
    "directCosts",
    "directIncomes",
    "accountTransactions",
)
_INCOME: Final[frozenset[AccountKind]] = frozenset({"income", "other_income"})
_COSTS: Final[frozenset[AccountKind]] = frozenset({"cost_of_sales", "expense", "depreciation"})


def truth_of(books: Books) -> Truth:
    """The truth of made-up books at FreeAgent. Reads every record."""
    truth = Truth(
        counts=dict.fromkeys(COUNTED, 0),
        totals=dict.fromkeys(SUMMED, ZERO),
        deleted=dict.fromkeys(COUNTED, 0),
    )
    for data_type, amount in (*_lists(books), *_people(books), *_documents(books), *_money(books)):
        truth.count([data_type], amount=amount if data_type in SUMMED else None)
    return truth


_Told = tuple[str, Decimal]


def _lists(books: Books) -> Iterator[_Told]:
    yield "company", ZERO
    for account in books.accounts.values():
        if account.status != "deleted":
            yield "chartOfAccounts", ZERO
            if account.kind == "bank":
                yield "bankAccounts", ZERO
    for _ in ("the account of all banks", "received on account", "paid on account"):
        yield "chartOfAccounts", ZERO
    for _ in (*percentages(books), "exempt", "out of scope"):
        yield "taxRates", ZERO
    for _ in books.items:
        yield "items", ZERO
    for journal in books.manual_journals.values():
        if journal.status == "posted" and not journal.opening:
            yield "journalEntries", ZERO


def _people(books: Books) -> Iterator[_Told]:
    for option in books.tracking_options.values():
        category = books.tracking_categories[option.category_id]
        if category.kind == "department" and option.status != "deleted":
            yield "trackingCategories", ZERO
    for contact in books.contacts.values():
        # Of a hidden contact nobody tells whether it is a supplier.
        hidden = contact.status == "archived"
        if contact.is_customer or hidden or not contact.is_supplier:
            yield "customers", ZERO
        if contact.is_supplier or hidden:
            yield "suppliers", ZERO


def _documents(books: Books) -> Iterator[_Told]:
    for document in books.documents.values():
        if not is_shown(document):
            continue
        match document.kind:
            case "invoice":
                yield "invoices", document.total
            case "credit_note":
                yield "creditNotes", document.total
            case "bill":
                yield "bills", document.total
            case "bill_credit_note":
                # A credit of nothing is no negative bill.
                yield "billCreditNotes" if document.total else "bills", document.total
    made = {each.id: each for of in books.allocations_of.values() for each in of}
    for each in made.values():
        if books.documents[each.credit_id].kind == "credit_note":
            yield "payments", ZERO


def _money(books: Books) -> Iterator[_Told]:
    live = [payment for payment in books.payments.values() if payment.status == "authorised"]
    for payment in live:
        data_type, sign = PAYMENT_TYPES[payment.kind]
        yield data_type, sign * payment.bank_amount
        into = payment.kind in {"invoice", "bill_credit_note"}
        # What was paid together is one movement, whatever it was for.
        if payment.batch_id is None:
            yield from _moved(payment.bank_amount if into else -payment.bank_amount)
    together: dict[str, list[Payment]] = {}
    for payment in live:
        together.setdefault(payment.batch_id or "", []).append(payment)
    for batch in books.batches.values():
        parts = together.get(batch.id)
        if parts:
            into = batch.side == "sales"
            amount = sum((part.bank_amount for part in parts), ZERO)
            yield from _moved(amount if into else -amount)
    for source in books.on_account.values():
        if source.status != "voided":
            sales = source.side == "sales"
            yield "directIncomes" if sales else "directCosts", source.bank_amount
            yield from _moved(source.bank_amount if sales else -source.bank_amount)
    for each in books.bank_transactions.values():
        if each.status == "authorised":
            yield from _at_once(each, books)
    for transfer in books.transfers.values():
        if transfer.status == "authorised":
            yield "transfers", ZERO
            yield from _moved(-transfer.from_amount)
            yield from _moved(transfer.to_amount)


def _at_once(source: BankTransaction, books: Books) -> Iterator[_Told]:
    sign = 1 if source.kind == "receive" else -1
    total = ZERO
    for line in source.lines:
        gross = sign * (line.amount if source.basis == "inclusive" else line.amount + line.tax)
        kind = books.accounts[line.account_id].kind
        earned = kind in _INCOME or (kind not in _COSTS and gross >= 0)
        yield ("directIncomes", gross) if earned else ("directCosts", -gross)
        total += gross
    yield from _moved(total)


def _moved(amount: Decimal) -> Iterator[_Told]:
    yield "bankTransactions", amount
    yield "accountTransactions", amount
