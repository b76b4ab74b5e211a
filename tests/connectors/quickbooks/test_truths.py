"""What an accountant would check, in what is stored of the made-up QuickBooks' companies."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.connectors.through_the_engine import Record, whole_books

pytestmark = pytest.mark.slow
Books = dict[str, list[Record]]
DOCUMENTS = ("invoices", "bills", "creditNotes", "billCreditNotes")
CENT = Decimal("0.01")


@pytest.fixture(params=[0, 1], ids=["British", "American"])
async def books(tmp_path: Path, request: Any) -> Books:
    """One company's records that are not gone."""
    async with whole_books(tmp_path, ["quickbooks"], companies=2, records=40) as found:
        return await found.standing(found.companies[request.param])


def balances(books: Books, first: str = "", last: str = "9999") -> Counter[str]:
    """What was posted to each account between two days, both included."""
    found: Counter[str] = Counter()
    for entry in books["journalEntries"]:
        if first <= entry["postedOn"][:10] <= last:
            for line in entry["journalLines"]:
                found[line["accountRef"]["id"]] += line["netAmount"]
    return found


def lines_of(line: Record) -> Iterable[Record]:
    """A statement's lines that nothing stands below."""
    if line.get("items"):
        for each in line["items"]:
            yield from lines_of(each)
    else:
        yield line


def account(books: Books, code: str) -> Record:
    return next(each for each in books["chartOfAccounts"] if each["nominalCode"] == code)


async def test_every_posting_and_the_trial_balance_come_to_nothing(books: Books) -> None:
    for entry in books["journalEntries"]:
        assert sum(line["netAmount"] for line in entry["journalLines"]) == 0
    assert sum(balances(books).values()) == 0
    assert any(balances(books).values())


async def test_what_postings_are_of_is_stored_too_and_so_is_their_journal(books: Books) -> None:
    ids = {name: {each.get("id") for each in records} for name, records in books.items()}
    kinds = set()
    for entry in books["journalEntries"]:
        assert entry["journalRef"]["id"] in ids["journals"]
        behind = entry.get("recordRef")
        if behind is not None:
            assert behind["id"] in ids[behind["dataType"]], behind
            kinds.add(behind["dataType"])
    assert kinds == {
        "invoices", "bills", "creditNotes", "billCreditNotes", "payments", "billPayments", "directCosts",
        "directIncomes", "transfers",
    }  # fmt: skip
    by_hand = [each for each in books["journalEntries"] if each["journalRef"]["id"] == "Journal Entry"]
    assert by_hand
    assert all(each["createdOn"] for each in by_hand), "of what was written by hand, more is told"


async def test_a_documents_total_is_its_lines_and_their_tax(books: Books) -> None:
    told, untold = 0, 0
    for kind in (*DOCUMENTS, "purchaseOrders", "directCosts", "directIncomes"):
        assert books[kind]
        for record in books[kind]:
            tax = record["taxAmount" if "taxAmount" in record else "totalTaxAmount"]
            discount = record.get("totalDiscount", 0)
            assert record["totalAmount"] == record["subTotal"] + tax
            assert record["subTotal"] == sum(line["subTotal"] for line in record["lineItems"]) - discount
            taxes = [line.get("taxAmount") for line in record["lineItems"]]
            if None not in taxes:
                assert tax == sum(taxes), (kind, record["id"])
            told += None not in taxes
            untold += None in taxes
    assert untold * 20 < told, "only a discount over lines of several rates leaves it open"


async def test_what_is_due_of_a_document_is_less_by_what_was_paid_for_it(books: Books) -> None:
    for kind, credits_, paid_in, word in (
        ("invoices", "creditNotes", "payments", "Invoice"),
        ("bills", "billCreditNotes", "billPayments", "Bill"),
    ):
        settled: Counter[tuple[str, str]] = Counter()
        for payment in books[paid_in]:
            assert payment["totalAmount"] == sum(line["amount"] for line in payment["lines"])
            for link in (link for line in payment["lines"] for link in line["links"]):
                settled[link["type"], link.get("id", "")] += link["amount"]
        met = 0
        for record in books[kind]:
            if record["status"] != "Void":
                paid = settled[word, record["id"]]
                assert record["amountDue"] == record["totalAmount"] + paid, record["id"]
                met += bool(paid)
        for record in books[credits_]:
            used = settled["CreditNote", record["id"]]
            assert record["remainingCredit"] == record["totalAmount"] - used, record["id"]
        assert met > 5


async def test_what_is_due_and_left_on_account_is_what_stands_on_the_control_accounts(books: Books) -> None:
    """In the base currency, so foreign documents count by their own rates, to the penny that rounding takes."""
    stood = balances(books)
    sheet = books["balanceSheet"][0]["reports"][-1]
    for kind, credits_, paid_in, code, sign in (
        ("invoices", "creditNotes", "payments", "610", 1),
        ("bills", "billCreditNotes", "billPayments", "800", -1),
    ):
        control = account(books, code)["id"]
        owed = sum((each["amountDue"] * each["currencyRate"] for each in books[kind]), Decimal())
        owed -= sum((each["remainingCredit"] * each["currencyRate"] for each in books[credits_]), Decimal())
        for payment in books[paid_in]:
            for line in payment["lines"]:
                if any(link["type"] == "PaymentOnAccount" for link in line["links"]):
                    owed -= line["amount"] * payment["currencyRate"]
        assert abs(owed - sign * stood[control]) <= CENT * len(books[kind]), kind
        side = sheet["assets"] if sign > 0 else sheet["liabilities"]
        told = [each["value"] for each in lines_of(side) if each.get("accountId") == control]
        assert sum(told) == sign * stood[control]


async def test_the_statements_are_those_of_the_ledger(books: Books) -> None:
    accounts = {each["id"]: each for each in books["chartOfAccounts"]}
    (sheet,), (profit,) = books["balanceSheet"], books["profitAndLoss"]
    assert len(sheet["reports"]) == len(profit["reports"]) == 24
    for period in sheet["reports"]:
        stood = balances(books, last=period["date"][:10])
        sums = {
            kind: sum((v for k, v in stood.items() if accounts[k]["type"] == kind), Decimal())
            for kind in ("Asset", "Liability")
        }
        assert period["assets"]["value"] == sums["Asset"], period["date"]
        assert period["liabilities"]["value"] == -sums["Liability"], period["date"]
        assert period["netAssets"] == period["equity"]["value"] == sum(sums.values())
    for period in profit["reports"]:
        moved = balances(books, period["fromDate"][:10], period["toDate"][:10])
        result = sum((v for k, v in moved.items() if accounts[k]["type"] in {"Income", "Expense"}), Decimal())
        assert period["netProfit"] == -result, period["fromDate"]
        for part in ("income", "costOfSales", "expenses", "otherIncome", "otherExpenses"):
            for line in lines_of(period[part]):
                if line.get("accountId"):
                    sign = -1 if "ncome" in part else 1
                    assert line["value"] == sign * moved[line["accountId"]]


async def test_a_bank_account_holds_what_was_brought_forward_and_all_that_moved_on_it(books: Books) -> None:
    """Of accounts in the base currency, where the ledger tells the same money."""
    opening = min(books["journalEntries"], key=lambda each: each["postedOn"])
    base = books["company"][0]["baseCurrency"]
    stood, met = balances(books), 0
    for bank in books["bankAccounts"]:
        owes = -1 if bank["accountType"] == "Credit" else 1
        if bank["currency"] != base:
            continue
        assert bank["balance"] == owes * stood[bank["id"]]
        moves = [each for each in books["accountTransactions"] if each["bankAccountRef"]["id"] == bank["id"]]
        if any(each["currency"] != base for each in moves):
            continue  # what those were worth here, QuickBooks tells in the ledger only
        brought = sum(
            line["netAmount"] for line in opening["journalLines"] if line["accountRef"]["id"] == bank["id"]
        )
        assert brought + sum(each["totalAmount"] for each in moves) == stood[bank["id"]], bank["accountName"]
        met += bool(moves)
    assert met >= 1


async def test_lines_are_counted_by_classes_and_departments_that_are_stored(books: Books) -> None:
    options = {each["id"] for each in books["trackingCategories"]}
    named = Counter(
        ref["id"]
        for kind in (*DOCUMENTS, "purchaseOrders", "directCosts", "directIncomes")
        for record in books[kind]
        for line in record["lineItems"]
        for ref in line["trackingCategoryRefs"]
    )
    assert named.keys() <= options
    assert {id_.partition("-")[0] for id_ in named} == {"Class", "Department"}


async def test_every_tax_rate_account_and_item_that_a_line_names_is_stored(books: Books) -> None:
    for kind in (*DOCUMENTS, "purchaseOrders", "directCosts", "directIncomes"):
        for field, stored in (
            ("accountRef", "chartOfAccounts"), ("taxRateRef", "taxRates"), ("itemRef", "items")
        ):  # fmt: skip
            ids = {each["id"] for each in books[stored]}
            named = {
                line[field]["id"] for each in books[kind] for line in each["lineItems"] if line.get(field)
            }
            assert named <= ids, (kind, field)
