"""Invoices, credit memos, bills, vendor credits, orders and their lines."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from tests.connectors.quickbooks.conftest import Mapped

from tallystick.connectors import Books

Map = Callable[..., Mapped]
POUNDS = Books(base_currency="GBP")


def line(amount: str = "50.00", kind: str = "SalesItemLineDetail", **detail: Any) -> dict[str, Any]:
    return {"Amount": Decimal(amount), "DetailType": kind, kind: detail}


def document(**changes: Any) -> dict[str, Any]:
    told = {
        "Id": "7",
        "DocNumber": "1007",
        "TxnDate": "2026-01-15",
        "DueDate": "2026-02-14",
        "MetaData": {"LastUpdatedTime": "2026-01-15T08:00:00-08:00"},
        "CustomerRef": {"value": "3", "name": "Amber"},
        "VendorRef": {"value": "3", "name": "Amber"},
        "TotalAmt": Decimal("120.00"),
        "Balance": Decimal("120.00"),
        "TxnTaxDetail": {"TotalTax": Decimal("20.00")},
        "Line": [line("100.00", TaxCodeRef={"value": "5"}, Qty=Decimal(4), UnitPrice=Decimal("25.00"))],
        **changes,
    }
    return {name: value for name, value in told.items() if value is not ...}


def test_an_invoice_tells_all_that_quickbooks_does(mapped: Map) -> None:
    told = mapped(
        "Invoice", document(CustomerMemo={"value": "Thanks"}, PrivateNote="ours"), books=POUNDS
    ).json
    assert told == {
        "id": "7",
        "invoiceNumber": "1007",
        "customerRef": {"id": "3", "companyName": "Amber"},
        "issueDate": "2026-01-15T00:00:00",
        "dueDate": "2026-02-14T00:00:00",
        "currency": "GBP",
        "lineItems": [
            {
                "unitAmount": Decimal("25.00"),
                "quantity": 4,
                "subTotal": Decimal("100.00"),
                "taxAmount": Decimal("20.00"),
                "totalAmount": Decimal("120.00"),
                "taxRateRef": {"id": "5"},
                "trackingCategoryRefs": [],
                "isDirectIncome": False,
            }
        ],
        "paymentAllocations": [],
        "withholdingTax": [],
        "totalDiscount": 0,
        "subTotal": Decimal("100.00"),
        "totalTaxAmount": Decimal("20.00"),
        "totalAmount": Decimal("120.00"),
        "amountDue": Decimal("120.00"),
        "status": "Submitted",
        "note": "Thanks",
        "sourceModifiedDate": "2026-01-15T16:00:00Z",
        "metadata": {"isDeleted": False},
    }


@pytest.mark.parametrize(
    ("total", "balance", "note", "status"),
    [
        ("120", "120", "", "Submitted"),
        ("120", "0.5", "", "PartiallyPaid"),
        ("120", "0", "", "Paid"),
        ("0", "0", "", "Paid"),
        ("0", "0", "Voided", "Void"),
        ("120", "120", "Voided by Kim", "Void"),
        ("120", "0", "Avoided: paid by card", "Paid"),
        ("120", "150", "", "Unknown"),
        ("120", "-5", "", "Unknown"),
    ],
)
def test_how_far_an_invoice_is(mapped: Map, total: str, balance: str, note: str, status: str) -> None:
    source = document(TotalAmt=Decimal(total), Balance=Decimal(balance), PrivateNote=note, TxnTaxDetail=...)
    assert mapped("Invoice", source).json["status"] == status
    wanted = "Open" if status == "Submitted" else status
    assert mapped("Bill", source).json["status"] == wanted


def test_an_invoice_that_does_not_say_what_is_due_is_kept_with_a_warning(mapped: Map) -> None:
    found = mapped("Invoice", document(Balance=...))
    assert (found.json["amountDue"], found.json["status"]) == (Decimal("120.00"), "Unknown")
    assert found.told() == [("warning", "$.Balance")]


def test_a_document_without_a_date_bears_that_of_its_making(mapped: Map) -> None:
    made = {"CreateTime": "2026-01-14T20:00:00-08:00"}
    found = mapped("Bill", document(TxnDate=..., MetaData=made))
    assert found.json["issueDate"] == "2026-01-15T00:00:00"
    assert found.told() == [("warning", "$.TxnDate")]
    assert mapped("Bill", document(TxnDate=..., MetaData=...)).told() == [("rejected", "$.TxnDate")]


def test_a_bill_names_its_orders_and_what_paid_it(mapped: Map) -> None:
    links = [("11", "PurchaseOrder"), ("12", "BillPaymentCheck"), ("13", "TimeActivity")]
    told = mapped("Bill", document(LinkedTxn=[{"TxnId": i, "TxnType": t} for i, t in links])).json
    assert told["purchaseOrderRefs"] == [{"id": "11"}]
    assert told["paymentAllocations"] == [{"payment": {"id": "12"}, "allocation": {}}]
    assert told["reference"] == "1007"


def test_a_line_of_a_bill_says_which_customer_pays_for_it(mapped: Map) -> None:
    kind = "AccountBasedExpenseLineDetail"
    customer = {"value": "9", "name": "Copper"}
    lines = [
        line("60.00", kind, AccountRef={"value": "4"}, CustomerRef=customer, BillableStatus="Billable"),
        line("40.00", kind, AccountRef={"value": "4"}, CustomerRef=customer, BillableStatus="NotBillable"),
        line("0.00", kind, ClassRef={"value": "2", "name": "North"}),
    ]
    first, second, third = mapped("Bill", document(Line=lines, DepartmentRef={"value": "1"})).json[
        "lineItems"
    ]
    assert first["accountRef"] == {"id": "4"}
    assert (first["tracking"]["isBilledTo"], first["tracking"]["isRebilledTo"]) == ("Customer", "Customer")
    assert second["tracking"]["isRebilledTo"] == "NotApplicable"
    assert first["tracking"]["customerRef"] == {"id": "9", "companyName": "Copper"}
    assert third["trackingCategoryRefs"] == [{"id": "Class-2", "name": "North"}, {"id": "Department-1"}]


def test_a_credit_memo_is_positive_and_says_what_is_left(mapped: Map) -> None:
    told = mapped("CreditMemo", document(RemainingCredit=Decimal("20.50"), Balance=Decimal("20.50"))).json
    assert (told["totalAmount"], told["remainingCredit"]) == (Decimal("120.00"), Decimal("20.50"))
    assert told["status"] == "PartiallyPaid"
    found = mapped("CreditMemo", document(Balance=...))
    assert found.told() == [("warning", "$.RemainingCredit")]


def test_a_vendor_credit_of_an_older_answer_does_not_say_what_is_left(mapped: Map) -> None:
    told = mapped("VendorCredit", document(Balance=...)).json
    assert "remainingCredit" not in told
    assert told["status"] == "Unknown"
    assert told["billCreditNoteNumber"] == "1007"


def test_an_order_is_open_or_closed(mapped: Map) -> None:
    address = {"Line1": "1 Mill Lane", "City": "Leeds"}
    told = mapped("PurchaseOrder", document(POStatus="Open", ShipAddr=address, Memo="soon")).json
    assert (told["status"], told["note"], told["totalAmount"]) == ("Open", "soon", Decimal("120.00"))
    assert told["shipTo"]["address"] == {"type": "Delivery", "line1": "1 Mill Lane", "city": "Leeds"}
    found = mapped("PurchaseOrder", document(POStatus="Dreaming"))
    assert found.json["status"] == "Unknown"
    assert found.told() == [("warning", "$.POStatus")]


def test_a_discount_is_taken_off_the_document_and_no_line(mapped: Map) -> None:
    discount = {
        "Amount": Decimal("10.00"),
        "DetailType": "DiscountLineDetail",
        "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": Decimal("12.5")},
    }
    source = document(Line=[line("80.00"), discount], TotalAmt=Decimal("70.00"), TxnTaxDetail=...)
    told = mapped("CreditMemo", source).json
    assert [each["subTotal"] for each in told["lineItems"]] == [Decimal("80.00")]
    assert (told["totalDiscount"], told["discountPercentage"]) == (Decimal("10.00"), Decimal("12.5"))
    assert told["subTotal"] == Decimal("70.00")


def test_a_line_without_quantity_and_price_is_one_of_its_amount(mapped: Map) -> None:
    lines = [line("33.33"), {"DetailType": "DescriptionOnly", "Description": "with thanks"}]
    first, second = mapped("Invoice", document(Line=lines)).json["lineItems"]
    assert (first["quantity"], first["unitAmount"]) == (1, Decimal("33.33"))
    assert (second["quantity"], second["unitAmount"], second["description"]) == (0, 0, "with thanks")
    assert "subTotal" not in second


@pytest.mark.parametrize(
    ("codes", "taxes"),
    [
        (["5"], [Decimal("20.00")]),
        (["TAX", "NON"], [Decimal("20.00"), 0]),
        (["5", "5"], [Decimal("10.00"), Decimal("10.00")]),
        (["5", "NON", "6"], [None, 0, None]),
    ],
)
def test_a_line_has_its_tax_where_there_is_no_doubt(mapped: Map, codes: list[str], taxes: list[Any]) -> None:
    lines = [line("10.00", TaxCodeRef={"value": code}) for code in codes]
    told = mapped("Invoice", document(Line=lines)).json["lineItems"]
    assert [each.get("taxAmount") for each in told] == taxes
    assert [each.get("totalAmount") is None for each in told] == [tax is None for tax in taxes]


def test_a_kind_of_line_that_nobody_knows_is_read_as_a_line(mapped: Map) -> None:
    found = mapped("Invoice", document(Line=[line("10.00", "RocketLineDetail")]))
    assert [each["subTotal"] for each in found.json["lineItems"]] == [Decimal("10.00")]
    assert found.told() == [("warning", "$.Line[0].DetailType")]


def test_a_total_that_is_left_out_follows_from_the_lines(mapped: Map) -> None:
    source = document(TotalAmt=..., Line=[line("100.00"), line("1.00", "SubTotalLineDetail")])
    assert mapped("Bill", source).json["totalAmount"] == Decimal("120.00")


def test_taxes_without_a_total_are_added_up(mapped: Map) -> None:
    parts = [{"Amount": Decimal(amount)} for amount in ("2.00", "-2.00", "0.05")]
    told = mapped("Bill", document(TxnTaxDetail={"TaxLine": parts})).json
    assert told["taxAmount"] == Decimal("0.05")
    assert told["subTotal"] == Decimal("119.95")


@pytest.mark.parametrize("rate", ["0", "-1"])
def test_an_exchange_rate_is_above_zero(mapped: Map, rate: str) -> None:
    found = mapped("Invoice", document(ExchangeRate=Decimal(rate)))
    assert "currencyRate" not in found.json
    assert found.told() == [("warning", "$.ExchangeRate")]
