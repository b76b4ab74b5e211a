"""Xero as data. Source: providers §§1.2, 2.1, 3.1."""

from typing import Final

from tallystick.connectors.contract import Limits, Manifest, Resource

#: What is asked for: read only, in the words that apps registered since March 2026 must use.
SCOPES: Final = (
    "offline_access",  # without it there is no refresh token
    "accounting.settings.read",
    "accounting.contacts.read",
    "accounting.invoices.read",
    "accounting.payments.read",
)
#: The same in the older, broader words: `scopes` of the settings for an app registered before.
BROAD_SCOPES: Final = (
    "offline_access",
    "accounting.settings.read",
    "accounting.contacts.read",
    "accounting.transactions.read",
)

MANIFEST: Final = Manifest(
    slug="xero",
    platform_key="gbol",
    name="Xero",
    integration_id="e47343d4-c084-44cd-b928-2989029a4276",
    source_id="b1e5367d-06bf-4905-9b52-b24059c995bb",
    # The order of reading: what others refer to comes first.
    resources=(
        Resource(name="Organisations", data_types=("company",), incremental=False),
        Resource(name="Accounts", data_types=("chartOfAccounts", "bankAccounts"), after=("Organisations",)),
        Resource(name="TaxRates", data_types=("taxRates",), incremental=False),
        Resource(name="Items", data_types=("items",), after=("Accounts",)),
        Resource(name="Contacts", data_types=("customers", "suppliers"), after=("Organisations",)),
        Resource(
            name="Invoices",
            data_types=("invoices", "bills"),
            after=("Accounts", "TaxRates", "Items", "Contacts"),
        ),
        Resource(
            name="CreditNotes",
            data_types=("creditNotes", "billCreditNotes"),
            after=("Accounts", "TaxRates", "Items", "Contacts"),
        ),
        Resource(
            name="Payments",
            data_types=("payments", "billPayments"),
            after=("Contacts", "Invoices", "CreditNotes"),
        ),
    ),
    scopes=SCOPES,
    limits=Limits(calls_a_minute=60, calls_a_day=5000, calls_in_flight=5, app_calls_a_minute=10_000),
    overlap_s=300.0,
)
#: For a sandbox that paces nobody (`limits = "off"`).
NO_LIMITS: Final = Limits(calls_a_minute=None, calls_a_day=None, calls_in_flight=5)
