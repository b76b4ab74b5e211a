"""What was open on a day: of any books, what the control account says."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from tallystick.standard import (
    AllocatedPayment,
    Allocation,
    Bill,
    BillCreditNote,
    BillPayment,
    BillPaymentLine,
    BillPaymentLineLink,
    CreditNote,
    CustomerRef,
    Invoice,
    Metadata,
    Payment,
    PaymentAllocation,
    PaymentLine,
    PaymentLineLink,
    StandardRecord,
    SupplierRef,
    calendar_day,
    encode,
)
from tallystick.standard.open_amounts import OpenAmount, OpenAmounts

NEW_YEAR = date(2026, 1, 1)


def on(day: int) -> Any:
    """So many days after new year."""
    return calendar_day(NEW_YEAR + timedelta(days=day))


def settlement(amount: str, day: int | None, giver: str | None = "p-1") -> PaymentAllocation:
    return PaymentAllocation(
        allocation=Allocation(allocatedOnDate=None if day is None else on(day), totalAmount=Decimal(amount)),
        payment=AllocatedPayment(id=giver),
    )


def an_invoice(identity: str = "i-1", total: str = "100", due: str | None = None, **told: Any) -> Invoice:
    told.setdefault("customerRef", CustomerRef(id="c-1", companyName="Beryl"))
    told.setdefault("status", "Submitted")
    told.setdefault("metadata", Metadata())
    return Invoice(
        id=identity,
        issueDate=on(told.pop("day", 0)),
        currency="GBP",
        totalTaxAmount=Decimal(0),
        totalAmount=Decimal(total),
        amountDue=Decimal(total if due is None else due),
        **told,
    )


def a_credit(identity: str = "cn-1", total: str = "30", left: str = "30", **told: Any) -> CreditNote:
    told.setdefault("status", "Submitted")
    day = told.pop("day", 0)
    return CreditNote(
        id=identity,
        customerRef=CustomerRef(id="c-1", companyName="Beryl"),
        issueDate=None if day is None else on(day),
        currency="GBP",
        totalAmount=Decimal(total),
        totalDiscount=Decimal(0),
        subTotal=Decimal(total),
        totalTaxAmount=Decimal(0),
        discountPercentage=Decimal(0),
        remainingCredit=Decimal(left),
        metadata=Metadata(),
        **told,
    )


def part(amount: str, kind: str, identity: str | None = None, day: int | None = None) -> PaymentLine:
    link = PaymentLineLink(type=kind, id=identity, amount=-Decimal(amount))  # type: ignore[arg-type]
    return PaymentLine(
        amount=Decimal(amount), allocatedOnDate=None if day is None else on(day), links=(link,)
    )


def a_payment(*lines: PaymentLine, identity: str = "p-1", day: int = 0, **told: Any) -> Payment:
    return Payment(
        id=identity,
        customerRef=CustomerRef(id="c-1", companyName="Beryl"),
        totalAmount=sum((line.amount for line in lines), Decimal(0)),
        currency="GBP",
        date=on(day),
        lines=lines,
        metadata=told.pop("metadata", Metadata()),
    )


def joined(records: Iterable[StandardRecord]) -> bytes:
    return b"[%b]" % b",".join(map(encode, records))


def all_open(
    day: int,
    *,
    documents: Sequence[StandardRecord] = (),
    notes: Sequence[StandardRecord] = (),
    payments: Sequence[StandardRecord] = (),
) -> list[OpenAmount]:
    counted = OpenAmounts(until=on(day)[:10])
    counted.payments(joined(payments))
    return [
        *counted.on_account(),
        *counted.credits(joined(notes)),
        *counted.documents(joined(documents)),
    ]


def amounts(day: int, **books: Sequence[StandardRecord]) -> list[Decimal]:
    return [each.amount for each in all_open(day, **books)]


def test_what_is_due_now_is_believed_whatever_payments_are_told() -> None:
    """A discount or tax held back stands in no list of payments."""
    invoice = an_invoice(total="100", due="37.50", paymentAllocations=(settlement("-60", 3),))
    (open_,) = all_open(99, documents=[invoice])
    assert (open_.amount, open_.currency, open_.day) == (Decimal("37.50"), "GBP", on(0))
    assert (open_.party.id, open_.party.name) == ("c-1", "Beryl")


def test_a_document_counts_from_the_day_after_its_own() -> None:
    invoice = an_invoice(day=5)
    assert amounts(5, documents=[invoice]) == []
    assert amounts(6, documents=[invoice]) == [Decimal(100)]


def test_what_was_paid_on_the_day_or_later_is_still_open() -> None:
    paid = an_invoice(
        due="0", status="Paid", paymentAllocations=(settlement("-40", 3), settlement("-60", 7, "p-2"))
    )
    assert [amounts(day, documents=[paid]) for day in (3, 4, 7, 8)] == [
        [Decimal(100)],
        [Decimal(60)],
        [Decimal(60)],
        [],
    ]


def test_a_settlement_without_a_day_counts_as_long_done() -> None:
    assert amounts(1, documents=[an_invoice(due="60", paymentAllocations=(settlement("-40", None),))]) == [
        Decimal(60)
    ]


def test_drafts_void_documents_and_those_that_are_gone_never_count() -> None:
    never = [
        an_invoice("i-1", status="Draft"),
        an_invoice("i-2", status="Void"),
        an_invoice("i-3", metadata=Metadata(isDeleted=True)),
    ]
    gone = a_payment(part("50", "PaymentOnAccount"), metadata=Metadata(isDeleted=True))
    assert amounts(9, documents=never, notes=[a_credit(status="Void")], payments=[gone]) == []


def test_a_credit_is_negative_and_was_more_before_it_was_used() -> None:
    credit = a_credit(total="30", left="10", paymentAllocations=(settlement("20", 5, "i-1"),))
    assert [amounts(day, notes=[credit]) for day in (0, 5, 6)] == [[], [Decimal(-30)], [Decimal(-10)]]


def test_one_day_counts_for_both_sides_of_a_credits_use() -> None:
    """The invoice tells the credit note's own day, the credit note the day on which it was used."""
    invoice = an_invoice(due="70", paymentAllocations=(settlement("-30", 2, "cn-1"),))
    credit = a_credit(left="0", day=2, paymentAllocations=(settlement("30", 8, "i-1"),))
    between = all_open(5, documents=[invoice], notes=[credit])
    assert [each.amount for each in between] == [Decimal(-30), Decimal(100)]
    assert amounts(9, documents=[invoice], notes=[credit]) == [Decimal(70)]


def test_money_on_account_counts_against_what_is_due_until_it_is_set_against_something() -> None:
    """An overpayment of 80: 50 of it went to an invoice later, 30 is left."""
    invoice = an_invoice(total="50", due="0", paymentAllocations=(settlement("-50", 1),))
    payment = a_payment(part("50", "Invoice", "i-1", 6), part("30", "PaymentOnAccount", None, 1), day=1)
    assert amounts(1, documents=[invoice], payments=[payment]) == [Decimal(50)]
    assert amounts(4, documents=[invoice], payments=[payment]) == [Decimal(-80), Decimal(50)]
    assert amounts(7, documents=[invoice], payments=[payment]) == [Decimal(-30)]


def test_money_on_account_that_was_given_back_is_no_longer_open() -> None:
    money = a_payment(part("80", "PaymentOnAccount"), identity="o-1", day=1)
    back = a_payment(part("-30", "PaymentOnAccount", "o-1"), identity="p-2", day=5)
    assert amounts(5, payments=[back, money]) == [Decimal(-80)]
    assert amounts(6, payments=[back, money]) == [Decimal(-50)]


def test_an_allocation_that_moves_no_money_uses_what_is_on_account() -> None:
    """As Sage tells it: a payment of nothing, whose links cancel each other out."""
    money = a_payment(part("80", "PaymentOnAccount", "on-account-1"), identity="p-1", day=1)
    links = (
        PaymentLineLink(type="Invoice", id="i-1", amount=Decimal(-80)),
        PaymentLineLink(type="PaymentOnAccount", id="on-account-1", amount=Decimal(80)),
    )
    use = a_payment(PaymentLine(amount=Decimal(0), links=links), identity="p-2", day=5)
    invoice = an_invoice(total="80", due="0", paymentAllocations=(settlement("-80", 5, "p-2"),))
    books: dict[str, Any] = {"documents": [invoice], "payments": [use, money]}
    assert amounts(5, **books) == [Decimal(-80), Decimal(80)]
    assert amounts(6, **books) == []


def test_a_cheque_that_a_bill_payment_uses_up_is_not_counted_against_suppliers_twice() -> None:
    """As QuickBooks tells it: the cheque itself is no bill payment."""
    supplier = SupplierRef(id="s-1", supplierName="Tin & Sons")
    bill = Bill(
        id="b-1",
        supplierRef=supplier,
        issueDate=on(0),
        status="PartiallyPaid",
        subTotal=Decimal(100),
        taxAmount=Decimal(0),
        totalAmount=Decimal(100),
        amountDue=Decimal(60),
        metadata=Metadata(),
    )
    lines = tuple(
        BillPaymentLine(amount=-amount, links=(BillPaymentLineLink(type=kind, id=of, amount=amount),))  # type: ignore[arg-type]
        for kind, of, amount in (("Bill", "b-1", Decimal(-40)), ("PaymentOnAccount", "check-9", Decimal(40)))
    )
    payment = BillPayment(
        id="bp-1", supplierRef=supplier, totalAmount=Decimal(0), date=on(3), lines=lines, metadata=Metadata()
    )
    (open_,) = all_open(9, documents=[bill], payments=[payment])
    assert (open_.amount, open_.party.name, open_.currency) == (Decimal(60), "Tin & Sons", None)


def test_a_document_that_tells_no_amounts_is_followed_by_the_links_of_payments() -> None:
    """As QuickBooks tells it: the invoice names its payments, and the payments what they gave."""
    named = PaymentAllocation(allocation=Allocation(), payment=AllocatedPayment(id="p-1"))
    invoice = an_invoice(due="25", paymentAllocations=(named,))
    credit = a_credit(left="0", day=1)
    payment = a_payment(part("45", "Invoice", "i-1"), day=4)
    use = a_payment(part("30", "Invoice", "i-1"), part("-30", "CreditNote", "cn-1"), identity="p-2", day=6)
    books: dict[str, Any] = {"documents": [invoice], "notes": [credit], "payments": [payment, use]}
    assert amounts(4, **books) == [Decimal(-30), Decimal(100)]
    assert amounts(5, **books) == [Decimal(-30), Decimal(55)]
    assert amounts(7, **books) == [Decimal(25)]


def test_a_discount_that_a_payment_gives_settles_as_money_does() -> None:
    discount = PaymentLine(
        amount=Decimal(0),
        links=(
            PaymentLineLink(type="Invoice", id="i-1", amount=Decimal(-5)),
            PaymentLineLink(type="Discount", amount=Decimal(5)),
        ),
    )
    payment = a_payment(part("95", "Invoice", "i-1"), discount, day=4)
    assert amounts(4, documents=[an_invoice(due="0")], payments=[payment]) == [Decimal(100)]
    assert amounts(5, documents=[an_invoice(due="0")], payments=[payment]) == []


def test_a_bill_that_does_not_tell_what_is_due_is_worked_out() -> None:
    bill = Bill(
        id="b-1",
        issueDate=on(0),
        status="Open",
        subTotal=Decimal(100),
        taxAmount=Decimal(0),
        totalAmount=Decimal(100),
        paymentAllocations=(settlement("-10", 1), settlement("-20", 5, "p-2")),
        metadata=Metadata(),
    )
    credit = BillCreditNote(
        id="cn-1",
        issueDate=on(0),
        status="Submitted",
        totalAmount=Decimal(50),
        totalDiscount=Decimal(0),
        subTotal=Decimal(50),
        totalTaxAmount=Decimal(0),
        discountPercentage=Decimal(0),
        paymentAllocations=(settlement("15", 2, "b-2"),),
        metadata=Metadata(),
    )
    assert amounts(9, documents=[bill], notes=[credit]) == [Decimal(-35), Decimal(70)]
    assert amounts(3, documents=[bill], notes=[credit]) == [Decimal(-35), Decimal(90)]


def test_a_credit_without_a_day_was_always_there() -> None:
    assert amounts(0, notes=[a_credit(day=None)]) == [Decimal(-30)]


@frozen
class Use:
    """So much of money or of a credit goes to one invoice on a day."""

    giver: str
    invoice: str
    amount: int
    day: int


@st.composite
def books(draw: st.DrawFn) -> dict[str, Any]:
    """Invoices, credit notes and payments whose uses are as they can be: never more than there is."""
    count = st.integers(1, 4)
    issued = {f"i-{n}": (draw(st.integers(1, 50)), draw(st.integers(0, 20))) for n in range(draw(count))}
    given = {f"cn-{n}": (draw(st.integers(1, 50)), draw(st.integers(0, 20))) for n in range(draw(count))}
    paid = {f"p-{n}": (draw(st.integers(1, 50)), draw(st.integers(0, 20))) for n in range(draw(count))}
    due = {name: total for name, (total, _) in issued.items()}
    left = {name: total for name, (total, _) in (given | paid).items()}
    uses = []
    for _ in range(draw(st.integers(0, 8))):
        giver, invoice = draw(st.sampled_from(sorted(left))), draw(st.sampled_from(sorted(due)))
        most = min(left[giver], due[invoice])
        if most:
            amount = draw(st.integers(1, most))
            begin = max((given | paid)[giver][1], issued[invoice][1])
            uses.append(Use(giver, invoice, amount, begin + draw(st.integers(0, 10))))
            left[giver] -= amount
            due[invoice] -= amount
    return {"issued": issued, "given": given, "paid": paid, "due": due, "left": left, "uses": uses}


def as_told(told: dict[str, Any], *, amounts_on_invoices: bool) -> dict[str, Sequence[StandardRecord]]:
    """The books as Xero tells them, with the giver's own day on invoices; or as QuickBooks does, with none."""
    givers = told["given"] | told["paid"]

    def of_invoice(name: str) -> tuple[PaymentAllocation, ...]:
        found = [use for use in told["uses"] if use.invoice == name]
        if amounts_on_invoices:
            return tuple(settlement(f"-{use.amount}", givers[use.giver][1], use.giver) for use in found)
        return tuple(
            PaymentAllocation(allocation=Allocation(), payment=AllocatedPayment(id=use.giver))
            for use in found
        )

    documents = [
        an_invoice(name, str(total), str(told["due"][name]), day=day, paymentAllocations=of_invoice(name))
        for name, (total, day) in told["issued"].items()
    ]
    credits_, payments = [], []
    for name, (total, day) in told["given"].items():
        uses = [use for use in told["uses"] if use.giver == name]
        own = tuple(settlement(str(use.amount), use.day, use.invoice) for use in uses)
        credits_.append(
            a_credit(
                name,
                str(total),
                str(told["left"][name]),
                day=day,
                paymentAllocations=own if amounts_on_invoices else (),
            )
        )
        if not amounts_on_invoices:
            payments += [
                a_payment(
                    part(str(use.amount), "Invoice", use.invoice),
                    part(f"-{use.amount}", "CreditNote", name),
                    identity=f"{name}-{place}",
                    day=use.day,
                )
                for place, use in enumerate(uses)
            ]
    for name in told["paid"]:
        lines = [
            part(str(use.amount), "Invoice", use.invoice, use.day)
            for use in told["uses"]
            if use.giver == name
        ]
        if told["left"][name]:
            lines.append(part(str(told["left"][name]), "PaymentOnAccount"))
        payments.append(a_payment(*lines, identity=name, day=told["paid"][name][1]))
    return {"documents": documents, "notes": credits_, "payments": payments}


@given(told=books(), day=st.integers(0, 35), amounts_on_invoices=st.booleans())
def test_on_any_day_what_is_open_is_what_the_control_account_says(
    told: dict[str, Any], day: int, amounts_on_invoices: bool
) -> None:
    """All invoices before the day, less all credits and all money before it, whenever it was set against what."""
    control = sum(total for total, issued in told["issued"].values() if issued < day)
    control -= sum(total for total, made in (told["given"] | told["paid"]).values() if made < day)
    found = amounts(day, **as_told(told, amounts_on_invoices=amounts_on_invoices))
    assert sum(found, Decimal(0)) == control
