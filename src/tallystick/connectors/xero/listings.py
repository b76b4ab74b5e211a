"""How each of Xero's lists is asked for. Source: providers §§2.1, 2.2, 5 nos. 1, 4, 5, 17, 22, 6.6."""

from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final, Literal

from attrs import frozen


def _nothing(_today: date) -> Mapping[str, str]:
    return {}


@frozen(kw_only=True)
class Listing:
    """How one list is asked for."""

    path: str
    paging: Literal["none", "pages", "offset"] = "none"  #: `offset`: by the highest `JournalNumber` so far
    #: The list comes in the order of this field. An id never changes, so a row that is updated while we
    #: read stays where it is; in Xero's own order it would move, and push others over a page's edge,
    #: unseen. New rows only push others to a later page: they are seen twice.
    order: str | None = None
    params: Mapping[str, str] = MappingProxyType({})
    since: bool = True  #: it takes `If-Modified-Since`
    periods: Callable[[date], Mapping[str, str]] = _nothing  #: what a report is asked to tell of


_FOUR_DECIMALS: Final = {"unitdp": "4"}  # else unit prices are cut to two and no longer multiply up
_ARCHIVED_TOO: Final = {"includeArchived": "true"}  # old documents refer to archived contacts
_DELETED_TOO: Final = {"includeDeleted": "true"}
#: The same sections whatever layout somebody has made at Xero, month by month.
_MONTHLY: Final = {"standardLayout": "true", "timeframe": "MONTH"}


def _month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _profit_and_loss(today: date) -> Mapping[str, str]:
    """Twelve months up to this one, by a month of 31 days: other columns end on the same day as the first.

    After a shorter month comes one of 31 days, so where this one is shorter the first column is the next,
    and is one more. Source: Xero's OpenAPI 16.1 (up to 12 periods beside the first).
    """
    end, others = _month_end(today), 11
    if end.day < 31:
        end, others = _month_end(end + timedelta(days=1)), 12
    first, last = end.replace(day=1).isoformat(), end.isoformat()
    return {"fromDate": first, "toDate": last, "periods": str(others)}


def _balance_sheet(today: date) -> Mapping[str, str]:
    """At the ends of twelve months; of whatever day, Xero tells the end of its month."""
    return {"date": _month_end(today).isoformat(), "periods": "11"}


def _bank_summary(today: date) -> Mapping[str, str]:
    """The same twelve months as one: this report has no periods."""
    end = _month_end(today)
    begin = (end + timedelta(days=1)).replace(year=end.year - (end.month < 12))
    return {"fromDate": begin.isoformat(), "toDate": end.isoformat()}


#: By the list's name; of a report by its resource's.
LISTINGS: Final[Mapping[str, Listing]] = {
    "Organisations": Listing(path="Organisation", since=False),
    "Accounts": Listing(path="Accounts"),
    "TaxRates": Listing(path="TaxRates", since=False),
    "TrackingCategories": Listing(path="TrackingCategories", since=False, params=_ARCHIVED_TOO),
    "Items": Listing(path="Items", params=_FOUR_DECIMALS),
    "Contacts": Listing(path="Contacts", paging="pages", order="ContactID", params=_ARCHIVED_TOO),
    "Invoices": Listing(
        path="Invoices", paging="pages", order="InvoiceID", params={**_FOUR_DECIMALS, **_ARCHIVED_TOO}
    ),
    "CreditNotes": Listing(path="CreditNotes", paging="pages", order="CreditNoteID", params=_FOUR_DECIMALS),
    "Payments": Listing(path="Payments", paging="pages", order="PaymentID"),
    "Overpayments": Listing(
        path="Overpayments", paging="pages", order="OverpaymentID", params=_FOUR_DECIMALS
    ),
    "Prepayments": Listing(path="Prepayments", paging="pages", order="PrepaymentID", params=_FOUR_DECIMALS),
    "PurchaseOrders": Listing(path="PurchaseOrders", paging="pages", order="PurchaseOrderID"),
    "BankTransactions": Listing(
        path="BankTransactions", paging="pages", order="BankTransactionID", params=_FOUR_DECIMALS
    ),
    "BankTransfers": Listing(path="BankTransfers", params=_DELETED_TOO),
    "Journals": Listing(path="Journals", paging="offset"),
    "ManualJournals": Listing(path="ManualJournals", paging="pages"),  # with an order it gives all at once
    "ProfitAndLoss": Listing(
        path="Reports/ProfitAndLoss", since=False, params=_MONTHLY, periods=_profit_and_loss
    ),
    "BalanceSheet": Listing(
        path="Reports/BalanceSheet", since=False, params=_MONTHLY, periods=_balance_sheet
    ),
    "BankSummary": Listing(path="Reports/BankSummary", since=False, periods=_bank_summary),
}
