"""What storing a page promises."""

import json
from datetime import timedelta
from typing import Any

import pytest
import zstandard
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.store.conftest import NOW, Clock, a_client, a_connection, a_page, a_record

from tallystick.store import FoundLists, ListQuery, Store, Stores, lists, pages, records
from tallystick.store.instants import iso, to_micros
from tallystick.store.migrations import migrate
from tallystick.store.sqlcipher import connect


async def _list(store: Store, number: int) -> list[dict[str, Any]]:
    query = ListQuery(client_id="", connections=(number,), data_type="invoices")
    page = await store.read(lists.read_page, query, FoundLists(), limit=1000, offset=0)
    found: list[dict[str, Any]] = json.loads(b"[%b]" % page.bodies)
    return found


async def test_a_new_record_is_served_as_it_was_mapped_with_the_date_of_our_copy(stores: Stores) -> None:
    async with stores.client(await a_client(stores)) as store:
        connection = await a_connection(store)
        await store.write(pages.store_page, a_page(connection, a_record(total="0.10")), NOW)
        body = await store.read(
            records.get_record, connections=[connection.number], data_type="invoices", record_id="r1"
        )
    assert body == b'{"id":"r1","totalAmount":0.10,"modifiedDate":"2026-03-01T12:00:00.000000Z"}'


async def test_the_same_page_twice_changes_nothing(stores: Stores) -> None:
    async with stores.client(await a_client(stores)) as store:
        connection = await a_connection(store)
        page = a_page(connection, a_record("a"), a_record("b"))
        await store.write(pages.store_page, page, NOW)
        before = await _list(store, connection.number)
        again = await store.write(pages.store_page, page, NOW + timedelta(days=1))
        assert again.tallies["invoices"].unchanged == 2
        assert again.raw_page is None
        assert await _list(store, connection.number) == before


async def test_a_changed_record_is_updated_in_place_and_its_date_moves(stores: Stores) -> None:
    async with stores.client(await a_client(stores)) as store:
        connection = await a_connection(store)
        await store.write(pages.store_page, a_page(connection, a_record("a"), a_record("b")), NOW)
        later = NOW + timedelta(hours=1)
        stored = await store.write(
            pages.store_page, a_page(connection, a_record("a"), a_record("b", total="13.00")), later
        )
        tally = stored.tallies["invoices"]
        assert (tally.created, tally.updated, tally.unchanged) == (0, 1, 1)
        found = {record["id"]: record for record in await _list(store, connection.number)}
    assert found["b"]["totalAmount"] == 13.00
    assert found["b"]["modifiedDate"] == iso(to_micros(later))
    assert found["a"]["modifiedDate"] == iso(to_micros(NOW))


@pytest.mark.parametrize("records_new", [1, 2, 127, 128, 129, 300])
async def test_a_page_of_any_size_is_stored_whole_and_in_its_order(stores: Stores, records_new: int) -> None:
    """Many rows go into one statement, and what is left over into smaller ones."""
    async with stores.client(await a_client(stores)) as store:
        connection = await a_connection(store)
        ids = [f"r{number}" for number in range(records_new)]
        first = await store.write(pages.store_page, a_page(connection, *map(a_record, ids)), NOW)
        mixed = [a_record(each, total="13.00" if place % 2 else "12.50") for place, each in enumerate(ids)]
        page = a_page(connection, a_record("new"), *mixed)
        second = await store.write(pages.store_page, page, NOW + timedelta(hours=1))
        found = await _list(store, connection.number)
    assert first.tallies["invoices"].created == records_new
    tally = second.tallies["invoices"]
    assert (tally.created, tally.updated, tally.unchanged) == (1, records_new // 2, (records_new + 1) // 2)
    assert [record["id"] for record in found] == [*ids, "new"]
    assert [record["totalAmount"] == 13 for record in found[:-1]] == [n % 2 == 1 for n in range(records_new)]


async def test_a_record_that_a_page_holds_twice_is_stored_once_as_it_was_last(stores: Stores) -> None:
    async with stores.client(await a_client(stores)) as store:
        connection = await a_connection(store)
        page = a_page(connection, a_record("a", total="1.00"), a_record("a", total="2.00"))
        await store.write(pages.store_page, page, NOW)
        assert [r["totalAmount"] for r in await _list(store, connection.number)] == [2.00]


async def test_the_date_of_our_copy_never_goes_back_with_the_clock(stores: Stores) -> None:
    async with stores.client(await a_client(stores)) as store:
        connection = await a_connection(store)
        await store.write(pages.store_page, a_page(connection, a_record("a")), NOW)
        await store.write(pages.store_page, a_page(connection, a_record("b")), NOW - timedelta(hours=3))
        dates = {r["id"]: r["modifiedDate"] for r in await _list(store, connection.number)}
    assert dates["b"] >= dates["a"]


async def test_ids_that_share_a_key_are_never_merged(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    """An 8-byte key may collide; here every key does."""
    monkeypatch.setattr(pages, "record_key", lambda *_: 42)
    monkeypatch.setattr(records, "record_key", lambda *_: 42)
    async with stores.client(await a_client(stores)) as store:
        connection = await a_connection(store)
        await store.write(pages.store_page, a_page(connection, a_record("a"), a_record("b")), NOW)
        await store.write(
            pages.store_page, a_page(connection, a_record("b", total="9.00"), a_record("c")), NOW
        )
        found = {r["id"]: r["totalAmount"] for r in await _list(store, connection.number)}
        assert found == {"a": 12.5, "b": 9.0, "c": 12.5}
        one = await store.read(
            records.get_record, connections=[connection.number], data_type="invoices", record_id="c"
        )
    assert one is not None
    assert json.loads(one)["id"] == "c"


async def test_the_same_id_in_two_connections_and_two_types_is_four_records(stores: Stores) -> None:
    async with stores.client(await a_client(stores)) as store:
        one, two = await a_connection(store), await a_connection(store)
        for connection in (one, two):
            await store.write(
                pages.store_page,
                a_page(connection, a_record("x"), a_record("x", data_type="bills")),
                NOW,
            )
        counts = await store.read(records.count_records, connections=[one.number, two.number])
    assert counts == {"invoices": (2, 0), "bills": (2, 0)}


async def test_the_raw_page_is_kept_whole_and_dropped_when_nothing_names_it(
    stores: Stores, clock: Clock
) -> None:
    raw = b'{"Invoices":[' + b'{"InvoiceID":"a"},' * 200 + b"null]}"
    async with stores.client(await a_client(stores)) as store:
        connection = await a_connection(store)
        first = await store.write(
            pages.store_page, a_page(connection, a_record("a"), a_record("b"), raw=raw), NOW
        )

        def body(c: Any) -> Any:
            return c.execute("select body from raw_pages where number = ?", (first.raw_page,)).fetchone()

        (kept,) = await store.read(body)
        assert zstandard.decompress(kept) == raw
        later = NOW + timedelta(days=10)
        await store.write(pages.store_page, a_page(connection, a_record("a", total="2")), NOW)
        assert await store.write(pages.drop_unnamed, later) == 0, "b still names the first page"
        await store.write(pages.store_page, a_page(connection, a_record("b", total="2")), NOW)
        assert await store.write(pages.drop_unnamed, later) == 1
        assert await store.read(body) is None


async def test_a_page_that_could_not_be_read_is_kept_whatever_happens(stores: Stores) -> None:
    async with stores.client(await a_client(stores)) as store:
        connection = await a_connection(store)
        await store.write(pages.keep_raw, evolve(a_page(connection, raw=b"<html>"), problem="not JSON"))
        assert await store.write(pages.drop_unnamed, NOW + timedelta(days=1000)) == 0


@settings(max_examples=25, deadline=None)
@given(
    runs=st.lists(
        st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 3)), max_size=12), max_size=6
    )
)
def test_whatever_pages_come_the_store_holds_the_last_of_each_record(
    runs: list[list[tuple[str, int]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    database = connect(tmp_path_factory.mktemp("pages") / "a.db", bytes(32))
    migrate(database, "client")
    from tallystick.store import connections

    connection = connections.new("company", "xero", NOW)
    truth: dict[str, int] = {}
    for run in runs:
        page = a_page(connection, *[a_record(i, total=str(v)) for i, v in run])
        stored = pages.store_page(database, page, NOW)
        tally = stored.tallies.get("invoices", pages.Tally())
        assert tally.created + tally.updated + tally.unchanged == len({i for i, _ in run})
        truth.update(run)
    rows = database.execute("select id, body from records").fetchall()
    assert {i: json.loads(body)["totalAmount"] for i, body in rows} == truth
    assert len(rows) == len(truth)
    named = dict(database.execute("select page, count(*) from records group by page").fetchall())
    for number, count in database.execute("select number, named from raw_pages").fetchall():
        assert count == named.get(number, 0)
    database.close()
