"""Codat's own SDKs, unmodified, against a running engine and sandbox."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from codat_lending import CodatLending
from codat_lending.models import operations as lending_operations
from codat_lending.models import shared as lending_shared
from codat_platform import CodatPlatform
from codat_platform.models import errors, operations, shared
from codat_platform.utils.retries import RetryConfig
from tests.journeys.conftest import Installation, Sandbox, consent

NO_RETRIES = RetryConfig("none")


def platform(installed: Installation) -> CodatPlatform:
    return CodatPlatform(
        security=shared.Security(auth_header=installed.authorization),
        server_url=installed.url,
        retry_config=NO_RETRIES,
    )


def lending(installed: Installation) -> CodatLending:
    return CodatLending(
        security=lending_shared.Security(auth_header=installed.authorization),
        server_url=installed.url,
    )


def every(list_page: Callable[[int], Any]) -> list[Any]:
    """All results, page by page."""
    found: list[Any] = []
    page = 1
    while True:
        answer = list_page(page)
        found += answer.results or []
        if answer.links.next is None:
            assert len(found) == answer.total_results
            return found
        page += 1


def test_a_company_is_made_linked_synced_and_read_to_the_penny(
    sandbox: Callable[..., Sandbox], installation: Callable[..., Installation]
) -> None:
    """Create company, connect, consent, sync, list page by page: totals equal the sandbox's truth."""
    stand_in = sandbox("--companies", "2", "--records", "120")
    installed = installation(stand_in)
    truth = stand_in.state()["companies"][0]

    api = platform(installed)
    company = api.companies.create(request={"name": "Amber Kitchens"})
    connection = api.connections.create(
        request={"company_id": company.id, "request_body": {"platform_key": "gbol"}}
    )
    assert connection.status.value == "PendingAuth"
    assert consent(connection.link_url, truth["tenant"]).is_success
    installed.wait_until_complete(company.id)

    seen = api.companies.get(request=operations.GetCompanyRequest(company_id=company.id))
    assert [c.status.value for c in seen.data_connections] == ["Linked"]
    statuses = api.refresh_data.get(request=operations.GetCompanyDataStatusRequest(company_id=company.id))
    known = statuses.model_dump(exclude_none=True)
    assert {status["current_status"].value for status in known.values()} == {"Complete"}

    books = lending(installed)
    counts, totals = truth["counts"], truth["totals"]
    listings: dict[str, Callable[[int], Any]] = {
        "invoices": lambda p: books.accounts_receivable.invoices.list(
            request=lending_operations.ListAccountingInvoicesRequest(
                company_id=company.id, page=p, page_size=50
            )
        ),
        "bills": lambda p: books.accounts_payable.bills.list(
            request=lending_operations.ListAccountingBillsRequest(company_id=company.id, page=p, page_size=50)
        ),
        "payments": lambda p: books.accounts_receivable.payments.list(
            request=lending_operations.ListAccountingPaymentsRequest(
                company_id=company.id, page=p, page_size=50
            )
        ),
        "billPayments": lambda p: books.accounts_payable.bill_payments.list(
            request=lending_operations.ListAccountingBillPaymentsRequest(
                company_id=company.id, page=p, page_size=50
            )
        ),
        "creditNotes": lambda p: books.accounts_receivable.credit_notes.list(
            request=lending_operations.ListAccountingCreditNotesRequest(
                company_id=company.id, page=p, page_size=50
            )
        ),
        "billCreditNotes": lambda p: books.accounts_payable.bill_credit_notes.list(
            request=lending_operations.ListAccountingBillCreditNotesRequest(
                company_id=company.id, page=p, page_size=50
            )
        ),
        "customers": lambda p: books.accounts_receivable.customers.list(
            request=lending_operations.ListAccountingCustomersRequest(
                company_id=company.id, page=p, page_size=50
            )
        ),
        "suppliers": lambda p: books.accounts_payable.suppliers.list(
            request=lending_operations.ListAccountingSuppliersRequest(
                company_id=company.id, page=p, page_size=50
            )
        ),
        "chartOfAccounts": lambda p: books.financial_statements.accounts.list(
            request=lending_operations.ListAccountingAccountsRequest(
                company_id=company.id, page=p, page_size=50
            )
        ),
    }
    for data_type, list_page in listings.items():
        found = every(list_page)
        assert len(found) == counts[data_type], data_type
        assert len({record.id for record in found}) == counts[data_type], data_type
        if data_type in totals:
            total = sum((record.total_amount for record in found), Decimal(0))
            assert total == Decimal(totals[data_type]), data_type


def test_refreshing_reading_history_and_unlinking_through_the_sdk(
    sandbox: Callable[..., Sandbox], installation: Callable[..., Installation]
) -> None:
    stand_in = sandbox("--companies", "1", "--records", "20")
    installed = installation(stand_in)
    tenant = stand_in.state()["companies"][0]["tenant"]
    company_id, connection_id = installed.link(tenant)
    installed.wait_until_complete(company_id)
    api = platform(installed)

    changed = stand_in.post("change", tenant=tenant, entity="invoices", create=2, update=1, delete=0)
    queued = api.refresh_data.by_data_type(request={"company_id": company_id, "data_type": "invoices"})
    assert queued.status.value == "Queued"
    installed.wait_until_complete(company_id)
    assert len(installed.all_of(company_id, "invoices")) == 22
    invoice = lending(installed).accounts_receivable.invoices.get(
        request=lending_operations.GetAccountingInvoiceRequest(
            company_id=company_id, invoice_id=changed["created"][0]
        )
    )
    assert invoice.id == changed["created"][0]

    history = api.refresh_data.list_pull_operations(
        request=operations.ListPullOperationsRequest(company_id=company_id)
    )
    assert any(operation.id == queued.id and operation.is_completed for operation in history.results)
    api.refresh_data.all(request=operations.RefreshCompanyDataRequest(company_id=company_id))
    installed.wait_until_complete(company_id)

    unlinked = api.connections.unlink(
        request={
            "company_id": company_id,
            "connection_id": connection_id,
            "update_connection_status": {"status": "Unlinked"},
        }
    )
    assert unlinked.status.value == "Unlinked"
    assert len(installed.all_of(company_id, "invoices")) == 22, "what was read stays readable"
    api.connections.delete(
        request=operations.DeleteConnectionRequest(company_id=company_id, connection_id=connection_id)
    )
    api.companies.delete(request=operations.DeleteCompanyRequest(company_id=company_id))
    with pytest.raises(errors.ErrorMessage) as gone:
        api.companies.get(request=operations.GetCompanyRequest(company_id=company_id))
    assert gone.value.status_code == 404
    assert company_id in gone.value.data.error


def test_what_customers_owe_adds_up_to_what_their_documents_say(
    sandbox: Callable[..., Sandbox], installation: Callable[..., Installation]
) -> None:
    """Aged debtors through the SDK: of all that is in the books, what is due less what is still to be given."""
    stand_in = sandbox("--companies", "1", "--records", "60")
    installed = installation(stand_in)
    company_id, _ = installed.link(stand_in.state()["companies"][0]["tenant"])
    installed.wait_until_complete(company_id)

    reports = lending(installed).accounts_receivable.reports
    assert reports.is_aged_debtors_available(
        request=lending_operations.IsAgedDebtorsReportAvailableRequest(company_id=company_id)
    )
    aged = reports.get_aged_debtors(
        request=lending_operations.GetAccountingAgedDebtorsReportRequest(
            company_id=company_id, report_date=date(2100, 1, 1), number_of_periods=3, period_length_days=30
        )
    )
    by_kind: Counter[str] = Counter()
    for debtor in aged.data:
        for outstanding in debtor.aged_currency_outstanding:
            assert len(outstanding.aged_outstanding_amounts) == 3
            for period in outstanding.aged_outstanding_amounts:
                assert period.amount == sum((each.amount for each in period.details), Decimal(0))
                by_kind.update({each.name: each.amount for each in period.details})

    def stand(data_type: str) -> list[dict[str, Any]]:
        records = installed.all_of(company_id, data_type)
        return [
            each
            for each in records
            if not each["metadata"]["isDeleted"] and each.get("status") not in {"Draft", "Void"}
        ]

    due = sum((exact(each["amountDue"]) for each in stand("invoices")), Decimal(0))
    left = sum((exact(each["remainingCredit"]) for each in stand("creditNotes")), Decimal(0))
    assert due > 0
    assert by_kind["Invoices"] == due
    assert by_kind["CreditNotes"] == -left


def test_a_years_profit_is_the_profit_of_its_months(
    sandbox: Callable[..., Sandbox], installation: Callable[..., Installation]
) -> None:
    """Statements through the SDK: line by line the year is the sum of its months, and the sheet its last."""
    stand_in = sandbox("--companies", "1", "--records", "60")
    installed = installation(stand_in)
    company_id, _ = installed.link(stand_in.state()["companies"][0]["tenant"])
    installed.wait_until_complete(company_id)
    statements = lending(installed).financial_statements

    def earned(months: int, periods: int) -> list[Any]:
        answer = statements.profit_and_loss.get(
            request=lending_operations.GetAccountingProfitAndLossRequest(
                company_id=company_id, period_length=months, periods_to_compare=periods
            )
        )
        return list(answer.reports)

    (year,), months = earned(12, 1), earned(1, 12)
    assert len(months) > 9
    assert (year.from_date, year.to_date) == (months[0].from_date, months[-1].to_date)
    assert year.net_profit == sum((month.net_profit for month in months), Decimal(0)) != 0
    lines: Counter[str | None] = Counter()
    for month in months:
        lines.update({line.account_id: line.value for line in month.income.items or ()})
    assert {line.account_id: line.value for line in year.income.items} == dict(lines)

    asked = {"company_id": company_id, "periods_to_compare": 1}
    sheets = [
        statements.balance_sheet.get(
            request=lending_operations.GetAccountingBalanceSheetRequest(period_length=length, **asked)
        ).reports[0]
        for length in (1, 12)
    ]
    assert sheets[0] == sheets[1]
    assert sheets[0].net_assets == sheets[0].assets.value - sheets[0].liabilities.value


def exact(amount: float) -> Decimal:
    """An amount of a JSON answer, of two places."""
    return Decimal(str(amount))


def test_a_wrong_key_is_refused_in_the_sdks_own_terms(
    sandbox: Callable[..., Sandbox], installation: Callable[..., Installation]
) -> None:
    installed = installation(sandbox("--companies", "1", "--records", "0"))
    stranger = CodatPlatform(
        security=shared.Security(auth_header="Basic bm9ib2R5"),
        server_url=installed.url,
        retry_config=NO_RETRIES,
    )
    with pytest.raises(errors.ErrorMessage) as refused:
        stranger.companies.list(request=operations.ListCompaniesRequest())
    assert refused.value.status_code == 401
    assert refused.value.data.correlation_id
