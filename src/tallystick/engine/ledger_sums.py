"""What a connection's stored records come to: postings by account and day, statements, balances.

Only what is added up is decoded. It runs on a reading thread, within one state of the database.
"""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

import msgspec
from attrs import define, field

from tallystick.standard import ZERO, DataType
from tallystick.store import batches, records
from tallystick.store.sqlcipher import SqliteConnection


class _Named(msgspec.Struct, gc=False):
    id: str | None = None
    dataType: str | None = None  # noqa: N815 - the API's own spelling


class _EntryLine(msgspec.Struct, gc=False):
    netAmount: Decimal  # noqa: N815
    currency: str | None = None
    accountRef: _Named | None = None  # noqa: N815


class _Entry(msgspec.Struct, gc=False):
    postedOn: str | None = None  # noqa: N815
    journalLines: list[_EntryLine] = []  # noqa: N815
    recordRef: _Named | None = None  # noqa: N815


class AccountSeen(msgspec.Struct, gc=False):
    """An account of the chart, or at a bank, with the balance that it tells itself."""

    id: str
    type: str | None = None
    name: str | None = None
    accountName: str | None = None  # noqa: N815
    currency: str | None = None
    currentBalance: Decimal | None = None  # noqa: N815
    balance: Decimal | None = None


class _Posting(msgspec.Struct, gc=False):
    date: str | None = None
    totalAmount: Decimal | None = None  # noqa: N815
    status: str | None = None
    bankAccountRef: _Named | None = None  # noqa: N815


class Row(msgspec.Struct, gc=False):
    """A row of a statement."""

    value: Decimal
    accountId: str | None = None  # noqa: N815
    name: str | None = None
    items: "list[Row]" = []


class Period(msgspec.Struct, gc=False):
    """A period of a statement, of either kind."""

    date: str | None = None
    fromDate: str | None = None  # noqa: N815
    toDate: str | None = None  # noqa: N815
    assets: Row | None = None
    liabilities: Row | None = None
    equity: Row | None = None
    income: Row | None = None
    costOfSales: Row | None = None  # noqa: N815
    expenses: Row | None = None
    otherIncome: Row | None = None  # noqa: N815
    otherExpenses: Row | None = None  # noqa: N815


class Statement(msgspec.Struct, gc=False):
    """A balance sheet, or a profit and loss."""

    currency: str
    reports: list[Period] = []


_ENTRIES: Final = msgspec.json.Decoder(list[_Entry])
_ACCOUNTS: Final = msgspec.json.Decoder(list[AccountSeen])
_POSTINGS: Final = msgspec.json.Decoder(list[_Posting])
_STATEMENT: Final = msgspec.json.Decoder(Statement)


@define
class Entries:
    """All journal entries, added up."""

    count: int = 0
    posted_from_documents: int = 0
    """Entries that name a document. Where there are any, the ledger holds everything that was posted."""
    by_currency: defaultdict[str | None, Decimal] = field(factory=lambda: defaultdict(lambda: ZERO))
    by_account_and_day: defaultdict[tuple[str, str], Decimal] = field(
        factory=lambda: defaultdict(lambda: ZERO)
    )
    first_day: str | None = None
    last_day: str | None = None

    def between(self, first: str | None, last: str) -> dict[str, Decimal]:
        """Debits less credits by account, over days that both count; None: from the beginning."""
        found: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
        for (account, day), amount in self.by_account_and_day.items():
            if (first is None or day >= first) and day <= last:
                found[account] += amount
        return found


def entries(connection: SqliteConnection, number: int) -> Entries:
    """Cost: 5 µs an entry of three lines."""
    sums = Entries()
    for batch in _of(connection, number, "journalEntries"):
        for entry in _ENTRIES.decode(batch):
            day = (entry.postedOn or "")[:10]
            sums.count += 1
            if entry.recordRef is not None and entry.recordRef.dataType not in (None, "journalEntries"):
                sums.posted_from_documents += 1
            if day:
                sums.first_day = min(sums.first_day or day, day)
                sums.last_day = max(sums.last_day or day, day)
            for line in entry.journalLines:
                sums.by_currency[line.currency] += line.netAmount
                if line.accountRef is not None and line.accountRef.id is not None:
                    sums.by_account_and_day[(line.accountRef.id, day)] += line.netAmount
    return sums


def accounts(connection: SqliteConnection, number: int, data_type: DataType) -> list[AccountSeen]:
    """The chart of accounts, or the accounts at banks."""
    return [each for batch in _of(connection, number, data_type) for each in _ACCOUNTS.decode(batch)]


def banked(connection: SqliteConnection, number: int) -> dict[str, Decimal]:
    """What was posted to each account at a bank, by its id; void postings left out."""
    found: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    for batch in _of(connection, number, "accountTransactions"):
        for each in _POSTINGS.decode(batch):
            if each.bankAccountRef is not None and each.bankAccountRef.id and each.status != "Void":
                found[each.bankAccountRef.id] += each.totalAmount or ZERO
    return found


def statement(connection: SqliteConnection, number: int, data_type: DataType) -> Statement | None:
    """A connection's balance sheet or profit and loss; None where it was never read."""
    bodies = records.all_bodies(connection, connection_number=number, data_type=data_type)
    return _STATEMENT.decode(bodies[0]) if bodies else None


def leaves(section: Row | None) -> Iterator[Row]:
    """The rows of a section that no others stand below."""
    waiting = [] if section is None else [section]
    while waiting:
        row = waiting.pop()
        if row.items:
            waiting += row.items
        else:
            yield row


def _of(connection: SqliteConnection, number: int, data_type: DataType) -> Iterator[Any]:
    return batches.batches(connection, connection_number=number, data_type=data_type)
