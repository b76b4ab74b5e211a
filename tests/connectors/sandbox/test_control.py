"""The control door: truth, changes, quirks, the clock, the log."""

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

Visit = Callable[..., Awaitable[Any]]
WRITTEN = ("invoices", "bills", "creditNotes", "billCreditNotes", "payments", "billPayments")
MOVED = (
    "purchaseOrders", "directCosts", "directIncomes", "transfers", "journalEntries", "bankTransactions",
    "accountTransactions",
)  # fmt: skip
LISTED = ("customers", "suppliers", "items", "chartOfAccounts", "bankAccounts", "taxRates")
PLACES = {
    "invoices": ("Invoices", "InvoiceID"),
    "bills": ("Invoices", "InvoiceID"),
    "creditNotes": ("CreditNotes", "CreditNoteID"),
    "billCreditNotes": ("CreditNotes", "CreditNoteID"),
    "payments": ("Payments", "PaymentID"),
    "billPayments": ("Payments", "PaymentID"),
    "customers": ("Contacts", "ContactID"),
    "suppliers": ("Contacts", "ContactID"),
    "items": ("Items", "ItemID"),
    "chartOfAccounts": ("Accounts", "AccountID"),
    "bankAccounts": ("Accounts", "AccountID"),
    "taxRates": ("TaxRates", "TaxType"),
}


async def truth(visitor: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await visitor.control("state"))["companies"][0]
    return found


async def change(visitor: Any, entity: str, **counts: int) -> dict[str, list[str]]:
    body = {"tenant": visitor.tenants[0], "entity": entity, **counts}
    found: dict[str, list[str]] = await visitor.control("change", body)
    return found


async def test_the_state_tells_companies_requests_and_apps(visitor: Any) -> None:
    state = await visitor.control("state")
    assert state.keys() == {"companies", "requests", "apps"}
    company = state["companies"][0]
    assert company.keys() == {"tenant", "platform", "name", "counts", "totals", "deleted"}
    assert company["platform"] == "xero"
    assert company["counts"].keys() == {"company", *WRITTEN, *LISTED, *MOVED, "trackingCategories"}
    assert company["totals"].keys() == {*WRITTEN, *MOVED}
    assert all(re.fullmatch(r"-?\d+\.\d\d", total) for total in company["totals"].values())
    assert {name for name, count in company["deleted"].items() if count} == {"journalEntries"}, "void is gone"
    assert state["apps"]["xero"].keys() == {"clientId", "clientSecret"}
    assert state["requests"]["xero"]["invoices"] == 0
    await visitor.ask("invoices")
    await visitor.ask("Organisation")
    counted = (await visitor.control("state"))["requests"]["xero"]
    assert (counted["invoices"], counted["organisations"], counted["token"]) == (1, 1, 1)


@pytest.mark.parametrize("entity", [*WRITTEN, *LISTED])
async def test_a_change_returns_ids_that_can_be_read(visitor: Any, entity: str) -> None:
    before = await truth(visitor)
    changed = await change(visitor, entity, create=2, update=2, delete=1)
    assert [len(changed[act]) for act in ("created", "updated", "deleted")] == [2, 2, 1]
    assert len({*changed["created"], *changed["updated"], *changed["deleted"]}) == 5
    name, key = PLACES[entity]
    rows = {row[key]: row for row in await visitor.rows(name, includeArchived="true")}
    assert rows.keys() >= {*changed["created"], *changed["updated"]}
    after = await truth(visitor)
    grown = after["counts"][entity] - before["counts"][entity]
    match entity:
        case "customers" | "suppliers":  # archived: still there
            assert grown == 2
            assert rows[changed["deleted"][0]]["ContactStatus"] == "ARCHIVED"
        case "items":  # gone without a trace
            assert (grown, after["deleted"]["items"]) == (1, 1)
            assert changed["deleted"][0] not in rows
        case _:
            assert rows[changed["deleted"][0]]["Status"] == "DELETED"
            assert after["deleted"][entity] == 1


async def test_what_changed_is_in_the_next_incremental_read(visitor: Any) -> None:
    since = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    changed = await change(visitor, "invoices", create=3, update=2, delete=2)
    answer = await visitor.ask("Invoices", page=1, headers={"If-Modified-Since": since})
    found = {row["InvoiceID"] for row in answer.json()["Invoices"]}
    assert found == {*changed["created"], *changed["updated"], *changed["deleted"]}


async def test_an_update_of_an_open_invoice_changes_its_figures_together(visitor: Any) -> None:
    before = {row["InvoiceID"]: row for row in await visitor.rows("Invoices")}
    (id_,) = (await change(visitor, "invoices", update=1))["updated"]
    row = (await visitor.ask(f"Invoices/{id_}")).json()["Invoices"][0]
    assert row["Total"] != before[id_]["Total"]
    assert Decimal(str(row["AmountDue"])) == Decimal(str(row["Total"]))
    taxes = sum(Decimal(str(line["TaxAmount"])) for line in row["LineItems"])
    assert Decimal(str(row["SubTotal"])) + taxes == Decimal(str(row["Total"]))


async def test_a_deleted_payment_opens_its_invoice_again(visitor: Any) -> None:
    (id_,) = (await change(visitor, "payments", delete=1))["deleted"]
    payment = (await visitor.ask(f"Payments/{id_}")).json()["Payments"][0]
    assert payment["Status"] == "DELETED"
    invoice = (await visitor.ask(f"Invoices/{payment['Invoice']['InvoiceID']}")).json()["Invoices"][0]
    assert invoice["Status"] == "AUTHORISED"
    assert invoice["AmountDue"] > 0
    assert id_ not in {each["PaymentID"] for each in invoice["Payments"]}
    assert "FullyPaidOnDate" not in invoice


async def test_drafts_are_written_when_there_are_none_left_to_delete(visitor: Any) -> None:
    changed = await change(visitor, "bills", delete=30)
    assert len(set(changed["deleted"])) == 30
    assert (await truth(visitor))["deleted"]["bills"] == 30


async def test_a_contacts_new_address_is_read_though_its_row_was_kept(visitor: Any) -> None:
    old = {row["ContactID"]: row["EmailAddress"] for row in await visitor.rows("Contacts")}
    (id_,) = (await change(visitor, "customers", update=1))["updated"]
    row = (await visitor.ask(f"Contacts/{id_}")).json()["Contacts"][0]
    assert row["EmailAddress"] != old[id_]


@pytest.mark.parametrize(
    "words",
    [
        {"entity": "invoices", "tenant": "nobody"},
        {"entity": "journals"},
        {"entity": "company", "create": 1},
        {"entity": "invoices", "create": -1},
        {"entity": "invoices", "creat": 1},
    ],
    ids=["unknown tenant", "unknown entity", "second organisation", "negative", "misspelt"],
)
async def test_a_change_that_cannot_be_made_is_refused(visitor: Any, words: dict[str, Any]) -> None:
    before = await truth(visitor)
    told = await visitor.control("change", {"tenant": visitor.tenants[0], **words}, status=400)
    assert told["error"]
    assert await truth(visitor) == before


async def quirk(visitor: Any, number: int, *, on: bool = True) -> None:
    await visitor.control("quirks", {"number": number, "on": on})


async def test_quirk_3_makes_pages_smaller_than_asked_for(visitor: Any) -> None:
    await quirk(visitor, 3)
    body = (await visitor.ask("Invoices", page=1, pageSize=1000)).json()
    assert len(body["Invoices"]) == body["pagination"]["pageSize"] == 40
    assert body["pagination"]["pageCount"] == 2
    await quirk(visitor, 3, on=False)
    assert (await visitor.ask("Invoices", page=1, pageSize=1000)).json()["pagination"]["pageCount"] == 1


async def test_quirk_9_puts_timestamps_into_the_future(visitor: Any) -> None:
    await quirk(visitor, 9)
    rows = await visitor.rows("Invoices")
    stamp = int(re.findall(r"\d+", rows[-1]["UpdatedDateUTC"])[0])
    assert stamp > datetime.now(UTC).timestamp() * 1000


async def test_quirk_11_writes_no_date_as_1970(visitor: Any) -> None:
    assert all(row.get("FullyPaidOnDate") != "/Date(0+0000)/" for row in await visitor.rows("Invoices"))
    await quirk(visitor, 11)
    rows = await visitor.rows("Invoices")
    assert any(row["FullyPaidOnDate"] == "/Date(0+0000)/" for row in rows)
    assert any(row["DueDate"] == "/Date(0+0000)/" for row in rows if row["Status"] == "DRAFT")


async def test_quirk_17_off_lists_archived_contacts_too(visitor: Any) -> None:
    await quirk(visitor, 17, on=False)
    assert {row["ContactStatus"] for row in await visitor.rows("Contacts")} == {"ACTIVE", "ARCHIVED"}


async def test_quirk_29_writes_booleans_as_texts(visitor: Any) -> None:
    assert {type(row["IsReconciled"]) for row in await visitor.rows("Payments")} == {bool}
    await quirk(visitor, 29)
    assert {row["IsReconciled"] for row in await visitor.rows("Payments")} == {"true", "false"}


async def test_quirk_33_changes_the_case_of_refusals_keys(visitor: Any) -> None:
    await quirk(visitor, 33)
    assert "detail" in (await visitor.ask("Invoices", headers={"authorization": ""})).json()
    assert "Detail" in (await visitor.ask("Invoices", tenant="nobody")).json()


async def test_a_quirk_that_is_always_on_can_be_asked_for_but_not_ended(visitor: Any) -> None:
    await quirk(visitor, 1)
    told = await visitor.control("quirks", {"number": 1, "on": False}, status=400)
    assert "Always on: 1" in told["error"]


async def test_an_unknown_quirk_is_answered_with_the_known_ones(visitor: Any) -> None:
    told = await visitor.control("quirks", {"number": 40, "on": True}, status=400)
    assert "3 pages are smaller" in told["error"]
    assert (await visitor.control("quirks"))["xero"]["on"] == [6, 17]


async def test_the_clock_can_be_advanced_and_never_goes_back(visitor: Any) -> None:
    first = datetime.fromisoformat((await visitor.control("clock"))["now"])
    told = await visitor.control("clock", {"advance": 86400})
    assert (datetime.fromisoformat(told["now"]) - first).total_seconds() >= 86400
    await visitor.control("clock", {"advance": -1}, status=400)
    changed = await change(visitor, "invoices", create=1)
    row = (await visitor.ask(f"Invoices/{changed['created'][0]}")).json()
    assert row.keys() >= {"Detail"} or row["Invoices"]  # the token may be over by then


async def test_the_log_keeps_what_was_asked_without_tokens(visitor: Any) -> None:
    await visitor.control("faults", {"provider": "xero", "kind": "truncated", "path": "items"})
    await visitor.ask("Invoices", page=2, order="Date")
    with pytest.raises(Exception, match="incomplete"):
        await visitor.ask("Items")
    log = (await visitor.control("requests"))["requests"]
    invoices, items = log[-2:]
    assert invoices["method"] == "GET"
    assert invoices["path"] == "/xero/api.xro/2.0/Invoices"
    assert invoices["query"] == "page=2&order=Date"
    assert (invoices["tenant"], invoices["status"]) == (visitor.tenants[0], 200)
    assert datetime.fromisoformat(invoices["time"]).tzinfo is not None
    assert (items["status"], items["fault"]) == (0, "truncated")
    secrets = (visitor.tokens["access_token"], visitor.tokens["refresh_token"], visitor.app["clientSecret"])
    assert not any(secret in str(log) for secret in secrets)
