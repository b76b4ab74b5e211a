"""How each list is asked for, in Intuit's query language. Source: providers §§2.1, 2.3, 5 nos. 36-39, 53."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Final

from attrs import frozen

#: Versions below are ignored since August 2025, and it is the default; told all the same, since a newer
#: default may have other fields.
MINOR_VERSION: Final = "75"
#: Rows in a page: the most that QuickBooks gives, and the most that it tells of changes.
PAGE_SIZE: Final = 1000

#: Entities that are never deleted but put out of use, and then hidden unless they are asked for.
_DEACTIVATED: Final = frozenset(
    {"Account", "Class", "Customer", "Department", "Item", "PaymentMethod", "TaxCode", "TaxRate", "Vendor"}
)
#: There is one of each, and nothing to be ordered.
_SINGLE: Final = frozenset({"CompanyInfo", "Preferences"})


@frozen(kw_only=True)
class Listing:
    """What a resource is read from."""

    entities: tuple[str, ...]
    #: The rows of the entities only mean something together: all of them make one page, read whole.
    joined: bool = False
    #: A report that tells of the same and of more; both are read by days, and make one page.
    report: str | None = None


@frozen(kw_only=True)
class Statement:
    """A report that is asked for month by month."""

    report: str
    months: int = 24


LISTINGS: Final[Mapping[str, Listing | Statement]] = MappingProxyType(
    {
        "CompanyInfo": Listing(entities=("CompanyInfo", "Preferences"), joined=True),
        "Account": Listing(entities=("Account",)),
        "TaxCode": Listing(entities=("TaxCode", "TaxRate"), joined=True),
        "TrackingCategory": Listing(entities=("Class", "Department"), joined=True),
        "PaymentMethod": Listing(entities=("PaymentMethod",)),
        "Item": Listing(entities=("Item",)),
        "Customer": Listing(entities=("Customer",)),
        "Vendor": Listing(entities=("Vendor",)),
        "Invoice": Listing(entities=("Invoice",)),
        "Bill": Listing(entities=("Bill",)),
        "CreditMemo": Listing(entities=("CreditMemo",)),
        "VendorCredit": Listing(entities=("VendorCredit",)),
        "Payment": Listing(entities=("Payment",)),
        "BillPayment": Listing(entities=("BillPayment",)),
        "DirectIncome": Listing(entities=("SalesReceipt", "RefundReceipt", "Deposit")),
        "Purchase": Listing(entities=("Purchase",)),
        "Transfer": Listing(entities=("Transfer", "Deposit")),
        "AccountTransaction": Listing(
            entities=(
                "Payment",
                "BillPayment",
                "Purchase",
                "SalesReceipt",
                "RefundReceipt",
                "Deposit",
                "Transfer",
            )
        ),
        "JournalEntry": Listing(entities=("JournalEntry",), report="JournalReport"),
        "PurchaseOrder": Listing(entities=("PurchaseOrder",)),
        "BalanceSheet": Statement(report="BalanceSheet"),
        "ProfitAndLoss": Statement(report="ProfitAndLoss"),
        "CashFlow": Statement(report="CashFlow"),
    }
)


def entities_of(resource: str) -> tuple[str, ...]:
    """The names under which a resource's rows come; a statement is one row of its own."""
    listing = LISTINGS[resource]
    return ("Report",) if isinstance(listing, Statement) else listing.entities


def query(
    entity: str,
    *,
    since: datetime | None,
    start: int,
    size: int,
    days: tuple[date, date] | None = None,
) -> dict[str, str]:
    """The parameters that ask for some rows of an entity, from number `start` (the first is 1).

    `days`: only what is dated between them, both included.
    In the order of their ids: an id never changes, so a row that is changed while we read stays where it is.
    """
    conditions = []
    if entity in _DEACTIVATED:
        conditions.append("Active IN (true, false)")
    if since is not None:
        conditions.append(f"MetaData.LastUpdatedTime >= '{_moment(since)}+00:00'")
    if days is not None:
        first, last = days
        conditions.append(f"TxnDate >= '{first.isoformat()}' AND TxnDate <= '{last.isoformat()}'")
    text = f"SELECT * FROM {entity}"  # noqa: S608 - no SQL: a name of our own, and a moment
    if conditions:
        text += f" WHERE {' AND '.join(conditions)}"
    if entity not in _SINGLE:
        text += " ORDERBY Id ASC"
    return {
        "query": f"{text} STARTPOSITION {start} MAXRESULTS {size}",
        "minorversion": MINOR_VERSION,
    }


def changes(entities: tuple[str, ...], since: datetime) -> dict[str, str]:
    """The parameters that ask for what changed, and for what was deleted, at or after a moment."""
    return {
        "entities": ",".join(entities),
        "changedSince": f"{_moment(since)}Z",
        "minorversion": MINOR_VERSION,
    }


def statement(listing: Statement, now: datetime) -> dict[str, str]:
    """The parameters that ask for a report: whole months, up to and with this one."""
    months = now.year * 12 + now.month - 1
    first = months - listing.months + 1
    following = months + 1
    last = datetime(following // 12, following % 12 + 1, 1, tzinfo=UTC).toordinal() - 1
    return {
        "start_date": f"{first // 12:04d}-{first % 12 + 1:02d}-01",
        "end_date": datetime.fromordinal(last).date().isoformat(),
        "summarize_column_by": "Month",
        "accounting_method": "Accrual",
        "minorversion": MINOR_VERSION,
    }


def journal(first: date, last: date) -> dict[str, str]:
    """The parameters that ask for every posting between two days, both included."""
    return {
        "start_date": first.isoformat(),
        "end_date": last.isoformat(),
        "columns": "tx_date,txn_type,doc_num,name,memo,account_name,debt_amt,credit_amt",
        "minorversion": MINOR_VERSION,
    }


def _moment(moment: datetime) -> str:
    """In UTC. Its zone is always told behind it: else QuickBooks reads it as the Pacific coast's."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
