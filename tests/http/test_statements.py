"""Financial statements over the periods that a client asks for."""

from datetime import date, timedelta
from decimal import Decimal

import httpx
import pytest
from attrs import evolve
from tests.http.conftest import House

from tallystick.standard import (
    BalanceSheet,
    BalanceSheetPeriod,
    ProfitAndLoss,
    ProfitAndLossPeriod,
    ReportLine,
    calendar_day,
)
from tallystick.store import ConnectionRow

QUARTER = {"periodLength": "3", "periodsToCompare": "2"}


def a_profit_and_loss(months: int = 12) -> ProfitAndLoss:
    """Each month of 2025 has earned 100.10."""
    periods = []
    for month in range(1, months + 1):
        first = date(2025, month, 1)
        following = date(2025 + month // 12, month % 12 + 1, 1)
        sales = ReportLine(accountId="200", name="Sales", value=Decimal("100.10"))
        periods.append(
            ProfitAndLossPeriod(
                fromDate=calendar_day(first),
                toDate=calendar_day(following - timedelta(days=1)),
                income=ReportLine(name="Income", value=Decimal("100.10"), items=(sales,)),
                grossProfit=Decimal("100.10"),
                netOperatingProfit=Decimal("100.10"),
                netOtherIncome=Decimal("0.00"),
                netProfit=Decimal("100.10"),
            )
        )
    return ProfitAndLoss(
        currency="GBP",
        reportBasis="Accrual",
        earliestAvailableMonth=calendar_day(date(2025, 1, 1)),
        mostRecentAvailableMonth=calendar_day(date(2025, months, 1)),
        reports=tuple(periods),
    )


def at(row: ConnectionRow, word: str = "profitAndLoss") -> str:
    return f"/companies/{row.company_id}/data/financials/{word}"


async def test_a_profit_and_loss_comes_in_the_periods_asked_for_to_the_penny(
    house: House, api: httpx.AsyncClient
) -> None:
    row = await house.linked()
    await house.put(row, [a_profit_and_loss()])
    answer = await api.get(at(row), params=QUARTER)
    assert answer.status_code == 200
    assert b'"grossProfit":300.30' in answer.content, "no binary floats"
    told = answer.json()
    assert (told["currency"], told["reportBasis"]) == ("GBP", "Accrual")
    assert told["earliestAvailableMonth"] == "2025-01-01T00:00:00"
    assert [(each["fromDate"][:10], each["toDate"][:10]) for each in told["reports"]] == [
        ("2025-07-01", "2025-09-30"),
        ("2025-10-01", "2025-12-31"),
    ]
    assert told["reports"][0]["income"]["items"][0]["accountId"] == "200"


@pytest.mark.parametrize(
    "month",
    ["2025-06", "2025-06-15", "2025-06-15T10:30:00", "2025-06-01T00:00:00.000Z", "2025-06-01 00:00:00"],
)
async def test_the_month_that_a_statement_starts_from_is_its_last(
    house: House, api: httpx.AsyncClient, month: str
) -> None:
    row = await house.linked()
    await house.put(row, [a_profit_and_loss()])
    told = (await api.get(at(row), params={**QUARTER, "startMonth": month})).json()
    assert [each["toDate"][:7] for each in told["reports"]] == ["2025-03", "2025-06"]


async def test_a_year_before_the_books_begin_has_no_periods(house: House, api: httpx.AsyncClient) -> None:
    row = await house.linked()
    await house.put(row, [a_profit_and_loss(3)])
    asked = {"periodLength": "12", "periodsToCompare": "5", "startMonth": "2020-01"}
    assert (await api.get(at(row), params=asked)).json()["reports"] == []


async def test_a_balance_sheet_is_the_last_of_its_period(house: House, api: httpx.AsyncClient) -> None:
    row = await house.linked()
    sheets = tuple(
        BalanceSheetPeriod(date=calendar_day(day), netAssets=Decimal(net))
        for day, net in ((date(2025, 5, 31), "5.50"), (date(2025, 6, 30), "6.60"))
    )
    await house.put(row, [BalanceSheet(currency="GBP", reports=sheets)])
    told = (
        await api.get(at(row, "balanceSheet"), params={"periodLength": "2", "periodsToCompare": "1"})
    ).json()
    assert told["reports"] == [{"date": "2025-06-30T00:00:00", "netAssets": 6.6}]


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("periodLength", None),
        ("periodLength", "0"),
        ("periodLength", "366"),
        ("periodLength", "1.5"),
        ("periodLength", "-1"),
        ("periodLength", "٣"),
        ("periodsToCompare", None),
        ("periodsToCompare", "many"),
        ("periodsToCompare", "9" * 400),
        ("startMonth", ""),
        ("startMonth", "2025-13"),
        ("startMonth", "2025-02-30"),
        ("startMonth", "0000-01"),
        ("startMonth", "June"),
        ("startMonth", "[object Object]"),
    ],
)
async def test_a_parameter_that_is_wrong_is_named(
    house: House, api: httpx.AsyncClient, parameter: str, value: str | None
) -> None:
    row = await house.linked()
    asked = {**QUARTER, parameter: value}
    refused = await api.get(
        at(row), params={name: given for name, given in asked.items() if given is not None}
    )
    assert refused.status_code == 400
    problem = refused.json()
    assert problem["error"].startswith(f"{parameter}: must be ")
    assert [error["itemId"] for error in problem["validation"]["errors"]] == [parameter]


async def test_a_statement_that_was_never_read_is_a_conflict(house: House, api: httpx.AsyncClient) -> None:
    row = await house.linked()
    refused = await api.get(at(row), params=QUARTER)
    assert refused.status_code == 409
    assert refused.json()["error"] == "The data set has not been requested."
    await house.dataset(row, "profitAndLoss")
    missing = await api.get(at(row), params=QUARTER)
    assert missing.status_code == 404
    assert missing.json()["error"] == f"No data available for profitAndLoss for ID {row.company_id}"


async def test_only_statements_are_at_their_address_and_nowhere_else(
    house: House, api: httpx.AsyncClient
) -> None:
    row = await house.linked()
    await house.put(row, [a_profit_and_loss()])
    refused = await api.get(at(row, "invoices"), params=QUARTER)
    assert refused.status_code == 404
    assert "balanceSheet, cashFlowStatement, profitAndLoss" in refused.json()["error"]
    assert (await api.get(f"/companies/{row.company_id}/data/profitAndLoss")).status_code == 404
    assert (await api.get("/companies/none/data/financials/profitAndLoss", params=QUARTER)).status_code == 404


async def test_amounts_too_large_to_be_added_are_told_and_crash_nothing(
    house: House, api: httpx.AsyncClient
) -> None:
    row = await house.linked()
    books = a_profit_and_loss()
    huge = evolve(books.reports[0], netProfit=Decimal("1E+200"))
    await house.put(row, [evolve(books, reports=(huge, *books.reports[1:]))])
    answer = await api.get(at(row), params={"periodLength": "12", "periodsToCompare": "1"})
    assert (answer.status_code, "too large" in answer.json()["error"]) == (409, True)
