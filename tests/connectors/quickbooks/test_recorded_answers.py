"""Answers that QuickBooks gave to others, where they are at hand: each maps whole, its money found again."""

import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tallystick.connectors import Books, Gone, Issue
from tallystick.connectors.quickbooks import MANIFEST
from tallystick.connectors.quickbooks.mapping import QuickBooksMapper
from tallystick.connectors.quickbooks.queries import entities_of
from tallystick.standard import decode, encode

ROOT = Path(__file__).resolve().parents[3]
PAYLOADS = Path(os.environ.get("TALLYSTICK_PAYLOADS", ROOT.parent / "shared" / "payloads"))
INDEX = PAYLOADS / "INDEX.json"
#: Each entity with every resource that reads it.
RESOURCES = [(entity, resource) for resource in MANIFEST.resources for entity in entities_of(resource.name)]
#: Provider's amount, and where ours is: the literal must be the same, the sign apart.
AMOUNTS = {
    "invoices": {"TotalAmt": "totalAmount", "Balance": "amountDue", "ExchangeRate": "currencyRate"},
    "bills": {"TotalAmt": "totalAmount", "Balance": "amountDue", "ExchangeRate": "currencyRate"},
    "creditNotes": {"TotalAmt": "totalAmount", "RemainingCredit": "remainingCredit"},
    "billCreditNotes": {"TotalAmt": "totalAmount", "Balance": "remainingCredit"},
    "payments": {"TotalAmt": "totalAmount"},
    "billPayments": {"TotalAmt": "totalAmount"},
    "directCosts": {"TotalAmt": "totalAmount"},
    "directIncomes": {},
    "accountTransactions": {},
    "chartOfAccounts": {"CurrentBalance": "currentBalance"},
    "bankAccounts": {"CurrentBalance": "balance"},
}
#: What is only read beside something else.
BESIDE = {"TaxRate", "Preferences"}
LINED = {"Invoice", "CreditMemo", "SalesReceipt", "RefundReceipt", "Bill", "VendorCredit", "Purchase"}


def recorded() -> list[Any]:
    if not INDEX.exists():
        return []
    entities = {entity for entity, _ in RESOURCES} - BESIDE
    found = []
    for row in json.loads(INDEX.read_text()):
        if row["provider"] != "quickbooks" or row["kind"] != "response" or not row["file"]:
            continue
        if row["entity"] in {*entities, "CDCResponse"}:
            found.append(pytest.param(row["file"], row["entity"], id=row["file"]))
    return found


pytestmark = pytest.mark.skipif(not INDEX.exists(), reason="optional: no recorded answers at hand")


def mapped(
    raw: bytes, entity: str
) -> Iterator[tuple[dict[str, Any], str, list[dict[str, Any]], list[Issue]]]:
    """Each row of the answer as each of its resources maps it: source, entity, records, issues."""
    mapper = QuickBooksMapper()
    for name, resource in RESOURCES:
        if entity not in {name, "CDCResponse"}:
            continue
        if entity == "Report" and json.loads(raw)["Header"]["ReportName"] != resource.name:
            continue
        for row in mapper.split(resource, raw):
            parts = json.loads(bytes(row), parse_float=str, parse_int=str)
            if name not in parts:
                continue
            issues: list[Issue] = []
            found = mapper.records(resource, row, Books(base_currency="USD"), issues)
            records = [record for record in found if not isinstance(record, Gone)]
            assert (parts[name].get("status") == "Deleted") == (len(records) < len(found))
            for record in records:
                assert decode(record.DATA_TYPE, encode(record)).id == record.id
            told = [
                json.loads(encode(record), parse_float=str, parse_int=str) | {"dataType": record.DATA_TYPE}
                for record in records
            ]
            yield parts[name], name, told, issues


DISCOUNTS = {"DiscountLineDetail"}


def literals(lines: list[dict[str, Any]]) -> Iterator[str]:
    for line in lines:
        if line.get("DetailType") == "GroupLineDetail":
            yield from literals(line["GroupLineDetail"]["Line"])
        elif line.get("DetailType") not in {"SubTotalLineDetail", "DiscountLineDetail"}:
            yield line["Amount"]


def unsigned(text: str) -> str:
    return text.removeprefix("-")


@pytest.mark.parametrize(("file", "entity"), recorded())
def test_every_record_of_a_recorded_answer_maps_with_its_exact_amounts(file: str, entity: str) -> None:
    rows = list(mapped((PAYLOADS / file).read_bytes(), entity))

    assert rows, "the answer has rows"
    for source, name, records, issues in rows:
        assert [issue for issue in issues if issue.severity == "rejected"] == []
        assert [issue for issue in issues if "no word" in issue.message] == []
        if source.get("status") == "Deleted":
            assert records == []
            assert issues == []
        for ours in records:
            for theirs, mine in AMOUNTS.get(ours["dataType"], {}).items():
                if theirs in source:
                    assert ours[mine] == source[theirs], theirs
            if name in LINED and "lineItems" in ours:
                wanted = [unsigned(amount) for amount in literals(source.get("Line", []))]
                if ours["dataType"] == "directIncomes":  # they have no other place for a discount
                    wanted += [line["Amount"] for line in source["Line"] if line["DetailType"] in DISCOUNTS]
                assert [unsigned(line["subTotal"]) for line in ours["lineItems"]] == wanted
            if ours["dataType"] in {"payments", "billPayments"} and "Line" in source:
                found = Counter(unsigned(line["amount"]) for line in ours["lines"])
                assert not Counter(line["Amount"] for line in source["Line"]) - found


def test_every_entity_that_was_recorded_gives_records() -> None:
    """An answer that maps to nothing would pass all else."""
    given: Counter[str] = Counter()
    for param in recorded():
        file, entity = param.values
        for _, name, records, _ in mapped((PAYLOADS / str(file)).read_bytes(), str(entity)):
            given[name] += len(records)
    silent = {entity for entity in given if not given[entity]}
    assert silent <= {"CreditMemo"}, "of credit memos only a deletion was recorded"
    assert given["Customer"] > 60
    assert given["Account"] > 20


def test_recorded_rates_and_preferences_are_read_beside_what_they_explain() -> None:
    def raw(entity: str) -> list[bytes]:
        return [file.read_bytes() for file in sorted((PAYLOADS / "quickbooks" / entity).glob("*.json"))]

    def records(resource: str, *answers: bytes) -> list[Any]:
        told, mapper, issues = MANIFEST.resource(resource), QuickBooksMapper(), list[Issue]()
        page = b"[%b]" % b",".join(answers)
        found = [r for row in mapper.split(told, page) for r in mapper.records(told, row, Books(), issues)]
        assert [issue for issue in issues if issue.severity == "rejected"] == []
        return found

    for preferences in raw("Preferences"):
        (company,) = records("CompanyInfo", raw("CompanyInfo")[0], preferences)
        home = json.loads(preferences)
        told = home.get("Preferences") or home["QueryResponse"]["Preferences"][0]
        assert company.baseCurrency == told["CurrencyPrefs"]["HomeCurrency"]["value"]
    rates = records("TaxCode", *raw("TaxCode"), *raw("TaxRate"))
    assert len(rates) >= len(raw("TaxCode"))
