"""QuickBooks by configuration alone: an installation links, syncs and serves, over real processes."""

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.journeys.conftest import Installation, Sandbox, consent, sandbox, tallystick

from tallystick.connectors.quickbooks import MANIFEST

#: The API serves these below the connection.
OF_A_CONNECTION = frozenset(
    {"accountTransactions", "bankAccounts", "bankTransactions", "directCosts", "directIncomes", "transfers"}
)
pytestmark = pytest.mark.slow
__all__ = ["sandbox"]  # a fixture
Start = Callable[..., Sandbox]
Install = Callable[..., Installation]


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Install]:
    """Makes an installation with QuickBooks alone; its engine ends with the test."""
    made: list[Installation] = []

    def make(stand_in: Sandbox, extra: str = "") -> Installation:
        folder = tmp_path / f"installation-{len(made)}"
        folder.mkdir()
        tallystick("init", cwd=folder)
        app = stand_in.state()["apps"]["quickbooks"]
        (folder / "secret").write_text(app["clientSecret"])
        settings = folder / "tallystick.toml"
        base = f"{stand_in.url}/quickbooks"
        settings.write_text(
            settings.read_text().replace("port = 8080", "port = 0\nmetrics_port = 0")
            + f"""
[providers.quickbooks]
client_id = "{app["clientId"]}"
client_secret = "file:{folder / "secret"}"
authorize_url = "{base}/connect/oauth2"
token_url = "{base}/oauth2/v1/tokens/bearer"
revoke_url = "{base}/v2/oauth2/tokens/revoke"
api_url = "{base}"
limits = "off"
{extra}
"""
        )
        client = json.loads(tallystick("clients", "create", "--name", "Acme", "--json", cwd=folder).stdout)
        installed = Installation(folder, client["clientId"], client["apiKey"])
        made.append(installed)
        installed.start()
        return installed

    yield make
    for installed in made:
        installed.http.close()
        installed.stop()


def linked(installed: Installation, tenant: str) -> tuple[str, str]:
    """Company and connection, linked by walking the consent page."""
    company_id = installed.company("Amber Kitchens")
    answer = installed.http.post(f"/companies/{company_id}/connections", json={"platformKey": "qhyg"})
    connection = answer.raise_for_status().json()
    end = consent(connection["linkUrl"], tenant)
    assert end.status_code == 200, end.text
    return company_id, connection["id"]


def served(installed: Installation, company_id: str, data_type: str) -> tuple[list[Any], list[Any]]:
    """What stands, and what is gone."""
    found = installed.all_of(company_id, data_type)
    gone = [record for record in found if record["metadata"]["isDeleted"]]
    return [record for record in found if not record["metadata"]["isDeleted"]], gone


def refresh(installed: Installation, company_id: str, *data_types: str) -> None:
    for data_type in data_types:
        installed.http.post(f"/companies/{company_id}/data/queue/{data_type}").raise_for_status()
    states = installed.wait_until_complete(company_id)
    assert {states[data_type] for data_type in data_types} == {"Complete"}


def test_a_company_links_syncs_and_is_served_and_later_changes_follow(
    sandbox: Start, installation: Install
) -> None:
    stand_in = sandbox("--providers", "quickbooks", "--companies", "2", "--records", "250")
    truth = stand_in.state()["companies"][0]
    installed = installation(stand_in)
    company_id, connection_id = linked(installed, truth["tenant"])
    states = installed.wait_until_complete(company_id)

    assert {states[name] for name in MANIFEST.data_types if name in states} == {"Complete"}
    assert set(MANIFEST.data_types) <= set(states)
    for data_type, count in truth["counts"].items():
        if data_type in {"company", *OF_A_CONNECTION}:
            continue
        standing, gone = served(installed, company_id, data_type)
        assert (len(standing), gone) == (count, []), data_type
    for data_type, total in truth["totals"].items():
        if data_type in {*OF_A_CONNECTION, "journalEntries"}:
            continue
        standing, _ = served(installed, company_id, data_type)
        assert sum(Decimal(str(r["totalAmount"])) for r in standing) == Decimal(total), data_type
    assert installed.get(f"/companies/{company_id}/data/info")["baseCurrency"] == "GBP"
    history = installed.get(f"/companies/{company_id}/data/history", pageSize=100)["results"]
    for dataset in history:
        validation = installed.get(f"/companies/{company_id}/sync/{dataset['id']}/validation")
        assert validation["errors"] == [], dataset["dataType"]

    before = len(stand_in.requests("cdc"))
    changed = stand_in.post("change", tenant=truth["tenant"], entity="invoices", create=3, update=2, delete=0)
    refresh(installed, company_id, "invoices")
    standing, _ = served(installed, company_id, "invoices")
    assert len(standing) == truth["counts"]["invoices"] + 3
    assert set(changed["created"]) <= {record["id"] for record in standing}
    assert len(stand_in.requests("cdc")) == before + 1, "what has changed is one call"
    status = installed.get(f"/companies/{company_id}/connections/{connection_id}")["status"]
    assert status == "Linked"


def test_a_whole_reading_finds_what_was_deleted(sandbox: Start, installation: Install) -> None:
    stand_in = sandbox("--providers", "quickbooks", "--companies", "1", "--records", "60")
    tenant = stand_in.state()["companies"][0]["tenant"]
    installed = installation(stand_in, "[engine]\nreconcile_days = 0.0000001\n")
    company_id, _ = linked(installed, tenant)
    installed.wait_until_complete(company_id)

    deleted = stand_in.post("change", tenant=tenant, entity="invoices", delete=2)["deleted"]
    truth = stand_in.state()["companies"][0]
    refresh(installed, company_id, "invoices")
    standing, gone = served(installed, company_id, "invoices")

    assert len(standing) == truth["counts"]["invoices"]
    assert {record["id"] for record in gone} == set(deleted)
    assert all(record["totalAmount"] for record in gone), "what it was stays readable"


def test_a_company_that_disconnects_the_app_asks_for_a_new_consent(
    sandbox: Start, installation: Install
) -> None:
    stand_in = sandbox("--providers", "quickbooks", "--companies", "1", "--records", "20")
    tenant = stand_in.state()["companies"][0]["tenant"]
    installed = installation(stand_in)
    company_id, connection_id = linked(installed, tenant)
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
