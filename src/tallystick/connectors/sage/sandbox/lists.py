"""What Sage's lists are called and what each can do. Source: providers.md §2.4; Sage's description of 3.1."""

from typing import Final

from attrs import frozen


@frozen(kw_only=True)
class SageList:
    """One of the lists below `/v3.1`."""

    name: str
    changes: bool = True  #: heeds `updated_or_created_since`
    deletions: bool = True  #: heeds `deleted_since`
    sorted: bool = False  #: heeds `sort`
    nested: bool = False  #: heeds `nested_attributes`


LISTS: Final = {
    each.name: each
    for each in (
        SageList(name="ledger_accounts", deletions=False),
        SageList(name="bank_accounts", nested=True),
        SageList(name="tax_rates", deletions=False),
        SageList(name="analysis_types", deletions=False),
        SageList(name="analysis_type_categories", deletions=False),
        SageList(name="payment_methods", changes=False, deletions=False),
        SageList(name="products"),
        SageList(name="services"),
        SageList(name="stock_items"),
        SageList(name="contacts", nested=True),
        SageList(name="sales_invoices", sorted=True),
        SageList(name="sales_credit_notes", sorted=True),
        SageList(name="sales_quick_entries", sorted=True),
        SageList(name="purchase_invoices", sorted=True),
        SageList(name="purchase_credit_notes", sorted=True),
        SageList(name="purchase_quick_entries", sorted=True),
        SageList(name="contact_payments", sorted=True),
        SageList(name="contact_allocations", sorted=True),
        SageList(name="other_payments", sorted=True),
        SageList(name="bank_transfers", sorted=True),
        SageList(name="bank_deposits", sorted=True),
        SageList(name="journals"),
        SageList(name="opening_balance_journals", changes=False, deletions=False),
        SageList(name="ledger_entries", deletions=False),
    )
}
#: What is no list, and counts as a read of books all the same.
SINGLE: Final = ("business", "financial_settings")
