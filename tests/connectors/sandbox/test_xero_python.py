"""The provider's own SDK works against the sandbox, unmodified."""

from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import trio
from xero_python.accounting import AccountingApi
from xero_python.api_client import ApiClient
from xero_python.api_client.configuration import Configuration
from xero_python.api_client.oauth2 import OAuth2Token, TokenApi
from xero_python.exceptions import AccountingBadRequestException
from xero_python.identity import IdentityApi

Visit = Callable[..., Awaitable[Any]]


@pytest.fixture
def token_urls() -> Iterator[type[TokenApi]]:
    """The SDK keeps its token URLs on the class: they are put back after the test."""
    kept = (TokenApi.refresh_token_url, TokenApi.revoke_token_url)
    yield TokenApi
    TokenApi.refresh_token_url, TokenApi.revoke_token_url = kept


def client(visitor: Any, tokens: dict[str, Any], saved: list[dict[str, Any]]) -> ApiClient:
    app = visitor.app
    own = OAuth2Token(client_id=app["clientId"], client_secret=app["clientSecret"])
    found = ApiClient(Configuration(oauth2_token=own), pool_threads=1)
    saved.append({**tokens, "scope": tokens["scope"].split(), "expires_at": 0})

    @found.oauth2_token_getter  # type: ignore[untyped-decorator]
    def latest() -> dict[str, Any]:
        return saved[-1]

    @found.oauth2_token_saver  # type: ignore[untyped-decorator]
    def keep(token: dict[str, Any]) -> None:
        saved.append(token)

    return found


async def test_the_sdk_refreshes_its_token_and_reads_every_list(
    visit: Visit, token_urls: type[TokenApi]
) -> None:
    visitor = await visit(records=150)
    tokens = await visitor.link()
    base = f"{visitor.running.url}/xero"
    token_urls.refresh_token_url = f"{base}/connect/token"
    saved: list[dict[str, Any]] = []
    sdk = client(visitor, tokens, saved)  # its token is over: the first call refreshes it
    accounting = AccountingApi(sdk, base_url=f"{base}/api.xro/2.0")
    truth = (await visitor.control("state"))["companies"][0]
    tenant, counts = truth["tenant"], truth["counts"]

    def read() -> None:
        connections = IdentityApi(sdk, base_url=base).get_connections()
        assert {each.tenant_id for each in connections} == set(visitor.tenants)
        assert len(saved) == 2
        assert saved[-1]["refresh_token"] != tokens["refresh_token"]
        organisations = accounting.get_organisations(tenant).organisations
        assert [each.name for each in organisations] == [truth["name"]]
        accounts = accounting.get_accounts(tenant).accounts
        assert len(accounts) == counts["chartOfAccounts"]
        assert len(accounting.get_tax_rates(tenant).tax_rates) == counts["taxRates"]
        assert len(accounting.get_items(tenant, unitdp=4).items) == counts["items"]
        contacts = accounting.get_contacts(tenant, page=1, page_size=1000, include_archived=True).contacts
        assert sum(bool(each.is_supplier) for each in contacts) == counts["suppliers"]
        notes = accounting.get_credit_notes(tenant, page=1, page_size=1000).credit_notes
        assert len(notes) == counts["creditNotes"] + counts["billCreditNotes"]
        payments = accounting.get_payments(tenant, page=1, page_size=1000).payments
        assert len(payments) >= counts["payments"]
        answer = accounting.get_invoices(
            tenant,
            where='Type=="ACCREC"',
            order="UpdatedDateUTC ASC",
            include_archived=True,
            summary_only=False,
            unitdp=4,
            page=1,
            page_size=1000,
        )
        assert len(answer.invoices) == counts["invoices"] == answer.pagination.item_count
        assert sum(each.total for each in answer.invoices) == Decimal(truth["totals"]["invoices"])
        assert all(each.line_items for each in answer.invoices)
        later = datetime.now(UTC) + timedelta(days=1)
        assert accounting.get_invoices(tenant, if_modified_since=later, page=1).invoices == []
        one = accounting.get_invoice(tenant, answer.invoices[0].invoice_id).invoices
        assert one[0].line_items

    await trio.to_thread.run_sync(read)


async def test_the_sdk_understands_the_sandboxs_refusals(visit: Visit, token_urls: type[TokenApi]) -> None:
    visitor = await visit()
    tokens = await visitor.link()
    base = f"{visitor.running.url}/xero"
    token_urls.refresh_token_url = f"{base}/connect/token"
    accounting = AccountingApi(client(visitor, tokens, []), base_url=f"{base}/api.xro/2.0")
    await visitor.control(
        "faults", {"provider": "xero", "kind": "http_429", "path": "payments", "seconds": 0}
    )

    def read() -> None:
        with pytest.raises(AccountingBadRequestException):
            accounting.get_invoices(visitor.tenants[0], where="Nonsense==1", page=1)
        assert accounting.get_payments(visitor.tenants[0], page=1).payments  # it waits as it is told to

    await trio.to_thread.run_sync(read)
    statuses = [each["status"] for each in (await visitor.control("requests"))["requests"][-2:]]
    assert statuses == [429, 200]
