"""QuickBooks by configuration alone: an installation links, syncs and serves, over real processes."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from tests.journeys.conftest import (
    OF_A_CONNECTION,
    Installation,
    Sandbox,
    consent,
    installation,
    linked,
    refresh,
    sandbox,
    served,
)

from tallystick.connectors.quickbooks import MANIFEST

#: Served below the connection, or a bank account of it.
BELOW = OF_A_CONNECTION | {"bankTransactions"}
pytestmark = pytest.mark.slow
__all__ = ["installation", "sandbox"]  # fixtures
Start = Callable[..., Sandbox]
Install = Callable[..., Installation]


def test_a_company_links_syncs_and_is_served_and_later_changes_follow(
    sandbox: Start, installation: Install
) -> None:
    stand_in = sandbox("--providers", "quickbooks", "--companies", "2", "--records", "250")
    truth = stand_in.state()["companies"][0]
    installed = installation(stand_in, "quickbooks")
    company_id, connection_id = linked(installed, "quickbooks", truth["tenant"])
    states = installed.wait_until_complete(company_id)

    assert {states[name] for name in MANIFEST.data_types if name in states} == {"Complete"}
    assert set(MANIFEST.data_types) <= set(states)
    for data_type, count in truth["counts"].items():
        if data_type in {"company", *BELOW}:
            continue
        standing, gone = served(installed, company_id, connection_id, data_type)
        assert (len(standing), gone) == (count, []), data_type
    for data_type, total in truth["totals"].items():
        if data_type in {*BELOW, "journalEntries"}:
            continue
        standing, _ = served(installed, company_id, connection_id, data_type)
        assert sum(Decimal(str(r["totalAmount"])) for r in standing) == Decimal(total), data_type
    assert installed.get(f"/companies/{company_id}/data/info")["baseCurrency"] == "GBP"
    history = installed.get(f"/companies/{company_id}/data/history", pageSize=100)["results"]
    for dataset in history:
        validation = installed.get(f"/companies/{company_id}/sync/{dataset['id']}/validation")
        assert validation["errors"] == [], dataset["dataType"]

    before = len(stand_in.requests("cdc"))
    changed = stand_in.post("change", tenant=truth["tenant"], entity="invoices", create=3, update=2, delete=0)
    refresh(installed, company_id, "invoices")
    standing, _ = served(installed, company_id, connection_id, "invoices")
    assert len(standing) == truth["counts"]["invoices"] + 3
    assert set(changed["created"]) <= {record["id"] for record in standing}
    assert len(stand_in.requests("cdc")) == before + 1, "what has changed is one call"
    status = installed.get(f"/companies/{company_id}/connections/{connection_id}")["status"]
    assert status == "Linked"


def test_a_whole_reading_finds_what_was_deleted(sandbox: Start, installation: Install) -> None:
    stand_in = sandbox("--providers", "quickbooks", "--companies", "1", "--records", "60")
    tenant = stand_in.state()["companies"][0]["tenant"]
    installed = installation(stand_in, "quickbooks", extra="[engine]\nreconcile_days = 0.0000001\n")
    company_id, connection_id = linked(installed, "quickbooks", tenant)
    installed.wait_until_complete(company_id)

    deleted = stand_in.post("change", tenant=tenant, entity="invoices", delete=2)["deleted"]
    truth = stand_in.state()["companies"][0]
    refresh(installed, company_id, "invoices")
    standing, gone = served(installed, company_id, connection_id, "invoices")

    assert len(standing) == truth["counts"]["invoices"]
    assert {record["id"] for record in gone} == set(deleted)
    assert all(record["totalAmount"] for record in gone), "what it was stays readable"


def test_a_company_that_disconnects_the_app_asks_for_a_new_consent(
    sandbox: Start, installation: Install
) -> None:
    stand_in = sandbox("--providers", "quickbooks", "--companies", "1", "--records", "20")
    tenant = stand_in.state()["companies"][0]["tenant"]
    installed = installation(stand_in, "quickbooks")
    company_id, connection_id = linked(installed, "quickbooks", tenant)
    installed.wait_until_complete(company_id)

    stand_in.post("faults", provider="quickbooks", kind="revoked")
    installed.http.post(f"/companies/{company_id}/data/queue/invoices").raise_for_status()
    states = installed.wait_until_complete(company_id)

    assert states["invoices"] == "AuthError"
    connection = installed.get(f"/companies/{company_id}/connections/{connection_id}")
    assert connection["status"] == "Deauthorized"
    consent(connection["linkUrl"], tenant)
    installed.wait_until_complete(company_id)
    connection = installed.get(f"/companies/{company_id}/connections/{connection_id}")
    assert connection["status"] == "Linked"
