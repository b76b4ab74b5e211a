"""The kept numbers are those that counting would give, whatever happened to the records."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.store.conftest import NOW, a_client, a_connection, a_page, a_record

from tallystick.store import Stores, connections, counts, deletions, pages
from tallystick.store.migrations import migrate
from tallystick.store.sqlcipher import connect


def _kept(connection: Any) -> dict[tuple[int, int], int]:
    rows = connection.execute("select connection, data_type, records from record_counts").fetchall()
    return {row[:2]: row[2] for row in rows}


def _stored(connection: Any) -> dict[tuple[int, int], int]:
    rows = connection.execute(
        "select connection, data_type, count(*) from records group by connection, data_type"
    ).fetchall()
    return {row[:2]: row[2] for row in rows}


_record = st.builds(
    a_record,
    st.sampled_from("abcdef"),
    data_type=st.sampled_from(["invoices", "bills"]),
    total=st.sampled_from(["1.00", "2.00"]),
    deleted=st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(steps=st.lists(st.one_of(st.lists(_record, max_size=6), st.integers(1, 12)), max_size=8))
def test_counts_are_right_and_versions_move_whatever_is_stored_and_deleted(
    steps: list[Any], tmp_path_factory: Any
) -> None:
    """Pages, and numbers of records that turn out to be gone."""
    database = connect(tmp_path_factory.mktemp("counts") / "c.db", bytes(32))
    migrate(database, "client")
    row = connections.new("company", "xero", NOW)
    content = "select group_concat(hex(hash)) from records where data_type = 15"
    for at, step in enumerate(steps):
        before = (counts.lists_of(database, [row.number], "invoices"), database.execute(content).fetchone())
        now = NOW + timedelta(seconds=at)
        if isinstance(step, int):
            deletions.delete(database, [step], now)
        else:
            pages.store_page(database, a_page(row, *step), now)
        after = (counts.lists_of(database, [row.number], "invoices"), database.execute(content).fetchone())
        assert counts.miscounts(database) == []
        assert (before[0] != after[0]) == (before[1] != after[1]), (
            "a version moves with a change, and only so"
        )
    assert _kept(database) == _stored(database)
    database.close()


async def test_a_removed_connection_leaves_no_count(stores: Stores) -> None:
    async with stores.client(await a_client(stores)) as store:
        one, two = await a_connection(store), await a_connection(store)
        for row in (one, two):
            await store.write(pages.store_page, a_page(row, a_record("a"), a_record("b")), NOW)
        await store.write(connections.remove, one)
        assert await store.read(counts.miscounts) == []
        left = await store.read(counts.lists_of, [one.number, two.number], "invoices")
    assert [(held.connection, held.records) for held in left] == [(two.number, 2)]


async def test_a_wrong_count_is_found_and_named(stores: Stores) -> None:
    async with stores.client(await a_client(stores)) as store:
        row = await a_connection(store)
        await store.write(pages.store_page, a_page(row, a_record("a")), NOW)
        await store.write(lambda connection: connection.execute("delete from records"))
        (wrong,) = await store.read(counts.miscounts)
    assert (wrong.data_type, wrong.kept, wrong.stored) == ("invoices", 1, 0)


def test_a_file_of_an_earlier_release_is_counted_when_it_is_migrated(tmp_path: Path) -> None:
    database = connect(tmp_path / "c.db", bytes(32))
    migrate(database, "client", to=5)
    for number, (owner, data_type) in enumerate([(1, 15), (1, 15), (1, 7), (2, 15)]):
        database.execute(
            "insert into records (number, key, probe, connection, data_type, id, hash, modified_at, deleted, "
            "page, place, mapping, body) values (?, ?, 0, ?, ?, 'x', x'', 0, 0, 0, 0, 1, x'7b7d')",
            (number, number, owner, data_type),
        )
    migrate(database, "client")
    assert _kept(database) == {(1, 15): 2, (1, 7): 1, (2, 15): 1}
    assert counts.miscounts(database) == []
    database.close()
