"""What holds in the statements: rows come to their headings, and results follow from the sections."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from tallystick.standard.data_types import DataType
from tallystick.standard.money import ZERO
from tallystick.standard.rules.currencies import NO_CURRENCY, UNITS
from tallystick.standard.rules.rule import Findings, Rule
from tallystick.standard.rules.sums import are_near, told

STATEMENTS: Final[tuple[DataType, ...]] = ("balanceSheet", "profitAndLoss", "cashFlowStatement")

NET_ASSETS: Final = Rule(
    number=10, types=("balanceSheet",), holds="Assets less liabilities are the net assets."
)
EQUITY: Final = Rule(number=20, types=("balanceSheet",), holds="The net assets are the equity.")
GROSS: Final = Rule(
    number=10, types=("profitAndLoss",), holds="Income less the cost of sales is the gross profit."
)
OPERATING: Final = Rule(
    number=20, types=("profitAndLoss",), holds="The gross profit less expenses is the operating profit."
)
OTHER: Final = Rule(
    number=30, types=("profitAndLoss",), holds="Other income less other expenses is the other net income."
)
NET: Final = Rule(
    number=40, types=("profitAndLoss",), holds="Operating profit and other net income are the net profit."
)
ROWS: Final = Rule(number=50, types=STATEMENTS, holds="The rows below a heading come to it.")
CURRENCY: Final = Rule(number=60, types=STATEMENTS, holds="It names its currency.")
KNOWN_CURRENCY: Final = Rule(number=70, types=STATEMENTS, holds="Its currency is one of ISO 4217.")
RULES: Final = (NET_ASSETS, EQUITY, GROSS, OPERATING, OTHER, NET, ROWS, CURRENCY, KNOWN_CURRENCY)

_SECTIONS: Final[dict[str, tuple[str, ...]]] = {
    "balanceSheet": ("assets", "liabilities", "equity"),
    "profitAndLoss": ("income", "costOfSales", "expenses", "otherIncome", "otherExpenses"),
    "cashFlowStatement": ("cashReceipts", "cashPayments"),
}


def look(record: Any, findings: Findings) -> None:
    """Add what is doubtful in one statement, period by period."""
    for place, period in enumerate(record.reports):
        path = f"$.reports[{place}]"
        if findings.data_type == "balanceSheet":
            _look_at_sheet(period, path, record.currency, findings)
        elif findings.data_type == "profitAndLoss":
            _look_at_results(period, path, record.currency, findings)
        for name in _SECTIONS[findings.data_type]:
            section = getattr(period, name)
            if section is not None:
                _look_at_rows(section, f"{path}.{name}", record.currency, findings)
    if record.currency == NO_CURRENCY:
        findings.add(CURRENCY, "$.currency", "the currency is not told")
    elif record.currency not in UNITS:
        findings.add(KNOWN_CURRENCY, "$.currency", "no currency of ISO 4217")


def _look_at_sheet(period: Any, path: str, currency: str, findings: Findings) -> None:
    net = _value(period.assets) - _value(period.liabilities)
    _compare(NET_ASSETS, "netAssets", period.netAssets, net, path, currency, findings)
    if period.equity is not None:
        _compare(EQUITY, "equity", period.equity.value, period.netAssets, path, currency, findings)


def _look_at_results(period: Any, path: str, currency: str, findings: Findings) -> None:
    gross = _value(period.income) - _value(period.costOfSales)
    other = _value(period.otherIncome) - _value(period.otherExpenses)
    for rule, name, expected in (
        (GROSS, "grossProfit", gross),
        (OPERATING, "netOperatingProfit", period.grossProfit - _value(period.expenses)),
        (OTHER, "netOtherIncome", other),
        (NET, "netProfit", period.netOperatingProfit + period.netOtherIncome),
    ):
        _compare(rule, name, getattr(period, name), expected, path, currency, findings)


def _compare(
    rule: Rule,
    name: str,
    told_as: Decimal,
    expected: Decimal,
    path: str,
    currency: str,
    findings: Findings,
) -> None:
    if told_as != expected and not are_near(told_as, expected, currency=currency):
        message = f"{name} does not follow from the sections: {told(told_as - expected)}"
        findings.add(rule, f"{path}.{name}", message)


def _look_at_rows(section: Any, path: str, currency: str, findings: Findings) -> None:
    for line, where in _headings(section, path):
        off = sum((row.value for row in line.items), start=ZERO) - line.value
        if off and not are_near(off, ZERO, currency=currency, of=len(line.items)):
            findings.add(ROWS, where, f"the rows do not come to the heading: {told(off)}")


def _headings(line: Any, path: str) -> Iterator[tuple[Any, str]]:
    """Rows that others stand below, from the top; without recursion, as depth is the provider's choice."""
    waiting = [(line, path)]
    while waiting:
        each, where = waiting.pop()
        if each.items:
            yield each, where
            waiting += [(row, f"{where}.items[{n}]") for n, row in enumerate(each.items)]


def _value(line: Any) -> Decimal:
    value: Decimal = ZERO if line is None else line.value
    return value
