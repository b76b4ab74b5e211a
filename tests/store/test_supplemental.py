"""Under which configuration a list was mapped: what is noted, and what is read whole because of it."""

import pytest
from tests.store.conftest import NOW, a_client, a_connection

from tallystick.store import Cursor, Store, Stores, supplemental
from tallystick.store.supplemental import MappedList, StoredConfig, list_of

HALF_READ = Cursor(since=NOW, next="2", whole=True, started=NOW)


@pytest.fixture
async def store(stores: Stores) -> Store:
    client_id = await a_client(stores)
    async with stores.client(client_id) as opened:
        return opened


async def a_list(store: Store) -> MappedList:
    return list_of(await a_connection(store), "Invoices", ("invoices", "bills"))


async def want(store: Store, digest: int) -> bool:
    return await store.write(supplemental.save, "xero", "invoices", StoredConfig(body="{}", digest=digest))


async def begun(store: Store, its: MappedList, cursor: Cursor) -> Cursor:
    return await store.write(supplemental.begin_reading, its, cursor)


async def page(store: Store, its: MappedList, digest: int, *, whole: bool = False) -> None:
    used = {"invoices": digest} if digest else {}
    await store.write(supplemental.note_page, its, used, whole=whole)  # type: ignore[arg-type]


async def test_without_a_configuration_nothing_is_noted_and_no_cursor_moves(store: Store) -> None:
    its = await a_list(store)
    assert await begun(store, its, HALF_READ) is HALF_READ
    await page(store, its, 0, whole=True)
    assert await store.read(lambda c: c.execute("select * from supplemental_lists").fetchall()) == []


async def test_saving_tells_whether_other_values_are_read(store: Store) -> None:
    assert not await want(store, 0)
    assert await want(store, 7)
    assert not await want(store, 7)
    assert await want(store, 0)


async def test_a_list_is_read_whole_once_for_a_configuration(store: Store) -> None:
    its = await a_list(store)
    await want(store, 7)
    assert await begun(store, its, Cursor(since=NOW)) == Cursor()
    await page(store, its, 7, whole=True)
    assert await begun(store, its, Cursor(since=NOW)) == Cursor(since=NOW)


async def test_a_whole_reading_that_was_interrupted_goes_on(store: Store) -> None:
    its = await a_list(store)
    await want(store, 7)
    await begun(store, its, Cursor(since=NOW))
    await page(store, its, 7)
    assert await begun(store, its, HALF_READ) is HALF_READ
    await page(store, its, 7, whole=True)
    assert await begun(store, its, Cursor(since=NOW)) == Cursor(since=NOW)


async def test_a_reading_that_was_begun_for_another_configuration_begins_anew(store: Store) -> None:
    its = await a_list(store)
    await want(store, 7)
    await begun(store, its, Cursor())
    await want(store, 8)
    assert await begun(store, its, HALF_READ) == Cursor()


async def test_a_page_by_an_older_configuration_makes_the_list_be_read_again(store: Store) -> None:
    """Though the whole reading that it belongs to comes to its end, or a remap does."""
    its = await a_list(store)
    await want(store, 7)
    await begun(store, its, Cursor())
    await store.write(supplemental.begin_remap, its, {"invoices": 8})
    await want(store, 8)
    await page(store, its, 7)
    await page(store, its, 8, whole=True)
    await store.write(supplemental.end_remap, its, {"invoices": 8})
    assert await begun(store, its, Cursor(since=NOW)) == Cursor()


async def test_a_remap_does_for_a_whole_reading(store: Store) -> None:
    its = await a_list(store)
    await want(store, 7)
    await store.write(supplemental.begin_remap, its, {"invoices": 7})
    await store.write(supplemental.end_remap, its, {"invoices": 7})
    assert await begun(store, its, Cursor(since=NOW)) == Cursor(since=NOW)


@pytest.mark.parametrize("under", [7, 8], ids=["the same", "another configuration"])
async def test_a_remap_that_was_stopped_goes_on_only_under_the_same_configuration(
    store: Store, under: int
) -> None:
    its = await a_list(store)
    await want(store, 7)
    await store.write(supplemental.begin_remap, its, {"invoices": 7})
    await store.write(
        lambda c: c.execute("insert into remaps values (?, 'Invoices', 1, '[]', 5, '{}')", (its.connection,))
    )
    await want(store, under)
    await store.write(supplemental.begin_remap, its, {"invoices": under})
    (below,) = await store.read(lambda c: c.execute("select below from remaps").fetchone())
    assert (below == 5) == (under == 7)
