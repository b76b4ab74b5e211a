"""Sage's payments and allocations in our model."""

from decimal import Decimal
from typing import Any

import pytest
from tests.connectors.sage.conftest import Mapped, a_payment, map_row, ref

from tallystick.connectors import Books
from tallystick.standard import encode
from tallystick.standard.open_amounts import OpenAmounts


def part(path: str, id_: str, amount: str | None, discount: str = "0.0") -> dict[str, Any]:
    return {"artefact": ref(path, id_), "amount": amount, "discount": discount}


def an_allocation(kind: str, *parts: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "id": "al1",
        "$path": "/contact_allocations/al1",
        "updated_at": "2026-02-01T10:00:00Z",
        "deleted_at": None,
        "transaction_type": ref("transaction_types", kind),
        "contact": ref("contacts", "c1", "Harbour & Vale"),
        "date": "2026-02-01",
        "allocated_artefacts": list(parts),
        **changes,
    }


def links(told: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [
        (link["type"], link.get("id"), link["amount"]) for line in told["lines"] for link in line["links"]
    ]


@pytest.mark.parametrize(
    ("theirs", "kind", "total", "link"),
    [
        ("CUSTOMER_RECEIPT", "payments", "46.0", "Invoice"),
        ("CUSTOMER_REFUND", "payments", "-46.0", "CreditNote"),
        ("VENDOR_PAYMENT", "billPayments", "46.0", "Bill"),
        ("VENDOR_REFUND", "billPayments", "-46.0", "CreditNote"),
    ],
)
def test_money_is_positive_the_usual_way_and_negative_back(
    theirs: str, kind: str, total: str, link: str
) -> None:
    mapped = map_row("payments", a_payment(theirs))
    told = mapped.json
    assert (mapped.kinds, mapped.issues) == ([kind], [])
    assert told["totalAmount"] == Decimal(total)
    assert links(told) == [(link, "d1", -Decimal(total))]
    assert (told["date"], told["reference"]) == ("2026-02-01T00:00:00", "BACS 12")
    assert told["paymentMethodRef"] == {"id": "CASH", "name": "Cash"}


@pytest.mark.parametrize("theirs", ["CUSTOMER_RECEIPT", "CUSTOMER_REFUND", "VENDOR_PAYMENT", "VENDOR_REFUND"])
def test_the_lines_come_to_the_payment_and_each_is_the_negative_of_its_links(theirs: str) -> None:
    side = "sales" if theirs.startswith("CUSTOMER") else "purchase"
    parts = [part(f"{side}_invoices", "d1", "10.0", "0.5"), part(f"{side}_quick_entries", "d2", "20.0")]
    told = map_row(
        "payments",
        a_payment(
            theirs, allocated_artefacts=parts, payment_on_account={"id": "poa1", "total_amount": "16.0"}
        ),
    ).json

    assert sum(line["amount"] for line in told["lines"]) == told["totalAmount"]
    for line in told["lines"]:
        assert line["amount"] == -sum(link["amount"] for link in line["links"])
    kinds = [link["type"] for line in told["lines"] for link in line["links"]]
    document = "Invoice" if side == "sales" else "Bill"
    assert kinds == [document, document, "Discount", document, "PaymentOnAccount"]
    held = told["lines"][-1]["links"][0].get("id")
    assert held == (None if theirs.endswith("REFUND") else "poa1"), "a refund holds nothing to be used later"


def on_account(*mapped: Mapped) -> list[tuple[str | None, Decimal]]:
    """What aged reports of the end of February 2026 hold on account, by day."""
    open_amounts = OpenAmounts(until="2026-03-01")
    open_amounts.payments(b"[" + b",".join(encode(each) for one in mapped for each in one.records) + b"]")
    return [(held.day and held.day[:10], held.amount) for held in open_amounts.on_account()]


@pytest.mark.parametrize(
    ("in_", "back"), [("CUSTOMER_RECEIPT", "CUSTOMER_REFUND"), ("VENDOR_PAYMENT", "VENDOR_REFUND")]
)
def test_money_on_account_that_is_refunded_leaves_nothing_on_account(in_: str, back: str) -> None:
    def on_its_own(kind: str, id_: str, credit: str, date: str) -> Mapped:
        poa = {"id": credit, "total_amount": "46.0"}
        return map_row(
            "payments", a_payment(kind, id=id_, date=date, allocated_artefacts=[], payment_on_account=poa)
        )

    received = on_its_own(in_, "pay0", "poa0", "2026-01-15")
    refunded = on_its_own(back, "pay1", "poa1", "2026-02-01")
    assert on_account(received) == [("2026-01-15", Decimal("-46.0"))]
    assert on_account(received, refunded) == [
        ("2026-01-15", Decimal("-46.0")),
        ("2026-02-01", Decimal("46.0")),
    ]


@pytest.mark.parametrize(
    ("theirs", "settled", "used", "kinds"),
    [
        ("CUSTOMER_RECEIPT", "sales_invoices", "sales_credit_notes", ("Invoice", "CreditNote")),
        ("VENDOR_PAYMENT", "purchase_invoices", "purchase_credit_notes", ("Bill", "CreditNote")),
    ],
)
@pytest.mark.parametrize("sign", ["-", ""], ids=["with a minus", "without"])
def test_a_payment_net_of_a_credit_note_settles_the_document_whole_and_uses_the_credit_up(
    theirs: str, settled: str, used: str, kinds: tuple[str, str], sign: str
) -> None:
    parts = [part(settled, "d1", "100.0"), part(used, "cn1", f"{sign}20.0")]
    mapped = map_row(
        "payments",
        a_payment(theirs, total_amount="80.0", base_currency_total_amount="80.0", allocated_artefacts=parts),
    )
    assert mapped.issues == []
    assert [line["amount"] for line in mapped.json["lines"]] == [100, -20]
    assert links(mapped.json) == [(kinds[0], "d1", Decimal(-100)), (kinds[1], "cn1", Decimal(20))]
    assert on_account(mapped) == []


@pytest.mark.parametrize(
    "amounts",
    [("100.0", "-20.0"), ("-100.0", "20.0")],
    ids=["as the money goes", "as an allocation has them"],
)
def test_a_refund_net_of_an_invoice_uses_the_credit_up_whole_and_settles_the_invoice(
    amounts: tuple[str, str],
) -> None:
    parts = [part("sales_credit_notes", "cn1", amounts[0]), part("sales_invoices", "d1", amounts[1])]
    mapped = map_row(
        "payments",
        a_payment(
            "CUSTOMER_REFUND",
            total_amount="80.0",
            base_currency_total_amount="80.0",
            allocated_artefacts=parts,
        ),
    )
    assert mapped.issues == []
    assert [line["amount"] for line in mapped.json["lines"]] == [-100, 20]
    assert links(mapped.json) == [("CreditNote", "cn1", Decimal(100)), ("Invoice", "d1", Decimal(-20))]


@pytest.mark.parametrize("theirs", ["CUSTOMER_RECEIPT", "CUSTOMER_REFUND", "VENDOR_PAYMENT", "VENDOR_REFUND"])
def test_a_minus_before_all_that_a_payment_is_set_against_changes_nothing(theirs: str) -> None:
    row = a_payment(theirs)
    (only,) = row["allocated_artefacts"]
    turned = {**row, "allocated_artefacts": [{**only, "amount": "-46.0"}]}
    assert map_row("payments", turned).json == map_row("payments", row).json


def test_what_is_left_after_a_credit_note_stands_on_account() -> None:
    parts = [part("sales_invoices", "d1", "10.0"), part("sales_credit_notes", "cn1", "-20.0")]
    told = map_row("payments", a_payment(allocated_artefacts=parts)).json
    assert [line["amount"] for line in told["lines"]] == [10, -20, 56]


def test_a_payment_that_is_set_against_nothing_stands_on_account() -> None:
    told = map_row("payments", a_payment(allocated_artefacts=[])).json
    assert links(told) == [("PaymentOnAccount", None, Decimal("-46.0"))]


def test_more_set_against_documents_than_was_paid_is_doubted() -> None:
    mapped = map_row("payments", a_payment(allocated_artefacts=[part("sales_invoices", "d1", "50.0")]))
    assert ("warning", "$.allocated_artefacts") in mapped.told()
    assert sum(line["amount"] for line in mapped.json["lines"]) == Decimal("46.0")


def test_a_part_without_an_amount_is_left_out_and_a_document_of_an_unknown_list_doubted() -> None:
    parts = [part("sales_invoices", "d1", None), part("sales_pledges", "d2", "46.0")]
    mapped = map_row("payments", a_payment(allocated_artefacts=parts))
    assert links(mapped.json) == [("Unknown", "d2", Decimal("-46.0"))]
    assert mapped.told() == [
        ("warning", "$.allocated_artefacts[0].amount"),
        ("warning", "$.allocated_artefacts[1].artefact"),
    ]


def test_the_account_is_the_ledgers_by_the_code_that_the_bank_account_shares_with_it() -> None:
    told = map_row("payments", a_payment()).json
    assert told["accountRef"] == {"id": "la-bank", "name": "Current account"}
    cash = a_payment(bank_account=ref("bank_accounts", "ba2", "Cash (0604)"))
    assert map_row("payments", cash).json["accountRef"]["id"] == "la-cash"


def test_without_such_a_code_the_bank_account_is_named() -> None:
    odd = a_payment(bank_account=ref("bank_accounts", "ba9", "Petty cash"))
    mapped = map_row("payments", odd)
    assert mapped.json["accountRef"]["id"] == "ba9"
    assert mapped.told() == [("warning", "$.bank_account")]
    assert map_row("payments", odd, Books()).told() == [], "no chart at hand is no fault of the payment's"


def test_the_rate_of_a_payment_is_decided_by_its_amounts() -> None:
    for told in ("1.25", "0.8"):
        row = a_payment(
            currency=ref("currencies", "EUR"), exchange_rate=told, base_currency_total_amount="36.8"
        )
        assert map_row("payments", row).json["currencyRate"] == Decimal("0.8")


def test_a_deleted_payment_is_gone() -> None:
    told = map_row("payments", a_payment(deleted_at="2026-03-01T00:00:00Z")).json
    assert told["metadata"] == {"isDeleted": True}


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"transaction_type": ref("transaction_types", "PAYROLL")}, "$.transaction_type.id"),
        ({"transaction_type": None}, "$.transaction_type.id"),
        ({"total_amount": None}, "$.total_amount"),
        ({"date": None, "created_at": None}, "$.date"),
    ],
)
def test_a_payment_that_cannot_be_mapped_is_told_with_its_id(changes: dict[str, Any], path: str) -> None:
    mapped = map_row("payments", a_payment(**changes))
    (issue,) = mapped.issues
    assert (issue.severity, issue.path, issue.record_id) == ("rejected", path, "pay1")


@pytest.mark.parametrize(
    ("kind", "data_type", "settled", "used", "ours"),
    [
        ("CUSTOMER_ALLOCATION", "payments", "sales_invoices", "sales_credit_notes", "Invoice"),
        ("VENDOR_ALLOCATION", "billPayments", "purchase_invoices", "purchase_credit_notes", "Bill"),
    ],
)
@pytest.mark.parametrize("sign", ["-", ""], ids=["with a minus", "without"])
def test_an_allocation_is_a_payment_of_nothing_whose_links_cancel_each_other_out(
    kind: str, data_type: str, settled: str, used: str, ours: str, sign: str
) -> None:
    parts = (part(settled, "d1", "25.0"), part(used, "cn1", f"{sign}25.0"))
    mapped = map_row("payments", an_allocation(kind, *parts))
    told = mapped.json

    assert (mapped.kinds, mapped.issues) == ([data_type], [])
    assert (told["totalAmount"], told["lines"][0]["amount"]) == (0, 0)
    assert links(told) == [(ours, "d1", Decimal("-25.0")), ("CreditNote", "cn1", Decimal("25.0"))]


def test_an_allocation_that_does_not_add_up_is_doubted() -> None:
    mapped = map_row("payments", an_allocation("CUSTOMER_ALLOCATION", part("sales_invoices", "d1", "25.0")))
    assert mapped.told() == [("warning", "$.allocated_artefacts")]


def test_an_allocation_of_neither_side_is_left_out() -> None:
    mapped = map_row("payments", an_allocation("STAFF_ALLOCATION"))
    assert mapped.told() == [("rejected", "$.transaction_type.id")]
