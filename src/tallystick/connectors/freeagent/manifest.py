"""FreeAgent as data. Source: providers §§1, 2.5."""

from typing import Final

from tallystick.connectors.contract import Limits, Manifest, Resource

#: FreeAgent knows none: what is read is what the user who consents may see.
SCOPES: Final = ()

#: What the lines of documents refer to.
_REFERRED: Final = ("company", "categories", "projects", "items", "contacts")

MANIFEST: Final = Manifest(
    slug="freeagent",
    platform_key="fbrh",
    name="FreeAgent",
    integration_id="839b4039-aaeb-48f1-9ec4-31d6f6a90d68",
    source_id="439e8caa-43e3-4a7b-8108-b0d497c9c7bc",
    # The order of reading: what others refer to comes first. A resource is named by the list that it reads;
    # one of several lists, since they give one data type together, by what they are (`listings.LISTINGS`).
    resources=(
        Resource(name="company", data_types=("company", "taxRates"), incremental=False),
        Resource(name="categories", data_types=("chartOfAccounts",), after=("company",), incremental=False),
        Resource(
            name="bank_accounts",
            data_types=("bankAccounts",),
            after=("company", "categories"),
            incremental=False,
        ),
        Resource(name="projects", data_types=("trackingCategories",), incremental=False),
        Resource(name="items", data_types=("items",), after=("categories",), incremental=False),
        # Not by changes: a contact becomes a customer or a supplier without being changed itself.
        Resource(
            name="contacts", data_types=("customers", "suppliers"), after=("company",), incremental=False
        ),
        Resource(name="invoices", data_types=("invoices",), after=_REFERRED),
        Resource(name="credit_notes", data_types=("creditNotes",), after=_REFERRED),
        Resource(name="bills", data_types=("bills", "billCreditNotes"), after=_REFERRED),
        Resource(
            name="explanations",
            data_types=("payments", "billPayments", "directCosts", "directIncomes", "transfers"),
            after=(*_REFERRED, "bank_accounts", "invoices", "credit_notes", "bills"),
        ),
        Resource(
            name="bank_transactions",
            data_types=("bankTransactions", "accountTransactions"),
            after=("company", "bank_accounts", "explanations"),
        ),
        Resource(name="journal_sets", data_types=("journalEntries",), after=("company", "categories")),
        Resource(
            name="profit_and_loss",
            data_types=("profitAndLoss",),
            after=("company", "categories"),
            incremental=False,
        ),
        Resource(
            name="balance_sheet",
            data_types=("balanceSheet",),
            after=("company", "categories"),
            incremental=False,
        ),
    ),
    scopes=SCOPES,
    # FreeAgent allows 120 a minute and 3,600 an hour: 60 a minute keeps both, and no limit here is an hour's.
    limits=Limits(calls_a_minute=60, calls_a_day=None, calls_in_flight=4),
    overlap_s=300.0,
)
#: For a sandbox that paces nobody (`limits = "off"`).
NO_LIMITS: Final = Limits(calls_a_minute=None, calls_a_day=None, calls_in_flight=4)
