"""The stand-in keeps Sage's rules: consent, tokens, lists, limits, refusals."""

import ast
import json
import re
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import evolve
from tests.connectors.mapped_rows import CONSENT, consented
from tests.connectors.sage.conftest import Linked, ids_of, linked_to

from tallystick.connectors import TokenExpired
from tallystick.connectors.sage import MANIFEST, sandbox
from tallystick.connectors.sandbox import SandboxSettings
from tallystick.connectors.sandbox import sandbox as served
from tallystick.errors import LinkFailed, NeedsReauthorisation, PermissionMissing, RequestRefused

PAYLOADS = Path(__file__).resolve().parents[4] / "shared" / "payloads"
OLD = datetime(2000, 1, 1, tzinfo=UTC)


def test_the_stand_in_imports_nothing_of_the_connector_whose_witness_it_is() -> None:
    folder = Path(sandbox.__file__).parent
    for file in folder.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
                "tallystick.connectors.sage"
            ):
                assert str(node.module).startswith("tallystick.connectors.sage.sandbox"), file.name


async def test_a_consent_page_lists_the_businesses_and_lets_the_user_decline() -> None:
    async with linked_to() as sage:
        url = sage.connector.auth.authorize_url(CONSENT)
        page = await sage.http.get(url)
        assert page.status_code == 200
        assert all(tenant in page.text for tenant in sage.tenants)
        back = await consented(sage.http, url, sage.tenants, decision="deny")
        assert back == {"error": "access_denied", "state": "s&1"}


@pytest.mark.parametrize("missing", ["filter", "client_id", "redirect_uri"])
async def test_a_request_for_consent_that_lacks_something_goes_nowhere(missing: str) -> None:
    async with linked_to() as sage:
        url = httpx.URL(sage.connector.auth.authorize_url(CONSENT))
        answer = await sage.http.get(url.copy_remove_param(missing))
        assert answer.status_code == 400


async def test_the_scope_may_be_named_in_either_way() -> None:
    async with linked_to() as sage:
        url = sage.connector.auth.authorize_url(CONSENT).replace("scope=", "scopes=")
        assert "code" in await consented(sage.http, url, sage.tenants)


async def test_a_code_lives_a_minute_and_works_once() -> None:
    async with linked_to() as sage:
        auth = sage.connector.auth
        old = await consented(sage.http, auth.authorize_url(CONSENT), sage.tenants)
        await sage.control("clock", advance=61)
        with pytest.raises(LinkFailed, match="invalid_grant"):
            await auth.exchange(sage.http, CONSENT, old)
        good = await consented(sage.http, auth.authorize_url(CONSENT), sage.tenants)
        await auth.exchange(sage.http, CONSENT, good)
        with pytest.raises(LinkFailed, match="invalid_grant"):
            await auth.exchange(sage.http, CONSENT, good)


async def test_a_code_is_good_for_its_own_address_only() -> None:
    async with linked_to() as sage:
        auth = sage.connector.auth
        good = await consented(sage.http, auth.authorize_url(CONSENT), sage.tenants)
        with pytest.raises(LinkFailed, match="invalid_grant"):
            await auth.exchange(sage.http, evolve(CONSENT, redirect_uri="http://127.0.0.1:1/other"), good)


async def test_an_access_token_is_over_after_five_minutes_and_a_refresh_token_after_31_days() -> None:
    async with linked_to() as sage:
        lasts = sage.tokens.expires_at - datetime.now(UTC)
        assert timedelta(seconds=290) < lasts <= timedelta(seconds=300)
        await sage.control("clock", advance=299)
        await sage.rows("contacts")
        await sage.control("clock", advance=2)
        with pytest.raises(TokenExpired):
            await sage.rows("contacts")
        sage.tokens = await sage.connector.auth.refresh(sage.http, sage.tokens)
        await sage.rows("contacts")
        await sage.control("clock", advance=31 * 86400 + 10)
        with pytest.raises(NeedsReauthorisation):
            await sage.connector.auth.refresh(sage.http, sage.tokens)


async def test_the_old_refresh_token_is_dead_at_once() -> None:
    async with linked_to() as sage:
        auth = sage.connector.auth
        await auth.refresh(sage.http, sage.tokens)
        with pytest.raises(NeedsReauthorisation):
            await auth.refresh(sage.http, sage.tokens)


@pytest.mark.parametrize("by", ["refresh", "access"])
async def test_a_consent_that_is_ended_opens_nothing_any_more(by: str) -> None:
    async with linked_to() as sage:
        auth = sage.connector.auth
        token = sage.tokens if by == "refresh" else evolve(sage.tokens, refresh=None)
        await auth.revoke(sage.http, token, sage.tenants[0])
        with pytest.raises(TokenExpired):
            await sage.rows("contacts")
        with pytest.raises(NeedsReauthorisation):
            await auth.refresh(sage.http, sage.tokens)
        await auth.revoke(sage.http, token, sage.tenants[0])


async def test_one_token_opens_all_businesses_of_its_login_and_no_other() -> None:
    async with linked_to(businesses=2, companies=3) as sage:
        found = await sage.connector.auth.tenants(sage.http, sage.tokens, {})
        assert [tenant.id for tenant in found] == sage.tenants[:2]
        first, second = [
            (await sage.get("business", headers={"X-Business": tenant})).json()["id"]
            for tenant in sage.tenants[:2]
        ]
        assert [first, second] == sage.tenants[:2]
        with pytest.raises(PermissionMissing):
            await sage.get("business", headers={"X-Business": sage.tenants[2]})


async def test_a_list_tells_three_fields_unless_all_are_asked_for() -> None:
    async with linked_to() as sage:
        (row, *_) = await sage.rows("sales_invoices")
        assert set(row) == {"id", "displayed_as", "$path"}
        (row, *_) = await sage.rows("sales_invoices", attributes="date,total_amount")
        assert set(row) == {"id", "displayed_as", "$path", "date", "total_amount"}
        (row, *_) = await sage.rows("sales_invoices", attributes="all")
        assert "invoice_lines" in row
        assert "payments_allocations" not in row
        (row, *_) = await sage.rows("contacts", attributes="all")
        assert set(row["main_address"]) == {"id", "displayed_as", "$path"}
        (row, *_) = await sage.rows("contacts", attributes="all", nested_attributes="all")
        assert row["main_address"]["city"]


async def test_a_page_has_twenty_rows_unless_more_are_asked_for_and_never_over_200() -> None:
    async with linked_to(records=300) as sage:
        told = (await sage.get("sales_invoices")).json()
        assert (len(told["$items"]), told["$itemsPerPage"], told["$page"], told["$back"]) == (20, 20, 1, None)
        assert told["$next"].startswith("/sales_invoices?page=2")
        told = (await sage.get("sales_invoices", params={"items_per_page": "5000"})).json()
        assert len(told["$items"]) == told["$itemsPerPage"] == 200


@pytest.mark.parametrize(
    "params", [{"page": "0"}, {"items_per_page": "x"}, {"updated_or_created_since": "yesterday"}, {"deleted_since": "2026-01-01T00:00:00"}, {"sort": "colour"}]
)  # fmt: skip
async def test_a_parameter_that_cannot_be_read_is_named(params: dict[str, str]) -> None:
    async with linked_to() as sage:
        with pytest.raises(RequestRefused) as found:
            await sage.get("sales_invoices", params=params)
        assert found.value.status == 422
        answer = await sage.http.send(sage.asked[-1])
        assert answer.json()[0]["$source"] in params


async def test_a_record_can_be_asked_for_alone_and_what_is_not_there_is_404() -> None:
    async with linked_to() as sage:
        (row, *_) = await sage.rows("contacts")
        assert (await sage.get(f"contacts/{row['id']}")).json()["name"]
        for path in ("contacts/0", "sales_quotes"):
            with pytest.raises(RequestRefused) as found:
                await sage.get(path)
            assert found.value.status == 404
        url = f"{sage.connector.api_url}/contacts"
        answer = await sage.http.post(
            url, headers=sage.connector.headers(sage.tokens.access, sage.tenants[0])
        )
        assert answer.status_code == 405


async def test_numbers_are_texts_and_moments_have_whole_seconds() -> None:
    async with linked_to() as sage:
        for row in await sage.rows("sales_invoices", attributes="all"):
            assert all(isinstance(row[name], str) for name in ("total_amount", "exchange_rate"))
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", row["updated_at"])


async def test_changes_are_told_from_their_very_second_on() -> None:
    async with linked_to() as sage:
        rows = await sage.rows("sales_invoices", attributes="updated_at", items_per_page="200")
        latest = max(row["updated_at"] for row in rows)
        since = latest.replace("Z", "+00:00")
        found = await sage.rows("sales_invoices", updated_or_created_since=since)
        assert {row["id"] for row in found} == {row["id"] for row in rows if row["updated_at"] == latest}


@pytest.mark.parametrize(
    "entity",
    [
        "invoices",
        "bills",
        "creditNotes",
        "payments",
        "billPayments",
        "directCosts",
        "directIncomes",
        "transfers",
        "journalEntries",
        "items",
        "bankAccounts",
    ],
)
async def test_what_was_deleted_is_in_its_list_no_more_and_told_to_who_asks_for_it(entity: str) -> None:
    async with linked_to() as sage:
        deleted = (await sage.control("change", tenant=sage.tenants[0], entity=entity, delete=2))["deleted"]
        name = {
            "invoices": "sales", "creditNotes": "sales", "bills": "purchases", "payments": "payments",
            "billPayments": "payments", "items": "items", "bankAccounts": "bank_accounts",
            "directCosts": "other_payments", "directIncomes": "other_payments", "transfers": "transfers",
            "journalEntries": "journals",
        }[entity]  # fmt: skip
        assert not set(deleted) & set(ids_of(await sage.pages(name)))
        records, issues = await sage.records(name, since=OLD)
        gone = {record.id for record in records if record.metadata.isDeleted}
        assert set(deleted) <= gone
        assert [issue for issue in issues if issue.severity == "rejected"] == []


async def test_a_change_is_seen_by_who_asks_for_changes() -> None:
    async with linked_to() as sage:
        moment = datetime.now(UTC)
        told = await sage.control("change", tenant=sage.tenants[0], entity="customers", update=2, create=1)
        found = ids_of(await sage.pages("contacts", since=moment))
        assert set(found) == set(told["updated"] + told["created"])


async def test_rows_that_are_sorted_by_their_age_stay_where_they_are_when_they_are_changed() -> None:
    async with linked_to() as sage:
        for name, entity in (("contact_payments", "payments"), ("sales_invoices", "invoices")):
            params = {"sort": "created_at:asc", "items_per_page": "200"}
            before = [row["id"] for row in await sage.rows(name, **params)]
            await sage.control("change", tenant=sage.tenants[0], entity=entity, update=5)
            assert [row["id"] for row in await sage.rows(name, **params)] == before
            unsorted = [row["id"] for row in await sage.rows(name, items_per_page="200")]
            assert unsorted[-1] != before[-1] or unsorted != before


async def test_the_ledger_balances_for_every_transaction_and_with_the_accounts() -> None:
    async with linked_to(records=120) as sage:
        sums: dict[str, Decimal] = defaultdict(Decimal)
        of_account: dict[str, Decimal] = defaultdict(Decimal)
        page, rows = 1, [{}]
        while rows:
            told = (
                await sage.get(
                    "ledger_entries", params={"attributes": "all", "items_per_page": "200", "page": str(page)}
                )
            ).json()
            rows = told["$items"] if (page - 1) * 200 < told["$total"] else []
            for row in rows:
                amount = Decimal(row["debit"]) - Decimal(row["credit"])
                sums[row["transaction"]["id"]] += amount
                if not row["deleted"]:
                    of_account[row["ledger_account"]["id"]] += amount
            page += 1
        assert len(sums) > 150
        assert set(sums.values()) == {Decimal("0.00")}
        accounts = await sage.rows(
            "ledger_accounts", attributes="all", items_per_page="200", show_balance_details="true",
            from_date="1970-01-01", to_date="2999-01-01",
        )  # fmt: skip
        for account in accounts:
            details = account["balance_details"]
            side = -1 if details["credit_or_debit"] == "credit" else 1
            assert side * Decimal(details["balance"]) == of_account[account["id"]]


async def test_quick_entries_are_documents_that_no_other_list_has() -> None:
    async with linked_to(records=200) as sage:
        quick = {row["id"] for row in await sage.rows("sales_quick_entries", items_per_page="200")}
        whole = {row["id"] for row in await sage.rows("sales_invoices", items_per_page="200")}
        assert quick
        assert not quick & whole
        records, _ = await sage.records("sales")
        truth = (await sage.control("state"))["companies"][0]
        assert len([r for r in records if r.DATA_TYPE == "invoices"]) == truth["counts"]["invoices"]


async def test_a_hundred_calls_a_minute_and_then_a_refusal_that_says_when() -> None:
    async with linked_to(limits="real") as sage:
        statuses = []
        for _ in range(101):
            url = f"{sage.connector.api_url}/payment_methods"
            answer = await sage.http.get(
                url, headers=sage.connector.headers(sage.tokens.access, sage.tenants[0])
            )
            statuses.append(answer.status_code)
        assert statuses == [200] * 100 + [429]
        assert 0 < int(answer.headers["retry-after"]) <= 60
        assert answer.json()[0]["$severity"] == "error"


@pytest.mark.parametrize(
    ("kind", "status"), [("http_500", 500), ("http_503", 503), ("http_429", 429), ("expired_token", 401)]
)
async def test_trouble_on_demand_is_said_in_sages_way(kind: str, status: int) -> None:
    async with linked_to() as sage:
        await sage.control("faults", provider="sage", kind=kind, path="contacts")
        url = f"{sage.connector.api_url}/contacts"
        headers = sage.connector.headers(sage.tokens.access, sage.tenants[0])
        answer = await sage.http.get(url, headers=headers)
        assert answer.status_code == status
        assert set(answer.json()[0]) == {"$severity", "$dataCode", "$message", "$source"}
        assert (await sage.http.get(url, headers=headers)).status_code == 200


async def test_a_field_can_be_missing_and_a_list_empty_on_demand() -> None:
    async with linked_to() as sage:
        await sage.control("faults", provider="sage", kind="missing_field", path="contacts", name="id")
        (row, *_) = await sage.rows("contacts")
        assert "id" not in row
        await sage.control("faults", provider="sage", kind="empty_list", path="contacts")
        assert await sage.rows("contacts") == []


async def test_what_the_stand_in_remembers_survives_a_restart(tmp_path: Path) -> None:
    async def told(sage: Linked) -> Any:
        return (await sage.control("state"))["companies"]

    async with linked_to(data=tmp_path) as sage:
        await sage.control("change", tenant=sage.tenants[0], entity="items", delete=1, create=1)
        before, tokens = await told(sage), sage.tokens
    async with linked_to(data=tmp_path) as sage:
        assert await told(sage) == before
        assert (await sage.connector.auth.refresh(sage.http, tokens)).access
        gone = [r.id for r in (await sage.records("items", since=OLD))[0] if r.metadata.isDeleted]
        assert len(gone) == 1


async def test_the_same_seed_has_the_same_ids_whenever_it_is_started() -> None:
    async def ids() -> dict[str, list[str]]:
        async with linked_to() as sage:
            return {name: sorted(ids_of(await sage.pages(name))) for name in names}

    names = [r.name for r in MANIFEST.resources if r.name not in {"business", "statements"}]
    first = await ids()
    assert all(first.values())
    assert await ids() == first


@pytest.mark.skipif(not (PAYLOADS / "INDEX.json").exists(), reason="optional: no recorded answers at hand")
async def test_recorded_answers_are_served_as_they_came() -> None:
    async with linked_to(companies=0, replay=PAYLOADS) as sage:
        (page,) = await sage.pages("bank_accounts")
        (file,) = (PAYLOADS / "sage" / "bank_accounts").glob("*.json")
        theirs = json.loads(file.read_text())["$items"]
        assert {row["id"]: row for row in map(json.loads, map(bytes, page.records))} == {
            r["id"]: r for r in theirs
        }
        truth = (await sage.control("state"))["companies"][0]["counts"]
        for name, data_type in (
            ("bank_accounts", "bankAccounts"),
            ("items", "items"),
            ("business", "company"),
        ):
            records, issues = await sage.records(name)
            assert len(records) == truth[data_type] > 0
            assert issues == []


async def test_every_list_that_the_connector_reads_is_served() -> None:
    async with linked_to() as sage:
        for resource in MANIFEST.resources:
            _, issues = await sage.records(resource.name)
            assert issues == [], resource.name


async def test_the_request_log_counts_by_the_providers_own_words() -> None:
    async with linked_to() as sage:
        await sage.pages("sales")
        counts = (await sage.control("state"))["requests"]["sage"]
        assert (counts["sales_invoices"], counts["sales_credit_notes"], counts["contacts"]) == (1, 1, 0)


async def test_a_sandbox_without_sage_has_no_such_paths() -> None:
    settings = SandboxSettings(providers=("xero",), companies=1, records=1)
    async with served(settings) as running, httpx.AsyncClient() as http:
        assert (await http.get(f"{running.url}/sage/v3.1/contacts")).status_code == 404
