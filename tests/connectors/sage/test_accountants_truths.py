"""What an accountant knows of any books holds in what the engine has stored of those at Sage."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
import trio
from tests.connectors.through_the_engine import ReadBooks, Record, reading

ZERO = Decimal(0)
CENT = Decimal("0.01")
#: Of each side: documents, their credits, payments, the kind of link to a document, and the control account.
SIDES = {
    "sales": ("invoices", "creditNotes", "payments", "Invoice", "610"),
    "purchases": ("bills", "billCreditNotes", "billPayments", "Bill", "800"),
}


@pytest.fixture(scope="module")
def companies(tmp_path_factory: pytest.TempPathFactory) -> Sequence[ReadBooks]:
    """A British and an American company, read by a whole engine."""

    async def read() -> list[ReadBooks]:
        folder = tmp_path_factory.mktemp("sage")
        async with reading(folder, ["sage"], companies=2, records=80) as (_, found):
            return found

    return trio.run(read)


def posted(books: ReadBooks, data_type: str) -> Iterator[Record]:
    return (row for row in books.standing(data_type) if row["status"] not in {"Draft", "Void"})


def links(books: ReadBooks, payments: str, kind: str) -> Iterator[tuple[str, Decimal, Record]]:
    for payment in books.standing(payments):
        for line in payment["lines"]:
            for link in line["links"]:
                if link["type"] == kind:
                    yield link["id"], link["amount"], payment


def latest_sheet(books: ReadBooks) -> dict[str, Any]:
    (sheet,) = books.records["balanceSheet"]
    found: dict[str, Any] = sheet["reports"][-1]
    return found


def value(period: dict[str, Any], account_id: str) -> Decimal:
    """What stands on an account of the balance sheet."""
    for section in ("assets", "liabilities", "equity"):
        for heading in period[section]["items"]:
            for row in heading["items"]:
                if row.get("accountId") == account_id:
                    found: Decimal = row["value"]
                    return found
    return ZERO


def account(books: ReadBooks, code: str) -> Record:
    return next(row for row in books.standing("chartOfAccounts") if row["nominalCode"] == code)


def test_everything_is_read_and_counts_and_totals_are_the_stand_ins(companies: Sequence[ReadBooks]) -> None:
    for books in companies:
        assert books.problems == {}
        counts = {name: len(books.standing(name)) for name in books.truth["counts"]}
        assert counts == books.truth["counts"]
        for name, total in books.truth["totals"].items():
            assert sum((figure(name, row) for row in books.standing(name)), ZERO) == Decimal(total), name


def figure(data_type: str, row: Record) -> Decimal:
    """What of a record is added up."""
    if data_type == "transfers":
        found: Decimal = row["from"]["amount"]
        return found
    if data_type == "journalEntries":
        return sum((max(ZERO, line["netAmount"]) for line in row["journalLines"]), ZERO)
    return row["totalAmount"]


def test_journals_come_to_nothing(companies: Sequence[ReadBooks]) -> None:
    for books in companies:
        assert books.standing("journalEntries")
        for entry in books.standing("journalEntries"):
            assert sum(line["netAmount"] for line in entry["journalLines"]) == ZERO


def test_lines_and_their_tax_are_what_a_document_comes_to(companies: Sequence[ReadBooks]) -> None:
    for books in companies:
        for name in ("invoices", "bills", "creditNotes", "billCreditNotes", "directCosts", "directIncomes"):
            for row in books.standing(name):
                assert row["subTotal"] + row.get("totalTaxAmount", row.get("taxAmount")) == row["totalAmount"]
                assert sum(line["totalAmount"] for line in row["lineItems"]) == row["totalAmount"], name


@pytest.mark.parametrize("side", SIDES)
def test_payments_are_what_amounts_due_were_reduced_by(companies: Sequence[ReadBooks], side: str) -> None:
    documents, credits_, payments, kind, _ = SIDES[side]
    for books in companies:
        reduced: dict[str, Decimal] = defaultdict(Decimal)
        for id_, amount, _ in links(books, payments, kind):
            reduced[id_] -= amount
        used: dict[str, Decimal] = defaultdict(Decimal)
        for id_, amount, _ in links(books, payments, "CreditNote"):
            used[id_] += amount
        assert reduced
        for row in posted(books, documents):
            assert row["totalAmount"] - row["amountDue"] == reduced[row["id"]]
            settled = sum((each["allocation"]["totalAmount"] for each in row["paymentAllocations"]), ZERO)
            assert -settled == reduced[row["id"]], "the document says the same as its payments"
        for row in posted(books, credits_):
            assert row["totalAmount"] - row["remainingCredit"] == used[row["id"]]


@pytest.mark.parametrize("side", SIDES)
def test_what_is_open_is_the_control_account_on_the_balance_sheet(
    companies: Sequence[ReadBooks], side: str
) -> None:
    documents, credits_, payments, _, code = SIDES[side]
    for books in companies:
        rate_of = {
            id_: payment["currencyRate"]
            for id_, _, payment in links(books, payments, "PaymentOnAccount")
            if payment["totalAmount"]
        }
        opened, roundings = ZERO, 0
        for row in posted(books, documents):
            opened += row["amountDue"] * row["currencyRate"] if row["amountDue"] else ZERO
            roundings += bool(row["amountDue"]) * (1 + len(row["lineItems"]))
        for row in posted(books, credits_):
            opened -= row["remainingCredit"] * row["currencyRate"] if row["remainingCredit"] else ZERO
            roundings += bool(row["remainingCredit"]) * (1 + len(row["lineItems"]))
        for id_, amount, _ in links(books, payments, "PaymentOnAccount"):
            opened += amount * rate_of[id_]
            roundings += 1
        held = value(latest_sheet(books), account(books, code)["id"])
        assert held
        assert abs(opened - held) <= roundings * CENT / 2, (opened, held)


def test_a_balance_at_the_bank_is_what_was_posted_to_it(companies: Sequence[ReadBooks]) -> None:
    for books in companies:
        currency = books.records["company"][0]["baseCurrency"]
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for row in books.standing("accountTransactions"):
            sums[row["bankAccountRef"]["id"]] += row["totalAmount"]
        banks = books.standing("bankAccounts")
        assert {bank["id"] for bank in banks} >= sums.keys()
        for bank in banks:
            held = account(books, bank["nominalCode"])
            assert held["currentBalance"] == sums[bank["id"]], "in the books' own currency"
            assert value(latest_sheet(books), held["id"]) == sums[bank["id"]]
            assert bank["currency"] != currency or bank["balance"] == sums[bank["id"]]
        assert any(bank["balance"] for bank in banks)


def test_the_balance_sheet_balances_and_takes_up_each_months_result(companies: Sequence[ReadBooks]) -> None:
    for books in companies:
        (sheet,), (profit,) = books.records["balanceSheet"], books.records["profitAndLoss"]
        results = [period["netProfit"] for period in profit["reports"]]
        assert len(sheet["reports"]) == len(results) > 12
        earned = []
        for period in sheet["reports"]:
            assert period["assets"]["value"] - period["liabilities"]["value"] == period["netAssets"]
            assert period["equity"]["value"] == period["netAssets"]
            earned.append(
                sum(row["value"] for row in period["equity"]["items"] if row["name"].startswith("Result"))
            )
        grown = [after - before for before, after in pairwise(earned)]
        assert grown == results[1:]


def test_every_reference_of_money_without_documents_leads_to_a_record(companies: Sequence[ReadBooks]) -> None:
    for books in companies:
        ids = {name: {row["id"] for row in rows} for name, rows in books.records.items() if name != "company"
               and rows and "id" in rows[0]}  # fmt: skip
        tracked = 0
        for name in ("directCosts", "directIncomes"):
            for row in books.standing(name):
                contact = row.get("contactRef")
                assert contact is None or contact["id"] in ids["customers"] | ids["suppliers"]
                (paid,) = row["paymentAllocations"]
                assert paid["payment"]["accountRef"]["id"] in ids["chartOfAccounts"]
                for line in row["lineItems"]:
                    assert line["accountRef"]["id"] in ids["chartOfAccounts"]
                    assert line["taxRateRef"]["id"] in ids["taxRates"]
                    tracked += len(line["trackingCategoryRefs"])
                    assert {ref["id"] for ref in line["trackingCategoryRefs"]} <= ids["trackingCategories"]
        assert tracked
        for row in books.standing("transfers"):
            assert {row[end]["accountRef"]["id"] for end in ("from", "to")} <= ids["bankAccounts"]
        for row in books.standing("accountTransactions"):
            cause = row["lines"][0]["recordRef"]
            assert cause["id"] in ids[cause["dataType"]]
