"""QuickBooks Online as data. Source: providers §§1.1, 2.1, 3.1."""

from typing import Final

from tallystick.connectors.contract import Limits, Manifest, Resource

#: There is no narrower scope for reading: the app writes nothing all the same.
SCOPES: Final = ("com.intuit.quickbooks.accounting",)

#: What the lines of documents refer to.
_REFERRED: Final = ("Account", "TaxCode", "Item", "TrackingCategory")

MANIFEST: Final = Manifest(
    slug="quickbooks",
    platform_key="qhyg",
    name="QuickBooks Online",
    integration_id="d3273d13-3497-487c-a8fa-d1d7af4d9705",
    source_id="41f57871-4997-4fb2-b67e-839400564482",
    # The order of reading: what others refer to comes first. A resource is named by the entity that it
    # reads; one of several entities by what they are (`queries.LISTINGS`).
    resources=(
        Resource(name="CompanyInfo", data_types=("company",), incremental=False),
        # Read whole: what is posted to an account moves its balance, and not its time of change.
        Resource(
            name="Account",
            data_types=("chartOfAccounts", "bankAccounts"),
            after=("CompanyInfo",),
            incremental=False,
        ),
        Resource(name="TaxCode", data_types=("taxRates",), incremental=False),
        Resource(name="TrackingCategory", data_types=("trackingCategories",), incremental=False),
        Resource(name="PaymentMethod", data_types=("paymentMethods",)),
        Resource(name="Item", data_types=("items",), after=("Account",)),
        Resource(name="Customer", data_types=("customers",), after=("CompanyInfo",)),
        Resource(name="Vendor", data_types=("suppliers",), after=("CompanyInfo",)),
        Resource(name="Invoice", data_types=("invoices",), after=(*_REFERRED, "Customer")),
        Resource(name="Bill", data_types=("bills",), after=(*_REFERRED, "Vendor")),
        Resource(name="CreditMemo", data_types=("creditNotes",), after=(*_REFERRED, "Customer")),
        Resource(name="VendorCredit", data_types=("billCreditNotes",), after=(*_REFERRED, "Vendor")),
        Resource(name="Payment", data_types=("payments",), after=("Customer", "Invoice", "CreditMemo")),
        Resource(name="BillPayment", data_types=("billPayments",), after=("Vendor", "Bill", "VendorCredit")),
        Resource(name="DirectIncome", data_types=("directIncomes",), after=(*_REFERRED, "Customer")),
        Resource(name="Purchase", data_types=("directCosts",), after=(*_REFERRED, "Vendor")),
        Resource(name="Transfer", data_types=("transfers",), after=("Account",)),
        Resource(
            name="AccountTransaction",
            data_types=("accountTransactions", "bankTransactions"),
            after=("Account",),
        ),
        # What changed in a report, nobody tells.
        Resource(
            name="JournalEntry",
            data_types=("journalEntries", "journals"),
            after=("Account", "TrackingCategory"),
            incremental=False,
        ),
        Resource(name="PurchaseOrder", data_types=("purchaseOrders",), after=(*_REFERRED, "Vendor")),
        Resource(name="BalanceSheet", data_types=("balanceSheet",), incremental=False),
        Resource(name="ProfitAndLoss", data_types=("profitAndLoss",), incremental=False),
        Resource(name="CashFlow", data_types=("cashFlowStatement",), incremental=False),
    ),
    scopes=SCOPES,
    limits=Limits(calls_a_minute=500, calls_a_day=None, calls_in_flight=10),
    overlap_s=300.0,
)
#: For a sandbox that paces nobody (`limits = "off"`).
NO_LIMITS: Final = Limits(calls_a_minute=None, calls_a_day=None, calls_in_flight=10)
