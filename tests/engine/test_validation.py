"""What is doubted of stored records: renewed with them, dropped when they are mended or gone."""

import json
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from attrs import evolve
from tests.engine.conftest import MANIFEST, House, ScriptedConnector

from tallystick.connectors import Books, Gone, Issue, Resource
from tallystick.engine import SyncFinished
from tallystick.engine.quality_events import BooksCompared, RecordsDoubted
from tallystick.engine.sync_settings import write_settings
from tallystick.standard import DataType, StandardRecord, decode
from tallystick.store import ConnectionRow, StoredIssue, SyncSetting, comparisons, datasets, issues
from tallystick.store import connections as connection_rows
from tallystick.store.comparisons import Compared

LISTS: dict[str, DataType] = {
    "Contacts": "customers",
    "Accounts": "chartOfAccounts",
    "Invoices": "invoices",
    "CreditNotes": "creditNotes",
    "Payments": "payments",
    "BankAccounts": "bankAccounts",
    "Postings": "accountTransactions",
    "Journals": "journalEntries",
    "Sheet": "balanceSheet",
    "Results": "profitAndLoss",
}
HERE = {"isDeleted": False}


class Told:
    """Rows are records of ours already; a row `gone` tells that one is no more."""

    def split(self, resource: Resource, raw: bytes) -> list[msgspec.Raw]:
        return msgspec.json.decode(raw, type=list[msgspec.Raw])

    def records(
        self, resource: Resource, row: msgspec.Raw, books: Books, issues: list[Issue]
    ) -> list[StandardRecord | Gone]:
        told = json.loads(bytes(row))
        data_type = resource.data_types[0]
        if told["total"] == "gone":
            return [Gone(data_type=data_type, id=told["id"])]
        if told["total"] == "odd":
            issues.append(
                Issue(severity="warning", path="$.x", message="odd", record_id=json.loads(told["id"])["id"])
            )
        return [decode(data_type, told["id"].encode())]


@pytest.fixture
def provider() -> ScriptedConnector:
    lists = tuple(Resource(name=name, data_types=(kind,), incremental=False) for name, kind in LISTS.items())
    return ScriptedConnector(manifest=evolve(MANIFEST, resources=lists), mapper=Told())  # type: ignore[arg-type]


@pytest.fixture
async def house(house: House) -> House:
    by_hand = [SyncSetting(data_type=data_type, sync_schedule=0) for data_type in LISTS.values()]
    await write_settings(house.stores, house.engine.schedule, house.client_id, None, by_hand)
    house.hear(SyncFinished)
    return house


def row_of(record: dict[str, Any], note: str = "") -> tuple[str, str]:
    return json.dumps({"metadata": HERE, **record}), note


def an_invoice(identity: str, **changes: Any) -> dict[str, Any]:
    told = {
        "id": identity,
        "invoiceNumber": f"INV-{identity}",
        "customerRef": {"id": "c1"},
        "issueDate": "2026-01-10T00:00:00",
        "currency": "GBP",
        "lineItems": [],
        "subTotal": 10,
        "totalTaxAmount": 2,
        "totalAmount": 12,
        "amountDue": 12,
        "status": "Submitted",
    }
    return {**told, **changes}


def a_customer(identity: str) -> dict[str, Any]:
    return {"id": identity, "status": "Active"}


async def in_pounds(house: House) -> ConnectionRow:
    """A connection whose books are in pounds, with nothing in the lists that open amounts are made of."""
    row = await house.linked()
    async with house.stores.client(house.client_id) as store:
        await store.write(connection_rows.note_base_currency, row.number, "GBP")
    await synced(house, row, "creditNotes", "payments")
    return row


async def synced(
    house: House, row: ConnectionRow, *data_types: DataType, **lists: list[tuple[str, str]]
) -> None:
    for name, rows in lists.items():
        house.provider.client.pages_of[name] = [rows]
    before = sum(isinstance(event, SyncFinished) for event in house.events)
    await house.engine.sync(house.client_id, row.id, list(data_types), "test")
    await house.until(SyncFinished, before + 1)


async def doubts(house: House, row: ConnectionRow, data_type: DataType = "invoices") -> list[StoredIssue]:
    """Of the latest dataset."""
    dataset = (await house.datasets(row))[data_type]
    async with house.stores.client(house.client_id) as store:
        return await store.read(issues.of_dataset, dataset.id)


async def told(
    house: House, row: ConnectionRow, data_type: DataType = "invoices"
) -> list[tuple[str | None, str]]:
    return [
        (doubt.record_id, (doubt.rule_id or "mapping")[-3:]) for doubt in await doubts(house, row, data_type)
    ]


async def compared(house: House, row: ConnectionRow, data_type: DataType) -> dict[str, Compared]:
    async with house.stores.client(house.client_id) as store:
        found = await store.read(comparisons.about, [row.number], data_type)
    return {each.against: each.compared for each in found if each.data_type == data_type}


async def test_a_record_that_breaks_a_rule_is_stored_with_a_warning_and_its_dataset_is_complete(
    house: House,
) -> None:
    row = await house.linked()
    events = house.hear(RecordsDoubted)
    wrong = row_of(an_invoice("b", totalAmount=13, amountDue=13))
    await synced(house, row, "invoices", Invoices=[row_of(an_invoice("a")), wrong])
    assert await told(house, row) == [("b", "010")]
    dataset = (await house.datasets(row))["invoices"]
    assert (dataset.status, dataset.created, dataset.rejected) == ("Complete", 2, 0)
    (event,) = [e for e in events if isinstance(e, RecordsDoubted)]
    assert (event.findings, event.by_rule) == (1, (("accounting-invoice-010", 1),))


async def test_a_doubt_goes_with_the_fault_and_moves_with_the_record_to_its_latest_dataset(
    house: House,
) -> None:
    row = await house.linked()
    wrong = [row_of(an_invoice(i, totalAmount=13, amountDue=13)) for i in "ab"]
    await synced(house, row, "invoices", Invoices=wrong)
    first = (await house.datasets(row))["invoices"]
    await synced(house, row, "invoices", Invoices=[row_of(an_invoice("a")), wrong[1]])
    assert await told(house, row) == [("b", "010")]
    async with house.stores.client(house.client_id) as store:
        assert await store.read(issues.of_dataset, first.id) == []
        (count,) = await store.read(issues.counts, first.id)
    assert (count.rule_id, count.found, count.kept) == ("accounting-invoice-010", 2, 0), (
        "what it met is history"
    )


async def test_a_doubt_of_the_mapping_goes_with_the_fault_too(house: House) -> None:
    row = await house.linked()
    await synced(house, row, "invoices", Invoices=[row_of(an_invoice("a"), "odd")])
    assert await told(house, row) == [("a", "ing")]
    await synced(house, row, "invoices", Invoices=[row_of(an_invoice("a"))])
    assert await told(house, row) == []


@pytest.mark.parametrize("how", ["told", "absent"])
async def test_a_record_that_is_gone_is_doubted_no_longer(house: House, how: str) -> None:
    row = await house.linked()
    rows = [row_of(an_invoice(i)) for i in "bcde"]
    await synced(house, row, "invoices", Invoices=[row_of(an_invoice("a", currency="ZZZ")), *rows])
    assert await told(house, row) == [("a", "070")]
    await synced(house, row, "invoices", Invoices=[("a", "gone"), *rows] if how == "told" else rows)
    async with house.stores.client(house.client_id) as store:
        left = await store.read(
            issues.of_record, connections=[row.number], data_type="invoices", record_id="a"
        )
    assert left == []


async def test_of_each_rule_so_many_are_kept_and_the_others_are_counted(house: House) -> None:
    row = await house.linked()
    await synced(
        house, row, "invoices", Invoices=[row_of(an_invoice(f"i{n}", currency="ZZZ")) for n in range(230)]
    )
    assert len(await doubts(house, row)) == issues.WARNINGS_KEPT == 200
    dataset = (await house.datasets(row))["invoices"]
    async with house.stores.client(house.client_id) as store:
        (count,) = await store.read(issues.counts, dataset.id)
    assert (count.found, count.kept) == (230, 200)


async def test_a_reference_to_nothing_is_doubted_once_its_type_was_read_and_until_it_is_there(
    house: House,
) -> None:
    row = await house.linked()
    await synced(
        house,
        row,
        "invoices",
        Invoices=[row_of(an_invoice("a")), row_of(an_invoice("b", customerRef={"id": "c2"}))],
    )
    assert await told(house, row) == [], "customers were never read: nothing tells that c1 is missing"
    await synced(house, row, "customers", Contacts=[row_of(a_customer("c1"))])
    await synced(house, row, "invoices")
    (doubt,) = await doubts(house, row)
    assert (doubt.record_id, doubt.rule_id, doubt.other) == ("b", "accounting-invoice-100", "customers/c2")
    await synced(house, row, "customers", Contacts=[row_of(a_customer("c1")), row_of(a_customer("c2"))])
    assert await told(house, row) == [], "it is looked for again after every sync"


async def test_one_number_of_one_customer_on_two_invoices_is_doubted_on_both(house: House) -> None:
    row = await house.linked()
    same, other = {"invoiceNumber": "7"}, {"invoiceNumber": "7", "customerRef": {"id": "c9"}}
    void = {"invoiceNumber": "7", "status": "Void"}
    rows = [
        an_invoice("a", **same),
        an_invoice("b", **same),
        an_invoice("c", **other),
        an_invoice("d", **void),
    ]
    await synced(house, row, "invoices", Invoices=[row_of(each) for each in rows])
    found = {(d.record_id, d.other) for d in await doubts(house, row)}
    assert found == {("a", "invoices/b"), ("b", "invoices/a")}
    rows[1]["status"] = "Void"
    await synced(house, row, "invoices", Invoices=[row_of(each) for each in rows])
    assert await told(house, row) == []


async def test_rows_are_compared_with_the_total_that_the_provider_tells(house: House) -> None:
    client = house.provider.client
    client.tells_total, client.total_off = True, 2
    row = await house.linked()
    await synced(house, row, "invoices", Invoices=[row_of(an_invoice(i)) for i in "abc"])
    found = (await compared(house, row, "invoices"))["provider"]
    assert (found.ours, found.theirs, found.unmatched) == (3, 5, 2)
    assert await told(house, row) == [(None, "210")]
    client.total_off = 0
    await synced(house, row, "invoices")
    assert await told(house, row) == []


def an_entry(
    identity: str, *sides: tuple[str, str], day: str = "2026-01-31", document: bool = True
) -> dict[str, Any]:
    lines = [{"netAmount": float(amount), "currency": "GBP", "accountRef": {"id": a}} for a, amount in sides]
    entry = {"id": identity, "postedOn": f"{day}T00:00:00", "journalLines": lines}
    return {**entry, "recordRef": {"id": "i", "dataType": "invoices"}} if document else entry


CHART = [
    {"id": "610", "name": "Accounts Receivable", "type": "Asset", "currency": "GBP"},
    {"id": "200", "name": "Sales", "type": "Income", "currency": "GBP"},
    {"id": "900", "name": "Capital", "type": "Equity", "currency": "GBP"},
]


def the_chart() -> list[tuple[str, str]]:
    return [row_of({"status": "Active", "fullyQualifiedCategory": "x", **each}) for each in CHART]


def a_sheet(receivable: str, day: str = "2026-01-31") -> tuple[str, str]:
    assets = {
        "value": float(receivable),
        "items": [{"accountId": "610", "name": "Accounts Receivable", "value": float(receivable)}],
    }
    none = {"value": 0}
    period = {
        "date": f"{day}T00:00:00",
        "assets": assets,
        "liabilities": none,
        "netAssets": float(receivable),
        "equity": {"value": float(receivable)},
    }
    return row_of({"currency": "GBP", "reports": [period]})


async def test_the_trial_balance_is_nothing_or_it_is_told(house: House) -> None:
    row = await house.linked()
    await synced(
        house, row, "journalEntries", Journals=[row_of(an_entry("1", ("610", "12"), ("200", "-12")))]
    )
    assert (await compared(house, row, "journalEntries"))["journalEntries"].difference == 0
    one_sided = row_of(an_entry("2", ("610", "5")))
    await synced(house, row, "journalEntries", Journals=[one_sided])
    assert (await compared(house, row, "journalEntries"))["journalEntries"].difference == 5
    assert (None, "220") in await told(house, row, "journalEntries")


async def test_the_provider_s_sheet_is_compared_with_the_ledger_and_the_difference_is_shown(
    house: House,
) -> None:
    row = await in_pounds(house)
    events = house.hear(BooksCompared)
    entries = [
        row_of(an_entry("1", ("610", "12"), ("200", "-12"))),
        row_of(an_entry("2", ("610", "8"), ("200", "-8"), day="2026-02-05")),
    ]
    types: tuple[DataType, ...] = ("chartOfAccounts", "journalEntries", "balanceSheet", "invoices")
    lists = {"Accounts": the_chart(), "Journals": entries, "Invoices": [row_of(an_invoice("a"))]}
    await synced(house, row, *types, **lists, Sheet=[a_sheet("12")])
    found = await compared(house, row, "balanceSheet")
    assert (found["journalEntries"].ours, found["journalEntries"].theirs) == (12, 12), "February is not on it"
    assert (await compared(house, row, "invoices"))["balanceSheet"].difference == 0
    assert await told(house, row, "balanceSheet") == []
    await synced(house, row, "balanceSheet", Sheet=[a_sheet("15")])
    found = await compared(house, row, "balanceSheet")
    assert found["journalEntries"].difference == 3
    assert [(r.id, r.agrees) for r in found["journalEntries"].rows] == [("610", False)]
    (doubt,) = await doubts(house, row, "balanceSheet")
    assert doubt.rule_id == "accounting-balance-sheet-250"
    assert "they differ by 3" in doubt.message
    debtors = (await compared(house, row, "invoices"))["balanceSheet"]
    assert (debtors.ours, debtors.theirs) == (12, 15)
    assert {e.data_type for e in events if isinstance(e, BooksCompared) and not e.agree} == {
        "balanceSheet",
        "invoices",
    }
    await synced(house, row, "balanceSheet", Sheet=[a_sheet("12")])
    assert await told(house, row, "balanceSheet") == []


async def test_a_ledger_of_manual_entries_alone_is_not_compared_with_a_statement(house: House) -> None:
    row = await house.linked()
    entries = [row_of(an_entry("1", ("610", "1"), ("200", "-1"), document=False))]
    await synced(
        house, row, "chartOfAccounts", "journalEntries", "balanceSheet",
        Accounts=the_chart(), Journals=entries, Sheet=[a_sheet("12")],
    )  # fmt: skip
    assert "journalEntries" not in await compared(house, row, "balanceSheet")


async def test_results_are_compared_account_by_account_with_what_the_ledger_posted_in_the_period(
    house: House,
) -> None:
    row = await house.linked()
    period = {
        "fromDate": "2026-01-01T00:00:00", "toDate": "2026-01-31T00:00:00",
        "income": {"value": 10, "items": [{"accountId": "200", "name": "Sales", "value": 10}]},
        "grossProfit": 10, "netOperatingProfit": 10, "netOtherIncome": 0, "netProfit": 10,
    }  # fmt: skip
    results = row_of({"currency": "GBP", "reportBasis": "Accrual", "reports": [period]})
    await synced(
        house, row, "chartOfAccounts", "journalEntries", "profitAndLoss",
        Accounts=the_chart(), Journals=[row_of(an_entry("1", ("610", "12"), ("200", "-12")))], Results=[results],
    )  # fmt: skip
    found = (await compared(house, row, "profitAndLoss"))["journalEntries"]
    assert (found.ours, found.theirs, found.difference) == (10, 12, -2)
    assert (None, "250") in await told(house, row, "profitAndLoss")


async def test_an_account_s_balance_at_the_bank_is_what_was_posted_to_it(house: House) -> None:
    row = await house.linked()
    account = {
        "id": "b",
        "accountName": "Current",
        "accountType": "Debit",
        "currency": "GBP",
        "balance": 30,
        "status": "Active",
    }

    def posting(identity: str, amount: int, status: str = "Reconciled") -> tuple[str, str]:
        return row_of({"id": identity, "bankAccountRef": {"id": "b"}, "currency": "GBP", "status": status,
                       "lines": [], "totalAmount": amount, "date": "2026-01-01T00:00:00"})  # fmt: skip

    await synced(
        house, row, "bankAccounts", "accountTransactions",
        BankAccounts=[row_of(account)], Postings=[posting("1", 50), posting("2", -20), posting("3", 9, "Void")],
    )  # fmt: skip
    assert (await compared(house, row, "bankAccounts"))["accountTransactions"].difference == 0
    await synced(house, row, "accountTransactions", Postings=[posting("1", 50)])
    found = (await compared(house, row, "bankAccounts"))["accountTransactions"]
    assert (found.ours, found.theirs, found.unmatched) == (30, 50, 1)
    assert found.unmatched_amount == Decimal(50)


async def test_open_amounts_of_other_currencies_are_not_held_against_an_account_in_the_books_own(
    house: House,
) -> None:
    row = await in_pounds(house)
    chart = [row_of({**CHART[0], "status": "Active", "fullyQualifiedCategory": "x", "currentBalance": 99})]
    await synced(
        house,
        row,
        "chartOfAccounts",
        "invoices",
        Accounts=chart,
        Invoices=[row_of(an_invoice("a", currency="USD"))],
    )
    found = (await compared(house, row, "invoices"))["chartOfAccounts"]
    assert found.status == "Unknown"
    assert await told(house, row) == []


async def test_a_comparison_is_made_again_only_when_one_of_its_lists_has_changed(house: House) -> None:
    row = await house.linked()
    events = house.hear(BooksCompared)
    lists = {"Journals": [row_of(an_entry("1", ("610", "12"), ("200", "-12")))]}
    await synced(house, row, "journalEntries", **lists)
    await synced(house, row, "journalEntries")
    assert sum(isinstance(event, BooksCompared) for event in events) == 1


async def test_what_is_looked_up_after_a_sync_never_ends_a_dataset_otherwise(house: House) -> None:
    row = await house.linked()
    await synced(
        house,
        row,
        "customers",
        "invoices",
        Contacts=[row_of(a_customer("c2"))],
        Invoices=[row_of(an_invoice("a"))],
    )
    found = await house.datasets(row)
    assert {d.status for d in found.values()} == {"Complete"}
    async with house.stores.client(house.client_id) as store:
        dataset = await store.read(datasets.find, found["invoices"].id)
    assert dataset is not None
    assert dataset.error_code is None


async def test_earlier_years_results_on_a_sheet_are_no_fault_of_it(house: House) -> None:
    """They bear an account's id, and nobody ever posts them to it."""
    row = await in_pounds(house)
    entries = [row_of(an_entry("1", ("610", "500"), ("200", "-500"), day="2024-03-01"))]
    sheet = json.loads(a_sheet("500")[0])
    sheet["reports"][0]["equity"]["items"] = [{"accountId": "960", "name": "Retained Earnings", "value": 500}]
    types: tuple[DataType, ...] = ("chartOfAccounts", "journalEntries", "balanceSheet")
    await synced(
        house,
        row,
        *types,
        Accounts=the_chart(),
        Journals=entries,
        Sheet=[row_of(sheet)],
    )
    assert (await compared(house, row, "balanceSheet"))["journalEntries"].unmatched == 0
    assert await told(house, row, "balanceSheet") == []


async def test_a_sheet_in_whole_pounds_agrees_with_what_is_open_to_the_penny(house: House) -> None:
    row = await in_pounds(house)
    types: tuple[DataType, ...] = ("chartOfAccounts", "balanceSheet", "invoices")
    due = {"totalAmount": 12.4, "amountDue": 12.4, "subTotal": 12.4}
    await synced(
        house, row, *types, Accounts=the_chart(), Sheet=[a_sheet("12")],
        Invoices=[row_of(an_invoice("a", **due, lineItems=[]))],
    )  # fmt: skip
    assert (await compared(house, row, "invoices"))["balanceSheet"].unmatched == 0


async def test_a_comparison_that_can_no_longer_be_made_is_told_no_more(house: House) -> None:
    row = await in_pounds(house)
    types: tuple[DataType, ...] = ("chartOfAccounts", "balanceSheet", "invoices")
    lists = {"Accounts": the_chart(), "Invoices": [row_of(an_invoice("a"))]}
    await synced(house, row, *types, **lists, Sheet=[a_sheet("15")])
    assert "balanceSheet" in await compared(house, row, "invoices")
    bare = json.loads(a_sheet("15")[0])
    bare["reports"][0]["assets"]["items"] = []
    await synced(house, row, "balanceSheet", Sheet=[row_of(bare)])
    assert "balanceSheet" not in await compared(house, row, "invoices")
