"""What explanations and lines of statements become."""

from decimal import Decimal
from typing import Any

import pytest
from tests.connectors.freeagent.conftest import DOLLARS, STERLING, an_explanation, at, map_row, with_accounts

from tallystick.connectors import Books


def explained(own: Any = STERLING, other: Any = None, **changes: Any) -> Any:
    return map_row("explanations", with_accounts(an_explanation(**changes), own, other))


def test_money_for_an_invoice_is_a_payment() -> None:
    mapped = explained()
    assert (mapped.kinds, mapped.issues) == (["payments"], [])
    told = mapped.json
    assert (told["id"], told["totalAmount"], told["currency"]) == ("20", 46, "GBP")
    assert (told["date"], told["accountRef"]) == ("2026-02-01T00:00:00", {"id": "750-1"})
    (line,) = told["lines"]
    assert line["links"] == [{"type": "Invoice", "id": "7", "amount": -46}]
    assert line["amount"] == 46


def test_a_payment_is_in_its_accounts_currency_and_tells_what_it_was_in_the_documents() -> None:
    told = explained(DOLLARS, gross_value="50.0", foreign_currency_value="40.0").json
    assert (told["currency"], told["totalAmount"]) == ("USD", 50)
    (link,) = told["lines"][0]["links"]
    assert (link["amount"], link["currencyRate"]) == (-40, Decimal("0.8")), "what is due falls by this"


def test_money_back_for_a_credit_note_is_a_negative_payment() -> None:
    told = explained(gross_value="-46.0", paid_invoice=at("credit_notes", 3)).json
    assert told["totalAmount"] == -46
    assert told["lines"][0]["links"] == [{"type": "CreditNote", "id": "3", "amount": 46}]


def test_money_for_a_bill_is_a_bill_payment_and_back_from_a_supplier_a_negative_one() -> None:
    paid = explained(gross_value="-46.0", paid_invoice=None, paid_bill=at("bills", 5))
    assert paid.kinds == ["billPayments"]
    assert paid.json["totalAmount"] == 46
    assert paid.json["lines"][0]["links"] == [{"type": "Bill", "id": "5", "amount": -46}]
    back = explained(gross_value="46.0", paid_invoice=None, paid_bill=at("bills", 6)).json
    assert back["totalAmount"] == -46
    assert back["lines"][0]["links"] == [{"type": "CreditNote", "id": "6", "amount": 46}]


def direct(amount: str, category: str | None, **changes: Any) -> Any:
    url = at("categories", category) if category else None
    return explained(gross_value=amount, paid_invoice=None, category=url, **changes)


@pytest.mark.parametrize(
    ("amount", "category", "kind", "total"),
    [
        ("-120.0", "285", "directCosts", 120),
        ("12.0", "285", "directCosts", -12),
        ("-90.0", "101", "directCosts", 90),
        ("120.0", "001", "directIncomes", 120),
        ("-12.0", "001", "directIncomes", -12),
        ("5.0", "051", "directIncomes", 5),
        ("-500.0", "671", "directCosts", 500),
        ("500.0", "768", "directIncomes", 500),
        ("500.0", "907-1", "directIncomes", 500),
        ("-7.0", None, "directCosts", 7),
    ],
    ids=["cost", "cost given back", "cost of sales", "income", "income given back", "interest", "asset bought",
         "liability", "from a director", "no category"],
)  # fmt: skip
def test_whether_it_is_a_cost_or_an_income_is_told_by_its_category(
    amount: str, category: str | None, kind: str, total: int
) -> None:
    mapped = direct(amount, category)
    assert mapped.kinds == [kind]
    assert mapped.json["totalAmount"] == total


def test_a_cost_holds_its_tax_and_was_paid_at_once() -> None:
    told = direct("-730.0", "285", sales_tax_value="-121.67", sales_tax_rate="20.0", sales_tax_status="TAXABLE",
                  project=at("projects", 1)).json  # fmt: skip
    assert (told["subTotal"], told["taxAmount"], told["totalAmount"]) == (
        Decimal("608.33"),
        Decimal("121.67"),
        730,
    )
    (line,) = told["lineItems"]
    assert (line["accountRef"], line["taxRateRef"]) == ({"id": "285"}, {"id": "20"})
    assert line["tracking"] == {"recordRefs": [{"id": "1", "dataType": "trackingCategories"}]}
    (paid,) = told["paymentAllocations"]
    assert (paid["payment"]["accountRef"], paid["payment"]["totalAmount"]) == ({"id": "750-1"}, 730)
    assert paid["allocation"]["totalAmount"] == -730


def test_a_currency_that_nobody_tells_is_said_to_be_none() -> None:
    row = with_accounts(an_explanation(paid_invoice=None, category=at("categories", "001")), own=None)
    assert map_row("explanations", row).json["currency"] == "GBP", "the books' own"
    assert map_row("explanations", row, Books()).json["currency"] == "XXX"


def transfer(amount: str, own: Any, other: Any) -> Any:
    return explained(
        own, other, gross_value=amount, paid_invoice=None,
        linked_transfer_account=other["url"] if other else at("bank_accounts", 9),
        linked_transfer_explanation=at("bank_transaction_explanations", 21), bank_account=own["url"],
    )  # fmt: skip


def test_the_end_of_a_transfer_out_of_an_account_is_its_record() -> None:
    mapped = transfer("-170.0", STERLING, {**DOLLARS, "currency": "GBP"})
    assert (mapped.kinds, mapped.issues) == (["transfers"], [])
    told = mapped.json
    assert told["id"] == "20"
    assert told["from"] == {
        "accountRef": {"id": "1", "dataType": "bankAccounts"},
        "currency": "GBP",
        "amount": 170,
    }
    assert told["to"] == {
        "accountRef": {"id": "2", "dataType": "bankAccounts"},
        "currency": "GBP",
        "amount": 170,
    }


def test_the_end_into_an_account_is_no_record_of_its_own() -> None:
    mapped = transfer("170.0", DOLLARS, STERLING)
    assert (mapped.records, mapped.issues) == ([], [])


def test_what_arrives_in_another_currency_is_not_guessed() -> None:
    told = transfer("-170.0", STERLING, DOLLARS).json
    assert (told["from"]["amount"], told["to"]["currency"]) == (170, "USD")
    assert "amount" not in told["to"]


def test_a_credit_note_set_against_an_invoice_is_a_payment_of_nothing() -> None:
    row = {
        "url": at("credit_note_reconciliations", 1), "gross_value": "100.0", "dated_on": "2026-02-09",
        "currency": "GBP", "exchange_rate": "1.0", "invoice": at("invoices", 7), "credit_note": at("credit_notes", 3),
    }  # fmt: skip
    mapped = map_row("explanations", row)
    assert (mapped.kinds, mapped.issues) == (["payments"], [])
    told = mapped.json
    assert (told["id"], told["totalAmount"]) == ("reconciliation-1", 0)
    assert told["lines"][0]["links"] == [
        {"type": "Invoice", "id": "7", "amount": -100},
        {"type": "CreditNote", "id": "3", "amount": 100},
    ]
    assert map_row("explanations", {**row, "invoice": None}).told() == [("warning", "$.invoice")]
    assert map_row("explanations", {**row, "gross_value": None}).told() == [("rejected", "$.gross_value")]


def test_an_explanation_without_an_amount_is_left_out_and_says_what_it_would_have_been() -> None:
    mapped = explained(gross_value=None)
    assert mapped.told() == [("rejected", "$.bank_transaction_explanation.gross_value")]
    assert (mapped.issues[0].data_type, mapped.issues[0].record_id) == ("payments", "20")


def a_line_of_a_statement(*explanations: dict[str, Any], **changes: Any) -> Any:
    row = {
        "url": at("bank_transactions", 8), "amount": "-170.0", "bank_account": at("bank_accounts", 1),
        "dated_on": "2026-02-01", "description": "BACS 12", "full_description": "BACS 12/OTHER/£170.0",
        "unexplained_amount": "0.0", "updated_at": "2026-02-01T10:00:00.000Z",
        "bank_transaction_explanations": list(explanations), **changes,
    }  # fmt: skip
    return map_row("bank_transactions", with_accounts(row, name="bank_transaction"))


def test_a_line_of_a_statement_is_that_and_its_posting() -> None:
    paid = an_explanation(gross_value="-100.0", paid_invoice=None, paid_bill=at("bills", 5))
    cost = an_explanation(
        url=at("bank_transaction_explanations", 21), gross_value="-70.0", paid_invoice=None,
        category=at("categories", "285"),
    )  # fmt: skip
    mapped = a_line_of_a_statement(paid, cost)
    assert (mapped.kinds, mapped.issues) == (["bankTransactions", "accountTransactions"], [])
    line, posting = mapped.all
    assert (line["id"], line["accountId"], line["amount"]) == ("8", "1", -170)
    assert (line["transactionType"], line["reconciled"]) == ("Debit", True)
    assert (posting["totalAmount"], posting["currency"], posting["status"]) == (-170, "GBP", "Reconciled")
    assert posting["bankAccountRef"] == {"id": "1"}
    assert [(part["recordRef"], part["amount"]) for part in posting["lines"]] == [
        ({"id": "20", "dataType": "billPayments"}, -100),
        ({"id": "21", "dataType": "directCosts"}, -70),
    ]


def test_what_is_not_explained_yet_is_a_part_of_the_posting_all_the_same() -> None:
    paid = an_explanation(gross_value="-100.0", paid_invoice=None, paid_bill=at("bills", 5))
    line, posting = a_line_of_a_statement(paid, unexplained_amount="-70.0").all
    assert (line["reconciled"], line["transactionType"]) == (False, "Payment")
    assert posting["status"] == "Unreconciled"
    assert [part["amount"] for part in posting["lines"]] == [-100, -70]
    _, bare = a_line_of_a_statement(unexplained_amount="-170.0").all
    assert [part["amount"] for part in bare["lines"]] == [-170]


def test_both_ends_of_a_transfer_name_the_same_record() -> None:
    out = an_explanation(
        gross_value="-170.0", paid_invoice=None, linked_transfer_account=at("bank_accounts", 2),
        linked_transfer_explanation=at("bank_transaction_explanations", 21),
    )  # fmt: skip
    into = {**out, "url": at("bank_transaction_explanations", 21), "gross_value": "170.0",
            "linked_transfer_explanation": at("bank_transaction_explanations", 20)}  # fmt: skip
    postings = [a_line_of_a_statement(out).all[1], a_line_of_a_statement(into, amount="170.0").all[1]]
    refs = [posting["lines"][0]["recordRef"] for posting in postings]
    assert refs == [{"id": "20", "dataType": "transfers"}] * 2
