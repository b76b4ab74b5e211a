"""One record read anew: the same as the list gives it, and none where QuickBooks says that there is none."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import msgspec
import pytest
from tests.connectors.quickbooks.conftest import StandIn
from tests.connectors.quickbooks.test_client import Scripted, rows

from tallystick.connectors import Books, Gone, Issue, Page
from tallystick.connectors.quickbooks import MANIFEST
from tallystick.connectors.quickbooks.client import QuickBooksClient
from tallystick.connectors.quickbooks.keys import key_of
from tallystick.connectors.quickbooks.mapping import QuickBooksMapper
from tallystick.connectors.quickbooks.queries import LISTINGS, Statement
from tallystick.errors import RequestRefused
from tallystick.standard import StandardRecord

Start = Callable[..., AbstractAsyncContextManager[StandIn]]
TOP = msgspec.json.Decoder(dict[str, Any])


def made_of(resource: str, page: Page) -> list[StandardRecord | Gone]:
    issues: list[Issue] = []
    told = MANIFEST.resource(resource)
    mapper, books = QuickBooksMapper(), Books(base_currency="GBP")
    found = [record for row in page.records for record in mapper.records(told, row, books, issues)]
    assert [issue for issue in issues if issue.severity == "rejected"] == []
    return found


async def test_one_record_is_the_row_that_its_list_has(stand_in: Start) -> None:
    async with stand_in(companies=1, records=60) as there:
        calls = await there.calls()
        seen = 0
        for resource in MANIFEST.resources:
            listing = LISTINGS[resource.name]
            if isinstance(listing, Statement) or listing.joined or listing.report:
                continue
            for told, page in await there.pages(calls, resource.name):
                for row in {next(iter(TOP.decode(row))): row for row in page.records}.values():
                    (entity,) = TOP.decode(row)
                    key = key_of(told.name, entity, TOP.decode(row)[entity]["Id"])
                    again = await there.connector.client.one(calls, told, key)
                    assert [TOP.decode(each) for each in again.records] == [TOP.decode(row)], key
                    seen += 1
        assert seen >= 15


async def test_an_entry_comes_with_what_was_posted_by_it(stand_in: Start) -> None:
    async with stand_in(companies=1, records=40) as there:
        calls = await there.calls()
        resource, rows = MANIFEST.resource("JournalEntry"), dict[str, bytes]()
        for _, page in await there.pages(calls, "JournalEntry"):
            for row in page.records:
                parts = TOP.decode(row)
                if "JournalEntry" in parts:
                    rows[parts["JournalEntry"]["Id"]] = bytes(row)
        assert len(rows) >= 2
        for key, row in rows.items():
            again = await there.connector.client.one(calls, resource, key)
            assert row in map(bytes, again.records)
            assert again.next is None
        page = await there.connector.client.one(calls, resource, "987654")
        assert made_of("JournalEntry", page) == [Gone(data_type="journalEntries", id="987654")]


async def test_rows_that_are_read_together_come_together(stand_in: Start) -> None:
    async with stand_in(companies=1, records=20) as there:
        calls = await there.calls()
        for name in ("TaxCode", "CompanyInfo"):
            ((_, page),) = await there.pages(calls, name)
            entity = next(iter(TOP.decode(page.records[0])))
            id_ = TOP.decode(page.records[0])[entity]["Id"]
            again = await there.connector.client.one(
                calls, MANIFEST.resource(name), key_of(name, entity, id_)
            )
            assert [bytes(row) for row in again.records] == [bytes(row) for row in page.records]
        gone = await there.connector.client.one(calls, MANIFEST.resource("TrackingCategory"), "Class-999999")
        assert Gone(data_type="trackingCategories", id="Class-999999") in made_of("TrackingCategory", gone)
        assert [bytes(row) for row in gone.records] == [
            bytes(row)
            for row in there.connector.mapper.split(MANIFEST.resource("TrackingCategory"), gone.raw)
        ]


async def test_a_record_that_is_no_more_is_told_as_gone(stand_in: Start) -> None:
    async with stand_in(companies=1, records=20) as there:
        calls = await there.calls()
        deleted = (await there.control("change", tenant=there.tenant, entity="invoices", delete=1))["deleted"]
        page = await there.connector.client.one(calls, MANIFEST.resource("Invoice"), deleted[0])
        assert made_of("Invoice", page) == [Gone(data_type="invoices", id=deleted[0])]
        assert [bytes(row) for row in page.records] == [
            bytes(row) for row in there.connector.mapper.split(MANIFEST.resource("Invoice"), page.raw)
        ]
        page = await there.connector.client.one(calls, MANIFEST.resource("Transfer"), "Deposit-987654")
        assert made_of("Transfer", page) == [Gone(data_type="transfers", id="Deposit-987654")]


async def test_an_answer_without_rows_is_no_word_that_a_record_is_gone() -> None:
    """Only the fault 610 is: half an outage must not delete anything."""
    calls = Scripted([rows("Invoice")])
    page = await QuickBooksClient().one(calls, MANIFEST.resource("Invoice"), "12")
    assert page.records == []
    refused = Scripted([{"Fault": {"Error": [{"code": "2020"}], "type": "ValidationFault"}}])
    with pytest.raises(RequestRefused):
        await QuickBooksClient().one(refused, MANIFEST.resource("Invoice"), "12")


@pytest.mark.parametrize(
    "key", ["", "x", "-1", "1 OR 1=1", "12/../3", "12?x=1", "Deposit-1", "\u0661", "1" * 21, "Invoice-"]
)
async def test_what_is_no_key_is_never_asked_for(key: str) -> None:
    calls = Scripted([])
    with pytest.raises(ValueError, match="no key"):
        await QuickBooksClient().one(calls, MANIFEST.resource("Invoice"), key)
    with pytest.raises(ValueError, match="no key"):
        await QuickBooksClient().one(calls, MANIFEST.resource("Transfer"), f"Purchase-{key}")
    assert calls.asked == []
