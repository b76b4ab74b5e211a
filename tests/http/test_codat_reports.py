"""Statements, aged reports and bank transactions through Codat's lending client, unmodified."""

from datetime import date
from decimal import Decimal

import pytest
from codat_lending.models import errors, operations
from tests.http.conftest import House, Served, an_invoice
from tests.http.test_aged import a_bill, all_read, day
from tests.http.test_bank_transactions import a_line
from tests.http.test_codat_clients import away, lending
from tests.http.test_statements import a_profit_and_loss

from tallystick.standard import (
    BalanceSheet,
    BalanceSheetPeriod,
    CashFlowPeriod,
    CashFlowStatement,
    ReportLine,
    calendar_day,
)


async def test_the_lending_client_reads_statements(house: House, served: Served) -> None:
    row = await house.linked()
    cash = ReportLine(name="Cash", value=Decimal("7.10"))
    sheet = BalanceSheetPeriod(date=calendar_day(date(2025, 12, 31)), assets=cash, netAssets=Decimal("7.10"))
    flow = CashFlowPeriod(
        fromDate=calendar_day(date(2025, 12, 1)), toDate=calendar_day(date(2025, 12, 31)), cashReceipts=cash
    )
    await house.put(
        row,
        [
            a_profit_and_loss(),
            BalanceSheet(currency="GBP", reports=(sheet,)),
            CashFlowStatement(currency="GBP", reportBasis="Cash", reportInput="Direct", reports=(flow,)),
        ],
    )

    def work() -> None:
        books = lending(house, served).financial_statements
        asked = {"company_id": row.company_id, "period_length": 6, "periods_to_compare": 2}
        earned = books.profit_and_loss.get(request=operations.GetAccountingProfitAndLossRequest(**asked))
        assert [period.net_profit for period in earned.reports] == [Decimal("600.60")] * 2
        sheets = books.balance_sheet.get(request=operations.GetAccountingBalanceSheetRequest(**asked))
        assert sheets.reports[0].assets.value == Decimal("7.10")
        flows = books.cash_flow.get(
            request=operations.GetAccountingCashFlowStatementRequest(**asked, start_month="2025-12-01")
        )
        assert flows.reports[0].cash_receipts.name == "Cash"

    await away(work)


async def test_the_lending_client_reads_aged_reports(house: House, served: Served) -> None:
    row = await house.linked()
    await house.put(
        row, [an_invoice("i-1", "10.10", issueDate=day("2026-02-01")), a_bill("b-1", "5", "2026-02-01")]
    )

    def ask() -> None:
        reports = lending(house, served).accounts_receivable.reports
        assert not reports.is_aged_debtors_available(
            request=operations.IsAgedDebtorsReportAvailableRequest(company_id=row.company_id)
        )
        with pytest.raises(errors.ErrorMessage) as refused:
            reports.get_aged_debtors(
                request=operations.GetAccountingAgedDebtorsReportRequest(company_id=row.company_id)
            )
        assert "creditNotes" in refused.value.data.error

    await away(ask)
    await all_read(house, row)

    def work() -> None:
        reports = lending(house, served).accounts_receivable.reports
        assert reports.is_aged_debtors_available(
            request=operations.IsAgedDebtorsReportAvailableRequest(company_id=row.company_id)
        )
        assert reports.is_aged_creditors_available(
            request=operations.IsAgedCreditorsReportAvailableRequest(company_id=row.company_id)
        )
        debtors = reports.get_aged_debtors(
            request=operations.GetAccountingAgedDebtorsReportRequest(
                company_id=row.company_id,
                report_date=date(2026, 3, 1),
                number_of_periods=2,
                period_length_days=14,
            )
        )
        assert debtors.data[0].customer_name == "Beryl"
        (outstanding,) = debtors.data[0].aged_currency_outstanding
        assert [each.amount for each in outstanding.aged_outstanding_amounts] == [0, Decimal("10.10")]
        creditors = reports.get_aged_creditors(
            request=operations.GetAccountingAgedCreditorsReportRequest(company_id=row.company_id)
        )
        assert creditors.data[0].supplier_name == "Tin & Sons"

    await away(work)


async def test_the_lending_client_reads_bank_transactions(house: House, served: Served) -> None:
    row = await house.linked()
    await house.put(row, [a_line("t-1", "a-1", "-7.10")])

    def work() -> None:
        page = lending(house, served).accounting_bank_data.list_transactions(
            request=operations.ListAccountingBankAccountTransactionsRequest(
                company_id=row.company_id, connection_id=row.id, account_id="a-1"
            )
        )
        assert [line.amount for line in page.results] == [Decimal("-7.10")]

    await away(work)
