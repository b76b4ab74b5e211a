"""What is open, by who owes it, in which currency, and since when."""

from datetime import date
from decimal import Decimal

import pytest

from tallystick.standard import AgedOutstandingAmount
from tallystick.standard.aging import Ages, Aging
from tallystick.standard.open_amounts import OpenAmount, Party

APRIL = date(2026, 4, 1)
WORDS = ("Invoices", "CreditNotes", "Payments")


def an_aging(count: int = 4, days: int = 30) -> Aging:
    return Aging(ages=Ages(until=APRIL, days=days, count=count), words=WORDS, currency="GBP")


def open_(
    amount: str,
    day: str | None = "2026-03-31T00:00:00",
    who: str | None = "c-1",
    name: str | None = "Beryl",
    currency: str | None = "GBP",
) -> OpenAmount:
    return OpenAmount(Party(id=who, companyName=name), currency, day, Decimal(amount))


def columns(aging: Aging) -> list[AgedOutstandingAmount]:
    ((row,),) = [debtor.agedCurrencyOutstanding for debtor in aging.debtors()]
    return list(row.agedOutstandingAmounts)


def test_periods_go_back_from_the_day_before_the_reports_and_the_oldest_has_no_beginning() -> None:
    aging = an_aging(count=3)
    aging.add("Invoices", [open_("1")])
    assert [((each.fromDate or "")[:10], (each.toDate or "")[:10]) for each in columns(aging)] == [
        ("2026-03-02", "2026-04-01"),
        ("2026-01-31", "2026-03-02"),
        ("", "2026-01-31"),
    ]


@pytest.mark.parametrize(
    ("day", "place"),
    [
        ("2026-03-31T00:00:00", 0),
        ("2026-03-02T00:00:00", 0),
        ("2026-03-01T00:00:00", 1),
        ("2026-01-31T00:00:00", 1),
        ("2026-01-30T00:00:00", 2),
        ("1999-12-31T00:00:00", 2),
        (None, 2),
    ],
)
def test_an_amount_is_in_the_period_of_its_day_and_without_a_day_in_the_oldest(
    day: str | None, place: int
) -> None:
    aging = an_aging(count=3)
    aging.add("Invoices", [open_("12.50", day)])
    assert [each.amount for each in columns(aging)] == [
        Decimal("12.50") if number == place else Decimal(0) for number in range(3)
    ]


def test_one_period_alone_has_everything() -> None:
    aging = an_aging(count=1, days=1)
    aging.add("Invoices", [open_("1", "1990-01-01T00:00:00"), open_("2")])
    (everything,) = columns(aging)
    assert (everything.fromDate, everything.amount) == (None, Decimal(3))


def test_a_period_says_what_its_amount_is_made_of() -> None:
    aging = an_aging()
    aging.add("Payments", [open_("-20")])
    aging.add("CreditNotes", [open_("-5.5")])
    aging.add("Invoices", [open_("100.00"), open_("0.10"), open_("7", "2025-12-01T00:00:00")])
    newest, *_, older = columns(aging)
    assert newest.amount == Decimal("74.60")
    assert [(each.name, each.amount) for each in newest.details] == [
        ("Invoices", Decimal("100.10")),
        ("CreditNotes", Decimal("-5.5")),
        ("Payments", Decimal(-20)),
    ]
    assert [(each.name, each.amount) for each in older.details] == [("Invoices", Decimal(7))]


def test_currencies_are_never_added_up() -> None:
    aging = an_aging()
    aging.add("Invoices", [open_("1", currency="USD"), open_("2", currency=None), open_("3", currency="GBP")])
    (debtor,) = aging.debtors()
    assert [
        (each.currency, each.agedOutstandingAmounts[0].amount) for each in debtor.agedCurrencyOutstanding
    ] == [("GBP", Decimal(5)), ("USD", Decimal(1))], "the books' own where a document does not tell"


def test_rows_are_by_name_and_only_of_those_with_something_open() -> None:
    aging = an_aging()
    aging.add("CreditNotes", [open_("-9", who="c-3", name="amber")])
    aging.add(
        "Invoices",
        [
            open_("9", "2026-02-01T00:00:00", who="c-3", name="amber"),
            open_("5", who="c-2", name="Beryl"),
            open_("5", who="c-1", name="Beryl"),
            open_("4", who=None, name=None),
            open_("3", who="c-4", name="Coral"),
            open_("-3", who="c-4", name="Coral"),
        ],
    )
    assert [(each.customerId, each.customerName) for each in aging.debtors()] == [
        (None, None),
        ("c-3", "amber"),
        ("c-1", "Beryl"),
        ("c-2", "Beryl"),
    ], "a credit beside an invoice of the same amount in another period is open; nothing left is not"
    assert [each.supplierId for each in aging.creditors()] == [None, "c-3", "c-1", "c-2"]


def test_whom_no_document_names_can_be_named() -> None:
    aging = an_aging()
    aging.add("Invoices", [open_("1", name=None), open_("1", who="c-2", name=None), open_("1", who=None)])
    aging.add("Invoices", [open_("1", who="c-2", name="Coral")])
    assert aging.nameless() == ["c-1"]
    aging.name("c-1", "Beryl")
    assert [each.customerName for each in aging.debtors()] == ["Beryl", "Beryl", "Coral"]
