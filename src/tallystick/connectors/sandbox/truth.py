"""What a company's books hold, counted in our own data types: what any mapping has to come to.

Live records are counted; voided ones are live, deleted ones are not. A contact that is neither
customer nor supplier is a customer, one that is both is both. Payments are positive where money moves
the usual way and negative where a credit note is refunded. Source: design.md §6, providers.md §6.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from attrs import define, field

from tallystick.connectors.sandbox.books import Books

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
DOCUMENT_TYPES: Final = {
    "invoice": "invoices",
    "bill": "bills",
    "credit_note": "creditNotes",
    "bill_credit_note": "billCreditNotes",
}
#: A refund is a payment of the same side with the sign turned.
PAYMENT_TYPES: Final = {
    "invoice": ("payments", 1),
    "bill": ("billPayments", 1),
    "credit_note": ("payments", -1),
    "bill_credit_note": ("billPayments", -1),
}


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


def truth_of(books: Books) -> Truth:
    """The truth of made-up books. Reads every record."""
    truth = Truth()
    truth.count(["company"])
    for account in books.accounts.values():
        types = ["chartOfAccounts", "bankAccounts"] if account.kind == "bank" else ["chartOfAccounts"]
        truth.count(types, deleted=account.status == "deleted")
    for rate in books.tax_rates.values():
        truth.count(["taxRates"], deleted=rate.status == "deleted")
    for _ in books.items:
        truth.count(["items"])
    for contact in books.contacts.values():
        truth.count(contact_types(is_customer=contact.is_customer, is_supplier=contact.is_supplier))
    for document in books.documents.values():
        data_type = DOCUMENT_TYPES[document.kind]
        truth.count([data_type], deleted=document.status == "deleted", amount=document.total)
    for payment in books.payments.values():
        data_type, sign = PAYMENT_TYPES[payment.kind]
        truth.count([data_type], deleted=payment.status == "deleted", amount=sign * payment.amount)
    for data_type, count in books.removed.items():
        truth.deleted[data_type] += count
    return truth
