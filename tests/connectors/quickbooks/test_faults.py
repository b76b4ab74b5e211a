"""What refusals mean, in both of QuickBooks' spellings and whatever their status."""

import json
import os
from pathlib import Path
from typing import Any

import httpx
import pytest

from tallystick.connectors import Pace, TokenExpired
from tallystick.connectors.quickbooks.faults import codes, fault, holds_a_fault, paces
from tallystick.errors import (
    NeedsReauthorisation,
    PermissionMissing,
    ProviderUnavailable,
    RateLimited,
    RequestRefused,
)

ROOT = Path(__file__).resolve().parents[3]
PAYLOADS = Path(os.environ.get("TALLYSTICK_PAYLOADS", ROOT.parent / "shared" / "payloads"))


def service(code: str, detail: str = "x") -> bytes:
    return json.dumps({"Fault": {"Error": [{"Message": "m", "Detail": detail, "code": code}]}}).encode()


def gateway(code: str, status: int) -> bytes:
    said = f"message=Said; errorCode={code:0>6}; statusCode={status}"
    error = {"message": said, "detail": "d", "code": code, "element": None}
    return json.dumps({"warnings": None, "fault": {"error": [error], "type": "T"}, "time": 17}).encode()


@pytest.mark.parametrize(
    ("status", "body", "meaning"),
    [
        (401, gateway("3200", 401), TokenExpired),
        (401, b"", TokenExpired),
        (401, gateway("3100", 401), NeedsReauthorisation),
        (403, gateway("3200", 403), TokenExpired),
        (403, gateway("3100", 403), NeedsReauthorisation),
        (403, b"<html>Forbidden</html>", PermissionMissing),
        (429, gateway("3001", 429), RateLimited),
        (429, b"", RateLimited),
        (403, service("3001"), RateLimited),
        (200, service("3001"), RateLimited),
        (200, service("10000"), ProviderUnavailable),
        (200, gateway("3200", 200), ProviderUnavailable),
        (200, service("4000"), RequestRefused),
        (400, service("10000"), ProviderUnavailable),
        (400, service("5020"), PermissionMissing),
        (400, service("5030"), PermissionMissing),
        (400, service("4001"), RequestRefused),
        (400, service("610"), RequestRefused),
        (404, b"", RequestRefused),
        (408, b"", ProviderUnavailable),
        (500, service("10000"), ProviderUnavailable),
        (503, b"<html>", ProviderUnavailable),
        (504, b"\xff\xfe", ProviderUnavailable),
        (302, b"", RequestRefused),
    ],
)
def test_each_refusal_has_one_meaning(status: int, body: bytes, meaning: type[Exception]) -> None:
    assert type(fault(httpx.Response(status, content=body), "Invoice")) is meaning


def test_the_call_can_be_named_to_the_support_and_no_body_is_shown() -> None:
    response = httpx.Response(
        500, content=service("10000", "Amber Kitchens"), headers={"intuit_tid": "1-abc-9"}
    )
    told = str(fault(response, "Invoice"))
    assert "HTTP 500, error 10000 (intuit_tid 1-abc-9)" in told
    assert "Amber" not in told
    strange = httpx.Response(500, headers={"intuit_tid": "<script>"})
    assert "script" not in str(fault(strange, "Invoice"))


@pytest.mark.parametrize("second", [0, 30, 59])
def test_without_a_word_on_it_the_wait_is_over_soon_after_the_next_full_minute(second: int) -> None:
    headers = {"Date": f"Fri, 02 Jan 2026 10:00:{second:02d} GMT", "intuit_tid": "1-x"}
    found = fault(httpx.Response(429, headers=headers), "Invoice")
    assert isinstance(found, RateLimited)
    assert 61 - second <= found.retry_after <= 66 - second
    other = fault(httpx.Response(429, headers={**headers, "intuit_tid": "1-y"}), "Invoice")
    assert isinstance(other, RateLimited)
    assert other.retry_after != found.retry_after, "not all at once"


def test_a_told_wait_is_taken() -> None:
    response = httpx.Response(429, headers={"Retry-After": "17"})
    found = fault(response, "Invoice")
    assert isinstance(found, RateLimited)
    assert found.retry_after == 17
    assert paces(response) == Pace(retry_after_s=17)
    assert paces(httpx.Response(200)) == Pace()


@pytest.mark.parametrize(
    ("raw", "is_fault"),
    [
        (service("4000"), True),
        (gateway("3001", 429), True),
        (b'{"QueryResponse":{},"fault":null}', False),
        (b'{"QueryResponse":{"Invoice":[{"Id":"1","PrivateNote":"\\"fault\\""}]}}', False),
        (b'{"QueryResponse":{"Invoice":[{"Id":"1","fault":{"a":1}}]}}', False),
        (b'{"fault":', False),
        (b"", False),
    ],
)
def test_a_fault_is_told_from_rows(raw: bytes, is_fault: bool) -> None:
    assert holds_a_fault(raw) is is_fault


@pytest.mark.skipif(not PAYLOADS.is_dir(), reason="optional: no recorded answers at hand")
def test_every_recorded_fault_is_one_and_tells_its_code() -> None:
    found: dict[str, Any] = {}
    for file in sorted((PAYLOADS / "quickbooks" / "Fault").glob("*.json")):
        raw = file.read_bytes()
        assert holds_a_fault(raw), file.name
        found[file.stem] = codes(httpx.Response(400, content=raw))
    assert found
    assert all(len(told) == 1 for told in found.values())
