"""QuickBooks' ledger: every transaction as the entry that it posted. It is told by a report, in the company's
own currency; of what was written by hand the entity beside it tells more. QuickBooks keeps one ledger: its
sorts of transactions are the journals. Source: providers §§2.1, 6.5; Intuit's JournalReport.
"""

from decimal import Decimal, InvalidOperation
from typing import Final, Literal

from attrs import evolve, frozen

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts
from tallystick.connectors.quickbooks import wire
from tallystick.connectors.quickbooks.journals import journal_entry
from tallystick.connectors.quickbooks.report_wire import Cell, Posted, ReportRow
from tallystick.connectors.quickbooks.words import PRESENT, entity_id, id_of
from tallystick.errors import RecordRejected
from tallystick.standard import (
    ZERO,
    AccountRef,
    ContactRef,
    Journal,
    JournalEntry,
    JournalLine,
    JournalRef,
    PostedRecordRef,
    StandardRecord,
    calendar_date,
    minus,
    plus,
)

_Behind = Literal[
    "billCreditNotes", "billPayments", "bills", "creditNotes", "directCosts", "directIncomes", "invoices",
    "payments", "transfers",
]  # fmt: skip


@frozen
class _Source:
    """What is behind a posting: its data type here, and its entity where ids there name theirs."""

    data_type: _Behind
    entity: str | None = None


#: By the report's word for the sort of a transaction, in English. Of others it is not told what is behind.
SOURCES: Final = {
    "Invoice": _Source("invoices"),
    "Bill": _Source("bills"),
    "Credit Memo": _Source("creditNotes"),
    "Credit Note": _Source("creditNotes"),
    "Vendor Credit": _Source("billCreditNotes"),
    "Supplier Credit": _Source("billCreditNotes"),
    "Payment": _Source("payments"),
    "Bill Payment": _Source("billPayments"),
    "Bill Payment (Check)": _Source("billPayments"),
    "Bill Payment (Cheque)": _Source("billPayments"),
    "Bill Payment (Credit Card)": _Source("billPayments"),
    "Check": _Source("directCosts"),
    "Cheque": _Source("directCosts"),
    "Cheque Expense": _Source("directCosts"),
    "Cash Expense": _Source("directCosts"),
    "Expense": _Source("directCosts"),
    "Credit Card Expense": _Source("directCosts"),
    "Credit Card Credit": _Source("directCosts"),
    "Sales Receipt": _Source("directIncomes", "SalesReceipt"),
    "Refund": _Source("directIncomes", "RefundReceipt"),
    "Deposit": _Source("directIncomes", "Deposit"),
    "Transfer": _Source("transfers", "Transfer"),
}
#: The columns that are read, by Intuit's names for them: where they are, the report says.
_USUALLY: Final = (
    "tx_date", "txn_type", "doc_num", "name", "memo", "account_name", "debt_amt", "credit_amt"
)  # fmt: skip


def posted(
    source: Posted, by_hand: wire.Transaction | None, books: Books, doubts: Doubts
) -> list[StandardRecord]:
    """An entry, and the journal that it stands in. Raises: `RecordRejected`."""
    if not source.Id:
        raise RecordRejected(path="$.Row", reason="the rows name no transaction")
    rows = [_Row.of(source, row) for row in source.Row or ()]
    word = next((row.text("txn_type") for row in rows if row.text("txn_type")), None)
    home = source.Currency or books.base_currency
    told = by_hand is not None and id_of(by_hand.CurrencyRef) in (None, home)
    entry = journal_entry(by_hand, books, doubts)[0] if by_hand is not None and told else None
    if not isinstance(entry, JournalEntry):
        entry = _entry(source, rows, home, doubts)
    if word is None:
        doubts.warn("$.Row[0].ColData", "of which sort the transaction is, is not told")
        return [entry]
    return [
        evolve(entry, journalRef=JournalRef(id=word, name=word), recordRef=_behind(word, source.Id)),
        Journal(id=word, name=word, type=word, status="Active", metadata=PRESENT),
    ]


def _behind(word: str, id_: str) -> PostedRecordRef | None:
    found = SOURCES.get(word)
    if found is None:
        return None
    own = id_ if found.entity is None else entity_id(found.entity, id_)
    return PostedRecordRef(id=own, dataType=found.data_type)


def _entry(source: Posted, rows: list["_Row"], home: str | None, doubts: Doubts) -> JournalEntry:
    first = rows[0] if rows else _Row({})
    day = calendar_date(first.text("tx_date"))
    if day is None:
        doubts.warn("$.Row[0].ColData", "the transaction bears no date")
    lines, total = [], ZERO
    for place, row in enumerate(rows):
        debit, credit = row.amount("debt_amt", place), row.amount("credit_amt", place)
        account = row.cell("account_name")
        if not account.id and debit is None and credit is None:
            continue  # a transaction that posts nothing has a row without an account
        if not account.id:
            doubts.warn(f"$.Row[{place}].ColData", "a posting to no account that is told")
        net = minus(debit or ZERO, credit or ZERO)
        total = plus(total, net)
        who = row.cell("name").id
        lines.append(
            JournalLine(
                description=row.text("memo") or None,
                netAmount=net,
                currency=home,
                accountRef=AccountRef(id=account.id, name=account.value or None) if account.id else None,
                contactRef=ContactRef(id=who) if who else None,
            )
        )
    if total:
        doubts.warn("$.Row", "debits and credits do not come to the same")
    return JournalEntry(
        id=source.Id,
        description=first.text("memo") or first.text("doc_num") or None,
        postedOn=day,
        journalLines=tuple(lines),
        metadata=PRESENT,
    )


_NO_CELL: Final = Cell()


@frozen
class _Row:
    """One side of a transaction: its cells by the names of their columns."""

    cells: dict[str, Cell]

    @classmethod
    def of(cls, source: Posted, row: ReportRow) -> "_Row":
        columns = (source.Columns.Column or []) if source.Columns is not None else []
        names = [each.ColType or "" for each in columns] or list(_USUALLY)
        return cls(dict(zip(names, row.ColData or (), strict=False)))

    def cell(self, name: str) -> Cell:
        return self.cells.get(name, _NO_CELL)

    def text(self, name: str) -> str:
        return self.cell(name).value or ""

    def amount(self, name: str, place: int) -> Decimal | None:
        """None for an empty cell. Raises: `RecordRejected`."""
        told = self.text(name)
        if not told:
            return None
        try:
            found = Decimal(told)
        except InvalidOperation:
            found = Decimal("NaN")
        if not found.is_finite():
            raise RecordRejected(path=f"$.Row[{place}].ColData", reason="a cell that is no amount")
        return found
