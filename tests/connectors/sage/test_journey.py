"""Sage by configuration alone: an installation links, syncs and serves, over real processes."""

import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from tests.journeys.conftest import (
    Installation,
    Sandbox,
    consent,
    installation,
    linked,
    refresh,
    sandbox,
    served,
)

from tallystick.connectors.sage import MANIFEST

pytestmark = pytest.mark.slow
__all__ = ["installation", "sandbox"]  # fixtures
Start = Callable[..., Sandbox]
Install = Callable[..., Installation]
STATEMENTS = {"balanceSheet", "profitAndLoss", "cashFlowStatement"}
#: Read by lists of records, and not one record a company.
LISTED = [name for name in MANIFEST.data_types if name not in {"company", *STATEMENTS}]
#: Everything at Sage that the stand-in can change.
CHANGED = (
    "invoices", "bills", "creditNotes", "billCreditNotes", "payments", "billPayments", "directCosts",
    "directIncomes", "transfers", "journalEntries", "customers", "suppliers", "items", "chartOfAccounts",
    "bankAccounts", "taxRates", "trackingCategories",
)  # fmt: skip


def refresh_all(installed: Installation, company_id: str) -> None:
    installed.http.post(f"/companies/{company_id}/data/all").raise_for_status()
    states = installed.wait_until_complete(company_id)
    assert {name: states[name] for name in MANIFEST.data_types} == dict.fromkeys(
        MANIFEST.data_types, "Complete"
    )


def as_told(installed: Installation, truth: Any, company_id: str, connection_id: str) -> None:
    """Every data type, live records only: as many of them, and as much, as the stand-in says."""
    assert set(LISTED) <= truth["counts"].keys()
    for data_type in LISTED:
        standing, _ = served(installed, company_id, connection_id, data_type)
        assert len(standing) == truth["counts"][data_type], data_type
        if data_type in truth["totals"]:
            total = sum((figure(data_type, record) for record in standing), Decimal(0))
            assert total == Decimal(truth["totals"][data_type]), data_type


def figure(data_type: str, record: Any) -> Decimal:
    """What of a record is added up."""
    if data_type == "transfers":
        return Decimal(str(record["from"]["amount"]))
    if data_type == "journalEntries":
        debits = (Decimal(str(line["netAmount"])) for line in record["journalLines"])
        return sum((debit for debit in debits if debit > 0), Decimal(0))
    return Decimal(str(record["totalAmount"]))


@pytest.mark.parametrize("number", [0, 6], ids=["new books", "books with deleted records"])
def test_whatever_is_changed_what_is_stored_is_what_the_stand_in_has(
    sandbox: Start, installation: Install, number: int
) -> None:
    stand_in = sandbox("--providers", "sage", "--companies", str(number + 1), "--records", "60")
    tenant = stand_in.state()["companies"][number]["tenant"]
    installed = installation(stand_in, "sage")
    company_id, connection_id = linked(installed, "sage", tenant)
    installed.wait_until_complete(company_id)
    rng = random.Random(f"sage:{number}")
    for _round in range(2):
        told = next(each for each in stand_in.state()["companies"] if each["tenant"] == tenant)
        as_told(installed, told, company_id, connection_id)
        for entity in rng.sample(CHANGED, len(CHANGED)):
            counts = {act: rng.randrange(3) for act in ("create", "update", "delete")}
            stand_in.post("change", tenant=tenant, entity=entity, **counts)
        refresh_all(installed, company_id)
    told = next(each for each in stand_in.state()["companies"] if each["tenant"] == tenant)
    as_told(installed, told, company_id, connection_id)


def test_a_company_links_syncs_and_is_served_and_later_changes_follow(
    sandbox: Start, installation: Install
) -> None:
    stand_in = sandbox("--providers", "sage", "--companies", "2", "--records", "250")
    truth = stand_in.state()["companies"][0]
    installed = installation(stand_in, "sage")
    company_id, connection_id = linked(installed, "sage", truth["tenant"])
    states = installed.wait_until_complete(company_id)

    assert {name: states[name] for name in MANIFEST.data_types} == dict.fromkeys(
        MANIFEST.data_types, "Complete"
    )
    as_told(installed, truth, company_id, connection_id)
    info = installed.get(f"/companies/{company_id}/data/info")
    assert (info["companyName"], info["baseCurrency"]) == (truth["name"], "GBP")
    history = installed.get(f"/companies/{company_id}/data/history", pageSize=100)["results"]
    for dataset in history:
        validation = installed.get(f"/companies/{company_id}/sync/{dataset['id']}/validation")
        assert (validation["errors"], validation["warnings"]) == ([], []), dataset["dataType"]

    created = stand_in.post("change", tenant=truth["tenant"], entity="invoices", create=3, update=2)[
        "created"
    ]
    deleted = stand_in.post("change", tenant=truth["tenant"], entity="billPayments", delete=2)["deleted"]
    refresh(installed, company_id, "invoices", "billPayments")
    standing, _ = served(installed, company_id, connection_id, "invoices")
    assert len(standing) == truth["counts"]["invoices"] + 3
    assert set(created) <= {record["id"] for record in standing}
    _, gone = served(installed, company_id, connection_id, "billPayments")
    assert {record["id"] for record in gone} == set(deleted), "read by its changes: `deleted_since` tells"
    assert any("deleted_since=" in asked["query"] for asked in stand_in.requests("contact_payments"))


def test_every_reference_leads_to_a_record_that_is_served(sandbox: Start, installation: Install) -> None:
    stand_in = sandbox("--providers", "sage", "--companies", "1", "--records", "60")
    installed = installation(stand_in, "sage")
    company_id, connection_id = linked(installed, "sage", stand_in.state()["companies"][0]["tenant"])
    installed.wait_until_complete(company_id)
    held = {name: served(installed, company_id, connection_id, name)[0] for name in LISTED}
    ids = {name: {record["id"] for record in records} for name, records in held.items()}

    for name, party, whose in (
        ("invoices", "customerRef", "customers"),
        ("bills", "supplierRef", "suppliers"),
    ):
        for record in held[name]:
            assert record[party]["id"] in ids[whose]
            for line in record["lineItems"]:
                assert line["accountRef"]["id"] in ids["chartOfAccounts"]
                assert line["taxRateRef"]["id"] in ids["taxRates"]
                assert line.get("itemRef", {"id": None})["id"] in ids["items"] | {None}
    for name, documents in (("payments", "invoices"), ("billPayments", "bills")):
        credits_ = "creditNotes" if name == "payments" else "billCreditNotes"
        moved = [record for record in held[name] if record["totalAmount"]]
        on_account: list[str] = []
        assert moved
        for record in moved:
            assert record["accountRef"]["id"] in ids["chartOfAccounts"], "the ledger's account of the bank's"
            assert record["paymentMethodRef"]["id"] in ids["paymentMethods"]
        for record in held[name]:
            for link in (link for line in record["lines"] for link in line["links"]):
                if link["type"] == "PaymentOnAccount":
                    on_account.append(link["id"])
                else:
                    assert link["id"] in ids[documents] | ids[credits_]
        assert any(on_account.count(id_) > 1 for id_ in on_account), "and by what used it up"
    for record in held["accountTransactions"]:
        (line,) = record["lines"]
        assert line["recordRef"]["id"] in ids[line["recordRef"]["dataType"]]


def test_a_whole_reading_finds_what_was_deleted_without_being_told(
    sandbox: Start, installation: Install
) -> None:
    stand_in = sandbox("--providers", "sage", "--companies", "1", "--records", "40")
    tenant = stand_in.state()["companies"][0]["tenant"]
    installed = installation(stand_in, "sage", extra="[engine]\nreconcile_days = 0.0000001\n")
    company_id, connection_id = linked(installed, "sage", tenant)
    installed.wait_until_complete(company_id)

    deleted = stand_in.post("change", tenant=tenant, entity="items", delete=2)["deleted"]
    refresh(installed, company_id, "items")
    standing, gone = served(installed, company_id, connection_id, "items")

    assert len(standing) == stand_in.state()["companies"][0]["counts"]["items"]
    assert {record["id"] for record in gone} == set(deleted)


def test_a_login_with_several_businesses_is_asked_which_is_meant(
    sandbox: Start, installation: Install
) -> None:
    stand_in = sandbox("--providers", "sage", "--companies", "2", "--records", "10")
    tenants = [company["tenant"] for company in stand_in.state()["companies"]]
    installed = installation(stand_in, "sage")
    company_id = installed.company("Amber Kitchens")
    answer = installed.http.post(f"/companies/{company_id}/connections", json={"platformKey": "tgff"})
    page = consent(answer.json()["linkUrl"], *tenants)

    assert page.status_code == 200
    assert all(tenant in page.text for tenant in tenants)
    assert installed.get(f"/companies/{company_id}/connections/{answer.json()['id']}")["status"] != "Linked"


def test_an_access_token_of_five_minutes_is_renewed_during_the_work_and_the_old_refresh_token_is_dead(
    sandbox: Start, installation: Install
) -> None:
    stand_in = sandbox("--providers", "sage", "--companies", "1", "--records", "30")
    tenant = stand_in.state()["companies"][0]["tenant"]
    installed = installation(stand_in, "sage")
    company_id, connection_id = linked(installed, "sage", tenant)
    installed.wait_until_complete(company_id)

    for _ in range(3):  # its clock runs ahead of ours, so that each time the token in hand is over
        stand_in.post("clock", advance=301)
        refresh(installed, company_id, "customers")

    assert len([r for r in stand_in.requests("token") if r["status"] == 200]) >= 4
    status = installed.get(f"/companies/{company_id}/connections/{connection_id}")["status"]
    assert status == "Linked"


def test_a_consent_that_is_gone_asks_for_a_new_one(sandbox: Start, installation: Install) -> None:
    stand_in = sandbox("--providers", "sage", "--companies", "1", "--records", "20")
    tenant = stand_in.state()["companies"][0]["tenant"]
    installed = installation(stand_in, "sage")
    company_id, connection_id = linked(installed, "sage", tenant)
    installed.wait_until_complete(company_id)

    stand_in.post("faults", provider="sage", kind="revoked")
    installed.http.post(f"/companies/{company_id}/data/queue/invoices").raise_for_status()
    states = installed.wait_until_complete(company_id)

    assert states["invoices"] == "AuthError"
    connection = installed.get(f"/companies/{company_id}/connections/{connection_id}")
    assert connection["status"] == "Deauthorized"
    consent(connection["linkUrl"], tenant)
    installed.wait_until_complete(company_id)
    connection = installed.get(f"/companies/{company_id}/connections/{connection_id}")
    assert connection["status"] == "Linked"


def test_who_unlinks_ends_the_consent_at_sage_too(sandbox: Start, installation: Install) -> None:
    stand_in = sandbox("--providers", "sage", "--companies", "1", "--records", "10")
    installed = installation(stand_in, "sage")
    company_id, connection_id = linked(installed, "sage", stand_in.state()["companies"][0]["tenant"])
    installed.wait_until_complete(company_id)

    path = f"/companies/{company_id}/connections/{connection_id}"
    installed.http.patch(path, json={"status": "Unlinked"}).raise_for_status()

    assert [asked["status"] for asked in stand_in.requests("revoke")] == [200]
    assert installed.get(path)["status"] == "Unlinked"


def test_a_subscription_that_has_ended_is_told_and_the_consent_is_kept(
    sandbox: Start, installation: Install
) -> None:
    stand_in = sandbox("--providers", "sage", "--companies", "1", "--records", "10")
    installed = installation(stand_in, "sage")
    company_id, connection_id = linked(installed, "sage", stand_in.state()["companies"][0]["tenant"])
    installed.wait_until_complete(company_id)
    stand_in.post("quirks", number=55, on=True)
    before = len(stand_in.requests("token"))

    installed.http.post(f"/companies/{company_id}/data/queue/customers").raise_for_status()
    state = installed.wait_until_complete(company_id)["customers"]

    assert state not in {"Complete", "MapError"}
    assert len(stand_in.requests("token")) == before, "a new token mends nothing"
    assert installed.get(f"/companies/{company_id}/connections/{connection_id}")["status"] == "Linked"
    stand_in.post("quirks", number=55, on=False)
    refresh(installed, company_id, "customers")
