"""QuickBooks' ids: small whole numbers, counted from 1 in each company (quirk 50).

The books know their records by random ids; here each gets a number, in the order in which it was written, and
keeps it. Transactions share one count and so do names, as they do at the provider.
"""

from typing import Final, Literal

from attrs import define, field

from tallystick.connectors.sandbox.books import Books

Count = Literal["Account", "Item", "TaxCode", "Name", "Txn"]
#: The first transaction is not number 1: other tests would pass by chance.
_FIRST: Final[dict[Count, int]] = {"Account": 31, "Item": 2, "TaxCode": 2, "Name": 1, "Txn": 101}


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
        for account in books.accounts:
            self._give("Account", account)
        for item in books.items:
            self._give("Item", item)
        for code in books.tax_rates:
            self._give("TaxCode", code)
        for contact in books.contacts:
            self._give("Name", customer_key(contact))
            self._give("Name", vendor_key(contact))
        for document in books.documents:
            self._give("Txn", document)
        for payment in books.payments:
            self._give("Txn", payment)
        for allocations in books.allocations_of.values():
            for allocation in allocations:
                self._give("Txn", allocation.id)

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
