"""FreeAgent's profit and loss and its balance sheet. Source: providers §§2.5, 6.6.

The balance sheet comes in whole pounds. Of the profit and loss the sums do, and the trial balance beside them
is exact: where it is told, the statement is made of it, and compared with the sums.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, Literal

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts
from tallystick.connectors.freeagent import wire_bank
from tallystick.connectors.freeagent.ledger import kind_of
from tallystick.connectors.freeagent.words import NO_CURRENCY, day
from tallystick.errors import RecordRejected
from tallystick.standard import (
    ONE,
    ZERO,
    BalanceSheet,
    BalanceSheetPeriod,
    CalendarDate,
    ProfitAndLoss,
    ProfitAndLossPeriod,
    ReportLine,
    StandardRecord,
    minus,
    negated,
    plus,
    written,
)

_Part = Literal["income", "costOfSales", "otherIncome", "expenses"]
#: Which part of the statement an account's kind is, and how it is called there.
PARTS: Final[dict[tuple[str, str], _Part]] = {
    ("Income", "Sales"): "income",
    ("Income", "Other"): "otherIncome",
    ("Expense", "CostOfSales"): "costOfSales",
    ("Expense", "AdminExpenses"): "expenses",
}
_NAMES: Final[dict[_Part, str]] = {
    "income": "Income",
    "costOfSales": "Cost of sales",
    "otherIncome": "Other income",
    "expenses": "Expenses",
}
#: What is taken off the profit without being an expense: what the owners take out.
_SHARED_OUT: Final = "dividend"
#: What the sides of a balance sheet are off by, since each of its accounts is told in whole pounds.
_ROUNDING: Final = "Rounding"
_Line = written.struct_of(ReportLine)


def profit_and_loss(source: wire_bank.ProfitReport, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """The profit and loss, month by month, by what was invoiced."""
    doubts.data_type = "profitAndLoss"
    found = tuple(
        _profit_period(period, f"$.periods[{place}]", doubts) for place, period in enumerate(source.periods)
    )
    return [
        ProfitAndLoss(
            currency=books.base_currency or NO_CURRENCY,
            reportBasis="Accrual",
            reports=found,
            **_months([period.fromDate for period in found]),
        )
    ]


def _profit_period(source: wire_bank.ProfitPeriod, path: str, doubts: Doubts) -> ProfitAndLossPeriod:
    at = f"{path}.summary.profit_and_loss_summary"
    summary = source.summary.profit_and_loss_summary if source.summary is not None else None
    if summary is None:
        raise RecordRejected(path=at, reason="missing")
    told = source.by_category.trial_balance_summary if source.by_category is not None else None
    sums = _by_category(told) if told is not None else _in_sum(summary)
    gross = minus(sums["income"].value, sums["costOfSales"].value)
    operating = minus(gross, sums["expenses"].value)
    taken = _group(
        "Other expenses",
        [
            _Line(name=each.title or None, value=each.total or ZERO)
            for each in summary.less or ()
            if _SHARED_OUT not in (each.title or "").lower()
        ],
    )
    other = minus(sums["otherIncome"].value, taken.value)
    earned = plus(operating, sums["otherIncome"].value)
    if summary.operating_profit is not None and _differ(earned, summary.operating_profit, ONE):
        doubts.warn(f"{at}.operating_profit", "is not what its categories come to")
    return ProfitAndLossPeriod(
        fromDate=day(summary.from_, f"{at}.from", doubts),
        toDate=day(summary.to, f"{at}.to", doubts),
        income=sums["income"],
        costOfSales=sums["costOfSales"],
        grossProfit=gross,
        expenses=sums["expenses"],
        netOperatingProfit=operating,
        otherExpenses=taken,
        otherIncome=sums["otherIncome"],
        netOtherIncome=other,
        netProfit=plus(operating, other),
    )


def _by_category(told: Sequence[wire_bank.TrialBalanceRow]) -> dict[_Part, ReportLine]:
    lines: dict[_Part, list[ReportLine]] = {part: [] for part in _NAMES}
    for row in told:
        code = row.display_nominal_code or row.nominal_code
        part = PARTS.get(kind_of(code))
        if part is None:
            continue  # it stands on the balance sheet
        total = row.total or ZERO
        value = negated(total) if part in ("income", "otherIncome") else total
        lines[part].append(_Line(accountId=code, name=row.name or None, value=value))
    return {part: _group(_NAMES[part], rows) for part, rows in lines.items()}


def _in_sum(summary: wire_bank.ProfitSummary) -> dict[_Part, ReportLine]:
    values = {"income": summary.income or ZERO, "expenses": summary.expenses or ZERO}
    return {part: _Line(name=name, value=values.get(part, ZERO)) for part, name in _NAMES.items()}


def balance_sheet(source: wire_bank.SheetReport, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """The balance sheet at the ends of months."""
    doubts.data_type = "balanceSheet"
    found = tuple(
        _sheet_period(answer.balance_sheet, f"$.periods[{place}].balance_sheet", doubts)
        for place, answer in enumerate(source.periods)
    )
    sheets = (answer.balance_sheet for answer in source.periods)
    currency = next((sheet.currency for sheet in sheets if sheet is not None), None)
    return [
        BalanceSheet(
            currency=currency or books.base_currency or NO_CURRENCY,
            reports=found,
            **_months([period.date for period in found]),
        )
    ]


def _sheet_period(source: wire_bank.Sheet | None, path: str, doubts: Doubts) -> BalanceSheetPeriod:
    if source is None:
        raise RecordRejected(path=path, reason="missing")
    assets = _group(
        "Assets",
        [
            _part("Capital assets", source.capital_assets, 1),
            _part("Current assets", source.current_assets, 1),
        ],
    )
    liabilities = _group("Liabilities", [_part("Current liabilities", source.current_liabilities, -1)])
    owned = source.owners_equity or wire_bank.SheetPart()
    profit = _Line(name="Retained profit", value=negated(owned.retained_profit or ZERO))
    capital = [*_part("Capital", owned, -1).items, profit]
    net = minus(assets.value, liabilities.value)
    # Every account is rounded for itself, so that the sums may be off by half a pound for each.
    rows = sum(len(part.accounts or ()) for part in _parts(source)) + 1
    left = minus(net, _group("Equity", capital).value)
    if left.copy_abs() > ONE * rows:
        doubts.warn(path, "equity is not what assets and liabilities leave")
    elif left:
        capital.append(_Line(name=_ROUNDING, value=left))
    equity = _group("Equity", capital)
    if source.total_assets is not None and _differ(net, source.total_assets, ONE * rows):
        doubts.warn(f"{path}.total_assets", "is not what its accounts come to")
    return BalanceSheetPeriod(
        date=day(source.as_at_date, f"{path}.as_at_date", doubts),
        assets=assets,
        liabilities=liabilities,
        netAssets=net,
        equity=equity,
    )


def _parts(source: wire_bank.Sheet) -> list[wire_bank.SheetPart]:
    told = (source.capital_assets, source.current_assets, source.current_liabilities, source.owners_equity)
    return [part for part in told if part is not None]


def _part(name: str, source: wire_bank.SheetPart | None, sign: Literal[1, -1]) -> ReportLine:
    """A part with its accounts, positive as it stands on the sheet; FreeAgent tells debits."""
    lines = []
    for account in (source.accounts if source is not None else None) or ():
        debit = account.total_debit_value or ZERO
        value = debit if sign == 1 else negated(debit)
        lines.append(_Line(accountId=account.nominal_code or None, name=account.name or None, value=value))
    return _group(name, lines)


def _group(name: str, lines: Sequence[ReportLine]) -> ReportLine:
    total = ZERO
    for line in lines:
        total = plus(total, line.value)
    return _Line(name=name, value=total, items=tuple(lines))


def _differ(ours: Decimal, theirs: Decimal, by: Decimal) -> bool:
    return minus(ours, theirs).copy_abs() > by


def _months(days: list[CalendarDate | None]) -> dict[str, CalendarDate | None]:
    told = [f"{each[:8]}01{each[10:]}" for each in days if each is not None]
    if not told:
        return {}
    return {
        "earliestAvailableMonth": CalendarDate(min(told)),
        "mostRecentAvailableMonth": CalendarDate(max(told)),
    }
