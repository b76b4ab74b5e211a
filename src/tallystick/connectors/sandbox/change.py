"""Life goes on in the books: `POST /_control/change` creates, updates and deletes records.

Updates and deletions are the provider's own way: drafts and payments are deleted and stay readable,
contacts are archived, items vanish. Documents keep agreeing with their payments.
"""

from typing import Final

from attrs import frozen

from tallystick.connectors.sandbox import list_acts
from tallystick.connectors.sandbox.acts import Acts, ChangeRefused
from tallystick.connectors.sandbox.bank_acts import JOURNALS, TRANSFERS, bank_transactions, orders
from tallystick.connectors.sandbox.bookkeeper import Bookkeeper
from tallystick.connectors.sandbox.document_acts import documents, payments

_ACTS: Final[dict[str, Acts]] = {
    "invoices": documents("invoice"),
    "bills": documents("bill"),
    "creditNotes": documents("credit_note"),
    "billCreditNotes": documents("bill_credit_note"),
    "payments": payments("invoice"),
    "billPayments": payments("bill"),
    "purchaseOrders": orders("purchase_order"),
    "salesOrders": orders("sales_order"),
    "directCosts": bank_transactions("spend"),
    "directIncomes": bank_transactions("receive"),
    "bankTransactions": bank_transactions("spend", "receive"),
    "transfers": TRANSFERS,
    "journalEntries": JOURNALS,
    "customers": list_acts.contacts(supplier=False),
    "suppliers": list_acts.contacts(supplier=True),
    "items": list_acts.ITEMS,
    "chartOfAccounts": list_acts.accounts(bank=False),
    "bankAccounts": list_acts.accounts(bank=True),
    "taxRates": list_acts.TAX_RATES,
    "trackingCategories": list_acts.TRACKING,
    "company": list_acts.COMPANY,
}
#: Our data types that can be changed.
ENTITIES: Final = tuple(_ACTS)


@frozen
class Changed:
    """The ids of what was touched, as the provider has them."""

    created: list[str]
    updated: list[str]
    deleted: list[str]


def change(keeper: Bookkeeper, entity: str, *, create: int, update: int, delete: int) -> Changed:
    """Change records of one of our data types, all at the keeper's present.

    No record is touched twice by one call. Raises: `ChangeRefused`.
    """
    acts = _ACTS.get(entity)
    if acts is None:
        raise ChangeRefused(f"entity is one of {', '.join(_ACTS)}")
    updated = acts.update(keeper, update, ())
    deleted = acts.delete(keeper, delete, frozenset(updated))
    created = acts.create(keeper, create, ())
    keeper.books.revision += 1
    return Changed(created, updated, deleted)
