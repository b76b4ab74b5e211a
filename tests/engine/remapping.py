"""What tests of remaps have in common: a mapping that moves on, and looks at what it left in the store."""

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from decimal import Decimal
from typing import Any

import msgspec
from attrs import define, frozen
from tests.engine.conftest import House, ScriptedMapper, _invoice, _item

from tallystick.connectors import Books, Gone, Issue, Resource
from tallystick.engine import SyncFinished
from tallystick.engine.remap import RemapRun
from tallystick.engine.remap_figures import RemapFinished, RemapResult
from tallystick.standard import Bill, CalendarDate, Metadata, StandardRecord
from tallystick.store import ConnectionRow

Row = dict[str, Any]
Made = Sequence[StandardRecord | Gone]


@define(eq=False)
class NextMapper(ScriptedMapper):
    """The scripted mapping with a rule of its own for some rows: None leaves a row to the mapping before."""

    rule: Callable[[Row, list[Issue]], Made | None] = lambda row, issues: None
    rows: int = 0

    def records(  # type: ignore[override]
        self, resource: Resource, row: msgspec.Raw, books: Books, issues: list[Issue]
    ) -> Made:
        self.rows += 1
        made = self.rule(json.loads(bytes(row)), issues) if resource.name == "Invoices" else None
        return super().records(resource, row, books, issues) if made is None else made


def an_invoice(row: Row, total: str | None = None) -> StandardRecord:
    """What a rule may make of a row."""
    return _invoice(row["id"], Decimal(total or row["total"]))


def an_item(row: Row) -> StandardRecord:
    return _item(row["id"], row["total"])


def moved_on(house: House, rule: Callable[[Row, list[Issue]], Made | None]) -> NextMapper:
    """Give the provider's connector its next mapping."""
    mapper = NextMapper(rule)
    house.provider.mapper = mapper
    house.provider.mapping_version += 1
    return mapper


def doubled(row: Row, issues: list[Issue]) -> Made:
    """Every total twice as high."""
    return [an_invoice(row, str(2 * Decimal(row["total"])))] if row["total"].isdigit() else []


async def synced(house: House, row: ConnectionRow) -> None:
    before = sum(isinstance(event, SyncFinished) for event in house.hear(SyncFinished))
    await house.engine.sync(house.client_id, row.id, None, "test")
    await house.until(SyncFinished, before + 1)


async def remapped(
    house: House,
    row: ConnectionRow,
    *,
    dry_run: bool = False,
    data_types: frozenset[Any] | None = None,
    turn: Callable[[], AbstractAsyncContextManager[object]] = nullcontext,
) -> RemapResult:
    """A remap of one connection, to its end. `turn`: what it waits for with every few rows."""
    async with house.stores.client(house.client_id) as store:
        run = RemapRun(
            client_id=house.client_id,
            connection=row,
            connector=house.provider,
            store=store,
            telemetry=house.telemetry,
            clock=house.clock,
            turn=turn,
            dry_run=dry_run,
            data_types=data_types,
        )
        await run.run()
    assert accounts(run.result)
    return run.result


def accounts(result: RemapResult) -> bool:
    """Whether everything that was seen became something."""
    return all(
        tally.seen == tally.changed + tally.unchanged + tally.rejected for tally in result.tallies.values()
    )


@frozen
class Kept:
    """A record as it is stored."""

    total: Any
    deleted: bool
    mapping: int
    modified: str
    page: int


async def kept(house: House, data_type: int = 15) -> dict[str, Kept]:
    """Every record of a type: 15 invoices, 7 bills, 17 items."""
    rows = await asked(
        house, f"select id, body, deleted, mapping, page from records where data_type = {data_type}"
    )
    found = {}
    for record_id, body, deleted, mapping, page in rows:
        told = json.loads(body)
        assert bool(deleted) == told["metadata"]["isDeleted"]
        found[record_id] = Kept(told.get("totalAmount"), bool(deleted), mapping, told["modifiedDate"], page)
    return found


async def asked(house: House, sql: str) -> list[tuple[Any, ...]]:
    async with house.stores.client(house.client_id) as store:
        rows: list[tuple[Any, ...]] = await store.read(lambda connection: connection.execute(sql).fetchall())
        return rows


def finished(house: House) -> RemapFinished:
    return [event for event in house.events if isinstance(event, RemapFinished)][-1]


def a_bill(row: Row) -> StandardRecord:
    """A row that turns out to be a bill."""
    return Bill(
        id=row["id"],
        issueDate=CalendarDate("2026-01-01T00:00:00"),
        totalAmount=Decimal(row["total"]),
        amountDue=Decimal(row["total"]),
        subTotal=Decimal(row["total"]),
        taxAmount=Decimal(0),
        status="Open",
        metadata=Metadata(),
    )
