"""Invoices, credit notes and bills."""

from decimal import Decimal

import pytest
from tests.connectors.freeagent.conftest import a_bill, a_credit_note, a_line, an_invoice, at, map_row

CENT = Decimal("0.01")


def test_an_invoice_keeps_its_amounts_and_names_what_it_refers_to() -> None:
    told = map_row("invoices", an_invoice(project=at("projects", 4))).json
    assert (told["id"], told["invoiceNumber"], told["status"]) == ("7", "INV-007", "Submitted")
    assert told["customerRef"] == {"id": "2", "companyName": "Harbour & Vale"}
    assert (told["subTotal"], told["totalTaxAmount"], told["totalAmount"], told["amountDue"]) == (
        100,
        20,
        120,
        120,
    )
    assert (told["issueDate"], told["dueDate"]) == ("2026-01-05T00:00:00", "2026-02-04T00:00:00")
    assert told["sourceModifiedDate"].startswith("2026-02-03T04:05:06.123")
    (line,) = told["lineItems"]
    assert (line["quantity"], line["unitAmount"]) == (2, 50)
    assert (line["subTotal"], line["taxAmount"], line["totalAmount"]) == (100, 20, 120)
    assert (line["accountRef"], line["taxRateRef"]) == ({"id": "001"}, {"id": "20"})
    assert line["trackingCategoryRefs"] == [{"id": "4"}], "of the whole document"


def test_a_lines_own_project_counts_before_its_documents() -> None:
    line = a_line(project=at("projects", 9))
    told = map_row("invoices", an_invoice(project=at("projects", 4), invoice_items=[line])).json
    assert told["lineItems"][0]["trackingCategoryRefs"] == [{"id": "9"}]


@pytest.mark.parametrize(
    ("theirs", "paid", "ours"),
    [
        ("Draft", "0.0", "Draft"),
        ("Scheduled To Email", "0.0", "Draft"),
        ("Open", "0.0", "Submitted"),
        ("Open", "50.0", "PartiallyPaid"),
        ("Overdue", "0.0", "Submitted"),
        ("Overdue", "119.99", "PartiallyPaid"),
        ("Paid", "120.0", "Paid"),
        ("Overpaid", "150.0", "Paid"),
        ("Part written-off", "50.0", "Paid"),
        ("Written-off", "50.0", "Paid"),
    ],
)
def test_how_far_an_invoice_is(theirs: str, paid: str, ours: str) -> None:
    due = str(Decimal(120) - Decimal(paid))
    told = map_row("invoices", an_invoice(status=theirs, paid_value=paid, due_value=due)).json
    assert told["status"] == ours


def test_nothing_is_due_of_what_was_written_off_and_it_stays_in_the_books() -> None:
    told = map_row("invoices", an_invoice(status="Written-off")).json
    assert (told["status"], told["amountDue"], told["totalAmount"]) == ("Paid", 0, 120)
    credit = map_row("credit_notes", a_credit_note(status="Written-off")).json
    assert (credit["status"], credit["remainingCredit"], credit["totalAmount"]) == ("Paid", 0, 120)


def test_tax_may_have_the_other_sign_than_the_total_of_an_invoice_or_a_credit_note() -> None:
    lines = [
        a_line(quantity="1.0", price="100.0", sales_tax_rate="0.0"),
        a_line(quantity="1.0", price="-75.0", sales_tax_rate="20.0"),
    ]
    row = an_invoice(
        net_value="25.0", sales_tax_value="-15.0", total_value="10.0", due_value="10.0", invoice_items=lines,
    )  # fmt: skip
    turned = [{**line, "price": str(-Decimal(line["price"]))} for line in lines]
    credit = a_credit_note(
        net_value="-25.0", sales_tax_value="15.0", total_value="-10.0", due_value="-10.0",
        credit_note_items=turned,
    )  # fmt: skip
    for mapped in (map_row("invoices", row), map_row("credit_notes", credit)):
        assert mapped.issues == []
        told = mapped.json
        assert (told["subTotal"], told["totalTaxAmount"], told["totalAmount"]) == (25, -15, 10)
        assert [line["taxAmount"] for line in told["lineItems"]] == [0, -15]


def test_tax_may_have_the_other_sign_than_the_total_of_a_bill_or_a_bill_refund() -> None:
    bill = a_bill(net_value="-25.0", sales_tax_value="15.0", total_value="10.0", due_value="10.0")
    mapped = map_row("bills", bill)
    assert mapped.issues == []
    told = mapped.json
    assert (told["subTotal"], told["taxAmount"], told["totalAmount"]) == (25, -15, 10)

    refund = a_bill(net_value="25.0", sales_tax_value="-15.0", total_value="-10.0", due_value="-10.0")
    mapped = map_row("bills", refund)
    assert (mapped.kinds, mapped.issues) == (["billCreditNotes"], [])
    told = mapped.json
    assert (told["subTotal"], told["totalTaxAmount"], told["totalAmount"]) == (25, -15, 10)


def test_tax_that_takes_the_whole_net_away_leaves_a_total_of_nothing() -> None:
    nothing = {"total_value": "0.0", "due_value": "0.0", "status": "Zero Value"}
    told = map_row("invoices", an_invoice(net_value="15.0", sales_tax_value="-15.0", **nothing)).json
    assert (told["subTotal"], told["totalTaxAmount"], told["totalAmount"]) == (15, -15, 0)
    told = map_row("bills", a_bill(net_value="-15.0", sales_tax_value="15.0", **nothing)).json
    assert (told["subTotal"], told["taxAmount"], told["totalAmount"]) == (15, -15, 0)


def test_a_net_above_its_total_by_the_second_tax_too_is_kept() -> None:
    row = an_invoice(
        net_value="25.0", sales_tax_value="-15.0", second_sales_tax_value="-5.0", total_value="5.0",
        due_value="5.0",
    )  # fmt: skip
    told = map_row("invoices", row).json
    assert (told["subTotal"], told["totalTaxAmount"]) == (25, -20)


def test_a_new_word_is_told_and_the_invoice_is_kept() -> None:
    mapped = map_row("invoices", an_invoice(status="Disputed"))
    assert mapped.json["status"] == "Unknown"
    assert mapped.told() == [("warning", "$.status")]


def test_a_discount_of_the_whole_invoice_is_in_every_line() -> None:
    lines = [a_line(), a_line(price="0.333", quantity="3.0")]
    row = an_invoice(
        discount_percent="10.0", net_value="90.9", sales_tax_value="18.18", total_value="109.08",
        due_value="109.08", invoice_items=lines,
    )  # fmt: skip
    mapped = map_row("invoices", row)
    assert mapped.issues == []
    told = mapped.json
    assert [line["subTotal"] for line in told["lineItems"]] == [Decimal("90.00"), Decimal("0.90")]
    assert [line["discountAmount"] for line in told["lineItems"]] == [10, Decimal("0.099")]
    assert told["discountPercentage"] == 10


def test_pennies_that_rounding_leaves_go_to_the_largest_line() -> None:
    lines = [
        a_line(price="0.05", quantity="1.0"),
        a_line(price="10.02", quantity="1.0"),
        a_line(price="0.02", quantity="1.0"),
    ]
    row = an_invoice(net_value="10.09", sales_tax_value="2.02", total_value="12.11", due_value="12.11", invoice_items=lines)  # fmt: skip
    mapped = map_row("invoices", row)
    assert mapped.issues == []
    told = mapped.json["lineItems"]
    assert sum(line["subTotal"] for line in told) == Decimal("10.09")
    assert sum(line["taxAmount"] for line in told) == Decimal("2.02")
    assert [line["taxAmount"] for line in told] == [CENT, Decimal("2.01"), 0]


def test_lines_that_are_off_by_more_are_doubted_and_left_alone() -> None:
    mapped = map_row("invoices", an_invoice(invoice_items=[a_line(quantity="1.0")]))
    assert mapped.json["lineItems"][0]["subTotal"] == 50
    assert mapped.told() == [("warning", "$.invoice_items")] * 2


def test_a_total_that_its_parts_do_not_come_to_is_doubted() -> None:
    mapped = map_row("invoices", an_invoice(net_value="90.0"))
    assert ("warning", "$.net_value") in mapped.told()
    assert mapped.json["subTotal"] == 100, "what is left of the total"


def test_the_rate_is_the_companys_currency_for_one_of_the_documents() -> None:
    told = map_row("invoices", an_invoice(currency="USD", exchange_rate="0.79")).json
    assert (told["currency"], told["currencyRate"]) == ("USD", Decimal("0.79"))
    mapped = map_row("invoices", an_invoice(exchange_rate="0.0"))
    assert mapped.told() == [("warning", "$.exchange_rate")]


@pytest.mark.parametrize(
    ("status", "rate", "ours"),
    [("TAXABLE", "17.5", "17.5"), ("TAXABLE", "0.0", "0"), ("EXEMPT", "0.0", "EXEMPT"), (None, "20.0", "20")],
)
def test_a_rate_is_named_by_what_it_is(status: str | None, rate: str, ours: str) -> None:
    line = a_line(sales_tax_status=status, sales_tax_rate=rate)
    told = map_row("invoices", an_invoice(invoice_items=[line]))
    assert told.json["lineItems"][0]["taxRateRef"]["id"] == ours


def test_tax_that_is_held_back_is_told() -> None:
    told = map_row("invoices", an_invoice(cis_deduction="-20.0")).json
    assert told["withholdingTax"] == [{"name": "CIS deduction", "amount": 20}]


def test_a_credit_note_is_positive_though_freeagent_writes_it_negative() -> None:
    mapped = map_row("credit_notes", a_credit_note(refunded_value="-50.0", due_value="-70.0"))
    assert mapped.issues == []
    told = mapped.json
    assert (told["subTotal"], told["totalTaxAmount"], told["totalAmount"]) == (100, 20, 120)
    assert (told["remainingCredit"], told["status"]) == (70, "PartiallyPaid")
    (line,) = told["lineItems"]
    assert (line["unitAmount"], line["subTotal"], line["taxAmount"]) == (50, 100, 20)


def test_a_credit_note_that_comes_positive_is_the_same() -> None:
    row = a_credit_note(
        net_value="100.0", sales_tax_value="20.0", total_value="120.0", due_value="120.0",
        credit_note_items=[a_line()],
    )  # fmt: skip
    assert map_row("credit_notes", row).json == map_row("credit_notes", a_credit_note()).json


def test_a_bill_has_its_tax_in_its_total() -> None:
    mapped = map_row("bills", a_bill())
    assert mapped.issues == []
    told = mapped.json
    assert (mapped.kinds, told["id"], told["reference"], told["status"]) == (["bills"], "5", "B 17", "Open")
    assert (told["subTotal"], told["taxAmount"], told["totalAmount"]) == (100, 20, 120)
    (line,) = told["lineItems"]
    assert (line["quantity"], line["unitAmount"]) == (1, 100)
    assert (line["subTotal"], line["taxAmount"], line["totalAmount"]) == (100, 20, 120)
    assert line["accountRef"] == {"id": "101"}
    assert "unitOfMeasurement" not in line


def test_a_bill_with_a_negative_total_is_a_credit_note_from_the_supplier() -> None:
    line = {
        "category": at("categories", "101"), "total_value": "-120.0", "total_value_ex_tax": "-100.0",
        "sales_tax_rate": "20.0", "sales_tax_value": "20.0", "sales_tax_status": "TAXABLE",
    }  # fmt: skip
    row = a_bill(
        net_value="100.0", sales_tax_value="20.0", total_value="-120.0", paid_value="-20.0",
        due_value="-100.0", bill_items=[line],
    )  # fmt: skip
    mapped = map_row("bills", row)
    assert (mapped.kinds, mapped.issues) == (["billCreditNotes"], [])
    told = mapped.json
    assert (told["subTotal"], told["totalTaxAmount"], told["totalAmount"]) == (100, 20, 120)
    assert (told["remainingCredit"], told["status"]) == (100, "PartiallyPaid")
    assert (told["lineItems"][0]["subTotal"], told["lineItems"][0]["taxAmount"]) == (100, 20)


def test_a_price_that_does_not_divide_is_one_at_the_whole_of_it() -> None:
    line = {"total_value": "100.0", "total_value_ex_tax": "100.0", "sales_tax_value": "0.0"}
    rows = [a_bill(bill_items=[{**line, "quantity": quantity}]) for quantity in ("4.0", "3.0")]
    lines = [map_row("bills", row).json["lineItems"][0] for row in rows]
    assert [(each["quantity"], each["unitAmount"]) for each in lines] == [(4, 25), (1, 100)]


def test_stock_is_named_by_an_id_of_its_own_kind() -> None:
    line = a_line(stock_item=at("stock_items", 42))
    assert map_row("invoices", an_invoice(invoice_items=[line])).json["lineItems"][0]["itemRef"] == {
        "id": "stock-42"
    }


@pytest.mark.parametrize("name", ["invoices", "credit_notes", "bills"])
def test_a_document_without_a_day_bears_that_of_its_entry_or_is_left_out(name: str) -> None:
    row = {"invoices": an_invoice, "credit_notes": a_credit_note, "bills": a_bill}[name]
    entered = map_row(name, row(dated_on=None))
    assert entered.json["issueDate"] == "2026-01-05T00:00:00"
    assert entered.told() == [("warning", "$.dated_on")]
    assert map_row(name, row(dated_on=None, created_at=None)).told() == [("rejected", "$.dated_on")]


@pytest.mark.parametrize("name", ["invoices", "credit_notes", "bills"])
def test_a_document_without_a_total_is_made_of_its_parts_or_left_out(name: str) -> None:
    row = {"invoices": an_invoice, "credit_notes": a_credit_note, "bills": a_bill}[name]
    assert map_row(name, row(total_value=None)).json == map_row(name, row()).json
    mapped = map_row(name, row(total_value=None, net_value=None))
    assert mapped.told() == [("rejected", "$.total_value")]
    assert mapped.issues[0].record_id == row()["url"].rpartition("/")[2]


def test_ids_do_not_depend_on_the_host() -> None:
    there = an_invoice(url="http://127.0.0.1:8/freeagent/v2/invoices/7/", contact="/v2/contacts/2")
    told = map_row("invoices", there).json
    assert (told["id"], told["customerRef"]["id"]) == ("7", "2")


def test_an_address_without_an_id_is_no_record() -> None:
    assert map_row("invoices", an_invoice(url="/")).told() == [("rejected", "$.url")]
