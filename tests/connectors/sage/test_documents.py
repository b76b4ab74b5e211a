"""Sage's invoices, credit notes and quick entries in our model."""

from decimal import Decimal
from typing import Any

import pytest
from tests.connectors.sage.conftest import a_document, a_quick_entry, map_row, ref

KINDS = [
    ("sales", "sales_invoices", "invoices"),
    ("sales", "sales_credit_notes", "creditNotes"),
    ("purchases", "purchase_invoices", "bills"),
    ("purchases", "purchase_credit_notes", "billCreditNotes"),
]
every_kind = pytest.mark.parametrize(("resource", "path", "kind"), KINDS, ids=[kind for *_, kind in KINDS])
FOREIGN = {"currency": ref("currencies", "EUR")}


def line_of(path: str) -> str:
    return "credit_note_lines" if "credit" in path else "invoice_lines"


@every_kind
def test_a_document_keeps_its_amounts_digit_for_digit(resource: str, path: str, kind: str) -> None:
    mapped = map_row(
        resource, a_document(path, total_amount="120.10", net_amount="100.080", tax_amount="20.02")
    )
    told = mapped.json

    assert mapped.kinds == [kind]
    assert mapped.issues == []
    tax = told["taxAmount" if kind == "bills" else "totalTaxAmount"]
    assert [str(told["totalAmount"]), str(told["subTotal"]), str(tax)] == ["120.10", "100.080", "20.02"]
    assert told["issueDate"] == "2026-01-05T00:00:00"
    assert told["currency"] == "GBP"
    assert told["sourceModifiedDate"].startswith("2026-02-03T04:05:06")
    party = "customerRef" if resource == "sales" else "supplierRef"
    assert told[party]["id"] == "c1"


@every_kind
def test_numbers_may_be_numbers_as_sages_own_description_says(resource: str, path: str, kind: str) -> None:
    as_text = map_row(resource, a_document(path, total_amount="120.0"))
    as_number = map_row(resource, a_document(path, total_amount=120.0, net_amount=100, tax_amount=20.0))
    assert as_number.json["totalAmount"] == as_text.json["totalAmount"]
    assert as_number.issues == []


@every_kind
def test_a_line_names_its_account_its_rate_and_its_item(resource: str, path: str, kind: str) -> None:
    (line,) = map_row(resource, a_document(path)).json["lineItems"]
    assert line["accountRef"] == {"id": "la-sales"}
    assert line["taxRateRef"] == {"id": "GB_STANDARD"}
    assert line["itemRef"] == {"id": "p1", "name": "Oak frame"}
    assert [line[n] for n in ("quantity", "unitAmount", "subTotal", "taxAmount", "totalAmount")] == [
        Decimal(n) for n in ("2.0", "50.0", "100.0", "20.0", "120.0")
    ]


@every_kind
def test_the_categories_of_a_line_are_its_tracking(resource: str, path: str, kind: str) -> None:
    row = a_document(path)
    row[line_of(path)][0]["analysis_type_categories"] = [{"id": "at1", "displayed_as": "North"}, {"id": None}]
    mapped = map_row(resource, row)
    (line,) = mapped.json["lineItems"]

    assert line["trackingCategoryRefs"] == [{"id": "at1", "name": "North"}]
    assert line["tracking"]["categoryRefs"] == line["trackingCategoryRefs"]
    assert mapped.told() == [("warning", f"$.{line_of(path)}[0].analysis_type_categories[1].id")]


@pytest.mark.parametrize(
    ("theirs", "invoice", "bill", "note"),
    [
        ("DRAFT", "Draft", "Draft", "Draft"),
        ("PRO_FORMA", "Draft", "Draft", "Draft"),
        ("UNPAID", "Submitted", "Open", "Submitted"),
        ("PART_PAID", "PartiallyPaid", "PartiallyPaid", "PartiallyPaid"),
        ("PAID", "Paid", "Paid", "Paid"),
        ("VOID", "Void", "Void", "Void"),
    ],
)
def test_every_state_has_a_word(theirs: str, invoice: str, bill: str, note: str) -> None:
    told = [
        map_row(resource, a_document(path, status=ref("artefact_statuses", theirs)))
        for resource, path, _ in KINDS
    ]
    assert [mapped.json["status"] for mapped in told] == [invoice, note, bill, note]
    assert [mapped.issues for mapped in told] == [[], [], [], []]


@every_kind
def test_a_state_that_is_new_is_unknown_and_doubted(resource: str, path: str, kind: str) -> None:
    mapped = map_row(resource, a_document(path, status=ref("artefact_statuses", "DISPUTED")))
    assert mapped.json["status"] == "Unknown"
    assert mapped.told() == [("warning", "$.status.id")]


@every_kind
def test_a_deleted_document_is_void_and_gone_and_what_it_was_stays_readable(
    resource: str, path: str, kind: str
) -> None:
    told = map_row(resource, a_document(path, deleted_at="2026-03-01T00:00:00Z")).json
    assert (told["status"], told["metadata"], told["totalAmount"]) == (
        "Void",
        {"isDeleted": True},
        Decimal("120.0"),
    )


@every_kind
def test_a_row_of_a_list_that_tells_no_more_than_a_name_is_no_record(
    resource: str, path: str, kind: str
) -> None:
    bare = {"id": "d1", "displayed_as": "SI-1", "$path": f"/{path}/d1", "date": "2015-02-19"}
    mapped = map_row(resource, bare)
    assert (mapped.records, mapped.told()) == ([], [("warning", "$")])


@every_kind
@pytest.mark.parametrize(
    ("changes", "path_of_fault"),
    [
        ({"total_amount": None, "net_amount": None}, "$.total_amount"),
        ({"date": None, "created_at": None}, "$.date"),
        ({"total_amount": "NaN"}, "$.total_amount"),
        ({"total_amount": "twelve"}, "$.total_amount"),
        ({"id": ...}, "$.id"),
    ],
    ids=["no total", "no date", "not a number", "a word", "no id"],
)
def test_a_document_that_cannot_be_mapped_is_told_with_its_id_and_its_kind(
    resource: str, path: str, kind: str, changes: dict[str, Any], path_of_fault: str
) -> None:
    mapped = map_row(resource, a_document(path, **changes))
    (issue,) = [issue for issue in mapped.issues if issue.severity == "rejected"]
    assert mapped.records == []
    assert (issue.path, issue.data_type) == (path_of_fault, kind)
    assert issue.record_id == (None if "id" in changes else "d1")


@every_kind
def test_a_number_that_is_none_is_found_within_a_line(resource: str, path: str, kind: str) -> None:
    row = a_document(path)
    row[line_of(path)][0]["tax_amount"] = "Infinity"
    mapped = map_row(resource, row)
    assert mapped.told() == [("rejected", f"$.{line_of(path)}[0].tax_amount")]


@every_kind
def test_what_is_missing_of_the_figures_follows_from_the_others(resource: str, path: str, kind: str) -> None:
    told = map_row(resource, a_document(path, net_amount=None, outstanding_amount=None, total_paid="20")).json
    assert told["subTotal"] == Decimal("100.0")
    left = told.get("amountDue", told.get("remainingCredit"))
    assert left == Decimal("100.0")


@every_kind
def test_a_document_without_a_date_bears_that_of_its_entry(resource: str, path: str, kind: str) -> None:
    mapped = map_row(resource, a_document(path, date=None, created_at="2026-01-07T23:30:00Z"))
    assert mapped.json["issueDate"] == "2026-01-07T00:00:00"
    assert mapped.told() == [("warning", "$.date")]


@pytest.mark.parametrize(
    ("exchange", "inverse", "base", "ours"),
    [
        ("1.25", "0.8", "96.0", "0.8"),  # foreign for one of the base
        ("0.8", "1.25", "96.0", "0.8"),  # the other way round: the amounts decide
        ("1.25", None, "96.0", "0.8"),
        ("0.8", None, "96.0", "0.8"),
        ("1.25", "0.8", None, "0.8"),  # no amount: as Sage quotes
        ("20391.46", "0.000049", "0.01", "0.0000490401373908489"),  # the nearer of the two
        ("1.0", "1.0", "120.0", "1"),
    ],
)
@every_kind
def test_a_rate_is_base_currency_for_one_foreign_whichever_way_sage_sends_it(
    resource: str, path: str, kind: str, exchange: str, inverse: str | None, base: str | None, ours: str
) -> None:
    mapped = map_row(
        resource,
        a_document(
            path,
            **FOREIGN,
            exchange_rate=exchange,
            inverse_exchange_rate=inverse,
            base_currency_total_amount=base,
        ),
    )
    assert mapped.issues == []
    assert mapped.json["currencyRate"] == Decimal(ours)
    assert mapped.json["currency"] == "EUR"


def test_a_rate_that_does_not_agree_with_the_amounts_is_left_out() -> None:
    row = a_document("sales_invoices", **FOREIGN, exchange_rate="3", inverse_exchange_rate="2")
    mapped = map_row("sales", row)
    assert "currencyRate" not in mapped.json
    assert mapped.told() == [("warning", "$.exchange_rate")]


def test_numbers_are_put_together_with_their_prefix() -> None:
    row = a_document("sales_invoices", invoice_number_prefix="SI-", invoice_number="7")
    assert map_row("sales", row).json["invoiceNumber"] == "SI-7"
    whole = a_document("sales_invoices", invoice_number_prefix="SI-", invoice_number="SI-7")
    assert map_row("sales", whole).json["invoiceNumber"] == "SI-7"
    note = a_document("sales_credit_notes", credit_note_number_prefix="SC-", credit_note_number="9")
    assert map_row("sales", note).json["creditNoteNumber"] == "SC-9"


def test_a_bills_number_is_the_suppliers_own_and_the_other_is_not_lost() -> None:
    told = map_row("purchases", a_document("purchase_invoices", vendor_reference="88-B")).json
    assert (told["reference"], told["note"]) == ("88-B", "PO 17")
    assert map_row("purchases", a_document("purchase_invoices")).json["reference"] == "PO 17"


def test_an_invoice_is_paid_on_the_day_of_its_last_payment_once_nothing_is_due() -> None:
    paid = a_document("sales_invoices", outstanding_amount="0.0", last_paid="2026-02-20")
    assert map_row("sales", paid).json["paidOnDate"] == "2026-02-20T00:00:00"
    part = a_document("sales_invoices", outstanding_amount="1.0", last_paid="2026-02-20")
    assert "paidOnDate" not in map_row("sales", part).json


def test_delivery_stands_beside_the_lines_at_sage_and_is_a_line_of_ours() -> None:
    """Without it the lines would not come to the total."""
    told = map_row(
        "sales",
        a_document(
            "sales_invoices",
            net_amount="110.0",
            tax_amount="22.0",
            total_amount="132.0",
            shipping_net_amount="10.0",
            shipping_tax_amount="2.0",
            shipping_total_amount="12.0",
            shipping_tax_rate=ref("tax_rates", "GB_STANDARD"),
        ),
    ).json
    assert sum(line["totalAmount"] for line in told["lineItems"]) == told["totalAmount"]
    assert told["lineItems"][1]["taxRateRef"] == {"id": "GB_STANDARD"}


def test_a_line_without_quantity_is_one_of_its_amount_and_a_line_of_text_nothing() -> None:
    row = a_document("sales_invoices")
    line = row["invoice_lines"][0]
    row["invoice_lines"] = [{**line, "quantity": None}, {"description": "Thank you"}]
    first, second = map_row("sales", row).json["lineItems"]
    assert (first["quantity"], first["unitAmount"]) == (1, Decimal("100.0"))
    assert (second["quantity"], second["unitAmount"]) == (0, 0)


def test_tax_that_is_held_back_is_told_by_its_name() -> None:
    spanish = map_row("sales", a_document("sales_invoices", withholding_tax_amount="15.0")).json
    assert spanish["withholdingTax"] == [{"name": "Withholding tax", "amount": Decimal("15.0")}]
    builder = a_document("sales_invoices", is_cis=True, total_after_cis_deduction="96.0")
    assert map_row("sales", builder).json["withholdingTax"] == [
        {"name": "CIS deduction", "amount": Decimal("24.0")}
    ]


PAID = {
    "date": "2026-02-01",
    "reference": "BACS 12",
    "amount": "30.0",
    "discount": "2.0",
    "contact_payment": ref("contact_payments", "pay1"),
    "artefact": None,
    "contact_allocation": None,
}
ALLOCATED = {
    "date": "2026-02-02",
    "amount": "-40.0",
    "discount": "0.0",
    "contact_payment": None,
    "artefact": ref("sales_credit_notes", "cn1"),
    "contact_allocation": ref("contact_allocations", "al1"),
}


@every_kind
def test_what_was_set_against_a_document_is_negative_and_what_was_used_of_a_credit_positive(
    resource: str, path: str, kind: str
) -> None:
    told = map_row(resource, a_document(path, payments_allocations=[PAID, ALLOCATED])).json
    sign = 1 if "credit" in path else -1
    found = [
        (each["payment"]["id"], each["allocation"]["totalAmount"]) for each in told["paymentAllocations"]
    ]
    assert found == [("pay1", sign * Decimal("32.0")), ("cn1", sign * Decimal("40.0"))]


def test_an_allocation_without_an_amount_is_left_out_and_doubted() -> None:
    mapped = map_row("sales", a_document("sales_invoices", payments_allocations=[{**PAID, "amount": None}]))
    assert mapped.json["paymentAllocations"] == []
    assert mapped.told() == [("warning", "$.payments_allocations[0].amount")]


@pytest.mark.parametrize("sign", ["", "-"])
def test_a_discount_adds_to_what_was_set_against_a_document_whichever_way_it_is_signed(sign: str) -> None:
    applied = {**PAID, "amount": f"{sign}115.0", "discount": "5.0"}
    told = map_row("sales", a_document("sales_invoices", payments_allocations=[applied])).json
    (only,) = told["paymentAllocations"]
    assert (only["allocation"]["totalAmount"], only["payment"]["totalAmount"]) == (-120, 120)


@pytest.mark.parametrize(
    ("resource", "path", "theirs", "kind"),
    [
        ("sales", "sales_quick_entries", "INVOICE", "invoices"),
        ("sales", "sales_quick_entries", "CREDIT_NOTE", "creditNotes"),
        ("purchases", "purchase_quick_entries", "INVOICE", "bills"),
        ("purchases", "purchase_quick_entries", "CREDIT_NOTE", "billCreditNotes"),
    ],
)
def test_a_quick_entry_is_a_document_of_one_line(resource: str, path: str, theirs: str, kind: str) -> None:
    mapped = map_row(resource, a_quick_entry(path, theirs))
    (line,) = mapped.json["lineItems"]
    assert (mapped.kinds, mapped.issues) == ([kind], [])
    assert [line[n] for n in ("quantity", "subTotal", "taxAmount", "totalAmount")] == [
        1, Decimal("100.0"), Decimal("20.0"), Decimal("120.0"),
    ]  # fmt: skip
    assert line["accountRef"] == {"id": "la-sales"}
    assert line["description"] == "Brought from the old system"


def test_a_quick_entry_of_a_kind_that_nobody_knows_is_left_out() -> None:
    mapped = map_row("sales", a_quick_entry("sales_quick_entries", "ESTIMATE"))
    assert mapped.told() == [("rejected", "$.quick_entry_type")]
    assert mapped.issues[0].record_id == "d1"
