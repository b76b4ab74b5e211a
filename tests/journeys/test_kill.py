"""kill -9 in the middle of a sync: nothing lost, nothing twice, at most the pages in flight again."""

import json
import os
import random
import sys
import time
from collections.abc import Callable

import httpx
import pytest
from tests.journeys.conftest import Installation, Sandbox

from tallystick.config import EngineSettings

SOAK = os.environ.get("TALLYSTICK_SOAK") == "1"
PAGE = 20


def _read_again(stand_in: Sandbox) -> int:
    """Pages that the provider has given more than once; of `Payments`, which two resources read, none count."""
    asked = [
        (request["path"], request["query"])
        for request in stand_in.requests()
        if request["status"] == 200
        and "page=" in request["query"]
        and not request["path"].endswith("/Payments")
    ]
    return len(asked) - len(set(asked))


@pytest.mark.slow
@pytest.mark.parametrize("kills", [100 if SOAK else 25], ids=lambda n: f"{n} kills")
def test_a_killed_sync_goes_on_from_the_last_stored_page(
    kills: int, sandbox: Callable[..., Sandbox], installation: Callable[..., Installation]
) -> None:
    # Slow enough, and enough of them, that there is always something left to be killed in.
    stand_in = sandbox("--companies", "1", "--records", str(160 * kills), "--latency-ms", "400")
    installed = installation(stand_in, extra=f"page_size = {PAGE}")
    truth = stand_in.state()["companies"][0]
    company_id, _ = installed.link(truth["tenant"])
    chance = random.Random(7)
    slowest = 0.0
    for _ in range(kills):
        time.sleep(chance.uniform(0.2, 0.9))
        installed.kill()
        began = time.monotonic()
        installed.start()
        installed.get("/companies")
        slowest = max(slowest, time.monotonic() - began)
    assert slowest < 5, "ready again within five seconds"
    states = installed.wait_until_complete(company_id, seconds=80 + 4 * kills)
    assert set(states.values()) == {"Complete"}
    for data_type, count in truth["counts"].items():
        if data_type in {"invoices", "bills", "payments", "billPayments", "customers", "suppliers"}:
            found = installed.all_of(company_id, data_type)
            assert len(found) == count, data_type
            assert len({record["id"] for record in found}) == count, data_type
    again = _read_again(stand_in)
    assert again <= kills * EngineSettings().pages_in_flight
    figures = {"kills": kills, "pages_read_again": again, "slowest_start_s": round(slowest, 2)}
    sys.stdout.write(json.dumps({"bench": "kill", "lost": 0, "twice": 0, **figures}) + "\n")


@pytest.mark.slow
def test_a_stop_in_the_middle_of_a_sync_is_taken_up_after_the_next_start(
    sandbox: Callable[..., Sandbox], installation: Callable[..., Installation]
) -> None:
    stand_in = sandbox("--companies", "1", "--records", "300", "--latency-ms", "60")
    installed = installation(stand_in, extra=f"page_size = {PAGE}")
    truth = stand_in.state()["companies"][0]
    company_id, _ = installed.link(truth["tenant"])
    time.sleep(0.5)
    began = time.monotonic()
    assert installed.stop() == 0
    assert time.monotonic() - began < 5
    installed.start()
    assert set(installed.wait_until_complete(company_id).values()) == {"Complete"}
    assert len(installed.all_of(company_id, "invoices")) == truth["counts"]["invoices"]


@pytest.mark.slow
def test_a_stop_while_the_token_endpoint_is_slow_is_quick_and_fails_no_sync(
    sandbox: Callable[..., Sandbox], installation: Callable[..., Installation]
) -> None:
    """What a stop interrupts is neither lost nor called an error."""
    stand_in = sandbox("--companies", "2", "--records", "60")
    installed = installation(stand_in)
    linked = []
    for company in stand_in.state()["companies"]:
        company_id, _ = installed.link(company["tenant"], name=company["name"])
        installed.wait_until_complete(company_id)
        linked.append(company_id)
    stand_in.post("faults", provider="xero", kind="slow", count=50, path="/connect/token", seconds=20)
    stand_in.post("faults", provider="xero", kind="expired_token", count=2)
    stand_in.post("faults", provider="xero", kind="slow", count=4, path="/Invoices", seconds=1)
    for company_id in linked:
        installed.http.post(f"/companies/{company_id}/data/all").raise_for_status()
    time.sleep(1.0)
    began = time.monotonic()
    assert installed.stop() == 0
    assert time.monotonic() - began < 5
    httpx.delete(f"{stand_in.control}/faults").raise_for_status()
    installed.start()
    for company_id in linked:
        assert set(installed.wait_until_complete(company_id).values()) == {"Complete"}
