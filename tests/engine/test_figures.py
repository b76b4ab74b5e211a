"""What is fetched is accounted for: a row is stored, unchanged, repeated, refused, gone, or without a record."""

import json
import uuid
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
import trio
from attrs import define, evolve, field
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.conftest import MANIFEST, NOW, House, ScriptedConnector

from tallystick.connectors import Books, Gone, Issue, Page, Resource
from tallystick.engine import SyncFinished
from tallystick.engine.doubting import unaccounted
from tallystick.engine.mapping import PageMapper
from tallystick.engine.quality_events import FiguresDiffer
from tallystick.engine.reconciliation import Reconciliation
from tallystick.engine.storing import PageStore
from tallystick.standard import Bill, CalendarDate, DataType, Invoice, Metadata, StandardRecord
from tallystick.store import Company, Dataset, companies, datasets, issues, new_key
from tallystick.store import connections as connection_rows
from tallystick.store.migrations import migrate
from tallystick.store.sqlcipher import SqliteConnection, connect

LIST = MANIFEST.resource("Invoices")
DAY = CalendarDate("2026-01-01T00:00:00")
ZERO = Decimal(0)
#: What a row does: `invoices:a:1` is a record, `gone:bills:b` tells that one is no more, `refused:bills:x`
#: is a fault, `warned` a doubt.
Row = Sequence[str]


def a_record(data_type: str, identity: str, total: str) -> StandardRecord:
    amount = Decimal(total)
    if data_type == "invoices":
        return Invoice(
            id=identity,
            issueDate=DAY,
            currency="GBP",
            totalTaxAmount=ZERO,
            totalAmount=amount,
            amountDue=amount,
            status="Submitted",
            metadata=Metadata(),
        )
    return Bill(
        id=identity,
        issueDate=DAY,
        currency="GBP",
        status="Open",
        subTotal=amount,
        taxAmount=ZERO,
        totalAmount=amount,
        metadata=Metadata(),
    )


class RowMapper:
    """Does what each row says."""

    def split(self, resource: Resource, raw: bytes) -> list[msgspec.Raw]:
        return msgspec.json.decode(raw, type=list[msgspec.Raw])

    def records(
        self, resource: Resource, row: msgspec.Raw, books: Books, issues: list[Issue]
    ) -> list[StandardRecord | Gone]:
        made: list[StandardRecord | Gone] = []
        for act in json.loads(bytes(row)):
            kind, *told = act.split(":")
            if kind == "gone":
                made.append(Gone(data_type=told[0], id=told[1]))
            elif kind == "refused":
                issues.append(
                    Issue(severity="rejected", path="$", message="no", record_id=told[1], data_type=told[0])
                )
            elif kind == "warned":
                issues.append(Issue(severity="warning", path="$", message="odd"))
            else:
                made.append(a_record(kind, told[0], told[1]))
        return made


@define(eq=False)
class Shelf:
    """One connection's file without an engine, and the pages that are stored into it."""

    database: SqliteConnection
    connector: Any = field(factory=lambda: ScriptedConnector(mapper=RowMapper()))  # type: ignore[arg-type]
    row: connection_rows.ConnectionRow = field(init=False)

    def __attrs_post_init__(self) -> None:
        company = Company(id=str(uuid.uuid4()), name="A", description=None, tags={}, created_at=NOW)
        companies.add(self.database, company)
        self.row = evolve(connection_rows.new(company.id, "xero", NOW), status="Linked")
        connection_rows.save(self.database, self.row)

    async def read(self, rows: Sequence[Sequence[Row]]) -> dict[DataType, Dataset]:
        """Read a list of these pages to its end, as one sync does."""
        new = {t: self._dataset(t) for t in LIST.data_types}
        datasets.queue(self.database, list(new.values()))
        store = PageStore(
            connection=self.row,
            connector=self.connector,
            datasets=new,
            clock=lambda: NOW,
            reconciliation=Reconciliation(every=timedelta(days=1), believed_share=1.0),
        )
        mapper = PageMapper(self.connector, _turn)
        reading = store.begin(self.database, LIST)
        cursor = reading.cursor
        for place, content in enumerate(rows):
            raw = json.dumps(content).encode()
            following = str(place + 1) if place + 1 < len(rows) else None
            page = Page(raw=raw, records=RowMapper().split(LIST, raw), next=following, provider_time=NOW)
            mapped = await mapper.map(LIST, page)
            before, cursor = cursor, store.next_cursor(reading, cursor, mapped, at=None, again=False)
            stored = store.store(self.database, LIST, reading, mapped, before, cursor)
            assert not stored.unaccounted
        found = {t: datasets.find(self.database, dataset.id) for t, dataset in new.items()}
        return {t: dataset for t, dataset in found.items() if dataset is not None}

    def _dataset(self, data_type: DataType) -> Dataset:
        return Dataset(
            id=str(uuid.uuid4()),
            sync_id="s",
            connection_id=self.row.id,
            company_id=self.row.company_id,
            data_type=data_type,
            status="Queued",
            progress=0,
            requested_at=NOW,
        )


@asynccontextmanager
async def _turn() -> AsyncGenerator[None, None]:
    yield


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Generator[SqliteConnection, None, None]:
    """One file for all examples: each has a connection of its own in it."""
    opened = connect(tmp_path_factory.mktemp("figures") / "client.db", new_key())
    migrate(opened, "client")
    opened.execute("begin")
    yield opened
    opened.close()


TYPES = st.sampled_from(["invoices", "bills"])
IDS = st.sampled_from(["a", "b", "c", "d"])
ACTS = st.one_of(
    st.builds("{}:{}:{}".format, TYPES, IDS, st.sampled_from(["1", "2"])),
    st.builds("gone:{}:{}".format, TYPES, IDS),
    st.builds("refused:{}:{}".format, TYPES, IDS),
    st.just("warned"),
)
ROWS = st.lists(ACTS, max_size=3)
PAGES = st.lists(st.lists(ROWS, max_size=6), min_size=1, max_size=3)


def outcomes(data_type: str, rows: Sequence[Sequence[Row]]) -> dict[str, int]:
    """The definition, counted by hand."""
    told = {"fetched": 0, "records": 0, "rejected": 0, "told_gone": 0, "without": 0, "distinct": 0}
    for page in rows:
        ids = set[str]()
        for row in page:
            records = [act for act in row if act.startswith(f"{data_type}:")]
            gone = sum(act.startswith(f"gone:{data_type}:") for act in row)
            refused = any(act.startswith(f"refused:{data_type}:") for act in row)
            ids |= {act.split(":")[1] for act in records}
            told["records"] += len(records)
            told["told_gone"] += gone
            told["rejected"] += refused
            told["without"] += not (records or gone or refused)
            told["fetched"] += max(1, len(records) + gone + refused)
        told["distinct"] += len(ids)
    return told


@settings(max_examples=150, deadline=None)
@given(first=PAGES, second=PAGES)
def test_whatever_a_list_gives_every_row_is_accounted_for(
    database: SqliteConnection, first: list[list[list[str]]], second: list[list[list[str]]]
) -> None:
    """Duplicate ids, repeats, refusals, rows of another type, rows without anything: in one page or over two
    syncs, of which the second meets what the first stored."""

    async def work() -> None:
        shelf = Shelf(database)
        for rows in (first, second):
            for data_type, found in (await shelf.read(rows)).items():
                wanted = outcomes(data_type, rows)
                assert found.fetched == found.accounted == wanted["fetched"]
                assert found.rejected == wanted["rejected"]
                assert found.told_gone == wanted["told_gone"]
                assert found.without == wanted["without"]
                assert found.repeated == wanted["records"] - wanted["distinct"]
                assert found.created + found.updated + found.unchanged == wanted["distinct"]
                assert found.read_rows in (None, sum(map(len, rows)))

    trio.run(work)


async def test_a_dataset_whose_figures_do_not_add_up_is_doubted_and_told(database: SqliteConnection) -> None:
    shelf = Shelf(database)
    found = await shelf.read([[["invoices:a:1"]]])
    invoices = found["invoices"]
    shelf.database.execute("update datasets set created = created + 1 where id = ?", (invoices.id,))
    (wrong,) = unaccounted(shelf.database, shelf.row, [invoices])
    assert (wrong.fetched, wrong.accounted) == (1, 2)
    (doubt,) = issues.of_dataset(shelf.database, invoices.id)
    assert doubt.rule_id == "accounting-invoice-900"
    assert doubt.message == "of 1 that were fetched, 2 are accounted for"


async def test_figures_that_do_not_add_up_are_an_event(house: House) -> None:
    """The file counts wrongly on purpose: a trigger adds one to what was created."""
    row = await house.linked()
    async with house.stores.client(house.client_id) as store:
        await store.write(
            lambda c: c.execute(
                "create trigger wrong after update of created on datasets when new.created <> old.created "
                "begin update datasets set unchanged = unchanged + 1 where id = new.id; end"
            ).fetchall()
        )
    house.provider.client.pages_of["Invoices"] = [[("a", "1")]]
    events = house.hear(FiguresDiffer, SyncFinished)
    await house.engine.sync(house.client_id, row.id, ["invoices"], "test")
    await house.until(SyncFinished)
    (told,) = [event for event in events if isinstance(event, FiguresDiffer)]
    assert (told.data_type, told.fetched, told.accounted) == ("invoices", 1, 2)
