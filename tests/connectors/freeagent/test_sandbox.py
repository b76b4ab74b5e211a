"""The stand-in keeps FreeAgent's rules: consent, tokens, lists, limits, refusals, and books that agree."""

import ast
import json
import re
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import evolve
from tests.connectors.freeagent.conftest import Linked, linked_to
from tests.connectors.mapped_rows import CONSENT, consented

from tallystick.connectors import TokenExpired
from tallystick.connectors.freeagent import MANIFEST, sandbox
from tallystick.connectors.sandbox import SandboxSettings
from tallystick.connectors.sandbox import sandbox as served
from tallystick.errors import LinkFailed, NeedsReauthorisation, RequestRefused
from tallystick.standard import encode


def test_the_stand_in_imports_nothing_of_the_connector_whose_witness_it_is() -> None:
    folder = Path(sandbox.__file__).parent
    for file in folder.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
                "tallystick.connectors.freeagent"
            ):
                assert str(node.module).startswith("tallystick.connectors.freeagent.sandbox"), file.name


async def test_a_consent_page_lists_the_companies_and_lets_the_user_decline() -> None:
    async with linked_to() as freeagent:
        url = freeagent.connector.auth.authorize_url(CONSENT)
        page = await freeagent.http.get(url)
        assert page.status_code == 200
        assert freeagent.tenant in page.text
        back = await consented(freeagent.http, url, freeagent.tenants, decision="deny")
        assert back == {"error": "access_denied", "state": "s&1"}


@pytest.mark.parametrize("missing", ["client_id", "redirect_uri", "response_type"])
async def test_a_request_for_consent_that_lacks_something_goes_nowhere(missing: str) -> None:
    async with linked_to(records=1) as freeagent:
        url = httpx.URL(freeagent.connector.auth.authorize_url(CONSENT))
        answer = await freeagent.http.get(url.copy_remove_param(missing))
        assert answer.status_code == 400


async def test_a_code_lives_a_quarter_of_an_hour_and_works_once() -> None:
    async with linked_to(records=1) as freeagent:
        auth = freeagent.connector.auth
        old = await consented(freeagent.http, auth.authorize_url(CONSENT), freeagent.tenants)
        await freeagent.control("clock", advance=901)
        with pytest.raises(LinkFailed, match="invalid_grant"):
            await auth.exchange(freeagent.http, CONSENT, old)
        good = await consented(freeagent.http, auth.authorize_url(CONSENT), freeagent.tenants)
        await auth.exchange(freeagent.http, CONSENT, good)
        with pytest.raises(LinkFailed, match="invalid_grant"):
            await auth.exchange(freeagent.http, CONSENT, good)


async def test_an_access_token_is_over_after_an_hour_and_every_refresh_gives_a_new_pair() -> None:
    async with linked_to(records=1) as freeagent:
        lasts = freeagent.tokens.expires_at - datetime.now(UTC)
        assert timedelta(seconds=3590) < lasts <= timedelta(seconds=3600)
        await freeagent.control("clock", advance=3601)
        with pytest.raises(TokenExpired):
            await freeagent.get("contacts")
        old = freeagent.tokens
        freeagent.tokens = await freeagent.connector.auth.refresh(freeagent.http, old)
        await freeagent.get("contacts")
        with pytest.raises(NeedsReauthorisation):
            await freeagent.connector.auth.refresh(freeagent.http, old)


async def test_the_app_is_known_by_its_header_alone() -> None:
    async with linked_to(records=1) as freeagent:
        auth = freeagent.connector.auth
        form = {"grant_type": "refresh_token", "refresh_token": freeagent.tokens.refresh or ""}
        inside = {**form, "client_id": auth.client_id, "client_secret": "s"}
        answer = await freeagent.http.post(auth.token_endpoint, data=inside)
        assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})


async def test_a_token_opens_its_own_company_and_no_other() -> None:
    async with linked_to(company=1, records=1) as freeagent:
        (tenant,) = await freeagent.connector.auth.tenants(freeagent.http, freeagent.tokens, {})
        assert tenant.id == freeagent.tenant
        told = (await freeagent.get("company")).json()["company"]
        assert (told["id"], told["currency"]) == (freeagent.tenant, "USD"), "every second company is American"


async def test_a_page_has_25_rows_unless_more_are_asked_for_and_never_over_a_hundred() -> None:
    async with linked_to(records=120) as freeagent:
        answer = await freeagent.get("invoices")
        assert len(answer.json()["invoices"]) == 25
        total = int(answer.headers["x-total-count"])
        assert total >= 120
        links = dict(re.findall(r'<([^>]*)>; rel="(\w+)"', answer.headers["link"]))
        assert set(links.values()) == {"first", "next", "last"}
        assert next(url for url, rel in links.items() if rel == "next").endswith("page=2&per_page=25")
        large = await freeagent.get("invoices", params={"per_page": "5000"})
        assert len(large.json()["invoices"]) == 100


async def test_lines_come_only_where_they_are_asked_for() -> None:
    async with linked_to() as freeagent:
        for name, lines in (
            ("invoices", "invoice_items"),
            ("bills", "bill_items"),
            ("credit_notes", "credit_note_items"),
        ):
            bare = (await freeagent.get(name)).json()[name][0]
            nested = (await freeagent.get(name, params={f"nested_{lines}": "true"})).json()[name][0]
            assert lines not in bare
            assert nested[lines]


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("invoices", {"page": "0"}),
        ("invoices", {"per_page": "x"}),
        ("invoices", {"updated_since": "yesterday"}),
        ("contacts", {"sort": "colour"}),
        ("bank_transactions", {}),
        ("accounting/profit_and_loss/summary", {"from_date": "2020-01-01", "to_date": "2022-01-01"}),
        ("accounting/balance_sheet", {"as_at_date": "soon"}),
    ],
)
async def test_a_parameter_that_is_missing_or_cannot_be_read_is_refused(
    path: str, params: dict[str, str]
) -> None:
    async with linked_to(records=1) as freeagent:
        with pytest.raises(RequestRefused) as found:
            await freeagent.get(path, params=params)
        assert found.value.status == 400


async def test_a_record_can_be_asked_for_alone_and_what_is_not_there_is_404() -> None:
    async with linked_to() as freeagent:
        row = (await freeagent.get("contacts")).json()["contacts"][0]
        id_ = row["url"].rpartition("/")[2]
        assert (await freeagent.get(f"contacts/{id_}")).json()["contact"] == row
        for path in ("contacts/0", "timeslips", "accounting/cashflow"):
            with pytest.raises(RequestRefused) as found:
                await freeagent.get(path)
            assert found.value.status == 404
        url = f"{freeagent.connector.api_url}/contacts"
        headers = freeagent.connector.headers(freeagent.tokens.access, freeagent.tenant)
        assert (await freeagent.http.post(url, headers=headers)).status_code == 405


async def test_ids_are_addresses_and_numbers_are_texts() -> None:
    async with linked_to() as freeagent:
        for row in (await freeagent.get("invoices")).json()["invoices"]:
            assert re.fullmatch(r"https://api\.freeagent\.com/v2/invoices/\d+", row["url"])
            assert all(isinstance(row[name], str) for name in ("total_value", "due_value", "exchange_rate"))
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", row["updated_at"])


async def test_hidden_contacts_are_in_the_view_of_all() -> None:
    async with linked_to(records=200) as freeagent:
        counts = {
            view: int((await freeagent.get("contacts", params={"view": view})).headers["x-total-count"])
            for view in ("all", "active", "hidden")
        }
        assert counts["all"] == counts["active"] + counts["hidden"]
        assert counts["hidden"] > 0
        default = await freeagent.get("contacts")
        assert int(default.headers["x-total-count"]) == counts["active"]


@pytest.mark.parametrize("company", [0, 1], ids=["British", "American"])
async def test_the_books_come_to_what_the_sandbox_says_that_they_hold(company: int) -> None:
    """To the last record and the last penny, and without a doubt."""
    async with linked_to(company=company, records=120, page_size=40) as freeagent:
        truth = await freeagent.truth()
        counts: Counter[str] = Counter()
        totals: dict[str, Decimal] = defaultdict(Decimal)
        for resource in MANIFEST.resources:
            records, issues = await freeagent.records(resource.name)
            assert issues == [], resource.name
            for record in records:
                counts[record.DATA_TYPE] += 1
                totals[record.DATA_TYPE] += getattr(record, "totalAmount", None) or 0
        assert {name: counts[name] for name in truth["counts"]} == truth["counts"]
        assert all(truth["counts"].values()), "there is something of everything"
        assert {name: totals[name] for name in truth["totals"]} == {
            name: Decimal(told) for name, told in truth["totals"].items()
        }


async def test_lines_come_to_their_documents_and_payments_to_what_was_paid() -> None:
    async with linked_to(records=120) as freeagent:
        paid: dict[str, Decimal] = defaultdict(Decimal)
        for record in (await freeagent.records("explanations"))[0]:
            if record.DATA_TYPE == "payments":
                for link in (link for line in record.lines for link in line.links if link.type == "Invoice"):
                    paid[link.id] -= link.amount  # in the invoice's own currency
        invoices, _ = await freeagent.records("invoices")
        assert len(invoices) > 100
        for invoice in invoices:
            assert sum(line.totalAmount for line in invoice.lineItems) == invoice.totalAmount
            assert sum(line.taxAmount for line in invoice.lineItems) == invoice.totalTaxAmount
            if invoice.status not in ("Void", "Draft"):
                applied = invoice.totalAmount - invoice.amountDue - paid[invoice.id]
                assert applied >= 0, "the rest was set against it from on account"
        assert sum(paid.values()) > 0


async def test_the_statements_agree_with_each_other() -> None:
    async with linked_to(records=120) as freeagent:
        (profit,), _ = await freeagent.records("profit_and_loss")
        (sheet,), _ = await freeagent.records("balance_sheet")
        assert len(profit.reports) == len(sheet.reports) == 12
        told = [json.loads(encode(each), parse_float=Decimal, parse_int=Decimal) for each in (profit, sheet)]
        for month, before, after in zip(
            told[0]["reports"][1:], told[1]["reports"], told[1]["reports"][1:], strict=False
        ):
            earned = after["netAssets"] - before["netAssets"]
            assert abs(earned - month["netProfit"]) < 40, "to the pounds that each account is rounded by"
        assert any(month["netProfit"] for month in told[0]["reports"])


@pytest.mark.parametrize(
    ("entity", "resource"),
    [
        ("invoices", "invoices"),
        ("bills", "bills"),
        ("creditNotes", "credit_notes"),
        ("payments", "explanations"),
        ("billPayments", "explanations"),
        ("transfers", "explanations"),
        ("bankTransactions", "bank_transactions"),
        ("journalEntries", "journal_sets"),
        ("items", "items"),
    ],
)
async def test_what_was_deleted_is_in_no_list_any_more(entity: str, resource: str) -> None:
    async with linked_to(records=60) as freeagent:
        before = {record.id for record in (await freeagent.records(resource))[0]}
        deleted = (await freeagent.control("change", tenant=freeagent.tenant, entity=entity, delete=2))[
            "deleted"
        ]
        after = {record.id for record in (await freeagent.records(resource))[0]}
        assert deleted
        assert not set(deleted) & after
        assert before - after <= set(deleted), "and nothing else is gone"


async def test_a_change_is_seen_by_who_asks_for_changes() -> None:
    async with linked_to() as freeagent:
        moment = datetime.now(UTC)
        told = await freeagent.control(
            "change", tenant=freeagent.tenant, entity="invoices", update=2, create=1
        )
        found = {record.id for record in (await freeagent.records("invoices", since=moment))[0]}
        assert found == set(told["updated"] + told["created"])


async def test_rows_stay_where_they_are_when_they_are_changed() -> None:
    async with linked_to() as freeagent:
        params = {"sort": "created_at", "per_page": "100"}
        before = [row["url"] for row in (await freeagent.get("invoices", params=params)).json()["invoices"]]
        await freeagent.control("change", tenant=freeagent.tenant, entity="invoices", update=5)
        after = [row["url"] for row in (await freeagent.get("invoices", params=params)).json()["invoices"]]
        assert after == before


async def test_120_calls_a_minute_and_then_a_plain_sentence_that_says_when() -> None:
    async with linked_to(limits="real", records=1) as freeagent:
        headers = freeagent.connector.headers(freeagent.tokens.access, freeagent.tenant)
        url = f"{freeagent.connector.api_url}/bank_accounts"
        statuses = []
        for _ in range(121):
            answer = await freeagent.http.get(url, headers=headers)
            statuses.append(answer.status_code)
        assert statuses == [200] * 120 + [429]
        assert 0 < int(answer.headers["retry-after"]) <= 60
        assert answer.headers["content-type"].startswith("text/plain")
        assert answer.text.startswith("You must not exceed")


@pytest.mark.parametrize(
    ("kind", "status"), [("http_500", 500), ("http_503", 503), ("http_429", 429), ("expired_token", 401)]
)
async def test_trouble_on_demand_is_said_in_freeagents_way(kind: str, status: int) -> None:
    async with linked_to(records=1) as freeagent:
        await freeagent.control("faults", provider="freeagent", kind=kind, path="contacts")
        url = f"{freeagent.connector.api_url}/contacts"
        headers = freeagent.connector.headers(freeagent.tokens.access, freeagent.tenant)
        answer = await freeagent.http.get(url, headers=headers)
        assert answer.status_code == status
        assert status == 429 or answer.json()["errors"]["error"]["message"]
        assert (await freeagent.http.get(url, headers=headers)).status_code == 200


async def test_a_field_can_be_missing_and_a_list_empty_on_demand() -> None:
    async with linked_to() as freeagent:
        await freeagent.control("faults", provider="freeagent", kind="missing_field", path="invoices")
        _, issues = await freeagent.records("invoices")
        assert [issue.path for issue in issues] == ["$.url"]
        await freeagent.control("faults", provider="freeagent", kind="empty_list", path="invoices")
        assert (await freeagent.get("invoices")).json() == {"invoices": []}


async def test_a_consent_that_was_taken_back_opens_nothing_any_more() -> None:
    async with linked_to(records=1) as freeagent:
        await freeagent.control("faults", provider="freeagent", kind="revoked")
        for _ in range(2):
            with pytest.raises(TokenExpired):
                await freeagent.get("contacts")
        with pytest.raises(NeedsReauthorisation):
            await freeagent.connector.auth.refresh(freeagent.http, freeagent.tokens)


async def test_what_the_stand_in_remembers_survives_a_restart(tmp_path: Path) -> None:
    async def told(freeagent: Linked) -> Any:
        return (await freeagent.control("state"))["companies"]

    async with linked_to(data=tmp_path) as freeagent:
        await freeagent.control("change", tenant=freeagent.tenant, entity="items", delete=1, create=1)
        before, tokens = await told(freeagent), freeagent.tokens
    async with linked_to(data=tmp_path) as freeagent:
        assert await told(freeagent) == before
        fresh = await freeagent.connector.auth.refresh(freeagent.http, tokens)
        await evolve(freeagent, tokens=fresh).get("contacts")


async def test_the_request_log_counts_by_the_providers_own_words() -> None:
    async with linked_to(records=1) as freeagent:
        await freeagent.pages("invoices")
        counts = (await freeagent.control("state"))["requests"]["freeagent"]
        assert (counts["invoices"], counts["bills"]) == (1, 0)


async def test_a_sandbox_without_freeagent_has_no_such_paths() -> None:
    async with (
        served(SandboxSettings(providers=("xero",), companies=1, records=1)) as running,
        httpx.AsyncClient() as http,
    ):
        assert (await http.get(f"{running.url}/freeagent/v2/contacts")).status_code == 404
