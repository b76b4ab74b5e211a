"""A provider that answers badly: the dataset says so, nothing stored is lost, the next sync goes on."""

from collections.abc import Callable

import pytest
from tests.journeys.conftest import Installation, Sandbox


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["malformed", "truncated", "html", "missing_field"])
def test_an_answer_that_cannot_be_read_ends_the_dataset_with_a_reason_and_the_next_sync_goes_on(
    kind: str, sandbox: Callable[..., Sandbox], installation: Callable[..., Installation]
) -> None:
    stand_in = sandbox("--companies", "1", "--records", "60")
    installed = installation(stand_in, extra="page_size = 20")
    truth = stand_in.state()["companies"][0]
    company_id, _ = installed.link(truth["tenant"])
    installed.wait_until_complete(company_id)
    before = installed.all_of(company_id, "invoices")

    stand_in.post("change", tenant=truth["tenant"], entity="invoices", create=3, update=2, delete=0)
    stand_in.post("faults", provider="xero", kind=kind, count=1, path="/Invoices")
    queued = installed.http.post(f"/companies/{company_id}/data/queue/invoices").raise_for_status().json()
    states = installed.wait_until_complete(company_id)
    assert states["invoices"] in {"FetchError", "MapError"}, states
    operation = installed.get(f"/companies/{company_id}/data/history/{queued['id']}")
    assert operation["isErrored"] is True
    assert len(operation["errorMessage"]) > 20
    assert "Traceback" not in operation["errorMessage"]
    assert len(installed.all_of(company_id, "invoices")) >= len(before), "nothing stored is lost"

    installed.http.post(f"/companies/{company_id}/data/queue/invoices").raise_for_status()
    assert installed.wait_until_complete(company_id)["invoices"] == "Complete"
    counts = stand_in.state()["companies"][0]["counts"]
    assert len(installed.all_of(company_id, "invoices")) == counts["invoices"]


@pytest.mark.slow
def test_passing_faults_are_not_even_noticed(
    sandbox: Callable[..., Sandbox], installation: Callable[..., Installation]
) -> None:
    stand_in = sandbox("--companies", "1", "--records", "40")
    installed = installation(stand_in)
    stand_in.post("faults", provider="xero", kind="http_500", count=1, path="/Accounts")
    stand_in.post("faults", provider="xero", kind="http_429", count=1, path="/Items", seconds=1)
    stand_in.post("faults", provider="xero", kind="expired_token", count=1, path="/Invoices")
    truth = stand_in.state()["companies"][0]
    company_id, _ = installed.link(truth["tenant"])
    assert set(installed.wait_until_complete(company_id).values()) == {"Complete"}
    assert len(installed.all_of(company_id, "invoices")) == truth["counts"]["invoices"]


@pytest.mark.slow
def test_a_revoked_consent_asks_for_a_new_one_and_keeps_the_books_readable(
    sandbox: Callable[..., Sandbox], installation: Callable[..., Installation]
) -> None:
    stand_in = sandbox("--companies", "1", "--records", "20")
    installed = installation(stand_in)
    tenant = stand_in.state()["companies"][0]["tenant"]
    company_id, connection_id = installed.link(tenant)
    installed.wait_until_complete(company_id)
    stand_in.post("faults", provider="xero", kind="revoked", count=1000, tenant=tenant)
    installed.http.post(f"/companies/{company_id}/data/queue/invoices").raise_for_status()
    assert installed.wait_until_complete(company_id)["invoices"] == "AuthError"
    connection = installed.get(f"/companies/{company_id}/connections/{connection_id}")
    assert connection["status"] == "Deauthorized"
    assert connection["dataConnectionErrors"]
    assert len(installed.all_of(company_id, "invoices")) == 20
