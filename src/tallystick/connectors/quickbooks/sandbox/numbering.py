"""QuickBooks' ids: small whole numbers, counted from 1 in each company (quirk 50).

The books know their records by random ids; here each gets a number, in the order in which it was written, and
keeps it. Transactions share one count and so do names, as they do at the provider.
"""

from typing import Final, Literal

from attrs import define, field

from tallystick.connectors.sandbox.books import CREDITS, Books, TaxRate
from tallystick.connectors.sandbox.list_records import TaxComponent

Count = Literal[
    "Account", "Item", "TaxCode", "TaxRate", "Agency", "Name", "Method", "Class", "Department", "Txn"
]
#: The first transaction is not number 1: other tests would pass by chance.
_FIRST: Final[dict[Count, int]] = {
    "Account": 31,
    "Item": 2,
    "TaxCode": 2,
    "TaxRate": 3,
    "Agency": 1,
    "Name": 1,
    "Method": 1,
    "Class": 51,
    "Department": 1,
    "Txn": 101,
}


@define(eq=False)
class Numbering:
    """The numbers of one company's records."""

    given: dict[tuple[Count, str], str] = field(factory=dict)
    _latest: dict[Count, int] = field(factory=dict)

    def of(self, count: Count, key: str) -> str:
        """A record's number. Raises: `KeyError` for one that has none."""
        return self.given[count, key]

    def number_all(self, books: Books) -> None:
        """Give a number to whatever has none yet; always the same ones for the same books and changes."""
        self._number_lists(books)
        for document in books.documents:
            self._give("Txn", document)
        for payment in books.payments.values():
            self._give("Txn", payment.batch_id or payment.id)
            if payment.kind in CREDITS:
                self._give("Txn", link_key(payment.id))
        for allocations in books.allocations_of.values():
            for allocation in allocations:
                self._give("Txn", allocation.id)
        for applications in books.applications_of.values():
            for application in applications:
                self._give("Txn", application.id)
        for ids in (
            books.orders,
            books.on_account,
            books.bank_transactions,
            books.transfers,
            books.manual_journals,
        ):
            for id_ in ids:
                self._give("Txn", id_)

    def _number_lists(self, books: Books) -> None:
        for account in books.accounts:
            self._give("Account", account)
        for item in books.items:
            self._give("Item", item)
        for rate in books.tax_rates.values():
            self._give("TaxCode", rate.code)
            for place, part in enumerate(parts_of(rate)):
                self._give("TaxRate", rate_key(rate, place))
                self._give("Agency", part.agency)
        for contact in books.contacts:
            self._give("Name", customer_key(contact))
            self._give("Name", vendor_key(contact))
        for employee in books.employees:
            self._give("Name", employee)
        for method in books.payment_methods:
            self._give("Method", method)
        for option in books.tracking_options.values():
            kind = books.tracking_categories[option.category_id].kind
            self._give("Class" if kind == "department" else "Department", option.id)

    def _give(self, count: Count, key: str) -> None:
        if (count, key) not in self.given:
            self._latest[count] = latest = self._latest.get(count, _FIRST[count] - 1) + 1
            self.given[count, key] = str(latest)


def customer_key(contact_id: str) -> str:
    """A contact as a customer: who is both has two entries at QuickBooks, with an id each."""
    return f"customer {contact_id}"


def vendor_key(contact_id: str) -> str:
    """A contact as a vendor."""
    return f"vendor {contact_id}"


def link_key(payment_id: str) -> str:
    """The payment of nothing that says which credit was given back."""
    return f"link {payment_id}"


def parts_of(rate: TaxRate) -> tuple[TaxComponent, ...]:
    """The rates that a tax code is made of: one at least."""
    return rate.components or (TaxComponent(name=rate.name, percent=rate.percent),)


def rate_key(rate: TaxRate, place: int) -> str:
    """One rate of a tax code."""
    return f"{rate.code}/{place}"
