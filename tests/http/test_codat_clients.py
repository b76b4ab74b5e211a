"""Codat's own clients, unmodified, through a socket. They take any other success status for an error."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

import pytest
import trio
from codat_lending import CodatLending
from codat_lending.models import errors as lending_errors
from codat_lending.models import operations as lending_operations
from codat_lending.models import shared as lending_shared
from codat_lending.utils.retries import RetryConfig as LendingRetries
from codat_platform import CodatPlatform
from codat_platform.models import errors, operations, shared
from codat_platform.utils.retries import RetryConfig
from tests.http.conftest import House, Served, an_account, an_invoice

T = TypeVar("T")


async def away(work: Callable[[], T]) -> T:
    """Run blocking client code in a thread, while the server answers it here."""
    return await trio.to_thread.run_sync(work)


def platform(house: House, served: Served) -> CodatPlatform:
    return CodatPlatform(
        security=shared.Security(auth_header=house.key["authorization"]),
        server_url=served.url,
        retry_config=RetryConfig("none"),
    )


def lending(house: House, served: Served) -> CodatLending:
    return CodatLending(
        security=lending_shared.Security(auth_header=house.key["authorization"]),
        server_url=served.url,
        retry_config=LendingRetries("none"),
    )


async def test_the_platform_client_keeps_companies(house: House, served: Served) -> None:
    def work() -> None:
        with platform(house, served) as client:
            made = client.companies.create(request={"name": "Technicalium", "tags": {"region": "uk"}})
            listed = client.companies.list(
                request=operations.ListCompaniesRequest(
                    page=1, page_size=100, query="name~Tech", order_by="-created", tags="region=uk"
                )
            )
            assert [company.id for company in listed.results] == [made.id]
            assert (listed.total_results, listed.links.current.href[:11]) == (1, "/companies?")
            changed = client.companies.update(
                request={"company_id": made.id, "company_update_request": {"name": "Other"}}
            )
            assert changed.name == "Other"
            replaced = client.companies.replace(
                request={"company_id": made.id, "company_request_body": {"name": "Third"}}
            )
            assert replaced.tags == {}
            client.companies.delete(request=operations.DeleteCompanyRequest(company_id=made.id))
            with pytest.raises(errors.ErrorMessage) as gone:
                client.companies.get(request=operations.GetCompanyRequest(company_id=made.id))
            assert (gone.value.status_code, bool(gone.value.data.correlation_id)) == (404, True)

    await away(work)


async def test_the_platform_client_keeps_connections_and_integrations(house: House, served: Served) -> None:
    company = await house.company()

    def work() -> None:
        with platform(house, served) as client:
            made = client.connections.create(
                request={"company_id": company.id, "request_body": {"platform_key": "gbol"}}
            )
            assert made.status.value == "PendingAuth"
            listed = client.connections.list(request=operations.ListConnectionsRequest(company_id=company.id))
            assert [connection.id for connection in listed.results] == [made.id]
            one = operations.GetConnectionRequest(company_id=company.id, connection_id=made.id)
            assert client.connections.get(request=one).platform_name == "Xero"
            client.connections.delete(
                request=operations.DeleteConnectionRequest(company_id=company.id, connection_id=made.id)
            )
            found = client.integrations.list(request={"query": "sourceType=Accounting&&enabled=true"})
            assert [integration.key for integration in found.results] == ["gbol"]
            assert client.integrations.get(request={"platform_key": "gbol"}).name == "Xero"

    await away(work)


async def test_the_platform_client_refreshes_and_sees_datasets(house: House, served: Served) -> None:
    company = await house.company()
    connection = await house.engine.add_connection(house.client.id, company.id, "xero")
    where = await house.engine.begin_link(connection.id)
    await house.engine.finish_link("xero", {"state": where.partition("state=")[2], "code": "c"})
    dataset = await house.dataset(connection, "invoices")

    def work() -> None:
        with platform(house, served) as client:
            client.refresh_data.all(request=operations.RefreshCompanyDataRequest(company_id=company.id))
            statuses = client.refresh_data.get(
                request=operations.GetCompanyDataStatusRequest(company_id=company.id)
            )
            assert statuses.invoices is not None
            assert statuses.invoices.data_type.value == "invoices"
            history = client.refresh_data.list_pull_operations(
                request=operations.ListPullOperationsRequest(company_id=company.id, query="status=Complete")
            )
            assert dataset.id in {operation.id for operation in history.results}
            one: Any = {"company_id": company.id, "dataset_id": dataset.id}
            assert client.refresh_data.get_pull_operation(request=one).is_completed
            assert client.read_data.get_validation_results(request=one).errors == []

    await away(work)


async def test_the_lending_client_reads_records_with_exact_money(house: House, served: Served) -> None:
    row = await house.linked()
    await house.put(
        row, [an_account("a-1"), an_invoice("i-1", total="10.10"), an_invoice("i-2", total="0.2")]
    )

    def work() -> None:
        client = lending(house, served)
        accounts = client.financial_statements.accounts.list(
            request=lending_operations.ListAccountingAccountsRequest(
                company_id=row.company_id,
                page=1,
                page_size=100,
                query="status=Active",
                order_by="-modifiedDate",
            )
        )
        assert accounts.results[0].current_balance == Decimal("1234.56")
        invoices = client.accounts_receivable.invoices.list(
            request=lending_operations.ListAccountingInvoicesRequest(
                company_id=row.company_id, query="totalAmount>0.1"
            )
        )
        assert sum(invoice.total_amount for invoice in invoices.results) == Decimal("10.30")
        one = client.accounts_receivable.invoices.get(
            request=lending_operations.GetAccountingInvoiceRequest(
                company_id=row.company_id, invoice_id="i-1"
            )
        )
        assert one.customer_ref.company_name == "Beryl"
        with pytest.raises(lending_errors.ErrorMessage) as conflict:
            client.accounts_payable.bills.list(
                request=lending_operations.ListAccountingBillsRequest(company_id=row.company_id)
            )
        assert conflict.value.data.error == "The data set has not been requested."

    await away(work)
