"""A page of a list and its total, whatever the list's length, order and filter, and whatever changes it."""

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
import trio
from attrs import define, field
from tests.store.conftest import NOW, Clock, a_client, a_connection, a_page, a_record

from tallystick.store import (
    Condition,
    ConnectionRow,
    DataFolder,
    FoundLists,
    ListQuery,
    Store,
    Stores,
    connections,
    deletions,
    lists,
    new_key,
    open_stores,
    pages,
)
from tallystick.store.sqlcipher import SqliteConnection, snapshot
from tallystick.telemetry import Telemetry

#: Where paid ones are asked for, each look at a record is counted.
PAID = Condition(sql="looked() and status = ?", values=("Paid",))


@define(eq=False)
class Shelf:
    """A client's lists, and how often a filter has looked at a record of them."""

    store: Store
    rows: tuple[ConnectionRow, ...]
    found: FoundLists = field(factory=FoundLists)
    looks: int = 0

    async def put(
        self, row: ConnectionRow, *ids: str, total: str = "1.00", later_s: int = 0, **options: Any
    ) -> None:
        made = [a_record(one, total=total, **options) for one in ids]
        await self.store.write(pages.store_page, a_page(row, *made), NOW + timedelta(seconds=later_s))

    async def ids(
        self,
        *,
        where: Condition | None = None,
        order: tuple[str, ...] = (),
        limit: int = 1000,
        offset: int = 0,
        client_id: str = "c",
    ) -> tuple[int, list[str]]:
        """The total, and the ids of a page."""
        query = ListQuery(
            client_id=client_id,
            connections=tuple(row.number for row in self.rows),
            data_type="invoices",
            where=where or Condition(),
            order=order,
        )

        def work(connection: SqliteConnection) -> lists.RecordPage:
            connection.create_function("looked", 0, self._look)
            with snapshot(connection):
                return lists.read_page(connection, query, self.found, limit=limit, offset=offset)

        page = await self.store.read(work)
        return page.total, [record["id"] for record in json.loads(b"[%b]" % page.bodies)]

    def _look(self) -> int:
        self.looks += 1
        return 1


@pytest.fixture
async def shelf(stores: Stores) -> Any:
    async with stores.client(await a_client(stores)) as store:
        yield Shelf(store, (await a_connection(store), await a_connection(store)))


@pytest.mark.parametrize("size", [1, 3, 7, 40], ids=lambda size: f"pages of {size}")
@pytest.mark.parametrize(
    "order", [(), ("modified_at",), ("modified_at desc",), ("id desc",), ("status",)], ids=str
)
async def test_pages_put_together_are_the_list_in_its_order(
    shelf: Shelf, size: int, order: tuple[str, ...]
) -> None:
    """From either end, over the lists of two connections, with ties in what orders them."""
    first, second = shelf.rows
    for moment in range(4):
        names = [f"{moment}-{n}" for n in range(4)]
        await shelf.put(first, *names, status="Paid" if moment % 2 else None, later_s=moment)
        await shelf.put(second, *(f"s{name}" for name in names), later_s=moment)
    await shelf.put(first, "0-1", "2-2", total="9.00", later_s=10)  # changed: moved by date, not by number
    terms = ", ".join([*order, "number"])
    whole = await shelf.store.read(
        lambda connection: [
            row[0] for row in connection.execute(f"select id from records order by {terms}").fetchall()
        ]
    )
    joined = []
    for offset in range(0, len(whole), size):
        total, page = await shelf.ids(order=order, limit=size, offset=offset)
        assert total == len(whole) == 32
        joined += page
    assert joined == whole
    assert await shelf.ids(order=order, limit=size, offset=32) == (32, [])


async def test_a_filter_looks_once_however_many_pages_are_read(shelf: Shelf) -> None:
    first, _ = shelf.rows
    await shelf.put(first, *(f"r{n:02}" for n in range(60)), status="Paid")
    await shelf.put(first, *(f"v{n:02}" for n in range(40)), status="Void")
    seen = []
    for offset in range(0, 60, 20):
        total, page = await shelf.ids(where=PAID, limit=20, offset=offset)
        assert total == 60
        seen += page
    assert seen == [f"r{n:02}" for n in range(60)]
    assert shelf.looks == 100, "each record of the list, once"


async def test_a_filter_sees_every_change_of_its_lists(shelf: Shelf) -> None:
    first, second = shelf.rows
    await shelf.put(first, "a", "b", status="Paid")
    assert await shelf.ids(where=PAID) == (2, ["a", "b"])
    await shelf.put(first, "c", status="Paid")
    assert await shelf.ids(where=PAID) == (3, ["a", "b", "c"])
    await shelf.put(first, "b", status="Void", total="2.00")
    assert await shelf.ids(where=PAID) == (2, ["a", "c"])
    await shelf.put(second, "z", status="Paid")
    assert await shelf.ids(where=PAID) == (3, ["a", "c", "z"])
    gone = Condition(sql="deleted")
    assert await shelf.ids(where=gone) == (0, [])
    numbers, _ = await shelf.store.read(deletions.missing, first.number, "Invoices", ["invoices"])
    await shelf.store.write(deletions.delete, numbers[:1], NOW)
    assert await shelf.ids(where=gone) == (1, ["a"])
    await shelf.store.write(connections.remove, first)
    assert await shelf.ids(where=PAID) == (1, ["z"])


async def test_a_change_elsewhere_makes_no_filter_look_again(shelf: Shelf) -> None:
    first, _ = shelf.rows
    await shelf.put(first, "a", status="Paid")
    await shelf.ids(where=PAID)
    await shelf.put(first, "x", data_type="bills")
    other = await a_connection(shelf.store, "Beryl")
    await shelf.put(other, "y")
    await shelf.put(first, "a", status="Paid")  # nothing new
    looks = shelf.looks
    assert await shelf.ids(where=PAID) == (1, ["a"])
    assert shelf.looks == looks


async def test_what_is_too_much_to_remember_is_paged_all_the_same(shelf: Shelf) -> None:
    shelf.found = FoundLists(most_numbers=10)
    first, _ = shelf.rows
    await shelf.put(first, *(f"r{n:02}" for n in range(12)), status="Paid")
    pages_read = [(await shelf.ids(where=PAID, limit=5, offset=offset))[1] for offset in (0, 5, 10)]
    assert [len(page) for page in pages_read] == [5, 5, 2]
    assert [one for page in pages_read for one in page] == [f"r{n:02}" for n in range(12)]


async def test_what_was_asked_for_longest_ago_is_forgotten_first(shelf: Shelf) -> None:
    shelf.found = FoundLists(most_numbers=6)
    first, _ = shelf.rows
    await shelf.put(first, "a", "b", "c")
    asked = [Condition(sql="looked() and id <> ?", values=(word,)) for word in ("x", "y", "z")]
    for where in (asked[0], asked[1], asked[0], asked[2]):  # three times three numbers: one has to go
        await shelf.ids(where=where)
    looks = shelf.looks
    await shelf.ids(where=asked[0])
    assert shelf.looks == looks
    await shelf.ids(where=asked[1])
    assert shelf.looks == looks + 3


async def test_values_that_only_python_takes_for_the_same_are_told_apart(shelf: Shelf) -> None:
    await shelf.put(shelf.rows[0], "a")
    for value, total in ((1, 1), (1.0, 0), (True, 1)):
        where = Condition(sql="typeof(?) = 'integer'", values=(value,))
        assert (await shelf.ids(where=where))[0] == total


async def test_what_one_client_found_is_not_what_another_is_given(shelf: Shelf) -> None:
    await shelf.put(shelf.rows[0], "a", status="Paid")
    await shelf.ids(where=PAID)
    looks = shelf.looks
    await shelf.ids(where=PAID, client_id="another")
    assert shelf.looks == looks + 1


async def test_a_page_and_its_total_are_of_one_moment(tmp_path: Any, clock: Clock) -> None:
    """While a sync commits, a page with more records than its total says would end a client's paging."""
    folder = DataFolder.open(tmp_path / "data", new_key(), create=True)
    async with open_stores(folder, Telemetry(), clock) as stores:
        async with stores.client(await a_client(stores)) as store:
            row = await a_connection(store)
            await store.write(pages.store_page, a_page(row, a_record("a")), NOW)
            query = ListQuery(client_id="", connections=(row.number,), data_type="invoices")
            began, committed = threading.Event(), threading.Event()

            def slowly(connection: SqliteConnection) -> lists.RecordPage:
                with snapshot(connection):
                    connection.execute("select count(*) from records").fetchone()
                    began.set()
                    assert committed.wait(5)
                    return lists.read_page(connection, query, FoundLists(), limit=10, offset=0)

            read = list[lists.RecordPage]()

            async def reading() -> None:
                read.append(await store.read(slowly))

            async with trio.open_nursery() as nursery:
                nursery.start_soon(reading)
                await trio.to_thread.run_sync(began.wait)
                await store.write(pages.store_page, a_page(row, a_record("b")), NOW)
                committed.set()
            assert (read[0].total, read[0].bodies.count(b'"id"')) == (1, 1)
            later = await store.read(lists.read_page, query, FoundLists(), limit=10, offset=0)
            assert (later.total, later.bodies.count(b'"id"')) == (2, 2)


@pytest.mark.parametrize("order", [(), ("modified_at",), ("modified_at desc",)], ids=str)
async def test_a_page_of_a_whole_list_is_found_by_an_index_and_sorts_nothing_long(
    shelf: Shelf, order: tuple[str, ...]
) -> None:
    """What sorts looks at all of the list: at 100,000 records that was 20 ms a page."""
    plans = list[str]()
    first, second = shelf.rows
    await shelf.put(first, "a", "b", "c")
    await shelf.put(second, "d")

    def work(connection: SqliteConnection) -> None:
        statements = list[str]()
        connection.set_trace_callback(statements.append)
        query = ListQuery(
            client_id="", connections=(first.number, second.number), data_type="invoices", order=order
        )
        for offset in (0, 3):
            lists.read_page(connection, query, FoundLists(), limit=1, offset=offset)
        connection.set_trace_callback(None)
        for statement in statements:
            plans.extend(row[3] for row in connection.execute(f"explain query plan {statement}").fetchall())

    await shelf.store.read(work)
    assert any("records_in_order" in plan or "records_by_change" in plan for plan in plans), plans
    assert "USE TEMP B-TREE FOR ORDER BY" not in plans, plans
