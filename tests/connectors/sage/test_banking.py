"""Sage's other payments, transfers, journals and ledger entries in our model."""

from decimal import Decimal
from typing import Any

import pytest
from tests.connectors.sage.conftest import map_row, ref

from tallystick.connectors import Books


def an_other_payment(kind: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": "op1",
        "updated_at": "2026-02-03T04:05:06Z",
        "created_at": "2026-02-01T00:00:00Z",
        "deleted_at": None,
        "transaction_type": ref("transaction_types", kind),
        "contact": ref("contacts", "c1"),
        "bank_account": ref("bank_accounts", "ba1", "Current account (1200)"),
        "date": "2026-02-01",
        "net_amount": "32.0",
        "tax_amount": "6.40",
        "total_amount": "38.40",
        "reference": "Card 4411",
        "payment_lines": [
            {
                "details": "Paper filters",
                "ledger_account": ref("ledger_accounts", "la7300"),
                "tax_rate": ref("tax_rates", "GB_STANDARD"),
                "net_amount": "32.0",
                "tax_amount": "6.40",
                "total_amount": "38.40",
                "analysis_type_categories": [{"id": "ac1", "displayed_as": "North"}],
            }
        ],
        **changes,
    }


@pytest.mark.parametrize(
    ("theirs", "kind"),
    [("OTHER_PAYMENT", "directCosts"), ("OTHER_RECEIPT", "directIncomes")],
)
def test_what_was_paid_at_once(theirs: str, kind: str) -> None:
    mapped = map_row("other_payments", an_other_payment(theirs))
    told = mapped.json
    (line,) = told["lineItems"]
    (paid,) = told["paymentAllocations"]

    assert (mapped.kinds, mapped.issues) == ([kind], [])
    assert [str(told[n]) for n in ("subTotal", "taxAmount", "totalAmount")] == ["32.0", "6.40", "38.40"]
    assert told["contactRef"] == {"id": "c1"}, "on which side it stands is not told"
    assert (line["unitAmount"], line["quantity"], line["accountRef"]) == (
        Decimal("32.0"),
        1,
        {"id": "la7300"},
    )
    assert line["trackingCategoryRefs"] == [{"id": "ac1", "name": "North"}]
    assert paid["payment"]["accountRef"]["id"] == "la-bank"
    assert paid["allocation"]["totalAmount"] == Decimal("38.40")
    assert told["currency"] == "GBP"


def test_a_currency_that_nobody_tells_is_none() -> None:
    assert map_row("other_payments", an_other_payment("OTHER_PAYMENT"), Books()).json["currency"] == "XXX"


@pytest.mark.parametrize(
    ("changes", "path"),
    [({"transaction_type": ref("t", "PAYROLL")}, "$.transaction_type.id"), ({"total_amount": None, "net_amount": None}, "$.total_amount")],
)  # fmt: skip
def test_an_other_payment_that_cannot_be_mapped(changes: dict[str, Any], path: str) -> None:
    mapped = map_row("other_payments", an_other_payment("OTHER_PAYMENT") | changes)
    assert [(i.path, i.record_id, i.severity) for i in mapped.issues] == [(path, "op1", "rejected")]


def a_transfer(path: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": "t1",
        "$path": f"/{path}/t1",
        "updated_at": "2026-02-03T04:05:06Z",
        "from_bank_account": ref("bank_accounts", "ba1", "Current account (1200)"),
        "to_bank_account": ref("bank_accounts", "ba2", "Savings (1210)"),
        "date": "2026-02-01",
        "reference": "Put by",
        **changes,
    }


@pytest.mark.parametrize(
    ("path", "amount"),
    [("bank_transfers", {"amount": "250.00"}), ("bank_deposits", {"total_amount": "250.00", "cash_amount": "250.00"})],
)  # fmt: skip
def test_a_transfer_has_two_ends(path: str, amount: dict[str, str]) -> None:
    mapped = map_row("transfers", a_transfer(path, **amount))
    told = mapped.json
    assert mapped.issues == []
    assert told["from"]["accountRef"] == {
        "id": "ba1",
        "name": "Current account",
        "dataType": "bankAccounts",
    }
    assert told["to"]["accountRef"]["id"] == "ba2"
    assert [str(told[end]["amount"]) for end in ("from", "to")] == ["250.00", "250.00"]
    assert (told["status"], told["description"]) == ("Unknown", "Put by")


def test_a_deleted_transfer_is_void_and_gone_and_one_without_an_amount_is_left_out() -> None:
    gone = map_row(
        "transfers", a_transfer("bank_transfers", amount="1", deleted_at="2026-01-01T00:00:00Z")
    ).json
    assert (gone["status"], gone["metadata"]) == ("Void", {"isDeleted": True})
    assert map_row("transfers", a_transfer("bank_transfers")).told() == [("rejected", "$.amount")]


def an_entry(**changes: Any) -> dict[str, Any]:
    return {
        "id": "le1",
        "updated_at": "2026-02-03T04:05:06Z",
        "date": "2026-02-01",
        "debit": "46.0",
        "credit": "0.0",
        "ledger_account": ref("ledger_accounts", "la-bank", "Current account (1200)"),
        "transaction": {
            "id": "tx1",
            "reference": "BACS 12",
            "transaction_type": ref("transaction_types", "CUSTOMER_RECEIPT"),
            "origin": ref("contact_payments", "pay1"),
        },
        "deleted": False,
        "description": "",
        **changes,
    }


def test_an_entry_is_positive_into_the_account_and_names_what_caused_it() -> None:
    mapped = map_row("ledger_entries", an_entry())
    told = mapped.json
    assert (told["totalAmount"], told["transactionId"], told["note"]) == (Decimal("46.0"), "tx1", "BACS 12")
    assert told["bankAccountRef"] == {"name": "Current account"}
    assert told["lines"][0]["recordRef"] == {"id": "pay1", "dataType": "payments"}
    out = map_row("ledger_entries", an_entry(debit=None, credit="10.0")).json
    assert out["totalAmount"] == Decimal("-10.0")


@pytest.mark.parametrize(
    ("kind", "ours"),
    [
        ("CUSTOMER_REFUND", "payments"),
        ("VENDOR_PAYMENT", "billPayments"),
        ("VENDOR_REFUND", "billPayments"),
        ("OTHER_PAYMENT", "directCosts"),
        ("OTHER_RECEIPT", "directIncomes"),
        ("BANK_TRANSFER", "transfers"),
        ("JOURNAL", "journalEntries"),
        ("TAX_RETURN_PAYMENT", None),
    ],
)
def test_every_cause_has_a_data_type_or_is_left_out(kind: str, ours: str | None) -> None:
    transaction = {"id": "tx1", "transaction_type": ref("t", kind), "origin": ref("contact_payments", "r1")}
    (line,) = map_row("ledger_entries", an_entry(transaction=transaction)).json["lines"]
    assert line.get("recordRef", {"dataType": None})["dataType"] == ours


def test_a_cause_of_no_type_is_known_by_its_list() -> None:
    transaction = {"id": "tx1", "origin": ref("bank_deposits", "bd1")}
    (line,) = map_row("ledger_entries", an_entry(transaction=transaction)).json["lines"]
    assert line["recordRef"] == {"id": "bd1", "dataType": "transfers"}


def test_a_deleted_entry_is_void_and_gone() -> None:
    told = map_row("ledger_entries", an_entry(deleted=True)).json
    assert (told["status"], told["metadata"]) == ("Void", {"isDeleted": True})


def test_an_entry_without_an_amount_is_left_out() -> None:
    assert map_row("ledger_entries", an_entry(debit=None, credit=None)).told() == [("rejected", "$.debit")]


def a_journal(**changes: Any) -> dict[str, Any]:
    return {
        "id": "j1",
        "created_at": "2026-02-01T00:00:00Z",
        "updated_at": "2026-02-03T04:05:06Z",
        "date": "2026-01-31",
        "reference": "ADJ 4",
        "description": "Depreciation",
        "journal_lines": [
            {"ledger_account": ref("ledger_accounts", "la1"), "debit": "75.50", "credit": "0.0", "details": "Van",
             "analysis_type_categories": [{"id": "ac1"}]},
            {"ledger_account": ref("ledger_accounts", "la2"), "debit": None, "credit": "75.50"},
        ],
        **changes,
    }  # fmt: skip


def test_a_journal_balances_and_stands_in_the_one_book() -> None:
    mapped = map_row("journals", a_journal())
    book, entry = mapped.all
    assert (mapped.kinds, mapped.issues) == (["journals", "journalEntries"], [])
    assert [line["netAmount"] for line in entry["journalLines"]] == [Decimal("75.50"), Decimal("-75.50")]
    assert entry["journalLines"][0]["tracking"]["recordRefs"] == [
        {"id": "ac1", "dataType": "trackingCategories"}
    ]
    assert entry["journalRef"] == {"id": book["id"], "name": "General journal"}
    assert (entry["description"], entry["postedOn"]) == ("Depreciation", "2026-01-31T00:00:00")


def test_a_french_journal_stands_in_the_book_of_its_code() -> None:
    book, entry = map_row(
        "journals", a_journal(journal_code={"id": "jc1", "code": "OD", "name": "Opérations diverses"})
    ).all
    assert (book["id"], book["journalCode"], book["name"]) == ("jc1", "OD", "Opérations diverses")
    assert entry["journalRef"] == {"id": "jc1", "name": "Opérations diverses"}


def test_a_journal_that_does_not_balance_is_doubted() -> None:
    lines = [{"ledger_account": ref("ledger_accounts", "la1"), "debit": "75.50"}]
    assert map_row("journals", a_journal(journal_lines=lines)).told() == [("warning", "$.journal_lines")]


def test_a_deleted_journal_is_gone_and_its_book_is_not() -> None:
    book, entry = map_row("journals", a_journal(deleted_at="2026-03-01T00:00:00Z")).all
    assert (book["metadata"]["isDeleted"], entry["metadata"]["isDeleted"]) == (False, True)
