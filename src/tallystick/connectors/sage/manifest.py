"""Sage Business Cloud Accounting as data. Source: providers §§1.1, 2.1, 3.1."""

from typing import Final

from tallystick.connectors.contract import Limits, Manifest, Resource

#: Nothing is ever written.
SCOPES: Final = ("readonly",)

#: What the lines of documents refer to.
_REFERRED: Final = ("ledger_accounts", "tax_rates", "items", "contacts", "analysis")

MANIFEST: Final = Manifest(
    slug="sage",
    platform_key="tgff",
    name="Sage Business Cloud Accounting",
    integration_id="de4741b2-8669-425c-9e07-0f1d18b0cd68",
    source_id="901bb831-6623-409e-ad55-90966b7c8996",
    # The order of reading: what others refer to comes first. A resource is named by the list that it reads;
    # one of several lists, since they give one data type together, by what they are (`listings.LISTINGS`).
    resources=(
        Resource(name="business", data_types=("company",), incremental=False),
        Resource(
            name="ledger_accounts", data_types=("chartOfAccounts",), after=("business",), incremental=False
        ),
        Resource(name="bank_accounts", data_types=("bankAccounts",), after=("business",)),
        Resource(name="tax_rates", data_types=("taxRates",), incremental=False),
        Resource(name="analysis", data_types=("trackingCategories",), incremental=False),
        Resource(name="payment_methods", data_types=("paymentMethods",), incremental=False),
        Resource(name="items", data_types=("items",), after=("ledger_accounts",)),
        Resource(name="contacts", data_types=("customers", "suppliers"), after=("business",)),
        Resource(name="sales", data_types=("invoices", "creditNotes"), after=_REFERRED),
        Resource(name="purchases", data_types=("bills", "billCreditNotes"), after=_REFERRED),
        Resource(
            name="payments",
            data_types=("payments", "billPayments"),
            after=("ledger_accounts", "bank_accounts", "contacts", "sales", "purchases"),
        ),
        Resource(
            name="other_payments",
            data_types=("directCosts", "directIncomes"),
            after=(*_REFERRED, "bank_accounts"),
        ),
        Resource(name="transfers", data_types=("transfers",), after=("business", "bank_accounts")),
        Resource(
            name="journals",
            data_types=("journals", "journalEntries"),
            after=("ledger_accounts", "analysis"),
        ),
        Resource(
            name="ledger_entries", data_types=("accountTransactions",), after=("business", "bank_accounts")
        ),
        Resource(
            name="statements",
            data_types=("balanceSheet", "profitAndLoss", "cashFlowStatement"),
            after=("business",),
            incremental=False,
        ),
    ),
    scopes=SCOPES,
    # Sage publishes no number for version 3.1: these are what others have found, and `calls_a_minute` of
    # the settings corrects the first.
    limits=Limits(calls_a_minute=100, calls_a_day=2500, calls_in_flight=4),
    overlap_s=300.0,
)
#: For a sandbox that paces nobody (`limits = "off"`).
NO_LIMITS: Final = Limits(calls_a_minute=None, calls_a_day=None, calls_in_flight=4)
