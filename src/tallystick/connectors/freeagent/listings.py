"""How each of FreeAgent's lists is asked for, and which of them a resource is read from.

Source: providers §2.5.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from attrs import frozen


@frozen(kw_only=True)
class Listing:
    """One list."""

    name: str  #: what its rows' own addresses call it: `invoices` of `…/v2/invoices/7`
    single: str  #: what one row alone is called: `{"invoice": {…}}`
    path: str = ""  #: where it is asked for; its name, if empty
    params: Mapping[str, str] = MappingProxyType({})
    changes: bool = True  #: it takes `updated_since`
    sorted: bool = False  #: it comes in the order in which its rows were made, which no update disturbs
    by_account: bool = False  #: it is asked for once for each account at a bank
    #: Not every company, and not every user, has it: where it is refused the rest is read without it.
    optional: bool = False

    @property
    def at(self) -> str:
        """Where it is asked for."""
        return self.path or self.name


COMPANY: Final = "company"
CATEGORIES: Final = "categories"
CONTACTS: Final = "contacts"
PROFIT_AND_LOSS: Final = "profit_and_loss"
BALANCE_SHEET: Final = "balance_sheet"
#: The four lists in the one answer of `categories`.
CATEGORY_SETS: Final = (
    "admin_expenses_categories",
    "cost_of_sales_categories",
    "income_categories",
    "general_categories",
)
#: Asked for by the order in which rows were made.
BY_AGE: Final = {"sort": "created_at"}

LISTINGS: Final[Mapping[str, tuple[Listing, ...]]] = {
    COMPANY: (Listing(name=COMPANY, single="company", changes=False),),
    # Twice: with its sub accounts a list leaves out the accounts that they are parts of.
    CATEGORIES: (
        Listing(name=CATEGORIES, single="category", changes=False),
        Listing(
            name="sub_accounts",
            single="category",
            path=CATEGORIES,
            params={"sub_accounts": "true"},
            changes=False,
        ),
    ),
    "bank_accounts": (Listing(name="bank_accounts", single="bank_account", changes=False),),
    "projects": (
        Listing(name="projects", single="project", params=BY_AGE, changes=False, sorted=True, optional=True),
    ),
    "items": (
        Listing(
            name="price_list_items",
            single="price_list_item",
            params=BY_AGE,
            changes=False,
            sorted=True,
        ),
        Listing(
            name="stock_items",
            single="stock_item",
            params=BY_AGE,
            changes=False,
            sorted=True,
            optional=True,
        ),
    ),
    # Without `view` only those that are not hidden come.
    CONTACTS: (Listing(name=CONTACTS, single="contact", params={"view": "all", **BY_AGE}, changes=False),),
    "invoices": (
        Listing(
            name="invoices",
            single="invoice",
            params={"nested_invoice_items": "true", **BY_AGE},
            sorted=True,
        ),
    ),
    "credit_notes": (
        Listing(
            name="credit_notes",
            single="credit_note",
            params={"nested_credit_note_items": "true", **BY_AGE},
            sorted=True,
        ),
    ),
    "bills": (Listing(name="bills", single="bill", params={"nested_bill_items": "true"}),),
    "explanations": (
        Listing(
            name="bank_transaction_explanations",
            single="bank_transaction_explanation",
            by_account=True,
        ),
        Listing(
            name="credit_note_reconciliations",
            single="credit_note_reconciliation",
            optional=True,
        ),
    ),
    "bank_transactions": (Listing(name="bank_transactions", single="bank_transaction", by_account=True),),
    "journal_sets": (Listing(name="journal_sets", single="journal_set"),),
    # Put together of several answers: see `statement_reading`.
    PROFIT_AND_LOSS: (Listing(name=PROFIT_AND_LOSS, single="profit_and_loss_summary", changes=False),),
    BALANCE_SHEET: (Listing(name=BALANCE_SHEET, single="balance_sheet", changes=False),),
}


def listing_of(resource: str, name: str) -> Listing:
    """The list of that name that a resource is read from. Raises: `KeyError`."""
    return {each.name: each for each in LISTINGS[resource]}[name]
