"""The made-up QuickBooks' journal: every posting, transaction by transaction. Source: Intuit's JournalReport.

A transaction is a row a side, of which only the first tells day and type, then their sums, then a row of
nothing. A report that would be too large is cut, anywhere, and says so in its last row.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from attrs import define, field

from tallystick.connectors.quickbooks.sandbox.dialect import answered
from tallystick.connectors.quickbooks.sandbox.rows import CompanyRows
from tallystick.connectors.quickbooks.sandbox.transactions import Transaction, transactions
from tallystick.connectors.sandbox.amounts import ZERO
from tallystick.connectors.sandbox.clock import Clock

MOST_CELLS: Final = 400_000
CUT: Final = "Unable to display more data. Please reduce the date range."
_COLUMNS: Final = (
    ("tx_date", "Date"),
    ("txn_type", "Transaction Type"),
    ("doc_num", "Num"),
    ("name", "Name"),
    ("memo", "Memo/Description"),
    ("account_name", "Account"),
    ("debt_amt", "Debit"),
    ("credit_amt", "Credit"),
)


@define(eq=False, kw_only=True)
class JournalReport:
    """One company's journal: posted once for every state of its books."""

    rows: CompanyRows
    most_cells: int = MOST_CELLS
    _posted: tuple[int, Sequence[Transaction]] | None = field(default=None, init=False)

    @property
    def posted(self) -> Sequence[Transaction]:
        """All transactions."""
        if self._posted is None or self._posted[0] != self.rows.books.revision:
            self._posted = (self.rows.books.revision, transactions(self.rows))
        return self._posted[1]

    def between(self, first: date, last: date, clock: Clock) -> dict[str, Any]:
        """The report of these days, both included."""
        told = [each for each in self.posted if first <= each.day <= last]
        written: list[dict[str, Any]] = []
        for each in told:
            written += self._written(each)
            if len(written) * len(_COLUMNS) > self.most_cells:
                written = [*written[: self.most_cells // len(_COLUMNS)], {"ColData": [{"value": CUT}]}]
                break
        else:
            whole = sum((each.debits for each in told), ZERO)
            written += [_sums("TOTAL", whole)] if told else []
        return {
            "Header": {
                "Time": answered(clock.now()),
                "ReportName": "JournalReport",
                "StartPeriod": first.isoformat(),
                "EndPeriod": last.isoformat(),
                "Currency": self.rows.books.organisation.base_currency,
                "Option": [{"Name": "NoReportData", "Value": "false" if told else "true"}],
            },
            "Columns": {"Column": [{"ColType": kind, "ColTitle": title} for kind, title in _COLUMNS]},
            "Rows": {"Row": written},
        }

    def _written(self, source: Transaction) -> Iterator[dict[str, Any]]:
        for place, (account_id, amount, memo) in enumerate(source.sides or [("", ZERO, "")]):
            account = self.rows.books.accounts.get(account_id)
            number = self.rows.numbers.of("Account", account_id) if account is not None else ""
            id_, name = source.name if place == 0 else ("", "")
            yield {
                "ColData": [
                    {"value": "0-00-00" if place else source.day.isoformat()},
                    {"id": source.number, "value": "" if place else source.word},
                    {"value": "" if place else source.doc_number},
                    {"id": id_, "value": name},
                    {"value": memo},
                    {"id": number, "value": account.name if account is not None else ""},
                    {"value": _cell(amount)},
                    {"value": _cell(-amount)},
                ],
                "type": "Data",
            }
        yield _sums("", source.debits)
        yield {"ColData": [{"value": ""} for _ in _COLUMNS], "type": "Data"}


def _sums(title: str, amount: Decimal) -> dict[str, Any]:
    values = [title, "", "", "", "", "", _cell(amount), _cell(amount)]
    return {"type": "Section", "Summary": {"ColData": [{"value": value} for value in values]}}


def _cell(amount: Decimal) -> str:
    """Nothing, unless it is a sum of this side; without the nought before the point."""
    return f"{amount:f}".removeprefix("0") if amount > 0 else ""
