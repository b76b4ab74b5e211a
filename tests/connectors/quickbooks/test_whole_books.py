"""The whole books through a whole engine: what is stored is what the sandbox says that there is."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
from tests.connectors.through_the_engine import Reading, Record, whole_books

from tallystick.cli.demo.consent import Linked
from tallystick.connectors.quickbooks import MANIFEST

pytestmark = pytest.mark.slow
#: What the sandbox sums up, where that is not the total.
FIGURES: Final[Mapping[str, Callable[[Record], Decimal]]] = {
    "transfers": lambda record: record["from"]["amount"],
    "journalEntries": lambda record: sum(
        (line["netAmount"] for line in record["journalLines"] if line["netAmount"] > 0), Decimal()
    ),
    "bankTransactions": lambda record: record["amount"],
}
STATEMENTS: Final = {"balanceSheet", "profitAndLoss", "cashFlowStatement"}
#: What is created, updated and deleted of each.
ACTS: Final = {
    "invoices": (3, 2, 2), "bills": (2, 2, 1), "creditNotes": (1, 1, 1), "billCreditNotes": (1, 1, 1),
    "payments": (2, 2, 2), "billPayments": (2, 1, 1), "purchaseOrders": (2, 2, 1), "directCosts": (2, 2, 1),
    "directIncomes": (2, 1, 2), "bankTransactions": (2, 2, 1), "transfers": (2, 1, 1),
    "journalEntries": (2, 2, 1), "customers": (2, 2, 1), "suppliers": (1, 1, 1), "items": (2, 2, 1),
    "chartOfAccounts": (1, 1, 1), "bankAccounts": (1, 1, 1), "taxRates": (1, 1, 1),
    "trackingCategories": (2, 2, 1), "company": (0, 1, 0),
}  # fmt: skip
#: Which of our ids a deleted transaction had, where several entities are of one type.
PREFIXES: Final = {
    "directIncomes": ("SalesReceipt-", "Deposit-"),
    "transfers": ("Transfer-",),
    "bankTransactions": ("Purchase-", "SalesReceipt-", "Deposit-"),
}


async def agree(found: Reading, company: Linked) -> None:
    """Counts, totals and what is gone, of every data type that the connector gives."""
    truth, stored = await found.truth(company), await found.stored(company)
    assert set(truth["counts"]) | STATEMENTS == set(MANIFEST.data_types)
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


async def act(found: Reading, company: Linked) -> dict[str, dict[str, list[str]]]:
    """Something happens to every list."""
    return {
        entity: await found.control(
            "change", tenant=company.tenant, entity=entity, create=create, update=update, delete=delete
        )
        for entity, (create, update, delete) in ACTS.items()
    }


def gone(stored: dict[str, list[Record]], data_type: str) -> set[str]:
    """The ids of what was stored once and is no more."""
    return {each["id"] for each in stored.get(data_type, []) if each["metadata"]["isDeleted"]}


@pytest.mark.parametrize("place", [0, 1], ids=["British", "American"])
async def test_all_that_the_books_hold_is_stored_and_follows_what_happens_to_them(
    tmp_path: Path, place: int
) -> None:
    async with whole_books(tmp_path, ["quickbooks"], companies=2, records=40) as found:
        company = found.companies[place]
        await agree(found, company)

        changed = await act(found, company)
        await found.sync(company)
        await agree(found, company)

        stored = await found.stored(company)
        for entity in ("invoices", "bills", "creditNotes", "billCreditNotes", "purchaseOrders"):
            ids = {each["id"] for each in stored[entity]}
            assert ids >= {*changed[entity]["created"], *changed[entity]["updated"]}, entity
            # One that was made by the same act, for it to be deleted, was never seen.
            assert gone(stored, entity) == set(changed[entity]["deleted"]) & ids, entity
        for _ in range(2):
            await act(found, company)
            await found.sync(company)
            await agree(found, company)


@pytest.mark.parametrize("by", ["changes", "whole reading"])
async def test_what_is_deleted_for_good_disappears_from_every_list(tmp_path: Path, by: str) -> None:
    """By what QuickBooks tells for thirty days, or beyond them by the ids of a whole reading."""
    reconcile = 7.0 if by == "changes" else 1e-9
    async with whole_books(tmp_path, ["quickbooks"], records=120, reconcile_days=reconcile) as found:
        (company,) = found.companies
        seen = 0
        for entity, (_, _, delete) in ACTS.items():
            if entity in {
                "customers", "suppliers", "items", "chartOfAccounts", "bankAccounts", "taxRates",
                "trackingCategories", "company",
            }:  # fmt: skip
                continue
            before = await found.stored(company)
            deleted = (
                await found.control("change", tenant=company.tenant, entity=entity, delete=max(delete, 1))
            )["deleted"]
            await found.sync(company)
            stored = await found.stored(company)
            ids = {prefix + id_ for prefix in PREFIXES.get(entity, ("",)) for id_ in deleted}
            known = {each["id"] for each in before[entity]} & ids
            assert known <= gone(stored, entity), entity
            seen += len(known)
        assert seen > len(ACTS) / 2
        await agree(found, company)
        # What was posted of it went with it, and what moved on accounts by it.
        assert gone(stored, "journalEntries")
        assert gone(stored, "accountTransactions") == gone(stored, "bankTransactions") != set()


async def test_books_with_records_that_were_gone_before_anybody_read_them(tmp_path: Path) -> None:
    async with whole_books(tmp_path, ["quickbooks"], companies=8, records=12) as found:
        for company in found.companies[-2:]:
            await agree(found, company)
            stored = await found.stored(company)
            assert not gone(stored, "invoices") | gone(stored, "payments"), "nobody ever saw them"


async def test_the_same_seed_has_the_same_ids_after_another_start(tmp_path: Path) -> None:
    kept: list[dict[str, set[Any]]] = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        async with whole_books(tmp_path / name, ["quickbooks"], records=12) as found:
            stored = await found.stored(found.companies[0])
            kept.append({kind: {each.get("id") for each in records} for kind, records in stored.items()})
    assert kept[0] == kept[1]
