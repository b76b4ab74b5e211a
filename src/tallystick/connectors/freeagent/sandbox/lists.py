"""What FreeAgent's lists are called and what each can do. Source: providers.md §2.5."""

from typing import Final

from attrs import frozen


@frozen(kw_only=True)
class FreeAgentList:
    """One of the lists below `/v2`."""

    name: str
    single: str  #: what one record is called
    changes: bool = True  #: heeds `updated_since`
    sorted: bool = False  #: heeds `sort`
    by_name: bool = False  #: comes by name when no order is asked for
    nested: str = ""  #: the parameter that brings the lines along
    by_account: bool = False  #: wants to know which account at the bank is meant
    views: bool = False  #: heeds `view`


LISTS: Final = {
    each.name: each
    for each in (
        FreeAgentList(name="bank_accounts", single="bank_account", changes=False),
        FreeAgentList(name="projects", single="project", changes=False, sorted=True, by_name=True),
        FreeAgentList(name="price_list_items", single="price_list_item", changes=False, sorted=True),
        FreeAgentList(name="stock_items", single="stock_item", changes=False, sorted=True),
        FreeAgentList(name="contacts", single="contact", sorted=True, by_name=True, views=True),
        FreeAgentList(name="invoices", single="invoice", sorted=True, nested="nested_invoice_items"),
        FreeAgentList(
            name="credit_notes", single="credit_note", sorted=True, nested="nested_credit_note_items"
        ),
        FreeAgentList(name="bills", single="bill", nested="nested_bill_items"),
        FreeAgentList(
            name="bank_transaction_explanations", single="bank_transaction_explanation", by_account=True
        ),
        FreeAgentList(name="credit_note_reconciliations", single="credit_note_reconciliation"),
        FreeAgentList(name="bank_transactions", single="bank_transaction", by_account=True),
        FreeAgentList(name="journal_sets", single="journal_set"),
    )
}
#: What is no list, and counts as a read of books all the same.
SINGLE: Final = ("company", "categories")
#: Below `accounting`.
REPORTS: Final = ("profit_and_loss/summary", "trial_balance/summary", "balance_sheet")
