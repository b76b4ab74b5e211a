"""Rows as FreeAgent writes them, what they become, and answers that are prepared."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Any

from tests.connectors.mapped_rows import (
    LinkedTenants,
    Mapped,
    PreparedAnswers,
    agreed,
    mapped_by,
    pages_of,
    registered,
)

from tallystick.connectors import Books, Gone, Issue, Page
from tallystick.connectors.freeagent import MANIFEST, FreeAgentConnector, freeagent
from tallystick.connectors.freeagent.client import FreeAgentClient
from tallystick.connectors.freeagent.faults import fault
from tallystick.connectors.freeagent.mapping import FreeAgentMapper

BOOKS = Books(base_currency="GBP", today=date(2026, 3, 1))
HOST = "https://api.freeagent.com/v2"


def at(name: str, id_: object) -> str:
    """The address of a record."""
    return f"{HOST}/{name}/{id_}"


def _changed(row: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**row, **changes}.items() if value is not ...}


def an_invoice(**changes: Any) -> dict[str, Any]:
    """An invoice of one line, 120.00 with its tax; `...` takes a field out."""
    return _changed(
        {
            "url": at("invoices", 7),
            "contact": at("contacts", 2),
            "contact_name": "Harbour & Vale",
            "dated_on": "2026-01-05",
            "due_on": "2026-02-04",
            "reference": "INV-007",
            "currency": "GBP",
            "exchange_rate": "1.0",
            "net_value": "100.0",
            "sales_tax_value": "20.0",
            "total_value": "120.0",
            "paid_value": "0.0",
            "due_value": "120.0",
            "status": "Open",
            "comments": "Thank you",
            "created_at": "2026-01-05T09:00:00.000Z",
            "updated_at": "2026-02-03T04:05:06.123Z",
            "invoice_items": [a_line()],
        },
        changes,
    )


def a_line(**changes: Any) -> dict[str, Any]:
    """A line of 2 at 50.00 and 20 per cent."""
    return _changed(
        {
            "url": at("invoice_items", 1),
            "position": 1,
            "item_type": "Products",
            "description": "Oak frame",
            "quantity": "2.0",
            "price": "50.0",
            "sales_tax_rate": "20.0",
            "sales_tax_status": "TAXABLE",
            "category": at("categories", "001"),
        },
        changes,
    )


def a_credit_note(**changes: Any) -> dict[str, Any]:
    """A credit note of one line: its amounts are negative."""
    return _changed(
        an_invoice(
            url=at("credit_notes", 3),
            reference="CN-003",
            net_value="-100.0",
            sales_tax_value="-20.0",
            total_value="-120.0",
            due_value="-120.0",
            paid_value=...,
            refunded_value="0.0",
            invoice_items=...,
            credit_note_items=[a_line(price="-50.0")],
        ),
        changes,
    )


def a_bill(**changes: Any) -> dict[str, Any]:
    """A bill of one line: net and tax have the other sign than the total."""
    return _changed(
        an_invoice(
            url=at("bills", 5),
            reference="B 17",
            net_value="-100.0",
            sales_tax_value="-20.0",
            invoice_items=...,
            bill_items=[
                {
                    "url": at("bill_items", 1),
                    "description": "Timber",
                    "category": at("categories", "101"),
                    "quantity": "1.0",
                    "unit": "-no unit-",
                    "total_value": "120.0",
                    "total_value_ex_tax": "100.0",
                    "sales_tax_rate": "20.0",
                    "sales_tax_value": "-20.0",
                    "sales_tax_status": "TAXABLE",
                }
            ],
        ),
        changes,
    )


def an_explanation(**changes: Any) -> dict[str, Any]:
    """Money for an invoice."""
    return _changed(
        {
            "url": at("bank_transaction_explanations", 20),
            "bank_transaction": at("bank_transactions", 8),
            "bank_account": at("bank_accounts", 1),
            "dated_on": "2026-02-01",
            "description": "BACS 12",
            "gross_value": "46.0",
            "paid_invoice": at("invoices", 7),
            "updated_at": "2026-02-01T10:00:00.000Z",
        },
        changes,
    )


STERLING = {"url": at("bank_accounts", 1), "currency": "GBP", "code": "750-1"}
DOLLARS = {"url": at("bank_accounts", 2), "currency": "USD", "code": "750-2"}


def with_accounts(
    row: Mapping[str, Any], own: Any = STERLING, other: Any = None, name: str = "bank_transaction_explanation"
) -> dict[str, Any]:
    """A row as the client keeps it, with its accounts beside it."""
    accounts = {key: value for key, value in (("own", own), ("other", other)) if value is not None}
    return {name: dict(row), "bank_accounts": accounts}


def map_row(resource: str, source: Any, books: Books = BOOKS) -> Mapped:
    """Map a row that is given as a mapping, as text or as bytes."""
    return mapped_by(FreeAgentMapper(), MANIFEST.resource(resource), source, books)


class Answers(PreparedAnswers):
    """Answers to FreeAgent's client."""

    fault = staticmethod(fault)


def a_list(name: str, rows: list[Any], params: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """The page of a list that a query means, as FreeAgent cuts it, with its headers."""
    size, page = int(params.get("per_page", "25")), int(params.get("page", "1"))
    headers = {"X-Total-Count": str(len(rows))}
    if page * size < len(rows):
        headers["Link"] = f'<{HOST}/{name}?page={page + 1}>; rel="next", <{HOST}/{name}?page=9>; rel="last"'
    return {name: rows[(page - 1) * size : page * size]}, headers


def addressed(name: str, *ids: object) -> list[dict[str, Any]]:
    """Rows that have nothing but an address."""
    return [{"url": at(name, id_)} for id_ in ids]


async def read(
    answers: Answers, name: str, *, size: int = 2, since: Any = None, at: str | None = None
) -> list[Page]:
    """All pages of a resource from a place on, at most twenty."""
    client = FreeAgentClient(page_size=size, today=lambda: date(2026, 3, 10))
    return await pages_of(client, answers, MANIFEST.resource(name), since=since, at=at, most=20)


def rows_in(pages: list[Page]) -> list[dict[str, Any]]:
    """All rows, in their order."""
    return [json.loads(bytes(row)) for page in pages for row in page.records]


class Linked(LinkedTenants):
    """A company at the stand-in."""

    @property
    def tenant(self) -> str:
        """The company, as FreeAgent names it."""
        return self.tenants[0]

    async def truth(self) -> dict[str, Any]:
        """What the company's books hold."""
        companies = (await self.control("state"))["companies"]
        found: dict[str, Any] = next(each for each in companies if each["tenant"] == self.tenant)
        return found

    async def records(self, name: str, *, since: Any = None) -> tuple[list[Any], list[Issue]]:
        """All records of a resource, each once, and what was doubted."""
        issues: list[Issue] = []
        books = Books(base_currency="GBP", today=datetime.now(UTC).date())
        found = {
            (record.DATA_TYPE, record.id): record
            for page in await self.pages(name, since=since)
            for row in page.records
            for record in self.connector.mapper.records(MANIFEST.resource(name), row, books, issues)
            if not isinstance(record, Gone)
        }
        return list(found.values()), issues


@asynccontextmanager
async def linked_to(
    *, company: int = 0, page_size: int | None = None, **settings: Any
) -> AsyncIterator[Linked]:
    """A stand-in, and a consent for one of its companies."""
    beginning = registered("freeagent", freeagent, page_size=page_size, **settings)
    async with beginning as (running, http, connector, tenants):
        assert isinstance(connector, FreeAgentConnector)
        chosen = [tenants[company]]
        tokens = await agreed(http, connector, chosen)
        yield Linked(running=running, http=http, connector=connector, tenants=chosen, tokens=tokens)
