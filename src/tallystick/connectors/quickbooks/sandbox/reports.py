"""The made-up QuickBooks' statements: tables by month, of what was posted. Source: providers.md §6.6."""

from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from attrs import frozen

from tallystick.connectors.quickbooks.sandbox.dialect import account_type, answered
from tallystick.connectors.quickbooks.sandbox.rows import CompanyRows
from tallystick.connectors.sandbox.amounts import ZERO
from tallystick.connectors.sandbox.books import Account
from tallystick.connectors.sandbox.chart import WRITTEN_OFF
from tallystick.connectors.sandbox.clock import Clock
from tallystick.connectors.sandbox.statements import less, plus, year_begin

#: Section, its title, the types of account in it, and its natural side: 1 for debit.
_PROFIT: Final = (
    ("Income", "Income", {"Income"}, -1),
    ("COGS", "Cost of Sales", {"Cost of Goods Sold"}, 1),
    ("Expenses", "Expenses", {"Expense"}, 1),
    ("OtherIncome", "Other Income", {"Other Income"}, -1),
    ("OtherExpenses", "Other Expenses", {"Other Expense"}, 1),
)


@frozen(kw_only=True)
class Asked:
    """A report as it is asked for."""

    first: date
    last: date

    @classmethod
    def read(cls, params: Mapping[str, str], today: date) -> "Asked":
        """This year so far where no days are told. Raises: `ValueError` for days that are none."""
        first = date.fromisoformat(params.get("start_date", f"{today.year}-01-01"))
        return cls(first=first, last=date.fromisoformat(params.get("end_date", today.isoformat())))

    @property
    def months(self) -> list[tuple[date, date]]:
        """First and last day of each month."""
        found = []
        day = self.first
        while day <= self.last:
            end = date(day.year, day.month, monthrange(day.year, day.month)[1])
            found.append((day, min(end, self.last)))
            day = date(end.year + end.month // 12, end.month % 12 + 1, 1)
        return found


@frozen(kw_only=True)
class _Book:
    """What the rows of a report are made of."""

    rows: CompanyRows
    columns: Sequence[tuple[date, date]]

    def accounts(self, types: set[str]) -> list[Account]:
        return [each for each in self.rows.ledger.accounts if account_type(each)[0] in types]

    def moved(self, account: Account, sign: int) -> list[Decimal]:
        """What was posted to an account within each month."""
        ledger = self.rows.ledger
        return [sign * ledger.moved(account.id, first, last) for first, last in self.columns]

    def stood(self, account: Account, sign: int) -> list[Decimal]:
        """What stood on an account at the end of each month."""
        return [sign * self.rows.ledger.balance(account.id, last) for _, last in self.columns]

    def earned(self, values: Callable[[Account, int], list[Decimal]]) -> list[Decimal]:
        """The result: all that is income less all that is cost."""
        types = {kind for _, _, kinds, _ in _PROFIT for kind in kinds}
        return _add([values(each, -1) for each in self.accounts(types)], len(self.columns))

    def this_year(self, account: Account, sign: int) -> list[Decimal]:
        """What was posted to an account since the financial year of each month began."""
        ledger, year_end = self.rows.ledger, self.rows.books.organisation.year_end
        return [sign * ledger.moved(account.id, year_begin(last, year_end), last) for _, last in self.columns]

    def years_before(self, account: Account, sign: int) -> list[Decimal]:
        """What stood on an account when the financial year of each month began."""
        ledger, year_end = self.rows.ledger, self.rows.books.organisation.year_end
        return [
            sign * ledger.balance(account.id, year_begin(last, year_end) - timedelta(days=1))
            for _, last in self.columns
        ]

    def data(self, account: Account, values: Sequence[Decimal]) -> dict[str, Any]:
        number = self.rows.numbers.of("Account", account.id)
        return {"ColData": [{"value": account.name, "id": number}, *_cells(values)], "type": "Data"}

    def section(
        self, group: str, title: str, rows: list[dict[str, Any]], total: Sequence[Decimal]
    ) -> dict[str, Any]:
        empty = [{"value": ""} for _ in [*self.columns, None]]
        return {
            "Header": {"ColData": [{"value": title}, *empty]},
            "Rows": {"Row": rows},
            "Summary": {"ColData": [{"value": f"Total {title}"}, *_cells(total)]},
            "type": "Section",
            "group": group,
        }

    def result(self, group: str, title: str, values: Sequence[Decimal]) -> dict[str, Any]:
        return {
            "Summary": {"ColData": [{"value": title}, *_cells(values)]},
            "type": "Section",
            "group": group,
        }


def report(name: str, rows: CompanyRows, asked: Asked, clock: Clock) -> dict[str, Any] | None:
    """A whole report; None for one that the sandbox does not make."""
    made = _REPORTS.get(name.lower())
    if made is None:
        return None
    book = _Book(rows=rows, columns=asked.months)
    columns = [{"ColTitle": "", "ColType": "Account"}]
    for first, last in asked.months:
        told = {"StartDate": first.isoformat(), "EndDate": last.isoformat()}
        meta = [{"Name": key, "Value": value} for key, value in told.items()]
        columns.append({"ColTitle": f"{first:%b %Y}", "ColType": "Money", "MetaData": meta})  # type: ignore[dict-item]
    total = [{"Name": "ColKey", "Value": "total"}]
    columns.append({"ColTitle": "Total", "ColType": "Money", "MetaData": total})  # type: ignore[dict-item]
    title, body = made
    return {
        "Header": {
            "Time": answered(clock.now()),
            "ReportName": title,
            "ReportBasis": "Accrual",
            "StartPeriod": asked.first.isoformat(),
            "EndPeriod": asked.last.isoformat(),
            "SummarizeColumnsBy": "Month",
            "Currency": rows.books.organisation.base_currency,
            "Option": [{"Name": "NoReportData", "Value": "false"}],
        },
        "Columns": {"Column": columns},
        "Rows": {"Row": body(book)},
    }


def _profit_and_loss(book: _Book) -> list[dict[str, Any]]:
    sums: dict[str, list[Decimal]] = {}
    sections: dict[str, dict[str, Any]] = {}
    for group, title, types, sign in _PROFIT:
        moved = [(each, book.moved(each, sign)) for each in book.accounts(types)]
        sums[group] = _add([values for _, values in moved], len(book.columns))
        data = [book.data(each, values) for each, values in moved if any(values)]
        sections[group] = book.section(group, title, data, sums[group])
    gross = less(sums["Income"], sums["COGS"])
    operating = less(gross, sums["Expenses"])
    other = less(sums["OtherIncome"], sums["OtherExpenses"])
    return [
        sections["Income"],
        sections["COGS"],
        book.result("GrossProfit", "Gross Profit", gross),
        sections["Expenses"],
        book.result("NetOperatingIncome", "Net Operating Income", operating),
        sections["OtherIncome"],
        sections["OtherExpenses"],
        book.result("NetOtherIncome", "Net Other Income", other),
        book.result("NetIncome", "Net Income", plus(operating, other)),
    ]


def _balance_sheet(book: _Book) -> list[dict[str, Any]]:
    sums: dict[str, list[Decimal]] = {}
    sections: dict[str, dict[str, Any]] = {}
    for group, title, classification, sign in (
        ("TotalAssets", "Assets", "Asset", 1),
        ("Liabilities", "Liabilities", "Liability", -1),
        ("Equity", "Equity", "Equity", -1),
    ):
        accounts = [each for each in book.rows.ledger.accounts if account_type(each)[1] == classification]
        stood = [(each, book.stood(each, sign)) for each in accounts]
        data = [book.data(each, values) for each, values in stood if any(values)]
        sums[group] = _add([values for _, values in stood], len(book.columns))
        if group == "Equity":
            for title_, of, values in (
                ("Retained Earnings", "RetainedEarnings", book.earned(book.years_before)),
                ("Net Income", "NetIncome", book.earned(book.this_year)),
            ):
                cells = [{"value": title_}, *_cells(values)]
                data.append({"ColData": cells, "type": "Data", "group": of})
                sums[group] = plus(sums[group], values)
        sections[group] = book.section(group, title, data, sums[group])
    both = plus(sums["Liabilities"], sums["Equity"])
    return [
        sections["TotalAssets"],
        book.section(
            "TotalLiabilitiesAndEquity",
            "Liabilities and Equity",
            [sections["Liabilities"], sections["Equity"]],
            both,
        ),
    ]


def _cash_flow(book: _Book) -> list[dict[str, Any]]:
    """Indirectly: the result, and what the other accounts took from it or gave to it."""
    earned = book.earned(book.moved)
    result = {"ColData": [{"value": "Net Income"}, *_cells(earned)], "type": "Data", "group": "NetIncome"}
    rows: dict[str, list[dict[str, Any]]] = {"operating": [result], "investing": [], "financing": []}
    sums = {"operating": [earned], "investing": [], "financing": []}
    for account in book.rows.ledger.accounts:
        kind, classification, _ = account_type(account)
        if account.kind == "bank" or classification in {"Revenue", "Expense"}:
            continue
        bought = kind == "Fixed Asset" and account.code != WRITTEN_OFF  # no money moves by writing off
        where = "investing" if bought else "operating"
        if classification == "Equity" or kind == "Long Term Liability":
            where = "financing"
        values = book.moved(account, -1)
        if any(values):
            rows[where].append(book.data(account, values))
            sums[where].append(values)
    sections = [
        book.section(
            f"{name.title()}Activities",
            f"{name.title()} Activities",
            rows[name],
            _add(sums[name], len(book.columns)),
        )
        for name in rows
    ]
    change = _add([each for found in sums.values() for each in found], len(book.columns))
    return [*sections, book.result("CashIncrease", "Net cash increase for period", change)]


_REPORTS: Final[dict[str, tuple[str, Callable[[_Book], list[dict[str, Any]]]]]] = {
    "profitandloss": ("ProfitAndLoss", _profit_and_loss),
    "balancesheet": ("BalanceSheet", _balance_sheet),
    "cashflow": ("CashFlow", _cash_flow),
}


def _cells(values: Sequence[Decimal]) -> list[dict[str, str]]:
    """Texts; nothing is an empty one. The last is the whole time's."""
    return [{"value": f"{value:f}" if value else ""} for value in [*values, sum(values, ZERO)]]


def _add(rows: Sequence[Sequence[Decimal]], columns: int) -> list[Decimal]:
    return [sum((row[place] for row in rows), ZERO) for place in range(columns)]
