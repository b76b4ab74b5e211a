"""One ledger, three providers: read through any of them, the same company has the same figures.

The sandbox's books are one truth, which each stand-in tells in its provider's own way. What a provider cannot
tell at all is left out of its comparison, by name.
"""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from tests.connectors.through_the_engine import ReadBooks, Record, reading

pytestmark = pytest.mark.slow

PROVIDERS = ("xero", "quickbooks", "sage")
Figures = Mapping[Any, Any]

#: What bears each kind of document, and whom it names.
DOCUMENTS = {
    "invoices": ("invoiceNumber", "customerRef", "customers"),
    "creditNotes": ("creditNoteNumber", "customerRef", "customers"),
    "bills": ("reference", "supplierRef", "suppliers"),
    "billCreditNotes": ("billCreditNoteNumber", "supplierRef", "suppliers"),
}
#: Not in any ledger yet, or no more: providers differ in what they still tell of them.
NOT_POSTED = {"Draft", "Void"}
#: In the place of a figure that a provider tells in another way.
NOT_TOLD = None
SIDES = ("assets", "liabilities", "equity")


@pytest.fixture
async def companies(tmp_path: Path) -> AsyncIterator[list[dict[str, ReadBooks]]]:
    """A British and an American business, each as every provider tells it."""
    async with reading(tmp_path, PROVIDERS, companies=2, records=80) as (_, found):
        places = len(found) // len(PROVIDERS)
        by_place: list[dict[str, ReadBooks]] = [{} for _ in range(places)]
        for slug in PROVIDERS:
            for place, each in enumerate(each for each in found if each.platform == slug):
                by_place[place][slug] = each
        yield by_place


async def test_the_same_company_has_the_same_figures_through_every_provider(
    companies: list[dict[str, ReadBooks]],
) -> None:
    for told in companies:
        assert {each.company.name for each in told.values()} == {told["xero"].company.name}
        for each in told.values():
            assert not each.problems, (each.platform, each.problems)
            _has_all_that_is_there(each)
        for one, other in combinations(told.values(), 2):
            for name, figures in FIGURES.items():
                _same(name, one, figures(one), other, figures(other))


def _has_all_that_is_there(books: ReadBooks) -> None:
    counted = {name: len(books.standing(name)) for name in books.truth["counts"]}
    assert counted == books.truth["counts"], books.platform


def _same(name: str, one: ReadBooks, first: Figures, other: ReadBooks, second: Figures) -> None:
    pair = f"{name} of {one.company.name}: {one.platform}, {other.platform}"
    assert first, pair
    assert first.keys() == second.keys(), pair
    both = {key: (first[key], second[key]) for key in first if NOT_TOLD not in (first[key], second[key])}
    differ = {key: told for key, told in both.items() if told[0] != told[1]}
    assert len(both) > len(first) // 2, pair
    assert not differ, (pair, differ)


# --- figures that every provider tells ----------------------------------------------------------------


def _documents(books: ReadBooks) -> Figures:
    """Days, sums, what is due, whose it is, and the lines' sums by account: of all that is in the ledger."""
    found: dict[Any, Any] = {}
    for data_type, (number, party, parties) in DOCUMENTS.items():
        names = {r["id"]: _name(r) for r in books.records.get(parties, ())}
        for record in books.standing(data_type):
            if record["status"] in NOT_POSTED:
                continue
            key = (data_type, record.get(number), names[record[party]["id"]], record["issueDate"][:10])
            assert key not in found, key
            found[key] = (
                record["status"],
                record.get("dueDate"),
                record["currency"],
                _number(record.get("subTotal")),
                _number(record.get("totalTaxAmount", record.get("taxAmount"))),
                _number(record["totalAmount"]),
                _number(record.get("amountDue", record.get("remainingCredit"))),
            )
    return found


def _document_lines(books: ReadBooks) -> Figures:
    """What is posted to which account, net: the sums of lines, since a provider may join or split them.

    Not of a document with a discount: that is the lines' own, or the whole document's.
    """
    accounts = {r["id"]: r["name"] for r in books.records["chartOfAccounts"]}
    found: dict[Any, Any] = {}
    for data_type, (number, *_) in DOCUMENTS.items():
        for record in books.standing(data_type):
            if record["status"] in NOT_POSTED:
                continue
            sums: dict[str | None, Decimal] = {}
            for line in record.get("lineItems", ()):
                account = accounts[line["accountRef"]["id"]] if "accountRef" in line else None
                sums[account] = sums.get(account, Decimal(0)) + (line.get("subTotal") or 0)
            key = (data_type, record.get(number), record["issueDate"][:10])
            told = {account: _number(total) for account, total in sums.items() if total}
            found[key] = NOT_TOLD if _is_discounted(record) else told
    return found


def _paid(books: ReadBooks) -> Figures:
    """By how much payments and credits have reduced what is due of each document."""
    return {
        (data_type, record.get(number), record["issueDate"][:10]): _number(
            record["totalAmount"] - record["amountDue"]
        )
        for data_type, (number, *_) in DOCUMENTS.items()
        for record in books.standing(data_type)
        if "amountDue" in record and record["status"] not in NOT_POSTED
    }


def _contacts(books: ReadBooks) -> Figures:
    return {
        (data_type, _name(record)): (record.get("emailAddress"), record.get("defaultCurrency"))
        for data_type in ("customers", "suppliers")
        for record in books.standing(data_type)
        if record["status"] == "Active"
    }


def _accounts(books: ReadBooks) -> Figures:
    """But credit cards: a provider keeps them among its banks, or among what is owed."""
    return {
        r["name"]: r["type"]
        for r in books.standing("chartOfAccounts")
        if r["status"] == "Active" and "card" not in r["name"].lower()
    }


def _statements(books: ReadBooks) -> Figures:
    """Of the months that all of them tell; a credit card is on either side, so assets are not compared."""
    found: dict[Any, Any] = {}
    for record in books.standing("balanceSheet"):
        for report in record["reports"]:
            assets, liabilities, equity = (report[side]["value"] for side in SIDES)
            assert assets - liabilities == report["netAssets"] == equity, report["date"]
            found["balanceSheet", report["date"][:10]] = _number(equity)
    for record in books.standing("profitAndLoss"):
        for report in record["reports"]:
            found["profitAndLoss", report["fromDate"][:10]] = _number(report["netProfit"])
    this_month = datetime.now(UTC).date().replace(day=1)
    first = (this_month - timedelta(days=300)).isoformat()  # Xero tells the fewest: those of a year
    return {key: value for key, value in found.items() if first <= key[1] < this_month.isoformat()}


FIGURES = {
    "documents": _documents,
    "lines of documents": _document_lines,
    "what was paid": _paid,
    "contacts": _contacts,
    "accounts": _accounts,
    "statements": _statements,
}


def _is_discounted(record: Record) -> bool:
    lines = record.get("lineItems", ())
    return bool(record.get("totalDiscount")) or any(line.get("discountPercentage") for line in lines)


def _name(record: Record) -> str:
    return str(record.get("customerName") or record.get("supplierName"))


def _number(value: Decimal | None) -> Decimal | None:
    """10 is 10.00 here: digits after the last one are the provider's own."""
    return None if value is None else value.normalize()
