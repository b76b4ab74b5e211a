"""Aged debtors and creditors, as the API's clients read them."""

from decimal import Decimal
from typing import Any

import httpx
import pytest
from attrs import evolve
from tests.http.conftest import House, an_invoice

from tallystick.standard import (
    AllocatedPayment,
    Allocation,
    Bill,
    CalendarDate,
    CreditNote,
    Customer,
    CustomerRef,
    Metadata,
    Payment,
    PaymentAllocation,
    PaymentLine,
    PaymentLineLink,
    SupplierRef,
)
from tallystick.store import ConnectionRow

BERYL = CustomerRef(id="c-1", companyName="Beryl")


def day(text: str) -> CalendarDate:
    return CalendarDate(f"{text}T00:00:00")


def a_credit(identity: str, total: str, issued: str) -> CreditNote:
    return CreditNote(
        id=identity,
        customerRef=BERYL,
        totalAmount=Decimal(total),
        totalDiscount=Decimal(0),
        subTotal=Decimal(total),
        totalTaxAmount=Decimal(0),
        discountPercentage=Decimal(0),
        remainingCredit=Decimal(total),
        status="Submitted",
        issueDate=day(issued),
        currency="GBP",
        metadata=Metadata(),
    )


def on_account(identity: str, amount: str, paid: str) -> Payment:
    link = PaymentLineLink(type="PaymentOnAccount", amount=-Decimal(amount))
    return Payment(
        id=identity,
        customerRef=BERYL,
        totalAmount=Decimal(amount),
        currency="GBP",
        date=day(paid),
        lines=(PaymentLine(amount=Decimal(amount), links=(link,)),),
        metadata=Metadata(),
    )


def a_bill(identity: str, due: str, issued: str) -> Bill:
    return Bill(
        id=identity,
        supplierRef=SupplierRef(id="s-1", supplierName="Tin & Sons"),
        issueDate=day(issued),
        currency="EUR",
        status="Open",
        subTotal=Decimal(due),
        taxAmount=Decimal(0),
        totalAmount=Decimal(due),
        amountDue=Decimal(due),
        metadata=Metadata(),
    )


def at(row: ConnectionRow, rest: str = "agedDebtor") -> str:
    return f"/companies/{row.company_id}/reports/{rest}"


async def all_read(house: House, row: ConnectionRow, *, but: tuple[str, ...] = ()) -> None:
    for data_type in ("invoices", "creditNotes", "payments", "bills", "billCreditNotes", "billPayments"):
        if data_type not in but:
            await house.dataset(row, data_type)  # type: ignore[arg-type]


def told(report: dict[str, Any]) -> list[tuple[str | None, str, list[Any]]]:
    """Who, in which currency, and the amounts, the latest first."""
    return [
        (
            row.get("customerName") or row.get("supplierName"),
            outstanding["currency"],
            [each["amount"] for each in outstanding["agedOutstandingAmounts"]],
        )
        for row in report["data"]
        for outstanding in row["agedCurrencyOutstanding"]
    ]


async def test_what_customers_owe_is_told_by_age_up_to_today(house: House, api: httpx.AsyncClient) -> None:
    """Today is the first of March; what bears that day does not count yet, as in the contract's reports."""
    row = await house.linked()
    await all_read(house, row)
    await house.put(
        row,
        [
            an_invoice("i-1", "100.10", issueDate=day("2026-02-28"), currency="GBP"),
            an_invoice("i-2", "0.20", issueDate=day("2026-01-15"), currency="GBP"),
            an_invoice("i-3", "50", issueDate=day("2026-03-01"), currency="GBP"),
            an_invoice("i-4", "9", issueDate=day("2020-03-01"), currency="USD", customerRef=None),
            an_invoice("i-5", "1000", issueDate=day("2026-01-01"), currency="GBP", status="Void"),
            a_credit("cn-1", "30.00", "2026-02-10"),
            on_account("p-1", "20", "2025-12-20"),
        ],
    )
    answer = await api.get(at(row))
    assert answer.status_code == 200
    assert b'"amount":70.10' in answer.content, "no binary floats"
    report = answer.json()
    assert report["generated"] == "2026-03-01T12:00:00Z"
    assert report["reportDate"] == "2026-03-01T00:00:00"
    assert told(report) == [(None, "USD", [0, 0, 0, 9]), ("Beryl", "GBP", [70.1, 0.2, -20, 0])]
    (latest, *_) = report["data"][1]["agedCurrencyOutstanding"][0]["agedOutstandingAmounts"]
    assert latest == {
        "fromDate": "2026-01-30T00:00:00",
        "toDate": "2026-03-01T00:00:00",
        "amount": 70.1,
        "details": [{"name": "Invoices", "amount": 100.1}, {"name": "CreditNotes", "amount": -30}],
    }
    tomorrow = (await api.get(at(row), params={"reportDate": "2026-03-02"})).json()
    assert told(tomorrow)[1] == ("Beryl", "GBP", [120.1, 0.2, -20, 0])


async def test_a_report_on_an_earlier_day_shows_what_was_open_then(
    house: House, api: httpx.AsyncClient
) -> None:
    row = await house.linked()
    await all_read(house, row)
    paid = PaymentAllocation(
        allocation=Allocation(allocatedOnDate=day("2026-02-01"), totalAmount=Decimal(-80)),
        payment=AllocatedPayment(id="p-9"),
    )
    await house.put(
        row,
        [
            an_invoice(
                "i-1",
                "80",
                issueDate=day("2026-01-10"),
                amountDue=Decimal(0),
                status="Paid",
                currency="GBP",
                paymentAllocations=(paid,),
            )
        ],
    )
    assert (await api.get(at(row))).json()["data"] == []
    asked = {"reportDate": "2026-02-01", "numberOfPeriods": "2", "periodLengthDays": "7"}
    earlier = (await api.get(at(row), params=asked)).json()
    assert told(earlier) == [("Beryl", "GBP", [0, 80])]


async def test_what_suppliers_are_owed_is_told_likewise(house: House, api: httpx.AsyncClient) -> None:
    row = await house.linked()
    await all_read(house, row)
    await house.put(row, [a_bill("b-1", "12.34", "2026-02-27"), a_bill("b-2", "0.66", "2026-02-26")])
    report = (await api.get(at(row, "agedCreditor"), params={"numberOfPeriods": "1"})).json()
    assert told(report) == [("Tin & Sons", "EUR", [13])]
    assert report["data"][0]["supplierId"] == "s-1"


async def test_customers_of_the_same_id_at_two_connections_are_two(
    house: House, api: httpx.AsyncClient
) -> None:
    company = await house.company()
    first = await house.linked(company, base_currency="GBP")
    second = await house.linked(company, base_currency="USD")
    await all_read(house, first)
    for row, name in ((first, "Beryl"), (second, None)):
        customer = CustomerRef(id="1", companyName=name)
        await house.put(row, [an_invoice("1", "5", issueDate=day("2026-02-01"), customerRef=customer)])
    named = Customer(id="1", customerName="Coral", status="Active", metadata=Metadata())
    await house.put(second, [named])
    report = (await api.get(at(first), params={"numberOfPeriods": "1"})).json()
    assert sorted(told(report)) == [("Beryl", "GBP", [5]), ("Coral", "USD", [5])], (
        "the books' own currency and the customer's record tell what a document does not"
    )


@pytest.mark.parametrize("report", ["agedDebtor", "agedCreditor"])
async def test_a_report_is_available_when_all_that_it_is_made_of_was_read(
    house: House, api: httpx.AsyncClient, report: str
) -> None:
    row = await house.linked()
    await all_read(house, row, but=("payments", "billPayments"))
    last = "payments" if report == "agedDebtor" else "billPayments"
    available = await api.get(at(row, f"{report}/available"))
    assert (available.status_code, available.content) == (200, b"false")
    refused = await api.get(at(row, report))
    assert refused.status_code == 404
    assert refused.json()["error"] == (
        f"No report is available: {last} were never read to their end. Refresh them, then ask again."
    )
    await house.dataset(row, last)  # type: ignore[arg-type]
    assert (await api.get(at(row, f"{report}/available"))).content == b"true"
    assert (await api.get(at(row, report))).json()["data"] == []


async def test_a_company_without_a_connection_has_no_report(house: House, api: httpx.AsyncClient) -> None:
    company = await house.company()
    path = f"/companies/{company.id}/reports/agedDebtor"
    assert (await api.get(f"{path}/available")).content == b"false"
    assert (await api.get(path)).status_code == 404
    for missing in ("/companies/none/reports/agedDebtor", "/companies/none/reports/agedDebtor/available"):
        assert (await api.get(missing)).json()["error"] == "No company was found with ID none"


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("reportDate", "2026-02-30"),
        ("reportDate", "2026-02"),
        ("reportDate", "yesterday"),
        ("reportDate", "0001-01-01"),
        ("numberOfPeriods", "0"),
        ("numberOfPeriods", "121"),
        ("periodLengthDays", "366"),
        ("periodLengthDays", "ten"),
    ],
)
async def test_a_parameter_that_is_wrong_is_named(
    house: House, api: httpx.AsyncClient, parameter: str, value: str
) -> None:
    row = await house.linked()
    refused = await api.get(at(row), params={parameter: value})
    assert refused.status_code == 400
    assert [error["itemId"] for error in refused.json()["validation"]["errors"]] == [parameter]


async def test_the_longest_report_of_the_earliest_day_is_answered(
    house: House, api: httpx.AsyncClient
) -> None:
    row = await house.linked()
    await all_read(house, row)
    await house.put(row, [an_invoice("i-1", "5", issueDate=day("1899-12-31"))])
    asked = {"reportDate": "1900-01-01", "numberOfPeriods": "120", "periodLengthDays": "365"}
    report = (await api.get(at(row), params=asked)).json()
    (outstanding,) = report["data"][0]["agedCurrencyOutstanding"]
    assert [each["amount"] for each in outstanding["agedOutstandingAmounts"]] == [5, *[0] * 119]


async def test_an_amount_too_large_to_be_added_is_told_and_crashes_nothing(
    house: House, api: httpx.AsyncClient
) -> None:
    row = await house.linked()
    await all_read(house, row)
    rows = [
        an_invoice("i-1", amount, issueDate=day("2026-02-01"), currency="GBP")
        for amount in ("12.50", "1E+110")
    ]
    rows[1] = evolve(rows[1], id="i-2")
    await house.put(row, rows)
    answer = await api.get(at(row))
    assert (answer.status_code, "too large" in answer.json()["error"]) == (404, True)
