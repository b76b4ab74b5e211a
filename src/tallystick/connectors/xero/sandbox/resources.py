"""What Xero's lists are called and what each can do. Source: providers.md §§2.1, 2.2."""

from typing import Final

from attrs import frozen


@frozen(kw_only=True)
class Resource:
    """One of the lists below `/api.xro/2.0`."""

    name: str  #: in the path and in the envelope
    id_field: str
    number_field: str | None = None  #: what a single record can be asked by beside its id
    paged: bool = False
    offset: bool = False  #: read by `offset`, a hundred at a time
    hides: tuple[str, str] | None = None  #: a status that is left out, and the parameter that shows it
    modified: bool = True  #: heeds `If-Modified-Since`
    status_field: str = "Status"
    scopes: tuple[str, ...]  #: any one of these, or its `.read`, opens it


RESOURCES: Final = {
    resource.name.lower(): resource
    for resource in (
        Resource(
            name="Organisations", id_field="OrganisationID", modified=False, scopes=("accounting.settings",)
        ),
        Resource(name="Accounts", id_field="AccountID", number_field="Code", scopes=("accounting.settings",)),
        Resource(
            name="TaxRates",
            id_field="TaxType",
            number_field="Name",
            modified=False,
            scopes=("accounting.settings",),
        ),
        Resource(
            name="Items",
            id_field="ItemID",
            number_field="Code",
            scopes=("accounting.settings", "accounting.transactions", "accounting.invoices"),
        ),
        Resource(
            name="Contacts",
            id_field="ContactID",
            number_field="ContactNumber",
            paged=True,
            status_field="ContactStatus",
            scopes=("accounting.contacts",),
        ),
        Resource(
            name="Invoices",
            id_field="InvoiceID",
            number_field="InvoiceNumber",
            paged=True,
            scopes=("accounting.transactions", "accounting.invoices"),
        ),
        Resource(
            name="CreditNotes",
            id_field="CreditNoteID",
            number_field="CreditNoteNumber",
            paged=True,
            scopes=("accounting.transactions", "accounting.invoices"),
        ),
        Resource(
            name="Payments",
            id_field="PaymentID",
            paged=True,
            scopes=("accounting.transactions", "accounting.payments"),
        ),
        Resource(
            name="Overpayments",
            id_field="OverpaymentID",
            paged=True,
            scopes=("accounting.transactions", "accounting.payments"),
        ),
        Resource(
            name="Prepayments",
            id_field="PrepaymentID",
            paged=True,
            scopes=("accounting.transactions", "accounting.payments"),
        ),
        Resource(
            name="PurchaseOrders",
            id_field="PurchaseOrderID",
            number_field="PurchaseOrderNumber",
            paged=True,
            scopes=("accounting.transactions", "accounting.invoices"),
        ),
        Resource(
            name="BankTransactions",
            id_field="BankTransactionID",
            paged=True,
            scopes=("accounting.transactions", "accounting.banktransactions"),
        ),
        Resource(
            name="BankTransfers",
            id_field="BankTransferID",
            hides=("DELETED", "includeDeleted"),
            scopes=("accounting.transactions", "accounting.banktransactions"),
        ),
        Resource(
            name="ManualJournals",
            id_field="ManualJournalID",
            paged=True,
            scopes=("accounting.transactions", "accounting.manualjournals"),
        ),
        Resource(
            name="TrackingCategories",
            id_field="TrackingCategoryID",
            number_field="Name",
            modified=False,
            hides=("ARCHIVED", "includeArchived"),
            scopes=("accounting.settings",),
        ),
        Resource(
            name="Journals",
            id_field="JournalID",
            number_field="JournalNumber",
            offset=True,
            scopes=("accounting.journals",),
        ),
    )
}
#: The scopes that open each report, by its name in lower case.
REPORT_SCOPES: Final = {
    name: ("accounting.reports", f"accounting.reports.{name}")
    for name in ("profitandloss", "balancesheet", "banksummary")
}


def resource_named(word: str) -> Resource | None:
    """The resource that a path means, in any case; `Organisation` is said in the singular too."""
    name = word.lower()
    return RESOURCES.get("organisations" if name == "organisation" else name)
