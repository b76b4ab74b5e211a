"""A change at QuickBooks is served a moment later, over real processes; a lost message is made good."""

import secrets
import time
from collections.abc import Callable
from typing import Any

import pytest
from tests.journeys.conftest import Installation, Sandbox, installation, linked, sandbox

pytestmark = pytest.mark.slow
__all__ = ["installation", "sandbox"]  # fixtures


def until(look: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not look():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("form", ["old", "cloud_events"])
def test_changes_and_deletions_are_served_without_a_sync(
    sandbox: Callable[..., Sandbox], installation: Callable[..., Installation], tmp_path: Any, form: str
) -> None:
    stand_in = sandbox("--providers", "quickbooks", "--companies", "1", "--records", "40")
    tenant, key = stand_in.state()["companies"][0]["tenant"], secrets.token_hex()
    (tmp_path / "webhook-key").write_text(key)
    installed = installation(
        stand_in, "quickbooks", extra=f'webhook_key = "file:{tmp_path / "webhook-key"}"\n'
    )
    company_id, _ = linked(installed, "quickbooks", tenant)
    installed.wait_until_complete(company_id)
    stand_in.post("hooks", provider="quickbooks", url=f"{installed.url}/hooks/quickbooks", key=key, form=form)
    lists, datasets = len(stand_in.requests("cdc")), installed.get(f"/companies/{company_id}/data/history")
    before = {invoice["id"]: invoice for invoice in installed.all_of(company_id, "invoices")}

    changed = stand_in.post("change", tenant=tenant, entity="invoices", create=1, update=1, delete=1)
    assert [met["status"] for met in changed["hooks"]] == [200]
    (made,), (updated,), (deleted,) = changed["created"], changed["updated"], changed["deleted"]

    def served() -> bool:
        found = {invoice["id"]: invoice for invoice in installed.all_of(company_id, "invoices")}
        return (
            made in found
            and found[updated]["sourceModifiedDate"] != before[updated]["sourceModifiedDate"]
            and found[deleted]["metadata"]["isDeleted"] is True
        )

    until(served)
    assert len(stand_in.requests("cdc")) == lists
    after = installed.get(f"/companies/{company_id}/data/history")
    assert after["totalResults"] == datasets["totalResults"]
    metrics = installed.http.get(installed.metrics_url).text
    assert 'tallystick_narrow_refresh_records_total{outcome="read",platform="quickbooks"} 3.0' in metrics


def test_what_a_lost_message_did_not_say_the_next_sync_finds(
    sandbox: Callable[..., Sandbox], installation: Callable[..., Installation], tmp_path: Any
) -> None:
    stand_in = sandbox("--providers", "quickbooks", "--companies", "1", "--records", "20")
    tenant = stand_in.state()["companies"][0]["tenant"]
    (tmp_path / "webhook-key").write_text("right")
    installed = installation(
        stand_in, "quickbooks", extra=f'webhook_key = "file:{tmp_path / "webhook-key"}"\n'
    )
    company_id, _ = linked(installed, "quickbooks", tenant)
    installed.wait_until_complete(company_id)
    url = f"{installed.url}/hooks/quickbooks"
    stand_in.post("hooks", provider="quickbooks", url=url, key="wrong")

    changed = stand_in.post("change", tenant=tenant, entity="invoices", create=1)
    assert [met["status"] for met in changed["hooks"]] == [401]
    installed.http.post(f"/companies/{company_id}/data/queue/invoices").raise_for_status()
    installed.wait_until_complete(company_id)
    assert changed["created"][0] in {invoice["id"] for invoice in installed.all_of(company_id, "invoices")}
