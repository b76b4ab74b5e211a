"""Recorded answers as a company: made-up recordings always, and the shared ones where they are."""

import json
import os
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tallystick.connectors.sandbox import SandboxSettings
from tallystick.connectors.sandbox.world import make_world
from tallystick.connectors.xero.sandbox.replay import recorded_rows
from tallystick.connectors.xero.sandbox.resources import RESOURCES
from tallystick.errors import ConfigurationInvalid

Visit = Callable[..., Awaitable[Any]]
PAYLOADS = Path(
    os.environ.get("TALLYSTICK_PAYLOADS", Path(__file__).resolve().parents[4] / "shared" / "payloads")
)
INVOICE = '{"InvoiceID":"i-1","Type":"ACCREC","Status":"PAID","Total":1234567890123.450,"LineItems":[]%s}'


def record(folder: Path, name: str, body: str, *, status: int = 200, kind: str = "response") -> None:
    file = folder / "xero" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(body)
    index = folder / "INDEX.json"
    rows = json.loads(index.read_text()) if index.exists() else []
    rows.append({"file": f"xero/{name}", "provider": "xero", "kind": kind, "status": status})
    index.write_text(json.dumps(rows))


async def test_rows_are_served_to_the_byte(visit: Visit, tmp_path: Path) -> None:
    row = INVOICE % ',"Odd":  [ 1.50 ,null ]'
    record(tmp_path, "Invoices/1.json", f'{{"Status":"OK","Invoices":[{row}]}}')
    visitor = await visit(companies=0, replay=tmp_path)
    await visitor.link()
    answer = await visitor.ask("Invoices", page=1)
    assert row.encode() in answer.content
    assert answer.json()["pagination"]["itemCount"] == 1
    company = (await visitor.control("state"))["companies"][0]
    assert (company["platform"], company["counts"]["invoices"]) == ("xero", 1)
    assert company["totals"]["invoices"] == "1234567890123.450"


def test_the_last_copy_wins_but_never_one_without_lines(tmp_path: Path) -> None:
    lined = '{"InvoiceID":"i-1","LineItems":[{"LineAmount":1}],"Total":1}'
    record(tmp_path, "Invoices/1.json", f'{{"Invoices":[{lined}]}}')
    record(tmp_path, "Invoices/2.json", '{"Invoices":[{"InvoiceID":"i-1","LineItems":[],"Total":2}]}')
    record(tmp_path, "Invoices/3.json", '{"Invoices":[{"Total":3}]}')
    record(tmp_path, "Invoices/4.json", '{"Invoices":[{"InvoiceID":"i-2","Total":4}]}', status=400)
    record(tmp_path, "Invoices/5.json", '{"Invoices":[{"InvoiceID":"i-3"}]}', kind="mock")
    rows = recorded_rows(tmp_path).of(RESOURCES["invoices"])
    assert [(row.id, row.fields()["Total"]) for row in rows] == [("i-1", 1)]


def test_truth_counts_recorded_rows_by_the_same_rules(tmp_path: Path) -> None:
    record(
        tmp_path,
        "Contacts/1.json",
        '{"Contacts":[{"ContactID":"a"},{"ContactID":"b","IsSupplier":true},'
        '{"ContactID":"c","IsSupplier":true,"IsCustomer":true}]}',
    )
    record(
        tmp_path,
        "Payments/1.json",
        '{"Payments":[{"PaymentID":"a","PaymentType":"ACCRECPAYMENT","Amount":10.10},'
        '{"PaymentID":"b","PaymentType":"ARCREDITPAYMENT","Amount":2.05},'
        '{"PaymentID":"c","PaymentType":"ACCPAYPAYMENT","Amount":5,"Status":"DELETED"}]}',
    )
    record(
        tmp_path,
        "Invoices/1.json",
        '{"Invoices":[{"InvoiceID":"v","Type":"ACCPAY","Status":"VOIDED","Total":3}]}',
    )
    truth = recorded_rows(tmp_path).truth()
    assert (truth.counts["customers"], truth.counts["suppliers"]) == (2, 2)
    assert (truth.counts["payments"], truth.totals["payments"]) == (2, Decimal("8.05"))
    assert (truth.counts["billPayments"], truth.deleted["billPayments"]) == (0, 1)
    assert (truth.counts["bills"], truth.totals["bills"]) == (1, Decimal(3))


async def test_recorded_books_do_not_change(visit: Visit, tmp_path: Path) -> None:
    record(tmp_path, "Invoices/1.json", '{"Invoices":[]}')
    visitor = await visit(companies=0, replay=tmp_path)
    body = {"tenant": visitor.tenants[0], "entity": "invoices", "create": 1}
    assert "recorded" in (await visitor.control("change", body, status=400))["error"]


@pytest.mark.parametrize("text", [None, "nonsense"], ids=["missing", "no JSON"])
def test_a_folder_that_is_none_is_refused_at_the_start(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "INDEX.json").write_text(text)
    with pytest.raises(ConfigurationInvalid, match=r"INDEX\.json"):
        make_world(SandboxSettings(replay=tmp_path))


@pytest.mark.skipif(not (PAYLOADS / "INDEX.json").exists(), reason="optional: the shared payloads")
async def test_the_shared_recordings_are_served_whole(visit: Visit) -> None:
    visitor = await visit(companies=1, records=5, replay=PAYLOADS)
    tenant = visitor.tenants[-1]
    await visitor.link(tenant)
    state = await visitor.control("state")
    company = next(each for each in state["companies"] if each["tenant"] == tenant)
    decode = msgspec.json.Decoder(float_hook=Decimal).decode
    found: dict[str, list[Any]] = {}
    for name in ("Accounts", "TaxRates", "Items", "Contacts", "Invoices", "CreditNotes", "Payments"):
        answer = await visitor.ask(
            name, tenant=tenant, page=1, pageSize=1000, includeArchived="true", order="UpdatedDateUTC"
        )
        if answer.status_code == 400:  # a list whose rows were recorded without their dates
            answer = await visitor.ask(name, tenant=tenant)
        found[name] = decode(answer.content)[name]
        assert found[name]
    live = [row for row in found["Invoices"] if row["Status"] != "DELETED"]
    sales = [row for row in live if row["Type"] == "ACCREC"]
    assert company["counts"]["invoices"] == len(sales) > 10
    assert Decimal(company["totals"]["invoices"]) == sum(row["Total"] for row in sales)
    assert company["counts"]["chartOfAccounts"] == len(
        [row for row in found["Accounts"] if row.get("Status") != "DELETED"]
    )
