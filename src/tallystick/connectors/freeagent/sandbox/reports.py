"""FreeAgent's reports, made of the books' ledger. Source: providers.md §§2.5, 6.6."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from tallystick.connectors.freeagent.sandbox.dialect import address, money
from tallystick.connectors.freeagent.sandbox.render import Renderer
from tallystick.connectors.sandbox.amounts import ZERO
from tallystick.connectors.sandbox.books import Account, AccountKind
from tallystick.connectors.sandbox.ledger import Ledger
from tallystick.connectors.sandbox.statements import year_begin

_RESULT: Final[tuple[AccountKind, ...]] = (
    "income",
    "other_income",
    "cost_of_sales",
    "expense",
    "depreciation",
)


def profit_and_loss(renderer: Renderer, ledger: Ledger, first: date, last: date) -> dict[str, Any]:
    """The summary between two days, in whole pounds, as texts."""
    income = _sum(ledger, ("income", "other_income"), first, last)
    expenses = -_sum(ledger, ("cost_of_sales", "expense", "depreciation"), first, last)
    profit = income - expenses
    before = _before(renderer, ledger, first)
    summary = {
        "from": first.isoformat(),
        "to": last.isoformat(),
        "income": str(_whole(income)),
        "expenses": str(_whole(expenses)),
        "operating_profit": str(_whole(profit)),
        "less": [
            {"title": "Corp. Tax", "total": "0"},
            {"title": "Dividends", "total": "0"},
            {"title": "Adjustments", "total": "0"},
        ],
        "retained_profit": str(_whole(profit)),
        "retained_profit_brought_forward": str(_whole(before)),
        "retained_profit_carried_forward": str(_whole(before + profit)),
    }
    return {"profit_and_loss_summary": summary}


def trial_balance(renderer: Renderer, ledger: Ledger, first: date, last: date) -> dict[str, Any]:
    """What moved on every account between two days; a credit is negative."""
    rows = []
    for account in ledger.accounts:
        total = ledger.moved(account.id, first, last)
        if total:
            code = renderer.codes[account.id]
            rows.append(
                {
                    "category": address("categories", code.partition("-")[0]),
                    "nominal_code": code,
                    "display_nominal_code": code,
                    "name": account.name,
                    "total": money(total),
                }
            )
    return {"trial_balance_summary": rows}


def balance_sheet(renderer: Renderer, ledger: Ledger, on: date) -> dict[str, Any]:
    """The sheet at the end of a day, in whole pounds, as numbers."""

    def part(*kinds: AccountKind) -> dict[str, Any]:
        told = ((account, ledger.balance(account.id, on)) for account in ledger.of_kinds(*kinds))
        rows = [_row(account, amount, renderer) for account, amount in told if amount]
        return {"accounts": rows} if rows else {}

    def stood(*kinds: AccountKind) -> Decimal:
        return sum((ledger.balance(each.id, on) for each in ledger.of_kinds(*kinds)), ZERO)

    fixed = stood("fixed_asset")
    current = stood("bank", "current_asset", "current_liability", "long_term_liability")
    retained = stood(*_RESULT)
    return {
        "balance_sheet": {
            "accounting_period_start_date": year_begin(on, renderer.books.organisation.year_end).isoformat(),
            "as_at_date": on.isoformat(),
            "currency": renderer.books.organisation.base_currency,
            "capital_assets": {**part("fixed_asset"), "net_book_value": _whole(fixed)},
            "current_assets": part("bank", "current_asset"),
            "current_liabilities": part("current_liability", "long_term_liability"),
            "net_current_assets": _whole(current),
            "total_assets": _whole(fixed + current),
            "owners_equity": {**part("equity"), "retained_profit": _whole(retained)},
            "total_owners_equity": _whole(retained + stood("equity")),
        }
    }


def _row(account: Account, amount: Decimal, renderer: Renderer) -> dict[str, Any]:
    return {
        "name": account.name,
        "nominal_code": renderer.codes[account.id],
        "total_debit_value": _whole(amount),
    }


def _sum(ledger: Ledger, kinds: tuple[AccountKind, ...], first: date, last: date) -> Decimal:
    """What some accounts earned: a credit is positive."""
    return -sum((ledger.moved(each.id, first, last) for each in ledger.of_kinds(*kinds)), ZERO)


def _before(renderer: Renderer, ledger: Ledger, first: date) -> Decimal:
    begin = year_begin(first, renderer.books.organisation.year_end)
    return _sum(ledger, _RESULT, date.min, begin - timedelta(days=1))


def _whole(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))
