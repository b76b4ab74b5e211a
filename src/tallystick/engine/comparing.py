"""Compares sums that two parts of a connection's books tell, each in its own way.

Not all can be compared: a ledger of manual entries alone is not what a statement is made of, and open amounts
of other currencies are not what an account in the books' own holds. Then no comparison is made, or it says
so and nobody is warned. A difference is always told.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from attrs import frozen

from tallystick.engine import ledger_sums
from tallystick.engine.ledger_sums import AccountSeen, Period, Row
from tallystick.standard import ZERO, DataType
from tallystick.standard.open_amounts import CREDITORS, DEBTORS, OpenAmounts, Side
from tallystick.standard.rules.comparisons import (
    ACCOUNTS,
    BALANCES,
    CONTROL,
    LEDGER,
    TRIAL_BALANCE,
)
from tallystick.standard.rules.rule import Rule
from tallystick.standard.rules.sums import are_near
from tallystick.store import batches
from tallystick.store.comparisons import Compared, ComparedRow
from tallystick.store.sqlcipher import SqliteConnection

#: Rows of a comparison that are kept.
_HALF: Final = Decimal("0.5")
_ROWS_KEPT: Final = 200
#: How accounts are called that hold what customers owe, and what suppliers are owed.
_CONTROL: Final[dict[DataType, frozenset[str]]] = {
    "invoices": frozenset(
        {
            "accounts receivable",
            "accounts receivable (a/r)",
            "debtors",
            "debtors control account",
            "sales ledger control account",
            "trade debtors",
            "trade receivables",
        }
    ),
    "bills": frozenset(
        {
            "accounts payable",
            "accounts payable (a/p)",
            "creditors",
            "creditors control account",
            "purchase ledger control account",
            "trade creditors",
            "trade payables",
        }
    ),
}


@frozen(kw_only=True)
class Books:
    """One connection's books, as comparisons read them."""

    connection: SqliteConnection
    number: int
    currency: str | None  #: the books' own
    today: date


@frozen(kw_only=True)
class Way:
    """One comparison: what it is about, what it reads, and how it is made."""

    data_type: DataType
    against: DataType
    rule: Rule
    reads: tuple[DataType, ...]
    warns: bool  #: of a difference
    compare: Callable[[Books], Compared | None]


def _trial_balance(books: Books) -> Compared | None:
    sums = ledger_sums.entries(books.connection, books.number)
    if not sums.count:
        return None
    rows = [
        ComparedRow(
            type="journalEntries",
            name=currency,
            ours=amount,
            theirs=ZERO,
            agrees=are_near(amount, ZERO, currency=currency),
        )
        for currency, amount in sums.by_currency.items()
    ]
    message = f"debits less credits of {sums.count} entries"
    return _compared(books, rows, message, first=sums.first_day, last=sums.last_day)


def _banks(books: Books) -> Compared | None:
    banked = ledger_sums.banked(books.connection, books.number)
    seen = ledger_sums.accounts(books.connection, books.number, "bankAccounts")
    told = [account for account in seen if account.balance is not None]
    if not told or not banked:
        return None
    rows = [
        _row(books, account.id, "bankAccounts", account.accountName, account.balance or ZERO, banked)
        for account in told
    ]
    return _compared(books, rows, "each account's balance, and what was posted to it")


def _sheet_by_ledger(books: Books) -> Compared | None:
    sheet = ledger_sums.statement(books.connection, books.number, "balanceSheet")
    if sheet is None or not sheet.reports or sheet.reports[-1].date is None:
        return None
    sums = ledger_sums.entries(books.connection, books.number)
    if not sums.posted_from_documents:
        return None
    period, day = sheet.reports[-1], sheet.reports[-1].date[:10]
    posted = sums.between(None, day)
    # Not equity by its accounts: in earlier years' results a sheet adds up what was posted to others.
    sections = ((period.assets, 1), (period.liabilities, -1))
    rows = _by_account(books, sections, posted, day, {"Asset": 1, "Liability": -1})
    return _compared(books, rows, f"each account on {day}, and what was posted to it by then", last=day)


def _results_by_ledger(books: Books) -> Compared | None:
    results = ledger_sums.statement(books.connection, books.number, "profitAndLoss")
    sums = ledger_sums.entries(books.connection, books.number)
    if results is None or not results.reports or not sums.posted_from_documents:
        return None
    rows: list[ComparedRow] = []
    days: list[str] = []
    for period in results.reports:
        if period.fromDate is None or period.toDate is None:
            continue
        first, last = period.fromDate[:10], period.toDate[:10]
        days += [first, last]
        posted = sums.between(first, last)
        rows += _by_account(books, _sections(period), posted, last, {"Income": -1, "Expense": 1})
    message = "each account of each period, and what was posted to it in it"
    return _compared(books, rows, message, first=min(days, default=None), last=max(days, default=None))


def _sections(period: Period) -> Sequence[tuple[Row | None, int]]:
    return (
        (period.income, -1),
        (period.costOfSales, 1),
        (period.expenses, 1),
        (period.otherIncome, -1),
        (period.otherExpenses, 1),
    )


def _sheet_by_accounts(books: Books) -> Compared | None:
    """Signs aside: providers sign an account's balance each in its own way."""
    sheet = ledger_sums.statement(books.connection, books.number, "balanceSheet")
    if sheet is None or not sheet.reports or sheet.reports[-1].date is None:
        return None
    period, day = sheet.reports[-1], sheet.reports[-1].date[:10]
    if day < books.today.isoformat():
        return None  # balances are today's
    seen = ledger_sums.accounts(books.connection, books.number, "chartOfAccounts")
    told = {
        account.id: abs(account.currentBalance)
        for account in seen
        if account.currentBalance is not None and account.currency in (None, books.currency)
    }
    sections = (period.assets, period.liabilities, period.equity)
    rows = [
        _row(books, row.accountId, "chartOfAccounts", row.name, abs(row.value), told, day)
        for section in sections
        for row in ledger_sums.leaves(section)
        if row.accountId in told
    ]
    return (
        _compared(books, rows, "each account on the sheet, and its own balance", last=day) if rows else None
    )


def _open_by_sheet(books: Books, side: Side) -> Compared | None:
    sheet = ledger_sums.statement(books.connection, books.number, "balanceSheet")
    if sheet is None or not sheet.reports or sheet.reports[-1].date is None:
        return None
    period, day = sheet.reports[-1], sheet.reports[-1].date[:10]
    names = _CONTROL[side.documents]
    ids = {account.id for account in _control_accounts(books, side)}
    found = [
        row
        for section in (period.assets, period.liabilities)
        for row in ledger_sums.leaves(section)
        if row.accountId in ids or (row.name or "").strip().lower() in names
    ]
    if not found:
        return None
    held = sum((row.value for row in found), start=ZERO)
    until = date.fromisoformat(day) + timedelta(days=1)
    leaves = [*ledger_sums.leaves(period.assets), *ledger_sums.leaves(period.liabilities)]
    is_whole = all(row.value == row.value.to_integral_value() for row in leaves)  # FreeAgent's are
    slack = _HALF * len(found) if is_whole else ZERO
    return _open_against(books, side, until, held, "balanceSheet", found[0].accountId, slack=slack)


def _open_by_accounts(books: Books, side: Side) -> Compared | None:
    found = [each for each in _control_accounts(books, side) if each.currentBalance is not None]
    if not found:
        return None
    held = abs(sum((each.currentBalance or ZERO for each in found), start=ZERO))
    until = books.today + timedelta(days=1)
    return _open_against(books, side, until, held, "chartOfAccounts", found[0].id, signed=False)


def _open_against(
    books: Books,
    side: Side,
    until: date,
    held: Decimal,
    against: str,
    account_id: str | None,
    *,
    signed: bool = True,
    slack: Decimal = ZERO,
) -> Compared:
    """`signed`: below nothing means that more was paid than owed; else a provider signs it in its own way."""
    amounts = OpenAmounts(until=until.isoformat())

    def all_of(data_type: DataType) -> Iterable[bytes]:
        return batches.batches(books.connection, connection_number=books.number, data_type=data_type)

    for batch in all_of(side.payments):
        amounts.payments(batch)
    found = [*amounts.on_account()]
    for batch in all_of(side.credits):
        found += amounts.credits(batch)
    for batch in all_of(side.documents):
        found += amounts.documents(batch)
    own = [each.amount for each in found if each.currency in (None, books.currency)]
    opened = sum(own, start=ZERO)
    held = held if signed or opened >= ZERO else -held
    row = ComparedRow(
        id=account_id,
        type=against,
        day=(until - timedelta(days=1)).isoformat(),
        ours=opened,
        theirs=held,
        agrees=abs(opened - held) <= slack
        or are_near(opened, held, currency=books.currency, of=max(1, len(own))),
    )
    foreign = len(found) - len(own)
    message = f"what {len(own)} open {side.documents}, credits and payments on account come to"
    if foreign:
        message += f"; {foreign} more are of other currencies, and are not in the sum"
    return _compared(books, [row], message, last=row.day, comparable=not foreign)


def _control_accounts(books: Books, side: Side) -> list[AccountSeen]:
    names = _CONTROL[side.documents]
    seen = ledger_sums.accounts(books.connection, books.number, "chartOfAccounts")
    return [each for each in seen if (each.name or "").strip().lower() in names]


def _by_account(
    books: Books,
    sections: Iterable[tuple[Row | None, int]],
    posted: dict[str, Decimal],
    day: str,
    signs: dict[str, int],
) -> list[ComparedRow]:
    """A statement's rows beside what was posted, and what was posted to accounts that it leaves out.

    Only of accounts, since a result of the year is none. `signs`: of the types of account that belong on it.
    """
    rows, shown = [], set[str]()
    for section, sign in sections:
        for row in ledger_sums.leaves(section):
            if row.accountId is not None:
                shown.add(row.accountId)
                told = {row.accountId: sign * posted.get(row.accountId, ZERO)}
                rows.append(_row(books, row.accountId, "chartOfAccounts", row.name, row.value, told, day))
    for account in ledger_sums.accounts(books.connection, books.number, "chartOfAccounts"):
        told = {account.id: signs.get(account.type or "", 0) * posted.get(account.id, ZERO)}
        if account.id not in shown and told[account.id]:
            rows.append(_row(books, account.id, "chartOfAccounts", account.name, ZERO, told, day))
    return rows


def _row(
    books: Books,
    identity: str | None,
    data_type: DataType,
    name: str | None,
    ours: Decimal,
    theirs_by_id: dict[str, Decimal],
    day: str | None = None,
) -> ComparedRow:
    theirs = theirs_by_id.get(identity or "", ZERO)
    agrees = are_near(ours, theirs, currency=books.currency)
    return ComparedRow(
        id=identity, type=data_type, name=name, day=day, ours=ours, theirs=theirs, agrees=agrees
    )


def _compared(
    books: Books,
    rows: Sequence[ComparedRow],
    message: str,
    *,
    first: str | None = None,
    last: str | None = None,
    comparable: bool = True,
) -> Compared:
    agreeing = [row for row in rows if row.agrees]
    others = [row for row in rows if not row.agrees]
    return Compared(
        status="Complete" if comparable else "Unknown",
        message=message,
        currency=books.currency,
        ours=sum((row.ours for row in rows), start=ZERO),
        theirs=sum((row.theirs for row in rows), start=ZERO),
        matched=len(agreeing),
        unmatched=len(others),
        matched_amount=sum((abs(row.ours) for row in agreeing), start=ZERO),
        unmatched_amount=sum((max(abs(row.ours), abs(row.theirs)) for row in others), start=ZERO),
        first_day=first,
        last_day=last,
        rows=[*others, *agreeing][:_ROWS_KEPT],
    )


def _way(
    data_type: DataType,
    against: DataType,
    rule: Rule,
    compare: Callable[[Books], Compared | None],
    *also: DataType,
    warns: bool = True,
) -> Way:
    reads = tuple(dict.fromkeys((data_type, against, *also)))
    return Way(data_type=data_type, against=against, rule=rule, reads=reads, warns=warns, compare=compare)


_CONTROLS: Final[tuple[tuple[DataType, Callable[[Books, Side], Compared | None]], ...]] = (
    ("balanceSheet", _open_by_sheet),
    ("chartOfAccounts", _open_by_accounts),
)
WAYS: Final[tuple[Way, ...]] = (
    _way("journalEntries", "journalEntries", TRIAL_BALANCE, _trial_balance),
    # A balance holds what was there before the first posting that is read, and journals: no cause to warn.
    _way("bankAccounts", "accountTransactions", BALANCES, _banks, warns=False),
    _way("balanceSheet", "journalEntries", LEDGER, _sheet_by_ledger),
    _way("profitAndLoss", "journalEntries", LEDGER, _results_by_ledger),
    _way("balanceSheet", "chartOfAccounts", ACCOUNTS, _sheet_by_accounts),
    *(
        _way(
            side.documents,
            against,
            CONTROL,
            lambda books, compare=compare, side=side: compare(books, side),  # type: ignore[misc]
            "chartOfAccounts",
            side.credits,
            side.payments,
        )
        for side in (DEBTORS, CREDITORS)
        for against, compare in _CONTROLS
    ),
)
