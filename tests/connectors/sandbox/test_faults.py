"""Every kind of trouble, as a client sees it on the wire."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
import trio

Visit = Callable[..., Awaitable[Any]]


async def fault(visitor: Any, kind: str, **words: Any) -> None:
    await visitor.control("faults", {"provider": "xero", "kind": kind, **words})


@pytest.mark.parametrize(("kind", "status"), [("http_500", 500), ("http_503", 503)])
async def test_a_server_error_comes_without_json_and_only_as_often_as_asked(
    visitor: Any, kind: str, status: int
) -> None:
    await fault(visitor, kind, count=2)
    for expected in (status, status, 200):
        answer = await visitor.ask("Invoices")
        assert answer.status_code == expected
    assert "json" in answer.headers["content-type"]


async def test_too_many_calls_name_the_wait_and_the_limit(visitor: Any) -> None:
    await fault(visitor, "http_429", seconds=7)
    answer = await visitor.ask("Invoices")
    assert answer.status_code == 429
    assert (answer.headers["retry-after"], answer.headers["x-rate-limit-problem"]) == ("7", "minute")
    assert answer.content == b""


async def test_a_timeout_holds_the_call_and_then_breaks_it_off(visitor: Any) -> None:
    await fault(visitor, "timeout", seconds=0.2)
    started = trio.current_time()
    with pytest.raises(httpx.RemoteProtocolError):
        await visitor.ask("Invoices")
    assert trio.current_time() - started >= 0.2
    assert (await visitor.ask("Invoices")).status_code == 200


async def test_a_timeout_holds_a_call_longer_than_a_patient_client_waits(visitor: Any) -> None:
    await fault(visitor, "timeout")
    with trio.move_on_after(0.3) as scope:
        await visitor.ask("Invoices")
    assert scope.cancelled_caught


async def test_a_malformed_answer_says_200_and_is_no_json(visitor: Any) -> None:
    await fault(visitor, "malformed")
    answer = await visitor.ask("Invoices")
    assert answer.status_code == 200
    assert "json" in answer.headers["content-type"]
    with pytest.raises(json.JSONDecodeError):
        answer.json()


async def test_an_html_answer_says_200_and_is_a_page(visitor: Any) -> None:
    await fault(visitor, "html")
    answer = await visitor.ask("Invoices")
    assert answer.status_code == 200
    assert answer.text.startswith("<!doctype html>")


async def test_a_truncated_answer_breaks_off_in_its_body(visitor: Any) -> None:
    await fault(visitor, "truncated")
    request = visitor.http.build_request(
        "GET",
        "/xero/api.xro/2.0/Invoices",
        headers={
            "authorization": f"Bearer {visitor.tokens['access_token']}",
            "xero-tenant-id": visitor.tenants[0],
        },
    )
    answer = await visitor.http.send(request, stream=True)
    assert answer.status_code == 200
    assert "content-length" not in answer.headers
    chunks: list[bytes] = []
    with pytest.raises(httpx.RemoteProtocolError):
        await gather(answer, chunks)
    assert b"".join(chunks).startswith(b'{"Id":')
    assert not chunks[-1].endswith(b"]}")


async def gather(answer: httpx.Response, chunks: list[bytes]) -> None:
    async for chunk in answer.aiter_bytes():
        chunks.append(chunk)  # noqa: PERF401 - what came before the break has to be kept


async def test_an_expired_token_is_told_as_such_though_it_is_good(visitor: Any) -> None:
    await fault(visitor, "expired_token")
    answer = await visitor.ask("Invoices")
    assert (answer.status_code, answer.json()["Detail"][:12]) == (401, "TokenExpired")
    assert (await visitor.ask("Invoices")).status_code == 200


async def test_a_revoked_grant_is_gone_for_good(visitor: Any) -> None:
    await fault(visitor, "revoked", tenant=visitor.tenants[0])
    assert (await visitor.ask("Invoices", tenant=visitor.tenants[1])).status_code == 200
    answer = await visitor.ask("Invoices")
    assert (answer.status_code, answer.json()["Detail"]) == (401, "AuthenticationUnsuccessful")
    assert (await visitor.ask("Invoices")).status_code == 401
    refused = await visitor.refresh(visitor.tokens["refresh_token"])
    assert refused.json() == {"error": "invalid_grant"}
    await visitor.link()
    assert (await visitor.ask("Invoices")).status_code == 200


async def test_a_revoked_grant_may_show_at_the_token_endpoint_first(visitor: Any) -> None:
    await fault(visitor, "revoked")
    refused = await visitor.refresh(visitor.tokens["refresh_token"])
    assert (refused.status_code, refused.json()) == (400, {"error": "invalid_grant"})
    assert (await visitor.ask("Invoices")).status_code == 401


async def test_a_slow_answer_is_a_good_answer(visitor: Any) -> None:
    await fault(visitor, "slow", seconds=0.2)
    started = trio.current_time()
    assert (await visitor.ask("Invoices")).status_code == 200
    assert trio.current_time() - started >= 0.2


@pytest.mark.parametrize("name", [None, "Total"], ids=["the id", "a named field"])
async def test_a_missing_field_is_missing_in_one_row_and_the_rest_keeps_its_digits(
    visitor: Any, name: str | None
) -> None:
    good = (await visitor.ask("Invoices", page=1)).json()["Invoices"]
    await fault(visitor, "missing_field", **({"name": name} if name else {}))
    bad = (await visitor.ask("Invoices", page=1)).json()["Invoices"]
    assert bad[0].keys() ^ good[0].keys() == {name or "InvoiceID"}
    assert bad[1:] == good[1:]


async def test_an_empty_list_is_a_whole_answer_without_rows(visitor: Any) -> None:
    await fault(visitor, "empty_list")
    body = (await visitor.ask("Invoices", page=1)).json()
    assert body["Invoices"] == []
    assert body["pagination"]["itemCount"] == 0
    assert len((await visitor.ask("Invoices", page=1)).json()["Invoices"]) == 64


async def test_a_fault_hits_only_its_path_and_its_tenant(visitor: Any) -> None:
    await fault(visitor, "http_500", path="contacts", tenant=visitor.tenants[1])
    assert (await visitor.ask("Invoices", tenant=visitor.tenants[1])).status_code == 200
    assert (await visitor.ask("Contacts", tenant=visitor.tenants[0])).status_code == 200
    assert (await visitor.ask("Contacts", tenant=visitor.tenants[1])).status_code == 500


async def test_a_fault_without_a_path_leaves_tokens_alone(visitor: Any) -> None:
    await fault(visitor, "http_500")
    assert (await visitor.refresh(visitor.tokens["refresh_token"])).status_code == 200
    assert (await visitor.ask("Invoices")).status_code == 500


async def test_a_fault_with_the_token_path_hits_the_token_endpoint(visitor: Any) -> None:
    await fault(visitor, "http_503", path="/connect/token")
    assert (await visitor.refresh(visitor.tokens["refresh_token"])).status_code == 503


async def test_faults_are_listed_and_cleared(visitor: Any) -> None:
    await fault(visitor, "http_500", count=3)
    listed = (await visitor.control("faults"))["faults"]
    assert [(each["kind"], each["count"]) for each in listed] == [("http_500", 3)]
    cleared = await visitor.http.delete("/_control/faults")
    assert cleared.json() == {"cleared": 1}
    assert (await visitor.ask("Invoices")).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {"provider": "xero", "kind": "earthquake"},
        {"provider": "nobody", "kind": "http_500"},
        {"provider": "xero", "kind": "http_500", "count": 0},
        {"provider": "xero", "kind": "http_500", "pathh": "x"},
        {"kind": "http_500"},
    ],
    ids=["unknown kind", "unknown provider", "no times", "misspelt", "no provider"],
)
async def test_a_fault_that_nobody_understands_is_refused(visitor: Any, body: dict[str, Any]) -> None:
    told = await visitor.control("faults", body, status=400)
    assert told["error"]
    assert (await visitor.control("faults"))["faults"] == []
