"""What is told of accounts at banks beside the rows that name them: their currencies and their ids."""

import json
from collections.abc import Mapping
from typing import Any

import msgspec
from tests.connectors.sage.conftest import Answers, linked_to, map_row, read, ref

from tallystick.connectors.sage import MANIFEST
from tallystick.connectors.sage.mapping import SageMapper

BANKS = [
    {"id": "ba1", "ledger_account": {"id": "la1"}, "currency": {"id": "GBP"}},
    {"id": "ba2", "ledger_account": {"id": "la2"}, "currency": {"id": "USD"}},
    {"id": "ba3", "ledger_account": None, "currency": None},
]


def answers(path: str, *rows: Mapping[str, Any]) -> Answers:
    def answer(asked: str, _params: dict[str, str]) -> Any:
        found = BANKS if asked == "bank_accounts" else rows if asked == path else []
        return {"$total": len(found), "$page": 1, "$items": list(found)}

    return Answers(answer)


def spent(bank: str) -> dict[str, Any]:
    return {
        "id": f"op-{bank}",
        "$path": f"/other_payments/op-{bank}",
        "transaction_type": ref("transaction_types", "OTHER_PAYMENT"),
        "bank_account": ref("bank_accounts", bank, "An account (1200)"),
        "date": "2026-02-01",
        "net_amount": "10.00",
        "tax_amount": "0.00",
        "total_amount": "10.00",
    }


async def test_a_payment_without_a_document_is_in_the_currency_of_its_bank_account() -> None:
    given = answers("other_payments", spent("ba1"), spent("ba2"), spent("ba3"), spent("ba9"))
    (page,) = await read(given, "other_payments", size=200)
    told = [map_row("other_payments", bytes(row)).json["currency"] for row in page.records]
    assert told == ["GBP", "USD", "GBP", "GBP"], "the books' own where nobody knows it"
    assert [path for path, _ in given.asked] == ["other_payments", "bank_accounts"]


async def test_a_row_that_is_told_about_keeps_its_own_fields_and_can_be_mapped_again_from_its_page() -> None:
    source = spent("ba2")
    (page,) = await read(answers("other_payments", source), "other_payments", size=200)
    told = json.loads(bytes(page.records[0]))
    assert told.pop("$banks") == {"ba2": "USD"}
    assert told == source
    again = SageMapper().split(MANIFEST.resource("other_payments"), page.raw)
    assert [bytes(row) for row in again] == [bytes(row) for row in page.records]


async def test_an_empty_list_asks_for_no_bank_accounts() -> None:
    given = answers("other_payments")
    await read(given, "other_payments", size=200)
    assert [path for path, _ in given.asked] == ["other_payments"]


async def test_of_a_transfer_between_currencies_only_what_left_is_known() -> None:
    row = {
        "id": "t1",
        "$path": "/bank_transfers/t1",
        "from_bank_account": ref("bank_accounts", "ba1"),
        "to_bank_account": ref("bank_accounts", "ba2"),
        "date": "2026-02-01",
        "amount": "250.00",
    }
    page, _ = await read(answers("bank_transfers", row), "transfers", size=200)
    told = map_row("transfers", bytes(page.records[0])).json
    assert (told["from"]["currency"], str(told["from"]["amount"])) == ("GBP", "250.00")
    assert told["to"]["currency"] == "USD"
    assert "amount" not in told["to"]


async def test_an_entry_of_the_ledger_names_the_bank_account() -> None:
    entry = {"id": "le1", "debit": "5.00", "ledger_account": ref("ledger_accounts", "la2", "Dollars (1210)")}
    pages = await read(answers("ledger_entries", entry), "ledger_entries", size=200)
    told = [map_row("ledger_entries", bytes(row)).json for page in pages for row in page.records]
    assert told[1]["bankAccountRef"] == {"id": "ba2", "name": "Dollars"}
    assert told[1]["currency"] == "GBP", "the ledger is kept in the books' own currency"


async def test_a_row_that_is_no_object_is_left_to_the_mapping() -> None:
    given = Answers(
        lambda path, _: {"$total": 3, "$items": BANKS} if path == "bank_accounts" else b'{"$items":[7]}'
    )
    (page,) = await read(given, "other_payments", size=200)
    assert list(map(bytes, page.records)) == [b"7"]


async def test_one_record_is_told_about_as_its_list_is() -> None:
    async with linked_to() as there:
        for name in ("other_payments", "transfers", "ledger_entries"):
            resource = MANIFEST.resource(name)
            row = next(row for page in await there.pages(name) for row in page.records)
            id_ = msgspec.json.decode(row)["id"]
            (one,) = (await there.connector.client.one(there, resource, id_)).records
            issues: list[Any] = []
            books = map_row.__defaults__[0]  # type: ignore[index] # the books of all these tests
            assert SageMapper().records(resource, one, books, issues) == SageMapper().records(
                resource, row, books, issues
            )
