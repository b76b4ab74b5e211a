"""Rows as Sage writes them, what they become, and answers that are prepared."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
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

from tallystick.connectors import Books, Issue, Page
from tallystick.connectors.sage import MANIFEST, SageConnector, sage
from tallystick.connectors.sage.client import SageClient
from tallystick.connectors.sage.faults import fault
from tallystick.connectors.sage.mapping import SageMapper

BOOKS = Books(base_currency="GBP", account_ids={"1200": "la-bank", "0604": "la-cash"})


def ref(path: str, id_: str, text: str = "") -> dict[str, str]:
    """What a record refers to."""
    return {"id": id_, "displayed_as": text or id_, "$path": f"/{path}/{id_}"}


def a_document(path: str, id_: str = "d1", **changes: Any) -> dict[str, Any]:
    """An invoice or a credit note of one line; `...` takes a field out."""
    lines = "credit_note_lines" if "credit" in path else "invoice_lines"
    row = {
        "id": id_,
        "displayed_as": "SI-7",
        "$path": f"/{path}/{id_}",
        "created_at": "2026-01-05T09:00:00Z",
        "updated_at": "2026-02-03T04:05:06Z",
        "deleted_at": None,
        "contact": ref("contacts", "c1", "Harbour & Vale"),
        "date": "2026-01-05",
        "due_date": "2026-02-04",
        "reference": "PO 17",
        "notes": "",
        "net_amount": "100.0",
        "tax_amount": "20.0",
        "total_amount": "120.0",
        "total_paid": "0.0",
        "outstanding_amount": "120.0",
        "currency": ref("currencies", "GBP"),
        "exchange_rate": "1.0",
        "inverse_exchange_rate": "1.0",
        "base_currency_total_amount": "120.0",
        "status": ref("artefact_statuses", "UNPAID", "Unpaid"),
        lines: [
            {
                "description": "Oak frame",
                "quantity": "2.0",
                "unit_price": "50.0",
                "net_amount": "100.0",
                "tax_amount": "20.0",
                "total_amount": "120.0",
                "ledger_account": ref("ledger_accounts", "la-sales", "Sales (4000)"),
                "tax_rate": ref("tax_rates", "GB_STANDARD", "Standard 20.00%"),
                "product": ref("products", "p1", "Oak frame"),
                "service": None,
                "analysis_type_categories": [],
            }
        ],
        **changes,
    }
    return {name: value for name, value in row.items() if value is not ...}


def a_quick_entry(path: str, kind: str, **changes: Any) -> dict[str, Any]:
    """A document without lines."""
    row = a_document(path, invoice_lines=..., credit_note_lines=..., notes=..., total_paid=..., **changes)
    return {
        "quick_entry_type": ref("quick_entry_types", kind),
        "ledger_account": ref("ledger_accounts", "la-sales"),
        "details": "Brought from the old system",
        "tax_rate": ref("tax_rates", "GB_STANDARD"),
        **row,
    }


def a_payment(kind: str = "CUSTOMER_RECEIPT", **changes: Any) -> dict[str, Any]:
    """A payment of 46.00, wholly set against one document."""
    side = "sales" if kind.startswith("CUSTOMER") else "purchase"
    what = "credit_notes" if kind.endswith("REFUND") else "invoices"
    row = {
        "id": "pay1",
        "displayed_as": "Payment",
        "$path": "/contact_payments/pay1",
        "created_at": "2026-02-01T10:00:00Z",
        "updated_at": "2026-02-01T10:00:00Z",
        "deleted_at": None,
        "transaction_type": ref("transaction_types", kind),
        "payment_method": ref("payment_methods", "CASH", "Cash"),
        "contact": ref("contacts", "c1", "Harbour & Vale"),
        "bank_account": ref("bank_accounts", "ba1", "Current account (1200)"),
        "date": "2026-02-01",
        "total_amount": "46.0",
        "currency": ref("currencies", "GBP"),
        "exchange_rate": "1.0",
        "base_currency_total_amount": "46.0",
        "reference": "BACS 12",
        "allocated_artefacts": [
            {"id": "x1", "artefact": ref(f"{side}_{what}", "d1"), "amount": "46.0", "discount": "0.0"}
        ],
        "payment_on_account": None,
        **changes,
    }
    return {name: value for name, value in row.items() if value is not ...}


def map_row(resource: str, source: Any, books: Books = BOOKS) -> Mapped:
    """Map a row that is given as a mapping, as text or as bytes."""
    return mapped_by(SageMapper(), MANIFEST.resource(resource), source, books)


class Answers(PreparedAnswers):
    """Answers to Sage's client."""

    fault = staticmethod(fault)


def a_list(ids: list[str], params: Mapping[str, str], path: str = "contacts", **head: Any) -> dict[str, Any]:
    """The page of a list that a query means, as Sage cuts it: past its end comes the last one again."""
    size, wanted = int(params["items_per_page"]), int(params["page"])
    page = min(wanted, max(1, -(-len(ids) // size)))
    return {
        "$total": len(ids),
        "$page": page,
        "$next": f"/{path}?page={page + 1}" if page * size < len(ids) else None,
        "$back": None,
        "$itemsPerPage": size,
        "$items": [{"id": each, "$path": f"/{path}/{each}"} for each in ids[(page - 1) * size : page * size]],
        **head,
    }


async def read(
    answers: Answers, name: str = "contacts", *, size: int = 2, since: Any = None, at: str | None = None
) -> list[Page]:
    """All pages of a resource from a place on, at most twenty."""
    client = SageClient(page_size=size)
    return await pages_of(client, answers, MANIFEST.resource(name), since=since, at=at, most=20)


def ids_of(pages: list[Page]) -> list[str]:
    """The ids of all rows, in their order."""
    return [json.loads(bytes(row))["id"] for page in pages for row in page.records]


class Linked(LinkedTenants):
    """A business at the stand-in."""

    async def rows(self, path: str, **params: str) -> list[dict[str, Any]]:
        """The rows of one page."""
        found: list[dict[str, Any]] = (await self.get(path, params=params)).json()["$items"]
        return found

    async def records(self, name: str, *, since: Any = None) -> tuple[list[Any], list[Issue]]:
        """All records of a resource, and what was doubted."""
        issues: list[Issue] = []
        return [
            record
            for page in await self.pages(name, since=since)
            for row in page.records
            for record in self.connector.mapper.records(MANIFEST.resource(name), row, Books(), issues)
        ], issues


@asynccontextmanager
async def linked_to(
    *, businesses: int = 1, page_size: int | None = None, **settings: Any
) -> AsyncIterator[Linked]:
    """A stand-in, and a consent for so many of its businesses."""
    beginning = registered("sage", sage, page_size=page_size, **settings)
    async with beginning as (running, http, connector, tenants):
        assert isinstance(connector, SageConnector)
        tokens = await agreed(http, connector, tenants[:businesses])
        yield Linked(running=running, http=http, connector=connector, tenants=tenants, tokens=tokens)
