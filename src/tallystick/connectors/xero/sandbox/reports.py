"""Reports on made-up books, in the standard layout: cells are texts, and sections nest by their order.

Source: providers.md §§2.1, 5 (no. 30), 6.6.
"""

from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from attrs import frozen

from tallystick.connectors.sandbox.amounts import ZERO
from tallystick.connectors.sandbox.books import Account
from tallystick.connectors.sandbox.ledger import Ledger
from tallystick.connectors.sandbox.statements import less, plus, year_begin
from tallystick.connectors.xero.sandbox.company import XeroCompany
from tallystick.connectors.xero.sandbox.dialect import net_date
from tallystick.connectors.xero.sandbox.query import QueryInvalid

_RETAINED: Final = "RETAINEDEARNINGS"
#: Stands where an account's id would: the result of a year that is not over is of no account.
_YEARS_RESULT: Final = "abababab-abab-abab-abab-abababababab"
#: The same for gains of exchange, which the standard layout tells as one outside America (quirk 30).
_EXCHANGE: Final = "FXGROUPID"

Row = dict[str, Any]


@frozen
class _Table:
    """The rows of a report with some columns."""

    odd: bool  #: quirk 30
    grouped: bool  #: gains of exchange are of no account

    def head(self, *texts: str) -> Row:
        return {"RowType": "Header", "Cells": [{"Value": text} for text in texts]}

    def section(self, title: str, rows: Iterable[Row] = ()) -> Row:
        return {"RowType": "Section", "Title": f" {title}" if self.odd else title, "Rows": list(rows)}

    def row(self, name: str, values: Iterable[Decimal], account: str | None = None, kind: str = "Row") -> Row:
        about = [] if account is None else [{"Value": account, "Id": "account"}]
        cells: list[Row] = [{"Value": name, **({"Attributes": about} if about else {})}]
        for value in values:
            cell = {} if self.odd and not value else {"Value": f"{value:.2f}"}
            cells.append({**cell, **({"Attributes": about} if about else {})})
        return {"RowType": kind, "Cells": cells}

    def accounts(
        self, title: str, total: str, accounts: Iterable[Account], figures: Callable[[Account], list[Decimal]]
    ) -> tuple[Row, list[Decimal]]:
        """A section with a row for each account that has moved, and what they come to."""
        found = [(account, figures(account)) for account in accounts]
        found = [pair for pair in found if any(pair[1])]
        sums = [sum(column, ZERO) for column in zip(*(values for _, values in found), strict=True)]
        rows = [self._of(account, values) for account, values in found]
        if rows:
            rows.append(self.row(total, sums, kind="SummaryRow"))
        return self.section(title, rows), sums

    def _of(self, account: Account, values: Iterable[Decimal]) -> Row:
        if account.system == "REALISEDCURRENCYGAIN" and self.grouped:
            return self.row("Foreign Currency Gains and Losses", values, _EXCHANGE)
        return self.row(account.name, values, account.id)


def report(
    name: str, company: XeroCompany, params: Mapping[str, str], now: datetime, *, odd: bool
) -> dict[str, Any]:
    """The only row of `Reports`. Raises: `QueryInvalid`."""
    ledger, organisation = company.ledger(), company.organisation
    table = _Table(odd, grouped=organisation is not None and organisation.country != "US")
    today = now.date()
    begin, end = _day(params, "fromDate", today.replace(day=1)), _day(params, "toDate", _month_end(today))
    match name:
        case "profitandloss":
            title, when = "Profit and Loss", f"{_told(begin)} to {_told(end)}"
            rows = _profit_and_loss(ledger, table, _ends(end, params))
        case "balancesheet":
            day = _day(params, "date", _month_end(today))
            title, when = "Balance Sheet", f"As at {_told(day)}"
            # Of any day that is asked for, it is the end of its month that is told.
            ends = [_month_end(end) for end in _ends(day, params)]
            rows = _balance_sheet(ledger, table, ends, organisation.year_end if organisation else (31, 12))
        case _:
            title, when = "Bank Summary", f"From {_told(begin)} to {_told(end)}"
            rows = _bank_summary(ledger, table, begin, end)
    kind = title.replace(" ", "").replace("and", "And")
    return {
        "ReportID": kind,
        "ReportName": title,
        "ReportType": kind,
        "ReportTitles": [title, company.name, when],
        "ReportDate": _told(today),
        "UpdatedDateUTC": net_date(now),
        "Fields": [],
        "Rows": rows,
    }


def _profit_and_loss(ledger: Ledger, table: _Table, ends: Sequence[date]) -> list[Row]:
    def earned(account: Account) -> list[Decimal]:
        return [-ledger.moved(account.id, end.replace(day=1), end) for end in ends]

    def spent(account: Account) -> list[Decimal]:
        return [-value for value in earned(account)]

    nothing = [ZERO] * len(ends)
    income, sales = table.accounts("Income", "Total Income", ledger.of_kinds("income"), earned)
    direct, cost = table.accounts(
        "Less Cost of Sales", "Total Cost of Sales", ledger.of_kinds("cost_of_sales"), spent
    )
    other, beside = table.accounts(
        "Plus Other Income", "Total Other Income", ledger.of_kinds("other_income"), earned
    )
    running, expenses = table.accounts(
        "Less Operating Expenses",
        "Total Operating Expenses",
        ledger.of_kinds("expense", "depreciation"),
        spent,
    )
    gross = less(sales or nothing, cost or nothing)
    net = less(plus(gross, beside or nothing), expenses or nothing)
    return [
        table.head("", *(f"{end:%d %b %y}" for end in ends)),
        income,
        direct,
        table.section("", [table.row("Gross Profit", gross)]),
        other,
        running,
        table.section("", [table.row("Net Profit", net)]),
    ]


def _balance_sheet(
    ledger: Ledger, table: _Table, ends: Sequence[date], year_end: tuple[int, int]
) -> list[Row]:
    def owned(account: Account) -> list[Decimal]:
        return [ledger.balance(account.id, end) for end in ends]

    def owed(account: Account) -> list[Decimal]:
        return [-value for value in owned(account)]

    nothing = [ZERO] * len(ends)
    bank, money = table.accounts("Bank", "Total Bank", ledger.of_kinds("bank"), owned)
    current, soon = table.accounts(
        "Current Assets", "Total Current Assets", ledger.of_kinds("current_asset"), owned
    )
    fixed, lasting = table.accounts(
        "Fixed Assets", "Total Fixed Assets", ledger.of_kinds("fixed_asset"), owned
    )
    due, debts = table.accounts(
        "Current Liabilities", "Total Current Liabilities", ledger.of_kinds("current_liability"), owed
    )
    later, loans = table.accounts(
        "Non-Current Liabilities",
        "Total Non-Current Liabilities",
        ledger.of_kinds("long_term_liability"),
        owed,
    )
    assets = plus(money or nothing, plus(soon or nothing, lasting or nothing))
    liabilities = plus(debts or nothing, loans or nothing)
    return [
        table.head("", *(f"{end:%d %b %Y}" for end in ends)),
        table.section("Assets"),
        *(section for section in (bank, current, fixed) if section["Rows"]),
        table.section("", [table.row("Total Assets", assets)]),
        table.section("Liabilities"),
        *(section for section in (due, later) if section["Rows"]),
        table.section("", [table.row("Total Liabilities", liabilities)]),
        table.section("", [table.row("Net Assets", less(assets, liabilities))]),
        _equity(ledger, table, ends, year_end),
    ]


def _equity(ledger: Ledger, table: _Table, ends: Sequence[date], year_end: tuple[int, int]) -> Row:
    """What was posted to it and the results; those of earlier years are added to retained earnings."""
    results = ledger.of_kinds("income", "other_income", "cost_of_sales", "expense", "depreciation")

    def owed(account: Account) -> list[Decimal]:
        return [-ledger.balance(account.id, end) for end in ends]

    def earned(begin: Callable[[date], date], end: Callable[[date], date]) -> list[Decimal]:
        return [-sum((ledger.moved(a.id, begin(day), end(day)) for a in results), ZERO) for day in ends]

    this_year = earned(lambda day: year_begin(day, year_end), lambda day: day)
    before = earned(lambda _: date.min, lambda day: year_begin(day, year_end) - timedelta(days=1))
    owners = ledger.of_kinds("equity")
    retained = next((account for account in owners if account.system == _RETAINED), None)
    if retained is not None:
        before = plus(before, owed(retained))
    section, sums = table.accounts("Equity", "", [each for each in owners if each is not retained], owed)
    total = plus(sums or [ZERO] * len(ends), plus(this_year, before))
    section["Rows"] = [
        *section["Rows"][:-1],
        table.row("Current Year Earnings", this_year, _YEARS_RESULT),
        table.row("Retained Earnings", before, None if retained is None else retained.id),
        table.row("Total Equity", total, kind="SummaryRow"),
    ]
    return section


def _bank_summary(ledger: Ledger, table: _Table, begin: date, end: date) -> list[Row]:
    rows, sums = [], [ZERO] * 4
    for account in ledger.of_kinds("bank"):
        opening = ledger.balance(account.id, begin - timedelta(days=1))
        received, spent = ledger.debits_and_credits(account.id, begin, end)
        values = [opening, received, spent, opening + received - spent]
        rows.append(table.row(account.name, values, account.id))
        sums = plus(sums, values)
    rows.append(table.row("Total", sums, kind="SummaryRow"))
    heads = ("Bank Accounts", "Opening Balance", "Cash Received", "Cash Spent", "Closing Balance")
    return [table.head(*heads), table.section("", rows)]


def _ends(end: date, params: Mapping[str, str]) -> list[date]:
    """The last days of the columns, newest first: the same day of each month, or its last."""
    told = params.get("periods", "0")
    if not told.isdecimal() or int(told) > 12:
        raise QueryInvalid("periods must be a number up to 12")
    found = [end]
    for _ in range(int(told)):
        before = found[-1].replace(day=1) - timedelta(days=1)
        found.append(before.replace(day=min(before.day, end.day)))
    return found


def _month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _day(params: Mapping[str, str], name: str, otherwise: date) -> date:
    text = params.get(name)
    if text is None:
        return otherwise
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise QueryInvalid(f"{name} must be a date") from error


def _told(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
