"""Recorded provider answers, served as a company that syncs end to end and is read back through the SDK."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from codat_lending.models import operations
from tests.journeys.conftest import PAYLOADS, Installation, Sandbox
from tests.journeys.test_codat_sdks import every, lending

pytestmark = pytest.mark.skipif(
    not PAYLOADS.is_dir(), reason="optional: the recorded provider answers are not here"
)
#: Kept below a connection, and not a company, in the API.
OF_A_CONNECTION = {"accountTransactions", "directCosts", "directIncomes", "transfers"}


def test_a_company_of_recorded_answers_syncs_and_is_read_back_through_the_sdk(
    sandbox: Callable[..., Sandbox], installation: Callable[..., Installation]
) -> None:
    stand_in = sandbox("--companies", "1", "--records", "0", "--replay", str(PAYLOADS))
    truth = stand_in.state()["companies"][-1]
    assert truth["counts"]["invoices"] > 10, "the recorded company is the last one"
    installed = installation(stand_in)
    company_id, connection_id = installed.link(truth["tenant"], name="Recorded")
    assert set(installed.wait_until_complete(company_id).values()) == {"Complete"}

    history = installed.get(f"/companies/{company_id}/data/history", pageSize=100)["results"]
    for dataset in history:
        validation = installed.get(f"/companies/{company_id}/sync/{dataset['id']}/validation")
        assert validation["errors"] == [], dataset["dataType"]

    for data_type, count in truth["counts"].items():
        if data_type in {"company", "bankAccounts", "bankTransactions"}:
            continue
        below = f"/connections/{connection_id}" if data_type in OF_A_CONNECTION else ""
        found = installed.all_of(f"{company_id}{below}", data_type)
        alive = [record for record in found if not record["metadata"]["isDeleted"]]
        assert len(alive) == count, data_type
        assert len(found) - len(alive) == truth["deleted"][data_type], data_type

    books = lending(installed)
    invoices = every(
        lambda page: books.accounts_receivable.invoices.list(
            request=operations.ListAccountingInvoicesRequest(
                company_id=company_id, page=page, page_size=7, query="metadata.isDeleted!=true"
            )
        )
    )
    total = sum((invoice.total_amount for invoice in invoices), Decimal(0))
    assert total == Decimal(truth["totals"]["invoices"])
    info = installed.get(f"/companies/{company_id}/data/info")
    assert info["companyName"]
