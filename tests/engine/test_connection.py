"""What the connection actor promises."""

import pytest
import trio
from tests.engine.conftest import House

from tallystick.actors import ActorRestarted
from tallystick.engine import ConnectionMoved, PageStored, SyncFinished
from tallystick.errors import NotLinked, NotSupported


async def test_unlinking_in_the_middle_of_a_sync_stops_it_at_once_and_keeps_what_is_stored(
    house: House,
) -> None:
    house.provider.client.pages_of["Invoices"] = [[("a", "1")], [("b", "2")]]
    house.provider.client.hold_before["Invoices:2"] = trio.Event()
    house.hear(PageStored, ConnectionMoved)
    row = await house.linked()
    await house.engine.sync(house.client_id, row.id, ["invoices"], "test")
    await house.until(PageStored)
    with trio.fail_after(1):
        left = await house.engine.unlink(house.client_id, row.id)
    assert left.status == "Unlinked"
    assert {d.status for d in (await house.datasets(row)).values()} == {"Cancelled"}
    assert house.provider.auth.revoked == ["Amber"]
    async with house.stores.client(house.client_id) as store:
        assert await store.read(lambda c: c.execute("select count(*) from records").fetchone()) == (1,)
    moves = [(e.was, e.now) for e in house.events if isinstance(e, ConnectionMoved)]
    assert moves == [("Linked", "Syncing"), ("Syncing", "Unlinked")]


async def test_a_connection_that_is_not_linked_neither_syncs_nor_unlinks(house: House) -> None:
    row = await house.linked()
    await house.engine.unlink(house.client_id, row.id)
    with pytest.raises(NotLinked):
        await house.engine.sync(house.client_id, row.id, None, "test")
    with pytest.raises(NotLinked):
        await house.engine.unlink(house.client_id, row.id)


async def test_a_data_type_that_the_platform_lacks_is_refused_in_codats_words(house: House) -> None:
    row = await house.linked()
    with pytest.raises(NotSupported, match=r"Datatype \[transfers\] not supported by platform\(s\)"):
        await house.engine.sync(house.client_id, row.id, ["transfers"], "test")


async def test_a_bug_in_one_connections_sync_never_touches_another(house: House) -> None:
    """The crash restarts its own actor, which takes up the sync again; its neighbour never notices."""
    house.hear(ActorRestarted, SyncFinished)
    wild, calm = await house.linked("Wild"), await house.linked("Calm")
    house.provider.client.pages_of["Invoices"] = [[("a", "crash")]]
    await house.engine.sync(house.client_id, wild.id, ["invoices"], "test")
    await house.until(ActorRestarted)
    house.provider.client.pages_of["Invoices"] = [[("a", "1")]]
    await house.engine.sync(house.client_id, calm.id, ["invoices"], "test")
    with trio.fail_after(10):
        while {d.status for d in (await house.datasets(calm)).values()} != {"Complete"}:
            await trio.sleep(0.01)
        while {d.status for d in (await house.datasets(wild)).values()} != {"Complete"}:
            await trio.sleep(0.01)
    restarted = next(e for e in house.events if isinstance(e, ActorRestarted))
    assert restarted.actor == wild.id
    assert "ZeroDivisionError" in restarted.traceback


async def test_a_restarted_engine_takes_up_the_sync_that_was_under_way(house: House) -> None:
    """What a stop in mid-sync leaves: datasets that have not ended, and a connection that is due."""
    house.provider.client.pages_of["Invoices"] = [[("a", "1")], [("b", "2")]]
    hold = house.provider.client.hold_before["Invoices:2"] = trio.Event()
    house.hear(PageStored, SyncFinished)
    row = await house.linked()
    await house.engine.sync(house.client_id, row.id, ["invoices"], "test")
    await house.until(PageStored)
    await house.engine.connections.remove(row.id)
    assert {d.status for d in (await house.datasets(row)).values()} == {"Fetching"}
    hold.set()
    await house.engine.start()
    await house.until(SyncFinished, 2)
    assert {d.status for d in (await house.datasets(row)).values()} == {"Complete"}
    assert house.provider.client.asked[-1] == ("Invoices", None, "2"), "on from the last page stored"


async def test_deleting_a_connection_deletes_its_data_and_forgets_its_tokens(house: House) -> None:
    house.hear(SyncFinished)
    house.provider.client.pages_of["Invoices"] = [[("a", "1")]]
    row = await house.linked()
    await house.engine.sync(house.client_id, row.id, None, "test")
    await house.until(SyncFinished)
    await house.engine.remove_connection(house.client_id, row.id)
    async with house.stores.client(house.client_id) as store:
        for table in ("records", "raw_pages", "cursors", "datasets", "grants", "connections"):
            count = await store.read(
                lambda c, table=table: c.execute(f"select count(*) from {table}").fetchone()
            )
            assert count == (0,), table


async def test_deleting_a_company_deletes_its_connections(house: House) -> None:
    row = await house.linked()
    other = await house.linked("Other")
    await house.engine.remove_company(house.client_id, row.company_id)
    async with house.stores.client(house.client_id) as store:
        left = await store.read(lambda c: c.execute("select id from connections").fetchall())
    assert left == [(other.id,)]
