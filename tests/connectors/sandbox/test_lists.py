"""What the accounting API answers: lists, pages, filters, single records, refusals."""

import ast
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tallystick.connectors import sandbox as neutral
from tallystick.connectors.sandbox.ledger import write_books
from tallystick.connectors.sandbox.uk_chart import UK
from tallystick.connectors.xero import sandbox

Visit = Callable[..., Awaitable[Any]]
LISTS = ("Organisations", "Accounts", "TaxRates", "Items", "Contacts", "Invoices", "CreditNotes", "Payments")
EXACT = msgspec.json.Decoder(float_hook=Decimal)


def moment(net_date: str) -> int:
    found = re.fullmatch(r"/Date\((-?\d+)\+0000\)/", net_date)
    assert found, net_date
    return int(found[1])


@pytest.mark.parametrize("name", LISTS)
async def test_every_list_comes_in_its_envelope(visitor: Any, name: str) -> None:
    answer = await visitor.ask(name)
    assert answer.status_code == 200
    body = answer.json()
    assert body["Status"] == "OK"
    assert re.fullmatch(r"/Date\(\d+\)/", body["DateTimeUTC"])
    assert body[name]


@pytest.mark.parametrize("path", ["Organisation", "organisations", "INVOICES", "taxrates"])
async def test_a_paths_last_word_may_be_in_any_case(visitor: Any, path: str) -> None:
    assert (await visitor.ask(path)).status_code == 200


async def test_the_lists_hold_what_the_truth_says(visitor: Any) -> None:
    truth = (await visitor.control("state"))["companies"][0]
    invoices = await visitor.rows("Invoices")
    sums = {
        kind: sum(Decimal(str(row["Total"])) for row in invoices if row["Type"] == kind)
        for kind in ("ACCREC", "ACCPAY")
    }
    assert truth["counts"]["invoices"] == sum(row["Type"] == "ACCREC" for row in invoices) == 40
    assert truth["totals"]["invoices"] == str(sums["ACCREC"])
    assert truth["totals"]["bills"] == str(sums["ACCPAY"])
    payments = await visitor.rows("Payments")
    signs = {"ACCRECPAYMENT": 1, "ARCREDITPAYMENT": -1}
    taken = sum(
        Decimal(str(row["Amount"])) * signs[row["PaymentType"]]
        for row in payments
        if row["PaymentType"] in signs
    )
    for name in ("Overpayments", "Prepayments"):  # money on account is a payment too
        on_account = await visitor.rows(name)
        taken += sum(Decimal(str(row["Total"])) for row in on_account if row["Type"].startswith("RECEIVE"))
    assert truth["totals"]["payments"] == str(taken)
    contacts = await visitor.rows("Contacts", includeArchived="true")
    suppliers = sum(row["IsSupplier"] for row in contacts)
    customers = sum(row["IsCustomer"] or not row["IsSupplier"] for row in contacts)
    assert (truth["counts"]["customers"], truth["counts"]["suppliers"]) == (customers, suppliers)
    accounts = await visitor.rows("Accounts")
    assert truth["counts"]["chartOfAccounts"] == len(accounts)
    assert truth["counts"]["bankAccounts"] == sum(row["Type"] == "BANK" for row in accounts)


async def test_figures_are_written_digit_for_digit(visit: Visit) -> None:
    visitor = await visit(companies=1, records=200)
    await visitor.link()
    raw = (await visitor.ask("Invoices", page=1, pageSize=1000, unitdp=4)).content
    invoices = EXACT.decode(raw)["Invoices"]
    assert any(len(str(row["Total"]).replace(".", "")) == 15 for row in invoices)
    books = write_books(seed=1, number=0, records=200, now=datetime.now(UTC))
    on_account = {id_: found for id_, found in books.applications_of.items() if id_ in books.documents}
    applied = {id_: sum(each.amount for each in found) for id_, found in on_account.items()}
    assert applied
    for row in invoices:
        lines = row["LineItems"]
        net = sum(line["LineAmount"] for line in lines)
        tax = sum(line["TaxAmount"] for line in lines)
        assert row["TotalTax"] == tax
        assert row["SubTotal"] + row["TotalTax"] == row["Total"]
        assert net == (row["Total"] if row["LineAmountTypes"] == "Inclusive" else row["SubTotal"])
        if row["Status"] not in {"VOIDED", "DELETED"}:
            assert row["AmountDue"] == row["Total"] - row["AmountPaid"] - row["AmountCredited"]
            assert row["AmountPaid"] == sum(each["Amount"] for each in row["Payments"])
            credited = sum(each["AppliedAmount"] for each in row["CreditNotes"])
            assert row["AmountCredited"] == credited + applied.get(row["InvoiceID"], 0)
        for line in lines:
            if "DiscountRate" not in line and "DiscountAmount" not in line:
                gross = line["Quantity"] * line["UnitAmount"]
                assert abs(gross - line["LineAmount"]) <= Decimal("0.005")


async def test_unit_amounts_have_two_places_unless_four_are_asked_for(visit: Visit) -> None:
    visitor = await visit(companies=1, records=100)
    await visitor.link()

    async def places(**params: int) -> int:
        raw = (await visitor.ask("Invoices", page=1, pageSize=1000, **params)).content
        lines = [line for row in EXACT.decode(raw)["Invoices"] for line in row["LineItems"]]
        return max(-line["UnitAmount"].as_tuple().exponent for line in lines)

    assert await places() == 2
    assert await places(unitdp=4) == 4


async def test_lines_come_only_with_a_page_or_a_single_record(visitor: Any) -> None:
    """Quirk 1."""
    unpaged = (await visitor.ask("Invoices")).json()
    assert "pagination" not in unpaged
    assert not any(row["LineItems"] for row in unpaged["Invoices"])
    assert all(row["LineItems"] for row in await visitor.rows("Invoices"))
    row = unpaged["Invoices"][0]
    one = (await visitor.ask(f"Invoices/{row['InvoiceID']}")).json()["Invoices"]
    assert len(one) == 1
    assert one[0]["LineItems"]


async def test_a_summary_has_neither_lines_nor_payments(visitor: Any) -> None:
    row = (await visitor.ask("Invoices", page=1, summaryOnly="True")).json()["Invoices"][0]
    assert not row.keys() & {"LineItems", "Payments", "CreditNotes"}


async def test_pages_hold_every_row_once(visitor: Any) -> None:
    every = [row["InvoiceID"] for row in (await visitor.ask("Invoices")).json()["Invoices"]]
    found: list[str] = []
    for page in (1, 2, 3, 4, 5):
        body = (await visitor.ask("Invoices", page=page, pageSize=15)).json()
        assert body["pagination"] == {"page": page, "pageSize": 15, "pageCount": 5, "itemCount": 64}
        found += [row["InvoiceID"] for row in body["Invoices"]]
    assert found == every
    assert (await visitor.ask("Invoices", page=6, pageSize=15)).json()["Invoices"] == []


async def test_a_page_is_a_hundred_rows_and_never_more_than_a_thousand(visitor: Any) -> None:
    assert (await visitor.ask("Payments", page=1)).json()["pagination"]["pageSize"] == 100
    assert (await visitor.ask("Payments", page=1, pageSize=5000)).json()["pagination"]["pageSize"] == 1000


@pytest.mark.parametrize("params", [{"page": "0"}, {"page": "x"}, {"page": 1, "pageSize": "-2"}])
async def test_a_page_that_is_no_number_is_refused(visitor: Any, params: dict[str, Any]) -> None:
    answer = await visitor.ask("Invoices", **params)
    assert (answer.status_code, answer.json()["ErrorNumber"]) == (400, 16)


async def test_rows_come_by_their_last_change_and_then_their_id(visitor: Any) -> None:
    rows = await visitor.rows("Invoices")
    keys = [(moment(row["UpdatedDateUTC"]), row["InvoiceID"]) for row in rows]
    assert keys == sorted(keys)


async def test_modified_since_takes_the_second_itself_in(visitor: Any) -> None:
    rows = await visitor.rows("Invoices")
    middle = moment(rows[30]["UpdatedDateUTC"]) // 1000
    since = datetime.fromtimestamp(middle, tz=UTC).strftime("%Y-%m-%dT%H:%M:%S")
    answer = await visitor.ask("Invoices", headers={"If-Modified-Since": since}, page=1)
    expected = [row["InvoiceID"] for row in rows if moment(row["UpdatedDateUTC"]) // 1000 >= middle]
    assert [row["InvoiceID"] for row in answer.json()["Invoices"]] == expected
    assert rows[30]["InvoiceID"] in expected


async def test_tax_rates_know_no_modified_since(visitor: Any) -> None:
    answer = await visitor.ask("TaxRates", headers={"If-Modified-Since": "2999-01-01T00:00:00"})
    assert len(answer.json()["TaxRates"]) == len(UK.tax_rates)
    nothing = await visitor.ask("Accounts", headers={"If-Modified-Since": "2999-01-01T00:00:00"})
    assert nothing.json()["Accounts"] == []


async def test_an_order_by_any_field_in_either_direction(visitor: Any) -> None:
    totals = [row["Total"] for row in await visitor.rows("Invoices", order="Total DESC")]
    assert totals == sorted(totals, reverse=True)
    ids = [row["InvoiceID"] for row in await visitor.rows("Invoices", order="InvoiceID ASC")]
    assert ids == sorted(ids)
    dates = [moment(row["Date"]) for row in await visitor.rows("Invoices", order="Date ASC, Total")]
    assert dates == sorted(dates)


@pytest.mark.parametrize(
    ("name", "where", "holds"),
    [
        ("Accounts", 'Type=="BANK"', lambda row: row["Type"] == "BANK"),
        ("Invoices", 'Status!="DRAFT" AND Type=="ACCPAY"', lambda row: row["Status"] != "DRAFT"),
        ("Invoices", "IsDiscounted==true", lambda row: row["IsDiscounted"]),
        ("Invoices", "Total>=1000.5 && AmountDue==0", lambda row: row["Total"] >= 1000.5),
        ("Contacts", "IsSupplier == True", lambda row: row["IsSupplier"]),
        ("Invoices", "Date >= DateTime(2000, 1, 1)", lambda row: True),
    ],
)
async def test_where_picks_the_rows_that_meet_it(
    visitor: Any, name: str, where: str, holds: Callable[[dict[str, Any]], bool]
) -> None:
    rows = await visitor.rows(name, where=where)
    assert rows
    assert all(holds(row) for row in rows)


async def test_where_reaches_into_a_contact(visitor: Any) -> None:
    row = (await visitor.rows("Invoices"))[0]
    contact = row["Contact"]["ContactID"]
    found = await visitor.rows("Invoices", where=f'Contact.ContactID==Guid("{contact}")')
    assert row["InvoiceID"] in {each["InvoiceID"] for each in found}
    assert {each["Contact"]["ContactID"] for each in found} == {contact}


@pytest.mark.parametrize(
    "where",
    ["Nonsense==1", "Status==", 'Status=="A" OR Status=="B"', "DateTime(", "Date>DateTime(2026,13,1)"],
)
async def test_a_where_that_cannot_be_read_answers_400(visitor: Any, where: str) -> None:
    answer = await visitor.ask("Invoices", where=where)
    assert answer.status_code == 400
    assert answer.json()["Type"] == "QueryParseException"


async def test_ids_and_statuses_pick_rows(visitor: Any) -> None:
    rows = await visitor.rows("Invoices")
    ids = [rows[3]["InvoiceID"], rows[7]["InvoiceID"]]
    picked = await visitor.rows("Invoices", IDs=",".join(ids))
    assert {row["InvoiceID"] for row in picked} == set(ids)
    drafts = await visitor.rows("Invoices", Statuses="DRAFT,VOIDED")
    assert {row["Status"] for row in drafts} == {"DRAFT", "VOIDED"}


@pytest.mark.parametrize("word", ["true", "True"])
async def test_archived_contacts_come_only_when_asked_for(visitor: Any, word: str) -> None:
    """Quirk 17; an old invoice may name one all the same, and it can be read by its id."""
    live = await visitor.rows("Contacts")
    every = await visitor.rows("Contacts", includeArchived=word)
    archived = [row for row in every if row["ContactStatus"] == "ARCHIVED"]
    assert archived
    assert len(live) + len(archived) == len(every)
    one = await visitor.ask(f"Contacts/{archived[0]['ContactID']}")
    assert one.json()["Contacts"][0]["ContactStatus"] == "ARCHIVED"


async def test_a_single_record_is_found_by_id_or_number(visitor: Any) -> None:
    by_number = (await visitor.ask("Invoices/INV-0001")).json()["Invoices"][0]
    by_id = (await visitor.ask(f"invoices/{by_number['InvoiceID']}")).json()["Invoices"][0]
    assert by_id == by_number
    assert (await visitor.ask("Items/BK-001")).json()["Items"][0]["Name"] == "Oak bookcase"
    assert (await visitor.ask("TaxRates/OUTPUT2")).json()["TaxRates"][0]["EffectiveRate"] == 20


@pytest.mark.parametrize(
    "path", ["Invoices/00000000-0000-0000-0000-000000000000", "Nonsense", "Invoices/x/y"]
)
async def test_what_is_not_there_answers_404(visitor: Any, path: str) -> None:
    assert (await visitor.ask(path)).status_code == 404


async def test_a_wrong_tenant_answers_403_in_small_letters(visitor: Any) -> None:
    for tenant in ("", "00000000-0000-0000-0000-000000000000"):
        answer = await visitor.ask("Invoices", tenant=tenant)
        assert answer.status_code == 403
        assert answer.json()["title"] == "Forbidden"
        assert answer.json()["detail"] == "AuthenticationUnsuccessful"


async def test_no_token_answers_401_in_capitals(visitor: Any) -> None:
    answer = await visitor.ask("Invoices", headers={"authorization": ""})
    assert answer.status_code == 401
    assert answer.json()["Detail"] == "AuthenticationUnsuccessful"


async def test_a_missing_scope_closes_its_lists_only(visit: Visit) -> None:
    visitor = await visit()
    await visitor.link(scope="offline_access accounting.settings.read")
    assert (await visitor.ask("Accounts")).status_code == 200
    refused = await visitor.ask("Invoices")
    assert (refused.status_code, refused.json()["Detail"]) == (401, "AuthorizationUnsuccessful")


async def test_the_older_broad_scopes_open_everything_too(visit: Visit) -> None:
    visitor = await visit()
    broad = "accounting.settings.read accounting.contacts.read accounting.transactions.read"
    await visitor.link(scope=broad)
    for name in LISTS:
        assert (await visitor.ask(name)).status_code == 200


async def test_writing_is_not_implemented(visitor: Any) -> None:
    headers = {
        "authorization": f"Bearer {visitor.tokens['access_token']}",
        "xero-tenant-id": visitor.tenants[0],
    }
    answer = await visitor.http.post("/xero/api.xro/2.0/Invoices", json={}, headers=headers)
    assert answer.status_code == 501


def test_the_witness_imports_nothing_of_the_connector_beside_it() -> None:
    """A misunderstanding must not be able to hide by being on both sides."""
    folder = Path(sandbox.__file__).parent
    for file in [*folder.glob("*.py"), *Path(neutral.__file__).parent.glob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [each.name for each in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                allowed = name == "tallystick.connectors.providers" or name.startswith(
                    ("tallystick.connectors.sandbox", "tallystick.connectors.xero.sandbox")
                )
                assert allowed or not name.startswith("tallystick.connectors"), f"{file.name}: {name}"
