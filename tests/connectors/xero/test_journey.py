"""The whole books through a whole engine: what is stored is what the sandbox says that there is."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
from tests.connectors.through_the_engine import Reading, Record
from tests.connectors.xero.reading import reading

from tallystick.cli.demo.consent import Linked
from tallystick.connectors.xero.manifest import MANIFEST
from tallystick.connectors.xero.sandbox.truth import COUNTING

#: What the sandbox sums up, where that is not the total.
FIGURES: Final[Mapping[str, Callable[[Record], Decimal]]] = {
    "transfers": lambda record: record["from"]["amount"],
    "journalEntries": lambda record: sum(
        (line["netAmount"] for line in record["journalLines"] if line["netAmount"] > 0), Decimal()
    ),
    "bankTransactions": lambda record: record["amount"],
}
#: Statements, and what stands for its postings: the truth does not count them.
UNCOUNTED: Final = {"balanceSheet", "profitAndLoss", "cashFlowStatement", "journals"}
#: What can be done to each; an item goes without a trace, which only a whole reading finds.
ACTS: Final = {
    "invoices": (3, 2, 2), "bills": (2, 2, 1), "creditNotes": (1, 1, 1), "billCreditNotes": (1, 1, 1),
    "payments": (2, 2, 2), "billPayments": (2, 1, 1), "purchaseOrders": (2, 2, 1), "directCosts": (2, 2, 1),
    "directIncomes": (2, 1, 2), "bankTransactions": (2, 2, 1), "transfers": (2, 1, 1), "journalEntries": (2, 2, 1),
    "customers": (2, 2, 1), "suppliers": (1, 1, 1), "items": (2, 2, 0), "chartOfAccounts": (1, 1, 1),
    "bankAccounts": (1, 1, 1), "taxRates": (1, 1, 1), "trackingCategories": (2, 2, 1), "company": (0, 1, 0),
}  # fmt: skip


async def agree(found: Reading, company: Linked) -> None:
    """Counts, totals and what is gone, of every data type that the connector gives."""
    truth, stored = await found.truth(company), await found.stored(company)
    assert set(truth["counts"]) | UNCOUNTED == set(MANIFEST.data_types)
    assert set(truth["totals"]) == set(COUNTING.summed)
    for data_type, count in truth["counts"].items():
        records = stored.get(data_type, [])
        standing = [each for each in records if not each.get("metadata", {}).get("isDeleted")]
        assert len(standing) == count, data_type
        if data_type in truth["totals"]:
            figure = FIGURES.get(data_type, lambda record: record["totalAmount"])
            total = sum((figure(each) for each in standing), Decimal())
            assert total == Decimal(truth["totals"][data_type]), data_type
    for data_type, dataset in (await found.latest(company)).items():
        assert (dataset.status, dataset.rejected) == ("Complete", 0), data_type
        assert dataset.fetched == dataset.accounted, data_type
    assert await found.issues() == []


@pytest.mark.parametrize("place", [0, 1], ids=["British", "American"])
async def test_all_that_the_books_hold_is_stored_and_follows_what_happens_to_them(
    tmp_path: Path, place: int
) -> None:
    async with reading(tmp_path, companies=2, records=40) as found:
        company = found.companies[place]
        await agree(found, company)

        changed: dict[str, dict[str, list[str]]] = {}
        for entity, (create, update, delete) in ACTS.items():
            changed[entity] = await found.control(
                "change", tenant=company.tenant, entity=entity, create=create, update=update, delete=delete
            )
        await found.sync(company)

        await agree(found, company)
        stored = await found.stored(company)
        for entity, ids in changed.items():
            known = {record.get("id") for record in stored[entity]}
            if entity != "company":
                assert known >= {*ids["created"], *ids["updated"], *ids["deleted"]}, entity


async def test_books_with_records_that_were_gone_before_anybody_read_them(tmp_path: Path) -> None:
    async with reading(tmp_path, companies=7, records=12) as found:
        company = found.companies[-1]
        await agree(found, company)
        deleted = (await found.truth(company))["deleted"]
        stored = await found.stored(company)
        for data_type in ("invoices", "purchaseOrders", "directCosts", "transfers", "billPayments"):
            gone = [each for each in stored[data_type] if each["metadata"]["isDeleted"]]
            assert len(gone) == deleted[data_type] > 0, data_type


async def test_the_same_seed_has_the_same_ids_after_another_start(tmp_path: Path) -> None:
    kept: list[dict[str, set[Any]]] = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        async with reading(tmp_path / name, records=12, journals=True) as found:
            stored = await found.stored(found.companies[0])
            kept.append({kind: {each.get("id") for each in records} for kind, records in stored.items()})
    assert kept[0] == kept[1]
