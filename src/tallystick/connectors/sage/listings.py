"""How each of Sage's lists is asked for, and which lists a resource is read from. Source: providers §2.4."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from attrs import frozen


@frozen(kw_only=True)
class Listing:
    """One list."""

    path: str
    params: Mapping[str, str] = MappingProxyType({})
    changes: bool = True  #: it takes `updated_or_created_since`
    deletions: bool = True  #: it takes `deleted_since`, and answers with nothing but deleted rows
    #: It can be had in the order in which its rows were made, which no update disturbs.
    sorted: bool = False
    #: Not every country and plan has it: where it is refused, there is nothing in it.
    optional: bool = False


#: A list gives ids only, unless all is asked for; and of what is nested likewise, where that can be asked.
ALL: Final = {"attributes": "all"}
_NESTED: Final = {**ALL, "nested_attributes": "all"}
_PAID: Final = {**ALL, "show_payments_allocations": "true"}

COMPANY: Final = "business"
BANK_LEDGER: Final = "ledger_entries"
OTHER_PAYMENTS: Final = "other_payments"
TRANSFERS: Final = "transfers"
#: No list at all: see `statement_reading`.
STATEMENTS: Final = "statements"

LISTINGS: Final[Mapping[str, tuple[Listing, ...]]] = {
    # Put together of two answers: see the client.
    COMPANY: (Listing(path="business", changes=False, deletions=False),),
    "ledger_accounts": (
        Listing(
            path="ledger_accounts",
            params={**ALL, "show_balance_details": "true"},
            changes=False,
            deletions=False,
        ),
    ),
    "bank_accounts": (Listing(path="bank_accounts", params=_NESTED),),
    "tax_rates": (
        Listing(
            path="tax_rates",
            params={**ALL, "include_historical_data": "true"},
            changes=False,
            deletions=False,
        ),
    ),
    "analysis": (
        Listing(path="analysis_types", params=ALL, changes=False, deletions=False, optional=True),
        Listing(path="analysis_type_categories", params=ALL, changes=False, deletions=False, optional=True),
    ),
    "payment_methods": (Listing(path="payment_methods", params=ALL, changes=False, deletions=False),),
    "items": (
        Listing(path="products", params=ALL),
        Listing(path="services", params=ALL),
        Listing(path="stock_items", params=ALL, optional=True),
    ),
    "contacts": (Listing(path="contacts", params=_NESTED),),
    "sales": (
        Listing(path="sales_invoices", params=_PAID, sorted=True),
        Listing(path="sales_credit_notes", params=_PAID, sorted=True, optional=True),
        Listing(path="sales_quick_entries", params=_PAID, sorted=True),
    ),
    "purchases": (
        Listing(path="purchase_invoices", params=_PAID, sorted=True),
        Listing(path="purchase_credit_notes", params=_PAID, sorted=True, optional=True),
        Listing(path="purchase_quick_entries", params=_PAID, sorted=True),
    ),
    "payments": (
        Listing(path="contact_payments", params=ALL, sorted=True),
        Listing(path="contact_allocations", params=ALL, sorted=True, optional=True),
    ),
    OTHER_PAYMENTS: (Listing(path="other_payments", params=ALL, sorted=True),),
    TRANSFERS: (
        Listing(path="bank_transfers", params=ALL, sorted=True),
        Listing(path="bank_deposits", params=ALL, sorted=True),
    ),
    "journals": (
        Listing(path="journals", params=ALL),
        Listing(path="opening_balance_journals", params=ALL, changes=False, deletions=False, optional=True),
    ),
    # Once for each account at a bank: see the client. A deleted entry is told among the changed ones.
    BANK_LEDGER: (Listing(path="ledger_entries", params=ALL, deletions=False),),
    STATEMENTS: (Listing(path=STATEMENTS, changes=False, deletions=False),),
}
#: In which order a list is asked for that can be had in one.
BY_AGE: Final = "created_at:asc"


def listing_of(resource: str, path: str) -> Listing:
    """The list of that path that a resource is read from. Raises: `KeyError`."""
    return {each.path: each for each in LISTINGS[resource]}[path]
