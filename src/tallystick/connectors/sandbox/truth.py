"""What a company's books hold, counted in our own data types: what any mapping has to come to.

Live records are counted; voided ones are live, deleted ones are not. A contact that is neither
customer nor supplier is a customer, one that is both is both. Payments are positive where money moves
the usual way and negative where a credit note is refunded; money on account is a payment. The two lists of
bank movements hold each movement of a bank account once, positive into it. Statements and reports are not
counted. Source: design.md §6, providers.md §6.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final, Literal, get_args

from attrs import define, field, frozen

from tallystick.connectors.sandbox.amounts import ZERO
from tallystick.connectors.sandbox.books import Books, PaymentKind

#: What books hold lists of, as far as it is counted.
Kind = Literal[
    "organisation",
    "accounts",
    "tax_rates",
    "items",
    "contacts",
    "documents",
    "payments",
    "payment_methods",
    "tracking",
    "orders",
    "on_account",
    "bank_transactions",
    "transfers",
    "manual_journals",
    "opening_balances",
]
COUNTED: Final = (
    "company",
    "chartOfAccounts",
    "bankAccounts",
    "taxRates",
    "items",
    "customers",
    "suppliers",
    "invoices",
    "bills",
    "creditNotes",
    "billCreditNotes",
    "payments",
    "billPayments",
)
SUMMED: Final = ("invoices", "bills", "creditNotes", "billCreditNotes", "payments", "billPayments")
#: Beside documents and their payments.
COUNTED_MORE: Final = (
    "paymentMethods",
    "trackingCategories",
    "purchaseOrders",
    "salesOrders",
    "directCosts",
    "directIncomes",
    "transfers",
    "journalEntries",
    "bankTransactions",
    "accountTransactions",
)
SUMMED_MORE: Final = (
    "purchaseOrders",
    "salesOrders",
    "directCosts",
    "directIncomes",
    "transfers",  # what left, in the currency that it left in
    "journalEntries",  # their debits
    "bankTransactions",
    "accountTransactions",
)
MOVEMENTS: Final = ("bankTransactions", "accountTransactions")
DOCUMENT_TYPES: Final = {
    "invoice": "invoices",
    "bill": "bills",
    "credit_note": "creditNotes",
    "bill_credit_note": "billCreditNotes",
}
ORDER_TYPES: Final = {"purchase_order": "purchaseOrders", "sales_order": "salesOrders"}
#: A refund is a payment of the same side with the sign turned.
PAYMENT_TYPES: Final = {
    "invoice": ("payments", 1),
    "bill": ("billPayments", 1),
    "credit_note": ("payments", -1),
    "bill_credit_note": ("billPayments", -1),
}


@frozen(kw_only=True)
class Counting:
    """What a provider's sandbox shows of the books: what is told by nobody cannot be counted.

    `left_out` are pairs: records of a sort that are not in the list of a data type at this provider.
    """

    kinds: frozenset[Kind] = frozenset(get_args(Kind))
    data_types: tuple[str, ...] = (*COUNTED, *COUNTED_MORE)
    summed: tuple[str, ...] = (*SUMMED, *SUMMED_MORE)
    left_out: frozenset[tuple[Kind, str]] = frozenset()
    #: Money that is given back for a cash sale is income below nothing, or a cost.
    refunds: Literal["directIncomes", "directCosts"] = "directIncomes"
    drafts: bool = True  #: documents that are not posted yet are in the lists
    batches_as_one: bool = False  #: a sum of money for several documents is one payment

    def counted(self, kind: Kind, data_type: str) -> bool:
        """Whether records of a sort are in the list of a data type."""
        return kind in self.kinds and data_type in self.data_types and (kind, data_type) not in self.left_out


#: All that books hold.
WHOLE: Final = Counting()


@define
class Truth:
    """Counts, sums and deleted records by data type."""

    counts: dict[str, int] = field(factory=lambda: dict.fromkeys(COUNTED, 0))
    totals: dict[str, Decimal] = field(factory=lambda: dict.fromkeys(SUMMED, Decimal("0.00")))
    deleted: dict[str, int] = field(factory=lambda: dict.fromkeys(COUNTED, 0))

    def count(
        self, data_types: Iterable[str], *, deleted: bool = False, amount: Decimal | None = None
    ) -> None:
        """Add one record to each of the data types that it is."""
        for data_type in data_types:
            where = self.deleted if deleted else self.counts
            where[data_type] += 1
            if amount is not None and not deleted:
                self.totals[data_type] += amount

    def as_json(self) -> dict[str, dict[str, int] | dict[str, str]]:
        """Totals as exact decimal text."""
        return {
            "counts": self.counts,
            "totals": {name: format(amount, "f") for name, amount in self.totals.items()},
            "deleted": self.deleted,
        }


def contact_types(*, is_customer: bool, is_supplier: bool) -> list[str]:
    """Which of our data types a contact is."""
    types = ["customers"] if is_customer or not is_supplier else []
    return [*types, "suppliers"] if is_supplier else types


@frozen
class Told:
    """One record of the books as one record of a data type."""

    kind: Kind
    data_type: str
    gone: bool = False
    amount: Decimal | None = None


def truth_of(books: Books, counting: Counting) -> Truth:
    """The truth of made-up books, as far as a provider shows them. Reads every record."""
    truth = Truth(
        counts=dict.fromkeys(counting.data_types, 0),
        totals=dict.fromkeys(counting.summed, ZERO),
        deleted=dict.fromkeys(counting.data_types, 0),
    )
    for told in (*_lists(books), *_written(books, counting), *_money(books, counting)):
        if counting.counted(told.kind, told.data_type):
            truth.count([told.data_type], deleted=told.gone, amount=told.amount)
    for data_type, count in books.removed.items():
        if data_type in truth.deleted:
            truth.deleted[data_type] += count
    return truth


def _lists(books: Books) -> Iterator[Told]:
    yield Told("organisation", "company")
    for account in books.accounts.values():
        gone = account.status == "deleted"
        yield Told("accounts", "chartOfAccounts", gone)
        if account.kind == "bank":
            yield Told("accounts", "bankAccounts", gone)
    for rate in books.tax_rates.values():
        yield Told("tax_rates", "taxRates", rate.status == "deleted")
    for _ in books.items:
        yield Told("items", "items")
    for contact in books.contacts.values():
        for data_type in contact_types(is_customer=contact.is_customer, is_supplier=contact.is_supplier):
            yield Told("contacts", data_type)
    for method in books.payment_methods.values():
        yield Told("payment_methods", "paymentMethods", method.status == "deleted")
    statuses = [category.status for category in books.tracking_categories.values()]
    statuses += [option.status for option in books.tracking_options.values()]
    for status in statuses:
        yield Told("tracking", "trackingCategories", status == "deleted")


def _written(books: Books, counting: Counting) -> Iterator[Told]:
    """What moves no money by itself."""
    for document in books.documents.values():
        if document.status in {"draft", "submitted"} and not counting.drafts:
            continue
        yield Told("documents", DOCUMENT_TYPES[document.kind], document.status == "deleted", document.total)
    for order in books.orders.values():
        yield Told("orders", ORDER_TYPES[order.kind], order.status == "deleted", order.total)
    for journal in books.manual_journals.values():
        kind: Kind = "opening_balances" if journal.opening else "manual_journals"
        debits = sum((line.amount for line in journal.lines if line.amount > 0), ZERO)
        yield Told(kind, "journalEntries", journal.status == "deleted", debits)
    for of, gone, amount, _ in _sums_of_money(books, as_one=counting.batches_as_one):
        data_type, sign = PAYMENT_TYPES[of]
        yield Told("payments", data_type, gone, sign * amount)


def _sums_of_money(books: Books, *, as_one: bool) -> Iterator[tuple[PaymentKind, bool, Decimal, Decimal]]:
    """Payments: kind, whether gone, amount and bank amount. `as_one`: those of a batch together."""
    for payment in books.payments.values():
        if not as_one or payment.batch_id is None:
            gone = payment.status == "deleted"
            yield payment.kind, gone, payment.amount, payment.bank_amount
    for batch in books.batches.values() if as_one else ():
        found = [books.payments[id_] for id_ in batch.payment_ids]
        live = [payment for payment in found if payment.status == "authorised"]
        amount = sum((payment.amount for payment in live), ZERO)
        yield found[0].kind, not live, amount, sum((payment.bank_amount for payment in live), ZERO)


def _money(books: Books, counting: Counting) -> Iterator[Told]:
    """What stands on bank accounts beside payments, and every movement of them."""
    for source in books.on_account.values():
        data_type = "payments" if source.side == "sales" else "billPayments"
        yield Told("on_account", data_type, False, source.amount)
    for each in books.bank_transactions.values():
        gone = each.status == "deleted"
        if each.purpose == "refund" and counting.refunds == "directIncomes":
            yield Told("bank_transactions", "directIncomes", gone, -each.total)
        else:
            told = "directCosts" if each.kind == "spend" else "directIncomes"
            yield Told("bank_transactions", told, gone, each.total)
    for transfer in books.transfers.values():
        yield Told("transfers", "transfers", transfer.status == "deleted", transfer.from_amount)
    for kind, gone, amount in _movements(books, as_one=counting.batches_as_one):
        for data_type in MOVEMENTS:
            yield Told(kind, data_type, gone, amount)


def _movements(books: Books, *, as_one: bool) -> Iterator[tuple[Kind, bool, Decimal]]:
    """Every movement of a bank account, in its currency, positive into it."""
    for kind, gone, _, banked in _sums_of_money(books, as_one=as_one):
        yield "payments", gone, banked if kind in {"invoice", "bill_credit_note"} else -banked
    for source in books.on_account.values():
        banked = source.bank_amount if source.side == "sales" else -source.bank_amount
        yield "on_account", source.status == "voided", banked
    for each in books.bank_transactions.values():
        yield (
            "bank_transactions",
            each.status == "deleted",
            each.total if each.kind == "receive" else -each.total,
        )
    for transfer in books.transfers.values():
        gone = transfer.status == "deleted"
        yield "transfers", gone, -transfer.from_amount
        yield "transfers", gone, transfer.to_amount
