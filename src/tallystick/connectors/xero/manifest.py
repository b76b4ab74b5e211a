"""Xero as data. Source: providers §§1.2, 2.1, 3.1."""

from collections.abc import Mapping, Sequence
from typing import Final

from attrs import evolve

from tallystick.connectors.contract import Limits, Manifest, Resource

#: What is asked for: read only, in the words that apps registered since March 2026 must use. Not
#: `JOURNALS_SCOPE`: Xero refuses the whole consent to an app that it has not approved for that.
SCOPES: Final = (
    "offline_access",  # without it there is no refresh token
    "accounting.settings.read",
    "accounting.contacts.read",
    "accounting.invoices.read",
    "accounting.payments.read",
    "accounting.banktransactions.read",
    "accounting.manualjournals.read",
    "accounting.reports.profitandloss.read",
    "accounting.reports.balancesheet.read",
    "accounting.reports.banksummary.read",
)
#: The same in the older, broader words: `scopes` of the settings for an app registered before.
BROAD_SCOPES: Final = (
    "offline_access",
    "accounting.settings.read",
    "accounting.contacts.read",
    "accounting.transactions.read",
    "accounting.reports.read",
)
#: Opens all postings of the ledger, from Xero's Advanced tier on. Where it is among the scopes they take
#: the place of the manual journals, which they hold too.
JOURNALS_SCOPE: Final = "accounting.journals.read"

_BROAD: Final = "accounting.transactions"
_REPORTS: Final = "accounting.reports"
#: Which scopes open a list, each by itself, or with `.read` behind it. One of every row is needed.
OPENED_BY: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "Organisations": (("accounting.settings",),),
    "Accounts": (("accounting.settings",),),
    "TaxRates": (("accounting.settings",),),
    "TrackingCategories": (("accounting.settings",),),
    "Items": (("accounting.settings", "accounting.invoices", _BROAD),),
    "Contacts": (("accounting.contacts",),),
    "Invoices": (("accounting.invoices", _BROAD),),
    "CreditNotes": (("accounting.invoices", _BROAD),),
    "PurchaseOrders": (("accounting.invoices", _BROAD),),
    "Payments": (("accounting.payments", _BROAD),),
    "BankTransactions": (("accounting.banktransactions", _BROAD), ("accounting.payments", _BROAD)),
    "BankTransfers": (("accounting.banktransactions", _BROAD),),
    "Journals": (("accounting.journals",),),
    "ManualJournals": (("accounting.manualjournals", _BROAD),),
    "ProfitAndLoss": (("accounting.reports.profitandloss", _REPORTS),),
    "BalanceSheet": (("accounting.reports.balancesheet", _REPORTS),),
    "BankSummary": (("accounting.reports.banksummary", _REPORTS),),
}

#: What the lines of documents refer to.
_REFERRED: Final = ("Accounts", "TaxRates", "Items", "Contacts", "TrackingCategories")
#: All that can be read, in the order of reading: what others refer to comes first. A resource is named by
#: the list that it reads, or by the last or the first of several (`envelope.LISTS`).
RESOURCES: Final = (
    Resource(name="Organisations", data_types=("company",), incremental=False),
    Resource(name="Accounts", data_types=("chartOfAccounts", "bankAccounts"), after=("Organisations",)),
    Resource(name="TaxRates", data_types=("taxRates",), incremental=False),
    Resource(name="TrackingCategories", data_types=("trackingCategories",), incremental=False),
    Resource(name="Items", data_types=("items",), after=("Accounts",)),
    Resource(name="Contacts", data_types=("customers", "suppliers"), after=("Organisations",)),
    Resource(name="Invoices", data_types=("invoices", "bills"), after=_REFERRED),
    Resource(name="CreditNotes", data_types=("creditNotes", "billCreditNotes"), after=_REFERRED),
    Resource(
        name="Payments",
        data_types=("payments", "billPayments"),
        after=("Contacts", "Invoices", "CreditNotes"),
    ),
    Resource(name="PurchaseOrders", data_types=("purchaseOrders",), after=_REFERRED),
    Resource(
        name="BankTransactions",
        data_types=("accountTransactions", "bankTransactions", "directCosts", "directIncomes"),
        after=_REFERRED,
    ),
    Resource(name="BankTransfers", data_types=("transfers",), after=("Accounts",)),
    Resource(name="Journals", data_types=("journalEntries", "journals"), after=("Accounts",)),
    Resource(name="ManualJournals", data_types=("journalEntries", "journals"), after=("Accounts",)),
    Resource(
        name="ProfitAndLoss", data_types=("profitAndLoss",), after=("Organisations",), incremental=False
    ),
    Resource(name="BalanceSheet", data_types=("balanceSheet",), after=("Organisations",), incremental=False),
    Resource(
        name="BankSummary", data_types=("cashFlowStatement",), after=("Organisations",), incremental=False
    ),
)


def readable(scopes: Sequence[str]) -> tuple[Resource, ...]:
    """The resources that these scopes open. A data type has one resource: all journals before some of them.

    `after` may still name one that is not among them: it is waited for only where it is read.
    """

    def opens(name: str) -> bool:
        return all(
            any(word in scopes or f"{word}.read" in scopes for word in either) for either in OPENED_BY[name]
        )

    return tuple(
        resource
        for resource in RESOURCES
        if opens(resource.name) and not (resource.name == "ManualJournals" and opens("Journals"))
    )


MANIFEST: Final = Manifest(
    slug="xero",
    platform_key="gbol",
    name="Xero",
    integration_id="e47343d4-c084-44cd-b928-2989029a4276",
    source_id="b1e5367d-06bf-4905-9b52-b24059c995bb",
    resources=readable(SCOPES),
    scopes=SCOPES,
    limits=Limits(calls_a_minute=60, calls_a_day=5000, calls_in_flight=5, app_calls_a_minute=10_000),
    overlap_s=300.0,
)
#: For a sandbox that paces nobody (`limits = "off"`).
NO_LIMITS: Final = Limits(calls_a_minute=None, calls_a_day=None, calls_in_flight=5)


def manifest(scopes: Sequence[str]) -> Manifest:
    """Xero as an app with these scopes can read it; without any, with those that are asked for anyway."""
    told = tuple(scopes) or SCOPES
    return MANIFEST if told == SCOPES else evolve(MANIFEST, scopes=told, resources=readable(told))
