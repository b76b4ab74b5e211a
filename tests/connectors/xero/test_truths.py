"""What an accountant would check, in what is stored of the made-up Xero's companies."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.connectors.through_the_engine import Record
from tests.connectors.xero.reading import reading

Books = dict[str, list[Record]]
DOCUMENTS = ("invoices", "bills", "creditNotes", "billCreditNotes")


@pytest.fixture(params=[0, 1], ids=["British", "American"])
async def books(tmp_path: Path, request: Any) -> Books:
    """One company's records that are not gone, the whole ledger among them."""
    async with reading(tmp_path, companies=2, records=40, journals=True) as found:
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
    """A statement's line and those below it that are of an account or of none."""
    if line.get("items"):
        for each in line["items"]:
            yield from lines_of(each)
    else:
        yield line


def of_account(line: Record, account_id: str) -> Decimal:
    return sum((each["value"] for each in lines_of(line) if each.get("accountId") == account_id), Decimal())


async def test_every_posting_and_the_trial_balance_come_to_nothing(books: Books) -> None:
    for entry in books["journalEntries"]:
        assert sum(line["netAmount"] for line in entry["journalLines"]) == 0
    assert sum(balances(books).values()) == 0
    assert any(balances(books).values())


async def test_what_postings_are_of_is_stored_too(books: Books) -> None:
    kinds = set()
    ids = {name: {each.get("id") for each in records} for name, records in books.items()}
    for entry in books["journalEntries"]:
        behind = entry.get("recordRef")
        if behind is not None:
            assert behind["id"] in ids[behind["dataType"]], behind
            kinds.add(behind["dataType"])
    assert kinds >= {
        "invoices",
        "bills",
        "payments",
        "billPayments",
        "directCosts",
        "directIncomes",
        "transfers",
    }


async def test_a_documents_total_is_its_lines_and_their_tax(books: Books) -> None:
    for kind in DOCUMENTS:
        for record in books[kind]:
            tax = record["taxAmount"] if kind == "bills" else record["totalTaxAmount"]
            assert record["totalAmount"] == record["subTotal"] + tax
            assert record["subTotal"] == sum(line["subTotal"] for line in record["lineItems"])
            assert tax == sum(line["taxAmount"] for line in record["lineItems"])
            assert record["totalAmount"] == sum(line["totalAmount"] for line in record["lineItems"])
    for kind in ("purchaseOrders", "directCosts", "directIncomes"):
        assert books[kind]
        for record in books[kind]:
            assert record["totalAmount"] == sum(line["totalAmount"] for line in record["lineItems"])


async def test_what_is_due_of_a_document_is_less_by_what_was_paid_for_it(books: Books) -> None:
    for kind, paid_in in (("invoices", "payments"), ("bills", "billPayments")):
        settled: Counter[str] = Counter()
        for payment in books[paid_in]:
            for link in (link for line in payment["lines"] for link in line["links"]):
                settled[link.get("id", "")] += link["amount"]
        for credit in books["creditNotes" if kind == "invoices" else "billCreditNotes"]:
            for each in credit["paymentAllocations"]:
                settled[each["payment"]["id"]] -= each["allocation"]["totalAmount"]
        met = 0
        for record in books[kind]:
            if record["status"] in {"Void", "Draft"}:
                continue
            assert record["amountDue"] == record["totalAmount"] + settled[record["id"]], record["id"]
            allocated = sum(each["allocation"]["totalAmount"] for each in record["paymentAllocations"])
            assert allocated == settled[record["id"]], "money on account and credits are told on either side"
            met += bool(settled[record["id"]])
        assert met > 5


async def test_the_statements_are_those_of_the_ledger(books: Books) -> None:
    accounts = {each["id"]: each for each in books["chartOfAccounts"]}
    (sheet,), (profit,) = books["balanceSheet"], books["profitAndLoss"]
    assert len(sheet["reports"]) == len(profit["reports"]) == 12
    for period in sheet["reports"]:
        on = period["date"][:10]
        stood = balances(books, last=on)
        net = Decimal()
        for side, kind in (("assets", "Asset"), ("liabilities", "Liability")):
            whole = sum((v for k, v in stood.items() if accounts[k]["type"] == kind), Decimal())
            told = whole if side == "assets" else -whole
            assert period[side]["value"] == told, (on, side)
            net += told if side == "assets" else -told
        assert period["netAssets"] == period["equity"]["value"] == net
    for period in profit["reports"]:
        moved = balances(books, period["fromDate"][:10], period["toDate"][:10])
        result = sum((v for k, v in moved.items() if accounts[k]["type"] in {"Income", "Expense"}), Decimal())
        assert period["netProfit"] == -result, period["fromDate"]
        for part in ("income", "costOfSales", "expenses"):
            for line in lines_of(period[part]):
                if line.get("accountId"):
                    sign = -1 if part == "income" else 1
                    assert line["value"] == sign * moved[line["accountId"]]


async def test_the_months_of_the_statements_are_whole_and_without_a_gap(books: Books) -> None:
    ends = [period["date"][:10] for period in books["balanceSheet"][0]["reports"]]
    periods = books["profitAndLoss"][0]["reports"]
    assert [period["toDate"][:10] for period in periods] == ends
    assert len({end[:7] for end in ends}) == 12
    assert all(period["fromDate"][8:10] == "01" for period in periods)


async def test_what_is_due_and_left_on_account_is_what_stands_on_the_control_accounts(books: Books) -> None:
    """In the base currency, so foreign documents count by their own rates, to the penny that rounding takes."""
    stood = balances(books)
    for kind, credits_, paid_in, code, sign in (
        ("invoices", "creditNotes", "payments", "610", 1),
        ("bills", "billCreditNotes", "billPayments", "800", -1),
    ):
        control = next(each["id"] for each in books["chartOfAccounts"] if each["nominalCode"] == code)
        owed = Decimal()
        for record in books[kind]:
            if record["status"] not in {"Void", "Draft"}:
                owed += record["amountDue"] * record["currencyRate"]
        for record in books[credits_]:
            if record["status"] not in {"Void", "Draft"}:
                owed -= record["remainingCredit"] * record["currencyRate"]
        for payment in books[paid_in]:
            for line in payment["lines"]:
                if any(link["type"] == "PaymentOnAccount" for link in line["links"]):
                    owed -= line["amount"] * payment["currencyRate"]
        pennies = Decimal("0.01") * len(books[kind])
        assert abs(owed - sign * stood[control]) <= pennies, kind
        sheet = books["balanceSheet"][0]["reports"][-1]
        side = sheet["assets"] if sign > 0 else sheet["liabilities"]
        assert of_account(side, control) == sign * stood[control]


async def test_a_bank_account_holds_what_was_brought_forward_and_all_that_moved_on_it(books: Books) -> None:
    """Of accounts in the base currency, where the ledger tells the same money."""
    opening = next(each for each in books["journalEntries"] if not each.get("journalRef"))
    base = books["company"][0]["baseCurrency"]
    stood = balances(books)
    met = 0
    for account in books["bankAccounts"]:
        if account["currency"] != base:
            continue
        brought = sum(
            line["netAmount"] for line in opening["journalLines"] if line["accountRef"]["id"] == account["id"]
        )
        moved = sum(
            each["totalAmount"]
            for each in books["accountTransactions"]
            if each["bankAccountRef"]["id"] == account["id"]
        )
        assert brought + moved == stood[account["id"]], account["accountName"]
        met += bool(moved)
    assert met >= 2


async def test_money_on_account_is_one_payment_and_moves_its_account_once(books: Books) -> None:
    """It is in two of Xero's lists (quirk 27)."""
    on_account = {
        payment["id"]: payment
        for name in ("payments", "billPayments")
        for payment in books[name]
        if payment.get("accountRef") is None
    }
    moved = Counter(
        line["recordRef"]["id"]
        for each in books["accountTransactions"]
        for line in each["lines"]
        if line["recordRef"].get("id") in on_account
    )
    assert len(on_account) >= 4
    assert moved == dict.fromkeys(on_account, 1)
    direct = {each["id"] for name in ("directCosts", "directIncomes") for each in books[name]}
    assert not direct & on_account.keys()


async def test_lines_are_counted_by_options_that_are_stored(books: Books) -> None:
    options = {each["id"]: each for each in books["trackingCategories"] if each.get("parentId")}
    named = Counter(
        ref["id"]
        for kind in (*DOCUMENTS, "purchaseOrders", "directCosts", "directIncomes")
        for record in books[kind]
        for line in record["lineItems"]
        for ref in line["trackingCategoryRefs"]
    )
    assert len(named) > 3
    assert named.keys() <= options.keys()
    assert {options[id_]["parentId"] for id_ in named} == {
        each["id"] for each in books["trackingCategories"] if not each.get("parentId")
    }
