"""Profit and loss, balance sheet and cash flow of made-up books, in the base currency.

Every figure has the sign that a reader expects: income, assets, liabilities and equity are positive as
credits or debits by nature; a cost is positive and is taken off.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from attrs import frozen

from tallystick.connectors.sandbox.amounts import ZERO
from tallystick.connectors.sandbox.books import Account, AccountKind, Books
from tallystick.connectors.sandbox.chart import WRITTEN_OFF
from tallystick.connectors.sandbox.ledger import Ledger

_RESULT: tuple[AccountKind, ...] = ("income", "other_income", "cost_of_sales", "expense", "depreciation")


@frozen
class Figure:
    """One account's line in a statement."""

    account: Account
    amount: Decimal


@frozen(kw_only=True)
class ProfitAndLoss:
    """Between two days, both included. Accounts without a figure are left out."""

    first: date
    last: date
    income: tuple[Figure, ...]
    cost_of_sales: tuple[Figure, ...]
    other_income: tuple[Figure, ...]
    expenses: tuple[Figure, ...]

    @property
    def gross_profit(self) -> Decimal:
        """Income less the cost of sales."""
        return total(self.income) - total(self.cost_of_sales)

    @property
    def net_profit(self) -> Decimal:
        """All income less all costs."""
        return self.gross_profit + total(self.other_income) - total(self.expenses)


@frozen(kw_only=True)
class BalanceSheet:
    """At the end of a day. Accounts on which nothing stands are left out."""

    on: date
    bank: tuple[Figure, ...]
    current_assets: tuple[Figure, ...]
    fixed_assets: tuple[Figure, ...]
    current_liabilities: tuple[Figure, ...]
    long_term_liabilities: tuple[Figure, ...]
    equity: tuple[Figure, ...]  #: what was posted to it
    retained: Decimal  #: the results of the years before this one, of no account
    current_year: Decimal  #: the result of the financial year so far, of no account

    @property
    def assets(self) -> Decimal:
        """All that is owned and owing to the company."""
        return total(self.bank) + total(self.current_assets) + total(self.fixed_assets)

    @property
    def liabilities(self) -> Decimal:
        """All that the company owes."""
        return total(self.current_liabilities) + total(self.long_term_liabilities)

    @property
    def net_assets(self) -> Decimal:
        """Assets less liabilities; it is what the equity comes to."""
        return self.assets - self.liabilities

    @property
    def total_equity(self) -> Decimal:
        """What was posted to it, and the results."""
        return total(self.equity) + self.retained + self.current_year


@frozen(kw_only=True)
class CashFlow:
    """Between two days, by the indirect method: what each account took from the money or gave to it."""

    first: date
    last: date
    net_profit: Decimal
    operating: tuple[Figure, ...]  #: depreciation added back; debtors, creditors, stock, tax, …
    investing: tuple[Figure, ...]
    financing: tuple[Figure, ...]
    opening: Decimal  #: at all banks together, the evening before
    closing: Decimal

    @property
    def change(self) -> Decimal:
        """What came of it; it is what the banks' balances changed by."""
        return self.net_profit + total(self.operating) + total(self.investing) + total(self.financing)


def total(figures: Iterable[Figure]) -> Decimal:
    """What figures come to."""
    return sum((figure.amount for figure in figures), ZERO)


def plus(some: Sequence[Decimal], others: Sequence[Decimal]) -> list[Decimal]:
    """The sums of two rows, column by column."""
    return [a + b for a, b in zip(some, others, strict=True)]


def less(some: Sequence[Decimal], others: Sequence[Decimal]) -> list[Decimal]:
    """What a row comes to when another is taken off, column by column."""
    return [a - b for a, b in zip(some, others, strict=True)]


def profit_and_loss(books: Books, first: date, last: date) -> ProfitAndLoss:
    """Of the days from `first` to `last`. Reads every record."""
    ledger = Ledger.of(books)

    def moved(sign: int, *kinds: AccountKind) -> tuple[Figure, ...]:
        found = (Figure(each, sign * ledger.moved(each.id, first, last)) for each in ledger.of_kinds(*kinds))
        return tuple(figure for figure in found if figure.amount)

    return ProfitAndLoss(
        first=first,
        last=last,
        income=moved(-1, "income"),
        cost_of_sales=moved(1, "cost_of_sales"),
        other_income=moved(-1, "other_income"),
        expenses=moved(1, "expense", "depreciation"),
    )


def balance_sheet(books: Books, on: date) -> BalanceSheet:
    """At the end of a day. Reads every record."""
    ledger = Ledger.of(books)

    def stood(sign: int, *kinds: AccountKind) -> tuple[Figure, ...]:
        found = (Figure(each, sign * ledger.balance(each.id, on)) for each in ledger.of_kinds(*kinds))
        return tuple(figure for figure in found if figure.amount)

    begin = year_begin(on, books.organisation.year_end)
    results = ledger.of_kinds(*_RESULT)
    return BalanceSheet(
        on=on,
        bank=stood(1, "bank"),
        current_assets=stood(1, "current_asset"),
        fixed_assets=stood(1, "fixed_asset"),
        current_liabilities=stood(-1, "current_liability"),
        long_term_liabilities=stood(-1, "long_term_liability"),
        equity=stood(-1, "equity"),
        retained=-sum((ledger.balance(each.id, begin - timedelta(days=1)) for each in results), ZERO),
        current_year=-sum((ledger.moved(each.id, begin, on) for each in results), ZERO),
    )


def cash_flow(books: Books, first: date, last: date) -> CashFlow:
    """Of the days from `first` to `last`. Reads every record."""
    ledger = Ledger.of(books)

    def moved(accounts: Iterable[Account]) -> tuple[Figure, ...]:
        found = (Figure(each, -ledger.moved(each.id, first, last)) for each in accounts)
        return tuple(figure for figure in found if figure.amount)

    fixed = ledger.of_kinds("fixed_asset")
    # Depreciation is in the result and moved no money: its other side is added back.
    written_off = [account for account in fixed if account.code == WRITTEN_OFF]
    banks = ledger.of_kinds("bank")
    evening = first - timedelta(days=1) if first > date.min else first
    return CashFlow(
        first=first,
        last=last,
        net_profit=-sum((ledger.moved(each.id, first, last) for each in ledger.of_kinds(*_RESULT)), ZERO),
        operating=moved([*ledger.of_kinds("current_asset", "current_liability"), *written_off]),
        investing=moved(account for account in fixed if account.code != WRITTEN_OFF),
        financing=moved(ledger.of_kinds("long_term_liability", "equity")),
        opening=sum((ledger.balance(each.id, evening) for each in banks), ZERO),
        closing=sum((ledger.balance(each.id, last) for each in banks), ZERO),
    )


def year_begin(day: date, year_end: tuple[int, int]) -> date:
    """The first day of the financial year that a day is in; `year_end` is day and month."""
    for year in (day.year, day.year - 1):
        begin = date(year, year_end[1], year_end[0]) + timedelta(days=1)
        if begin <= day:
            return begin
    return date(day.year - 1, 1, 1)
