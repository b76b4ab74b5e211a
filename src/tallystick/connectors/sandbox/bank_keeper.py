"""Writes what goes past documents: money spent and received, transfers, manual journals; and orders."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from tallystick.connectors.sandbox.amounts import TaxBasis, cents
from tallystick.connectors.sandbox.bookkeeper import Bookkeeper, random_id, sums
from tallystick.connectors.sandbox.books import (
    Account,
    BankTransaction,
    BankTransactionKind,
    Contact,
    Document,
    Employee,
    JournalLine,
    JournalStatus,
    Line,
    ManualJournal,
    Order,
    OrderKind,
    OrderStatus,
    Purpose,
    Transfer,
)
from tallystick.connectors.sandbox.chart import CARD, EXPENSE_CODES


def bank_transaction(
    keeper: Bookkeeper,
    kind: BankTransactionKind,
    *,
    made_on: date,
    purpose: Purpose = "plain",
    party: Contact | Employee | None = None,
    lines: tuple[Line, ...] | None = None,
    at: datetime | None = None,
) -> BankTransaction:
    """Write money spent or received, with lines of its own unless some are given (tax included).

    Employees spend by the company's card.
    """
    rng = keeper.rng
    sale = purpose in {"cash_sale", "refund"}
    contact = party if isinstance(party, Contact) else None
    currency = keeper.base_currency if contact is None else contact.currency
    bank = keeper.bank(currency, spent=kind == "spend")
    if purpose == "expense":
        bank = keeper.writer.accounts[CARD]
    basis: TaxBasis = "inclusive" if lines is not None else keeper.basis()
    if lines is None:
        codes = (
            EXPENSE_CODES if purpose == "expense" else ("260",) if kind == "receive" and not sale else None
        )
        lines = keeper.writer.lines(sale=sale or kind == "receive", basis=basis, contact=contact, codes=codes)
    found = sums(lines, basis)
    entered = at or keeper.moment(made_on)
    made = BankTransaction(
        id=random_id(rng),
        kind=kind,
        purpose=purpose,
        number=keeper.number("bank_transaction"),
        reference=f"REF {rng.randrange(1000, 99999)}" if rng.random() < 0.5 else "",
        contact_id=None if contact is None else contact.id,
        employee_id=party.id if isinstance(party, Employee) else None,
        account_id=bank.id,
        made_on=made_on,
        currency=bank.currency,
        rate=keeper.rate(bank.currency),
        basis=basis,
        lines=lines,
        sub_total=found.sub_total,
        tax=found.tax,
        total=found.total,
        discount=found.discount,
        method_id=keeper.method(),
        reconciled=rng.random() < 0.7,
        status="authorised",
        created_at=entered,
        updated_at=entered,
    )
    keeper.books.bank_transactions[made.id] = made
    if contact is not None:
        keeper.books.take_part(contact.id, entered, sale=sale or kind == "receive")
    keeper.books.revision += 1
    return made


def transfer(
    keeper: Bookkeeper,
    source: Account,
    target: Account,
    base_amount: Decimal,
    *,
    made_on: date,
    at: datetime | None = None,
) -> Transfer:
    """Move so much of the base currency's worth from one bank account to another."""
    rng = keeper.rng
    entered = at or keeper.moment(made_on)

    def in_currency(account: Account) -> Decimal:
        return cents(base_amount * keeper.rate(account.currency))

    made = Transfer(
        id=random_id(rng),
        from_account_id=source.id,
        to_account_id=target.id,
        made_on=made_on,
        from_amount=in_currency(source),
        to_amount=in_currency(target),
        base_amount=base_amount,
        reference=f"Transfer {rng.randrange(1000, 9999)}",
        reconciled=rng.random() < 0.7,
        status="authorised",
        created_at=entered,
        updated_at=entered,
    )
    keeper.books.transfers[made.id] = made
    keeper.books.revision += 1
    return made


def journal(
    keeper: Bookkeeper,
    narration: str,
    sides: Sequence[tuple[str, Decimal]],
    *,
    posted_on: date,
    status: JournalStatus = "posted",
    opening: bool = False,
    at: datetime | None = None,
) -> ManualJournal:
    """Post by hand: account codes and amounts (base currency, debits positive) that come to nothing."""
    entered = at or keeper.moment(posted_on)
    made = ManualJournal(
        id=random_id(keeper.rng),
        number=keeper.number("journal"),
        narration=narration,
        posted_on=posted_on,
        lines=tuple(
            JournalLine(
                id=random_id(keeper.rng),
                account_id=keeper.writer.accounts[code].id,
                account_code=code,
                amount=amount,
                description=narration,
                tracking=() if opening else keeper.writer.tracking(),
            )
            for code, amount in sides
        ),
        status=status,
        opening=opening,
        created_at=entered,
        updated_at=entered,
    )
    keeper.books.manual_journals[made.id] = made
    keeper.books.revision += 1
    return made


def order(
    keeper: Bookkeeper,
    kind: OrderKind,
    contact: Contact,
    *,
    issued_on: date,
    status: OrderStatus,
    fulfilled_by: Document | None = None,
    at: datetime | None = None,
) -> Order:
    """Write an order; one that a document came of has that document's lines."""
    rng = keeper.rng
    basis = keeper.basis() if fulfilled_by is None else fulfilled_by.basis
    if fulfilled_by is None:
        lines = keeper.writer.lines(sale=kind == "sales_order", basis=basis, contact=contact)
    else:
        lines = keeper.writer.copied(fulfilled_by.lines)
    found = sums(lines, basis)
    entered = at or keeper.moment(issued_on)
    made = Order(
        id=random_id(rng),
        kind=kind,
        number=keeper.number(kind),
        reference=f"Quote {rng.randrange(100, 9999)}" if rng.random() < 0.4 else "",
        contact_id=contact.id,
        issued_on=issued_on,
        expected_on=issued_on + timedelta(days=rng.randrange(1, 60)) if rng.random() < 0.8 else None,
        currency=contact.currency,
        rate=keeper.rate(contact.currency),
        basis=basis,
        status=status,
        lines=lines,
        sub_total=found.sub_total,
        tax=found.tax,
        total=found.total,
        discount=found.discount,
        document_id=None if fulfilled_by is None else fulfilled_by.id,
        created_at=entered,
        updated_at=entered,
    )
    keeper.books.orders[made.id] = made
    keeper.books.take_part(contact.id, entered, sale=kind == "sales_order")
    keeper.books.revision += 1
    return made
