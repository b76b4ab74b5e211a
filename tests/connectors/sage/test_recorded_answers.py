"""Answers that Sage gave to others, where they are at hand: each maps whole, and its money is found again.

Sage's documents, contacts and journals are in no public recording: of those only what Sage describes, and our
own stand-in, are witnesses.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tallystick.connectors import Books, Issue
from tallystick.connectors.sage import MANIFEST
from tallystick.connectors.sage.mapping import SageMapper
from tallystick.standard import encode

ROOT = Path(__file__).resolve().parents[3]
PAYLOADS = Path(os.environ.get("TALLYSTICK_PAYLOADS", ROOT.parent / "shared" / "payloads"))
INDEX = PAYLOADS / "INDEX.json"
RESOURCES = {
    "bank_accounts": "bank_accounts",
    "businesses": "business",
    "financial_settings": "business",
    "products": "items",
    "sales_invoices": "sales",
}


def recorded() -> list[tuple[str, str]]:
    if not INDEX.exists():
        return []
    return [
        (row["file"], row["entity"])
        for row in json.loads(INDEX.read_text())
        if row["provider"] == "sage" and row["kind"] == "response" and row["file"]
    ]


pytestmark = pytest.mark.skipif(not recorded(), reason="optional: no recorded answers at hand")


def pairs(source: dict[str, Any], ours: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Each amount of theirs with the one of ours that it should be."""
    if "balance" in source:
        yield "balance", source["balance"], ours["balance"]
    if "cost_price" in source and source.get("purchase_ledger_account"):
        yield "cost_price", source["cost_price"], ours["billItem"]["unitPrice"]
    if source.get("sales_prices"):
        yield "sales_prices", source["sales_prices"][0]["price"], ours["invoiceItem"]["unitPrice"]


def test_every_recorded_list_has_a_resource() -> None:
    assert {entity for _, entity in recorded()} <= set(RESOURCES)


@pytest.mark.parametrize(("file", "entity"), recorded())
def test_every_record_of_a_recorded_answer_maps_with_its_exact_amounts(file: str, entity: str) -> None:
    raw = (PAYLOADS / file).read_bytes()
    resource, mapper = MANIFEST.resource(RESOURCES[entity]), SageMapper()
    issues: list[Issue] = []
    rows = mapper.split(resource, raw)
    assert rows
    for row in rows:
        source = json.loads(bytes(row), parse_float=str, parse_int=str)
        records = mapper.records(resource, row, Books(), issues)
        bare = {"total_amount", "net_amount", "contact"}.isdisjoint(source) and entity == "sales_invoices"
        assert len(records) == (0 if bare else 1)
        for record in records:
            ours = json.loads(encode(record), parse_float=str, parse_int=str)
            for name, theirs, mine in pairs(source, ours):
                assert mine == theirs, name
    assert [issue for issue in issues if issue.severity == "rejected"] == []
    assert [issue for issue in issues if "no word" in issue.message or "no type" in issue.message] == []
