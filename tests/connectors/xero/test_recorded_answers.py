"""Answers that Xero gave to others, where they are at hand: each maps whole, and its money is found again."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tallystick.connectors import Books, Issue
from tallystick.connectors.xero.manifest import RESOURCES as ALL
from tallystick.connectors.xero.mapping import XeroMapper
from tallystick.standard import encode

ROOT = Path(__file__).resolve().parents[3]
PAYLOADS = Path(os.environ.get("TALLYSTICK_PAYLOADS", ROOT.parent / "shared" / "payloads"))
INDEX = PAYLOADS / "INDEX.json"
BY_NAME = {resource.name: resource for resource in ALL}
RESOURCES = BY_NAME | {
    "Invoice": BY_NAME["Invoices"],
    "Organisation": BY_NAME["Organisations"],
    "Overpayments": BY_NAME["Payments"],
    "Prepayments": BY_NAME["Payments"],
}
#: Provider's amount, and where ours is: the literal must be the same.
AMOUNTS = {
    "invoices": {"Total": "totalAmount", "SubTotal": "subTotal", "TotalTax": "totalTaxAmount",
                 "AmountDue": "amountDue"},
    "bills": {"Total": "totalAmount", "SubTotal": "subTotal", "TotalTax": "taxAmount",
              "AmountDue": "amountDue"},
    "creditNotes": {"Total": "totalAmount", "SubTotal": "subTotal", "TotalTax": "totalTaxAmount",
                    "RemainingCredit": "remainingCredit"},
    "purchaseOrders": {"Total": "totalAmount", "SubTotal": "subTotal", "TotalTax": "totalTaxAmount"},
    "directCosts": {"Total": "totalAmount", "SubTotal": "subTotal", "TotalTax": "taxAmount"},
    "taxRates": {"EffectiveRate": "effectiveTaxRate", "DisplayTaxRate": "totalTaxRate"},
}  # fmt: skip
AMOUNTS["billCreditNotes"] = AMOUNTS["creditNotes"]
AMOUNTS["directIncomes"] = AMOUNTS["directCosts"]


def recorded() -> list[tuple[str, str]]:
    if not INDEX.exists():
        return []
    return [
        (row["file"], row["entity"])
        for row in json.loads(INDEX.read_text())
        if row["provider"] == "xero" and row["kind"] == "response" and row["file"]
        if row["entity"] in RESOURCES
    ]


pytestmark = pytest.mark.skipif(not INDEX.exists(), reason="optional: no recorded answers at hand")


def literal(text: str | None) -> str | None:
    return None if text is None else text.removeprefix("-")


def pairs(source: dict[str, Any], ours: dict[str, Any], data_type: str) -> Iterator[tuple[str, Any, Any]]:
    """Each amount of theirs with the one of ours that it should be."""
    for theirs, mine in AMOUNTS.get(data_type, {}).items():
        if theirs in source:
            yield theirs, source[theirs], ours[mine]
    inclusive = source.get("LineAmountTypes") == "Inclusive"
    lines = source.get("LineItems", []) if "lineItems" in ours else []
    for line, found in zip(lines, ours.get("lineItems", []), strict=True):
        yield "Quantity", line["Quantity"], found["quantity"]
        yield "UnitAmount", line["UnitAmount"], found["unitAmount"]
        yield "TaxAmount", line["TaxAmount"], found["taxAmount"]
        yield "LineAmount", line["LineAmount"], found["totalAmount" if inclusive else "subTotal"]
    if data_type in ("payments", "billPayments"):
        yield "Amount", source.get("Amount", source.get("Total")), literal(ours["totalAmount"])
    if data_type in ("accountTransactions", "bankTransactions"):
        yield "Total", source["Total"], literal(ours.get("totalAmount", ours.get("amount")))
    if data_type == "transfers":
        yield "Amount", source["Amount"], ours["from"]["amount"]
    sides = source.get("JournalLines", []) if data_type == "journalEntries" else []
    for side, found in zip(sides, ours.get("journalLines", []), strict=False):
        yield "NetAmount", side.get("NetAmount", side.get("LineAmount")), found["netAmount"]
    paid = {p["PaymentID"]: p["Amount"] for p in source.get("Payments", [])}
    for allocation in ours.get("paymentAllocations", []):
        if allocation["payment"]["id"] in paid:
            amount = paid[allocation["payment"]["id"]]
            yield "Payments.Amount", amount, allocation["payment"]["totalAmount"]
            yield "Payments.Amount", amount, literal(allocation["allocation"]["totalAmount"])
    for details, mine in (("SalesDetails", "invoiceItem"), ("PurchaseDetails", "billItem")):
        if "UnitPrice" in source.get(details, {}):
            yield details, source[details]["UnitPrice"], ours[mine]["unitPrice"]


def recorded_reports() -> list[tuple[str, str]]:
    if not INDEX.exists():
        return []
    return [
        (row["file"], name)
        for row in json.loads(INDEX.read_text())
        for name in ("ProfitAndLoss", "BalanceSheet", "BankSummary")
        if row["provider"] == "xero"
        and row["entity"] == "Reports"
        and f"Report{name}-" in (row["file"] or "")
    ]


@pytest.mark.parametrize(("file", "name"), recorded_reports())
def test_every_recorded_report_that_is_a_statement_maps_without_a_doubt(file: str, name: str) -> None:
    raw = (PAYLOADS / file).read_bytes()
    resource, mapper = BY_NAME[name], XeroMapper()
    issues: list[Issue] = []
    (row,) = mapper.split(resource, raw)
    (record,) = mapper.records(resource, row, Books(base_currency="AUD"), issues)
    assert issues == []
    told = json.loads(encode(record), parse_float=str, parse_int=str)
    assert (told["earliestAvailableMonth"], told["currency"]) == ("2019-04-01T00:00:00", "AUD")
    (period,) = told["reports"]
    (account,) = period["cashReceipts"]["items"]
    assert (account["value"], period["cashPayments"]["value"]) == ("110.00", "100.00")


@pytest.mark.parametrize(("file", "entity"), recorded())
def test_every_record_of_a_recorded_answer_maps_with_its_exact_amounts(file: str, entity: str) -> None:
    raw = (PAYLOADS / file).read_bytes()
    resource, mapper = RESOURCES[entity], XeroMapper()
    issues: list[Issue] = []
    for row in mapper.split(resource, raw):
        source = json.loads(bytes(row), parse_float=str, parse_int=str)
        for record in mapper.records(resource, row, Books(), issues):
            ours = json.loads(encode(record), parse_float=str, parse_int=str)
            for name, theirs, mine in pairs(source, ours, record.DATA_TYPE):
                assert mine == theirs, name
    assert [issue for issue in issues if issue.severity == "rejected"] == []
    assert [issue for issue in issues if "no word" in issue.message or "no type" in issue.message] == []
