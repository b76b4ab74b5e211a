"""Balance sheet, profit and loss and cash flow, made of what moved on every account. Source: providers §6.6.

Sage closes no year on its accounts: what stands on income and expense since the financial year began is the
year's result, and what stood before is that of earlier years. Cash flow is told indirectly, from the result
and from what moved on all other accounts but the banks'.
"""

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, Literal

from attrs import define, field, frozen

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts
from tallystick.connectors.sage import wire_lists
from tallystick.connectors.sage.words import NO_CURRENCY, id_of
from tallystick.errors import RecordRejected
from tallystick.standard import (
    ZERO,
    BalanceSheet,
    BalanceSheetPeriod,
    CashFlowPeriod,
    CashFlowStatement,
    ProfitAndLoss,
    ProfitAndLossPeriod,
    ReportLine,
    StandardRecord,
    calendar_day,
    minus,
    negated,
    plus,
    written,
)

Part = Literal["assets", "liabilities", "equity", "income", "costOfSales", "expenses", "otherIncome"]
#: Where an account of each type stands, and under which heading.
PLACE: Final[dict[str, tuple[Part, str]]] = {
    "BANK": ("assets", "Bank"),
    "CURRENT_ASSETS": ("assets", "Current assets"),
    "FIXED_ASSETS": ("assets", "Fixed assets"),
    "FUTURE_ASSETS": ("assets", "Future assets"),
    "CURRENT_LIABILITY": ("liabilities", "Current liabilities"),
    "TAXES": ("liabilities", "Taxes"),
    "LINE_OF_CREDIT": ("liabilities", "Lines of credit"),
    "FUTURE_LIABILITY": ("liabilities", "Future liabilities"),
    "EQUITY": ("equity", "Capital"),
    "SPECIAL": ("equity", "Special accounts"),
    "SALES": ("income", "Sales"),
    "DIRECT_EXPENSES": ("costOfSales", "Direct expenses"),
    "OVERHEADS": ("expenses", "Overheads"),
    "DEPRECIATION": ("expenses", "Depreciation"),
    "OTHER_INCOME": ("otherIncome", "Other income"),
}
#: Parts that a credit makes larger.
_CREDIT: Final = frozenset({"liabilities", "equity", "income", "otherIncome"})
_RESULT: Final = frozenset({"income", "costOfSales", "expenses", "otherIncome"})
_ELSEWHERE: Final[tuple[Part, str]] = ("equity", "Other accounts")
_BANK: Final = "BANK"
_DAY: Final = timedelta(days=1)
_Line = written.struct_of(ReportLine)


@frozen(kw_only=True)
class Account:
    """An account, and where it stands."""

    id: str
    name: str | None
    part: Part
    heading: str
    is_bank: bool


@frozen(kw_only=True)
class Moved:
    """What moved on accounts by their ids, debits positive, between two days that both count."""

    first: date
    last: date
    amounts: Mapping[str, Decimal]


@define
class Ledger:
    """All accounts, and what moved on them: spans of days without a gap, the oldest first."""

    accounts: dict[str, Account] = field(factory=dict)
    spans: list[Moved] = field(factory=list)

    def sums(self, first: date, last: date) -> dict[str, Decimal]:
        """What moved on each account in the spans that lie between two days."""
        found: dict[str, Decimal] = {}
        for span in self.spans:
            if first <= span.first and span.last <= last:
                for id_, amount in span.amounts.items():
                    found[id_] = plus(found.get(id_, ZERO), amount)
        return found

    def months(self) -> list[tuple[date, date]]:
        """First and last day of each month that is told whole, from the first in which anything stood."""
        found: dict[tuple[int, int], list[Moved]] = {}
        for span in self.spans:
            if (span.first.year, span.first.month) == (span.last.year, span.last.month):
                found.setdefault((span.last.year, span.last.month), []).append(span)
        whole = [
            (spans[0].first, spans[-1].last)
            for (year, month), spans in found.items()
            if spans[0].first.day == 1 and spans[-1].last.day == monthrange(year, month)[1]
        ]
        begun = next((span.last for span in self.spans if any(span.amounts.values())), date.max)
        return [month for month in whole if month[1] >= begun] or whole[-1:]


def statements(source: wire_lists.Statements, books: Books, doubts: Doubts) -> list[StandardRecord]:
    """All three, month by month. Raises: `RecordRejected` where days are left out between others."""
    doubts.data_type = "balanceSheet"
    settings = source.financial_settings or wire_lists.FinancialSettings()
    ledger = _ledger(source, doubts)
    months = ledger.months()
    if not months:
        raise RecordRejected(path="$.periods", reason="no month is told whole")
    year_end = _year_end(settings, doubts)
    begin = ledger.spans[0].first
    currency = id_of(settings.base_currency) or books.base_currency or NO_CURRENCY
    earliest, latest = (calendar_day(day.replace(day=1)) for day in (months[0][0], months[-1][0]))
    sheets, results, flows = [], [], []
    for first, last in months:
        moved = ledger.sums(first, last)
        sheets.append(_sheet(ledger, begin, last, _year_begin(last, year_end)))
        results.append(_result(ledger, moved, first, last))
        flows.append(_flow(ledger, moved, first, last))
    return [
        BalanceSheet(
            currency=currency,
            mostRecentAvailableMonth=latest,
            earliestAvailableMonth=earliest,
            reports=tuple(sheets),
        ),
        ProfitAndLoss(
            currency=currency,
            mostRecentAvailableMonth=latest,
            earliestAvailableMonth=earliest,
            reportBasis="Accrual",
            reports=tuple(results),
        ),
        CashFlowStatement(
            currency=currency,
            mostRecentAvailableMonth=latest,
            earliestAvailableMonth=earliest,
            reportBasis="Accrual",
            reportInput="Indirect",
            reports=tuple(flows),
        ),
    ]


def _ledger(source: wire_lists.Statements, doubts: Doubts) -> Ledger:
    """Raises: `RecordRejected` for a day that is none, or days that are told twice or not at all."""
    ledger = Ledger()
    for place, span in enumerate(source.periods):
        first, last = (
            _day(text, f"$.periods[{place}].{name}")
            for name, text in (("from_date", span.from_date), ("to_date", span.to_date))
        )
        if ledger.spans and ledger.spans[-1].last + _DAY != first:
            raise RecordRejected(
                path=f"$.periods[{place}].from_date", reason="not the day after those before"
            )
        amounts: dict[str, Decimal] = {}
        for number, answer in enumerate(span.answers):
            for row, account in enumerate(answer.items):
                path = f"$.periods[{place}].answers[{number}].$items[{row}]"
                if account.id not in ledger.accounts:
                    ledger.accounts[account.id] = _account(account, path, doubts)
                amounts[account.id] = _debit(account.balance_details, path, doubts)
        ledger.spans.append(Moved(first=first, last=last, amounts=amounts))
    return ledger


def _account(source: wire_lists.LedgerAccount, path: str, doubts: Doubts) -> Account:
    kind = id_of(source.ledger_account_type) or ""
    place = PLACE.get(kind)
    if place is None:
        doubts.warn(f"{path}.ledger_account_type.id", "no type of account that this mapping knows")
    part, heading = place or _ELSEWHERE
    name = source.name or source.display_name or source.displayed_as or None
    return Account(id=source.id, name=name, part=part, heading=heading, is_bank=kind == _BANK)


def _debit(details: wire_lists.BalanceDetails | None, path: str, doubts: Doubts) -> Decimal:
    """What moved, a debit positive. Raises: `RecordRejected` where nobody can tell which side it is on."""
    if details is None or not details.balance:
        if details is None or details.balance is None:
            doubts.warn(f"{path}.balance_details.balance", "not told: taken for nothing")
        return ZERO
    side, size = (details.credit_or_debit or "").lower(), abs(details.balance)
    if side not in ("credit", "debit"):
        reason = "neither credit nor debit"
        raise RecordRejected(path=f"{path}.balance_details.credit_or_debit", reason=reason)
    return size if side == "debit" else negated(size)


def _sheet(ledger: Ledger, begin: date, last: date, year_begin: date) -> BalanceSheetPeriod:
    stood = ledger.sums(begin, last)
    earlier = _earned(ledger, ledger.sums(begin, year_begin - _DAY))
    this_year = minus(_earned(ledger, stood), earlier)
    assets = _group("Assets", _headings(ledger, stood, "assets"))
    liabilities = _group("Liabilities", _headings(ledger, stood, "liabilities"))
    equity = _group(
        "Equity",
        [
            *_headings(ledger, stood, "equity"),
            _Line(name="Results of earlier years", value=earlier),
            _Line(name="Result of this year", value=this_year),
        ],
    )
    return BalanceSheetPeriod(
        date=calendar_day(last),
        assets=assets,
        liabilities=liabilities,
        netAssets=minus(assets.value, liabilities.value),
        equity=equity,
    )


def _result(ledger: Ledger, moved: Mapping[str, Decimal], first: date, last: date) -> ProfitAndLossPeriod:
    income = _group("Income", _lines(ledger, moved, "income"))
    costs = _group("Cost of sales", _lines(ledger, moved, "costOfSales"))
    expenses = _group("Expenses", _lines(ledger, moved, "expenses"))
    other = _group("Other income", _lines(ledger, moved, "otherIncome"))
    gross = minus(income.value, costs.value)
    operating = minus(gross, expenses.value)
    return ProfitAndLossPeriod(
        fromDate=calendar_day(first),
        toDate=calendar_day(last),
        income=income,
        costOfSales=costs,
        grossProfit=gross,
        expenses=expenses,
        netOperatingProfit=operating,
        otherIncome=other,
        netOtherIncome=other.value,
        netProfit=plus(operating, other.value),
    )


def _flow(ledger: Ledger, moved: Mapping[str, Decimal], first: date, last: date) -> CashFlowPeriod:
    """What raised cash counts as received, what lowered it as paid."""
    lines = [_Line(name="Net profit", value=_earned(ledger, moved))]
    lines += [
        _Line(accountId=account.id, name=account.name, value=negated(moved.get(account.id, ZERO)))
        for account in ledger.accounts.values()
        if account.part not in _RESULT and not account.is_bank
    ]
    received = [line for line in lines if line.value > 0]
    paid = [
        _Line(accountId=line.accountId, name=line.name, value=negated(line.value))
        for line in lines
        if line.value < 0
    ]
    return CashFlowPeriod(
        fromDate=calendar_day(first),
        toDate=calendar_day(last),
        cashReceipts=_group("Cash receipts", received),
        cashPayments=_group("Cash payments", paid),
    )


def _earned(ledger: Ledger, moved: Mapping[str, Decimal]) -> Decimal:
    """Income less expense."""
    return negated(
        _sum(moved.get(each.id, ZERO) for each in ledger.accounts.values() if each.part in _RESULT)
    )


def _headings(ledger: Ledger, moved: Mapping[str, Decimal], part: Part) -> list[ReportLine]:
    headings = dict.fromkeys(heading for place, heading in (*PLACE.values(), _ELSEWHERE) if place == part)
    found = [_group(heading, _lines(ledger, moved, part, heading)) for heading in headings]
    return [line for line in found if line.items]


def _lines(
    ledger: Ledger, moved: Mapping[str, Decimal], part: Part, heading: str | None = None
) -> list[ReportLine]:
    """Accounts of a part with a figure, positive as they stand there."""
    found = []
    for account in ledger.accounts.values():
        amount = moved.get(account.id, ZERO)
        if account.part == part and heading in (None, account.heading) and amount:
            value = negated(amount) if part in _CREDIT else amount
            found.append(_Line(accountId=account.id, name=account.name, value=value))
    return found


def _group(name: str, lines: Sequence[ReportLine]) -> ReportLine:
    return _Line(name=name, value=_sum(line.value for line in lines), items=tuple(lines))


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    total = ZERO
    for amount in amounts:
        total = plus(total, amount)
    return total


def _day(text: str | None, path: str) -> date:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        raise RecordRejected(path=path, reason="not a day") from None


def _year_end(settings: wire_lists.FinancialSettings, doubts: Doubts) -> tuple[int, int]:
    """Month and day."""
    try:
        told = date.fromisoformat((settings.year_end_date or "")[:10])
    except ValueError:
        doubts.warn(
            "$.financial_settings.year_end_date", "not told: years are taken as the calendar has them"
        )
        return 12, 31
    return told.month, told.day


def _year_begin(day: date, year_end: tuple[int, int]) -> date:
    """The first day of the financial year that a day is in."""
    month, last = year_end
    years = (day.year, day.year - 1, day.year - 2)
    ends = (date(year, month, min(last, monthrange(year, month)[1])) for year in years)
    return next(end for end in ends if end < day) + _DAY
