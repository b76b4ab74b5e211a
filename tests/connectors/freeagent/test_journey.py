"""FreeAgent by configuration alone: an installation links, syncs and serves, over real processes."""

from collections.abc import Callable
from decimal import Decimal

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

from tallystick.connectors.freeagent import MANIFEST

pytestmark = pytest.mark.slow
__all__ = ["installation", "sandbox"]  # fixtures
Start = Callable[..., Sandbox]
Install = Callable[..., Installation]
#: Told apart from the others: one record without an id, statements, and lines of one bank account.
OF_THEIR_OWN = {"company", "profitAndLoss", "balanceSheet", "bankTransactions"}


def test_a_company_links_syncs_and_is_served_and_later_changes_follow(
    sandbox: Start, installation: Install
) -> None:
    stand_in = sandbox("--providers", "freeagent", "--companies", "2", "--records", "200")
    truth = stand_in.state()["companies"][0]
    installed = installation(stand_in, "freeagent")
    company_id, connection_id = linked(installed, "freeagent", truth["tenant"])
    states = installed.wait_until_complete(company_id)

    assert {name: states[name] for name in MANIFEST.data_types} == dict.fromkeys(
        MANIFEST.data_types, "Complete"
    )
    for data_type, count in truth["counts"].items():
        if data_type not in OF_THEIR_OWN:
            standing, gone = served(installed, company_id, connection_id, data_type)
            assert (len(standing), gone) == (count, []), data_type
    for data_type, total in truth["totals"].items():
        standing, _ = served(installed, company_id, connection_id, data_type)
        assert sum(Decimal(str(r["totalAmount"])) for r in standing) == Decimal(total), data_type
    info = installed.get(f"/companies/{company_id}/data/info")
    assert (info["companyName"], info["baseCurrency"]) == (truth["name"], "GBP")
    for dataset in installed.get(f"/companies/{company_id}/data/history", pageSize=100)["results"]:
        told = installed.get(f"/companies/{company_id}/sync/{dataset['id']}/validation")
        # What stood on a bank account before its first transaction is in its balance, and was never posted.
        assert dataset["dataType"] == "bankAccounts" or told["warnings"] == [], dataset["dataType"]
        assert told["errors"] == [], dataset["dataType"]

    created = stand_in.post("change", tenant=truth["tenant"], entity="invoices", create=3, update=2)[
        "created"
    ]
    refresh(installed, company_id, "invoices")
    standing, _ = served(installed, company_id, connection_id, "invoices")
    assert len(standing) == truth["counts"]["invoices"] + 3
    assert set(created) <= {record["id"] for record in standing}
    assert any("updated_since=" in asked["query"] for asked in stand_in.requests("invoices"))


def test_every_reference_leads_to_a_record_that_is_served(sandbox: Start, installation: Install) -> None:
    stand_in = sandbox("--providers", "freeagent", "--companies", "1", "--records", "80")
    installed = installation(stand_in, "freeagent")
    company_id, connection_id = linked(installed, "freeagent", stand_in.state()["companies"][0]["tenant"])
    installed.wait_until_complete(company_id)
    held = {
        name: served(installed, company_id, connection_id, name)[0]
        for name in MANIFEST.data_types
        if name not in OF_THEIR_OWN
    }
    ids = {name: {record["id"] for record in records} for name, records in held.items()}

    for name, party, whose in (
        ("invoices", "customerRef", "customers"),
        ("creditNotes", "customerRef", "customers"),
        ("bills", "supplierRef", "suppliers"),
        ("billCreditNotes", "supplierRef", "suppliers"),
    ):
        assert held[name]
        for record in held[name]:
            assert record[party]["id"] in ids[whose]
    for name in ("invoices", "creditNotes", "bills", "billCreditNotes", "directCosts", "directIncomes"):
        for line in (line for record in held[name] for line in record["lineItems"]):
            assert line["accountRef"]["id"] in ids["chartOfAccounts"]
            assert line["taxRateRef"]["id"] in ids["taxRates"]
            assert line.get("itemRef", {"id": None})["id"] in ids["items"] | {None}
            assert {each["id"] for each in line["trackingCategoryRefs"]} <= ids["trackingCategories"]
    for name, documents, credits_ in (
        ("payments", "invoices", "creditNotes"),
        ("billPayments", "bills", "billCreditNotes"),
    ):
        for record in held[name]:
            assert not record["totalAmount"] or record["accountRef"]["id"] in ids["chartOfAccounts"]
            for link in (link for line in record["lines"] for link in line["links"]):
                assert link["id"] in ids[documents] | ids[credits_]
    for record in held["accountTransactions"]:
        assert record["bankAccountRef"]["id"] in ids["bankAccounts"]
        for line in record["lines"]:
            assert line["recordRef"]["id"] in ids[line["recordRef"]["dataType"]]
    for record in held["transfers"]:
        assert {record[end]["accountRef"]["id"] for end in ("from", "to")} <= ids["bankAccounts"]
    for line in (line for record in held["journalEntries"] for line in record["journalLines"]):
        assert line["accountRef"]["id"] in ids["chartOfAccounts"]


def test_a_whole_reading_finds_what_was_deleted_without_being_told(
    sandbox: Start, installation: Install
) -> None:
    stand_in = sandbox("--providers", "freeagent", "--companies", "1", "--records", "40")
    tenant = stand_in.state()["companies"][0]["tenant"]
    installed = installation(stand_in, "freeagent", extra="[engine]\nreconcile_days = 0.0000001\n")
    company_id, connection_id = linked(installed, "freeagent", tenant)
    installed.wait_until_complete(company_id)

    for entity in ("items", "payments"):
        deleted = stand_in.post("change", tenant=tenant, entity=entity, delete=1)["deleted"]
        refresh(installed, company_id, entity)
        standing, gone = served(installed, company_id, connection_id, entity)
        assert len(standing) == stand_in.state()["companies"][0]["counts"][entity]
        assert {record["id"] for record in gone} == set(deleted)


def test_an_access_token_is_renewed_during_the_work(sandbox: Start, installation: Install) -> None:
    stand_in = sandbox("--providers", "freeagent", "--companies", "1", "--records", "20")
    tenant = stand_in.state()["companies"][0]["tenant"]
    installed = installation(stand_in, "freeagent")
    company_id, connection_id = linked(installed, "freeagent", tenant)
    installed.wait_until_complete(company_id)

    for _ in range(2):  # its clock runs ahead of ours, so that each time the token in hand is over
        stand_in.post("clock", advance=3601)
        refresh(installed, company_id, "customers")

    assert len([r for r in stand_in.requests("token_endpoint") if r["status"] == 200]) >= 3
    status = installed.get(f"/companies/{company_id}/connections/{connection_id}")["status"]
    assert status == "Linked"


def test_a_consent_that_is_gone_asks_for_a_new_one_and_who_unlinks_needs_no_answer(
    sandbox: Start, installation: Install
) -> None:
    stand_in = sandbox("--providers", "freeagent", "--companies", "1", "--records", "10")
    tenant = stand_in.state()["companies"][0]["tenant"]
    installed = installation(stand_in, "freeagent")
    company_id, connection_id = linked(installed, "freeagent", tenant)
    installed.wait_until_complete(company_id)

    stand_in.post("faults", provider="freeagent", kind="revoked")
    installed.http.post(f"/companies/{company_id}/data/queue/invoices").raise_for_status()
    states = installed.wait_until_complete(company_id)

    assert states["invoices"] == "AuthError"
    path = f"/companies/{company_id}/connections/{connection_id}"
    assert installed.get(path)["status"] == "Deauthorized"
    consent(installed.get(path)["linkUrl"], tenant)
    installed.wait_until_complete(company_id)
    assert installed.get(path)["status"] == "Linked"
    installed.http.patch(path, json={"status": "Unlinked"}).raise_for_status()
    assert installed.get(path)["status"] == "Unlinked"
