"""Xero's words, numbers and dates, for neutral books. Source: providers.md §§3.5, 3.6, 6."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from attrs import frozen

from tallystick.connectors.sandbox.amounts import CENT

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
NO_DATE: Final = "/Date(0+0000)/"  #: quirk 11

ACCOUNT_TYPES: Final = {
    "bank": ("BANK", "ASSET", "ASS"),
    "current_asset": ("CURRENT", "ASSET", "ASS.CUR"),
    "fixed_asset": ("FIXED", "ASSET", "ASS.NCA"),
    "current_liability": ("CURRLIAB", "LIABILITY", "LIA.CUR"),
    "long_term_liability": ("TERMLIAB", "LIABILITY", "LIA.NCL"),
    "equity": ("EQUITY", "EQUITY", "EQU"),
    "income": ("REVENUE", "REVENUE", "REV"),
    "other_income": ("OTHERINCOME", "REVENUE", "REV.OTH"),
    "cost_of_sales": ("DIRECTCOSTS", "EXPENSE", "EXP.COS"),
    "expense": ("OVERHEADS", "EXPENSE", "EXP"),
    "depreciation": ("DEPRECIATN", "EXPENSE", "EXP.DEP"),
}
TAX_TYPES: Final = {
    "S20": "OUTPUT2",
    "P20": "INPUT2",
    "S5": "RROUTPUT",
    "P5": "RRINPUT",
    "S0": "ZERORATEDOUTPUT",
    "P0": "ZERORATEDINPUT",
    "SE": "EXEMPTOUTPUT",
    "PE": "EXEMPTINPUT",
    "RC20": "REVERSECHARGES",
    "NONE": "NONE",
    # American companies make their own rates, and Xero names these by itself.
    "CA-LA": "TAX901",
    "NY-NYC": "TAX902",
    "TX-HAR": "TAX903",
    "WA-KNG": "TAX904",
    "EXEMPT": "EXEMPTOUTPUT",
}
DOCUMENT_TYPES: Final = {
    "invoice": "ACCREC",
    "bill": "ACCPAY",
    "credit_note": "ACCRECCREDIT",
    "bill_credit_note": "ACCPAYCREDIT",
}
PAYMENT_TYPES: Final = {
    "invoice": "ACCRECPAYMENT",
    "bill": "ACCPAYPAYMENT",
    "credit_note": "ARCREDITPAYMENT",
    "bill_credit_note": "APCREDITPAYMENT",
}
#: What money on account is called as a source of postings, by its side and its kind.
ON_ACCOUNT_SOURCES: Final = {
    ("sales", "overpayment"): "AROVERPAYMENT",
    ("sales", "prepayment"): "ARPREPAYMENT",
    ("purchases", "overpayment"): "APOVERPAYMENT",
    ("purchases", "prepayment"): "APPREPAYMENT",
}
BASES: Final = {"exclusive": "Exclusive", "inclusive": "Inclusive", "no_tax": "NoTax"}


@frozen
class View:
    """How rows are asked for, and which oddities are on. Hashable: rendered rows are kept by it."""

    lines: bool = True
    summary: bool = False  #: neither lines nor payments
    four_places: bool = False  #: `unitdp=4`
    zero_dates: bool = False  #: quirk 11
    text_booleans: bool = False  #: quirk 29
    ahead_ms: int = 0  #: quirk 9: how far `UpdatedDateUTC` lies in the future


def tax_type(code: str) -> str:
    """The code of a rate in Xero's words; one that somebody has made has a word of its own already."""
    return TAX_TYPES.get(code, code)


def milliseconds(moment: datetime) -> int:
    """Since 1970, UTC."""
    return (moment - _EPOCH) // _MILLISECOND


def net_date(moment: datetime, ahead_ms: int = 0) -> str:
    """A .NET date; the offset is for show, the milliseconds are UTC."""
    return f"/Date({milliseconds(moment) + ahead_ms}+0000)/"


def net_day(day: date) -> str:
    """A calendar date as a .NET date: midnight UTC."""
    return net_date(datetime.combine(day, time(), UTC))


def dated(day: date) -> dict[str, str]:
    """Both forms of the day that a record bears."""
    return {"DateString": f"{day.isoformat()}T00:00:00", "Date": net_day(day)}


def updated(moment: datetime, view: View) -> dict[str, str]:
    """Both forms of a record's last change."""
    iso = (moment + view.ahead_ms * _MILLISECOND).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"UpdatedDateUTC": net_date(moment, view.ahead_ms), "UpdatedDateUTCString": iso}


def unit_amount(amount: Decimal, view: View) -> Decimal:
    """Two places unless four were asked for (quirk 22)."""
    return amount if view.four_places else amount.quantize(CENT, ROUND_HALF_UP)
