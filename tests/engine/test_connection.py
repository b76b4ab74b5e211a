"""What the connection actor promises."""

from contextlib import suppress
from datetime import timedelta

import pytest
import trio
from tests.engine.conftest import House

from tallystick.actors import ActorRestarted
from tallystick.engine import (
    ConnectionMoved,
    DatasetFinished,
    PageStored,
    RevocationFailed,
    SyncFinished,
    SyncStarted,
)
from tallystick.errors import (
    ConnectionParked,
    NotLinked,
    NotSupported,
    ProviderUnavailable,
    RateLimited,
    TallystickError,
)
from tallystick.store import control


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
    assert house.provider.auth.revoked_by == ["r"], "some providers take the refresh token only"
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
    assert ("Invoices", None, "1") not in house.provider.client.asked[1:], "on from the last page stored"


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


async def test_work_that_waits_stays_due_when_the_work_before_it_has_ended(house: House) -> None:
    """Killed now, the next start takes the second sync up."""
    house.hear(SyncFinished)
    hold = house.provider.client.hold_before["Items:1"] = trio.Event()
    row = await house.linked()
    await house.engine.sync(house.client_id, row.id, ["invoices"], "test")
    await house.engine.sync(house.client_id, row.id, ["items"], "test")
    await house.until(SyncFinished)
    (entry,) = await house.stores.control.read(control.directory)
    assert entry.next_due_at == house.clock.now
    hold.set()
    await house.until(SyncFinished, 2)
    with trio.fail_after(5):
        while (await house.stores.control.read(control.directory))[0].next_due_at == house.clock.now:
            await trio.sleep(0.01)
    (entry,) = await house.stores.control.read(control.directory)
    assert entry.next_due_at is not None
    assert timedelta(hours=22) < entry.next_due_at - house.clock.now < timedelta(hours=26), "a day later"


async def test_a_sync_that_crashes_again_after_it_was_taken_up_ends_with_a_reason(house: House) -> None:
    house.hear(ActorRestarted)
    house.provider.client.pages_of["Invoices"] = [[("a", "crash")]]
    row = await house.linked()
    await house.engine.sync(house.client_id, row.id, ["invoices"], "test")
    await house.until(ActorRestarted, 2)
    with trio.fail_after(10):
        while {d.status for d in (await house.datasets(row)).values()} != {"InternalError"}:
            await trio.sleep(0.02)
    house.provider.client.pages_of["Invoices"] = [[("a", "1")]]
    house.hear(SyncFinished)
    await house.engine.sync(house.client_id, row.id, ["invoices"], "test")
    await house.until(SyncFinished)
    assert {d.status for d in (await house.datasets(row)).values()} == {"Complete"}


async def test_books_that_another_company_lives_by_are_not_let_go_at_the_provider(house: House) -> None:
    """The provider knows one link of these books to our app."""
    one, two = await house.linked("Amber"), await house.linked("Amber")
    await house.engine.remove_connection(house.client_id, two.id)
    assert house.provider.auth.revoked == []
    await house.engine.remove_connection(house.client_id, one.id)
    assert house.provider.auth.revoked == ["Amber"]


async def test_a_provider_that_will_not_hear_of_it_does_not_keep_a_link_alive(house: House) -> None:
    failures = house.hear(RevocationFailed)
    house.provider.auth.revoke_failure = RateLimited(platform="xero", scope="day", retry_after=9999.0)
    row = await house.linked()
    assert (await house.engine.unlink(house.client_id, row.id)).status == "Unlinked"
    assert len(failures) == 1
    await house.engine.remove_connection(house.client_id, row.id)


async def test_what_is_due_is_refreshed_by_itself(house: House) -> None:
    house.provider.client.pages_of["Invoices"] = [[("a", "1")]]
    house.hear(SyncStarted, SyncFinished)
    row = await house.linked()
    await house.engine.sync(house.client_id, row.id, None, "test")
    await house.until(SyncFinished)
    await planned(house)
    house.clock.now += timedelta(hours=30)
    house.engine.schedule.note(row.id, house.clock.now)
    await house.until(SyncFinished, 2)
    reasons = [event.reason for event in house.events if isinstance(event, SyncStarted)]
    assert reasons == ["test", "schedule"]
    found = await house.datasets(row)
    assert all(d.requested_at == house.clock.now for d in found.values())


async def planned(house: House) -> None:
    """Wait until the end of a sync is noted in the directory."""
    with trio.fail_after(5):
        while any(
            entry.next_due_at == house.clock.now
            for entry in await house.stores.control.read(control.directory)
        ):
            await trio.sleep(0.01)


async def test_a_provider_that_failed_is_asked_again_by_itself_and_the_connection_is_stale_until_then(
    house: House,
) -> None:
    house.provider.client.pages_of["Invoices"] = [ProviderUnavailable(platform="xero", reason="HTTP 503")]
    house.hear(ConnectionMoved, SyncFinished)
    row = await house.linked()
    await house.engine.sync(house.client_id, row.id, None, "test")
    await house.until(SyncFinished)
    await planned(house)
    kept = await house.row(row)
    assert (kept.status, kept.state) == ("Linked", "Stale")
    assert "HTTP 503" in (kept.reason or "")
    assert kept.proposal
    (entry,) = await house.stores.control.read(control.directory)
    assert entry.next_due_at is not None
    assert timedelta() < entry.next_due_at - house.clock.now < timedelta(minutes=10)
    house.provider.client.pages_of["Invoices"] = [[("a", "1")]]
    house.clock.now = entry.next_due_at + timedelta(seconds=1)
    house.engine.schedule.note(row.id, house.clock.now)
    await house.until(SyncFinished, 2)
    await planned(house)
    assert (await house.row(row)).state is None
    moves = [(e.was, e.now) for e in house.events if isinstance(e, ConnectionMoved)]
    assert moves == [("Linked", "Syncing"), ("Syncing", "Stale"), ("Stale", "Syncing"), ("Syncing", "Linked")]


async def test_a_limit_that_is_used_up_throttles_the_connection_until_it_is_over(house: House) -> None:
    limit = RateLimited(platform="xero", scope="day", retry_after=7200.0)
    house.provider.client.pages_of["Invoices"] = [limit]
    house.hear(SyncFinished)
    row = await house.linked()
    await house.engine.sync(house.client_id, row.id, ["invoices"], "test")
    await house.until(SyncFinished)
    await planned(house)
    assert (await house.row(row)).state == "Throttled"
    (entry,) = await house.stores.control.read(control.directory)
    assert entry.next_due_at is not None
    assert timedelta(hours=2) <= entry.next_due_at - house.clock.now < timedelta(hours=2, minutes=30)


async def test_a_connection_that_crashes_again_and_again_is_parked_with_a_reason_and_a_proposal(
    house: House,
) -> None:
    house.hear(ConnectionMoved, ActorRestarted, SyncFinished)
    house.provider.client.pages_of["Invoices"] = [[("a", "crash")]]
    row, neighbour = await house.linked(), await house.linked("Calm")
    with trio.fail_after(30):
        while (await house.row(row)).state != "Parked":
            with suppress(TallystickError):
                await house.engine.sync(house.client_id, row.id, ["invoices"], "test")
            await trio.sleep(0.05)
    parked = await house.row(row)
    assert parked.status == "Linked"
    assert "ZeroDivisionError" in (parked.reason or "")
    assert f"tallystick actors --resume {row.id}" in (parked.proposal or "")
    assert {d.status for d in (await house.datasets(row)).values()} == {"InternalError"}
    with pytest.raises(ConnectionParked):
        await house.engine.sync(house.client_id, row.id, ["invoices"], "test")
    house.provider.client.pages_of["Invoices"] = [[("a", "1")]]
    await house.engine.sync(house.client_id, neighbour.id, None, "test")
    with trio.fail_after(5):
        while {d.status for d in (await house.datasets(neighbour)).values()} != {"Complete"}:
            await trio.sleep(0.01)
    house.engine.connections.resume(row.id)
    with trio.fail_after(5):
        while (await house.row(row)).state == "Parked":
            with suppress(TallystickError):
                await house.engine.sync(house.client_id, row.id, ["invoices"], "test")
            await trio.sleep(0.01)
    with trio.fail_after(5):
        while {d.status for d in (await house.datasets(row)).values()} != {"Complete"}:
            await trio.sleep(0.01)


async def test_a_renewed_consent_lets_the_actor_of_the_old_one_go(house: House) -> None:
    house.hear(SyncFinished)
    row = await house.linked()
    await house.engine.sync(house.client_id, row.id, ["items"], "test")
    await house.until(SyncFinished)
    link = await house.engine.begin_link(row.id)
    state = link.rpartition("state=")[2]
    await house.engine.finish_link("xero", {"state": state, "code": "c", "tenants": "Amber"})
    renewed = await house.row(row)
    assert renewed.grant_id != row.grant_id
    assert row.grant_id is not None
    assert house.engine.grants.find(row.grant_id) is None


async def test_what_a_request_causes_carries_its_correlation_id(house: House) -> None:
    """So that a line about a dataset is found by the id that the client was answered."""
    events = house.hear(SyncStarted, DatasetFinished, SyncFinished)
    row = await house.linked()
    await house.engine.sync(house.client_id, row.id, ["items"], "test", correlation_id="c0ffee")
    await house.until(SyncFinished)
    assert [event.correlation_id for event in events] == ["c0ffee"] * 3
