"""What new books hold beside documents and their payments, in proportion to the invoices."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from tallystick.connectors.sandbox.amounts import cents
from tallystick.connectors.sandbox.bank_keeper import bank_transaction, journal, order, transfer
from tallystick.connectors.sandbox.bookkeeper import Bookkeeper
from tallystick.connectors.sandbox.books import (
    POSTED,
    Contact,
    Document,
    DocumentKind,
    JournalStatus,
    OnAccountKind,
    OrderKind,
    OrderStatus,
    Side,
)
from tallystick.connectors.sandbox.fresh_lists import HISTORY_DAYS
from tallystick.connectors.sandbox.on_account_keeper import apply, pay_together, put_on_account

#: Account codes and amounts; the last is the owner's, and makes it come to nothing.
_OPENING: Final = (
    ("090", "48250.75"), ("091", "120000.00"), ("630", "36410.20"), ("710", "64800.00"), ("711", "-18900.00"),
    ("900", "-75000.00"), ("970", "-1000.00"),
)  # fmt: skip
_OWNERS: Final = "960"
#: From, to and how often in ten; between two currencies where an account is in another one.
_TRANSFERS: Final = (
    ("090", "091", 3), ("090", "095", 3), ("091", "090", 1), ("090", "092", 1), ("092", "090", 1),
    ("093", "092", 1),
)  # fmt: skip
_VOIDED_EVERY, _DRAFT_EVERY = 7, 11


def write_money(
    keeper: Bookkeeper, customers: Sequence[Contact], suppliers: Sequence[Contact], records: int
) -> None:
    """Opening balances, sums for several documents, money on account, orders, the bank, journals."""
    _open(keeper)

    def part(numerator: int, denominator: int) -> int:
        """At least two where there is anything at all."""
        return max(2, records * numerator // denominator) if records else 0

    for kind, side in (("invoice", "sales"), ("bill", "purchases")):
        _together(keeper, kind, part(1, 40))  # type: ignore[arg-type]
        _on_account(keeper, kind, side, part(1, 30))  # type: ignore[arg-type]
    _orders(keeper, "purchase_order", "bill", suppliers, part(1, 10))
    _orders(keeper, "sales_order", "invoice", customers, part(1, 20))
    _bank(keeper, customers, suppliers, part(2, 5))
    accounts = [pair[:2] for pair in _TRANSFERS for _ in range(pair[2])]
    # The first two are of both sorts, so that even small books have them.
    accounts[:0] = [("090", "092"), ("090", "091")]
    for place in range(part(1, 20)):
        source, target = accounts[place if place < 2 else keeper.rng.randrange(len(accounts))]
        found = keeper.writer.accounts
        amount = Decimal(keeper.rng.randrange(10_000, 900_000)).scaleb(-2)
        transfer(keeper, found[source], found[target], amount, made_on=day(keeper))
    _journals(keeper, part(1, 25))


def day(keeper: Bookkeeper) -> date:
    """Some day of the books' history."""
    return keeper.now.date() - timedelta(days=keeper.rng.randrange(HISTORY_DAYS))


def _open(keeper: Bookkeeper) -> None:
    sides = [(code, Decimal(amount)) for code, amount in _OPENING]
    sides.append((_OWNERS, -sum((amount for _, amount in sides), Decimal("0.00"))))
    opened_on = keeper.books.organisation.opened_on
    assert opened_on is not None
    journal(keeper, "Opening balances", sides, posted_on=opened_on, opening=True)


def _open_documents(keeper: Bookkeeper, kind: DocumentKind) -> list[Document]:
    return keeper.books.documents_where(
        lambda found: found.kind == kind and found.status == "authorised" and found.due > 0
    )


def _together(keeper: Bookkeeper, kind: DocumentKind, count: int) -> None:
    """One sum of money for two or three open documents of a contact."""
    groups: dict[str, list[Document]] = {}
    for document in _open_documents(keeper, kind):
        groups.setdefault(document.contact_id, []).append(document)
    several = [group[:3] for group in groups.values() if len(group) > 1]
    for group in several[:count]:
        last = max(document.issued_on for document in group)
        paid_on = min(keeper.now.date(), last + timedelta(days=keeper.rng.randrange(1, 20)))
        pay_together(keeper, group, paid_on=paid_on)


def _on_account(keeper: Bookkeeper, kind: DocumentKind, side: Side, count: int) -> None:
    """Money on account of those who have an open document: not applied, in part, or wholly."""
    rng, today = keeper.rng, keeper.now.date()
    found = _open_documents(keeper, kind)
    for place, document in enumerate(rng.sample(found, min(count, len(found)))):
        # Of four: some is left over, all goes into a part of the document, half of it is used, none.
        fate = place % 4
        percent = rng.randrange(30, 90) if fate == 1 else rng.randrange(110, 180)
        amount = cents(document.due * percent / 100)
        if not amount:
            continue
        used = (document.due, amount, cents(document.due / 2), Decimal(0))[fate]
        paid_on = min(today, document.issued_on + timedelta(days=rng.randrange(20)))
        what: OnAccountKind = "overpayment" if place % 2 else "prepayment"
        made = put_on_account(
            keeper,
            keeper.books.contacts[document.contact_id],
            amount,
            kind=what,
            side=side,
            paid_on=paid_on,
        )
        made_on = min(today, paid_on + timedelta(days=rng.randrange(10)))
        if used:
            apply(keeper, made, document, used, made_on=made_on)


def _orders(
    keeper: Bookkeeper,
    kind: OrderKind,
    document_kind: DocumentKind,
    contacts: Sequence[Contact],
    count: int,
) -> None:
    """Orders: two fifths led to a document, the others are on their way."""
    rng = keeper.rng
    statuses: tuple[OrderStatus, ...] = ("authorised", "authorised", "draft", "submitted")
    posted = keeper.books.documents_where(
        lambda found: found.kind == document_kind and found.status in POSTED and found.currency != "IDR"
    )
    came_of = rng.sample(posted, min(len(posted), count * 2 // 5))
    for document in came_of:
        issued_on = document.issued_on - timedelta(days=rng.randrange(1, 30))
        contact = keeper.books.contacts[document.contact_id]
        order(keeper, kind, contact, issued_on=issued_on, status="billed", fulfilled_by=document)
    for place in range(count - len(came_of)):
        contact = contacts[rng.randrange(len(contacts))]
        order(keeper, kind, contact, issued_on=day(keeper), status=statuses[place % len(statuses)])


def _bank(keeper: Bookkeeper, customers: Sequence[Contact], suppliers: Sequence[Contact], count: int) -> None:
    """Of twenty: purchases, charges, interest, employees' expenses, other income, refunds, cash sales."""
    rng, staff = keeper.rng, list(keeper.books.employees.values())
    for place in range(count):
        made_on, fate = day(keeper), place * 7 % 20  # in turns, well mixed
        customer = customers[rng.randrange(1, len(customers))]
        supplier = suppliers[rng.randrange(len(suppliers))]
        amount = Decimal(rng.randrange(150, 9_000)).scaleb(-2)
        match fate:
            case 0 | 1 | 2 | 3 | 4 | 5 | 6:
                bank_transaction(keeper, "spend", made_on=made_on, party=supplier)
            case 7 | 8:
                fee = keeper.writer.plain("404", "Bank charges", amount)
                bank_transaction(keeper, "spend", made_on=made_on, lines=fee)
            case 9:
                interest = keeper.writer.plain("270", "Interest", amount)
                bank_transaction(keeper, "receive", made_on=made_on, lines=interest)
            case 10 | 11:
                who = staff[rng.randrange(len(staff))]
                bank_transaction(keeper, "spend", purpose="expense", made_on=made_on, party=who)
            case 12:
                bank_transaction(keeper, "receive", made_on=made_on, party=customer)
            case 13:
                bank_transaction(keeper, "spend", purpose="refund", made_on=made_on, party=customer)
            case _:
                bank_transaction(keeper, "receive", purpose="cash_sale", made_on=made_on, party=customer)


def _journals(keeper: Bookkeeper, count: int) -> None:
    """Month after month back: wages, depreciation, stock used, accruals. Some voided, some drafts."""
    rng = keeper.rng
    end = keeper.now.date().replace(day=1) - timedelta(days=1)
    for place in range(count):
        amount = Decimal(rng.randrange(20_000, 900_000)).scaleb(-2)
        tax, ours = cents(amount * 23 / 100), cents(amount * 13 / 100)
        what, sides = (
            (
                "Wages",
                [("477", amount), ("478", ours), ("814", tax - amount), ("825", -ours - tax)],
            ),
            ("Depreciation of equipment", [("416", tax), ("711", -tax)]),
            ("Stock used", [("310", amount), ("630", -amount)]),
            ("Accrued costs", [("412", ours), ("445", tax), ("850", -ours - tax)]),
        )[place % 4]
        status: JournalStatus = "posted"
        if place % _VOIDED_EVERY == 1:
            status = "voided"
        elif place % _DRAFT_EVERY == _DRAFT_EVERY - 1:
            status = "draft"
        journal(keeper, f"{what}, {end:%B %Y}", sides, posted_on=end, status=status)
        if place % 4 == 3:
            end = end.replace(day=1) - timedelta(days=1)
            if (keeper.now.date() - end).days > HISTORY_DAYS:
                end = keeper.now.date().replace(day=1) - timedelta(days=1)
