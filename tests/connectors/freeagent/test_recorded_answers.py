"""Answers that FreeAgent documents, where they are at hand: each maps, and its money is found again."""

import json
import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tallystick.connectors import Books, Gone, Issue
from tallystick.connectors.freeagent import MANIFEST
from tallystick.connectors.freeagent.mapping import FreeAgentMapper
from tallystick.errors import PageUnreadable
from tallystick.standard import decode, encode

ROOT = Path(__file__).resolve().parents[3]
PAYLOADS = Path(os.environ.get("TALLYSTICK_PAYLOADS", ROOT.parent / "shared" / "payloads"))
INDEX = PAYLOADS / "INDEX.json"
RESOURCES = {
    "balance_sheet": "balance_sheet",
    "bank_accounts": "bank_accounts",
    "bank_transaction_explanations": "explanations",
    "bank_transactions": "bank_transactions",
    "bills": "bills",
    "categories": "categories",
    "company": "company",
    "contacts": "contacts",
    "credit_note_reconciliations": "explanations",
    "credit_notes": "credit_notes",
    "invoices": "invoices",
    "journal_sets": "journal_sets",
    "price_list_items": "items",
    "profit_and_loss": "profit_and_loss",
    "projects": "projects",
    "stock_items": "items",
}
#: What FreeAgent documents beside its lists, and nobody asks for: texts, pictures, calendars.
OTHERS = (
    "business_categories",
    "timeline_items",
    "invoice_timeline_items",
    "default_additional_text",
    "pdf",
    "opening_balances",
)


def recorded() -> list[tuple[str, str]]:
    if not INDEX.exists():
        return []
    return [
        (row["file"], row["entity"])
        for row in json.loads(INDEX.read_text())
        if row["provider"] == "freeagent" and row["file"] and row["entity"] in RESOURCES
        and not any(other in row["file"] for other in OTHERS)
    ]  # fmt: skip


pytestmark = pytest.mark.skipif(not recorded(), reason="optional: no recorded answers at hand")


def pairs(source: dict[str, Any], ours: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Each amount of theirs with the one of ours that it should be, without its sign."""
    names = {
        "total_value": "totalAmount", "gross_value": "totalAmount", "current_balance": "balance",
        "amount": "amount" if "clearedOnDate" in ours else "totalAmount",
    }  # fmt: skip
    for theirs, mine in names.items():
        if theirs in source and mine in ours and "reconciliation" not in str(source.get("url")):
            yield theirs, source[theirs], ours[mine]
    if "price" in source:
        yield "price", source["price"], ours["invoiceItem"]["unitPrice"]


def bare(source: dict[str, Any]) -> dict[str, Any]:
    """A record without its name round it."""
    (only,) = source.values() if len(source) == 1 else (source,)
    return only if isinstance(only, dict) else source


@pytest.mark.parametrize(("file", "entity"), recorded())
def test_every_record_of_a_recorded_answer_maps_with_its_amounts(file: str, entity: str) -> None:
    raw = (PAYLOADS / file).read_bytes()
    resource, mapper = MANIFEST.resource(RESOURCES[entity]), FreeAgentMapper()
    try:
        rows = mapper.split(resource, raw)
    except PageUnreadable:
        # One sample names a record by the name of its list, as no other does.
        assert file.endswith("002-credit_note_reconciliations-2-credit_note_reconciliations.json")
        return
    assert rows
    for row in rows:
        source = bare(json.loads(bytes(row), parse_float=str, parse_int=str))
        issues: list[Issue] = []
        records = mapper.records(resource, row, Books(base_currency="GBP"), issues)
        if "url" not in source and entity not in ("balance_sheet", "profit_and_loss"):
            # Samples of single records often leave their addresses out.
            assert [issue.message for issue in issues] == ["missing"]
            continue
        assert [issue for issue in issues if issue.severity == "rejected" or "no word" in issue.message] == []
        assert records
        for record in records:
            assert not isinstance(record, Gone)
            decode(record.DATA_TYPE, encode(record))
            ours = json.loads(encode(record), parse_float=str, parse_int=str)
            for name, theirs, mine in pairs(source, ours):
                assert Decimal(mine).copy_abs() == Decimal(theirs).copy_abs(), name
